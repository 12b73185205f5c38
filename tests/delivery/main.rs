//! What is pushed, under fault and attack: a registry that is killed, endpoints that hang, stream, redirect and lie, and
//! addresses that lead into somebody's own network.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[path = "../support/ports.rs"]
mod ports;
#[path = "../support/programs.rs"]
mod programs;
#[expect(dead_code, reason = "this binary uses a part of the receiver")]
#[path = "../support/receiver.rs"]
mod receiver;
#[expect(dead_code, reason = "this binary uses a part of the world")]
#[path = "../support/mod.rs"]
mod support;

mod guard;
mod kills;
mod library;
mod misbehaving;
mod stops;
mod writers;

use callboard_client::{clock::Clock as _, runtime::os_rng};
use callboard_federation::{
    encoding::{EndpointId, Time},
    hand_in::HandIn,
    webhook::Secret,
};
use callboard_registry::store::{Store, endpoints::StoredEndpoint};
use rand_core::Rng as _;
use support::{Database, Engine, World, committee::Committee};

/// A registry of the published vectors, a month after their beginning, whose member alpha has endpoints.
pub(crate) struct Board {
    pub(crate) world: World,
    pub(crate) committee: Committee,
    pub(crate) database: Database,
    people: u32,
}

impl Board {
    pub(crate) async fn begun(engine: Engine) -> Self {
        let (world, committee, database) = World::begun(engine, None).await;
        world.clock.move_to(world.clock.now().plus_days(30));
        Self { world, committee, database, people: 0 }
    }

    pub(crate) fn now(&self) -> Time {
        self.world.clock.now()
    }

    /// A docket of one suspension of somebody new, signed at `at`.
    pub(crate) fn docket(&mut self, at: Time) -> HandIn {
        self.people += 1;
        let drafted = self.committee.suspend(at, &support::committee::tag(self.people));
        self.committee.docket(at, &[&drafted], None)
    }

    /// Logs a docket of one; its index.
    pub(crate) async fn logs_one(&mut self) -> u64 {
        let docket = self.docket(self.now());
        let (status, answer) = self.world.submit(&serde_json::to_value(&docket).unwrap()).await;
        assert_eq!(status, 201, "{answer}");
        answer["index"].as_u64().unwrap()
    }

    /// An endpoint of alpha's, from what is logged next on; its id and secret.
    pub(crate) async fn endpoint(&self, url: &str) -> (EndpointId, String) {
        let made = put_endpoint(self.world.ledger.store(), url, self.world.ledger.size(), self.now()).await;
        self.world.delivery.look_at_endpoints();
        made
    }

    pub(crate) async fn ends(self) {
        self.world.stop().await;
        self.database.drop().await;
    }
}

/// Keeps an endpoint of alpha's that begins at an entry.
pub(crate) async fn put_endpoint(store: &Store, url: &str, from: u64, now: Time) -> (EndpointId, String) {
    let mut random = [0; 10];
    os_rng().fill_bytes(&mut random);
    let secret = Secret::draw(&mut os_rng());
    let id = EndpointId::new(now, random);
    let endpoint = StoredEndpoint::new(id, "alpha", url, secret.as_bytes(), from, now);
    store.put_endpoint(&endpoint).await.unwrap();
    (endpoint.id, secret.text().to_string())
}
