//! A registry that shows what a test wants: a real log of the vectors' committee, over HTTP, with its lines altered or not.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use callboard_agent::{config::Config, replica::Replica};
use callboard_client::clock::HandClock;
use callboard_federation::{
    disclosure::{CheckpointLine, Disclosure, DocketDisclosure},
    dsse::Envelope,
    encoding::{Hash, PublicKey, Time, to_json},
    entry::Entry,
    hand_in::HandIn,
    receipt::{Outcome, Receipt},
    replay::{ReadDocket, Replay},
    tlog::{
        checkpoint::{Checkpoint, SignedCheckpoint},
        cosignature::cosign,
        merkle::Tree,
        vkey::{KeyName, SignatureType, VerifierKey},
    },
};
use callboard_keys::MemberKey;
use ed25519_dalek::SigningKey;
use rand_core::{TryCryptoRng, TryRng};
use serde_json::{Value, json};

use crate::committee::Committee;

pub(crate) fn hex<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn seed(name: &str) -> [u8; 32] {
    *Hash::of(name.as_bytes()).as_bytes()
}

pub(crate) fn witness(name: &str) -> (SigningKey, VerifierKey) {
    let key = SigningKey::from_bytes(&seed(&format!("witness {name}")));
    let full: KeyName = format!("callboard.example/witness/{name}").parse().unwrap();
    let verifier = VerifierKey::new(full, SignatureType::Cosignature, PublicKey::of(&key));
    (key, verifier)
}

/// Gives the seeds in turn.
struct Seeds(Vec<u8>);

impl TryRng for Seeds {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("keys are made of bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("keys are made of bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.copy_from_slice(&self.0.drain(..bytes.len()).collect::<Vec<_>>());
        Ok(())
    }
}

impl TryCryptoRng for Seeds {}

/// A member's keys; alpha is the one whom the vectors' members name.
pub(crate) fn member_key(name: &str) -> MemberKey {
    let request = match name {
        "alpha" => hex(&Committee::new().vectors["memberSeeds"]["alpha"]),
        _ => seed(name),
    };
    let mut seeds = Seeds([request, seed(&format!("witness {name}"))].concat());
    MemberKey::generate(name.to_owned().try_into().unwrap(), "callboard.example".to_owned(), &mut seeds).unwrap()
}

/// A log: the beginning of the vectors, then a roster whose witnesses the tests are, then what a test adds.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) committee: Committee,
    pub(crate) lines: Vec<Disclosure>,
    pub(crate) now: Time,
}

impl Log {
    pub(crate) fn new(quorum: u64, witnesses: &[&str]) -> Self {
        let mut log = Self::begun();
        log.roster(quorum, witnesses);
        log
    }

    /// A day after the beginning.
    pub(crate) fn begun() -> Self {
        let committee = Committee::new();
        let mut log = Self { lines: Vec::new(), now: Time::from_millis(0), committee };
        for line in log.committee.beginning().to_vec() {
            log.now = line["loggedAt"].as_str().unwrap().parse().unwrap();
            log.take(serde_json::from_value(line["handIn"].clone()).unwrap());
        }
        log.now = log.now.plus_days(1);
        log
    }

    /// The next roster, with these witnesses, logged.
    pub(crate) fn roster(&mut self, quorum: u64, witnesses: &[&str]) {
        let docket = self.roster_docket(quorum, witnesses);
        self.take(docket);
        self.committee.roster += 1;
    }

    pub(crate) fn roster_docket(&mut self, quorum: u64, witnesses: &[&str]) -> HandIn {
        let handed: HandIn = serde_json::from_value(self.committee.beginning()[0]["handIn"].clone()).unwrap();
        let statement: Value = serde_json::from_slice(&handed.items[0].statement.0).unwrap();
        let mut roster: Value = serde_json::from_str(statement["document"].as_str().unwrap()).unwrap();
        roster["version"] = json!(self.committee.roster + 1);
        let keys: Vec<String> = witnesses.iter().map(|name| witness(name).1.to_string()).collect();
        roster["witnesses"] = json!({"quorum": quorum, "keys": keys});
        let drafted = self.committee.draft(self.now, "roster", None, &json!({"document": roster.to_string()}));
        self.committee.docket(self.now, &[&drafted], None)
    }

    pub(crate) fn replay(&self) -> Replay {
        let mut replay = Replay::new(Some(self.committee.genesis()));
        for line in &self.lines {
            replay.follow(line).unwrap();
        }
        replay
    }

    /// Logs a docket that counts.
    pub(crate) fn take(&mut self, handed: HandIn) {
        let (disclosed, _) = handed.into_parts();
        let mut replay = self.replay();
        replay.log(&ReadDocket::of(&disclosed).unwrap(), self.now).unwrap();
        self.force(disclosed);
    }

    /// Logs a docket whether it counts or not.
    pub(crate) fn force(&mut self, disclosed: DocketDisclosure) {
        let entry = Entry::of_docket(self.now, &disclosed.envelope).to_string().into_bytes();
        self.lines.push(Disclosure { index: self.lines.len() as u64, entry, docket: Some(disclosed) });
    }

    /// A ruling on who has `tag`, logged.
    pub(crate) fn suspend(&mut self, tag: &str) {
        let drafted = self.committee.suspend(self.now, tag);
        let docket = self.committee.docket(self.now, &[&drafted], None);
        self.take(docket);
    }

    /// The checkpoint of all lines, signed and cosigned by the log, and by these witnesses.
    pub(crate) fn note(&self, witnesses: &[&str]) -> SignedCheckpoint {
        let tree: Tree = self.lines.iter().map(|line| Entry::parse(&line.entry).unwrap().leaf_hash()).collect();
        let key = SigningKey::from_bytes(&hex(&self.committee.vectors["logKeySeed"]));
        let origin: KeyName = self.committee.issuer().parse().unwrap();
        let (size, root) = (tree.size(), tree.current_root());
        let mut note = Checkpoint { origin: origin.clone(), size, root }.sign(&key);
        let at = u64::try_from(self.now.as_seconds()).unwrap();
        let text = note.note().text().to_owned();
        note.add(cosign(&text, origin, &key, at));
        for name in witnesses {
            let (key, verifier) = witness(name);
            note.add(cosign(&text, verifier.name().clone(), &key, at));
        }
        note
    }
}

/// What is shown now.
pub(crate) struct Shown {
    pub(crate) lines: Vec<Disclosure>,
    pub(crate) note: SignedCheckpoint,
    pub(crate) status: StatusCode,
    /// Every note that was posted.
    pub(crate) posted: Vec<SignedCheckpoint>,
    /// How many anchors were handed in, and whether they are refused.
    pub(crate) anchors: (usize, bool),
    /// How often anything else was asked for.
    pub(crate) others: usize,
    /// Every receipt that was filed: docket and outcome.
    pub(crate) receipts: Vec<(Hash, Outcome)>,
}

/// The registry over HTTP.
pub(crate) struct Registry {
    shown: Arc<Mutex<Shown>>,
    pub(crate) url: String,
}

#[derive(serde::Deserialize)]
struct From {
    from: usize,
}

async fn feed(State(shown): State<Arc<Mutex<Shown>>>, Query(From { from }): Query<From>) -> Response {
    let shown = shown.lock().unwrap();
    if shown.status != StatusCode::OK {
        return shown.status.into_response();
    }
    let mut body = Vec::new();
    for line in shown.lines.iter().skip(from) {
        body.extend(line.to_json());
        body.push(b'\n');
    }
    body.extend(to_json(&CheckpointLine { checkpoint: shown.note.to_string() }));
    body.push(b'\n');
    body.into_response()
}

async fn cosignatures(State(shown): State<Arc<Mutex<Shown>>>, body: String) -> &'static str {
    shown.lock().unwrap().posted.push(body.parse().unwrap());
    "{}"
}

async fn anchors(State(shown): State<Arc<Mutex<Shown>>>) -> Response {
    let mut shown = shown.lock().unwrap();
    shown.anchors.0 += 1;
    if !shown.anchors.1 {
        return "{}".into_response();
    }
    let problem = json!({"type": "urn:callboard:problem:anchor-repeated", "title": "The day is anchored", "status": 409,
        "detail": "another anchor of this day is taken"});
    (StatusCode::CONFLICT, [("content-type", "application/problem+json")], problem.to_string()).into_response()
}

async fn receipts(State(shown): State<Arc<Mutex<Shown>>>, body: Bytes) -> &'static str {
    let envelope: Envelope = serde_json::from_slice(&body).unwrap();
    let receipt: Receipt = serde_json::from_slice(&envelope.payload.0).unwrap();
    shown.lock().unwrap().receipts.push((receipt.docket, receipt.outcome));
    "{}"
}

/// What the agent asks by itself: it is written to at its recipient, and nobody asks it for an identity.
async fn recipients() -> &'static str {
    r#"{"recipient": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d"}"#
}

async fn identity_requests() -> &'static str {
    r#"{"identityRequests": []}"#
}

async fn other(State(shown): State<Arc<Mutex<Shown>>>) -> StatusCode {
    shown.lock().unwrap().others += 1;
    StatusCode::NOT_FOUND
}

impl Registry {
    pub(crate) async fn of(log: &Log, witnesses: &[&str]) -> Self {
        let (lines, note) = (log.lines.clone(), log.note(witnesses));
        let shown = Arc::new(Mutex::new(Shown {
            lines,
            note,
            status: StatusCode::OK,
            posted: Vec::new(),
            anchors: (0, false),
            others: 0,
            receipts: Vec::new(),
        }));
        let router = Router::new().route("/v1/feed", get(feed)).route("/v1/cosignatures", post(cosignatures));
        let router = router.route("/v1/receipts", post(receipts)).route("/v1/anchors", post(anchors));
        let router = router.route("/v1/recipients", post(recipients));
        let router = router.route("/v1/identity-requests", get(identity_requests));
        let router = router.fallback(other).with_state(Arc::clone(&shown));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shown, url }
    }

    pub(crate) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap()
    }

    pub(crate) fn show(&self, log: &Log, witnesses: &[&str]) {
        let mut shown = self.shown();
        (shown.lines, shown.note) = (log.lines.clone(), log.note(witnesses));
    }
}

/// A member's settings.
pub(crate) fn config(url: &str, member: &str, directory: &Path) -> Config {
    let mut config = Config::of_text(callboard_agent::config::EXAMPLE).unwrap();
    config.member = member.to_owned().try_into().unwrap();
    "callboard.example".clone_into(&mut config.issuer);
    config.genesis = Committee::new().genesis();
    (config.url, config.tokens_url) = (url.parse().unwrap(), url.parse().unwrap());
    config.listen = ([127, 0, 0, 1], 0).into();
    (config.key, config.directory) = (directory.join("member.key"), directory.to_owned());
    config.keep_checks_days = 1;
    config
}

pub(crate) const STALENESS: Duration = Duration::from_mins(10);

pub(crate) async fn open(url: &str, member: &str, directory: &Path, clock: &Arc<HandClock>) -> Replica {
    let config = config(url, member, directory);
    Replica::open(&config, Arc::new(member_key(member)), clock.clone()).await.unwrap()
}
