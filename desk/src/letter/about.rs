//! What a letter says of earlier records: whose they are, what they imposed, and what else stands.

use callboard_federation::{
    encoding::RecordId,
    identity::reader::Reading,
    policy::Policy,
    records::Place,
    statement::{Kind, Measure},
};
use jiff::tz::TimeZone;

use super::{Page, Term, term::Starts};
use crate::{listed::Listed, signing::Original};

/// The member of sealed details that says the number of the letter (文号).
pub const NUMBER: &str = "number";

/// A record that a statement is about.
pub struct About {
    /// The record.
    pub record: RecordId,
    /// What it is.
    pub kind: Option<Kind>,
    /// Where it is logged.
    pub place: Option<Place>,
    /// What it imposes, from when.
    pub measure: Option<(Measure, Starts)>,
    /// The policy that it was decided under.
    pub policy: Option<Policy>,
    /// What it says, as far as the identities open it.
    pub original: Option<Original>,
    /// Whose it is: the identities that this desk derived its tags from.
    pub readings: Vec<Reading>,
    /// What it is about itself: a stay's ruling, an end's stay.
    pub behind: Vec<Self>,
}

impl About {
    /// Whose it is, in which letter; then its measure and reasons.
    pub(super) fn tell(&self, page: &mut Page, depth: usize) {
        let words = page.words;
        let language = words.0;
        let opened = match &self.original {
            Some(Original::Opened(plain)) => Some(plain.as_ref()),
            _ => None,
        };
        let mut who: Vec<String> = Vec::new();
        let names = opened.map(|plain| plain.names.join(words.comma())).filter(|names| !names.is_empty());
        let documents: Vec<String> = self
            .readings
            .iter()
            .filter(|r| r.identity.kind().is_hard())
            .map(|reading| {
                let kind = reading.identity.document();
                let last = last_four(reading.identity.value());
                match language {
                    crate::language::Language::Zh => format!("{}后四位 {last}", kind.zh),
                    crate::language::Language::En => format!("{}, last four {last}", kind.en),
                }
            })
            .collect();
        match (names, documents.is_empty()) {
            (Some(names), false) => who.push(format!(
                "{names}{}{}{}",
                language.pick("（", " ("),
                documents.join(language.pick("；", "; ")),
                language.pick("）", ")")
            )),
            (Some(names), true) => who.push(names),
            (None, false) => who.push(documents.join(language.pick("；", "; "))),
            (None, true) if depth == 0 && self.behind.is_empty() => who.push(words.nobody().to_owned()),
            (None, true) => {}
        }
        if let Some(place) = self.place {
            who.push(place_text(place, opened.and_then(number_of), language));
        }
        who.extend(self.kind.map(|kind| words.kind(kind).to_owned()));
        who.push(self.record.to_string());
        page.line(words.about(), who.join(language.pick("，", " · ")));
        if let Some((measure, starts)) = &self.measure {
            let zone = zone_of(self.policy.as_ref());
            let term = Term::new(*starts, measure.until).text(&zone, language);
            let word = words.measure(measure.kind, self.policy.as_ref());
            page.line(words.about_measure(), format_args!("{word}{}{term}", language.pick("，", ", ")));
        }
        match &self.original {
            Some(Original::Opened(plain)) if !plain.reasons.is_empty() => {
                page.line(words.reasons_then(), &plain.reasons);
            }
            Some(Original::Closed(why)) => page.line(words.about_closed(), why),
            _ => {}
        }
        for behind in &self.behind {
            behind.tell(page, depth + 1);
        }
    }
}

impl Page {
    /// One measure that stands, in a line.
    pub(super) fn listed(&mut self, label: &str, listed: &Listed, policy: Option<&Policy>) {
        let text = self.listed_text(listed, policy);
        self.line(label, text);
    }

    fn listed_text(&self, listed: &Listed, policy: Option<&Policy>) -> String {
        let words = self.words;
        let term = Term::new(Starts::At(listed.starts), listed.measure.until).text(&zone_of(policy), words.0);
        let mut parts = vec![words.measure(listed.measure.kind, policy), term];
        if listed.is_to_come {
            parts.push(words.0.pick("尚未生效", "not in effect yet").to_owned());
        } else {
            parts.extend(words.phase(listed.phase).map(str::to_owned));
        }
        parts.push(words.action(listed.action).to_owned());
        parts.push(place_text(listed.place, None, words.0));
        parts.push(listed.record.to_string());
        parts.join(words.0.pick("，", ", "))
    }
}

/// What stands, in a line for whoever drafts.
pub fn listed_line(listed: &Listed, policy: Option<&Policy>, language: crate::language::Language) -> String {
    Page { lines: Vec::new(), words: super::words::Words(language) }.listed_text(listed, policy)
}

/// The last four characters of a number: what a letter about another decision shows of it.
fn last_four(value: &str) -> String {
    let start = value.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    value[start..].to_owned()
}

/// The number of a letter, as it was sealed with it.
pub fn number_of(plain: &callboard_federation::sealed::Plain) -> Option<&str> {
    plain.more.get(NUMBER)?.as_str().filter(|number| !number.is_empty())
}

/// Which letter, and which item of it: by its number, or else by its place in the log.
fn place_text(place: Place, number: Option<&str>, language: crate::language::Language) -> String {
    let item = u64::from(place.position) + 1;
    match (language, number) {
        (crate::language::Language::Zh, Some(number)) => format!("{number}第{item}项"),
        (crate::language::Language::Zh, None) => format!("登记册第{}号文书第{item}项", place.index),
        (crate::language::Language::En, Some(number)) => format!("{number}, item {item}"),
        (crate::language::Language::En, None) => format!("entry {} of the log, item {item}", place.index),
    }
}

/// The zone of a policy's dates; of Beijing, where none is known.
pub fn zone_of(policy: Option<&Policy>) -> TimeZone {
    let named = policy.and_then(|policy| TimeZone::get(&policy.zone).ok());
    named.unwrap_or_else(|| TimeZone::fixed(jiff::tz::offset(8)))
}
