//! What is sealed: whom a statement is about, what was done, and why it was decided so.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::encoding::{Hash, Time};

/// The plaintext of details (formats §7). Which of it a statement's kind asks for is the registry's `rules`.
///
/// It holds names: there is no `Debug` of what it says.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Details))]
#[serde(default)]
pub struct Plain {
    /// The names that the subject goes by.
    pub names: Vec<String>,
    /// Its accounts, `MEMBER:ACCOUNT`.
    pub accounts: Vec<String>,
    /// The codes of the policy's violations.
    pub violations: Vec<String>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conduct: Option<Conduct>,
    /// SHA-256 of each piece of evidence.
    pub evidence: Vec<Hash>,
    /// The reasons, in words.
    pub reasons: String,
    /// The conditions of a return.
    pub conditions: Vec<String>,
    /// Who answers for a minor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardian: Option<String>,
    /// The subject's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// What else was sealed; kept as it is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// From when to when it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Conduct {
    /// The first instant.
    pub from: Time,
    /// The last.
    pub to: Time,
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opened details")
    }
}
