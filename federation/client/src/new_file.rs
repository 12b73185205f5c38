//! Files that are made once: never over another, never half.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// The owner alone reads it: whatever holds a secret, even under a passphrase.
pub const PRIVATE: u32 = 0o600;
/// Everyone may read it.
pub const PUBLIC: u32 = 0o644;

/// Writes a file that isn't there yet, down to the disk; one that can't be written whole is taken away again.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where something stands already.
pub fn write(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| {
        // It may still be half there; the error that is told is the one that left it so.
        let _ = fs::remove_file(path);
    })
}
