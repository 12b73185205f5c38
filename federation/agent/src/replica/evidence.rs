//! Two histories of one log: finding the proof, and writing it down as a file that convicts. Implements *Evidence file* of
//! `docs/formats.md` §8.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callboard_client::new_file;
use callboard_federation::{
    encoding::to_json,
    evidence::{Evidence, convicts},
    tlog::{checkpoint::SignedCheckpoint, merkle::Tree, vkey::VerifierKey},
};

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

/// What two notes of the log prove, where `tree` is that of the larger one.
pub(super) fn of(a: &SignedCheckpoint, b: &SignedCheckpoint, tree: &Tree, log: &[VerifierKey]) -> Option<Evidence> {
    let (small, large) = if a.checkpoint().size <= b.checkpoint().size { (a, b) } else { (b, a) };
    let (n, m) = (small.checkpoint().size, large.checkpoint().size);
    let notes = [small.clone(), large.clone()];
    let evidence = if n == m {
        Evidence::of_one_size(notes)
    } else {
        Evidence::of_two_sizes(notes, tree.root(n)?, tree.consistency_proof(n, m)?)
    };
    convicts(&evidence, log).is_ok().then_some(evidence)
}

/// Writes an evidence file; one of the same two notes is there once.
pub(super) fn write(directory: &Path, evidence: &Evidence) -> io::Result<PathBuf> {
    let [first, second] = evidence.notes().each_ref().map(SignedCheckpoint::checkpoint);
    let name: String = second.root.to_string().chars().take(16).collect();
    let path = directory.join(format!("evidence-{}-{}-{name}.json", first.size, second.size));
    let mut text = to_json(evidence);
    text.push(b'\n');
    match new_file::write(&path, new_file::PUBLIC, &text) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
        written => written.map(|()| path),
    }
}
