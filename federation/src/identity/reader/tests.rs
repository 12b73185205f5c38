use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{table::table, *};
use crate::{
    policy::Words,
    statement::SubjectType,
    vectors::{list, text},
};

fn readings() -> Value {
    serde_json::from_str(include_str!("readings.json")).unwrap()
}

fn day(readings: &Value) -> Date {
    text(&readings["today"]).parse().unwrap()
}

fn typed(case: &Value) -> TypedIdentity<'_> {
    let kind = IdentityKind::from_word(text(&case["kind"])).unwrap();
    TypedIdentity { kind, value: text(&case["typed"]), confirmed: case["confirmed"] == true }
}

/// The code of a fault with what stands in its words, as the readings have it.
fn told(fault: &IdentityError) -> Value {
    let with = |details: Value| {
        let mut told = json!({"code": fault.code()});
        told.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
        told
    };
    let of = |character: &crate::identity::Character| json!({"at": character.at, "character": format!("U+{:04X}", u32::from(character.found))});
    match fault {
        IdentityError::Unseen(c) | IdentityError::Apostrophe(c) | IdentityError::OtherCharacter(c) => with(of(c)),
        IdentityError::LookAlike(c, like) => {
            let mut details = of(c);
            details["like"] = like.to_string().into();
            with(details)
        }
        IdentityError::Missing { count, of } | IdentityError::Extra { count, of } => {
            with(json!({"count": count.to_string(), "of": of.to_string()}))
        }
        IdentityError::OtherKind(kind) | IdentityError::Shape(kind) => with(json!({"kind": kind.as_str()})),
        _ => with(json!({})),
    }
}

#[test]
fn what_people_type_is_read_as_the_readings_say() {
    let readings = readings();
    let today = day(&readings);
    for case in list(&readings["cases"]) {
        let note = &case["note"];
        match read(typed(case), today) {
            Ok(reading) => {
                assert_eq!(reading.identity.value(), case["value"], "{note}");
                let excused: Value = reading.excused.iter().map(|fault| fault.code()).collect();
                assert_eq!(excused, case.get("excused").cloned().unwrap_or_else(|| json!([])), "{note}");
                let notes: Value = reading.notes.iter().map(|note| note.code()).collect();
                assert_eq!(notes, case.get("notes").cloned().unwrap_or_else(|| json!([])), "{note}");
                // Whoever reads what is passed on has the same doubts.
                let again = TypedIdentity { value: &reading.typed(), ..typed(case) };
                assert!(read(again, today).is_ok_and(|again| again.excused == reading.excused), "{note}");
                assert!(
                    reading.excused.is_empty() || read(TypedIdentity { confirmed: false, ..again }, today).is_err()
                );
            }
            Err(faults) => {
                assert_eq!(faults.iter().map(told).collect::<Value>(), case["faults"], "{note}");
                let raw = text(&case["typed"]);
                for fault in faults {
                    let said = format!("{fault} {fault:?} {}", serde_json::to_string(&fault).unwrap());
                    assert!(raw.chars().count() < 6 || !said.contains(raw.trim()), "{note}");
                }
            }
        }
    }
}

#[test]
fn identities_of_two_subjects_are_of_none() {
    let readings = readings();
    let today = day(&readings);
    for case in list(&readings["subjects"]) {
        let all: Vec<TypedIdentity<'_>> = list(&case["identities"]).iter().map(typed).collect();
        let subject_type = case.get("type").map(|of| serde_json::from_value::<SubjectType>(of.clone()).unwrap());
        let born = case.get("born").map(|born| text(born).parse().unwrap());
        let expected = Expectations { born, subject_type, is_sandbox: case["sandbox"] == true };
        let read = OneSubject::read(&all, expected, today);
        let faults: Value = read.err().unwrap_or_default().iter().map(|finding| finding.fault.code()).collect();
        assert_eq!(faults, case.get("faults").cloned().unwrap_or_else(|| json!([])), "{}", case["note"]);
    }
}

#[test]
fn the_vectors_are_read_as_they_are_normalised_but_for_births() {
    let vectors: Value = serde_json::from_str(include_str!("../../../vectors/identities.json")).unwrap();
    let of = |case: &Value, confirmed: bool| {
        let kind = IdentityKind::from_word(text(&case["kind"])).unwrap();
        read(TypedIdentity { kind, value: text(&case["raw"]), confirmed }, date(2100, 1, 1))
    };
    for case in list(&vectors["valid"]) {
        // On a day when everybody was born, long ago for most, and confirmed.
        let reading = of(case, true).unwrap_or_else(|faults| panic!("{}: {faults:?}", case["note"]));
        assert_eq!(reading.identity.value(), text(&case["value"]), "{}", case["note"]);
    }
    for case in list(&vectors["invalid"]) {
        assert!(of(case, case["confirmed"] == true).is_err(), "{}", case["note"]);
    }
    for case in list(&vectors["questions"]) {
        let all: Vec<TypedIdentity<'_>> = list(&case["identities"])
            .iter()
            .map(|of| TypedIdentity {
                kind: IdentityKind::from_word(text(&of["kind"])).unwrap(),
                value: text(&of["value"]),
                confirmed: false,
            })
            .collect();
        let read = OneSubject::read(&all, Expectations::default(), date(2026, 11, 29));
        assert_eq!(read.is_ok(), case["accepted"] == true, "{case}");
    }
}

#[test]
fn every_fault_and_note_has_words_in_both_languages_and_the_table_no_others() {
    let readings = readings();
    let cases = list(&readings["cases"]).iter().filter_map(|case| read(typed(case), day(&readings)).err());
    let mut said: BTreeSet<&str> = cases.flatten().map(IdentityError::code).collect();
    let subjects = list(&readings["subjects"]).iter().flat_map(|case| list(&case["faults"]));
    said.extend(subjects.map(text));
    // Those that no text gives: cells that hold no text, and a kind that there isn't.
    let others = [
        IdentityError::NumberCell,
        IdentityError::DateCell,
        IdentityError::NotText,
        IdentityError::KindUnknown,
        IdentityError::Characters,
    ];
    said.extend(others.map(IdentityError::code));
    let table: BTreeSet<&str> = table().faults.keys().map(String::as_str).collect();
    assert_eq!(said, table);

    let character = crate::identity::Character { found: '\u{200b}', at: 7 };
    for fault in [
        IdentityError::Unseen(character),
        IdentityError::LookAlike(character, 'X'),
        IdentityError::Missing { count: 1, of: 18 },
        IdentityError::OtherKind(IdentityKind::Passport),
        IdentityError::Shape(IdentityKind::Passport),
    ] {
        let Words { zh, en } = fault.words();
        assert!(!zh.contains('{') && !en.contains('{'), "{zh} {en}");
    }
    for kind in IdentityKind::ALL {
        assert!(!kind.words().zh.is_empty() && IdentityKind::of_typed(kind.as_str()) == Some(kind));
    }
    for (number, document) in [("H12345678", "港澳居民来往内地通行证"), ("12345678", "台湾居民来往大陆通行证")]
    {
        let permit = Identity::normalise(IdentityKind::HmtTravelPermit, number, false).unwrap();
        assert_eq!(permit.document().zh, document);
    }
    for note in [Note::NoCheckDigit, Note::NumberChanges, Note::EightDigits, Note::EndsInZeros] {
        assert!(!note.words().zh.is_empty() && !note.words().en.is_empty());
    }
}

#[test]
fn a_line_says_its_kind_in_either_language() {
    let today = date(2026, 11, 29);
    for line in ["cn-id:100000199001050013", "\u{feff}身份证：100000199001050013", " CN-ID : 100000199001050013\r\n"]
    {
        assert!(read_line(line, false, today).is_ok(), "{line}");
    }
    for line in ["100000199001050013", "id:100000199001050013", ""] {
        assert_eq!(read_line(line, false, today).err(), Some(vec![IdentityError::KindUnknown]), "{line}");
    }
}

/// What people do to a number on its way into a file.
fn mangled() -> impl Strategy<Value = (String, String)> {
    let number = "100000(19[3-9][0-9]|200[0-9])(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}".prop_filter_map(
        "sequence",
        |digits| {
            let fits =
                |check: &char| Identity::normalise(IdentityKind::CnId, &format!("{digits}{check}"), true).is_ok();
            "0123456789X".chars().find(fits).map(|check| format!("{digits}{check}"))
        },
    );
    (number, 0_usize..18, "[0-9]").prop_flat_map(|(number, at, digit)| {
        let mut changed = number.clone();
        changed.replace_range(at..=at, &digit);
        let all = [
            number[..15].to_owned(),
            format!("{}000", &number[..15]),
            number[..17].to_owned(),
            number[1..].to_owned(),
            format!("{number}.0"),
            format!("'{number}"),
            format!("{}\u{200b}{}", &number[..at], &number[at..]),
            format!("{}{digit}{}", &number[..at], &number[at..]),
            format!("{}{}", &number[..at], &number[at + 1..]),
            format!("{number}{number}"),
            format!("{number} {number}"),
            format!("号码{number}"),
            changed,
        ];
        (Just(number), prop::sample::select(all.to_vec()))
    })
}

proptest! {
    #[test]
    fn a_number_that_lost_or_gained_characters_is_nobody_elses((number, mangled) in mangled()) {
        let typed = TypedIdentity { kind: IdentityKind::CnId, value: &mangled, confirmed: false };
        match read(typed, date(2026, 11, 29)) {
            Ok(reading) => prop_assert_eq!(reading.identity.value(), &number),
            Err(faults) => {
                let said: String = faults.iter().map(ToString::to_string).collect();
                prop_assert!(!said.contains(&number) && !said.contains(&number[..15]));
            }
        }
    }

    #[test]
    fn the_reader_is_stricter_than_normalising_and_never_reads_another_value(
        kind in prop::sample::select(&IdentityKind::ALL),
        raw in "\\PC{0,40}|[A-Z]{0,3}[0-9:.,E+ -]{5,24}|[a-z]{1,6}:[0-9]{15,20}",
        confirmed: bool,
    ) {
        if let Ok(reading) = read(TypedIdentity { kind, value: &raw, confirmed }, date(2026, 11, 29)) {
            let normalised = Identity::normalise(kind, &raw, confirmed);
            prop_assert!(normalised.is_ok_and(|identity| identity == reading.identity));
        }
    }
}
