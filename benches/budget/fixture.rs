//! A registry that has begun, and dockets of rulings for it, as large as real ones.
//!
//! Roster and members are those of the published vectors, with the seeds of their seats. Rulings are taken over from before
//! the registry, without a case: what is measured is the log. The details' bytes are random, of the length that an ordinary
//! decision is padded to: nobody opens them here.

use callboard_federation::{
    disclosure::Disclosure,
    docket::{Docket, Item},
    document::Document,
    dsse::{Envelope, PayloadType},
    encoding::{Base64, Hash, Id, Octets, Salt, Time, to_json},
    entry::Entry,
    hand_in::{HandIn, HandedItem},
    policy::{ImportRule, MAX_IMPORT_DAYS, Policy},
    statement::{Act, Basis, PolicyRef, Statement, Wrap, share_hash},
    tag::Tag,
};
use ed25519_dalek::SigningKey;
use rand::{SeedableRng as _, rngs::StdRng};
use rand_core::Rng as _;
use serde_json::Value;

use crate::support::{hex, time};

/// Rulings of the usual docket: one batch of the industry association's.
pub(crate) const USUAL: usize = 88;
/// Details padded to their first step, and AES-GCM's tag.
const CIPHERTEXT: usize = 1_024 + 16;
/// Dockets of the vectors that begin the registry: roster, policy, members.
const BEGINNING: usize = 3;

pub(crate) struct Fixture {
    pub(crate) issuer: String,
    pub(crate) log_seed: [u8; 32],
    pub(crate) now: Time,
    pub(crate) seats: Vec<SigningKey>,
    pub(crate) secretary: SigningKey,
    beginning: Vec<(Time, HandIn)>,
    ruling: Statement,
    rng: StdRng,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../federation/vectors/dockets.json");
        let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let hand_in = |value: &Value| HandIn::from_json(value.to_string().as_bytes()).unwrap();
        let beginning = vectors["beginning"].as_array().unwrap()[..BEGINNING].iter();
        let sample = &vectors["cases"][0];
        let seat = |holder: &str| SigningKey::from_bytes(&hex(&vectors["seatSeeds"][holder]));
        let mut fixture = Self {
            issuer: vectors["issuer"].as_str().unwrap().to_owned(),
            log_seed: hex(&vectors["logKeySeed"]),
            now: time(&sample["loggedAt"]),
            seats: ["panel-1", "panel-2", "panel-3", "chair-1"].map(seat).into(),
            secretary: seat("secretary-1"),
            beginning: beginning.map(|line| (time(&line["loggedAt"]), hand_in(&line["handIn"]))).collect(),
            ruling: Statement::from_json(&hand_in(&sample["handIn"]).items[0].statement.0).unwrap(),
            rng: StdRng::seed_from_u64(1),
        };
        fixture.begin_to_import();
        fixture
    }

    /// Its policy, which takes rulings over, is logged last.
    fn begin_to_import(&mut self) {
        let (at, handed) = self.beginning[1].clone();
        let mut statement = Statement::from_json(&handed.items[0].statement.0).unwrap();
        let Act::Policy(document) = &mut statement.act else { panic!("the second docket is of a policy") };
        let import = Some(ImportRule { until: at.plus_days(MAX_IMPORT_DAYS) });
        let policy = Policy { version: "2022-import".to_owned(), import, ..document.value.clone() };
        **document = Document::read(String::from_utf8(to_json(&policy)).unwrap()).unwrap();
        let policy = PolicyRef { instrument: policy.instrument, version: policy.version, sha256: document.hash };
        statement.id = Id::new(at, self.random());
        let last = self.beginning.last().unwrap().0;
        let docket = self.signed(last, vec![(statement, None)]);
        self.beginning.push((last, docket));
        if let Act::Ruling { imposed, .. } = &mut self.ruling.act {
            imposed.basis = Basis { policy, procedure: Hash::from_bytes([0; 32]) };
        }
    }

    /// What the registry begins with, each with its time.
    pub(crate) fn beginning(&self) -> Vec<(Time, HandIn)> {
        self.beginning.clone()
    }

    /// A docket of new rulings, signed by as many seats as a roster.
    pub(crate) fn docket(&mut self, rulings: usize) -> HandIn {
        let rulings = (0..rulings).map(|_| self.ruling()).map(|(ruling, share)| (ruling, Some(share))).collect();
        self.signed(self.now, rulings)
    }

    fn signed(&mut self, issued_at: Time, statements: Vec<(Statement, Option<Octets<32>>)>) -> HandIn {
        let (mut items, mut handed) = (Vec::with_capacity(statements.len()), Vec::with_capacity(statements.len()));
        for (statement, share) in statements {
            let bytes = statement.to_json();
            items.push(Item::of(&statement, &bytes, None));
            handed.push(HandedItem { statement: Base64(bytes), share });
        }
        let issuer = self.issuer.clone();
        let id = Id::new(issued_at, self.random());
        let docket = Docket { v: 1, id, issuer, issued_at, roster: 1, items, publication: None };
        let mut envelope = Envelope::new(PayloadType::Docket, to_json(&docket));
        self.seats.iter().for_each(|seat| envelope.sign(seat));
        HandIn { docket: envelope, items: handed, publication: None, events: Vec::new() }
    }

    /// The beginning and dockets of `each` rulings, at least `rulings` together, as the feed discloses them.
    pub(crate) fn log(&mut self, rulings: usize, each: usize) -> Vec<Disclosure> {
        let mut handed = self.beginning();
        for _ in 0..rulings.div_ceil(each) {
            handed.push((self.now, self.docket(each)));
        }
        let disclose = |(index, (logged_at, hand_in)): (u64, (Time, HandIn))| {
            let docket = hand_in.into_parts().0;
            let entry = Entry::of_docket(logged_at, &docket.envelope).to_string().into_bytes();
            Disclosure { index, entry, docket: Some(docket) }
        };
        (0..).zip(handed).map(disclose).collect()
    }

    fn ruling(&mut self) -> (Statement, Octets<32>) {
        let (tag, share) = (Tag::from_bytes(self.random()), Octets(self.random()));
        let mut ruling = self.ruling.clone();
        ruling.id = Id::new(self.now, self.random());
        ruling.salt = Salt { 0: self.random() };
        if let Act::Ruling { imposed, .. } = &mut ruling.act {
            imposed.subject.tags[0].tag = tag;
            let details = &mut imposed.details;
            details.nonce = Octets(self.random());
            details.ciphertext = Base64(self.random::<CIPHERTEXT>().into());
            details.share = share_hash(&share.0);
            let wrap = details.wraps[0].clone();
            details.wraps[0] = Wrap { tag, nonce: Octets(self.random()), key: Octets(self.random()), ..wrap };
        }
        (ruling, share)
    }

    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}
