//! The clock of a sandbox, which its control tells and sets ahead: services, agents and desks beside a sandbox go by it.
//!
//! Whoever sets such a clock decides which views are fresh and which terms are over. So whoever deals with a registry
//! that isn't a sandbox goes by its machine's clock alone.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use callboard_federation::{encoding::Time, roster::is_sandbox, zh_en};
use serde::Deserialize;

use super::{
    clock::{AheadClock, Clock as _},
    http,
    pin::Address,
};

/// How long the control may take to answer: it is on this machine.
const PATIENCE: Duration = Duration::from_secs(2);
/// Milliseconds that an answer may take on its way: less isn't followed.
const LEEWAY: i64 = 2_000;
/// How often a control is asked: whoever sets its clock ahead by hand doesn't wait for the others.
const LOOK: Duration = Duration::from_millis(500);

/// Whose clock is gone by.
#[derive(Debug, Clone, clap::Args)]
pub struct ClockArg {
    /// Go by the clock of a sandbox, which can be set ahead: the address of its control, `http://127.0.0.1:8443`
    #[arg(long, value_name = "URL", env = "CALLBOARD_CLOCK")]
    clock: Option<Address>,
}

impl ClockArg {
    /// The clock for whoever deals with `issuer`: this machine's, unless a sandbox's is named.
    pub async fn of(&self, issuer: &str) -> anyhow::Result<Arc<AheadClock>> {
        Ok(SandboxClock::clock_of(self.ahead(issuer).await?.as_ref()))
    }

    /// The sandbox's clock, if one is named.
    pub async fn ahead(&self, issuer: &str) -> anyhow::Result<Option<SandboxClock>> {
        match &self.clock {
            Some(control) => SandboxClock::of(control, issuer).await.map(Some),
            None => Ok(None),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!(
    "{issuer} 不是测试环境：以本机时钟为准，不接受 {control} 的时钟",
    "{issuer} is no sandbox: this machine's clock is gone by, and the one at {control} is refused"
))]
struct NoSandbox {
    issuer: String,
    control: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("{_0} 没有测试环境的时钟", "no sandbox's clock at {_0}"))]
struct NoClock(String);

/// The clock of a sandbox.
pub struct SandboxClock {
    client: reqwest::Client,
    url: String,
    clock: Arc<AheadClock>,
}

#[derive(Deserialize)]
struct ClockReading {
    now: Time,
}

impl SandboxClock {
    /// The clock that a control tells now, for whoever deals with `issuer`.
    async fn of(control: &Address, issuer: &str) -> anyhow::Result<Self> {
        ensure!(is_sandbox(issuer), NoSandbox { issuer: issuer.to_owned(), control: control.to_string() });
        let (client, url) = (http::direct_client()?, control.at("/clock"));
        let now = told(&client, &url).await.with_context(|| NoClock(url.clone()))?;
        Ok(Self { client, url, clock: Arc::new(AheadClock::at(now)) })
    }

    /// The clock that is gone by: this one, or without one the machine's.
    pub fn clock_of(ahead: Option<&Self>) -> Arc<AheadClock> {
        ahead.map_or_else(Arc::default, |ahead| ahead.clock.clone())
    }

    /// Asks the control; whether the clock was set ahead since the last look.
    pub async fn look(&self) -> Result<bool, reqwest::Error> {
        let now = told(&self.client, &self.url).await?;
        let behind = now.as_millis().saturating_sub(self.clock.now().as_millis());
        if behind <= LEEWAY {
            return Ok(false);
        }
        self.clock.advance(behind.unsigned_abs());
        Ok(true)
    }

    /// Waits for `stop`, and goes on with the clock until then, if there is one; `set_ahead` is told each time.
    pub async fn follow_until(ahead: Option<&Self>, stop: impl Future<Output = ()>, set_ahead: impl AsyncFn()) {
        match ahead {
            Some(ahead) => tokio::select! { () = stop => {}, () = ahead.follow(set_ahead) => {} },
            None => stop.await,
        }
    }

    async fn follow(&self, set_ahead: impl AsyncFn()) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.look().await {
                Ok(false) => {}
                Ok(true) => set_ahead().await,
                Err(error) => tracing::debug!(%error, "the sandbox's clock does not answer"),
            }
        }
    }
}

/// What a control tells.
async fn told(client: &reqwest::Client, url: &str) -> Result<Time, reqwest::Error> {
    let answer = client.get(url).timeout(PATIENCE).send().await?.error_for_status()?;
    Ok(answer.json::<ClockReading>().await?.now)
}
