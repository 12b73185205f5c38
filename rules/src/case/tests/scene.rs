//! A committee, a clock and a case, for tests.

use std::{cell::RefCell, collections::BTreeMap};

use callboard_federation::{
    docket::{Item as DocketItem, Of},
    dsse::Envelope,
    encoding::{Base64, CaseId, Hash, Octets, PublicKey, RecordId, Time},
    entry::{Entry, EntryContent},
    event::Head,
    members::{Member, MemberId, Members, Quota},
    policy::Policy,
    recipient::Recipient,
    records::Records,
    replay::{History, Logged},
    roster::{Role, RoleCount, Roster, RuleKey, Seat, Witnesses},
    statement::{Kind, PolicyRef, Statement, draft_hash},
    tlog::merkle::Tree,
};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::{
    case::{
        Case,
        act::{Act, Addressee, AppealOf, Filer, Hosts, Proposal, Unknown},
        docket::{Docket, Submitted, check},
        error::{CaseError, Why},
        law::Law,
        number::ItemNumber,
        vote::{Choice, Exception, Vote, sealed},
    },
    policies::{ALL, read},
};

pub(super) const PANEL: [&str; 5] = ["panel-1", "panel-2", "panel-3", "panel-4", "panel-5"];
const SEATS: [(&str, Role); 9] = [
    ("panel-1", Role::Panel),
    ("panel-2", Role::Panel),
    ("panel-3", Role::Panel),
    ("panel-4", Role::Panel),
    ("panel-5", Role::Panel),
    ("chair-1", Role::Chair),
    ("chair-2", Role::Chair),
    ("secretary", Role::Secretariat),
    ("auditor", Role::Auditor),
];
const RECIPIENT: &str = "age1axwtv4qx7tydv7822xf2m6q07f34fwudedjzpknpm8h659rsre3swl0x0s";

/// What a test decides on.
pub(super) struct Scene {
    pub(super) now: Time,
    pub(super) events: Vec<Envelope>,
    pub(super) case: Option<Case>,
    pub(super) history: History,
    pub(super) policy: Policy,
    pub(super) policies: BTreeMap<Hash, Policy>,
    pub(super) reference: PolicyRef,
    pub(super) tree: Tree,
    pub(super) id: CaseId,
    /// Cases of the same matter, and who sat there.
    pub(super) sat: BTreeMap<CaseId, Vec<&'static str>>,
    /// Cases in which an appeal was filed, by the number of that event, each with its events as far as that.
    pub(super) appealed: BTreeMap<(CaseId, u64), (Case, Vec<Envelope>)>,
    /// Records of the log.
    pub(super) records: Option<Records>,
    told: RefCell<Told>,
}

pub(super) fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// A key that belongs to the name alone.
pub(super) fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(Hash::of(name.as_bytes()).as_bytes())
}

pub(super) fn key_id(name: &str) -> callboard_federation::encoding::KeyId {
    PublicKey::of(&key(name)).id()
}

pub(super) fn member(name: &str) -> MemberId {
    name.to_owned().try_into().unwrap()
}

pub(super) fn why(result: Result<(), CaseError>) -> Why {
    match result {
        Err(CaseError::Act { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

/// Asserts that something is refused for a reason.
macro_rules! refused {
    ($result:expr, $why:pat) => {{
        let why = $crate::case::tests::scene::why($result);
        assert!(matches!(why, $why), "{why:?}");
    }};
}
pub(super) use refused;

impl Scene {
    /// Panel-1 works for alpha, panel-2 for beta, the others for nobody. It is Friday, 27 September 2024.
    pub(super) fn new() -> Self {
        Self::under("")
    }

    /// The same, with another line in place of one in the policy's source.
    pub(super) fn under(replaced: &str) -> Self {
        let mut text = ALL[3].text.to_owned();
        if let Some((from, to)) = replaced.split_once(" -> ") {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        let document = read(&text).unwrap();
        let (policy, sha256) = (document.value.clone(), document.hash);
        let reference = PolicyRef { instrument: policy.instrument.clone(), version: policy.version.clone(), sha256 };
        let members = ["alpha", "beta", "gamma"].map(|name| Member {
            member: member(name),
            name: name.to_owned(),
            keys: vec![PublicKey::of(&key(name))],
            quota: Quota { per_day: 1, grants: Vec::new() },
            contact: None,
        });
        Self {
            now: time("2024-09-20T02:00:00.000Z"),
            events: Vec::new(),
            case: None,
            history: History {
                rosters: vec![(Time::from_seconds(0), roster())],
                members: vec![(Time::from_seconds(0), Members { v: 1, version: 1, members: members.into() })],
                ..History::default()
            },
            policies: BTreeMap::from([(sha256, policy.clone())]),
            policy,
            reference,
            tree: Tree::default(),
            id: CaseId::new(Time::from_seconds(1), [7; 10]),
            sat: BTreeMap::new(),
            appealed: BTreeMap::new(),
            records: None,
            told: RefCell::default(),
        }
    }

    pub(super) fn law(&self) -> Law<'_> {
        let mut law = Law::new(&self.history, &self.policies, &self.tree);
        let sat = self.sat.iter().map(|(case, holders)| (*case, holders.iter().map(|one| (*one).to_owned()).collect()));
        law.sat = sat.collect();
        law.records = self.records.as_ref();
        law.appealed = self.appealed.iter().map(|(of, (case, _))| (*of, case.clone())).collect();
        law
    }

    /// Something is logged; how many entries there are.
    pub(super) fn logs(&mut self) -> u64 {
        self.now = self.now.plus_millis(1);
        let entry =
            Entry { logged_at: self.now, logged: EntryContent::Anchors(Hash::of(self.now.to_string().as_bytes())) };
        self.tree.push(entry.leaf_hash());
        self.history.logged_at.push(self.now);
        self.tree.size()
    }

    /// A policy of the instrument is logged that has a calendar of 2027 with these days off.
    pub(super) fn logs_calendar(&mut self, instrument: &str, at: &str, off: &str) {
        let (mut policy, number) = (self.policy.clone(), self.history.policies.len());
        policy.instrument = instrument.to_owned();
        policy.version = format!("2022-{number}");
        policy.decide["calendar"]["years"]["2027"] = json!({"off": [off], "worked": []});
        let sha256 = Hash::of(policy.version.as_bytes());
        self.history.policies.push((time(at), sha256));
        self.policies.insert(sha256, policy);
    }

    /// A docket that names these procedures is logged, and counts.
    pub(super) fn logs_docket(&mut self, docket: Hash, procedures: &[Hash]) {
        self.logs();
        let (index, procedures) = (self.tree.size() - 1, procedures.into());
        let logged = Logged { index, at: self.now, procedures, is_whole: true };
        self.history.dockets.entry(docket).or_insert(logged);
    }

    pub(super) fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    /// The number of the last event.
    pub(super) fn last(&self) -> u64 {
        self.events.len() as u64 - 1
    }

    pub(super) fn sign(&self, by: &str, act: &Act) -> Envelope {
        let head = self.case.as_ref().map_or(Head::of_new(self.id), |case| case.head);
        let (word, members) = act.write(None);
        head.next(self.now, &word, members, &key(by)).unwrap()
    }

    /// What is refused changes nothing.
    #[expect(clippy::needless_pass_by_value, reason = "an act is written where it is taken")]
    pub(super) fn takes(&mut self, by: &str, act: Act) -> Result<(), CaseError> {
        let envelope = self.sign(by, &act);
        self.take(envelope)
    }

    pub(super) fn take(&mut self, envelope: Envelope) -> Result<(), CaseError> {
        let taken = self.try_take(&envelope);
        self.tell(&json!({"event": envelope, "taken": taken.is_ok()}));
        if taken.is_ok() {
            self.events.push(envelope);
        }
        taken
    }

    fn try_take(&mut self, envelope: &Envelope) -> Result<(), CaseError> {
        match self.case.take() {
            None => self.case = Some(Case::open(envelope, &self.law())?),
            Some(mut case) => {
                let before = case.clone();
                let taken = case.take(envelope, &self.law());
                assert!(taken.is_ok() || case == before, "what isn't taken changes nothing");
                self.case = Some(case);
                taken?;
            }
        }
        Ok(())
    }

    pub(super) fn does(&mut self, by: &str, act: Act) -> u64 {
        self.takes(by, act).unwrap();
        self.last()
    }

    pub(super) fn at(&mut self, text: &str) {
        self.now = time(text);
    }

    pub(super) fn opened(&mut self) {
        let policy = self.reference.clone();
        let earlier = self.sat.keys().copied().collect();
        self.does("secretary", Act::Opened { policy, earlier, appeal: None, application: None });
    }

    /// What was decided of these items is logged, and the case says so.
    pub(super) fn issued(&mut self, procedure: Hash) {
        let docket = Hash::of(procedure.as_bytes());
        self.logs_docket(docket, &[procedure]);
        self.does("log", Act::Issued { procedure, docket });
    }

    /// That it was decided is told by now.
    pub(super) fn told(&mut self, items: &[ItemNumber]) {
        let (items, delivered_at, proof) = (items.to_vec(), self.now, Hash::of(b"letter"));
        self.does("secretary", Act::DecisionNotified { items, to: Addressee::Subject, delivered_at, proof });
    }

    /// That somebody objected to what was decided.
    pub(super) fn objection(&self, items: &[ItemNumber]) -> Act {
        let (items, filed_at) = (items.to_vec(), self.now);
        Act::Appealed { items, heard_by: second(), filed_at, by: Filer::Subject, paper: true }
    }

    /// A case of its own, with the log of this one, which hears what was filed here last.
    pub(super) fn second(&self) -> Self {
        let event = self.last();
        let History { rosters, members, policies, logged_at, dockets } = &self.history;
        Self {
            now: self.now,
            events: Vec::new(),
            case: None,
            history: History {
                rosters: rosters.clone(),
                members: members.clone(),
                policies: policies.clone(),
                logged_at: logged_at.clone(),
                dockets: dockets.clone(),
            },
            policy: self.policy.clone(),
            policies: self.policies.clone(),
            reference: self.reference.clone(),
            tree: self.tree.clone(),
            id: second(),
            sat: BTreeMap::new(),
            appealed: BTreeMap::from([((self.id, event), (self.case().clone(), self.events.clone()))]),
            records: None,
            told: RefCell::default(),
        }
    }

    /// It is opened as an appeal of the one that there is.
    pub(super) fn opening_appeal(&self) -> Act {
        let of = self.appealed.keys().next().map(|(case, event)| AppealOf { case: *case, event: *event });
        Act::Opened { policy: self.reference.clone(), earlier: Vec::new(), appeal: of, application: None }
    }

    pub(super) fn item(&mut self, item: ItemNumber, hosts: &[&str], reporters: &[&str]) {
        self.does("secretary", ruling(item, hosts, reporters, false));
    }

    /// The panel of the first three, each of whom hears these items.
    pub(super) fn panel(&mut self, holders: &[&str]) {
        self.does("chair-1", Act::PanelNamed { seats: holders.iter().map(|holder| key_id(holder)).collect() });
    }

    /// Notice of all items was delivered by now.
    pub(super) fn notified(&mut self, items: &[ItemNumber]) {
        let (items, delivered_at, proof) = (items.to_vec(), self.now, Hash::of(b"proof"));
        self.does("secretary", Act::Notified { items, to: Addressee::Subject, delivered_at, proof });
    }

    /// A session of two hours, in which votes are sealed for one.
    pub(super) fn session(&mut self, items: &[ItemNumber]) -> u64 {
        let act = self.session_on(items);
        self.does("chair-1", act)
    }

    pub(super) fn session_on(&self, items: &[ItemNumber]) -> Act {
        let items = items.iter().map(|item| self.proposal(*item)).collect();
        let (seal_by, open_by) = (self.now.plus_millis(3_600_000), self.now.plus_millis(7_200_000));
        Act::SessionOpened { items, seal_by, open_by }
    }

    pub(super) fn proposal(&self, item: ItemNumber) -> Proposal {
        Proposal { item, drafts: vec![draft_hash(&self.statement(item, Hash::from_bytes([0; 32]))).unwrap()] }
    }

    /// All of them vote, and the votes are opened and counted.
    pub(super) fn vote(&mut self, session: u64, votes: &[(&str, Vote)]) {
        for (holder, _) in votes {
            self.does(holder, Act::Present { session });
        }
        for (holder, vote) in votes {
            let commitment = self.commitment(session, holder, vote);
            self.does(holder, Act::VoteSealed { session, commitment });
        }
        let sealing_ends = self.now.plus_millis(3_600_001);
        self.now = sealing_ends;
        for (holder, vote) in votes {
            self.does(holder, opening(session, holder, vote));
        }
        self.does("chair-1", Act::SessionClosed { session });
    }

    pub(super) fn commitment(&self, session: u64, holder: &str, vote: &Vote) -> Hash {
        sealed(self.id, session, &key_id(holder), &secret(holder), text(vote).as_bytes())
    }

    pub(super) fn resolved(&mut self, of: u64, items: &[ItemNumber]) -> u64 {
        let act = self.resolution(of, items);
        self.does("panel-3", act)
    }

    pub(super) fn resolution(&self, of: u64, items: &[ItemNumber]) -> Act {
        Act::Resolved { of, items: items.iter().map(|item| self.proposal(*item)).collect() }
    }

    pub(super) fn confirmed(&mut self, resolution: u64) -> Hash {
        self.does("chair-1", Act::Confirmed { resolution });
        self.head()
    }

    /// The hash of the last event.
    pub(super) fn head(&self) -> Hash {
        self.events.last().unwrap().payload_hash()
    }

    /// The usual way to a resolution on these items: told on 27 September, heard until 16 October.
    pub(super) fn decided(&mut self, items: &[ItemNumber]) -> Hash {
        self.opened();
        for item in items {
            self.item(*item, &["gamma"], &[]);
        }
        self.panel(&PANEL[..3]);
        self.at("2024-09-27T02:00:00.000Z");
        self.notified(items);
        self.at("2024-10-17T02:00:00.000Z");
        let session = self.session(items);
        self.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
        let resolution = self.resolved(session, items);
        self.confirmed(resolution)
    }

    /// A ruling on an item, as it is signed under a procedure.
    pub(super) fn statement(&self, item: ItemNumber, procedure: Hash) -> Vec<u8> {
        let kind = "ruling";
        let id = record(item);
        let octets = |bytes: &[u8]| callboard_federation::encoding::Base64(bytes.to_vec()).to_string();
        let hash = Hash::of(&item.to_be_bytes()).to_string();
        let wraps =
            json!([{"epoch": 1, "tag": hash, "nonce": octets(&[1; 12]), "key": octets(&[2; 48]), "commit": hash}]);
        json!({"v": 1, "id": id.to_string(), "kind": kind, "salt": Octets([3; 32]).to_string(),
            "effectiveAt": "2024-10-18T00:00:00.000Z",
            "subject": {"type": "person", "tags": [{"epoch": 1, "tag": hash}]},
            "measure": {"kind": "suspension", "scopes": ["live"]},
            "policy": self.reference, "procedure": procedure.to_string(),
            "details": {"nonce": octets(&[1; 12]), "ciphertext": octets(&[4; 1_040]), "commit": hash,
                "share": hash, "wraps": wraps}})
        .to_string()
        .into_bytes()
    }

    /// A stay of what was ruled, as it is signed under a procedure.
    pub(super) fn stay(&self, item: ItemNumber, procedure: Hash) -> Vec<u8> {
        json!({"v": 1, "id": record(item).to_string(), "kind": "stay", "salt": Octets([3; 32]).to_string(),
            "effectiveAt": "2024-10-18T00:00:00.000Z", "about": [record(99).to_string()],
            "policy": self.reference, "procedure": procedure.to_string()})
        .to_string()
        .into_bytes()
    }

    pub(super) fn stay_drafted(&self, item: ItemNumber) -> Proposal {
        Proposal { item, drafts: vec![draft_hash(&self.stay(item, Hash::from_bytes([0; 32]))).unwrap()] }
    }

    /// Whether a docket of these statements follows from the case.
    pub(super) fn docket(&self, statements: &[Vec<u8>]) -> Result<(), Why> {
        let follows = follows(statements, std::slice::from_ref(self.case()), &[]);
        let items: Vec<_> = statements
            .iter()
            .map(|bytes| DocketItem::of(&Statement::from_json(bytes).unwrap(), bytes, Some(Kind::Ruling)))
            .collect();
        let statements: Vec<_> = statements.iter().map(|bytes| Base64(bytes.clone())).collect();
        let docket = json!({
            "docket": Hash::of(DOCKET), "loggedAt": self.case().at(), "items": items, "statements": statements,
        });
        self.tell(&json!({"asked": docket, "follows": follows.is_ok()}));
        follows
    }

    /// Keeps what was decided for [`ASKED`], with the log by which it was, where that has changed.
    fn tell(&self, what: &Value) {
        if std::env::var_os(ASKED).is_none() {
            return;
        }
        let dated = |document: Value, since: &Time| json!({"loggedAt": since, "document": document});
        let History { rosters, members, policies: _, logged_at, dockets } = &self.history;
        let log = json!({
            "rosters": rosters.iter().map(|(since, one)| dated(json!(one), since)).collect::<Vec<_>>(),
            "members": members.iter().map(|(since, one)| dated(json!(one), since)).collect::<Vec<_>>(),
            "policies": self.policies.iter().map(|(sha256, policy)| {
                let since = self.history.policies.iter().find(|(_, of)| of == sha256);
                json!({"sha256": sha256, "document": policy, "loggedAt": since.map(|(since, _)| *since)})
            }).collect::<Vec<_>>(),
            "entries": (1..).zip(logged_at).map(|(size, at)| {
                json!({"loggedAt": at, "root": self.tree.root(size)})
            }).collect::<Vec<_>>(),
            "dockets": dockets.iter().map(|(hash, of)| {
                json!({"docket": hash, "loggedAt": of.at, "procedures": of.procedures})
            }).collect::<Vec<_>>(),
            "earlier": self.sat.iter().map(|(case, sat)| json!({"case": case, "sat": sat})).collect::<Vec<_>>(),
            "records": self.records.iter().flat_map(Records::iter).map(|record| {
                let measure = record.measure.as_ref();
                json!({"record": record.id, "kind": record.kind, "starts": record.starts,
                    "measure": measure.map(|measure| measure.kind), "until": measure.and_then(|measure| measure.until)})
            }).collect::<Vec<_>>(),
            "appealed": self.appealed.iter().map(|((case, event), (_, events))| {
                json!({"case": case, "event": event, "events": events})
            }).collect::<Vec<_>>(),
        })
        .to_string();
        let mut told = self.told.borrow_mut();
        if told.log != log {
            let line = format!("{{\"log\":{log}}}\n");
            told.lines.push_str(&line);
            told.log = log;
        }
        told.lines.push_str(&what.to_string());
        told.lines.push('\n');
    }

    pub(super) fn docket_of(&self, items: &[ItemNumber], procedure: Hash) -> Result<(), Why> {
        let statements: Vec<_> = items.iter().map(|item| self.statement(*item, procedure)).collect();
        self.docket(&statements)
    }
}

/// What was decided, a line each, and the log as the last of them saw it.
#[derive(Default)]
struct Told {
    log: String,
    lines: String,
}

/// In which directory everything that a scene decided is kept, a file a scene, for who decides it by the page alone.
pub(super) const ASKED: &str = "CALLBOARD_TELL_CASES";

impl Drop for Scene {
    fn drop(&mut self) {
        let told = self.told.borrow();
        if let Some(directory) = std::env::var_os(ASKED).filter(|_| !told.lines.is_empty()) {
            let name = format!("{}.ndjson", Hash::of(told.lines.as_bytes()));
            std::fs::write(std::path::Path::new(&directory).join(name), &told.lines).unwrap();
        }
    }
}

/// What a docket that is asked about is a hash of.
const DOCKET: &[u8] = b"a docket";

pub(super) fn follows(statements: &[Vec<u8>], cases: &[Case], signers: &[Role]) -> Result<(), Why> {
    let read: Vec<_> = statements.iter().map(|bytes| (Statement::from_json(bytes).unwrap(), bytes)).collect();
    let items: Vec<_> =
        read.iter().map(|(statement, bytes)| DocketItem::of(statement, bytes, Some(Kind::Ruling))).collect();
    let submitted = read.iter().zip(&items);
    let submitted: Vec<_> = submitted.map(|((statement, bytes), item)| Submitted { item, statement, bytes }).collect();
    let logged_at = cases.iter().map(Case::at).max().unwrap_or(Time::from_seconds(0));
    check(Docket { hash: Hash::of(DOCKET), logged_at, statements: &submitted, signers }, cases, &roster())
}

/// The id of the case that hears an appeal.
pub(super) fn second() -> CaseId {
    CaseId::new(Time::from_seconds(2), [8; 10])
}

pub(super) fn record(item: ItemNumber) -> RecordId {
    RecordId::new(Time::from_seconds(9), Hash::of(&item.to_be_bytes()).as_bytes()[..10].try_into().unwrap())
}

pub(super) fn ruling(item: ItemNumber, hosts: &[&str], reporters: &[&str], minor: bool) -> Act {
    let named: Vec<_> = hosts.iter().map(|name| member(name)).collect();
    let hosts = if named.is_empty() { Hosts::Unknown(Unknown::Unknown) } else { Hosts::Named(named) };
    let reporters = reporters.iter().map(|name| member(name)).collect();
    Act::ItemAdded {
        item,
        decides: vec![RuleKey { kind: Kind::Ruling, of: None }],
        hosts,
        reporters,
        minor,
        appeals: None,
    }
}

pub(super) fn reversal(item: ItemNumber, kind: Kind, of: Kind) -> Act {
    let decides = vec![RuleKey { kind, of: Some(Of::About(of)) }];
    Act::ItemAdded {
        item,
        decides,
        hosts: Hosts::Unknown(Unknown::Unknown),
        reporters: Vec::new(),
        minor: false,
        appeals: None,
    }
}

pub(super) fn all(choice: Choice) -> Vote {
    Vote { all: choice, except: Vec::new() }
}

/// For all but these.
pub(super) fn but(items: &[ItemNumber]) -> Vote {
    Vote { all: Choice::For, except: vec![Exception { items: items.to_vec(), vote: Choice::Against }] }
}

pub(super) fn text(vote: &Vote) -> String {
    serde_json::to_string(vote).unwrap()
}

pub(super) fn secret(holder: &str) -> Octets<32> {
    Octets(*Hash::of(format!("secret of {holder}").as_bytes()).as_bytes())
}

pub(super) fn opening(session: u64, holder: &str, vote: &Vote) -> Act {
    Act::VoteOpened { session, secret: secret(holder), vote: text(vote) }
}

pub(super) fn roster() -> Roster {
    let recipient: Recipient = RECIPIENT.to_owned().try_into().unwrap();
    let seats = SEATS.map(|(holder, role)| Seat {
        public_key: PublicKey::of(&key(holder)),
        recipient: recipient.clone(),
        holder: holder.to_owned(),
        role,
        member: match holder {
            "panel-1" => Some(member("alpha")),
            "panel-2" => Some(member("beta")),
            _ => None,
        },
    });
    let rule = vec![RoleCount { role: Role::Panel, count: 2 }, RoleCount { role: Role::Chair, count: 1 }];
    let thresholds = Kind::ALL.into_iter().map(|kind| (RuleKey { kind, of: None }, rule.clone())).collect();
    let log = serde_json::from_value::<Vec<_>>(log_key()).unwrap();
    Roster {
        v: 1,
        version: 1,
        issuer: "registry.test".to_owned(),
        expires: time("2030-01-01T00:00:00.000Z"),
        seats: seats.into(),
        thresholds,
        log,
        witnesses: Witnesses { quorum: 0, keys: Vec::new() },
        epochs: Vec::new(),
    }
}

/// The log's key, as a verifier key of the key named `log`.
fn log_key() -> Value {
    use callboard_federation::tlog::vkey::{SignatureType, VerifierKey};
    let name = "registry.test".parse().unwrap();
    json!([VerifierKey::new(name, SignatureType::Note, PublicKey::of(&key("log"))).to_string()])
}

/// An item of an appeal, about one of the first case.
pub(super) fn appeals(item: ItemNumber, appeals: ItemNumber, decides: &[(Kind, Option<Kind>)]) -> Act {
    let decides = decides.iter().map(|(kind, of)| RuleKey { kind: *kind, of: of.map(Of::About) }).collect();
    let hosts = Hosts::Unknown(Unknown::Unknown);
    Act::ItemAdded { item, decides, hosts, reporters: Vec::new(), minor: false, appeals: Some(appeals) }
}
