//! `book.key`: what the tag book and the log of checks are encrypted under, and what their rows are looked up by.
//!
//! 32 random bytes in base64, mode 0600, made at the first start. Without it the book is of no use to anybody, its owner
//! included; `docs/keys.md` says who keeps a copy. Derived from it by HKDF-SHA256: one key for lookups, one for values.

use std::{fs, io, os::unix::fs::PermissionsExt as _, path::Path};

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use callboard_client::create_new;
use callboard_federation::{encoding::Octets, zh_en};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::BookError;
use crate::{file_error::FileError, store::Lookup};

/// Bytes of a nonce, which stands before each ciphertext.
const NONCE: usize = 12;

pub struct BookKey {
    lookup: Hmac<Sha256>,
    values: Aes256Gcm,
}

impl BookKey {
    /// Reads the file, or makes it.
    pub fn open(path: &Path, rng: &mut impl CryptoRng) -> Result<Self, BookError> {
        let name = || zh_en!("身份代码簿的密钥 {path}", "the book's key, {path}", path = path.display());
        let io_at = |source| FileError::Io { what: name(), source };
        if !path.exists() {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill_bytes(&mut *bytes);
            let text = Zeroizing::new(format!("{}\n", Octets(*bytes)));
            create_new::write(path, create_new::PRIVATE, text.as_bytes()).map_err(io_at)?;
        }
        if fs::metadata(path).map_err(io_at)?.permissions().mode() & 0o077 != 0 {
            return Err(BookError::File(FileError::OpenToOthers(zh_en!(
                "他人可以读取身份代码簿的密钥 {path}：请执行 chmod 600，并查明是谁放宽了权限",
                "others may read the book's key, {path}: chmod 600 it, and ask who did",
                path = path.display()
            ))));
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(io_at)?);
        let malformed = || io_at(io::Error::new(io::ErrorKind::InvalidData, "not 32 bytes in base64"));
        let Octets(bytes) = text.trim_end().parse::<Octets<32>>().map_err(|_| malformed())?;
        Self::of_bytes(&Zeroizing::new(bytes)).ok_or_else(|| malformed().into())
    }

    /// The keys of 32 bytes; there are always some.
    fn of_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let derived = |info: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, bytes).expand(info, &mut *key).ok()?;
            Some(key)
        };
        let (lookup, values) = (derived(b"callboard/book/lookup/v1")?, derived(b"callboard/book/values/v1")?);
        let lookup = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&*lookup).ok()?;
        Some(Self { lookup, values: Aes256Gcm::new((&*values).into()) })
    }

    pub fn lookup(&self, kind: &str, parts: &[&[u8]]) -> Lookup {
        let mut mac = self.lookup.clone();
        mac.update(kind.as_bytes());
        for part in parts {
            mac.update(&[0]);
            mac.update(part);
        }
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        std::array::from_fn(|at| whole[at])
    }

    /// Encrypts a value for its place: nonce, then ciphertext with its tag.
    pub fn seal(&self, place: &[u8], value: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let payload = Payload { msg: value, aad: place };
        // It fails for values of 64 GiB alone, and those aren't held.
        let ciphertext = self.values.encrypt((&nonce).into(), payload).unwrap_or_default();
        [&nonce[..], &ciphertext].concat()
    }

    pub fn open_value(&self, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, BookError> {
        let (nonce, msg) = sealed.split_first_chunk::<NONCE>().ok_or(BookError::Value)?;
        let opened = self.values.decrypt(nonce.into(), Payload { msg, aad: place });
        opened.map(Zeroizing::new).map_err(|_| BookError::Value)
    }
}
