//! `GET /v1/dockets/{docket}`: one docket, with its signatures.

use axum::{extract::State, http::HeaderMap, response::Response};
use callboard_federation::{
    docket::{Docket, Item},
    dsse::Envelope,
    encoding::{Hash, Time, to_json},
    entry::Entry,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        App,
        page::{Part, tagged},
        problem::{ApiError, Malformed},
    },
    ledger::{LedgerError, load::disclosure},
};

/// A docket with its signatures.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Docket)]
struct Shown<'a> {
    /// SHA-256 of its payload.
    docket: Hash,
    /// The index of its entry.
    index: u64,
    /// When it was logged.
    logged_at: Time,
    /// What was signed, and who signed it.
    #[schema(value_type = Envelope)]
    envelope: &'a Envelope,
    /// Its items: each a record by its commitment.
    #[schema(value_type = Vec<Item>)]
    items: &'a [Item],
}

/// Shows a docket: who signed what, by commitment
///
/// The statements aren't in it: members and seats have them from the feed.
#[utoipa::path(
    get,
    path = "/v1/dockets/{docket}",
    operation_id = "get_docket",
    extensions(("x-problems" = json!("malformed not-found"))),
    tag = "dockets",
    params(("docket" = Hash, Path, description = "SHA-256 of the payload")),
    responses(
        (status = 200, description = "The docket", body = Shown, example = json!({
            "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 7, "loggedAt": "2026-02-01T00:00:00.000Z",
            "envelope": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json",
                "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}]},
            "items": [{"record": "019c167f-cc00-73bb-b093-53149ac499ee", "kind": "ruling", "of": "suspension",
                "commitment": "477c730256954b0308d4f3ac6e5a2d0f8f3c5a8a9a1d6bb8e1b8c3a0a6de7c11"}],
        })),
        (status = 304, description = "You have it already (`If-None-Match`)"),
    )
)]
pub async fn show(
    State(app): State<App>,
    Part(docket): Part<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let docket: Hash = docket.parse().map_err(|_| ApiError::Malformed(Malformed::Address("docket")))?;
    let stored = app.ledger.store().docket(docket).await?.filter(|stored| stored.index < app.ledger.size());
    let line = disclosure(stored.ok_or(ApiError::NotFound)?)?;
    let index = line.index;
    let unreadable = || ApiError::Ledger(LedgerError::Unreadable { index });
    let entry = Entry::parse(&line.entry).map_err(|_| unreadable())?;
    let envelope = line.docket.as_ref().map(|docket| &docket.envelope).ok_or_else(unreadable)?;
    let payload = Docket::from_json(&envelope.payload.0).map_err(|_| unreadable())?;
    let shown = Shown { docket, index, logged_at: entry.logged_at, envelope, items: &payload.items };
    Ok(tagged(&headers, "application/json", "public, max-age=60", to_json(&shown)))
}
