//! The HTTP API: `/v1` for members, seats and the public, `/log/` for whoever checks the log, and what operators watch.
//!
//! In reading order: [`router`] lists every operation; [`problem`] is how each says no; [`authority`] who may; [`page`]
//! cursors and caches; then `<resource>/<verb>.rs`, each one operation. What is decided is `ledger`'s and the replay's, what is pushed `delivery`'s.

pub mod anchors;
pub mod authority;
pub mod body;
pub mod cosignatures;
pub mod dockets;
pub mod documents;
pub mod endpoints;
pub mod feed;
pub mod health;
pub mod log;
pub mod metrics;
pub mod page;
pub mod problem;
pub mod propagation;
pub mod receipts;
pub mod records;
pub mod router;
pub mod standings;
pub mod statistics;
pub mod webhooks;

use std::sync::Arc;

use crate::{config::Config, delivery::Delivery, ledger::Ledger};
use callboard_client::clock::Clock;
use tokio::sync::watch;

/// What every handler has at hand.
#[derive(Clone)]
pub struct App {
    /// The log.
    pub ledger: Arc<Ledger>,
    /// What is pushed, and what members say of it.
    pub delivery: Arc<Delivery>,
    /// The clock that requests are judged by.
    pub clock: Arc<dyn Clock>,
    /// The configuration.
    pub config: Arc<Config>,
    /// Whether the program is told to stop: nobody waits for news any longer.
    pub stopping: watch::Receiver<bool>,
    /// The memory that long bodies share.
    pub bodies: body::Bodies,
}
