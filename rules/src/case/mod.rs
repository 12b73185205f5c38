//! A case: one matter from its opening to its last decision, replayed from its signed events.
//!
//! One pure function decides for everyone: the registry when an event or a docket comes, each signer's desk, and any
//! auditor. [`Case::replay`] follows a chain; [`Case::take`] takes one event more, or says from where and why not and
//! changes nothing; [`docket::check`] holds a docket against its cases. Implements `docs/formats.md` §15.
//!
//! Not here: what is sealed beside an event, storage, and whether an act was acknowledged.
//!
//! In reading order: [`act`] what each event says, [`law`] what holds outside, [`terms`] the policy's numbers, [`item`]
//! subjects and their notice, [`appeal`] what is told of a decision and how it is objected to, [`returning`] how somebody returns, [`panel`] and [`draw`] who decides, [`session`] and [`vote`] how, [`resolution`] what was
//! decided, [`docket`].

mod access;
pub mod act;
mod agenda;
pub mod appeal;
pub mod docket;
pub mod draw;
pub mod error;
pub mod item;
pub mod law;
pub mod number;
pub mod panel;
pub mod resolution;
pub mod returning;
pub mod session;
pub mod terms;
pub mod vote;

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::{
    dsse::Envelope,
    encoding::{CaseId, Hash, Time},
    event::{Head, Step},
    roster::Role,
    statement::PolicyRef,
};

use self::{
    act::{Act, Application},
    appeal::{Appeal, Filed},
    error::{CaseError, Why},
    item::Item,
    law::{Law, Seat, Who},
    number::ItemNumber,
    panel::{Challenge, Panel, Recusal},
    resolution::{Interim, Resolution},
    session::Session,
    terms::Terms,
};

/// A case as its events leave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What the next event must follow.
    pub head: Head,
    /// The policy that it was opened under, and keeps.
    pub policy: PolicyRef,
    /// How far it is.
    pub stage: Stage,
    /// Its subjects.
    pub items: BTreeMap<ItemNumber, Item>,
    /// Who decides.
    pub panel: Panel,
    /// Challenges by the number of their event.
    pub challenges: BTreeMap<u64, Challenge>,
    /// Sessions that were closed, by the number of the event that opened them.
    pub sessions: BTreeMap<u64, Session>,
    /// Interims that were proposed, by the number of their event.
    pub interims: BTreeMap<u64, Interim>,
    /// Resolutions by the number of their event.
    pub resolutions: BTreeMap<u64, Resolution>,
    /// What it is an appeal of.
    pub appeal: Option<Appeal>,
    /// Objections to what it decided, by the number of their event.
    pub appeals: BTreeMap<u64, Filed>,
    /// The application to return that it hears.
    pub application: Option<Application>,
    terms: Terms,
    pub(crate) opened_at: Time,
    at: Time,
    /// Who sat in the earlier cases; of an appeal's first case, who took any part in deciding it.
    sat_before: BTreeSet<String>,
    /// Recusals by declaration and by challenge, by holder.
    recusals: BTreeMap<String, Recusal>,
    /// The chairs who take a session's result back, by its number.
    withdrawals: BTreeMap<u64, BTreeSet<String>>,
    /// Who approved that a holder reads what is sealed about a minor.
    approvals: BTreeMap<(String, ItemNumber), BTreeSet<String>>,
}

/// How far a case is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Nothing is voted on.
    Open,
    /// The panel sits.
    Sitting(Session),
    Closed,
}

/// What every act is judged by: who takes it, when, which number it has, and the hash of its payload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken<'a> {
    pub who: &'a Who,
    pub at: Time,
    pub seq: u64,
    pub hash: Hash,
}

impl Taken<'_> {
    fn seat(&self) -> Result<&Seat, Why> {
        if let Who::Seat(seat) = self.who { Ok(seat) } else { Err(Why::Signer) }
    }

    fn seat_of(&self, roles: &[Role]) -> Result<&Seat, Why> {
        self.seat().ok().filter(|seat| roles.contains(&seat.role)).ok_or(Why::Signer)
    }

    /// The registry's clockwork, or a seat of these roles.
    fn log_or(&self, roles: &[Role]) -> Result<(), Why> {
        if *self.who == Who::Log { Ok(()) } else { self.seat_of(roles).map(drop) }
    }
}

impl Case {
    /// Follows all events of one case, from its first.
    pub fn replay(envelopes: &[Envelope], law: &Law<'_>) -> Result<Self, CaseError> {
        let first = envelopes.first().ok_or(callboard_federation::event::ChainError::Empty)?;
        let mut case = Self::open(first, law)?;
        for envelope in envelopes.iter().skip(1) {
            case.take(envelope, law)?;
        }
        Ok(case)
    }

    /// The case of its first event.
    pub fn open(envelope: &Envelope, law: &Law<'_>) -> Result<Self, CaseError> {
        let (step, head) = Head::begin(envelope, |event, key| law.who(key, event.at))?;
        Self::of_first(&step, head, law).map_err(|why| refused(&step, why))
    }

    fn of_first(step: &Step<Who>, head: Head, law: &Law<'_>) -> Result<Self, Why> {
        let (Act::Opened { policy, earlier, appeal, application }, _) = Act::read(&step.event)? else {
            return Err(Why::NotOpened);
        };
        let taken = Taken { who: &step.who, at: step.event.at, seq: 0, hash: step.hash };
        taken.seat_of(&[Role::Secretariat])?;
        let named = law.policy(&policy.sha256);
        let named = named.filter(|named| named.instrument == policy.instrument && named.version == policy.version);
        let named = named.ok_or(Why::PolicyUnknown(policy.sha256))?;
        let terms = Terms::of(named)?;
        if appeal.is_some() && application.is_some() {
            return Err(Why::ReturnAppeal);
        }
        if let Some(application) = &application {
            returning::check(application, named, taken.at, law)?;
        }
        let mut sat_before = BTreeSet::new();
        for case in &earlier {
            sat_before.extend(law.sat.get(case).ok_or(Why::EarlierUnknown(*case))?.iter().cloned());
        }
        let appeal = appeal.map(|of| Appeal::begin(of, head.case(), &policy, law)).transpose()?;
        let first = appeal.as_ref().filter(|_| terms.appeal.shares_nobody);
        sat_before.extend(first.into_iter().flat_map(|appeal| appeal.deciders.iter().cloned()));
        Ok(Self {
            head,
            policy,
            stage: Stage::Open,
            items: BTreeMap::new(),
            panel: Panel::default(),
            challenges: BTreeMap::new(),
            sessions: BTreeMap::new(),
            interims: BTreeMap::new(),
            resolutions: BTreeMap::new(),
            appeal,
            appeals: BTreeMap::new(),
            application: application.map(|application| *application),
            terms,
            opened_at: step.event.at,
            at: step.event.at,
            sat_before,
            recusals: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            approvals: BTreeMap::new(),
        })
    }

    /// Takes the next event. What isn't taken changes nothing.
    pub fn take(&mut self, envelope: &Envelope, law: &Law<'_>) -> Result<(), CaseError> {
        let (step, head) = self.head.follow(envelope, |event, key| law.who(key, event.at))?;
        self.act(&step, law).map_err(|why| refused(&step, why))?;
        (self.head, self.at) = (head, step.event.at);
        Ok(())
    }

    /// The case as it would be after an act that nobody signed yet: whether `who` may take it at that time. Of a
    /// resolution that the act completes the procedure isn't known then.
    pub fn with(&self, act: Act, who: &Who, at: Time, law: &Law<'_>) -> Result<Self, Why> {
        let mut case = self.clone();
        let taken = Taken { who, at, seq: self.head.seq(), hash: Hash::from_bytes([0; 32]) };
        case.apply(act, taken, law)?;
        Ok(case)
    }

    fn act(&mut self, step: &Step<Who>, law: &Law<'_>) -> Result<(), Why> {
        let (act, _) = Act::read(&step.event)?;
        let taken = Taken { who: &step.who, at: step.event.at, seq: step.event.seq, hash: step.hash };
        self.apply(act, taken, law)
    }

    #[expect(clippy::too_many_lines, reason = "a table: which act goes where, and who may take it")]
    fn apply(&mut self, act: Act, taken: Taken<'_>, law: &Law<'_>) -> Result<(), Why> {
        use Role::{Chair, Panel, Secretariat};
        if taken.at < self.at {
            return Err(Why::Clock);
        }
        if matches!(self.stage, Stage::Closed) && !act.follows_closing() {
            return Err(Why::Closed);
        }
        self.check_appeal_seat(&act, &taken)?;
        match act {
            Act::Opened { .. } => return Err(Why::Opened),
            Act::ItemAdded { item, decides, hosts, reporters, minor, appeals } => {
                taken.seat_of(&[Secretariat])?;
                let mut added = Item::new(decides, hosts, reporters, minor, taken.at);
                self.check_appeals(&mut added, item, appeals)?;
                self.check_returns(&added, item)?;
                self.add_item(item, added)?;
            }
            Act::ItemDropped { item } => {
                taken.seat_of(&[Secretariat, Chair])?;
                self.drop_item(item, &taken)?;
            }
            Act::EvidenceAdded { items, evidence } => self.add_evidence(&items, &evidence, &taken)?,
            Act::PanelNamed { seats } => {
                taken.seat_of(&[Chair])?;
                self.name_panel(&seats, &taken, law)?;
            }
            Act::DrawAnnounced { eligible, seats, guarantors } => {
                taken.seat_of(&[Secretariat, Chair])?;
                self.announce_draw(&eligible, seats, &guarantors, &taken, law)?;
            }
            Act::DrawCommitted { commitment } => self.commit_draw(commitment, &taken)?,
            Act::DrawFixed { size, root } => self.fix_draw(size, root, &taken, law)?,
            Act::DrawOpened { secret } => self.open_draw(&secret, &taken)?,
            Act::Drawn { seats } => {
                taken.log_or(&[Secretariat, Chair])?;
                self.take_drawn(&seats, &taken, law)?;
            }
            Act::Recused { items } => self.recuse(&items, &taken)?,
            Act::Challenged { seat, items } => {
                taken.log_or(&[Secretariat])?;
                self.challenge(&seat, items, &taken, law)?;
            }
            Act::ChallengeDecided { challenge, upheld } => {
                taken.seat_of(&[Chair, Panel])?;
                self.decide_challenge(challenge, upheld, &taken)?;
            }
            Act::Replaced { out, seat } => {
                taken.seat_of(&[Chair])?;
                self.replace(&out, &seat, &taken, law)?;
            }
            Act::Represented { items, .. } => {
                taken.log_or(&[Secretariat])?;
                self.represent(&items)?;
            }
            Act::Notified { items, to, delivered_at, .. } => self.notify(&items, to, delivered_at, &taken, law)?,
            Act::NoticeFailed { items, attempted_at, .. } => self.fail_notice(&items, attempted_at, &taken)?,
            Act::ServedByPublication { items, published_at, .. } => {
                taken.seat_of(&[Secretariat])?;
                self.serve_by_publication(&items, published_at, &taken, law)?;
            }
            Act::Answered { items } => {
                taken.log_or(&[Secretariat])?;
                self.answer(&items, &taken)?;
            }
            Act::InterimProposed { item, drafts } => {
                taken.seat_of(&[Secretariat, Chair])?;
                self.propose_interim(item, drafts, &taken, law)?;
            }
            Act::SessionOpened { items, seal_by, open_by } => {
                taken.seat_of(&[Chair, Panel, Secretariat])?;
                self.open_session(items, seal_by, open_by, &taken, law)?;
            }
            Act::Present { session } => self.come(session, &taken)?,
            Act::VoteSealed { session, commitment } => self.seal_vote(session, commitment, &taken)?,
            Act::VoteOpened { session, secret, vote } => self.open_vote(session, &secret, &vote, &taken)?,
            Act::SessionClosed { session } => {
                taken.log_or(&[Chair, Secretariat])?;
                self.close_session(session, taken.at)?;
            }
            Act::Resolved { of, items } => self.resolve(of, items, &taken, law)?,
            Act::Confirmed { resolution } => {
                taken.seat_of(&[Chair])?;
                self.confirm(resolution, &taken)?;
            }
            Act::Issued { procedure, docket } => {
                taken.log_or(&[Secretariat])?;
                self.issue(procedure, docket, &taken, law)?;
            }
            Act::Withdrawn { session } => {
                taken.seat_of(&[Chair])?;
                self.withdraw(session, &taken)?;
            }
            Act::DecisionNotified { items, to, delivered_at, .. } => {
                self.notify_decision(&items, to, delivered_at, &taken, law)?;
            }
            Act::DecisionPublished { items, published_at, .. } => {
                taken.seat_of(&[Secretariat])?;
                self.publish_decision(&items, published_at, &taken, law)?;
            }
            Act::Appealed { items, heard_by, filed_at, by, paper } => {
                taken.log_or(&[Secretariat])?;
                self.file_appeal(Filed { items, heard_by, filed_at, by, paper }, &taken)?;
            }
            Act::ProbationReported { items, reported_at, .. } => self.report_probation(&items, reported_at, &taken)?,
            Act::AccessApproved { items, reader } => self.approve_access(&items, &reader, &taken, law)?,
            Act::Closed {} => {
                taken.seat_of(&[Secretariat, Chair])?;
                self.close()?;
            }
        }
        Ok(())
    }

    /// The case's id.
    pub const fn id(&self) -> CaseId {
        self.head.case()
    }

    /// What the policy says of the procedure.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// When its last event was taken.
    pub const fn at(&self) -> Time {
        self.at
    }

    /// Every holder who was present at a session of it or ordered an interim: they don't sit in a later case of the same
    /// matter.
    pub fn sat(&self) -> BTreeSet<String> {
        let sitting = if let Stage::Sitting(session) = &self.stage { Some(session) } else { None };
        let sessions = self.sessions.values().chain(sitting);
        let ordered = self.interims.values().flat_map(|interim| interim.ordered.iter().cloned());
        let present = sessions.flat_map(|session| session.present.keys().cloned());
        present.chain(ordered).collect()
    }

    /// Ends the case, once each item is decided or dropped and no resolution waits.
    fn close(&mut self) -> Result<(), Why> {
        if matches!(self.stage, Stage::Sitting(_)) {
            return Err(Why::SessionSitting);
        }
        let standing = self.resolutions.values().filter(|resolution| resolution.stands());
        let standing: BTreeSet<&ItemNumber> = standing.flat_map(|resolution| resolution.items.keys()).collect();
        let is_pending =
            |number: &ItemNumber, item: &Item| !item.is_over() || (!item.is_dropped() && standing.contains(number));
        if let Some((number, _)) = self.items.iter().find(|(number, item)| is_pending(number, item)) {
            return Err(Why::Pending(*number));
        }
        self.stage = Stage::Closed;
        Ok(())
    }
}

fn refused(step: &Step<Who>, why: Why) -> CaseError {
    CaseError::Act { seq: step.event.seq, act: step.event.act.clone(), why }
}

#[cfg(test)]
mod tests;
