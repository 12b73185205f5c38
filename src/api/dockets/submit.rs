//! `POST /v1/dockets`: what seats signed enters the log.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use callboard_federation::{encoding::Hash, hand_in::HandIn};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{App, body, problem::ApiError};

/// Where a docket stands.
#[derive(Serialize, ToSchema)]
#[schema(as = DocketLogged, example = json!({
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 7, "size": 8,
}))]
pub struct Answer {
    /// SHA-256 of the docket's payload.
    docket: Hash,
    /// The index of its entry.
    index: u64,
    /// The log's size, which holds it.
    size: u64,
    /// How many shares came back with it that the registry had lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<u64>,
}

/// Hands a docket in, and answers once it is logged
///
/// It needs no key: the signatures are its right, and anyone who holds a docket may hand it in. The same payload handed in
/// again gets the same index. A docket that doesn't count (docs/formats.md §5) is refused with the rule that it breaks, and
/// leaves nothing behind. One that is longer than other requests begins with `docket`, and seats in force signed it: nothing
/// more of a stranger's is read. One that was logged before a store was lost brings back the shares that its records lack.
#[utoipa::path(
    post,
    path = "/v1/dockets",
    operation_id = "submit_docket",
    extensions(("x-problems" = json!("malformed body-too-large log-key share-mismatch rules"))),
    tag = "dockets",
    request_body(content = HandIn, description = "`{docket, items: [{statement, share?}], publication?}` (docs/formats.md §12)",
        example = json!({
            "docket": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json",
                "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}]},
            "items": [{"statement": "eyJ2IjoxfQ==", "share": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg="}],
        })),
    responses(
        (status = 201, description = "Logged now", body = Answer),
        (status = 200, description = "Logged before", body = Answer),
    )
)]
pub async fn submit(State(app): State<App>, request: Request) -> Result<(StatusCode, Json<Answer>), ApiError> {
    let body = body::read_docket(request.into_body(), &app).await?;
    let handed = HandIn::from_json(&body)?;
    let docket = handed.docket.payload_hash();
    let restored = app.ledger.restore_shares(&handed).await?;
    let logged = app.ledger.submit(handed).await?;
    let status = if logged.before { StatusCode::OK } else { StatusCode::CREATED };
    let shares = Some(restored).filter(|shares| *shares > 0);
    Ok((status, Json(Answer { docket, index: logged.index, size: app.ledger.size(), shares })))
}
