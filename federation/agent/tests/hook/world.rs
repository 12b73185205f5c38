//! A platform in this process: its agent, its hook, a registry that shows a real log, a token service, a clock that jumps.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use callboard_agent::{agent::Agent, config::Config};
use callboard_client::clock::Clock;
use callboard_client::runtime::os_rng;
use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    identity::{Identity, IdentityKind},
    replay::ReadDocket,
    statement::Kind,
    tag::Epoch,
    token::{Blind, Evaluation, finalise, read_batch},
    webhook::{HEADERS, verify},
};
use callboard_tokens::{Evaluate as _, TokenSecret};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    committee::{Committee, Drafted},
    hex,
    registry::{Log, Registry, config, member_key},
};

/// Far longer than anything here takes: other tests want the machine too.
const PATIENCE: Duration = Duration::from_mins(1);

/// A clock that is set, forward and back.
pub(crate) struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// What the platform's hook does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    Takes,
    Fails,
    /// 202: done is reported later.
    Accepts,
}

/// The platform's hook.
pub(crate) struct Hook {
    pub(crate) does: Does,
    /// Whose calls hang.
    pub(crate) hangs_for: Vec<String>,
    /// Whose calls fail.
    pub(crate) fails_for: Vec<String>,
    /// Every call that came, whatever was done with it.
    pub(crate) calls: Vec<Value>,
    /// What was last taken of each person.
    pub(crate) said: BTreeMap<String, Value>,
    /// Calls that were accepted, and not reported as done.
    pub(crate) accepted: Vec<Value>,
    /// What calls are verified with.
    secret: String,
}

impl Hook {
    /// Takes a call.
    pub(crate) fn take(&mut self, call: Value) {
        self.said.insert(whom(&call), call);
    }
}

/// By which a person is told from others.
fn whom(call: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{}/{}", text(&call["ref"]), text(&call["person"]))
}

async fn hear(State(hook): State<Arc<Mutex<Hook>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let call: Value = serde_json::from_slice(&body).unwrap();
    let who = whom(&call);
    let (does, hangs) = {
        let mut hook = hook.lock().unwrap();
        hook.calls.push(call.clone());
        let header = |name: &str| headers.get(name).unwrap().to_str().unwrap();
        let signed = HEADERS.map(header);
        let at = Time::from_seconds(signed[1].parse().unwrap());
        assert_eq!(call["id"], signed[0]);
        if verify(&[hook.secret.trim().parse().unwrap_or_else(|_| panic!("no secret"))], signed, &body, at).is_err() {
            return StatusCode::FORBIDDEN;
        }
        (if hook.fails_for.contains(&who) { Does::Fails } else { hook.does }, hook.hangs_for.contains(&who))
    };
    if hangs {
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    let mut hook = hook.lock().unwrap();
    match does {
        Does::Fails => StatusCode::INTERNAL_SERVER_ERROR,
        Does::Takes => {
            hook.take(call);
            StatusCode::NO_CONTENT
        }
        Does::Accepts => {
            hook.accepted.push(call);
            StatusCode::ACCEPTED
        }
    }
}

/// The token keys of the vectors.
fn secret(epoch: u64) -> TokenSecret {
    let vectors: Value = serde_json::from_str(include_str!("../../../vectors/token-key.json")).unwrap();
    TokenSecret::derive(&hex(&vectors["seed"]), "callboard.example", Epoch::new(epoch).unwrap()).unwrap()
}

async fn evaluate(Query(asked): Query<BTreeMap<String, u64>>, points: Bytes) -> Response {
    let points = read_batch(&points).unwrap();
    secret(asked["epoch"]).evaluate(points, &mut os_rng()).unwrap().into_response()
}

/// The tag of an identity under epoch 1, in hex as statements have it.
pub(crate) fn tag_of(kind: &str, value: &str) -> String {
    let kind: IdentityKind = serde_json::from_value(json!(kind)).unwrap();
    let identity = Identity::normalise(kind, value, false).unwrap();
    let (secret, input) = (secret(1), identity.prf_input());
    let blind = Blind::draw(&mut os_rng());
    let points = [blind.blind(&input).unwrap()];
    let answer = secret.evaluate(&points, &mut os_rng()).unwrap();
    let evaluated = Evaluation::read(&secret.public(), &points, &answer).unwrap();
    finalise(&[(&input, &blind)], &evaluated).unwrap()[0].0.to_string()
}

/// The number of region 10 of somebody born on a day, `YYYYMMDD`.
pub(crate) fn number(born: &str, sequence: u32) -> String {
    let body = format!("100000{born}{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[usize::try_from(sum % 11).unwrap()]))
}

/// A question about who has these numbers.
pub(crate) fn question(reference: &str, numbers: &[&str]) -> Value {
    let identities: Vec<Value> = numbers.iter().map(|number| json!({"kind": "cn-id", "value": number})).collect();
    json!({"ref": reference, "identities": identities})
}

/// What of an answer or a call is told anew when it changes.
pub(crate) fn told(answer: &Value) -> Value {
    let standing = &answer["standing"];
    let to_come = answer["toCome"].as_array().cloned().unwrap_or_default();
    if answer["decision"] == "blocked" {
        return json!({"decision": "blocked", "blocked": answer["blocked"]});
    }
    json!({"decision": answer["decision"], "state": standing["state"], "action": standing["action"],
        "reasons": standing["reasons"], "toCome": to_come})
}

/// What is told of whom the hook said nothing.
pub(crate) fn nothing() -> Value {
    json!({"decision": "allow", "state": "clear", "action": "allow", "reasons": [], "toCome": []})
}

/// An act that begins at `effective_at`, with members of its own beside what every act has.
pub(crate) fn act(
    committee: &mut Committee,
    effective_at: Time,
    kind: Kind,
    of: Kind,
    about: RecordId,
    own: &Value,
) -> Drafted {
    let mut members =
        json!({"about": [about], "policy": committee.policy, "procedure": Hash::of(b"a case").to_string()});
    let object = members.as_object_mut().unwrap();
    if kind != Kind::Annulment {
        object.insert("effectiveAt".to_owned(), json!(effective_at.to_string()));
    }
    object.extend(own.as_object().unwrap().clone());
    committee.draft(effective_at, kind.as_str(), kind.has_of().then_some(of), &members)
}

pub(crate) struct World {
    pub(crate) log: Log,
    pub(crate) registry: Registry,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) config: Config,
    pub(crate) hook: Arc<Mutex<Hook>>,
    running: Option<Agent>,
    http: reqwest::Client,
    _directory: tempfile::TempDir,
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

impl World {
    pub(crate) async fn new(change: impl FnOnce(&mut Config)) -> Self {
        let log = Log::new(0, &[]);
        let registry = Registry::of(&log, &[]).await;
        let directory = tempfile::tempdir().unwrap();
        let hook = Arc::new(Mutex::new(Hook {
            does: Does::Takes,
            hangs_for: Vec::new(),
            fails_for: Vec::new(),
            calls: Vec::new(),
            said: BTreeMap::new(),
            accepted: Vec::new(),
            secret: String::new(),
        }));
        let hook_url = serve(Router::new().route("/hook", post(hear)).with_state(hook.clone())).await;
        let tokens_url = serve(Router::new().route("/v1/tokens", post(evaluate))).await;
        let mut config = config(&registry.url, "alpha", directory.path());
        config.hook = Some(format!("{hook_url}/hook").parse().unwrap());
        config.tokens_url = tokens_url.parse().unwrap();
        change(&mut config);
        let clock = Arc::new(SetClock(AtomicI64::new(log.now.as_millis())));
        let http = callboard_client::http::direct_client().unwrap();
        let mut world = Self { log, registry, clock, config, hook, running: None, http, _directory: directory };
        world.start().await;
        world
    }

    async fn start(&mut self) {
        let running = Agent::start(self.config.clone(), member_key("alpha"), self.clock.clone(), None).await.unwrap();
        self.running = Some(running);
        let token = callboard_agent::token::read(&self.config.directory).unwrap();
        self.http = callboard_client::http::agent_client(token.as_str()).unwrap();
        let secret = std::fs::read_to_string(self.config.directory.join("hook.secret")).unwrap();
        self.hook().secret = secret;
        self.until("the view is fresh", async |world| world.get("/readyz").await.0 == 200).await;
    }

    /// Ends the agent and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.running.take().unwrap().stop().await;
        self.start().await;
    }

    pub(crate) async fn stop(mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub(crate) fn running(&self) -> &Agent {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn hook(&self) -> MutexGuard<'_, Hook> {
        self.hook.lock().unwrap()
    }

    /// Moves the clock; where it goes ahead of the log, the log's own clock goes with it, and vouches for the view.
    pub(crate) fn move_clock(&mut self, millis: i64) {
        let now = self.clock.now().plus_millis(millis);
        self.clock.0.store(now.as_millis(), Ordering::SeqCst);
        self.log.now = self.log.now.max(now);
        self.show();
    }

    fn show(&self) {
        self.registry.show(&self.log, &[]);
        self.running().hurry();
    }

    /// Logs a docket of these, if it counts; whether it does.
    pub(crate) fn decide(&mut self, drafted: &[&Drafted]) -> bool {
        let docket = self.log.committee.docket(self.log.now, drafted, None);
        let (disclosed, _) = docket.into_parts();
        let counts = self.log.replay().log(&ReadDocket::of(&disclosed).unwrap(), self.log.now).is_ok();
        if counts {
            self.log.force(disclosed);
            self.show();
        }
        counts
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running().addr)
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.http.get(self.url(path)).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.http.post(self.url(path)).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn check(&self, question: &Value) -> Value {
        let (status, answer) = self.post("/check", question).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// What the hook last took of a person, as far as it is told anew when it changes.
    pub(crate) fn said(&self, question: &Value) -> Value {
        self.hook().said.get(&whom(question)).map_or_else(nothing, told)
    }

    pub(crate) fn calls_of(&self, question: &Value) -> Vec<Value> {
        let who = whom(question);
        self.hook().calls.iter().filter(|call| whom(call) == who).cloned().collect()
    }

    /// Waits until the hook has said of each of these what a check answers.
    pub(crate) async fn agree(&mut self, questions: &[&Value], why: &str) {
        let began = Instant::now();
        for question in questions {
            loop {
                let (answer, said) = (told(&self.check(question).await), self.said(question));
                if answer == said {
                    break;
                }
                assert!(
                    began.elapsed() < PATIENCE,
                    "{why}: of {} a check answers {answer}\nand the hook last said {said}",
                    whom(question)
                );
                self.go_on().await;
            }
        }
    }

    /// Lets time pass: for those who wait by a clock that stands still, of which a second goes by.
    async fn go_on(&mut self) {
        tokio::time::sleep(Duration::from_millis(15)).await;
        self.report_done().await;
        if self.get("/status").await.1["hookFailing"] != 0 {
            self.move_clock(1_000);
        }
        self.running().hurry();
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self).await {
            assert!(began.elapsed() < PATIENCE, "it does not come to hold: {what}");
            tokio::time::sleep(Duration::from_millis(15)).await;
            self.running().hurry();
        }
    }

    /// Reports that what was accepted is done; of what was superseded meanwhile it isn't taken.
    pub(crate) async fn report_done(&self) {
        let accepted = std::mem::take(&mut self.hook().accepted);
        for call in accepted {
            if self.post(&done(&call), &json!({})).await.0 == 204 {
                self.hook().take(call);
            }
        }
    }

    /// Waits until so many people's calls have failed, so that they wait by the clock as it stands.
    pub(crate) async fn failing(&self, count: u64) {
        self.until("they failed", async |world| world.get("/status").await.1["hookFailing"] == count).await;
    }

    /// Lets the agent look at everything once more, and the calls that come of it end.
    pub(crate) async fn settle(&mut self) {
        let (size, began) = (self.log.lines.len() as u64, Instant::now());
        loop {
            let (_, status) = self.get("/status").await;
            let is_known = status["log"]["witnessed"] == size && status["hookSize"] == size;
            if is_known && status["hookWaiting"] == 0 && status["hookOwed"] == 0 {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "something is owed still: {status}");
            self.go_on().await;
        }
    }
}

/// The path of a call that was accepted and is done.
pub(crate) fn done(call: &Value) -> String {
    format!("/hook/{}/done", call["id"].as_str().unwrap())
}
