//! The desk: where people decide and sign, on their own computer. Only here is anything readable, only here are seats' keys.

pub mod language;
pub mod sheet;
