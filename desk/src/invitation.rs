//! What a seat that joins gets from one that is in: the pin file, and the words by which it is compared over the
//! telephone. Everything else of a registry is verified against it.

use callboard_client::{http, in_force, pin::Pin};
use callboard_federation::{encoding::Time, roster::Roster, zh_en};

use crate::{Error, key_card::CheckWords, registry::RegistryError};

/// A registry that somebody was invited to, which answers as its pin says.
pub struct Invitation {
    pub pin: Pin,
    pub roster: Roster,
}

impl Invitation {
    /// Asks the registry whether its log begins as the pin says.
    ///
    /// # Errors
    /// It doesn't answer, or it is another registry.
    pub async fn check(pin: Pin, now: Time) -> Result<Self, Error> {
        let asked = in_force::InForce::fetch(&http::client()?, &pin.url, &pin.genesis, now).await;
        let address = pin.url.clone();
        let in_force = asked.map_err(|source| {
            let says = || {
                zh_en!(
                    "{address} 的登记系统不能核实，未加入",
                    "the registry at {address} could not be verified; it wasn't joined"
                )
            };
            Error::other("invitation", says).because(source)
        })?;
        if in_force.roster.issuer != pin.issuer {
            return Err(RegistryError::Issuer.into());
        }
        Ok(Self { pin, roster: in_force.roster })
    }
}

/// The words of the registry that a pin file is of.
pub fn words(pin: &Pin) -> CheckWords {
    CheckWords::of_hash(&pin.genesis)
}
