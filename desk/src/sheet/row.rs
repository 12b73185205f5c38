//! One row: what its cells mean, all that is wrong with them told at once.

use std::collections::HashMap;

use callboard_client::table::{Cell, Odd, Row as Cells, day::day_of_number};

use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    identity::{Identity, reader::Reading},
    sealed::{Conduct, Plain},
    statement::{MAX_ABOUT, Measure, SubjectType},
};
use unicode_normalization::UnicodeNormalization as _;

use crate::minor::was_before;

use super::{
    Rules,
    civil::When,
    column::{Column, Layout},
    finding::{Finding, FindingKind, Place},
    word::{self, parts, read_violation, words},
};

/// What is to be decided about one subject.
pub struct Row {
    /// Its number in the sheet, from 1.
    pub number: u32,
    pub subject_type: SubjectType,
    /// Its identities, at least one, and the holder of a passport beside it where that is told.
    pub readings: Vec<Reading>,
    pub measure: Measure,
    pub effective_at: Time,
    pub follows: Vec<RecordId>,
    pub plain: Plain,
}

impl Row {
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
    pub(super) faults: Vec<Finding>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(rules: &'a Rules<'a>, layout: &'a Layout) -> Self {
        Self { rules, layout, seen: HashMap::new(), faults: Vec::new() }
    }

    /// Reads one row; nothing, if anything is wrong with it.
    pub(super) fn read(&mut self, cells: &Cells) -> Option<Row> {
        let before = self.faults.len();
        let row = OneRow { reader: self, number: cells.number, cells }.read();
        row.ok().filter(|_| self.faults.len() == before)
    }
}

pub(super) struct OneRow<'r, 'a> {
    pub(super) reader: &'r mut RowReader<'a>,
    pub(super) number: u32,
    cells: &'r Cells,
}

impl<'r> OneRow<'r, '_> {
    /// Every part is read before the first that fails ends it.
    fn read(&mut self) -> Result<Row, Told> {
        let subject_type = self.subject_type();
        let person = subject_type.as_ref().map_err(|_| Told).and_then(|subject_type| self.person(*subject_type));
        let names = self.names();
        let accounts = self.accounts();
        let start = self.start();
        let measure = start.as_ref().map_err(|_| Told).and_then(|start| self.measure(*start));
        let violations = self.violations();
        let conduct = self.conduct();
        let evidence = self.evidence();
        let follows = self.follows();
        let reasons = self.needed(Column::Reasons).map(str::to_owned);
        let guardian = self.text(Column::Guardian).map(|guardian| guardian.map(str::to_owned));
        let (person, conduct) = (person?, conduct?);
        let guardian = self.guardian(&person, conduct, guardian?)?;
        Ok(Row {
            number: self.number,
            subject_type: subject_type?,
            measure: measure?,
            effective_at: start?.at,
            follows: follows?,
            plain: Plain {
                names: names?,
                accounts: accounts?,
                violations: violations?,
                conduct,
                evidence: evidence?,
                reasons: reasons?,
                guardian,
                more: person.more(),
                ..Plain::default()
            },
            readings: person.readings,
        })
    }

    pub(super) fn wrong(&mut self, column: Column, wrong: FindingKind) -> Told {
        let place = Place::of(self.reader.layout, self.number, column);
        self.reader.faults.push(Finding { place, wrong });
        Told
    }

    pub(super) fn cell(&self, column: Column) -> &'r Cell {
        let index = self.reader.layout.index(column);
        index.map_or(&Cell::Empty, |index| self.cells.cell(index))
    }

    /// The text of a cell that isn't a date's; `None` if it is empty.
    pub(super) fn text(&mut self, column: Column) -> Result<Option<&'r str>, Told> {
        let wrong = match self.cell(column) {
            Cell::Empty => return Ok(None),
            Cell::Text(text) => return Ok(Some(text)),
            Cell::Number(_) => FindingKind::Number,
            Cell::Day(_) | Cell::Clock(_) => FindingKind::DateInText,
            Cell::Other => FindingKind::Unexpected,
            Cell::Error => FindingKind::Odd(Odd::Formula),
        };
        Err(self.wrong(column, wrong))
    }

    /// The text of a cell of words, whatever their width and case.
    pub(super) fn folded(&mut self, column: Column) -> Result<Option<String>, Told> {
        Ok(self.text(column)?.map(word::folded))
    }

    pub(super) fn needed(&mut self, column: Column) -> Result<&'r str, Told> {
        self.text(column)?.ok_or_else(|| self.wrong(column, FindingKind::Missing))
    }

    fn list(&mut self, column: Column) -> Result<Vec<String>, Told> {
        let text = self.text(column)?.unwrap_or_default();
        Ok(parts(text).map(str::to_owned).collect())
    }

    /// A list of words or codes, whatever their width.
    pub(super) fn words(&mut self, column: Column) -> Result<Vec<String>, Told> {
        let text: String = self.text(column)?.unwrap_or_default().nfkc().collect();
        Ok(words(&text).map(str::to_owned).collect())
    }

    /// Names of documents, at least one, then others.
    fn names(&mut self) -> Result<Vec<String>, Told> {
        let (names, aliases) = (self.list(Column::Names), self.list(Column::Aliases));
        let (mut names, aliases) = (names?, aliases?);
        if names.is_empty() {
            return Err(self.wrong(Column::Names, FindingKind::Missing));
        }
        names.extend(aliases);
        Ok(names)
    }

    pub(super) fn date(&mut self, column: Column) -> Result<Option<When>, Told> {
        let wrong = match self.cell(column) {
            Cell::Empty => return Ok(None),
            Cell::Day(day) => return Ok(Some(When::Day(*day))),
            Cell::Clock(clock) => return Ok(Some(When::Clock(*clock))),
            Cell::Text(text) => match When::read(text) {
                Some(when) => return Ok(Some(when)),
                None => FindingKind::InvalidDate,
            },
            Cell::Number(number) => match day_of_number(*number) {
                Some(day) => return Ok(Some(When::Day(day))),
                None => FindingKind::NumberAsDate,
            },
            Cell::Other => FindingKind::InvalidDate,
            Cell::Error => FindingKind::Odd(Odd::Formula),
        };
        Err(self.wrong(column, wrong))
    }

    fn subject_type(&mut self) -> Result<SubjectType, Told> {
        match self.folded(Column::SubjectType)?.as_deref() {
            None | Some("person" | "个人" | "自然人") => Ok(SubjectType::Person),
            Some("enterprise" | "企业" | "机构" | "单位" | "公司") => Ok(SubjectType::Enterprise),
            Some("persona" | "虚拟主播" | "虚拟人") => Ok(SubjectType::Persona),
            Some(_) => Err(self.wrong(Column::SubjectType, FindingKind::UnknownSubjectType)),
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
            Err(self.wrong(Column::Accounts, FindingKind::InvalidAccount))
        }
    }

    fn violations(&mut self) -> Result<Vec<String>, Told> {
        self.needed(Column::Violations)?;
        let known = &self.reader.rules.policy.violations;
        let mut codes: Vec<String> = Vec::new();
        for word in self.words(Column::Violations)? {
            match read_violation(&word, known) {
                Some(code) if codes.iter().any(|known| known == code) => {}
                Some(code) => codes.push(code.to_owned()),
                None => return Err(self.wrong(Column::Violations, FindingKind::UnknownViolation)),
            }
        }
        if codes.is_empty() { Err(self.wrong(Column::Violations, FindingKind::UnknownViolation)) } else { Ok(codes) }
    }

    fn conduct(&mut self) -> Result<Option<Conduct>, Told> {
        let (from, to) = (self.date(Column::ConductFrom), self.date(Column::ConductTo));
        let zone = &self.reader.rules.zone;
        match (from?, to?) {
            (None, None) => Ok(None),
            (_, Some(to)) if to.is_midnight() => Err(self.wrong(Column::ConductTo, FindingKind::MidnightEnd)),
            (Some(from), Some(to)) => {
                let days = from.start(zone).zip(to.last(zone)).filter(|(from, to)| from <= to);
                let (from, to) = days.ok_or_else(|| self.wrong(Column::ConductTo, FindingKind::InvalidConduct))?;
                let conduct = Conduct { from, to };
                if was_before(conduct, self.reader.rules.policy) {
                    return Err(self.wrong(Column::ConductFrom, FindingKind::ConductBeforePolicy));
                }
                Ok(Some(conduct))
            }
            (None, Some(_)) => Err(self.wrong(Column::ConductFrom, FindingKind::InvalidConduct)),
            (Some(_), None) => Err(self.wrong(Column::ConductTo, FindingKind::InvalidConduct)),
        }
    }

    fn evidence(&mut self) -> Result<Vec<Hash>, Told> {
        let hashes = self.words(Column::Evidence)?.iter().map(|hash| hash.parse()).collect::<Result<_, _>>();
        hashes.map_err(|_| self.wrong(Column::Evidence, FindingKind::InvalidEvidence))
    }

    fn follows(&mut self) -> Result<Vec<RecordId>, Told> {
        let ids = self.words(Column::Follows)?.iter().map(|id| id.parse()).collect::<Result<Vec<RecordId>, _>>();
        let is_list = |ids: &Vec<RecordId>| {
            ids.len() <= MAX_ABOUT && !ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id))
        };
        let allowed = |ids: &Vec<RecordId>| ids.is_empty() || !self.reader.rules.is_interim;
        match ids.ok().filter(is_list).filter(allowed) {
            Some(ids) => Ok(ids),
            None => Err(self.wrong(Column::Follows, FindingKind::InvalidFollows)),
        }
    }
}
