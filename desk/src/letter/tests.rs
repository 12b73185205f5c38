mod hidden;

use callboard_federation::{
    encoding::RecordId,
    records::Place,
    standing::Phase,
    statement::{Measure, MeasureKind, UNDECIDED, under_procedure},
};

use super::*;
use crate::{
    draft::{Draw, gather, log_records::LogRecords, reversal},
    signing,
    tests::{Committee, SHEET, decided, named_in, noon, os_rng, readings},
};

/// The letter with ids that don't change from run to run.
fn fixed(letter: &Letter, language: Language) -> String {
    let listed = letter.listed.iter().map(|(listed, _)| listed.record);
    let ids = letter.about.iter().map(|about| about.record).chain([letter.statement.id]).chain(listed);
    let text = letter.text(language);
    ids.enumerate().fold(text, |text, (at, id)| text.replace(&id.to_string(), &format!("[record {at}]")))
}

#[test]
fn a_ruling_reads_as_a_letter_in_both_languages() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let letters = signing::letters(&bundle, &mut committee.find(&bundle, LogRecords::default()), noon()).unwrap();
    insta::assert_snapshot!("ruling_zh", fixed(&letters[0], Language::Zh));
    insta::assert_snapshot!("ruling_en", fixed(&letters[0], Language::En));
    insta::assert_snapshot!("bar_en", fixed(&letters[1], Language::En));
    let (terminal, page) = (letters[0].text(Language::Zh), letters[0].page_text(Language::Zh));
    assert_eq!(terminal, format!("{page}\n  记录编号：{}", bundle.docket().items[0].record), "no page shows an id");
}

#[test]
fn a_reinstatement_reads_as_a_letter_in_both_languages() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let named = named_in(&rulings);
    let record: RecordId = rulings.docket().items[0].record;
    let reinstate = reversal::Reversal::Reinstate { effective_at: noon(), probation: Some(noon().plus_days(90)) };
    let plain = Plain { conditions: vec!["参加职业培训".to_owned()], ..Plain::default() };
    let known = committee.find(&rulings, LogRecords::default()).known;
    let readings = readings(&known[0]);
    let grounds = reversal::Grounds {
        policy: None,
        plain: Some(&plain),
        readings: &readings,
        known: &known[0],
        several: false,
        roster: &committee.roster,
    };
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let drafted = reversal::reverse(reinstate, &[record], &named, &grounds, &mut draw).unwrap();
    let bundle = decided(&gather(&committee.roster, drafted, None, &mut draw).unwrap());
    let policies: Policies = [(committee.policy.hash, committee.policy.value.clone())].into();
    let original = Statement::from_json(&rulings.items()[0].statement.0).unwrap();
    let share = callboard_federation::sealed::Share::from_bytes(rulings.items()[0].share.unwrap().0);
    let other = PersonMeasure {
        record: rulings.docket().items[1].record,
        place: Place { index: 5, position: 1 },
        starts: "2026-06-30T16:00:00.000Z".parse().unwrap(),
        measure: Measure { kind: MeasureKind::Bar, scopes: Vec::new(), until: None },
        phase: Phase::InForce,
        is_to_come: false,
        action: Action::Refuse,
        policy: committee.policy.hash,
        is_unanswered: false,
    };
    let about = EarlierRecord {
        record,
        kind: Some(Kind::Ruling),
        place: Some(Place { index: 2, position: 0 }),
        measure: original.imposed().map(|imposed| (imposed.measure.clone(), Start::At(imposed.effective_at))),
        policy: Some(committee.policy.value.clone()),
        original: Some(signing::Original::Opened(Box::new(
            callboard_federation::sealed::open(
                original.details().unwrap(),
                original.id,
                &known[0][0].derived[0].holder(),
                &share,
            )
            .unwrap(),
        ))),
        readings: readings.clone(),
        links: Vec::new(),
        behind: Vec::new(),
    };
    let statement = Statement::from_json(&bundle.items()[0].statement.0).unwrap();
    let letter = Letter::new(
        &statement,
        Head::of(bundle.docket(), &bundle.docket().items[0], &committee.roster, Some("中演协〔2026〕10号".to_owned())),
        Sources {
            plain: Some(plain.clone()),
            readings,
            policy: Some(committee.policy.value.clone()),
            about: vec![about],
            stands: PersonMeasures { listed: vec![other], also: Vec::new(), reach: None },
            ..Sources::default()
        },
        &DocketReversals::by(std::slice::from_ref(&statement)),
        &policies,
    );
    insta::assert_snapshot!("reinstatement_zh", fixed(&letter, Language::Zh));
    insta::assert_snapshot!("reinstatement_en", fixed(&letter, Language::En));
    let page = letter.page_text(Language::Zh);
    assert!(page.contains("登记册第2号文书第1项，决定\n") && !page.contains(&record.to_string()), "{page}");
}

#[test]
fn no_english_code_stands_within_a_chinese_letter() {
    let committee = Committee::found();
    let bundle = committee.rule(&SHEET.replace("alpha:jia", ""));
    let letters = signing::letters(&bundle, &mut committee.find(&bundle, LogRecords::default()), noon()).unwrap();
    for letter in &letters {
        let text = fixed(letter, Language::Zh);
        let is_code = |word: &str| word.len() > 2 && word != "record" && word.chars().all(|c| c.is_ascii_lowercase());
        let found: Vec<&str> = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| is_code(word)).collect();
        assert!(found.is_empty(), "{found:?} in\n{text}");
    }
}

#[test]
fn what_is_taken_over_without_a_case_says_so_and_what_is_put_to_the_vote_does_not() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let bytes = under_procedure(&bundle.items()[0].statement.0, &UNDECIDED).unwrap();
    let statement = Statement::from_json(&bytes).unwrap();
    let letter = |is_proposal| {
        let head = Head::of(bundle.docket(), &bundle.docket().items[0], &committee.roster, None);
        let sources = Sources { is_proposal, ..Sources::default() };
        Letter::new(&statement, head, sources, &DocketReversals::default(), &Policies::new())
    };
    for (language, words) in [(Language::Zh, "未经案件程序"), (Language::En, "taken over without a case")] {
        assert!(letter(false).text(language).contains(words));
        assert!(!letter(true).text(language).contains(words));
    }
}

#[test]
fn what_is_sealed_beyond_the_known_words_is_shown_too() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let statement = Statement::from_json(&bundle.items()[0].statement.0).unwrap();
    let mut plain = Plain { names: vec!["刘\u{202e}某".to_owned()], ..Plain::default() };
    plain.more.insert("unseen".to_owned(), "read me".into());
    let head = Head::of(bundle.docket(), &bundle.docket().items[0], &committee.roster, None);
    let sources = Sources { plain: Some(plain), ..Sources::default() };
    let letter = Letter::new(&statement, head, sources, &DocketReversals::default(), &Policies::new());
    let text = letter.text(Language::En);
    assert!(text.contains("unseen: \"read me\"") && text.contains("刘\\u{202e}某"), "{text}");
    assert!(text.contains("1 July 2026"), "{text}");
}
