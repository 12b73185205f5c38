//! Two histories of one log: the proof is written down as a file that convicts. Implements *Evidence file* of
//! `docs/formats.md` §8.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callboard_client::new_file;
use callboard_federation::{encoding::to_json, evidence::Evidence};

/// An evidence file that stands in the directory.
pub(super) fn found(directory: &Path) -> io::Result<Option<PathBuf>> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("evidence-") && path.extension().is_some_and(|extension| extension == "json") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Writes an evidence file; one of the same two notes is there once.
pub(super) fn write(directory: &Path, evidence: &Evidence) -> io::Result<PathBuf> {
    let path = directory.join(evidence.file_name());
    let mut text = to_json(evidence);
    text.push(b'\n');
    match new_file::write(&path, new_file::PUBLIC, &text) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
        written => written.map(|()| path),
    }
}
