//! The desk: where people decide and sign, on their own computer. Only here is anything readable, only here are seats' keys.
//!
//! It knows the registry through its HTTP API alone; keys, pin and signed requests are `callboard_client`'s. [`bundle`] is what
//! signers pass from one to the next.
//!
//! [`cases`] is how a matter is decided before anything is signed.
//!
//! The way of a ruling: [`sheet`], what the committee decided; [`import`], somebody's own file on its way to be one; [`drafter`] and [`draft`], the docket; [`signing`], what each
//! signer's desk checks before it shows a [`letter`]; [`missing_signature`], [`submit`], [`signed_docket`] and
//! [`registry`], the log; [`letter_source`], the letter to be delivered;
//! [`ask`], [`verify`], [`fork_evidence`] and [`alarms`], afterwards. What stands already is [`measures`]'s, from the registry and, where one
//! is at hand, from a [`verified_log`]; [`log_copy`] keeps one. [`setup`] and [`member`] are how a registry and its members begin,
//! [`member::NextRoster`] how the next roster changes the rest, and [`panels`] who is left to hear an objection under it;
//! [`difference`] shows what such a document changes.

pub mod alarms;
pub mod ask;
pub mod bundle;
pub mod cases;
pub mod civil_day;
pub mod difference;
pub mod draft;
pub mod draft_report;
pub mod drafter;
pub mod drafts;
mod error;
pub mod fork_evidence;
pub mod identities;
pub mod import;
pub mod invitation;
pub mod key_card;
pub mod keygen;
pub mod language;
pub mod letter;
pub mod letter_source;
pub mod log_copy;
pub mod measures;
pub mod member;
pub mod minor;
pub mod missing_signature;
pub mod pages;
pub mod panels;
pub mod paper;
pub mod people;
mod person_measure;
pub mod policies;
pub mod propagation;
pub mod publication;
pub mod registry;
pub mod report_keys;
pub mod reports;
pub mod setup;
pub mod sheet;
pub mod sign;
pub mod signature_file;
pub mod signed_docket;
pub mod signing;
pub mod submit;
pub mod verified_log;
pub mod verify;

pub use error::Error;

#[cfg(test)]
mod tests;
