//! *No forging*: a record counts only in a docket that enough seats signed, by the rules of `docs/formats.md` §5, and what
//! doesn't count leaves nothing behind.

use callboard_federation::{encoding::Time, hand_in::HandIn, statement::Statement};
use serde_json::Value;

use crate::support::{Database, Engine, World, engines, hex, time};

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

async fn start(database: &Database, vectors: &Value, now: Time) -> World {
    let seed = hex(&vectors["logKeySeed"]);
    World::start(database, vectors["issuer"].as_str().unwrap(), &seed, now).await
}

/// A registry on a database of its own, in which these lines are logged; its clock at `now`.
async fn of_lines(engine: Engine, vectors: &Value, lines: &[Value], now: &Value) -> (World, Database) {
    let database = Database::new(engine, None).await;
    if !lines.is_empty() {
        database.lay(vectors, lines).await;
    }
    (start(&database, vectors, time(now)).await, database)
}

/// Holds that a refusal has a stable type, and leaves every table and the log as they were.
async fn is_refused(world: &World, database: &Database, body: &Value, name: &Value) {
    let before = (database.row_counts().await, world.ledger.size());
    let (status, answer) = world.submit(body).await;
    assert!((400..500).contains(&status), "{name}: {status} {answer}");
    let kind = answer["type"].as_str().unwrap_or_default();
    assert!(kind.starts_with("urn:callboard:problem:") && !kind.ends_with("internal"), "{name}: {answer}");
    assert_eq!((database.row_counts().await, world.ledger.size()), before, "{name}: a refusal leaves no trace");
}

/// Whether a statement of a hand-in names a case: none of the vectors' is at hand.
fn names_a_case(body: &Value) -> bool {
    let handed: HandIn = serde_json::from_value(body.clone()).unwrap();
    let statements = handed.items.iter().map(|item| Statement::from_json(&item.statement.0).unwrap());
    statements.filter_map(|statement| statement.basis().cloned()).any(|basis| !basis.is_imported())
}

#[tokio::test]
async fn a_docket_is_taken_or_refused_as_the_formats_say() {
    let vectors = vectors(include_str!("../../federation/vectors/dockets.json"));
    for engine in engines() {
        let mut seen = 0;
        for case in list(&vectors["cases"]).iter().filter(|case| case["handIn"].is_object()) {
            let (name, accepted) = (&case["name"], case["accepted"] == true);
            let mut lines = if case["check"] == "genesis" { Vec::new() } else { list(&vectors["beginning"]).to_vec() };
            let is_laid = accepted && names_a_case(&case["handIn"]);
            let before = lines.len();
            lines.extend(is_laid.then(|| case.clone()));
            let (world, database) = of_lines(engine, &vectors, &lines, &case["loggedAt"]).await;
            if accepted {
                let (status, first) = world.submit(&case["handIn"]).await;
                assert_eq!(
                    (status, &first["index"]),
                    (if is_laid { 200 } else { 201 }, &before.into()),
                    "{name}: {first}"
                );
                let again = world.submit(&case["handIn"]).await;
                assert_eq!((again.0, &again.1["index"]), (200, &first["index"]), "{name}: the same again");
            } else {
                is_refused(&world, &database, &case["handIn"], name).await;
            }
            assert!(world.audit().await.is_clean(), "{name}");
            world.stop().await;
            database.drop().await;
            seen += 1;
        }
        assert!(seen > 60, "{seen} cases are handed in");
    }
}

#[tokio::test]
async fn a_registry_logs_what_counts_and_the_entries_are_everyones_bytes() {
    let vectors = vectors(include_str!("../../federation/vectors/replays.json"));
    for engine in engines() {
        for case in list(&vectors["cases"]) {
            let (name, disclosures) = (&case["name"], list(&case["disclosures"]));
            let accepts = |line: &Value| {
                let is_last = line["index"] == disclosures.last().unwrap()["index"];
                let is_falsified = case.get("stops").is_some() && line.get("shown").is_some();
                let is_uncounted = list(&case["doNotCount"]).contains(&line["index"]);
                is_falsified || if is_last { case["accepted"] == true } else { !is_uncounted }
            };
            let handed: Vec<&Value> = disclosures.iter().filter(|line| line["handIn"].is_object()).collect();
            if handed.is_empty() {
                continue;
            }
            // Once the registry refuses what others logged, its own log goes another way.
            let accepted = handed.iter().take_while(|line| accepts(line)).count();
            let lines = list(&vectors["beginning"]).iter().chain(handed[..accepted].iter().copied());
            let lines: Vec<Value> = lines.cloned().collect();
            let now = &handed.get(accepted).unwrap_or(&handed[accepted.saturating_sub(1)])["loggedAt"];
            let (world, database) = of_lines(engine, &vectors, &lines, now).await;
            for line in &handed[..accepted] {
                let index = line["index"].as_u64().unwrap();
                let stored = world.ledger.store().leaves(index, index + 1).await.unwrap();
                let entry = callboard_federation::encoding::Base64(stored[0].clone()).to_string();
                let is_falsified = case.get("stops").is_some() && line.get("shown").is_some();
                assert!(is_falsified || line["entry"] == entry.as_str(), "{name}");
            }
            for line in handed[accepted..].iter().take_while(|line| !accepts(line)) {
                world.clock.move_to(time(&line["loggedAt"]));
                is_refused(&world, &database, &line["handIn"], name).await;
            }
            assert!(world.audit().await.is_clean(), "{name}");
            world.stop().await;
            database.drop().await;
        }
    }
}
