//! `callboard-agent run`: the agent.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use callboard_client::{
    clock::MachineClock,
    exposition,
    key_file::MemberKey,
    passphrase::PassphraseSource,
    program::{self, Logging, forbid_core_dumps, serve_on},
};

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
pub(super) struct Run {
    /// The configuration that `callboard member add` wrote
    #[arg(long, value_name = "FILE", default_value = "member.toml")]
    config: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    #[command(flatten)]
    logging: Logging,
}

impl Run {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        forbid_core_dumps()?;
        let config = Config::read(&self.config)?;
        program::writes_to(&config.directory)?;
        let key = MemberKey::open(&config.key, self.passphrase.of(&config.key)?)?;
        serve_on(&self.logging, async move {
            let metrics = exposition::install(metrics::TABLE).context("metrics")?;
            let told_to_stop = program::told_to_stop();
            let running = Agent::start(config, key, Arc::new(MachineClock), Some(metrics)).await?;
            told_to_stop.await;
            tracing::info!("stopping: every check that was answered is logged");
            running.stop().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}
