//! What a sandbox can be told: to set its clock ahead, to decide, to reverse, to let something go wrong. On loopback, without
//! a key: nothing binds. Pages of other origins tell it nothing all the same.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use callboard_client::clock::{AheadClock, Clock as _};
use callboard_federation::encoding::{RecordId, Time};
use callboard_service::{Bounds, bounds::Timeouts, origin::Hosts};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{net::TcpListener, sync::Mutex};

use super::{
    POLICY,
    committee::DecisionRecords,
    hook::{self, Call, Hook},
    people::{By, Person, Then},
    scenario::{Scenario, ScenarioState},
    setup::Sandbox,
};

/// How long a request may take once the sandbox is told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(1);
/// Connections that are kept, of whoever tries things out.
const CONNECTIONS: usize = 64;

struct Control {
    /// One thing at a time.
    acting: Mutex<Progress>,
    clock: Arc<AheadClock>,
    hook: Hook,
    agent: std::path::PathBuf,
    people: Vec<Person>,
}

struct Progress {
    sandbox: Sandbox,
    /// What goes wrong now.
    on: Vec<Scenario>,
}

struct ControlError(anyhow::Error);

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
struct DecisionQuery {
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
    let (clock, agent) = (sandbox.clock.clone(), sandbox.state.at("alpha/agent"));
    let acting = Mutex::new(Progress { sandbox, on: Vec::new() });
    let control = Arc::new(Control { acting, clock, hook: Hook::default(), agent, people });
    let router = Router::new()
        .route("/people", get(people_of))
        .route("/clock", get(clock_of).post(advance))
        .route("/decisions", post(decide))
        .route("/records/{record}/{then}", post(reverse))
        .route("/scenarios", get(scenarios))
        .route("/scenarios/{name}", post(begin).delete(undo))
        .route(hook::PATH, get(calls).post(take))
        .with_state(control.clone())
        .layer(middleware::from_fn_with_state(Hosts::listening(listener.local_addr()?, &[]), own));
    // Whoever decides something has it, or asks again: what follows needs the rest of the ten seconds.
    let bounds = Bounds { times: Timeouts { stop: STOP_WITHIN, ..Timeouts::default() }, ..Bounds::of(CONNECTIONS) };
    callboard_service::serve(listener, router, bounds, stop).await;
    let control = Arc::into_inner(control).ok_or_else(|| anyhow::anyhow!("a request is still being answered"))?;
    Ok(control.acting.into_inner().sandbox)
}

/// Refuses what comes by another name than the control's own, or from a page of another origin.
async fn own(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    match hosts.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(foreign) => {
            problem(StatusCode::FORBIDDEN, "foreign-request", "The request comes from elsewhere.", &foreign.into())
        }
    }
}

async fn people_of(State(control): State<Arc<Control>>) -> Json<Vec<Person>> {
    Json(control.people.clone())
}

async fn clock_of(State(control): State<Arc<Control>>) -> Json<Clock> {
    Json(Clock { now: control.clock.now() })
}

async fn advance(State(control): State<Arc<Control>>, Json(asked): Json<Advance>) -> Result<Json<Clock>, ControlError> {
    let by = duration(&asked.advance)?;
    control.acting.lock().await.sandbox.advance(by).await?;
    Ok(Json(Clock { now: control.clock.now() }))
}

async fn decide(
    State(control): State<Arc<Control>>,
    Query(under): Query<DecisionQuery>,
    sheet: Bytes,
) -> Result<Json<DecisionRecords>, ControlError> {
    let sandbox = &control.acting.lock().await.sandbox;
    let by = if under.interim { By::Interim } else { By::Ruling };
    let decided = sandbox.committee.decide(&sandbox.pin, &sheet, &[], &under.policy.parse()?, by).await?;
    sandbox.witnessed().await?;
    Ok(Json(decided))
}

async fn reverse(
    State(control): State<Arc<Control>>,
    Path((record, then)): Path<(RecordId, Then)>,
) -> Result<Json<DecisionRecords>, ControlError> {
    let sandbox = &control.acting.lock().await.sandbox;
    let decided = sandbox.committee.reverse(&sandbox.pin, &[record], then.reversal(sandbox.now())).await?;
    sandbox.witnessed().await?;
    Ok(Json(decided))
}

async fn scenarios(State(control): State<Arc<Control>>) -> Json<Vec<ScenarioState>> {
    let on = &control.acting.lock().await.on;
    Json(Scenario::ALL.map(|scenario| scenario.told(on.contains(&scenario))).into())
}

async fn begin(
    State(control): State<Arc<Control>>,
    Path(scenario): Path<Scenario>,
) -> Result<Json<ScenarioState>, ControlError> {
    let Progress { sandbox, on } = &mut *control.acting.lock().await;
    if !on.contains(&scenario) {
        scenario.begin(sandbox, &control.hook).await?;
        on.push(scenario);
    }
    Ok(Json(scenario.told(true)))
}

async fn undo(
    State(control): State<Arc<Control>>,
    Path(scenario): Path<Scenario>,
) -> Result<Json<ScenarioState>, ControlError> {
    let Progress { sandbox, on } = &mut *control.acting.lock().await;
    // Also what went wrong before the sandbox was started again.
    scenario.undo(sandbox, &control.hook).await?;
    on.retain(|other| *other != scenario);
    Ok(Json(scenario.told(false)))
}

async fn calls(State(control): State<Arc<Control>>) -> Json<Vec<Call>> {
    Json(control.hook.calls())
}

async fn take(State(control): State<Arc<Control>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    control.hook.take(&control.agent, &headers, &body, control.clock.now())
}

/// Milliseconds of a duration; a day has 24 hours.
fn duration(text: &str) -> anyhow::Result<u64> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let duration = match days {
        Some(days) => SignedDuration::from_hours(24 * i64::from(days)),
        None => text.parse()?,
    };
    anyhow::ensure!(duration.is_positive(), "the clock is set ahead alone: `30d`, `12h`, `90s`");
    Ok(u64::try_from(duration.as_millis())?)
}

impl<E: Into<anyhow::Error>> From<E> for ControlError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        problem(StatusCode::UNPROCESSABLE_ENTITY, "sandbox-refuses", "The sandbox doesn't do this.", &self.0)
    }
}

fn problem(status: StatusCode, word: &str, title: &str, why: &anyhow::Error) -> Response {
    let problem = json!({
        "type": format!("{}{word}", callboard_federation::problems::PREFIX),
        "title": title,
        "status": status.as_u16(),
        "detail": format!("{why:#}"),
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
}
