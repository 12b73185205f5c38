//! Looking somebody up among 100,000 people of a seat's index, beside the same among 1,000.

use std::{path::Path, time::Duration};

use callboard_desk::{
    bundle::BundleIdentity,
    people::{
        Index,
        entry::{DocketState, Entry, IndexedDocket},
    },
};
use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    identity::IdentityKind,
    roster::Role,
    statement::Kind,
};
use callboard_keys::SeatKey;
use rand::{SeedableRng as _, rngs::StdRng};

use crate::row::{Row, time};

/// Among a hundred times as many people a search costs at most half as much again.
pub(crate) const ROW: Row = Row { name: "people", floor: 0.67, goal: 0.9 };
const FEW: u32 = 1_000;
const MANY: u32 = 100_000;
/// People of a docket.
const BATCH: u32 = 88;
/// Searches of a round: half by name, half by number.
const SEARCHES: u32 = 400;

pub(crate) fn measure() {
    let mut rng = StdRng::seed_from_u64(3);
    let key = SeatKey::generate("secretary-1".to_owned(), Role::Secretariat, &mut rng).unwrap();
    let [few, many] = [FEW, MANY].map(|people| {
        let home = tempfile::tempdir().unwrap();
        fill(home.path(), &key, people, &mut rng);
        home
    });
    ROW.measure(|round| look_up(few.path(), &key, FEW, round), |round| look_up(many.path(), &key, MANY, round));
}

fn look_up(home: &Path, key: &SeatKey, people: u32, round: usize) -> Duration {
    let first = u32::try_from(round).unwrap() * SEARCHES;
    time(|| {
        for at in first..first + SEARCHES {
            // Opened anew, as each page does.
            let index = Index::open(home, key).unwrap().unwrap();
            let person = at.wrapping_mul(7_919) % people;
            let typed = if at % 2 == 0 { name(person) } else { number(person) };
            assert_eq!(index.search(&typed).unwrap().people.len(), 1);
        }
    })
}

fn fill(home: &Path, key: &SeatKey, people: u32, rng: &mut StdRng) {
    let at = Time::from_seconds(1_800_000_000);
    let entry = |person: u32| Entry {
        position: person % BATCH,
        record: RecordId::new(at, record(person)),
        kind: Kind::Ruling,
        about: Vec::new(),
        names: vec![name(person)],
        accounts: Vec::new(),
        identities: vec![BundleIdentity {
            kind: IdentityKind::Passport,
            value: number(person),
            confirmed: false,
            soft: false,
        }],
        measure: None,
        effective_at: Some(at),
    };
    let dockets = (0..people).step_by(BATCH as usize).map(|first| {
        let entries: Vec<Entry> = (first..people.min(first + BATCH)).map(entry).collect();
        IndexedDocket {
            docket: Hash::of(&first.to_be_bytes()),
            draft: None,
            issued_at: at,
            number: Some(format!("{first}号")),
            state: DocketState::Open,
            items: u32::try_from(entries.len()).unwrap(),
            entries,
        }
    });
    Index::make(home, key, rng).unwrap().put(dockets.collect()).unwrap();
}

fn name(person: u32) -> String {
    format!("试{person}")
}

fn number(person: u32) -> String {
    format!("UTO:E{person:08}")
}

fn record(person: u32) -> [u8; 10] {
    let [a, b, c, d] = person.to_be_bytes();
    [a, b, c, d, 0, 0, 0, 0, 0, 0]
}
