//! The desk: where people decide and sign, on their own computer. Only here is anything readable, only here are seats' keys.
//!
//! It knows the registry through its HTTP API alone. In reading order: [`key_file`], what a seat or member keeps, opened with
//! a [`passphrase`], and [`public_file`], what it hands over; [`bundle`], what signers pass from one to the next;
//! [`pin`], the hash that it verifies the registry against, asked over [`http`].
//!
//! The way of a ruling: [`sheet`], what the committee decided; [`tokens`], tags made here; [`drafting`] and [`draft`], the
//! docket; [`signing`], what each signer's desk checks before it shows a [`letter`]; [`submission`] and [`registry`], the log;
//! [`asking`] and [`verification`], afterwards. [`genesis`] and [`member`] are how a registry and its members begin.

pub mod asking;
pub mod bundle;
pub mod draft;
pub mod drafting;
pub mod genesis;
pub mod http;
pub mod key_file;
pub mod language;
pub mod letter;
pub mod member;
pub(crate) mod new_file;
pub mod passphrase;
pub mod pin;
pub mod public_file;
pub mod registry;
pub mod sheet;
pub mod signature_file;
pub mod signing;
pub mod submission;
pub mod tokens;
pub mod verification;

#[cfg(test)]
mod tests;
