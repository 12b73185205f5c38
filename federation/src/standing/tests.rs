use std::collections::BTreeMap;

use serde_json::Value;

use super::{Standing, StandingError, standing};
use crate::{
    document::Document,
    encoding::Hash,
    policy::Policy,
    records::{Place, Record, Records},
    statement::{EpochTag, Statement},
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
