//! Other programs that tests of operating hold ours against: PgBouncer, Prometheus' checker of rules, systemd's of
//! units.

use crate::{install, output, run, target, works};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// Finds each, installed if it isn't there; gives the variables that name them.
pub(crate) fn prepare() -> Result<Vec<(&'static str, PathBuf)>> {
    let pgbouncer = PathBuf::from("/usr/sbin/pgbouncer");
    if !works(Command::new(&pgbouncer).arg("--version")) {
        install("pgbouncer", "PgBouncer")?;
    }
    if !works(Command::new("systemd-analyze").arg("--version")) {
        install("systemd", "systemd-analyze")?;
    }
    Ok(vec![
        ("CALLBOARD_TEST_PGBOUNCER", pgbouncer),
        ("CALLBOARD_TEST_PROMTOOL", promtool()?),
        ("CALLBOARD_TEST_SYSTEMD_ANALYZE", "systemd-analyze".into()),
    ])
}

/// The machine's own, or the one of Debian's package, unpacked below the build: installed, it would start a server.
fn promtool() -> Result<PathBuf> {
    let unpacked = target().join("tools");
    let own = unpacked.join("usr/bin/promtool");
    for found in [PathBuf::from("promtool"), own.clone()] {
        if works(Command::new(&found).arg("--version")) {
            return Ok(found);
        }
    }
    std::fs::create_dir_all(&unpacked)?;
    let download = || Command::new("apt-get").args(["-q", "download", "prometheus"]).current_dir(&unpacked).status();
    if !download().is_ok_and(|status| status.success()) {
        run(Command::new("apt-get").args(["-q", "update"]))?;
        anyhow::ensure!(download()?.success(), "promtool not found: install Prometheus and run this again");
    }
    let package = std::fs::read_dir(&unpacked)?.filter_map(Result::ok).map(|entry| entry.path());
    let package = package.filter(|path| path.extension().is_some_and(|ending| ending == "deb")).max();
    let package = package.context("apt-get downloaded no package of Prometheus")?;
    output(Command::new("dpkg-deb").arg("-x").arg(package).arg(&unpacked))?;
    Ok(own)
}
