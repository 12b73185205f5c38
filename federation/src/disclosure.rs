//! A line of the feed: an entry of the log with all that it commits to, or what is left of it after an erasure.
//!
//! Whether a line is borne out by its leaf is [`crate::replay`]'s. Implements `docs/formats.md` §8.

use serde::{Deserialize, Serialize};

use crate::{
    dsse::Envelope,
    encoding::{Base64, JsonError, json},
    zh_en,
};

/// One entry, disclosed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The entry's index in the log.
    pub index: u64,
    /// The leaf's bytes.
    pub entry: Vec<u8>,
    /// The docket with its statements; absent for an entry of anchors.
    pub docket: Option<DocketDisclosure>,
}

/// A docket with its statements, as handed in or as disclosed later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocketDisclosure {
    /// The envelope.
    pub envelope: Envelope,
    /// The statements' bytes in the order of the items; an erased one is `None`.
    pub items: Vec<Option<Vec<u8>>>,
    /// The public text's bytes.
    pub publication: Option<Vec<u8>>,
}

/// Why a line isn't one of the feed.
#[derive(Debug, thiserror::Error)]
pub enum DisclosureError {
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// `docket` and `items` stand together or not at all, and `publication` only with them.
    #[error("{}", zh_en!("一行应同时有文书和各项，或者都没有", "a line has docket and items, or neither"))]
    Members,
}

/// An entry of the log with all that it commits to, on a line of the feed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = FeedEntry))]
pub(crate) struct EntryLine {
    /// The entry's index in the log.
    index: u64,
    /// The leaf's bytes.
    entry: Base64,
    /// The docket; absent for an entry of anchors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    docket: Option<Envelope>,
    /// The statements' bytes in the order of the docket's items; an erased one is null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    items: Option<Vec<Option<Base64>>>,
    /// The public text's bytes, if the docket has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    publication: Option<Base64>,
}

/// The last line of an answer of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = FeedCheckpoint))]
pub struct CheckpointLine {
    /// The newest checkpoint's note with every line known.
    pub checkpoint: String,
}

impl Disclosure {
    /// Reads one line, without its newline.
    pub fn from_json(line: &[u8]) -> Result<Self, DisclosureError> {
        json::check_with_erased(line).map_err(JsonError::Strict)?;
        let raw: EntryLine = serde_json::from_slice(line).map_err(JsonError::Shape)?;
        let docket = match (raw.docket, raw.items, raw.publication) {
            (None, None, None) => None,
            (Some(envelope), Some(items), publication) => Some(DocketDisclosure {
                envelope,
                items: items.into_iter().map(|item| item.map(|bytes| bytes.0)).collect(),
                publication: publication.map(|bytes| bytes.0),
            }),
            _ => return Err(DisclosureError::Members),
        };
        Ok(Self { index: raw.index, entry: raw.entry.0, docket })
    }

    /// Takes an erased statement away; with the last one, what was published with them.
    pub fn erase(&mut self, position: u32) {
        let Some(docket) = &mut self.docket else { return };
        if let Some(item) = usize::try_from(position).ok().and_then(|position| docket.items.get_mut(position)) {
            *item = None;
        }
        if docket.items.iter().all(Option::is_none) {
            docket.publication = None;
        }
    }

    /// The line, without its newline.
    pub fn to_json(&self) -> Vec<u8> {
        let docket = self.docket.as_ref();
        json::to_json(&EntryLine {
            index: self.index,
            entry: Base64(self.entry.clone()),
            docket: docket.map(|docket| docket.envelope.clone()),
            items: docket.map(|docket| docket.items.iter().map(|item| item.clone().map(Base64)).collect()),
            publication: docket.and_then(|docket| docket.publication.clone()).map(Base64),
        })
    }
}
