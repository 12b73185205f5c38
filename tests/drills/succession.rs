//! Another operator goes on with the log, under another key and at another address.

use std::{fs, path::Path, time::Duration};

use callboard_agent::replica::{Alarm, Replica};
use callboard_client::clock::Clock as _;
use callboard_federation::{encoding::Time, evidence::Evidence, hand_in::HandIn};
use callboard_registry::ledger::{LedgerError, checkpoint::log_key_of_seed};
use serde_json::{Value, json};

use crate::{
    Drill, log_seed, look, lost, pinned, read, refused,
    registry::{self, Log, STALENESS},
    restored, serve,
    support::{Database, World, committee, engines},
};

/// The successor's log key.
const SUCCESSOR: [u8; 32] = [77; 32];

/// The next roster with another log key.
fn succession(log: &mut Log, now: Time, seed: &[u8; 32]) -> HandIn {
    let handed: HandIn = serde_json::from_value(log.committee.beginning()[0]["handIn"].clone()).unwrap();
    let statement: Value = serde_json::from_slice(&handed.items[0].statement.0).unwrap();
    let mut roster: Value = serde_json::from_str(statement["document"].as_str().unwrap()).unwrap();
    roster["version"] = json!(log.committee.roster + 1);
    roster["witnesses"] = json!({"quorum": 1, "keys": [registry::witness("alpha").1.to_string()]});
    let key = log_key_of_seed(seed, log.committee.issuer()).unwrap();
    roster["log"] = json!([key.verifier().to_string()]);
    let drafted = log.committee.draft(now, "roster", None, &json!({"document": roster.to_string()}));
    log.committee.docket(now, &[&drafted], None)
}

#[tokio::test]
async fn another_operator_goes_on_with_the_log_and_members_change_one_address() {
    for engine in engines() {
        let drill = lost(engine).await;
        let export = drill.export().await;
        let Drill { mut log, world: old, database, copy, directory, replica, clock, .. } = drill;
        let (size, root) = (old.ledger.size(), old.ledger.replay().tree().current_root());
        let genesis = log.committee.genesis();

        let successor = Database::new(engine, None).await;
        let why = {
            let source = read(&[&export], &pinned(&log, clock.now())).unwrap();
            assert_eq!(restored(&successor, &source, clock.now()).await.unwrap().entries, size);
            // A key that nobody named, and not the note of the one that was: it doesn't start.
            let aside = successor.signed_note().with_extension("aside");
            fs::rename(successor.signed_note(), &aside).unwrap();
            let why = refused(&log, &successor, &SUCCESSOR, &clock).await;
            fs::rename(aside, successor.signed_note()).unwrap();
            why
        };
        assert!(matches!(why, LedgerError::NoSignedNote { .. }), "{why}");

        clock.move_to(clock.now().plus_millis(121_000));
        let new = serve(&log, &successor, &SUCCESSOR, clock.now()).await;
        let inherited = new.ledger.published().newest.note.clone();
        new.ledger.refresh().await.unwrap();
        assert_eq!(new.ledger.published().newest.note, inherited, "it signs nothing anew");
        assert_eq!((inherited.checkpoint().size, inherited.checkpoint().root), (size, root));
        assert!(inherited.verify(&[log_key_of_seed(&SUCCESSOR, log.committee.issuer()).unwrap().verifier()]).is_err());

        // Members change one address; the view stays witnessed, by them.
        replica.close().await;
        drop(replica);
        let replica = registry::open(&new.url, "alpha", directory.path(), &new.clock).await;
        look(&replica).await.unwrap();
        assert_eq!(replica.read().fresh(new.clock.now(), Duration::from_secs(90)).unwrap().size, size);
        let submit = async |world: &World, docket: &HandIn| {
            let (status, answer) = world.submit(&serde_json::to_value(docket).unwrap()).await;
            (status, answer["type"].as_str().unwrap_or_default().replace("urn:callboard:problem:", ""))
        };
        let drafted = log.committee.suspend(new.clock.now(), &committee::tag(11));
        let docket = log.committee.docket(new.clock.now(), &[&drafted], None);
        assert_eq!(submit(&new, &docket).await, (409, "log-key".to_owned()));
        let roster = succession(&mut log, new.clock.now(), &SUCCESSOR);
        assert_eq!(submit(&old, &roster).await, (409, "log-key".to_owned()), "whoever can't sign it can't log it");
        assert_eq!(submit(&new, &roster).await.0, 201);
        log.committee.roster += 1;
        look(&replica).await.unwrap();
        look(&replica).await.unwrap();
        assert_eq!(replica.read().fresh(new.clock.now(), STALENESS).unwrap().size, size + 1);

        let drafted = log.committee.suspend(new.clock.now(), &committee::tag(11));
        let docket = log.committee.docket(new.clock.now(), &[&drafted], None);
        assert_eq!(submit(&new, &docket).await.0, 201);
        look(&replica).await.unwrap();
        look(&replica).await.unwrap();
        assert_eq!(replica.read().fresh(new.clock.now(), STALENESS).unwrap().size, size + 2);
        assert!(replica.status().alarms.is_empty(), "{:?}", replica.status().alarms);
        assert_eq!((new.ledger.genesis(), new.ledger.replay().tree().root(size)), (Some(genesis), Some(root)));
        assert!(new.audit().await.is_clean());

        the_old_operator_comes_back(&log, &old, &new, replica, directory.path()).await;
        old.stop().await;

        // The successor starts again as any registry, and the old key has no part in it any more.
        let now = new.clock.clone();
        new.stop().await;
        let without = serve(&log, &successor, &log_seed(&log), now.now()).await;
        let note = without.ledger.published().newest.note.clone();
        without.ledger.refresh().await.unwrap();
        assert_eq!(
            without.ledger.published().newest.note,
            note,
            "the key before shows what there is, and signs nothing"
        );
        without.stop().await;
        let own = fs::read(successor.signed_note()).unwrap();
        fs::write(successor.signed_note(), fs::read(database.signed_note()).unwrap()).unwrap();
        let why = refused(&log, &successor, &[5; 32], &now).await;
        assert!(matches!(why, LedgerError::OtherHistory { .. } | LedgerError::ForeignNote { .. }), "{why}");
        fs::write(successor.signed_note(), inherited.to_string()).unwrap();
        let why = refused(&log, &successor, &[5; 32], &now).await;
        assert!(matches!(why, LedgerError::NotInherited { .. }), "{why}");
        fs::write(successor.signed_note(), own).unwrap();
        let new = serve(&log, &successor, &SUCCESSOR, now.now()).await;
        assert_eq!(new.ledger.size(), size + 2);
        new.stop().await;
        for database in [Some(database), copy, Some(successor)].into_iter().flatten() {
            database.drop().await;
        }
    }
}

/// It logs something of its own over what it had, which nobody who moved takes, and which convicts it.
async fn the_old_operator_comes_back(log: &Log, old: &World, new: &World, replica: Replica, directory: &Path) {
    let mut theirs = log.committee.clone();
    theirs.roster -= 1;
    old.clock.move_to(new.clock.now());
    let drafted = theirs.suspend(old.clock.now(), &committee::tag(12));
    let docket = theirs.docket(old.clock.now(), &[&drafted], None);
    assert_eq!(old.submit(&serde_json::to_value(&docket).unwrap()).await.0, 201);
    replica.close().await;
    drop(replica);
    let led_back = registry::open(&old.url, "alpha", directory, &new.clock).await;
    let size = new.ledger.size();
    look(&led_back).await.unwrap_err();
    let read = led_back.read().fresh(new.clock.now(), STALENESS);
    assert!(read.is_ok_and(|view| view.size == size), "it answers from what it had, and from no less");
    let alarms: Vec<Alarm> = led_back.status().alarms.iter().map(|raised| raised.alarm).collect();
    assert_eq!(alarms, [Alarm::UnsignedCheckpoint], "{:?}", led_back.status().alarms);
    led_back.close().await;
    let (a, b) = (old.ledger.published().newest.note.clone(), new.ledger.published().newest.note.clone());
    let mut keys = old.ledger.replay().roster().unwrap().log.clone();
    keys.extend(new.ledger.replay().roster().unwrap().log.clone());
    let evidence = Evidence::between(&a, &b, new.ledger.replay().tree(), &keys);
    assert!(evidence.is_some(), "two histories, signed by keys of the log's rosters");
}
