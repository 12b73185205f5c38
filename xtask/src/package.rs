//! `cargo xtask package`: the programs as one is handed them, static, in `target/package/`, and each tried.
//!
//! The desk is a Debian package besides ([`deb`]).
//!
//! What `ops/` says of them is tried as far as a machine without a container engine or a running systemd allows: the
//! image is laid out as its recipe says and its programs run in it, with nothing else in their root; the units are
//! verified, with these very programs, and their hardening is held against a bound.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{cargo, deb, install, is_root, output, root, said, target, works};

/// Every program that is handed out, with its package.
const PROGRAMS: [(&str, &str); 5] = [
    ("callboard", "callboard"),
    ("callboard-agent", "callboard-agent"),
    (DESK, "callboard-desk-page"),
    ("callboard-registry", "callboard-registry"),
    ("callboard-tokens", "callboard-tokens"),
];
/// For people's own computers alone: it is in no image.
const DESK: &str = "callboard-desk";
/// What systemd may find exposed at most, in tenths of its scale of 0 to 10: below 2 it says «OK».
const EXPOSURE: &str = "20";

pub(crate) fn run() -> Result<()> {
    let packaged = target().join("package");
    build(&packaged)?;
    deb::build(&packaged)?;
    image(&packaged)?;
    units(&packaged)?;
    println!("packaged, and tried: {}", packaged.display());
    Ok(())
}

/// Builds each program without a library or a loader that it would need at its destination.
fn build(packaged: &Path) -> Result<()> {
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    // The target is named so that the flag is for the programs alone: procedural macros can't be static.
    let mut command = cargo();
    command.env("RUSTFLAGS", "-C target-feature=+crt-static").args([
        "build",
        "--release",
        "--locked",
        "--target",
        &host,
    ]);
    for (program, package) in PROGRAMS {
        command.args(["--package", package, "--bin", program]);
    }
    crate::run(&mut command)?;
    fs::create_dir_all(packaged)?;
    for (program, _) in PROGRAMS {
        let built = target().join(&host).join("release").join(program);
        let place = packaged.join(program);
        fs::copy(&built, &place).with_context(|| built.display().to_string())?;
        let headers = output(Command::new("readelf").args(["--program-headers", "--wide"]).arg(&place))?;
        ensure!(!headers.contains("INTERP"), "{program} asks for a loader: it isn't static");
        let shown = output(Command::new(&place).arg("--version"))?;
        ensure!(shown.contains(env!("CARGO_PKG_VERSION")), "{program} says {shown:?}");
    }
    let sums = output(Command::new("sha256sum").args(PROGRAMS.map(|(program, _)| program)).current_dir(packaged))?;
    Ok(fs::write(packaged.join("SHA256SUMS"), sums + "\n")?)
}

/// Lays the image out as the recipe's last stage says, and runs each program with that as its whole world.
fn image(packaged: &Path) -> Result<()> {
    let recipe = fs::read_to_string(root().join("ops/Containerfile"))?;
    let (_, stage) = recipe.rsplit_once("FROM scratch\n").context("the image isn't made from nothing")?;
    let world = tempfile::tempdir()?;
    let mut programs = Vec::new();
    // What has an owner is the empty volume; the tests lay that out too, and serve from it.
    let copied = stage.lines().filter_map(|line| line.strip_prefix("COPY --from=build "));
    for line in copied.filter(|line| !line.starts_with("--chown=")) {
        let (from, to) = line.split_once(' ').context("COPY names a source and a destination")?;
        let source = match from.strip_prefix("/src/target/package/") {
            Some(program) => packaged.join(program),
            None => PathBuf::from(from),
        };
        let place = world.path().join(to.trim_start_matches('/'));
        fs::create_dir_all(place.parent().context("COPY to the root")?)?;
        // The builder has the certificates in its image; a machine without them can try all the rest.
        if source.exists() || from.starts_with("/src/") {
            fs::copy(&source, &place).with_context(|| source.display().to_string())?;
        }
        if from.starts_with("/src/") {
            programs.push(to);
        }
    }
    for (program, _) in PROGRAMS.iter().filter(|(program, _)| *program != DESK) {
        let told = format!("/usr/local/bin/{program}");
        ensure!(programs.contains(&told.as_str()), "the image has no {program}");
    }
    fs::set_permissions(world.path(), fs::Permissions::from_mode(0o755))?;
    for program in programs {
        let shown = output(&mut confined(world.path(), program))?;
        ensure!(shown.contains(env!("CARGO_PKG_VERSION")), "{program} in the image says {shown:?}");
    }
    Ok(())
}

/// `PROGRAM --version` with `world` as its root, as the image's user.
fn confined(world: &Path, program: &str) -> Command {
    let mut command;
    if is_root() {
        command = Command::new("chroot");
        command.arg("--userspec=65532:65532");
    } else {
        command = Command::new("unshare");
        command.args(["--map-root-user", "chroot"]);
    }
    command.arg(world).args([program, "--version"]);
    command
}

/// Verifies each unit with the programs in the places that it names, and holds its hardening against the bound.
fn units(packaged: &Path) -> Result<()> {
    if !works(Command::new("systemd-analyze").arg("--version")) {
        install("systemd", "systemd-analyze")?;
    }
    let place = tempfile::tempdir()?;
    for entry in fs::read_dir(root().join("ops/systemd"))? {
        let unit = entry?.path();
        let text = fs::read_to_string(&unit)?.replace("/usr/local/bin", &packaged.display().to_string());
        let copy = place.path().join(unit.file_name().context("a unit has a name")?);
        fs::write(&copy, text)?;
        let mut verify = Command::new("systemd-analyze");
        verify.args(["verify", "--man=no", "--recursive-errors=no"]).arg(&copy);
        // It warns without failing; a unit of ours has nothing to warn of.
        let done = verify.output().with_context(|| said(&verify))?;
        let warned = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success() && warned.trim().is_empty(), "{}: {warned}", unit.display());
        let mut security = Command::new("systemd-analyze");
        output(security.args(["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE]).arg(&copy))?;
    }
    Ok(())
}
