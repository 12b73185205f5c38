//! The people whom a secretariat's seat has to do with: from a name or a number to records, letters and drafts.
//!
//! An index in the seat's home, gathered from whatever its key opens ([`gather`]): drafts at the registry, of whichever
//! roster, and bundles that lie in the home. It is no source: whoever deletes it has it again at the next look. What an
//! erasure names leaves it, and leaves the home ([`erased`]).
//!
//! # How it lies on the disk
//!
//! Each of its files is an `age` file to the seat's own key, and none is called by what is in it ([`shards`]):
//!
//! | file | holds |
//! |---|---|
//! | `key` | 32 random bytes |
//! | `seen` | which drafts and files were read already |
//! | `t-000` … `t-fff` | terms, each by SHA-256 of the key and the term, with where it leads: a docket, and an item of it |
//! | `d-000` … `d-fff` | dockets, each with its people |
//!
//! A term lies in the file that its hash begins with, a docket in that of its own. So a search opens one file for each way
//! to read what was typed, and one for each docket that it leads to, however many people there are: at 100,000 people a
//! file of terms has about 10 kB. Who sees the files sees how many there are, and which changed; the hashes in their names
//! are of no use without the key.
//!
//! In reading order: [`entry`], what is kept of a docket; [`term`], by what it is found; [`shards`]; [`search`].

pub mod entry;
pub mod erased;
pub mod gather;
pub mod search;
mod shards;
mod term;

use std::path::{Path, PathBuf};

use callboard_keys::SeatKey;
use rand_core::CryptoRng;

use crate::Error;
use shards::Shards;

/// The directory of the index within a home.
const DIRECTORY: &str = "people";

/// The index of one seat, open.
pub struct Index<'k> {
    shards: Shards<'k>,
}

impl<'k> Index<'k> {
    /// Opens the index in a home; nothing where there is none, or where it is another key's.
    pub fn open(home: &Path, key: &'k SeatKey) -> Result<Option<Self>, Error> {
        Ok(Shards::open(&directory(home), key)?.map(|shards| Self { shards }))
    }

    /// The same, or an empty one in its place: for the one who keeps it.
    pub fn make(home: &Path, key: &'k SeatKey, rng: &mut impl CryptoRng) -> Result<Self, Error> {
        Ok(Self { shards: Shards::make(&directory(home), key, rng)? })
    }

    /// Removes it: the next look makes it anew.
    pub fn discard(home: &Path) -> Result<(), Error> {
        shards::discard(&directory(home))
    }
}

fn directory(home: &Path) -> PathBuf {
    home.join(DIRECTORY)
}

#[cfg(test)]
mod tests;
