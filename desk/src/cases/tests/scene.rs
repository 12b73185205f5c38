//! A committee and a case, as a registry would keep it.

use callboard_api::registry::cases::KeptCaseEvent;
use callboard_federation::{
    acknowledgement::Acknowledgement,
    dsse::Envelope,
    encoding::{CaseId, Hash, Time},
    event::Head,
    statement::PolicyRef,
};
use callboard_keys::SeatKey;
use callboard_rules::case::{
    Case,
    act::{Act, Addressee, Hosts, Proposal, Sealed, Unknown},
    law::Law,
    number::ItemNumber,
    vote::{Choice, Exception, Vote},
};

use crate::{
    Error,
    bundle::{Bundle, ProposalOf},
    cases::{
        case_file::{CaseFile, Chains},
        proposal::proposals,
        sealed::seat_of,
        secrets::CaseSecret,
        waiting::{Task, Waits, carried, waits_for},
    },
    draft::{
        Draw, gather,
        resolved::{Resolved, resolved},
        ruling,
    },
    registry::reference,
    tests::{Committee, SHEET, log_key, noon, os_rng},
};

pub(super) struct Scene {
    pub(super) committee: Committee,
    pub(super) id: CaseId,
    pub(super) kept: Vec<KeptCaseEvent>,
    pub(super) now: Time,
}

/// The panel of the tests.
pub(super) const PANEL: [&str; 3] = ["panel-1", "panel-2", "panel-3"];

impl Scene {
    /// A case that was opened, with these items.
    pub(super) fn opened(items: &[ItemNumber]) -> Self {
        let id = CaseId::new(noon(), [7; 10]);
        let mut scene = Self { committee: Committee::found(), id, kept: Vec::new(), now: noon().plus_millis(1) };
        let policy = scene.policy();
        scene.does("secretariat-1", &Act::Opened { policy, earlier: Vec::new(), appeal: None, application: None });
        for item in items {
            scene.adds(*item);
        }
        scene
    }

    /// The same with a panel and notice to all, after the window.
    pub(super) fn heard(items: &[ItemNumber]) -> Self {
        let mut scene = Self::opened(items);
        scene.names_panel(&PANEL);
        scene.is_told(items);
        scene.now = scene.now.plus_days(7);
        scene
    }

    pub(super) fn policy(&self) -> PolicyRef {
        reference(&self.committee.policy)
    }

    pub(super) fn adds(&mut self, item: ItemNumber) {
        let decides = vec!["ruling".to_owned().try_into().unwrap()];
        let (hosts, reporters) = (Hosts::Unknown(Unknown::Unknown), Vec::new());
        self.does("secretariat-1", &Act::ItemAdded { item, decides, hosts, reporters, minor: false, appeals: None });
    }

    pub(super) fn names_panel(&mut self, holders: &[&str]) {
        let seats = holders.iter().map(|holder| self.key(holder).public_key().id()).collect();
        self.does("chair-1", &Act::PanelNamed { seats });
    }

    pub(super) fn is_told(&mut self, items: &[ItemNumber]) {
        let (items, delivered_at, proof) = (items.to_vec(), self.now, Hash::of(b"proof"));
        self.does("secretariat-1", &Act::Notified { items, to: Addressee::Subject, delivered_at, proof });
    }

    pub(super) fn key(&self, holder: &str) -> &SeatKey {
        self.committee.seat(holder)
    }

    /// The event that comes next.
    pub(super) fn signed(&self, by: &str, act: &Act, sealed: Option<Sealed>) -> Envelope {
        let seq = self.kept.len() as u64;
        let head = match self.kept.last() {
            None => Head::of_new(self.id),
            Some(last) => Head::after(self.id, seq - 1, last.event.payload_hash()),
        };
        let (word, members) = act.write(sealed);
        head.next(self.now, &word, members, self.key(by).signing_key()).unwrap()
    }

    /// What the log says of an event.
    pub(super) fn acknowledged(&self, event: Envelope, seq: u64) -> KeptCaseEvent {
        let tree = self.committee.replay().tree();
        let (size, root) = (tree.size(), tree.current_root());
        let event_hash = event.payload_hash();
        let said = Acknowledgement { v: 1, case: self.id, seq, event: event_hash, size, root, at: self.now };
        KeptCaseEvent { event, acknowledgement: said.sign(&log_key()) }
    }

    pub(super) fn does(&mut self, by: &str, act: &Act) -> u64 {
        self.says(by, act, None)
    }

    pub(super) fn says(&mut self, by: &str, act: &Act, sealed: Option<Sealed>) -> u64 {
        let seq = self.kept.len() as u64;
        let kept = self.acknowledged(self.signed(by, act, sealed), seq);
        self.kept.push(kept);
        self.now = self.now.plus_millis(1);
        self.file().unwrap();
        seq
    }

    pub(super) fn chains(&self) -> Chains {
        Chains::from([(self.id, self.kept.clone())])
    }

    pub(super) fn file(&self) -> Result<CaseFile, Error> {
        CaseFile::verify(self.id, &self.chains(), self.committee.replay())
    }

    pub(super) fn case(&self) -> Case {
        self.file().unwrap().case
    }

    pub(super) fn seat(&self, holder: &str) -> callboard_rules::case::law::Seat {
        let roster = &self.committee.roster;
        seat_of(roster.seats.iter().find(|seat| seat.holder == holder).unwrap())
    }

    pub(super) fn waits(&self, holder: &str) -> Vec<Waits> {
        let law = Law::of(self.committee.replay());
        waits_for(&self.case(), &self.seat(holder), self.now, &law)
    }

    /// What a seat may do now.
    pub(super) fn tasks(&self, holder: &str) -> Vec<Task> {
        let waits = self.waits(holder).into_iter().filter(|waits| waits.hindered.is_none());
        waits.map(|waits| waits.task).collect()
    }

    /// The rulings of two people, put to the vote for items 1 and 2.
    pub(super) fn proposal(&self) -> Bundle {
        let committee = &self.committee;
        let basis = committee.basis(Hash::from_bytes([0; 32]));
        let draft = |row: &crate::sheet::Row| {
            let known = committee.derive(&row.identities().cloned().collect::<Vec<_>>());
            let draw = &mut Draw { now: self.now, rng: &mut os_rng() };
            ruling::ruling(row, &known, basis.clone(), false, draw).unwrap()
        };
        let drafted = committee.rows(SHEET).iter().map(draft).collect();
        let draw = &mut Draw { now: self.now, rng: &mut os_rng() };
        let bundle = gather(&committee.roster, drafted, None, draw).unwrap();
        let bundle = bundle.numbered(Some("示例〔2026〕1号".to_owned()));
        bundle.proposed(ProposalOf { case: self.id, items: vec![1, 2] }).unwrap()
    }

    pub(super) fn session(&mut self, items: Vec<Proposal>) -> u64 {
        let (seal_by, open_by) = (self.now.plus_hours(24), self.now.plus_hours(48));
        self.does("chair-1", &Act::SessionOpened { items, seal_by, open_by })
    }

    /// All of the panel vote; what they committed to.
    pub(super) fn seals(&mut self, session: u64, votes: &[(&str, Vote)]) -> Vec<CaseSecret> {
        for (holder, _) in votes {
            self.does(holder, &Act::Present { session });
        }
        let sealed = votes.iter().map(|(holder, vote)| {
            let secret = CaseSecret::vote(self.id, session, vote, None, &mut os_rng());
            let commitment = secret.commitment(&self.key(holder).public_key().id());
            self.does(holder, &Act::VoteSealed { session, commitment });
            secret
        });
        sealed.collect()
    }

    pub(super) fn opens(&mut self, session: u64, holder: &str, secret: &CaseSecret) {
        let vote = secret.vote.clone().unwrap();
        self.does(holder, &Act::VoteOpened { session, secret: secret.secret, vote });
    }

    /// The panel votes, and the session is closed.
    pub(super) fn votes(&mut self, session: u64, votes: &[(&str, Vote)]) {
        let secrets = self.seals(session, votes);
        for ((holder, _), secret) in votes.iter().zip(&secrets) {
            self.opens(session, holder, secret);
        }
        self.does("chair-1", &Act::SessionClosed { session });
    }

    /// What a session carried is resolved and confirmed; the procedure.
    pub(super) fn resolves(&mut self, session: u64) -> Hash {
        let case = self.case();
        let items = carried(&case.sessions[&session], &case);
        let resolution = self.does("panel-1", &Act::Resolved { of: session, items });
        self.does("chair-1", &Act::Confirmed { resolution });
        self.kept.last().unwrap().event.payload_hash()
    }

    /// The whole way to a resolution on what is proposed.
    pub(super) fn decided(&mut self, proposal: &Bundle) -> Hash {
        let session = self.session(proposals(proposal, self.id, &[]).unwrap());
        self.votes(session, &PANEL.map(|holder| (holder, all(Choice::For))));
        self.resolves(session)
    }

    /// The docket of what was resolved of a proposal.
    pub(super) fn docket(&self, proposal: &Bundle, procedure: Hash) -> Result<Bundle, Error> {
        let file = self.file()?;
        let drafts = crate::cases::proposal::drafts_of(file.case.resolution_of(&procedure).unwrap());
        let of = Resolved { drafts: &drafts, procedure, events: file.envelopes(), publication: None };
        resolved(proposal, of, &self.committee.roster, &mut Draw { now: self.now, rng: &mut os_rng() })
    }
}

pub(super) fn all(choice: Choice) -> Vote {
    Vote { all: choice, except: Vec::new() }
}

/// For all but these.
pub(super) fn but(items: &[ItemNumber]) -> Vote {
    Vote { all: Choice::For, except: vec![Exception { items: items.to_vec(), vote: Choice::Against }] }
}
