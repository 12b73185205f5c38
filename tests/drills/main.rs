//! The bad days, drilled on both engines: a store that was set back, and a registry that another operator goes on with. A real
//! registry over HTTP, and a member's real replica beside it. What operators type on such a day is `tests/runbooks.rs`'s.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[expect(dead_code, reason = "this binary uses a part of the agent's own tests")]
#[path = "../../federation/agent/tests/replica/registry.rs"]
mod registry;
mod set_back;
mod succession;
#[expect(dead_code, reason = "this binary uses a part of the world")]
#[path = "../support/mod.rs"]
mod support;

use std::{path::PathBuf, sync::Arc, time::Duration};

use callboard_agent::replica::Replica;
use callboard_client::{
    clock::{Clock as _, HandClock},
    export::Writer,
};
use callboard_federation::{
    anchor::Anchor,
    disclosure::Disclosure,
    encoding::{Hash, Time},
    hand_in::HandIn,
    statement::Kind,
};
use callboard_registry::{
    ledger::{
        Ledger, LedgerError,
        checkpoint::log_key_of_seed,
        restore::{self, RestoreError, RestorePins, RestoreSource, RestoreSummary, SourceError},
        sequencer::NoFaults,
        signed_notes::NoteFile,
    },
    store::{NodeId, Store},
};
use registry::{Log, STALENESS, member_key};
use serde_json::{Value, json};
use support::{Database, Engine, World, committee, hex, opening};
use tempfile::TempDir;

/// A registry with a member that watches it, and what happened to it.
struct Drill {
    log: Log,
    world: World,
    database: Database,
    /// The registry's database and files as they were at some time.
    copy: Option<Database>,
    directory: TempDir,
    replica: Replica,
    clock: Arc<HandClock>,
    /// Dockets with shares, as they were handed in.
    handed: Vec<HandIn>,
}

async fn look(replica: &Replica) -> Result<(), String> {
    replica.look(Duration::ZERO).await.map_err(|error| error.to_string())
}

fn log_seed(log: &Log) -> [u8; 32] {
    hex(&log.committee.vectors["logKeySeed"])
}

/// The registry of a log key on a database.
async fn serve(log: &Log, database: &Database, seed: &[u8; 32], now: Time) -> World {
    World::configured(database, (log.committee.issuer(), seed), now, Arc::new(NoFaults), None).await
}

impl Drill {
    /// The vectors' log under a roster whose one witness is alpha.
    async fn begin(engine: Engine) -> Self {
        let mut log = Log::begun();
        let database = Database::new(engine, None).await;
        let world = World::of(&database, &mut log.committee, Arc::new(NoFaults), None).await;
        world.clock.move_to(log.now);
        let roster = log.roster_docket(1, &["alpha"]);
        let directory = tempfile::tempdir().unwrap();
        let clock = world.clock.clone();
        let replica = registry::open(&world.url, "alpha", directory.path(), &clock).await;
        let mut drill = Self { log, world, database, copy: None, directory, replica, clock, handed: Vec::new() };
        drill.take(roster).await;
        drill.log.committee.roster = 2;
        drill
    }

    /// Has a docket logged, and the member see it.
    async fn take(&mut self, docket: HandIn) {
        let handed = serde_json::to_value(&docket).unwrap();
        let (status, answer) = self.world.submit(&handed).await;
        assert_eq!(status, 201, "{answer}");
        self.seen().await;
        self.handed.push(docket);
    }

    /// The member sees everything, and it is witnessed.
    async fn seen(&self) {
        look(&self.replica).await.unwrap();
        look(&self.replica).await.unwrap();
        let size = self.world.ledger.size();
        assert_eq!(self.replica.read().fresh(self.clock.now(), STALENESS).unwrap().size, size);
        assert!(self.replica.status().alarms.is_empty());
    }

    async fn suspend(&mut self, person: u32) {
        let drafted = self.log.committee.suspend(self.clock.now(), &committee::tag(person));
        let text = json!({"v": 1, "zh": "公告", "en": "Notice"}).to_string();
        let docket = self.log.committee.docket(self.clock.now(), &[&drafted], Some(text.as_bytes()));
        self.take(docket).await;
    }

    /// A ruling on somebody, its annulment, and the erasure of both; some of it may be logged already.
    async fn annul_and_erase(&mut self, ruled: &HandIn) {
        let now = self.clock.now();
        let id = |handed: &HandIn| {
            let docket: Value = serde_json::from_slice(&handed.docket.payload.0).unwrap();
            docket["items"][0]["record"].as_str().unwrap().parse().unwrap()
        };
        let annulment = self.log.committee.act(now, Kind::Annulment, Kind::Ruling, &[id(ruled)]);
        let chain = [id(ruled), annulment.record()];
        let docket = self.log.committee.docket(now, &[&annulment], None);
        self.take(docket).await;
        let erasure = self.log.committee.act(now, Kind::Erasure, Kind::Ruling, &chain);
        let docket = self.log.committee.docket(now, &[&erasure], None);
        self.take(docket).await;
    }

    /// The member's anchor of today, logged tomorrow.
    async fn anchor(&mut self) {
        let member = "alpha".to_owned().try_into().unwrap();
        let anchor = Anchor { v: 1, member, size: 1, root: Hash::of(b"checks"), at: self.clock.now() };
        let envelope = anchor.sign(member_key("alpha").request_key());
        self.world.ledger.submit_anchor(&anchor.member, &envelope).await.unwrap().unwrap();
        self.clock.move_to(self.clock.now().plus_days(1));
        self.log.now = self.clock.now();
        assert_eq!(self.world.ledger.log_anchors().await.unwrap(), 1);
        self.seen().await;
    }

    /// Stops, and goes on, with a copy of everything made in between.
    async fn copy(self) -> Self {
        let Self { log, world, database, directory, replica, clock, handed, .. } = self;
        let url = world.url.clone();
        world.stop().await;
        let copy = Database::new(database.engine, Some(&database)).await;
        let drill = Self::restart(log, database, &clock, directory, replica, handed).await;
        assert_ne!(url, drill.world.url);
        drill.seen().await;
        Self { copy: Some(copy), ..drill }
    }

    async fn restart(
        log: Log,
        database: Database,
        clock: &Arc<HandClock>,
        directory: TempDir,
        replica: Replica,
        handed: Vec<HandIn>,
    ) -> Self {
        let seed = log_seed(&log);
        let world = serve(&log, &database, &seed, clock.now()).await;
        replica.close().await;
        drop(replica);
        let clock = world.clock.clone();
        let replica = registry::open(&world.url, "alpha", directory.path(), &clock).await;
        Self { log, world, database, copy: None, directory, replica, clock, handed }
    }

    fn pinned(&self) -> RestorePins {
        pinned(&self.log, self.clock.now())
    }

    /// What the member writes out, with the anchors that the registry shows it.
    async fn export(&self) -> TempDir {
        let anchors = self.world.ledger.store().anchors(0, self.world.ledger.size()).await.unwrap();
        let anchors = callboard_registry::ledger::anchors::envelopes(anchors).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&directory.path().join("log")).unwrap();
        let (mut from, mut last) = (0, None);
        while last.is_none() {
            let (lines, note) = self.replica.lines(from, 7).await.unwrap().unwrap();
            for line in &lines {
                writer.line(line, &Disclosure::from_json(line).unwrap().entry).unwrap();
            }
            from += lines.len() as u64;
            last = (from == note.checkpoint().size).then_some(note);
        }
        writer.finish(anchors, &last.unwrap()).unwrap();
        directory
    }

    async fn end(self) {
        self.world.stop().await;
        self.database.drop().await;
        if let Some(copy) = self.copy {
            copy.drop().await;
        }
    }
}

fn pinned(log: &Log, now: Time) -> RestorePins {
    let origin = log.committee.issuer().to_owned();
    RestorePins { genesis: log.committee.genesis(), origin, unwitnessed: false, now }
}

fn read(exports: &[&TempDir], pinned: &RestorePins) -> Result<RestoreSource, SourceError> {
    let exports: Vec<PathBuf> = exports.iter().map(|export| export.path().join("log")).collect();
    RestoreSource::read(&exports, pinned, |_, _| {})
}

/// What `callboard restore` does with a database.
async fn restored(database: &Database, source: &RestoreSource, now: Time) -> Result<RestoreSummary, RestoreError> {
    let store = Store::open(&database.address).await.unwrap();
    let notes = NoteFile::new(database.signed_note());
    let done = async {
        let origin = source.roster().unwrap().issuer.clone();
        store.hold_writer_lock(&origin, false).await?;
        let compared = restore::compare::compare(&store, &notes, source).await?;
        store.take_over(&origin, NodeId::new([1; 16])).await?;
        restore::append::restore(&store, &notes, source, compared, now, |_, _| {}).await
    };
    let done = done.await;
    store.close().await;
    done
}

async fn size(database: &Database) -> u64 {
    let store = Store::open(&database.address).await.unwrap();
    let size = store.head().await.unwrap().size;
    store.close().await;
    size
}

/// Why a registry doesn't start on a database.
async fn refused(log: &Log, database: &Database, seed: &[u8; 32], clock: &Arc<HandClock>) -> LedgerError {
    let store = Store::open(&database.address).await.unwrap();
    let key = log_key_of_seed(seed, log.committee.issuer()).unwrap();
    let opened = Ledger::open(opening(database, store.clone(), key, clock.clone(), Arc::new(NoFaults))).await;
    store.close().await;
    opened.err().unwrap()
}

/// A bad day's log: some of it before the copy, the rest after; statements erased on both sides of it.
async fn lost(engine: Engine) -> Drill {
    let mut drill = Drill::begin(engine).await;
    drill.suspend(1).await;
    drill.suspend(2).await;
    let early = drill.handed[1].clone();
    drill = drill.copy().await;
    drill.anchor().await;
    drill.suspend(3).await;
    let late = drill.handed.last().unwrap().clone();
    drill.annul_and_erase(&early).await;
    drill.annul_and_erase(&late).await;
    drill.suspend(4).await;
    drill
}
