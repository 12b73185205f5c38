//! `callboard-agent run`: the agent.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{
    exposition,
    runtime::{self, Logging, forbid_core_dumps, serve_on},
    sandbox_clock::{ClockArg, SandboxClock},
};
use callboard_federation::language::Phrase;
use callboard_keys::{MemberKey, passphrase::PassphraseSource};

use crate::{agent::Agent, api::metrics, config::Config};

const EXAMPLES: &str = "\
Examples:
  callboard-agent run --config member.toml                       the passphrase of the key is asked for
  callboard-agent run --config member.toml --passphrase-file FILE --log-json     as a service runs it (ops/systemd)

The first start follows the whole log, which takes seconds for a few thousand dockets; /readyz says when checks are
answered otherwise than `stale`. SIGTERM ends it after the requests that it has.";

/// Follow the registry's log, verify it, and answer checks on this machine
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct RunVerb {
    /// The configuration that `callboard member add` wrote
    #[arg(long, value_name = "FILE", default_value = "member.toml")]
    config: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    #[command(flatten)]
    clock: ClockArg,
    #[command(flatten)]
    logging: Logging,
}

impl RunVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        forbid_core_dumps()?;
        let config = Config::read(&self.config)?;
        runtime::writes_to(&config.directory)?;
        let key = MemberKey::open(&config.key, self.passphrase.of(&config.key)?)?;
        serve_on(&self.logging, async move {
            let metrics = exposition::install(metrics::TABLE).context(Phrase::new("运行指标", "metrics"))?;
            let told_to_stop = runtime::told_to_stop();
            tokio::pin!(told_to_stop);
            let started = async {
                let ahead = self.clock.ahead(&config.issuer).await?;
                let clock = SandboxClock::clock_of(ahead.as_ref());
                anyhow::Ok((Agent::start(config, key, clock, Some(metrics)).await?, ahead))
            };
            let (agent, ahead) = tokio::select! {
                started = started => started?,
                // A start that breaks off is as one that died.
                () = &mut told_to_stop => return Ok(ExitCode::SUCCESS),
            };
            SandboxClock::follow_until(ahead.as_ref(), told_to_stop, async || agent.hurry()).await;
            tracing::info!("stopping: every check that was answered is logged");
            agent.stop().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}
