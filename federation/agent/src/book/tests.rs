//! What the tag book promises.

use std::os::unix::fs::PermissionsExt as _;

use callboard_client::{derivation::Derived, program::chance};
use callboard_federation::{identity::IdentityKind, token::Blind};

use super::*;

async fn open(directory: &Path) -> Result<Book, BookError> {
    let database = Database::open_book(directory).await?;
    Book::open(directory, database, &mut chance()).await
}

fn epoch(number: u64) -> Epoch {
    Epoch::new(number).unwrap()
}

fn person(account: &str) -> Identity {
    Identity::normalise(IdentityKind::PlatformAccount, &format!("alpha:{account}"), false).unwrap()
}

/// What an identity is under these epochs; made up, but the same each time.
fn known(identity: &Identity, epochs: &[u64]) -> Known {
    let derived = epochs.iter().map(|number| {
        let hash = callboard_federation::encoding::Hash::of(format!("{}{number}", identity.value()).as_bytes());
        Derived {
            epoch: epoch(*number),
            tag: Tag::from_bytes(*hash.as_bytes()),
            seal_key: SealKey::from_bytes(*hash.as_bytes()),
            blind: Blind::draw(&mut chance()),
            points: Arc::default(),
            at: 0,
        }
    });
    Known { identity: identity.clone(), derived: derived.collect() }
}

fn reference(text: &str) -> Reference {
    text.to_owned().try_into().unwrap()
}

#[tokio::test]
async fn who_was_learnt_is_known_again_after_a_start_and_nobody_else_is() {
    let directory = tempfile::tempdir().unwrap();
    let (jia, yi) = (person("jia"), person("yi"));
    let book = open(directory.path()).await.unwrap();
    book.learn(&[(&reference("host-1"), &[known(&jia, &[1, 2])])], &mut chance()).await.unwrap();
    assert!(book.try_known(&jia, &[epoch(1), epoch(2)]).is_some(), "just learnt");
    drop(book);

    let book = open(directory.path()).await.unwrap();
    assert!(book.try_known(&jia, &[epoch(1)]).is_none(), "not looked up yet");
    let found = book.known(&[&jia, &yi, &jia], &[epoch(1), epoch(2)]).await.unwrap();
    let tags = |at: usize| found[at].as_ref().map(|held| held.iter().map(|held| held.tag).collect::<Vec<_>>());
    let expected: Vec<_> = known(&jia, &[1, 2]).derived.iter().map(Derived::tag).collect();
    assert_eq!((tags(0), tags(1), tags(2)), (Some(expected.clone()), None, Some(expected)));
    assert!(book.try_known(&jia, &[epoch(2)]).is_some());
    assert!(book.try_known(&jia, &[epoch(3)]).is_none(), "a live epoch that it lacks makes a person new");
    assert_eq!(book.known(&[&jia], &[epoch(3)]).await.unwrap().len(), 1);
    assert_eq!(book.outdated(epoch(3), 10).await.unwrap(), [reference("host-1")]);
    assert!(book.outdated(epoch(2), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_tag_finds_every_account_that_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let book = open(directory.path()).await.unwrap();
    let (jia, yi) = (known(&person("jia"), &[1]), known(&person("yi"), &[1]));
    let (first, second) = (reference("host-1"), reference("host-2"));
    book.learn(&[(&first, std::slice::from_ref(&jia)), (&second, &[jia.clone(), yi.clone()])], &mut chance())
        .await
        .unwrap();
    let mut found: Vec<_> =
        book.holding(&[jia.derived[0].tag()]).await.unwrap().into_iter().map(|(_, of)| of).collect();
    found.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    assert_eq!(found, [first.clone(), second.clone()]);
    assert_eq!(book.holding(&[yi.derived[0].tag()]).await.unwrap()[0].1, second);
    assert_eq!(book.size().await.unwrap(), (2, 2));

    assert!(book.forget(&second).await.unwrap());
    assert!(!book.forget(&second).await.unwrap(), "it is forgotten once");
    assert!(book.holding(&[yi.derived[0].tag()]).await.unwrap().is_empty());
    assert!(book.known(&[&person("yi")], &[epoch(1)]).await.unwrap()[0].is_none());
    assert_eq!(book.holding(&[jia.derived[0].tag()]).await.unwrap()[0].1, first, "another account holds it still");
}

#[tokio::test]
async fn no_identity_ref_or_tag_stands_in_the_files_readable() {
    let directory = tempfile::tempdir().unwrap();
    let book = open(directory.path()).await.unwrap();
    let jia = known(&person("zhao-shi-yi"), &[1]);
    let record = RecordId::new(callboard_federation::encoding::Time::from_millis(1), [7; 10]);
    book.learn(&[(&reference("host-of-zhao"), std::slice::from_ref(&jia))], &mut chance()).await.unwrap();
    book.keep_details(record, &jia.identity, b"what was done", &mut chance()).await.unwrap();
    assert_eq!(**book.details(record, &jia.identity).await.unwrap().unwrap(), *b"what was done");
    let mut all = Vec::new();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        all.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let tag = jia.derived[0].tag;
    for needle in
        [b"zhao-shi-yi".as_slice(), b"host-of-zhao", tag.as_bytes(), tag.to_string().as_bytes(), b"what was done"]
    {
        assert!(!all.windows(needle.len()).any(|window| window == needle), "{needle:?}");
    }
    book.forget_details(&[record]).await.unwrap();
    assert!(book.details(record, &jia.identity).await.unwrap().is_none());
}

#[tokio::test]
async fn another_key_or_one_that_others_read_is_told_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("book.key");
    let book = open(directory.path()).await.unwrap();
    book.learn(&[(&reference("host-1"), &[known(&person("jia"), &[1])])], &mut chance()).await.unwrap();
    drop(book);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(open(directory.path()).await, Err(BookError::KeyMode(_))));
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(open(directory.path()).await, Err(BookError::Value)), "a new key doesn't open an old book");
}
