//! The log's key file, made once, when a registry is set up: base64 of the 32-byte Ed25519 seed and a newline, mode
//! 0600.
//!
//! The registry signs without anyone typing a passphrase, so the file has none; who reads it can fork the log, which
//! its witnesses see, and can't forge a decision. Signing with it is `ledger::checkpoint`'s.

use std::{
    io,
    path::{Path, PathBuf},
};

use callboard_client::create_new;
use callboard_federation::{
    encoding::{Octets, PublicKey},
    tlog::vkey::{KeyName, SignatureType, VerifierKey},
    zh_en,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The log has no new key: one is there already, and a log has one for life, or the file can't be written.
#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("登记册签名密钥无法写入 {path}",
    "the log's key can't be written to {path}", path = path.display()))]
pub struct LogKeyFileError {
    path: PathBuf,
    source: io::Error,
}

/// Makes the key of the log `origin` where none stands yet; gives what verifies its checkpoints.
pub fn make_log_key(path: &Path, origin: KeyName, rng: &mut impl CryptoRng) -> Result<VerifierKey, LogKeyFileError> {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    let text = Zeroizing::new(format!("{}\n", Octets(*seed)));
    create_new::write(path, create_new::PRIVATE, text.as_bytes())
        .map_err(|source| LogKeyFileError { path: path.to_owned(), source })?;
    Ok(VerifierKey::new(origin, SignatureType::Note, PublicKey::of(&(*seed).into())))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use ed25519_dalek::SigningKey;
    use rand_core::UnwrapErr;

    use super::*;

    #[test]
    fn a_log_has_one_key_and_the_registry_alone_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.key");
        let make = || make_log_key(&path, "callboard.test".parse().unwrap(), &mut UnwrapErr(rand::rngs::SysRng));
        let key = make().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let seed: Octets<32> = text.strip_suffix('\n').unwrap().parse().unwrap();
        assert_eq!(*key.key(), PublicKey::of(&SigningKey::from_bytes(&seed.0)));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(make().is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}
