//! Words that nobody guesses: tokens, cookies, and what forms bear.

use callboard_client::runtime::os_rng;
use callboard_federation::encoding::Hash;
use rand_core::Rng as _;

/// A new one, of 256 bits.
pub(crate) fn word() -> String {
    let mut bytes = [0; 32];
    os_rng().fill_bytes(&mut bytes);
    Hash::of(&bytes).to_string()
}

/// Compares hashes: how long it takes tells nothing of the words.
pub(crate) fn is_same(given: &str, own: &str) -> bool {
    Hash::of(given.as_bytes()) == Hash::of(own.as_bytes())
}
