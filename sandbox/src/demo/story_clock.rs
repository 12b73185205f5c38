//! The clock of the story: it begins as long ago as a case takes, and comes up to the machine's while it is told. The
//! programs ask for it as they ask a sandbox's control.

use std::{future::IntoFuture as _, net::Ipv4Addr, sync::Arc};

use axum::{Json, Router, routing::get};
use callboard_client::clock::{AheadClock, Clock as _, MachineClock};
use callboard_federation::encoding::Time;
use serde_json::json;
use tokio::{net::TcpListener, runtime::Runtime};

pub(super) struct StoryClock {
    pub(super) clock: Arc<AheadClock>,
    pub(super) url: String,
    /// In which it answers, until it is dropped.
    _answers: Runtime,
}

impl StoryClock {
    /// A clock that is set to `now`.
    pub(super) fn at(now: Time) -> anyhow::Result<Self> {
        let clock = Arc::new(AheadClock::at(now));
        let answers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = answers.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let (at, told) = (listener.local_addr()?, clock.clone());
        let router = Router::new().route("/clock", get(async move || Json(json!({"now": told.now()}))));
        answers.spawn(axum::serve(listener, router).into_future());
        Ok(Self { clock, url: format!("http://{at}"), _answers: answers })
    }

    /// Sets it to the machine's.
    pub(super) fn come_to_today(&self) {
        let behind = MachineClock.now().as_millis().saturating_sub(self.clock.now().as_millis());
        self.clock.advance(u64::try_from(behind).unwrap_or_default());
    }
}
