//! Whom a platform means: `ref`, an account of its own, and `person`, one of several people at it.
//!
//! A room with several hosts is one `ref` with a `person` each; without `person` a `ref` has one holder. The same `ref` with
//! and without `person` are two accounts.

use std::fmt;

use callboard_federation::zh_en;
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{Part, Shape};

/// The most bytes of a `ref`, and of a `person`.
pub const MAX_REFERENCE: usize = 256;

/// What a platform calls an account, or a person at one: 1 to 256 bytes without control characters. It says nothing to the
/// agent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 256)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// A text that is no `ref`, and no `person`.
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
    /// As the platform writes it.
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

impl Part for Reference {
    fn from_path(text: &str) -> Option<Self> {
        text.to_owned().try_into().ok()
    }

    /// What is not unreserved is escaped (RFC 3986 §2.1).
    fn to_path(&self) -> String {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let escaped = self.0.bytes().map(|byte| match byte {
            byte if is_unreserved(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        escaped.collect()
    }

    fn schema() -> RefOr<Schema> {
        (Shape::of::<Self>().schema)()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_of_any_characters_is_one_part_of_a_path() {
        let path = |text: &str| Reference::from_path(text).unwrap().to_path();
        assert_eq!(path("host-1"), "host-1");
        assert_eq!(path("a/b?主播"), "a%2Fb%3F%E4%B8%BB%E6%92%AD");
    }
}
