//! What figures are made of: the reports of a time with what was done about them, and what happened in cases.

use callboard_federation::{
    encoding::{CaseId, ReportId, Time},
    report::{ReportAct, ReportKind},
};

use super::{
    Store, StoreError,
    column::{from_row, values},
};

const REPORTS: &str = "SELECT r.id, r.member, r.kind, r.received_at, e.act, e.at FROM report r \
    LEFT JOIN report_entry e ON e.report = r.id AND e.at < $2 \
    WHERE r.received_at >= $1 AND r.received_at < $2 ORDER BY r.received_at, r.id, e.number";
const FACTS: &str = "SELECT c.instrument, c.opened_at, f.case_id, f.what, f.detail, f.number, f.at FROM case_fact f \
    JOIN case_file c ON c.id = f.case_id WHERE f.at >= $1 AND f.at < $2 ORDER BY f.at, f.case_id, f.seq";

/// Those that read lists, each with how many values it takes: none may read more than it lists.
#[cfg(test)]
pub(super) const LISTS: &[(&str, usize)] = &[(REPORTS, 2), (FACTS, 2)];

#[cfg(test)]
pub(super) const SQL: &[&str] = &[REPORTS, FACTS];

/// A report and one act of its time; without one if there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportStepRow {
    pub id: ReportId,
    /// Who filed it; empty where the secretariat entered it.
    pub member: String,
    pub kind: ReportKind,
    pub received_at: Time,
    pub act: Option<(ReportAct, Time)>,
}

/// What happened in cases, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    /// A case was opened.
    Opened,
    /// A case was decided for the first time: a resolution of a session was complete.
    Decided,
    /// What was decided was logged, for the first time in its case.
    Logged,
    /// So many statements of a kind or measure were logged.
    Statements,
    /// A seat recused itself.
    Recused,
    ChallengeUpheld,
    ChallengeRejected,
    /// So many votes were sealed and not opened.
    VotesNotOpened,
    /// An interim was ordered.
    InterimOrdered,
    /// So many people appealed what was decided.
    AppealFiled,
    /// The appeals of so many were opened, of which no panel can be formed.
    AppealWithoutPanel,
    AppealUpheld,
    AppealVaried,
    AppealAnnulled,
    AppealDropped,
    /// Somebody applied to return.
    ReturnApplied,
    ReturnGranted,
    ReturnRefused,
    /// So many fell back.
    Relapse,
}

impl FactKind {
    const ALL: [Self; 19] = [
        Self::Opened,
        Self::Decided,
        Self::Logged,
        Self::Statements,
        Self::Recused,
        Self::ChallengeUpheld,
        Self::ChallengeRejected,
        Self::VotesNotOpened,
        Self::InterimOrdered,
        Self::AppealFiled,
        Self::AppealWithoutPanel,
        Self::AppealUpheld,
        Self::AppealVaried,
        Self::AppealAnnulled,
        Self::AppealDropped,
        Self::ReturnApplied,
        Self::ReturnGranted,
        Self::ReturnRefused,
        Self::Relapse,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Decided => "decided",
            Self::Logged => "logged",
            Self::Statements => "statements",
            Self::Recused => "recused",
            Self::ChallengeUpheld => "challenge-upheld",
            Self::ChallengeRejected => "challenge-rejected",
            Self::VotesNotOpened => "votes-not-opened",
            Self::InterimOrdered => "interim-ordered",
            Self::AppealFiled => "appeal-filed",
            Self::AppealWithoutPanel => "appeal-without-panel",
            Self::AppealUpheld => "appeal-upheld",
            Self::AppealVaried => "appeal-varied",
            Self::AppealAnnulled => "appeal-annulled",
            Self::AppealDropped => "appeal-dropped",
            Self::ReturnApplied => "return-applied",
            Self::ReturnGranted => "return-granted",
            Self::ReturnRefused => "return-refused",
            Self::Relapse => "relapse",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.as_str() == word)
    }
}

/// What an event made of its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFact {
    pub what: FactKind,
    /// Of statements their kind, or the measure that they impose; else empty.
    pub detail: String,
    pub number: u64,
}

impl CaseFact {
    pub const fn of(what: FactKind) -> Self {
        Self { what, detail: String::new(), number: 1 }
    }
}

/// The same as it is read, with its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFactRow {
    pub case: CaseId,
    pub instrument: String,
    pub opened_at: Time,
    pub at: Time,
    pub fact: CaseFact,
}

from_row!(ReportStepRow, "report", |row| Self {
    id: row.get("id")?,
    member: row.get("member")?,
    kind: row.unless_unreadable("kind", ReportKind::from_word(&row.get::<String>("kind")?))?,
    received_at: row.get("received_at")?,
    act: match (row.get::<Option<String>>("act")?, row.get::<Option<Time>>("at")?) {
        (Some(act), Some(at)) => Some((row.unless_unreadable("act", ReportAct::from_word(&act))?, at)),
        _ => None,
    },
});

from_row!(CaseFactRow, "case_fact", |row| Self {
    case: row.get("case_id")?,
    instrument: row.get("instrument")?,
    opened_at: row.get("opened_at")?,
    at: row.get("at")?,
    fact: CaseFact {
        what: row.unless_unreadable("what", FactKind::from_word(&row.get::<String>("what")?))?,
        detail: row.get("detail")?,
        number: row.get("number")?,
    },
});

impl Store {
    /// The reports that came from `from` to before `to`, each with what was done about it before `to`, in order.
    pub async fn report_steps(&self, from: Time, to: Time) -> Result<Vec<ReportStepRow>, StoreError> {
        self.rows(REPORTS, &values![from, to]).await
    }

    /// What happened in cases from `from` to before `to`, in order.
    pub async fn case_facts(&self, from: Time, to: Time) -> Result<Vec<CaseFactRow>, StoreError> {
        self.rows(FACTS, &values![from, to]).await
    }
}
