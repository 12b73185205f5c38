//! *No quiet change*: whatever breaks while a docket enters the log, no accepted docket is missing, none is there by half,
//! and the log never got shorter or forked.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use crate::support::{
    Database, Engine, World,
    committee::{Committee, tag},
    engines, hex,
};
use callboard_client::clock::Clock as _;
use callboard_federation::tlog::merkle::verify_consistency;
use callboard_registry::{
    ledger::sequencer::{FaultPoints, SequencerStep},
    store::{NodeId, Store, StoreError},
};

/// Breaks one step, once.
struct Broken {
    step: SequencerStep,
    happened: bool,
    kills: bool,
    armed: AtomicBool,
}

impl Broken {
    fn at(&self, step: SequencerStep, after: bool) -> Result<(), StoreError> {
        if step != self.step || after != self.happened || !self.armed.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        assert!(!self.kills, "killed at {step:?}, as the test asks");
        Err(StoreError::Unavailable("as the test asks"))
    }
}

impl FaultPoints for Broken {
    fn before(&self, step: SequencerStep) -> Result<(), StoreError> {
        self.at(step, false)
    }

    fn after(&self, step: SequencerStep) -> Result<(), StoreError> {
        self.at(step, true)
    }
}

#[tokio::test]
async fn no_accepted_docket_is_lost_whichever_step_breaks() {
    for engine in engines() {
        for step in SequencerStep::ALL {
            for (happened, kills) in [(false, false), (true, false), (false, true), (true, true)] {
                let what = format!("{engine:?} {step:?} happened: {happened} kills: {kills}");
                let database = Database::new(engine, None).await;
                let broken = Arc::new(Broken { step, happened, kills, armed: AtomicBool::new(false) });
                let mut committee = Committee::new();
                let world = World::of(&database, &mut committee, broken.clone(), None).await;
                let now = world.clock.now();
                let drafted = committee.suspend(now, &tag(1));
                let last = serde_json::to_value(committee.docket(now, &[&drafted], None)).unwrap();
                let published = world.ledger.published().newest.note.checkpoint().clone();

                broken.armed.store(true, Ordering::SeqCst);
                let (status, answer) = world.submit(&last).await;
                assert!(!broken.armed.load(Ordering::SeqCst), "{what}: it broke");
                let accepted = matches!(status, 200 | 201);
                assert!(accepted || (kills && status == 503), "{what}: {status} {answer}");
                world.stop().await;

                // Another start, as after a crash: what was accepted is there, and the same again gets the same answer.
                let world =
                    World::start(&database, committee.issuer(), &hex(&committee.vectors["logKeySeed"]), now).await;
                if accepted {
                    assert_eq!(world.ledger.size(), published.size + 1, "{what}: an accepted docket is not missing");
                }
                let (again, place) = world.submit(&last).await;
                assert!(again == 200 || (again == 201 && !accepted), "{what}: {again} {place}");
                assert_eq!(place["index"], published.size, "{what}");
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

/// Has another node take over before a step, once.
struct TakenOver {
    step: SequencerStep,
    address: String,
    origin: String,
    armed: AtomicBool,
    other: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl TakenOver {
    /// Takes over as another process would; on a thread, as a step waits for nobody.
    fn begin(&self) -> std::thread::JoinHandle<()> {
        let (address, origin) = (self.address.clone(), self.origin.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let store = Store::open(&address).await.unwrap();
                store.hold_writer_lock(&origin, true).await.unwrap();
                store.take_over(&origin, NodeId::new([9; 16])).await.unwrap();
                store.close().await;
            });
        })
    }
}

impl FaultPoints for TakenOver {
    fn before(&self, step: SequencerStep) -> Result<(), StoreError> {
        if step == self.step && self.armed.swap(false, Ordering::SeqCst) {
            let other = self.begin();
            // Between lock and commit the other waits for the head row; else it is done before the step begins.
            if matches!(step, SequencerStep::Write | SequencerStep::Commit) {
                *self.other.lock().unwrap() = Some(other);
            } else {
                other.join().unwrap();
            }
        }
        Ok(())
    }

    fn after(&self, _: SequencerStep) -> Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_over_at_any_step_leaves_one_history_and_the_one_before_signs_no_more() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    for step in SequencerStep::ALL {
        let (database, mut committee) = (Database::new(Engine::Postgres, None).await, Committee::new());
        let (issuer, seed) = (committee.issuer().to_owned(), hex(&committee.vectors["logKeySeed"]));
        let taken = Arc::new(TakenOver {
            step,
            address: database.address.clone(),
            origin: issuer.clone(),
            armed: AtomicBool::new(false),
            other: Mutex::default(),
        });
        let world = World::of(&database, &mut committee, taken.clone(), None).await;
        let (before, now) = (world.ledger.size(), world.clock.now());
        let mut dockets = [1, 2].map(|person| {
            let drafted = committee.suspend(now, &tag(person));
            serde_json::to_value(committee.docket(now, &[&drafted], None)).unwrap()
        });
        taken.armed.store(true, Ordering::SeqCst);
        let (status, answer) = world.submit(&dockets[0]).await;
        assert!(!taken.armed.load(Ordering::SeqCst), "{step:?}");
        if let Some(other) = taken.other.lock().unwrap().take() {
            other.join().unwrap();
        }
        // What was committed before the other came is logged and may be shown; what wasn't, is not.
        let is_committed = step != SequencerStep::Lock;
        assert_eq!(status, if is_committed { 201 } else { 503 }, "{step:?}: {answer}");
        let signed = world.ledger.published().newest.note.checkpoint().clone();
        assert_eq!(signed.size, before + u64::from(is_committed), "{step:?}");
        let (status, answer) = world.submit(&dockets[1]).await;
        assert_eq!((status, answer["type"].as_str()), (503, Some("urn:callboard:problem:fenced")), "{step:?}");
        assert!(world.ledger.refresh().await.is_err(), "{step:?}");
        assert_eq!(world.ledger.published().newest.note.checkpoint(), &signed, "{step:?}: it signs nothing more");
        world.stop().await;

        let world = World::start(&database, &issuer, &seed, now).await;
        dockets.reverse();
        for docket in &dockets {
            assert!(matches!(world.submit(docket).await.0, 200 | 201), "{step:?}");
        }
        assert_eq!(world.ledger.replay().tree().root(signed.size), Some(signed.root), "{step:?}");
        let report = world.audit().await;
        assert!(report.is_clean() && report.size == before + 2, "{step:?}: {report}");
        world.stop().await;
        database.drop().await;
    }
}
