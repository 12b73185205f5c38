//! `hook.secret`: what calls to the platform's hook are signed with, so that it takes none but its own agent's.
//!
//! A secret of Standard Webhooks in the agent's directory, mode 0600, made at the first start. Who takes the file away and
//! starts the agent again has another.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use callboard_client::new_file;
use callboard_federation::webhook::Secret;
use rand_core::CryptoRng;

/// The file's name in the agent's directory.
pub const FILE: &str = "hook.secret";

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file.
    #[error("the hook's secret, {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others may read it.
    #[error("others may read the hook's secret, {path}: take it away and start again, and tell the hook the new one", path = .0.display())]
    Mode(PathBuf),
}

/// Reads the secret of an agent's directory.
pub fn read(directory: &Path) -> Result<Secret, SecretError> {
    let path = directory.join(FILE);
    let io_at = |source| SecretError::Io { path: path.clone(), source };
    if fs::metadata(&path).map_err(io_at)?.permissions().mode() & 0o077 != 0 {
        return Err(SecretError::Mode(path));
    }
    let text = zeroize::Zeroizing::new(fs::read_to_string(&path).map_err(io_at)?);
    text.parse().map_err(|error| io_at(io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// Reads the secret, or makes it.
pub(crate) fn open(directory: &Path, rng: &mut impl CryptoRng) -> Result<Secret, SecretError> {
    let path = directory.join(FILE);
    if !path.exists() {
        let text = zeroize::Zeroizing::new(format!("{}\n", *Secret::draw(rng).text()));
        new_file::write(&path, new_file::PRIVATE, text.as_bytes())
            .map_err(|source| SecretError::Io { path, source })?;
    }
    read(directory)
}
