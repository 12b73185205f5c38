//! The desk: where people decide and sign, on their own computer. Only here is anything readable, only here are seats' keys.
//!
//! It knows the registry through its HTTP API alone; keys, pin and signed requests are `callboard_client`'s. [`bundle`] is what
//! signers pass from one to the next.
//!
//! The way of a ruling: [`sheet`], what the committee decided; [`drafting`] and [`draft`], the docket; [`signing`], what each
//! signer's desk checks before it shows a [`letter`]; [`missing_signature`], [`submission`] and
//! [`registry`], the log; [`logged_letter`], the letter to be delivered;
//! [`asking`], [`verification`] and [`fork_evidence`], afterwards. What stands already is [`listed`]'s, from the registry and, where one
//! is at hand, from a [`verified_log`]. [`genesis`] and [`member`] are how a registry and its members begin,
//! [`roster`] how the next roster changes the rest; [`difference`] shows what such a document changes.

pub mod asking;
pub mod bundle;
pub mod difference;
pub mod draft;
pub mod drafting;
pub mod fork_evidence;
pub mod genesis;
pub mod language;
pub mod letter;
pub mod listed;
pub mod logged_letter;
pub mod member;
pub mod minor;
pub mod missing_signature;
pub mod publication;
pub mod registry;
pub mod roster;
pub mod sheet;
pub mod signature_file;
pub mod signing;
pub mod submission;
pub mod verification;
pub mod verified_log;

#[cfg(test)]
mod tests;
