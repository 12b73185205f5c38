//! Identities: one identifier of a subject, kind and normalised value, as it goes into a tag.
//!
//! Everyone must normalise alike, or one person has two tags. What fails shape or checksum is [`IdentityInvalid`], which
//! never says the value: no message, log or metric repeats it. Implements `docs/formats.md` §2; tags are `token`'s.

mod chinese_id;
mod documents;
mod enterprise;

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::statement::SubjectType;

/// The most bytes of a normalised value.
pub const MAX_BYTES: usize = 128;

/// What an identity is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// A number of GB 11643's space: resident card, residence permits, permanent resident card.
    CnId,
    /// A travel permit of residents of Hong Kong, Macau or Taiwan.
    HmtTravelPermit,
    /// A passport: issuer and number.
    Passport,
    /// A unified social credit code, GB 32100.
    CnUscc,
    /// An account on a member's platform.
    PlatformAccount,
}

impl IdentityKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::CnId, Self::HmtTravelPermit, Self::Passport, Self::CnUscc, Self::PlatformAccount];

    /// The word that stands in JSON, sheets and the PRF's input.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CnId => "cn-id",
            Self::HmtTravelPermit => "hmt-travel-permit",
            Self::Passport => "passport",
            Self::CnUscc => "cn-uscc",
            Self::PlatformAccount => "platform-account",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it is a document of one subject; a soft kind is shared or reused in life and never decides alone.
    pub const fn is_hard(self) -> bool {
        !matches!(self, Self::PlatformAccount)
    }

    /// Whether a subject of this type can have such an identity.
    pub const fn is_of(self, subject: SubjectType) -> bool {
        match self {
            Self::PlatformAccount => true,
            Self::CnUscc => matches!(subject, SubjectType::Enterprise | SubjectType::Persona),
            Self::CnId | Self::HmtTravelPermit | Self::Passport => {
                matches!(subject, SubjectType::Person | SubjectType::Persona)
            }
        }
    }
}

impl fmt::Display for IdentityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A normalised identity. It has no `Debug` and no `Display`, and is wiped when dropped.
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
pub struct Identity {
    #[zeroize(skip)]
    kind: IdentityKind,
    value: String,
}

/// Why a text is no identity of its kind; never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityInvalid {
    /// Nothing is left after normalising, or more than 128 bytes.
    #[error("an identity has 1 to 128 characters")]
    Length,
    /// A character that no identity has.
    #[error("an identity has characters that no document has")]
    Characters,
    /// Not of the shape of its kind.
    #[error("not of the shape of a {0}")]
    Shape(IdentityKind),
    /// The date in it is none.
    #[error("the date of birth in it is none")]
    Date,
    /// The check digit is wrong: a digit was mistyped, or a spreadsheet rounded the number.
    #[error("the check digit is wrong: a digit was mistyped, or a spreadsheet rounded the number")]
    Checksum,
    /// The check character is wrong, which a few early codes have: someone must confirm it.
    #[error("the check character is wrong; a few early codes are so: confirm it if the certificate says so")]
    Unconfirmed,
}

impl Identity {
    /// Normalises what a person wrote. `confirmed` takes a social credit code whose check character is wrong.
    pub fn normalise(kind: IdentityKind, raw: &str, confirmed: bool) -> Result<Self, IdentityInvalid> {
        // Room for all of it at once: growing would leave copies that nobody wipes.
        let mut folded = Zeroizing::new(String::with_capacity(raw.len()));
        folded.extend(raw.nfkc());
        let trimmed = folded.trim();
        let mut text = Zeroizing::new(String::with_capacity(trimmed.len()));
        if kind == IdentityKind::PlatformAccount {
            text.push_str(trimmed);
        } else {
            let kept = trimmed.chars().filter(|c| !c.is_whitespace() && *c != '-');
            text.extend(kept.map(|c| c.to_ascii_uppercase()));
        }
        if !text.chars().all(|c| (' '..='~').contains(&c)) {
            return Err(IdentityInvalid::Characters);
        }
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(IdentityInvalid::Length);
        }
        let value = match kind {
            IdentityKind::CnId => chinese_id::read(&text)?,
            IdentityKind::HmtTravelPermit => documents::travel_permit(&text).ok_or(IdentityInvalid::Shape(kind))?,
            IdentityKind::Passport => documents::passport(&text).ok_or(IdentityInvalid::Shape(kind))?,
            IdentityKind::CnUscc => enterprise::read(&text, confirmed)?,
            IdentityKind::PlatformAccount => documents::account(&text).ok_or(IdentityInvalid::Shape(kind))?,
        };
        Ok(Self { kind, value })
    }

    /// Its kind.
    pub const fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// The normalised value: for sealing, and for the desk's own screen.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether nobody has it: a `cn-id` of region 10, since provinces begin at 11; a passport of Utopia, the issuer of
    /// ICAO's specimens. A sandbox takes no other document.
    pub fn is_made_up(&self) -> bool {
        match self.kind {
            IdentityKind::CnId => self.value.starts_with("10"),
            IdentityKind::Passport => self.value.starts_with("UTO:"),
            _ => false,
        }
    }

    /// What the PRF takes: `"callboard/identity/v1" ‖ 0x00 ‖ kind ‖ 0x00 ‖ value`.
    pub fn prf_input(&self) -> Zeroizing<Vec<u8>> {
        let parts = [b"callboard/identity/v1\0", self.kind.as_str().as_bytes(), b"\0", self.value.as_bytes()];
        Zeroizing::new(parts.concat())
    }

    /// The date of birth that a `cn-id` of 18 characters carries; other documents tell none.
    pub fn date_of_birth(&self) -> Option<Date> {
        if self.kind == IdentityKind::CnId { chinese_id::date_of_birth(&self.value) } else { None }
    }
}

#[cfg(test)]
mod tests;
