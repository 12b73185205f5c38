//! `age` files to recipients of the formats: seats of a roster, members; and a member's own identity for them.

use std::{
    collections::HashSet,
    io::{self, Read, Write as _},
};

use age::secrecy::ExposeSecret as _;
use callboard_federation::recipient::Recipient;
use zeroize::Zeroizing;

/// Why an `age` file doesn't open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopened {
    /// It isn't encrypted to this key.
    ForOthers,
    /// It is none, or damaged.
    Malformed,
}

/// Encrypts to each of the recipients, once; `None` where that can't be.
pub fn seal<'a>(recipients: impl IntoIterator<Item = &'a Recipient>, content: &[u8]) -> Option<Vec<u8>> {
    let recipients: HashSet<&Recipient> = recipients.into_iter().collect();
    let recipients: Vec<age::x25519::Recipient> =
        recipients.into_iter().map(|of| of.as_str().parse().ok()).collect::<Option<_>>()?;
    let each = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(each).ok()?;
    let sealed = || -> io::Result<Vec<u8>> {
        let mut writer = encryptor.wrap_output(Vec::new())?;
        writer.write_all(content)?;
        writer.finish()
    };
    sealed().ok()
}

/// What opens files to one recipient.
pub struct FileIdentity(age::x25519::Identity);

impl FileIdentity {
    /// A new one; `age` draws it from the operating system.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// The one of its text.
    pub fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Its text, which opens all that is sealed to it.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// To whom files are sealed that it opens; a weak one is never drawn.
    pub fn recipient(&self) -> Option<Recipient> {
        self.0.to_public().to_string().try_into().ok()
    }

    /// Opens an `age` file; of what is in it at most so many bytes.
    pub fn open(&self, sealed: impl Read, most: u64) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        open(sealed, &self.0, most)
    }
}

/// Opens an `age` file; of what is in it at most so many bytes.
pub fn open(sealed: impl Read, identity: &age::x25519::Identity, most: u64) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let file = age::Decryptor::new(sealed).map_err(|_| Unopened::Malformed)?;
    let opened = match file.decrypt(std::iter::once(identity as &dyn age::Identity)) {
        Err(age::DecryptError::NoMatchingKeys) => return Err(Unopened::ForOthers),
        opened => opened.map_err(|_| Unopened::Malformed)?,
    };
    let mut content = Zeroizing::new(Vec::new());
    opened.take(most).read_to_end(&mut content).map_err(|_| Unopened::Malformed)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_for_those_whom_it_is_sealed_to_and_for_nobody_else() {
        let [own, other, stranger] = [(); 3].map(|()| FileIdentity::generate());
        let recipients = [&own, &other].map(|identity| identity.recipient().unwrap());
        let sealed = seal(&recipients, b"content").unwrap();
        for identity in [&own, &FileIdentity::from_text(&other.to_text()).unwrap()] {
            assert_eq!(identity.open(&sealed[..], 99).unwrap().as_slice(), b"content");
            assert_eq!(identity.open(&sealed[..], 3).unwrap().as_slice(), b"con", "no more than is asked for");
        }
        assert_eq!(stranger.open(&sealed[..], 99), Err(Unopened::ForOthers));
        assert_eq!(own.open(&b"content"[..], 99), Err(Unopened::Malformed));
        assert!(FileIdentity::from_text("AGE-SECRET-KEY-1").is_none());
    }
}
