use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use proptest::prelude::*;
use serde_json::Value;

use super::{Action, Standing, StandingError, joined_tags, outlook, standing};
use crate::{
    document::Document,
    encoding::{Hash, RecordId, Time},
    policy::{OnTermEnd, Policy},
    records::{Place, Record, Records},
    statement::{EpochTag, Kind, Measure, MeasureKind, Scope, Statement, Subject, SubjectTag, SubjectType},
    tag::{Epoch, Tag},
    vectors::{list, text},
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/standings.json")).unwrap()
}

fn policies(documents: &Value) -> BTreeMap<Hash, Policy> {
    let documents = documents.as_object().unwrap();
    let read = |(hash, document): (&String, &Value)| {
        let policy: Document<Policy> = Document::read(text(document).to_owned()).unwrap();
        assert_eq!(policy.hash.to_string(), *hash);
        (policy.hash, policy.value)
    };
    documents.iter().map(read).collect()
}

fn record(case: &Value) -> Record {
    let statement = Statement::from_json(case["statement"].to_string().as_bytes()).unwrap();
    let place = Place {
        index: case["index"].as_u64().unwrap(),
        position: u32::try_from(case["position"].as_u64().unwrap()).unwrap(),
    };
    Record::new(place, text(&case["loggedAt"]).parse().unwrap(), &statement)
}

fn ask(records: &Records, policies: &BTreeMap<Hash, Policy>, query: &Value) -> Result<Standing, StandingError> {
    let tags: Vec<EpochTag> = serde_json::from_value(query["tags"].clone()).unwrap();
    standing(records, policies, &tags, query["size"].as_u64().unwrap(), text(&query["at"]).parse().unwrap())
}

#[test]
fn a_standing_is_the_same_for_everyone_whatever_order_the_records_came_in() {
    let vectors = vectors();
    let policies = policies(&vectors["policies"]);
    for scenario in list(&vectors["scenarios"]) {
        let mut arrivals: Vec<&Value> = list(&scenario["records"]).iter().collect();
        for turn in 0..3 {
            let half = arrivals.len() / 2;
            if turn == 1 {
                arrivals.reverse();
            } else {
                arrivals.rotate_left(half);
            }
            let mut records = Records::default();
            for case in &arrivals {
                records.insert(record(case));
            }
            for query in list(&scenario["queries"]) {
                let expected: Standing = serde_json::from_value(query["expect"].clone()).unwrap();
                assert_eq!(ask(&records, &policies, query).unwrap(), expected, "{}", scenario["name"]);
                let written = serde_json::to_value(ask(&records, &policies, query).unwrap()).unwrap();
                assert_eq!(written, query["expect"], "{}", scenario["name"]);
            }
        }
    }
}

#[test]
fn a_record_whose_policy_is_not_at_hand_gives_no_standing() {
    for case in list(&vectors()["errors"]) {
        let mut records = Records::default();
        for case in list(&case["records"]) {
            records.insert(record(case));
        }
        assert!(ask(&records, &policies(&case["policies"]), case).is_err(), "{}", case["name"]);
    }
}

/// Instants of the random logs, in seconds: few, so that they meet.
const INSTANTS: i64 = 24;
const LOG: u64 = 14;
const PEOPLE: u8 = 5;

#[derive(Debug, Clone)]
struct Drawn {
    kind: Kind,
    logged: i64,
    effective: i64,
    until: Option<i64>,
    tags: Vec<(u8, bool)>,
    about: Vec<u8>,
    measure: MeasureKind,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let kinds = [
        Kind::Ruling,
        Kind::Ruling,
        Kind::Interim,
        Kind::Annulment,
        Kind::End,
        Kind::Stay,
        Kind::Reinstatement,
        Kind::Dispute,
        Kind::Link,
        Kind::Erasure,
    ];
    let measures = [MeasureKind::Warning, MeasureKind::Restriction, MeasureKind::Suspension, MeasureKind::Bar];
    let tags = proptest::collection::vec((0..PEOPLE, proptest::bool::weighted(0.2)), 1..3);
    let about = proptest::collection::vec(any::<u8>(), 1..3);
    let until = proptest::option::of(0..INSTANTS);
    let times = (0..3_i64, 0..INSTANTS, until);
    (proptest::sample::select(kinds.to_vec()), times, tags, about, proptest::sample::select(measures.to_vec()))
        .prop_map(|(kind, (logged, effective, until), tags, about, measure)| Drawn {
            kind,
            logged,
            effective,
            until,
            tags,
            about,
            measure,
        })
}

fn at(second: i64) -> Time {
    Time::from_seconds(second)
}

fn tag_of(person: u8) -> EpochTag {
    EpochTag { epoch: Epoch::new(1).unwrap(), tag: Tag::from_bytes([person; 32]) }
}

fn subject_tag(person: u8, soft: bool) -> SubjectTag {
    let EpochTag { epoch, tag } = tag_of(person);
    SubjectTag { epoch, tag, soft }
}

/// A log of what was drawn: each record about earlier ones, whatever these are.
fn log_of(drawn: &[Drawn], policy: Hash) -> Records {
    let (mut records, mut logged) = (Records::default(), 0);
    let id = |index: usize| RecordId::new(at(0), [u8::try_from(index).unwrap(); 10]);
    for (index, drawn) in drawn.iter().enumerate() {
        logged += drawn.logged;
        let is_of = |kinds: &[Kind]| kinds.contains(&drawn.kind);
        let imposes = is_of(&[Kind::Ruling, Kind::Interim]);
        let effective_at = (!is_of(&[Kind::Annulment, Kind::Dispute, Kind::Erasure])).then(|| at(drawn.effective));
        let subject = (imposes || drawn.kind == Kind::Link).then(|| Subject {
            r#type: SubjectType::Person,
            tags: drawn.tags.iter().map(|(person, soft)| subject_tag(*person, *soft)).collect(),
        });
        let names = drawn.about.iter().filter(|_| index > 0 && !is_of(&[Kind::Interim, Kind::Link]));
        records.insert(Record {
            id: id(index),
            place: Place { index: index as u64, position: 0 },
            kind: drawn.kind,
            effective_at,
            starts: effective_at.map_or(at(logged), |effective| effective.max(at(logged))),
            about: names.map(|about| id(usize::from(*about) % index)).collect(),
            subject,
            measure: imposes.then(|| Measure {
                kind: drawn.measure,
                scopes: vec![Scope::Live],
                until: drawn.until.map(at),
            }),
            until: drawn.until.map(at).filter(|_| is_of(&[Kind::Stay, Kind::Reinstatement])),
            policy: Some(policy),
            imported: false,
        });
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn within_its_span_an_outlook_stays_the_same_whatever_was_logged(
        drawn in proptest::collection::vec(drawn(), 1..usize::try_from(LOG).unwrap()),
        now in 0..INSTANTS,
        size in 1..=LOG,
        person in 0..PEOPLE,
    ) {
        static POLICIES: LazyLock<BTreeMap<Hash, Policy>> = LazyLock::new(|| policies(&vectors()["policies"]));
        let policies = &*POLICIES;
        for hash in policies.keys() {
            let records = log_of(&drawn, *hash);
            let ask = |second: i64| {
                let mut told = outlook(&records, policies, &[tag_of(person)], size, at(second)).unwrap();
                prop_assert!(told.span.holds(at(second)));
                let alone = standing(&records, policies, &[tag_of(person)], size, at(second)).unwrap();
                prop_assert_eq!(&alone, &told.standing);
                told.standing.at = at(0);
                Ok(told)
            };
            let told = ask(now)?;
            for second in -1..INSTANTS + 40 {
                let other = ask(second)?;
                let is_same = (&other.standing, &other.to_come) == (&told.standing, &told.to_come);
                prop_assert!(is_same || !told.span.holds(at(second)), "{now} and {second}, {:?}", told.span);
            }
            // What is to come is none of what holds, and begins later.
            let reasons: BTreeSet<RecordId> = told.standing.reasons.iter().map(|reason| reason.record).collect();
            for to_come in &told.to_come {
                prop_assert!(to_come.starts_at > at(now) && !reasons.contains(&to_come.record));
            }
            // A ruling that holds later, and for which nothing is logged in between, was to come before.
            if let Some(until) = told.span.until {
                let then = standing(&records, policies, &[tag_of(person)], size, until).unwrap();
                let joined = joined_tags(&records, &[tag_of(person)], size, at(now)).into_iter().collect::<Vec<_>>();
                for reason in then.reasons.iter().filter(|_| joined == then.tags) {
                    let record = records.get(reason.record).unwrap();
                    let is_told = told.to_come.iter().any(|to_come| to_come.record == reason.record);
                    prop_assert!(record.starts <= at(now) || is_told, "{reason:?} comes unsaid");
                }
            }
        }
    }

    #[test]
    fn no_clock_order_or_restart_lets_a_suspended_person_pass_whom_nobody_reinstated(
        (drawn, order) in proptest::collection::vec(drawn(), 1..usize::try_from(LOG).unwrap()).prop_flat_map(|drawn| {
            let order = Just((0..drawn.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(drawn), order)
        }),
        size in 1..=LOG,
    ) {
        static POLICIES: LazyLock<BTreeMap<Hash, Policy>> = LazyLock::new(|| policies(&vectors()["policies"]));
        let asks_for_it = |policy: &Policy| {
            let ends = |kind| policy.measures.get(&kind).map(|rule| rule.on_term_end);
            policy.actions.is_empty() && ends(MeasureKind::Suspension) == Some(OnTermEnd::RequiresReinstatement)
        };
        for hash in POLICIES.iter().filter_map(|(hash, policy)| asks_for_it(policy).then_some(hash)) {
            let records = log_of(&drawn, *hash);
            let mut logged: Vec<&Record> = records.iter().collect();
            logged.sort_by_key(|record| record.place);
            // As it is read again after a restart, or from another's export: in any order.
            let mut again = Records::default();
            for at in &order {
                again.insert(logged[*at].clone());
            }
            let in_view = |record: &&&Record| record.place.index < size;
            let is_void = |id: RecordId| {
                let undoes = |by: &&&Record| matches!(by.kind, Kind::Annulment | Kind::Erasure) && by.about.contains(&id);
                logged.iter().filter(in_view).any(|by| undoes(&by))
            };
            let is_lifted = |id: RecordId| {
                let lifts = |by: &&&Record| by.kind == Kind::Reinstatement && by.about.contains(&id) && !is_void(by.id);
                logged.iter().filter(in_view).any(|by| lifts(&by))
            };
            let is_suspended = |record: &&&Record| {
                record.kind == Kind::Ruling
                    && record.measure.as_ref().is_some_and(|measure| measure.kind == MeasureKind::Suspension)
                    && !is_void(record.id)
                    && !is_lifted(record.id)
            };
            for ruling in logged.iter().filter(in_view).filter(is_suspended) {
                let tags = ruling.subject.iter().flat_map(|subject| &subject.tags).filter(|tag| !tag.soft);
                for tag in tags {
                    let asked = [EpochTag { epoch: tag.epoch, tag: tag.tag }];
                    for second in 0..INSTANTS + 40 {
                        let told = standing(&records, &POLICIES, &asked, size, at(second)).unwrap();
                        prop_assert_eq!(&standing(&again, &POLICIES, &asked, size, at(second)).unwrap(), &told);
                        prop_assert!(ruling.starts > at(second) || told.action >= Action::Review, "{told:?} at {second}");
                    }
                }
            }
        }
    }
}
