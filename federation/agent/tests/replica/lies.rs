//! Each lie of a registry is caught and named; what doesn't count is ignored, reported, and the view goes on.

use std::{path::Path, sync::Arc};

use callboard_agent::replica::{Alarm, StaleError};
use callboard_client::clock::{Clock as _, HandClock};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::from_json,
    evidence::{Evidence, convicts},
    statement::Kind,
    tlog::cosignature::cosign,
};

use crate::{
    committee::tag,
    fresh, look,
    registry::{Log, Registry, Shown, open, witness},
};

/// The names of the alarms that are raised.
fn alarms(replica: &callboard_agent::replica::Replica) -> Vec<Alarm> {
    replica.status().alarms.iter().map(|raised| raised.alarm).collect()
}

fn evidence(directory: &Path) -> Option<Evidence> {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("evidence-"));
    files.next().map(|path| from_json(&std::fs::read(path).unwrap()).unwrap())
}

fn items(line: &mut Disclosure) -> &mut Vec<Option<Vec<u8>>> {
    &mut line.docket.as_mut().unwrap().items
}

#[tokio::test]
async fn each_lie_is_caught_and_named_and_the_truth_mends_it() {
    type Lie = fn(&mut Shown, &mut Log);
    let lies: [(Alarm, Lie); 9] = [
        (Alarm::RewrittenEntry, |shown, _| {
            let entry = String::from_utf8(shown.lines[20].entry.clone()).unwrap();
            shown.lines[20].entry = entry.replace("\"signatures\":\"", "\"signatures\":\"0").into_bytes();
        }),
        (Alarm::RewrittenEntry, |shown, log| {
            // Entry and docket agree, and aren't what is signed.
            let mut other = log.clone();
            other.lines.truncate(19);
            other.suspend(&tag(98));
            shown.lines[19] = other.lines[19].clone();
        }),
        (Alarm::MissingDisclosure, |shown, _| items(&mut shown.lines[19])[0] = None),
        (Alarm::MissingDisclosure, |shown, _| drop(items(&mut shown.lines[20]).pop())),
        (Alarm::SwappedStatement, |shown, _| {
            let other = items(&mut shown.lines[20])[0].clone();
            items(&mut shown.lines[19])[0] = other;
        }),
        (Alarm::Gap, |shown, _| drop(shown.lines.remove(19))),
        (Alarm::Gap, |shown, _| shown.lines.truncate(19)),
        (Alarm::UnsignedCheckpoint, |shown, _| {
            let text = shown.note.to_string().replace("\n21\n", "\n20\n");
            shown.note = text.parse().unwrap();
        }),
        (Alarm::LoggedAtAhead, |shown, log| {
            let mut ahead = log.clone();
            ahead.now = ahead.now.plus_millis(6 * 60_000);
            ahead.suspend(&tag(3));
            (shown.lines, shown.note) = (ahead.lines.clone(), ahead.note(&[]));
        }),
    ];
    for (at, (alarm, lie)) in lies.into_iter().enumerate() {
        let mut log = Log::new(1, &["alpha"]);
        let registry = Registry::of(&log, &[]).await;
        let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
        let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
        look(&replica).await.unwrap();
        assert_eq!(fresh(&replica, &clock), Ok(19));
        log.suspend(&tag(1));
        log.suspend(&tag(2));
        registry.show(&log, &[]);
        lie(&mut registry.shown(), &mut log);
        for _ in 0..2 {
            let error = look(&replica).await.unwrap_err();
            assert!(error.starts_with(alarm.as_str()), "lie {at}: {error}");
            assert_eq!(alarms(&replica), [alarm], "lie {at}");
        }
        assert_eq!(fresh(&replica, &clock), Ok(19), "lie {at}: the view before it stands until it is too old");
        // What it bore out before may be shown to the registry again, and nothing else.
        let is_borne_out =
            |note: &callboard_federation::tlog::checkpoint::SignedCheckpoint| note.checkpoint().size <= 19;
        assert!(registry.shown().posted.iter().all(is_borne_out), "lie {at}: it isn't cosigned");
        registry.show(&log, &[]);
        look(&replica).await.unwrap_or_else(|error| panic!("lie {at}: {error}"));
        assert_eq!((fresh(&replica, &clock), alarms(&replica)), (Ok(21), vec![]), "lie {at}");
        // A signed root that the leaves don't give is kept, with what was shown; the other lies don't come so far.
        let kept = replica.status().kept;
        assert_eq!(kept.len(), usize::from(at == 1), "lie {at}: {kept:?}");
        for name in kept {
            let report: serde_json::Value =
                serde_json::from_slice(&std::fs::read(directory.path().join(&name)).unwrap()).unwrap();
            assert!(
                name.starts_with("report-root-21-") && report["note"] == log.note(&[]).to_string(),
                "{name}: {report}"
            );
            assert_eq!((report["fault"].as_str(), report["from"].as_u64()), (Some("root"), Some(19)));
            assert_eq!(report["entries"].as_array().unwrap().len(), 2);
            assert_ne!(report["derived"], serde_json::json!(log.note(&[]).checkpoint().root));
        }
        assert!(evidence(directory.path()).is_none());
    }
}

#[tokio::test]
async fn what_does_not_count_is_reported_and_the_view_goes_on() {
    let mut log = Log::new(1, &["alpha"]);
    let ruling = log.committee.suspend(log.now, &tag(1));
    let docket = log.committee.docket(log.now, &[&ruling], None);
    log.take(docket);
    let logged = log.lines.last().unwrap().docket.clone().unwrap();
    // One signature short.
    let short = log.committee.suspend(log.now, &tag(2));
    let mut docket = log.committee.docket(log.now, &[&short], None);
    docket.docket.signatures.truncate(2);
    log.force(docket.into_parts().0);
    // Under an old roster.
    let old = log.committee.suspend(log.now, &tag(3));
    log.committee.roster = 1;
    let docket = log.committee.docket(log.now, &[&old], None);
    log.committee.roster = 2;
    log.force(docket.into_parts().0);
    // Replayed.
    log.force(logged);
    // Half a chain erased.
    let erasure = log.committee.act(log.now, Kind::Erasure, Kind::Ruling, &[ruling.record()]);
    let docket = log.committee.docket(log.now, &[&erasure], None);
    log.force(docket.into_parts().0);
    let registry = Registry::of(&log, &[]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    look(&replica).await.unwrap();
    assert_eq!((fresh(&replica, &clock), alarms(&replica)), (Ok(24), vec![]));
    let told: Vec<_> = replica.status().uncounted.iter().map(|told| (told.index, told.breaks.clone())).collect();
    assert_eq!(told.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [20, 21, 22, 23], "{told:?}");
    assert!(replica.read().record(short.record()).is_none() && replica.read().record(old.record()).is_none());
    assert!(replica.statement(ruling.record()).await.unwrap().is_some());
}

/// Two histories of one log after entry 18, the second as long or longer.
fn histories(extra: usize) -> (Log, Log) {
    let log = Log::new(2, &["alpha", "beta"]);
    let (mut one, mut other) = (log.clone(), log);
    one.suspend(&tag(1));
    for number in 0..=extra {
        other.suspend(&tag(10 + u32::try_from(number).unwrap()));
    }
    (one, other)
}

#[tokio::test]
async fn who_is_led_from_one_history_to_another_writes_what_convicts() {
    for extra in [0, 2] {
        for shorter_last in [false, true] {
            for rebuilt in [false, true] {
                let (mut one, mut other) = histories(extra);
                if shorter_last {
                    std::mem::swap(&mut one, &mut other);
                }
                let (a, b) = (Registry::of(&one, &["beta"]).await, Registry::of(&other, &[]).await);
                let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(one.now)));
                let replica = open(&a.url, "alpha", directory.path(), &clock).await;
                look(&replica).await.unwrap();
                replica.close().await;
                drop(replica);
                if rebuilt {
                    std::fs::write(directory.path().join("replica.sqlite"), b"no database").unwrap();
                }
                let replica = open(&b.url, "alpha", directory.path(), &clock).await;
                look(&replica).await.unwrap_err();
                let second = other.note(&[]).checkpoint().root;
                let posted = b.shown().posted.clone();
                assert!(posted.iter().all(|note| note.checkpoint().root != second), "no second root is cosigned");
                if rebuilt && shorter_last && extra > 0 {
                    // Nothing is left of the longer history but its root: it is named, and nothing is answered from.
                    assert!(alarms(&replica).contains(&Alarm::RolledBack));
                    continue;
                }
                let case = format!("{extra} {shorter_last} {rebuilt}");
                assert!(alarms(&replica).contains(&Alarm::Fork), "{case}: {:?}", replica.status());
                assert_eq!(fresh(&replica, &clock), Err(StaleError::Alarm(Alarm::Fork)), "{case}");
                let log = one.replay().roster().unwrap().log.clone();
                convicts(&evidence(directory.path()).unwrap(), &log).unwrap();
                // It isn't forgotten with the program, nor by being led back.
                drop(replica);
                let replica = open(&a.url, "alpha", directory.path(), &clock).await;
                let _ = look(&replica).await;
                assert_eq!(fresh(&replica, &clock), Err(StaleError::Alarm(Alarm::Fork)), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn of_two_histories_neither_is_served_and_the_two_agents_checkpoints_convict() {
    let (one, other) = histories(0);
    let (a, b) = (Registry::of(&one, &[]).await, Registry::of(&other, &[]).await);
    let (of_alpha, of_beta) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let clock = Arc::new(HandClock::at(one.now));
    let alpha = open(&a.url, "alpha", of_alpha.path(), &clock).await;
    let beta = open(&b.url, "beta", of_beta.path(), &clock).await;
    look(&alpha).await.unwrap();
    look(&beta).await.unwrap();
    for replica in [&alpha, &beta] {
        assert_eq!(fresh(replica, &clock), Err(StaleError::NeverWitnessed));
    }
    let notes = [alpha.checkpoint().unwrap(), beta.checkpoint().unwrap()];
    convicts(&Evidence::of_one_size(notes), &one.replay().roster().unwrap().log).unwrap();
}

/// A witness that signs a time to come, up to the last that can be written, can't make its line the newest for ever.
#[tokio::test]
async fn a_cosignature_of_the_future_takes_no_answer_away() {
    let mut log = Log::new(2, &["alpha", "beta", "gamma"]);
    let registry = Registry::of(&log, &["beta", "gamma"]).await;
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(HandClock::at(log.now)));
    let replica = open(&registry.url, "alpha", directory.path(), &clock).await;
    let (key, gamma) = witness("gamma");
    for timestamp in [u64::try_from(log.now.as_seconds()).unwrap() + 301, 1 << 40, (1 << 63) - 1] {
        registry.show(&log, &["beta", "gamma"]);
        {
            let mut shown = registry.shown();
            let text = shown.note.note().text().to_owned();
            shown.note.add(cosign(&text, gamma.name().clone(), &key, timestamp));
        }
        look(&replica).await.unwrap();
        assert_eq!(fresh(&replica, &clock), Ok(log.lines.len() as u64), "{timestamp}");
        assert!(replica.status().alarms.is_empty(), "{:?}", replica.status().alarms);
        // Alone it makes no quorum either: the view grows older as it should.
        log.now = log.now.plus_millis(60_000);
        clock.move_to(log.now);
    }
    clock.move_to(clock.now().plus_millis(11 * 60_000));
    assert!(matches!(fresh(&replica, &clock), Err(StaleError::TooOld { .. })));
}
