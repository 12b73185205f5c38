//! What the tag book promises.

use std::os::unix::fs::PermissionsExt as _;

use callboard_client::{
    derivation::{Derived, Known},
    runtime::os_rng,
};
use callboard_federation::{identity::IdentityKind, token::Blind};

use super::{
    holder::{Holder, HolderError},
    *,
};

async fn open(directory: &Path) -> Result<Book, BookError> {
    let database = Database::open_book(directory).await?;
    Book::open(directory, database, &mut os_rng()).await
}

fn epoch(number: u64) -> Epoch {
    Epoch::new(number).unwrap()
}

fn identity(account: &str) -> Identity {
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
            blind: Blind::draw(&mut os_rng()),
            points: Arc::default(),
            at: 0,
        }
    });
    Known { identity: identity.clone(), derived: derived.collect() }
}

/// A person by `ref` or `ref/person`.
fn whom(text: &str) -> Person {
    let mut parts = text.split('/').map(|part| Reference::try_from(part.to_owned()).unwrap());
    Person { reference: parts.next().unwrap(), person: parts.next() }
}

/// A number of region 10, which nobody has, with the check character that fits.
fn card(born: &str, sequence: &str) -> Identity {
    let number = |check: char| Identity::normalise(IdentityKind::CnId, &format!("100000{born}{sequence}{check}"), true);
    "0123456789X".chars().find_map(|check| number(check).ok()).unwrap()
}

fn passport(number: &str) -> Identity {
    Identity::normalise(IdentityKind::Passport, number, false).unwrap()
}

/// What a question with these identities tells.
fn told(book: &Book, known: &[Known], born: Option<&str>) -> Holder {
    let identities = known.iter().map(|known| (book.identity_lookup(&known.identity), &known.identity));
    Holder::of_question(identities, born.map(|born| born.parse().unwrap()), false, false)
}

/// Admits one person with these identities.
async fn admit(book: &Book, person: &Person, known: &[Known], born: Option<&str>) -> Result<(), HolderError> {
    let told = told(book, known, born);
    let tags: Vec<IdentityTags> = known
        .iter()
        .map(|known| IdentityTags { lookup: book.identity_lookup(&known.identity), derived: known.derived.clone() })
        .collect();
    let identities = tags.iter().map(|tags| tags.lookup).collect();
    let admission = Admission { account: book.account_lookup(person), person, holder: &told, identities };
    book.admit(&[admission], &tags, None, &mut os_rng()).await.unwrap().remove(0).map(drop)
}

async fn tags(book: &Book, person: &Person) -> Vec<EpochTag> {
    book.tags_of(&book.account_lookup(person)).await.unwrap()
}

fn tags_of(known: &[&Known]) -> Vec<EpochTag> {
    let mut tags: Vec<_> = known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect();
    tags.sort_unstable();
    tags
}

#[tokio::test]
async fn who_was_learnt_is_known_again_after_a_start_and_nobody_else_is() {
    let directory = tempfile::tempdir().unwrap();
    let (jia, yi) = (identity("jia"), identity("yi"));
    let book = open(directory.path()).await.unwrap();
    let host = whom("host-1");
    admit(&book, &host, &[known(&jia, &[1, 2])], None).await.unwrap();
    drop(book);

    let book = open(directory.path()).await.unwrap();
    let [jia, yi] = [jia, yi].map(|identity| (book.identity_lookup(&identity), known(&identity, &[1, 2])));
    assert!(book.cached_tags(&jia.0).is_none(), "not looked up yet");
    let found = book.identity_tags(&[jia.0, yi.0, jia.0]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[&jia.0].len(), 2);
    assert!(book.cached_tags(&jia.0).is_some());
    assert_eq!(tags(&book, &host).await, tags_of(&[&jia.1]));
    assert_eq!(book.outdated(epoch(3), 10).await.unwrap(), [whom("host-1")]);
    assert!(book.outdated(epoch(2), 10).await.unwrap().is_empty());

    // A new epoch: what was known under the old ones stays.
    admit(&book, &host, &[known(&jia.1.identity, &[3])], None).await.unwrap();
    assert_eq!(tags(&book, &host).await, tags_of(&[&known(&jia.1.identity, &[1, 2, 3])]));
    assert!(book.outdated(epoch(3), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_tag_finds_everyone_who_holds_it_and_a_ref_everyone_at_it() {
    let directory = tempfile::tempdir().unwrap();
    let book = open(directory.path()).await.unwrap();
    let (jia, yi) = (known(&identity("jia"), &[1]), known(&identity("yi"), &[1]));
    let (first, second, third) = (whom("host-1"), whom("room/jia"), whom("room/yi"));
    admit(&book, &first, std::slice::from_ref(&jia), None).await.unwrap();
    admit(&book, &second, &[jia.clone(), yi.clone()], None).await.unwrap();
    admit(&book, &third, std::slice::from_ref(&yi), None).await.unwrap();
    let holding = async |known: &Known| {
        let mut found: Vec<_> =
            book.holding(&[known.derived[0].tag()]).await.unwrap().into_iter().map(|(_, of)| of).collect();
        found.sort();
        found
    };
    assert_eq!(holding(&jia).await, [first.clone(), second.clone()]);
    assert_eq!(holding(&yi).await, [second.clone(), third.clone()]);
    // More tags than one statement takes.
    let mut many = vec![jia.derived[0].tag(); 2_000];
    many.push(yi.derived[0].tag());
    assert_eq!(book.holding(&many).await.unwrap().len(), 3, "each once");
    assert_eq!(book.size().await.unwrap(), (3, 2));
    let at = async |text: &str| {
        let accounts = book.accounts_of(&whom(text).reference).await.unwrap();
        accounts.iter().map(|account| account.person.clone()).collect::<Vec<_>>()
    };
    assert_eq!(at("room").await, [second.clone(), third.clone()]);
    let room = async |text: &str| book.rooms(&[&whom(text)]).await.unwrap()[0];
    assert_eq!(room("room").await, Room { has_unnamed: false, has_named: true });
    assert_eq!(room("room-2").await, Room::default());
    admit(&book, &whom("room"), std::slice::from_ref(&jia), None).await.unwrap();
    assert_eq!(room("room").await, Room { has_unnamed: true, has_named: true });
    assert!(book.forget(&whom("room")).await.unwrap());

    assert!(book.forget(&second).await.unwrap());
    assert!(!book.forget(&second).await.unwrap(), "it is forgotten once");
    assert!(book.accounts(&[book.account_lookup(&second)]).await.unwrap().is_empty(), "of the file and of memory");
    assert_eq!(at("room").await, std::slice::from_ref(&third));
    assert_eq!(holding(&jia).await, [first], "another account holds it still");
    assert!(book.forget(&third).await.unwrap());
    assert!(book.identity_tags(&[book.identity_lookup(&yi.identity)]).await.unwrap().is_empty());
}

#[tokio::test]
async fn another_person_under_one_name_is_seen_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let book = open(directory.path()).await.unwrap();
    let known = |identity: Identity| [known(&identity, &[1])];
    let host = whom("host-1");
    admit(&book, &host, &known(card("19900101", "001")), None).await.unwrap();
    let before = tags(&book, &host).await;
    let uscc = Identity::normalise(IdentityKind::CnUscc, "91350200MA2YJ1XR9G", true).unwrap();
    let (born, sex) = (card("19900102", "001"), card("19900101", "002"));
    for (other, told, expected) in [
        (born, None, HolderError::Birth),
        (sex, None, HolderError::Sex),
        (card("19900101", "003"), None, HolderError::Number),
        (uscc, None, HolderError::Subject),
        (passport("UTO:E1234567"), Some("1990-01-02"), HolderError::Birth),
    ] {
        assert_eq!(admit(&book, &host, &known(other.clone()), told).await, Err(expected));
        assert!(book.identity_tags(&[book.identity_lookup(&other)]).await.unwrap().is_empty(), "nothing is learnt");
        assert_eq!(tags(&book, &host).await, before);
    }
    // At another name it is nobody's business.
    admit(&book, &whom("host-1/yi"), &known(card("19900102", "001")), None).await.unwrap();
    // A document more of the same person, and then two that can't be told apart.
    admit(&book, &host, &known(passport("UTO:E1234567")), Some("1990-01-01")).await.unwrap();
    admit(&book, &host, &known(passport("UTO:E7654321")), None).await.unwrap();
    assert_eq!(tags(&book, &host).await.len(), 3);
    // Whoever names the held number with the new one says that both are one person's.
    let both = [known(card("19900101", "001")), known(card("19900101", "003"))].concat();
    admit(&book, &host, &both, None).await.unwrap();
    assert_eq!(tags(&book, &host).await.len(), 4);
}

#[tokio::test]
async fn a_correction_that_was_announced_keeps_both_numbers_once_and_makes_nobody_an_enterprise() {
    let directory = tempfile::tempdir().unwrap();
    let book = open(directory.path()).await.unwrap();
    let known = |identity: Identity| [known(&identity, &[1])];
    let host = whom("host-1");
    admit(&book, &host, &known(card("19900101", "001")), None).await.unwrap();
    assert!(book.change_holder(&book.account_lookup(&host), Holder::corrected, &mut os_rng()).await.unwrap());
    assert!(!book.change_holder(&book.account_lookup(&whom("x")), Holder::corrected, &mut os_rng()).await.unwrap());
    let uscc = Identity::normalise(IdentityKind::CnUscc, "91350200MA2YJ1XR9G", true).unwrap();
    assert_eq!(admit(&book, &host, &known(uscc), None).await, Err(HolderError::Subject));
    drop(book);
    let book = open(directory.path()).await.unwrap();
    // What contradicts nothing leaves the correction awaited.
    admit(&book, &host, &known(card("19900101", "001")), None).await.unwrap();
    admit(&book, &host, &known(card("19900201", "001")), None).await.unwrap();
    assert_eq!(tags(&book, &host).await.len(), 2);
    assert_eq!(admit(&book, &host, &known(card("19900301", "001")), None).await, Err(HolderError::Birth));
    for number in [card("19900101", "001"), card("19900201", "001")] {
        admit(&book, &host, &known(number), None).await.unwrap();
    }
}

#[tokio::test]
async fn of_two_people_who_ask_for_one_name_at_once_one_gets_it() {
    let directory = tempfile::tempdir().unwrap();
    let book = open(directory.path()).await.unwrap();
    let host = whom("host-1");
    let people = ["19900101", "19900102"].map(|born| [known(&card(born, "001"), &[1])]);
    let outcomes = tokio::join!(admit(&book, &host, &people[0], None), admit(&book, &host, &people[1], None));
    assert_eq!([outcomes.0, outcomes.1].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(tags(&book, &host).await.len(), 1);
}

#[tokio::test]
async fn no_identity_ref_or_tag_stands_in_the_files_readable() {
    let directory = tempfile::tempdir().unwrap();
    let book = open(directory.path()).await.unwrap();
    let jia = known(&identity("zhao-shi-yi"), &[1]);
    let record = RecordId::new(callboard_federation::encoding::Time::from_millis(1), [7; 10]);
    admit(&book, &whom("host-of-zhao/person-zhao"), std::slice::from_ref(&jia), Some("1990-01-05")).await.unwrap();
    let lookup = book.identity_lookup(&jia.identity);
    book.keep_details(record, &lookup, b"what was done", &mut os_rng()).await.unwrap();
    assert_eq!(**book.details(record, &lookup).await.unwrap().unwrap(), *b"what was done");
    let mut all = Vec::new();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        all.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let tag = jia.derived[0].tag;
    for needle in [
        b"zhao-shi-yi".as_slice(),
        b"host-of-zhao",
        b"person-zhao",
        b"1990-01-05",
        tag.as_bytes(),
        tag.to_string().as_bytes(),
        b"what was done",
    ] {
        assert!(!all.windows(needle.len()).any(|window| window == needle), "{needle:?}");
    }
    book.forget_details(&[record]).await.unwrap();
    assert!(book.details(record, &lookup).await.unwrap().is_none());
}

#[tokio::test]
async fn another_key_or_one_that_others_read_is_told_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("book.key");
    let book = open(directory.path()).await.unwrap();
    admit(&book, &whom("host-1"), &[known(&identity("jia"), &[1])], None).await.unwrap();
    drop(book);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(open(directory.path()).await, Err(BookError::File(FileError::OpenToOthers(_)))));
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(open(directory.path()).await, Err(BookError::Value)), "a new key doesn't open an old book");
}
