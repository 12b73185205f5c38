//! A world for tests: the real registry on port 0, on either engine, with a clock that tests move.

mod cases;
pub(crate) mod committee;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use callboard_client::{
    clock::{Clock, HandClock},
    runtime::os_rng,
};
use callboard_federation::{
    encoding::{Hash, Time, to_json},
    hand_in::HandIn,
    replay::{ReadDocket, Replay},
    statement::Act,
};
use callboard_registry::{
    api::{App, body::BodyMemory, router::router},
    config::Config,
    delivery::{Delivery, guard::Guard},
    ledger::{
        Ledger, LedgerConfig,
        anchors::envelopes,
        audit::{Audit, AuditReport, AuditStep},
        checkpoint::{LogKey, PublishedState, log_key_of_seed},
        load::disclosure,
        sequencer::{FaultPoints, NoFaults},
        signed_notes::{NoteFile, SignedNotes as _},
    },
    pages::{self, PagesState},
    store::{NewDocket, NewEntry, NewEntryContent, NewRecord, NodeId, Store, schema},
};
use callboard_service::{Bounds, limit::RateLimits, serve};
use committee::Committee;
use rand_core::Rng as _;
use serde_json::Value;
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};
use tokio::sync::watch;

/// An engine of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// The engines at hand: SQLite always, PostgreSQL where `cargo xtask test` started one.
pub(crate) fn engines() -> Vec<Engine> {
    if std::env::var_os("CALLBOARD_TEST_POSTGRES").is_some() {
        vec![Engine::Sqlite, Engine::Postgres]
    } else {
        eprintln!("PostgreSQL is left out: `cargo xtask test` starts one");
        vec![Engine::Sqlite]
    }
}

/// A database of a test's own, gone with it.
pub(crate) struct Database {
    pub(crate) engine: Engine,
    pub(crate) address: String,
    directory: tempfile::TempDir,
    name: String,
}

const SIGNED_NOTE: &str = "signed.note";
/// The role that a registry serves as.
pub(crate) const SERVING: &str = "callboard_serving";
const SERVING_ROLE: &str = "DO $$ BEGIN CREATE ROLE callboard_serving LOGIN; \
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// A new one, or a copy of `template`, which nobody has open.
    pub(crate) async fn new(engine: Engine, template: Option<&Self>) -> Self {
        Self::within(engine, template, tempfile::tempdir().unwrap()).await
    }

    /// A PostgreSQL of which nothing is made yet, or a copy of one.
    pub(crate) async fn bare(template: Option<&str>) -> Self {
        let name = format!("t{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::SeqCst));
        let of = template.map_or(String::new(), |template| format!(" TEMPLATE {template}"));
        admin(format!("CREATE DATABASE {name}{of}")).await;
        admin(SERVING_ROLE.to_owned()).await;
        let mut bare =
            Self { engine: Engine::Postgres, address: String::new(), directory: tempfile::tempdir().unwrap(), name };
        bare.address = bare.as_owner().replace("postgres@", &format!("{SERVING}@"));
        bare
    }

    /// The same; what of it is a file stands in this directory.
    pub(crate) async fn within(engine: Engine, template: Option<&Self>, directory: tempfile::TempDir) -> Self {
        if let Some(template) = template {
            std::fs::copy(template.signed_note(), directory.path().join(SIGNED_NOTE)).unwrap();
        }
        match engine {
            Engine::Sqlite => {
                let path = directory.path().join("registry.sqlite");
                if let Some(template) = template {
                    std::fs::copy(template.path(), &path).unwrap();
                }
                let address = format!("sqlite:{}", path.display());
                Self { engine, address, directory, name: String::new() }
            }
            Engine::Postgres => {
                // Whatever a test does with its registry, it does as a role that has no DDL and can't change a leaf.
                let bare = Self { directory, ..Self::bare(template.map(|template| &*template.name)).await };
                schema::migrate(&bare.as_owner(), Some(SERVING)).await.unwrap();
                bare
            }
        }
    }

    /// Writes lines of vectors into it, as they were logged: the cases that their dockets name aren't at hand, so no
    /// registry takes them. When the last was logged.
    pub(crate) async fn lay(&self, vectors: &Value, lines: &[Value]) -> Time {
        let issuer = vectors["issuer"].as_str().unwrap();
        let key = log_key_of_seed(&hex(&vectors["logKeySeed"]), issuer).unwrap();
        let store = Store::open(&self.address).await.unwrap();
        store.hold_writer_lock(issuer, false).await.unwrap();
        store.take_over(issuer, NodeId::new([0; 16])).await.unwrap();
        let (mut replay, mut entries) = (Replay::new(None), Vec::new());
        for line in lines {
            let handed: HandIn = serde_json::from_value(line["handIn"].clone()).unwrap();
            let index = replay.tree().size();
            let (disclosed, shares) = handed.into_parts();
            let read = ReadDocket::of(&disclosed).unwrap();
            let entry = replay.log(&read, time(&line["loggedAt"])).unwrap();
            let records = read.docket().items.iter().zip(&disclosed.items).zip(shares);
            let records = records.map(|((item, statement), share)| NewRecord {
                id: item.record,
                kind: item.kind,
                statement: statement.clone(),
                share: share.map(|share| share.0),
            });
            let erased = read.statements().iter().flatten().filter_map(|statement| match &statement.act {
                Act::Erasure { about, .. } => Some(about),
                _ => None,
            });
            let docket = NewDocket {
                payload_hash: read.payload_hash(),
                docket_id: read.docket().id,
                envelope: to_json(&disclosed.envelope),
                publication: disclosed.publication.as_ref().map(|text| (Hash::of(text), Some(text.clone()))),
                records: records.collect(),
                erased: erased.flatten().copied().collect(),
            };
            let (leaf, logged) = (entry.to_string().into_bytes(), NewEntryContent::Docket(docket));
            entries.push(NewEntry { index, logged_at: entry.logged_at, leaf, logged });
        }
        let mut append = store.begin_append().await.unwrap();
        append.write(&entries, replay.tree().current_root()).await.unwrap();
        append.commit().await.unwrap();
        let now = replay.logged_at().unwrap();
        let signed = PublishedState::new(&key, replay.tree(), replay.roster(), now, Vec::new());
        NoteFile::new(self.signed_note()).keep(&signed.newest.note).await.unwrap();
        store.close().await;
        now
    }

    /// Where the registry on it keeps its last signed note.
    pub(crate) fn signed_note(&self) -> PathBuf {
        self.directory.path().join(SIGNED_NOTE)
    }

    /// The address of a PostgreSQL as its superuser, who may make tables.
    pub(crate) fn as_owner(&self) -> String {
        let admin = std::env::var("CALLBOARD_TEST_POSTGRES").unwrap();
        format!("{}/{}", admin.rsplit_once('/').unwrap().0, self.name)
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(self.address.strip_prefix("sqlite:").unwrap())
    }

    /// Drops it; a PostgreSQL that stays behind goes with the server.
    pub(crate) async fn drop(self) {
        if self.engine == Engine::Postgres {
            admin(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
        }
    }

    /// How many rows each table has.
    pub(crate) async fn row_counts(&self) -> BTreeMap<String, i64> {
        const TABLES: [&str; 13] = [
            "anchor",
            "docket",
            "endpoint",
            "record",
            "receipt",
            "share_given",
            "cosignature",
            "nonce",
            "head",
            "draft",
            "draft_answer",
            "report",
            "report_entry",
        ];
        let mut counts = BTreeMap::new();
        for table in TABLES {
            let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            let count: i64 = match self.engine {
                Engine::Sqlite => {
                    let mut connection = SqliteConnection::connect(&self.address).await.unwrap();
                    connection.fetch_one(sqlx::query(sql)).await.unwrap().get(0)
                }
                Engine::Postgres => {
                    let mut connection = PgConnection::connect(&self.address).await.unwrap();
                    connection.fetch_one(sqlx::query(sql)).await.unwrap().get(0)
                }
            };
            counts.insert(table.to_owned(), count);
        }
        counts
    }
}

async fn admin(sql: String) {
    let admin = std::env::var("CALLBOARD_TEST_POSTGRES").unwrap();
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    connection.execute(sqlx::query(sqlx::AssertSqlSafe(sql))).await.unwrap();
}

/// The real registry, over HTTP.
pub(crate) struct World {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) delivery: Arc<Delivery>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    store: Store,
    server: tokio::task::JoinHandle<()>,
}

impl World {
    /// Starts the registry of `issuer` on a database, its clock at `now`.
    pub(crate) async fn start(database: &Database, issuer: &str, log_seed: &[u8; 32], now: Time) -> Self {
        Self::configured(database, (issuer, log_seed), now, Arc::new(NoFaults), None).await
    }

    /// The registry of the published vectors after their beginning, with its committee, on a database of its
    /// own; limited by address or not.
    pub(crate) async fn begun(engine: Engine, limits: Option<Arc<RateLimits>>) -> (Self, Committee, Database) {
        Self::begun_on(Database::new(engine, None).await, limits).await
    }

    /// The same, on this database.
    pub(crate) async fn begun_on(database: Database, limits: Option<Arc<RateLimits>>) -> (Self, Committee, Database) {
        let mut committee = Committee::new();
        let world = Self::of(&database, &mut committee, Arc::new(NoFaults), limits).await;
        (world, committee, database)
    }

    /// The same of a committee, which takes cases from here on, with something beside each step of the sequencer.
    pub(crate) async fn of(
        database: &Database,
        committee: &mut Committee,
        fault_points: Arc<dyn FaultPoints>,
        limits: Option<Arc<RateLimits>>,
    ) -> Self {
        let now = database.lay(&committee.vectors, committee.beginning()).await;
        let issuer = (committee.issuer(), &hex(&committee.vectors["logKeySeed"]));
        let world = Self::configured(database, issuer, now, fault_points, limits).await;
        let policy = committee.takes_cases(now);
        assert_eq!(world.submit(&serde_json::to_value(&policy).unwrap()).await.0, 201);
        world
    }

    /// The same, with something beside each step of the sequencer, limited by address or not.
    pub(crate) async fn configured(
        database: &Database,
        (issuer, log_seed): (&str, &[u8; 32]),
        now: Time,
        fault_points: Arc<dyn FaultPoints>,
        limits: Option<Arc<RateLimits>>,
    ) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let config = Config::of_text(&format!("[registry]\nissuer = \"{issuer}\"\npublic_url = \"{url}\"\n")).unwrap();
        let clock = Arc::new(HandClock::at(now));
        let store = Store::open(&database.address).await.unwrap();
        let key = log_key_of_seed(log_seed, issuer).unwrap();
        let ledger = Ledger::open(opening(database, store.clone(), key, clock.clone(), fault_points)).await.unwrap();
        let delivery = Delivery::start(ledger.clone(), clock.clone(), Guard { loopback: true }, "").unwrap();
        let (stop, stopping) = watch::channel(false);
        let (ledger_of, delivery_of, clock_of) = (ledger.clone(), delivery.clone(), clock.clone());
        let config = Arc::new(config);
        let app = App {
            ledger: ledger_of,
            delivery: delivery_of,
            clock: clock_of,
            config,
            stopping,
            bodies: BodyMemory::default(),
        };
        let (delivery_of, ledger_of) = (delivery.clone(), ledger.clone());
        let (config, clock_of) = (app.config.clone(), app.clock.clone());
        let pages = pages::router(PagesState { delivery: delivery_of, ledger: ledger_of, config, clock: clock_of });
        let service = router(app, limits, pages);
        let server = tokio::spawn(serve(listener, service, Bounds::of(1_000), async move { stop.closed().await }));
        Self { ledger, delivery, clock, url, http: reqwest::Client::new(), store, server }
    }

    /// Hands a docket in: status and body.
    pub(crate) async fn submit(&self, body: &Value) -> (u16, Value) {
        let answer = self.http.post(format!("{}/v1/dockets", self.url)).body(body.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Audits what the store discloses, against the checkpoint that is published.
    pub(crate) async fn audit(&self) -> AuditReport {
        audit(&self.store, &self.ledger).await
    }

    /// Stops the registry: nothing of it is left open.
    pub(crate) async fn stop(self) {
        self.halt().await;
        drop(self.server.await);
    }

    /// Ends whatever it does, for who still needs what stands here.
    pub(crate) async fn halt(&self) {
        self.server.abort();
        self.delivery.stop();
        self.store.close().await;
    }
}

/// What a ledger on a database is opened with.
pub(crate) fn opening(
    database: &Database,
    store: Store,
    key: LogKey,
    clock: Arc<dyn Clock>,
    fault_points: Arc<dyn FaultPoints>,
) -> LedgerConfig {
    let mut node = [0; 16];
    os_rng().fill_bytes(&mut node);
    let notes = Arc::new(NoteFile::new(database.signed_note()));
    let node = NodeId::new(node);
    LedgerConfig { store, key, clock, notes, without_note: false, node, takes_over: false, fault_points }
}

async fn audit(store: &Store, ledger: &Ledger) -> AuditReport {
    let mut audit = Audit::new(ledger.genesis());
    let size = store.head().await.unwrap().size;
    let lines = store.entries(0, size).await.unwrap();
    for line in lines {
        assert_eq!(audit.take(&disclosure(line).unwrap()).unwrap(), AuditStep::Continue);
    }
    let anchors = envelopes(store.anchors(0, size).await.unwrap()).unwrap();
    let differing = audit.differing_anchors(&anchors);
    let mut report = audit.finish(Some((&ledger.published().newest.note, Time::from_millis(i64::MAX))), None);
    report.differences.extend(differing);
    report
}

/// The bytes of hexadecimal text.
pub(crate) fn hex<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

/// An instant of a vector.
pub(crate) fn time(value: &Value) -> Time {
    value.as_str().unwrap().parse().unwrap()
}
