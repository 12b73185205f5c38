use callboard_federation::{
    docket,
    encoding::{DocketId, RecordId, Time},
    roster::Role,
    statement::Act,
};
use rand_core::UnwrapErr;

use super::*;

fn seat(holder: &str) -> SeatKey {
    SeatKey::generate(holder.to_owned(), Role::Panel, &mut UnwrapErr(rand::rngs::SysRng)).unwrap()
}

/// A docket of one dispute, with the identity of the one whom it is about.
fn bundle(record: u8) -> Bundle {
    let at = Time::from_seconds(1_800_000_000);
    let statement = Statement {
        id: RecordId::new(at, [record; 10]),
        salt: Octets([7; 32]),
        act: Act::Dispute { about: vec![RecordId::new(at, [0; 10])] },
    };
    let bytes = statement.to_json();
    let docket = Docket {
        v: 1,
        id: DocketId::new(at, [1; 10]),
        issuer: "callboard.test".to_owned(),
        issued_at: at,
        roster: 1,
        items: vec![docket::Item::of(&statement, &bytes, None)],
        publication: Some(Hash::of(b"text")),
    };
    let identity = BundleIdentity {
        kind: IdentityKind::Passport,
        value: "CHN:E12345678".to_owned(),
        confirmed: false,
        soft: false,
    };
    let item = Item {
        statement: Base64(bytes),
        share: None,
        identities: vec![identity],
        plain: Some(serde_json::json!({"names": ["X"]})),
    };
    Bundle::draft(&docket, vec![item], Some(b"text".to_vec()), Vec::new()).unwrap()
}

#[test]
fn a_bundle_opens_as_it_was_written_for_whom_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.bundle");
    let (signer, stranger, made) = (seat("panel-1"), seat("panel-2"), bundle(1));
    made.write(&path, [signer.recipient(), signer.recipient()]).unwrap();
    let opened = Bundle::open(&path, &signer).unwrap();
    assert_eq!((opened.payload(), opened.publication()), (made.payload(), made.publication()));
    assert!(opened.items() == made.items());
    assert!(matches!(Bundle::open(&path, &stranger), Err(Error::NotForThisKey { .. })));
    let again = made.write(&path, [stranger.recipient()]);
    assert!(matches!(again, Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists));
}

#[test]
fn a_bundle_for_nobody_isnt_written() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(bundle(1).write(&dir.path().join("a.bundle"), []).err().unwrap().code(), "bundle-recipients");
}

#[test]
fn a_bundle_whose_docket_commits_to_something_else_is_refused() {
    let (made, other) = (bundle(1), bundle(2));
    let of = |items, publication: &[u8]| {
        Bundle::of(made.payload.clone(), items, Some(publication.to_vec()), Vec::new()).map(|_| ())
    };
    assert_eq!(of(other.items, b"text").err().unwrap().code(), "bundle-commitment");
    assert_eq!(of(Vec::new(), b"text").err().unwrap().to_string(), "the docket has 1 items, the bundle 0");
    assert_eq!(of(made.items.clone(), b"another").err().unwrap().code(), "bundle-publication");
}
