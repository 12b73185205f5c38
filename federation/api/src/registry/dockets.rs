//! Dockets: submitting one, and what was logged.

use callboard_federation::{
    docket::Item,
    dsse::Envelope,
    encoding::{DocketId, Hash, Time},
    hand_in::HandIn,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, envelope_example};
use crate::{Anyone, Operation, operations};

/// Where a docket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 7, "size": 8,
}))]
pub struct DocketLogged {
    /// SHA-256 of the docket's payload.
    pub docket: Hash,
    /// The index of its entry.
    pub index: u64,
    /// The log's size, which holds it.
    pub size: u64,
    /// How many shares came back with it that the registry had lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<u64>,
}

/// A page of dockets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "dockets": [{
        "index": 7, "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c",
        "id": "019c167f-cc00-75a8-999f-8fba1caebcab", "loggedAt": "2026-02-01T00:00:00.000Z", "records": 88,
    }],
    "next": 7,
}))]
pub struct Dockets {
    /// The dockets, by index.
    pub dockets: Vec<DocketRow>,
    /// The cursor of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A docket in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "index": 7, "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c",
    "id": "019c167f-cc00-75a8-999f-8fba1caebcab", "loggedAt": "2026-02-01T00:00:00.000Z", "records": 88,
}))]
pub struct DocketRow {
    /// The index of its entry.
    pub index: u64,
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// Its id.
    pub id: DocketId,
    /// When it was logged.
    pub logged_at: Time,
    /// How many records it has.
    pub records: u64,
    /// SHA-256 of the public text that appeared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Hash>,
}

/// A docket with its signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Docket, example = json!({
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 7,
    "loggedAt": "2026-02-01T00:00:00.000Z",
    "envelope": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json",
        "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51",
            "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}]},
    "items": [{"record": "019c167f-cc00-73bb-b093-53149ac499ee", "kind": "ruling", "of": "suspension",
        "commitment": "477c730256954b0308d4f3ac6e5a2d0f8f3c5a8a9a1d6bb8e1b8c3a0a6de7c11"}],
}))]
pub struct LoggedDocket {
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// The index of its entry.
    pub index: u64,
    /// When it was logged.
    pub logged_at: Time,
    /// What was signed, and who signed it.
    pub envelope: Envelope,
    /// Its items: each a record by its commitment.
    pub items: Vec<Item>,
}

operations! {
    /// The operations on dockets.
    OPERATIONS:

    /// Submits a docket, and answers once it is logged
    ///
    /// It needs no key: the signatures are its right, and anyone who holds a docket may submit it. The same payload submitted
    /// again gets the same index. A docket that doesn't count (docs/formats.md §5) is refused with the rule that it breaks, and
    /// leaves nothing behind. One that is longer than other requests begins with `docket`, and seats in force signed it: nothing
    /// more of a stranger's is read. One that was logged before a store was lost brings back the shares that its records lack.
    SUBMIT_DOCKET: [Anyone, (), (), HandIn, DocketLogged] =
        Operation::post("/v1/dockets", "dockets")
            .takes("`{docket, items: [{statement, share?}], publication?}` (docs/formats.md §12)")
            .body_example(concat!(
                r#"{"docket": "#, envelope_example!("docket"),
                r#", "items": [{"statement": "eyJ2IjoxfQ==", "share": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg="}]}"#
            ))
            .gives(&[(201, "Logged now"), (200, "Logged before")])
            .problems("malformed log-key share-mismatch rules");

    /// Lists what was logged, oldest first
    LIST_DOCKETS: [Anyone, (), Page, (), Dockets] =
        Operation::get("/v1/dockets", "dockets").query().gives(&[(200, "A page")]).problems("malformed");

    /// Shows a docket: who signed what, by commitment
    ///
    /// The statements aren't in it: members and seats have them from the feed.
    GET_DOCKET: [Anyone, Hash, (), (), LoggedDocket] =
        Operation::get("/v1/dockets/{docket}", "dockets").part("SHA-256 of the payload").gives(&[(200, "The docket")])
            .tagged("public, max-age=60").problems("malformed not-found");
}
