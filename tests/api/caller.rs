//! Who asks: strangers, members, seats, witnesses. Every answer is held against the OpenAPI document: its operation lists
//! the status, and the example has each member that the answer has.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU64, Ordering},
};

use callboard_federation::{
    encoding::{Hash, PublicKey, Time},
    hand_in::HandIn,
    request::{SignedHeaders, sign},
    tlog::{
        checkpoint::SignedCheckpoint,
        cosignature::cosign,
        vkey::{KeyName, SignatureType, VerifierKey},
    },
};
use callboard_registry::api::router::openapi;
use callboard_service::limit::RateLimits;
use ed25519_dalek::SigningKey;
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use crate::support::{Database, Engine, World, committee::Committee, hex};

/// The OpenAPI document.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(openapi()).unwrap());

/// A registry with its committee, after the beginning of the vectors; the members alpha and beta.
pub(crate) struct Registry {
    pub(crate) world: World,
    pub(crate) committee: Committee,
    pub(crate) database: Database,
    asked: AtomicU64,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The stable word of a problem, with its status.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(!problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty());
        let word = problem["type"].as_str().unwrap().strip_prefix("urn:callboard:problem:").unwrap();
        (self.status, word.to_owned())
    }

    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, word: &str) {
        assert_eq!(self.problem(), (status, word.to_owned()), "{}", self.text());
    }
}

impl Committee {
    pub(crate) fn log_seed(&self) -> [u8; 32] {
        hex(&self.vectors["logKeySeed"])
    }

    /// The next roster, whose witnesses are `vkeys`, in a docket.
    pub(crate) fn next_roster(&mut self, at: Time, quorum: u64, vkeys: &[String]) -> HandIn {
        let mut roster = self.document(0, 0);
        roster["version"] = json!(self.roster + 1);
        roster["witnesses"] = json!({"quorum": quorum, "keys": vkeys});
        let drafted = self.draft(at, "roster", None, &json!({"document": roster.to_string()}));
        let docket = self.docket(at, &[&drafted], None);
        self.roster += 1;
        docket
    }

    /// A public document of the beginning.
    pub(crate) fn document(&self, index: usize, position: usize) -> Value {
        let handed: HandIn = serde_json::from_value(self.beginning()[index]["handIn"].clone()).unwrap();
        let statement: Value = serde_json::from_slice(&handed.items[position].statement.0).unwrap();
        serde_json::from_str(statement["document"].as_str().unwrap()).unwrap()
    }
}

impl Registry {
    /// After the beginning; its roster's witnesses are strangers, so nothing is witnessed.
    pub(crate) async fn begun(engine: Engine) -> Self {
        Self::limited(engine, None).await
    }

    pub(crate) async fn limited(engine: Engine, limits: Option<Arc<RateLimits>>) -> Self {
        Self::of(World::begun(engine, limits).await)
    }

    fn of((world, committee, database): (World, Committee, Database)) -> Self {
        let registry = Self { world, committee, database, asked: AtomicU64::new(0) };
        registry.world.clock.move_to(registry.now().plus_days(1));
        registry
    }

    /// The same, then a roster whose witnesses the tests are, two of three a quorum, and beta among the members.
    pub(crate) async fn watched(engine: Engine) -> Self {
        Self::watched_on(Database::new(engine, None).await).await
    }

    /// The same, on this database.
    pub(crate) async fn watched_on(database: Database) -> Self {
        let mut registry = Self::of(World::begun_on(database, None).await);
        let vkeys: Vec<String> = WITNESSES.map(|name| witness(name).1.to_string()).into();
        let roster = registry.committee.next_roster(registry.now(), 2, &vkeys);
        registry.logs(&roster).await;
        let mut members = registry.committee.document(2, 4);
        members["version"] = json!(2);
        let beta = json!({"member": "beta", "name": "Beta", "keys": [PublicKey::of(&key("beta")).to_string(),
            PublicKey::of(&key("beta, another")).to_string()], "quota": {"perDay": 1}});
        members["members"].as_array_mut().unwrap().push(beta);
        registry.log_members(&members).await;
        registry
    }

    pub(crate) async fn log_members(&mut self, members: &Value) {
        let at = self.now();
        let drafted = self.committee.draft(at, "members", None, &json!({"document": members.to_string()}));
        let docket = self.committee.docket(at, &[&drafted], None);
        self.logs(&docket).await;
    }

    pub(crate) fn now(&self) -> Time {
        use callboard_client::clock::Clock as _;
        self.world.clock.now()
    }

    /// Hands a docket in that counts; its index.
    pub(crate) async fn logs(&self, docket: &HandIn) -> u64 {
        let answer = self.post("/v1/dockets", serde_json::to_vec(docket).unwrap()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["index"].as_u64().unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request(Method::POST, path).body(body)).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.world.http.request(method, format!("{}{path}", self.world.url))
    }

    /// A nonce that was never used.
    pub(crate) fn nonce(&self) -> [u8; 16] {
        u128::from(self.asked.fetch_add(1, Ordering::SeqCst)).to_be_bytes()
    }

    /// Asks with a request that `key` signed now.
    pub(crate) async fn signed(&self, key: &SigningKey, method: Method, path: &str, body: &[u8]) -> Answer {
        let headers = self.signature(key, &method, path, body, self.now(), self.nonce());
        self.send(with(self.request(method, path), &headers).body(body.to_vec())).await
    }

    pub(crate) fn signature(
        &self,
        key: &SigningKey,
        method: &Method,
        path: &str,
        body: &[u8],
        created: Time,
        nonce: [u8; 16],
    ) -> SignedHeaders {
        sign(key, method.as_str(), &format!("{}{path}", self.world.url), body, created, nonce)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = self.world.http.execute(request).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let answer = Answer { status, headers, body: answer.bytes().await.unwrap().to_vec() };
        is_described(&method, &path, &answer);
        answer
    }

    /// The newest checkpoint, with the line of a witness under it.
    pub(crate) fn cosigned(&self, name: &str) -> SignedCheckpoint {
        cosigned(&self.world.ledger.published().newest.note, name, self.now())
    }

    /// A quorum cosigns the newest checkpoint.
    pub(crate) async fn is_witnessed(&self) {
        for name in &WITNESSES[..2] {
            let answer = self.post("/v1/cosignatures", self.cosigned(name).to_string()).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }

    /// Stops the registry and starts it on the same database.
    pub(crate) async fn starts_again(self) -> Self {
        self.starts_behind(0).await
    }

    /// The same, with a clock that is so many days behind.
    pub(crate) async fn starts_behind(self, days: i64) -> Self {
        let (now, Self { world, committee, database, asked }) = (self.now().plus_days(-days), self);
        world.stop().await;
        let world = World::start(&database, committee.issuer(), &committee.log_seed(), now).await;
        Self { world, committee, database, asked }
    }

    /// Starts on a copy of a database that nobody has open.
    pub(crate) async fn of_copy(template: &Database, committee: &Committee, now: Time) -> Self {
        let database = Database::new(template.engine, Some(template)).await;
        let world = World::start(&database, committee.issuer(), &committee.log_seed(), now).await;
        // Other nonces than those that the copy holds.
        Self { world, committee: committee.clone(), database, asked: AtomicU64::new(1 << 32) }
    }

    /// Ends the registry: the log is whole, and nothing is left over.
    pub(crate) async fn ends(self) {
        let report = self.world.audit().await;
        assert!(report.is_clean(), "{report}");
        self.world.stop().await;
        self.database.drop().await;
    }

    pub(crate) async fn rows(&self) -> std::collections::BTreeMap<String, i64> {
        self.database.row_counts().await
    }
}

/// The key of the member alpha.
pub(crate) fn alpha(registry: &Registry) -> SigningKey {
    SigningKey::from_bytes(&hex(&registry.committee.vectors["memberSeeds"]["alpha"]))
}

pub(crate) const WITNESSES: [&str; 3] = ["alpha", "beta", "gamma"];

/// A key of the tests' own, by name.
pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(Hash::of(name.as_bytes()).as_bytes())
}

/// A witness's key, and how the roster names it.
pub(crate) fn witness(name: &str) -> (SigningKey, VerifierKey) {
    let key = key(&format!("witness {name}"));
    let full: KeyName = format!("callboard.example/witness/{name}").parse().unwrap();
    let verifier = VerifierKey::new(full, SignatureType::Cosignature, PublicKey::of(&key));
    (key, verifier)
}

/// A checkpoint with a witness's line of `at` alone under it, besides the log's.
pub(crate) fn cosigned(note: &SignedCheckpoint, name: &str, at: Time) -> SignedCheckpoint {
    let (key, verifier) = witness(name);
    let mut note = note.clone();
    let seconds = u64::try_from(at.as_seconds()).unwrap();
    note.add(cosign(note.note().text(), verifier.name().clone(), &key, seconds));
    note
}

pub(crate) fn with(request: RequestBuilder, headers: &SignedHeaders) -> RequestBuilder {
    headers.lines().fold(request, |request, (name, value)| request.header(name, value))
}

/// Holds an answer against the document.
#[track_caller]
fn is_described(method: &Method, path: &str, answer: &Answer) {
    let matches = |pattern: &str| {
        let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
        loop {
            match (pattern.next(), path.next()) {
                (None, None) | (Some("{path}"), Some(_)) => return true,
                (Some(part), Some(said)) if part == said || part.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let Some((pattern, operations)) = paths.iter().find(|(pattern, _)| matches(pattern)) else { return };
    let operation = &operations[method.as_str().to_lowercase()];
    if operation.is_null() {
        return;
    }
    let response = &operation["responses"][answer.status.to_string()];
    assert!(response.is_object(), "{method} {pattern} does not list {}: {:?}", answer.status, answer.body);
    if let (Some(words), "application/problem+json") =
        (response["x-problems"].as_array(), answer.header("content-type"))
    {
        assert!(words.contains(&answer.json()["type"]), "{method} {pattern} lists no {}", answer.json()["type"]);
    }
    let kind = answer.header("content-type").split(';').next().unwrap();
    if kind.is_empty() || answer.body.is_empty() {
        return;
    }
    let content = &response["content"][kind];
    assert!(content.is_object(), "{method} {pattern} does not list {kind} of {}", answer.status);
    if !matches!(kind, "application/json" | "application/problem+json") || pattern.contains("publications") {
        return;
    }
    let (example, json) = (example(&DOCUMENT, content), answer.json());
    for (member, value) in json.as_object().unwrap() {
        assert!(example.get(member).is_some(), "{method} {pattern}: the example has no {member}: {value}");
    }
    fits(&content["schema"], &json, pattern);
    fits(&content["schema"], example, pattern);
}

/// Holds a value against its schema: members are listed, and those that must be there are.
#[track_caller]
fn fits(schema: &Value, value: &Value, what: &str) {
    let schema = schema["$ref"].as_str().map_or(schema, |name| DOCUMENT.pointer(&name[1..]).unwrap());
    if let Some(properties) = schema["properties"].as_object() {
        for (member, value) in value.as_object().unwrap() {
            fits(properties.get(member).unwrap_or_else(|| panic!("{what}: no schema of {member}")), value, what);
        }
        let needed = schema["required"].as_array().into_iter().flatten();
        needed.for_each(|member| assert!(value.get(member.as_str().unwrap()).is_some(), "{what}: no {member}"));
    }
    if let (Some(rows), Some(schema)) = (value.as_array(), schema.get("items")) {
        for row in rows {
            fits(schema, row, what);
        }
    }
}

/// The example of a content, its own or its schema's.
pub(crate) fn example<'a>(document: &'a Value, content: &'a Value) -> &'a Value {
    if let Some(own) = content.get("example") {
        return own;
    }
    let schema = content["schema"]["$ref"].as_str().unwrap_or_default();
    document
        .pointer(schema.trim_start_matches('#'))
        .map_or(&Value::Null, |schema| schema.get("example").unwrap_or(&schema["examples"][0]))
}
