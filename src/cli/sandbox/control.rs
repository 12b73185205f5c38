//! What a sandbox can be told: to set its clock ahead, to decide, to reverse. On loopback, without a key: nothing binds.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use callboard_federation::encoding::{RecordId, Time};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;

use super::{
    POLICY,
    committee::Decided,
    founding::Sandbox,
    people::{Person, Then},
};

struct Control {
    sandbox: Sandbox,
    people: Vec<Person>,
}

/// A request that can't be done, and why.
struct Refused(anyhow::Error);

#[derive(Serialize)]
struct Clock {
    now: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// A duration such as `30d`, `12h`, `90s`; a day has 24 hours.
    advance: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Under {
    #[serde(default = "policy")]
    policy: String,
    #[serde(default)]
    interim: bool,
}

fn policy() -> String {
    POLICY.to_owned()
}

/// Answers until told to stop; gives the sandbox back.
pub(super) async fn serve(
    listener: TcpListener,
    sandbox: Sandbox,
    people: Vec<Person>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Sandbox> {
    let control = Arc::new(Control { sandbox, people });
    let router = Router::new()
        .route("/people", get(people_of))
        .route("/clock", get(clock).post(advance))
        .route("/decisions", post(decide))
        .route("/records/{record}/{then}", post(reverse))
        .with_state(control.clone());
    axum::serve(listener, router).with_graceful_shutdown(stop).await?;
    let control = Arc::into_inner(control).ok_or_else(|| anyhow::anyhow!("a request is still being answered"))?;
    Ok(control.sandbox)
}

async fn people_of(State(control): State<Arc<Control>>) -> Json<Vec<Person>> {
    Json(control.people.clone())
}

async fn clock(State(control): State<Arc<Control>>) -> Json<Clock> {
    Json(Clock { now: control.sandbox.now() })
}

async fn advance(State(control): State<Arc<Control>>, Json(asked): Json<Advance>) -> Result<Json<Clock>, Refused> {
    let by = duration(&asked.advance)?;
    control.sandbox.advance(by).await;
    Ok(Json(Clock { now: control.sandbox.now() }))
}

async fn decide(
    State(control): State<Arc<Control>>,
    Query(under): Query<Under>,
    sheet: Bytes,
) -> Result<Json<Decided>, Refused> {
    let Sandbox { committee, pin, .. } = &control.sandbox;
    let decided = committee.decide(pin, &sheet, &under.policy.parse()?, under.interim).await?;
    control.sandbox.witnessed().await?;
    Ok(Json(decided))
}

async fn reverse(
    State(control): State<Arc<Control>>,
    Path((record, then)): Path<(RecordId, Then)>,
) -> Result<Json<Decided>, Refused> {
    let Sandbox { committee, pin, .. } = &control.sandbox;
    let decided = committee.reverse(pin, record, then.reversal(control.sandbox.now())).await?;
    control.sandbox.witnessed().await?;
    Ok(Json(decided))
}

/// Milliseconds of a duration from a second to forty years.
fn duration(text: &str) -> anyhow::Result<u64> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let duration = match days {
        Some(days) => SignedDuration::from_hours(24 * i64::from(days)),
        None => text.parse()?,
    };
    anyhow::ensure!(duration.is_positive(), "the clock is set ahead alone: `30d`, `12h`, `90s`");
    Ok(u64::try_from(duration.as_millis())?)
}

impl<E: Into<anyhow::Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let problem = json!({
            "type": "urn:callboard:problem:sandbox-refuses",
            "title": "The sandbox doesn't do this.",
            "status": status.as_u16(),
            "detail": format!("{:#}", self.0),
        });
        (status, [(header::CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
    }
}
