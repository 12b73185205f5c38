//! Unix: Linux, with Kylin and UOS, macOS and the BSDs. Modes of files, the umask, signals, `exec`.
//!
//! Everything holds that is said here, but for this: that another process of the same user can't read this one's memory is
//! Linux's alone.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions, Permissions},
    io,
    os::unix::{
        fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::Path,
    process::{Command, ExitCode},
};

use rustix::{
    fs::{Access, Mode, access},
    process::{Resource, Rlimit, setrlimit},
};
use tokio::signal::unix::{SignalKind, signal};

use super::ForeignDirectory;

/// Its owner alone reads and writes it.
const OWNERS: u32 = 0o600;

/// Makes each file and directory of this process its owner's alone from now on; gives the umask before.
pub fn private_by_default() -> u32 {
    rustix::process::umask(Mode::RWXG | Mode::RWXO).bits()
}

/// Makes a file of this mode, to be written to.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where something stands already.
pub fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Gives a file another mode.
pub fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// Whether others of this machine may do anything with a file.
pub fn is_open_to_others(found: &Metadata) -> bool {
    found.permissions().mode() & 0o077 != 0
}

/// Makes a file its owner's alone.
pub fn close_to_others(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(OWNERS))
}

/// Puts on disk which files a directory has, and under which names.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Whose a directory is, if this process may not write to it.
pub fn not_writable(directory: &Path) -> io::Result<Option<ForeignDirectory>> {
    let owner = fs::metadata(directory)?.uid();
    let user = rustix::process::geteuid().as_raw();
    let refused = access(directory, Access::WRITE_OK | Access::EXEC_OK).is_err();
    Ok(refused.then_some(ForeignDirectory { owner, user }))
}

/// Forbids core dumps of this process and, on Linux, that another process of its user reads it.
pub fn forbid_core_dumps() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Listens from now on for Ctrl-C and SIGTERM; the future ends at the first.
pub fn told_to_stop() -> impl Future<Output = ()> {
    let signals = signal(SignalKind::terminate()).and_then(|term| Ok((term, signal(SignalKind::interrupt())?)));
    async move {
        let Ok((mut terminated, mut interrupted)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    }
}

/// Becomes another program, which keeps this one's number and umask; comes back only where it can't.
pub fn become_program(program: &Path, arguments: impl Iterator<Item = OsString>) -> io::Result<ExitCode> {
    Err(Command::new(program).args(arguments).exec())
}
