//! What a platform is told: the decision, what it rests on, and what to do.

use callboard_federation::{
    encoding::{CheckId, RecordId, Time},
    identity::reader::Finding,
    policy::{Policy, Words},
    sealed::Plain,
    standing::{Action, Reason, Standing, ToCome},
    tag::Epoch,
};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use super::{notes::Note, question::IdentitiesError};
use crate::{
    book::{
        Person, Reference,
        holder::{Holder, HolderError},
    },
    replica::View,
};

/// The question is about another person than the account is held for.
pub const ANOTHER_PERSON: &str = "ref-is-another-person";
/// What to do then.
const REPLACE: Todo = Todo {
    zh: "该 ref 已登记为另一人，本次查询未作任何更改。直播间有多名主播的，使用同一 ref，每人各用一个 person；账号已更换使用人的，先调用 \
         POST /refs/{ref}/replace；同一人更正证件号码的，调用时附 \"same\": true。然后重新查询。",
    en: "The ref is held for another person, and this question changed nothing. A room with several hosts is one ref with a \
         person each. If the account was handed over, POST /refs/{ref}/replace first; if it is the same person under a \
         corrected number, with \"same\": true. Then ask again.",
};

/// Why nothing is decided about a person: never an `allow` (formats §10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
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

/// Why nothing is decided about one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionError {
    pub blocked: BlockReason,
    /// The word of a finer reason, where there is one.
    pub reason: Option<&'static str>,
    /// What exactly is wrong, in words without an identity.
    pub detail: Option<String>,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// What the records of the person ask.
    Acts(Action),
    Blocked(BlockReason),
}

/// The answer about one person. It may hold opened details: there is no `Debug`.
#[derive(Clone, Serialize, ToSchema)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// `allow`, `notify`, `review`, `refuse`, or `blocked`.
    pub decision: Decision,
    /// Why nothing is decided, if nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<BlockReason>,
    /// A finer reason, a word: `ref-is-another-person`, or the code of the first finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What exactly is wrong, in words without an identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What is wrong with which identity: `{at?, code, zh, en, confirmed}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The details of a reason bear none of the names that were told, now or the last time that any were.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub name_differs: bool,
    /// What to compare or to do besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What to do.
    pub todo: Todo,
    /// When.
    pub at: Time,
    /// What holds for the person, by the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// What it rests on, in words, with the details that could be opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonText>,
    /// What is logged and not yet in effect: it moves nothing now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_come: Vec<ToCome>,
    /// How far the log is known, and since when that is witnessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<View>,
    /// The epochs under which the person was looked up.
    pub epochs: Vec<Epoch>,
}

/// What to do, in words.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Todo {
    /// zh-CN.
    pub zh: &'static str,
    /// en.
    pub en: &'static str,
}

/// A measure as people read it.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReasonTold)]
pub struct ReasonText {
    /// The record.
    pub record: RecordId,
    /// The measure, in the policy's words.
    pub measure: Words,
    /// Names, conduct and reasons, if they could be opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Plain>,
    /// They bear none of the names that were told, now or the last time that any were.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub name_differs: bool,
    /// Why they couldn't, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl BlockReason {
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

    const fn todo(self) -> [&'static str; 2] {
        match self {
            Self::IdentityInvalid => [
                "证件号码未通过校验：请与证件原件核对后重新查询。不得据此准入。",
                "An identity fails its check: compare it with the document and ask again. Do not admit on this.",
            ],
            Self::AgeUnknown => [
                "无法判断年龄：请补充出生日期或居民身份证号码后重新查询。",
                "Nothing tells the person's age: ask again with a date of birth, or a resident's number.",
            ],
            Self::UnderAge => [
                "未满十六周岁：不得为其提供网络直播发布者账号注册服务。",
                "Under 16: give this person no account to stream from.",
            ],
            Self::GuardianConsentMissing => [
                "年满十六周岁未满十八周岁：取得监护人同意后，附 guardianConsent 重新查询。",
                "16 or 17: obtain a guardian's consent, then ask again with guardianConsent.",
            ],
            Self::Stale => [
                "本地登记视图未经足够见证或已过期：在恢复之前暂缓准入，既有服务按贵平台预案处理。",
                "The view of the registry is not witnessed, or too old: hold admissions until it recovers; what you do about \
                 people on air is your own contingency plan.",
            ],
            Self::Unavailable => [
                "暂时无法取得此人的身份代码：稍后重试，在此之前暂缓准入。",
                "This person could not be looked up: try again later, and hold the admission until then.",
            ],
            Self::NoDocument => [
                "没有此人的证件号码：平台账号、网络身份标识、护照持有人信息不能单独作为依据。请取得证件号码后重新查询，在此之前暂缓准入。",
                "No document of this person is known, and an account, a net identity code or a passport's holder decides \
                 nothing alone: obtain a document's number and ask again, and hold the admission until then.",
            ],
        }
    }
}

impl Decision {
    /// What a standing asks of a platform that knows this of the person. What is soft alone may ask for a review, and
    /// lets nobody pass.
    pub fn of(action: Action, holder: &Holder) -> Self {
        let is_decided = !holder.is_soft_alone() || (action >= Action::Review && !holder.no_document);
        if is_decided { Self::Acts(action) } else { Self::Blocked(BlockReason::NoDocument) }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acts(action) => action.as_str(),
            Self::Blocked(_) => "blocked",
        }
    }

    pub const fn blocked(self) -> Option<BlockReason> {
        match self {
            Self::Acts(_) => None,
            Self::Blocked(why) => Some(why),
        }
    }

    pub const fn todo(self) -> Todo {
        let [zh, en] = match self {
            Self::Blocked(why) => why.todo(),
            Self::Acts(Action::Allow) => [
                "没有针对此人的在效措施，可以按本平台规则准入。",
                "Nothing stands against this person: admit by your own rules.",
            ],
            Self::Acts(Action::Notify) => [
                "可以准入；请将所列决定告知负责内容安全的人员并予以关注。",
                "Admit, and tell whoever is responsible for content of the decisions listed.",
            ],
            Self::Acts(Action::Review) => [
                "须由人工复核所列决定及其范围后决定是否准入，并留存理由。",
                "A person decides, after reading the decisions listed and their scopes, and keeps the reasons.",
            ],
            Self::Acts(Action::Refuse) => [
                "不得为其提供此类服务；当事人可以依所列决定申请复核或者复出。",
                "Give this person no such service. Appeal and return are open under the decisions listed.",
            ],
        };
        Todo { zh, en }
    }
}

impl PartialSchema for Decision {
    fn schema() -> RefOr<Schema> {
        let actions = [Action::Allow, Action::Notify, Action::Review, Action::Refuse].map(Action::as_str);
        let words =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(actions.into_iter().chain(["blocked"])));
        words.description(Some("What a platform does, mildest first; `blocked`: nothing is decided.")).into()
    }
}

impl ToSchema for Decision {}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl CheckAnswer {
    pub fn blocked(id: CheckId, person: Person, why: QuestionError, at: Time) -> Self {
        let decision = Decision::Blocked(why.blocked);
        let Person { reference, person } = person;
        Self {
            id,
            reference,
            person,
            decision,
            blocked: Some(why.blocked),
            reason: why.reason,
            todo: if why.reason == Some(ANOTHER_PERSON) { REPLACE } else { decision.todo() },
            detail: why.detail,
            findings: why.findings,
            name_differs: false,
            notes: Vec::new(),
            at,
            standing: None,
            reasons: Vec::new(),
            to_come: Vec::new(),
            as_of: None,
            epochs: Vec::new(),
        }
    }
}

impl QuestionError {
    pub const fn new(blocked: BlockReason, detail: Option<String>) -> Self {
        Self { blocked, reason: None, detail, findings: Vec::new() }
    }

    /// An identity isn't one, or they are of several subjects.
    pub fn invalid(invalid: IdentitiesError) -> Self {
        let reason = invalid.0.first().map(|finding| finding.fault.code());
        Self { blocked: BlockReason::IdentityInvalid, reason, detail: Some(invalid.to_string()), findings: invalid.0 }
    }

    /// A code of the national identity service by which another member knows the person.
    pub fn code_of_another_member() -> Self {
        let detail = "该网络身份标识属于另一会员单位：每家会员单位所得各不相同，请核对前缀 / the net identity code is another \
                      member's: each member knows a person by another code; compare what stands before the colon";
        let reason = Some("code-of-another-member");
        Self { reason, ..Self::new(BlockReason::IdentityInvalid, Some(detail.to_owned())) }
    }

    pub fn another_person(contradiction: HolderError) -> Self {
        let detail = Some(contradiction.to_string());
        Self { reason: Some(ANOTHER_PERSON), ..Self::new(BlockReason::IdentityInvalid, detail) }
    }

    /// The person's age doesn't let it stream, or isn't known.
    pub fn of_age(blocked: BlockReason) -> Self {
        let differ = (blocked == BlockReason::IdentityInvalid).then(|| "the dates of birth differ".to_owned());
        Self::new(blocked, differ)
    }
}

impl ReasonText {
    /// A reason in the words of its policy, still sealed.
    pub fn of(reason: &Reason, policy: Option<&Policy>) -> Self {
        let word = || Words { zh: reason.measure.to_string(), en: reason.measure.to_string() };
        let measure = policy.and_then(|policy| policy.words.get(&reason.measure).cloned()).unwrap_or_else(word);
        Self { record: reason.record, measure, details: None, name_differs: false, sealed: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decision_says_what_to_do_in_both_languages_and_nothing_blocked_allows() {
        use BlockReason::{
            AgeUnknown, GuardianConsentMissing, IdentityInvalid, NoDocument, Stale, Unavailable, UnderAge,
        };
        let blocked = [IdentityInvalid, AgeUnknown, UnderAge, GuardianConsentMissing, Stale, Unavailable, NoDocument];
        let acts = [Action::Allow, Action::Notify, Action::Review, Action::Refuse];
        let all: Vec<Decision> =
            blocked.into_iter().map(Decision::Blocked).chain(acts.into_iter().map(Decision::Acts)).collect();
        let mut said = std::collections::BTreeSet::new();
        for decision in all {
            let Todo { zh, en } = decision.todo();
            assert!(said.insert(zh) && said.insert(en), "{}", decision.as_str());
            assert_eq!(decision.blocked().is_some(), decision.as_str() == "blocked");
        }
        let soft = Holder::default();
        let flagged = Holder::of_question([], None, false, true);
        for action in acts {
            let passes = action >= Action::Review;
            assert_eq!(Decision::of(action, &soft).blocked().is_none(), passes, "soft alone, {}", action.as_str());
            assert_eq!(Decision::of(action, &flagged), Decision::Blocked(NoDocument));
        }
        let word = serde_json::to_value(GuardianConsentMissing).unwrap();
        assert_eq!(word, GuardianConsentMissing.as_str());
    }
}
