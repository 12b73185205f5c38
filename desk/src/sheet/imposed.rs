//! What a row imposes: measure, scopes, from when, how long. What means one thing is taken; what nobody wrote is asked for.

use callboard_client::table::Cell;
use callboard_federation::{
    encoding::Time,
    policy::UntilRule,
    statement::{Measure, MeasureKind, Scope},
};
use jiff::civil::Date;

use super::{
    civil::{self, Term},
    column::Column,
    finding::FindingKind,
    row::{OneRow, Told},
    word::{self, MeasureWord, ScopeWord, all_scopes, read_measure, read_scope},
};

/// From when a measure holds: an instant, and the day that its term counts from.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) at: Time,
    day: Date,
}

/// When a measure's term is over, as somebody wrote it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Never,
    At(Time),
}

/// The words for a measure that holds once it is logged.
const ON_LOGGING: [&str; 9] = [
    "自登记之日起",
    "自登记之日",
    "登记之日起",
    "登记之日",
    "自登记起",
    "登记时",
    "onlogging",
    "fromlogging",
    "whenlogged",
];

impl OneRow<'_, '_> {
    pub(super) fn start(&mut self) -> Result<Start, Told> {
        const COLUMN: Column = Column::EffectiveAt;
        let rules = self.reader.rules;
        let today = civil::day_of(rules.now, &rules.zone);
        let on_logging = Start { at: rules.now, day: today };
        let start = match self.cell(COLUMN) {
            Cell::Empty if self.reader.layout.index(COLUMN).is_none() => on_logging,
            Cell::Empty => return Err(self.wrong(COLUMN, FindingKind::StartMissing)),
            Cell::Text(text) if ON_LOGGING.contains(&word::folded(text).replace(' ', "").as_str()) => on_logging,
            _ => {
                let when = self.date(COLUMN)?.and_then(|when| when.start(&rules.zone));
                let at = when.ok_or_else(|| self.wrong(COLUMN, FindingKind::InvalidDate))?;
                Start { at, day: civil::day_of(at, &rules.zone) }
            }
        };
        if start.at < rules.policy.effective_from {
            return Err(self.wrong(COLUMN, FindingKind::BeforePolicy));
        }
        if start.day < today && !rules.confirmed.takes_past {
            return Err(self.wrong(COLUMN, FindingKind::StartPast));
        }
        Ok(start)
    }

    pub(super) fn measure(&mut self, start: Start) -> Result<Measure, Told> {
        let scopes = self.scopes();
        let until = self.until(start);
        let kind = self.measure_kind()?;
        let policy = self.reader.rules.policy;
        let Some(rule) = policy.measures.get(&kind) else {
            let measure = word::choices(policy, [kind].into_iter());
            return Err(
                self.wrong(Column::Measure, FindingKind::MeasureNotInPolicy { policy: policy.title.clone(), measure })
            );
        };
        let (scopes, until) = (scopes?, until?);
        let scopes = match scopes {
            Some(scopes) => scopes,
            None => all_scopes(rule).ok_or_else(|| self.wrong(Column::Scopes, FindingKind::ScopesRequired))?,
        };
        if !rule.allows(&scopes) {
            let wrong =
                if rule.scopes.is_empty() { FindingKind::ScopesForbidden } else { FindingKind::ScopesNotInPolicy };
            return Err(self.wrong(Column::Scopes, wrong));
        }
        if self.reader.rules.is_interim {
            self.check_interim(kind, start.at, until)?;
        } else {
            match (rule.until, until) {
                (UntilRule::Required, None) => return Err(self.wrong(Column::Term, FindingKind::UntilRequired)),
                (UntilRule::Forbidden, Some(_)) => return Err(self.wrong(Column::Term, FindingKind::UntilForbidden)),
                _ => {}
            }
        }
        Ok(Measure { kind, scopes, until })
    }

    fn measure_kind(&mut self) -> Result<MeasureKind, Told> {
        let (word, policy) = (self.needed(Column::Measure)?, self.reader.rules.policy);
        let header = self.reader.layout.title(Column::Measure).unwrap_or_default();
        let is_chinese = header.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let wrong = match read_measure(word, policy, is_chinese) {
            MeasureWord::One(kind) => return Ok(kind),
            MeasureWord::Either(kinds) => FindingKind::AmbiguousMeasure(word::choices(policy, kinds.into_iter())),
            MeasureWord::Unknown => FindingKind::UnknownMeasure(word::choices(policy, policy.measures.keys().copied())),
        };
        Err(self.wrong(Column::Measure, wrong))
    }

    fn check_interim(&mut self, kind: MeasureKind, start: Time, until: Option<Time>) -> Result<(), Told> {
        let days = self.reader.rules.policy.interim.max_days;
        if !matches!(kind, MeasureKind::Restriction | MeasureKind::Suspension) {
            return Err(self.wrong(Column::Measure, FindingKind::NotAnInterim));
        }
        match until {
            None => Err(self.wrong(Column::Term, FindingKind::UntilRequired)),
            Some(until) if until > start.plus_days(i64::from(days)) => {
                Err(self.wrong(Column::Term, FindingKind::InterimTooLong { days }))
            }
            Some(_) => Ok(()),
        }
    }

    /// When its term is over; `None`: somebody wrote that it has no end.
    fn until(&mut self, start: Start) -> Result<Option<Time>, Told> {
        let (until, term) = (self.written_end(), self.term(start));
        let (column, end) = match (until?, term?) {
            (None, None) => {
                let has_term = self.reader.layout.index(Column::Term).is_some();
                let column = if has_term { Column::Term } else { Column::Until };
                return Err(self.wrong(column, FindingKind::TermMissing));
            }
            (Some(until), Some(term)) if until != term => {
                return Err(self.wrong(Column::Term, FindingKind::TermAndUntil));
            }
            (Some(end), _) => (Column::Until, end),
            (None, Some(end)) => (Column::Term, end),
        };
        match end {
            End::Never => Ok(None),
            End::At(end) if end > start.at => Ok(Some(end)),
            End::At(_) => Err(self.wrong(column, FindingKind::UntilBeforeStart)),
        }
    }

    fn written_end(&mut self) -> Result<Option<End>, Told> {
        if self.cell(Column::Until).text().is_some_and(civil::is_endless) {
            return Ok(Some(End::Never));
        }
        let zone = &self.reader.rules.zone;
        match self.date(Column::Until)? {
            None => Ok(None),
            Some(until) if until.is_midnight() => Err(self.wrong(Column::Until, FindingKind::MidnightEnd)),
            Some(until) => {
                let end = until.end(zone).map(End::At);
                end.map(Some).ok_or_else(|| self.wrong(Column::Until, FindingKind::InvalidDate))
            }
        }
    }

    fn term(&mut self, start: Start) -> Result<Option<End>, Told> {
        let Some(text) = self.text(Column::Term)? else { return Ok(None) };
        let end = match civil::read_term(text) {
            Some(Term::Endless) => Some(End::Never),
            Some(Term::Of(span)) => civil::after(start.day, span, &self.reader.rules.zone).map(End::At),
            None => None,
        };
        end.map(Some).ok_or_else(|| self.wrong(Column::Term, FindingKind::InvalidTerm))
    }

    /// The scopes that are named; `None`: all that the policy allows.
    fn scopes(&mut self) -> Result<Option<Vec<Scope>>, Told> {
        let words = self.words(Column::Scopes)?;
        let (mut scopes, mut is_all) = (Vec::new(), words.is_empty());
        for word in &words {
            match read_scope(word) {
                Some(ScopeWord::All) if words.len() == 1 => is_all = true,
                Some(ScopeWord::One(scope)) if !scopes.contains(&scope) => scopes.push(scope),
                _ => return Err(self.wrong(Column::Scopes, FindingKind::UnknownScope)),
            }
        }
        Ok((!is_all).then_some(scopes))
    }
}
