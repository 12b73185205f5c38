//! The agent beside a real registry, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[expect(dead_code, reason = "this binary uses a part of the agent's own tests")]
#[path = "../federation/agent/tests/replica/registry.rs"]
mod registry;
#[expect(dead_code, reason = "this binary uses a part of the world")]
mod support;

use std::{sync::Arc, time::Duration};

use callboard::ledger::sequencer::Unhindered;
use callboard_client::clock::Clock as _;
use registry::{Log, STALENESS};
use support::{Database, World, committee, engines, hex, time};
use tokio::sync::watch;

/// Longer than any of this should take, shorter than the wait of a feed.
const PATIENCE: Duration = Duration::from_secs(15);

#[tokio::test]
async fn an_agent_that_runs_witnesses_a_real_registry_and_sees_each_docket_at_once() {
    for engine in engines() {
        let mut log = Log::begun();
        let database = Database::new(engine, None).await;
        let seed = hex(&log.committee.vectors["logKeySeed"]);
        let lines = log.committee.beginning().to_vec();
        let began = time(&lines[0]["loggedAt"]);
        let issuer = (log.committee.issuer(), &seed);
        let world = World::configured(&database, issuer, began, Arc::new(Unhindered), None).await;
        for line in &lines {
            world.clock.move_to(time(&line["loggedAt"]));
            assert_eq!(world.hand_in(&line["handIn"]).await.0, 201);
        }
        world.clock.move_to(log.now);
        let directory = tempfile::tempdir().unwrap();
        let replica = registry::open(&world.url, "alpha", directory.path(), &world.clock).await;
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn({
            let replica = replica.clone();
            async move { replica.run(stopped).await }
        });
        let mut grown = replica.subscribe();
        for size in [19, 20] {
            let docket = if size == 19 {
                log.roster_docket(1, &["alpha"])
            } else {
                log.committee.roster = 2;
                let drafted = log.committee.suspend(log.now, &committee::tag(1));
                log.committee.docket(log.now, &[&drafted], None)
            };
            assert_eq!(world.hand_in(&serde_json::to_value(&docket).unwrap()).await.0, 201);
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
