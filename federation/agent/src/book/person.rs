//! Whom a platform means: `ref`, an account of its own, and `person`, one of several people at it.
//!
//! A room with several hosts is one `ref` with a `person` each; without `person` a `ref` has one holder. The same `ref` with
//! and without `person` are two accounts.

use std::fmt;

use callboard_federation::zh_en;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most bytes of a `ref`, and of a `person`.
pub const MAX_REFERENCE: usize = 256;

/// What a platform calls an account, or a person at one: 1 to 256 bytes without control characters. It says nothing to the
/// agent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 256)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("账号或人员编号应为1至256字节的文字，不含控制字符",
    "a ref or person is 1 to 256 bytes of text without control characters"))]
pub struct ReferenceError;

/// One person at the platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = PersonRef)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The account.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// Who of those at it, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
}

impl Reference {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        let fits = (1..=MAX_REFERENCE).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(ReferenceError) }
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl From<Reference> for Person {
    /// The one holder of an account.
    fn from(reference: Reference) -> Self {
        Self { reference, person: None }
    }
}

impl fmt::Display for Person {
    /// For people to read; not to be parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reference.as_str())?;
        self.person.as_ref().map_or(Ok(()), |person| write!(f, " / {}", person.as_str()))
    }
}
