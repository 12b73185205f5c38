//! What the registry pushes, the platform's hook, and the platform's word on dockets.

use callboard_federation::{
    encoding::{CheckId, Hash, Time},
    receipt::{Exception, Outcome},
    webhook::Message,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Anyone, Operation, Token, operations};

/// What this platform says of a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Said, example = json!({"docket": "994ebc50376e990d34b1a1d3f5a0a1a5b7dd0e57dd8bb4b5b0b7b8f0f5fd4c9b", "outcome": "partly",
    "exceptions": [{"record": "019c167f-cc00-73bb-b093-53149ac499ee", "reason": "the contract ends on Friday"}]}))]
pub struct NewReceipt {
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// `in-effect`, `partly` or `declined`.
    pub outcome: Outcome,
    /// What isn't in effect, and why; not a name, since members and seats read it.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// How far a receipt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptProgress {
    /// The registry took it.
    Filed,
    /// It is signed, and the registry hasn't taken it.
    Signed,
    /// Nothing is signed before the docket's last record is in effect.
    ToCome,
    /// The hook hasn't taken what the docket changed.
    WaitsForHook,
    /// It is signed by itself in a moment.
    Due,
    /// Nobody but a person says it here: no hook is called, or another agent of the member files receipts.
    ByCommand,
}

impl ReceiptProgress {
    /// The word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Signed => "signed",
            Self::ToCome => "to-come",
            Self::WaitsForHook => "waits-for-hook",
            Self::Due => "due",
            Self::ByCommand => "by-command",
        }
    }
}

/// Which receipts.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceiptsBefore {
    /// Those of dockets before this index: `next` of the page before.
    pub before: Option<u64>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u32>,
    /// Only those that the registry hasn't taken.
    #[serde(default)]
    pub owed: bool,
}

/// A docket that this member says something of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 31, "state": "waits-for-hook",
    "effectiveAt": "2026-11-25T08:00:00.000Z", "people": 2,
}))]
pub struct ReceiptState {
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// Its index in the log.
    pub index: u64,
    /// How far the receipt has come.
    pub state: ReceiptProgress,
    /// What was said, once it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// When it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<Time>,
    /// When the registry took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed_at: Option<Time>,
    /// When the last record of the docket is in effect, as long as nothing is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<Time>,
    /// Of how many people the hook hasn't taken what the docket changed.
    pub people: u64,
}

/// Receipts, the newest docket first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"receipts": [], "failure": "the registry: the service can't be reached"}))]
pub struct ReceiptPage {
    /// A page of them.
    pub receipts: Vec<ReceiptState>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// Why the registry took none when one was last filed, if it took none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "status": 204, "taken": true, "millis": 12, "answer": "",
}))]
pub struct HookTest {
    /// The call's id, `webhook-id`.
    pub id: CheckId,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether a call would be taken: 2xx.
    pub taken: bool,
    /// How long it took.
    pub millis: u64,
    /// The first 512 bytes of the answer, or why there was none.
    pub answer: String,
}

operations! {
    /// The operations on what is pushed.
    OPERATIONS:

    /// Takes what the registry pushes, as a hint to look at the feed at once
    ///
    /// Standard Webhooks, `v1`, signed with the endpoint's secret; nothing of a message is believed beyond that there is news.
    TAKE_PUSH: [Anyone, (), (), Message, ()] =
        Operation::post("/webhook", "pushed").takes("A message (docs/formats.md §12)").answers(&[(204, "It is the registry's")])
            .problems("message-refused");

    /// Signs a receipt and files it: that a docket is in effect here, partly, or not and why
    ///
    /// After a hook that took every call of a docket, `in-effect` is filed by itself. A later receipt stands in the place of an
    /// earlier one; both are kept at the registry. It is filed within seconds, or as soon as the registry answers.
    FILE_RECEIPT: [Token, (), (), NewReceipt, ()] =
        Operation::post("/receipts", "pushed").takes("").answers(&[(202, "It is signed, and will be filed")])
            .problems("malformed receipt-unsigned unavailable");

    /// Lists what this member said of dockets and what it still owes, the newest docket first
    LIST_RECEIPTS: [Token, (), ReceiptsBefore, (), ReceiptPage] =
        Operation::get("/receipts", "pushed").query().gives(&[(200, "A page of receipts")])
            .problems("malformed unavailable");

    /// Reports that a call to the hook, which it answered with 202, is done
    ///
    /// Until then the call is owed: it is made again after the time that `Retry-After` of the 202 says, an hour if it says none,
    /// a day at most; and receipts wait for it.
    FINISH_HOOK_CALL: [Token, CheckId, (), (), ()] =
        Operation::post("/hook/{id}/done", "pushed").part("The call's id, `webhook-id`")
            .answers(&[(204, "It is taken as done")]).problems("malformed not-found unavailable");

    /// Calls the hook with a test, signed as every call is, and tells what came of it
    ///
    /// Its type is `hook.test`, with `id`, `at` and `member`: it is of nobody, and nothing is owed of it. In a dry run
    /// (`hook_mode = "report"`) it is made all the same. Up to ten seconds are waited.
    TEST_HOOK: [Token, (), (), (), HookTest] =
        Operation::post("/hook/test", "pushed").gives(&[(200, "What came of it")]).problems("no-hook");
}
