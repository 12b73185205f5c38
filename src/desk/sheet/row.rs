//! One row: what its cells mean, all that is wrong with them told at once.

use std::collections::HashMap;

use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    identity::{Identity, reader::Reading},
    policy::UntilRule,
    sealed::{Conduct, Plain},
    statement::{MAX_ABOUT, Measure, MeasureKind, Scope, SubjectType},
};

use super::{
    Rules,
    civil::{self, When},
    column::{Column, Layout},
    fault::{Fault, Wrong},
    grid::Cell,
    word::{has_full_width_digits, parts, read_scope},
};

/// What is to be decided about one subject.
pub struct Row {
    /// Its number in the sheet, from 1.
    pub number: u32,
    /// What the subject is.
    pub subject_type: SubjectType,
    /// Its identities, at least one, and the holder of a passport beside it where that is told.
    pub readings: Vec<Reading>,
    /// What it imposes.
    pub measure: Measure,
    /// From when.
    pub effective_at: Time,
    /// The interims that it follows.
    pub follows: Vec<RecordId>,
    /// What is to be sealed.
    pub plain: Plain,
}

impl Row {
    /// Its identities.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.readings.iter().map(|reading| &reading.identity)
    }
}

/// Something wrong was told already.
pub(super) struct Told;

/// Reads rows in their order and gathers what is wrong with them.
pub(super) struct RowReader<'a> {
    pub(super) rules: &'a Rules<'a>,
    pub(super) layout: &'a Layout,
    pub(super) seen: HashMap<Identity, u32>,
    /// What was found so far.
    pub(super) faults: Vec<Fault>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(rules: &'a Rules<'a>, layout: &'a Layout) -> Self {
        Self { rules, layout, seen: HashMap::new(), faults: Vec::new() }
    }

    /// Reads one row; nothing, if anything is wrong with it.
    pub(super) fn read(&mut self, number: u32, cells: &[Cell]) -> Option<Row> {
        for (index, cell) in cells.iter().enumerate().skip(self.layout.width()) {
            if *cell != Cell::Empty {
                let place = super::fault::Place { row: Some(number), index: Some(index), column: None };
                self.faults.push(Fault { place, wrong: Wrong::BeyondHeaders });
            }
        }
        let before = self.faults.len();
        let mut row = OneRow { reader: self, number, cells };
        let row = row.read();
        row.ok().filter(|_| self.faults.len() == before)
    }
}

pub(super) struct OneRow<'r, 'a> {
    pub(super) reader: &'r mut RowReader<'a>,
    pub(super) number: u32,
    cells: &'r [Cell],
}

impl<'r> OneRow<'r, '_> {
    /// Every part is read before the first that fails ends it.
    fn read(&mut self) -> Result<Row, Told> {
        let subject_type = self.subject_type();
        let person = subject_type.as_ref().map_err(|_| Told).and_then(|subject_type| self.person(*subject_type));
        let names = self.list(Column::Names);
        let accounts = self.accounts();
        let effective_at = self.effective_at();
        let measure = effective_at.as_ref().map_err(|_| Told).and_then(|start| self.measure(*start));
        let violations = self.violations();
        let conduct = self.conduct();
        let evidence = self.evidence();
        let follows = self.follows();
        let reasons = self.needed(Column::Reasons);
        let guardian = self.text(Column::Guardian).map(|guardian| guardian.map(str::to_owned));
        let (person, conduct) = (person?, conduct?);
        let guardian = self.guardian(&person, conduct, guardian?)?;
        Ok(Row {
            number: self.number,
            subject_type: subject_type?,
            measure: measure?,
            effective_at: effective_at?,
            follows: follows?,
            plain: Plain {
                names: names?,
                accounts: accounts?,
                violations: violations?,
                conduct,
                evidence: evidence?,
                reasons: reasons?.to_owned(),
                guardian,
                more: person.more(),
                ..Plain::default()
            },
            readings: person.readings,
        })
    }

    pub(super) fn wrong(&mut self, column: Column, wrong: Wrong) -> Told {
        let place = self.reader.layout.place(self.number, column);
        self.reader.faults.push(Fault { place, wrong });
        Told
    }

    pub(super) fn cell(&self, column: Column) -> &'r Cell {
        let cell = self.reader.layout.index(column).and_then(|index| self.cells.get(index));
        cell.unwrap_or(&Cell::Empty)
    }

    /// The text of a cell that isn't a date's; `None` if it is empty.
    pub(super) fn text(&mut self, column: Column) -> Result<Option<&'r str>, Told> {
        let wrong = match self.cell(column) {
            Cell::Empty => return Ok(None),
            Cell::Text(text) if column.takes_full_width() || !has_full_width_digits(text) => return Ok(Some(text)),
            Cell::Text(_) => Wrong::FullWidthDigits,
            Cell::Number => Wrong::Number,
            Cell::Date(_) => Wrong::DateInText,
            Cell::Other => Wrong::Unexpected,
            Cell::Error => Wrong::Formula,
        };
        Err(self.wrong(column, wrong))
    }

    pub(super) fn needed(&mut self, column: Column) -> Result<&'r str, Told> {
        self.text(column)?.ok_or_else(|| self.wrong(column, Wrong::Missing))
    }

    fn list(&mut self, column: Column) -> Result<Vec<String>, Told> {
        let text = self.text(column)?.unwrap_or_default();
        Ok(parts(text).map(str::to_owned).collect())
    }

    pub(super) fn date(&mut self, column: Column) -> Result<Option<When>, Told> {
        let wrong = match self.cell(column) {
            Cell::Empty => return Ok(None),
            Cell::Date(date) => return Ok(Some(When::of_cell(*date))),
            Cell::Text(text) if has_full_width_digits(text) => Wrong::FullWidthDigits,
            Cell::Text(text) => match When::read(text) {
                Some(when) => return Ok(Some(when)),
                None => Wrong::InvalidDate,
            },
            Cell::Number => Wrong::NumberAsDate,
            Cell::Other => Wrong::InvalidDate,
            Cell::Error => Wrong::Formula,
        };
        Err(self.wrong(column, wrong))
    }

    fn subject_type(&mut self) -> Result<SubjectType, Told> {
        match self.text(Column::SubjectType)? {
            None | Some("person" | "个人") => Ok(SubjectType::Person),
            Some("enterprise" | "企业") => Ok(SubjectType::Enterprise),
            Some("persona" | "虚拟主播") => Ok(SubjectType::Persona),
            Some(_) => Err(self.wrong(Column::SubjectType, Wrong::UnknownSubjectType)),
        }
    }

    fn accounts(&mut self) -> Result<Vec<String>, Told> {
        let accounts = self.list(Column::Accounts)?;
        let is_account = |account: &String| {
            account.split_once(':').is_some_and(|(member, account)| !member.is_empty() && !account.is_empty())
        };
        if accounts.iter().all(is_account) {
            Ok(accounts)
        } else {
            Err(self.wrong(Column::Accounts, Wrong::InvalidAccount))
        }
    }

    fn effective_at(&mut self) -> Result<Time, Told> {
        let rules = self.reader.rules;
        let start = match self.date(Column::EffectiveAt)? {
            None => rules.now,
            Some(when) => when.start(&rules.zone).ok_or_else(|| self.wrong(Column::EffectiveAt, Wrong::InvalidDate))?,
        };
        if start < rules.policy.effective_from {
            return Err(self.wrong(Column::EffectiveAt, Wrong::BeforePolicy));
        }
        Ok(start)
    }

    fn measure(&mut self, start: Time) -> Result<Measure, Told> {
        let scopes = self.scopes();
        let until = self.until(start);
        let word = self.needed(Column::Measure)?;
        let policy = self.reader.rules.policy;
        let kind = MeasureKind::from_word(word)
            .or_else(|| {
                policy.words.iter().find(|(_, words)| words.zh == word || words.en == word).map(|(kind, _)| *kind)
            })
            .ok_or_else(|| self.wrong(Column::Measure, Wrong::UnknownMeasure))?;
        let Some(rule) = policy.measures.get(&kind) else {
            return Err(self.wrong(Column::Measure, Wrong::MeasureNotInPolicy { measure: kind }));
        };
        let (scopes, until) = (scopes?, until?);
        if !rule.allows(&scopes) {
            let wrong = match (rule.scopes.is_empty(), scopes.is_empty()) {
                (true, _) => Wrong::ScopesForbidden,
                (false, true) => Wrong::ScopesRequired,
                (false, false) => Wrong::ScopesNotInPolicy,
            };
            return Err(self.wrong(Column::Scopes, wrong));
        }
        if self.reader.rules.is_interim {
            self.check_interim(kind, start, until)?;
        } else {
            match (rule.until, until) {
                (UntilRule::Required, None) => return Err(self.wrong(Column::Until, Wrong::UntilRequired)),
                (UntilRule::Forbidden, Some(_)) => return Err(self.wrong(Column::Until, Wrong::UntilForbidden)),
                _ => {}
            }
        }
        Ok(Measure { kind, scopes, until })
    }

    fn check_interim(&mut self, kind: MeasureKind, start: Time, until: Option<Time>) -> Result<(), Told> {
        let days = self.reader.rules.policy.interim.max_days;
        if !matches!(kind, MeasureKind::Restriction | MeasureKind::Suspension) {
            return Err(self.wrong(Column::Measure, Wrong::NotAnInterim));
        }
        match until {
            None => Err(self.wrong(Column::Until, Wrong::UntilRequired)),
            Some(until) if until > start.plus_days(i64::from(days)) => {
                Err(self.wrong(Column::Until, Wrong::InterimTooLong { days }))
            }
            Some(_) => Ok(()),
        }
    }

    fn until(&mut self, start: Time) -> Result<Option<Time>, Told> {
        let (until, term) = (self.date(Column::Until), self.text(Column::Term));
        let zone = &self.reader.rules.zone;
        let (column, end) = match (until?, term?) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(self.wrong(Column::Term, Wrong::TermAndUntil)),
            (Some(until), None) => {
                (Column::Until, until.end(zone).ok_or_else(|| self.wrong(Column::Until, Wrong::InvalidDate))?)
            }
            (None, Some(term)) => {
                let end = civil::read_term(term).and_then(|term| civil::after(start, term, zone));
                (Column::Term, end.ok_or_else(|| self.wrong(Column::Term, Wrong::InvalidTerm))?)
            }
        };
        if end > start { Ok(Some(end)) } else { Err(self.wrong(column, Wrong::UntilBeforeStart)) }
    }

    fn scopes(&mut self) -> Result<Vec<Scope>, Told> {
        let mut scopes = Vec::new();
        for word in self.list(Column::Scopes)? {
            match read_scope(&word) {
                Some(scope) if !scopes.contains(&scope) => scopes.push(scope),
                _ => return Err(self.wrong(Column::Scopes, Wrong::UnknownScope)),
            }
        }
        Ok(scopes)
    }

    fn violations(&mut self) -> Result<Vec<String>, Told> {
        self.needed(Column::Violations)?;
        let codes = self.list(Column::Violations)?;
        let known = &self.reader.rules.policy.violations;
        if codes.iter().all(|code| known.iter().any(|violation| violation.code == *code)) && !codes.is_empty() {
            Ok(codes)
        } else {
            Err(self.wrong(Column::Violations, Wrong::UnknownViolation))
        }
    }

    fn conduct(&mut self) -> Result<Option<Conduct>, Told> {
        let (from, to) = (self.date(Column::ConductFrom), self.date(Column::ConductTo));
        let zone = &self.reader.rules.zone;
        match (from?, to?) {
            (None, None) => Ok(None),
            (Some(from), Some(to)) => from
                .start(zone)
                .zip(to.last(zone))
                .filter(|(from, to)| from <= to)
                .map(|(from, to)| Some(Conduct { from, to }))
                .ok_or_else(|| self.wrong(Column::ConductTo, Wrong::InvalidConduct)),
            (None, Some(_)) => Err(self.wrong(Column::ConductFrom, Wrong::InvalidConduct)),
            (Some(_), None) => Err(self.wrong(Column::ConductTo, Wrong::InvalidConduct)),
        }
    }

    fn evidence(&mut self) -> Result<Vec<Hash>, Told> {
        let hashes = self.list(Column::Evidence)?.iter().map(|hash| hash.parse()).collect::<Result<_, _>>();
        hashes.map_err(|_| self.wrong(Column::Evidence, Wrong::InvalidEvidence))
    }

    fn follows(&mut self) -> Result<Vec<RecordId>, Told> {
        let ids = self.list(Column::Follows)?.iter().map(|id| id.parse()).collect::<Result<Vec<RecordId>, _>>();
        let is_list = |ids: &Vec<RecordId>| {
            ids.len() <= MAX_ABOUT && !ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id))
        };
        let allowed = |ids: &Vec<RecordId>| ids.is_empty() || !self.reader.rules.is_interim;
        match ids.ok().filter(is_list).filter(allowed) {
            Some(ids) => Ok(ids),
            None => Err(self.wrong(Column::Follows, Wrong::InvalidFollows)),
        }
    }
}
