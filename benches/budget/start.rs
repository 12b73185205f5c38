//! The start of a registry, beside reading the same rows and parsing their statements.

use std::{sync::Arc, time::Duration};

use callboard_client::clock::HandClock;
use callboard_federation::statement::Statement;
use callboard_registry::{
    ledger::{Ledger, checkpoint::log_key_of_seed, sequencer::NoFaults},
    store::Store,
};
use futures_util::TryStreamExt as _;
use sqlx::Connection as _;
use tokio::runtime::Runtime;

use crate::{
    fixture::{Fixture, USUAL},
    row::Row,
    sequencer::{begun, hand_in_all},
    support::{Database, Engine, opening},
};

pub(crate) const ROW: Row = Row { name: "start", floor: 0.3, goal: 0.7 };
const RECORDS: usize = 100_000;
const DOCKETS_AT_ONCE: usize = 64;

pub(crate) fn measure(runtime: &Runtime) {
    let mut fixture = Fixture::new();
    let database = runtime.block_on(Database::new(Engine::Sqlite, None));
    let (ledger, store) = runtime.block_on(begun(&database, &fixture));
    for _ in 0..RECORDS.div_ceil(USUAL * DOCKETS_AT_ONCE) {
        let dockets = (0..DOCKETS_AT_ONCE).map(|_| fixture.docket(USUAL)).collect();
        runtime.block_on(hand_in_all(&ledger, dockets));
    }
    let size = ledger.size();
    drop(ledger);
    runtime.block_on(store.close());
    ROW.measure(|_| runtime.block_on(bare(&database)), |_| runtime.block_on(ours(&database, &fixture, size)));
}

async fn ours(database: &Database, fixture: &Fixture, size: u64) -> Duration {
    let began = std::time::Instant::now();
    let store = Store::open(&database.address).await.unwrap();
    let key = log_key_of_seed(&fixture.log_seed, &fixture.issuer).unwrap();
    let clock = Arc::new(HandClock::at(fixture.now));
    let opening = opening(database, store.clone(), key, clock, Arc::new(NoFaults));
    let ledger = Ledger::open(opening).await.unwrap();
    let took = began.elapsed();
    assert_eq!(ledger.size(), size);
    drop(ledger);
    store.close().await;
    took
}

async fn bare(database: &Database) -> Duration {
    let began = std::time::Instant::now();
    let mut connection = sqlx::SqliteConnection::connect(&database.address).await.unwrap();
    let mut envelopes = sqlx::query_as("SELECT leaf, envelope FROM docket").fetch(&mut connection);
    while let Some((leaf, envelope)) = envelopes.try_next().await.unwrap() {
        let read: (Vec<u8>, Vec<u8>) = (leaf, envelope);
        std::hint::black_box(read);
    }
    drop(envelopes);
    let mut statements = sqlx::query_scalar("SELECT statement FROM record").fetch(&mut connection);
    while let Some(statement) = statements.try_next().await.unwrap() {
        let statement: Vec<u8> = statement;
        std::hint::black_box(Statement::from_json(&statement).unwrap());
    }
    drop(statements);
    connection.close().await.unwrap();
    began.elapsed()
}
