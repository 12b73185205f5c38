use callboard_federation::{
    encoding::{Base64, Hash},
    sealed::Conduct,
    statement::{MeasureKind, Scope},
};

use super::*;
use crate::{
    draft::{Draw, gather, log_records::LogRecords, reversal},
    language::Language,
    tests::{Committee, SHEET, decided, named_in, noon, os_rng, readings},
};

fn signer(committee: &Committee) -> KeyId {
    committee.seats[0].public_key().id()
}

fn verdict(committee: &Committee, bundle: &Bundle, named: LogRecords) -> Result<Vec<Letter>, SigningError> {
    letters(bundle, &mut committee.find(bundle, named), noon())
}

/// The bundle with its first item altered, the docket committing to what it then says.
fn altered(committee: &Committee, bundle: &Bundle, alter: impl FnOnce(&mut Statement, &mut Item)) -> Bundle {
    let mut items = bundle.items().to_vec();
    let mut statement = Statement::from_json(&items[0].statement.0).unwrap();
    alter(&mut statement, &mut items[0]);
    items[0].statement = Base64(statement.to_json());
    let mut docket = bundle.docket().clone();
    docket.items[0].commitment = Statement::commitment(&items[0].statement.0);
    docket.items[0].record = statement.id;
    docket.roster = committee.roster.version;
    Bundle::draft(&docket, items, None, bundle.events().to_vec()).unwrap()
}

#[test]
fn what_was_drafted_right_is_shown_to_be_signed() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    assert_eq!(verdict(&committee, &bundle, LogRecords::default()).unwrap().len(), 2);
}

#[test]
fn a_statement_of_someone_else_than_the_letter_says_is_refused() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let others = bundle.items()[1].identities.clone();
    let swapped = altered(&committee, &bundle, |_, item| item.identities = others);
    assert!(matches!(verdict(&committee, &swapped, LogRecords::default()), Err(SigningError::Tags { .. })));
}

#[test]
fn details_that_say_something_else_than_the_bundle_are_refused() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let other = altered(&committee, &bundle, |_, item| {
        item.plain.as_mut().unwrap()["reasons"] = "查无实据".into();
    });
    assert!(matches!(verdict(&committee, &other, LogRecords::default()), Err(SigningError::Plain { .. })));
    let unsaid = altered(&committee, &bundle, |_, item| item.plain = None);
    assert!(matches!(verdict(&committee, &unsaid, LogRecords::default()), Err(SigningError::Plain { .. })));
    let shareless = altered(&committee, &bundle, |_, item| item.share = None);
    assert!(matches!(verdict(&committee, &shareless, LogRecords::default()), Err(SigningError::Share { .. })));
    let moved = altered(&committee, &bundle, |statement, _| statement.id = committee_id());
    assert!(matches!(verdict(&committee, &moved, LogRecords::default()), Err(SigningError::Sealed { .. })));
}

fn committee_id() -> callboard_federation::encoding::RecordId {
    callboard_federation::encoding::RecordId::new(noon(), [1; 10])
}

#[test]
fn a_measure_that_its_policy_lacks_is_refused() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let scoped = altered(&committee, &bundle, |statement, _| {
        let Act::Ruling { imposed, .. } = &mut statement.act else { panic!("a ruling") };
        imposed.measure.scopes = vec![Scope::Live];
    });
    assert!(matches!(verdict(&committee, &scoped, LogRecords::default()), Err(SigningError::Measure { .. })));
    let renamed = altered(&committee, &bundle, |statement, _| {
        let Act::Ruling { imposed, .. } = &mut statement.act else { panic!("a ruling") };
        imposed.basis.policy.version = "2".to_owned();
    });
    assert!(matches!(verdict(&committee, &renamed, LogRecords::default()), Err(SigningError::PolicyUnknown { .. })));
    // The docket's item still says `suspension`.
    let graver = altered(&committee, &bundle, |statement, _| {
        let Act::Ruling { imposed, .. } = &mut statement.act else { panic!("a ruling") };
        imposed.measure =
            callboard_federation::statement::Measure { kind: MeasureKind::Bar, scopes: Vec::new(), until: None };
    });
    assert!(matches!(verdict(&committee, &graver, LogRecords::default()), Err(SigningError::Item { .. })));
}

#[test]
fn conduct_from_before_the_policy_took_effect_isnt_signed_under_it() {
    let committee = Committee::found();
    let effective_from = committee.policy.value.effective_from;
    let signed = |from: Time| {
        let mut rows = committee.rows(SHEET);
        rows[0].plain.conduct = Some(Conduct { from, to: noon() });
        verdict(&committee, &committee.rule_rows(&rows), LogRecords::default()).map(drop)
    };
    let early = signed(effective_from.plus_millis(-1));
    assert!(matches!(early, Err(SigningError::ConductBeforePolicy { .. })), "{early:?}");
    assert!(signed(effective_from).is_ok());
}

#[test]
fn what_no_case_resolved_and_what_is_only_proposed_is_not_signed() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let asked = |bundle: &Bundle| {
        let mut found = committee.find(bundle, LogRecords::default());
        check(bundle, &mut found, signer(&committee), noon()).err().unwrap()
    };
    assert!(matches!(asked(&bundle), SigningError::Case(callboard_rules::case::error::Why::ProcedureUnknown)));
    let case = callboard_federation::encoding::CaseId::new(noon(), [2; 10]);
    let proposal = crate::bundle::ProposalOf { case, items: vec![1, 2] };
    assert!(matches!(asked(&bundle.proposed(proposal).unwrap()), SigningError::Proposal));
    let taken_over = altered(&committee, &committee.rule(SHEET), |statement, _| {
        let Act::Ruling { imposed, .. } = &mut statement.act else { panic!("a ruling") };
        imposed.basis.procedure = callboard_federation::statement::UNDECIDED;
    });
    assert!(matches!(asked(&taken_over), SigningError::Import { .. }));
}

#[test]
fn a_docket_of_another_roster_time_or_signer_is_refused() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let ask = |bundle: &Bundle, key: KeyId, now: Time| {
        check(bundle, &mut committee.find(bundle, LogRecords::default()), key, now).err().unwrap()
    };
    let own = signer(&committee);
    assert!(matches!(ask(&bundle, own, noon().plus_days(15)), SigningError::TooOld { .. }));
    assert!(matches!(ask(&bundle, own, noon().plus_days(-1)), SigningError::FromTheFuture { .. }));
    assert!(matches!(ask(&bundle, Hash::of(b"stranger"), noon()), SigningError::NoSeat));
    let secretary = committee.seats[6].public_key().id();
    assert!(matches!(ask(&bundle, secretary, noon()), SigningError::NotAsked { .. }));
    let mut docket = bundle.docket().clone();
    docket.roster = 2;
    let other = Bundle::draft(&docket, bundle.items().to_vec(), None, bundle.events().to_vec()).unwrap();
    assert!(matches!(ask(&other, own, noon()), SigningError::Roster { in_force: 1, got: 2 }));
}

#[test]
fn an_annulment_is_held_against_the_records_that_it_names() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let named = named_in(&rulings);
    let ids: Vec<_> = rulings.docket().items.iter().map(|item| item.record).collect();
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let known = committee.find(&rulings, LogRecords::default()).known;
    let grounds = reversal::Grounds {
        policy: None,
        plain: None,
        readings: &readings(&known[0]),
        known: &known[0],
        several: false,
        roster: &committee.roster,
    };
    let drafted = reversal::reverse(reversal::Reversal::Annul, &ids[..1], &named, &grounds, &mut draw).unwrap();
    let bundle = decided(&gather(&committee.roster, drafted, None, &mut draw).unwrap());
    assert!(verdict(&committee, &bundle, named_in(&rulings)).is_ok());
    assert!(matches!(verdict(&committee, &bundle, LogRecords::default()), Err(SigningError::Item { .. })));

    let others = altered(&committee, &bundle, |statement, _| {
        let Act::Annulment { about, .. } = &mut statement.act else { panic!("an annulment") };
        *about = vec![ids[1]];
    });
    assert!(matches!(verdict(&committee, &others, named_in(&rulings)), Err(SigningError::AboutAnother { .. })));
    let both = altered(&committee, &bundle, |statement, _| {
        let Act::Annulment { about, .. } = &mut statement.act else { panic!("an annulment") };
        about.push(ids[1]);
    });
    assert!(matches!(verdict(&committee, &both, named_in(&rulings)), Err(SigningError::AboutStrangers { .. })));
}

#[test]
fn a_record_is_the_persons_too_where_a_link_joins_their_documents_and_only_there() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let reversal = reversed(&committee, &rulings, reversal::Reversal::Annul, true);
    // The ruling is on the first of two people, the identity the second's.
    let others = rulings.items()[1].identities.clone();
    let by_other = altered(&committee, &reversal, |_, item| item.identities = others);
    let refused = verdict(&committee, &by_other, named_in(&rulings));
    assert!(matches!(refused, Err(SigningError::AboutAnother { .. })));

    let tags = |bundle: &Bundle, at: usize| {
        let statement = Statement::from_json(&bundle.items()[at].statement.0).unwrap();
        statement.subject().unwrap().tags.clone()
    };
    let subject = callboard_federation::statement::Subject {
        r#type: SubjectType::Person,
        tags: [tags(&rulings, 0), tags(&rulings, 1)].concat(),
    };
    let basis = committee.basis(Hash::of(b"case"));
    let link = Statement {
        id: committee_id(),
        salt: callboard_federation::encoding::Octets([0; 32]),
        act: Act::Link { effective_at: noon(), subject, basis },
    };
    let mut named = named_in(&rulings);
    named.insert_link(Record::new(Place { index: 3, position: 0 }, noon(), &link));
    let letters = verdict(&committee, &by_other, named).unwrap();
    let text = letters[0].text(Language::Zh);
    let said = format!("身份关联：证件与原决定所载不同，经认定属于同一当事人：{}", link.id);
    assert!(text.contains(&said) && text.contains("护照后四位 5678"), "{text}");
    // Whose identity is the record's own needs no link, and none is told.
    let mut named = named_in(&rulings);
    named.insert_link(Record::new(Place { index: 3, position: 0 }, noon(), &link));
    let text = verdict(&committee, &reversal, named).unwrap()[0].text(Language::Zh);
    assert!(!text.contains("身份关联"), "{text}");
}

#[test]
fn what_was_doubted_where_it_was_typed_is_doubted_where_it_is_signed() {
    let committee = Committee::found();
    let sheet = "kind,identity,confirmed,names,measure,term,violations,reasons\n\
        cn-id,610104620927690,yes,某甲,bar,永久,NB-11,理由\nhmt-travel-permit,HA1234567,,某乙,bar,永久,NB-11,理由\n";
    let bundle = committee.rule(sheet);
    let letters = verdict(&committee, &bundle, LogRecords::default()).unwrap();
    for (letter, code) in [(0, "fifteen-digits"), (1, "no-check-digit")] {
        let words = match code {
            "fifteen-digits" => IdentityError::Fifteen.words(),
            _ => callboard_federation::identity::Note::NoCheckDigit.words(),
        };
        let [zh, en] = [Language::Zh, Language::En].map(|language| letters[letter].text(language));
        assert!(zh.contains(&words.zh) && en.contains(&words.en), "{zh}\n{en}");
    }
    assert_eq!((bundle.items()[0].identities[0].value.len(), bundle.items()[0].identities[0].confirmed), (15, true));
    // Who drafted must have said so; and a birth that lies ahead by now is refused, whatever the drafter's program took.
    let unsaid = altered(&committee, &bundle, |_, item| item.identities[0].confirmed = false);
    let found = &mut committee.find(&bundle, LogRecords::default());
    let refused = check(&unsaid, found, signer(&committee), noon());
    assert!(matches!(refused, Err(SigningError::Identity { fault: IdentityError::Fifteen, .. })));
}

/// A docket that does something about the first of two rulings, with the identities of its person or without.
fn reversed(committee: &Committee, rulings: &Bundle, reversal: reversal::Reversal, is_named: bool) -> Bundle {
    let named = named_in(rulings);
    let mut draw = Draw { now: noon(), rng: &mut os_rng() };
    let known = committee.find(rulings, LogRecords::default()).known;
    let readings = readings(&known[0]);
    let grounds = reversal::Grounds {
        policy: None,
        plain: None,
        readings: &readings,
        known: &known[0],
        several: false,
        roster: &committee.roster,
    };
    let drafted =
        reversal::reverse(reversal, &[rulings.docket().items[0].record], &named, &grounds, &mut draw).unwrap();
    let bundle = gather(&committee.roster, drafted, None, &mut draw).unwrap().numbered(Some("第10号".to_owned()));
    let bundle = decided(&bundle);
    if is_named {
        return bundle;
    }
    let mut items = bundle.items().to_vec();
    items[0].identities.clear();
    Bundle::draft(bundle.docket(), items, None, Vec::new()).unwrap()
}

#[test]
fn whose_record_is_not_shown_is_said_first_and_a_return_of_nobody_is_refused() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let record = rulings.docket().items[0].record;
    let until = Some(noon().plus_days(30));
    for (reversal, is_refused) in [
        (reversal::Reversal::Annul, false),
        (reversal::Reversal::Stay { effective_at: noon(), until }, false),
        (reversal::Reversal::Dispute, false),
        (reversal::Reversal::Reinstate { effective_at: noon(), probation: None }, true),
    ] {
        let letters = |is_named| {
            let bundle = reversed(&committee, &rulings, reversal, is_named);
            verdict(&committee, &bundle, named_in(&rulings))
        };
        let named = letters(true).unwrap();
        assert!(named[0].unnamed().is_empty());
        assert!(named[0].text(Language::Zh).contains("身份证后四位 1512"), "{}", named[0].text(Language::Zh));
        match letters(false) {
            Err(refused @ SigningError::Unnamed { .. }) => {
                assert!(is_refused);
                let zh = refused.text(Language::Zh);
                assert!(zh.contains("不得签署复出") && zh.contains(&record.to_string()), "{zh}");
            }
            Err(other) => panic!("{other}"),
            Ok(nobodys) => {
                assert!(!is_refused);
                assert_eq!(nobodys[0].unnamed(), [record]);
                assert!(nobodys[0].text(Language::Zh).starts_with("注意：无人提供当事人的证件号码"));
                assert!(nobodys[0].text(Language::En).starts_with("NOTE: nobody gives the person's identity"));
            }
        }
    }
    // The number is the bundle's, where nothing is sealed that could bear one.
    let stay = reversed(&committee, &rulings, reversal::Reversal::Annul, true);
    let letters = verdict(&committee, &stay, named_in(&rulings)).unwrap();
    assert!(letters[0].text(Language::Zh).contains("文号：第10号"));
}

#[test]
fn a_publication_that_shows_somebody_of_the_docket_is_refused() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let published = |zh: &str| {
        let text = serde_json::json!({"v": 1, "zh": zh, "en": "Notice"}).to_string().into_bytes();
        let mut docket = bundle.docket().clone();
        docket.publication = Some(Hash::of(&text));
        let public = Bundle::draft(&docket, bundle.items().to_vec(), Some(text), bundle.events().to_vec()).unwrap();
        verdict(&committee, &public, LogRecords::default()).map(|letters| letters.len())
    };
    assert_eq!(published("某**、K**等2人").unwrap(), 2);
    for text in ["某甲等2人", "某 甲", "Ｋｉｍ", "440308 1999 0110 1512", "护照 M12345678"] {
        assert!(matches!(published(text), Err(SigningError::Exposed { .. })), "{text}");
    }
}

#[test]
fn a_minor_has_a_guardian_and_is_never_public() {
    let committee = Committee::found();
    let sheet = |guardian: &str| {
        format!(
            "kind,identity,names,measure,term,violations,reasons,conduct from,conduct to,guardian\n\
             cn-id,10000020090501001X,某甲,bar,永久,NB-11,理由,2026-05-01,2026-05-03,{guardian}\n"
        )
    };
    let bundle = committee.rule_approved(&sheet("某父"), &[2]);
    let letters = verdict(&committee, &bundle, LogRecords::default()).unwrap();
    assert!(letters[0].text(Language::Zh).contains("未成年人：行为时未满十八周岁"));

    let text = r#"{"v":1,"zh":"公布","en":"published"}"#.as_bytes();
    let mut docket = bundle.docket().clone();
    docket.publication = Some(Hash::of(text));
    let events = bundle.events().to_vec();
    let public = Bundle::draft(&docket, bundle.items().to_vec(), Some(text.to_vec()), events).unwrap();
    assert!(matches!(verdict(&committee, &public, LogRecords::default()), Err(SigningError::Minor { .. })));
}
