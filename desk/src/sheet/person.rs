//! Whom a row is about: the identities as the one reader takes them, and what is asked of a minor.

use callboard_client::table::{Cell, header::implied_kind};
use callboard_federation::{
    identity::{
        Identity, IdentityError, IdentityKind,
        reader::{Expectations, Finding, OneSubject, Reading, TypedIdentity, day_in_china, read},
    },
    sealed::Conduct,
    statement::{MAX_TAGS, SubjectType},
};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{
    civil::When,
    column::{Column, identities},
    finding::FindingKind,
    row::{OneRow, Told},
    word,
};
use crate::minor::{self, AgeAtConduct};

pub(super) struct Person {
    pub(super) readings: Vec<Reading>,
    /// Its birth, as far as it is told.
    born: Option<Date>,
    /// Whether a column told it.
    is_born_said: bool,
}

impl Person {
    /// What is sealed of it besides: a birth that no identity tells, so that whoever signs knows it too.
    pub(super) fn more(&self) -> Map<String, Value> {
        let said = self.born.filter(|_| self.is_born_said);
        said.map(|born| (minor::BORN.to_owned(), Value::String(born.to_string()))).into_iter().collect()
    }
}

impl<'r> OneRow<'r, '_> {
    /// The identities of the row, read together.
    pub(super) fn person(&mut self, subject_type: SubjectType) -> Result<Person, Told> {
        let (confirmed, said) = (self.is_confirmed(), self.born());
        let (confirmed, said) = (confirmed?, said?);
        let numbers = identities(self.reader.layout);
        let cells: Vec<_> = numbers.into_iter().map(|number| (number, self.identity_cell(number))).collect();
        let mut typed = Vec::with_capacity(cells.len());
        for (number, cell) in cells {
            typed.extend(cell?.map(|(kind, value)| (number, TypedIdentity { kind, value, confirmed })));
        }
        let all: Vec<TypedIdentity<'_>> = typed.iter().map(|(_, typed)| *typed).collect();
        let expected = Expectations { born: said, subject_type: Some(subject_type), is_sandbox: false };
        let today = day_in_china(self.reader.rules.now);
        let subject = OneSubject::read(&all, expected, today).map_err(|findings| {
            for Finding { at, fault } in findings {
                let number = at.and_then(|at| typed.get(at)).map_or(1, |(number, _)| *number);
                let is_kinds = fault == IdentityError::KindOfAnotherType;
                let column = if is_kinds { Column::Kind(number) } else { Column::Identity(number) };
                self.wrong(column, FindingKind::Identity(fault));
            }
            Told
        })?;
        for (reading, (number, _)) in subject.readings.iter().zip(&typed) {
            self.note_seen(&reading.identity, Column::Identity(*number))?;
        }
        let mut readings = subject.readings;
        readings.extend(self.holders(&readings, subject.born, confirmed, today)?);
        let most = MAX_TAGS / self.reader.rules.live_epochs.max(1);
        if readings.len() > most {
            return Err(self.wrong(Column::Identity(1), FindingKind::TooManyIdentities { most }));
        }
        if subject_type != SubjectType::Persona && readings.iter().all(|of| !of.identity.kind().is_hard()) {
            return Err(self.wrong(Column::Identity(1), FindingKind::OnlySoft));
        }
        let born = minor::youngest(&readings).max(said);
        Ok(Person { readings, born, is_born_said: said.is_some() })
    }

    /// Who answers for whoever was a minor at the conduct; that such a person may be ruled on is somebody's to approve.
    pub(super) fn guardian(
        &mut self,
        person: &Person,
        conduct: Option<Conduct>,
        guardian: Option<String>,
    ) -> Result<Option<String>, Told> {
        let rules = self.reader.rules;
        let is_approved = rules.confirmed.minors_approved.contains(&self.number);
        let column = Column::Identity(1);
        match minor::age_at(person.born, conduct, Some(rules.policy), day_in_china(rules.now)) {
            AgeAtConduct::OfAge if is_approved => Err(self.wrong(column, FindingKind::NotAMinor)),
            AgeAtConduct::OfAge => Ok(guardian),
            AgeAtConduct::Unsaid => Err(self.wrong(Column::ConductFrom, FindingKind::ConductMissing)),
            AgeAtConduct::Minor => {
                let mut wrong = Vec::new();
                wrong.extend((!is_approved).then_some((column, FindingKind::MinorNotApproved)));
                wrong.extend(guardian.is_none().then_some((Column::Guardian, FindingKind::GuardianMissing)));
                wrong.extend(rules.is_published.then_some((column, FindingKind::MinorPublic)));
                let told = wrong.into_iter().map(|(column, wrong)| self.wrong(column, wrong)).last();
                told.map_or(Ok(guardian), Err)
            }
        }
    }

    /// Kind and text of an identity; `None` where neither is filled in.
    fn identity_cell(&mut self, number: u8) -> Result<Option<(IdentityKind, &'r str)>, Told> {
        let (kind_column, column) = (Column::Kind(number), Column::Identity(number));
        let invalid = match self.cell(column) {
            Cell::Number(_) => Some(IdentityError::NumberCell),
            Cell::Day(_) | Cell::Clock(_) => Some(IdentityError::DateCell),
            Cell::Other => Some(IdentityError::NotText),
            _ => None,
        };
        if let Some(invalid) = invalid {
            return Err(self.wrong(column, FindingKind::Identity(invalid)));
        }
        let implied = self.reader.layout.title(column).and_then(implied_kind);
        let (kind, raw) = match (self.text(kind_column), self.text(column)) {
            (Ok(None), Ok(None)) if number > 1 => return Ok(None),
            (Ok(None), Ok(Some(raw))) if implied.is_some() => return Ok(implied.map(|kind| (kind, raw))),
            (Ok(None), _) if implied.is_none() => return Err(self.wrong(kind_column, FindingKind::Missing)),
            (_, Ok(None)) => return Err(self.wrong(column, FindingKind::Missing)),
            (Ok(Some(kind)), Ok(Some(raw))) => (kind, raw),
            _ => return Err(Told),
        };
        match IdentityKind::of_typed(&word::folded(kind)) {
            Some(kind) if implied.is_some_and(|implied| implied != kind) => {
                Err(self.wrong(kind_column, FindingKind::KindOfHeader))
            }
            Some(kind) => Ok(Some((kind, raw))),
            None => Err(self.wrong(kind_column, FindingKind::Identity(IdentityError::KindUnknown))),
        }
    }

    /// A soft identity may be of several subjects; a hard one has one row.
    fn note_seen(&mut self, identity: &Identity, column: Column) -> Result<(), Told> {
        let earlier = self.reader.seen.insert(identity.clone(), self.number);
        match earlier.filter(|row| identity.kind().is_hard() || *row == self.number) {
            Some(row) => Err(self.wrong(column, FindingKind::Duplicate { row })),
            None => Ok(()),
        }
    }

    /// Who holds each passport of the row, where name and birth are told: it stays when the number changes.
    fn holders(
        &mut self,
        readings: &[Reading],
        born: Option<Date>,
        confirmed: bool,
        today: Date,
    ) -> Result<Vec<Reading>, Told> {
        let Some(name) = self.text(Column::PassportName)? else { return Ok(Vec::new()) };
        let passports = readings.iter().filter(|of| of.identity.kind() == IdentityKind::Passport);
        let holder = |passport: &Reading| {
            let holder = Identity::passport_holder(&passport.identity, name, born?).ok()?;
            read(TypedIdentity { kind: holder.kind(), value: holder.value(), confirmed }, today).ok()
        };
        let holders: Option<Vec<Reading>> = passports.map(holder).collect();
        let mut holders = holders.filter(|holders| !holders.is_empty()).unwrap_or_default();
        if holders.is_empty() {
            return Err(self.wrong(Column::PassportName, FindingKind::PassportNameAlone));
        }
        // Two passports of one issuer have one holder, who may stand in the row already.
        let is_there = |of: &Reading, all: &[Reading]| all.iter().any(|other| other.identity == of.identity);
        let mut kept: Vec<Reading> = Vec::with_capacity(holders.len());
        for holder in holders.drain(..) {
            if !is_there(&holder, readings) && !is_there(&holder, &kept) {
                kept.push(holder);
            }
        }
        Ok(kept)
    }

    fn born(&mut self) -> Result<Option<Date>, Told> {
        match self.date(Column::Born)? {
            None => Ok(None),
            Some(When::Day(day)) => Ok(Some(day)),
            // A program's way to write the whole day.
            Some(When::Clock(clock)) if clock.time() == jiff::civil::Time::midnight() => Ok(Some(clock.date())),
            Some(_) => Err(self.wrong(Column::Born, FindingKind::InvalidDate)),
        }
    }

    fn is_confirmed(&mut self) -> Result<bool, Told> {
        match self.folded(Column::Confirmed)?.as_deref() {
            None | Some("no" | "否") => Ok(false),
            Some("yes" | "是") => Ok(true),
            Some(_) => Err(self.wrong(Column::Confirmed, FindingKind::UnknownConfirmation)),
        }
    }
}
