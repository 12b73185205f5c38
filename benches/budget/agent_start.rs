//! The start of an agent from its replica, beside reading the same lines and parsing their statements.

use std::{path::Path, sync::Arc, time::Duration};

use callboard_agent::{config::Config, replica::Replica, store::replica::ReplicaStore};
use callboard_client::clock::HandClock;
use callboard_federation::{disclosure::Disclosure, statement::Statement};
use callboard_keys::MemberKey;
use futures_util::TryStreamExt as _;
use rand::{SeedableRng as _, rngs::StdRng};
use sqlx::Connection as _;
use tokio::runtime::Runtime;

use crate::{
    fixture::{Fixture, USUAL},
    row::Row,
};

pub(crate) const ROW: Row = Row { name: "agent start", floor: 0.3, goal: 0.7 };
const RECORDS: usize = 100_000;

pub(crate) fn measure(runtime: &Runtime) {
    let mut fixture = Fixture::new();
    let lines: Vec<Vec<u8>> = fixture.log(RECORDS, USUAL).iter().map(Disclosure::to_json).collect();
    let first = Disclosure::from_json(&lines[0]).unwrap().docket.unwrap();
    let genesis = first.envelope.payload_hash();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("replica.sqlite");
    runtime.block_on(async {
        let store = ReplicaStore::open(&file, &genesis).await.unwrap();
        store.append(0, &lines).await.unwrap();
        store.close().await;
    });
    let text = format!(
        "member = \"alpha\"\nissuer = \"{}\"\ngenesis = \"{genesis}\"\nurl = \"http://127.0.0.1:9\"\n\
         tokens_url = \"http://127.0.0.1:9\"\nkey = \"k\"\nmax_staleness = \"10m\"\ndirectory = \".\"\n",
        fixture.issuer
    );
    let settings = directory.path().join("member.toml");
    std::fs::write(&settings, text).unwrap();
    let config = Config::read(&settings).unwrap();
    let id = config.member.clone();
    let key = MemberKey::generate(id, fixture.issuer.clone(), &mut StdRng::seed_from_u64(1)).unwrap();
    let (key, clock) = (Arc::new(key), Arc::new(HandClock::at(fixture.now)));
    let ours = async || {
        let began = std::time::Instant::now();
        let replica = Replica::open(&config, key.clone(), clock.clone()).await.unwrap();
        let took = began.elapsed();
        assert_eq!(replica.status().size, lines.len() as u64);
        replica.close().await;
        took
    };
    ROW.measure(|_| runtime.block_on(bare(&file)), |_| runtime.block_on(ours()));
}

async fn bare(file: &Path) -> Duration {
    let began = std::time::Instant::now();
    let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let mut lines = sqlx::query_scalar("SELECT line FROM line ORDER BY entry").fetch(&mut connection);
    while let Some(line) = lines.try_next().await.unwrap() {
        let line: Vec<u8> = line;
        let docket = Disclosure::from_json(&line).unwrap().docket;
        for statement in docket.iter().flat_map(|docket| &docket.items).flatten() {
            std::hint::black_box(Statement::from_json(statement).unwrap());
        }
    }
    drop(lines);
    connection.close().await.unwrap();
    began.elapsed()
}
