use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::Value;

use super::*;
use crate::{
    token::{Blind, Evaluate as _, Evaluated, TokenSecret, finalise},
    vectors::{list, text},
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/identities.json")).unwrap()
}

fn normalise(case: &Value) -> Result<Identity, IdentityInvalid> {
    let kind = IdentityKind::from_word(text(&case["kind"])).unwrap();
    Identity::normalise(kind, text(&case["raw"]), case["confirmed"] == true)
}

#[test]
fn however_a_number_is_written_one_person_has_one_tag() {
    let vectors = vectors();
    let key = hex::decode(text(&vectors["tokenKey"]["secret"])).unwrap().try_into().unwrap();
    let secret = TokenSecret::of_bytes(key).unwrap();
    assert_eq!(hex::encode(secret.public().as_bytes()), text(&vectors["tokenKey"]["public"]));
    for case in list(&vectors["valid"]) {
        let identity = normalise(case).unwrap_or_else(|error| panic!("{}: {error}", case["note"]));
        assert_eq!(identity.value(), text(&case["value"]), "{}", case["note"]);
        assert_eq!(identity.kind().is_hard(), case["hard"].as_bool().unwrap(), "{}", case["note"]);
        let input = identity.prf_input();
        assert_eq!(hex::encode(&*input), text(&case["input"]), "{}", case["note"]);

        let blind = Blind::from_bytes(std::array::from_fn(|at| u8::from(at == 0) * 5)).unwrap();
        let batch = [blind.blind(&input).unwrap()];
        let answer = secret.evaluate(&batch, &mut StdRng::seed_from_u64(1)).unwrap();
        let evaluated = Evaluated::read(&secret.public(), &batch, &answer).unwrap();
        let (tag, seal) = finalise(&[(&input, &blind)], &evaluated).unwrap().remove(0);
        assert_eq!(tag.to_string(), text(&case["tag"]), "{}", case["note"]);
        assert_eq!(hex::encode(seal.as_bytes()), text(&case["sealKey"]), "{}", case["note"]);
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
fn the_tables_are_those_of_unicode_15() {
    assert_eq!(unicode_normalization::UNICODE_VERSION.0, 15);
    assert!(Identity::normalise(IdentityKind::Passport, "CHN:E1234567\u{1CCD6}", false).is_err());
}

#[test]
fn a_card_tells_the_date_of_birth() {
    let date = |raw| Identity::normalise(IdentityKind::CnId, raw, false).unwrap().date_of_birth();
    assert_eq!(date("610104620927690"), Some(jiff::civil::date(1962, 9, 27)));
    assert_eq!(date("FRA310012345678"), None, "the old permanent resident card has none");
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(kind in prop::sample::select(&IdentityKind::ALL), raw in "\\PC{0,40}") {
        if let Ok(once) = Identity::normalise(kind, &raw, true) {
            let twice = Identity::normalise(kind, once.value(), true);
            prop_assert!(twice.is_ok_and(|twice| twice == once));
        }
    }
}
