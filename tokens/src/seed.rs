//! The token keys that this service holds: read from its directory once, kept in memory that is wiped.
//!
//! A seed is a file `epoch-N.seed`, 32 bytes in base64, that its owner alone may read.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_federation::{tag::Epoch, token_key::TokenPublicKey};
use zeroize::Zeroizing;

use super::{Evaluate, TokenSecret, TokensError};

/// Longer than any seed file: 44 characters and a line's end.
const MAX_BYTES: u64 = 64;

/// Whoever evaluates batches of one epoch.
pub(super) type Evaluator = Arc<dyn Evaluate + Send + Sync>;

pub(super) struct Seeds(BTreeMap<Epoch, Evaluator>);

pub(super) fn file_name(epoch: Epoch) -> String {
    format!("epoch-{epoch}.seed")
}

impl Seeds {
    /// Reads every seed of a directory; there is one at least.
    pub(super) fn read(dir: &Path, issuer: &str) -> Result<Self, TokensError> {
        let failed = |source| TokensError::File { path: dir.to_owned(), source };
        let mut seeds = BTreeMap::new();
        for entry in fs::read_dir(dir).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("epoch-")?.strip_suffix(".seed"));
            let Some(epoch) = number.and_then(|number| number.parse::<Epoch>().ok()) else { continue };
            // Another spelling of the number would be a second seed of one epoch.
            if name.to_str() == Some(&file_name(epoch)) {
                let seed = read_seed(&dir.join(&name))?;
                seeds.insert(epoch, Arc::new(TokenSecret::derive(&seed, issuer, epoch)?) as Evaluator);
            }
        }
        if seeds.is_empty() { Err(TokensError::NoSeed { path: dir.to_owned() }) } else { Ok(Self(seeds)) }
    }

    pub(super) fn of(&self, epoch: Epoch) -> Option<&Evaluator> {
        self.0.get(&epoch)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = (Epoch, TokenPublicKey)> {
        self.0.iter().map(|(epoch, key)| (*epoch, key.public()))
    }
}

fn read_seed(path: &Path) -> Result<Zeroizing<[u8; 32]>, TokensError> {
    let failed = |source| TokensError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    // Asked of the open file, so that nobody swaps it in between.
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(TokensError::SeedMode { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(Vec::with_capacity(64));
    file.take(MAX_BYTES).read_to_end(&mut text).map_err(failed)?;
    let mut raw = Zeroizing::new([0; 48]);
    let malformed = || failed(io::Error::new(io::ErrorKind::InvalidData, "not base64 of 32 bytes"));
    let length = STANDARD.decode_slice(text.trim_ascii_end(), raw.as_mut()).map_err(|_| malformed())?;
    let mut seed = Zeroizing::new([0; 32]);
    if length != seed.len() {
        return Err(malformed());
    }
    seed.copy_from_slice(&raw[..length]);
    Ok(seed)
}
