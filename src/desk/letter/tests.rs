use callboard_federation::encoding::{RecordId, Time};

use super::*;
use crate::desk::{
    draft::{Draw, named::Named, reversal},
    signing,
    tests::{Committee, SHEET, chance, named_in, noon, readings},
};

/// The letter with ids that don't change from run to run.
fn fixed(letter: &Letter, language: Language) -> String {
    let ids = letter.about.iter().map(|about| about.record).chain([letter.statement.id]);
    let text = letter.text(language);
    ids.enumerate().fold(text, |text, (at, id)| text.replace(&id.to_string(), &format!("[record {at}]")))
}

#[test]
fn a_ruling_reads_as_a_letter_in_both_languages() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let key = committee.seats[0].public_key().id();
    let letters = signing::check(&bundle, &mut committee.find(&bundle, Named::default()), key, noon()).unwrap();
    insta::assert_snapshot!("ruling_zh", fixed(&letters[0], Language::Zh));
    insta::assert_snapshot!("ruling_en", fixed(&letters[0], Language::En));
    insta::assert_snapshot!("bar_en", fixed(&letters[1], Language::En));
}

#[test]
fn a_reinstatement_reads_as_a_letter_in_both_languages() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let named = named_in(&rulings);
    let record: RecordId = rulings.docket().items[0].record;
    let reinstate = reversal::Reversal::Reinstate { effective_at: noon(), probation: Some(noon().plus_days(90)) };
    let plain = Plain { conditions: vec!["参加职业培训".to_owned()], ..Plain::default() };
    let known = committee.find(&rulings, Named::default()).known;
    let readings = readings(&known[0]);
    let grounds = reversal::Grounds {
        policy: None,
        procedure: callboard_federation::encoding::Hash::of(b"case"),
        plain: Some(&plain),
        readings: &readings,
        known: &known[0],
        several: false,
    };
    let mut draw = Draw { now: noon(), rng: &mut chance() };
    let drafted = reversal::reverse(reinstate, &[record], &named, &grounds, &mut draw).unwrap();
    let policy = &committee.policy.value;
    let letter = Letter::new(drafted[0].statement(), Some(plain.clone()), &readings, false, Some(policy), &named);
    insta::assert_snapshot!("reinstatement_zh", fixed(&letter, Language::Zh));
    insta::assert_snapshot!("reinstatement_en", fixed(&letter, Language::En));
}

#[test]
fn what_is_sealed_beyond_the_known_words_is_shown_too() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let statement = Statement::from_json(&bundle.items()[0].statement.0).unwrap();
    let mut plain = Plain { names: vec!["刘\u{202e}某".to_owned()], ..Plain::default() };
    plain.more.insert("unseen".to_owned(), "read me".into());
    let letter = Letter::new(&statement, Some(plain), &[], false, None, &Named::default());
    let text = letter.text(Language::En);
    assert!(text.contains("unseen: \"read me\"") && text.contains("刘\\u{202e}某"), "{text}");
    assert!(text.contains(&Time::to_string(&noon())[..10]), "{text}");
}
