//! Measures: what a ruling or interim imposes, on which services, until when.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    encoding::{Time, text_of},
    language::Phrase,
    zh_en,
};

/// The five measures, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MeasureKind {
    /// 提醒: a reminder.
    Notice,
    /// 告诫: a caution.
    Warning,
    /// Some scopes or topics are closed.
    Restriction,
    /// 警示: no live service, for a term or until reinstated.
    Suspension,
    /// For good.
    Bar,
}

impl MeasureKind {
    /// Every measure, mildest first.
    pub const ALL: [Self; 5] = [Self::Notice, Self::Warning, Self::Restriction, Self::Suspension, Self::Bar];

    /// The word that stands in JSON, SQL and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Restriction => "restriction",
            Self::Suspension => "suspension",
            Self::Bar => "bar",
        }
    }

    /// What people call it where no policy has a word for it.
    pub const fn words(self) -> Phrase {
        match self {
            Self::Notice => Phrase::new("提醒", "notice"),
            Self::Warning => Phrase::new("告诫", "caution"),
            Self::Restriction => Phrase::new("限制", "restriction"),
            Self::Suspension => Phrase::new("警示", "warning: suspension"),
            Self::Bar => Phrase::new("永久抵制", "permanent bar"),
        }
    }

    /// The measure of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for MeasureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A service that a measure closes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Live streaming.
    Live,
    /// Recorded video.
    Recorded,
    /// Being promoted by the platform.
    Promotion,
    /// Endorsing goods.
    Endorsement,
    /// Awards and honours.
    Award,
    /// One topic, `topic:NAME`; the name isn't empty.
    Topic(String),
}

/// A text that is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("适用服务应为 live、recorded、promotion、endorsement、award 或 topic:名称",
    "a scope is live, recorded, promotion, endorsement, award or topic:NAME"))]
pub struct ScopeError;

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Ok(match text {
            "live" => Self::Live,
            "recorded" => Self::Recorded,
            "promotion" => Self::Promotion,
            "endorsement" => Self::Endorsement,
            "award" => Self::Award,
            _ => match text.strip_prefix("topic:") {
                Some(name) if !name.is_empty() => Self::Topic(name.to_owned()),
                _ => return Err(ScopeError),
            },
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Recorded => f.write_str("recorded"),
            Self::Promotion => f.write_str("promotion"),
            Self::Endorsement => f.write_str("endorsement"),
            Self::Award => f.write_str("award"),
            Self::Topic(name) => write!(f, "topic:{name}"),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}

/// A measure as a statement imposes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Which.
    pub kind: MeasureKind,
    /// The services that it closes; none named: all.
    pub scopes: Vec<Scope>,
    /// When its term is over; absent: it has no end date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}
