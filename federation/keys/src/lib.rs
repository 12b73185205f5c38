//! Key files: what a seat or a member keeps to itself, under a passphrase.
//!
//! `NAME.key` is an armored `age` file under scrypt, its content strict JSON. Secrets zeroise when dropped, and nothing
//! that holds one has a `Debug`. The public halves are `callboard_client::public_file`'s. What each key is for, and
//! what to do when it is lost: `docs/keys.md`.

// All that is printed is made visible (`callboard_client::output`): in place of std's macros, so that nobody has to
// remember it.
#[macro_use(eprintln)]
extern crate callboard_client;

pub mod age_file;
mod content;
pub mod passphrase;

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use age::{
    armor::{ArmoredReader, ArmoredWriter, Format},
    secrecy::SecretString,
};
use callboard_client::{
    create_new,
    public_file::{PublicFile, PublicMember, PublicSeat},
};
use callboard_federation::{
    encoding::{JsonError, PublicKey},
    language::Phrase,
    members::MemberId,
    recipient::{Recipient, RecipientError},
    roster::Role,
    tlog::{
        TlogError,
        vkey::{KeyName, SignatureType, VerifierKey},
    },
    zh_en,
};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::passphrase::normalised;

/// What a guess at the passphrase of a key file costs (log2 of scrypt's N): 256 MiB and about a second, on any machine,
/// however busy it is when the file is made.
pub const WORK_FACTOR: u8 = 18;
/// The passphrase of keys that protect nothing: those of sandbox, demo and tests. Everyone knows it.
pub const KNOWN_PASSPHRASE: &str = "sandbox";
/// Guessing [`KNOWN_PASSPHRASE`] need not be dear.
const KNOWN_WORK_FACTOR: u8 = 10;
/// The dearest scrypt that is done to open a file (log2 of N; about 16 s, 4 GiB): a file that asks more is a trap.
const MAX_WORK_FACTOR: u8 = 22;
/// As much of a key file, without its armor, as says what it is under.
const HEADER_BYTES: u64 = 100;
/// The most bytes of a key file; ours have under 1,000.
const MAX_BYTES: u64 = 16 * 1024;

#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum KeyFile {
    Seat(SeatKey),
    Member(MemberKey),
}

/// A seat's own keys: it signs dockets, events and requests with one, and reads what is encrypted to it with the other.
pub struct SeatKey {
    holder: String,
    role: Role,
    signing: SigningKey,
    identity: age::x25519::Identity,
    recipient: Recipient,
}

/// A member's own keys: its agent signs requests, receipts and anchors with one, and cosigns checkpoints with the
/// other.
pub struct MemberKey {
    member: MemberId,
    witness_name: KeyName,
    issuer: String,
    request: SigningKey,
    witness: SigningKey,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("{path}", path = path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{}", zh_en!("{path}：密码不正确",
        "{path} does not open: the passphrase is another", path = path.display()))]
    Passphrase { path: PathBuf },
    /// Not an `age` file under a passphrase, or damaged.
    #[error("{}", zh_en!("{path} 不是密钥文件，或者已损坏",
        "{path} is no key file, or damaged", path = path.display()))]
    Malformed { path: PathBuf },
    /// It opens, but holds something else.
    #[error("{}", zh_en!("{path} 中没有本程序认识的密钥",
        "{path} holds no key that this program knows", path = path.display()))]
    Content {
        path: PathBuf,
        #[source]
        source: ContentError,
    },
    #[error("{}", zh_en!("{path} 不是{asked}的密钥", "{path} is not the key of a {asked}", path = path.display()))]
    OfAnother { path: PathBuf, asked: Phrase },
}

/// No secret is repeated.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// Not JSON as the formats take it, or a member malformed, missing or unknown.
    #[error("{}", zh_en!("格式不符", "not of the shape asked"))]
    Shape,
    #[error("{}", zh_en!("只认版本1", "only version 1 is known"))]
    Version,
    #[error("{}", zh_en!("签名密钥应为32字节的 base64", "a signing key is base64 of 32 bytes"))]
    SigningKey,
    #[error("{}", zh_en!("不是 age 的 X25519 密钥", "not an X25519 identity of age"))]
    Identity,
    /// The recipient of the identity can't stand in a roster.
    #[error(transparent)]
    Recipient(#[from] RecipientError),
    /// The issuer can't name a log.
    #[error(transparent)]
    Issuer(#[from] TlogError),
}

impl From<JsonError> for ContentError {
    // What serde says may quote what it read.
    fn from(_: JsonError) -> Self {
        Self::Shape
    }
}

impl SeatKey {
    /// `age` draws its own key from the operating system, not from `rng`.
    pub fn generate(holder: String, role: Role, rng: &mut impl CryptoRng) -> Result<Self, ContentError> {
        Self::of(holder, role, signing_key(rng), age::x25519::Identity::generate())
    }

    fn of(
        holder: String,
        role: Role,
        signing: SigningKey,
        identity: age::x25519::Identity,
    ) -> Result<Self, ContentError> {
        let recipient = identity.to_public().to_string().try_into()?;
        Ok(Self { holder, role, signing, identity, recipient })
    }

    pub fn open(path: &Path, passphrase: SecretString) -> Result<Self, KeyFileError> {
        match KeyFile::open(path, passphrase)? {
            KeyFile::Seat(key) => Ok(key),
            KeyFile::Member(_) => {
                Err(KeyFileError::OfAnother { path: path.to_owned(), asked: Phrase::new("签署人", "seat") })
            }
        }
    }

    /// The seat's name.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    pub const fn role(&self) -> Role {
        self.role
    }

    pub const fn signing_key(&self) -> &SigningKey {
        &self.signing
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(&self.signing)
    }

    pub const fn identity(&self) -> &age::x25519::Identity {
        &self.identity
    }

    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    pub fn public(&self) -> PublicFile {
        PublicFile::Seat(PublicSeat {
            v: 1,
            holder: self.holder.clone(),
            role: self.role,
            public_key: self.public_key(),
            recipient: self.recipient.clone(),
            member: None,
        })
    }
}

impl MemberKey {
    /// Makes the keys of a new member of the registry `issuer`.
    pub fn generate(member: MemberId, issuer: String, rng: &mut impl CryptoRng) -> Result<Self, ContentError> {
        let (request, witness) = (signing_key(rng), signing_key(rng));
        Self::of(member, issuer, request, witness)
    }

    fn of(member: MemberId, issuer: String, request: SigningKey, witness: SigningKey) -> Result<Self, ContentError> {
        let witness_name = format!("{issuer}/witness/{member}").parse()?;
        Ok(Self { member, witness_name, issuer, request, witness })
    }

    pub fn open(path: &Path, passphrase: SecretString) -> Result<Self, KeyFileError> {
        match KeyFile::open(path, passphrase)? {
            KeyFile::Member(key) => Ok(key),
            KeyFile::Seat(_) => {
                Err(KeyFileError::OfAnother { path: path.to_owned(), asked: Phrase::new("会员单位", "member") })
            }
        }
    }

    /// Writes the keys under `passphrase` where nothing stands yet; their owner alone can read the file.
    pub fn write(self, path: &Path, passphrase: SecretString) -> Result<(), KeyFileError> {
        KeyFile::Member(self).write(path, passphrase)
    }

    pub const fn member(&self) -> &MemberId {
        &self.member
    }

    /// The registry that it is a member of.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub const fn request_key(&self) -> &SigningKey {
        &self.request
    }

    pub const fn witness_key(&self) -> &SigningKey {
        &self.witness
    }

    /// What its cosignatures are verified with.
    pub fn witness(&self) -> VerifierKey {
        VerifierKey::new(self.witness_name.clone(), SignatureType::Cosignature, PublicKey::of(&self.witness))
    }

    /// `name` is what people call the member.
    pub fn public(&self, name: String) -> PublicFile {
        PublicFile::Member(PublicMember {
            v: 1,
            member: self.member.clone(),
            name,
            issuer: self.issuer.clone(),
            public_key: PublicKey::of(&self.request),
            witness: self.witness(),
            contact: None,
        })
    }
}

impl KeyFile {
    pub fn open(path: &Path, passphrase: SecretString) -> Result<Self, KeyFileError> {
        let failed = |source| KeyFileError::Io { path: path.to_owned(), source };
        let malformed = || KeyFileError::Malformed { path: path.to_owned() };
        let sealed = read(path).map_err(failed)?;
        let file = age::Decryptor::new_buffered(ArmoredReader::new(&sealed[..])).map_err(|_| malformed())?;
        let mut identity = age::scrypt::Identity::new(normalised(passphrase));
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        let mut content = match file.decrypt(std::iter::once(&identity as &dyn age::Identity)) {
            Ok(content) => content,
            Err(age::DecryptError::DecryptionFailed) => {
                return Err(KeyFileError::Passphrase { path: path.to_owned() });
            }
            Err(_) => return Err(malformed()),
        };
        // As long as the file, so that growing leaves no copy of a secret behind.
        let mut json = Zeroizing::new(Vec::with_capacity(sealed.len()));
        content.read_to_end(&mut json).map_err(|_| malformed())?;
        content::read(&json).map_err(|source| KeyFileError::Content { path: path.to_owned(), source })
    }

    /// Writes the key under `passphrase` where nothing stands yet; its owner alone can read the file.
    pub fn write(&self, path: &Path, passphrase: SecretString) -> Result<(), KeyFileError> {
        self.write_at(path, passphrase, WORK_FACTOR)
    }

    /// Writes the key under another `passphrase` in the place of its file.
    pub fn replace(&self, path: &Path, passphrase: SecretString) -> Result<(), KeyFileError> {
        let failed = |source| KeyFileError::Io { path: path.to_owned(), source };
        let sealed = self.sealed(passphrase, WORK_FACTOR).map_err(failed)?;
        create_new::replace(path, create_new::PRIVATE, &sealed).map_err(failed)
    }

    /// Writes a key that protects nothing, under [`KNOWN_PASSPHRASE`]: cheap to open.
    pub fn write_known(&self, path: &Path) -> Result<(), KeyFileError> {
        self.write_at(path, KNOWN_PASSPHRASE.into(), KNOWN_WORK_FACTOR)
    }

    fn write_at(&self, path: &Path, passphrase: SecretString, work_factor: u8) -> Result<(), KeyFileError> {
        let failed = |source| KeyFileError::Io { path: path.to_owned(), source };
        let sealed = self.sealed(passphrase, work_factor).map_err(failed)?;
        create_new::write(path, create_new::PRIVATE, &sealed).map_err(failed)
    }

    fn sealed(&self, passphrase: SecretString, work_factor: u8) -> io::Result<Vec<u8>> {
        let mut recipient = age::scrypt::Recipient::new(normalised(passphrase));
        recipient.set_work_factor(work_factor);
        seal(&recipient, &content::write(self))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut sealed = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES).read_to_end(&mut sealed)?;
    Ok(sealed)
}

/// What a guess at the passphrase of a key file costs (log2 of N), as the file says it; `None` if it is none.
pub(crate) fn work_factor(path: &Path) -> Option<u8> {
    let mut header = Vec::new();
    ArmoredReader::new(&read(path).ok()?[..]).take(HEADER_BYTES).read_to_end(&mut header).ok()?;
    // `-> scrypt SALT WORK-FACTOR`, the only stanza of a file under a passphrase.
    let stanza = header.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"-> scrypt "))?;
    std::str::from_utf8(stanza).ok()?.split(' ').nth(1)?.parse().ok()
}

fn seal(recipient: &age::scrypt::Recipient, content: &[u8]) -> io::Result<Vec<u8>> {
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient as &dyn age::Recipient));
    let armored = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
    let mut writer = encryptor.map_err(io::Error::other)?.wrap_output(armored)?;
    writer.write_all(content)?;
    writer.finish()?.finish()
}

fn signing_key(rng: &mut impl CryptoRng) -> SigningKey {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    SigningKey::from_bytes(&seed)
}

#[cfg(test)]
mod tests;
