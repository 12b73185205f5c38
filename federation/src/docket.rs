//! A docket: the list of statements that several seats sign at once.
//!
//! Here is what a docket says and whether it is well formed; whether it counts is [`crate::replay`]. Implements
//! `docs/formats.md` §5.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    encoding::{DocketId, Hash, JsonError, RecordId, Time, from_json, text_of},
    statement::{Kind, MeasureKind, Statement},
    zh_en,
};

/// The most items of a docket.
pub const MAX_ITEMS: usize = 1_000;

/// What the signers sign: the payload of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Docket {
    /// The format's version, 1.
    pub v: u64,
    /// The docket's id.
    pub id: DocketId,
    /// The log's origin.
    pub issuer: String,
    /// When it was drafted.
    pub issued_at: Time,
    /// The version of the roster in force.
    pub roster: u64,
    /// One item a statement.
    pub items: Vec<Item>,
    /// SHA-256 of the public text that appears with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Hash>,
}

/// One statement of a docket, by its commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DocketItem))]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The statement's id.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// Of a ruling or interim its measure, of an annulment, end, stay or reinstatement the kind of what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Of>,
    /// The commitment to the statement's bytes.
    pub commitment: Hash,
}

/// What an item is of, besides its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DocketItemOf))]
#[serde(untagged)]
pub enum Of {
    /// The measure that is imposed.
    Measure(MeasureKind),
    /// The kind of what it is about.
    About(Kind),
}

impl Of {
    /// The word that stands in JSON and in the keys of thresholds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Measure(measure) => measure.as_str(),
            Self::About(kind) => kind.as_str(),
        }
    }

    /// What `of` may be beside `kind`.
    pub const fn fits(self, kind: Kind) -> bool {
        match (kind, self) {
            (Kind::Ruling, Self::Measure(_)) => true,
            (Kind::Interim, Self::Measure(measure)) => {
                matches!(measure, MeasureKind::Restriction | MeasureKind::Suspension)
            }
            (Kind::Annulment | Kind::End | Kind::Stay | Kind::Reinstatement, Self::About(about)) => {
                kind.may_be_about(about)
            }
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for Of {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = |word: &str| {
            let measure = MeasureKind::from_word(word).map(Self::Measure);
            measure.or_else(|| Kind::from_word(word).map(Self::About))
        };
        text_of(deserializer, |word| read(word).ok_or_else(|| D::Error::custom("neither a measure nor a kind")))
    }
}

/// The text that appears in public with a docket, names masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// The format's version, 1.
    pub v: u64,
    /// zh-CN.
    pub zh: String,
    /// en.
    pub en: String,
}

/// Why bytes are no docket, or no publication.
#[derive(Debug, thiserror::Error)]
pub enum DocketError {
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("只认版本1", "only version 1 is known"))]
    Version,
    /// No items, or more than 1,000.
    #[error("{}", zh_en!("一份文书有1至1,000项", "a docket has 1 to 1,000 items"))]
    Items,
    /// One record stands twice.
    #[error("{}", zh_en!("记录 {_0} 重复出现", "record {_0} stands twice"))]
    RecordRepeated(RecordId),
    /// `of` is missing, or can't be so beside the kind.
    #[error("{}", zh_en!(("第 {record} 项的内容与其类型（{}）不符", kind.words().zh),
        ("item {record} says of a {kind} what can't be so")))]
    Of {
        /// The item's record.
        record: RecordId,
        /// The item's kind.
        kind: Kind,
    },
    /// Public documents beside others, or a roster that doesn't stand alone.
    #[error("{}", zh_en!("一份文书只能全是公开文件或全是决定；签署权限名单须单独成文",
        "a docket holds public documents or others, and a roster stands alone"))]
    Mixed,
}

impl Docket {
    /// Reads a docket from an envelope's payload.
    pub fn from_json(payload: &[u8]) -> Result<Self, DocketError> {
        let docket: Self = from_json(payload)?;
        if docket.v != 1 {
            return Err(DocketError::Version);
        }
        if !(1..=MAX_ITEMS).contains(&docket.items.len()) {
            return Err(DocketError::Items);
        }
        let mut records = HashSet::with_capacity(docket.items.len());
        for item in &docket.items {
            if !records.insert(item.record) {
                return Err(DocketError::RecordRepeated(item.record));
            }
            if item.of.is_some() != item.kind.has_of() || item.of.is_some_and(|of| !of.fits(item.kind)) {
                return Err(DocketError::Of { record: item.record, kind: item.kind });
            }
        }
        let documents = docket.items.iter().filter(|item| item.kind.is_document()).count();
        let has_roster = docket.items.iter().any(|item| item.kind == Kind::Roster);
        if (documents != 0 && documents != docket.items.len()) || (has_roster && docket.items.len() != 1) {
            return Err(DocketError::Mixed);
        }
        Ok(docket)
    }
}

impl Item {
    /// The item of a statement's bytes; `of_about` is the kind of what it is about.
    pub fn of(statement: &Statement, bytes: &[u8], of_about: Option<Kind>) -> Self {
        let kind = statement.kind();
        let of = match statement.imposed() {
            Some(imposed) => Some(Of::Measure(imposed.measure.kind)),
            None if kind.has_of() => of_about.map(Of::About),
            None => None,
        };
        Self { record: statement.id, kind, of, commitment: Statement::commitment(bytes) }
    }
}

impl Publication {
    /// Reads a publication from its bytes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, DocketError> {
        let publication: Self = from_json(bytes)?;
        if publication.v == 1 { Ok(publication) } else { Err(DocketError::Version) }
    }
}
