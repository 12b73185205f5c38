//! The files of the index: each an `age` file to the seat's key, whole or not there.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use callboard_client::create_new;
use callboard_federation::{
    encoding::{Base64, Hash, from_json, to_json},
    zh_en,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{
    entry::{IndexedDocket, Reference},
    term::Term,
};
use crate::Error;
use callboard_keys::age_file;

const KEY: &str = "key";
const SEEN: &str = "seen";
/// The most bytes of one file, decrypted: a shard whose people are all called the same, a thousand times over.
const MAX_BYTES: u64 = 256 * 1_024 * 1_024;
/// What an index says that doesn't open.
const DAMAGED: &str = "index-damaged";

/// The references of the terms of one file, by the terms' hashes.
pub(super) type TermFile = BTreeMap<String, Vec<Reference>>;

pub(super) struct Shards<'k> {
    directory: PathBuf,
    key: &'k SeatKey,
    secret: Zeroizing<Vec<u8>>,
}

impl<'k> Shards<'k> {
    pub(super) fn open(directory: &Path, key: &'k SeatKey) -> Result<Option<Self>, Error> {
        let mut shards = Self { directory: directory.to_owned(), key, secret: Zeroizing::default() };
        if !shards.path(KEY).exists() {
            return Ok(None);
        }
        match shards.read::<Base64>(KEY) {
            Ok(secret) => shards.secret = Zeroizing::new(secret.0),
            Err(error) if is_damaged(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
        Ok(Some(shards))
    }

    pub(super) fn make(directory: &Path, key: &'k SeatKey, rng: &mut impl CryptoRng) -> Result<Self, Error> {
        if let Some(shards) = Self::open(directory, key)? {
            return Ok(shards);
        }
        discard(directory)?;
        fs::create_dir_all(directory).map_err(Error::io(directory))?;
        let mut secret = Zeroizing::new(vec![0; 32]);
        rng.fill_bytes(&mut secret);
        let shards = Self { directory: directory.to_owned(), key, secret };
        shards.write(KEY, &Base64(shards.secret.to_vec()))?;
        Ok(shards)
    }

    pub(super) fn seen<T: DeserializeOwned + Default>(&self) -> Result<T, Error> {
        self.read_or_nothing(SEEN)
    }

    pub(super) fn keep_seen<T: Serialize>(&self, seen: &T) -> Result<(), Error> {
        self.write(SEEN, seen)
    }

    /// The file that a term lies in, and what it is called there.
    pub(super) fn of_term(&self, term: &Term) -> (u16, String) {
        let hash = Hash::of_parts([self.secret.as_slice(), b"term", term.as_str().as_bytes()]);
        let mut called = hash.to_string();
        called.truncate(32);
        (shard_of(&hash), called)
    }

    /// The file that a docket lies in.
    pub(super) fn of_docket(&self, docket: &Hash) -> u16 {
        shard_of(&Hash::of_parts([self.secret.as_slice(), b"docket", docket.as_bytes()]))
    }

    pub(super) fn terms(&self, shard: u16) -> Result<TermFile, Error> {
        self.read_or_nothing(&name('t', shard))
    }

    pub(super) fn keep_terms(&self, shard: u16, terms: &TermFile) -> Result<(), Error> {
        self.write_or_remove(&name('t', shard), terms, terms.is_empty())
    }

    pub(super) fn dockets(&self, shard: u16) -> Result<Vec<IndexedDocket>, Error> {
        self.read_or_nothing(&name('d', shard))
    }

    pub(super) fn keep_dockets(&self, shard: u16, dockets: &[IndexedDocket]) -> Result<(), Error> {
        self.write_or_remove(&name('d', shard), &dockets, dockets.is_empty())
    }

    pub(super) const fn key(&self) -> &SeatKey {
        self.key
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn read_or_nothing<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, Error> {
        if self.path(name).exists() { self.read(name) } else { Ok(T::default()) }
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        let path = self.path(name);
        let file = fs::File::open(&path).map_err(Error::io(&path))?;
        let json = age_file::open(io::BufReader::new(file), self.key.identity(), MAX_BYTES).map_err(|_| damaged())?;
        from_json(&json).map_err(|_| damaged())
    }

    fn write<T: Serialize + ?Sized>(&self, name: &str, content: &T) -> Result<(), Error> {
        let path = self.path(name);
        let json = Zeroizing::new(to_json(&content));
        let sealed = age_file::seal([self.key.recipient()], &json).ok_or_else(|| {
            Error::other("seal-recipients", || zh_en!("无法加密给此密钥", "it can't be encrypted to this key"))
        })?;
        create_new::replace(&path, create_new::PRIVATE, &sealed).map_err(Error::io(&path))
    }

    fn write_or_remove<T: Serialize + ?Sized>(&self, name: &str, content: &T, is_empty: bool) -> Result<(), Error> {
        let path = self.path(name);
        match is_empty.then(|| fs::remove_file(&path)) {
            None => self.write(name, content),
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(Error::Io { path, source: error }),
            Some(_) => Ok(()),
        }
    }
}

/// Removes an index; one that isn't there is none.
pub(super) fn discard(directory: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::Io { path: directory.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Whether an index is to be made anew.
pub(super) fn is_damaged(error: &Error) -> bool {
    error.code() == DAMAGED
}

fn damaged() -> Error {
    Error::other(DAMAGED, || {
        zh_en!(
            "人员索引已损坏，或者属于另一密钥：请重建",
            "the index of people is damaged, or another key's: make it anew"
        )
    })
}

/// The first 12 bits.
fn shard_of(hash: &Hash) -> u16 {
    let [first, second, ..] = hash.as_bytes();
    (u16::from(*first) << 4) | (u16::from(*second) >> 4)
}

fn name(of: char, shard: u16) -> String {
    format!("{of}-{shard:03x}")
}
