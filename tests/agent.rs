//! The agent beside a real registry, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[expect(dead_code, reason = "this binary uses a part of the agent's own tests")]
#[path = "../federation/agent/tests/replica/registry.rs"]
mod registry;
#[expect(dead_code, reason = "this binary uses a part of the world")]
mod support;

use std::{path::Path, process::Command, sync::Arc, time::Duration};

use callboard_agent::replica::{Alarm, StaleError};
use callboard_client::clock::Clock as _;
use callboard_federation::{encoding::PublicKey, hand_in::HandIn};
use callboard_registry::ledger::sequencer::NoFaults;
use registry::{Log, STALENESS, member_key};
use serde_json::{Value, json};
use support::{Database, Engine, World, committee, engines, hex};
use tokio::sync::watch;

/// Longer than any of this should take, shorter than the wait of a feed.
const PATIENCE: Duration = Duration::from_secs(15);

#[tokio::test]
async fn an_agent_that_runs_witnesses_a_real_registry_and_sees_each_docket_at_once() {
    for engine in engines() {
        let mut log = Log::begun();
        let database = Database::new(engine, None).await;
        let world = registry_of(&mut log, &database).await;
        let directory = tempfile::tempdir().unwrap();
        let replica = registry::open(&world.url, "alpha", directory.path(), &world.clock).await;
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn({
            let replica = replica.clone();
            async move { replica.run(stopped).await }
        });
        let mut grown = replica.subscribe();
        for size in [20, 21] {
            let docket = if size == 20 {
                log.roster_docket(1, &["alpha"])
            } else {
                log.committee.roster = 2;
                let drafted = log.committee.suspend(log.now, &committee::tag(1));
                log.committee.docket(log.now, &[&drafted], None)
            };
            assert_eq!(world.submit(&serde_json::to_value(&docket).unwrap()).await.0, 201);
            tokio::time::timeout(PATIENCE, grown.wait_for(|grown| *grown == size)).await.unwrap().unwrap();
            assert_eq!(replica.read().fresh(world.clock.now(), STALENESS).unwrap().size, size);
            let mut board = world.ledger.subscribe();
            let witnessed = board.wait_for(|board| board.witnessed.as_ref().is_some_and(|view| view.size == size));
            drop(tokio::time::timeout(PATIENCE, witnessed).await.unwrap().unwrap());
        }
        stop.send(true).unwrap();
        tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
        drop(replica);
        world.stop().await;
        database.drop().await;
    }
}

/// A registry with the log of the vectors, begun.
async fn registry_of(log: &mut Log, database: &Database) -> World {
    let world = World::of(database, &mut log.committee, Arc::new(NoFaults), None).await;
    world.clock.move_to(log.now);
    world
}

/// Who restores an older database and the older note with it, as from a whole machine's copy: nothing on the machine tells, and
/// the first member that looks does.
#[tokio::test]
async fn a_registry_that_was_set_back_whole_is_told_by_the_first_member_that_looks_and_signs_no_other_history() {
    for engine in engines() {
        let mut log = Log::begun();
        let database = Database::new(engine, None).await;
        let world = registry_of(&mut log, &database).await;
        world.halt().await;
        let older = Database::new(engine, Some(&database)).await;
        world.stop().await;
        let seed = hex(&log.committee.vectors["logKeySeed"]);
        let world = World::start(&database, log.committee.issuer(), &seed, log.now).await;
        let docket = |log: &mut Log, person| {
            let drafted = log.committee.suspend(log.now, &committee::tag(person));
            serde_json::to_value(log.committee.docket(log.now, &[&drafted], None)).unwrap()
        };
        let first = docket(&mut log, 1);
        assert_eq!(world.submit(&first).await.0, 201);
        let size = world.ledger.size();
        let directory = tempfile::tempdir().unwrap();
        let replica = registry::open(&world.url, "alpha", directory.path(), &world.clock).await;
        replica.look(Duration::ZERO).await.unwrap();
        assert_eq!(replica.read().replay().tree().size(), size);
        replica.close().await;
        drop(replica);
        world.stop().await;

        let world = World::start(&older, log.committee.issuer(), &seed, log.now).await;
        assert_eq!(world.ledger.size(), size - 1);
        let replica = registry::open(&world.url, "alpha", directory.path(), &world.clock).await;
        drop(replica.look(Duration::ZERO).await);
        let other = docket(&mut log, 2);
        let (status, told) = world.submit(&other).await;
        assert_eq!((status, told["type"].as_str()), (503, Some("urn:callboard:problem:store-behind")), "{told}");
        assert!(world.ledger.refresh().await.is_err(), "nor is its old size signed afresh");
        assert_eq!(replica.read().replay().tree().size(), size, "the member keeps what it saw");
        replica.close().await;
        drop(replica);
        world.stop().await;
        older.drop().await;
        database.drop().await;
    }
}

/// The members' list with beta in it.
fn beta_joins(log: &mut Log) -> HandIn {
    let documents = log.committee.beginning().iter().flat_map(|line| {
        let handed: HandIn = serde_json::from_value(line["handIn"].clone()).unwrap();
        handed.items.into_iter().map(|item| serde_json::from_slice::<Value>(&item.statement.0).unwrap())
    });
    let mut lists = documents.filter(|statement| statement["kind"] == "members");
    let list = lists.next_back().unwrap();
    let mut list: Value = serde_json::from_str(list["document"].as_str().unwrap()).unwrap();
    list["version"] = json!(list["version"].as_u64().unwrap() + 1);
    let key = PublicKey::of(member_key("beta").request_key());
    let beta = json!({"member": "beta", "name": "Beta", "keys": [key], "quota": {"perDay": 1, "grants": []}});
    list["members"].as_array_mut().unwrap().push(beta);
    let drafted = log.committee.draft(log.now, "members", None, &json!({"document": list.to_string()}));
    log.committee.docket(log.now, &[&drafted], None)
}

/// Whether files convict the log, by the command that anyone can run.
fn convicts(log: &Log, roster: &Path, files: &[&Path]) -> bool {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_callboard"));
    verify.args(["verify", "--convict", "--genesis", &log.committee.genesis().to_string(), "--roster"]);
    let output = verify.arg(roster).args(files).output().unwrap();
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

#[tokio::test]
async fn two_registries_with_one_log_key_get_neither_history_served_and_are_convicted() {
    let mut log = Log::begun();
    let databases = [Database::new(Engine::Sqlite, None).await, Database::new(Engine::Sqlite, None).await];
    let (a, b) = (registry_of(&mut log.clone(), &databases[0]).await, registry_of(&mut log, &databases[1]).await);
    let submit = async |world: &World, docket: &HandIn| {
        assert_eq!(world.submit(&serde_json::to_value(docket).unwrap()).await.0, 201);
    };
    let (joins, watched) = (beta_joins(&mut log), log.roster_docket(2, &["alpha", "beta"]));
    for docket in [&joins, &watched] {
        submit(&a, docket).await;
        submit(&b, docket).await;
    }
    log.committee.roster = 2;
    let (of_alpha, of_beta) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let look = async |replica: &callboard_agent::replica::Replica| replica.look(Duration::ZERO).await;
    let alpha = registry::open(&a.url, "alpha", of_alpha.path(), &a.clock).await;
    let beta = registry::open(&a.url, "beta", of_beta.path(), &a.clock).await;
    for replica in [&alpha, &beta, &alpha] {
        look(replica).await.unwrap();
    }
    let common = a.ledger.size();
    for replica in [&alpha, &beta] {
        assert_eq!(replica.read().fresh(a.clock.now(), STALENESS).unwrap().size, common);
    }
    let proof = a.http.get(format!("{}/v1/roster", a.url)).send().await.unwrap().bytes().await.unwrap();
    let roster = of_alpha.path().join("roster.json");
    std::fs::write(&roster, proof).unwrap();

    // From here on each is shown a history of its own.
    beta.close().await;
    drop(beta);
    let beta = registry::open(&b.url, "beta", of_beta.path(), &b.clock).await;
    let histories = [1, 2].map(|number| {
        let drafted = log.committee.suspend(log.now, &committee::tag(number));
        log.committee.docket(log.now, &[&drafted], None)
    });
    submit(&a, &histories[0]).await;
    submit(&b, &histories[1]).await;
    for minute in 0..12 {
        for (world, replica) in [(&a, &alpha), (&b, &beta)] {
            world.ledger.refresh().await.unwrap();
            look(replica).await.unwrap();
            match replica.read().fresh(world.clock.now(), STALENESS) {
                Ok(as_of) => assert_eq!(as_of.size, common, "a history that one alone watches is served"),
                Err(stale) => assert!(minute > 9 && matches!(stale, StaleError::TooOld { .. }), "{minute}: {stale}"),
            }
            world.clock.move_to(world.clock.now().plus_millis(60_000));
        }
    }
    for (world, replica) in [(&a, &alpha), (&b, &beta)] {
        assert!(replica.read().fresh(world.clock.now(), STALENESS).is_err(), "nobody vouches for either");
    }
    let notes = [of_alpha.path().join("cosigned.note"), of_beta.path().join("cosigned.note")];
    assert!(convicts(&log, &roster, &[&notes[0], &notes[1]]), "the two agents' checkpoints convict");
    assert!(!convicts(&log, &roster, &[&notes[0]]), "one history convicts nobody");

    // Who is led from one to the other finds it out alone.
    alpha.close().await;
    drop(alpha);
    let alpha = registry::open(&b.url, "alpha", of_alpha.path(), &b.clock).await;
    look(&alpha).await.unwrap_err();
    assert_eq!(alpha.read().fresh(b.clock.now(), STALENESS), Err(StaleError::Alarm(Alarm::Fork)));
    let files = std::fs::read_dir(of_alpha.path()).unwrap().map(|entry| entry.unwrap().path());
    let evidence: Vec<_> =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("evidence-")).collect();
    assert_eq!(evidence.len(), 1);
    assert!(convicts(&log, &roster, &[&evidence[0]]), "its evidence file convicts");
    for world in [a, b] {
        world.stop().await;
    }
    for database in databases {
        database.drop().await;
    }
}
