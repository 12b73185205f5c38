//! The tag book: the platform's own people, taken in, forgotten, listed.

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::StatusCode,
};
use callboard_client::runtime::os_rng;
use callboard_federation::encoding::from_json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ApiError, App, openapi::Questions, questions};
use crate::{
    book::{Person, Reference, holder::Holder},
    error::AgentError,
};

/// What came of enrolling.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"enrolled": 1, "notAllowed": 0}))]
pub(super) struct Enrolment {
    /// How many people are known now.
    enrolled: usize,
    /// Of how many of them a check would decide anything but `allow`: `GET /refs` names them. Absent while the view is stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_allowed: Option<usize>,
    /// Why the others aren't, in words without an identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Takes people into the tag book without deciding about them
///
/// For a platform's existing hosts: afterwards they are known. The hook is told of each whom a check would not simply allow,
/// and of whatever changes that.
#[utoipa::path(
    post,
    path = "/enrol",
    operation_id = "enrol",
    extensions(("x-problems" = json!("malformed too-many-checks unavailable"))),
    tag = "tag book",
    request_body(content = Questions, description = "A person, or a list of persons"),
    responses(
        (status = 200, description = "How many are known now", body = Enrolment),
    )
)]
pub(super) async fn enrol(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Enrolment>, ApiError> {
    let (questions, _) = questions(body)?;
    let (enrolled, detail) = app.enroller.enrol(&questions).await?;
    // They are in the book: the hook is told at once.
    app.notifications.hurry();
    let not_allowed = app.current.not_allowed(&questions).await.map_err(AgentError::from)?;
    Ok(Json(Enrolment { enrolled, not_allowed, detail }))
}

/// Who of those at an account is meant.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Whom {
    /// One person; empty, the one without a `person`; absent, everyone at the account.
    person: Option<String>,
}

fn reference(text: String) -> Result<Reference, ApiError> {
    text.try_into().map_err(|_| ApiError::Address("ref"))
}

/// The people who are meant: one person, or everyone at a `ref`.
pub(super) async fn whom_at(
    app: &App,
    text: String,
    whom: Result<Query<Whom>, QueryRejection>,
) -> Result<Vec<Person>, ApiError> {
    let (reference, Query(whom)) = (reference(text)?, whom.map_err(|_| ApiError::Address("person"))?);
    let Some(person) = whom.person else {
        let accounts = app.book.accounts_of(&reference).await.map_err(AgentError::from)?;
        return Ok(accounts.iter().map(|account| account.person.clone()).collect());
    };
    if person.is_empty() {
        return Ok(vec![reference.into()]);
    }
    let person = person.try_into().map_err(|_| ApiError::Address("person"))?;
    Ok(vec![Person { reference, person: Some(person) }])
}

/// Forgets everyone at an account, or one person: identities, unless another holds them, and what the hook is owed
#[utoipa::path(
    delete,
    path = "/refs/{ref}",
    operation_id = "forget_ref",
    extensions(("x-problems" = json!("malformed not-found unavailable"))),
    tag = "tag book",
    params(("ref" = Reference, Path, description = "What the platform calls the account"), Whom),
    responses(
        (status = 204, description = "It is forgotten"),
    )
)]
pub(super) async fn forget(
    State(app): State<App>,
    Path(text): Path<String>,
    whom: Result<Query<Whom>, QueryRejection>,
) -> Result<StatusCode, ApiError> {
    let mut known = false;
    for person in whom_at(&app, text, whom).await? {
        known |= app.book.forget(&person).await.map_err(AgentError::from)?;
    }
    if known { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}

/// Who has an account now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"person": "jia"}))]
pub(super) struct Replace {
    /// Who of those at the account, where there are several.
    #[serde(default)]
    person: Option<Reference>,
    /// It is the same person under a corrected number; otherwise the holder changed.
    #[serde(default)]
    same: bool,
}

/// Says that an account has another holder, or the same under a corrected number
///
/// Without `same` the person before leaves, as if forgotten, and whoever is asked about next is the holder. With `same: true`
/// what is held stays: the next question that contradicts it is taken as of the same person, once; both numbers are held from
/// then on, and the strictest holds of both, of ages too. A person never becomes an enterprise: that is another holder.
#[utoipa::path(
    post,
    path = "/refs/{ref}/replace",
    operation_id = "replace_holder",
    extensions(("x-problems" = json!("malformed not-found unavailable"))),
    tag = "tag book",
    params(("ref" = Reference, Path, description = "What the platform calls the account")),
    request_body(content = Option<Replace>, description = "Whom, and whether it is the same person; empty: the one holder, another"),
    responses(
        (status = 204, description = "Ask again now"),
    )
)]
pub(super) async fn replace(
    State(app): State<App>,
    Path(text): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let (reference, body) = (reference(text)?, body.map_err(|_| ApiError::TooLarge)?);
    let body: &[u8] = if body.trim_ascii().is_empty() { b"{}" } else { &body };
    let Replace { person, same } = from_json(body)?;
    let person = Person { reference, person };
    let known = if same {
        app.book.change_holder(&app.book.account_lookup(&person), Holder::corrected, &mut os_rng()).await
    } else {
        app.book.forget(&person).await
    };
    if known.map_err(AgentError::from)? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}

/// Accounts that must be enrolled anew.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"people": [{"ref": "host-1"}, {"ref": "room-7", "person": "jia"}]}))]
pub(super) struct Outdated {
    /// `{ref, person?}` each, at most 1,000: enrol them, and ask again.
    people: Vec<Person>,
}

/// Lists accounts without a tag of a live epoch
///
/// Before an epoch closes, whoever is known under it alone is enrolled anew: otherwise the next check finds a stranger.
#[utoipa::path(get, path = "/refs/outdated", operation_id = "list_outdated", extensions(("x-problems" = json!("unavailable"))), tag = "tag book", responses(
    (status = 200, description = "The accounts", body = Outdated),
))]
pub(super) async fn outdated(State(app): State<App>) -> Result<Json<Outdated>, ApiError> {
    Ok(Json(Outdated { people: app.enroller.outdated().await? }))
}
