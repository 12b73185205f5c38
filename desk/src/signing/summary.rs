//! What a signer reads before the letters: how many there are of what, and those that are unlike the rest.
//!
//! Among eighty letters the one bar, the one without an end date or the minor is read over. Pure; the letters are
//! [`crate::letter`]'s, and what of them is confirmed one by one on a page is [`super::oddity`]'s.

use std::collections::HashMap;

use callboard_client::visible::Visible;
use callboard_federation::language::Phrase;

use crate::{
    language::Language,
    letter::outline::{Mark, Outline},
};

/// The summary of a docket's letters: counts by measure and term, then the outliers by their numbers.
pub fn summary(letters: &[Outline], language: Language) -> String {
    let mut lines = vec![match language {
        Language::Zh => format!("本文书共{}项：", letters.len()),
        Language::En => format!("{} in this docket:", letters.len()),
    }];
    lines.extend(groups(letters, language));
    let unlike = outliers(letters, language);
    if unlike.is_empty() {
        if letters.len() > 1 {
            lines.push(language.pick("没有与其余各项不同的。", "None is unlike the rest.").to_owned());
        }
    } else {
        lines.push(language.pick("请特别核对：", "Look at these:").to_owned());
        lines.extend(unlike);
    }
    lines.join("\n")
}

/// What is odd of a term without an end.
pub(super) const NO_END: Phrase = Phrase::new("未设终止日期", "no end date");

/// How many there are of each measure and term, the most first.
fn groups(letters: &[Outline], language: Language) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for letter in letters {
        let parts = [Some(&letter.kind), letter.measure.as_ref(), letter.term.as_ref()];
        let group = parts.into_iter().flatten().map(|part| Visible(part).to_string()).collect::<Vec<_>>().join(" · ");
        match counts.iter_mut().find(|(other, _)| *other == group) {
            Some((_, count)) => *count += 1,
            None => counts.push((group, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let line = |(group, count): (String, usize)| match language {
        Language::Zh => format!("  {count}项 {group}"),
        Language::En => format!("  {count} × {group}"),
    };
    counts.into_iter().map(line).collect()
}

/// What more than half of the letters have alike.
fn usual<'a, T: Eq + std::hash::Hash + 'a>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    let mut total = 0;
    for value in all {
        total += 1;
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().find(|(_, count)| *count * 2 > total).map(|(value, _)| value)
}

fn is_import(letter: &Outline) -> bool {
    letter.marks.contains(&Mark::Import)
}

fn outliers(letters: &[Outline], language: Language) -> Vec<String> {
    let mut lines: Vec<String> = unlike(letters, language)
        .into_iter()
        .map(|(number, letter, why)| line(number, letter, &why, language))
        .collect();
    let import = usual(letters.iter().map(is_import));
    if letters.len() > 1 && import == Some(true) && letters.iter().all(is_import) {
        let all = language.pick("  全部为导入的历史决定，未经案件程序", "  all are taken over without a case");
        lines.insert(0, all.to_owned());
    }
    lines
}

/// The letters that are unlike the rest, by their numbers, and why.
pub(super) fn unlike(letters: &[Outline], language: Language) -> Vec<(usize, &Outline, Vec<String>)> {
    let kind = usual(letters.iter().map(|letter| &letter.kind));
    let measure = usual(letters.iter().filter_map(|letter| letter.measure.as_ref()));
    let scopes = usual(letters.iter().filter_map(|letter| letter.scopes.as_ref()));
    let import = usual(letters.iter().map(is_import));
    // A term is unlike that of the others with its measure.
    let term_of = |measure: &Option<String>| {
        usual(letters.iter().filter(|letter| letter.measure == *measure).filter_map(|letter| letter.term.as_ref()))
    };
    let has_ends = letters.iter().any(|letter| letter.term.is_some() && !letter.is_open);
    let mut found = Vec::new();
    for (number, letter) in (1..).zip(letters) {
        let mut why = Vec::new();
        let mut say = |zh: &str, en: &str| why.push(language.pick(zh, en).to_owned());
        for (mark, zh, en) in [
            (Mark::Unnamed, "未核实是谁的记录", "whose record it is, isn't shown"),
            (Mark::Listed, "此人已有措施", "already listed"),
            (Mark::Left, "此人另有措施仍然有效", "something else of the person still stands"),
        ] {
            if letter.marks.contains(&mark) {
                say(zh, en);
            }
        }
        if letter.marks.contains(&Mark::Minor) {
            say("行为时未满十八周岁", "under 18 at the conduct, or maybe");
        }
        if letter.marks.contains(&Mark::Confirmed) {
            say("证件号码由起草人注明已核对", "an identity that who drafted says was compared");
        }
        match import {
            Some(true) if is_import(letter) => {}
            _ if is_import(letter) => say("导入的历史决定，未经案件程序", "taken over without a case"),
            Some(true) => say("经案件程序，其余为导入", "of a case, where the rest is taken over"),
            _ => {}
        }
        if kind.is_some_and(|kind| *kind != letter.kind) {
            say("文书种类与其余不同", "of another kind than the rest");
        }
        if measure.is_some() && letter.measure.is_some() && letter.measure.as_ref() != measure {
            say("措施与其余不同", "another measure than the rest");
        }
        if letter.is_open && has_ends {
            say(NO_END.zh, NO_END.en);
        }
        let term = term_of(&letter.measure);
        if !letter.is_open && term.is_some() && letter.term.is_some() && letter.term.as_ref() != term {
            say("期限与同类其余各项不同", "another term than the rest of its measure");
        }
        if scopes.is_some() && letter.scopes.is_some() && letter.scopes.as_ref() != scopes {
            say("适用服务与其余不同", "other services than the rest");
        }
        if !why.is_empty() {
            found.push((number, letter, why));
        }
    }
    found
}

fn line(number: usize, letter: &Outline, why: &[String], language: Language) -> String {
    let parts = [letter.measure.as_ref().or(Some(&letter.kind)), letter.term.as_ref(), letter.scopes.as_ref()];
    let what = parts.into_iter().flatten().map(|part| Visible(part).to_string()).collect::<Vec<_>>().join(" · ");
    let (whose, why) = (Visible(&letter.whose), why.join(language.pick("；", "; ")));
    match language {
        Language::Zh => format!("  第{number}项 {whose}（{what}）：{why}"),
        Language::En => format!("  no. {number} {whose} ({what}): {why}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::signing) fn suspension(whose: usize) -> Outline {
        Outline {
            whose: format!("person {whose}"),
            kind: "Decision".to_owned(),
            measure: Some("suspension".to_owned()),
            term: Some("2031-12-01".to_owned()),
            is_open: false,
            is_bar: false,
            scopes: Some("all services".to_owned()),
            marks: Vec::new(),
        }
    }

    #[test]
    fn those_unlike_the_rest_come_first_by_number_and_name() {
        let mut letters: Vec<Outline> = (1..=42).map(suspension).collect();
        letters[6].measure = Some("bar".to_owned());
        letters[6].term = Some("no end date".to_owned());
        letters[6].is_open = true;
        letters[10].term = Some("no end date".to_owned());
        letters[10].is_open = true;
        letters[20].marks.push(Mark::Minor);
        letters[21].term = Some("2027-12-01".to_owned());
        letters[22].marks.push(Mark::Import);
        letters[23].marks.push(Mark::Confirmed);
        letters[24].scopes = Some("live".to_owned());
        letters[25].whose = "刘\u{202e}某".to_owned();
        letters[25].marks.push(Mark::Minor);
        insta::assert_snapshot!(summary(&letters, Language::En), @"
        42 in this docket:
          39 × Decision · suspension · 2031-12-01
          1 × Decision · bar · no end date
          1 × Decision · suspension · no end date
          1 × Decision · suspension · 2027-12-01
        Look at these:
          no. 7 person 7 (bar · no end date · all services): another measure than the rest; no end date
          no. 11 person 11 (suspension · no end date · all services): no end date
          no. 21 person 21 (suspension · 2031-12-01 · all services): under 18 at the conduct, or maybe
          no. 22 person 22 (suspension · 2027-12-01 · all services): another term than the rest of its measure
          no. 23 person 23 (suspension · 2031-12-01 · all services): taken over without a case
          no. 24 person 24 (suspension · 2031-12-01 · all services): an identity that who drafted says was compared
          no. 25 person 25 (suspension · 2031-12-01 · live): other services than the rest
          no. 26 刘\\u{202e}某 (suspension · 2031-12-01 · all services): under 18 at the conduct, or maybe
        ");
    }

    #[test]
    fn a_docket_of_one_measure_has_none_unlike_the_rest() {
        let letters: Vec<Outline> = (1..=3).map(suspension).collect();
        assert!(summary(&letters, Language::Zh).ends_with("没有与其余各项不同的。"));
        let imports: Vec<Outline> =
            letters.into_iter().map(|letter| Outline { marks: vec![Mark::Import], ..letter }).collect();
        assert!(summary(&imports, Language::Zh).contains("全部为导入的历史决定"));
        assert!(!summary(&imports[..1], Language::En).contains("None"));
    }
}
