//! What every program of ours begins with: chance, log lines, and being told to stop. How the system does it is
//! [`super::system`]'s.

use std::{error::Error, process::ExitCode, time::Duration};

use rand_core::UnwrapErr;

use callboard_federation::{
    language::{Language, Phrase, foreign},
    zh_en,
};

pub use crate::system::told_to_stop;
use crate::{
    output,
    system::{self, ForeignDirectory},
    visible::Visible,
};

/// How long the threads of a service may take to end, once it is closed.
const END_WITHIN: Duration = Duration::from_secs(1);
/// Which log lines are written if `CALLBOARD_LOG` does not say: the scheduler tells of each job that it was made.
const DEFAULT_LOG: &str = "info,tokio_cron_scheduler=warn";

/// The operating system's randomness, for every key, id and salt; a machine without any can't go on.
pub const fn os_rng() -> UnwrapErr<rand::rngs::SysRng> {
    UnwrapErr(rand::rngs::SysRng)
}

/// How a service tells what it does
#[derive(Debug, clap::Args)]
pub struct Logging {
    /// Write log lines as JSON; which ones, `CALLBOARD_LOG` says (`info`, `callboard=debug`)
    #[arg(long)]
    log_json: bool,
}

/// Where a service listens, whatever its configuration says
#[derive(Debug, clap::Args)]
pub struct Bind {
    /// Listen on this address, in place of the one in the configuration, whose port stays: a container's `0.0.0.0`
    #[arg(long, value_name = "IP", env = "CALLBOARD_BIND")]
    bind: Option<std::net::IpAddr>,
}

impl Bind {
    /// Where to listen.
    pub fn instead_of(&self, configured: std::net::SocketAddr) -> std::net::SocketAddr {
        self.bind.map_or(configured, |ip| std::net::SocketAddr::new(ip, configured.port()))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!(
    "{0} 属于用户{owner}，而当前用户{user}无权写入：请以 root 执行 `chown -R {user} {0}`；容器中请以 --user 0 在带有 chown 的镜像中执行一次，\
     或者用 --user 指明所有者",
    "{0} belongs to user {owner}, and this is user {user}, who can't write there: as root, `chown -R {user} {0}`; of a \
     container, run that once with --user 0 in an image that has chown, or name the owner with --user",
    directory.display()
))]
struct NotWritable {
    directory: std::path::PathBuf,
    owner: u32,
    user: u32,
}

/// Refuses a data directory that this user may not write to, with what to do.
///
/// # Errors
/// It may not, or there is none.
pub fn writes_to(directory: &std::path::Path) -> anyhow::Result<()> {
    use anyhow::Context as _;
    // One that isn't there yet is made where it is to stand.
    let directory = directory.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(directory);
    let foreign = system::not_writable(directory).with_context(|| directory.display().to_string())?;
    foreign.map_or(Ok(()), |ForeignDirectory { owner, user }| {
        Err(NotWritable { directory: directory.to_owned(), owner, user }.into())
    })
}

/// An error with its causes, on one line, for a log line or an answer; none of ours holds an identity. What a registry or
/// a file put into it is made visible.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    Visible(&chain(error)).to_string()
}

/// An error with its causes, in the language that is spoken.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts = Vec::new();
    let mut at = Some(error);
    while let Some(error) = at {
        // What a library says in Chinese says what its causes say, too.
        let said = foreign(error).or_else(|| error.downcast_ref().and_then(crate::http::of_reqwest));
        at = if said.is_some() { None } else { error.source() };
        parts.push(said.unwrap_or_else(|| error.to_string()));
    }
    parts.join(&zh_en!("：", ": "))
}

/// Prints an error with its causes, and gives the exit code.
pub fn end(name: &str, done: Result<ExitCode, anyhow::Error>) -> ExitCode {
    let code = done.unwrap_or_else(|error| {
        crate::eprintln!("{name}{}{}", zh_en!("：", ": "), chain(error.as_ref()));
        ExitCode::FAILURE
    });
    output::exit_code(name, code)
}

/// Runs what a verb waits for, on this thread.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Runs a service, on a thread a core, until it is told to stop; what it says of itself goes to standard error.
pub fn serve_on<T>(logging: &Logging, service: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("CALLBOARD_LOG").unwrap_or_else(|_| DEFAULT_LOG.into());
    // Where nobody reads what a service says of itself, it goes on.
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    if logging.log_json {
        lines.json().init();
    } else {
        lines.init();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Its log lines are for those who operate it, wherever they are; how it ends is told in the language that is
    // spoken.
    let served = Language::En.saying(|| runtime.block_on(service));
    // What still runs is of no use to anyone: a name that is looked up, a job that was begun.
    runtime.shutdown_timeout(END_WITHIN);
    served
}

/// Forbids core dumps of the process and, where there is such a thing, that another process of its user reads it: what it
/// holds in memory are keys and identities.
pub fn forbid_core_dumps() -> anyhow::Result<()> {
    use anyhow::Context as _;
    system::forbid_core_dumps().context(Phrase::new("系统不允许禁止内存转储", "the system does not forbid core dumps"))
}
