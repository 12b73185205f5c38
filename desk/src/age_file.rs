//! `age` files in memory, to seats of a roster.

use std::{
    collections::HashSet,
    io::{self, Read as _, Write as _},
};

use callboard_federation::{recipient::Recipient, zh_en};
use callboard_keys::SeatKey;
use zeroize::Zeroizing;

use crate::Error;

/// Encrypts to each of the recipients, once.
pub(crate) fn seal<'a>(recipients: impl IntoIterator<Item = &'a Recipient>, content: &[u8]) -> Result<Vec<u8>, Error> {
    let nobody = || {
        Error::other("seal-recipients", || {
            zh_en!("无法加密给相关签署人", "it can't be encrypted to the seats that it is for")
        })
    };
    let recipients: HashSet<&Recipient> = recipients.into_iter().collect();
    let recipients: Vec<age::x25519::Recipient> =
        recipients.into_iter().map(|of| of.as_str().parse()).collect::<Result<_, _>>().map_err(|_| nobody())?;
    let each = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(each).map_err(|_| nobody())?;
    let seal = || -> io::Result<Vec<u8>> {
        let mut writer = encryptor.wrap_output(Vec::new())?;
        writer.write_all(content)?;
        writer.finish()
    };
    seal().map_err(Error::Unread)
}

/// Opens an `age` file; of what is in it at most so many bytes.
pub(crate) fn open(sealed: &[u8], key: &SeatKey, most: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    let malformed = |_| Error::other("sealed-malformed", || zh_en!("密文已损坏", "the ciphertext is damaged"));
    let file = age::Decryptor::new(sealed).map_err(malformed)?;
    let opened = match file.decrypt(std::iter::once(key.identity() as &dyn age::Identity)) {
        Err(age::DecryptError::NoMatchingKeys) => {
            return Err(Error::other("sealed-for-others", || {
                zh_en!("不是加密给此密钥的", "it isn't encrypted to this key")
            }));
        }
        opened => opened.map_err(malformed)?,
    };
    let mut content = Zeroizing::new(Vec::new());
    opened.take(most).read_to_end(&mut content).map_err(|source| malformed(source.into()))?;
    Ok(content)
}
