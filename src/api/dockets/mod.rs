//! Dockets: handing one in, and what was handed in.

pub mod hand_in;
pub mod list;
pub mod show;
