//! The HTTP API: `/v1` for members, seats and the public, `/log/` for whoever checks the log, and what operators watch.
//!
//! In reading order: [`router`] has every operation of [`callboard_api::registry`]; [`problem`] is how each says no;
//! [`authority`] who may; then a file for what the operations are of, as they are declared. What is decided is
//! `ledger`'s and the replay's, what is pushed `delivery`'s.

pub mod authority;
pub mod body;
mod cases;
mod declarations;
mod dockets;
mod documents;
mod drafts;
mod endpoints;
mod feed;
mod figures;
mod identity_requests;
mod log;
pub mod metrics;
pub mod problem;
mod propagation;
mod public;
mod public_reports;
mod receipts;
mod recipients;
mod records;
mod report_keys;
mod reports;
pub mod router;
mod webhooks;

use std::sync::Arc;

use crate::{config::Config, delivery::Delivery, ledger::Ledger};
use callboard_client::clock::Clock;
use callboard_service::operation::Authorise;
use tokio::sync::watch;

/// What every handler has at hand.
#[derive(Clone)]
pub struct App {
    pub ledger: Arc<Ledger>,
    pub delivery: Arc<Delivery>,
    /// The clock that requests are judged by.
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
    /// Whether the program is told to stop: nobody waits for news any longer.
    pub stopping: watch::Receiver<bool>,
    pub bodies: body::BodyMemory,
}

/// What was asked by whoever has the right `R`.
type Call<R, P = (), Q = (), B = ()> = callboard_service::operation::Call<<App as Authorise<R>>::By, P, Q, B>;
