//! *No quiet change*: whatever breaks while a docket enters the log, no accepted docket is missing, none is there by half,
//! and the log never got shorter or forked.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use callboard::{
    ledger::sequencer::{Step, Waypoints},
    store::StoreError,
};
use callboard_federation::tlog::merkle::verify_consistency;
use serde_json::Value;

use crate::support::{Database, World, engines, hex, time};

/// Breaks one step, once.
struct Broken {
    step: Step,
    happened: bool,
    kills: bool,
    armed: AtomicBool,
}

impl Broken {
    fn at(&self, step: Step, after: bool) -> Result<(), StoreError> {
        if step != self.step || after != self.happened || !self.armed.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        assert!(!self.kills, "killed at {step:?}, as the test asks");
        Err(StoreError::Unavailable("as the test asks"))
    }
}

impl Waypoints for Broken {
    fn before(&self, step: Step) -> Result<(), StoreError> {
        self.at(step, false)
    }

    fn after(&self, step: Step) -> Result<(), StoreError> {
        self.at(step, true)
    }
}

#[tokio::test]
async fn no_accepted_docket_is_lost_whichever_step_breaks() {
    let vectors: Value = serde_json::from_str(include_str!("../../federation/vectors/replays.json")).unwrap();
    let (issuer, seed) = (vectors["issuer"].as_str().unwrap(), hex(&vectors["logKeySeed"]));
    let beginning = vectors["beginning"].as_array().unwrap();
    let (last, before) = beginning.split_last().unwrap();
    for engine in engines() {
        for step in Step::ALL {
            for (happened, kills) in [(false, false), (true, false), (false, true), (true, true)] {
                let what = format!("{engine:?} {step:?} happened: {happened} kills: {kills}");
                let database = Database::new(engine, None).await;
                let broken = Arc::new(Broken { step, happened, kills, armed: AtomicBool::new(false) });
                let world =
                    World::hindered(&database, issuer, &seed, time(&before[0]["loggedAt"]), broken.clone()).await;
                for line in before {
                    world.clock.move_to(time(&line["loggedAt"]));
                    assert_eq!(world.hand_in(&line["handIn"]).await.0, 201, "{what}");
                }
                let published = world.ledger.board().newest.note.checkpoint().clone();

                broken.armed.store(true, Ordering::SeqCst);
                world.clock.move_to(time(&last["loggedAt"]));
                let (status, answer) = world.hand_in(&last["handIn"]).await;
                assert!(!broken.armed.load(Ordering::SeqCst), "{what}: it broke");
                let accepted = matches!(status, 200 | 201);
                assert!(accepted || (kills && status == 503), "{what}: {status} {answer}");
                world.stop().await;

                // Another start, as after a crash: what was accepted is there, and the same again gets the same answer.
                let world = World::start(&database, issuer, &seed, time(&last["loggedAt"])).await;
                if accepted {
                    assert_eq!(world.ledger.size(), published.size + 1, "{what}: an accepted docket is not missing");
                }
                let (again, place) = world.hand_in(&last["handIn"]).await;
                assert!(again == 200 || (again == 201 && !accepted), "{what}: {again} {place}");
                assert_eq!(place["index"], last["index"], "{what}");
                let report = world.audit().await;
                assert!(report.is_clean(), "{what}:\n{report}");
                assert_eq!(report.size, published.size + 1, "{what}: once, and whole");
                let proof = world.ledger.replay().tree().consistency_proof(published.size, report.size).unwrap();
                verify_consistency(published.size, report.size, &proof, &published.root, &report.root)
                    .unwrap_or_else(|error| panic!("{what}: the log forked: {error}"));
                world.stop().await;
                database.drop().await;
            }
        }
    }
}
