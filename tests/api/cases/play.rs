//! A case, played over HTTP event by event.

use callboard_federation::{
    acknowledgement::Acknowledgement,
    docket::{Item, Of},
    dsse::Envelope,
    encoding::{Base64, CaseId, Hash, KeyId, Octets, PublicKey, RecordId, Time, to_json},
    event::Head,
    hand_in::HandIn,
    members::MemberId,
    roster::RuleKey,
    statement::{Kind, PolicyRef, Statement, draft_hash},
    tlog::vkey::VerifierKey,
};
use callboard_rules::case::{
    act::{Act, Hosts, Proposal, Sealed, Unknown},
    vote::{Choice, Vote, sealed},
};
use ed25519_dalek::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry},
    receipts,
    support::{
        Engine,
        committee::{Drafted, tag},
    },
};

pub(crate) const PANEL: [&str; 3] = ["panel-1", "panel-2", "panel-3"];
/// An hour, in milliseconds.
pub(crate) const HOUR: i64 = 3_600_000;

/// A registry, and a case at it.
pub(crate) struct Played {
    pub(crate) registry: Registry,
    pub(crate) id: CaseId,
    /// What the next event follows.
    pub(crate) head: Head,
    /// Rulings that are in the log, to be decided about.
    pub(crate) records: Vec<RecordId>,
}

pub(crate) fn key_id(key: &SigningKey) -> KeyId {
    PublicKey::of(key).id()
}

/// That a ruling is annulled, which burdens nobody: without notice and window.
pub(crate) fn annulment(item: u32, hosts: &[&str], minor: bool) -> Act {
    let named: Vec<MemberId> = hosts.iter().map(|host| MemberId::try_from((*host).to_owned()).unwrap()).collect();
    let hosts = if named.is_empty() { Hosts::Unknown(Unknown::Unknown) } else { Hosts::Named(named) };
    let decides = vec![RuleKey { kind: Kind::Annulment, of: Some(Of::About(Kind::Ruling)) }];
    Act::ItemAdded { item, decides, hosts, reporters: Vec::new(), minor, appeals: None }
}

fn secret(holder: &str) -> Octets<32> {
    Octets(*Hash::of(format!("secret of {holder}").as_bytes()).as_bytes())
}

/// An `age` file, as far as the registry sees.
pub(crate) fn age(text: &str) -> Vec<u8> {
    format!("age-encryption.org/v1\n{text}").into_bytes()
}

pub(crate) fn stated(sealed: &[u8]) -> Sealed {
    Sealed { sha256: Hash::of(sealed), bytes: sealed.len() as u64 }
}

pub(crate) fn body(event: &Envelope, sealed: Option<&[u8]>) -> Vec<u8> {
    let mut body = json!({"event": event});
    if let Some(sealed) = sealed {
        body["sealed"] = json!(Base64(sealed.to_vec()));
    }
    to_json(&body)
}

impl Played {
    /// A case that isn't opened yet, at a registry of a day's standing that has three rulings.
    pub(crate) async fn begun(engine: Engine) -> Self {
        let (mut registry, _, first) = receipts::asks(engine).await;
        let mut records = vec![first];
        for number in [71, 72] {
            let at = registry.now();
            let ruling = registry.committee.suspend(at, &tag(number));
            let docket = registry.committee.docket(at, &[&ruling], None);
            registry.logs(&docket).await;
            records.push(ruling.record());
        }
        let id = CaseId::new(registry.now(), [9; 10]);
        Self { registry, id, head: Head::of_new(id), records }
    }

    /// The same, opened, with these items and a panel.
    pub(crate) async fn prepared(engine: Engine, items: &[u32]) -> Self {
        let mut played = Self::begun(engine).await;
        let opened = played.opened();
        played.does("secretary-1", opened).await;
        for item in items {
            played.does("secretary-1", annulment(*item, &["beta"], false)).await;
        }
        let seats = PANEL.map(|holder| key_id(&played.seat(holder))).to_vec();
        played.does("chair-1", Act::PanelNamed { seats }).await;
        played
    }

    pub(crate) fn seat(&self, holder: &str) -> SigningKey {
        self.registry.committee.seat(holder)
    }

    pub(crate) fn policy(&self) -> PolicyRef {
        serde_json::from_value(self.registry.committee.policy.clone()).unwrap()
    }

    pub(crate) fn opened(&self) -> Act {
        Act::Opened { policy: self.policy(), earlier: Vec::new(), appeal: None, application: None }
    }

    /// From now on acts are of another case.
    pub(crate) fn goes_on_in(&mut self, id: CaseId) {
        (self.id, self.head) = (id, Head::of_new(id));
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/cases/{}{rest}", self.id)
    }

    pub(crate) fn event_at(&self, key: &SigningKey, act: &Act, at: Time, sealed: Option<&[u8]>) -> Envelope {
        let (word, members) = act.write(sealed.map(stated));
        self.head.next(at, &word, members, key).unwrap()
    }

    pub(crate) fn event(&self, key: &SigningKey, act: &Act) -> Envelope {
        self.event_at(key, act, self.registry.now(), None)
    }

    pub(crate) async fn send(&self, key: &SigningKey, body: &[u8]) -> Answer {
        self.registry.signed(key, Method::POST, &self.path("/events"), body).await
    }

    pub(crate) async fn tries(&self, by: &str, act: Act) -> Answer {
        let key = self.seat(by);
        self.send(&key, &body(&self.event(&key, &act), None)).await
    }

    /// The act is refused for a reason.
    pub(crate) async fn is_refused(&self, by: &str, act: Act, word: &str) {
        let answer = self.tries(by, act).await;
        is_refused_for(&answer, word);
    }

    /// The event is taken, with whatever the log says behind it; its own number.
    pub(crate) async fn does(&mut self, by: &str, act: Act) -> u64 {
        let seq = self.head.seq();
        let answer = self.tries(by, act).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.follow().await;
        seq
    }

    pub(crate) async fn does_sealed(&mut self, by: &str, act: Act, sealed: &[u8]) -> u64 {
        let (seq, key) = (self.head.seq(), self.seat(by));
        let event = self.event_at(&key, &act, self.registry.now(), Some(sealed));
        let answer = self.send(&key, &body(&event, Some(sealed))).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        self.follow().await;
        seq
    }

    /// The case as the registry tells it; from then on events follow it.
    pub(crate) async fn follow(&mut self) -> Value {
        let entry = self.entry().await;
        let (events, head) = (entry["events"].as_u64().unwrap(), entry["head"].as_str().unwrap());
        self.head = Head::after(self.id, events - 1, head.parse().unwrap());
        entry
    }

    pub(crate) async fn get(&self, key: &SigningKey, path: &str) -> Answer {
        self.registry.signed(key, Method::GET, path, b"").await
    }

    pub(crate) async fn entry(&self) -> Value {
        let answer = self.get(&self.seat("auditor-1"), &self.path("/head")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn state(&self) -> String {
        self.entry().await["state"].as_str().unwrap().to_owned()
    }

    /// All events, as envelopes; their acknowledgements are held against them.
    pub(crate) async fn chain(&self) -> Vec<Envelope> {
        let log: Vec<VerifierKey> =
            serde_json::from_value(self.registry.committee.document(0, 0)["log"].clone()).unwrap();
        let answer = self.get(&self.seat("panel-1"), &self.path("?limit=1000")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut chain = Vec::new();
        for (seq, kept) in (0..).zip(answer.json()["events"].as_array().unwrap()) {
            let event: Envelope = serde_json::from_value(kept["event"].clone()).unwrap();
            let said: Envelope = serde_json::from_value(kept["acknowledgement"].clone()).unwrap();
            let said = Acknowledgement::check(&said, &log).unwrap();
            assert_eq!((said.case, said.seq, said.event), (self.id, seq, event.payload_hash()));
            chain.push(event);
        }
        chain
    }

    /// The acts of all events, in order.
    pub(crate) async fn acts(&self) -> Vec<String> {
        let act = |event: &Envelope| {
            let event: Value = serde_json::from_slice(&event.payload.0).unwrap();
            event["act"].as_str().unwrap().to_owned()
        };
        self.chain().await.iter().map(act).collect()
    }

    /// The annulment of the ruling of an item, as it is signed under a procedure.
    pub(crate) fn annuls(&mut self, item: u32) -> Drafted {
        let (at, record) = (self.registry.now(), self.records[item as usize - 1]);
        self.registry.committee.act(at, Kind::Annulment, Kind::Ruling, &[record])
    }

    pub(crate) fn proposals(items: &[(u32, &Drafted)]) -> Vec<Proposal> {
        let proposal = |(item, drafted): &(u32, &Drafted)| Proposal {
            item: *item,
            drafts: vec![draft_hash(&drafted.bytes).unwrap()],
        };
        items.iter().map(proposal).collect()
    }

    pub(crate) async fn session(&mut self, items: &[(u32, &Drafted)]) -> u64 {
        let now = self.registry.now();
        let (seal_by, open_by) = (now.plus_millis(HOUR), now.plus_millis(2 * HOUR));
        self.does("chair-1", Act::SessionOpened { items: Self::proposals(items), seal_by, open_by }).await
    }

    /// Everyone votes for it; the log closes the session. Then it is resolved; the resolution's number.
    pub(crate) async fn resolved(&mut self, items: &[(u32, &Drafted)]) -> u64 {
        let session = self.session(items).await;
        let vote = serde_json::to_string(&Vote { all: Choice::For, except: Vec::new() }).unwrap();
        for holder in PANEL {
            self.does(holder, Act::Present { session }).await;
        }
        for holder in PANEL {
            let key = key_id(&self.seat(holder));
            let commitment = sealed(self.id, session, &key, &secret(holder), vote.as_bytes());
            self.does(holder, Act::VoteSealed { session, commitment }).await;
        }
        for holder in PANEL {
            self.does(holder, Act::VoteOpened { session, secret: secret(holder), vote: vote.clone() }).await;
        }
        self.does("panel-1", Act::Resolved { of: session, items: Self::proposals(items) }).await
    }

    /// The same, confirmed: the procedure.
    pub(crate) async fn decided(&mut self, items: &[(u32, &Drafted)]) -> Hash {
        let resolution = self.resolved(items).await;
        self.does("chair-1", Act::Confirmed { resolution }).await;
        self.entry().await["head"].as_str().unwrap().parse().unwrap()
    }

    /// What was drafted, as a docket under a procedure.
    pub(crate) fn docket(&mut self, drafted: &[&Drafted], procedure: Hash) -> HandIn {
        let signed: Vec<Drafted> = drafted.iter().map(|drafted| under(drafted, procedure)).collect();
        let at = self.registry.now();
        self.registry.committee.docket(at, &signed.iter().collect::<Vec<_>>(), None)
    }

    pub(crate) async fn hand_in(&self, docket: &HandIn) -> Answer {
        self.registry.post("/v1/dockets", to_json(docket)).await
    }
}

/// A draft with its procedure filled in.
pub(crate) fn under(drafted: &Drafted, procedure: Hash) -> Drafted {
    let mut statement: Value = serde_json::from_slice(&drafted.bytes).unwrap();
    let text = String::from_utf8(drafted.bytes.clone()).unwrap();
    let before = statement["procedure"].take().as_str().unwrap().to_owned();
    let bytes = text.replace(&before, &procedure.to_string()).into_bytes();
    let read = Statement::from_json(&bytes).unwrap();
    Drafted { item: Item::of(&read, &bytes, Some(Kind::Ruling)), bytes, share: drafted.share }
}

#[track_caller]
pub(crate) fn is_refused_for(answer: &Answer, word: &str) {
    answer.is_problem(422, "case-refused");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.ends_with(&format!("[{word}]")), "{word}: {detail}");
}
