//! An export: a log as files, for whoever audits it elsewhere or restores a registry from it. `checkpoint`, tiles,
//! bundles of entries, `feed.ndjson`, `anchors.ndjson`.
//!
//! A registry writes one (`callboard export`), and so does any member's agent of what it followed (`callboard-agent
//! export`): one reader serves both. Checkpoint and tiles are laid out as C2SP tlog-tiles has them, the feed as
//! `docs/formats.md` §8 has its lines. Whether any of it holds is for whoever reads it to find.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use callboard_federation::{
    disclosure::{Disclosure, DisclosureError},
    dsse::Envelope,
    encoding::{JsonError, from_json, to_json},
    tlog::{
        TlogError,
        checkpoint::SignedCheckpoint,
        merkle::{Tree, leaf_hash},
        tile::{FULL_WIDTH, TileContent, TilePath, bundle, entries, hash_tile},
    },
    zh_en,
};
use serde::{Deserialize, Serialize};

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
    #[error("{}", zh_en!("{path} 无法写入或读取", "{path} can't be written or read", path = path.display()))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of the feed is none.
    #[error("{}", zh_en!("登记内容第{number}行格式有误", "line {number} of the feed is none"))]
    Line {
        /// The line, from 1.
        number: u64,
        /// What is wrong with it.
        source: DisclosureError,
    },
    /// A line of the anchors is none.
    #[error("{}", zh_en!("存证第{number}行格式有误", "line {number} of the anchors is none"))]
    Anchor {
        /// The line, from 1.
        number: u64,
        /// What is wrong with it.
        source: JsonError,
    },
    /// The checkpoint is none, or an entry fits no bundle.
    #[error("{}", zh_en!("检查点：{_0}", "the checkpoint: {_0}"))]
    Checkpoint(#[from] TlogError),
    /// The checkpoint doesn't speak for the lines.
    #[error("{}", zh_en!("检查点与所写入的各行不符", "the checkpoint is not that of the lines that were written"))]
    OfAnother,
}

/// Writes an export, line by line.
pub struct Writer {
    directory: PathBuf,
    feed: BufWriter<fs::File>,
    tree: Tree,
    /// The leaves of the bundle that isn't full yet.
    leaves: Vec<Vec<u8>>,
}

impl Writer {
    /// Begins an export in a directory that holds none.
    ///
    /// # Errors
    /// [`ExportError::File`], also where a feed stands already.
    pub fn create(directory: &Path) -> Result<Self, ExportError> {
        create(directory)?;
        let path = directory.join(FEED);
        let feed = fs::File::create_new(&path).map_err(|source| ExportError::File { path, source })?;
        let feed = BufWriter::new(feed);
        Ok(Self { directory: directory.to_owned(), feed, tree: Tree::new(), leaves: Vec::new() })
    }

    /// Adds the line of the next entry, as it is, without its newline; `leaf` is what the log hashes of it.
    pub fn line(&mut self, line: &[u8], leaf: &[u8]) -> Result<(), ExportError> {
        let write = |feed: &mut BufWriter<fs::File>| {
            feed.write_all(line)?;
            feed.write_all(b"\n")
        };
        write(&mut self.feed).map_err(|source| self.failed(FEED, source))?;
        self.tree.push(leaf_hash(leaf));
        self.leaves.push(leaf.to_vec());
        if self.leaves.len() == usize::from(FULL_WIDTH) { self.write_bundle() } else { Ok(()) }
    }

    /// Writes what is left: anchors, tiles, and last the checkpoint, so that an export that broke off is none.
    ///
    /// # Errors
    /// [`ExportError::OfAnother`] if the checkpoint isn't that of the lines.
    pub fn finish(
        mut self,
        anchors: impl IntoIterator<Item = (u64, Envelope)>,
        note: &SignedCheckpoint,
    ) -> Result<u64, ExportError> {
        let stated = note.checkpoint();
        if stated.size != self.tree.size() || stated.root != self.tree.current_root() {
            return Err(ExportError::OfAnother);
        }
        if !self.leaves.is_empty() {
            self.write_bundle()?;
        }
        self.feed.flush().map_err(|source| self.failed(FEED, source))?;
        let mut lines = Vec::new();
        for (index, anchor) in anchors {
            lines.extend(to_json(&AnchorLine { index, anchor }));
            lines.push(b'\n');
        }
        self.write(ANCHORS, &lines)?;
        for path in tiles_of(self.tree.size()) {
            if let TileContent::Hashes { level } = path.holds {
                let tile = hash_tile(&self.tree, level, path.index, path.width).unwrap_or_default();
                self.write(&path.to_string(), &tile)?;
            }
        }
        self.write(CHECKPOINT, note.to_string().as_bytes())?;
        Ok(self.tree.size())
    }

    fn write_bundle(&mut self) -> Result<(), ExportError> {
        let width = u16::try_from(self.leaves.len()).unwrap_or(FULL_WIDTH);
        let index = (self.tree.size() - 1) / u64::from(FULL_WIDTH);
        let bytes = bundle(std::mem::take(&mut self.leaves))?;
        self.write(&TilePath { holds: TileContent::Entries, index, width }.to_string(), &bytes)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let path = self.directory.join(name);
        create(path.parent().unwrap_or(&self.directory))?;
        fs::write(&path, bytes).map_err(|source| ExportError::File { path, source })
    }

    fn failed(&self, name: &str, source: io::Error) -> ExportError {
        ExportError::File { path: self.directory.join(name), source }
    }
}

/// An export that is there.
#[derive(Debug, Clone)]
pub struct Export {
    directory: PathBuf,
}

impl Export {
    /// The export in a directory; `None` where there is none, or one that broke off.
    pub fn find(directory: &Path) -> Option<Self> {
        let is_there = directory.join(FEED).is_file() && directory.join(CHECKPOINT).is_file();
        is_there.then(|| Self { directory: directory.to_owned() })
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The checkpoint, with every line known of it.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, ExportError> {
        let path = self.directory.join(CHECKPOINT);
        let text = fs::read(&path).map_err(|source| ExportError::File { path, source })?;
        Ok(String::from_utf8_lossy(&text).parse()?)
    }

    /// The lines of the feed, in order; one that a registry's answer ends with is no entry, and ends it here too.
    pub fn lines(&self) -> Result<impl Iterator<Item = Result<Disclosure, ExportError>>, ExportError> {
        let path = self.directory.join(FEED);
        let at = |source| ExportError::File { path: path.clone(), source };
        let file = BufReader::new(fs::File::open(&path).map_err(at)?);
        let failed = path.clone();
        let read = move |(number, line): (u64, io::Result<Vec<u8>>)| match line {
            Ok(line) if line.starts_with(br#"{"checkpoint""#) => None,
            Ok(line) => Some(Disclosure::from_json(&line).map_err(|source| ExportError::Line { number, source })),
            Err(source) => Some(Err(ExportError::File { path: failed.clone(), source })),
        };
        Ok((1..).zip(file.split(b'\n')).map_while(read))
    }

    /// The members' anchors, each with the index of its entry; none, if there is no such file.
    pub fn anchors(&self) -> Result<Vec<(u64, Envelope)>, ExportError> {
        let path = self.directory.join(ANCHORS);
        let lines = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|source| ExportError::File { path, source })?,
        };
        let read = |(number, line): (u64, &[u8])| {
            let AnchorLine { index, anchor } =
                from_json(line).map_err(|source| ExportError::Anchor { number, source })?;
            Ok((index, anchor))
        };
        (1..).zip(lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())).map(read).collect()
    }

    /// The tiles and bundles that aren't those of the leaves.
    pub fn differing_tiles(&self, tree: &Tree) -> Result<Vec<TilePath>, ExportError> {
        let mut differing = Vec::new();
        for path in tiles_of(tree.size()) {
            let file = self.directory.join(path.to_string());
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
mod tests;
