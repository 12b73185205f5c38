//! Public documents: rosters, members, policies, each carried in a statement as the text that was signed.

use serde::de::DeserializeOwned;

use crate::{
    encoding::{Hash, JsonError, KeyError, from_json},
    threshold_error::ThresholdError,
    zh_en,
};

/// A public document: the text that was signed, its hash, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<T> {
    /// The document's bytes.
    pub text: String,
    /// SHA-256 of the bytes.
    pub hash: Hash,
    /// What it says.
    pub value: T,
}

/// A document that says whether it is well formed beyond its shape.
pub trait WellFormed: DeserializeOwned {
    /// Checks what types can't say.
    fn check(&self) -> Result<(), DocumentError>;
}

impl<T: WellFormed> Document<T> {
    /// Reads a document from its text.
    pub fn read(text: String) -> Result<Self, DocumentError> {
        let value: T = from_json(text.as_bytes())?;
        value.check()?;
        Ok(Self { hash: Hash::of(text.as_bytes()), text, value })
    }
}

/// Why a text is no such document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error("{}", zh_en!("文件格式有误：{_0}", "the document is malformed: {_0}"))]
    Json(#[from] JsonError),
    /// A version of the format that this program doesn't know.
    #[error("{}", zh_en!("文件格式只认版本1", "only version 1 of the document's format is known"))]
    Format,
    /// A member of the document can't have this value.
    #[error("{}", zh_en!("文件的 `{_0}` 不成立", "the document's `{_0}` can't be so"))]
    Value(&'static str),
    /// A key, recipient, holder, member or epoch stands twice.
    #[error("{}", zh_en!("文件的 {_0} 中有一项重复", "the document names one of its {_0} twice"))]
    Repeated(&'static str),
    /// A key that isn't one that the formats take.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The rules of a roster don't fit its seats, or each other.
    #[error(transparent)]
    Thresholds(#[from] ThresholdError),
}
