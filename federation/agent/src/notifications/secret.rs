//! `hook.secret`: what calls to the platform's hook are signed with, so that it takes none but its own agent's.
//!
//! A secret of Standard Webhooks in the agent's directory, made at the first start. Who takes the file away and starts the
//! agent again has another.

use std::path::Path;

use callboard_federation::webhook::Secret;
use rand_core::CryptoRng;

use crate::{file_error::FileError, secret_file};

pub const FILE: &str = "hook.secret";

pub fn read(directory: &Path) -> Result<Secret, FileError> {
    let path = directory.join(FILE);
    let text = secret_file::read(&path)?;
    text.parse().map_err(|_| secret_file::malformed(&path, "no secret of Standard Webhooks"))
}

/// Reads the secret, or makes it.
pub(crate) fn open(directory: &Path, rng: &mut impl CryptoRng) -> Result<Secret, FileError> {
    let path = directory.join(FILE);
    if !path.exists() {
        secret_file::make(&path, &Secret::draw(rng).text())?;
    }
    read(directory)
}
