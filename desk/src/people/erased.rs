//! What an erasure reaches at a desk: the index, and the files of the home that bear the record.
//!
//! That a record was erased is the registry's word. One that lies about it takes a convenience from a seat; the log shows
//! that no erasure names the record. A sheet that somebody keeps in the home is theirs, and stays.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use callboard_federation::{
    docket::Docket,
    encoding::{Hash, RecordId},
    hand_in::HandIn,
    statement::Kind,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;

use super::{
    Index,
    entry::{DocketState, Entry},
};
use crate::{Error, bundle::Bundle, drafts::Drafts, registry::Registry};

/// The ending of a bundle's file.
const BUNDLE: &str = "bundle";
/// That of a signed docket.
const SIGNED: &str = ".docket.json";

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
            // What is put to the vote isn't logged yet.
            None => known.draft.is_some() && known.state != DocketState::Proposed,
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
    clear(home, docket, &records, index.shards.key())?;
    index.remove(&known, |position| positions.contains(&position))
}

/// Has what was erased leave the home of a seat that keeps no index: of the drafts that it had to do with; how many
/// records.
pub async fn clear_home(home: &Path, drafts: &Drafts<'_>, rng: &mut impl CryptoRng) -> Result<usize, Error> {
    let list = drafts.list(None, rng).await?.drafts;
    let erased: HashSet<Hash> =
        list.iter().filter(|draft| draft.erased_at.is_some()).map(|draft| draft.docket).collect();
    // Each bundle of the home would be opened for nothing.
    if erased.is_empty() {
        return Ok(0);
    }
    let mut count = 0;
    for (hash, docket) in dockets(home, drafts.key()).into_iter().filter(|(hash, _)| erased.contains(hash)) {
        let mut gone = Vec::new();
        for item in &docket.items {
            let place = drafts.registry().place(item.record).await?;
            if place.is_none_or(|place| place.erased || item.kind == Kind::Erasure) {
                gone.push(item.record);
            }
        }
        if !gone.is_empty() {
            clear(home, hash, &gone, drafts.key())?;
            count += gone.len();
        }
    }
    Ok(count)
}

/// The dockets that lie in a home, as bundles or signed, each by the hash of its payload.
fn dockets(home: &Path, key: &SeatKey) -> Vec<(Hash, Docket)> {
    let of_bundle = |path: PathBuf| {
        let bundle = Bundle::open(&path, key).ok()?;
        Some((bundle.hash(), bundle.docket().clone()))
    };
    let of_file = |path: PathBuf| {
        let payload = signed(&path)?.docket.payload.0;
        Some((Hash::of(&payload), Docket::from_json(&payload).ok()?))
    };
    let signed = entries(home).into_iter().filter_map(of_file);
    bundles(home).into_iter().filter_map(of_bundle).chain(signed).collect()
}

/// A signed docket, as it is kept until it is logged and after.
fn signed(path: &Path) -> Option<HandIn> {
    let is_one = path.to_str().is_some_and(|path| path.ends_with(SIGNED));
    is_one.then(|| fs::read(path).ok()).flatten().and_then(|bytes| HandIn::from_json(&bytes).ok())
}

/// Removes what bears these records from a home: bundles and signed dockets of the docket, and the records' proofs.
fn clear(home: &Path, docket: Hash, records: &[RecordId], key: &SeatKey) -> Result<(), Error> {
    for path in bundles(home) {
        if Bundle::open(&path, key).is_ok_and(|bundle| bundle.hash() == docket) {
            remove(&path)?;
        }
    }
    for path in entries(home) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if signed(&path).is_some_and(|signed| signed.docket.payload_hash() == docket) {
            remove(&path)?;
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
