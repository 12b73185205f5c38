//! Dockets: handing one in, and what was handed in.

pub mod list;
pub mod show;
pub mod submit;
