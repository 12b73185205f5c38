//! What stands already for the people of a drafted docket, and what of it a reversal would leave, as whoever drafts it reads it.

use callboard_client::output::{Line, plain, yellow};
use callboard_federation::{
    encoding::RecordId,
    language::{Language, Phrase},
    standing::Action,
    statement::{Kind, Statement},
    zh_en,
};

use super::{
    bundle::{Bundle, Item},
    letter::{
        earlier_record::{completeness, listed_line, zone_of},
        shown,
    },
    person_measure::{self, DocketReversals, PersonMeasure, PersonMeasures, Policies},
};

/// A docket, and the row of the sheet that each of its last statements is of.
pub struct Draft {
    pub bundle: Bundle,
    /// In the order of the statements; empty where there is no sheet.
    pub rows: Vec<u32>,
}

/// A draft, with what stands for the person of each statement.
pub struct DraftReport {
    pub draft: Draft,
    pub(super) statements: Vec<Statement>,
    pub(super) people: Vec<PersonMeasures>,
    pub(super) reversals: DocketReversals,
    pub(super) policies: Policies,
}

impl DraftReport {
    /// What is asked of whoever drafts, of what a reversal would leave.
    pub const QUESTION: Phrase =
        Phrase::new("以上措施仍将有效。一并列入本文书？", "This would still stand. Name it too?");

    /// How many statements there are.
    pub const fn count(&self) -> usize {
        self.statements.len()
    }

    /// What a reversal would leave of its person's measures and could name too; what is `named` already isn't offered
    /// again.
    pub fn left(&self, at: usize, named: &[RecordId]) -> Vec<&PersonMeasure> {
        let (Some(statement), Some(person)) = (self.statements.get(at), self.people.get(at)) else { return Vec::new() };
        // What stands is a ruling or an interim.
        if !matches!(statement.kind(), Kind::Annulment | Kind::Stay | Kind::Reinstatement) {
            return Vec::new();
        }
        let left = self.reversals.left(&person.listed);
        left.into_iter().filter(|measure| !named.contains(&measure.record)).collect()
    }

    /// What of these records has effect, or will have: as long as it has, no erasure of it counts.
    pub fn in_effect(&self, records: &[RecordId]) -> Vec<&PersonMeasure> {
        let listed = self.people.iter().flat_map(|person| &person.listed);
        listed.filter(|measure| records.contains(&measure.record)).collect()
    }

    /// A measure in a line; with its record's id where that may be typed.
    pub fn text(&self, measure: &PersonMeasure, has_record: bool) -> String {
        listed_line(measure, self.policies.get(&measure.policy), Language::spoken(), has_record)
    }

    /// What is told where nobody can be asked.
    pub fn hint(left: &[&PersonMeasure]) -> String {
        let records: Vec<String> = left.iter().map(|measure| measure.record.to_string()).collect();
        let records = records.join(" ");
        zh_en!(
            "以上措施仍将有效；如应一并列入，请加上：{records}",
            "this would still stand; to name it too, add: {records}"
        )
    }

    /// What is said of all people, and whose word that is; with ids of records where they may be typed.
    pub fn lines(&self, has_records: bool) -> Vec<Line> {
        let language = Language::spoken();
        let mut lines: Vec<Line> =
            self.said(has_records).iter().map(|said| vec![yellow(shown(&format!("  {said}")))]).collect();
        if let Some(person) = self.people.first() {
            let completeness = completeness(person.reach, &zone_of(None), language);
            lines.push(vec![plain(zh_en!("  查询依据：{completeness}", "  asked of: {completeness}"))]);
        }
        lines
    }

    /// What is said of each person: who it is, what stands already, and what of it is left; with ids of records where they
    /// may be typed.
    pub fn said(&self, has_records: bool) -> Vec<String> {
        let language = Language::spoken();
        let mut all = Vec::new();
        for (at, (statement, person)) in self.statements.iter().zip(&self.people).enumerate() {
            let place = self.place(at);
            let mut say = |text: &str| all.push(zh_en!("{place}：{text}", "{place}: {text}"));
            for also in &person.also {
                let other = self.place(*also);
                say(&zh_en!("同一当事人：{other}", "the same person as {other}"));
            }
            let takes_back = person_measure::takes_back(statement.kind());
            // What it is about is what the drafter named.
            for measure in person.listed.iter().filter(|measure| !self.reversals.names(measure.record)) {
                let what = if takes_back {
                    language.pick("本文书生效后仍有：", "still stands afterwards: ")
                } else {
                    language.pick("此人已有措施：", "already listed: ")
                };
                say(&format!("{what}{}", self.text(measure, has_records)));
            }
            if takes_back && person_measure::strictest(self.reversals.left(&person.listed)) == Action::Allow {
                say(&zh_en!("本文书生效后此人再无其他措施", "nothing else stands against the person"));
            }
        }
        all
    }

    /// Whether something stands already for the person of a statement.
    pub fn is_listed(&self, at: usize) -> bool {
        self.people.get(at).is_some_and(|person| !person.listed.is_empty())
    }

    /// Where in the docket, and of whom: rows are those of its last statements.
    fn place(&self, at: usize) -> String {
        let before_rows = self.statements.len().saturating_sub(self.draft.rows.len());
        let row = at.checked_sub(before_rows).and_then(|at| self.draft.rows.get(at));
        let names = self.draft.bundle.items().get(at).and_then(Item::details).unwrap_or_default().names;
        let names = names.join(&zh_en!("、", ", "));
        let of = if names.is_empty() { String::new() } else { format!(" {names}") };
        match row {
            Some(row) => zh_en!("第{row}行{of}", "row {row}{of}"),
            None => zh_en!("第{number}项{of}", "item {number}{of}", number = at + 1),
        }
    }
}
