//! Identities: one identifier of a subject, kind and normalised value, as it goes into a tag.
//!
//! Everyone must normalise alike, or one person has two tags. What fails shape or checksum is [`IdentityError`], which
//! never says the value: no message, log or metric repeats it. What people type is read by [`reader`], which says of
//! each doubt what to compare. Implements `docs/formats.md` §2; tags are `token`'s.

mod chinese_id;
mod digits;
mod documents;
mod enterprise;
mod invalid;
mod passport_holder;
pub mod reader;

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub use invalid::{Character, IdentityError, Note};

use crate::{policy::Words, statement::SubjectType};

/// The most bytes of a normalised value.
pub const MAX_BYTES: usize = 128;

/// What an identity is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// The code by which the national identity service lets a member know a person.
    NetIdentityCode,
    /// Who holds a passport: issuer, name, birth.
    PassportHolder,
}

/// What a resident's number says of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
}

impl IdentityKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::CnId,
        Self::HmtTravelPermit,
        Self::Passport,
        Self::CnUscc,
        Self::PlatformAccount,
        Self::NetIdentityCode,
        Self::PassportHolder,
    ];

    /// The word that stands in JSON, sheets and the PRF's input.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CnId => "cn-id",
            Self::HmtTravelPermit => "hmt-travel-permit",
            Self::Passport => "passport",
            Self::CnUscc => "cn-uscc",
            Self::PlatformAccount => "platform-account",
            Self::NetIdentityCode => "net-identity-code",
            Self::PassportHolder => "passport-holder",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The kind that somebody wrote, in a column or before a value: its word, or what people call it in Chinese.
    pub fn of_typed(word: &str) -> Option<Self> {
        match word.trim() {
            "身份证" | "身份证号" | "身份证号码" | "居民身份证" | "居民身份证号码" => {
                Some(Self::CnId)
            }
            "港澳台通行证" | "港澳居民来往内地通行证" | "台湾居民来往大陆通行证" | "回乡证" | "台胞证" => {
                Some(Self::HmtTravelPermit)
            }
            "护照" => Some(Self::Passport),
            "统一社会信用代码" => Some(Self::CnUscc),
            "平台账号" => Some(Self::PlatformAccount),
            "网络身份标识" => Some(Self::NetIdentityCode),
            "护照持有人" => Some(Self::PassportHolder),
            word => Self::from_word(&word.to_ascii_lowercase()),
        }
    }

    /// What people call it, in both languages.
    pub fn words(self) -> Words {
        reader::table::table().kind(self)
    }

    /// Whether it is a document of one subject; a soft kind is shared or reused in life and never decides alone.
    pub const fn is_hard(self) -> bool {
        !matches!(self, Self::PlatformAccount | Self::NetIdentityCode | Self::PassportHolder)
    }

    /// Whether it is a person's: neither an enterprise's nor, like an account, anybody's.
    pub const fn is_personal(self) -> bool {
        !matches!(self, Self::CnUscc | Self::PlatformAccount)
    }

    /// Whether a subject of this type can have such an identity.
    pub const fn is_of(self, subject: SubjectType) -> bool {
        match self {
            Self::PlatformAccount => true,
            Self::CnUscc => matches!(subject, SubjectType::Enterprise | SubjectType::Persona),
            _ => matches!(subject, SubjectType::Person | SubjectType::Persona),
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

/// What a text is, before anybody confirmed it.
struct Candidate {
    value: String,
    /// What a person must have compared with the document.
    doubt: Option<IdentityError>,
}

impl Identity {
    /// Normalises what a person wrote. `confirmed` is said by a person who compared the document; it takes a `cn-id` of 15
    /// digits or one that ends in `000`, and a `cn-uscc` whose check character is wrong, and nothing else.
    pub fn normalise(kind: IdentityKind, raw: &str, confirmed: bool) -> Result<Self, IdentityError> {
        let Candidate { value, doubt } = Self::read(kind, raw)?;
        let identity = Self { kind, value };
        doubt.filter(|_| !confirmed).map_or(Ok(identity), Err)
    }

    fn read(kind: IdentityKind, raw: &str) -> Result<Candidate, IdentityError> {
        let text = compact(kind, raw);
        if !text.chars().all(|c| (' '..='~').contains(&c)) {
            return Err(IdentityError::Characters);
        }
        if text.is_empty() {
            return Err(IdentityError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(IdentityError::TooLong);
        }
        let plain = |value: Option<String>| {
            value.map(|value| Candidate { value, doubt: None }).ok_or(IdentityError::Shape(kind))
        };
        match kind {
            IdentityKind::CnId => chinese_id::read(&text),
            IdentityKind::HmtTravelPermit => plain(documents::travel_permit(&text)),
            IdentityKind::Passport => plain(documents::passport(&text)),
            IdentityKind::CnUscc => enterprise::read(&text),
            IdentityKind::PlatformAccount | IdentityKind::NetIdentityCode => plain(documents::account(&text)),
            IdentityKind::PassportHolder => passport_holder::read(&text).map(|value| Candidate { value, doubt: None }),
        }
    }

    /// The `passport-holder` of a passport whose holder's name, in the letters of its machine-readable line, and birth are
    /// known: it stays the same when the passport is renewed.
    ///
    /// # Errors
    /// [`IdentityError`]; a name in other letters, or not a passport.
    pub fn passport_holder(passport: &Self, name: &str, birth: Date) -> Result<Self, IdentityError> {
        if passport.kind != IdentityKind::Passport {
            return Err(IdentityError::Shape(IdentityKind::Passport));
        }
        let text = passport_holder::text(&passport.value, name, birth);
        Self::normalise(IdentityKind::PassportHolder, &text, false)
    }

    /// Its kind.
    pub const fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// What people call its document, in both languages.
    pub fn document(&self) -> Words {
        match self.kind {
            IdentityKind::HmtTravelPermit => reader::table::table().permit(digits::is_digits(&self.value)),
            kind => kind.words(),
        }
    }

    /// The normalised value: for sealing, and for the desk's own screen.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether nobody has it. A sandbox takes no other document.
    ///
    /// - `cn-id`: region 10, since provinces begin at 11; 819999, 829999 and 839999, since residence permits are given under
    ///   810000, 820000 and 830000 alone; a permanent resident card of province 10, or of Utopia, the issuer of ICAO's
    ///   specimens.
    /// - `passport`: of Utopia.
    /// - `hmt-travel-permit`: nothing but zeros, since numbers are given from 1 on.
    /// - `cn-uscc`: a region 10 that isn't the state's own, 100000.
    pub fn is_made_up(&self) -> bool {
        let begins = |with: &[&str]| with.iter().any(|with| self.value.starts_with(with));
        match self.kind {
            IdentityKind::CnId => begins(&["10", "819999", "829999", "839999", "910", "UTO"]),
            IdentityKind::HmtTravelPermit => {
                self.value.trim_start_matches(char::is_alphabetic).bytes().all(|b| b == b'0')
            }
            IdentityKind::Passport | IdentityKind::PassportHolder => begins(&["UTO:"]),
            IdentityKind::CnUscc => {
                self.value.get(2..8).is_some_and(|region| region.starts_with("10") && region != "100000")
            }
            _ => false,
        }
    }

    /// Whether it may be somebody's document, which has no place in a sandbox.
    pub fn is_somebodys(&self) -> bool {
        self.kind.is_hard() && !self.is_made_up()
    }

    /// What the PRF takes: `"callboard/identity/v1" ‖ 0x00 ‖ kind ‖ 0x00 ‖ value`.
    pub fn prf_input(&self) -> Zeroizing<Vec<u8>> {
        let parts = [b"callboard/identity/v1\0", self.kind.as_str().as_bytes(), b"\0", self.value.as_bytes()];
        Zeroizing::new(parts.concat())
    }

    /// The date of birth that a `cn-id` of 18 characters or a `passport-holder` carries; other kinds tell none.
    pub fn date_of_birth(&self) -> Option<Date> {
        match self.kind {
            IdentityKind::CnId => chinese_id::date_of_birth(&self.value),
            IdentityKind::PassportHolder => passport_holder::date_of_birth(&self.value),
            _ => None,
        }
    }

    /// The sex that a `cn-id` of 18 characters carries; other kinds tell none.
    pub fn sex(&self) -> Option<Sex> {
        if self.kind == IdentityKind::CnId { chinese_id::sex(&self.value) } else { None }
    }
}

/// The text that a kind's rule is asked about: folded, trimmed, without what only parts its characters.
fn compact(kind: IdentityKind, raw: &str) -> Zeroizing<String> {
    // Room for all of it at once: growing would leave copies that nobody wipes.
    let mut folded = Zeroizing::new(String::with_capacity(raw.len()));
    folded.extend(raw.nfkc());
    let trimmed = folded.trim();
    match kind {
        IdentityKind::PlatformAccount | IdentityKind::NetIdentityCode => Zeroizing::new(trimmed.to_owned()),
        IdentityKind::PassportHolder => passport_holder::compact(trimmed),
        _ => {
            let is_dropped = |c: char| {
                c.is_whitespace() || c == '-' || (kind == IdentityKind::HmtTravelPermit && matches!(c, '(' | ')'))
            };
            let mut text = Zeroizing::new(String::with_capacity(trimmed.len()));
            text.extend(trimmed.chars().filter(|c| !is_dropped(*c)).map(|c| c.to_ascii_uppercase()));
            text
        }
    }
}

#[cfg(test)]
mod tests;
