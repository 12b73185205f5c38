//! What happened in cases in a quarter: opened, decided and logged under which instrument, and how long it took.

use std::collections::BTreeMap;

use callboard_api::registry::figures::{AppealFigures, CaseFigures, Counted, InstrumentFigures, ReturnFigures};
use callboard_rules::suppression::{Breakdown, Published};

use super::{elapsed, figure};
use crate::store::figures::{CaseFactRow, FactKind};

#[derive(Default)]
struct Instrument {
    opened: u64,
    /// How long each case took that was decided, in milliseconds since its opening; and likewise logged.
    decided: Vec<i64>,
    logged: Vec<i64>,
    statements: BTreeMap<String, u64>,
}

/// What is told of these facts.
pub(super) fn figures(rows: &[CaseFactRow]) -> CaseFigures {
    let mut instruments: BTreeMap<&str, Instrument> = BTreeMap::new();
    let mut counts: BTreeMap<FactKind, u64> = BTreeMap::new();
    for CaseFactRow { instrument, opened_at, at, fact, .. } in rows {
        let of = instruments.entry(instrument).or_default();
        let since = at.as_millis() - opened_at.as_millis();
        match fact.what {
            FactKind::Opened => of.opened += fact.number,
            FactKind::Decided => of.decided.push(since),
            FactKind::Logged => of.logged.push(since),
            FactKind::Statements => *of.statements.entry(fact.detail.clone()).or_default() += fact.number,
            what => *counts.entry(what).or_default() += fact.number,
        }
    }
    let each = |count: fn(&Instrument) -> u64| Breakdown::of(&instruments.values().map(count).collect::<Vec<_>>());
    let opened = each(|of| of.opened);
    let decided = each(|of| of.decided.len() as u64);
    let rows = instruments.iter().zip(opened.parts.iter().zip(&decided.parts));
    let instruments = rows.map(|((name, of), (opened, decided))| of.figures(name, *opened, *decided)).collect();
    let alone = |what| figure(Published::alone(counts.get(&what).copied().unwrap_or(0)));
    CaseFigures {
        opened: figure(opened.total),
        decided: figure(decided.total),
        instruments,
        recused: alone(FactKind::Recused),
        challenges_upheld: alone(FactKind::ChallengeUpheld),
        challenges_rejected: alone(FactKind::ChallengeRejected),
        votes_not_opened: alone(FactKind::VotesNotOpened),
        interims_ordered: alone(FactKind::InterimOrdered),
        appeals: AppealFigures {
            filed: alone(FactKind::AppealFiled),
            no_panel: alone(FactKind::AppealWithoutPanel),
            upheld: alone(FactKind::AppealUpheld),
            varied: alone(FactKind::AppealVaried),
            annulled: alone(FactKind::AppealAnnulled),
            dropped: alone(FactKind::AppealDropped),
        },
        returns: ReturnFigures {
            applied: alone(FactKind::ReturnApplied),
            granted: alone(FactKind::ReturnGranted),
            refused: alone(FactKind::ReturnRefused),
            relapses: alone(FactKind::Relapse),
        },
    }
}

impl Instrument {
    fn figures(&self, name: &str, opened: Published, decided: Published) -> InstrumentFigures {
        let statements = Breakdown::of(&self.statements.values().copied().collect::<Vec<_>>());
        let by = self.statements.keys().zip(&statements.parts);
        InstrumentFigures {
            instrument: name.to_owned(),
            opened: figure(opened),
            decided: figure(decided),
            to_decision: elapsed(self.decided.clone()),
            to_docket: elapsed(self.logged.clone()),
            statements: figure(statements.total),
            statements_by: by.map(|(of, part)| Counted { of: of.clone(), figure: figure(*part) }).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use callboard_api::registry::figures::Hidden;
    use callboard_federation::encoding::{CaseId, Time};

    use super::*;
    use crate::store::figures::CaseFact;

    fn row(instrument: &str, what: FactKind, detail: &str, number: u64, hours: i64) -> CaseFactRow {
        CaseFactRow {
            case: CaseId::new(Time::from_millis(0), [0; 10]),
            instrument: instrument.to_owned(),
            opened_at: Time::from_millis(0),
            at: Time::from_millis(hours * 3_600_000),
            fact: CaseFact { what, detail: detail.to_owned(), number },
        }
    }

    #[test]
    fn cases_are_counted_by_instrument_and_what_is_few_is_hidden() {
        let mut rows = Vec::new();
        for hours in 1..=10 {
            rows.push(row("a", FactKind::Opened, "", 1, 0));
            rows.push(row("a", FactKind::Decided, "", 1, hours * 24));
        }
        rows.push(row("a", FactKind::Statements, "suspension", 88, 300));
        rows.push(row("a", FactKind::Statements, "bar", 3, 300));
        rows.push(row("b", FactKind::Opened, "", 1, 0));
        rows.push(row("b", FactKind::VotesNotOpened, "", 2, 0));
        rows.push(row("b", FactKind::VotesNotOpened, "", 3, 0));
        rows.push(row("b", FactKind::Recused, "", 1, 0));
        rows.push(row("b", FactKind::AppealFiled, "", 7, 0));
        rows.push(row("b", FactKind::AppealUpheld, "", 4, 0));
        rows.push(row("b", FactKind::Relapse, "", 1, 0));
        let CaseFigures { opened, decided, instruments, recused, votes_not_opened, appeals, returns, .. } =
            figures(&rows);
        assert_eq!((opened.hidden, decided.count), (Some(Hidden::Withheld), Some(10)), "11 - 10");
        let [a, b] = instruments.as_slice() else { panic!("{instruments:?}") };
        assert_eq!((a.opened.count, b.opened.hidden), (Some(10), Some(Hidden::UnderFive)));
        assert_eq!((a.to_decision.median_hours, a.to_decision.p90_hours), (Some(120), Some(216)));
        assert_eq!((b.to_decision.median_hours, a.to_docket.median_hours), (None, None));
        let by: Vec<_> = a.statements_by.iter().map(|one| (one.of.as_str(), one.figure.count)).collect();
        assert_eq!((by, a.statements.hidden), (vec![("bar", None), ("suspension", Some(88))], Some(Hidden::Withheld)));
        assert_eq!((recused.hidden, votes_not_opened.count), (Some(Hidden::UnderFive), Some(5)));
        assert_eq!((appeals.filed.count, appeals.upheld.hidden), (Some(7), Some(Hidden::UnderFive)));
        assert_eq!((appeals.no_panel.count, returns.relapses.hidden), (Some(0), Some(Hidden::UnderFive)));
    }
}
