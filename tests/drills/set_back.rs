//! A store that was set back: refused, and restored from what a member has; nothing of it from what doesn't hold.

use std::fs;

use callboard_client::{clock::Clock as _, export::Export};
use callboard_federation::{
    encoding::{Hash, Octets, Time},
    evidence::convicts,
    hand_in::HandIn,
    request::sign,
};
use callboard_registry::{
    ledger::{
        LedgerError, export,
        restore::{self, HistoryError, RestoreError, RestorePins, RestoreSummary, SourceError, missing::find_missing},
        signed_notes::NoteFile,
    },
    store::Store,
};
use serde_json::{Value, json};

use crate::{
    Drill, log_seed, look, lost, pinned, read, refused,
    registry::{STALENESS, member_key},
    restored, serve, size,
    support::{Database, Engine, World, committee, engines},
};

#[tokio::test]
async fn a_store_that_was_set_back_is_refused_and_gets_all_of_it_back_from_a_member() {
    for engine in engines() {
        let drill = lost(engine).await;
        let (before, root) = (drill.world.ledger.size(), drill.world.ledger.replay().tree().current_root());
        let export = drill.export().await;
        let lines = |world: &World| world.ledger.store().clone();
        let entries = lines(&drill.world).entries(0, before).await.unwrap();
        let anchors = lines(&drill.world).anchors(0, before).await.unwrap();
        let Drill { log, world, database, copy, directory, replica, clock, handed } = drill;
        // One request of alpha's was taken a moment before the loss.
        let key = member_key("alpha");
        let path = "/v1/feed?from=0";
        let signed = |url: &str, at: Time| sign(key.request_key(), "GET", &format!("{url}{path}"), b"", at, [9; 16]);
        let now = clock.now();
        world.stop().await;
        let copy = copy.unwrap();
        fs::copy(database.signed_note(), copy.signed_note()).unwrap();

        let why = refused(&log, &copy, &log_seed(&log), &clock).await;
        assert!(matches!(why, LedgerError::Behind { signed, stored } if signed == before && stored < before), "{why}");
        look(&replica).await.unwrap_err();
        assert_eq!(replica.read().fresh(now, STALENESS).unwrap().size, before, "the member answers on");

        let source = read(&[&export], &pinned(&log, clock.now())).unwrap();
        let done = restored(&copy, &source, now).await.unwrap();
        assert_eq!(done.entries, before - why_stored(&why));
        let again = restored(&copy, &source, now).await.unwrap();
        assert_eq!(again, RestoreSummary::default(), "what is there stays");

        let drill = Drill::restart(log, copy, &clock, directory, replica, handed).await;
        assert_eq!((drill.world.ledger.size(), drill.world.ledger.replay().tree().current_root()), (before, root));
        assert_eq!(drill.world.ledger.genesis(), Some(drill.log.committee.genesis()));
        let witnessed = drill.world.ledger.published().witnessed.as_ref().map(|witnessed| witnessed.size);
        assert_eq!(witnessed, Some(before), "what was proven is proven at once");
        let store = drill.world.ledger.store().clone();
        assert_eq!(store.entries(0, before).await.unwrap(), entries, "byte for byte");
        assert_eq!(store.anchors(0, before).await.unwrap(), anchors);
        let found = find_missing(&store, drill.log.committee.genesis(), None).await.unwrap();
        assert!(found.report.is_clean() && found.anchors.is_empty(), "{}", found.report);
        // Person 2's share was in the copy, 1's and 3's statements are erased, 4's was logged since.
        let person_4 = drill.handed.last().unwrap().clone();
        let hashes: Vec<Hash> = found.shares.iter().map(|docket| docket.docket).collect();
        assert!(hashes.ends_with(&[person_4.docket.payload_hash()]), "{found:?}");
        assert!(found.shares.last().unwrap().signers.contains(&"chair-1".to_owned()), "it says who had the bundle");

        // The nonces are lost: nothing is taken that may have been taken before.
        let ask = async |at: Time| {
            let request = drill.world.http.get(format!("{}{path}", drill.world.url));
            let headers = signed(&drill.world.url, at);
            let request = headers.lines().fold(request, |request, (name, value)| request.header(name, value));
            let answer = request.send().await.unwrap();
            let (status, wait) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
            let kind = answer.json::<Value>().await.unwrap_or_default()["type"].as_str().unwrap_or("").to_owned();
            (status, wait, kind)
        };
        assert_eq!(ask(now).await, (503, true, "urn:callboard:problem:just-restored".to_owned()));
        assert_eq!(ask(now.plus_millis(60_000)).await.0, 503, "nor by a clock that was ahead");
        drill.clock.move_to(now.plus_millis(61_000));
        assert_eq!(ask(now.plus_millis(61_000)).await.0, 200);

        drill.seen().await;
        assert_eq!(drill.replica.registry_restored_at(), Some(now), "the feed tells the member");
        a_lost_share_comes_back_with_its_docket_and_no_other_does(&drill, &person_4).await;
        let mut drill = drill;
        drill.suspend(5).await;
        assert!(drill.world.audit().await.is_clean());
        drill.end().await;
        database.drop().await;
    }
}

const fn why_stored(why: &LedgerError) -> u64 {
    match why {
        LedgerError::Behind { stored, .. } => *stored,
        _ => 0,
    }
}

async fn a_lost_share_comes_back_with_its_docket_and_no_other_does(drill: &Drill, docket: &HandIn) {
    let record: Value = serde_json::from_slice(&docket.docket.payload.0).unwrap();
    let path = format!("/v1/records/{}/share", record["items"][0]["record"].as_str().unwrap());
    let key = member_key("alpha");
    let ask = async |nonce: u8| {
        let url = format!("{}{path}", drill.world.url);
        let headers = sign(key.request_key(), "POST", &url, b"", drill.clock.now(), [nonce; 16]);
        let request = drill.world.http.post(&url);
        let request = headers.lines().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, problem) = ask(20).await;
    assert_eq!((status, &problem["type"]), (503, &json!("urn:callboard:problem:share-lost")));
    let mut forged = docket.clone();
    forged.items[0].share = Some(Octets([1; 32]));
    let submit = async |docket: &HandIn| drill.world.submit(&serde_json::to_value(docket).unwrap()).await;
    let (status, answer) = submit(&forged).await;
    assert!(status == 200 && answer.get("shares").is_none(), "{answer}");
    assert_eq!(ask(21).await.0, 503, "another's share is none");
    let (status, answer) = submit(docket).await;
    assert_eq!((status, &answer["shares"]), (200, &json!(1)));
    let (status, share) = ask(22).await;
    assert_eq!((status, &share["share"]), (200, &json!(docket.items[0].share.unwrap().to_string())));
    assert!(submit(docket).await.1.get("shares").is_none(), "it is there");
}

#[tokio::test]
async fn a_restore_that_falls_short_is_refused_until_another_member_has_the_rest() {
    for engine in engines() {
        let mut drill = Drill::begin(engine).await;
        drill.suspend(1).await;
        let early = drill.export().await;
        drill = drill.copy().await;
        drill.suspend(2).await;
        drill.suspend(3).await;
        let (late, signed) = (drill.export().await, drill.world.ledger.size());
        let now = drill.clock.now();
        // Everything is lost but the note: the database is a new one.
        let empty = Database::new(engine, None).await;
        fs::copy(drill.database.signed_note(), empty.signed_note()).unwrap();
        let source = read(&[&early], &drill.pinned()).unwrap();
        assert_eq!(restored(&empty, &source, now).await.unwrap().entries, source.size());
        let why = refused(&drill.log, &empty, &log_seed(&drill.log), &drill.clock).await;
        assert!(matches!(why, LedgerError::Behind { .. }), "{why}");
        // Two exports: the larger gives the rest.
        let source = read(&[&late, &early], &drill.pinned()).unwrap();
        assert_eq!(restored(&empty, &source, now).await.unwrap().entries, 2);
        assert_eq!(size(&empty).await, signed);

        // Broken off between two commits, it is as if it had fallen short: the note is kept before the first entry.
        let broken = Database::new(engine, None).await;
        let store = Store::open(&broken.address).await.unwrap();
        let notes = NoteFile::new(broken.signed_note());
        store.hold_writer_lock(drill.log.committee.issuer(), false).await.unwrap();
        let compared = restore::compare::compare(&store, &notes, &source).await.unwrap();
        // Nobody took over: the first write fails.
        let failed = restore::append::restore(&store, &notes, &source, compared, now, |_, _| {}).await;
        assert!(failed.is_err());
        store.close().await;
        let why = refused(&drill.log, &broken, &log_seed(&drill.log), &drill.clock).await;
        assert!(matches!(why, LedgerError::Behind { stored: 0, .. }), "{why}");
        assert_eq!(restored(&broken, &source, now).await.unwrap().entries, signed);

        let Drill { log, world, database, copy, directory, replica, clock, handed } = drill;
        world.stop().await;
        let drill = Drill::restart(log, empty, &clock, directory, replica, handed).await;
        assert_eq!(drill.world.ledger.size(), signed);
        drill.clock.move_to(now.plus_millis(61_000));
        drill.seen().await;
        drill.end().await;
        for database in [Some(database), copy, Some(broken)].into_iter().flatten() {
            database.drop().await;
        }
    }
}

#[tokio::test]
async fn nothing_is_appended_from_an_export_that_does_not_hold() {
    let drill = lost(Engine::Sqlite).await;
    let export = drill.export().await;
    let place = export.path().join("log");
    let pinned = drill.pinned();
    assert!(read(&[&export], &pinned).is_ok());
    let whole = fs::read_to_string(place.join("feed.ndjson")).unwrap();
    let checkpoint = fs::read_to_string(place.join("checkpoint")).unwrap();
    let differing = |name: &str, text: &str| {
        fs::write(place.join(name), text).unwrap();
        let found = read(&[&export], &pinned);
        fs::write(place.join("feed.ndjson"), &whole).unwrap();
        fs::write(place.join("checkpoint"), &checkpoint).unwrap();
        assert!(found.is_err(), "taken: {name}");
        found.err().unwrap()
    };
    let mut lines: Vec<Value> = whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.len() - 1;
    let written = |lines: &[Value]| lines.iter().map(|line| line.to_string() + "\n").collect::<Vec<_>>().concat();
    let altered = |at: usize, alter: &dyn Fn(&mut Value)| {
        let mut lines = lines.clone();
        alter(&mut lines[at]);
        differing("feed.ndjson", &written(&lines))
    };
    for alter in [
        &(|line: &mut Value| line["items"] = json!([null])) as &dyn Fn(&mut Value),
        &|line| line["docket"]["signatures"][0]["keyid"] = json!("0".repeat(64)),
        &|line| line["docket"]["signatures"].as_array_mut().unwrap().swap(0, 1),
        &|line| drop(line.as_object_mut().unwrap().remove("publication")),
        &|line| line["items"] = json!(["e30="]),
    ] {
        assert!(matches!(altered(last, alter), SourceError::Fault { .. }));
    }
    lines.pop();
    assert!(matches!(differing("feed.ndjson", &written(&lines)), SourceError::Root { .. }), "an entry is missing");
    let other = checkpoint.replacen("\n2", "\n1", 1);
    assert!(matches!(differing("checkpoint", &other), SourceError::Root { .. } | SourceError::Checkpoint { .. }));
    let is_witness = |line: &&str| line.contains("/witness/");
    let lines_that = |keep: &dyn Fn(&&str) -> bool| checkpoint.split_inclusive('\n').filter(keep).collect::<String>();
    let unsigned = lines_that(&|line| is_witness(line) || !line.starts_with('—'));
    assert!(matches!(differing("checkpoint", &unsigned), SourceError::Checkpoint { .. }), "only witnesses");
    let unwitnessed = lines_that(&|line| !is_witness(line));
    assert!(matches!(differing("checkpoint", &unwitnessed), SourceError::Unwitnessed { quorum: 1, got: 0, .. }));
    fs::write(place.join("checkpoint"), &unwitnessed).unwrap();
    assert!(read(&[&export], &RestorePins { unwitnessed: true, ..pinned.clone() }).is_ok(), "when asked for");
    fs::write(place.join("checkpoint"), &checkpoint).unwrap();
    let another = RestorePins { genesis: Hash::of(b"another"), ..pinned.clone() };
    assert!(matches!(read(&[&export], &another), Err(SourceError::OfAnother { .. })));
    let another = RestorePins { origin: "another.example".to_owned(), ..pinned.clone() };
    assert!(matches!(read(&[&export], &another), Err(SourceError::OfAnother { .. })));

    // What changes after it was verified isn't taken either.
    let source = read(&[&export], &pinned).unwrap();
    fs::write(place.join("feed.ndjson"), written(&lines[..last - 1]) + "{\"index\":0,\"entry\":\"\"}\n").unwrap();
    let copy = drill.copy.as_ref().unwrap();
    let stored = size(copy).await;
    assert!(restored(copy, &source, drill.clock.now()).await.is_err());
    assert_eq!(size(copy).await, stored);
    drill.end().await;
}

#[tokio::test]
async fn a_store_of_another_history_is_refused_and_the_log_that_signed_both_is_convicted() {
    for engine in engines() {
        let mut drill = Drill::begin(engine).await;
        drill.suspend(1).await;
        drill = drill.copy().await;
        drill.suspend(2).await;
        let export = drill.export().await;
        let copy = drill.copy.take().unwrap();
        // The operator starts the copy all the same, and logs something else.
        let other = serve(&drill.log, &copy, &log_seed(&drill.log), drill.clock.now()).await;
        let drafted = drill.log.committee.suspend(drill.clock.now(), &committee::tag(9));
        let docket = drill.log.committee.docket(drill.clock.now(), &[&drafted], None);
        assert_eq!(other.submit(&serde_json::to_value(&docket).unwrap()).await.0, 201);
        let keys = other.ledger.replay().roster().unwrap().log.clone();
        other.stop().await;
        let stored = size(&copy).await;
        let source = read(&[&export], &drill.pinned()).unwrap();
        let RestoreError::History(why) = restored(&copy, &source, drill.clock.now()).await.err().unwrap() else {
            panic!("another history is another error");
        };
        assert!(matches!(&*why, HistoryError::Entry { index, .. } if *index == stored - 1), "{why}");
        assert!(convicts(why.evidence().unwrap(), &keys).is_ok());
        assert_eq!(size(&copy).await, stored, "nothing is appended");
        copy.drop().await;
        drill.end().await;
    }
}

#[tokio::test]
async fn an_export_of_the_registry_and_one_of_a_member_are_one_format() {
    let drill = lost(Engine::Sqlite).await;
    let of_member = drill.export().await;
    let of_registry = tempfile::tempdir().unwrap();
    let place = of_registry.path().join("log");
    let note = drill.world.ledger.published().newest.note.clone();
    export::write(drill.world.ledger.store(), &note, &place, |_, _| {}).await.unwrap();
    let member = of_member.path().join("log");
    for name in ["feed.ndjson", "anchors.ndjson"] {
        assert_eq!(fs::read(place.join(name)).unwrap(), fs::read(member.join(name)).unwrap(), "{name}");
    }
    let genesis = Some(drill.log.committee.genesis());
    for export in [&place, &member] {
        let export = Export::find(export).unwrap();
        assert!(export::audit(&export, genesis, None, drill.clock.now()).unwrap().is_clean());
    }
    drill.end().await;
}
