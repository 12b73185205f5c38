//! A signature beside its bundle, `NAME.SEAT-KEY.DOCKET.sig`: strict JSON, to be carried back to whoever hands the docket in.
//! The name says whose it is and of which docket, so that no two of several seats and dockets have one name.

use std::path::{Path, PathBuf};

use callboard_client::{create_new, file_name};
use callboard_federation::{
    dsse::SignatureLine,
    encoding::{Hash, KeyId, Signature, from_json, to_json},
    zh_en,
};
use serde::{Deserialize, Serialize};

use super::error::{Error, named};

/// As much of a holder's name as a file's name has room for, in any script.
const HOLDER_CHARACTERS: usize = 32;
/// As much of a key's id, and of a docket's hash, as tells them apart on one desk.
const HEX_CHARACTERS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// The file's version, 1.
    pub v: u64,
    /// SHA-256 of the payload that was signed.
    pub docket: Hash,
    pub keyid: KeyId,
    pub sig: Signature,
}

impl SignatureFile {
    pub const fn new(docket: Hash, line: &SignatureLine) -> Self {
        Self { v: 1, docket, keyid: line.keyid, sig: line.sig }
    }

    /// Where it stands: beside its bundle, named for the seat and the docket.
    pub fn path(&self, bundle: &Path, holder: &str) -> PathBuf {
        // A holder's name is any text; two that are alike as a file's name have other keys.
        let holder: String = file_name::portable(holder).chars().take(HOLDER_CHARACTERS).collect();
        let begins = |hex: String| hex.chars().take(HEX_CHARACTERS).collect::<String>();
        let (key, docket) = (begins(self.keyid.to_string()), begins(self.docket.to_string()));
        bundle.with_extension(format!("{holder}-{key}.{docket}.sig"))
    }

    /// Writes it; the same signature again is no other file.
    ///
    /// # Errors
    /// Also where something else stands there.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut text = to_json(self);
        text.push(b'\n');
        if std::fs::read(path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        create_new::write(path, create_new::PUBLIC, &text).map_err(Error::io(path))
    }

    fn read(path: &Path) -> Result<Self, Error> {
        let shown = named(path);
        let bytes = std::fs::read(path).map_err(Error::io(path))?;
        let file: Self = from_json(&bytes).map_err(|source| {
            Error::other("signature-malformed", || zh_en!("{shown} 不是签名文件", "{shown} is no signature file"))
                .because(source)
        })?;
        let version =
            || Error::other("signature-version", || zh_en!("{shown}：只认版本1", "{shown}: only version 1 is known"));
        if file.v == 1 { Ok(file) } else { Err(version()) }
    }
}

/// The signatures of a docket, each key once, in the order of the files.
///
/// # Errors
/// Whether a signature verifies is told by whoever has the roster.
pub fn gather(docket: Hash, paths: &[PathBuf]) -> Result<Vec<SignatureLine>, Error> {
    let mut lines: Vec<SignatureLine> = Vec::with_capacity(paths.len());
    for path in paths {
        let file = SignatureFile::read(path)?;
        if file.docket != docket {
            return Err(Error::OfAnother { path: path.clone(), expected: docket, got: file.docket });
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
        assert!(matches!(refused, Err(Error::OfAnother { .. })));
    }
}
