//! What the log of checks promises.

use std::path::Path;

use callboard_federation::encoding::from_json;

use super::*;

async fn open(directory: &Path) -> Checks {
    let key = BookKey::open(&directory.join("book.key"), &mut os_rng()).unwrap();
    Checks::open(Database::open_book(directory).await.unwrap(), Arc::new(key)).await.unwrap()
}

fn check(at: i64, reference: &str) -> Check {
    let mut random = [0; 10];
    os_rng().fill_bytes(&mut random);
    let at = Time::from_millis(at);
    let answer = b"{\"decision\":\"allow\"}".to_vec();
    let person = Person::from(Reference::try_from(reference.to_owned()).unwrap());
    let (purpose, consent_ref, guardian_ref) = (Purpose::Watch, None, None);
    Check {
        id: CheckId::new(at, random),
        at,
        person,
        purpose,
        consent_ref,
        guardian_ref,
        account: [7; 16],
        answer,
        blinds: Vec::new(),
    }
}

#[tokio::test]
async fn each_check_is_proven_alone_at_every_later_size_and_after_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let checks = open(directory.path()).await;
    let mut ids = Vec::new();
    for at in 0..7 {
        let batch: Vec<Check> = (0..=at).map(|of| check(1_000 * at + of, &format!("host-{at}-{of}"))).collect();
        ids.extend(batch.iter().map(|check| check.id));
        checks.log(batch).await.unwrap();
    }
    let before = checks.root();
    drop(checks);
    let checks = open(directory.path()).await;
    assert_eq!((checks.root(), before.0), (before, 28));
    for (at, id) in ids.iter().enumerate() {
        let proof = checks.prove(*id).await.unwrap().unwrap();
        assert_eq!((proof.index, proof.root), (at as u64, before.1));
        proof.verify().unwrap();
        let text = String::from_utf8(proof.line.0.clone()).unwrap();
        assert!(text.contains(&id.to_string()) && text.matches("\"ref\"").count() == 1, "one check, no other");
        assert!(text.contains(",\"purpose\":\"watch\",\"answer\":"), "{text}");
        let mut changed = proof.clone();
        changed.line.0[40] ^= 1;
        assert!(changed.verify().is_err());
        assert_eq!(from_json::<CheckProof>(&to_json(&proof)).unwrap(), proof);
    }
    let other = check(3, "host");
    assert!(checks.prove(other.id).await.unwrap().is_none());
}

#[tokio::test]
async fn many_callers_share_a_commit_and_each_gets_its_own_place() {
    let directory = tempfile::tempdir().unwrap();
    let checks = open(directory.path()).await;
    let mut callers = tokio::task::JoinSet::new();
    for at in 0..200 {
        let checks = checks.clone();
        callers.spawn(async move {
            let check = check(at, "host");
            let id = check.id;
            (checks.log(vec![check]).await.unwrap(), id)
        });
    }
    let mut places: Vec<_> = callers.join_all().await;
    places.sort_unstable_by_key(|(place, _)| *place);
    for (at, (place, id)) in places.into_iter().enumerate() {
        assert_eq!(place, at as u64);
        assert_eq!(checks.prove(id).await.unwrap().unwrap().index, place);
    }
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_and_what_remains_is_proven_still() {
    let directory = tempfile::tempdir().unwrap();
    let checks = open(directory.path()).await;
    let (old, new) = (check(1_000, "host-old"), check(9_000, "host-new"));
    let ids = [old.id, new.id];
    checks.log(vec![old]).await.unwrap();
    checks.log(vec![new]).await.unwrap();
    let root = checks.root();
    assert_eq!(checks.forget_before(Time::from_millis(5_000)).await.unwrap(), 1);
    assert!(checks.prove(ids[0]).await.unwrap().is_none());
    let proof = checks.prove(ids[1]).await.unwrap().unwrap();
    proof.verify().unwrap();
    assert_eq!((proof.size, proof.root), root, "the leaves stay");
}
