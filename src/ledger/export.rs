//! An export: the log as files, for whoever audits it elsewhere. `checkpoint`, tiles, bundles of entries, `feed.ndjson`,
//! `anchors.ndjson`.
//!
//! Checkpoint and tiles are laid out as C2SP tlog-tiles has them, the feed as `docs/formats.md` §8 has its lines; the audit
//! reads it back and holds one against the other.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use callboard_federation::{
    disclosure::{Disclosure, DisclosureError},
    dsse::Envelope,
    encoding::{Hash, JsonError, from_json, to_json},
    tlog::{
        TlogError,
        checkpoint::SignedCheckpoint,
        merkle::{Tree, leaf_hash},
        tile::{FULL_WIDTH, TileContent, TilePath, entries, hash_tile},
    },
};

use serde::{Deserialize, Serialize};

use super::{
    Ledger, LedgerError,
    anchors::envelopes,
    audit::{Audit, Difference, Report, Took},
    load::{PAGE, disclosure},
};

const CHECKPOINT: &str = "checkpoint";
const FEED: &str = "feed.ndjson";
const ANCHORS: &str = "anchors.ndjson";

/// A line of `anchors.ndjson`: an anchor that an entry logs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorLine {
    index: u64,
    anchor: Envelope,
}

/// Why an export can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file can't be written or read.
    #[error("{path} can't be written or read")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of the feed is none.
    #[error("line {number} of the feed is none")]
    Line {
        /// The line, from 1.
        number: u64,
        /// What is wrong with it.
        source: DisclosureError,
    },
    /// A line of the anchors is none.
    #[error("line {number} of the anchors is none")]
    Anchor {
        /// The line, from 1.
        number: u64,
        /// What is wrong with it.
        source: JsonError,
    },
    /// The checkpoint is none.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] TlogError),
    /// The log can't be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Writes the log as it is published into a new directory; how many entries. `progress` is told after each page.
pub async fn write(ledger: &Ledger, directory: &Path, progress: impl Fn(u64, u64)) -> Result<u64, ExportError> {
    let board = ledger.board();
    let size = board.newest.size;
    create(directory)?;
    let feed = directory.join(FEED);
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError::File { path, source }
    };
    let mut lines = BufWriter::new(fs::File::create_new(&feed).map_err(at(&feed))?);
    let mut from = 0;
    while from < size {
        let page = ledger.store().entries(from, size.min(from + PAGE)).await.map_err(LedgerError::from)?;
        from += page.len() as u64;
        for stored in page {
            let line = disclosure(stored)?.to_json();
            lines.write_all(&line).and_then(|()| lines.write_all(b"\n")).map_err(at(&feed))?;
        }
        progress(from, size);
    }
    lines.flush().map_err(at(&feed))?;
    let anchors = ledger.store().anchors(0, size).await.map_err(LedgerError::from)?;
    let mut lines = Vec::new();
    for (index, anchor) in envelopes(anchors)? {
        lines.extend(to_json(&AnchorLine { index, anchor }));
        lines.push(b'\n');
    }
    let anchors = directory.join(ANCHORS);
    fs::write(&anchors, lines).map_err(at(&anchors))?;
    for path in tiles_of(size) {
        let bytes = ledger.tile(path).await?.ok_or(LedgerError::Unreadable { index: path.index })?;
        let file = directory.join(path.to_string());
        create(file.parent().unwrap_or(directory))?;
        fs::write(&file, bytes).map_err(at(&file))?;
    }
    // Last, so that an export that broke off is none.
    let checkpoint = directory.join(CHECKPOINT);
    fs::write(&checkpoint, board.newest.note.to_string()).map_err(at(&checkpoint))?;
    Ok(size)
}

/// Whether a directory holds an export.
pub fn is_export(directory: &Path) -> bool {
    directory.join(FEED).is_file() && directory.join(CHECKPOINT).is_file()
}

/// Audits an export.
pub fn audit(
    directory: &Path,
    genesis: Option<Hash>,
    at: Option<callboard_federation::encoding::Time>,
) -> Result<Report, ExportError> {
    let read = |name: &str| {
        let path = directory.join(name);
        fs::read(&path).map_err(|source| ExportError::File { path, source })
    };
    let note: SignedCheckpoint = String::from_utf8_lossy(&read(CHECKPOINT)?).parse()?;
    let mut audit = Audit::new(genesis);
    let fault = loop {
        match follow(directory, &mut audit)? {
            Ok(Took::BeginAgain) => {}
            Ok(Took::Line) => break None,
            Err(difference) => break Some(difference),
        }
    };
    let differing = tiles_that_differ(directory, audit.replay().tree())?;
    // A fault ends an audit: what is anchored beyond it isn't followed.
    let anchors = if fault.is_none() { audit.differing_anchors(&anchors_in(directory)?) } else { Vec::new() };
    let mut report = audit.finish(Some(&note), at);
    report.differences.extend(fault.into_iter().chain(anchors));
    report.differences.extend(differing.into_iter().map(|path| Difference::Tile { path: path.to_string() }));
    Ok(report)
}

/// Follows the feed from its first line; a fault ends it.
fn follow(directory: &Path, audit: &mut Audit) -> Result<Result<Took, Difference>, ExportError> {
    let path = directory.join(FEED);
    let at = |source| ExportError::File { path: path.clone(), source };
    for (number, line) in (1..).zip(BufReader::new(fs::File::open(&path).map_err(at)?).split(b'\n')) {
        let line = line.map_err(at)?;
        if line.starts_with(br#"{"checkpoint""#) {
            break;
        }
        let line = Disclosure::from_json(&line).map_err(|source| ExportError::Line { number, source })?;
        match audit.take(&line) {
            Ok(Took::Line) => {}
            other => return Ok(other),
        }
    }
    Ok(Ok(Took::Line))
}

/// The members' anchors, each with the index of its entry; none, if there is no such file.
fn anchors_in(directory: &Path) -> Result<Vec<(u64, Envelope)>, ExportError> {
    let path = directory.join(ANCHORS);
    let lines = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read.map_err(|source| ExportError::File { path, source })?,
    };
    let read = |(number, line): (u64, &[u8])| {
        let AnchorLine { index, anchor } = from_json(line).map_err(|source| ExportError::Anchor { number, source })?;
        Ok((index, anchor))
    };
    (1..).zip(lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())).map(read).collect()
}

/// The tiles and bundles that aren't those of the leaves.
fn tiles_that_differ(directory: &Path, tree: &Tree) -> Result<Vec<TilePath>, ExportError> {
    let mut differing = Vec::new();
    for path in tiles_of(tree.size()) {
        let file = directory.join(path.to_string());
        let bytes = match fs::read(&file) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(ExportError::File { path: file, source }),
        };
        let (level, hashes) = match path.holds {
            TileContent::Hashes { level } => (level, bytes),
            TileContent::Entries => (0, bytes.and_then(|bundle| hashes_of(&bundle))),
        };
        if hashes.is_none() || hashes != hash_tile(tree, level, path.index, path.width) {
            differing.push(path);
        }
    }
    Ok(differing)
}

/// The tile of hashes above a bundle of entries; `None` if it is none.
fn hashes_of(bundle: &[u8]) -> Option<Vec<u8>> {
    let leaves = entries(bundle).ok()?;
    Some(leaves.into_iter().flat_map(|leaf| *leaf_hash(leaf).as_bytes()).collect())
}

/// Every tile and bundle of a log of `size` entries.
fn tiles_of(size: u64) -> impl Iterator<Item = TilePath> {
    let full = u64::from(FULL_WIDTH);
    let of_level = move |holds: TileContent, width: u64| {
        (0..width.div_ceil(full)).map(move |index| {
            let width = u16::try_from((width - index * full).min(full)).unwrap_or(FULL_WIDTH);
            TilePath { holds, index, width }
        })
    };
    let widths = std::iter::successors(Some(size), move |width| Some(width / full)).take_while(|width| *width > 0);
    let hashes = (0..).zip(widths).flat_map(move |(level, width)| of_level(TileContent::Hashes { level }, width));
    hashes.chain(of_level(TileContent::Entries, size))
}

fn create(directory: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(directory).map_err(|source| ExportError::File { path: directory.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_of_the_tree_is_in_some_tile() {
        let paths = |size| tiles_of(size).map(|path| path.to_string()).collect::<Vec<_>>();
        assert!(paths(0).is_empty());
        assert_eq!(paths(1), ["tile/0/000.p/1", "tile/entries/000.p/1"]);
        assert_eq!(paths(256), ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
        assert_eq!(
            paths(513),
            [
                "tile/0/000",
                "tile/0/001",
                "tile/0/002.p/1",
                "tile/1/000.p/2",
                "tile/entries/000",
                "tile/entries/001",
                "tile/entries/002.p/1"
            ]
        );
    }
}
