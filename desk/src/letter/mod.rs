//! Letters: a statement as those who sign it, and later its subject, read it, in zh-CN and en.
//!
//! Words for measures come from the policy, and so do the association at the head and the remedy at the foot; the other words
//! are [`words`]'. What is shown is what was opened and re-derived at this desk, and is shown whole: characters that a terminal
//! would act on or hide are written out (`callboard_client::visible`). Terms and dates are [`term`]'s, what is said of earlier
//! records [`earlier_record`]'s. Public documents are told in [`super::signing::public`].
//!
//! Long because a letter is one text from its first line to its last, in both languages.

pub mod earlier_record;
mod numeral;
pub mod outline;
pub mod term;
mod words;

use callboard_federation::{
    docket::{Docket, Item},
    encoding::{RecordId, Time},
    identity::reader::Reading,
    policy::{OnTermEnd, Policy},
    records::Place,
    roster::{Role, Roster},
    sealed::Plain,
    standing::Action,
    statement::{Act, Basis, Kind, MeasureKind, Scope, Statement},
};
use callboard_rules::letters;
use jiff::tz::TimeZone;

pub use callboard_client::visible::indented as shown;
pub use earlier_record::EarlierRecord;
use term::{Start, Term, instant_text};

use super::{
    language::Language,
    person_measure::{DocketReversals, PersonMeasure, PersonMeasures, Policies, strictest, takes_back},
    verified_log::Reach,
};
use words::Words;

pub struct Letter {
    statement: Statement,
    plain: Option<Plain>,
    readings: Vec<Reading>,
    is_minor: bool,
    is_proposal: bool,
    policy: Option<Policy>,
    about: Vec<EarlierRecord>,
    unnamed: Vec<RecordId>,
    listed: Vec<(PersonMeasure, Option<Policy>)>,
    /// Whether each of `listed` is left once the docket has effect.
    is_left: Vec<bool>,
    /// The other statements of the docket that are of the same person.
    also: Vec<usize>,
    /// Up to where nothing that stands is left out.
    reach: Option<Reach>,
    docket: Head,
    /// How it became binding; of a letter that is still to be signed, nothing.
    logged: Option<Logged>,
}

/// A line of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterLine {
    /// What its reader is told before anything else.
    Warning(String),
    /// Whose letter it is.
    Association(String),
    Title(String),
    Field {
        label: String,
        value: String,
    },
    Sentence(String),
    /// What nobody overlooks.
    Apart(String),
}

/// How a letter became binding: who signed it, and where the log proves it.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Who signed, by the names that the seats had on the roster of its docket.
    pub signers: Vec<(Role, String)>,
    pub at: Time,
    pub place: Place,
    /// How many entries the log had that the proof is of.
    pub size: u64,
    /// How many witnesses at least have seen that log.
    pub quorum: u64,
}

/// What a letter says of its docket.
#[derive(Debug, Clone)]
pub struct Head {
    issuer: String,
    issued_at: Time,
    number: Option<String>,
    asked: Vec<(Role, u64)>,
}

/// What a letter is of, besides its statement.
#[derive(Default)]
pub struct Sources {
    /// What opened.
    pub plain: Option<Plain>,
    pub readings: Vec<Reading>,
    /// Whether the person was under 18 at the conduct.
    pub is_minor: bool,
    /// Whether it is put to the vote, and nothing is decided yet.
    pub is_proposal: bool,
    /// The policy that it is decided under; of a statement without one, that of what it is about.
    pub policy: Option<Policy>,
    pub about: Vec<EarlierRecord>,
    /// Those of them whose person nobody named.
    pub unnamed: Vec<RecordId>,
    pub stands: PersonMeasures,
}

impl Head {
    /// Of an item of a docket; `number` is the letter's own, as its procedure says it.
    pub fn of(docket: &Docket, item: &Item, roster: &Roster, number: Option<String>) -> Self {
        Self {
            issuer: docket.issuer.clone(),
            issued_at: docket.issued_at,
            number,
            asked: roster.asked([item]).into_iter().collect(),
        }
    }
}

impl Letter {
    /// The letter of a statement that was checked.
    pub fn new(
        statement: &Statement,
        docket: Head,
        sources: Sources,
        taken: &DocketReversals,
        policies: &Policies,
    ) -> Self {
        let Sources { plain, readings, is_minor, is_proposal, policy, about, unnamed, stands } = sources;
        let PersonMeasures { listed, also, reach } = stands;
        let is_left = listed.iter().map(|listed| !taken.names(listed.record)).collect();
        let listed = listed.into_iter().map(|listed| (policies.get(&listed.policy).cloned(), listed));
        Self {
            statement: statement.clone(),
            listed: listed.map(|(policy, listed)| (listed, policy)).collect(),
            plain,
            readings,
            is_minor,
            is_proposal,
            policy,
            about,
            unnamed,
            also,
            reach,
            is_left,
            docket,
            logged: None,
        }
    }

    /// The letter as it was signed and logged: what was for its signers alone is left out.
    #[must_use]
    pub fn logged(self, logged: Logged) -> Self {
        Self { logged: Some(logged), ..self }
    }

    /// The records that it is about and whose person nobody named: whoever signs types how each ends.
    pub fn unnamed(&self) -> &[RecordId] {
        &self.unnamed
    }

    /// Whether it rests on a verified log, and not on the registry's word alone.
    pub const fn has_log(&self) -> bool {
        self.reach.is_some()
    }

    /// The text without how far the log at hand reaches, which grows by itself.
    pub fn without_reach(&self, language: Language) -> String {
        let is_reach = |line: &LetterLine| matches!(line, LetterLine::Field { label, .. } if label == Words(language).completeness());
        let lines = self.lines(language);
        lines.iter().filter(|line| !is_reach(line)).map(|line| line.text(language)).collect::<Vec<_>>().join("\n")
    }

    /// As a terminal shows it, with the ids of records, which may be typed there.
    pub fn text(&self, language: Language) -> String {
        joined(&self.told(language, true), language)
    }

    /// As a page shows it.
    pub fn page_text(&self, language: Language) -> String {
        joined(&self.lines(language), language)
    }

    /// The same, for whoever lays it out.
    pub fn lines(&self, language: Language) -> Vec<LetterLine> {
        self.told(language, false)
    }

    fn told(&self, language: Language, has_records: bool) -> Vec<LetterLine> {
        let mut page = Page { lines: Vec::new(), words: Words(language), has_records };
        self.head(&mut page);
        self.addressee(&mut page);
        if let Some(plain) = &self.plain {
            self.details(plain, &mut page);
        }
        self.rules(&mut page);
        self.decision(&mut page);
        if self.logged.is_none() {
            self.standing(&mut page);
        }
        self.foot(&mut page);
        page.lines
    }

    fn head(&self, page: &mut Page) {
        let words = page.words;
        if !self.unnamed.is_empty() {
            page.lines.push(LetterLine::Warning(words.unnamed().to_owned()));
            page.lines.push(LetterLine::Warning(words.unnamed_do().to_owned()));
        }
        let association = self.policy.as_ref().and_then(letters::association);
        let name =
            association.map_or_else(|| self.docket.issuer.clone(), |name| words.0.pick(&name.zh, &name.en).to_owned());
        page.lines.push(LetterLine::Association(shown(&name)));
        if callboard_federation::roster::is_sandbox(&self.docket.issuer) {
            page.lines.push(LetterLine::Warning(words.sandbox().to_owned()));
        }
        page.lines.push(LetterLine::Title(words.title(self.statement.kind()).to_owned()));
        let sealed = self.plain.as_ref().and_then(earlier_record::number_of);
        match (sealed.or(self.docket.number.as_deref()), &self.logged) {
            (Some(number), _) => page.line(words.number(), number),
            (None, None) => page.line(words.number(), words.no_number()),
            // The number of what is sealed nowhere stands in its bundle alone.
            (None, Some(_)) => {}
        }
    }

    fn addressee(&self, page: &mut Page) {
        let words = page.words;
        if let Some(plain) = self.plain.as_ref().filter(|plain| !plain.names.is_empty()) {
            page.line(words.to(), plain.names.join(words.comma()));
        }
        if let Some(subject) = self.statement.subject() {
            page.line(words.subject(), words.subject_type(subject.r#type));
        }
        for Reading { identity, excused, notes } in &self.readings {
            let kind = identity.document();
            page.line(words.identity(), format_args!("{} {}", words.0.pick(&kind.zh, &kind.en), identity.value()));
            if self.logged.is_some() {
                continue;
            }
            // What was doubted where it was typed is doubted where it is signed.
            let doubts = excused.iter().map(|doubt| (words.confirmed(), doubt.words()));
            let notes = notes.iter().map(|note| (words.compare(), note.words()));
            for (label, said) in doubts.chain(notes) {
                page.line(label, words.0.pick(&said.zh, &said.en));
            }
        }
        if self.is_minor {
            page.line(words.minor(), words.minor_care());
        }
        if let Some(plain) = self.plain.as_ref().filter(|plain| !plain.accounts.is_empty()) {
            page.line(words.accounts(), plain.accounts.join(words.comma()));
        }
        for about in &self.about {
            about.tell(page, 0);
        }
    }

    /// Whether it is taken over without a case.
    fn is_import(&self) -> bool {
        !self.is_proposal && self.statement.basis().is_some_and(Basis::is_imported)
    }

    fn rules(&self, page: &mut Page) {
        let words = page.words;
        if self.is_import() {
            page.line(words.procedure(), words.taken_over());
        }
        let Some(policy) = &self.policy else { return };
        match words.0 {
            Language::Zh => page.line(words.under(), format_args!("《{}》（{}版）", policy.title.zh, policy.version)),
            Language::En => {
                page.line(
                    words.under(),
                    format_args!("{} ({}/{})", policy.title.en, policy.instrument, policy.version),
                );
            }
        }
    }

    fn decision(&self, page: &mut Page) {
        let (words, language) = (page.words, page.words.0);
        let zone = self.zone();
        if let Some(imposed) = self.statement.imposed() {
            let measure = &imposed.measure;
            page.line(words.measure_label(), words.measure(measure.kind, self.policy.as_ref()));
            let scopes: Vec<String> = measure.scopes.iter().map(|scope| words.scope(scope)).collect();
            let scopes = if scopes.is_empty() { words.all_scopes().to_owned() } else { scopes.join(words.comma()) };
            page.line(words.scopes(), scopes);
        }
        let starts = self.statement.effective_at().map(|at| Start::drafted(at, self.docket.issued_at));
        let term = |until| starts.map(|starts| Term::new(starts, until));
        match &self.statement.act {
            Act::Ruling { imposed, .. } | Act::Interim { imposed } => {
                if let Some(term) = term(imposed.measure.until) {
                    page.term(words.term(), &term, &zone);
                }
                let rule = self.policy.as_ref().and_then(|policy| policy.measures.get(&imposed.measure.kind));
                let waits = rule.is_some_and(|rule| rule.on_term_end == OnTermEnd::RequiresReinstatement);
                if waits && self.statement.kind() == Kind::Ruling {
                    page.line(words.then(), words.reinstatement_needed());
                }
            }
            Act::Stay { until, .. } => {
                if let Some(term) = term(*until) {
                    page.term(words.stay_term(), &term, &zone);
                }
            }
            Act::Reinstatement { probation: Some(probation), .. } => {
                if let Some(term) = term(Some(probation.until)) {
                    page.term(words.probation(), &term, &zone);
                }
            }
            Act::Erasure { uncounted, .. } if !uncounted.is_empty() => {
                let indexes: Vec<String> = uncounted.iter().map(u64::to_string).collect();
                page.line(words.uncounted(), indexes.join(words.comma()));
            }
            _ => match starts {
                Some(Start::At(at)) => page.line(words.from(), instant_text(at, &zone, language)),
                Some(Start::WhenLogged(_)) => {
                    page.line(words.from(), language.pick("自登记之日起", "from when it is logged"));
                }
                None => {}
            },
        }
    }

    /// What stands for the person already, and of a reversal what is left afterwards.
    fn standing(&self, page: &mut Page) {
        let words = page.words;
        if !self.also.is_empty() {
            let items: Vec<String> = self.also.iter().map(|at| (at + 1).to_string()).collect();
            page.line(words.also(), items.join(words.comma()));
        }
        let takes_back = takes_back(self.statement.kind());
        if !takes_back {
            for (listed, policy) in &self.listed {
                page.listed(words.already(), listed, policy.as_ref());
            }
            page.line(words.completeness(), earlier_record::completeness(self.reach, &self.zone(), words.0));
            return;
        }
        let left = || self.listed.iter().zip(&self.is_left).filter(|(_, is_left)| **is_left).map(|(listed, _)| listed);
        for (listed, policy) in left() {
            page.listed(words.left(), listed, policy.as_ref());
        }
        match strictest(left().map(|(listed, _)| listed)) {
            Action::Allow => page.lines.push(LetterLine::Sentence(words.nothing_left().to_owned())),
            action => page.apart(&match words.0 {
                Language::Zh => format!("注意：{}——以上措施不因本文书解除", words.action(action)),
                Language::En => format!("NOTE: {}: what is named above isn't reversed by this", words.action(action)),
            }),
        }
        page.line(words.completeness(), earlier_record::completeness(self.reach, &self.zone(), words.0));
    }

    fn details(&self, plain: &Plain, page: &mut Page) {
        let (words, language, zone) = (page.words, page.words.0, self.zone());
        for code in &plain.violations {
            let known = self.policy.iter().flat_map(|policy| &policy.violations);
            let violation = known.into_iter().find(|violation| violation.code == *code);
            let said = violation.map(|violation| {
                let text = language.pick(&violation.zh, &violation.en);
                match language {
                    Language::Zh => format!("{text}（{}）", violation.source),
                    Language::En => format!("{text} ({})", violation.source),
                }
            });
            page.line(words.violation(), format_args!("{code} {}", said.unwrap_or_default()));
        }
        if let Some(conduct) = plain.conduct {
            let (from, to) = (term::date(conduct.from, &zone), term::date(conduct.to, &zone));
            let (from, to) = (term::day_text(from, language), term::day_text(to, language));
            let text = if from == to { from } else { format!("{from}{}{to}", language.pick("至", " to ")) };
            page.line(words.conduct(), text);
        }
        for hash in &plain.evidence {
            page.line(words.evidence(), hash);
        }
        if !plain.reasons.is_empty() {
            page.line(words.reasons(), &plain.reasons);
        }
        for condition in &plain.conditions {
            page.line(words.condition(), condition);
        }
        if let Some(guardian) = &plain.guardian {
            page.line(words.guardian(), guardian);
        }
        if let Some(said) = &plain.words {
            page.line(words.own_words(), said);
        }
        // Nothing sealed stays unread: what this program has no word for is shown as it is.
        for (name, value) in &plain.more {
            match (name.as_str(), value.as_str()) {
                (earlier_record::NUMBER, Some(_)) => {}
                (super::minor::BORN, Some(born)) => page.line(words.born(), born),
                _ => page.line(name, value),
            }
        }
    }

    fn foot(&self, page: &mut Page) {
        let words = page.words;
        if self.statement.basis().is_some()
            && let Some(days) = self.policy.as_ref().and_then(letters::objection_days)
        {
            page.line(words.objection(), words.object_within(days));
        }
        let day = |at| day_in_words(at, &self.zone(), words.0);
        match &self.logged {
            None => page.line(words.decided_by(), words.asked(&self.docket.asked)),
            Some(logged) => page.line(words.signed_by(), words.signers(&logged.signers)),
        }
        page.line(words.drafted(), day(self.docket.issued_at));
        if let Some(Logged { at, place, size, quorum, .. }) = &self.logged {
            let place = earlier_record::place_text(*place, None, words.0);
            page.line(words.logged(), format_args!("{}{}{place}", day(*at), words.0.pick("，", ", ")));
            page.line(words.proof(), words.proven(*size, *quorum));
        }
        if page.has_records {
            page.line(words.record(), self.statement.id);
        }
    }

    fn zone(&self) -> TimeZone {
        earlier_record::zone_of(self.policy.as_ref())
    }
}

/// The day of an instant, as a letter bears it: 二〇二六年七月一日, 1 July 2026.
pub fn day_in_words(at: Time, zone: &TimeZone, language: Language) -> String {
    let day = term::date(at, zone);
    match language {
        Language::Zh => numeral::date_zh(day),
        Language::En => term::day_text(day, Language::En),
    }
}

pub fn measure_word(kind: MeasureKind, policy: Option<&Policy>, language: Language) -> String {
    Words(language).measure(kind, policy)
}

pub fn action_word(action: Action, language: Language) -> &'static str {
    Words(language).action(action)
}

pub fn scope_word(scope: &Scope, language: Language) -> String {
    Words(language).scope(scope)
}

/// Who must sign a docket, in words.
pub fn asked_text(asked: &std::collections::BTreeMap<Role, u64>, language: Language) -> String {
    let asked: Vec<(Role, u64)> = asked.iter().map(|(role, count)| (*role, *count)).collect();
    Words(language).asked(&asked)
}

impl LetterLine {
    fn text(&self, language: Language) -> String {
        match self {
            Self::Warning(said) | Self::Association(said) | Self::Title(said) => said.clone(),
            Self::Field { label, value } => format!("  {label}{}{value}", language.pick("：", ": ")),
            Self::Sentence(said) => format!("  {said}"),
            Self::Apart(said) => format!("\n  ■ {said} ■\n"),
        }
    }
}

fn joined(lines: &[LetterLine], language: Language) -> String {
    lines.iter().map(|line| line.text(language)).collect::<Vec<_>>().join("\n")
}

struct Page {
    lines: Vec<LetterLine>,
    words: Words,
    /// Whether it tells the ids of records.
    has_records: bool,
}

impl Page {
    fn line(&mut self, label: &str, value: impl std::fmt::Display) {
        self.lines.push(LetterLine::Field { label: shown(label), value: shown(&value.to_string()) });
    }

    /// A term; one without an end is set off, so that the heaviest line doesn't look like the lightest.
    fn term(&mut self, label: &str, term: &Term, zone: &TimeZone) {
        let text = term.text(zone, self.words.0);
        if term.is_open() {
            self.apart(&format!("{label}{}{text}", self.words.0.pick("：", ": ")));
        } else {
            self.line(label, text);
        }
    }

    /// A line that nobody overlooks.
    fn apart(&mut self, text: &str) {
        self.lines.push(LetterLine::Apart(shown(text)));
    }
}

#[cfg(test)]
mod tests;
