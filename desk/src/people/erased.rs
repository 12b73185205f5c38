//! What an erasure reaches at a desk: the index, and the files of the home that bear the record.
//!
//! That a record was erased is the registry's word. One that lies about it takes a convenience from a seat; the log shows
//! that no erasure names the record. A sheet that somebody keeps in the home is theirs, and stays.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callboard_federation::{
    encoding::{Hash, RecordId},
    hand_in::HandIn,
    statement::Kind,
};

use super::{
    Index,
    entry::{DocketState, Entry},
};
use crate::{Error, bundle::Bundle, registry::Registry};

/// The ending of a bundle's file.
const BUNDLE: &str = "bundle";

/// Has the erased records of a docket leave index and home; how many.
pub(super) async fn forget(
    index: &Index<'_>,
    home: &Path,
    docket: Hash,
    registry: &Registry<'_>,
) -> Result<usize, Error> {
    let Some(known) = index.docket(&docket)? else { return Ok(0) };
    let mut gone: Vec<&Entry> = Vec::new();
    for entry in &known.entries {
        let place = registry.place(entry.record).await?;
        if let (Some(place), DocketState::Unsent) = (&place, known.state) {
            index.set_state(&docket, DocketState::Logged(place.index))?;
        }
        // It was erased; or it says whom an erasure is of; or its draft was erased before it was logged.
        let is_gone = match place {
            Some(place) => place.erased || entry.kind == Kind::Erasure,
            None => known.draft.is_some(),
        };
        if is_gone {
            gone.push(entry);
        }
    }
    if gone.is_empty() {
        return Ok(0);
    }
    let records: Vec<RecordId> = gone.iter().flat_map(|entry| [&entry.about[..], &[entry.record]].concat()).collect();
    let positions: Vec<u32> = gone.iter().map(|entry| entry.position).collect();
    clear(home, docket, &records, index)?;
    index.remove(&known, |position| positions.contains(&position))
}

/// Removes what bears these records from a home: bundles and signed dockets of the docket, and the records' proofs.
fn clear(home: &Path, docket: Hash, records: &[RecordId], index: &Index<'_>) -> Result<(), Error> {
    for path in bundles(home) {
        if Bundle::open(&path, index.shards.key()).is_ok_and(|bundle| bundle.hash() == docket) {
            remove(&path)?;
        }
    }
    for path in entries(home) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".docket.json") {
            let hand_in = fs::read(&path).ok().and_then(|bytes| HandIn::from_json(&bytes).ok());
            if hand_in.is_some_and(|hand_in| hand_in.docket.payload_hash() == docket) {
                remove(&path)?;
            }
        } else if name.ends_with(".proofs") && path.is_dir() {
            for record in records {
                remove(&path.join(format!("{record}.json")))?;
            }
        }
    }
    Ok(())
}

/// The bundles that lie in a home.
pub(super) fn bundles(home: &Path) -> Vec<PathBuf> {
    let is_bundle = |path: &PathBuf| path.extension().is_some_and(|extension| extension == BUNDLE) && path.is_file();
    let mut paths: Vec<PathBuf> = entries(home).into_iter().filter(is_bundle).collect();
    paths.sort();
    paths
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::Io { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}
