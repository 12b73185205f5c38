//! A whole case under statements that are drafted, by a committee whose seats are all in one hand: opened and told when
//! its roster was logged, heard since, decided now.
//!
//! For sandboxes and tests: nothing of it was anybody's to decide, and its rules are those of every case
//! ([`callboard_rules::case`]). Pure.

use std::collections::BTreeMap;

use anyhow::Context as _;
use callboard_federation::{
    docket::{Item, Of},
    dsse::Envelope,
    encoding::{CaseId, Hash, Octets, PublicKey, Time, to_json},
    event::Head,
    policy::Policy,
    replay::History,
    roster::{Role, Roster, RuleKey},
    statement::{Basis, Kind, PolicyRef, Statement, draft_hash},
    tlog::merkle::Tree,
};
use callboard_rules::case::{
    Case,
    act::{Act, Addressee, Hosts, Proposal, Unknown},
    docket::{Docket, Submitted, check},
    law::Law,
    number::ItemNumber,
    terms::Terms,
    vote::{Choice, Vote, sealed},
};
use ed25519_dalek::SigningKey;

/// How long votes are sealed, and opened, at most: all of it is done at once.
const VOTES_WITHIN_MILLIS: i64 = 3_600_000;

/// A committee, all of whose keys are at hand.
#[derive(Debug, Clone, Copy)]
pub struct Committee<'a> {
    pub keys: &'a [SigningKey],
    pub roster: &'a Roster,
    /// When its seats were first in the log: cases are opened then.
    pub since: Time,
    /// The policies that its statements name, by their hash.
    pub policies: &'a BTreeMap<Hash, Policy>,
}

/// Statements that follow from cases.
#[derive(Debug)]
pub struct Decided {
    /// Those that were drafted, in their order, each under its procedure.
    pub statements: Vec<(Item, Vec<u8>)>,
    /// The chain of each case.
    pub events: Vec<Vec<Envelope>>,
}

impl Committee<'_> {
    /// Decides all of these that have a procedure, by one case for each policy: each statement is an item of it. They may
    /// be signed from `now` on.
    ///
    /// # Errors
    /// The rules of cases refuse a step: the time to answer isn't over, or too few seats are at hand.
    pub fn decide(&self, drafted: &[Submitted<'_>], now: Time) -> anyhow::Result<Decided> {
        let history = History { rosters: vec![(self.since, self.roster.clone())], ..History::default() };
        let tree = Tree::default();
        let law = || Law::new(&history, self.policies, &tree);
        let mut by_policy: BTreeMap<Hash, (&PolicyRef, Vec<usize>)> = BTreeMap::new();
        for (at, statement) in drafted.iter().enumerate() {
            if let Some(Basis { policy, .. }) = statement.statement.basis() {
                by_policy.entry(policy.sha256).or_insert((policy, Vec::new())).1.push(at);
            }
        }
        let mut statements: Vec<_> =
            drafted.iter().map(|drafted| (drafted.item.clone(), drafted.bytes.to_vec())).collect();
        let (mut events, mut cases) = (Vec::new(), Vec::new());
        for (policy, places) in by_policy.into_values() {
            let of_policy: Vec<Submitted<'_>> = places.iter().filter_map(|at| drafted.get(*at).copied()).collect();
            let mut play = Play::open(self, law(), policy, &of_policy, now)?;
            let procedures = play.decide(&of_policy, now)?;
            for (at, procedure) in places.into_iter().zip(procedures) {
                if let Some((item, bytes)) = statements.get_mut(at) {
                    *bytes = under(bytes, procedure)?;
                    item.commitment = Statement::commitment(bytes);
                }
            }
            cases.push(play.case);
            events.push(play.events);
        }
        self.holds(&statements, &cases, now)?;
        Ok(Decided { statements, events })
    }

    /// Whether what was decided follows, as a registry asks.
    fn holds(&self, statements: &[(Item, Vec<u8>)], cases: &[Case], now: Time) -> anyhow::Result<()> {
        let read: Vec<Statement> =
            statements.iter().map(|(_, bytes)| Statement::from_json(bytes)).collect::<Result<_, _>>()?;
        let submitted = statements.iter().zip(&read);
        let submitted: Vec<_> =
            submitted.map(|((item, bytes), statement)| Submitted { item, statement, bytes }).collect();
        let docket = Docket { hash: Hash::from_bytes([0; 32]), logged_at: now, statements: &submitted, signers: &[] };
        Ok(check(docket, cases, self.roster)?)
    }

    /// The keys of so many seats, those of the first role before those of the next.
    fn seats(&self, roles: &[Role], count: u32) -> anyhow::Result<Vec<&SigningKey>> {
        let role = |key: &SigningKey| self.roster.seat(&PublicKey::of(key).id()).map(|seat| seat.role);
        let of = |wanted: &Role| self.keys.iter().filter(move |key| role(key) == Some(*wanted)).collect::<Vec<_>>();
        let count = usize::try_from(count)?;
        let mut seats: Vec<&SigningKey> = roles.iter().flat_map(of).collect();
        anyhow::ensure!(seats.len() >= count, "the keys of {count} seats of {roles:?} aren't at hand");
        seats.truncate(count);
        Ok(seats)
    }
}

/// A case as it is played.
struct Play<'a> {
    committee: &'a Committee<'a>,
    law: Law<'a>,
    case: Case,
    events: Vec<Envelope>,
    at: Time,
}

impl<'a> Play<'a> {
    fn open(
        committee: &'a Committee<'a>,
        law: Law<'a>,
        policy: &PolicyRef,
        drafted: &[Submitted<'_>],
        now: Time,
    ) -> anyhow::Result<Self> {
        // Of these statements at this time: the same gives the same case.
        let parts = drafted.iter().map(|drafted| drafted.bytes);
        let of = Hash::of_parts(parts.chain([now.to_string().as_bytes()]));
        let random = of.as_bytes().first_chunk().copied().unwrap_or_default();
        let (word, members) =
            Act::Opened { policy: policy.clone(), earlier: Vec::new(), appeal: None, application: None }.write(None);
        let at = committee.since;
        let secretary = committee.seats(&[Role::Secretariat], 1)?;
        let secretary = secretary.first().context("no seat of the secretariat")?;
        let opened = Head::of_new(CaseId::new(at, random)).next(at, &word, members, secretary)?;
        let case = Case::open(&opened, &law)?;
        Ok(Self { committee, law, case, events: vec![opened], at })
    }

    /// Decides each of these as an item of its own, all by now; the procedure of each.
    fn decide(&mut self, drafted: &[Submitted<'_>], now: Time) -> anyhow::Result<Vec<Hash>> {
        let (mut interims, mut items) = (Vec::new(), Vec::new());
        for (item, drafted) in (1..).zip(drafted) {
            self.add(item, drafted.item)?;
            let proposal = Proposal { item, drafts: vec![draft_hash(drafted.bytes)?] };
            if drafted.item.kind == Kind::Interim { &mut interims } else { &mut items }.push(proposal);
        }
        let mut procedures = BTreeMap::new();
        if !items.is_empty() {
            self.tell(&items.iter().map(|proposal| proposal.item).collect::<Vec<_>>())?;
        }
        self.at = now;
        for proposal in interims {
            procedures.insert(proposal.item, self.order(&proposal)?);
        }
        if !items.is_empty() {
            let procedure = self.sit(&items)?;
            procedures.extend(items.into_iter().map(|proposal| (proposal.item, procedure)));
        }
        Ok(procedures.into_values().collect())
    }

    fn add(&mut self, item: ItemNumber, of: &Item) -> anyhow::Result<()> {
        let decides = match (of.kind, of.of) {
            // Any item may have an interim.
            (Kind::Interim, _) => RuleKey { kind: Kind::Ruling, of: None },
            (kind, of @ Some(Of::About(_))) => RuleKey { kind, of },
            (kind, _) => RuleKey { kind, of: None },
        };
        let hosts = Hosts::Unknown(Unknown::Unknown);
        let added =
            Act::ItemAdded { item, decides: vec![decides], hosts, reporters: Vec::new(), minor: false, appeals: None };
        self.secretary(&added)
    }

    /// Names the panel, and tells the subjects.
    fn tell(&mut self, items: &[ItemNumber]) -> anyhow::Result<()> {
        let seats = self.panel()?.into_iter().map(|key| PublicKey::of(key).id()).collect();
        let chair = self.chairs(1)?;
        self.each(&chair, |_| Act::PanelNamed { seats: Vec::clone(&seats) })?;
        let (items, delivered_at, proof) = (items.to_vec(), self.at, Hash::of(b"proof of delivery"));
        self.secretary(&Act::Notified { items, to: Addressee::Subject, delivered_at, proof })
    }

    /// An interim, proposed and ordered.
    fn order(&mut self, proposal: &Proposal) -> anyhow::Result<Hash> {
        let Proposal { item, drafts } = proposal.clone();
        self.secretary(&Act::InterimProposed { item, drafts })?;
        let of = self.last();
        for asked in self.case.terms().interim.clone() {
            let seats = self.committee.seats(&[asked.role], u32::try_from(asked.count)?)?;
            self.each(&seats, |_| Act::Resolved { of, items: vec![proposal.clone()] })?;
        }
        self.head()
    }

    /// A session in which everyone is in favour, and what follows from it.
    fn sit(&mut self, items: &[Proposal]) -> anyhow::Result<Hash> {
        let (panel, case) = (self.panel()?, self.case.id());
        let seal_by = self.at.plus_millis(VOTES_WITHIN_MILLIS);
        let open_by = seal_by.plus_millis(VOTES_WITHIN_MILLIS);
        self.secretary(&Act::SessionOpened { items: items.to_vec(), seal_by, open_by })?;
        let session = self.last();
        let vote = String::from_utf8(to_json(&Vote { all: Choice::For, except: Vec::new() }))?;
        let secret = |key: &SigningKey| Octets(*Hash::of(PublicKey::of(key).to_string().as_bytes()).as_bytes());
        self.each(&panel, |_| Act::Present { session })?;
        self.each(&panel, |key| {
            let commitment = sealed(case, session, &PublicKey::of(key).id(), &secret(key), vote.as_bytes());
            Act::VoteSealed { session, commitment }
        })?;
        self.each(&panel, |key| Act::VoteOpened { session, secret: secret(key), vote: vote.clone() })?;
        self.secretary(&Act::SessionClosed { session })?;
        self.each(&panel[..1], |_| Act::Resolved { of: session, items: items.to_vec() })?;
        let resolution = self.last();
        let chairs = self.chairs(self.case.terms().chairs)?;
        self.each(&chairs, |_| Act::Confirmed { resolution })?;
        self.head()
    }

    fn panel(&self) -> anyhow::Result<Vec<&'a SigningKey>> {
        self.committee.seats(&[Role::Panel, Role::Chair], self.case.terms().least_seats)
    }

    fn chairs(&self, count: u32) -> anyhow::Result<Vec<&'a SigningKey>> {
        self.committee.seats(&[Role::Chair], count)
    }

    fn secretary(&mut self, act: &Act) -> anyhow::Result<()> {
        let secretary = self.committee.seats(&[Role::Secretariat], 1)?;
        self.each(&secretary, |_| act.clone())
    }

    /// Each of these seats takes its step.
    fn each(&mut self, seats: &[&SigningKey], act: impl Fn(&SigningKey) -> Act) -> anyhow::Result<()> {
        for key in seats {
            let (word, members) = act(key).write(None);
            let event = self.case.head.next(self.at, &word, members, key)?;
            self.case.take(&event, &self.law)?;
            self.events.push(event);
        }
        Ok(())
    }

    /// The number of the last event.
    const fn last(&self) -> u64 {
        self.case.head.seq().saturating_sub(1)
    }

    fn head(&self) -> anyhow::Result<Hash> {
        Ok(self.events.last().context("a case has an event")?.payload_hash())
    }
}

/// An instant, no later than `at`, at which a window to answer begins that the policy's calendar covers.
pub fn covered(policy: &Policy, at: Time) -> anyhow::Result<Time> {
    let terms = Terms::of(policy)?;
    let mut at = at;
    while terms.window_after(terms.date(at), terms.response_days, None).is_err() {
        at = at.plus_days(-30);
    }
    Ok(at)
}

/// A statement's bytes with another procedure in them.
fn under(statement: &[u8], procedure: Hash) -> anyhow::Result<Vec<u8>> {
    const MEMBER: &str = "\"procedure\":\"";
    let text = std::str::from_utf8(statement)?;
    let (before, rest) = text.split_once(MEMBER).context("a statement without a procedure")?;
    let after = rest.split_once('"').context("a procedure without an end")?.1;
    Ok(format!("{before}{MEMBER}{procedure}\"{after}").into_bytes())
}
