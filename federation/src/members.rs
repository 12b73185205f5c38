//! Members: who is bound by the rules, with what keys, and how much each may ask.
//!
//! Quotas are counted at the token service. Implements `docs/formats.md` §6.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{
    document::{DocumentError, WellFormed},
    encoding::{KeyId, PublicKey, Time},
    zh_en,
};

/// The list of members in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// The format's version, 1.
    pub v: u64,
    /// One more than that of the list before.
    pub version: u64,
    /// The members.
    pub members: Vec<Member>,
}

/// A platform or agency bound by the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its id.
    pub member: MemberId,
    /// Its name.
    pub name: String,
    /// The Ed25519 keys that sign its requests.
    pub keys: Vec<PublicKey>,
    /// How many points it may have evaluated.
    pub quota: Quota,
    /// Where its duty desk is reached: whoever is overdue is asked there. An address of the platform's, never a
    /// person's, since the list is public. One line of at most [`MAX_CONTACT_CHARS`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// The most characters of a contact: an address with a word beside it, shown on one line.
pub const MAX_CONTACT_CHARS: usize = 200;

/// A member's id: 1 to 64 of `[a-z0-9-]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemberId(String);

/// A text that is no member's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("会员单位代号为1至64个 a–z、0–9 或 -", "a member's id is 1 to 64 of a–z, 0–9 and -"))]
pub struct MemberIdError;

impl MemberId {
    /// The most bytes of an id: it stands in names of keys and files.
    pub const MAX_BYTES: usize = 64;

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MemberId {
    type Error = MemberIdError;

    fn try_from(text: String) -> Result<Self, MemberIdError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let holds = (1..=Self::MAX_BYTES).contains(&text.len()) && text.bytes().all(allowed);
        if holds { Ok(Self(text)) } else { Err(MemberIdError) }
    }
}

impl From<MemberId> for String {
    fn from(id: MemberId) -> Self {
        id.0
    }
}

impl std::fmt::Display for MemberId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many points a member may have evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Quota {
    /// Points each day.
    pub per_day: u64,
    /// Points besides, for a first load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
}

/// Points beside the daily quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// How many.
    pub count: u64,
    /// Until when.
    pub until: Time,
}

impl Members {
    /// The member whose request key has this id.
    pub fn of_key(&self, id: &KeyId) -> Option<(&Member, &PublicKey)> {
        self.members.iter().find_map(|member| Some((member, member.keys.iter().find(|key| key.id() == *id)?)))
    }

    /// Where the member's duty desk is reached, if the list says so.
    pub fn contact_of(&self, id: &str) -> Option<&str> {
        self.members.iter().find(|member| member.member.as_str() == id)?.contact.as_deref()
    }

    /// Every request key.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.members.iter().flat_map(|member| &member.keys)
    }
}

impl WellFormed for Members {
    fn check(&self) -> Result<(), DocumentError> {
        if self.v != 1 {
            return Err(DocumentError::Format);
        }
        let mut ids = HashSet::new();
        if !self.members.iter().all(|member| ids.insert(&member.member)) {
            return Err(DocumentError::Repeated("members"));
        }
        let is_line = |contact: &String| {
            (1..=MAX_CONTACT_CHARS).contains(&contact.chars().count()) && !contact.chars().any(char::is_control)
        };
        if !self.members.iter().filter_map(|member| member.contact.as_ref()).all(is_line) {
            return Err(DocumentError::Value("contact"));
        }
        let mut keys = HashSet::new();
        if !self.keys().all(|key| keys.insert(key)) {
            return Err(DocumentError::Repeated("keys"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn a_contact_is_one_line_that_fits_a_page() {
        let list = |contact: &str| {
            let text = format!(
                r#"{{"v":1,"version":1,"members":[{{"member":"alpha","name":"Alpha","keys":[],"quota":{{"perDay":1}}{contact}}}]}}"#
            );
            Document::<Members>::read(text).map(|document| document.value.contact_of("alpha").map(str::to_owned))
        };
        let with = |contact: &str| list(&format!(r#","contact":"{contact}""#));
        assert_eq!(list("").unwrap(), None);
        assert_eq!(with("值班 duty@alpha.example").unwrap().as_deref(), Some("值班 duty@alpha.example"));
        assert!(with(&"值".repeat(200)).is_ok());
        for wrong in [String::new(), "值".repeat(201), r"a\nb".to_owned(), r"a\u0007b".to_owned()] {
            assert!(matches!(with(&wrong), Err(DocumentError::Value("contact"))), "{wrong}");
        }
        assert!(list(r#","contact":null"#).is_err());
    }
}
