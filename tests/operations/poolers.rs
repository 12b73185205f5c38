//! PgBouncer, the real one: a pooler that keeps a session for who is connected will do, any other is refused at the start.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use callboard_registry::store::{NodeId, Store, StoreError};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{Database, Engine};

/// A PgBouncer before a database of its own; gone with the test.
struct PgBouncer {
    process: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl PgBouncer {
    /// Starts one before the test's PostgreSQL; `None` where there is none to start.
    fn start(settings: &str) -> Option<Self> {
        let (Ok(program), Ok(admin)) =
            (std::env::var("CALLBOARD_TEST_PGBOUNCER"), std::env::var("CALLBOARD_TEST_POSTGRES"))
        else {
            eprintln!("PgBouncer is left out: `cargo xtask test` gets one");
            return None;
        };
        let server = admin.rsplit_once(':').unwrap().1.split('/').next().unwrap().to_owned();
        let directory = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = directory.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = users.txt\nmax_client_conn = 200\n{settings}\n"
        );
        fs::write(&file, text).unwrap();
        let users = "\"postgres\" \"\"\n\"callboard_serving\" \"\"\n";
        fs::write(directory.path().join("users.txt"), users).unwrap();
        let mut command = Command::new(program);
        command
            .arg("-q")
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if rustix::process::geteuid().is_root() {
            // It refuses to run as root.
            command.args(["-u", "nobody"]);
        }
        let bouncer = Self { process: command.arg(&file).spawn().unwrap(), port, _directory: directory };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "PgBouncer does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(bouncer)
    }

    fn address(&self, database: &Database) -> String {
        let (server, name) = database.address.rsplit_once('/').unwrap();
        let (server, _) = server.rsplit_once(':').unwrap();
        format!("{server}:{}/{name}", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Uses the pooler as other programs do that share it, until it is dropped.
fn load(address: &str) -> tokio::task::JoinSet<()> {
    let mut busy = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let address = address.to_owned();
        busy.spawn(async move {
            let Ok(mut connection) = PgConnection::connect(&address).await else { return };
            while connection.execute(sqlx::raw_sql("BEGIN; SELECT pg_sleep(0.002); COMMIT")).await.is_ok() {}
        });
    }
    busy
}

#[tokio::test]
async fn a_pooler_that_gives_sessions_away_is_refused_with_a_sentence() {
    for settings in [
        "pool_mode = transaction",
        "pool_mode = transaction\nserver_round_robin = 1",
        "pool_mode = transaction\ndefault_pool_size = 1",
        "pool_mode = transaction\ndefault_pool_size = 2\nserver_round_robin = 1",
        "pool_mode = transaction\nserver_reset_query_always = 1",
        "pool_mode = transaction\nignore_startup_parameters = extra_float_digits",
        "pool_mode = transaction\nignore_startup_parameters = options",
        "pool_mode = statement",
    ] {
        let Some(bouncer) = PgBouncer::start(settings) else { return };
        let database = Database::new(Engine::Postgres, None).await;
        let address = bouncer.address(&database);
        for is_busy in [false, true] {
            let busy = if is_busy { load(&address) } else { tokio::task::JoinSet::new() };
            if is_busy {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            for _ in 0..3 {
                let refused = Store::open(&address).await.map(drop).expect_err(settings);
                assert!(matches!(refused, StoreError::TransactionPooler), "{settings}, busy {is_busy}: {refused:?}");
                assert!(refused.to_string().contains("pool_mode = session"), "{refused}");
            }
            drop(busy);
        }
        database.drop().await;
    }
}

#[tokio::test]
async fn a_pooler_that_keeps_sessions_serves_the_log() {
    for settings in [
        "pool_mode = session\ndefault_pool_size = 40",
        "pool_mode = session\ndefault_pool_size = 40\nserver_round_robin = 1",
    ] {
        let Some(bouncer) = PgBouncer::start(settings) else { return };
        let database = Database::new(Engine::Postgres, None).await;
        let address = bouncer.address(&database);
        let _busy = load(&address);
        for node in 1..4 {
            let store = Store::open(&address).await.unwrap();
            store.hold_writer_lock("callboard.example", false).await.unwrap();
            let head = store.take_over("callboard.example", NodeId::new([node; 16])).await.unwrap();
            assert_eq!(head.term.epoch, u64::from(node));
            store.close().await;
        }
        database.drop().await;
    }
}
