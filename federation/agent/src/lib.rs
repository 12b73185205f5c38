//! The agent: the program that a member runs beside its own systems. It follows the log and verifies everything from one
//! pinned hash, answers checks on the machine itself, and proves afterwards that it checked.
//!
//! In reading order: [`config`], `member.toml`; [`replica`], the verified log; [`store`], all SQL.

pub mod config;
pub mod replica;
pub mod store;
