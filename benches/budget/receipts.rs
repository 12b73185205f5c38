//! Receipts verified and stored while those who file them wait, beside their bare Ed25519 verification.

use std::{cell::Cell, sync::Arc};

use callboard_client::clock::HandClock;
use callboard_federation::{
    dsse::Envelope,
    encoding::PublicKey,
    receipt::{Outcome, Receipt, check},
};
use callboard_registry::delivery::{Delivery, guard::Guard};
use ed25519_dalek::SigningKey;
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    fixture::Fixture,
    row::{Row, time},
    sequencer::begun,
    support::{Database, Engine, hex},
};

/// As many of one member for one docket as are taken in a minute.
const OF_A_DOCKET: usize = 10;
const DOCKETS: usize = 100;
const MINUTE_MILLIS: i64 = 60_000;
const SQLITE: Row = Row { name: "receipts sqlite", floor: 0.3, goal: 0.6 };
const POSTGRES: Row = Row { name: "receipts postgres", floor: 0.3, goal: 0.6 };

pub(crate) fn row(engine: Engine) -> &'static Row {
    match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    }
}

pub(crate) fn measure(runtime: &Runtime, engine: Engine) {
    let mut fixture = Fixture::new();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../federation/vectors/dockets.json");
    let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (member, seed) = vectors["memberSeeds"].as_object().unwrap().iter().next().unwrap();
    let key = SigningKey::from_bytes(&hex(seed));
    let member = callboard_federation::members::MemberId::try_from(member.clone()).unwrap();
    let database = runtime.block_on(Database::new(engine, None));
    let (ledger, store) = runtime.block_on(begun(&database, &fixture));
    let dockets: Vec<_> = (0..DOCKETS).map(|_| fixture.docket(1)).collect();
    let hashes: Vec<_> = dockets.iter().map(|docket| docket.docket.payload_hash()).collect();
    for docket in dockets {
        runtime.block_on(ledger.submit(docket)).unwrap();
    }
    let clock = Arc::new(HandClock::at(fixture.now));
    let guard = Guard { loopback: true };
    let delivery = runtime.block_on(async { Delivery::start(ledger.clone(), clock.clone(), guard, "").unwrap() });
    let round = Cell::new(0_i64);
    let receipts = || -> Vec<Envelope> {
        round.set(round.get() + 1);
        clock.move_to(fixture.now.plus_millis(round.get() * MINUTE_MILLIS));
        let of = |docket, at: usize| {
            let at = fixture.now.plus_millis(round.get() * MINUTE_MILLIS - i64::try_from(at).unwrap());
            let (member, exceptions) = (member.clone(), Vec::new());
            Receipt { v: 1, member, docket, outcome: Outcome::InEffect, exceptions, at }.sign(&key)
        };
        hashes.iter().flat_map(|hash| (0..OF_A_DOCKET).map(|at| of(*hash, at))).collect()
    };
    let public = PublicKey::of(&key);
    row(engine).measure(
        |_| {
            let receipts = receipts();
            time(|| {
                for receipt in &receipts {
                    check(receipt, |_| Some((public, &member))).unwrap();
                }
            })
        },
        |_| {
            let receipts = receipts();
            let began = std::time::Instant::now();
            runtime.block_on(async {
                let mut callers = JoinSet::new();
                for receipt in receipts {
                    let delivery = delivery.clone();
                    callers.spawn(
                        async move { assert!(!delivery.submit_receipt(&receipt).await.unwrap().unwrap().before) },
                    );
                }
                callers.join_all().await
            });
            began.elapsed()
        },
    );
    runtime.block_on(async {
        delivery.stop();
        drop((ledger, delivery));
        store.close().await;
        database.drop().await;
    });
}
