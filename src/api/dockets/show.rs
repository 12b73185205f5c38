//! `GET /v1/dockets/{docket}`: one docket, with its signatures.

use axum::{extract::State, http::HeaderMap, response::Response};
use callboard_federation::{
    docket::{Docket, Item},
    dsse::Envelope,
    encoding::{Hash, Time, to_json},
    entry::Entry,
};
use serde::Serialize;

use crate::{
    api::{
        App,
        page::{Part, tagged},
        problem::{ApiError, Malformed, Problem},
    },
    ledger::{LedgerError, load::disclosure},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    docket: Hash,
    index: u64,
    logged_at: Time,
    envelope: &'a Envelope,
    items: &'a [Item],
}

/// Shows a docket: who signed what, by commitment
///
/// The statements aren't in it: members and seats have them from the feed.
#[utoipa::path(
    get,
    path = "/v1/dockets/{docket}",
    tag = "dockets",
    params(("docket" = String, Path, description = "SHA-256 of the payload, lower-case hexadecimal")),
    responses(
        (status = 200, description = "The docket", body = Object, example = json!({
            "docket": "994ebc50376e990d…", "index": 7, "loggedAt": "2026-02-01T00:00:00.000Z",
            "envelope": {"payload": "eyJ2IjoxLCJpZCI6…", "payloadType": "application/vnd.callboard.docket+json",
                "signatures": [{"keyid": "112025279a740ce4…", "sig": "agi3W3EX8aua9F08uON6fK8K…"}]},
            "items": [{"record": "019c167f-cc00-73bb-b093-53149ac499ee", "kind": "ruling", "of": "suspension",
                "commitment": "477c730256954b03…"}],
        })),
        (status = 304, description = "You have it already (`If-None-Match`)"),
        (status = 400, description = "Not a hash", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such docket", body = Problem, content_type = "application/problem+json"),
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
