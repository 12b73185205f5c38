//! What is kept of a log that does wrong: two histories as a file that convicts, a signed root that its leaves don't give
//! as a report. Implements *Evidence file* and *Report of a root* of `docs/formats.md` §8.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callboard_federation::{encoding::to_json, evidence::Evidence, root_report::RootReport};

use crate::create_new;

/// The most leaves of a report: the first of those that no root bore out.
pub const MOST_ENTRIES: u64 = 10_000;
/// The most reports in a directory: whoever alters each answer doesn't fill the disk.
const MOST_REPORTS: usize = 64;

/// The files that stand in the directory, by name.
pub fn kept(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let is_kept = |name: &String| {
        let is_one = name.starts_with("evidence-") || name.starts_with(RootReport::FILE);
        is_one && Path::new(name).extension().is_some_and(|extension| extension == "json")
    };
    let mut kept: Vec<String> = names.filter(is_kept).collect();
    kept.sort();
    kept
}

/// An evidence file that stands in the directory.
///
/// # Errors
/// It can't be read.
pub fn found(directory: &Path) -> io::Result<Option<PathBuf>> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("evidence-") && path.extension().is_some_and(|extension| extension == "json") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Writes a report; one of the same note is there once.
///
/// # Errors
/// It can't be written, or too many stand already.
pub fn report(directory: &Path, report: &RootReport) -> io::Result<PathBuf> {
    let path = directory.join(report.file_name());
    let reports = kept(directory).iter().filter(|name| name.starts_with(RootReport::FILE)).count();
    if reports >= MOST_REPORTS && !path.exists() {
        return Err(io::Error::other(format!("{reports} reports stand already")));
    }
    write_once(path, to_json(report))
}

/// Writes an evidence file; one of the same two notes is there once.
///
/// # Errors
/// It can't be written.
pub fn write(directory: &Path, evidence: &Evidence) -> io::Result<PathBuf> {
    write_once(directory.join(evidence.file_name()), to_json(evidence))
}

fn write_once(path: PathBuf, mut text: Vec<u8>) -> io::Result<PathBuf> {
    text.push(b'\n');
    match create_new::write(&path, create_new::PRIVATE, &text) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(path),
        written => written.map(|()| path),
    }
}
