//! `callboard jobs`: when each job of a registry last ran, how it ended, and when it runs next.

use std::{path::PathBuf, process::ExitCode};

use callboard_client::output;
use callboard_federation::zh_en;

use crate::{config::Config, store::Store};

const EXAMPLES: &str = "\
Examples:
  callboard jobs registry          reads the store; the registry may run or not

A job does what the store says is due, so one that was missed costs time and nothing else. Exit code 1: the last run of
one failed.";

/// Show when each job last ran, how it ended, and when it runs next
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Jobs {
    /// The registry's data directory
    directory: PathBuf,
}

impl Jobs {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let jobs = super::block_on(async {
            let config = Config::read(&super::configuration_in(&self.directory)?)?;
            let store = Store::open(&config.registry.store).await?;
            let jobs = store.jobs().await?;
            store.close().await;
            Ok(jobs)
        })?;
        if jobs.is_empty() {
            println!(
                "{}",
                zh_en!(
                    "尚未运行过：它们随 callboard serve 运行",
                    "none has run yet: they run where `callboard serve` does"
                )
            );
        }
        for job in &jobs {
            let next = job.next_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
            let told = match &job.outcome {
                Ok(done) => output::green(done),
                Err(why) => output::yellow(zh_en!("失败：{why}", "FAILED: {why}")),
            };
            let ran = zh_en!(
                "{:<20} 上次 {}（{}毫秒）  下次 {next}  ",
                "{:<20} last {} ({} ms)  next {next}  ",
                job.name,
                job.began_at,
                job.took_millis
            );
            output::line([output::plain(ran), told]);
        }
        Ok(if jobs.iter().all(|job| job.outcome.is_ok()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
