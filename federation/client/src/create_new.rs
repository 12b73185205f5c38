//! Files that are made once, or put in the place of another: never half; and who may read whatever our programs write.
//!
//! A program begins with [`private_by_default`]: from then on each file is its owner's alone (0600) and each directory
//! too (0700), whoever makes it and whatever the umask was: a database, its journal, a log of checks, an export. What
//! is made to be handed to others is written with [`PUBLIC`]. What an earlier program left more open is closed by
//! [`close`]. On a system without such modes, files are as private as where they stand ([`system`]).

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use callboard_federation::zh_en;

use crate::system;

/// The owner alone reads it: whatever holds a secret, even under a passphrase.
pub const PRIVATE: u32 = 0o600;
/// Everyone may read it, unless the umask that the program was started with forbids it: what is handed over.
pub const PUBLIC: u32 = 0o644;

/// The umask that the program was started with.
static STARTED_WITH: OnceLock<u32> = OnceLock::new();

/// A file that others of this machine may read, and that can't be closed to them.
#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("本机其他用户可以读取 {path}，且本用户无权更改：请由其所有者执行 chmod 600",
    "{path} is open to others of this machine, and is not ours to close: chmod 600 it, as its owner", path = path.display()))]
pub struct OpenToOthers {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Something stands where a file is to be made.
#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("{path} 已经存在，不会覆盖", "{path} is there already; it isn't overwritten", path = _0.display()))]
pub struct AlreadyThere(PathBuf);

/// Makes each file and directory of this process its owner's alone, but what is written as [`PUBLIC`].
pub fn private_by_default() {
    // A second call finds what the first one set.
    let _ = STARTED_WITH.set(system::private_by_default());
}

/// Refuses to write where something stands.
///
/// # Errors
/// Something does.
pub fn not_there(path: &Path) -> Result<(), AlreadyThere> {
    if path.exists() { Err(AlreadyThere(path.to_owned())) } else { Ok(()) }
}

/// Closes a file of ours to others, and what SQLite keeps beside it; one that isn't there is none.
///
/// # Errors
/// [`OpenToOthers`] where it is another user's.
pub fn close(path: &Path) -> Result<(), OpenToOthers> {
    for path in ["", "-wal", "-shm", "-journal", ".lock"].map(|ending| with_ending(path, ending)) {
        // What can't be looked at is told by whoever opens it.
        let Ok(found) = fs::metadata(&path) else { continue };
        if found.is_file() && system::is_open_to_others(&found) {
            system::close_to_others(&path).map_err(|source| OpenToOthers { path: path.clone(), source })?;
            tracing::warn!(path = %path.display(), "it was open to others of this machine: closed");
        }
    }
    Ok(())
}

/// Writes a file that isn't there yet, down to the disk; one that can't be written whole is taken away again.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where something stands already.
pub fn write(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = system::create_new(path, mode)?;
    let allowed = STARTED_WITH.get().map(|umask| mode & !umask);
    let allow = |file: &fs::File| match allowed {
        Some(allowed) if mode != PRIVATE => system::set_mode(file, allowed),
        _ => Ok(()),
    };
    file.write_all(bytes).and_then(|()| allow(&file)).and_then(|()| file.sync_all()).inspect_err(|_| {
        // It may still be half there; the error that is told is the one that left it so.
        let _ = fs::remove_file(path);
    })
}

/// Puts a file in the place of the one before, down to the disk: whoever reads finds either, whole. What an earlier one that
/// broke off left beside it, `NAME.new`, is written over. In a process one follows another.
///
/// # Errors
/// The file before is as it was, unless it is the directory that doesn't get to the disk.
pub fn replace(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let new = with_ending(path, ".new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => write(&new, mode, bytes)?,
    }
    fs::rename(&new, path)?;
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    system::sync_directory(directory.unwrap_or(Path::new(".")))
}

/// The path whose last name has this behind it.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_a_replacement_that_broke_off_left_is_in_nobodys_way() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("panel-1.key");
        write(&path, PRIVATE, b"before").unwrap();
        fs::write(directory.path().join("panel-1.key.new"), "half").unwrap();
        replace(&path, PRIVATE, b"after").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_an_earlier_program_left_open_is_closed() {
        let directory = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let database = directory.path().join("registry.sqlite");
        for ending in ["", "-wal", "-shm", ".lock"] {
            let path = directory.path().join(format!("registry.sqlite{ending}"));
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        }
        close(&database).unwrap();
        for ending in ["", "-wal", "-shm", ".lock"] {
            assert_eq!(mode(&directory.path().join(format!("registry.sqlite{ending}"))), PRIVATE, "{ending}");
        }
        assert!(!directory.path().join("registry.sqlite-journal").exists());
        close(&directory.path().join("nothing")).unwrap();
    }
}
