//! *No forging*: a record counts only in a docket that enough seats signed, by the rules of `docs/formats.md` §5, and what
//! doesn't count leaves nothing behind.

use serde_json::Value;

use crate::support::{Database, Engine, World, engines, hex, time};

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A registry's database after the vectors' beginning, closed again.
async fn after_beginning(engine: Engine, vectors: &Value) -> Database {
    let database = Database::new(engine, None).await;
    let now = database.lay(vectors).await;
    let world = start(&database, vectors, now).await;
    assert!(world.audit().await.is_clean());
    world.stop().await;
    database
}

async fn start(database: &Database, vectors: &Value, now: callboard_federation::encoding::Time) -> World {
    let seed = hex(&vectors["logKeySeed"]);
    World::start(database, vectors["issuer"].as_str().unwrap(), &seed, now).await
}

/// Hands in, and holds that a refusal has a stable type, and leaves every table and the log as they were.
async fn submit(world: &World, database: &Database, body: &Value, accepted: bool, name: &Value) {
    let before = (database.row_counts().await, world.ledger.size());
    let (status, answer) = world.submit(body).await;
    if accepted {
        assert_eq!(status, 201, "{name}: {answer}");
        let again = world.submit(body).await;
        assert_eq!((again.0, &again.1["index"]), (200, &answer["index"]), "{name}: the same again");
        return;
    }
    assert!((400..500).contains(&status), "{name}: {status} {answer}");
    let kind = answer["type"].as_str().unwrap_or_default();
    assert!(kind.starts_with("urn:callboard:problem:") && !kind.ends_with("internal"), "{name}: {answer}");
    assert_eq!((database.row_counts().await, world.ledger.size()), before, "{name}: a refusal leaves no trace");
}

#[tokio::test]
async fn a_docket_is_taken_or_refused_as_the_formats_say() {
    let vectors = vectors(include_str!("../../federation/vectors/dockets.json"));
    for engine in engines() {
        let template = after_beginning(engine, &vectors).await;
        let mut seen = 0;
        for case in list(&vectors["cases"]).iter().filter(|case| case["handIn"].is_object()) {
            let template = (case["check"] != "genesis").then_some(&template);
            let database = Database::new(engine, template).await;
            let world = start(&database, &vectors, time(&case["loggedAt"])).await;
            submit(&world, &database, &case["handIn"], case["accepted"] == true, &case["name"]).await;
            assert!(world.audit().await.is_clean(), "{}", case["name"]);
            world.stop().await;
            database.drop().await;
            seen += 1;
        }
        assert!(seen > 60, "{seen} cases are handed in");
        template.drop().await;
    }
}

#[tokio::test]
async fn a_registry_logs_what_counts_and_the_entries_are_everyones_bytes() {
    let vectors = vectors(include_str!("../../federation/vectors/replays.json"));
    for engine in engines() {
        let template = after_beginning(engine, &vectors).await;
        for case in list(&vectors["cases"]) {
            let name = &case["name"];
            let lines: Vec<&Value> =
                list(&case["disclosures"]).iter().filter(|line| line["handIn"].is_object()).collect();
            let Some(first) = lines.first() else { continue };
            let database = Database::new(engine, Some(&template)).await;
            let world = start(&database, &vectors, time(&first["loggedAt"])).await;
            // Once the registry refuses what others logged, its own log goes another way.
            let mut in_step = true;
            for line in lines {
                world.clock.move_to(time(&line["loggedAt"]));
                let is_last = line["index"] == list(&case["disclosures"]).last().unwrap()["index"];
                let uncounted = list(&case["doNotCount"]).contains(&line["index"]);
                let falsified = case.get("stops").is_some() && line.get("shown").is_some();
                let accepted = falsified || if is_last { case["accepted"] == true } else { !uncounted };
                if !in_step && accepted {
                    break;
                }
                submit(&world, &database, &line["handIn"], accepted, name).await;
                if accepted {
                    let index = line["index"].as_u64().unwrap();
                    let stored = world.ledger.store().leaves(index, index + 1).await.unwrap();
                    let entry = callboard_federation::encoding::Base64(stored[0].clone()).to_string();
                    assert!(falsified || line["entry"] == entry.as_str(), "{name}");
                } else {
                    in_step = false;
                }
            }
            assert!(world.audit().await.is_clean(), "{name}");
            world.stop().await;
            database.drop().await;
        }
        template.drop().await;
    }
}
