//! Questions to a member whose an account on its platform is: it sees the account, not the report that it is asked for
//! (`docs/formats.md` §14).

use callboard_federation::{
    encoding::{Base64, IdentityRequestId, ReportId, Time},
    members::MemberId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rows;
use crate::{Member, Operation, Seat, operations};

/// A question to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460d", "member": "beta", "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
    "toSeats": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewIdentityRequest {
    /// A UUID of version 7, made by the desk.
    pub id: IdentityRequestId,
    /// Who is asked.
    pub member: MemberId,
    /// Which account: an `age` file of at most 16 KiB to the member's recipient.
    pub sealed: Base64,
    /// The same for the secretariat's seats.
    pub to_seats: Base64,
}

/// What the member knows of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg=="}))]
#[serde(deny_unknown_fields)]
pub struct NewIdentityAnswer {
    /// An `age` file of at most 16 KiB to every seat of the secretariat.
    pub sealed: Base64,
}

/// A question as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460d", "member": "beta", "askedAt": "2026-02-01T00:00:00.000Z",
    "answeredAt": "2026-02-02T00:00:00.000Z", "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
    "answer": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
pub struct IdentityRequest {
    /// Its id.
    pub id: IdentityRequestId,
    /// Who is asked.
    pub member: MemberId,
    /// When it was asked, by the registry's clock.
    pub asked_at: Time,
    /// When the member answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Time>,
    /// Which account, an `age` file: to the member's recipient as the member is shown it, else to the secretariat's
    /// seats.
    pub sealed: Base64,
    /// What the member answered, an `age` file to the secretariat's seats: for them alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Base64>,
}

/// Questions, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"identityRequests": [], "next": "019c167f-cc00-7568-8a65-6cc0703e460d"}))]
pub struct IdentityRequests {
    /// A page of them.
    pub identity_requests: Vec<IdentityRequest>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<IdentityRequestId>,
}

/// Which questions.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IdentityRequestsBefore {
    /// Those that came before this one: `next` of the page before.
    pub before: Option<IdentityRequestId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
    /// Only those that aren't answered.
    #[serde(default)]
    pub open: bool,
}

impl IdentityRequestsBefore {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

operations! {
    /// The operations on questions for identities.
    OPERATIONS:

    /// Asks a member whose an account on its platform is, for a report
    ///
    /// For the secretariat's seats. The member is shown the question, not the report. The same question again gets the
    /// same answer.
    ASK_IDENTITY: [Seat, ReportId, (), NewIdentityRequest, IdentityRequest] =
        Operation::post("/v1/reports/{report}/identity-requests", "reports").part("The report's id").takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("not-found report-refused report-forbidden report-repeated report-closed");

    /// Lists what your member is asked, the newest first
    LIST_IDENTITY_REQUESTS: [Member, (), IdentityRequestsBefore, (), IdentityRequests] =
        Operation::get("/v1/identity-requests", "reports").query().gives(&[(200, "A page")]).problems("not-found");

    /// Answers what your member is asked, once
    ANSWER_IDENTITY_REQUEST: [Member, IdentityRequestId, (), NewIdentityAnswer, IdentityRequest] =
        Operation::post("/v1/identity-requests/{request}/answers", "reports").part("Its id").takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("not-found report-refused report-closed");
}
