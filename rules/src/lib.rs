//! What the rules say to those who decide. Pure: no I/O, no async, no clock.
//!
//! In reading order: [`policies`] are the instruments as data; [`calendar`] counts the working days of their windows;
//! [`receipts`] says by when members are to have acted, [`reports`] by when the secretariat is, [`filings`] by when it answers a subject, [`letters`] what people are
//! to be told, [`retention`] until when a matter's files are kept, [`associations`] whose dockets are taken up as
//! evidence; [`suppression`] which counts may be published.

pub mod associations;
pub mod calendar;
pub mod case;
mod decide;
pub mod filings;
pub mod letters;
pub mod policies;
pub mod receipts;
pub mod reports;
pub mod retention;
pub mod suppression;
