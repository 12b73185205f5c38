//! What the store promises, each claim on both engines: SQLite always, PostgreSQL where `CALLBOARD_TEST_POSTGRES` names
//! a server (`cargo xtask test` starts one). An aggregate a file; here are the makers of rows, and all SQL.

mod anchors;
mod append;
mod cases;
mod cosignatures;
mod delivery;
mod drafts;
mod engines;
mod erasures;
mod figures;
mod nonces;
mod reports;
mod shares;
mod writer;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use callboard_federation::{
    encoding::{DocketId, Hash, RecordId, Time},
    statement::Kind,
    tlog::merkle::empty_root,
};
use sqlx::{Column as _, Connection as _, Either, PgConnection, SqlSafeStr as _, Statement as _, TypeInfo as _};

use super::{shares::ShareRecipient, *};

const ADMIN: &str = "CALLBOARD_TEST_POSTGRES";
const ORIGIN: &str = "callboard.example";
/// The root that these rows have, whatever they are: it is the ledger's to compute.
const ROOT: Hash = Hash::from_bytes([9; 32]);
/// No claim waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database of one test's own, with a store open on it.
struct TestStore {
    store: Store,
    address: String,
    /// The file's directory; of PostgreSQL none.
    directory: Option<tempfile::TempDir>,
}

/// A database on each engine at hand.
async fn engines() -> Vec<TestStore> {
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let directory = tempfile::tempdir().unwrap();
    let mut addresses = vec![(format!("sqlite:{}", directory.path().join("store.sqlite").display()), Some(directory))];
    match std::env::var(ADMIN) {
        Ok(admin) => {
            let name = format!("store_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::SeqCst));
            ask_admin(format!("CREATE DATABASE {name}")).await;
            let address = format!("{}/{name}", admin.rsplit_once('/').unwrap().0);
            schema::migrate(&address, None).await.unwrap();
            addresses.push((address, None));
        }
        Err(_) => eprintln!("PostgreSQL is left out: `cargo xtask test` starts one"),
    }
    let mut benches = Vec::new();
    for (address, directory) in addresses {
        let store = Store::open(&address).await.unwrap();
        store.hold_writer_lock(ORIGIN, false).await.unwrap();
        store.take_over(ORIGIN, NodeId::new([1; 16])).await.unwrap();
        benches.push(TestStore { store, address, directory });
    }
    benches
}

async fn ask_admin(sql: String) {
    let mut connection = PgConnection::connect(&std::env::var(ADMIN).unwrap()).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

impl TestStore {
    async fn end(self) {
        self.store.close().await;
        if self.directory.is_none() {
            let name = self.address.rsplit_once('/').unwrap().1;
            ask_admin(format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    async fn run(&self, sql: &'static str) {
        writing!(&self.store, pool => sqlx::query(sql).execute(pool).await.map(drop)).unwrap();
    }

    /// A number that a query or setting answers, as text.
    async fn told(&self, sql: &'static str) -> String {
        match &self.store.engine {
            Engine::Sqlite { writer, .. } => {
                let row = sqlx::query(sql).fetch_one(writer).await.unwrap();
                let text: Result<String, _> = sqlx::Row::try_get(&row, 0);
                text.unwrap_or_else(|_| sqlx::Row::get::<i64, _>(&row, 0).to_string())
            }
            Engine::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }
}

fn random_of(n: u64) -> [u8; 10] {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    random
}

fn at(n: u64) -> Time {
    Time::from_millis(1_800_000_000_000 + i64::try_from(n).unwrap())
}

fn record_id(index: u64, position: u64) -> RecordId {
    RecordId::new(at(index), random_of(1_000 + position))
}

/// The entry of an index, with as many records; every other has a share.
fn entry(index: u64, records: u64) -> NewEntry {
    NewEntry {
        index,
        logged_at: at(index),
        leaf: format!("leaf {index}").into_bytes(),
        logged: NewEntryContent::Docket(NewDocket {
            payload_hash: Hash::of(&index.to_be_bytes()),
            docket_id: DocketId::new(at(index), random_of(index)),
            envelope: format!("envelope {index}").into_bytes(),
            publication: None,
            records: (0..records)
                .map(|position| NewRecord {
                    id: record_id(index, position),
                    kind: Kind::Ruling,
                    statement: Some(format!("statement {index}/{position}").into_bytes()),
                    share: (position % 2 == 0).then_some([7; 32]),
                })
                .collect(),
            erased: Vec::new(),
        }),
    }
}

impl NewEntry {
    fn docket_mut(&mut self) -> &mut NewDocket {
        let NewEntryContent::Docket(docket) = &mut self.logged else { panic!("an entry of anchors") };
        docket
    }
}

async fn append(store: &Store, entries: &[NewEntry]) -> Result<(), StoreError> {
    let mut append = store.begin_append().await?;
    append.write(entries, ROOT).await?;
    append.commit().await.map(drop)
}

/// All SQL that both engines take: what is one text for both, and each engine's own text of a batch.
fn statements() -> Vec<(String, String)> {
    let both = [
        super::anchors::SQL,
        super::append::SQL,
        attempts::SQL,
        super::bans_declared::SQL,
        super::notices::SQL,
        super::cases::SQL,
        super::cosignatures::SQL,
        counts::SQL,
        super::drafts::SQL,
        endpoints::SQL,
        entries::SQL,
        super::figures::SQL,
        super::filings::SQL,
        super::identity_requests::SQL,
        jobs::SQL,
        super::nonces::SQL,
        outages::SQL,
        receipts::SQL,
        super::recipients::SQL,
        super::report_keys::SQL,
        super::public_reports::SQL,
        records::SQL,
        super::reports::SQL,
        super::shares::SQL,
        super::subject_sessions::SQL,
        restored::SQL,
        super::writer::SQL,
        &[PING],
    ];
    let batches = [super::append::BATCHES, attempts::BATCHES, receipts::BATCHES, super::shares::BATCHES];
    let both = both.into_iter().flatten().map(|sql| ((*sql).to_owned(), (*sql).to_owned()));
    let batches = batches.into_iter().flatten().map(|batch| {
        let columns = batch.postgres.matches("[]").count();
        (batch.sqlite(1, columns), batch.postgres.to_owned())
    });
    both.chain(batches).collect()
}

#[tokio::test]
async fn every_statement_is_the_same_on_both_engines() {
    let mut told = Vec::new();
    for bench in engines().await {
        let mut of_engine = Vec::new();
        for (sqlite, postgres) in statements() {
            // Columns with a class of type, where the engine knows it, and how many parameters.
            of_engine.push(match &bench.store.engine {
                Engine::Sqlite { writer, .. } => {
                    let text = sqlx::AssertSqlSafe(sqlite.clone()).into_sql_str();
                    let statement = writer.acquire().await.unwrap().prepare(text).await.unwrap();
                    let Some(Either::Right(parameters)) = statement.parameters() else { panic!("{sqlite}") };
                    let column = |column: &sqlx::sqlite::SqliteColumn| column.type_info().name().to_owned();
                    (sqlite, statement.columns().iter().map(column).collect::<Vec<_>>(), parameters)
                }
                Engine::Postgres(pool) => {
                    let text = sqlx::AssertSqlSafe(postgres.clone()).into_sql_str();
                    let statement = pool.acquire().await.unwrap().prepare(text).await.unwrap();
                    let Some(Either::Left(parameters)) = statement.parameters() else { panic!("{postgres}") };
                    let column = |column: &sqlx::postgres::PgColumn| match column.type_info().name() {
                        "INT8" => "INTEGER".to_owned(),
                        "BYTEA" => "BLOB".to_owned(),
                        other => other.to_owned(),
                    };
                    (postgres, statement.columns().iter().map(column).collect(), parameters.len())
                }
            });
        }
        if let Engine::Postgres(pool) = &bench.store.engine {
            for sql in [super::append::POSTGRES, super::shares::POSTGRES, super::writer::POSTGRES]
                .into_iter()
                .flatten()
                .copied()
            {
                pool.acquire().await.unwrap().prepare(sqlx::SqlStr::from_static(sql)).await.unwrap();
            }
        }
        told.push(of_engine);
        bench.end().await;
    }
    let [sqlite, postgres] = told.as_slice() else { return };
    for ((sql, columns, parameters), (_, of_postgres, parameters_of_postgres)) in sqlite.iter().zip(postgres) {
        assert_eq!(parameters, parameters_of_postgres, "{sql}");
        assert_eq!(columns.len(), of_postgres.len(), "{sql}");
        for (column, of_postgres) in columns.iter().zip(of_postgres) {
            // SQLite has no type for an expression.
            assert!(column == of_postgres || column == "NULL", "{sql}: {column}, {of_postgres}");
        }
    }
}

/// Holds statements, each with how many values it takes, to what they list.
async fn reads_no_more_than_it_is_of(lists: &[(&'static str, usize)]) {
    for bench in engines().await {
        for (sql, parameters) in lists {
            let plan = plan(&bench, sql, *parameters).await;
            assert!(!plan.contains("SCAN") && !plan.contains("Seq Scan"), "{sql}: {plan}");
        }
        bench.end().await;
    }
}

/// How an engine runs a statement, however few rows there are now.
async fn plan(bench: &TestStore, sql: &str, parameters: usize) -> String {
    match &bench.store.engine {
        Engine::Sqlite { reader, .. } => {
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = sqlx::query(explain).fetch_all(reader).await.unwrap();
            rows.iter().map(|row| sqlx::Row::get::<String, _>(row, "detail") + "\n").collect()
        }
        Engine::Postgres(pool) => {
            let mut connection = pool.acquire().await.unwrap();
            // A generic plan: whatever the values are.
            for setting in ["SET enable_seqscan = off", "SET plan_cache_mode = force_generic_plan"] {
                sqlx::query(setting).execute(&mut *connection).await.unwrap();
            }
            let prepare = sqlx::AssertSqlSafe(format!("PREPARE list AS {sql}"));
            sqlx::raw_sql(prepare).execute(&mut *connection).await.unwrap();
            let nulls =
                if parameters == 0 { String::new() } else { format!("({})", vec!["NULL"; parameters].join(", ")) };
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN EXECUTE list{nulls}"));
            let rows = sqlx::query(explain).fetch_all(&mut *connection).await.unwrap();
            let plan = rows.iter().map(|row| sqlx::Row::get::<String, _>(row, 0) + "\n").collect();
            connection.close_on_drop();
            plan
        }
    }
}
