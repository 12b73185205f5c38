//! Found by whatever people type, by nobody without the key, and not at all once it is erased.

use std::fs;

use callboard_federation::{
    encoding::{DraftId, Hash, RecordId},
    identity::IdentityKind,
    roster::Role,
    statement::Kind,
};
use callboard_keys::SeatKey;

use super::{
    Index,
    entry::{DocketState, Entry, IndexedDocket},
    search::{Found, Hit},
};
use crate::{
    bundle::BundleIdentity,
    tests::{Committee, SHEET, noon, os_rng},
};

fn key() -> SeatKey {
    SeatKey::generate("secretary-1".to_owned(), Role::Secretariat, &mut os_rng()).unwrap()
}

fn record(at: u32) -> RecordId {
    let [a, b, c, d] = at.to_be_bytes();
    RecordId::new(noon(), [a, b, c, d, 0, 0, 0, 0, 0, 0])
}

fn identity(kind: IdentityKind, value: &str) -> BundleIdentity {
    BundleIdentity { kind, value: value.to_owned(), confirmed: true, soft: !kind.is_hard() }
}

fn entry(position: u32, record: RecordId, names: &[&str], identities: Vec<BundleIdentity>) -> Entry {
    Entry {
        position,
        record,
        kind: Kind::Ruling,
        about: Vec::new(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        accounts: Vec::new(),
        identities,
        measure: None,
        effective_at: None,
    }
}

fn docket(name: &str, number: Option<&str>, entries: Vec<Entry>) -> IndexedDocket {
    IndexedDocket {
        docket: Hash::of(name.as_bytes()),
        draft: Some(DraftId::new(noon(), [0; 10])),
        issued_at: noon(),
        number: number.map(str::to_owned),
        state: DocketState::Open,
        items: u32::try_from(entries.len()).unwrap(),
        entries,
    }
}

/// The names that a search found, person by person.
fn named(found: &Found) -> Vec<String> {
    let names = |hits: &Vec<Hit>| hits[0].entry.names.join(" ");
    found.people.iter().map(names).collect()
}

const NUMBER: &str = "440308199901101512";

#[test]
fn somebody_is_found_however_a_name_or_a_number_is_typed() {
    let (home, key) = (tempfile::tempdir().unwrap(), key());
    let index = Index::make(home.path(), &key, &mut os_rng()).unwrap();
    let mut first = entry(0, record(1), &["赵试一", "阿依古丽·买买提"], vec![identity(IdentityKind::CnId, NUMBER)]);
    first.accounts = vec!["alpha:jia".to_owned()];
    let second = entry(1, record(2), &["Kim Jane"], vec![identity(IdentityKind::Passport, "KOR:M12345678")]);
    index.put(vec![docket("batch", Some("中演协〔2026〕10号"), vec![first, second])]).unwrap();
    for typed in [
        "赵试一",
        " 赵 试一 ",
        "阿依古丽买买提",
        NUMBER,
        "４４０３０８１９９９０１１０１５１２",
        "440308 19990110 1512",
        "身份证：440308199901101512",
        "alpha:jia",
        "中演协〔2026〕10号 1",
        "中演协〔2026〕10号 第1行",
        "中演协[2026]10号第1项",
    ] {
        assert_eq!(named(&index.search(typed).unwrap()), ["赵试一 阿依古丽·买买提"], "{typed}");
    }
    assert_eq!(named(&index.search("kim jane").unwrap()), ["Kim Jane"]);
    assert_eq!(named(&index.search("中演协〔2026〕10号 2").unwrap()), ["Kim Jane"]);
    let whole = index.search("中演协2026 10号").unwrap();
    assert_eq!((whole.dockets.len(), whole.people.len()), (1, 0), "the docket itself");
    for nobody in ["", "赵试", "440308199901101513", "中演协〔2026〕10号 3", "第1行"] {
        assert!(named(&index.search(nobody).unwrap()).is_empty(), "{nobody}");
    }
}

#[test]
fn what_was_put_to_the_vote_gives_way_to_the_docket_that_was_resolved() {
    let (home, key) = (tempfile::tempdir().unwrap(), key());
    let index = Index::make(home.path(), &key, &mut os_rng()).unwrap();
    let ruled = |position, at, name| entry(position, record(at), &[name], vec![identity(IdentityKind::CnId, NUMBER)]);
    let number = Some("中演协〔2026〕10号");
    let voted_down = entry(0, record(2), &["钱试二"], Vec::new());
    let proposal = docket("proposal", number, vec![voted_down, ruled(1, 1, "赵试一")]);
    index.put(vec![IndexedDocket { state: DocketState::Proposed, ..proposal }]).unwrap();
    let states = |typed: &str| {
        let found = index.search(typed).unwrap();
        let hits = found.people.iter().flatten().map(|hit| hit.docket.state);
        hits.chain(found.dockets.iter().map(|docket| docket.state)).collect::<Vec<_>>()
    };
    for typed in ["赵试一", "中演协〔2026〕10号", "中演协〔2026〕10号 2"] {
        assert_eq!(states(typed), [DocketState::Proposed], "{typed}");
    }
    index.put(vec![docket("docket", number, vec![ruled(0, 1, "赵试一")])]).unwrap();
    for typed in ["赵试一", "中演协〔2026〕10号"] {
        assert_eq!(states(typed), [DocketState::Open], "{typed}");
    }
    assert_eq!(index.person(record(1)).unwrap().len(), 1);
    assert_eq!(states("钱试二"), [DocketState::Proposed], "who wasn't decided about stays");
}

#[test]
fn a_person_is_whoever_shares_a_document_and_what_was_decided_about_their_records() {
    let (home, key) = (tempfile::tempdir().unwrap(), key());
    let index = Index::make(home.path(), &key, &mut os_rng()).unwrap();
    let (card, passport) = (identity(IdentityKind::CnId, NUMBER), identity(IdentityKind::Passport, "CHN:E12345678"));
    let ruled = entry(0, record(1), &["赵试一"], vec![card.clone()]);
    let link = Entry { kind: Kind::Link, ..entry(0, record(2), &[], vec![card, passport.clone()]) };
    let later = entry(0, record(3), &["ZHAO SHIYI"], vec![passport]);
    let annulled = Entry { kind: Kind::Annulment, about: vec![record(3)], ..entry(0, record(4), &[], Vec::new()) };
    let stranger = entry(0, record(5), &["赵试一"], vec![identity(IdentityKind::Passport, "CHN:E87654321")]);
    let all = [("a", ruled), ("b", link), ("c", later), ("d", annulled), ("e", stranger)];
    index.put(all.into_iter().map(|(name, entry)| docket(name, None, vec![entry])).collect()).unwrap();
    for at in 1..=4 {
        let records: Vec<RecordId> = index.person(record(at)).unwrap().iter().map(|hit| hit.entry.record).collect();
        assert_eq!(records.len(), 4, "{at}: {records:?}");
    }
    assert_eq!(index.search("赵试一").unwrap().people.len(), 2, "two people of one name are two");
    assert_eq!(index.person(record(5)).unwrap().len(), 1);
    assert!(index.person(record(6)).unwrap().is_empty());
}

#[test]
fn what_leaves_the_index_is_nowhere_in_it_and_its_files_show_nobody() {
    let (home, key) = (tempfile::tempdir().unwrap(), key());
    let index = Index::make(home.path(), &key, &mut os_rng()).unwrap();
    let people = [("赵试一", NUMBER), ("钱试二", "610122198310134420")];
    let entries = (0..)
        .zip(people)
        .map(|(at, (name, number))| entry(at, record(at), &[name], vec![identity(IdentityKind::CnId, number)]));
    let batch = docket("batch", Some("10号"), entries.collect());
    index.put(vec![batch.clone()]).unwrap();
    let files = || -> Vec<Vec<u8>> {
        fs::read_dir(home.path().join("people")).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    };
    let opened = |text: &str| {
        let open =
            |bytes: &Vec<u8>| callboard_keys::age_file::open(bytes.as_slice(), key.identity(), 1 << 20).ok().unwrap();
        files().iter().any(|bytes| String::from_utf8_lossy(&open(bytes)).contains(text))
    };
    for (name, number) in people {
        let is_clear =
            |text: &str| files().iter().any(|bytes| bytes.windows(text.len()).any(|run| run == text.as_bytes()));
        assert!(!is_clear(name) && !is_clear(number) && opened(name) && opened(number));
    }
    let before = index.docket(&batch.docket).unwrap().unwrap();
    assert_eq!(index.remove(&before, |position| position == 0).unwrap(), 1);
    assert!(index.search("赵试一").unwrap().people.is_empty() && index.search(NUMBER).unwrap().people.is_empty());
    assert!(!opened("赵试一") && !opened(NUMBER), "not in what is decrypted either");
    assert_eq!(named(&index.search("10号 2").unwrap()), ["钱试二"], "and the others stay");
    let rest = index.docket(&batch.docket).unwrap().unwrap();
    assert_eq!(index.remove(&rest, |_| true).unwrap(), 1);
    assert!(index.search("10号").unwrap().dockets.is_empty());
    assert_eq!(files().len(), 1, "the key alone is left");
}

#[test]
fn an_index_of_another_key_and_a_damaged_one_are_made_anew() {
    let (home, first, second) = (tempfile::tempdir().unwrap(), key(), key());
    let put = |key: &SeatKey| {
        let index = Index::make(home.path(), key, &mut os_rng()).unwrap();
        index.put(vec![docket("a", None, vec![entry(0, record(1), &["赵试一"], Vec::new())])]).unwrap();
    };
    put(&first);
    assert!(Index::open(home.path(), &second).unwrap().is_none());
    let another = Index::make(home.path(), &second, &mut os_rng()).unwrap();
    assert!(another.search("赵试一").unwrap().people.is_empty());
    put(&second);
    let shard = fs::read_dir(home.path().join("people")).unwrap().map(|file| file.unwrap().path());
    for path in shard.filter(|path| !path.ends_with("key")) {
        fs::write(path, "torn").unwrap();
    }
    let damaged = Index::open(home.path(), &second).unwrap().unwrap();
    assert_eq!(damaged.search("赵试一").err().unwrap().code(), "index-damaged");
}

#[test]
fn a_bundle_is_indexed_with_whom_it_names_and_the_place_of_each() {
    let committee = Committee::found();
    let bundle = committee.rule(SHEET);
    let indexed = IndexedDocket::of(&bundle, None, DocketState::Unsent);
    let shown: Vec<_> = indexed.entries.iter().map(|entry| (entry.position, entry.names.join(" "))).collect();
    assert_eq!(shown, [(0, "某甲".to_owned()), (1, "Kim".to_owned())]);
    assert_eq!(indexed.entries[0].identities[0].value, NUMBER);
    assert_eq!((indexed.items, indexed.docket, indexed.issued_at), (2, bundle.hash(), noon()));
}

#[test]
fn at_100_000_people_a_search_opens_a_file_of_a_hundred_terms() {
    let (home, key) = (tempfile::tempdir().unwrap(), key());
    let index = Index::make(home.path(), &key, &mut os_rng()).unwrap();
    let mut files = std::collections::HashMap::<u16, usize>::new();
    for of in 0..100_000_u32 {
        let person = entry(
            0,
            record(of),
            &[&format!("试{of}")],
            vec![identity(IdentityKind::Passport, &format!("CHN:E{of:08}"))],
        );
        for term in super::term::of_entry(&person) {
            *files.entry(index.shards.of_term(&term).0).or_default() += 1;
        }
    }
    let longest = files.values().max().unwrap();
    assert!(files.len() > 4_000 && *longest < 150, "{} files, {longest} terms in the longest", files.len());
}
