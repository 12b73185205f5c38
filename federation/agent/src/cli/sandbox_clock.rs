//! `--clock`: an agent beside a sandbox goes by the sandbox's clock, which its control tells and sets ahead.
//!
//! Whoever sets an agent's clock decides which views are fresh and which terms are over, so that an agent of a registry that
//! isn't a sandbox goes by its machine's clock alone.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use callboard_client::{
    clock::{AheadClock, Clock as _},
    http,
    pin::Address,
};
use callboard_federation::{encoding::Time, roster::is_sandbox};
use serde::Deserialize;

use crate::{agent::Running, config::Config};

/// How often the control is asked: whoever sets the clock ahead by hand doesn't wait for the agent.
const LOOK: Duration = Duration::from_millis(500);
/// Milliseconds that an answer may take on its way: less isn't followed.
const LEEWAY: i64 = 2_000;

/// The clock of a sandbox.
pub(super) struct SandboxClock {
    client: reqwest::Client,
    url: String,
    clock: Arc<AheadClock>,
}

#[derive(Deserialize)]
struct Told {
    now: Time,
}

impl SandboxClock {
    /// The clock that a control tells now.
    pub(super) async fn of(control: &Address, config: &Config) -> anyhow::Result<Self> {
        ensure!(
            is_sandbox(&config.issuer),
            "{} is no sandbox: its agent goes by this machine's clock, and --clock is refused",
            config.issuer
        );
        let clock =
            Self { client: http::direct_client()?, url: control.at("/clock"), clock: Arc::new(AheadClock::default()) };
        clock.look().await.with_context(|| format!("no sandbox's clock at {}", clock.url))?;
        Ok(clock)
    }

    /// It, for the agent.
    pub(super) fn clock(&self) -> Arc<AheadClock> {
        self.clock.clone()
    }

    /// Goes on with it, as long as it is asked to.
    pub(super) async fn follow(&self, running: &Running) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.look().await {
                Ok(false) => {}
                Ok(true) => running.hurry(),
                Err(error) => tracing::debug!(%error, "the sandbox's clock does not answer"),
            }
        }
    }

    /// Whether it was set ahead since the last look.
    async fn look(&self) -> Result<bool, reqwest::Error> {
        let answer = self.client.get(&self.url).timeout(LOOK * 4).send().await?.error_for_status()?;
        let Told { now } = answer.json().await?;
        let behind = now.as_millis().saturating_sub(self.clock.now().as_millis());
        if behind <= LEEWAY {
            return Ok(false);
        }
        self.clock.advance(behind.unsigned_abs());
        Ok(true)
    }
}
