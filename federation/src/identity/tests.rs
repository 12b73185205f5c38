use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::vectors::{list, text};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/identities.json")).unwrap()
}

fn normalise(case: &Value) -> Result<Identity, IdentityError> {
    let kind = IdentityKind::from_word(text(&case["kind"])).unwrap();
    Identity::normalise(kind, text(&case["raw"]), case["confirmed"] == true)
}

#[test]
fn however_a_number_is_written_one_person_has_one_input() {
    let vectors = vectors();
    for case in list(&vectors["valid"]) {
        let identity = normalise(case).unwrap_or_else(|error| panic!("{}: {error}", case["note"]));
        assert_eq!(identity.value(), text(&case["value"]), "{}", case["note"]);
        assert_eq!(identity.kind().is_hard(), case["hard"].as_bool().unwrap(), "{}", case["note"]);
        let input = identity.prf_input();
        assert_eq!(hex::encode(&*input), text(&case["input"]), "{}", case["note"]);
    }
}

#[test]
fn what_fails_shape_or_checksum_is_invalid_and_never_repeated() {
    for case in list(&vectors()["invalid"]) {
        let error = normalise(case).err().unwrap_or_else(|| panic!("{} is taken", case["note"]));
        let (shown, raw) = (format!("{error} {error:?}"), text(&case["raw"]));
        assert!(raw.len() < 6 || !shown.contains(raw), "{}", case["note"]);
    }
}

#[test]
fn a_kind_is_of_the_subjects_that_can_have_it() {
    let types = vectors()["types"].clone();
    for kind in IdentityKind::ALL {
        for subject in [SubjectType::Person, SubjectType::Enterprise, SubjectType::Persona] {
            let word = serde_json::to_value(subject).unwrap();
            assert_eq!(kind.is_of(subject), list(&types[kind.as_str()]).contains(&word), "{kind} of {word}");
        }
    }
}

#[test]
fn a_holder_outlives_the_number_of_a_passport() {
    let holder = |number: &str, name: &str| {
        let passport = Identity::normalise(IdentityKind::Passport, number, false).unwrap();
        Identity::passport_holder(&passport, name, jiff::civil::date(1985, 1, 1))
    };
    let (old, new) = (holder("FRA:12AB34567", "DUPONT<<MARIE<CLAIRE"), holder("FRA:98ZY76543", "Dupont Marie-Claire"));
    assert_eq!(old.as_ref().unwrap().value(), "FRA:DUPONT<MARIE<CLAIRE:19850101");
    assert!(old == new);
    assert!(holder("CHN:E12345678", "张三").is_err() && holder("CHN:E12345678", "A:B").is_err());
    let code = Identity::normalise(IdentityKind::CnUscc, "91350200MA2YJ1XR9G", false).unwrap();
    assert!(Identity::passport_holder(&code, "LI SI", jiff::civil::date(1985, 1, 1)).is_err());
}

#[test]
fn the_tables_are_those_of_unicode_15() {
    assert_eq!(unicode_normalization::UNICODE_VERSION.0, 15);
    assert!(Identity::normalise(IdentityKind::Passport, "CHN:E1234567\u{1CCD6}", false).is_err());
}

#[test]
fn a_card_tells_the_date_of_birth() {
    let date = |raw| Identity::normalise(IdentityKind::CnId, raw, true).unwrap().date_of_birth();
    assert_eq!(date("610104620927690"), Some(jiff::civil::date(1962, 9, 27)));
    assert_eq!(date("FRA310012345678"), None, "the old permanent resident card has none");
}

#[test]
fn a_number_is_of_the_years_1800_to_2099() {
    // The check characters are right: the year alone decides.
    for (raw, taken) in [
        ("440308180001010017", true),
        ("440308209912310017", true),
        ("440308179912310012", false),
        ("440308210001010011", false),
    ] {
        let read = Identity::normalise(IdentityKind::CnId, raw, false);
        assert_eq!(read.err(), (!taken).then_some(IdentityError::Date), "{raw}");
    }
}

#[test]
fn a_number_of_15_digits_is_of_the_1900s_but_for_four_sequences() {
    for (sequence, year) in [("001", 1900), ("995", 1900), ("996", 1800), ("997", 1800), ("998", 1800), ("999", 1800)] {
        let raw = format!("610104000101{sequence}");
        assert_eq!(Identity::normalise(IdentityKind::CnId, &raw, false).err(), Some(IdentityError::Fifteen));
        let identity = Identity::normalise(IdentityKind::CnId, &raw, true).unwrap();
        assert_eq!(identity.date_of_birth().unwrap().year(), year, "{sequence}");
    }
}

/// What has the shape of a kind, in the spellings that people use.
fn written() -> impl Strategy<Value = (IdentityKind, String)> {
    prop_oneof![
        "[1-9][0-9]{5}[ -]?[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[ -]?[0-9]{3}"
            .prop_map(|raw| (IdentityKind::CnId, raw)),
        " ?[a-zA-Z]{3}[0-9]{12}\u{3000}?".prop_map(|raw| (IdentityKind::CnId, raw)),
        "[hmHMＨ][０-９]{8}([(（]?[0-9]{2}[)）]?)?|[hM][aA][0-9]{7}|[0-9]{8}"
            .prop_map(|raw| (IdentityKind::HmtTravelPermit, raw)),
        "[a-zA-Z]{3}[:：] ?[a-zA-Z0-9]{5,12}".prop_map(|raw| (IdentityKind::Passport, raw)),
        "[0-9A-HJ-NPQRTUWXYa-h]{18}".prop_map(|raw| (IdentityKind::CnUscc, raw)),
        "[a-z]{3}: ?[A-Za-z]{1,12}[ <'-]{1,3}[a-z]{1,40}[-< ]?: ?(19|20)[0-9]{2}-?0[1-9]-?0[1-9]"
            .prop_map(|raw| (IdentityKind::PassportHolder, raw)),
        "[\u{3000} ]?[a-z0-9-]{1,12}:[!-~]([ -~]{0,40}[!-~])? ?".prop_map(|raw| (IdentityKind::PlatformAccount, raw)),
    ]
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing((kind, raw) in written()) {
        let once = Identity::normalise(kind, &raw, true);
        prop_assert!(once.is_ok(), "{kind}: {raw}");
        let once = once.unwrap();
        let twice = Identity::normalise(kind, once.value(), true);
        prop_assert!(twice.is_ok_and(|twice| twice == once));
    }

    #[test]
    fn whatever_is_written_is_taken_in_bounds_or_refused(kind in prop::sample::select(&IdentityKind::ALL), raw in "\\PC{0,40}") {
        if let Ok(identity) = Identity::normalise(kind, &raw, true) {
            prop_assert!((1..=MAX_BYTES).contains(&identity.value().len()));
            prop_assert!(identity.value().bytes().all(|b| (b' '..=b'~').contains(&b)));
        }
    }
}
