//! The form of each act of a case: its fields, for whom it is, and what stands in it at first. Those of each act:
//! [`secretariat`], [`panel`].

mod panel;
mod secretariat;

use callboard_desk::cases::{
    proposal::{drafts_of, resolution},
    sealed::seat_of,
    typed::day_and_clock,
    waiting::{Task, Waits},
    words,
};
use callboard_federation::{
    encoding::{Hash, Time},
    language::Phrase,
    roster::{Role, Roster},
    zh_en,
};
use callboard_rules::case::{Case, Stage, law::Seat, number::ItemNumber};
use serde::de::DeserializeOwned;

use super::kept::{Proposed, ReadCase};
use crate::form::Form;

/// The form of an act.
pub(super) struct ActForm {
    pub(super) word: &'static str,
    /// What its fields are told apart by, where a page has several forms.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) note: Option<String>,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) fields: Vec<Field>,
    pub(super) button: String,
}

pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) kind: FieldKind,
    pub(super) value: String,
}

#[derive(PartialEq, Eq)]
pub(super) enum FieldKind {
    Line,
    Text,
    Day,
    File,
    /// One of these, by word and label.
    Choice(Vec<(String, String)>),
    /// Some of these: word, label, and whether it is ticked.
    Ticks(Vec<(String, String, bool)>),
}

/// What the forms of a case are made of.
pub(super) struct Forms<'a> {
    pub(super) read: &'a ReadCase,
    pub(super) seat: &'a Seat,
    pub(super) roster: &'a Roster,
    /// Members by id and name.
    pub(super) members: &'a [(String, String)],
    pub(super) proposals: &'a [std::sync::Arc<Proposed>],
    pub(super) now: Time,
    /// What was typed before.
    pub(super) typed: &'a Form,
}

impl ActForm {
    pub(super) fn has_file(&self) -> bool {
        self.fields.iter().any(|field| field.kind == FieldKind::File)
    }

    fn new(word: &'static str, title: Phrase, fields: Vec<Field>) -> Self {
        let title = title.to_string();
        Self { word, id: word.to_owned(), button: title.clone(), title, note: None, hidden: Vec::new(), fields }
    }

    fn note(self, note: Phrase) -> Self {
        Self { note: Some(note.to_string()), ..self }
    }

    fn button(self, button: Phrase) -> Self {
        Self { button: button.to_string(), ..self }
    }

    fn hidden(mut self, name: &'static str, value: &impl ToString) -> Self {
        let value = value.to_string();
        self.id = format!("{}-{value}", self.word);
        self.hidden.push((name, value));
        self
    }
}

impl Field {
    pub(super) fn is(&self, kind: &str) -> bool {
        kind == match self.kind {
            FieldKind::Line => "line",
            FieldKind::Text => "text",
            FieldKind::Day => "day",
            FieldKind::File => "file",
            FieldKind::Choice(_) => "choice",
            FieldKind::Ticks(_) => "ticks",
        }
    }

    pub(super) fn choices(&self) -> Vec<(&str, &str, bool)> {
        let FieldKind::Choice(choices) = &self.kind else { return Vec::new() };
        choices.iter().map(|(word, label)| (word.as_str(), label.as_str(), *word == self.value)).collect()
    }

    pub(super) fn ticks(&self) -> &[(String, String, bool)] {
        if let FieldKind::Ticks(ticks) = &self.kind { ticks } else { &[] }
    }
}

/// The acts that a role has beside what waits for it, in the order in which a case goes.
pub(super) const fn acts_of(role: Role) -> &'static [&'static str] {
    match role {
        Role::Secretariat => &[
            "add-item",
            "evidence",
            "notified",
            "notice-failed",
            "published",
            "represented",
            "answered",
            "challenge",
            "interim",
            "session",
            "drop-item",
            "approve-access",
            "close",
            "decision-notified",
            "decision-published",
            "appeal",
            "probation-reported",
        ],
        Role::Chair => &[
            "panel",
            "draw",
            "replace",
            "session",
            "interim",
            "recuse",
            "withdraw",
            "drop-item",
            "approve-access",
            "close",
        ],
        Role::Panel => &["session", "recuse", "approve-access"],
        Role::Auditor => &[],
    }
}

/// The word of a value as the formats write it.
pub(super) fn word_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The value of a word.
pub(super) fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}

impl Forms<'_> {
    const fn case(&self) -> &Case {
        &self.read.file.case
    }

    fn value(&self, name: &str, otherwise: &str) -> String {
        if self.typed.has(name) { self.typed.get(name).to_owned() } else { otherwise.to_owned() }
    }

    fn field(&self, name: &'static str, label: Phrase, kind: FieldKind, otherwise: &str) -> Field {
        Field { name, label: label.to_string(), kind, value: self.value(name, otherwise) }
    }

    fn items(&self, otherwise: &[ItemNumber]) -> Field {
        let label =
            Phrase::new("第几人（如 1-3、7；空白为全部未决的）", "Items (such as 1-3, 7; empty: all that wait)");
        self.field("items", label, FieldKind::Line, &runs(otherwise))
    }

    fn text(&self, label: Phrase) -> Field {
        self.field("text", label, FieldKind::Text, "")
    }

    fn when(&self, day: Phrase, clock: Phrase) -> [Field; 2] {
        let (date, time) = day_and_clock(self.now);
        [self.field("day", day, FieldKind::Day, &date), self.field("clock", clock, FieldKind::Line, &time)]
    }

    /// Seats that may sit, each with what it is recused from.
    fn panel_seats(&self) -> impl Iterator<Item = (String, String, &callboard_federation::roster::Seat)> {
        let may_sit = |seat: &&callboard_federation::roster::Seat| matches!(seat.role, Role::Panel | Role::Chair);
        self.roster
            .seats
            .iter()
            .filter(may_sit)
            .map(|seat| (seat.public_key.id().to_string(), seat_label(self.case(), seat), seat))
    }

    fn seats(
        &self,
        name: &'static str,
        label: Phrase,
        is: impl Fn(&callboard_federation::roster::Seat) -> bool,
    ) -> Field {
        let seats = self.roster.seats.iter().filter(|seat| is(seat));
        let choices = seats.map(|seat| (seat.public_key.id().to_string(), seat_label(self.case(), seat))).collect();
        self.field(name, label, FieldKind::Choice(choices), "")
    }

    fn proposal(&self) -> Field {
        self.proposal_among(self.proposals.iter().map(AsRef::as_ref))
    }

    fn proposal_among<'p>(&self, proposals: impl Iterator<Item = &'p Proposed>) -> Field {
        let choices = proposals.map(|of| (of.draft.to_string(), of.label.clone())).collect();
        self.field("proposal", Phrase::new("提请评议的草案", "What is put to the vote"), FieldKind::Choice(choices), "")
    }

    /// What a docket is made of: a draft that has all that was resolved, and what is published where it has more.
    fn docket_fields(&self, procedure: &Hash) -> Vec<Field> {
        let drafts = resolution(self.case(), procedure).map(drafts_of).unwrap_or_default();
        let of = |proposed: &Proposed| proposed.items.iter().flat_map(|item| item.drafts.clone()).collect();
        let has = |proposed: &&Proposed| drafts.is_subset(&of(proposed));
        let proposals = || self.proposals.iter().map(AsRef::as_ref).filter(has);
        let mut fields = vec![self.proposal_among(proposals())];
        let is_more = |proposed: &&Proposed| of(proposed).len() > drafts.len();
        if let Some((zh, en)) = proposals().find(is_more).and_then(|proposed| proposed.publication.as_ref()) {
            let label = Phrase::new(
                "公布内容（中文）：请删去未获通过的各人",
                "To be published, in Chinese: take out who wasn't decided about",
            );
            fields.push(self.field("public-zh", label, FieldKind::Text, zh));
            let label = Phrase::new(
                "公布内容（英文）：请删去未获通过的各人",
                "To be published, in English: take out who wasn't decided about",
            );
            fields.push(self.field("public-en", label, FieldKind::Text, en));
        }
        fields
    }

    /// The form of what waits.
    pub(super) fn of_task(&self, waits: &Waits) -> Option<ActForm> {
        match &waits.task {
            Task::NamePanel => self.of("panel"),
            Task::AnnounceDraw => self.of("draw"),
            Task::CommitDraw => self.of("draw-commit"),
            Task::OpenDraw => self.of("draw-open"),
            Task::Notify(items) => {
                let mut form = self.of("notified")?;
                self.propose(&mut form, "items", &runs(items));
                Some(form)
            }
            Task::OpenSession(items) => {
                let mut form = self.of("session")?;
                self.propose(&mut form, "items", &runs(items));
                Some(form)
            }
            Task::BePresent(_) => self.of("present"),
            Task::SealVote(_) => self.of("vote"),
            Task::OpenVote(_) => self.of("open-vote"),
            Task::DecideChallenge(number) => Some(self.of("decide-challenge")?.hidden("challenge", number)),
            Task::Order(number) => {
                Some(self.resolve(Phrase::new("决定采取临时措施", "Order the interim")).hidden("of", number))
            }
            Task::Resolve(number) => {
                Some(self.resolve(Phrase::new("按表决结果作出决议", "Resolve as it was voted")).hidden("of", number))
            }
            Task::Confirm(number) => {
                let form = ActForm::new("confirm", Phrase::new("确认决议", "Confirm the resolution"), Vec::new());
                Some(form.hidden("resolution", number))
            }
            Task::DraftDocket(procedure) => {
                let title = Phrase::new("起草文书，送签署", "Draft the docket, and send it to be signed");
                Some(ActForm::new("docket", title, self.docket_fields(procedure)).hidden("procedure", procedure))
            }
            Task::OrderStay(number) => {
                Some(self.resolve(Phrase::new("决定暂缓执行", "Order the stay")).hidden("of", number))
            }
            Task::TellDecision(items) => {
                let mut form = self.of("decision-notified")?;
                self.propose(&mut form, "items", &runs(items));
                Some(form)
            }
            Task::ReportProbation(item) => {
                let mut form = self.of("probation-reported")?;
                self.propose(&mut form, "items", &runs(&[*item]));
                Some(form)
            }
            Task::ProposeStay(_) => self.of("interim").filter(|_| !self.proposals.is_empty()),
            // What is drafted begins where drafts begin.
            Task::DraftAppeal(_) | Task::Dispute(_) | Task::EndDispute(_) | Task::EndStay(_) => None,
            Task::Close => self.of("close"),
        }
    }

    /// What stands in a field unless something else was typed.
    fn propose(&self, form: &mut ActForm, name: &'static str, value: &str) {
        if !self.typed.has(name)
            && let Some(field) = form.fields.iter_mut().find(|field| field.name == name)
        {
            value.clone_into(&mut field.value);
        }
    }

    fn resolve(&self, title: Phrase) -> ActForm {
        ActForm::new("resolve", title, vec![self.text(Phrase::new("理由（可不填，密封）", "Reasons, if any (sealed)"))])
    }

    /// The form of an act by its word.
    pub(super) fn of(&self, word: &str) -> Option<ActForm> {
        self.of_secretariat(word).or_else(|| self.of_panel(word)).or_else(|| self.of_session(word))
    }

    fn minors(&self) -> Vec<ItemNumber> {
        self.case().items.iter().filter(|(_, item)| item.minor).map(|(number, _)| *number).collect()
    }

    /// Whether a word makes sense where the case is.
    pub(super) fn is_offered(&self, word: &str) -> bool {
        let case = self.case();
        let (is_closed, is_sitting) = (matches!(case.stage, Stage::Closed), matches!(case.stage, Stage::Sitting(_)));
        let has_items = case.items.values().any(|item| {
            !matches!(
                item.state,
                callboard_rules::case::item::ItemState::Issued | callboard_rules::case::item::ItemState::Dropped
            )
        });
        let is_issued = case.items.values().any(|item| item.issued_at.is_some());
        let is_objectionable =
            |item: &callboard_rules::case::item::Item| item.issued_at.is_some() && item.appealed.is_none();
        match word {
            "decision-notified" | "decision-published" => is_issued,
            "appeal" => case.appeal.is_none() && case.items.values().any(is_objectionable),
            "probation-reported" => case.application.is_some() && is_issued,
            "notice-failed" if is_issued => true,
            _ if is_closed => false,
            "add-item" => true,
            "panel" => has_items && !is_sitting && !case.terms().is_drawn,
            "draw" => has_items && !is_sitting && case.terms().is_drawn,
            "session" | "interim" => has_items && !is_sitting && !self.proposals.is_empty(),
            "replace" => !is_sitting && !case.panel.seats.is_empty(),
            "withdraw" => !case.sessions.is_empty(),
            "approve-access" => !self.minors().is_empty(),
            _ => has_items,
        }
    }
}

/// A seat as people read it: its holder and role, and what it is recused from.
fn seat_label(case: &Case, seat: &callboard_federation::roster::Seat) -> String {
    let own = seat_of(seat);
    let recused: Vec<ItemNumber> = case.items.keys().copied().filter(|item| case.is_recused(&own, *item)).collect();
    let (holder, role) = (&seat.holder, seat.role.words());
    let out = if case.panel.out.contains(&seat.holder) {
        zh_en!("，不得参加下一次评议", ", out of the next panel")
    } else {
        String::new()
    };
    if recused.is_empty() {
        zh_en!("{holder}（{role}{out}）", "{holder} ({role}{out})")
    } else {
        let from = words::items(recused);
        zh_en!("{holder}（{role}，就{from}回避{out}）", "{holder} ({role}, recused from {from}{out})")
    }
}

/// Numbers as they are typed.
pub(super) fn runs(numbers: &[ItemNumber]) -> String {
    let mut text = String::new();
    let mut at = 0;
    while let Some(first) = numbers.get(at) {
        let mut last = *first;
        while numbers.get(at + 1).is_some_and(|next| last.checked_add(1) == Some(*next)) {
            at += 1;
            last = last.saturating_add(1);
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&first.to_string());
        if *first != last {
            text.push('-');
            text.push_str(&last.to_string());
        }
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_a_field_as_they_are_read_from_it() {
        assert_eq!(runs(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(callboard_desk::cases::typed::items(&runs(&[1, 2, 3, 7])).unwrap(), [1, 2, 3, 7]);
    }
}
