//! Who writes the log, and what it never signs: a store that was set back, a node that was taken over from, a note that the
//! store doesn't bear out.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use callboard_client::clock::{Clock as _, HandClock};
use callboard_federation::{
    encoding::Hash,
    tlog::{checkpoint::Checkpoint, cosignature::newest_by},
};
use callboard_registry::{
    ledger::{
        Ledger, LedgerConfig, LedgerError,
        checkpoint::log_key_of_seed,
        sequencer::{FaultPoints, NoFaults, SequencerStep},
        writership::Writership,
    },
    store::{Store, StoreError},
};
use ed25519_dalek::SigningKey;
use reqwest::Method;

use crate::{
    caller::{Registry, key},
    support::{Database, Engine, World, committee::tag, engines, opening},
};

impl Registry {
    /// What another node would start with, on the same database.
    async fn another(&self) -> LedgerConfig {
        let store = Store::open(&self.database.address).await.unwrap();
        self.with(&self.database, store)
    }

    fn with(&self, database: &Database, store: Store) -> LedgerConfig {
        let key = log_key_of_seed(&self.committee.log_seed(), self.committee.issuer()).unwrap();
        opening(database, store, key, Arc::new(HandClock::at(self.now())), Arc::new(NoFaults))
    }

    /// Logs a docket of one suspension.
    async fn logs_one(&mut self, person: u32) -> u64 {
        let at = self.now();
        let drafted = self.committee.suspend(at, &tag(person));
        let docket = self.committee.docket(at, &[&drafted], None);
        self.logs(&docket).await
    }
}

async fn refused(opening: LedgerConfig) -> LedgerError {
    let store = opening.store.clone();
    let refused = Ledger::open(opening).await.err().unwrap();
    store.close().await;
    refused
}

#[tokio::test]
async fn a_store_behind_what_was_signed_last_is_refused_and_says_what_to_do() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let size = registry.logs_one(1).await + 1;
        registry.world.halt().await;
        let older = Database::new(engine, Some(&registry.database)).await;
        let registry = registry.starts_again().await;
        let mut registry = registry;
        registry.logs_one(2).await;

        // The database from an older dump, and the note that was signed last.
        std::fs::copy(registry.database.signed_note(), older.signed_note()).unwrap();
        let open = async |database: &Database| {
            let store = Store::open(&database.address).await.unwrap();
            refused(registry.with(database, store)).await
        };
        let told = open(&older).await;
        assert!(
            matches!(told, LedgerError::Behind { signed, stored } if (signed, stored) == (size + 1, size)),
            "{told:?}"
        );
        assert!(told.to_string().contains("`callboard restore`"), "{told}");

        // Another history of the same size.
        let mut stated = registry.world.ledger.published().newest.note.checkpoint().clone();
        (stated.size, stated.root) = (size, Hash::of(b"another"));
        let note = stated.sign(&SigningKey::from_bytes(&registry.committee.log_seed()));
        std::fs::write(older.signed_note(), note.to_string()).unwrap();
        let told = open(&older).await;
        assert!(matches!(told, LedgerError::OtherHistory { size: at } if at == size), "{told:?}");

        // No note at all, then one that isn't this log's.
        std::fs::remove_file(older.signed_note()).unwrap();
        let told = open(&older).await;
        assert!(matches!(told, LedgerError::NoSignedNote { .. }), "{told:?}");
        assert!(told.to_string().contains("--without-signed-note"), "{told}");
        let foreign = note.checkpoint().clone().sign(&SigningKey::from_bytes(&[3; 32]));
        std::fs::write(older.signed_note(), foreign.to_string()).unwrap();
        let told = open(&older).await;
        assert!(matches!(told, LedgerError::ForeignNote { .. }), "{told:?}");

        // Who knows that members hold no more says so, once.
        std::fs::remove_file(older.signed_note()).unwrap();
        for without_note in [true, false] {
            let store = Store::open(&older.address).await.unwrap();
            let ledger =
                Ledger::open(LedgerConfig { without_note, ..registry.with(&older, store.clone()) }).await.unwrap();
            assert_eq!(ledger.size(), size);
            drop(ledger);
            store.close().await;
        }
        older.drop().await;
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_second_node_is_refused_and_one_that_was_taken_over_from_signs_and_answers_nothing() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let told = refused(registry.another().await).await;
        match engine {
            Engine::Sqlite => {
                let LedgerError::Store(StoreError::Locked(lock)) = told else { panic!("{told:?}") };
                assert!(lock.to_string_lossy().ends_with("registry.sqlite.lock"), "{}", lock.display());
                registry.ends().await;
                continue;
            }
            Engine::Postgres => assert!(matches!(told, LedgerError::Store(StoreError::Busy)), "{told:?}"),
        }
        let before = registry.get("/log/checkpoint").await;
        let opening = LedgerConfig { takes_over: true, ..registry.another().await };
        let store = opening.store.clone();
        let other = Ledger::open(opening).await.unwrap();
        assert!(other.refresh().await.is_ok());

        // It doesn't know yet: it is told before it says anything.
        for path in ["/log/checkpoint", "/v1/roster", "/readyz", "/propagation"] {
            registry.get(path).await.is_problem(503, "fenced");
        }
        registry.signed(&key("alpha"), Method::GET, "/v1/feed?from=0", b"").await.is_problem(503, "fenced");
        let (note, at) = (registry.world.ledger.published().newest.note.clone(), registry.now());
        assert_eq!(before.text(), note.to_string(), "nothing is signed since");
        assert!(matches!(registry.world.ledger.writership(), Writership::Fenced { own, by } if by == own + 1));
        let drafted = registry.committee.suspend(at, &tag(1));
        let docket = serde_json::to_vec(&registry.committee.docket(at, &[&drafted], None)).unwrap();
        registry.post("/v1/dockets", docket.clone()).await.is_problem(503, "fenced");
        let refreshed = registry.world.ledger.refresh().await;
        assert!(matches!(refreshed, Err(LedgerError::Store(StoreError::Fenced { .. }))), "{refreshed:?}");
        assert_eq!(registry.get("/healthz").await.status, 200, "it lives");

        let handed = serde_json::from_slice(&docket).unwrap();
        assert_eq!(other.submit(handed).await.unwrap().index, note.checkpoint().size);
        drop(other);
        store.close().await;
        let registry = registry.starts_again().await;
        registry.ends().await;
    }
}

/// Lets the clock go on before a step, as if the machine had slept there.
struct Sleeps {
    step: SequencerStep,
    clock: Arc<HandClock>,
    seconds: i64,
    armed: AtomicBool,
}

impl FaultPoints for Sleeps {
    fn before(&self, step: SequencerStep) -> Result<(), StoreError> {
        if step == self.step && self.armed.swap(false, Ordering::SeqCst) {
            self.clock.move_to(self.clock.now().plus_millis(self.seconds * 1000));
        }
        Ok(())
    }

    fn after(&self, _: SequencerStep) -> Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test]
async fn whoever_sleeps_signs_with_the_time_at_which_it_knew_that_it_writes_and_logs_nothing_backdated() {
    for engine in engines() {
        for (step, is_logged_then) in
            [(SequencerStep::Lock, true), (SequencerStep::Write, true), (SequencerStep::Keep, false)]
        {
            let registry = Registry::begun(engine).await;
            let (mut committee, at) = (registry.committee.clone(), registry.now());
            let Registry { world, database, .. } = registry;
            world.stop().await;
            let store = Store::open(&database.address).await.unwrap();
            let clock = Arc::new(HandClock::at(at));
            let sleeps = Arc::new(Sleeps { step, clock: clock.clone(), seconds: 600, armed: AtomicBool::new(false) });
            let key = log_key_of_seed(&committee.log_seed(), committee.issuer()).unwrap();
            let ledger =
                Ledger::open(opening(&database, store.clone(), key, clock.clone(), sleeps.clone())).await.unwrap();
            sleeps.armed.store(true, Ordering::SeqCst);
            let drafted = committee.suspend(at, &tag(1));
            let docket = committee.docket(at, &[&drafted], None);
            let first = ledger.submit(docket.clone()).await;
            if step == SequencerStep::Write {
                // Too late to be logged with the time from before; the next try has its own.
                assert!(matches!(first, Err(LedgerError::Late)), "{first:?}");
                ledger.submit(docket).await.unwrap();
            } else {
                first.unwrap();
            }
            let entry = store.entries(ledger.size() - 1, ledger.size()).await.unwrap().remove(0);
            let entry = callboard_federation::entry::Entry::parse(&entry.leaf).unwrap();
            let woke = at.plus_millis(600_000);
            assert_eq!(entry.logged_at, if is_logged_then { woke } else { at }, "{step:?}");
            let note = ledger.published().newest.note.clone();
            let own = callboard_federation::tlog::vkey::VerifierKey::new(
                note.checkpoint().origin.clone(),
                callboard_federation::tlog::vkey::SignatureType::Cosignature,
                callboard_federation::encoding::PublicKey::of(&SigningKey::from_bytes(&committee.log_seed())),
            );
            let cosigned = newest_by(note.note(), &own, woke).unwrap().unwrap();
            let expected = if step == SequencerStep::Write { woke } else { at };
            assert_eq!(i64::try_from(cosigned).unwrap(), expected.as_seconds(), "{step:?}");
            drop(ledger);
            store.close().await;
            let world = World::start(&database, committee.issuer(), &committee.log_seed(), woke).await;
            assert!(world.audit().await.is_clean());
            world.stop().await;
            database.drop().await;
        }
    }
}

#[tokio::test]
async fn a_note_that_this_log_signed_and_the_store_lost_stops_it_and_strangers_cannot() {
    for engine in engines() {
        for is_fork in [false, true] {
            let mut registry = Registry::watched(engine).await;
            let newest = registry.world.ledger.published().newest.note.checkpoint().clone();
            let own = SigningKey::from_bytes(&registry.committee.log_seed());
            let shown = Checkpoint {
                size: if is_fork { newest.size - 1 } else { newest.size + 3 },
                root: Hash::of(b"another"),
                ..newest.clone()
            };
            // Whoever hasn't the log's key stops nothing.
            let forged = shown.clone().sign(&SigningKey::from_bytes(&[5; 32])).to_string();
            registry.post("/v1/cosignatures", forged).await.is_problem(422, "cosignature-refused");
            registry.logs_one(1).await;

            registry
                .post("/v1/cosignatures", shown.clone().sign(&own).to_string())
                .await
                .is_problem(503, "store-behind");
            let at = registry.now();
            let drafted = registry.committee.suspend(at, &tag(2));
            let docket = serde_json::to_vec(&registry.committee.docket(at, &[&drafted], None)).unwrap();
            registry.post("/v1/dockets", docket).await.is_problem(503, "store-behind");
            for path in ["/readyz", "/log/checkpoint"] {
                registry.get(path).await.is_problem(503, "store-behind");
            }
            assert!(registry.world.ledger.refresh().await.is_err());

            // It stays so over a restart, and what was shown is kept.
            registry.world.halt().await;
            let told = refused(registry.another().await).await;
            let is_refused = match told {
                LedgerError::OtherHistory { size } => is_fork && size == shown.size,
                LedgerError::Behind { signed, stored } => !is_fork && (signed, stored) == (shown.size, newest.size + 1),
                _ => false,
            };
            assert!(is_refused, "{told:?}");
            let Registry { world, database, .. } = registry;
            world.stop().await;
            database.drop().await;
        }
    }
}
