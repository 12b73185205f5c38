//! Dockets pushed to endpoints, attempts recorded durably, beside a bare reqwest loop of the same bytes and concurrency.
//!
//! The endpoints are one small server in this process, an address each by path, so that each is a worker of its own; the bare
//! loop posts the bodies that were pushed to the same server. Both sides share both cores with it.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, http::StatusCode};
use callboard_client::{clock::HandClock, http};
use callboard_federation::encoding::EndpointId;
use callboard_registry::{
    delivery::{Delivery, guard::Guard},
    ledger::Ledger,
    store::{Store, endpoints::StoredEndpoint},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, runtime::Runtime, task::JoinSet};

use crate::{
    fixture::{Fixture, USUAL},
    row::Row,
    sequencer::{begun, hand_in_all},
    support::{Database, Engine},
};

/// Endpoints of the large row, of the small one, and dockets of a round of the small one.
const MANY: usize = 1_000;
const FEW: usize = 20;
const DOCKETS: usize = 100;
/// Dockets of a round beside an endpoint that hangs.
const ROUND: usize = 10;
/// Dockets of the log that is replayed.
const REPLAYED: usize = 100_000;

fn rows(engine: Engine) -> [Row; 3] {
    match engine {
        Engine::Sqlite => [
            Row { name: "delivery many sqlite", floor: 0.2, goal: 0.4 },
            Row { name: "delivery few sqlite", floor: 0.15, goal: 0.3 },
            Row { name: "delivery hanging sqlite", floor: 0.9, goal: 1.0 },
        ],
        Engine::Postgres => [
            Row { name: "delivery many postgres", floor: 0.2, goal: 0.4 },
            Row { name: "delivery few postgres", floor: 0.15, goal: 0.3 },
            Row { name: "delivery hanging postgres", floor: 0.9, goal: 1.0 },
        ],
    }
}

/// How many messages the server has taken, and those of the first endpoint.
#[derive(Clone, Default)]
struct Taken(Arc<AtomicUsize>, Arc<Mutex<Vec<Bytes>>>);

impl Taken {
    async fn reach(&self, count: usize) {
        while self.0.load(Ordering::SeqCst) < count {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }
}

/// A server that takes everything, but what goes to `/hang`, which is never answered.
async fn server() -> (String, Taken) {
    let taken = Taken::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = taken.clone();
    let take = move |request: axum::extract::Request| {
        let count = count.clone();
        async move {
            if request.uri().path() == "/hang" {
                tokio::time::sleep(Duration::from_hours(1)).await;
            }
            let is_first = request.uri().path() == "/0";
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
            if is_first {
                count.1.lock().unwrap().push(body);
            }
            count.0.fetch_add(1, Ordering::SeqCst);
            StatusCode::NO_CONTENT
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
    (url, taken)
}

struct World {
    ledger: Arc<Ledger>,
    store: Store,
    delivery: Arc<Delivery>,
    taken: Taken,
    url: String,
    database: Database,
    fixture: Fixture,
}

impl World {
    async fn start(engine: Engine, urls: impl Iterator<Item = String>) -> Self {
        let fixture = Fixture::new();
        let database = Database::new(engine, None).await;
        let (ledger, store) = begun(&database, &fixture).await;
        let (url, taken) = server().await;
        let clock = Arc::new(HandClock::at(fixture.now));
        let delivery = Delivery::start(ledger.clone(), clock, Guard { loopback: true }, "").unwrap();
        let world = Self { ledger, store, delivery, taken, url, database, fixture };
        for (at, path) in urls.enumerate() {
            world.put_endpoint(&path, at, world.ledger.size()).await;
        }
        world.delivery.look_at_endpoints();
        world
    }

    /// Keeps an endpoint at a path of the server, from an entry on.
    async fn put_endpoint(&self, path: &str, at: usize, next_index: u64) {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&(at as u64).to_be_bytes());
        let id = EndpointId::new(self.fixture.now, random);
        let (member, url) = (format!("member-{at}"), format!("{}{path}", self.url));
        let endpoint = StoredEndpoint::new(id, &member, &url, &[1; 32], next_index, self.fixture.now);
        self.store.put_endpoint(&endpoint).await.unwrap();
    }

    /// The messages that one endpoint gets of such dockets.
    async fn bodies(&mut self, dockets: usize, each: usize, endpoints: usize) -> Vec<Bytes> {
        self.push(dockets, each, endpoints).await;
        std::mem::take(&mut *self.taken.1.lock().unwrap())
    }

    /// Logs dockets of `each` and waits until every endpoint has all, and every attempt is in the store.
    async fn push(&mut self, dockets: usize, each: usize, endpoints: usize) -> Duration {
        let handed: Vec<_> = (0..dockets).map(|_| self.fixture.docket(each)).collect();
        let messages = dockets * each.div_ceil(64) * endpoints;
        let (before, kept) = (self.taken.0.load(Ordering::SeqCst), self.store.count_attempts().await.unwrap());
        let began = Instant::now();
        hand_in_all(&self.ledger, handed).await;
        self.taken.reach(before + messages).await;
        while self.store.count_attempts().await.unwrap() < kept + messages as u64 {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        began.elapsed()
    }

    /// The same messages by hand: each endpoint's one after another, as workers do; signed with a key that is prepared.
    async fn bare(&self, client: &reqwest::Client, bodies: &[Bytes], endpoints: usize) -> Duration {
        let began = Instant::now();
        let mut loops = JoinSet::new();
        for endpoint in 0..endpoints {
            let (client, bodies, url) = (client.clone(), bodies.to_vec(), format!("{}/{endpoint}", self.url));
            loops.spawn(async move {
                for body in bodies {
                    let post = client.post(&url).header("content-type", "application/json").body(body);
                    post.send().await.unwrap().error_for_status().unwrap();
                }
            });
        }
        loops.join_all().await;
        began.elapsed()
    }

    async fn end(self) {
        self.delivery.stop();
        drop((self.ledger, self.delivery));
        self.store.close().await;
        self.database.drop().await;
    }
}

/// What a thousand deliveries cost besides time: the memory of endpoints that all hang, and statements. For people to read.
fn costs(runtime: &Runtime, statements: &PrometheusHandle) {
    let resident = || {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4 / 1_024
    };
    let before = resident();
    let mut world = runtime.block_on(World::start(Engine::Sqlite, (0..MANY).map(|_| "/hang".to_owned())));
    let docket = world.fixture.docket(USUAL);
    runtime.block_on(async {
        world.ledger.submit(docket).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
    });
    println!("info delivery memory of 1,000 that hang, MiB {}", resident().saturating_sub(before));
    runtime.block_on(world.end());
    let mut world = runtime.block_on(World::start(Engine::Sqlite, (0..MANY).map(|at| format!("/{at}"))));
    let count = || {
        let told = statements.render();
        let line = told.lines().find(|line| line.starts_with("store_transaction_seconds_count{name=\"keep-attempts\""));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0)
    };
    let before = count();
    runtime.block_on(world.push(ROUND, 1, MANY));
    // BEGIN, attempts, workers, COMMIT.
    let deliveries = f64::from(u32::try_from(ROUND * MANY).unwrap());
    let each = (count() - before) * 4.0 / deliveries;
    println!("info delivery statements {each:.4}");
    runtime.block_on(world.end());
}

/// A log of 10⁵ dockets sent again to one endpoint. For people to read.
fn replay(runtime: &Runtime) {
    let mut world = runtime.block_on(World::start(Engine::Sqlite, std::iter::empty()));
    for _ in 0..REPLAYED / 1_000 {
        let dockets = (0..1_000).map(|_| world.fixture.docket(1)).collect();
        runtime.block_on(hand_in_all(&world.ledger, dockets));
    }
    runtime.block_on(async {
        let from = world.ledger.size() - REPLAYED as u64;
        world.put_endpoint("/replayed", 0, from).await;
        let began = Instant::now();
        world.delivery.look_at_endpoints();
        world.taken.reach(REPLAYED).await;
        let dockets = f64::from(u32::try_from(REPLAYED).unwrap());
        println!("info delivery replay, dockets a second {:.0}", dockets / began.elapsed().as_secs_f64());
        world.end().await;
    });
}

pub(crate) fn measure(runtime: &Runtime, engine: Engine, asked: impl Fn(&str) -> bool) {
    if engine == Engine::Sqlite && asked("delivery costs") {
        let recorder = PrometheusBuilder::new().install_recorder().unwrap();
        costs(runtime, &recorder);
    }
    if engine == Engine::Sqlite && asked("delivery replay") {
        replay(runtime);
    }
    let [many, few, hanging] = rows(engine);
    let client = http::direct_client().unwrap();
    if asked(many.name) {
        let mut world = runtime.block_on(World::start(engine, (0..MANY).map(|at| format!("/{at}"))));
        let bodies = runtime.block_on(world.bodies(1, USUAL, MANY));
        let cell = RefCell::new(&mut world);
        many.measure(
            |_| runtime.block_on(cell.borrow().bare(&client, &bodies, MANY)),
            |_| runtime.block_on(cell.borrow_mut().push(1, USUAL, MANY)),
        );
        runtime.block_on(world.end());
    }
    if asked(few.name) {
        let mut world = runtime.block_on(World::start(engine, (0..FEW).map(|at| format!("/{at}"))));
        let bodies = runtime.block_on(world.bodies(DOCKETS, 1, FEW));
        let cell = RefCell::new(&mut world);
        few.measure(
            |_| runtime.block_on(cell.borrow().bare(&client, &bodies, FEW)),
            |_| runtime.block_on(cell.borrow_mut().push(DOCKETS, 1, FEW)),
        );
        runtime.block_on(world.end());
    }
    if asked(hanging.name) {
        // 999 that answer, beside one that never does: their rate, and what it is without that one.
        let mut without = runtime.block_on(World::start(engine, (0..MANY - 1).map(|at| format!("/{at}"))));
        let paths = (0..MANY).map(|at| if at == 0 { "/hang".to_owned() } else { format!("/{at}") });
        let mut with = runtime.block_on(World::start(engine, paths));
        runtime.block_on(without.push(1, 1, MANY - 1));
        runtime.block_on(with.push(1, 1, MANY - 1));
        hanging.measure(
            |_| runtime.block_on(without.push(ROUND, 1, MANY - 1)),
            |_| runtime.block_on(with.push(ROUND, 1, MANY - 1)),
        );
        runtime.block_on(async {
            without.end().await;
            with.end().await;
        });
    }
}
