//! Letters: a statement as those who sign it, and later its subject, read it, in zh-CN and en.
//!
//! Words for measures come from the policy. What is shown is what was opened and re-derived at this desk, and is shown whole:
//! characters that a terminal would act on or hide are written out (`callboard_client::visible`). Public documents are told in
//! [`super::signing::public`].

pub mod outline;
mod words;

use callboard_federation::{
    encoding::{RecordId, Time},
    identity::reader::Reading,
    policy::{OnTermEnd, Policy},
    sealed::Plain,
    statement::{Act, Kind, Measure, Statement},
};
use jiff::tz::TimeZone;

pub use callboard_client::visible::indented as shown;

use super::{draft::named::Named, language::Language};
use words::Words;

/// A statement with all that is to be read of it.
pub struct Letter {
    statement: Statement,
    plain: Option<Plain>,
    readings: Vec<Reading>,
    is_minor: bool,
    policy: Option<Policy>,
    about: Vec<About>,
}

/// A record that the statement is about.
struct About {
    record: RecordId,
    kind: Option<Kind>,
    measure: Option<Measure>,
}

impl Letter {
    /// The letter of a statement that was checked.
    pub fn new(
        statement: &Statement,
        plain: Option<Plain>,
        readings: &[Reading],
        is_minor: bool,
        policy: Option<&Policy>,
        named: &Named,
    ) -> Self {
        let about = statement.about().iter().map(|record| {
            let statement = named.statement(*record);
            About {
                record: *record,
                kind: statement.map(Statement::kind),
                measure: statement.and_then(Statement::imposed).map(|imposed| imposed.measure.clone()),
            }
        });
        Self {
            about: about.collect(),
            statement: statement.clone(),
            plain,
            readings: readings.to_vec(),
            is_minor,
            policy: policy.cloned(),
        }
    }

    /// The whole letter.
    pub fn text(&self, language: Language) -> String {
        let mut page = Page { lines: Vec::new(), words: Words(language) };
        page.lines.push(page.words.title(self.statement.kind()).to_owned());
        self.addressee(&mut page);
        self.rules(&mut page);
        self.decision(&mut page);
        if let Some(plain) = &self.plain {
            self.details(plain, &mut page);
        }
        page.line(page.words.record(), self.statement.id);
        page.lines.join("\n")
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
            let kind = about.kind.map(|kind| words.kind(kind)).unwrap_or_default();
            let measure = about.measure.as_ref().map(|measure| words.measure(measure.kind, self.policy.as_ref()));
            let measure = measure.map(|measure| format!(" · {measure}")).unwrap_or_default();
            page.line(words.about(), format_args!("{kind}{measure} · {}", about.record));
        }
    }

    fn rules(&self, page: &mut Page) {
        let (Some(policy), words) = (&self.policy, page.words) else { return };
        let title = words.0.pick(&policy.title.zh, &policy.title.en);
        page.line(words.under(), format_args!("{title} ({}/{})", policy.instrument, policy.version));
    }

    fn decision(&self, page: &mut Page) {
        let words = page.words;
        if let Some(imposed) = self.statement.imposed() {
            let measure = &imposed.measure;
            page.line(words.measure_label(), words.measure(measure.kind, self.policy.as_ref()));
            let scopes: Vec<String> = measure.scopes.iter().map(|scope| words.scope(scope)).collect();
            let scopes = if scopes.is_empty() { words.all_scopes().to_owned() } else { scopes.join(words.comma()) };
            page.line(words.scopes(), scopes);
        }
        if let Some(at) = self.statement.effective_at() {
            page.line(words.from(), self.instant(at));
        }
        match &self.statement.act {
            Act::Ruling { imposed, .. } | Act::Interim { imposed } => {
                let until = imposed.measure.until.map(|until| self.instant(until));
                page.line(words.until(), until.unwrap_or_else(|| words.open().to_owned()));
                let rule = self.policy.as_ref().and_then(|policy| policy.measures.get(&imposed.measure.kind));
                let waits = rule.is_some_and(|rule| rule.on_term_end == OnTermEnd::RequiresReinstatement);
                if waits && self.statement.kind() == Kind::Ruling {
                    page.line(words.then(), words.reinstatement_needed());
                }
            }
            Act::Stay { until, .. } => {
                page.line(words.until(), until.map_or_else(|| words.open().to_owned(), |until| self.instant(until)));
            }
            Act::Reinstatement { probation: Some(probation), .. } => {
                page.line(words.probation(), self.instant(probation.until));
            }
            Act::Erasure { uncounted, .. } if !uncounted.is_empty() => {
                let indexes: Vec<String> = uncounted.iter().map(u64::to_string).collect();
                page.line(words.uncounted(), indexes.join(words.comma()));
            }
            _ => {}
        }
    }

    fn details(&self, plain: &Plain, page: &mut Page) {
        let words = page.words;
        for code in &plain.violations {
            let known = self.policy.iter().flat_map(|policy| &policy.violations);
            let violation = known.into_iter().find(|violation| violation.code == *code);
            let said = violation.map(|violation| words.0.pick(&violation.zh, &violation.en)).unwrap_or_default();
            page.line(words.violation(), format_args!("{code} {said}"));
        }
        if let Some(conduct) = plain.conduct {
            let (from, to) = (self.instant(conduct.from), self.instant(conduct.to));
            page.line(words.conduct(), format_args!("{from} – {to}"));
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
            page.line(name, value);
        }
    }

    /// An instant by the clock of the policy's zone.
    fn instant(&self, at: Time) -> String {
        let zone = self.policy.as_ref().map_or("UTC", |policy| policy.zone.as_str());
        match TimeZone::get(zone) {
            Ok(known) => {
                let civil = known.to_datetime(at.timestamp());
                format!("{} {zone}", civil.strftime("%Y-%m-%d %H:%M:%S"))
            }
            Err(_) => at.to_string(),
        }
    }
}

/// Lines as they are written.
struct Page {
    lines: Vec<String>,
    words: Words,
}

impl Page {
    fn line(&mut self, label: &str, value: impl std::fmt::Display) {
        let colon = self.words.0.pick("：", ": ");
        self.lines.push(format!("  {}{colon}{}", shown(label), shown(&value.to_string())));
    }
}

#[cfg(test)]
mod tests;
