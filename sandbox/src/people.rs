//! A person of a sandbox, what was decided about it, and the sheet that decides it. Who there is stands in
//! [`super::specimens`].

use callboard_desk::draft::reversal::Reversal;
use callboard_federation::{
    encoding::{RecordId, Time},
    identity::IdentityKind,
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::POLICY;

/// How long a reinstated person is under watch.
const PROBATION_DAYS: i64 = 183;
/// When what is to come takes effect, from the day on which the sandbox begins.
const TO_COME_DAYS: i64 = 30;
/// The columns of the sheet of all that is decided.
const COLUMNS: &str = "kind,identity,kind 2,identity 2,subject type,names,measure,scopes,effective at,until,term,violations,\
    conduct from,conduct to,reasons,guardian,date of birth,passport name";

/// An identity as a check takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Identity {
    pub(super) kind: IdentityKind,
    /// As it is typed.
    pub(super) value: String,
}

/// What is asked about a person: `POST /check` takes it with a `ref`.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question {
    pub(super) identities: Vec<Identity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) names: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_of_birth: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) guardian_consent: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) question: Question,
    pub(super) state: &'static str,
    pub(super) decision: &'static str,
    pub(super) why: &'static str,
    /// What was decided about it: rulings and interims, then what became of them, in the order of the log.
    pub(super) records: Vec<RecordId>,
    #[serde(skip)]
    pub(super) ruled: Option<PersonRuling>,
}

/// What was decided about a person, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct PersonRuling {
    pub(super) by: By,
    /// Whom it names, where that isn't what is asked about: an older document.
    pub(super) named: Vec<Identity>,
    /// `measure,scopes,effective at,until,term`; `+` as the day is the one on which what is to come takes effect.
    pub(super) row: &'static str,
    /// `person`, `enterprise`, `persona`.
    pub(super) subject: &'static str,
    /// Who answers for a minor, and the days of the conduct.
    pub(super) minor: Option<(&'static str, &'static str)>,
    /// Birth and name in the letters of a passport's machine-readable line.
    pub(super) passport: Option<(&'static str, &'static str)>,
    /// What became of the record, one after the other.
    pub(super) then: &'static [Step],
}

/// By which way a decision came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Ruling,
    Interim,
    /// A ruling from before the registry, taken over without a case.
    Import,
}

/// What becomes of a record, as the control takes it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Then {
    Annul,
    End,
    Stay,
    Reinstate,
    /// Reinstated, under watch for half a year.
    Probation,
    Dispute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// About the ruling.
    Of(Then),
    /// The step before it holds no longer.
    Ended,
    Erased,
    /// The document that is asked about is of the same person.
    Linked,
}

impl Then {
    /// What is drafted for it, from `effective_at` on.
    pub(super) fn reversal(self, effective_at: Time) -> Reversal {
        match self {
            Self::Annul => Reversal::Annul,
            Self::End => Reversal::End { effective_at },
            Self::Stay => Reversal::Stay { effective_at, until: None },
            Self::Reinstate => Reversal::Reinstate { effective_at, probation: None },
            Self::Probation => {
                Reversal::Reinstate { effective_at, probation: Some(effective_at.plus_days(PROBATION_DAYS)) }
            }
            Self::Dispute => Reversal::Dispute,
        }
    }
}

impl PersonRuling {
    /// A decision about a person as it is asked about.
    pub(super) const fn new(by: By, row: &'static str, then: &'static [Step]) -> Self {
        let named = Vec::new();
        Self { by, named, row, subject: "person", minor: None, passport: None, then }
    }

    /// Whom the record names, of a person who is asked about like this.
    pub(super) fn named<'a>(&'a self, question: &'a Question) -> &'a [Identity] {
        if self.named.is_empty() { &question.identities } else { &self.named }
    }
}

impl Person {
    /// Its first identity.
    pub(super) fn number(&self) -> &str {
        self.question.identities.first().map_or("", |identity| &identity.value)
    }
}

/// The sheet of what was decided about some of them, drafted at `now`; with the rows about minors.
pub(super) fn sheet(ruled: &[(&Person, &PersonRuling)], now: Time) -> anyhow::Result<(String, Vec<u32>)> {
    let to_come = TimeZone::get("Asia/Shanghai")?.to_datetime(now.plus_days(TO_COME_DAYS).timestamp()).date();
    let (mut sheet, mut minors) = (format!("{COLUMNS}\n"), Vec::new());
    for (row, (person, ruled)) in (2_u32..).zip(ruled) {
        let identity = |at: usize| {
            let identity = ruled.named(&person.question).get(at);
            identity.map_or_else(|| ",".to_owned(), |identity| format!("{},{}", identity.kind.as_str(), identity.value))
        };
        let (guardian, conduct) = ruled.minor.unwrap_or(("", ","));
        let (birth, passport_name) = ruled.passport.unwrap_or_default();
        minors.extend(ruled.minor.map(|_| row));
        sheet.extend([
            &identity(0),
            ",",
            &identity(1),
            ",",
            ruled.subject,
            ",",
            person.name,
            ",",
            &ruled.row.replace('+', &to_come.to_string()),
            ",NB-11,",
            conduct,
            ",沙盒示例：直播中多次宣扬赌博。,",
            guardian,
            ",",
            birth,
            ",",
            passport_name,
            "\n",
        ]);
    }
    Ok((sheet, minors))
}

/// The policy that a decision is made under.
pub(super) const fn policy(by: By) -> &'static str {
    match by {
        By::Ruling | By::Interim => POLICY,
        By::Import => super::TRANSITION,
    }
}
