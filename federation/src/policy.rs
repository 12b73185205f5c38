//! A policy: an instrument's rules as data, that a machine can hold a statement against.
//!
//! What the committee decides by (windows, quorum, deadlines, calendar) is `decide`, the registry's own text, read by
//! its rules. Implements `docs/formats.md` §6.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    action::Action,
    document::{DocumentError, WellFormed},
    encoding::Time,
    language::Language,
    statement::{MeasureKind, Scope},
};

/// One version of one instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// The format's version, 1.
    pub v: u64,
    /// The instrument.
    pub instrument: String,
    /// Its version.
    pub version: String,
    /// Its title.
    pub title: Words,
    /// From when statements may take effect under it.
    pub effective_from: Time,
    /// The zone of its civil dates, as the IANA names it.
    pub zone: String,
    /// What people read for each measure.
    pub words: BTreeMap<MeasureKind, Words>,
    /// The measures that it has.
    pub measures: BTreeMap<MeasureKind, MeasureRule>,
    /// What it says of interims.
    pub interim: InterimRule,
    /// What it says of rulings that are taken over without a case; without it there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportRule>,
    /// What a member does on a measure, where it isn't the default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<MeasureKind, Action>,
    /// The violations that it knows.
    pub violations: Vec<Violation>,
    /// Windows, quorum, deadlines, calendar, retention: read by the registry's rules.
    pub decide: serde_json::Map<String, serde_json::Value>,
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// zh-CN.
    pub zh: String,
    /// en.
    pub en: String,
}

impl Words {
    /// Those in the language that is spoken.
    pub fn spoken(&self) -> &str {
        Language::spoken().pick(&self.zh, &self.en)
    }
}

/// What a policy says of one measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MeasureRule {
    /// Whether it has an end.
    pub until: UntilRule,
    /// The scopes that it may close; none: it is all or nothing.
    pub scopes: Vec<AllowedScope>,
    /// What follows when its term is over.
    pub on_term_end: OnTermEnd,
}

/// Whether a measure has an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UntilRule {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// It must not.
    Forbidden,
}

/// What follows when a measure's term is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnTermEnd {
    /// It is over.
    Expires,
    /// It waits for a reinstatement.
    RequiresReinstatement,
}

/// A scope as a policy allows it: one, or with `topic` every topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AllowedScope {
    /// This one.
    One(Scope),
    /// Every `topic:NAME`.
    AnyTopic,
}

impl TryFrom<String> for AllowedScope {
    type Error = crate::statement::ScopeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "topic" { Ok(Self::AnyTopic) } else { text.parse().map(Self::One) }
    }
}

impl From<AllowedScope> for String {
    fn from(scope: AllowedScope) -> Self {
        match scope {
            AllowedScope::One(scope) => scope.to_string(),
            AllowedScope::AnyTopic => "topic".to_owned(),
        }
    }
}

/// What a policy says of interims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InterimRule {
    /// The most days (of 24 h) that one lasts, and that must lie between two.
    pub max_days: u32,
}

/// What a policy says of rulings that are taken over from before the registry, without a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRule {
    /// When the last may be logged; at most [`MAX_IMPORT_DAYS`] after the policy itself.
    pub until: Time,
}

/// How long after its own logging a policy may let rulings be taken over: a year, since what is taken over was never
/// held against a case.
pub const MAX_IMPORT_DAYS: i64 = 366;

/// A violation that a ruling may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// Its code, such as `NB-11`.
    pub code: String,
    /// What it is, in zh-CN.
    pub zh: String,
    /// What it is, in en.
    pub en: String,
    /// Where it is written.
    pub source: String,
    /// How sure the wording is: `C` read in the text, `R` press, `K` general knowledge, `U` unconfirmed.
    pub mark: String,
}

impl Policy {
    /// Whether rulings that are logged at this time are taken over without a case.
    pub fn takes_over(&self, at: Time) -> bool {
        self.import.is_some_and(|import| at <= import.until)
    }

    /// What a member does on this measure.
    pub fn action(&self, measure: MeasureKind) -> Action {
        self.actions.get(&measure).copied().unwrap_or(match measure {
            MeasureKind::Notice | MeasureKind::Warning => Action::Notify,
            MeasureKind::Restriction => Action::Review,
            MeasureKind::Suspension | MeasureKind::Bar => Action::Refuse,
        })
    }
}

impl MeasureRule {
    /// Whether a measure may close these scopes: a list must be met by a part of it that isn't empty, an empty one by an
    /// empty one (formats §5.6).
    pub fn allows(&self, scopes: &[Scope]) -> bool {
        scopes.is_empty() == self.scopes.is_empty()
            && scopes.iter().all(|scope| {
                self.scopes.iter().any(|allowed| match allowed {
                    AllowedScope::One(one) => one == scope,
                    AllowedScope::AnyTopic => matches!(scope, Scope::Topic(_)),
                })
            })
    }
}

impl WellFormed for Policy {
    fn check(&self) -> Result<(), DocumentError> {
        if self.v != 1 {
            return Err(DocumentError::Format);
        }
        if self.interim.max_days == 0 {
            return Err(DocumentError::Value("interim.maxDays"));
        }
        Ok(())
    }
}
