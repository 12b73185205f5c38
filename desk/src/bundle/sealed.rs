//! A bundle as ciphertext in memory, as drafts carry it.

use callboard_federation::{encoding::Base64, recipient::Recipient};
use callboard_keys::SeatKey;
use zeroize::Zeroizing;

use super::{Bundle, Content, Error, MAX_BYTES, to_json};
use crate::age_file;

impl Bundle {
    /// The bytes of its file, encrypted to `recipients`.
    pub fn seal<'a>(&self, recipients: impl IntoIterator<Item = &'a Recipient>) -> Result<Vec<u8>, Error> {
        let content = Zeroizing::new(to_json(&Content {
            v: 1,
            issuer: self.docket.issuer.clone(),
            docket: Base64(self.payload.clone()),
            items: self.items.clone(),
            publication: self.publication.clone().map(Base64),
            events: self.events.clone(),
        }));
        age_file::seal(recipients, &content)
    }

    /// The bundle of such bytes.
    pub fn unseal(sealed: &[u8], key: &SeatKey) -> Result<Self, Error> {
        Self::from_json(&age_file::open(sealed, key, MAX_BYTES)?)
    }
}
