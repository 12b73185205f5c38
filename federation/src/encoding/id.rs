//! Ids: UUIDs of version 7 in lower case, a type for each thing that has one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::{Uuid, Variant};

use super::{Time, text_of};
use crate::zh_en;

/// Not a lower-case UUID of version 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("不是小写的 UUIDv7", "not a lower-case UUIDv7"))]
pub struct IdError;

/// What an id is of; a type of no values.
pub trait IdKind {
    /// The word that a `Debug` shows.
    const WORD: &'static str;
}

/// A `UUIDv7` of a `Of` (16 bytes; its text is 36 lower-case characters).
pub struct Id<Of>(Uuid, std::marker::PhantomData<fn() -> Of>);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $marker:ident $word:literal;)*) => {$(
        $(#[$doc])*
        pub type $name = Id<$marker>;
        /// Marks the ids of one kind.
        #[derive(Debug)]
        pub enum $marker {}
        impl IdKind for $marker { const WORD: &'static str = $word; }
    )*};
}

ids! {
    /// A record: a statement's id.
    RecordId = OfRecord "record";
    /// A docket.
    DocketId = OfDocket "docket";
    /// A case.
    CaseId = OfCase "case";
    /// An endpoint that dockets are pushed to.
    EndpointId = OfEndpoint "endpoint";
    /// A draft that seats are asked to sign.
    DraftId = OfDraft "draft";
    /// A report that a member or the secretariat filed.
    ReportId = OfReport "report";
    /// A question to a member for the identity of an account.
    IdentityRequestId = OfIdentityRequest "identity request";
    /// Something that a subject files.
    FilingId = OfFiling "filing";
    /// A check of a member's own log.
    CheckId = OfCheck "check";
}

impl<Of> Id<Of> {
    /// A new id of `at` and ten random bytes (RFC 9562 §5.7).
    pub fn new(at: Time, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or_default();
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid(), std::marker::PhantomData)
    }

    /// The id of 16 stored bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, IdError> {
        let id = Uuid::from_bytes(bytes);
        if id.get_version_num() != 7 || id.get_variant() != Variant::RFC4122 {
            return Err(IdError);
        }
        Ok(Self(id, std::marker::PhantomData))
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl<Of> Clone for Id<Of> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Of> Copy for Id<Of> {}
impl<Of> PartialEq for Id<Of> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<Of> Eq for Id<Of> {}
impl<Of> PartialOrd for Id<Of> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<Of> Ord for Id<Of> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<Of> std::hash::Hash for Id<Of> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.as_hyphenated(), f)
    }
}

impl<Of: IdKind> fmt::Debug for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", Of::WORD)
    }
}

impl<Of> FromStr for Id<Of> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser also takes braces, URNs, upper case and no hyphens; the formats take one spelling.
        if text.len() != 36 || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(IdError);
        }
        Self::from_bytes(*Uuid::try_parse(text).map_err(|_| IdError)?.as_bytes())
    }
}

impl<Of> Serialize for Id<Of> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, Of> Deserialize<'de> for Id<Of> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}
