//! Whom a statement is about: tags, never a name.

use serde::{Deserialize, Serialize};

use crate::tag::{Epoch, Tag};

/// The most tags that a subject has.
pub const MAX_TAGS: usize = 16;

/// What a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    /// A streamer, an agent.
    Person,
    /// An agency, a platform.
    Enterprise,
    /// A virtual streamer; its hard tags are of who answers for it.
    Persona,
}

/// A tag under the epoch that it was made in: one tag value under another epoch is another tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EpochTag {
    /// The token key's epoch.
    pub epoch: Epoch,
    /// The tag.
    pub tag: Tag,
}

/// A tag of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectTag {
    /// The token key's epoch.
    pub epoch: Epoch,
    /// The tag.
    pub tag: Tag,
    /// Whether the identity is shared or reused in life and never decides alone; in JSON `true` or absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "only_true")]
    pub soft: bool,
}

impl SubjectTag {
    /// The tag and its epoch.
    pub const fn tag(&self) -> EpochTag {
        EpochTag { epoch: self.epoch, tag: self.tag }
    }
}

fn only_true<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    if bool::deserialize(deserializer)? { Ok(true) } else { Err(serde::de::Error::custom("soft is true or absent")) }
}

/// Whom a statement is about: 1 to 16 tags, no two alike, soft ones alone only of a persona.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What the subject is.
    pub r#type: SubjectType,
    /// The subject's tags.
    pub tags: Vec<SubjectTag>,
}

impl Subject {
    /// Whether number, difference and softness of the tags are as formats §4 says.
    pub(super) fn is_well_formed(&self) -> bool {
        let alike = |(at, tag): (usize, &SubjectTag)| self.tags[..at].iter().any(|earlier| earlier.tag() == tag.tag());
        (1..=MAX_TAGS).contains(&self.tags.len())
            && !self.tags.iter().enumerate().any(alike)
            && (self.r#type == SubjectType::Persona || self.hard().next().is_some())
    }

    /// The tags of documents of this subject alone.
    pub fn hard(&self) -> impl Iterator<Item = EpochTag> + '_ {
        self.tags.iter().filter(|tag| !tag.soft).map(SubjectTag::tag)
    }

    /// The tags that details are wrapped for: the hard ones; of a persona with soft tags alone, those (formats §7).
    pub fn wrapped(&self) -> Vec<EpochTag> {
        let hard: Vec<_> = self.hard().collect();
        if hard.is_empty() { self.tags.iter().map(SubjectTag::tag).collect() } else { hard }
    }
}
