//! Faults of machine, settings and registry: said, and mended where that can be.

use std::{fs, sync::Arc};

use axum::http::StatusCode;
use callboard_agent::{
    file_error::FileError,
    replica::{Alarm, Replica, ReplicaError, StaleError},
};
use callboard_client::{
    clock::{Clock as _, HandClock},
    runtime::os_rng,
};
use callboard_federation::{encoding::Hash, statement::Kind};
use callboard_keys::MemberKey;

use crate::{
    fresh, look,
    registry::{Log, Registry, config, member_key, open},
};

#[tokio::test]
async fn a_damaged_or_foreign_replica_is_set_aside_and_followed_anew() {
    let log = Log::new(1, &["alpha"]);
    let registry = Registry::of(&log, &[]).await;
    let clock = Arc::new(HandClock::at(log.now));
    let foreign = tempfile::tempdir().unwrap();
    {
        let mut other = config(&registry.url, "alpha", foreign.path());
        other.genesis = Hash::of(b"another");
        let replica = Replica::open(&other, Arc::new(member_key("alpha")), clock.clone()).await.unwrap();
        let error = look(&replica).await.unwrap_err();
        assert!(error.starts_with("wrong-genesis"), "{error}");
        assert_eq!(fresh(&replica, &clock), Err(StaleError::Alarm(Alarm::WrongGenesis)));
        replica.close().await;
    }
    for damage in ["foreign", "garbage", "truncated", "flipped"] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("replica.sqlite");
        let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
        look(&replica).await.unwrap();
        replica.close().await;
        drop(replica);
        match damage {
            "foreign" => drop(fs::copy(foreign.path().join("replica.sqlite"), &path).unwrap()),
            "garbage" => fs::write(&path, b"this is no database at all").unwrap(),
            "truncated" => fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(9_000).unwrap(),
            _ => {
                let mut bytes = fs::read(&path).unwrap();
                let line = bytes.windows(9).rposition(|window| window == b"{\"index\":").unwrap();
                bytes[line + 30] ^= 1;
                fs::write(&path, bytes).unwrap();
            }
        }
        let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
        let alarm = replica.status().alarms.first().map(|raised| raised.alarm);
        assert_eq!(alarm, Some(Alarm::ReplicaSetAside), "{damage}");
        assert!(directory.path().join("replica.set-aside-1.sqlite").exists(), "{damage}");
        look(&replica).await.unwrap_or_else(|error| panic!("{damage}: {error}"));
        assert_eq!(fresh(&replica, &clock), Ok(19), "{damage}");
    }
}

#[tokio::test]
async fn two_agents_on_one_directory_are_one_too_many() {
    let log = Log::new(1, &["alpha"]);
    let registry = Registry::of(&log, &[]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let first = open(&registry.url, "alpha", directory.path(), &clock).await;
    let config = config(&registry.url, "alpha", directory.path());
    let second = Replica::open(&config, Arc::new(member_key("alpha")), clock.clone()).await;
    assert!(matches!(second, Err(ReplicaError::File(FileError::Taken(_)))));
    drop(first);
    open(&registry.url, "alpha", directory.path(), &clock).await;
}

#[tokio::test]
async fn who_is_no_member_yet_is_told_so_and_a_registry_that_is_down_is_waited_for() {
    let log = Log::new(1, &["alpha"]);
    let registry = Registry::of(&log, &[]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    registry.shown().status = StatusCode::FORBIDDEN;
    look(&replica).await.unwrap_err();
    assert_eq!(fresh(&replica, &clock), Err(StaleError::NotAMember));
    registry.shown().status = StatusCode::SERVICE_UNAVAILABLE;
    look(&replica).await.unwrap_err();
    assert!(replica.status().failure.is_some_and(|failure| failure.contains("503")));
    registry.shown().status = StatusCode::OK;
    look(&replica).await.unwrap();
    assert_eq!((fresh(&replica, &clock), replica.status().failure), (Ok(19), None));
}

#[tokio::test]
async fn a_clock_that_is_an_hour_slow_raises_an_alarm_and_one_that_is_fast_is_stale() {
    let log = Log::new(2, &["alpha", "beta"]);
    let registry = Registry::of(&log, &["beta"]).await;
    for (hours, alarm) in [(-1, Some(Alarm::LoggedAtAhead)), (1, None)] {
        let (directory, clock) =
            (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now.plus_millis(hours * 3_600_000))));
        let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
        assert_eq!(look(&replica).await.is_err(), alarm.is_some());
        assert_eq!(replica.status().alarms.first().map(|raised| raised.alarm), alarm);
        assert!(fresh(&replica, &clock).is_err());
    }
    // The log is quiet for a day; its witnesses' lines are of now, and this clock is an hour behind them.
    let mut later = log.clone();
    later.now = log.now.plus_days(1);
    registry.show(&later, &["alpha", "beta"]);
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(later.now.plus_millis(-3_600_000))));
    let replica = open(&registry.url, "beta", directory.path(), &clock).await;
    look(&replica).await.unwrap_err();
    assert_eq!(replica.status().alarms[0].alarm, Alarm::ClockBehind);
    assert_eq!(fresh(&replica, &clock), Err(StaleError::Alarm(Alarm::ClockBehind)));
}

#[tokio::test]
async fn what_was_cosigned_last_is_never_guessed() {
    let log = Log::new(1, &["alpha"]);
    let registry = Registry::of(&log, &[]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    drop(open(&registry.url, "alpha", directory.path(), &clock).await);
    fs::write(directory.path().join("cosigned.note"), b"half a no").unwrap();
    let config = config(&registry.url, "alpha", directory.path());
    let opened = Replica::open(&config, Arc::new(member_key("alpha")), clock.clone()).await;
    assert!(matches!(opened, Err(ReplicaError::File(FileError::Unreadable(_)))));
}

#[tokio::test]
async fn new_keys_go_on_from_what_was_cosigned_under_the_old_ones() {
    let log = Log::new(2, &["alpha", "beta"]);
    let registry = Registry::of(&log, &["beta"]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    look(&replica).await.unwrap();
    drop(replica);
    let kept = || fs::read_to_string(directory.path().join("cosigned.note")).unwrap();
    let before = kept();
    let config = config(&registry.url, "alpha", directory.path());
    let new = MemberKey::generate(config.member.clone(), config.issuer.clone(), &mut os_rng()).unwrap();
    let replica = Replica::open(&config, Arc::new(new), clock.clone()).await.unwrap();
    assert_eq!((fresh(&replica, &clock), kept()), (Ok(19), before), "the same checkpoint, and nothing is lost");
    let replace = |from: &str| kept().replace(from, "");
    fs::write(directory.path().join("cosigned.note"), replace("/witness/alpha")).unwrap();
    drop(replica);
    let opened = Replica::open(&config, Arc::new(member_key("alpha")), clock.clone()).await;
    assert!(matches!(opened, Err(ReplicaError::File(FileError::Unreadable(_)))), "nobody knows what it cosigned");
}

#[tokio::test]
async fn what_is_erased_is_gone_from_the_replica_too() {
    let mut log = Log::new(1, &["alpha"]);
    let chain: Vec<_> = [10, 11]
        .iter()
        .map(|index: &usize| {
            let docket = &log.lines[*index].docket.as_ref().unwrap().envelope.payload.0;
            callboard_federation::docket::Docket::from_json(docket).unwrap().items[0].record
        })
        .collect();
    let registry = Registry::of(&log, &[]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    look(&replica).await.unwrap();
    assert!(replica.statement(chain[0]).await.unwrap().is_some());
    let gone = log.lines[10].docket.as_ref().unwrap().items[0].clone().unwrap();
    let gone = callboard_federation::encoding::Base64(gone).to_string();
    let holds = || {
        let mut files = fs::read_dir(directory.path()).unwrap();
        files.any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(gone.len()).any(|window| window == gone.as_bytes())
        })
    };
    assert!(holds());
    let erasure = log.committee.act(log.now, Kind::Erasure, Kind::Ruling, &chain);
    let docket = log.committee.docket(log.now, &[&erasure], None);
    log.take(docket);
    for index in [10, 11] {
        let docket = log.lines[index].docket.as_mut().unwrap();
        (docket.items, docket.publication) = (vec![None], None);
    }
    let anew = tempfile::tempdir().unwrap();
    {
        // Who shows both the erasure and what it erased is caught.
        let mut still = log.clone();
        still.lines[10..12].clone_from_slice(&registry.shown().lines[10..12]);
        registry.show(&still, &[]);
        let replica = open(&registry.url, "beta", anew.path(), &clock).await;
        assert!(look(&replica).await.unwrap_err().starts_with("still-disclosed"));
    }
    registry.show(&log, &[]);
    look(&replica).await.unwrap();
    assert_eq!(fresh(&replica, &clock), Ok(20));
    assert!(replica.statement(chain[0]).await.unwrap().is_none());
    drop(replica);
    // Followed again from the file, and from the registry, it is the same.
    let replica = open("http://127.0.0.1:9", "alpha", directory.path(), &clock).await;
    assert_eq!(fresh(&replica, &clock), Ok(20));
    assert!(!holds());
    let replica = open(&registry.url, "beta", anew.path(), &clock).await;
    look(&replica).await.unwrap();
    assert!(clock.now() == log.now && replica.status().alarms.is_empty());
}

#[tokio::test]
async fn a_second_agent_of_a_member_on_another_machine_gives_way_and_says_so() {
    let mut log = Log::new(1, &["alpha"]);
    let registry = Registry::of(&log, &[]).await;
    let clock = Arc::new(HandClock::at(log.now));
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let first = open(&registry.url, "alpha", directories[0].path(), &clock).await;
    let second = open(&registry.url, "alpha", directories[1].path(), &clock).await;
    look(&first).await.unwrap();
    for minute in 0..4 {
        // The registry shows what the first one cosigned.
        let posted = registry.shown().posted.clone();
        assert_eq!(posted.len(), minute + 1, "one agent of a member cosigns");
        registry.shown().note = posted.last().unwrap().clone();
        look(&second).await.unwrap();
        assert_eq!(fresh(&second, &clock), Ok(log.lines.len() as u64), "it follows and answers");
        assert!(second.status().other_agent.is_some() && second.other_agent().is_some());
        log.now = log.now.plus_millis(60_000);
        clock.move_to(log.now);
        log.suspend(&crate::committee::tag(u32::try_from(minute).unwrap()));
        registry.show(&log, &[]);
        look(&first).await.unwrap();
        assert!(first.other_agent().is_none(), "nothing is wrong with the first");
    }
    // The first one is stopped: three minutes later the other takes its place.
    let last = registry.shown().posted.last().unwrap().clone();
    registry.shown().note = last;
    look(&second).await.unwrap();
    drop(first);
    let posted = registry.shown().posted.len();
    log.now = log.now.plus_millis(181_000);
    clock.move_to(log.now);
    registry.show(&log, &[]);
    look(&second).await.unwrap();
    assert_eq!((registry.shown().posted.len(), second.other_agent()), (posted + 1, None));
    assert_eq!(fresh(&second, &clock), Ok(log.lines.len() as u64));
}
