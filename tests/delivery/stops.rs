//! A registry's process that is told to stop while all that it waits for hangs, and all who wait for it.

use std::{
    io::Write as _,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use callboard_client::{
    clock::{Clock as _, MachineClock},
    http::{self, Caller},
    runtime::os_rng,
};
use callboard_federation::encoding::to_json;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    Board,
    kills::{Process, lay_out},
    put_endpoint,
    support::{Engine, engines},
};

/// By then a program has ended that was told to.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// How long the test waits for whatever comes by itself.
const PATIENCE: Duration = Duration::from_mins(1);
/// Whoever isn't answered by then is held.
const HELD: Duration = Duration::from_millis(300);

/// A server that takes connections and says nothing.
struct Hanging {
    address: String,
    connections: Arc<AtomicUsize>,
}

impl Hanging {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, connections) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicUsize::new(0)));
        let counted = connections.clone();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.push(stream);
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, connections }
    }

    async fn is_waited_for(&self) {
        until(async || self.connections.load(Ordering::SeqCst) > 0).await;
    }
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "it does not come to hold");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Somebody else's transaction that has the head row, or the file, and goes on.
enum Locking {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Locking {
    async fn begin(engine: Engine, address: &str) -> Self {
        match engine {
            Engine::Sqlite => {
                let mut connection = SqliteConnection::connect(address).await.unwrap();
                connection.execute(sqlx::raw_sql("BEGIN IMMEDIATE")).await.unwrap();
                Self::Sqlite(connection)
            }
            Engine::Postgres => {
                let mut connection = PgConnection::connect(address).await.unwrap();
                connection.execute(sqlx::raw_sql("BEGIN; SELECT size FROM head FOR UPDATE")).await.unwrap();
                Self::Postgres(connection)
            }
        }
    }

    async fn ends(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await.unwrap(),
            Self::Postgres(connection) => connection.close().await.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_ends_within_ten_seconds_of_being_told_to_whatever_hangs() {
    for engine in engines() {
        let mut board = Board::begun(engine).await;
        let (now, seat) = (MachineClock.now(), board.committee.seat("panel-1"));
        let docket = to_json(&board.docket(now));
        let (hook, witness) = (Hanging::start().await, Hanging::start().await);
        put_endpoint(board.world.ledger.store(), &format!("http://{}/hook", hook.address), 0, now).await;
        let size = board.world.ledger.size();
        let Board { world, database, committee, .. } = board;
        world.stop().await;

        let directory = tempfile::tempdir().unwrap();
        let asked = format!("[witnesses]\nask = [\"http://{}\"]\n", witness.address);
        let listen = lay_out(directory.path(), &database, &committee, &asked);
        let mut process = Process::start(directory.path());
        let http = http::client().unwrap();
        let ready = format!("http://{listen}/healthz");
        until(async || http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success())).await;
        hook.is_waited_for().await;
        witness.is_waited_for().await;

        // Who waits for news, and who doesn't say all of what they have to say.
        let feed = format!("http://{listen}/v1/feed?from={size}&wait=55");
        let client = http.clone();
        let mut reading =
            tokio::spawn(
                async move { Caller::new(client, &seat, &MachineClock).get(&feed, &mut os_rng()).await.map(drop) },
            );
        assert!(timeout(HELD, &mut reading).await.is_err(), "there is no news");
        let half = b"POST /v1/receipts HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{";
        let _open = [&half[..], b"GET /v1/roster HTTP/1.1\r\nHo", b""].map(|sent| {
            let mut stream = TcpStream::connect(&listen).unwrap();
            stream.write_all(sent).unwrap();
            stream
        });
        // The store gives what the log needs to somebody else, for as long as it likes.
        let locking = Locking::begin(engine, &database.address).await;
        let logging = http.post(format!("http://{listen}/v1/dockets")).body(docket).timeout(PATIENCE).send();
        let mut logging = tokio::spawn(logging);
        assert!(timeout(HELD, &mut logging).await.is_err(), "the store is another's");

        let told = Instant::now();
        kill_process(Pid::from_child(&process.0), Signal::TERM).unwrap();
        let status = loop {
            if let Some(status) = process.0.try_wait().unwrap() {
                break status;
            }
            assert!(told.elapsed() < ENDS_WITHIN, "{engine:?}: {}", log(directory.path()));
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        eprintln!("{engine:?}: it ended after {:?}", told.elapsed());
        assert!(status.success(), "{status}: {}", log(directory.path()));
        reading.await.unwrap().expect("who waits for news is answered before the end");
        let is_logged = logging.await.unwrap().is_ok_and(|answer| answer.status().is_success());
        assert!(!is_logged, "the store was another's");
        locking.ends().await;
        database.drop().await;
    }
}

fn log(directory: &std::path::Path) -> String {
    std::fs::read_to_string(directory.join("log")).unwrap_or_default()
}
