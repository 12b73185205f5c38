//! What a draft decides otherwise than the one before it, which its drafter withdrew: whoever read that one sees what is new.
//!
//! Items are matched by the identities of their subjects. Pure; what a draft says is checked all the same.

use std::collections::{BTreeSet, HashMap};

use callboard_federation::{
    encoding::Time,
    identity::reader::{day_in_china, read},
    language::{Language, Phrase},
    sealed::Plain,
    statement::{Act, Imposition, Statement},
    zh_en,
};

use crate::{
    bundle::{Bundle, Item},
    letter::{
        earlier_record::{NUMBER, zone_of},
        term::{Start, Term},
    },
};

/// What a draft decides otherwise than an earlier one: when that was drafted, what is otherwise, and how many items are as
/// they were.
#[derive(Debug, Clone)]
pub struct Changes {
    pub since: Time,
    pub told: Vec<String>,
    pub same: usize,
}

/// Tells a part, to be compared.
type Part = fn(&Decision) -> String;

/// A part of a decision that may be another now, with what is compared of it.
const PARTS: [(Phrase, Part); 8] = [
    (Phrase::new("种类", "kind"), |of| of.statement.kind().as_str().to_owned()),
    (Phrase::new("措施", "measure"), |of| of.imposed(|imposed| format!("{:?}", imposed.measure.kind))),
    (Phrase::new("适用服务", "services"), |of| of.imposed(|imposed| format!("{:?}", imposed.measure.scopes))),
    (Phrase::new("期限", "term"), Decision::term),
    (Phrase::new("原决定", "the records that it is about"), |of| format!("{:?}", of.statement.about())),
    (Phrase::new("姓名", "names"), |of| of.plain.names.join("\n")),
    (Phrase::new("违规条款", "violations"), |of| of.plain.violations.join("\n")),
    (Phrase::new("事实和理由", "facts and reasons"), |of| of.plain.reasons.clone()),
];

/// Whose a decision is: the identities, or their text where they can't be read.
type Subject = BTreeSet<Vec<u8>>;

struct Decision {
    /// Its place in the table, from 1.
    number: usize,
    statement: Statement,
    plain: Plain,
    issued_at: Time,
}

impl Decision {
    fn whose(&self) -> String {
        self.plain.names.join(&zh_en!("、", ", "))
    }

    fn imposed(&self, part: fn(&Imposition) -> String) -> String {
        self.statement.imposed().map_or_else(String::new, part)
    }

    /// In words: what takes effect once it is logged is drafted with another instant each time.
    fn term(&self) -> String {
        let starts = self.statement.effective_at().map(|at| Start::drafted(at, self.issued_at));
        let until = match &self.statement.act {
            Act::Stay { until, .. } => *until,
            _ => self.statement.imposed().and_then(|imposed| imposed.measure.until),
        };
        starts.map_or_else(String::new, |starts| Term::new(starts, until).text(&zone_of(None), Language::Zh))
    }
}

/// What is otherwise than before, a sentence each, in the order of the new table; and how many are as they were. Nothing
/// where the two have no subject in common.
pub fn changes(before: &Bundle, now: &Bundle) -> Option<(Vec<String>, usize)> {
    let (old, new) = (decisions(before)?, decisions(now)?);
    let mut left: HashMap<&Subject, Vec<&Decision>> = HashMap::new();
    for (subject, decision) in old.iter().rev() {
        left.entry(subject).or_default().push(decision);
    }
    let (mut told, mut same, mut is_met) = (Vec::new(), 0, false);
    for (subject, decision) in &new {
        let (number, whose) = (decision.number, decision.whose());
        let Some(earlier) = left.get_mut(subject).and_then(Vec::pop) else {
            told.push(zh_en!("第{number}项 {whose}：新增", "item {number}, {whose}: new"));
            continue;
        };
        is_met = true;
        let differs = PARTS.iter().filter(|(_, part)| part(earlier) != part(decision));
        let differs: Vec<String> = differs.map(|(name, _)| name.to_string()).collect();
        if !differs.is_empty() {
            let differs = differs.join(&zh_en!("、", ", "));
            told.push(zh_en!("第{number}项 {whose}：{differs}有改动", "item {number}, {whose}: changed {differs}"));
        } else if rest(earlier) == rest(decision) {
            same += 1;
        } else {
            told.push(zh_en!("第{number}项 {whose}：其他内容有改动", "item {number}, {whose}: changed otherwise"));
        }
    }
    let mut gone: Vec<&Decision> = left.into_values().flatten().collect();
    gone.sort_by_key(|decision| decision.number);
    told.extend(gone.into_iter().map(|decision| {
        let (number, whose) = (decision.number, decision.whose());
        zh_en!("原第{number}项 {whose}：已删去", "item {number} before, {whose}: gone")
    }));
    is_met.then_some((told, same))
}

/// What else is sealed: the number of the letter aside, which each draft has of its own.
fn rest(of: &Decision) -> Plain {
    let mut rest = of.plain.clone();
    rest.more.remove(NUMBER);
    rest
}

/// The decisions of a bundle; nothing where one can't be read.
fn decisions(bundle: &Bundle) -> Option<Vec<(Subject, Decision)>> {
    let issued_at = bundle.docket().issued_at;
    let today = day_in_china(issued_at);
    let subject = |item: &Item| {
        let identities = item.identities.iter().map(|typed| match read(typed.typed(), today) {
            Ok(reading) => reading.identity.prf_input().to_vec(),
            Err(_) => typed.value.clone().into_bytes(),
        });
        identities.collect()
    };
    let decision = |(number, item): (usize, &Item)| {
        let statement = Statement::from_json(&item.statement.0).ok()?;
        let plain = item.plain.clone().map_or_else(|| Ok(Plain::default()), serde_json::from_value).ok()?;
        Some((subject(item), Decision { number, statement, plain, issued_at }))
    };
    (1..).zip(bundle.items()).map(decision).collect()
}

#[cfg(test)]
mod tests {
    use crate::tests::Committee;

    use super::*;

    #[test]
    fn what_is_new_gone_or_otherwise_is_told_and_the_rest_counted() {
        let committee = Committee::found();
        let draft = |rows: &[(usize, &str, &str, &str)]| {
            let row = |(at, name, term, reasons): &(usize, &str, &str, &str)| {
                format!("passport,KOR:M1234567{at},{name},suspension,{term},NB-25,{reasons}\n")
            };
            let rows: String = rows.iter().map(row).collect();
            committee.rule(&format!("kind,identity,names,measure,term,violations,reasons\n{rows}"))
        };
        let before = draft(&[(1, "甲", "5年", "甲"), (2, "乙", "5年", "乙"), (3, "丙", "5年", "丙")]);
        let now = draft(&[(3, "丙", "3年", "丁"), (1, "甲", "5年", "甲"), (4, "丁", "5年", "丁")]);
        let told = Language::Zh.saying(|| changes(&before, &now)).unwrap();
        assert_eq!(told.0, ["第1项 丙：期限、事实和理由有改动", "第3项 丁：新增", "原第2项 乙：已删去"]);
        assert_eq!(told.1, 1);
        assert_eq!(changes(&before, &draft(&[(7, "戊", "5年", "戊")])), None, "about others");
        assert_eq!(changes(&before, &before), Some((Vec::new(), 3)));
    }
}
