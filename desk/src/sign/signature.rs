//! The signature of a bundle that was read, for whoever doesn't want it as a file.

use callboard_federation::dsse::{PayloadType, SignatureLine};
use callboard_keys::SeatKey;

use super::Reading;
use crate::Error;

impl Reading {
    /// Signs it, once the signer agreed. `typed` are the ends of the unnamed records.
    pub fn signature(&self, key: &SeatKey, typed: &[String]) -> Result<SignatureLine, Error> {
        for (at, record) in self.unnamed.iter().enumerate() {
            Self::check_end(*record, typed.get(at).map_or("", String::as_str))?;
        }
        Ok(SignatureLine::of(key.signing_key(), PayloadType::Docket, self.bundle.payload()))
    }
}
