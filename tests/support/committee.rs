//! A committee whose keys the tests hold: the seats, members and first dockets of the published vectors, and what they
//! decide next.

use std::collections::BTreeMap;

use callboard_federation::{
    docket::{Docket, Item},
    document::Document,
    dsse::{Envelope, PayloadType},
    encoding::{Base64, DocketId, Hash, Octets, RecordId, Time, to_json},
    hand_in::{HandIn, HandedItem},
    policy::Policy,
    statement::{Kind, Statement, share_hash},
};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::hex;

/// The policy of the vectors that allows what a test needs.
const POLICY: &str = "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f";
/// Enough of each role for any docket.
const SIGNERS: [&str; 6] = ["panel-1", "panel-2", "panel-3", "chair-1", "secretary-1", "auditor-1"];

/// How what is drafted comes to follow from cases: the statements under their procedures, and the cases' events.
pub(crate) type Decide = fn(&Committee, Vec<Drafted>, Time) -> (Vec<Drafted>, Vec<Vec<Envelope>>);

/// Who decides, and how much was drafted.
#[derive(Debug, Clone)]
pub(crate) struct Committee {
    pub(crate) vectors: Value,
    pub(crate) roster: u64,
    /// SHA-256, instrument and version of the policy that it decides under.
    pub(crate) policy: Value,
    /// The policies that it had logged itself.
    pub(crate) adopted: BTreeMap<Hash, Policy>,
    /// Without it, what it drafts names a case that isn't there: no log asks, a registry does.
    pub(crate) decide: Option<Decide>,
    drafted: u64,
}

/// A statement that waits for a docket.
#[derive(Debug, Clone)]
pub(crate) struct Drafted {
    pub(crate) item: Item,
    pub(crate) bytes: Vec<u8>,
    pub(crate) share: Option<Octets<32>>,
}

impl Drafted {
    pub(crate) fn record(&self) -> RecordId {
        self.item.record
    }
}

impl Committee {
    pub(crate) fn new() -> Self {
        let vectors = serde_json::from_str(include_str!("../../federation/vectors/replays.json")).unwrap();
        let policy = json!({"instrument": "streamer-warning-rules", "version": "2022", "sha256": POLICY});
        Self { vectors, roster: 1, policy, adopted: BTreeMap::new(), decide: None, drafted: 0 }
    }

    pub(crate) fn issuer(&self) -> &str {
        self.vectors["issuer"].as_str().unwrap()
    }

    pub(crate) fn genesis(&self) -> Hash {
        self.vectors["genesis"].as_str().unwrap().parse().unwrap()
    }

    /// The first dockets: roster, policies, members, and then a year's decisions.
    pub(crate) fn beginning(&self) -> &[Value] {
        self.vectors["beginning"].as_array().unwrap()
    }

    pub(crate) fn seat(&self, holder: &str) -> SigningKey {
        SigningKey::from_bytes(&hex(&self.vectors["seatSeeds"][holder]))
    }

    /// Chance, but the same in every run.
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.drafted += 1;
        let seed = *Hash::of(format!("drafted {}", self.drafted).as_bytes()).as_bytes();
        std::array::from_fn(|at| seed[at % 32])
    }

    /// A statement of `kind` with its own members; `of` is the kind of what it is about.
    pub(crate) fn draft(&mut self, at: Time, kind: &str, of: Option<Kind>, members: &Value) -> Drafted {
        let id = RecordId::new(at, self.bytes());
        let mut statement =
            json!({"v": 1, "id": id.to_string(), "kind": kind, "salt": Octets::<32>(self.bytes()).to_string()});
        let statement_members = statement.as_object_mut().unwrap();
        statement_members.extend(members.as_object().unwrap().clone());
        let bytes = statement.to_string().into_bytes();
        let item = Item::of(&Statement::from_json(&bytes).unwrap(), &bytes, of);
        Drafted { item, bytes, share: None }
    }

    /// A ruling or an interim on who has `tags`, with details that nobody can open.
    pub(crate) fn impose(
        &mut self,
        at: Time,
        kind: &str,
        measure: &Value,
        tags: &[String],
        about: &[RecordId],
    ) -> Drafted {
        let share: [u8; 32] = self.bytes();
        let commitment = |committee: &mut Self| Hash::from_bytes(committee.bytes()).to_string();
        let wraps: Vec<Value> = tags
            .iter()
            .map(|tag| {
                json!({"epoch": 1, "tag": tag, "nonce": Octets::<12>(self.bytes()).to_string(),
                    "key": Octets::<48>(self.bytes()).to_string(), "commit": commitment(self)})
            })
            .collect();
        let details = json!({"nonce": Octets::<12>(self.bytes()).to_string(),
            "ciphertext": Base64(self.bytes::<1_040>().to_vec()).to_string(), "commit": commitment(self),
            "share": share_hash(&share).to_string(), "wraps": wraps});
        let tags: Vec<Value> = tags.iter().map(|tag| json!({"epoch": 1, "tag": tag})).collect();
        let mut members = json!({"effectiveAt": at.to_string(), "subject": {"type": "person", "tags": tags},
            "measure": measure, "details": details});
        members.as_object_mut().unwrap().extend(self.basis());
        if !about.is_empty() {
            members["about"] = json!(about);
        }
        Drafted { share: Some(Octets(share)), ..self.draft(at, kind, None, &members) }
    }

    /// A suspension without an end.
    pub(crate) fn suspend(&mut self, at: Time, tag: &str) -> Drafted {
        self.impose(at, "ruling", &json!({"kind": "suspension", "scopes": ["live"]}), &[tag.to_owned()], &[])
    }

    /// An act on records of one kind, from now on.
    pub(crate) fn act(&mut self, at: Time, kind: Kind, of: Kind, about: &[RecordId]) -> Drafted {
        let mut members = json!({"about": about});
        let members = {
            let object = members.as_object_mut().unwrap();
            match kind {
                Kind::Dispute => {}
                Kind::Erasure => drop(object.insert("uncounted".to_owned(), json!([]))),
                Kind::Annulment => object.extend(self.basis()),
                _ => {
                    object.insert("effectiveAt".to_owned(), json!(at.to_string()));
                    object.extend(self.basis());
                }
            }
            members
        };
        self.draft(at, kind.as_str(), kind.has_of().then_some(of), &members)
    }

    /// A link of tags.
    pub(crate) fn link(&mut self, at: Time, tags: &[String]) -> Drafted {
        let tags: Vec<Value> = tags.iter().map(|tag| json!({"epoch": 1, "tag": tag})).collect();
        let mut members = json!({"effectiveAt": at.to_string(), "subject": {"type": "person", "tags": tags}});
        members.as_object_mut().unwrap().extend(self.basis());
        self.draft(at, "link", None, &members)
    }

    fn basis(&self) -> serde_json::Map<String, Value> {
        let basis = json!({"policy": self.policy, "procedure": undecided().to_string()});
        basis.as_object().unwrap().clone()
    }

    /// The docket of a policy under which it decides once that is logged.
    pub(crate) fn adopt(&mut self, at: Time, policy: Document<Policy>) -> HandIn {
        let drafted = self.draft(at, "policy", None, &json!({"document": policy.text}));
        let Policy { instrument, version, .. } = &policy.value;
        self.policy = json!({"instrument": instrument, "version": version, "sha256": policy.hash});
        self.adopted.insert(policy.hash, policy.value);
        self.docket(at, &[&drafted], None)
    }

    /// A docket of these, signed by enough seats for anything, ready to be handed in.
    pub(crate) fn docket(&mut self, at: Time, drafted: &[&Drafted], publication: Option<&[u8]>) -> HandIn {
        let drafted = drafted.iter().map(|drafted| (*drafted).clone()).collect();
        let (drafted, events) = match self.decide {
            Some(decide) => decide(self, drafted, at),
            None => (drafted, Vec::new()),
        };
        let docket = Docket {
            v: 1,
            id: DocketId::new(at, self.bytes()),
            issuer: self.issuer().to_owned(),
            issued_at: at,
            roster: self.roster,
            items: drafted.iter().map(|drafted| drafted.item.clone()).collect(),
            publication: publication.map(Hash::of),
        };
        let mut envelope = Envelope::new(PayloadType::Docket, to_json(&docket));
        for holder in SIGNERS {
            envelope.sign(&self.seat(holder));
        }
        let items =
            drafted.iter().map(|drafted| HandedItem { statement: Base64(drafted.bytes.clone()), share: drafted.share });
        let publication = publication.map(|text| Base64(text.to_vec()));
        HandIn { docket: envelope, items: items.collect(), publication, events }
    }
}

/// The procedure of what is drafted: a case that isn't there.
pub(crate) fn undecided() -> Hash {
    Hash::of(b"a case")
}

/// A tag that nobody in the vectors has.
pub(crate) fn tag(number: u32) -> String {
    Hash::of(format!("tag {number}").as_bytes()).to_string()
}
