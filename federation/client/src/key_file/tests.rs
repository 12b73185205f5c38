use std::os::unix::fs::PermissionsExt as _;

use rand_core::UnwrapErr;

use super::*;

/// Cheap, for tests alone.
const WORK: Work = Work::LogN(2);

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
    KeyFile::Seat(made).write(&path, "correct horse".into(), WORK).unwrap();
    let opened = SeatKey::open(&path, "correct horse".into()).unwrap();
    assert_eq!(opened.public(), public);

    let (path, made) = (dir.path().join("alpha.key"), member());
    let public = made.public("Alpha Live".to_owned());
    KeyFile::Member(made).write(&path, "correct horse".into(), WORK).unwrap();
    let opened = MemberKey::open(&path, "correct horse".into()).unwrap();
    assert_eq!(opened.public("Alpha Live".to_owned()), public);
    assert_eq!(opened.witness().name().as_str(), "callboard.example/witness/alpha");
}

#[test]
fn another_passphrase_is_told_from_a_damaged_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("panel-1.key");
    KeyFile::Seat(seat()).write(&path, "correct horse".into(), WORK).unwrap();
    assert!(matches!(KeyFile::open(&path, "wrong horse".into()), Err(KeyFileError::Passphrase { .. })));
    let damaged = std::fs::read_to_string(&path).unwrap().replace("AGE ENCRYPTED", "AGE");
    std::fs::write(&path, damaged).unwrap();
    assert!(matches!(KeyFile::open(&path, "correct horse".into()), Err(KeyFileError::Malformed { .. })));
}

#[test]
fn a_key_of_another_type_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alpha.key");
    KeyFile::Member(member()).write(&path, "correct horse".into(), WORK).unwrap();
    assert!(matches!(SeatKey::open(&path, "correct horse".into()), Err(KeyFileError::OfAnother { asked: "seat", .. })));
}

#[test]
fn a_key_is_never_written_over_and_its_owner_alone_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("panel-1.key");
    KeyFile::Seat(seat()).write(&path, "correct horse".into(), WORK).unwrap();
    let before = std::fs::read(&path).unwrap();
    let again = KeyFile::Seat(seat()).write(&path, "correct horse".into(), WORK);
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
