//! What asking about a list would cost, said before it is asked.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, App, openapi::Questions, questions};
use crate::store::quota::Quota;

/// What people would cost at the token service.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"people": 2000, "new": 1999, "points": 1999, "quota": {"perDay": 10000, "left": 9999,
    "resetsAt": "2026-11-26T00:00:00.000Z", "toldAt": "2026-11-25T08:00:00.000Z"}}))]
pub(super) struct Cost {
    /// How many people were named.
    people: usize,
    /// How many of their identities the tag book doesn't hold under every live epoch.
    new: usize,
    /// The points that those take: one for each epoch.
    points: usize,
    /// The member's points, as the token service last told; absent before it told any today.
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
}

/// Says how many points a list would take, without asking anyone or writing anything down
#[utoipa::path(
    post,
    path = "/cost",
    operation_id = "cost",
    extensions(("x-problems" = json!("malformed too-many-checks unavailable"))),
    tag = "checks",
    request_body(content = Questions, description = "A person, or a list of persons"),
    responses(
        (status = 200, description = "How many are new, and what is left", body = Cost),
    )
)]
pub(super) async fn cost(State(app): State<App>, body: Result<Bytes, BytesRejection>) -> Result<Json<Cost>, ApiError> {
    let (questions, _) = questions(body)?;
    let (new, points) = app.enroller.cost(&questions).await?;
    Ok(Json(Cost { people: questions.len(), new, points, quota: app.quota.at(app.clock.now()) }))
}
