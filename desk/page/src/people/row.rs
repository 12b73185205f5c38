//! How people, and what was decided about them, are told in a line.

use callboard_client::visible::Visible;
use callboard_desk::{
    letter::{
        earlier_record::{document_text, zone_of},
        measure_word,
        term::{Start, Term, time_text},
    },
    people::{
        entry::{DocketState, Entry, IndexedDocket},
        search::Hit,
    },
};
use callboard_federation::{identity::Identity, language::Language, zh_en};

/// Somebody in a list.
pub(crate) struct PersonRow {
    pub(crate) url: String,
    pub(crate) names: String,
    /// Documents, by their last four characters.
    pub(crate) documents: String,
    pub(crate) records: Vec<RecordRow>,
}

/// A docket in a list.
pub(crate) struct DocketRow {
    pub(crate) url: String,
    pub(crate) number: String,
    pub(crate) at: String,
    pub(crate) state: String,
    pub(crate) items: u32,
}

/// What was decided about somebody in one docket.
pub(crate) struct RecordRow {
    pub(crate) place: String,
    pub(crate) what: String,
    pub(crate) term: String,
    pub(crate) state: String,
    pub(crate) at: String,
}

impl PersonRow {
    pub(crate) fn of(hits: &[Hit], language: Language) -> Self {
        let url = hits.first().map(|hit| format!("/people/record/{}", hit.entry.record)).unwrap_or_default();
        let records = hits.iter().map(|hit| RecordRow::of(hit, language)).collect();
        Self { url, names: names(hits), documents: last_fours(hits, language).join(&comma()), records }
    }
}

impl DocketRow {
    pub(crate) fn of(docket: &IndexedDocket) -> Self {
        Self {
            url: format!("/people/docket/{}", docket.docket),
            number: number_text(docket),
            at: time_text(docket.issued_at),
            state: state_text(docket.state),
            items: docket.items,
        }
    }
}

impl RecordRow {
    pub(crate) fn of(hit: &Hit, language: Language) -> Self {
        let Hit { docket, entry } = hit;
        Self {
            place: place_text(hit),
            what: what_text(entry, language),
            term: term_text(hit, language),
            state: state_text(docket.state),
            at: time_text(docket.issued_at),
        }
    }
}

/// Which letter, and which item of it.
pub(crate) fn place_text(hit: &Hit) -> String {
    let (number, item) = (number_text(&hit.docket), hit.entry.position + 1);
    zh_en!("{number}第{item}项", "{number}, item {item}")
}

fn number_text(docket: &IndexedDocket) -> String {
    let number = docket.number.as_ref().map(|number| Visible(number).to_string());
    number.unwrap_or_else(|| {
        let at = time_text(docket.issued_at);
        zh_en!("{at}起草的文书（未编文号）", "the docket drafted {at} (no number)")
    })
}

fn what_text(entry: &Entry, language: Language) -> String {
    let kind = entry.kind.words().pick(language);
    match &entry.measure {
        Some(measure) => format!("{kind} · {}", measure_word(measure.kind, None, language)),
        None => kind.to_owned(),
    }
}

fn term_text(hit: &Hit, language: Language) -> String {
    let Some((measure, at)) = hit.entry.measure.as_ref().zip(hit.entry.effective_at) else { return String::new() };
    Term::new(Start::drafted(at, hit.docket.issued_at), measure.until).text(&zone_of(None), language)
}

fn state_text(state: DocketState) -> String {
    match state {
        DocketState::Open => zh_en!("待签", "waits to be signed"),
        DocketState::Proposed => zh_en!("提请评议", "before the panel"),
        DocketState::Withdrawn => zh_en!("已撤回", "withdrawn"),
        DocketState::Logged(_) => zh_en!("已登记", "logged"),
        DocketState::Unsent => zh_en!("未登记", "not logged"),
    }
}

/// What somebody is called, each name once.
pub(crate) fn names(hits: &[Hit]) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in hits.iter().flat_map(|hit| &hit.entry.names) {
        let name = Visible(name).to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { zh_en!("（姓名未载）", "(no name is told)") } else { names.join(&comma()) }
}

/// Somebody's documents, each once.
pub(crate) fn documents(hits: &[Hit]) -> Vec<Identity> {
    let mut all: Vec<Identity> = Vec::new();
    for identity in hits.iter().flat_map(|hit| hit.entry.identities()) {
        if !all.contains(&identity) {
            all.push(identity);
        }
    }
    all
}

fn last_fours(hits: &[Hit], language: Language) -> Vec<String> {
    let hard = documents(hits).into_iter().filter(|identity| identity.kind().is_hard());
    hard.map(|identity| document_text(&identity, language)).collect()
}

pub(crate) fn comma() -> String {
    zh_en!("、", ", ")
}
