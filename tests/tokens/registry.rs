//! A registry that logs rosters and members, and shows them as proof files: the peer that the token service follows.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, http::StatusCode, routing::get};
use callboard_federation::{
    docket::{Docket, Item},
    document::{Document, WellFormed},
    dsse::{Envelope, PayloadType},
    encoding::{Base64, Hash, Id, Octets, PublicKey, Time, to_json},
    entry::Entry,
    members::Members,
    proof_file::{ProofFile, ProofPart},
    roster::{EpochKey, Role, RoleCount, Roster, RuleKey, Seat, Witnesses},
    statement::{Act, Kind, Statement},
    tlog::{
        checkpoint::Checkpoint,
        merkle::Tree,
        proof::Inclusion,
        vkey::{SignatureType, VerifierKey},
    },
};
use ed25519_dalek::SigningKey;
use serde::Serialize;

pub(crate) const ISSUER: &str = "callboard.test";
/// The seed of the log key.
pub(crate) const LOG_SEED: [u8; 32] = [200; 32];
const RECIPIENTS: [&str; 2] = [
    "age1j78fmzkk85ghlt4djupjv29af6hwx8ta6qrp7ze5z832sznq6smsl5esc3",
    "age1hjkcq4lyet06ewlhu5rm09uafs5va30xf3zr0ks4hmr65gsp5atsuq04nr",
];

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The keys of two panel seats, either of whom may sign anything.
pub(crate) fn seats() -> [SigningKey; 2] {
    [key(201), key(202)]
}

/// One entry of the log, whose docket has one item.
struct EntryContent {
    entry: String,
    statement: Vec<u8>,
    envelope: Envelope,
}

/// The log, and the files that are shown of it.
#[derive(Default)]
pub(crate) struct Log {
    tree: Tree,
    logged: Vec<EntryContent>,
    rosters: Vec<usize>,
    members: Option<usize>,
    roster_version: u64,
    /// What is shown: the files of roster and members, by `publish` or by a test.
    pub(crate) shown: [Option<Vec<u8>>; 2],
    /// Which of the two was logged anew, and too few witnesses saw it yet.
    pub(crate) unwitnessed: [bool; 2],
    /// How often each was asked for.
    pub(crate) asked: [u32; 2],
}

/// A roster of the two seats.
pub(crate) fn roster(version: u64, epochs: Vec<EpochKey>, now: Time) -> Roster {
    let seat = |(at, key): (usize, SigningKey)| Seat {
        public_key: PublicKey::of(&key),
        recipient: RECIPIENTS[at].to_owned().try_into().unwrap(),
        holder: format!("panel-{at}"),
        role: Role::Panel,
        member: None,
    };
    let rule = |kind| (RuleKey { kind, of: None }, vec![RoleCount { role: Role::Panel, count: 1 }]);
    let log = VerifierKey::new(ISSUER.parse().unwrap(), SignatureType::Note, PublicKey::of(&key(200)));
    Roster {
        v: 1,
        version,
        issuer: ISSUER.to_owned(),
        expires: now.plus_days(700),
        seats: seats().into_iter().enumerate().map(seat).collect(),
        thresholds: Kind::ALL.into_iter().map(rule).collect(),
        log: vec![log],
        witnesses: Witnesses { quorum: 0, keys: Vec::new() },
        epochs,
    }
}

fn document<T: WellFormed + Serialize>(value: &T) -> Document<T> {
    Document::read(String::from_utf8(to_json(value)).unwrap()).unwrap()
}

impl Log {
    pub(crate) fn log_roster(&mut self, roster: &Roster, now: Time) {
        let under = self.roster_version.max(1);
        let at = self.log(Act::Roster(Box::new(document(roster))), under, now);
        self.rosters.push(at);
        self.roster_version = roster.version;
    }

    pub(crate) fn log_members(&mut self, members: &Members, now: Time) {
        self.members = Some(self.log(Act::Members(Box::new(document(members))), self.roster_version, now));
    }

    fn log(&mut self, act: Act, roster: u64, now: Time) -> usize {
        let at = self.logged.len();
        let random = [u8::try_from(at).unwrap(); 10];
        let statement = Statement { id: Id::new(now, random), salt: Octets([7; 32]), act };
        let bytes = statement.to_json();
        let items = vec![Item::of(&statement, &bytes, None)];
        let (id, issuer) = (Id::new(now, random), ISSUER.to_owned());
        let docket = Docket { v: 1, id, issuer, issued_at: now, roster, items, publication: None };
        let mut envelope = Envelope::new(PayloadType::Docket, to_json(&docket));
        envelope.sign(&seats()[0]);
        let entry = Entry::of_docket(now, &envelope);
        self.tree.push(entry.leaf_hash());
        self.logged.push(EntryContent { entry: entry.to_string(), statement: bytes, envelope });
        at
    }

    /// What was logged, as a registry takes it.
    pub(crate) fn hand_ins(&self) -> Vec<serde_json::Value> {
        let hand_in = |logged: &EntryContent| {
            serde_json::json!({
                "docket": logged.envelope,
                "items": [{ "statement": Base64(logged.statement.clone()) }],
            })
        };
        self.logged.iter().map(hand_in).collect()
    }

    /// The hash that pins this log.
    pub(crate) fn genesis(&self) -> Hash {
        self.logged[0].envelope.payload_hash()
    }

    /// Shows what was logged last.
    pub(crate) fn publish(&mut self) {
        self.shown = [self.rosters.last().copied(), self.members].map(|at| at.map(|at| to_json(&self.file(at))));
    }

    fn file(&self, at: usize) -> ProofFile {
        let (size, root) = (self.tree.size(), self.tree.current_root());
        let checkpoint = Checkpoint { origin: ISSUER.parse().unwrap(), size, root }.sign(&key(200));
        let shown = |at: &usize| {
            let EntryContent { entry, statement, envelope } = &self.logged[*at];
            let index = *at as u64;
            ProofPart {
                index,
                position: 0,
                entry: Base64(entry.clone().into_bytes()),
                statement: Base64(statement.clone()),
                docket: envelope.clone(),
                proof: Inclusion::of(&self.tree, index, size).unwrap(),
            }
        };
        ProofFile::new(shown(&at), checkpoint, self.rosters.iter().map(shown).collect())
    }
}

/// Serves what the log shows, on a port of its own.
pub(crate) async fn serve(log: &Arc<Mutex<Log>>) -> SocketAddr {
    let show = |which: usize| {
        let log = Arc::clone(log);
        get(async move || {
            let mut log = log.lock().unwrap();
            log.asked[which] += 1;
            if log.unwitnessed[which] {
                return Err(StatusCode::CONFLICT);
            }
            log.shown[which].clone().ok_or(StatusCode::NOT_FOUND)
        })
    };
    let router = Router::new().route("/v1/roster", show(0)).route("/v1/members", show(1));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    addr
}
