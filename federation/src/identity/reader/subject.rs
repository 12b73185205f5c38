//! Identities of one subject, read together: what a check is asked with, what a row of a sheet or a file of lines
//! holds.
//!
//! One subject is one person or one enterprise; identities that contradict each other are of two.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::{LONG_LIFE, Note, Reading, TypedIdentity, is_over, read};
use crate::{
    identity::{Identity, IdentityError, IdentityKind, Sex},
    policy::Words,
    statement::SubjectType,
};

/// The most identities of one subject: a tag of each must fit one statement.
pub const MAX_IDENTITIES: usize = 16;

/// What is wrong, and with which identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which, from 0; `None`: with all of them together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// What.
    #[serde(flatten)]
    pub fault: IdentityError,
}

/// Identities that are of one subject.
#[derive(Clone)]
pub struct OneSubject {
    /// The identities, in their order.
    pub readings: Vec<Reading>,
    /// The one birth that they tell, or that was said.
    pub born: Option<Date>,
    /// The one sex that they tell.
    pub sex: Option<Sex>,
}

/// What is asked of identities beyond each by itself.
#[derive(Clone, Copy, Default)]
pub struct Expectations {
    /// A date of birth that was said beside them.
    pub born: Option<Date>,
    /// What the subject is, where that is known.
    pub subject_type: Option<SubjectType>,
    /// Whether nobody's real document is taken.
    pub is_sandbox: bool,
}

impl OneSubject {
    /// Reads what was typed of one subject, on a day.
    ///
    /// # Errors
    /// All that is wrong with each, else what is wrong with them together.
    pub fn read(typed: &[TypedIdentity<'_>], expected: Expectations, today: Date) -> Result<Self, Vec<Finding>> {
        let together = |fault| Finding { at: None, fault };
        if !(1..=MAX_IDENTITIES).contains(&typed.len()) {
            return Err(vec![together(IdentityError::Count)]);
        }
        let (mut readings, mut findings) = (Vec::with_capacity(typed.len()), Vec::new());
        for (at, typed) in typed.iter().enumerate() {
            match read_of(*typed, expected, today) {
                Ok(reading) => readings.push(reading),
                Err(faults) => findings.extend(faults.into_iter().map(|fault| Finding { at: Some(at), fault })),
            }
        }
        if let Some(born) = expected.born {
            let is_confirmed = typed.iter().any(|typed| typed.confirmed);
            if born > today {
                findings.push(together(IdentityError::BirthAhead));
            } else if is_over(born, LONG_LIFE, today) && !is_confirmed {
                findings.push(together(IdentityError::BornLongAgo));
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let born: Vec<Date> =
            readings.iter().filter_map(|of| of.identity.date_of_birth()).chain(expected.born).collect();
        let sex: Vec<Sex> = readings.iter().filter_map(|of| of.identity.sex()).collect();
        // Several may answer for a persona.
        if expected.subject_type != Some(SubjectType::Persona) {
            let has = |is: fn(IdentityKind) -> bool| readings.iter().any(|of| is(of.identity.kind()));
            let is_person = has(IdentityKind::is_personal) || expected.born.is_some();
            let contradictions = [
                (is_person && has(|kind| kind == IdentityKind::CnUscc), IdentityError::TwoSubjects),
                (born.iter().any(|other| *other != born[0]), IdentityError::BirthsDiffer),
                (sex.iter().any(|other| *other != sex[0]), IdentityError::SexesDiffer),
            ];
            findings.extend(contradictions.into_iter().filter(|(holds, _)| *holds).map(|(_, fault)| together(fault)));
        }
        let is_refused = |of: &Reading| expected.is_sandbox && of.identity.is_somebodys();
        let somebodys = readings.iter().enumerate().filter(|(_, of)| is_refused(of));
        findings.extend(somebodys.map(|(at, _)| Finding { at: Some(at), fault: IdentityError::Somebodys }));
        if findings.is_empty() {
            Ok(Self { readings, born: born.first().copied(), sex: sex.first().copied() })
        } else {
            Err(findings)
        }
    }

    /// The identities.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.readings.iter().map(|reading| &reading.identity)
    }

    /// What the subject is, where the identities tell: an account may be anybody's.
    pub fn subject_type(&self) -> Option<SubjectType> {
        let has = |is: fn(IdentityKind) -> bool| self.identities().any(|identity| is(identity.kind()));
        if has(IdentityKind::is_personal) {
            Some(SubjectType::Person)
        } else {
            has(|kind| kind == IdentityKind::CnUscc).then_some(SubjectType::Enterprise)
        }
    }

    /// What is to be compared, and of which identity.
    pub fn notes(&self) -> impl Iterator<Item = (usize, Note)> {
        let of =
            |(at, reading): (usize, &Reading)| reading.notes.iter().map(move |note| (at, *note)).collect::<Vec<_>>();
        self.readings.iter().enumerate().flat_map(of)
    }
}

fn read_of(typed: TypedIdentity<'_>, expected: Expectations, today: Date) -> Result<Reading, Vec<IdentityError>> {
    if expected.subject_type.is_some_and(|of| !typed.kind.is_of(of)) {
        return Err(vec![IdentityError::KindOfAnotherType]);
    }
    read(typed, today)
}

impl Finding {
    /// What is wrong, in both languages, with which identity before it.
    pub fn words(&self) -> Words {
        let Words { zh, en } = self.fault.words();
        match self.at {
            Some(at) => Words { zh: format!("identities[{at}]：{zh}"), en: format!("identities[{at}]: {en}") },
            None => Words { zh, en },
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { zh, en } = self.words();
        write!(f, "{zh} / {en}")
    }
}
