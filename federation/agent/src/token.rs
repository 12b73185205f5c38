//! `api.token`: what whoever asks the agent over TCP shows, since any page and any user of the machine can connect.
//!
//! 32 random bytes in the agent's directory, made at the first start; `callboard-agent token` prints them. The agent looks at
//! the file at each request, so that one that was rotated counts at once and the one before doesn't any more. What it guards
//! is [`crate::api`]'s.

use std::path::Path;

use callboard_federation::encoding::Hash;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{
    file_error::FileError,
    secret_file::{self, CachedFile},
};

pub const FILE: &str = "api.token";
/// Random bytes of a token.
const BYTES: usize = 32;

/// What is shown as `Authorization: Bearer …`: 64 characters of hex.
pub struct Token(Zeroizing<String>);

impl Token {
    fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        rng.fill_bytes(&mut *bytes);
        Self(Zeroizing::new(Hash::from_bytes(*bytes).to_string()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub fn read(directory: &Path) -> Result<Token, FileError> {
    read_at(&directory.join(FILE))
}

pub fn read_at(path: &Path) -> Result<Token, FileError> {
    let text = secret_file::read(path)?;
    let token = text.trim();
    let is_token = token.len() == 2 * BYTES && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_token {
        return Err(secret_file::malformed(path, "no token: `callboard-agent token --rotate` makes one"));
    }
    Ok(Token(Zeroizing::new(token.to_owned())))
}

/// Reads the token, or makes it.
pub fn open(directory: &Path, rng: &mut impl CryptoRng) -> Result<Token, FileError> {
    let path = directory.join(FILE);
    if !path.exists() {
        secret_file::make(&path, Token::draw(rng).as_str())?;
    }
    read_at(&path)
}

/// Makes another token; the one before is none any more.
pub fn rotate(directory: &Path, rng: &mut impl CryptoRng) -> Result<Token, FileError> {
    let token = Token::draw(rng);
    secret_file::replace(&directory.join(FILE), token.as_str())?;
    Ok(token)
}

pub(crate) struct TokenFile(CachedFile<Token>);

impl TokenFile {
    /// The file of an agent's directory, made if it isn't there.
    pub(crate) fn open(directory: &Path, rng: &mut impl CryptoRng) -> Result<Self, FileError> {
        open(directory, rng)?;
        Ok(Self(CachedFile::new(directory.join(FILE))))
    }

    /// Whether this is the token; how long it takes tells nothing of it.
    pub(crate) fn accepts(&self, shown: &[u8]) -> Result<bool, FileError> {
        Ok(self.0.get(read_at)?.as_str().as_bytes().ct_eq(shown).into())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use callboard_client::runtime::os_rng;

    use super::*;

    #[test]
    fn one_token_counts_the_newest_and_none_that_others_may_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = TokenFile::open(directory.path(), &mut os_rng()).unwrap();
        let path = directory.path().join(FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let first = read(directory.path()).unwrap();
        assert_eq!(open(directory.path(), &mut os_rng()).unwrap().as_str(), first.as_str(), "it is made once");
        assert!(file.accepts(first.as_str().as_bytes()).unwrap());
        for wrong in ["", "0", &first.as_str()[1..], &first.as_str().to_uppercase(), &"0".repeat(64)] {
            assert!(!file.accepts(wrong.as_bytes()).unwrap(), "{wrong}");
        }
        let second = rotate(directory.path(), &mut os_rng()).unwrap();
        assert!(!file.accepts(first.as_str().as_bytes()).unwrap() && file.accepts(second.as_str().as_bytes()).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read(directory.path()), Err(FileError::OpenToOthers(_))));
        fs::remove_file(&path).unwrap();
        assert!(file.accepts(second.as_str().as_bytes()).is_err());
    }
}
