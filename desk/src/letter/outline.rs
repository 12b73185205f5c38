//! A letter in outline: what a summary of many counts and compares.

use callboard_federation::statement::{Act, MeasureKind};

use super::{
    Language, Letter, Words,
    term::{Start, Term},
};
use crate::signing::Original;

/// What is counted of a letter, in its reader's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Whose it is: names, or that nobody is named.
    pub whose: String,
    pub kind: String,
    pub measure: Option<String>,
    pub term: Option<String>,
    /// Whether it has a term without an end date.
    pub is_open: bool,
    /// Whether it is a bar.
    pub is_bar: bool,
    /// The services that it closes.
    pub scopes: Option<String>,
    /// What is to be looked at whatever the others are.
    pub marks: Vec<Mark>,
}

/// What is to be looked at in one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nobody's identity shows whose record it is about.
    Unnamed,
    /// Something stands already for its person.
    Listed,
    /// It takes something back, and leaves something.
    Left,
    /// Its subject was under 18 at the conduct, or may have been.
    Minor,
    /// A doubt about an identity was confirmed by who drafted.
    Confirmed,
    /// It is taken over without a case.
    Import,
}

impl Letter {
    pub fn outline(&self, language: Language) -> Outline {
        let (words, statement) = (Words(language), &self.statement);
        let imposed = statement.imposed();
        // Of a letter about an earlier record, the name that that bears.
        let earlier = self.about.iter().filter_map(|about| match &about.original {
            Some(Original::Opened(plain)) => Some(plain.as_ref()),
            _ => None,
        });
        let telling = self.plain.as_ref().into_iter().chain(earlier).find(|plain| !plain.names.is_empty());
        let names = telling.map(|plain| plain.names.join(words.comma()));
        let starts = statement.effective_at().map(|at| Start::drafted(at, self.docket.issued_at));
        let ends = match &statement.act {
            Act::Ruling { imposed, .. } | Act::Interim { imposed } => Some(imposed.measure.until),
            Act::Stay { until, .. } => Some(*until),
            _ => None,
        };
        let scopes = imposed.map(|imposed| {
            let scopes: Vec<String> = imposed.measure.scopes.iter().map(|scope| words.scope(scope)).collect();
            if scopes.is_empty() { words.all_scopes().to_owned() } else { scopes.join(words.comma()) }
        });
        let marks = [
            (Mark::Unnamed, !self.unnamed.is_empty()),
            (Mark::Listed, !self.listed.is_empty() && !crate::person_measure::takes_back(statement.kind())),
            (Mark::Left, self.is_left.contains(&true) && crate::person_measure::takes_back(statement.kind())),
            (Mark::Minor, self.is_minor),
            (Mark::Confirmed, self.readings.iter().any(|reading| !reading.excused.is_empty())),
            (Mark::Import, self.is_import()),
        ];
        Outline {
            whose: names.unwrap_or_else(|| words.nobody().to_owned()),
            kind: words.title(statement.kind()).to_owned(),
            measure: imposed.map(|imposed| words.measure(imposed.measure.kind, self.policy.as_ref())),
            term: ends.zip(starts).map(|(until, starts)| Term::new(starts, until).text(&self.zone(), language)),
            is_open: ends == Some(None),
            is_bar: imposed.is_some_and(|imposed| imposed.measure.kind == MeasureKind::Bar),
            scopes,
            marks: marks.into_iter().filter_map(|(mark, is_so)| is_so.then_some(mark)).collect(),
        }
    }
}
