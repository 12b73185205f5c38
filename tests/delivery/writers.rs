//! Two `serve` on one store, and a network, a killer and a sleep between them: one history, never two roots of one size, and no
//! answer from an older size.
//!
//! `cargo xtask campaign writers` runs many rounds of it; the environment says how many and from which on.

mod proxy;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use callboard_client::clock::{Clock as _, MachineClock};
use callboard_federation::{
    encoding::{Hash, Octets, to_json},
    tlog::checkpoint::SignedCheckpoint,
};
use callboard_registry::{
    ledger::audit::{Audit, AuditStep},
    ledger::load::disclosure,
    store::Store,
};
use proxy::{Proxy, STEPS, When};

use crate::{
    Board,
    ports::free_ports,
    programs::programs,
    support::{Database, Engine, engines, hex},
};

/// Rounds where nobody asks for more: they take about half a minute.
const ROUNDS: u64 = 15;
const PATIENCE: Duration = Duration::from_mins(1);

/// A `serve` in a directory of its own; killed when it is dropped.
struct Node {
    directory: tempfile::TempDir,
    url: String,
    process: Option<Child>,
}

impl Node {
    /// What a node of the registry needs: its configuration, the log's key, the note that was signed last.
    fn new(database: &Database, store: &str, seed: &[u8; 32]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let [listen, metrics] = [0, 1].map(|_| format!("127.0.0.1:{}", free_ports(1)));
        let config = format!(
            "[registry]\nissuer = \"callboard.example\"\npublic_url = \"http://{listen}\"\nlisten = \"{listen}\"\n\
             metrics_listen = \"{metrics}\"\nstore = \"{store}\"\n[limits]\nrequests_per_second = 100000\n\
             request_burst = 100000\n[delivery]\nloopback = true\n"
        );
        fs::write(directory.path().join("callboard.toml"), config).unwrap();
        let key = directory.path().join("log.key");
        fs::write(&key, Octets(*seed).to_string()).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        fs::copy(database.signed_note(), directory.path().join("signed.note")).unwrap();
        Self { directory, url: format!("http://{listen}"), process: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn serve(&self, takes_over: bool) -> Child {
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut serve = Command::new(programs().join("callboard"));
        serve.args(["serve", "."]).args(takes_over.then_some("--take-over"));
        serve.current_dir(self.directory.path()).stdin(Stdio::null());
        serve.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    }

    /// Starts it, and waits until it answers.
    async fn start(&mut self, http: &reqwest::Client, takes_over: bool) {
        self.process = Some(self.serve(takes_over));
        let began = Instant::now();
        while http.get(format!("{}/healthz", self.url)).send().await.is_err() {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "{ended:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGKILL: it gets no chance to tidy up.
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What was ever seen of the log.
#[derive(Default)]
struct Seen {
    roots: BTreeMap<u64, Hash>,
    /// What was accepted: index and payload.
    accepted: BTreeMap<u64, Hash>,
}

impl Seen {
    fn note(&mut self, text: &str, what: &str) -> u64 {
        let note: SignedCheckpoint = text.parse().unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
        let stated = note.checkpoint();
        let known = *self.roots.entry(stated.size).or_insert(stated.root);
        assert_eq!(known, stated.root, "{what}: two roots of size {}", stated.size);
        stated.size
    }

    /// How much of the log was acknowledged by now.
    fn acknowledged(&self) -> u64 {
        self.accepted.last_key_value().map_or(0, |(index, _)| index + 1)
    }

    /// Asks a node for its newest checkpoint: it has what was acknowledged, or it doesn't answer.
    async fn ask(&mut self, http: &reqwest::Client, node: &Node, what: &str) -> Option<u64> {
        let least = self.acknowledged();
        let answer = http.get(format!("{}/log/checkpoint", node.url)).timeout(Duration::from_secs(20)).send().await;
        let answer = answer.ok()?;
        if answer.status() != 200 {
            return None;
        }
        let size = self.note(&answer.text().await.ok()?, what);
        assert!(size >= least, "{what}: {size} is answered after {least} was acknowledged\n{}", node.log());
        Some(size)
    }

    /// What a node has signed, whether anyone saw it or not.
    fn signed(&mut self, node: &Node, what: &str) {
        if let Ok(text) = fs::read_to_string(node.path("signed.note")) {
            self.note(&text, what);
        }
    }
}

/// Hands a docket in, once; its index if it is logged, else the status.
async fn submit(http: &reqwest::Client, node: &Node, docket: &[u8]) -> Result<u64, u16> {
    let request = http.post(format!("{}/v1/dockets", node.url)).body(docket.to_vec()).timeout(Duration::from_secs(20));
    let answer = request.send().await.map_err(|_| 0_u16)?;
    let status = answer.status().as_u16();
    let place: serde_json::Value = answer.json().await.map_err(|_| 0_u16)?;
    if matches!(status, 200 | 201) { Ok(place["index"].as_u64().unwrap()) } else { Err(status) }
}

/// Dockets that are ready to be handed in, each with the hash of its payload.
struct Dockets<'a>(&'a mut Board);

impl Dockets<'_> {
    fn next(&mut self) -> (Vec<u8>, Hash) {
        let docket = self.0.docket(MachineClock.now());
        (to_json(&docket), docket.docket.payload_hash())
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_serves_on_one_postgresql_make_one_history_whatever_is_cut_killed_or_put_to_sleep() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let (first, rounds) = (number("CALLBOARD_FIRST_ROUND", 0), number("CALLBOARD_ROUNDS", ROUNDS));
    let mut board = Board::begun(Engine::Postgres).await;
    let log_seed: [u8; 32] = hex(&board.committee.vectors["logKeySeed"]);
    board.world.halt().await;
    let (server, name) = board.database.address.rsplit_once('/').unwrap();
    let server = server.rsplit_once('@').unwrap().1.to_owned();
    let mut proxies = [Proxy::before(server.clone()).await, Proxy::before(server).await];
    let store = |proxy: &Proxy| format!("postgres://postgres@127.0.0.1:{}/{name}", proxy.port);
    let mut nodes = proxies.each_ref().map(|proxy| Node::new(&board.database, &store(proxy), &log_seed));
    let address = board.database.address.clone();
    let http = reqwest::Client::new();
    let mut seen = Seen::default();
    let mut cuts = 0;
    nodes[0].start(&http, false).await;
    let mut dockets = Dockets(&mut board);
    for round in first..first + rounds {
        let [writer, other] = &mut nodes;
        let [proxy, _] = &proxies;
        // Every cut of every step comes up, each followed now and then by a take-over, a kill or a sleep.
        let (step, when) =
            (STEPS[(round % 5) as usize], [When::Before, When::After, When::Late][(round / 5 % 3) as usize]);
        let what = format!("round {round}: {step} {when:?}");
        let (docket, payload) = dockets.next();
        proxy.cut(step, when);
        let handed = submit(&http, writer, &docket).await;
        cuts += u64::from(proxy.was_cut());
        if let Ok(index) = handed {
            seen.accepted.insert(index, payload);
        }
        seen.ask(&http, writer, &what).await;
        seen.signed(writer, &what);
        let swaps = match round % 4 {
            // It goes on by itself.
            0 => false,
            // The other takes over while this one has no network; then it has again.
            1 => {
                proxy.set_down(true);
                other.start(&http, true).await;
                true
            }
            // The other takes over while this one sleeps, which then wakes.
            2 => {
                writer.signal("-STOP");
                other.start(&http, true).await;
                true
            }
            // It is killed, and the other needs nobody's leave.
            _ => {
                writer.kill();
                other.start(&http, false).await;
                true
            }
        };
        if swaps {
            // As many as the one before may have written, so that the sizes are the same.
            for _ in 0..=round % 2 {
                let (docket, payload) = dockets.next();
                let index = submit(&http, other, &docket).await.unwrap_or_else(|status| {
                    panic!("{what}: {status} of the one that took over\n{}", other.log());
                });
                seen.accepted.insert(index, payload);
            }
            seen.ask(&http, other, &what).await;
            if writer.process.is_some() {
                proxy.set_down(false);
                writer.signal("-CONT");
                let (docket, _) = dockets.next();
                let (asked, late) = tokio::join!(seen.ask(&http, writer, &what), submit(&http, writer, &docket));
                assert_eq!(asked, None, "{what}: who was taken over from answers nothing");
                assert_eq!(late, Err(503), "{what}: {}", writer.log());
                seen.signed(writer, &what);
            }
            writer.kill();
            nodes.swap(0, 1);
            proxies.swap(0, 1);
        }
        // What wasn't known to be logged is handed in again: once, and whole, wherever it stands.
        let began = Instant::now();
        let index = loop {
            match submit(&http, &nodes[0], &docket).await {
                Ok(index) => break index,
                Err(status) => assert!(began.elapsed() < PATIENCE, "{what}: {status}\n{}", nodes[0].log()),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(*seen.accepted.entry(index).or_insert(payload), payload, "{what}");
        seen.ask(&http, &nodes[0], &what).await;
        seen.signed(&nodes[0], &what);
    }
    nodes.iter_mut().for_each(Node::kill);
    assert!(cuts >= rounds * 4 / 5, "{cuts} cuts in {rounds} rounds");
    is_one_history(&address, &seen).await;
    let Board { database, .. } = board;
    drop(nodes);
    database.drop().await;
}

/// The store's log is whole, bears out every root that was ever signed, and holds whatever was accepted, where that was said.
async fn is_one_history(address: &str, seen: &Seen) {
    let store = Store::open(address).await.unwrap();
    let size = store.head().await.unwrap().size;
    let mut audit = Audit::new(None);
    for stored in store.entries(0, size).await.unwrap() {
        assert_eq!(audit.take(&disclosure(stored).unwrap()).unwrap(), AuditStep::Continue);
    }
    for (size, root) in &seen.roots {
        assert_eq!(audit.replay().tree().root(*size), Some(*root), "the root of size {size}");
    }
    for (index, payload) in &seen.accepted {
        assert_eq!(audit.replay().index_of(payload), Some(*index), "what was accepted at {index}");
    }
    let report = callboard_registry::ledger::audit::of_store(&store, None, None).await.unwrap();
    assert!(report.is_clean(), "{report}");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_serve_on_one_file_is_refused_and_starts_once_the_first_was_killed() {
    let mut board = Board::begun(Engine::Sqlite).await;
    let log_seed: [u8; 32] = hex(&board.committee.vectors["logKeySeed"]);
    board.world.halt().await;
    let address = board.database.address.clone();
    let mut nodes = [(); 2].map(|()| Node::new(&board.database, &address, &log_seed));
    let http = reqwest::Client::new();
    let mut seen = Seen::default();
    nodes[0].start(&http, false).await;
    let mut dockets = Dockets(&mut board);
    for round in 0..4 {
        let what = format!("round {round}");
        let [writer, other] = &mut nodes;
        let mut refused = other.serve(round % 2 == 1);
        assert!(!refused.wait().unwrap().success(), "{what}");
        let lock = format!("{}.lock", Path::new(address.strip_prefix("sqlite:").unwrap()).display());
        assert!(other.log().contains(&format!("it holds {lock}")), "{what}: {}", other.log());
        let (docket, payload) = dockets.next();
        let index = submit(&http, writer, &docket).await.unwrap_or_else(|status| panic!("{status}: {}", writer.log()));
        seen.accepted.insert(index, payload);
        seen.ask(&http, writer, &what).await.unwrap();
        // Others read meanwhile.
        let mut audit = Command::new(env!("CARGO_BIN_EXE_callboard"));
        let audited = audit.args(["audit", "."]).current_dir(writer.directory.path()).output().unwrap();
        assert!(audited.status.success(), "{}", String::from_utf8_lossy(&audited.stderr));
        let mut export = Command::new(env!("CARGO_BIN_EXE_callboard"));
        let exported = export.args(["export", &what]).current_dir(writer.directory.path()).output().unwrap();
        assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
        writer.kill();
        other.start(&http, false).await;
        assert_eq!(seen.ask(&http, other, &what).await, Some(index + 1));
        nodes.swap(0, 1);
    }
    nodes.iter_mut().for_each(Node::kill);
    is_one_history(&address, &seen).await;
    let Board { database, .. } = board;
    database.drop().await;
}
