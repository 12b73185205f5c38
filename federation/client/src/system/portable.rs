//! Every system that is no Unix, Windows first, by `std` and tokio alone.
//!
//! What this can't promise:
//!
//! - A file has no mode. Who may read it is what its directory hands down: on Windows a user's own folders are that user's
//!   and the administrators', others may be everyone's. So key files belong into a folder of one's own, and
//!   [`is_open_to_others`] never warns.
//! - A crash of the process may be kept by the system with what was in memory: that is switched off in the system.
//! - Whoever runs it is told to stop by Ctrl-C alone, and only once somebody awaits it.
//! - A file's new name may be lost when the power goes right after it was given.
//! - Another program runs beside this one, not in its place, until it ends.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::Path,
    process::{Command, ExitCode},
};

use super::ForeignDirectory;

/// Files are as private as the directory that they are made in: there is no umask.
pub const fn private_by_default() -> u32 {
    0
}

/// Makes a file, to be written to; its mode says nothing here.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where something stands already.
pub fn create_new(path: &Path, _mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Nothing: a file has no mode.
///
/// # Errors
/// Where the file is gone.
pub fn set_mode(file: &File, _mode: u32) -> io::Result<()> {
    file.metadata().map(drop)
}

/// Never: it can't be told.
pub const fn is_open_to_others(_found: &Metadata) -> bool {
    false
}

/// Nothing: it is as private as its directory.
///
/// # Errors
/// Where there is no such file.
pub fn close_to_others(path: &Path) -> io::Result<()> {
    fs::metadata(path).map(drop)
}

/// Nothing: the system puts a directory on disk when it likes.
///
/// # Errors
/// Where there is no such directory.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    fs::metadata(directory).map(drop)
}

/// Nobody's: who may write is told by writing.
///
/// # Errors
/// Where there is no such directory.
pub fn not_writable(directory: &Path) -> io::Result<Option<ForeignDirectory>> {
    fs::metadata(directory).map(|_| None)
}

/// Nothing: the system keeps what it keeps.
///
/// # Errors
/// None here.
pub const fn forbid_core_dumps() -> io::Result<()> {
    Ok(())
}

/// Ends at Ctrl-C, once it is awaited.
pub async fn told_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Runs another program until it ends, and gives its exit code.
pub fn become_program(program: &Path, arguments: impl Iterator<Item = OsString>) -> io::Result<ExitCode> {
    let code = Command::new(program).args(arguments).status()?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
