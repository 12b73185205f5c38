//! A signature beside its bundle, `NAME.SEAT-KEY.DOCKET.sig`: strict JSON, to be carried back to whoever hands the docket in.
//! The name says whose it is and of which docket, so that no two of several seats and dockets have one name.

use std::{
    io,
    path::{Path, PathBuf},
};

use callboard_client::create_new;
use callboard_federation::{
    dsse::SignatureLine,
    encoding::{Hash, JsonError, KeyId, Signature, from_json, to_json},
    zh_en,
};
use serde::{Deserialize, Serialize};

/// As much of a holder's name as a file's name has room for, in any script.
const HOLDER_CHARACTERS: usize = 32;
/// As much of a key's id, and of a docket's hash, as tells them apart on one desk.
const HEX_CHARACTERS: usize = 8;

/// One signature of a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// The file's version, 1.
    pub v: u64,
    /// SHA-256 of the payload that was signed.
    pub docket: Hash,
    /// Whose signature.
    pub keyid: KeyId,
    /// The signature.
    pub sig: Signature,
}

/// Why there is no such signature.
#[derive(Debug, thiserror::Error)]
pub enum SignatureFileError {
    /// It can't be read or written.
    #[error("{path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Not a signature file.
    #[error("{}", zh_en!("{path} 不是签名文件", "{path} is no signature file", path = path.display()))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: JsonError,
    },
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("{path}：只认版本1", "{path}: only version 1 is known", path = path.display()))]
    Version {
        /// The file.
        path: PathBuf,
    },
    /// A signature of another docket.
    #[error("{}", zh_en!("{path} 签署的是另一文书：{got}，应为 {expected}",
        "{path} signs another docket: {got}, not {expected}", path = path.display()))]
    OfAnother {
        /// The file.
        path: PathBuf,
        /// The docket to be handed in.
        expected: Hash,
        /// The docket that was signed.
        got: Hash,
    },
}

impl SignatureFile {
    /// The file of a signature.
    pub const fn new(docket: Hash, line: &SignatureLine) -> Self {
        Self { v: 1, docket, keyid: line.keyid, sig: line.sig }
    }

    /// Where it stands: beside its bundle, named for the seat and the docket.
    pub fn path(&self, bundle: &Path, holder: &str) -> PathBuf {
        // A holder's name is any text; two that are alike as a file's name have other keys.
        let holder: String = holder.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let holder: String = holder.chars().take(HOLDER_CHARACTERS).collect();
        let begins = |hex: String| hex.chars().take(HEX_CHARACTERS).collect::<String>();
        let (key, docket) = (begins(self.keyid.to_string()), begins(self.docket.to_string()));
        bundle.with_extension(format!("{holder}-{key}.{docket}.sig"))
    }

    /// Writes it; the same signature again is no other file.
    ///
    /// # Errors
    /// [`SignatureFileError::Io`], also where something else stands there.
    pub fn write(&self, path: &Path) -> Result<(), SignatureFileError> {
        let mut text = to_json(self);
        text.push(b'\n');
        if std::fs::read(path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        create_new::write(path, create_new::PUBLIC, &text)
            .map_err(|source| SignatureFileError::Io { path: path.to_owned(), source })
    }

    fn read(path: &Path) -> Result<Self, SignatureFileError> {
        let at = || path.to_owned();
        let bytes = std::fs::read(path).map_err(|source| SignatureFileError::Io { path: at(), source })?;
        let file: Self = from_json(&bytes).map_err(|source| SignatureFileError::Malformed { path: at(), source })?;
        if file.v == 1 { Ok(file) } else { Err(SignatureFileError::Version { path: at() }) }
    }
}

/// The signatures of a docket, each key once, in the order of the files.
///
/// # Errors
/// [`SignatureFileError`]; whether a signature verifies is told by whoever has the roster.
pub fn gather(docket: Hash, paths: &[PathBuf]) -> Result<Vec<SignatureLine>, SignatureFileError> {
    let mut lines: Vec<SignatureLine> = Vec::with_capacity(paths.len());
    for path in paths {
        let file = SignatureFile::read(path)?;
        if file.docket != docket {
            return Err(SignatureFileError::OfAnother { path: path.clone(), expected: docket, got: file.docket });
        }
        if !lines.iter().any(|line| line.keyid == file.keyid) {
            lines.push(SignatureLine { keyid: file.keyid, sig: file.sig });
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use callboard_federation::dsse::PayloadType;
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn signatures_of_one_docket_are_gathered_each_key_once() {
        let dir = tempfile::tempdir().unwrap();
        let bundle = dir.path().join("a.bundle");
        let docket = Hash::of(b"payload");
        let sign = |seed| {
            let line = SignatureLine::of(&SigningKey::from_bytes(&[seed; 32]), PayloadType::Docket, b"payload");
            let file = SignatureFile::new(docket, &line);
            let path = file.path(&bundle, "席位 1/..");
            file.write(&path).unwrap();
            (path, line)
        };
        let ((first, one), (second, two)) = (sign(1), sign(2));
        let name = first.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("a.席位_1___-") && first.extension() == Some("sig".as_ref()), "{name}");
        assert_eq!(first.parent(), bundle.parent());
        assert_ne!(first, second, "two keys of one name");
        let other = SignatureFile { docket: Hash::of(b"other"), ..SignatureFile::new(docket, &one) };
        assert_ne!(other.path(&bundle, "席位 1/.."), first, "two dockets of one name");
        assert_eq!(sign(1).0, first, "signing again changes nothing");
        assert_eq!(gather(docket, &[first.clone(), second, first.clone()]).unwrap(), [one, two]);
        let refused = gather(Hash::of(b"other"), &[first]);
        assert!(matches!(refused, Err(SignatureFileError::OfAnother { .. })));
    }
}
