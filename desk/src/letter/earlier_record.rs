//! What a letter says of earlier records: whose they are, what they imposed, and what else stands.

use callboard_federation::{
    encoding::RecordId,
    identity::{Identity, reader::Reading},
    policy::Policy,
    records::Place,
    statement::{Kind, Measure},
};
use jiff::tz::TimeZone;

use super::{
    Page, Term,
    term::{Start, beijing, instant_text},
};
use crate::{language::Language, person_measure::PersonMeasure, signing::Original, verified_log::Reach};

/// The member of sealed details that says the number of the letter (文号).
pub const NUMBER: &str = "number";

pub struct EarlierRecord {
    pub record: RecordId,
    pub kind: Option<Kind>,
    /// Absent of a statement of the same docket, and of one that was erased.
    pub place: Option<Place>,
    /// What it imposes, from when.
    pub measure: Option<(Measure, Start)>,
    pub policy: Option<Policy>,
    /// What it says, as far as the identities open it.
    pub original: Option<Original>,
    /// Whose it is: the identities that this desk derived its tags from.
    pub readings: Vec<Reading>,
    /// The links that join these identities to the record's own.
    pub links: Vec<RecordId>,
    /// What it is about itself: a stay's ruling, an end's stay.
    pub behind: Vec<Self>,
}

impl EarlierRecord {
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
            .map(|reading| document_text(&reading.identity, language))
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
        who.extend(page.has_records.then(|| self.record.to_string()));
        page.line(words.about(), who.join(language.pick("，", " · ")));
        if !self.links.is_empty() {
            let links: Vec<String> = self.links.iter().map(ToString::to_string).collect();
            let by = format!("{}{}", language.pick("：", ": "), links.join(words.comma()));
            let said = language.pick(
                "证件与原决定所载不同，经认定属于同一当事人",
                "the identity isn't the one of the record; a link says that both are of one person",
            );
            page.line(words.link(), format_args!("{said}{}", if page.has_records { by.as_str() } else { "" }));
        }
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
    pub(super) fn listed(&mut self, label: &str, listed: &PersonMeasure, policy: Option<&Policy>) {
        let text = self.listed_text(listed, policy);
        self.line(label, text);
    }

    fn listed_text(&self, listed: &PersonMeasure, policy: Option<&Policy>) -> String {
        let words = self.words;
        let term = Term::new(Start::At(listed.starts), listed.measure.until).text(&zone_of(policy), words.0);
        let mut parts = vec![words.measure(listed.measure.kind, policy), term];
        if listed.is_to_come {
            parts.push(words.0.pick("尚未生效", "not in effect yet").to_owned());
        } else {
            parts.extend(words.phase(listed.phase).map(str::to_owned));
        }
        parts.push(words.action(listed.action).to_owned());
        parts.push(place_text(listed.place, None, words.0));
        parts.extend(self.has_records.then(|| listed.record.to_string()));
        if listed.is_unanswered {
            let said = words.0.pick(
                "登记册的答复未列此项：其后已撤销，或有隐瞒",
                "the registry's answer leaves it out: it was reversed since, or is hidden",
            );
            parts.push(said.to_owned());
        }
        parts.join(words.0.pick("，", ", "))
    }
}

/// Whose word it is that nothing else stands, and up to where no word is needed.
pub fn completeness(reach: Option<Reach>, zone: &TimeZone, language: Language) -> String {
    let Some(Reach { size, logged_at }) = reach else {
        let said = language.pick(
            "登记册的答复（所列记录均已核验，有无遗漏未经核验）",
            "the registry (each record that is listed is proven; that none is left out isn't)",
        );
        return said.to_owned();
    };
    let at = instant_text(logged_at, zone, language);
    match language {
        Language::Zh => format!("已核验的登记册副本（截至{at}，共{size}条，无遗漏）；此后登记的，据登记册的答复"),
        Language::En => format!(
            "the verified log at hand (up to {at}, {size} entries: nothing is left out); of what came later, the registry"
        ),
    }
}

/// What stands, in a line for whoever drafts; with the record's id where it may be typed.
pub fn listed_line(listed: &PersonMeasure, policy: Option<&Policy>, language: Language, has_records: bool) -> String {
    Page { lines: Vec::new(), words: super::words::Words(language), has_records }.listed_text(listed, policy)
}

/// A document by the last four characters of its number: what is shown of it where it isn't to be read whole.
pub fn document_text(identity: &Identity, language: Language) -> String {
    let (kind, last) = (identity.document(), last_four(identity.value()));
    match language {
        Language::Zh => format!("{}后四位 {last}", kind.zh),
        Language::En => format!("{}, last four {last}", kind.en),
    }
}

/// The last four characters of a number.
fn last_four(value: &str) -> String {
    let start = value.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    value[start..].to_owned()
}

pub fn number_of(plain: &callboard_federation::sealed::Plain) -> Option<&str> {
    plain.more.get(NUMBER)?.as_str().filter(|number| !number.is_empty())
}

/// Which letter, and which item of it: by its number, or else by its place in the log.
pub(super) fn place_text(place: Place, number: Option<&str>, language: Language) -> String {
    let item = u64::from(place.position) + 1;
    match (language, number) {
        (Language::Zh, Some(number)) => format!("{number}第{item}项"),
        (Language::Zh, None) => format!("登记册第{}号文书第{item}项", place.index),
        (Language::En, Some(number)) => format!("{number}, item {item}"),
        (Language::En, None) => format!("entry {} of the log, item {item}", place.index),
    }
}

/// The zone of a policy's dates; of Beijing, where none is known.
pub fn zone_of(policy: Option<&Policy>) -> TimeZone {
    let named = policy.and_then(|policy| TimeZone::get(&policy.zone).ok());
    named.unwrap_or_else(beijing)
}
