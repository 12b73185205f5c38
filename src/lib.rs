//! Callboard: the cross-platform streamer warning and reinstatement registry of an industry association.
//!
//! In reading order: `cli` starts everything; `desk` is where people decide and sign; `tokens` makes tags without seeing
//! whose; `api` takes dockets and shows them; `ledger` keeps the log; `store` keeps its bytes. What members and registry
//! must agree on is the crate `callboard_federation`; rooms and arrows are told in `docs/ARCHITECTURE.md`.

pub mod cli;
pub mod clock;
pub mod desk;
pub mod ledger {
    //! The log's key, until the rest of the room stands.
    pub mod key_file;
}
