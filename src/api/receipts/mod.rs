//! Receipts: a member's word that it acted, taken from whoever hands it in and shown to members and seats.

pub mod list;
pub mod submit;
