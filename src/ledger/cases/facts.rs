//! What an event makes of its case, as figures count it: kept with the event, so that no figure replays cases.

use std::collections::BTreeMap;

use callboard_federation::{
    encoding::Hash,
    statement::{Act as Decided, Kind, Statement},
};
use callboard_rules::case::{
    Case, act::Act, appeal::Outcome, item::ItemState, law::Law, resolution::Resolution, returning::is_relapse,
};

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
        // What appeals and returns come to is counted apart: no count stands in two tables.
        let is_apart = case.appeal.is_some() || case.application.is_some();
        Ok(match act {
            Act::Opened { application: Some(_), .. } => one(FactKind::ReturnApplied),
            Act::Opened { appeal: Some(_), .. } => self.appeals_without_panel(case),
            Act::Opened { .. } => one(FactKind::Opened),
            Act::Appealed { items, .. } => some(FactKind::AppealFiled, items.len()).into_iter().collect(),
            Act::Closed {} => self.ended(case),
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
                Ok(_) if !is_apart && is_first(|resolution| resolution.procedure.is_some()) => one(FactKind::Decided),
                _ => Vec::new(),
            },
            Act::Issued { procedure, docket } => {
                let relapsed = case.resolutions.values().filter(|one| one.procedure == Some(*procedure));
                let relapsed = relapsed.flat_map(|one| one.items.keys()).filter_map(|item| case.items.get(item));
                let relapsed = some(FactKind::Relapse, relapsed.filter(|item| is_relapse(item)).count());
                if is_apart {
                    return Ok(relapsed.into_iter().collect());
                }
                let mut facts = self.statements_of(procedure, docket).await?;
                facts.extend(relapsed);
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

    /// Of how many people the appeal was opened though no panel can be formed.
    fn appeals_without_panel(&self, case: &Case) -> Vec<CaseFact> {
        let outcomes = case.outcomes(&Law::of(&self.replay()), case.at());
        let without = outcomes.values().filter(|outcome| **outcome == Outcome::NoPanel).count();
        some(FactKind::AppealWithoutPanel, without).into_iter().collect()
    }

    /// What became of appeals and of applications to return, once their case is closed.
    fn ended(&self, case: &Case) -> Vec<CaseFact> {
        if case.application.is_some() {
            let are = |is_so: fn(ItemState) -> bool| case.items.values().filter(|item| is_so(item.state)).count();
            let granted = are(|state| state == ItemState::Issued);
            let refused = are(|state| matches!(state, ItemState::VotedDown(_)));
            let facts = [some(FactKind::ReturnGranted, granted), some(FactKind::ReturnRefused, refused)];
            return facts.into_iter().flatten().collect();
        }
        let outcomes = case.outcomes(&Law::of(&self.replay()), case.at());
        let ended = [
            (Outcome::Upheld, FactKind::AppealUpheld),
            (Outcome::Varied, FactKind::AppealVaried),
            (Outcome::Annulled, FactKind::AppealAnnulled),
            (Outcome::Dropped, FactKind::AppealDropped),
        ];
        let count = |of: Outcome| outcomes.values().filter(|outcome| **outcome == of).count();
        ended.into_iter().filter_map(|(outcome, fact)| some(fact, count(outcome))).collect()
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

/// So many of something, if there is any.
fn some(what: FactKind, number: usize) -> Option<CaseFact> {
    (number > 0).then(|| CaseFact { number: number as u64, ..CaseFact::of(what) })
}

/// Of a ruling the measure that it imposes, else what it is.
const fn word_of(statement: &Statement) -> &'static str {
    match &statement.act {
        Decided::Ruling { imposed, .. } => imposed.measure.kind.as_str(),
        _ => Kind::as_str(statement.kind()),
    }
}
