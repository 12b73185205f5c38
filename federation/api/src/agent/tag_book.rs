//! The tag book: the platform's own people, taken in, forgotten, and listed by what a check would decide, without numbers.

use callboard_federation::{
    encoding::Time,
    openapi::lines,
    standing::{Standing, ToCome},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    Person, REF, Reference,
    answer::{BlockReason, Decision, ReasonText, Todo, View},
    checks::{PEOPLE, Questions},
};
use crate::{Operation, Shape, Token, operations};

/// What came of enrolling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"enrolled": 1, "notAllowed": 0}))]
pub struct Enrolment {
    /// How many people are known now.
    pub enrolled: usize,
    /// Of how many of them a check would decide anything but `allow`: `GET /refs` names them. Absent while the view is stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_allowed: Option<usize>,
    /// Why the others aren't, in words without an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A person of the platform, and what a check would answer now.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "ref": "host-1", "decision": "refuse", "at": "2026-11-25T08:00:00.000Z", "owed": false,
    "todo": {"zh": "不得为其提供此类服务。…", "en": "Give this person no such service. …"},
    "standing": {"state": "suspended", "action": "refuse", "tags": [], "reasons": [], "size": 8, "at": "2026-11-25T08:00:00.000Z"},
}))]
pub struct RefAnswer {
    /// What the platform calls the account.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// Who of those at it, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// `allow`, `notify`, `review`, `refuse`, or `blocked`.
    pub decision: Decision,
    /// Why nothing is decided, if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<BlockReason>,
    /// What exactly is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do.
    pub todo: Todo,
    /// When.
    pub at: Time,
    /// What holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// What it rests on, in words; details open in a check, where the identity is at hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonText>,
    /// What is logged and not yet in effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_come: Vec<ToCome>,
    /// How far the log is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<View>,
    /// Whether the hook hasn't taken this yet.
    pub owed: bool,
}

/// People of the platform.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"people": [{
    "ref": "host-1", "decision": "refuse", "at": "2026-11-25T08:00:00.000Z", "owed": false,
    "todo": {"zh": "不得为其提供此类服务。…", "en": "Give this person no such service. …"},
    "standing": {"state": "suspended", "action": "refuse", "tags": [], "reasons": [], "size": 8, "at": "2026-11-25T08:00:00.000Z"},
}], "next": "5f0c2a9e7b1d4c3f8a6e5d4c3b2a1908"}))]
pub struct RefPage {
    /// Each with what a check would answer now.
    pub people: Vec<RefAnswer>,
    /// Where the next page begins, if there is one: `after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

enum RefLines {}

impl PartialSchema for RefLines {
    fn schema() -> RefOr<Schema> {
        lines(&RefAnswer::name())
    }
}

impl ToSchema for RefLines {}

/// Which people, and how they are written.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RefsAsked {
    /// Of whom a check would decide so: some of `allow`, `notify`, `review`, `refuse`, `blocked`, separated by commas. Without
    /// it everyone.
    #[param(pattern = "^(allow|notify|review|refuse|blocked)(, *(allow|notify|review|refuse|blocked))*$")]
    pub decision: Option<String>,
    /// How they are written; without it `json`.
    #[param(pattern = "^(json|ndjson|csv)$", default = "json")]
    pub format: Option<String>,
    /// How many people are looked at for a page: 1,000; at least one and at most 10,000, whatever is asked. A page may be shorter, and is the last only without
    /// `next`.
    #[param(default = 1_000)]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the one before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    pub after: Option<String>,
}

/// Who of those at an account is meant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Whom {
    /// One person; empty, the one without a `person`; absent, everyone at the account.
    pub person: Option<String>,
}

/// Who has an account now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Replace, example = json!({"person": "jia"}))]
pub struct Replacement {
    /// Who of those at the account, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Reference>,
    /// It is the same person under a corrected number; otherwise the holder changed.
    #[serde(default)]
    pub same: bool,
}

/// Accounts that must be enrolled anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Outdated, example = json!({"people": [{"ref": "host-1"}, {"ref": "room-7", "person": "jia"}]}))]
pub struct OutdatedPeople {
    /// `{ref, person?}` each, at most 1,000: enrol them, and ask again.
    pub people: Vec<Person>,
}

operations! {
    /// The operations on the tag book.
    OPERATIONS:

    /// Takes people into the tag book without deciding about them
    ///
    /// For a platform's existing hosts: afterwards they are known. The hook is told of each whom a check would not simply allow,
    /// and of whatever changes that.
    ENROL: [Token, (), (), Questions, Enrolment] =
        Operation::post("/enrol", "tag book").takes(PEOPLE).gives(&[(200, "How many are known now")])
            .problems("malformed too-many-checks unavailable");

    /// Lists the platform's people by what a check would decide about each, without their numbers
    LIST_REFS: [Token, (), RefsAsked, (), RefPage] =
        Operation::get("/refs", "tag book").query()
            .gives(&[(200, "A page of people: an object; or lines of JSON (each a `RefAnswer`), or CSV (RFC 4180)")])
            .content("application/x-ndjson", Shape::inline::<RefLines>(), Some("{\"ref\":\"host-1\",…}\n"))
            .content("text/csv", Shape::inline::<String>(), Some("ref,person,decision,blocked,state,records,toCome,owed,at\r\n"))
            .headers(&[("link", "Where the next page is, if there is one: `<…>; rel=\"next\"`")])
            .problems("malformed not-ready unavailable");

    /// Tells what a check would answer about those at an account, without their numbers
    ///
    /// It is no check: nothing is logged, nothing of it can be proven, and details stay sealed.
    GET_REF: [Token, Reference, Whom, (), RefPage] =
        Operation::get("/refs/{ref}", "tag book").part(REF).query().gives(&[(200, "Those at the account")])
            .problems("malformed not-found not-ready unavailable");

    /// Forgets everyone at an account, or one person: identities, unless another holds them, and what the hook is owed
    FORGET_REF: [Token, Reference, Whom, (), ()] =
        Operation::delete("/refs/{ref}", "tag book").part(REF).query().answers(&[(204, "It is forgotten")])
            .problems("malformed not-found unavailable");

    /// Says that an account has another holder, or the same under a corrected number
    ///
    /// Without `same` the person before leaves, as if forgotten, and whoever is asked about next is the holder. With `same: true`
    /// what is held stays: the next question that contradicts it is taken as of the same person, once; both numbers are held from
    /// then on, and the strictest holds of both, of ages too. A person never becomes an enterprise: that is another holder.
    REPLACE_HOLDER: [Token, Reference, (), Option<Replacement>, ()] =
        Operation::post("/refs/{ref}/replace", "tag book").part(REF)
            .may_take("Whom, and whether it is the same person; empty: the one holder, another")
            .answers(&[(204, "Ask again now")]).problems("malformed not-found unavailable");

    /// Lists accounts without a tag of a live epoch
    ///
    /// Before an epoch closes, whoever is known under it alone is enrolled anew: otherwise the next check finds a stranger.
    LIST_OUTDATED: [Token, (), (), (), OutdatedPeople] =
        Operation::get("/refs/outdated", "tag book").gives(&[(200, "The accounts")]).problems("unavailable");
}
