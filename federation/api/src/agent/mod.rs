//! The operations of a member's agent that are its own, by what they are of; those of the registry that it forwards are
//! [`crate::registry`]'s.

pub mod answer;
pub mod checks;
pub mod declarations;
pub mod enterprises;
pub mod log;
mod names;
mod one_or_many;
pub mod operating;
mod person;
pub mod proof;
pub mod pushed;
pub mod question;
pub mod reports;
pub mod tag_book;

pub use names::{MAX_NAMES, Names, NamesError};
pub use one_or_many::OneOrMany;
pub use person::{MAX_REFERENCE, Person, Reference, ReferenceError};

use crate::Description;

/// Every operation, in the order of the document.
pub fn operations() -> impl Iterator<Item = &'static Description> {
    [
        checks::OPERATIONS,
        tag_book::OPERATIONS,
        proof::OPERATIONS,
        pushed::OPERATIONS,
        reports::OPERATIONS,
        declarations::OPERATIONS,
        enterprises::OPERATIONS,
        log::OPERATIONS,
        operating::OPERATIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// What `ref` in an address is.
const REF: &str = "What the platform calls the account";
