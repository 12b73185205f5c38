//! Our own programs, as people have them: side by side.

use std::{path::Path, process::Command, sync::LazyLock};

/// The directory of our programs, each built: a test of one package finds another's not built. Asked for with the
/// tests, whose dependencies have more features, it is what a test of the whole workspace has built already.
pub(crate) fn programs() -> &'static Path {
    static BUILT: LazyLock<&Path> = LazyLock::new(build);
    *BUILT
}

fn build() -> &'static Path {
    let directory = Path::new(env!("CARGO_BIN_EXE_callboard")).parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--workspace", "--bins", "--locked", "--quiet"]);
    build.current_dir(env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", directory.parent().unwrap());
    // What the runner tells a test of its package would have build scripts run again that listen to it, and half the
    // house built anew.
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
    {
        build.env_remove(name);
    }
    // A bench was built without them.
    build.arg(if directory.ends_with("release") { "--release" } else { "--tests" });
    assert!(build.status().unwrap().success());
    directory
}
