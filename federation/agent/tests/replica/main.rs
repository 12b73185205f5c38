//! Agents against registries: honest, lying, frozen, gone.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

mod altered;
mod answers;
#[path = "../../../../tests/support/committee.rs"]
#[expect(dead_code, reason = "the registry's own tests draft more kinds")]
mod committee;
mod faults;
mod lies;
mod proxy;
mod registry;

use std::{sync::Arc, time::Duration};

use callboard_agent::replica::{Replica, StaleError};
use callboard_client::clock::{Clock as _, HandClock};
use callboard_federation::{
    standing::State,
    statement::EpochTag,
    tlog::{cosignature::newest_by, view::Watchers},
};
use committee::tag;
pub(crate) use registry::hex;
use registry::{Log, Registry, STALENESS, open, witness};

const BOTH: [&str; 2] = ["alpha", "beta"];

pub(crate) fn fresh(replica: &Replica, clock: &HandClock) -> Result<u64, StaleError> {
    replica.read().fresh(clock.now(), STALENESS).map(|as_of| as_of.size)
}

pub(crate) async fn look(replica: &Replica) -> Result<(), String> {
    replica.look(Duration::ZERO).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn an_agent_follows_cosigns_and_answers_from_what_the_quorum_watches() {
    let mut log = Log::new(2, &BOTH);
    let registry = Registry::of(&log, &[]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    assert_eq!(fresh(&replica, &clock), Err(StaleError::NeverWitnessed));
    look(&replica).await.unwrap();
    assert_eq!(fresh(&replica, &clock), Err(StaleError::NeverWitnessed), "one of two watches");
    let posted = registry.shown().posted.clone();
    assert_eq!(
        newest_by(posted[0].note(), &witness("alpha").1, log.now),
        Ok(Some(u64::try_from(log.now.as_seconds()).unwrap()))
    );

    let mut grown = replica.subscribe();
    registry.show(&log, &["beta"]);
    look(&replica).await.unwrap();
    let size = log.lines.len() as u64;
    assert_eq!((fresh(&replica, &clock), *grown.borrow_and_update()), (Ok(size), size));
    let status = replica.status();
    assert_eq!((status.is_member, status.is_witness, status.unwitnessed, status.behind), (Some(true), true, false, 0));

    // What lies beyond the view waits until it is watched.
    log.suspend(&tag(1));
    registry.show(&log, &[]);
    look(&replica).await.unwrap();
    let standing = || {
        let reading = replica.read();
        let as_of = reading.fresh(clock.now(), STALENESS).unwrap();
        let tags = [EpochTag { epoch: serde_json::from_str("1").unwrap(), tag: tag(1).parse().unwrap() }];
        reading.standing(&tags, &as_of, clock.now()).unwrap().state
    };
    assert_eq!(standing(), State::Clear);
    registry.show(&log, &["beta"]);
    look(&replica).await.unwrap();
    assert_eq!(standing(), State::Suspended);
    let new: Vec<_> = replica.read().records(size, size + 1).map(|record| record.id).collect();
    let statement = replica.statement(new[0]).await.unwrap().unwrap();
    assert!(new.len() == 1 && statement.id == new[0] && statement.details().is_some());

    // Started again without a registry, it is as young as it is, and no younger.
    drop(replica);
    let replica = open("http://127.0.0.1:9", "alpha", directory.path(), &clock).await;
    assert_eq!(fresh(&replica, &clock), Ok(size + 1));
    look(&replica).await.unwrap_err();
    clock.move_to(clock.now().plus_millis(11 * 60_000));
    assert!(matches!(fresh(&replica, &clock), Err(StaleError::TooOld { .. })));
    assert!(replica.status().failure.is_some());
}

#[tokio::test]
async fn on_a_quiet_night_nobody_is_stale_and_a_registry_that_stops_turns_all_stale() {
    let mut log = Log::new(2, &BOTH);
    let registry = Registry::of(&log, &["beta"]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    for _ in 0..60 {
        registry.show(&log, &["beta"]);
        look(&replica).await.unwrap();
        assert!(fresh(&replica, &clock).is_ok());
        log.now = log.now.plus_millis(60_000);
        clock.move_to(log.now);
    }
    assert_eq!(registry.shown().posted.len(), 60, "it cosigned each minute");
    for _ in 0..11 {
        look(&replica).await.unwrap();
        clock.move_to(clock.now().plus_millis(60_000));
    }
    assert!(matches!(fresh(&replica, &clock), Err(StaleError::TooOld { .. })), "beta's line is frozen");
}

#[tokio::test]
async fn witnesses_that_are_gone_are_replaced_by_a_roster_and_the_view_recovers() {
    let mut log = Log::new(2, &BOTH);
    let registry = Registry::of(&log, &["beta"]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    look(&replica).await.unwrap();
    log.now = log.now.plus_days(1);
    clock.move_to(log.now);
    registry.show(&log, &[]);
    look(&replica).await.unwrap();
    assert!(matches!(fresh(&replica, &clock), Err(StaleError::TooOld { .. })));
    log.roster(2, &["alpha", "gamma"]);
    registry.show(&log, &["gamma"]);
    look(&replica).await.unwrap();
    assert_eq!(fresh(&replica, &clock), Ok(log.lines.len() as u64));
    assert_eq!(replica.read().roster().unwrap().version, 3);
}

#[tokio::test]
async fn without_witnesses_the_logs_own_line_counts_and_the_view_says_so() {
    let log = Log::new(0, &[]);
    let registry = Registry::of(&log, &[]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    look(&replica).await.unwrap();
    assert!(!replica.read().fresh(clock.now(), STALENESS).unwrap().witnessed);
    assert!(registry.shown().posted.is_empty(), "who is no witness cosigns nothing");
    let replay = log.replay();
    let watchers = Watchers::from(replay.roster().unwrap());
    assert!(watchers.witnessed_since(&replica.checkpoint().unwrap(), log.now).unwrap().is_some());
}
