//! What a platform is told: the decision, what it rests on, and what to do.

use std::borrow::Cow;

use callboard_api::agent::answer::{BlockReason, CheckAnswer, Decision, FindingText, ReasonText, Todo};
use callboard_federation::{
    encoding::{CheckId, Time},
    identity::reader::Finding,
    policy::{Policy, Words},
    standing::{Action, Reason},
    statement::MeasureKind,
};

use super::question::IdentitiesError;
use crate::book::{
    Person,
    holder::{Holder, HolderError},
};

/// The question is about another person than the account is held for.
pub const ANOTHER_PERSON: &str = "ref-is-another-person";
/// What to do then.
const REPLACE: Todo = Todo {
    zh: Cow::Borrowed(
        "该 ref 已登记为另一人，本次查询未作任何更改。直播间有多名主播的，使用同一 ref，每人各用一个 person；账号已更换使用人的，先调用 \
         POST /refs/{ref}/replace；同一人更正证件号码的，调用时附 \"same\": true。然后重新查询。",
    ),
    en: Cow::Borrowed(
        "The ref is held for another person, and this question changed nothing. A room with several hosts is one ref with a \
         person each. If the account was handed over, POST /refs/{ref}/replace first; if it is the same person under a \
         corrected number, with \"same\": true. Then ask again.",
    ),
};

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

/// What a standing asks of a platform that knows this of the person. What is soft alone may ask for a review, and lets nobody
/// pass.
///
/// # Errors
/// Why nothing is decided.
pub fn decide(action: Action, holder: &Holder) -> Result<Action, BlockReason> {
    let is_decided = !holder.is_soft_alone() || (action >= Action::Review && !holder.no_document);
    if is_decided { Ok(action) } else { Err(BlockReason::NoDocument) }
}

/// What to do.
pub const fn todo(decision: Result<Action, BlockReason>) -> Todo {
    let [zh, en] = match decision {
        Err(why) => when_blocked(why),
        Ok(Action::Allow) => [
            "没有针对此人的在效措施，可以按本平台规则准入。",
            "Nothing stands against this person: admit by your own rules.",
        ],
        Ok(Action::Notify) => [
            "可以准入；请将所列决定告知负责内容安全的人员并予以关注。",
            "Admit, and tell whoever is responsible for content of the decisions listed.",
        ],
        Ok(Action::Review) => [
            "须由人工复核所列决定及其范围后决定是否准入，并留存理由。",
            "A person decides, after reading the decisions listed and their scopes, and keeps the reasons.",
        ],
        Ok(Action::Refuse) => [
            "不得为其提供此类服务；当事人可以依所列决定申请复核或者复出。",
            "Give this person no such service. Appeal and return are open under the decisions listed.",
        ],
    };
    Todo { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
}

const fn when_blocked(blocked: BlockReason) -> [&'static str; 2] {
    match blocked {
        BlockReason::IdentityInvalid => [
            "证件号码未通过校验：请与证件原件核对后重新查询。不得据此准入。",
            "An identity fails its check: compare it with the document and ask again. Do not admit on this.",
        ],
        BlockReason::AgeUnknown => [
            "无法判断年龄：请补充出生日期或居民身份证号码后重新查询。",
            "Nothing tells the person's age: ask again with a date of birth, or a resident's number.",
        ],
        BlockReason::UnderAge => [
            "未满十六周岁：不得为其提供网络直播发布者账号注册服务。",
            "Under 16: give this person no account to stream from.",
        ],
        BlockReason::GuardianConsentMissing => [
            "年满十六周岁未满十八周岁：取得监护人同意后，附 guardianConsent 重新查询；签约前须为书面同意，并附 guardianRef。",
            "16 or 17: obtain a guardian's consent, then ask again with guardianConsent; before a contract it is a written one, \
             with guardianRef.",
        ],
        BlockReason::Stale => [
            "本地登记视图未经足够见证或已过期：在恢复之前暂缓准入，既有服务按贵平台预案处理。",
            "The view of the registry is not witnessed, or too old: hold admissions until it recovers; what you do about \
             people on air is your own contingency plan.",
        ],
        BlockReason::Unavailable => [
            "暂时无法取得此人的身份代码：稍后重试，在此之前暂缓准入。",
            "This person could not be looked up: try again later, and hold the admission until then.",
        ],
        BlockReason::NoDocument => [
            "没有此人的证件号码：平台账号、网络身份标识、护照持有人信息不能单独作为依据。请取得证件号码后重新查询，在此之前暂缓准入。",
            "No document of this person is known, and an account, a net identity code or a passport's holder decides \
             nothing alone: obtain a document's number and ask again, and hold the admission until then.",
        ],
    }
}

/// The answer to a question about which nothing is decided.
pub fn blocked(id: CheckId, person: Person, why: QuestionError, at: Time) -> CheckAnswer {
    let Person { reference, person } = person;
    CheckAnswer {
        id,
        reference,
        person,
        decision: Decision::Blocked,
        blocked: Some(why.blocked),
        todo: if why.reason == Some(ANOTHER_PERSON) { REPLACE } else { todo(Err(why.blocked)) },
        reason: why.reason.map(Cow::Borrowed),
        detail: why.detail,
        findings: why.findings.iter().map(FindingText::from).collect(),
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

/// A reason in the words of its policy, still sealed.
/// A measure in the policy's words, or by its own name where there are none.
pub(crate) fn measure_words(measure: MeasureKind, policy: Option<&Policy>) -> Words {
    let word = || Words { zh: measure.to_string(), en: measure.to_string() };
    policy.and_then(|policy| policy.words.get(&measure).cloned()).unwrap_or_else(word)
}

pub(super) fn reason_text(reason: &Reason, policy: Option<&Policy>) -> ReasonText {
    let measure = measure_words(reason.measure, policy);
    ReasonText { record: reason.record, measure, details: None, name_differs: false, sealed: None }
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
        let all = blocked.into_iter().map(Err).chain(acts.into_iter().map(Ok));
        let mut said = std::collections::BTreeSet::new();
        for decision in all {
            let Todo { zh, en } = todo(decision);
            assert!(said.insert(zh) && said.insert(en), "{decision:?}");
            let word = decision.map_or(Decision::Blocked, Decision::from).as_str();
            assert_eq!(decision.is_err(), word == "blocked");
        }
        let soft = Holder::default();
        let flagged = Holder::of_question([], None, false, true);
        for action in acts {
            let passes = action >= Action::Review;
            assert_eq!(decide(action, &soft).is_ok(), passes, "soft alone, {}", action.as_str());
            assert_eq!(decide(action, &flagged), Err(NoDocument));
        }
        let word = serde_json::to_value(GuardianConsentMissing).unwrap();
        assert_eq!(word, GuardianConsentMissing.as_str());
    }
}
