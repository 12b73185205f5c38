//! Cases: the chains of events that the registry keeps. Each event is judged by `callboard_rules::case` and the log, as
//! every seat and auditor judges it, and acknowledged with the log's key.
//!
//! Whoever takes an event, or logs a docket that follows from a case, holds the case meanwhile: nothing comes between.
//! In reading order: [`at_hand`] keeps what was replayed last; here is how an event is taken; [`clockwork`] what the log
//! says by itself; [`docket`] holds a docket against its cases; [`retention`] erases what reports said, once their time is
//! over; [`facts`] is what figures count; [`error`] is how each says no. Implements
//! `docs/formats.md` §11 and §15.
//!
//! Long because the way of an event, from a request to its acknowledgement, is told in one piece.

pub mod at_hand;
mod clockwork;
mod docket;
pub mod error;
mod facts;
mod retention;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use callboard_api::registry::{
    cases::{CaseEntry, KeptCaseEvent, NewCaseEvent},
    drafts::AGE,
};
use callboard_federation::{
    acknowledgement::Acknowledgement,
    dsse::Envelope,
    encoding::{CaseId, Hash, KeyId, Time, from_json, to_json},
    event::{CaseState, ChainError, Event},
    members::MemberId,
};
use callboard_rules::case::{
    Case,
    act::{Act, AppealOf, Sealed},
    error::{CaseError, Why},
    law::Law,
};
pub use error::{CaseEventError, ProcedureError};

use self::at_hand::HeldCase;
use super::{Ledger, LedgerError};
use crate::store::cases::{NewStoredCaseEvent, StoredCaseEvent};

/// The most events of a case, but for its closing and what the log says of it: years of work on a thousand items.
pub const MAX_EVENTS: u64 = 20_000;
/// How long before the registry's clock an event's time may lie.
const MAX_LATE_MILLIS: i64 = 5 * 60 * 1000;
/// How far ahead of the registry's clock it may lie: clocks differ.
const MAX_WAIT_MILLIS: u64 = 5_000;
/// Events that are followed under one look at the log: dockets wait no longer than that takes.
const AT_ONCE: usize = 128;
/// Events that are read from the store at once.
const PAGE: u64 = 1_000;

/// The cases that come before others: who sat in those that are closed, and the first cases of appeals as they were with
/// the event by which the appeal was filed.
#[derive(Clone, Default)]
struct Earlier {
    sat: BTreeMap<CaseId, BTreeSet<String>>,
    appealed: BTreeMap<(CaseId, u64), Case>,
}

/// Chains that came with a docket, by their case, and who sat in those of them that are closed.
#[derive(Default)]
struct HandedIn<'a> {
    sat: BTreeMap<CaseId, BTreeSet<String>>,
    chains: BTreeMap<CaseId, &'a [Envelope]>,
}

/// An event that is kept, and whether it was before it came this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenCaseEvent {
    pub event: KeptCaseEvent,
    pub before: bool,
}

/// An event on its way into the store.
struct Taking {
    envelope: Envelope,
    event: Event,
    act: Act,
    sealed: Option<(Hash, Vec<u8>)>,
}

impl Ledger {
    /// Takes the next event of a case from whoever signed the request with `signer`. The same payload again gets the same
    /// acknowledgement.
    pub async fn take_case_event(
        self: &Arc<Self>,
        id: CaseId,
        signer: KeyId,
        new: NewCaseEvent,
    ) -> Result<TakenCaseEvent, CaseEventError> {
        let NewCaseEvent { event: envelope, sealed } = new;
        let event: Event = from_json(&envelope.payload.0).map_err(|_| CaseEventError::Malformed)?;
        if event.case != id {
            return Err(CaseEventError::OtherCase);
        }
        if !matches!(envelope.signatures.as_slice(), [line] if line.keyid == signer) {
            return Err(CaseEventError::OtherSigner);
        }
        let ahead_of = |now: Time| event.at.as_millis() - now.as_millis();
        // An event is judged by what is in force at its time: so that time is waited for.
        if let Ok(ahead @ 1..=MAX_WAIT_MILLIS) = u64::try_from(ahead_of(self.clock.now())) {
            tokio::time::sleep(Duration::from_millis(ahead)).await;
        }
        let mut held = self.cases.hold(id).await;
        if let Some(kept) = self.store().case_events(id, event.seq, 1).await?.pop() {
            return match kept_event(&kept)? {
                kept if kept.event == envelope => Ok(TakenCaseEvent { event: kept, before: true }),
                _ => Err(CaseEventError::Moved),
            };
        }
        let now = self.clock.now();
        if !(-MAX_LATE_MILLIS..=MAX_WAIT_MILLIS.cast_signed()).contains(&ahead_of(now)) {
            return Err(CaseEventError::Clock { at: event.at, now });
        }
        self.bring_to_hand(&mut held, id).await?;
        if held.is_none() && event.seq > 0 {
            return Err(CaseEventError::NotFound);
        }
        let from = held.as_ref().map(Case::state);
        let (act, stated) = Act::read(&event).map_err(|why| {
            let (seq, act) = (event.seq, event.act.clone());
            CaseEventError::Refused { from, source: CaseError::Act { seq, act, why } }
        })?;
        let sealed = check_sealed(stated, sealed.map(|sealed| sealed.0))?;
        if event.seq >= MAX_EVENTS && act != (Act::Closed {}) {
            return Err(CaseEventError::Full);
        }
        let kept = self.take(&mut held, Taking { envelope, event, act, sealed }).await?;
        if let Err(error) = self.tick(&mut held).await {
            // The job does it again.
            tracing::warn!(%error, case = %id, "the clockwork waits for its next run");
        }
        Ok(TakenCaseEvent { event: kept, before: false })
    }

    /// Whether there is such a case, and a member hosts a subject of it.
    pub async fn hosts_of_case(self: &Arc<Self>, id: CaseId, member: &MemberId) -> Result<bool, LedgerError> {
        let mut held = self.cases.hold(id).await;
        self.bring_to_hand(&mut held, id).await?;
        Ok(held.as_ref().is_some_and(|case| case.is_hosted_by(member)))
    }

    /// Whether the seat with this key may read what is sealed beside an event: two others approved it, where that is
    /// about a minor. Whoever signed it may.
    pub async fn may_read_sealed(self: &Arc<Self>, id: CaseId, seq: u64, seat: KeyId) -> Result<bool, LedgerError> {
        let Some(stored) = self.store().case_events(id, seq, 1).await?.pop() else { return Ok(false) };
        let envelope = kept_event(&stored)?.event;
        let mut held = self.cases.hold(id).await;
        self.bring_to_hand(&mut held, id).await?;
        let Some(case) = &*held else { return Ok(false) };
        let unreadable = || LedgerError::UnreadableCase { case: id };
        let event: Event = from_json(&envelope.payload.0).map_err(|_| unreadable())?;
        let (act, _) = Act::read(&event).map_err(|_| unreadable())?;
        let replay = self.replay();
        let Some(holder) = replay.roster().and_then(|roster| roster.seat(&seat)).map(|seat| &seat.holder) else {
            return Ok(false);
        };
        let law = Law::of(&replay);
        let is_own = envelope.signatures.iter().any(|line| law.was(holder, &line.keyid));
        Ok(is_own || case.items_of(&act).into_iter().all(|item| case.may_read(holder, item)))
    }

    /// Reads the case that is held from the store, unless it is in memory. After a failure it isn't: what became of a write
    /// only the store can say.
    async fn bring_to_hand(self: &Arc<Self>, held: &mut HeldCase, id: CaseId) -> Result<(), LedgerError> {
        if held.is_none() {
            **held = self.load_case(id).await?;
        }
        Ok(())
    }

    /// A case as the store has it.
    async fn load_case(self: &Arc<Self>, id: CaseId) -> Result<Option<Case>, LedgerError> {
        let (mut case, mut from) = (None, 0);
        loop {
            let page = self.store().case_events(id, from, PAGE).await?;
            let events: Vec<Envelope> =
                page.iter().map(|stored| Ok(kept_event(stored)?.event)).collect::<Result<_, LedgerError>>()?;
            let Some(first) = events.first() else { return Ok(case) };
            let earlier =
                if from == 0 { self.earlier_of(first, &HandedIn::default()).await? } else { Earlier::default() };
            from += events.len() as u64;
            let followed = self.follow_case(case, events, earlier).await?;
            case = Some(followed.map_err(|source| LedgerError::Case { case: id, source: Box::new(source) })?);
        }
    }

    /// The cases that a first event names as earlier, as far as they are kept and closed, or were handed in; and of an
    /// appeal the first case.
    async fn earlier_of(self: &Arc<Self>, first: &Envelope, handed: &HandedIn<'_>) -> Result<Earlier, LedgerError> {
        let mut before = Earlier::default();
        let event: Option<Event> = from_json(&first.payload.0).ok();
        let Some(Ok((Act::Opened { earlier, appeal, .. }, _))) = event.as_ref().map(Act::read) else {
            return Ok(before);
        };
        for case in earlier {
            let kept = self.store().sat_in_case(case).await?;
            let kept = kept.and_then(|text| from_json(text.as_bytes()).ok());
            if let Some(holders) = kept.or_else(|| handed.sat.get(&case).cloned()) {
                before.sat.insert(case, holders);
            }
        }
        if let Some(AppealOf { case, event }) = appeal
            && let Some(first) = self.case_with(case, event, handed).await?
        {
            before.appealed.insert((case, event), first);
        }
        Ok(before)
    }

    /// A case as it was with the event of this number; nothing where it isn't kept so far, nor handed in, or isn't a case.
    async fn case_with(
        self: &Arc<Self>,
        id: CaseId,
        event: u64,
        handed: &HandedIn<'_>,
    ) -> Result<Option<Case>, LedgerError> {
        let count = event.saturating_add(1).min(MAX_EVENTS);
        let mut events = Vec::new();
        while (events.len() as u64) < count {
            let from = events.len() as u64;
            let page = self.store().case_events(id, from, PAGE.min(count - from)).await?;
            if page.is_empty() {
                break;
            }
            for stored in &page {
                events.push(kept_event(stored)?.event);
            }
        }
        if let Some(chain) = handed.chains.get(&id).filter(|chain| chain.len() > events.len()) {
            events = chain.iter().take(usize::try_from(count).unwrap_or(usize::MAX)).cloned().collect();
        }
        if events.len() as u64 != count {
            return Ok(None);
        }
        let Some(first) = events.first() else { return Ok(None) };
        // What an appeal decided isn't appealed, so no case before a first case is asked with an appeal of its own.
        let earlier = Box::pin(self.earlier_of(first, handed)).await?;
        Ok(self.follow_case(None, events, earlier).await?.ok())
    }

    /// Follows events of one case, off the threads that answer.
    async fn follow_case(
        self: &Arc<Self>,
        case: Option<Case>,
        events: Vec<Envelope>,
        earlier: Earlier,
    ) -> Result<Result<Case, CaseError>, LedgerError> {
        let ledger = self.clone();
        let follow = move || {
            let mut case = case;
            for events in events.chunks(AT_ONCE) {
                let replay = ledger.replay();
                let mut law = Law::of(&replay);
                law.sat.clone_from(&earlier.sat);
                law.appealed.clone_from(&earlier.appealed);
                for envelope in events {
                    match &mut case {
                        None => case = Some(Case::open(envelope, &law)?),
                        Some(case) => case.take(envelope, &law)?,
                    }
                }
            }
            case.ok_or(CaseError::Chain(ChainError::Empty))
        };
        tokio::task::spawn_blocking(follow).await.map_err(|_| LedgerError::Stopping)
    }

    /// Takes an event into a case and the store, acknowledged: the log's word is given once it is kept.
    async fn take(self: &Arc<Self>, held: &mut HeldCase, taking: Taking) -> Result<KeptCaseEvent, CaseEventError> {
        let mut case = held.take();
        let new = match self.judged(&mut case, taking).await {
            Ok(new) => new,
            Err(error) => {
                **held = case;
                return Err(error);
            }
        };
        self.keep(held, case, std::slice::from_ref(&new)).await?;
        Ok(kept_event(&new.event)?)
    }

    /// Keeps events, all of them or none; the case that they lead to is at hand then.
    async fn keep(
        &self,
        held: &mut HeldCase,
        case: Option<Case>,
        events: &[NewStoredCaseEvent],
    ) -> Result<(), CaseEventError> {
        if !self.store().put_case_events(events).await? {
            return Err(CaseEventError::Moved);
        }
        **held = case;
        for new in events {
            metrics::counter!("callboard_registry_case_events_total", "act" => new.act.clone()).increment(1);
        }
        Ok(())
    }

    /// An event that the case takes, as it is kept and acknowledged; the case has it then.
    async fn judged(
        self: &Arc<Self>,
        case: &mut Option<Case>,
        taking: Taking,
    ) -> Result<NewStoredCaseEvent, CaseEventError> {
        self.may_sign()?;
        if !self.key_is_in_force() {
            return Err(LedgerError::LogKey { own: Box::new(self.key.verifier()) }.into());
        }
        let Taking { envelope, event, act, sealed } = taking;
        let hash = envelope.payload_hash();
        let from = case.as_ref().map(Case::state);
        let earlier =
            if case.is_none() { self.earlier_of(&envelope, &HandedIn::default()).await? } else { Earlier::default() };
        let before = case.take();
        let case = match self.judge(before, &envelope, &event, &act, earlier) {
            Ok(taken) => case.insert(taken),
            Err((before, source)) => {
                *case = before;
                return Err(CaseEventError::Refused { from, source });
            }
        };
        let facts = self.facts_of(case, &act, hash).await?;
        let at = self.clock.now();
        let published = self.published();
        let checkpoint = published.newest.note.checkpoint();
        let acknowledgement = Acknowledgement {
            v: 1,
            case: case.id(),
            seq: event.seq,
            event: hash,
            size: checkpoint.size,
            root: checkpoint.root,
            at,
        };
        let acknowledgement = self.key.acknowledge(&acknowledgement);
        let is_closed = case.state() == CaseState::Closed;
        Ok(NewStoredCaseEvent {
            act: event.act,
            event: StoredCaseEvent {
                case: case.id(),
                seq: event.seq,
                hash,
                envelope: to_json(&envelope),
                acknowledgement: to_json(&acknowledgement),
            },
            sealed,
            after: entry_of(case, hash, at),
            clockwork: case.concerns_clockwork(),
            sat: is_closed.then(|| String::from_utf8_lossy(&to_json(&case.sat())).into_owned()),
            facts,
        })
    }

    /// The case with one event more, or as it was, and why not.
    #[expect(clippy::result_large_err, reason = "whoever is refused has the case back")]
    fn judge(
        &self,
        case: Option<Case>,
        envelope: &Envelope,
        event: &Event,
        act: &Act,
        earlier: Earlier,
    ) -> Result<Case, (Option<Case>, CaseError)> {
        let replay = self.replay();
        let mut law = Law::of(&replay);
        (law.sat, law.appealed) = (earlier.sat, earlier.appealed);
        // What is being logged isn't logged yet.
        let size = self.size();
        if let Act::Issued { docket, .. } = act
            && law.docket(docket).is_some_and(|logged| logged.index >= size)
        {
            let (seq, act) = (event.seq, event.act.clone());
            return Err((case, CaseError::Act { seq, act, why: Why::NotLogged }));
        }
        match case {
            None => Case::open(envelope, &law).map_err(|error| (None, error)),
            Some(mut case) => match case.take(envelope, &law) {
                Ok(()) => Ok(case),
                Err(error) => Err((Some(case), error)),
            },
        }
    }
}

/// An event as it is shown.
pub fn kept_event(stored: &StoredCaseEvent) -> Result<KeptCaseEvent, LedgerError> {
    let read = |bytes: &[u8]| from_json(bytes).map_err(|_| LedgerError::UnreadableCase { case: stored.case });
    Ok(KeptCaseEvent { event: read(&stored.envelope)?, acknowledgement: read(&stored.acknowledgement)? })
}

/// A case as its last event, taken at `at`, leaves it.
fn entry_of(case: &Case, head: Hash, at: Time) -> CaseEntry {
    CaseEntry {
        case: case.id(),
        state: case.state(),
        policy: case.policy.clone(),
        events: case.head.seq(),
        head,
        items: case.items.len() as u64,
        opened_at: at,
        changed_at: at,
        due_at: case.due_at(),
    }
}

/// What is sealed is there as the event says, and is an `age` file.
fn check_sealed(stated: Option<Sealed>, sealed: Option<Vec<u8>>) -> Result<Option<(Hash, Vec<u8>)>, CaseEventError> {
    let (stated, sealed) = match (stated, sealed) {
        (None, None) => return Ok(None),
        (Some(stated), Some(sealed)) => (stated, sealed),
        (None, Some(_)) => return Err(CaseEventError::Sealed("the event names no sealed part, and one came with it")),
        (Some(_), None) => return Err(CaseEventError::Sealed("the event names a sealed part, and none came with it")),
    };
    if !sealed.starts_with(AGE) {
        return Err(CaseEventError::Sealed("what is sealed is an `age` file"));
    }
    if (stated.sha256, stated.bytes) != (Hash::of(&sealed), sealed.len() as u64) {
        return Err(CaseEventError::Sealed("what is sealed isn't what the event names"));
    }
    Ok(Some((stated.sha256, sealed)))
}
