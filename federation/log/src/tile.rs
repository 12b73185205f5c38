//! Tiles: how the log publishes its hashes and entries as immutable files.
//!
//! Paths and contents alone; who writes and serves them is the registry's ledger. Implements *Merkle Tree* and *Log
//! entries* of C2SP tlog-tiles.

use std::{fmt, str::FromStr};

use super::{TlogError, decimal, merkle::Tree};

/// The hashes of a full tile, the entries of a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// The levels of the tree that one level of tiles spans: 2⁸ = [`FULL_WIDTH`].
const TILE_HEIGHT: u32 = 8;

/// The highest level that a path may name.
const MAX_LEVEL: u8 = 63;

/// Which tile: `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`, below the log's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TilePath {
    /// What the file holds.
    pub holds: TileContent,
    /// Which of its level, from 0.
    pub index: u64,
    /// How many hashes or entries: 1 to [`FULL_WIDTH`]; less than that is a partial tile.
    pub width: u16,
}

/// What a tile's file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TileContent {
    /// 32-byte hashes, concatenated; those of leaves at level 0, roots of full tiles of the level below above it.
    Hashes {
        /// The level of tiles, 0 to 63.
        level: u8,
    },
    /// Entries, each after its length.
    Entries,
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holds {
            TileContent::Hashes { level } => write!(f, "tile/{level}")?,
            TileContent::Entries => f.write_str("tile/entries")?,
        }
        for group in (1..=self.index.checked_ilog(1000).unwrap_or(0)).rev() {
            write!(f, "/x{:03}", self.index / 1000_u64.pow(group) % 1000)?;
        }
        write!(f, "/{:03}", self.index % 1000)?;
        if self.width == FULL_WIDTH { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for TilePath {
    type Err = TlogError;

    fn from_str(text: &str) -> Result<Self, TlogError> {
        let read = || {
            let (level, rest) = text.strip_prefix("tile/")?.split_once('/')?;
            let holds = if level == "entries" {
                TileContent::Entries
            } else {
                TileContent::Hashes { level: u8::try_from(decimal(level)?).ok().filter(|level| *level <= MAX_LEVEL)? }
            };
            let (path, width) = match rest.split_once(".p/") {
                Some((path, width)) => (path, u16::try_from(decimal(width)?).ok().filter(|w| *w < FULL_WIDTH)?),
                None => (rest, FULL_WIDTH),
            };
            let index = path.split('/').try_fold(0_u64, |index, group| {
                let digits = group.strip_prefix('x').unwrap_or(group);
                index.checked_mul(1000)?.checked_add(digits.parse().ok()?)
            })?;
            Some(Self { holds, index, width })
        };
        // One spelling: what would print otherwise (an `x` too many, a group too few digits) is no path.
        let indexable = |path: &Self| path.width > 0 && path.index < crate::encoding::INTEGER_LIMIT;
        read().filter(indexable).filter(|path| path.to_string() == text).ok_or(TlogError::TilePath)
    }
}

/// The bytes of tile `index` of `level`, `width` hashes wide; `None` if the tree doesn't have them all, or there are
/// none.
pub fn hash_tile(tree: &Tree, level: u8, index: u64, width: u16) -> Option<Vec<u8>> {
    if width == 0 || width > FULL_WIDTH {
        return None;
    }
    let first = index.checked_mul(u64::from(FULL_WIDTH))?;
    let mut bytes = Vec::with_capacity(32 * usize::from(width));
    for at in first..first.checked_add(u64::from(width))? {
        bytes.extend_from_slice(tree.subtree(u32::from(level) * TILE_HEIGHT, at)?.as_bytes());
    }
    Some(bytes)
}

/// The bundle of `entries`: each after its length, 2 bytes big-endian.
///
/// # Errors
/// [`TlogError::Bundle`] for no entry, more than [`FULL_WIDTH`], or one of more than 65,535 bytes.
pub fn bundle(entries: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Vec<u8>, TlogError> {
    let mut bytes = Vec::new();
    let mut width = 0;
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| TlogError::Bundle)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
        width += 1;
    }
    if (1..=FULL_WIDTH).contains(&width) { Ok(bytes) } else { Err(TlogError::Bundle) }
}

/// The entries of a bundle, in order.
///
/// # Errors
/// [`TlogError::Bundle`] if the bytes end within an entry, or hold none or more than [`FULL_WIDTH`].
pub fn entries(mut bundle: &[u8]) -> Result<Vec<&[u8]>, TlogError> {
    let mut entries = Vec::new();
    while !bundle.is_empty() && entries.len() < usize::from(FULL_WIDTH) {
        let (length, rest) = bundle.split_first_chunk().ok_or(TlogError::Bundle)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or(TlogError::Bundle)?;
        entries.push(entry);
        bundle = rest;
    }
    if entries.is_empty() || !bundle.is_empty() { Err(TlogError::Bundle) } else { Ok(entries) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::{leaf_hash, node_hash};

    const fn hashes(level: u8, index: u64, width: u16) -> TilePath {
        TilePath { holds: TileContent::Hashes { level }, index, width }
    }

    #[test]
    fn a_path_has_one_spelling() {
        for (path, text) in [
            (hashes(0, 0, 256), "tile/0/000"),
            (hashes(0, 273, 112), "tile/0/273.p/112"),
            (hashes(63, 1_234_067, 256), "tile/63/x001/x234/067"),
            (hashes(1, 1_000, 1), "tile/1/x001/000.p/1"),
            (TilePath { holds: TileContent::Entries, index: 999, width: 255 }, "tile/entries/999.p/255"),
        ] {
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse(), Ok(path));
        }
        for wrong in [
            "tile/0/0",
            "tile/0/x000/001",
            "tile/0/x001/x234",
            "tile/0/001/234",
            "tile/0/x1/234",
            "tile/0/+01",
            "tile/00/000",
            "tile/64/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000/",
            "tile/0/x009/x007/x199/x254/x740/992",
            "tile/entries/",
            "/tile/0/000",
            "tile/data/000",
        ] {
            assert_eq!(wrong.parse::<TilePath>(), Err(TlogError::TilePath), "{wrong}");
        }
    }

    #[test]
    fn a_tile_holds_the_hashes_of_the_tree() {
        let tree: Tree = (0..515_u64).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let leaves = hash_tile(&tree, 0, 2, 3).unwrap();
        assert_eq!(leaves.len(), 96);
        assert_eq!(&leaves[64..], leaf_hash(&514_u64.to_be_bytes()).as_bytes());
        let roots = hash_tile(&tree, 1, 0, 2).unwrap();
        let (first, second) = (roots[..32].try_into().unwrap(), roots[32..].try_into().unwrap());
        let from_bytes = crate::encoding::Hash::from_bytes;
        assert_eq!(Some(node_hash(&from_bytes(first), &from_bytes(second))), tree.root(512));
        for (level, index, width) in
            [(0, 2, 4), (0, 3, 1), (0, 0, 0), (0, 0, 257), (1, 0, 3), (2, 0, 1), (0, u64::MAX, 1)]
        {
            assert_eq!(hash_tile(&tree, level, index, width), None, "level {level}, tile {index}, width {width}");
        }
    }

    #[test]
    fn a_bundle_that_is_cut_or_too_wide_is_refused() {
        assert_eq!(bundle(["a", ""]).unwrap(), [0, 1, b'a', 0, 0]);
        assert_eq!(entries(&[0, 1, b'a', 0, 0]).unwrap(), [&b"a"[..], b""]);
        for wrong in [&[][..], &[0], &[0, 1], &[0, 1, b'a', 0], &[0; 514]] {
            assert_eq!(entries(wrong), Err(TlogError::Bundle));
        }
        assert_eq!(bundle([""; 257]), Err(TlogError::Bundle));
        assert_eq!(bundle([""; 0]), Err(TlogError::Bundle));
        assert_eq!(bundle([vec![0; 65_536]]), Err(TlogError::Bundle));
    }

    proptest! {
        #[test]
        fn every_path_is_read_as_it_prints(level in 0..=63_u8, index in 0..1_u64 << 53, width in 1..=256_u16) {
            prop_assert_eq!(hashes(level, index, width).to_string().parse(), Ok(hashes(level, index, width)));
        }
    }
}
