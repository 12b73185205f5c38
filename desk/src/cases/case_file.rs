//! The file of a case: its whole chain with the log's acknowledgements, verified before anything is read of it.
//!
//! The registry is believed nothing: who signed, whether the rules allow it, and that the log acknowledged each event, is
//! checked here with the desk's own copy of the log. Implements, for desks, `docs/formats.md` §11 and §15.

use std::collections::{BTreeMap, BTreeSet};

use callboard_api::registry::cases::KeptCaseEvent;
use callboard_federation::{
    acknowledgement::Acknowledgement,
    dsse::Envelope,
    encoding::{CaseId, Hash, from_json},
    event::Event,
    replay::{History, Replay},
    tlog::vkey::VerifierKey,
    zh_en,
};
use callboard_rules::case::{
    Case, Stage,
    act::{Act, Sealed},
    law::{Law, Who},
};

use crate::Error;

/// A case, verified.
#[derive(Debug, Clone)]
pub struct CaseFile {
    pub case: Case,
    pub events: Vec<FiledEvent>,
    /// The cases of the same matter that it names, each with its chain: what it is judged by.
    pub earlier: Vec<Vec<Envelope>>,
}

/// An event of a case, verified.
#[derive(Debug, Clone)]
pub struct FiledEvent {
    pub event: Event,
    pub act: Act,
    pub sealed: Option<Sealed>,
    pub who: Who,
    /// What the log said of it.
    pub acknowledged: Acknowledgement,
    pub kept: KeptCaseEvent,
}

/// The chains of cases as they were shown, none verified yet.
pub type Chains = BTreeMap<CaseId, Vec<KeptCaseEvent>>;

/// Every key that the log ever had.
pub fn log_keys(history: &History) -> Vec<VerifierKey> {
    let mut keys: Vec<VerifierKey> = Vec::new();
    for key in history.rosters.iter().flat_map(|(_, roster)| &roster.log) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}

/// What the first event of a chain opens it with, as far as it can be read.
fn opened(first: Option<&Envelope>) -> Option<Act> {
    let event: Event = first.and_then(|first| from_json(&first.payload.0).ok())?;
    Act::read(&event).ok().map(|(act, _)| act)
}

/// The cases that a chain names as earlier ones, and of an appeal the first case, as far as its first event can be read.
pub fn earlier_of(first: Option<&Envelope>) -> Vec<CaseId> {
    match opened(first) {
        Some(Act::Opened { earlier, appeal, .. }) => {
            earlier.into_iter().chain(appeal.map(|appeal| appeal.case)).collect()
        }
        _ => Vec::new(),
    }
}

/// Replays cases, the earlier ones first, so that each knows who sat there, and an appeal its first case as it was when the
/// appeal was filed.
///
/// # Errors
/// The first that isn't a case by the rules; or one that names as earlier what isn't at hand.
pub fn replay(chains: &BTreeMap<CaseId, Vec<Envelope>>, law: &mut Law<'_>) -> Result<BTreeMap<CaseId, Case>, Error> {
    let (mut cases, mut waiting): (BTreeMap<CaseId, Case>, BTreeSet<CaseId>) =
        (BTreeMap::new(), chains.keys().copied().collect());
    while !waiting.is_empty() {
        let is_ready = |id: &&CaseId| {
            let earlier = earlier_of(chains.get(*id).and_then(|chain| chain.first()));
            earlier.iter().all(|earlier| !waiting.contains(earlier))
        };
        // Cases that name each other are none: the first of them is refused for what it lacks.
        let Some(id) = waiting.iter().find(is_ready).or_else(|| waiting.first()).copied() else { break };
        waiting.remove(&id);
        let chain = chains.get(&id).map_or(&[][..], Vec::as_slice);
        appealed(chain, chains, law)?;
        let case = Case::replay(chain, law).map_err(unruly)?;
        if case.id() != id {
            return Err(another());
        }
        if matches!(case.stage, Stage::Closed) {
            law.sat.insert(id, case.sat());
        }
        cases.insert(id, case);
    }
    Ok(cases)
}

/// Has the law know the first case of an appeal, as it was with the event by which the appeal was filed.
fn appealed(chain: &[Envelope], chains: &BTreeMap<CaseId, Vec<Envelope>>, law: &mut Law<'_>) -> Result<(), Error> {
    let Some(Act::Opened { appeal: Some(of), .. }) = opened(chain.first()) else { return Ok(()) };
    let events = usize::try_from(of.event).ok().and_then(|event| chains.get(&of.case)?.get(..=event));
    if let Some(events) = events {
        let first = Case::replay(events, law).map_err(unruly)?;
        law.appealed.insert((of.case, of.event), first);
    }
    Ok(())
}

impl CaseFile {
    /// Verifies a case of these chains by what the log says.
    ///
    /// # Errors
    /// The chain isn't a case by the rules, or the log didn't acknowledge it as it is shown.
    pub fn verify(id: CaseId, chains: &Chains, log: &Replay) -> Result<Self, Error> {
        let mut law = Law::of(log);
        Self::verify_by(id, chains, &mut law, log.history())
    }

    /// The same, by the parts of a log.
    pub fn verify_by(id: CaseId, chains: &Chains, law: &mut Law<'_>, history: &History) -> Result<Self, Error> {
        let of = |chain: &Vec<KeptCaseEvent>| chain.iter().map(|kept| kept.event.clone()).collect::<Vec<_>>();
        let envelopes: BTreeMap<CaseId, Vec<Envelope>> = chains.iter().map(|(id, chain)| (*id, of(chain))).collect();
        let cases = replay(&envelopes, law).map_err(|error| behind(chains, history, error))?;
        let case = cases.get(&id).cloned().ok_or_else(another)?;
        let keys = log_keys(history);
        let kept = chains.get(&id).map_or(&[][..], Vec::as_slice);
        let events = (0..).zip(kept).map(|(seq, kept)| FiledEvent::of(id, seq, kept, law, &keys));
        let events = events.collect::<Result<_, _>>()?;
        let earlier = envelopes.into_iter().filter(|(of, _)| *of != id).map(|(_, chain)| chain).collect();
        Ok(Self { case, events, earlier })
    }

    /// Adds an event that the log acknowledged.
    pub fn take(&mut self, kept: &KeptCaseEvent, law: &Law<'_>, keys: &[VerifierKey]) -> Result<(), Error> {
        let seq = self.case.head.seq();
        let filed = FiledEvent::of(self.case.id(), seq, kept, law, keys)?;
        self.case.take(&kept.event, law).map_err(unruly)?;
        self.events.push(filed);
        Ok(())
    }

    /// Its events, as dockets carry them: behind those of the earlier cases.
    pub fn envelopes(&self) -> Vec<Envelope> {
        let own = self.events.iter().map(|filed| filed.kept.event.clone());
        self.earlier.iter().flatten().cloned().chain(own).collect()
    }
}

impl FiledEvent {
    fn of(case: CaseId, seq: u64, kept: &KeptCaseEvent, law: &Law<'_>, keys: &[VerifierKey]) -> Result<Self, Error> {
        let acknowledged = acknowledged(case, seq, kept, keys)?;
        if law.root(acknowledged.size).is_some_and(|root| root != acknowledged.root) {
            return Err(Error::other("case-another-log", || {
                zh_en!(
                    "第{seq}项程序记载的收件确认所指的不是这一登记册",
                    "what acknowledges event {seq} is of another log"
                )
            }));
        }
        let event: Event = from_json(&kept.event.payload.0).map_err(|source| Error::below("event", source))?;
        let (act, sealed) = Act::read(&event).map_err(|source| Error::below("event", source))?;
        let key = kept.event.signatures.first().map(|line| line.keyid);
        let who = key.and_then(|key| law.who(&key, event.at)).map(|(_, who)| who).ok_or_else(another)?;
        Ok(Self { event, act, sealed, who, acknowledged, kept: kept.clone() })
    }

    /// SHA-256 of the payload.
    pub const fn hash(&self) -> Hash {
        self.acknowledged.event
    }
}

/// What the log said of an event, if it is of this one.
pub fn acknowledged(
    case: CaseId,
    seq: u64,
    kept: &KeptCaseEvent,
    keys: &[VerifierKey],
) -> Result<Acknowledgement, Error> {
    let told = || zh_en!("第{seq}项程序记载没有登记册的收件确认", "event {seq} isn't acknowledged by the log");
    let said = Acknowledgement::check(&kept.acknowledgement, keys)
        .map_err(|source| Error::other("case-unacknowledged", told).because(source))?;
    if (said.case, said.seq, said.event) == (case, seq, kept.event.payload_hash()) {
        Ok(said)
    } else {
        Err(Error::other("case-unacknowledged", told))
    }
}

/// A chain may rest on what the copy of the log doesn't hold yet: then that is what is told.
fn behind(chains: &Chains, history: &History, error: Error) -> Error {
    let size = history.logged_at.len() as u64;
    let said = chains.values().flatten().filter_map(|kept| from_json(&kept.acknowledgement.payload.0).ok());
    if said.map(|said: Acknowledgement| said.size).max().is_some_and(|named| named > size) {
        return Error::other("case-log-behind", || {
            zh_en!(
                "本机登记册副本尚未收到该案件所依据的内容：请稍后再试",
                "this desk's copy of the log doesn't hold yet what the case rests on: try again"
            )
        })
        .because(error);
    }
    error
}

fn unruly(source: callboard_rules::case::error::CaseError) -> Error {
    Error::other("case-rules", || zh_en!("该案件的程序记载不合规则", "the events are no case by the rules"))
        .because(source)
}

fn another() -> Error {
    Error::other("case-another", || {
        zh_en!("登记系统给出的不是所述案件", "what the registry gives isn't the case that it names")
    })
}
