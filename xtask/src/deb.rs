//! The desk as a Debian package, for the computers of a committee: program, launcher, icon, the licence. Tried by unpacking.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{output, root, run};

const NAME: &str = "callboard-desk";

/// Writes `callboard-desk_VERSION_ARCH.deb` beside the programs.
pub(crate) fn build(packaged: &Path) -> Result<()> {
    let tree = tempfile::tempdir()?;
    let desktop = root().join("ops/desktop");
    let files: [(PathBuf, &str, u32); 4] = [
        (packaged.join(NAME), "usr/bin/callboard-desk", 0o755),
        (desktop.join("callboard-desk.desktop"), "usr/share/applications/callboard-desk.desktop", 0o644),
        (desktop.join("callboard-desk.svg"), "usr/share/icons/hicolor/scalable/apps/callboard-desk.svg", 0o644),
        (root().join("LICENSE"), "usr/share/doc/callboard-desk/copyright", 0o644),
    ];
    let mut bytes = 0;
    for (source, to, mode) in &files {
        let place = tree.path().join(to);
        fs::create_dir_all(place.parent().context("a file of a package has a directory")?)?;
        bytes += fs::copy(source, &place).with_context(|| source.display().to_string())?;
        fs::set_permissions(&place, fs::Permissions::from_mode(*mode))?;
    }
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))?.trim().to_owned();
    let (version, size) = (env!("CARGO_PKG_VERSION"), bytes.div_ceil(1_024));
    let control = tree.path().join("DEBIAN/control");
    fs::create_dir_all(tree.path().join("DEBIAN"))?;
    // The programs are static: they need nothing but a browser, and something that opens it.
    fs::write(
        &control,
        format!(
            "Package: {NAME}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: Callboard developers\n\
             Installed-Size: {size}\nSection: misc\nPriority: optional\nRecommends: xdg-utils\n\
             Description: signing desk of an ethics committee\n \
             Reads, signs and submits rulings in the browser of this computer. The key\n never leaves it.\n"
        ),
    )?;
    for directory in walked(tree.path())? {
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755))?;
    }
    let package = packaged.join(format!("{NAME}_{version}_{architecture}.deb"));
    run(Command::new("dpkg-deb").args(["--build", "--root-owner-group"]).arg(tree.path()).arg(&package))?;
    tried(&package, &files.map(|(_, to, _)| to))
}

/// Unpacks it, and runs what its launcher starts.
fn tried(package: &Path, files: &[&str]) -> Result<()> {
    let world = tempfile::tempdir()?;
    run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(world.path()))?;
    for file in files {
        ensure!(world.path().join(file).is_file(), "{} lacks {file}", package.display());
    }
    let launcher = fs::read_to_string(world.path().join("usr/share/applications/callboard-desk.desktop"))?;
    let starts = launcher.lines().find_map(|line| line.strip_prefix("Exec=")).context("the launcher starts nothing")?;
    let shown = output(Command::new(world.path().join("usr/bin").join(starts)).arg("--version"))?;
    ensure!(shown.contains(env!("CARGO_PKG_VERSION")), "{starts} says {shown:?}");
    Ok(())
}

/// A directory and all that are in it.
fn walked(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut all = vec![directory.to_owned()];
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            all.extend(walked(&entry.path())?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packaged_is_unpacked_and_its_launcher_starts_a_program() {
        let packaged = tempfile::tempdir().unwrap();
        let program = packaged.path().join(NAME);
        fs::write(&program, format!("#!/bin/sh\necho {NAME} {}\n", env!("CARGO_PKG_VERSION"))).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        build(packaged.path()).unwrap();
        // One whose program is of another version isn't handed out.
        fs::write(&program, "#!/bin/sh\necho another\n").unwrap();
        assert!(build(packaged.path()).is_err());
    }
}
