//! Receipts: a member's word that it acted.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time},
    members::MemberId,
    receipt::Outcome,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, envelope_example};
use crate::{Anyone, Member, Operation, Signed, operations};

/// What became of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "receipt": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d",
}))]
pub struct ReceiptTaken {
    /// SHA-256 of its payload.
    pub receipt: Hash,
}

/// A receipt as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptReceipt {
    /// Who files it.
    #[schema(value_type = MemberId)]
    pub member: String,
    /// What it says.
    #[schema(value_type = Outcome)]
    pub outcome: String,
    /// When, by the member's clock.
    pub at: Time,
    /// When the registry had it first.
    pub taken_at: Time,
    /// The member's envelope: exceptions and reasons are in its payload.
    pub envelope: Envelope,
    /// Whether it is the member's latest by `at`, the one that holds.
    pub holds: bool,
}

/// A page of receipts for a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"receipts": [], "next": 100}))]
pub struct Receipts {
    /// In the order in which they were taken.
    pub receipts: Vec<KeptReceipt>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// What you say of a docket: the receipt of yours that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"index": 7, "outcome": "partly", "at": "2026-11-25T08:00:00.000Z", "exceptions": 1}))]
pub struct FiledReceipt {
    /// The index of the docket's entry.
    pub index: u64,
    /// What it says.
    #[schema(value_type = Outcome)]
    pub outcome: String,
    /// When, by the member's clock.
    pub at: Time,
    /// How many records aren't in effect.
    pub exceptions: u64,
}

/// A page of your receipts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"receipts": [], "next": 7}))]
pub struct FiledReceipts {
    /// By index.
    pub receipts: Vec<FiledReceipt>,
    /// `after` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

operations! {
    /// The operations on receipts.
    OPERATIONS:

    /// Takes a member's receipt for a docket
    ///
    /// The body is the envelope (docs/formats.md §11). It needs no signed request: the member's signature in it is its right.
    /// All are kept, and of a member and docket the one of the latest `at` holds. The same payload again gets the same answer.
    /// Ten a minute are taken of a member for a docket.
    SUBMIT_RECEIPT: [Anyone, (), (), Envelope, ReceiptTaken] =
        Operation::post("/v1/receipts", "receipts").takes("The envelope")
            .body_example(envelope_example!("receipt"))
            .gives(&[(201, "Taken"), (200, "The registry had it already")])
            .problems("malformed receipt-refused");

    /// Shows every receipt for a docket to members and seats, as they were taken
    ///
    /// A page has as many rows as are asked for, or fewer where they are long: `next` says whether there is another.
    LIST_DOCKET_RECEIPTS: [Signed, Hash, Page, (), Receipts] =
        Operation::get("/v1/dockets/{docket}/receipts", "receipts").part("SHA-256 of the payload").query()
            .gives(&[(200, "The receipts")]).problems("not-found").forwarded();

    /// Lists the receipts of yours that hold, one a docket, of the entries after an index
    LIST_FILED_RECEIPTS: [Member, (), Page, (), FiledReceipts] =
        Operation::get("/v1/receipts/filed", "receipts").query().gives(&[(200, "A page")]).forwarded();
}
