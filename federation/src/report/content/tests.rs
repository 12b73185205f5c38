use ed25519_dalek::SigningKey;
use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::{
    encoding::{PublicKey, from_json, to_json},
    members::{Member, MemberId, Members, Quota},
    report::signed::{SignedError, Signer, open, open_of, sign},
};

fn time(seconds: i64) -> Time {
    Time::from_seconds(1_800_000_000 + seconds)
}

fn report() -> Report {
    Report {
        v: 1,
        id: ReportId::new(time(0), [7; 10]),
        kind: ReportKind::Violation,
        record: None,
        reference: Some("2026-117".to_owned()),
        codes: vec!["NB-11".to_owned()],
        places: vec![Place::Speech],
        happened_from: Some(time(0)),
        happened_to: Some(time(60)),
        room: None,
        description: "第一行\n第二行".to_owned(),
        evidence: vec![Evidence { sha256: Hash::of(b"a"), name: None, kind: EvidenceKind::Recording, number: None }],
        subjects: vec![subject("host-1")],
        permanent_ban: false,
        document: None,
    }
}

fn subject(account: &str) -> Subject {
    let identity =
        ReportedIdentity { kind: IdentityKind::CnId, value: "100000199001050013".to_owned(), confirmed: false };
    Subject {
        account: account.to_owned(),
        nickname: None,
        role: SubjectRole::Host,
        identities: vec![identity],
        birth: "1990-01-05".parse().ok(),
    }
}

fn bound(what: Phrase, most: usize) -> Result<(), ContentError> {
    Err(ContentError::Bound { what, most })
}

#[test]
fn what_has_too_much_or_too_little_is_refused_and_says_which() {
    let changed = |change: fn(&mut Report)| {
        let mut report = report();
        change(&mut report);
        report.check()
    };
    assert_eq!(changed(|_| {}), Ok(()));
    assert_eq!(changed(|report| report.v = 2), Err(ContentError::Version));
    assert_eq!(changed(|report| report.description.clear()), bound(DESCRIPTION, MAX_DESCRIPTION_BYTES));
    let long = changed(|report| report.description = "x".repeat(MAX_DESCRIPTION_BYTES + 1));
    assert_eq!(long, bound(DESCRIPTION, MAX_DESCRIPTION_BYTES));
    assert_eq!(changed(|report| report.room = Some("a\nb".to_owned())), Err(ContentError::Control { what: ROOM }));
    assert_eq!(changed(|report| report.codes.clear()), Err(ContentError::Missing { what: CODES }));
    let twice = changed(|report| report.codes.push("NB-11".to_owned()));
    assert_eq!(twice, Err(ContentError::Repeated { what: CODES }));
    let many = changed(|report| report.codes = (0..17).map(|code| format!("NB-{code}")).collect());
    assert_eq!(many, bound(CODES, MAX_CODES));
    assert_eq!(changed(|report| report.happened_to = Some(time(-1))), Err(ContentError::Order));
    assert_eq!(changed(|report| report.happened_to = None), Err(ContentError::Missing { what: TIMES }));
    let crowd = changed(|report| report.subjects = vec![subject("host"); MAX_SUBJECTS + 1]);
    assert_eq!(crowd, bound(SUBJECTS, MAX_SUBJECTS));
    let nameless = changed(|report| report.subjects[0].account.clear());
    assert_eq!(nameless, bound(ACCOUNT, MAX_LINE_BYTES));
    assert_eq!(changed(|report| report.subjects.clear()), Err(ContentError::Missing { what: SUBJECTS }));
}

#[test]
fn each_kind_asks_for_its_own() {
    let other = Report {
        kind: ReportKind::NotThisPerson,
        codes: Vec::new(),
        places: Vec::new(),
        happened_from: None,
        happened_to: None,
        subjects: Vec::new(),
        ..report()
    };
    assert_eq!(other.check(), Err(ContentError::Missing { what: RECORD }));
    let record = Some(RecordId::new(time(0), [1; 10]));
    assert_eq!(Report { record, ..other.clone() }.check(), Ok(()));
    assert_eq!(Report { record, ..report() }.check(), Err(ContentError::Unasked { what: RECORD }));
    let court = Report { kind: ReportKind::Court, ..other };
    assert_eq!(court.check(), Err(ContentError::Missing { what: DOCUMENT }));
    let document = PaperDocument {
        number: "（2026）京01刑终1号".to_owned(),
        by: "某法院".to_owned(),
        on: "2026-11-20".parse().unwrap(),
    };
    assert_eq!(Report { document: Some(document.clone()), ..court }.check(), Ok(()));
    assert_eq!(Report { document: Some(document), ..report() }.check(), Err(ContentError::Unasked { what: DOCUMENT }));
}

#[test]
fn an_identity_is_in_no_debug_text() {
    assert!(!format!("{:?}", report()).contains("100000199001050013"));
}

#[test]
fn what_another_signed_or_nobody_in_force_is_refused() {
    let [alpha_key, beta_key, stranger] = [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]));
    let id = |id: &str| MemberId::try_from(id.to_owned()).unwrap();
    let member = |name: &str, key: &SigningKey| Member {
        member: id(name),
        name: name.to_owned(),
        keys: vec![PublicKey::of(key)],
        quota: Quota { per_day: 1, grants: Vec::new() },
        contact: None,
    };
    let members = Members { v: 1, version: 1, members: vec![member("alpha", &alpha_key), member("beta", &beta_key)] };
    let alpha = Signer::Member(id("alpha"));
    let bytes = sign(&report(), &alpha_key);
    assert_eq!(open_of::<Report>(&bytes, None, Some(&members), &alpha).unwrap(), report());
    let beta = open_of::<Report>(&bytes, None, Some(&members), &Signer::Member(id("beta")));
    assert!(matches!(beta, Err(SignedError::Another)));
    let foreign = open::<Report>(&sign(&report(), &stranger), None, Some(&members));
    assert!(matches!(foreign, Err(SignedError::Envelope(_))));
    let hollow = sign(&Report { codes: Vec::new(), ..report() }, &alpha_key);
    assert!(matches!(open::<Report>(&hollow, None, Some(&members)), Err(SignedError::Content(_))));
    let words = open::<crate::report::words::ReportWords>(&bytes, None, Some(&members));
    assert!(matches!(words, Err(SignedError::Envelope(_))), "of another type");
}

fn line() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{1,40}"
}

fn any_subject() -> impl Strategy<Value = Subject> {
    let identity = (0..IdentityKind::ALL.len(), line(), any::<bool>())
        .prop_map(|(kind, value, confirmed)| ReportedIdentity { kind: IdentityKind::ALL[kind], value, confirmed });
    (line(), option::of(line()), 0..SubjectRole::ALL.len(), vec(identity, 0..4)).prop_map(
        |(account, nickname, role, identities)| Subject {
            account,
            nickname,
            role: SubjectRole::ALL[role],
            identities,
            birth: None,
        },
    )
}

proptest! {
    #[test]
    fn a_report_reads_back_as_it_was_written(
        subjects in vec(any_subject(), 1..5), description in "(?s).{1,300}", reference in option::of(line()),
        room in option::of(line()), permanent_ban: bool, length in 0..1_000_000_i64,
    ) {
        let report =
            Report { subjects, description, reference, room, permanent_ban, happened_to: Some(time(length)), ..report() };
        prop_assert_eq!(report.check(), Ok(()));
        prop_assert_eq!(from_json::<Report>(&to_json(&report)).unwrap(), report);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..400)) {
        let _ = open::<Report>(&bytes, None, None);
    }
}
