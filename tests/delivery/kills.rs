//! A registry's process that is killed in a burst of dockets, twenty times on each engine.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use axum::{http::StatusCode, response::IntoResponse as _};
use callboard_client::clock::{Clock as _, MachineClock};
use callboard_federation::encoding::{Octets, to_json};

use crate::{
    Board,
    ports::free_ports,
    programs::programs,
    put_endpoint,
    receiver::Receiver,
    support::{Database, committee::Committee, engines, hex},
};

const KILLS: usize = 20;
const DOCKETS: usize = 400;
const RECEIVERS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(90);

/// A registry's process; killed when it is dropped.
pub(crate) struct Process(pub(crate) Child);

/// Lays out the data directory of a registry on a database of the vectors' log, with `more` in its configuration; where it
/// will listen.
pub(crate) fn lay_out(directory: &Path, database: &Database, committee: &Committee, more: &str) -> String {
    fs::copy(database.signed_note(), directory.join("signed.note")).unwrap();
    let [listen, metrics] = [0, 1].map(|_| format!("127.0.0.1:{}", free_ports(1)));
    let config = format!(
        "[registry]\nissuer = \"callboard.example\"\npublic_url = \"http://{listen}\"\nlisten = \"{listen}\"\n\
         metrics_listen = \"{metrics}\"\nstore = \"{}\"\n[limits]\nrequests_per_second = 100000\nrequest_burst = 100000\n\
         [delivery]\nloopback = true\n{more}",
        database.address
    );
    fs::write(directory.join("callboard.toml"), config).unwrap();
    let (key, seed) = (directory.join("log.key"), hex(&committee.vectors["logKeySeed"]));
    fs::write(&key, Octets::<32>(seed).to_string()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    listen
}

impl Process {
    pub(crate) fn start(directory: &Path) -> Self {
        let log = fs::File::options().create(true).append(true).open(directory.join("log")).unwrap();
        let mut serve = Command::new(programs().join("callboard"));
        serve.args(["serve", "."]).current_dir(directory).stdin(Stdio::null());
        Self(serve.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: it gets no chance to tidy up.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_killed_twenty_times_in_a_burst_pushes_every_docket_to_every_endpoint_in_order() {
    for engine in engines() {
        let mut board = Board::begun(engine).await;
        let now = MachineClock.now();
        let dockets: Vec<Vec<u8>> = (0..DOCKETS).map(|_| to_json(&board.docket(now))).collect();
        let mut receivers = Vec::new();
        for at in 0..RECEIVERS {
            let receiver = Receiver::start().await;
            // One fails now and then: what it didn't take comes again before anything else.
            let mut asked = 0;
            receiver.answers(move |_| {
                asked += 1;
                let fails = at == 0 && asked % 40 == 0;
                if fails { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }.into_response()
            });
            let from = board.world.ledger.size();
            put_endpoint(board.world.ledger.store(), &receiver.url, from, now).await;
            receivers.push(receiver);
        }
        let first = board.world.ledger.size();
        let Board { world, database, committee, .. } = board;
        world.stop().await;

        let directory = tempfile::tempdir().unwrap();
        let listen = lay_out(directory.path(), &database, &committee, "");

        let url = format!("http://{listen}/v1/dockets");
        let handing = tokio::spawn(async move {
            let http = reqwest::Client::new();
            for docket in dockets {
                // The registry comes and goes; the same payload again gets the same answer.
                loop {
                    let answer = http.post(&url).body(docket.clone()).timeout(Duration::from_secs(5)).send().await;
                    if answer.is_ok_and(|answer| answer.status().is_success()) {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        });
        let mut process = Process::start(directory.path());
        let mut killed = 0;
        while killed < KILLS {
            // Somewhere in the burst, each time a little later after its start than the last.
            let before = receivers[1].pushed().len();
            let began = Instant::now();
            while receivers[1].pushed().len() < before + 1 + killed && !handing.is_finished() {
                assert!(began.elapsed() < PATIENCE, "nothing is pushed: {}", log(directory.path()));
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            drop(process);
            killed += 1;
            process = Process::start(directory.path());
        }
        tokio::time::timeout(PATIENCE, handing).await.unwrap_or_else(|_| panic!("{}", log(directory.path()))).unwrap();
        let last = first + DOCKETS as u64 - 1;
        for receiver in &receivers {
            receiver.until(|pushed| pushed.iter().any(|one| one.message().data.index == last)).await;
            // Nothing is left out, and nothing comes before what stands before it; after a kill some come again.
            let mut next = first;
            for index in receiver.indexes() {
                assert!(index <= next, "{engine:?}: {index} came before {next}");
                next = next.max(index + 1);
            }
            assert_eq!(next, last + 1);
        }
        let repeated: usize = receivers.iter().map(|receiver| receiver.pushed().len() - DOCKETS).sum();
        eprintln!("{engine:?}: {KILLS} kills, {repeated} of {} came again", RECEIVERS * DOCKETS);
        drop(process);
        database.drop().await;
    }
}

fn log(directory: &Path) -> String {
    fs::read_to_string(directory.join("log")).unwrap_or_default()
}
