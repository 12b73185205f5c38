//! `age` files, to seats of a roster.

use std::{
    collections::HashSet,
    io::{self, Read, Write as _},
};

use callboard_federation::recipient::Recipient;
use callboard_keys::SeatKey;
use zeroize::Zeroizing;

/// Why an `age` file doesn't open.
pub(crate) enum Unopened {
    /// It isn't encrypted to this key.
    ForOthers,
    /// It is none, or damaged.
    Malformed,
}

/// Encrypts to each of the recipients, once; `None` where that can't be.
pub(crate) fn seal<'a>(recipients: impl IntoIterator<Item = &'a Recipient>, content: &[u8]) -> Option<Vec<u8>> {
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

/// Opens an `age` file; of what is in it at most so many bytes.
pub(crate) fn open(sealed: impl Read, key: &SeatKey, most: u64) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let file = age::Decryptor::new(sealed).map_err(|_| Unopened::Malformed)?;
    let opened = match file.decrypt(std::iter::once(key.identity() as &dyn age::Identity)) {
        Err(age::DecryptError::NoMatchingKeys) => return Err(Unopened::ForOthers),
        opened => opened.map_err(|_| Unopened::Malformed)?,
    };
    let mut content = Zeroizing::new(Vec::new());
    opened.take(most).read_to_end(&mut content).map_err(|_| Unopened::Malformed)?;
    Ok(content)
}
