//! What a signer confirms one by one before it signs: every bar, term without an end, minor and person already listed,
//! and whatever else is unlike the rest. None is confirmed together with another one.
//!
//! Pure; the same in words, as it is read in a terminal, is [`super::summary`]'s.

use std::collections::HashMap;

use callboard_client::visible::Visible;

use super::summary::{NO_END, unlike};
use crate::{
    language::Language,
    letter::outline::{Mark, Outline},
};

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

/// All that is confirmed one by one: whose letter and which, and what is odd.
pub fn oddities(letters: &[Outline], language: Language) -> Vec<String> {
    let bar = language.pick("最重一级的措施", "a bar, the gravest measure");
    let open = NO_END.pick(language);
    let mut unlike: HashMap<usize, Vec<String>> =
        unlike(letters, language).into_iter().map(|(number, _, why)| (number, why)).collect();
    let mut oddities = Vec::new();
    for (number, letter) in (1..).zip(letters) {
        let own = [(letter.is_bar, bar), (letter.is_open, open)].into_iter().filter(|(is_so, _)| *is_so);
        let others = unlike.remove(&number).unwrap_or_default().into_iter().filter(|why| why != open);
        let whose = Visible(&letter.whose);
        oddities.extend(own.map(|(_, why)| why.to_owned()).chain(others).map(|why| match language {
            Language::Zh => format!("第{number}项 {whose}：{why}"),
            Language::En => format!("no. {number} {whose}: {why}"),
        }));
    }
    oddities
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::summary;

    fn suspension(whose: usize) -> Outline {
        let term = "five years counted from 1 December 2026, through 30 November 2031";
        Outline { term: Some(term.to_owned()), ..summary::tests::suspension(whose) }
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
        assert_eq!(
            oddities(&letters, Language::En),
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
        let each: Vec<String> = (1..=5).map(|number| format!("第{number}项 person {number}：此人已有措施")).collect();
        assert_eq!(oddities(&letters, Language::Zh), each);
    }
}
