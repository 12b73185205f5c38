//! One PostgreSQL for one run: the machine's own binaries, a directory of its own, a free port on loopback.
//!
//! It never touches a server that already runs. A small shell waits beside us on a pipe: when the pipe closes, because
//! the guard was dropped or because we died of Ctrl-C, it stops the server and removes the directory. So there is one
//! way to clean up, and it doesn't depend on how we end.

use crate::{install, is_root, output, works};
use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What tests and benches read the server's address from.
pub(crate) const ADDRESS: &str = "CALLBOARD_TEST_POSTGRES";

/// The oldest version that the project promises to work on.
const OLDEST: u32 = 15;

#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Nothing outlives the run, so nothing waits for the disk. Every test has a database and connections of its own.
    Test,
    /// The settings of a real server: a commit is on disk when it returns.
    Bench,
}

impl Purpose {
    fn settings(self) -> &'static str {
        match self {
            Self::Test => "-c max_connections=400 -c fsync=off -c synchronous_commit=off -c full_page_writes=off",
            Self::Bench => "-c max_connections=400",
        }
    }
}

/// A running server; it is gone when this is dropped.
pub(crate) struct Postgres {
    url: String,
    version: u32,
    cleaner: Child,
}

impl Postgres {
    /// Looks up the binaries (or installs them, as root on Debian), makes a cluster with trust on loopback, and starts
    /// it.
    pub(crate) fn start(purpose: Purpose) -> Result<Self> {
        if find().is_none() {
            install("postgresql", "PostgreSQL 15 or later (initdb, pg_ctl, postgres)")?;
        }
        let (version, bin) = find().context("PostgreSQL was installed, but too old, or where we don't look")?;
        let user = unprivileged()?;
        let dir = std::env::temp_dir().join(format!("callboard-postgres-{}", std::process::id()));
        std::fs::create_dir(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        // From here on the cleaner answers for the directory, whatever fails.
        let mut server = Self { url: String::new(), version, cleaner: cleaner(user.as_ref(), &bin, &dir)? };
        if let Some(user) = &user {
            output(Command::new("chown").arg(user.name).arg(&dir))?;
        }
        let (data, log) = (dir.join("data"), dir.join("log"));
        output(
            as_user(user.as_ref(), &bin.join("initdb"))
                .current_dir(&dir)
                .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
                .arg(&data),
        )?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' {}", purpose.settings());
        let started = as_user(user.as_ref(), &bin.join("pg_ctl"))
            .current_dir(&dir)
            .args(["start", "--silent", "--wait", "-o", &options, "-l"])
            .arg(&log)
            .arg("-D")
            .arg(&data)
            // The server keeps what it inherits: a pipe of ours would never close.
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !started.success() {
            let log = std::fs::read_to_string(&log).unwrap_or_else(|error| error.to_string());
            bail!("PostgreSQL did not start ({started}); its log:\n{log}");
        }
        server.url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(server)
    }

    /// Where the server answers, its superuser named.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The server's major version.
    pub(crate) fn version(&self) -> u32 {
        self.version
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.cleaner.stdin.take());
        // An error here means that the cleaner is gone already; there is nobody left to tell.
        let _ = self.cleaner.wait();
    }
}

/// Waits for the end of its input, deaf to the signals that end us, then stops the server and removes the directory.
fn cleaner(user: Option<&Unprivileged>, bin: &Path, dir: &Path) -> Result<Child> {
    let stop = as_user(user, &bin.join("pg_ctl"));
    Command::new("sh")
        .args(["-c", "trap '' INT TERM HUP; cat; dir=$1; shift; cd /; \"$@\"; rm -rf -- \"$dir\"", "cleaner"])
        .arg(dir)
        .arg(stop.get_program())
        .args(stop.get_args())
        .args(["stop", "--silent", "-m", "immediate", "-D"])
        .arg(dir.join("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot run sh")
}

/// The newest of the machine's PostgreSQL installations that is new enough: its major version and its directory.
fn find() -> Option<(u32, PathBuf)> {
    let debian =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|dir| dir.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .chain(std::env::split_paths(&path))
        .filter(|bin| ["initdb", "pg_ctl", "postgres"].iter().all(|program| bin.join(program).exists()))
        .filter_map(|bin| {
            let printed = output(Command::new(bin.join("postgres")).arg("--version")).ok()?;
            Some((major(&printed)?, bin))
        })
        .filter(|(version, _)| *version >= OLDEST)
        .max_by_key(|(version, _)| *version)
}

/// The major version in what `postgres --version` prints, such as `postgres (PostgreSQL) 17.2 (Debian 17.2-1)`.
fn major(printed: &str) -> Option<u32> {
    let version = printed.split_once("(PostgreSQL) ")?.1;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A user that PostgreSQL may run as, and the program that becomes it.
struct Unprivileged {
    name: &'static str,
    become_it: &'static [&'static str],
}

/// Whom root must become, since PostgreSQL refuses it: `postgres`, or `nobody`. `None` if we aren't root.
fn unprivileged() -> Result<Option<Unprivileged>> {
    if !is_root() {
        return Ok(None);
    }
    let choices = [
        Unprivileged { name: "postgres", become_it: &["runuser", "-u", "postgres", "--"] },
        Unprivileged { name: "postgres", become_it: &["setpriv", "--reuid=postgres", "--clear-groups", "--"] },
        Unprivileged { name: "nobody", become_it: &["runuser", "-u", "nobody", "--"] },
        Unprivileged { name: "nobody", become_it: &["setpriv", "--reuid=nobody", "--clear-groups", "--"] },
    ];
    for user in choices {
        if works(as_user(Some(&user), Path::new("true")).current_dir("/")) {
            return Ok(Some(user));
        }
    }
    bail!("PostgreSQL refuses to run as root, and neither runuser nor setpriv can become postgres or nobody")
}

fn as_user(user: Option<&Unprivileged>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    let mut command = Command::new(user.become_it[0]);
    command.args(&user.become_it[1..]).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::{Postgres, Purpose, major};
    use std::net::TcpStream;

    #[test]
    fn the_major_version_is_read_from_what_any_distribution_prints() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("mysqld 9.1"), None);
    }

    #[test]
    fn a_dropped_server_is_gone_with_its_directory() -> anyhow::Result<()> {
        let server = Postgres::start(Purpose::Test)?;
        let address = server.url().trim_start_matches("postgres://postgres@").trim_end_matches("/postgres").to_owned();
        let dir = std::env::temp_dir().join(format!("callboard-postgres-{}", std::process::id()));
        TcpStream::connect(&address)?;
        assert!(dir.exists());
        drop(server);
        assert!(TcpStream::connect(&address).is_err());
        assert!(!dir.exists());
        Ok(())
    }
}
