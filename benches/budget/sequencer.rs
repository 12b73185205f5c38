//! Rulings through the sequencer while their callers wait, beside rows of the same bytes inserted and committed one by one.

use std::{sync::Arc, time::Duration};

use callboard_client::clock::HandClock;
use callboard_federation::hand_in::HandIn;
use callboard_registry::{
    ledger::{Ledger, checkpoint::log_key_of_seed, sequencer::NoFaults},
    store::Store,
};
use sqlx::{Connection as _, Executor as _};
use tokio::runtime::Runtime;

use crate::{
    fixture::{Fixture, USUAL},
    row::{Row, inform},
    support::{Database, Engine, opening},
};

pub(crate) const SQLITE: Row = Row { name: "sequencer-sqlite", floor: 5.0, goal: 10.0 };
pub(crate) const POSTGRES: Row = Row { name: "sequencer-postgres", floor: 5.0, goal: 10.0 };

/// Dockets handed in at once.
const CALLERS: usize = 64;
/// Rows that the bare loop commits a round.
const ROWS: u32 = 500;

/// A registry that has begun, on a database of its own.
pub(crate) async fn begun(database: &Database, fixture: &Fixture) -> (Arc<Ledger>, Store) {
    let beginning = fixture.beginning();
    let clock = Arc::new(HandClock::at(beginning[0].0));
    let store = Store::open(&database.address).await.unwrap();
    let key = log_key_of_seed(&fixture.log_seed, &fixture.issuer).unwrap();
    let opening = opening(database, store.clone(), key, clock.clone(), Arc::new(NoFaults));
    let ledger = Ledger::open(opening).await.unwrap();
    for (at, hand_in) in beginning {
        clock.move_to(at);
        ledger.submit(hand_in).await.unwrap();
    }
    clock.move_to(fixture.now);
    (ledger, store)
}

/// Hands all in at once, each by a caller that waits.
pub(crate) async fn hand_in_all(ledger: &Arc<Ledger>, dockets: Vec<HandIn>) -> Duration {
    let began = std::time::Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for docket in dockets {
        let ledger = ledger.clone();
        callers.spawn(async move { ledger.submit(docket).await.unwrap() });
    }
    callers.join_all().await;
    began.elapsed()
}

pub(crate) fn measure(runtime: &Runtime, engine: Engine) {
    let row = if engine == Engine::Sqlite { SQLITE } else { POSTGRES };
    let mut fixture = Fixture::new();
    let database = runtime.block_on(Database::new(engine, None));
    let (ledger, store) = runtime.block_on(begun(&database, &fixture));
    let statement = fixture.docket(1).items.remove(0).statement.0;
    let beside = runtime.block_on(Database::new(engine, None));
    let mut next = 0;
    let mut bare = |_| {
        next += ROWS;
        runtime.block_on(one_by_one(&beside, &statement, next - ROWS)) / ROWS
    };
    let mut through = |each: usize, callers: usize| {
        let dockets = (0..callers).map(|_| fixture.docket(each)).collect();
        runtime.block_on(hand_in_all(&ledger, dockets)) / u32::try_from(each * callers).unwrap()
    };
    row.measure(&mut bare, |_| through(USUAL, CALLERS));
    inform(&format!("{}, dockets of one", row.name), &mut bare, |_| through(1, 16 * CALLERS));
    runtime.block_on(async {
        drop(ledger);
        store.close().await;
        database.drop().await;
        beside.drop().await;
    });
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS bare (id BIGINT PRIMARY KEY, statement ";
const INSERT: &str = "INSERT INTO bare (id, statement) VALUES ($1, $2)";

/// Inserts rows of the statement's bytes, and commits each, as durably as the store does.
async fn one_by_one(database: &Database, statement: &[u8], from: u32) -> Duration {
    macro_rules! run {
        ($connection:ident, $blob:literal) => {{
            $connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{TABLE} {})", $blob)))).await.unwrap();
            let began = std::time::Instant::now();
            for id in from..from + ROWS {
                sqlx::query(INSERT).bind(i64::from(id)).bind(statement).execute(&mut $connection).await.unwrap();
            }
            let took = began.elapsed();
            $connection.close().await.unwrap();
            took
        }};
    }
    match database.engine {
        Engine::Sqlite => {
            let options = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(database.address.trim_start_matches("sqlite:"))
                .create_if_missing(true)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            run!(connection, "BLOB")
        }
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&database.as_owner()).await.unwrap();
            run!(connection, "BYTEA")
        }
    }
}
