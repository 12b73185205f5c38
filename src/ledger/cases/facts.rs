//! What an event makes of its case, as figures count it: kept with the event, so that no figure replays cases.

use std::collections::BTreeMap;

use callboard_federation::{
    encoding::Hash,
    statement::{Act as Decided, Kind, Statement},
};
use callboard_rules::case::{Case, act::Act, resolution::Resolution};

use super::LedgerError;
use crate::{
    ledger::Ledger,
    store::figures::{CaseFact, FactKind},
};

impl Ledger {
    /// What is counted of an act, whose event has this hash, of a case that took it.
    pub(super) async fn facts_of(&self, case: &Case, act: &Act, event: Hash) -> Result<Vec<CaseFact>, LedgerError> {
        let one = |what| vec![CaseFact::of(what)];
        let is_first = |is_so: fn(&Resolution) -> bool| {
            case.resolutions.values().filter(|resolution| !resolution.is_interim() && is_so(resolution)).count() == 1
        };
        Ok(match act {
            Act::Opened { .. } => one(FactKind::Opened),
            Act::Recused { .. } => one(FactKind::Recused),
            Act::ChallengeDecided { upheld: true, .. } => one(FactKind::ChallengeUpheld),
            Act::ChallengeDecided { upheld: false, .. } => one(FactKind::ChallengeRejected),
            Act::SessionClosed { session } => {
                let unopened = case.sessions.get(session).map_or(0, |session| session.unopened().count() as u64);
                let fact = CaseFact { number: unopened, ..CaseFact::of(FactKind::VotesNotOpened) };
                if unopened > 0 { vec![fact] } else { Vec::new() }
            }
            Act::Resolved { .. } | Act::Confirmed { .. } => match case.resolution_of(&event) {
                Ok(resolution) if resolution.is_interim() => one(FactKind::InterimOrdered),
                Ok(_) if is_first(|resolution| resolution.procedure.is_some()) => one(FactKind::Decided),
                _ => Vec::new(),
            },
            Act::Issued { procedure, docket } => {
                let mut facts = self.statements_of(procedure, docket).await?;
                let mut issued = case.resolutions.values().filter(|one| one.procedure == Some(*procedure));
                let is_interim = issued.any(Resolution::is_interim);
                if !is_interim && is_first(|resolution| resolution.issued.is_some()) {
                    facts.push(CaseFact::of(FactKind::Logged));
                }
                facts
            }
            _ => Vec::new(),
        })
    }

    /// How many statements of a docket name a procedure, by measure or kind; erased ones aren't known any more.
    async fn statements_of(&self, procedure: &Hash, docket: &Hash) -> Result<Vec<CaseFact>, LedgerError> {
        let index = self.replay().index_of(docket);
        let Some(index) = index else { return Ok(Vec::new()) };
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        for bytes in self.store().entries(index, index + 1).await?.into_iter().flat_map(|entry| entry.items).flatten() {
            let statement = Statement::from_json(&bytes).map_err(|_| LedgerError::Unreadable { index })?;
            if statement.basis().is_some_and(|basis| basis.procedure == *procedure) {
                *counts.entry(word_of(&statement)).or_default() += 1;
            }
        }
        let fact =
            |(word, number): (&str, u64)| CaseFact { what: FactKind::Statements, detail: word.to_owned(), number };
        Ok(counts.into_iter().map(fact).collect())
    }
}

/// Of a ruling the measure that it imposes, else what it is.
const fn word_of(statement: &Statement) -> &'static str {
    match &statement.act {
        Decided::Ruling { imposed, .. } => imposed.measure.kind.as_str(),
        _ => Kind::as_str(statement.kind()),
    }
}
