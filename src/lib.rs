//! Callboard: the cross-platform streamer warning and reinstatement registry of an industry association.
//!
//! In reading order: `cli` starts everything; `api` takes dockets and shows them; `pages` are for the public;
//! `delivery` pushes dockets and hears what members did; `ledger` keeps the log; `store` keeps its bytes. What members
//! and registry must agree on is the crate `callboard_federation`; rooms and arrows are told in `docs/ARCHITECTURE.md`.

// In place of std's macros, so that all that is printed is made visible (`callboard_client::output`).
#[macro_use(println)]
extern crate callboard_client;

pub mod api;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod jobs;
pub mod ledger;
pub mod pages;
pub mod store;
