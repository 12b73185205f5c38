//! What a signer confirms one by one before it signs: every bar, term without an end, minor and person already listed,
//! and whatever else is unlike the rest. None is confirmed together with another one.
//!
//! Pure; the same in words, as it is read in a terminal, is [`super::summary`]'s.

use callboard_client::visible::Visible;

use super::summary::unlike;
use crate::{
    language::Language,
    letter::outline::{Mark, Outline},
};

/// Something to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// The letter that it is of, counted from 1.
    pub number: usize,
    /// Whose letter and which; and what is odd.
    pub text: String,
}

/// How many letters there are of what, in a line: all, each measure and term, minors, and people already listed.
pub fn headline(letters: &[Outline], language: Language) -> String {
    let counted = |count: usize| match language {
        Language::Zh => format!("{count}人"),
        Language::En => format!("{count} {}", if count == 1 { "person" } else { "people" }),
    };
    let mut parts = vec![counted(letters.len())];
    let mut groups: Vec<(String, usize)> = Vec::new();
    for letter in letters {
        let what = letter.measure.as_ref().unwrap_or(&letter.kind);
        let length = match &letter.term {
            Some(_) if letter.is_open => Some(language.pick("长期", "open")),
            Some(term) => term.split(['（', '，', ',']).next().and_then(|length| length.split(" counted").next()),
            None => None,
        };
        let group = [Some(what.as_str()), length].into_iter().flatten().collect::<Vec<_>>();
        let group = Visible(&group.join(language.pick("", ", "))).to_string();
        match groups.iter_mut().find(|(other, _)| *other == group) {
            Some((_, count)) => *count += 1,
            None => groups.push((group, 1)),
        }
    }
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    parts.extend(groups.into_iter().map(|(group, count)| match language {
        Language::Zh => format!("{group} {count}人"),
        Language::En => format!("{group}: {count}"),
    }));
    for (mark, word) in
        [(Mark::Minor, language.pick("未成年", "minors:")), (Mark::Listed, language.pick("已在册", "already listed:"))]
    {
        let count = letters.iter().filter(|letter| letter.marks.contains(&mark)).count();
        parts.push(format!("{word} {count}"));
    }
    parts.join(" · ")
}

/// All that is confirmed one by one.
pub fn oddities(letters: &[Outline], language: Language) -> Vec<Oddity> {
    let bar = language.pick("最重一级的措施", "a bar, the gravest measure");
    let open = language.pick("未设终止日期", "no end date");
    let mut found: Vec<(usize, String)> = Vec::new();
    for (number, letter) in (1..).zip(letters) {
        found.extend(
            [(letter.is_bar, bar), (letter.is_open, open)]
                .iter()
                .filter(|(is_so, _)| *is_so)
                .map(|(_, why)| (number, (*why).to_owned())),
        );
    }
    for (number, _, why) in unlike(letters, language) {
        for why in why {
            if !found.contains(&(number, why.clone())) {
                found.push((number, why));
            }
        }
    }
    found.sort_by_key(|(number, _)| *number);
    let oddities = found.into_iter().filter_map(|(number, why)| {
        let whose = Visible(&letters.get(number - 1)?.whose).to_string();
        let text = match language {
            Language::Zh => format!("第{number}项 {whose}：{why}"),
            Language::En => format!("no. {number} {whose}: {why}"),
        };
        Some(Oddity { number, text })
    });
    oddities.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspension(whose: usize) -> Outline {
        Outline {
            whose: format!("person {whose}"),
            kind: "Decision".to_owned(),
            measure: Some("suspension".to_owned()),
            term: Some("five years counted from 1 December 2026, through 30 November 2031".to_owned()),
            is_open: false,
            is_bar: false,
            scopes: Some("all services".to_owned()),
            marks: Vec::new(),
        }
    }

    #[test]
    fn each_bar_open_term_minor_and_listed_person_is_confirmed_by_itself() {
        let mut letters: Vec<Outline> = (1..=88).map(suspension).collect();
        let bar = |whose| Outline {
            measure: Some("bar".to_owned()),
            term: Some("open (no end date is set)".to_owned()),
            is_open: true,
            is_bar: true,
            ..suspension(whose)
        };
        letters[6] = bar(7);
        letters[20].marks.push(Mark::Minor);
        letters[21].marks.push(Mark::Listed);
        assert_eq!(
            headline(&letters, Language::En),
            "88 people · suspension, five years: 87 · bar, open: 1 · minors: 1 · already listed: 1"
        );
        let told: Vec<String> = oddities(&letters, Language::En).into_iter().map(|odd| odd.text).collect();
        assert_eq!(
            told,
            [
                "no. 7 person 7: a bar, the gravest measure",
                "no. 7 person 7: no end date",
                "no. 7 person 7: another measure than the rest",
                "no. 21 person 21: under 18 at the conduct, or maybe",
                "no. 22 person 22: already listed",
            ]
        );
        assert!(oddities(&[suspension(1)], Language::Zh).is_empty());
        assert_eq!(oddities(&[bar(1)], Language::Zh).len(), 2, "a bar alone is one all the same");
    }

    #[test]
    fn what_most_have_alike_is_confirmed_of_each() {
        let letters: Vec<Outline> =
            (1..=5).map(|whose| Outline { marks: vec![Mark::Listed], ..suspension(whose) }).collect();
        let odd = oddities(&letters, Language::Zh);
        assert_eq!(odd.iter().map(|odd| odd.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(odd[0].text, "第1项 person 1：此人已有措施");
    }
}
