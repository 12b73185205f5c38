//! What is answered about one person. What it says is the agent's `check`.

use std::borrow::Cow;

use callboard_federation::{
    encoding::{CheckId, RecordId, Time},
    identity::reader::Finding,
    policy::Words,
    sealed::Plain,
    standing::{Action, Standing, ToCome},
    tag::Epoch,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reference;

/// What a platform does, mildest first; `blocked`: nothing is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It admits by its own rules.
    Allow,
    /// It admits, and tells whoever is responsible for content.
    Notify,
    /// A person decides.
    Review,
    /// It gives no such service.
    Refuse,
    /// Nothing is decided.
    Blocked,
}

impl Decision {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Allow, Self::Notify, Self::Review, Self::Refuse, Self::Blocked];

    /// The word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Notify => "notify",
            Self::Review => "review",
            Self::Refuse => "refuse",
            Self::Blocked => "blocked",
        }
    }
}

impl From<Action> for Decision {
    fn from(action: Action) -> Self {
        match action {
            Action::Allow => Self::Allow,
            Action::Notify => Self::Notify,
            Action::Review => Self::Review,
            Action::Refuse => Self::Refuse,
        }
    }
}

/// Why nothing is decided about a person: never an `allow` (formats §10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Blocked)]
pub enum BlockReason {
    /// An identity fails its check, they are of several subjects, or of another person than the account is held for.
    IdentityInvalid,
    /// Nothing tells the person's age.
    AgeUnknown,
    /// Under 16.
    UnderAge,
    /// 16 or 17, and no guardian agreed.
    GuardianConsentMissing,
    /// The view of the log is too old, or was never witnessed.
    Stale,
    /// A tag could not be had, or its proof failed.
    Unavailable,
    /// No document is known: what is soft decides nothing alone.
    NoDocument,
}

impl BlockReason {
    /// The word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityInvalid => "identity-invalid",
            Self::AgeUnknown => "age-unknown",
            Self::UnderAge => "under-age",
            Self::GuardianConsentMissing => "guardian-consent-missing",
            Self::Stale => "stale",
            Self::Unavailable => "unavailable",
            Self::NoDocument => "no-document",
        }
    }
}

/// The answer about one person. It may hold opened details: there is no `Debug`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "ref": "host-1", "decision": "refuse", "at": "2026-11-25T08:00:00.000Z",
    "todo": {"zh": "不得为其提供此类服务。…", "en": "Give this person no such service. …"},
    "standing": {"state": "suspended", "action": "refuse", "tags": [], "reasons": [], "size": 8, "at": "2026-11-25T08:00:00.000Z"},
    "reasons": [{"record": "019c167f-cc00-7568-8a65-6cc0703e460a", "measure": {"zh": "警示（停止直播服务）", "en": "Suspension"}}],
    "asOf": {"size": 8, "since": "2026-11-25T07:59:50.000Z", "witnessed": true}, "epochs": [1],
}))]
pub struct CheckAnswer {
    /// The check's id in the log of checks.
    pub id: CheckId,
    /// The account that was asked about.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// Who of those at the account, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// `allow`, `notify`, `review`, `refuse`, or `blocked`.
    pub decision: Decision,
    /// Why nothing is decided, if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<BlockReason>,
    /// A finer reason, a word: `ref-is-another-person`, or the code of the first finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'static, str>>,
    /// What exactly is wrong, in words without an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What is wrong with which identity: `{at?, code, zh, en, confirmed}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Finding>)]
    pub findings: Vec<FindingText>,
    /// The details of a reason bear none of the names that were told, now or the last time that any were.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub name_differs: bool,
    /// What to compare or to do besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What to do.
    pub todo: Todo,
    /// When.
    pub at: Time,
    /// What holds for the person, by the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// What it rests on, in words, with the details that could be opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonText>,
    /// What is logged and not yet in effect: it moves nothing now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_come: Vec<ToCome>,
    /// How far the log is known, and since when that is witnessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<View>,
    /// The epochs under which the person was looked up.
    pub epochs: Vec<Epoch>,
}

/// What is wrong with an identity, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingText {
    /// Which identity of the question, from 0; absent: all of them together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// The word by which programs tell it.
    pub code: Cow<'static, str>,
    /// zh-CN.
    pub zh: String,
    /// en.
    pub en: String,
    /// Whether `confirmed` excuses this.
    pub confirmed: bool,
}

impl From<&Finding> for FindingText {
    fn from(finding: &Finding) -> Self {
        let Words { zh, en } = finding.fault.words();
        let (code, confirmed) = (finding.fault.code().into(), finding.fault.is_excused_by_confirmed());
        Self { at: finding.at, code, zh, en, confirmed }
    }
}

/// Something to compare or to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CheckNote, example = json!({
    "at": 0, "code": "number-changes", "zh": "这种证件换发后号码会变：…", "en": "its number changes when it is renewed: …",
}))]
pub struct Note {
    /// Of which identity of the question, from 0; absent: of the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// The word by which programs tell it.
    pub code: Cow<'static, str>,
    /// zh-CN.
    pub zh: String,
    /// en.
    pub en: String,
}

/// What to do, in words.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Todo {
    /// zh-CN.
    pub zh: Cow<'static, str>,
    /// en.
    pub en: Cow<'static, str>,
}

/// A measure as people read it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReasonTold)]
pub struct ReasonText {
    /// The record.
    pub record: RecordId,
    /// The measure, in the policy's words.
    pub measure: Words,
    /// Names, conduct and reasons, if they could be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Plain>,
    /// They bear none of the names that were told, now or the last time that any were.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub name_differs: bool,
    /// Why they couldn't, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

/// The view that an answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AsOf)]
pub struct View {
    /// Only entries below this index are answered from.
    pub size: u64,
    /// Since when it is witnessed.
    pub since: Time,
    /// Whether witnesses watch; `false` where the roster asks for none.
    pub witnessed: bool,
}
