//! A docket whose statements name procedures follows from its cases, or isn't logged: found among those that are kept,
//! or in the chains that come with it, which are kept then. Its cases are held until it is logged: no event comes in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use callboard_federation::{
    disclosure::DocketDisclosure,
    dsse::Envelope,
    encoding::{CaseId, Hash, from_json},
    event::{CaseState, ChainError, Event},
    replay::{ReadDocket, RuleError},
};
use callboard_rules::case::{
    Case,
    act::Act,
    docket::{Docket, Submitted, check},
    error::CaseError,
};

use super::{CaseEventError, HandedIn, HeldCase, LedgerError, MAX_EVENTS, ProcedureError, Taking};
use crate::ledger::Ledger;

/// The cases of a docket, held until it is logged.
pub(in crate::ledger) struct CasesOfDocket {
    held: BTreeMap<CaseId, HeldCase>,
    procedures: BTreeSet<Hash>,
}

impl CasesOfDocket {
    /// Whether nothing has to be held.
    pub(in crate::ledger) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

impl Ledger {
    /// Holds a docket against its cases, and these until what is given is dropped. `handed` are the chains that came with
    /// it.
    pub(in crate::ledger) async fn check_cases(
        self: &Arc<Self>,
        read: &ReadDocket<DocketDisclosure>,
        handed: Vec<Vec<Envelope>>,
    ) -> Result<CasesOfDocket, LedgerError> {
        let submitted = submitted(read);
        let procedures: BTreeSet<Hash> = submitted.iter().filter_map(Submitted::procedure).collect();
        let mut of_docket = CasesOfDocket { held: BTreeMap::new(), procedures };
        if handed.is_empty() && submitted.iter().all(|submitted| submitted.statement.basis().is_none()) {
            return Ok(of_docket);
        }
        // Nothing is followed or kept for whoever brings what too few seats signed. The roster is that in force: under
        // another the docket isn't logged, whatever comes in between.
        let (roster, logged_at) = {
            let (replay, now) = (self.replay(), self.clock.now());
            let logged_at = replay.logged_at().map_or(now, |last| now.max(last));
            replay.check_signed(read, logged_at)?;
            (replay.roster().cloned().ok_or(RuleError::Genesis)?, logged_at)
        };
        let handed = handed_chains(handed)?;
        let mut named: BTreeSet<CaseId> = handed.iter().map(|(id, _)| *id).collect();
        for procedure in &of_docket.procedures {
            named.extend(self.store().case_event(*procedure).await?.map(|event| event.case));
        }
        // In one order, so that no two wait for one another.
        for id in named {
            of_docket.held.insert(id, self.cases.hold(id).await);
        }
        let cases = self.cases_of(&mut of_docket.held, &handed).await?;
        let signatures = &read.disclosed().envelope.signatures;
        let signers = signatures.iter().filter_map(|line| roster.seat(&line.keyid)).map(|seat| seat.role);
        let signers: Vec<_> = signers.collect();
        let docket = Docket { hash: read.payload_hash(), logged_at, statements: &submitted, signers: &signers };
        check(docket, &cases, &roster).map_err(ProcedureError::from)?;
        // Before it is logged: whoever audits finds what it follows from, whatever happens in between.
        for (id, chain) in handed {
            if let Some(held) = of_docket.held.get_mut(&id) {
                self.keep_chain(held, chain).await?;
            }
        }
        Ok(of_docket)
    }

    /// Keeps what the registry hasn't of a chain that was handed in, acknowledged, all of it or nothing; but for what is
    /// sealed.
    async fn keep_chain(self: &Arc<Self>, held: &mut HeldCase, chain: Vec<Envelope>) -> Result<(), LedgerError> {
        let kept = held.as_ref().map_or(0, |case| case.head.seq());
        let (mut case, mut events) = (held.take(), Vec::new());
        for envelope in chain.into_iter().skip(usize::try_from(kept).unwrap_or(usize::MAX)) {
            let seq = kept + events.len() as u64;
            let event: Event = from_json(&envelope.payload.0)
                .map_err(|source| ProcedureError::Chain(ChainError::Payload { seq, source }.into()))?;
            let (act, _) = Act::read(&event)
                .map_err(|why| ProcedureError::Chain(CaseError::Act { seq, act: event.act.clone(), why }))?;
            let taking = Taking { envelope, event, act, sealed: None };
            events.push(self.judged(&mut case, taking).await.map_err(refused)?);
        }
        self.keep(held, case, &events).await.map_err(refused)
    }

    /// The cases that are held, each as the longer of what is kept and what was handed in.
    async fn cases_of(
        self: &Arc<Self>,
        held: &mut BTreeMap<CaseId, HeldCase>,
        handed: &[(CaseId, Vec<Envelope>)],
    ) -> Result<Vec<Case>, LedgerError> {
        let mut cases = BTreeMap::new();
        for (id, held) in held.iter_mut() {
            self.bring_to_hand(held, *id).await?;
            cases.extend(held.as_ref().map(|case| (*id, case.clone())));
        }
        // Each case is known to those that are handed in behind it.
        let mut others = HandedIn::default();
        for &(id, ref chain) in handed {
            let kept = self.store().case_event_hashes(id).await?;
            let both = (0..).zip(kept.iter().zip(chain));
            let mut parting = both.filter(|(_, (kept, handed))| **kept != handed.payload_hash());
            if let Some((seq, _)) = parting.next() {
                return Err(ProcedureError::Parted { case: id, seq }.into());
            }
            let case = match cases.remove(&id) {
                Some(kept_case) if kept.len() >= chain.len() => kept_case,
                _ => {
                    let Some(first) = chain.first() else { continue };
                    let before = self.earlier_of(first, &others).await?;
                    self.follow_case(None, chain.clone(), before).await?.map_err(ProcedureError::Chain)?
                }
            };
            if case.state() == CaseState::Closed {
                others.sat.insert(id, case.sat());
            }
            others.chains.insert(id, chain);
            cases.insert(id, case);
        }
        Ok(cases.into_values().collect())
    }

    /// Says of the cases of a docket that it is logged.
    pub(in crate::ledger) async fn issue(self: &Arc<Self>, mut of_docket: CasesOfDocket, docket: Hash) {
        for (id, held) in &mut of_docket.held {
            for procedure in &of_docket.procedures {
                let Some(case) = &**held else { break };
                if case.resolution_of(procedure).is_ok_and(|resolution| resolution.issued.is_none()) {
                    let at = self.time_of_own(case);
                    let said = self.say(held, Act::Issued { procedure: *procedure, docket }, at).await;
                    if let Err(error) = said {
                        // The job says it.
                        tracing::warn!(%error, case = %id, "that a docket is issued waits for the next run");
                    }
                }
            }
        }
    }
}

/// Why a chain isn't kept that the docket follows from.
fn refused(error: CaseEventError) -> LedgerError {
    match error {
        CaseEventError::Ledger(error) => error,
        CaseEventError::Refused { source, .. } => ProcedureError::Chain(source).into(),
        // Somebody else had the place first.
        _ => LedgerError::Late,
    }
}

/// The statements as the rules of cases take them.
fn submitted(read: &ReadDocket<DocketDisclosure>) -> Vec<Submitted<'_>> {
    let each = read.docket().items.iter().zip(read.statements()).zip(&read.disclosed().items);
    let each = each.filter_map(|((item, statement), bytes)| {
        Some(Submitted { item, statement: statement.as_ref()?, bytes: bytes.as_ref()? })
    });
    each.collect()
}

/// The chains that were handed in, one a case.
fn handed_chains(handed: Vec<Vec<Envelope>>) -> Result<Vec<(CaseId, Vec<Envelope>)>, ProcedureError> {
    let mut chains: Vec<(CaseId, Vec<Envelope>)> = Vec::new();
    for chain in handed {
        let empty = || ProcedureError::Chain(ChainError::Empty.into());
        let first = chain.first().ok_or_else(empty)?;
        if chain.len() as u64 > MAX_EVENTS {
            return Err(ProcedureError::Full);
        }
        let event: Event = from_json(&first.payload.0)
            .map_err(|source| ProcedureError::Chain(ChainError::Payload { seq: 0, source }.into()))?;
        if chains.iter().any(|(id, _)| *id == event.case) {
            return Err(ProcedureError::Parted { case: event.case, seq: 0 });
        }
        chains.push((event.case, chain));
    }
    Ok(chains)
}
