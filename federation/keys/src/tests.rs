use std::os::unix::fs::PermissionsExt as _;

use rand_core::UnwrapErr;

use super::*;

/// Cheap, for these tests alone: nothing that is public writes it.
const CHEAP: u8 = 2;

fn seat() -> SeatKey {
    SeatKey::generate("panel-1".to_owned(), Role::Panel, &mut UnwrapErr(rand::rngs::SysRng)).unwrap()
}

fn member() -> MemberKey {
    let id = "alpha".to_owned().try_into().unwrap();
    MemberKey::generate(id, "callboard.example".to_owned(), &mut UnwrapErr(rand::rngs::SysRng)).unwrap()
}

#[test]
fn a_key_opens_as_it_was_made() {
    let dir = tempfile::tempdir().unwrap();
    let (path, made) = (dir.path().join("panel-1.key"), seat());
    let public = made.public();
    KeyFile::Seat(made).write_at(&path, "correct horse".into(), CHEAP).unwrap();
    let opened = SeatKey::open(&path, "correct horse".into()).unwrap();
    assert_eq!(opened.public(), public);

    let (path, made) = (dir.path().join("alpha.key"), member());
    let public = made.public("Alpha Live".to_owned());
    KeyFile::Member(made).write_at(&path, "correct horse".into(), CHEAP).unwrap();
    let opened = MemberKey::open(&path, "correct horse".into()).unwrap();
    assert_eq!(opened.public("Alpha Live".to_owned()), public);
    assert_eq!(opened.witness().name().as_str(), "callboard.example/witness/alpha");
}

#[test]
fn another_passphrase_is_told_from_a_damaged_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("panel-1.key");
    KeyFile::Seat(seat()).write_at(&path, "correct horse".into(), CHEAP).unwrap();
    assert!(matches!(KeyFile::open(&path, "wrong horse".into()), Err(KeyFileError::Passphrase { .. })));
    let damaged = std::fs::read_to_string(&path).unwrap().replace("AGE ENCRYPTED", "AGE");
    std::fs::write(&path, damaged).unwrap();
    assert!(matches!(KeyFile::open(&path, "correct horse".into()), Err(KeyFileError::Malformed { .. })));
}

#[test]
fn a_key_of_another_type_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alpha.key");
    KeyFile::Member(member()).write_at(&path, "correct horse".into(), CHEAP).unwrap();
    assert!(matches!(
        SeatKey::open(&path, "correct horse".into()),
        Err(KeyFileError::OfAnother { asked, .. }) if asked.en == "seat"
    ));
}

#[test]
fn a_key_is_never_written_over_and_its_owner_alone_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("panel-1.key");
    KeyFile::Seat(seat()).write_at(&path, "correct horse".into(), CHEAP).unwrap();
    let before = std::fs::read(&path).unwrap();
    let again = KeyFile::Seat(seat()).write_at(&path, "correct horse".into(), CHEAP);
    assert!(matches!(again, Err(KeyFileError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_member_of_no_log_is_refused() {
    let id: MemberId = "alpha".to_owned().try_into().unwrap();
    for issuer in ["call board", "a+b"] {
        let made = MemberKey::generate(id.clone(), issuer.to_owned(), &mut UnwrapErr(rand::rngs::SysRng));
        assert!(matches!(made, Err(ContentError::Issuer(_))), "{issuer}");
    }
}

#[test]
fn a_key_file_says_what_a_guess_costs_and_none_is_cheaper_than_it_should_be() {
    let dir = tempfile::tempdir().unwrap();
    let (path, known) = (dir.path().join("panel-1.key"), dir.path().join("known.key"));
    // It isn't measured, so a busy machine makes no other.
    KeyFile::Seat(seat()).write(&path, "correct horse".into()).unwrap();
    assert_eq!(work_factor(&path), Some(WORK_FACTOR));
    assert_eq!(WORK_FACTOR, 18);
    KeyFile::Seat(seat()).write_known(&known).unwrap();
    assert_eq!(work_factor(&known), Some(10), "whose passphrase everyone knows");
    assert_eq!(work_factor(dir.path()), None);
}

#[test]
fn a_passphrase_opens_in_whichever_unicode_form_it_comes() {
    use unicode_normalization::UnicodeNormalization as _;
    let dir = tempfile::tempdir().unwrap();
    let made = "Zo\u{eb} ﬁnds 한글\u{3000}ﾊﾝｶｸ Å 直播";
    for (at, (written, typed)) in [
        (made.nfc().collect::<String>(), made.nfd().collect::<String>()),
        (made.nfd().collect(), made.nfkc().collect()),
        (made.nfkc().collect(), made.nfkd().collect()),
        (made.nfkd().collect(), made.nfc().collect()),
        ("correct\u{a0}horse".to_owned(), "correct horse".to_owned()),
        ("correct\u{1680}horse".to_owned(), "correct\u{3000}horse".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let path = dir.path().join(format!("{at}.key"));
        KeyFile::Seat(seat()).write_at(&path, written.as_str().into(), CHEAP).unwrap();
        let opened = KeyFile::open(&path, typed.as_str().into());
        assert!(opened.is_ok(), "{written:?} and {typed:?} are one passphrase");
    }
}
