//! The token service over real HTTP, with a real store, following a log that this test signs.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[path = "tokens/batches.rs"]
mod batches;
#[path = "support/contents.rs"]
mod contents;
#[path = "support/ports.rs"]
mod ports;
#[path = "support/programs.rs"]
mod programs;
#[path = "tokens/registry.rs"]
mod registry;
#[path = "tokens/roles.rs"]
mod roles;
#[expect(dead_code, reason = "this binary uses a part of the world")]
mod support;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use callboard_client::{
    clock::{Clock as _, HandClock},
    derivation::derive,
    http::Caller,
    pin::Address,
};
use callboard_federation::{
    encoding::{PublicKey, Time},
    identity::{Identity, IdentityKind},
    members::{Grant, Member, Members, Quota},
    request,
    roster::{EpochKey, EpochState},
    tag::Epoch,
    token::{Blind, Evaluation, WirePoint, blinded_root, finalise},
    token_key::TokenPublicKey,
};
use callboard_tokens::{self as tokens, Config, FollowError, RunningService, Setup, TokenService, TokensError};
use ed25519_dalek::SigningKey;
use futures_util::future::join_all;
use metrics_exporter_prometheus::PrometheusBuilder;
use ports::free_ports;
use programs::programs;
use rand_core::{Rng as _, UnwrapErr};
use registry::{ISSUER, Log, key, roster, seats};
use reqwest::{Response, header::CONTENT_TYPE};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sqlx::{Connection as _, Row as _, SqliteConnection};

/// The address that requests are signed for; the service itself listens elsewhere.
const PUBLIC_URL: &str = "https://tokens.callboard.test/here";
const TABLES: [&str; 5] = ["nonces", "spent", "granted", "batches", "documents"];

fn os_rng() -> UnwrapErr<rand::rngs::SysRng> {
    UnwrapErr(rand::rngs::SysRng)
}

fn epoch(number: u64) -> Epoch {
    Epoch::new(number).unwrap()
}

/// A registry, a token service that follows it, and the members alpha (key 1) and beta (key 2).
struct World {
    dir: tempfile::TempDir,
    clock: Arc<HandClock>,
    log: Arc<Mutex<Log>>,
    keys: Vec<TokenPublicKey>,
    config: Config,
    service: Option<RunningService>,
    http: reqwest::Client,
}

fn member(id: &str, seed: u8, per_day: u64, grants: Vec<Grant>) -> Member {
    let quota = Quota { per_day, grants };
    let keys = vec![PublicKey::of(&key(seed))];
    Member { member: id.to_owned().try_into().unwrap(), name: id.to_owned(), keys, quota, contact: None }
}

impl World {
    /// Epochs 1 and 2 have seeds and are live.
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now: Time = "2026-05-01T12:00:00.000Z".parse().unwrap();
        let clock = Arc::new(HandClock::at(now));
        let keys = [1, 2].map(|number| {
            let founding = Setup {
                issuer: ISSUER.to_owned(),
                epoch: epoch(number),
                registry_url: None,
                public_url: Some(PUBLIC_URL.parse().unwrap()),
                listen: None,
            };
            tokens::init(dir.path(), &founding, &mut os_rng()).unwrap().key
        });
        let log = Arc::new(Mutex::new(Log::default()));
        let registry = registry::serve(&log).await;
        let mut config = Config::read(dir.path()).unwrap();
        config.listen = "127.0.0.1:0".parse().unwrap();
        config.registry_url = format!("http://{registry}").parse().unwrap();
        config.poll_seconds = 3_600;
        let http = reqwest::Client::new;
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut world = Self { dir, clock, log, keys: keys.to_vec(), config, service: None, http: http() };
        world.log.lock().unwrap().log_roster(&roster(1, world.epochs(EpochState::Live), now), now);
        world.members(1, vec![member("alpha", 1, 10, Vec::new()), member("beta", 2, 10, Vec::new())]);
        world.service = Some(world.serve().await.unwrap());
        world
    }

    async fn serve(&self) -> Result<RunningService, TokensError> {
        self.about_to_start(true).start().await
    }

    fn about_to_start(&self, sandbox: bool) -> TokenService {
        TokenService {
            dir: self.dir.path().to_owned(),
            config: self.config.clone(),
            genesis: self.log.lock().unwrap().genesis(),
            sandbox,
            clock: self.clock.clone(),
            os_rng: Arc::new(|| Box::new(os_rng())),
            metrics: None,
        }
    }

    /// Both epochs, the second in this state.
    fn epochs(&self, second: EpochState) -> Vec<EpochKey> {
        let states = [EpochState::Live, second];
        let keys = (1..).zip(&self.keys).zip(states);
        keys.map(|((number, key), state)| EpochKey { number: epoch(number), public_key: *key, state }).collect()
    }

    fn members(&self, version: u64, members: Vec<Member>) {
        let mut log = self.log.lock().unwrap();
        log.log_members(&Members { v: 1, version, members }, self.clock.now());
        log.publish();
    }

    fn service(&self) -> &RunningService {
        self.service.as_ref().unwrap()
    }

    /// Signs a request as `key`, at an instant, with a nonce.
    fn signed(&self, key: &SigningKey, query: &str, body: &[u8], at: Time, nonce: [u8; 16]) -> reqwest::RequestBuilder {
        let path = format!("/v1/tokens{query}");
        let headers = request::sign(key, "POST", &format!("{PUBLIC_URL}{path}"), body, at, nonce);
        let request = self.http.post(format!("http://{}{path}", self.service().addr)).body(body.to_vec());
        let request = request.header(CONTENT_TYPE, "application/octet-stream");
        headers.lines().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// Asks for a batch now, with a fresh nonce.
    async fn ask(&self, key: &SigningKey, query: &str, body: &[u8]) -> Response {
        let mut nonce = [0; 16];
        os_rng().fill_bytes(&mut nonce);
        self.signed(key, query, body, self.clock.now(), nonce).send().await.unwrap()
    }

    async fn rows(&self) -> BTreeMap<&'static str, i64> {
        let mut store = self.store().await;
        let mut rows = BTreeMap::new();
        for table in TABLES {
            let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            rows.insert(table, sqlx::query(sql).fetch_one(&mut store).await.unwrap().get(0));
        }
        rows
    }

    async fn store(&self) -> SqliteConnection {
        let path = self.dir.path().join("tokens.sqlite");
        SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap()
    }

    async fn points_spent(&self) -> i64 {
        let sql = "SELECT COALESCE(SUM(points), 0) FROM spent";
        sqlx::query(sql).fetch_one(&mut self.store().await).await.unwrap().get(0)
    }

    /// Sends a request that must be refused with this status and word, and leave everything as it was.
    async fn refused(&self, request: reqwest::RequestBuilder, status: u16, word: &str) -> Value {
        let before = (self.rows().await, self.points_spent().await);
        let answer = request.send().await.unwrap();
        is_described(status);
        let problem = refusal(answer, status, word).await;
        assert_eq!((self.rows().await, self.points_spent().await), before, "{word}: a refusal leaves no row");
        problem
    }

    async fn refuses(&self, key: &SigningKey, query: &str, body: &[u8], status: u16, word: &str) -> Value {
        let mut nonce = [0; 16];
        os_rng().fill_bytes(&mut nonce);
        self.refused(self.signed(key, query, body, self.clock.now(), nonce), status, word).await
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(format!("http://{}{path}", self.service().addr)).send().await.unwrap()
    }

    /// Stops the service: nothing of it is left open.
    async fn stop(mut self) {
        self.service.take().unwrap().stop().await;
    }
}

/// Every refusal of a batch is one that the description of the API lists.
#[track_caller]
fn is_described(status: u16) {
    let document = serde_json::to_value(tokens::openapi()).unwrap();
    let listed = &document["paths"]["/v1/tokens"]["post"]["responses"][status.to_string()];
    assert!(listed["content"]["application/problem+json"].is_object(), "{status}");
}

#[track_caller]
fn refusal(answer: Response, status: u16, word: &str) -> impl Future<Output = Value> {
    let (got, content_type) = (answer.status().as_u16(), answer.headers()["content-type"].clone());
    let word = format!("urn:callboard:problem:{word}");
    async move {
        let problem: Value = answer.json().await.unwrap();
        assert_eq!((got, &problem["type"]), (status, &Value::from(word)), "{problem}");
        assert_eq!((content_type, &problem["status"]), ("application/problem+json".parse().unwrap(), &got.into()));
        problem
    }
}

/// A batch of so many points, with what opens its answer.
struct Batch {
    inputs: Vec<Vec<u8>>,
    blinds: Vec<Blind>,
    points: Vec<WirePoint>,
}

fn batch(count: usize) -> Batch {
    let inputs: Vec<Vec<u8>> = (0..count).map(|at| format!("input {at}").into_bytes()).collect();
    let blinds: Vec<Blind> = inputs.iter().map(|_| Blind::draw(&mut os_rng())).collect();
    let points = inputs.iter().zip(&blinds).map(|(input, blind)| blind.blind(input).unwrap()).collect();
    Batch { inputs, blinds, points }
}

impl Batch {
    fn body(&self) -> &[u8] {
        self.points.as_flattened()
    }

    fn tags(&self, public: &TokenPublicKey, answer: &[u8]) -> Vec<String> {
        let evaluated = Evaluation::read(public, &self.points, answer).unwrap();
        let inputs: Vec<(&[u8], &Blind)> = self.inputs.iter().map(Vec::as_slice).zip(&self.blinds).collect();
        finalise(&inputs, &evaluated).unwrap().into_iter().map(|(tag, _)| tag.to_string()).collect()
    }
}

#[tokio::test]
async fn a_batch_comes_back_with_a_proof_of_the_rosters_key_and_one_input_has_one_tag() {
    let world = World::start().await;
    let (first, second) = (batch(3), batch(3));
    let answer = world.ask(&key(1), "?epoch=1", first.body()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["ratelimit-policy"], "\"points\";q=10;w=86400");
    assert_eq!(answer.headers()["ratelimit"], "\"points\";r=7;t=43200");
    let tags = first.tags(&world.keys[0], &answer.bytes().await.unwrap());
    let again = world.ask(&key(2), "?epoch=1", second.body()).await.bytes().await.unwrap();
    assert_eq!(second.tags(&world.keys[0], &again), tags);
    let other = world.ask(&key(2), "?epoch=2", second.body()).await.bytes().await.unwrap();
    assert!(second.tags(&world.keys[1], &other).iter().all(|tag| !tags.contains(tag)));
    world.stop().await;
}

#[tokio::test]
async fn a_batch_of_no_points_of_1001_or_of_half_a_point_is_refused() {
    let world = World::start().await;
    let seat = &seats()[0];
    for body in [vec![], vec![8; 32 * 1_001], vec![8; 33], vec![8; 200_000]] {
        world.refuses(seat, "?epoch=1", &body, 422, "batch-size").await;
    }
    let full = batch(1_000);
    let answer = world.ask(seat, "?epoch=1", full.body()).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().get("ratelimit").is_none(), "a seat has no quota");
    assert_eq!(full.tags(&world.keys[0], &answer.bytes().await.unwrap()).len(), 1_000);
    world.stop().await;
}

#[tokio::test]
async fn a_point_that_is_not_canonical_or_is_the_identity_is_refused_and_not_repeated() {
    let world = World::start().await;
    for bad in [[0; 32], [0xff; 32], [1; 32]] {
        let mut points = batch(9).points;
        points[7] = bad;
        let problem = world.refuses(&key(1), "?epoch=1", points.as_flattened(), 422, "point-invalid").await;
        assert_eq!(problem["detail"], "point 7 is not canonical, or is the identity");
    }
    world.stop().await;
}

#[tokio::test]
async fn an_unknown_or_closed_epoch_or_a_query_that_names_none_is_refused() {
    let world = World::start().await;
    let (alpha, one) = (key(1), batch(1));
    world.refuses(&alpha, "?epoch=3", one.body(), 404, "epoch-unknown").await;
    for query in ["", "?epoch=", "?epoch=0", "?epoch=one", "?epoch=1&x=1", "?epoch=1&epoch=2"] {
        world.refuses(&alpha, query, one.body(), 400, "malformed").await;
    }
    let octets = world.signed(&alpha, "?epoch=1", one.body(), world.clock.now(), [5; 16]);
    let text = reqwest::header::HeaderMap::from_iter([(CONTENT_TYPE, "text/plain".parse().unwrap())]);
    world.refused(octets.headers(text), 415, "media-type").await;

    assert_eq!(world.ask(&alpha, "?epoch=2", one.body()).await.status(), 200);
    let now = world.clock.now();
    {
        let mut log = world.log.lock().unwrap();
        log.log_roster(&roster(2, world.epochs(EpochState::Closed), now), now);
        log.publish();
    }
    world.service().follow().await.unwrap();
    world.refuses(&alpha, "?epoch=2", one.body(), 410, "epoch-closed").await;
    let held: Value = world.get("/v1/epochs").await.json().await.unwrap();
    assert_eq!((&held["issuer"], &held["sandbox"]), (&Value::from(ISSUER), &Value::from(true)));
    let states: Vec<&Value> = held["epochs"].as_array().unwrap().iter().map(|epoch| &epoch["state"]).collect();
    assert_eq!(states, ["live", "closed"]);
    world.stop().await;
}

#[tokio::test]
async fn an_epoch_whose_roster_key_is_not_the_one_held_here_is_refused() {
    let mut world = World::start().await;
    world.service.take().unwrap().stop().await;
    let swapped = [world.dir.path().join("epoch-1.seed"), world.dir.path().join("epoch-2.seed")];
    std::fs::copy(&swapped[1], &swapped[0]).unwrap();
    world.service = Some(world.serve().await.unwrap());
    world.refuses(&key(1), "?epoch=1", batch(1).body(), 503, "epoch-unavailable").await;
    assert_eq!(world.ask(&key(1), "?epoch=2", batch(1).body()).await.status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn a_request_unsigned_mis_signed_or_signed_at_another_time_is_refused() {
    let world = World::start().await;
    let (alpha, one, now) = (key(1), batch(1), world.clock.now());
    let url = format!("http://{}/v1/tokens?epoch=1", world.service().addr);
    world.refused(world.http.post(&url).body(one.body().to_vec()), 401, "unsigned").await;

    let signed = |query, body: &[u8], at| world.signed(&alpha, query, body, at, [1; 16]);
    let other_body = signed("?epoch=1", batch(1).body(), now).body(one.body().to_vec());
    world.refused(other_body, 401, "request-signature").await;
    let headers = request::sign(&alpha, "POST", &url, one.body(), now, [1; 16]);
    let other_host = headers.lines().fold(world.http.post(&url), |request, (name, value)| request.header(name, value));
    world.refused(other_host.body(one.body().to_vec()), 401, "request-signature").await;
    for off in [61_000, -61_000] {
        world.refused(signed("?epoch=1", one.body(), now.plus_millis(off)), 401, "request-signature").await;
    }
    for off in [60_000, -60_000] {
        let edge = world.signed(&alpha, "?epoch=1", one.body(), now.plus_millis(off), [off.to_be_bytes()[3]; 16]);
        assert_eq!(edge.send().await.unwrap().status(), 200, "{off}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_request_counts_once_also_after_a_restart() {
    let mut world = World::start().await;
    let (one, now) = (batch(1), world.clock.now());
    let request = |world: &World| world.signed(&key(1), "?epoch=1", one.body(), now, [9; 16]);
    assert_eq!(request(&world).send().await.unwrap().status(), 200);
    world.refused(request(&world), 401, "request-replayed").await;
    world.service.take().unwrap().stop().await;
    world.service = Some(world.serve().await.unwrap());
    world.refused(request(&world), 401, "request-replayed").await;
    // A nonce is one key's: another may draw the same.
    let other = world.signed(&key(2), "?epoch=1", one.body(), now, [9; 16]);
    assert_eq!(other.send().await.unwrap().status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn a_key_counts_from_its_members_list_on_and_no_longer_than_that() {
    let world = World::start().await;
    let one = batch(1);
    world.refuses(&key(3), "?epoch=1", one.body(), 403, "key-unknown").await;
    world.members(2, with_gamma());
    // A moment after the last look: it is looked again before the key is refused.
    assert_eq!(world.ask(&key(3), "?epoch=1", one.body()).await.status(), 200, "an unknown key makes it look");
    world.refuses(&key(2), "?epoch=1", one.body(), 403, "key-unknown").await;
    world.stop().await;
}

/// The members of a later list, gamma (key 3) among them.
fn with_gamma() -> Vec<Member> {
    vec![member("alpha", 1, 10, Vec::new()), member("gamma", 3, 10, Vec::new())]
}

#[tokio::test]
async fn a_members_first_minute_is_not_refused_while_the_registry_says_not_yet() {
    let world = World::start().await;
    world.log.lock().unwrap().unwitnessed = [false, true];
    world.members(2, with_gamma());
    // Whoever asks is waited for, as long as a request waits; then it is told to ask again, and not that it is nobody.
    let asked = world.ask(&key(3), "?epoch=1", batch(1).body()).await;
    assert_eq!(asked.headers()["retry-after"], "1");
    refusal(asked, 409, "key-not-yet").await;
    let times = world.log.lock().unwrap().asked[1];
    assert!((3..=12).contains(&times), "asked {times} times in two seconds");

    world.log.lock().unwrap().unwitnessed = [false, false];
    assert_eq!(world.ask(&key(3), "?epoch=1", batch(1).body()).await.status(), 200);

    // Witnessed while somebody waits: the same request is answered.
    world.log.lock().unwrap().unwitnessed = [false, true];
    world.members(3, vec![member("delta", 4, 10, Vec::new())]);
    let (waiting, ask, delta) = (world.log.clone(), batch(1), key(4));
    let (answer, ()) = tokio::join!(world.ask(&delta, "?epoch=1", ask.body()), async {
        while waiting.lock().unwrap().asked[1] < times + 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        waiting.lock().unwrap().unwitnessed = [false, false];
    });
    assert_eq!(answer.status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn a_roster_that_is_not_witnessed_yet_keeps_no_member_back() {
    let world = World::start().await;
    world.log.lock().unwrap().unwitnessed = [true, false];
    world.members(2, with_gamma());
    let began = std::time::Instant::now();
    assert_eq!(world.ask(&key(3), "?epoch=1", batch(1).body()).await.status(), 200);
    assert!(began.elapsed() < Duration::from_secs(2));
    world.refuses(&key(9), "?epoch=1", batch(1).body(), 409, "key-not-yet").await;
    world.stop().await;
}

#[tokio::test]
async fn a_first_check_asks_again_until_its_key_is_known() {
    let mut world = World::start().await;
    world.service.take().unwrap().stop().await;
    // Requests are signed for the address that they are sent to, so here it is the service's own.
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], free_ports(1)));
    (world.config.listen, world.config.public_url) = (listen, format!("http://{listen}").parse().unwrap());
    world.service = Some(world.serve().await.unwrap());
    world.log.lock().unwrap().unwitnessed = [false, true];
    world.members(2, with_gamma());
    let (key, log) = (key(3), world.log.clone());
    let caller = Caller::new(world.http.clone(), &key, &*world.clock);
    let now = world.clock.now();
    let identity = Identity::normalise(IdentityKind::CnId, "440308199901101512", false).unwrap();
    let service: Address = format!("http://{}", world.service().addr).parse().unwrap();
    let known = roster(1, world.epochs(EpochState::Live), now);
    let mut rng = os_rng();
    let derived = tokio::join!(derive(&caller, &service, &known, vec![identity], &mut rng, |_| {}), async {
        tokio::time::sleep(Duration::from_millis(2_300)).await;
        log.lock().unwrap().unwitnessed = [false, false];
    });
    assert_eq!(derived.0.unwrap()[0].derived.len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn a_spent_quota_says_when_it_resets_and_the_next_day_goes_on() {
    let world = World::start().await;
    let alpha = key(1);
    assert_eq!(world.ask(&alpha, "?epoch=1", batch(8).body()).await.status(), 200);
    let problem = world.refuses(&alpha, "?epoch=2", batch(3).body(), 429, "quota-spent").await;
    assert_eq!(problem["resetsAt"], "2026-05-02T00:00:00.000Z");
    assert_eq!(world.ask(&alpha, "?epoch=1", batch(2).body()).await.status(), 200, "what is left may be used");
    let answer = world.ask(&alpha, "?epoch=1", batch(1).body()).await;
    assert_eq!(answer.headers()["retry-after"], "43200");
    refusal(answer, 429, "quota-spent").await;
    assert_eq!(world.ask(&key(2), "?epoch=1", batch(1).body()).await.status(), 200, "another's quota is another's");

    world.clock.move_to("2026-05-02T00:00:00.000Z".parse().unwrap());
    assert_eq!(world.ask(&alpha, "?epoch=1", batch(10).body()).await.status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn a_members_keys_share_its_quota() {
    let world = World::start().await;
    let mut alpha = member("alpha", 1, 10, Vec::new());
    alpha.keys.push(PublicKey::of(&key(4)));
    world.members(2, vec![alpha]);
    world.service().follow().await.unwrap();
    assert_eq!(world.ask(&key(1), "?epoch=1", batch(6).body()).await.status(), 200);
    world.refuses(&key(4), "?epoch=1", batch(5).body(), 429, "quota-spent").await;
    assert_eq!(world.ask(&key(4), "?epoch=1", batch(4).body()).await.status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn a_grant_is_used_after_the_day_and_until_its_end() {
    let world = World::start().await;
    let now = world.clock.now();
    let grants = vec![Grant { count: 20, until: now.plus_days(2) }, Grant { count: 5, until: now.plus_days(1) }];
    world.members(2, vec![member("alpha", 1, 10, grants)]);
    world.service().follow().await.unwrap();
    let answer = world.ask(&key(1), "?epoch=1", batch(17).body()).await;
    assert_eq!(answer.headers()["ratelimit"], "\"points\";r=18;t=43200");
    let sql = "SELECT until_ms, points FROM granted ORDER BY until_ms";
    let granted = sqlx::query(sql).fetch_all(&mut world.store().await).await.unwrap();
    let granted: Vec<(i64, i64)> = granted.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(granted, [(now.plus_days(1).as_millis(), 5), (now.plus_days(2).as_millis(), 2)]);
    world.refuses(&key(1), "?epoch=1", batch(19).body(), 429, "quota-spent").await;
    world.clock.move_to(now.plus_days(2));
    world.refuses(&key(1), "?epoch=1", batch(11).body(), 429, "quota-spent").await;
    assert_eq!(world.ask(&key(1), "?epoch=1", batch(10).body()).await.status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn too_many_requests_at_once_are_told_when_to_come_again() {
    let mut world = World::start().await;
    world.service.take().unwrap().stop().await;
    world.config.requests_per_second = 1.try_into().unwrap();
    world.config.requests_at_once = 2.try_into().unwrap();
    world.service = Some(world.serve().await.unwrap());
    let (alpha, one) = (key(1), batch(1));
    let asked = join_all((0..20).map(|_| world.ask(&alpha, "?epoch=1", one.body()))).await;
    let refused: Vec<_> = asked.into_iter().filter(|answer| answer.status() == 429).collect();
    assert!(!refused.is_empty() && refused.iter().all(|answer| answer.headers()["retry-after"] == "1"));
    // Another key at the same address has a budget of its own.
    assert_eq!(world.ask(&key(2), "?epoch=1", batch(1).body()).await.status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn it_starts_without_the_registry_with_what_it_knew_and_says_when_that_is_old() {
    let mut world = World::start().await;
    let now = world.clock.now();
    {
        let mut log = world.log.lock().unwrap();
        log.log_roster(&roster(2, world.epochs(EpochState::Closed), now), now);
        log.publish();
    }
    world.service().follow().await.unwrap();
    assert_eq!(world.get("/readyz").await.status(), 200);
    world.service.take().unwrap().stop().await;
    world.config.registry_url = "http://127.0.0.1:1".parse().unwrap();
    world.service = Some(world.serve().await.unwrap());
    assert_eq!(world.ask(&key(1), "?epoch=1", batch(1).body()).await.status(), 200);
    world.refuses(&key(1), "?epoch=2", batch(1).body(), 410, "epoch-closed").await;
    assert_eq!(world.get("/healthz").await.status(), 200);
    refusal(world.get("/readyz").await, 503, "not-ready").await;
    world.stop().await;
}

#[tokio::test]
async fn it_gives_nothing_before_it_knows_a_roster() {
    let mut world = World::start().await;
    world.service.take().unwrap().stop().await;
    std::fs::remove_file(world.dir.path().join("tokens.sqlite")).unwrap();
    world.log.lock().unwrap().shown = [None, None];
    world.service = Some(world.serve().await.unwrap());
    world.refuses(&key(1), "?epoch=1", batch(1).body(), 503, "not-ready").await;
    world.stop().await;
}

#[tokio::test]
async fn what_the_registry_shows_only_goes_forward_and_is_of_the_pinned_log() {
    let world = World::start().await;
    let old = world.log.lock().unwrap().shown.clone();
    let now = world.clock.now();
    {
        let mut log = world.log.lock().unwrap();
        log.log_roster(&roster(2, world.epochs(EpochState::Live), now), now);
    }
    world.members(2, vec![member("alpha", 1, 10, Vec::new())]);
    world.service().follow().await.unwrap();
    let new = world.log.lock().unwrap().shown.clone();
    let mut forged = Log::default();
    forged.log_roster(&roster(1, world.epochs(EpochState::Live), now.plus_millis(1)), now);
    forged.publish();

    for (shown, what) in [
        ([old[0].clone(), new[1].clone()], "an older roster"),
        ([new[0].clone(), old[1].clone()], "older members"),
        ([forged.shown[0].clone(), new[1].clone()], "another log's roster"),
        ([new[1].clone(), new[1].clone()], "members for a roster"),
        ([Some(b"{}".to_vec()), new[1].clone()], "no proof file"),
        ([new[0].clone(), None], "members that are gone"),
    ] {
        world.log.lock().unwrap().shown = shown;
        assert!(world.service().follow().await.is_err(), "{what}");
    }
    world.log.lock().unwrap().shown = [old[0].clone(), new[1].clone()];
    assert!(matches!(world.service().follow().await, Err(FollowError::Older { known: 2, got: 1, .. })));
    assert_eq!(world.ask(&key(1), "?epoch=1", batch(1).body()).await.status(), 200, "what was known stays");
    world.refuses(&key(2), "?epoch=1", batch(1).body(), 403, "key-unknown").await;
    world.stop().await;
}

#[tokio::test]
async fn it_follows_the_registry_itself() {
    let mut world = World::start().await;
    world.service.take().unwrap().stop().await;
    let database = support::Database::new(support::Engine::Sqlite, None).await;
    let board = support::World::start(&database, ISSUER, &registry::LOG_SEED, world.clock.now()).await;
    world.config.registry_url = board.url.parse().unwrap();
    world.service = Some(world.serve().await.unwrap());
    assert!(world.service().follow().await.is_err(), "an empty log has no roster");
    let hand_ins = world.log.lock().unwrap().hand_ins();
    for hand_in in hand_ins {
        let (status, answer) = board.submit(&hand_in).await;
        assert_eq!(status, 201, "{answer}");
    }
    world.service.take().unwrap().stop().await;
    std::fs::remove_file(world.dir.path().join("tokens.sqlite")).unwrap();
    world.service = Some(world.serve().await.unwrap());
    world.service().follow().await.unwrap();
    assert_eq!(world.get("/readyz").await.status(), 200);
    assert_eq!(world.ask(&key(1), "?epoch=1", batch(1).body()).await.status(), 200);
    world.stop().await;
    board.stop().await;
}

#[tokio::test]
async fn two_documents_of_one_version_are_a_fork() {
    let world = World::start().await;
    let before = world.log.lock().unwrap().genesis();
    // The same registry tells another the same version with another quota.
    let now = world.clock.now();
    let mut told = Log::default();
    told.log_roster(&roster(1, world.epochs(EpochState::Live), now), now);
    assert_eq!(told.genesis(), before);
    told.log_members(&Members { v: 1, version: 1, members: vec![member("alpha", 1, 11, Vec::new())] }, now);
    told.publish();
    world.log.lock().unwrap().shown = [told.shown[0].clone(), told.shown[1].clone()];
    assert!(matches!(world.service().follow().await, Err(FollowError::Fork(_))));
    world.stop().await;
}

#[tokio::test]
async fn a_sandbox_starts_only_if_it_is_called_so() {
    let mut world = World::start().await;
    world.service.take().unwrap().stop().await;
    assert!(matches!(world.about_to_start(false).start().await, Err(TokensError::Sandbox)));
}

#[tokio::test]
async fn requests_at_the_same_time_never_spend_more_than_there_is_and_one_of_two_alike_counts() {
    let world = World::start().await;
    let three = batch(3);
    let alpha = key(1);
    let at_once = (0..10).map(|_| world.ask(&alpha, "?epoch=1", three.body()));
    let statuses: Vec<u16> = join_all(at_once).await.iter().map(|answer| answer.status().as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 3, "{statuses:?}");
    assert_eq!(world.points_spent().await, 9);

    let now = world.clock.now();
    let alike = (0..5).map(|_| world.signed(&key(2), "?epoch=1", three.body(), now, [3; 16]).send());
    let answers: Vec<Response> = join_all(alike).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status() == 200).count(), 1);
    assert_eq!((world.rows().await["batches"], world.points_spent().await), (4, 12));
    world.stop().await;
}

#[tokio::test]
async fn a_seat_that_asks_more_than_usual_is_counted_and_raises_the_alarm() {
    let mut world = World::start().await;
    world.service.take().unwrap().stop().await;
    world.config.seat_alarm_points = 20;
    world.config.metrics_listen = "127.0.0.1:0".parse().unwrap();
    let mut service = world.about_to_start(true);
    service.metrics = Some(PrometheusBuilder::new().install_recorder().unwrap());
    let running = service.start().await.unwrap();
    let metrics = format!("http://{}/metrics", running.metrics_addr.unwrap());
    world.service = Some(running);
    let metrics = async || world.http.get(&metrics).send().await.unwrap().text().await.unwrap();
    let alarms = "callboard_tokens_seat_alarms_total{role=\"panel\"}";

    assert_eq!(world.ask(&seats()[1], "?epoch=1", batch(20).body()).await.status(), 200);
    assert!(!metrics().await.contains(alarms));
    assert_eq!(world.ask(&seats()[1], "?epoch=1", batch(1).body()).await.status(), 200, "counted, not refused");
    let shown = metrics().await;
    assert!(shown.contains(&format!("{alarms} 1")), "{shown}");
    assert!(shown.contains("callboard_tokens_points_total{epoch=\"1\"}"), "{shown}");
    assert!(!shown.contains(&PublicKey::of(&seats()[1]).id().to_string()), "metrics name nobody");
    world.clock.move_to(world.clock.now().plus_days(1));
    assert_eq!(world.ask(&seats()[1], "?epoch=1", batch(20).body()).await.status(), 200);
    assert!(metrics().await.contains(&format!("{alarms} 1")), "the next day counts anew");
    world.stop().await;
}

#[test]
fn the_program_makes_a_service_serves_it_and_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let callboard = |arguments: &[&str]| {
        let mut command = Command::new(programs().join("callboard"));
        command.current_dir(dir.path()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let said = |output: &[u8]| String::from_utf8_lossy(output).into_owned();
    let init = ["tokens", "init", "tokens", "--issuer", ISSUER, "--listen", "127.0.0.1:0", "--public-url", PUBLIC_URL];
    let made = callboard(&init).wait_with_output().unwrap();
    assert!(made.status.success() && said(&made.stdout).contains("Back the seed up"), "{}", said(&made.stderr));
    let again = callboard(&init).wait_with_output().unwrap();
    assert!(!again.status.success(), "a seed is never written over");

    let path = dir.path().join("tokens/tokens.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replace("127.0.0.1:9441", "127.0.0.1:0").replace(":8440", ":1")).unwrap();
    let pinned = ["tokens", "serve", "tokens", "--genesis", &"0".repeat(64)];
    let unnamed = callboard(&pinned).wait_with_output().unwrap();
    assert!(!unnamed.status.success() && said(&unnamed.stderr).contains("--sandbox"), "{}", said(&unnamed.stderr));

    let mut serving = callboard(&[&pinned[..], &["--sandbox", "--log-json"]].concat());
    let lines = BufReader::new(serving.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut seen = Vec::new();
    for line in lines {
        let line: Value = serde_json::from_str(&line).unwrap();
        let message = line["fields"]["message"].as_str().unwrap().to_owned();
        if message == "the token service answers" {
            let pid = Pid::from_child(&serving);
            kill_process(pid, Signal::TERM).unwrap();
        }
        seen.push(message);
    }
    assert!(serving.wait().unwrap().success(), "{seen:?}");
    assert!(seen.iter().any(|message| message.starts_with("SANDBOX")), "{seen:?}");
    assert!(seen.last().unwrap().starts_with("stopping"), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_ends_within_ten_seconds_of_being_told_to_while_its_registry_and_its_callers_hang() {
    let dir = tempfile::tempdir().unwrap();
    let callboard = |arguments: &[&str]| {
        let mut command = Command::new(programs().join("callboard"));
        command.current_dir(dir.path()).args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    let [listen, registry] = [0, 1].map(|_| format!("127.0.0.1:{}", free_ports(1)));
    let init = ["tokens", "init", "tokens", "--issuer", ISSUER, "--listen", &listen, "--public-url", PUBLIC_URL];
    assert!(callboard(&init).wait().unwrap().success());
    let path = dir.path().join("tokens/tokens.toml");
    let config = std::fs::read_to_string(&path).unwrap().replace("127.0.0.1:9441", "127.0.0.1:0");
    let config = config.replace("poll_seconds = 5", "poll_seconds = 1").replace("127.0.0.1:8440", &registry);
    std::fs::write(&path, config).unwrap();
    let genesis = "0".repeat(64);
    let serve = ["tokens", "serve", "tokens", "--genesis", &genesis, "--sandbox"];
    let http = callboard_client::http::client().unwrap();
    let alive = format!("http://{listen}/healthz");
    let ends = async |mut serving: std::process::Child| {
        let told = std::time::Instant::now();
        kill_process(Pid::from_child(&serving), Signal::TERM).unwrap();
        while serving.try_wait().unwrap().is_none() {
            assert!(told.elapsed() < Duration::from_secs(10), "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(serving.wait().unwrap().success());
    };

    // The registry is down at the start, and hangs afterwards.
    let serving = callboard(&serve);
    for _ in 0..500 {
        if http.get(&alive).send().await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let hanging = tokio::net::TcpListener::bind(&registry).await.unwrap();
    let accepts = async || tokio::time::timeout(Duration::from_mins(1), hanging.accept()).await.unwrap().unwrap();
    let _asked = accepts().await;
    let slow = b"POST /v1/tokens?epoch=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n.";
    let _open = [&slow[..], b"GET /v1/epochs HTTP/1.1\r\nHo", b""].map(|sent| {
        let mut stream = std::net::TcpStream::connect(&listen).unwrap();
        std::io::Write::write_all(&mut stream, sent).unwrap();
        stream
    });
    ends(serving).await;
    // It hangs from the start.
    let serving = callboard(&serve);
    let _asked = accepts().await;
    ends(serving).await;
}
