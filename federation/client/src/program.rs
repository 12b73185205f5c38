//! What every program of ours begins with: chance, log lines, and being told to stop.

use std::process::ExitCode;

use rand_core::UnwrapErr;

use crate::visible::Visible;

/// The operating system's randomness, for every key, id and salt; a machine without any can't go on.
pub const fn chance() -> UnwrapErr<rand::rngs::SysRng> {
    UnwrapErr(rand::rngs::SysRng)
}

/// How a service tells what it does
#[derive(Debug, clap::Args)]
pub struct Logging {
    /// Write log lines as JSON; which ones, `CALLBOARD_LOG` says (`info`, `callboard=debug`)
    #[arg(long)]
    log_json: bool,
}

/// An error with its causes, on one line, for a log line or an answer; none of ours holds an identity. What a registry or
/// a file put into it is made visible.
pub fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    Visible(&causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))).to_string()
}

/// Prints an error with its causes, and gives the exit code.
pub fn end(name: &str, done: Result<ExitCode, anyhow::Error>) -> ExitCode {
    done.unwrap_or_else(|error| {
        crate::eprintln!("{name}: {error:#}");
        ExitCode::FAILURE
    })
}

/// Runs what a verb waits for, on this thread.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Runs a service, on a thread a core, until it is told to stop; what it says of itself goes to standard error.
pub fn serve_on<T>(logging: &Logging, service: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("CALLBOARD_LOG").unwrap_or_else(|_| "info".into());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if logging.log_json {
        lines.json().init();
    } else {
        lines.init();
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(service)
}

/// Forbids core dumps of the process and, where there is such a thing, that another process of its user reads it: what it
/// holds in memory are keys and identities.
pub fn forbid_core_dumps() -> anyhow::Result<()> {
    use anyhow::Context as _;
    use rustix::process::{Resource, Rlimit, setrlimit};
    let refused = "the system does not forbid core dumps";
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).context(refused)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).context(refused)?;
    Ok(())
}

/// Listens from now on for Ctrl-C and SIGTERM; the future ends at the first.
pub fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = signal(SignalKind::terminate()).and_then(|term| Ok((term, signal(SignalKind::interrupt())?)));
    async move {
        let Ok((mut terminated, mut interrupted)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    }
}
