//! A full disk and a database that only reads: what can't be written is refused, what only reads goes on, and all of it ends by
//! itself once the cause is gone.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::{
    caller::{Answer, Registry, key, with},
    support::{Database, Engine, committee::tag, engines},
};

/// No claim waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// A disk of its own in memory, gone with the test. `None` where we may not mount one.
struct Disk(PathBuf);

impl Disk {
    fn mount() -> Option<Self> {
        let place = tempfile::tempdir().unwrap().keep();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=288m", "callboard-test"]).arg(&place).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(place));
        }
        eprintln!("a full disk is left out: only root may mount one");
        fs::remove_dir(place).unwrap();
        None
    }

    /// Fills it to the last byte; gives the file that does.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
        drop(fs::remove_dir(&self.0));
    }
}

/// Has PostgreSQL take no writes, or take them again; whoever is connected comes anew.
async fn set_read_only(database: &Database, is_read_only: bool) {
    let name = database.address.rsplit_once('/').unwrap().1;
    let mut admin = PgConnection::connect(&std::env::var("CALLBOARD_TEST_POSTGRES").unwrap()).await.unwrap();
    for sql in [
        format!("ALTER DATABASE {name} SET default_transaction_read_only = {is_read_only}"),
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    ] {
        admin.execute(sqlx::query(sqlx::AssertSqlSafe(sql))).await.unwrap();
    }
}

/// A docket too large for what is left in files that are there already.
fn large(registry: &mut Registry) -> Vec<u8> {
    let at = registry.now();
    let drafted: Vec<_> = (100..400).map(|person| registry.committee.suspend(at, &tag(person))).collect();
    serde_json::to_vec(&registry.committee.docket(at, &drafted.iter().collect::<Vec<_>>(), None)).unwrap()
}

/// Everything that only reads is answered, and each request once.
async fn reading_goes_on(registry: &Registry, share: &str) {
    let beta = key("beta");
    for path in ["/v1/feed?from=0", "/v1/dockets?limit=1", "/log/checkpoint"] {
        let answer = registry.signed(&beta, Method::GET, path, b"").await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let question = json!({"persons": [[{"epoch": 1, "tag": tag(1)}]]}).to_string();
    let answer = registry.signed(&beta, Method::POST, "/v1/standings", question.as_bytes()).await;
    assert_eq!((answer.status, &answer.json()["standings"][0]["action"]), (200, &json!("refuse")), "{}", answer.text());
    assert_eq!(registry.signed(&beta, Method::POST, share, b"").await.status, 200);
    registry.is_witnessed().await;
    assert_eq!(registry.get("/v1/roster").await.status, 200, "and it is seen that witnesses watch");
    let (path, nonce) = ("/v1/feed?from=0", registry.nonce());
    let headers = registry.signature(&beta, &Method::GET, path, b"", registry.now(), nonce);
    for expected in [200, 401] {
        let asked: Answer = registry.send(with(registry.request(Method::GET, path), &headers)).await;
        assert_eq!(asked.status, expected, "a nonce is taken once: {}", asked.text());
    }
}

/// A registry, and the address of a share that it gives.
async fn with_share(database: Database) -> (Registry, String) {
    let mut registry = Registry::watched_on(database).await;
    let at = registry.now();
    let drafted = registry.committee.suspend(at, &tag(1));
    let docket = registry.committee.docket(at, &[&drafted], None);
    registry.logs(&docket).await;
    let share = format!("/v1/records/{}/share", drafted.record());
    (registry, share)
}

async fn is_ready(registry: &Registry) {
    let began = Instant::now();
    loop {
        let answer = registry.get("/readyz").await;
        if answer.status == 200 {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whatever ailed it is over: it ends by itself.
async fn ends_by_itself(registry: &Registry, docket: &[u8], share: &str) {
    let began = Instant::now();
    loop {
        let answer = registry.post("/v1/dockets", docket.to_vec()).await;
        if matches!(answer.status, 200 | 201) {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    reading_goes_on(registry, share).await;
    is_ready(registry).await;
    assert!(registry.world.ledger.refresh().await.is_ok());
    registry.world.ledger.store().count_late_shares().await.unwrap();
    let record = share.split('/').nth(3).unwrap().parse().unwrap();
    let given = registry.world.ledger.store().share_recipients(record).await.unwrap();
    assert_eq!(given[0].times, 2, "what was given meanwhile is counted");
}

#[tokio::test]
async fn a_full_disk_stops_no_reader_is_told_and_ends_by_itself() {
    let Some(disk) = Disk::mount() else { return };
    let directory = tempfile::tempdir_in(&disk.0).unwrap();
    let (mut registry, share) = with_share(Database::within(Engine::Sqlite, None, directory).await).await;
    let docket = large(&mut registry);
    let size = registry.world.ledger.size();
    let filler = disk.fill();
    registry.post("/v1/dockets", docket.clone()).await.is_problem(503, "unavailable");
    registry.get("/readyz").await.is_problem(503, "not-ready");
    reading_goes_on(&registry, &share).await;
    // A second attempt fails no other way than the first.
    registry.post("/v1/dockets", docket.clone()).await.is_problem(503, "unavailable");
    assert_eq!(registry.world.ledger.size(), size);
    fs::remove_file(filler).unwrap();
    ends_by_itself(&registry, &docket, &share).await;
    registry.ends().await;
}

#[tokio::test]
async fn what_is_committed_while_its_note_cannot_be_kept_is_shown_once_it_can() {
    let Some(disk) = Disk::mount().filter(|_| engines().contains(&Engine::Postgres)) else { return };
    let directory = tempfile::tempdir_in(&disk.0).unwrap();
    let (mut registry, share) = with_share(Database::within(Engine::Postgres, None, directory).await).await;
    let docket = large(&mut registry);
    let size = registry.world.ledger.size();
    let filler = disk.fill();
    registry.post("/v1/dockets", docket.clone()).await.is_problem(503, "unavailable");
    registry.get("/readyz").await.is_problem(503, "not-ready");
    // It is in the store, and nobody is shown it: its note doesn't lie outside yet.
    assert_eq!(registry.world.ledger.store().head().await.unwrap().size, size + 1);
    assert_eq!(registry.world.ledger.size(), size);
    fs::remove_file(filler).unwrap();
    let mut board = registry.world.ledger.subscribe();
    let published = board.wait_for(|board| board.newest.size == size + 1);
    tokio::time::timeout(PATIENCE, published).await.unwrap().unwrap();
    assert_eq!(registry.post("/v1/dockets", docket.clone()).await.status, 200, "it was logged before");
    is_ready(&registry).await;
    assert_eq!(registry.signed(&key("beta"), Method::POST, &share, b"").await.status, 200);
    registry.ends().await;
}

#[tokio::test]
async fn a_database_that_only_reads_stops_no_reader_and_ends_by_itself() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let (mut registry, share) = with_share(Database::new(Engine::Postgres, None).await).await;
    let docket = large(&mut registry);
    set_read_only(&registry.database, true).await;
    registry.post("/v1/dockets", docket.clone()).await.is_problem(503, "unavailable");
    registry.get("/readyz").await.is_problem(503, "not-ready");
    reading_goes_on(&registry, &share).await;
    set_read_only(&registry.database, false).await;
    ends_by_itself(&registry, &docket, &share).await;
    registry.ends().await;
}
