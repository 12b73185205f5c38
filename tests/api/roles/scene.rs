//! Who asks, and one of each thing that they may ask for. It is made once for each engine; whoever changes something
//! does so in a copy.

use std::sync::Arc;

use callboard_federation::{
    declaration,
    dsse::Envelope,
    encoding::{Base64, CaseId, Hash, RecordId, Time, to_json},
    event::Head,
    hand_in::HandIn,
    receipt::{Exception, Outcome},
    report::ReportKind,
};
use callboard_rules::case::act::Act;
use ed25519_dalek::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    anchors::anchor,
    caller::{Answer, Registry, alpha, key},
    cases::play::{age, annulment, body, stated},
    contents::{Contents, contents},
    drafts::{id_of, sealed, sign},
    endpoints,
    figures::declared,
    public_reports,
    receipts::{self, receipt},
    receiver::Receiver,
    reports::{act, id, recipient, request_id, violation},
    sessions::{self, filing, filing_id, link},
    support::{
        Database, Engine,
        committee::{Committee, Drafted, tag},
    },
};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Unsigned.
    Nobody,
    /// With a key that nobody knows.
    Stranger,
    /// The member whose thing it is, alpha.
    Owner,
    /// Another member, beta.
    Member,
    /// The seat that sent the draft, of a panel as the two after it.
    Drafter,
    /// A seat that is asked to sign it.
    Asked,
    /// A seat that isn't.
    Seat,
    Secretariat,
}

impl Role {
    pub(super) const ALL: [Self; 8] = [
        Self::Nobody,
        Self::Stranger,
        Self::Owner,
        Self::Member,
        Self::Drafter,
        Self::Asked,
        Self::Seat,
        Self::Secretariat,
    ];

    pub(super) fn key(self, registry: &Registry) -> Option<SigningKey> {
        let seat = |holder| Some(registry.committee.seat(holder));
        match self {
            Self::Nobody => None,
            Self::Stranger => Some(key("a stranger")),
            Self::Owner => Some(alpha(registry)),
            Self::Member => Some(key("beta")),
            Self::Drafter => seat("panel-4"),
            Self::Asked => seat("panel-1"),
            Self::Seat => seat("panel-3"),
            Self::Secretariat => seat("secretary-1"),
        }
    }

    const fn is_known(self) -> bool {
        !matches!(self, Self::Nobody | Self::Stranger)
    }

    const fn has_the_draft(self) -> bool {
        matches!(self, Self::Drafter | Self::Asked | Self::Secretariat)
    }
}

/// Which roles may see a thing.
type Whose = fn(Role) -> bool;

/// The public text of the docket.
pub(super) const PUBLICATION: &str = r#"{"v":1,"zh":"公告","en":"Notice"}"#;
/// A policy of the beginning.
pub(super) const POLICY: &str = "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f";
/// Whom the ruling is about.
pub(super) const PERSON: u32 = 2;
/// Why alpha declines it.
pub(super) const REASON: &str = "no such account here";
/// The quarter of which alpha declares something.
pub(super) const DECLARED_OF: &str = "2025-Q1";
/// The id of nothing.
const NOTHING: &str = "019c167f-cc00-7568-8a65-6cc0703e460a";
/// The id of no session.
const NO_SESSION: &str = "00000000000000000000000000000000";
/// What a refused request may change: its nonce is used up.
const PASSING: [&str; 1] = ["nonce"];

/// What the rows are about.
pub(super) struct Things {
    /// A docket of one ruling, with a public text.
    pub(super) docket: Hash,
    pub(super) index: u64,
    pub(super) ruling: Drafted,
    /// As it is logged.
    statement: Base64,
    /// A docket that isn't submitted.
    pub(super) next: HandIn,
    /// Alpha's receipt for the docket: it declines.
    pub(super) receipt: Envelope,
    /// Alpha's anchor, and the entry that holds it.
    pub(super) anchor: Envelope,
    pub(super) anchors_index: u64,
    /// A draft that a chair signed.
    pub(super) draft: Value,
    /// Alpha's recipient.
    pub(super) recipient: Envelope,
    /// What alpha declares of its bans.
    pub(super) declaration: Envelope,
    /// The last event of a case of a subject whom alpha hosts, with a sealed part; what follows it.
    pub(super) event: Envelope,
    pub(super) case: Head,
    /// Alpha's endpoint as it was made, with its secret; paused since it was sent the docket.
    pub(super) endpoint: Value,
    receiver: Receiver,
}

/// The database of a registry that was stopped.
pub(super) struct Template {
    database: Database,
    committee: Committee,
    now: Time,
    things: Arc<Things>,
}

/// A registry, and what it holds.
pub(super) struct Scene {
    pub(super) registry: Registry,
    pub(super) things: Arc<Things>,
}

impl Template {
    pub(super) async fn new(engine: Engine) -> Self {
        let (mut registry, _, _) = receipts::asks(engine).await;
        let at = registry.now();
        let ruling = registry.committee.suspend(at, &tag(PERSON));
        let docket = registry.committee.docket(at, &[&ruling], Some(PUBLICATION.as_bytes()));
        let index = registry.logs(&docket).await;
        let (docket, statement) = (docket.docket.payload_hash(), docket.items[0].statement.clone());

        let receiver = Receiver::start().await;
        let made = endpoints::create(&registry, &json!({"url": receiver.url, "from": index})).await;
        let endpoint = made.json();
        endpoints::until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
        let paused = endpoints::asked(&registry, Method::PATCH, &endpoint, "", r#"{"state":"paused"}"#).await;
        assert_eq!(paused.status, 200, "{}", paused.text());

        let drafter = Role::Drafter.key(&registry).unwrap();
        let asked = ["panel-1", "panel-2", "chair-1"].map(|holder| id_of(&registry.committee.seat(holder)));
        let body = json!({"docket": Hash::of(b"a draft"), "asked": asked, "sealed": sealed("a draft")});
        let draft = is_made(&registry, &drafter, "/v1/drafts", &to_json(&body)).await;
        let (chair, answers) =
            (registry.committee.seat("chair-1"), format!("/v1/drafts/{}/answers", text(&draft["id"])));
        is_made(&registry, &chair, &answers, &to_json(&sign(7))).await;

        let alpha = alpha(&registry);
        let secretary = Role::Secretariat.key(&registry).unwrap();
        for number in [1, 2] {
            let session = sessions::session(number, ruling.record(), at);
            is_made(&registry, &alpha, "/v1/sessions", &to_json(&session)).await;
        }
        sessions::is_opened(&registry, 2).await;
        sessions::is_filed(&registry, 2, &filing(1, "appeal", ruling.record())).await;
        is_made(&registry, &alpha, "/v1/reports", &to_json(&violation(1))).await;
        is_made(&registry, &secretary, &format!("/v1/reports/{}/acts", id(1)), &to_json(&act("ask"))).await;
        let question = json!({"id": request_id(1), "member": "alpha", "sealed": sealed("whose it is"),
            "toSeats": sealed("for seats, whose it is")});
        let questions = format!("/v1/reports/{}/identity-requests", id(1));
        is_made(&registry, &secretary, &questions, &to_json(&question)).await;
        let report_key = public_reports::declared(&registry, "secretary-1", &public_reports::report_key(), at);
        is_made(&registry, &secretary, "/v1/report-keys", &to_json(&report_key)).await;
        let public = public_reports::report(9, ReportKind::Public, &[vec![1; 10]]);
        is_made(&registry, &alpha, "/v1/public-reports", &to_json(&public.body)).await;
        let file = to_json(&public_reports::part(&public, 0, 0));
        let sent = registry.post(&format!("/v1/public-reports/{}/files", id(9)), file).await;
        assert_eq!(sent.json()["isWhole"], true, "{}", sent.text());
        let recipient = declaration::sign(&recipient(&registry, "alpha", at), &alpha);
        is_made(&registry, &alpha, "/v1/recipients", &to_json(&recipient)).await;
        let declaration = declaration::sign(&declared(&registry, "alpha", DECLARED_OF, 12, &[]), &alpha);
        is_made(&registry, &alpha, "/v1/declarations", &to_json(&declaration)).await;
        let exceptions = vec![Exception { record: ruling.record(), reason: REASON.to_owned() }];
        let receipt = receipt("alpha", docket, Outcome::Declined, exceptions, at).sign(&alpha);
        is_made(&registry, &alpha, "/v1/receipts", &to_json(&receipt)).await;
        let anchor = anchor("alpha", 10, at).sign(&alpha);
        is_made(&registry, &alpha, "/v1/anchors", &to_json(&anchor)).await;
        registry.world.clock.move_to(at.plus_days(1));
        assert_eq!(registry.world.ledger.log_anchors().await.unwrap(), 1);
        let anchors_index = registry.world.ledger.size() - 1;
        registry.is_witnessed().await;

        let (event, case) = case_of(&registry).await;

        let now = registry.now();
        let later = registry.committee.suspend(now, &tag(3));
        let next = registry.committee.docket(now, &[&later], None);
        let Registry { world, committee, database, .. } = registry;
        world.stop().await;
        let things = Things {
            docket,
            index,
            ruling,
            statement,
            next,
            receipt,
            anchor,
            anchors_index,
            draft,
            recipient,
            declaration,
            event,
            case,
            endpoint,
            receiver,
        };
        Self { database, committee, now, things: Arc::new(things) }
    }

    pub(super) async fn copy(&self) -> Scene {
        let registry = Registry::of_copy(&self.database, &self.committee, self.now).await;
        Scene { registry, things: self.things.clone() }
    }

    pub(super) async fn drop(self) {
        self.database.drop().await;
    }
}

/// A case that the secretariat opened, with one item: its last event, and what follows it.
async fn case_of(registry: &Registry) -> (Envelope, Head) {
    let secretary = Role::Secretariat.key(registry).unwrap();
    let policy = serde_json::from_value(registry.committee.policy.clone()).unwrap();
    let acts =
        [Act::Opened { policy, earlier: Vec::new(), appeal: None, application: None }, annulment(1, &["alpha"], false)];
    let mut head = Head::of_new(CaseId::new(registry.now(), [5; 10]));
    let file = age("about a case");
    for act in acts {
        let (word, members) = act.write(Some(stated(&file)));
        let event = head.next(registry.now(), &word, members, &secretary).unwrap();
        let path = format!("/v1/cases/{}/events", head.case());
        is_made(registry, &secretary, &path, &body(&event, Some(&file))).await;
        if head.seq() == 1 {
            return (event.clone(), Head::after(head.case(), 1, event.payload_hash()));
        }
        head = Head::after(head.case(), 0, event.payload_hash());
    }
    panic!("a case has two events")
}

/// Sends what must be taken.
async fn is_made(registry: &Registry, by: &SigningKey, address: &str, body: &[u8]) -> Value {
    let answer = registry.signed(by, Method::POST, address, body).await;
    assert_eq!(answer.status, 201, "{address}: {}", answer.text());
    answer.json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

impl Things {
    pub(super) fn statement(&self) -> String {
        self.statement.to_string()
    }

    pub(super) fn share(&self) -> String {
        self.ruling.share.unwrap().to_string()
    }

    pub(super) fn record(&self) -> RecordId {
        self.ruling.record()
    }

    /// Each thing that isn't everyone's, and whose it is: whatever is asked, nobody else is shown it.
    fn owned(&self) -> Vec<(String, Whose)> {
        let (known, drafting): (Whose, Whose) = (Role::is_known, Role::has_the_draft);
        let (owner, nobody): (Whose, Whose) = (|role| role == Role::Owner, |_| false);
        let reporting: Whose = |role| matches!(role, Role::Owner | Role::Secretariat);
        let secretariat: Whose = |role| role == Role::Secretariat;
        let seats: Whose = |role| matches!(role, Role::Drafter | Role::Asked | Role::Seat | Role::Secretariat);
        let told_of_the_case: Whose = |role| role.is_known() && role != Role::Member;
        let signature = sign(7)["signature"].clone();
        vec![
            (self.statement(), known),
            (self.share(), known),
            (tag(PERSON), known),
            (REASON.to_owned(), known),
            (self.receipt.payload.to_string(), known),
            (self.anchor.payload.to_string(), known),
            (text(&sealed("a draft")).to_owned(), drafting),
            (text(&signature).to_owned(), drafting),
            (text(&self.draft["id"]).to_owned(), drafting),
            (text(&sealed("report 1")).to_owned(), reporting),
            (id(1).to_string(), reporting),
            (text(&sealed("to seats")).to_owned(), secretariat),
            (text(&filing(1, "appeal", self.record())["sealed"]).to_owned(), secretariat),
            (text(&sealed("whose it is")).to_owned(), owner),
            (text(&sealed("for seats, whose it is")).to_owned(), secretariat),
            (Base64(age("about a case")).to_string(), seats),
            (self.event.payload.to_string(), seats),
            (self.event.payload_hash().to_string(), told_of_the_case),
            (self.case.case().to_string(), told_of_the_case),
            (text(&self.endpoint["id"]).to_owned(), owner),
            (text(&self.endpoint["url"]).to_owned(), owner),
            // It was told when the endpoint was made.
            (text(&self.endpoint["secret"]).to_owned(), nobody),
        ]
    }
}

impl Scene {
    /// The address of the thing that a path is of.
    pub(super) fn address(&self, path: &str) -> String {
        let things = &self.things;
        let parts = [
            ("policies/{sha256}", format!("policies/{POLICY}")),
            ("publications/{sha256}", format!("publications/{}", Hash::of(PUBLICATION.as_bytes()))),
            ("sealed-parts/{sha256}", format!("sealed-parts/{}", Hash::of(&age("about a case")))),
            ("{case}", things.case.case().to_string()),
            ("{path}", format!("entries/000.p/{}", things.index + 1)),
            ("{docket}", things.docket.to_string()),
            ("{next}", things.next.docket.payload_hash().to_string()),
            ("{record}", things.record().to_string()),
            ("{index}", things.anchors_index.to_string()),
            ("{draft}", text(&things.draft["id"]).to_owned()),
            ("{endpoint}", text(&things.endpoint["id"]).to_owned()),
            // One that waits is opened and ended; what a browser asks is of another, that is open.
            ("{session}/content", format!("{}/content", link(2).id())),
            ("{session}/proofs", format!("{}/proofs", link(2).id())),
            ("{session}/filings", format!("{}/filings", link(2).id())),
            ("{session}/confirmation", format!("{}/confirmation", link(2).id())),
            ("{session}", link(1).id().to_string()),
            ("{filing}", filing_id(1).to_string()),
            ("{report}/files", format!("{}/files", id(9))),
            ("{report}", id(1).to_string()),
            ("{request}", request_id(1).to_string()),
            ("{member}", "alpha".to_owned()),
        ];
        parts.iter().fold(path.to_owned(), |path, (part, value)| path.replace(part, value))
    }

    /// The same of something that isn't there.
    pub(super) fn address_of_nothing(path: &str) -> String {
        ["{case}", "{draft}", "{endpoint}", "{filing}", "{report}", "{request}"]
            .iter()
            .fold(path.replace("{session}", NO_SESSION), |path, part| path.replace(part, NOTHING))
    }

    pub(super) async fn ask(&self, role: Role, method: Method, address: &str, body: Vec<u8>) -> Answer {
        match role.key(&self.registry) {
            Some(key) => self.registry.signed(&key, method, address, &body).await,
            None => self.registry.send(self.registry.request(method, address).body(body)).await,
        }
    }

    /// All that the registry keeps, and how much it pushed.
    pub(super) async fn state(&self) -> Contents {
        let mut state = contents(&self.registry.database.address, &PASSING).await;
        let pushed = self.things.receiver.pushed().len();
        state.insert("pushed".to_owned(), Hash::of(&pushed.to_be_bytes()));
        state
    }

    /// Whatever a role is answered, it has nothing that is others' alone.
    pub(super) fn shows_only_what_is_theirs(&self, role: Role, answer: &Answer, at: &str) {
        let body = String::from_utf8_lossy(&answer.body);
        for (thing, is_whose) in self.things.owned() {
            assert!(is_whose(role) || !body.contains(&thing), "{at} shows {thing}: {body}");
        }
    }

    /// The id of a role's key, as JSON has it.
    pub(super) fn key_id(&self, role: Role) -> Value {
        json!(role.key(&self.registry).map(|key| id_of(&key)))
    }

    /// An envelope that a role signed alone, or nobody.
    pub(super) fn signed_by(&self, role: Role, envelope: &Envelope) -> Envelope {
        let mut own = Envelope { signatures: Vec::new(), ..envelope.clone() };
        role.key(&self.registry).iter().for_each(|key| own.sign(key));
        own
    }

    /// Alpha's word that the docket is in effect with it.
    pub(super) fn in_effect(&self) -> Envelope {
        let said = receipt("alpha", self.things.docket, Outcome::InEffect, Vec::new(), self.registry.now());
        said.sign(&alpha(&self.registry))
    }

    pub(super) async fn ends(self) {
        self.registry.ends().await;
    }
}
