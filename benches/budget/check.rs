//! An agent's answers over HTTP: known people beside a bare handler of the same bytes, new ones beside the cryptography
//! that there is no way around. Registry and token service are a sandbox's, in a process of its own.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, routing::post};
use callboard_agent::{agent::Agent, config::Config, token};
use callboard_client::{clock::MachineClock, http};
use callboard_federation::{
    identity::{Identity, IdentityKind},
    tag::{Epoch, Tag},
    token::{Blind, Evaluation, SealKey, finalise},
};
use callboard_keys::MemberKey;
use callboard_tokens::{Evaluate as _, TokenSecret};
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::{net::TcpListener, runtime::Runtime, task::JoinSet};

use crate::{
    row::{Row, inform, time},
    sandbox::{PASSPHRASE, Sandbox, number, until},
};

pub(crate) const KNOWN: Row = Row { name: "check known", floor: 0.80, goal: 0.95 };
pub(crate) const NEW: Row = Row { name: "check new", floor: 0.50, goal: 0.80 };
pub(crate) const CSV: &str = "check csv";

/// Checks of a round, and connections that ask at once.
const CHECKS: usize = 16_384;
const CALLERS: usize = 256;
/// New people of a round, and of one request.
const NEW_PEOPLE: usize = 400;
const AT_ONCE: usize = 200;
/// Known people, and rows of a list about them.
const PEOPLE: usize = 1_000;
const ROWS: usize = 20_000;

struct World {
    _sandbox: Sandbox,
    running: Agent,
    client: reqwest::Client,
    url: String,
}

/// Measures the rows that are asked for.
pub(crate) fn measure(runtime: &Runtime, asked: impl Fn(&str) -> bool) {
    let world = runtime.block_on(World::start());
    if asked(KNOWN.name) {
        known(runtime, &world);
    }
    if asked(NEW.name) {
        new(runtime, &world);
    }
    if asked(CSV) {
        csv(runtime, &world);
    }
    runtime.block_on(world.running.stop());
}

impl World {
    async fn start() -> Self {
        let sandbox = Sandbox::start(&["--without-agent"]).await;
        let config = Config::read(&sandbox.member()).unwrap();
        let key = MemberKey::open(&config.key, PASSPHRASE.into()).unwrap();
        let directory = config.directory.clone();
        let running = Agent::start(config, key, Arc::new(MachineClock), None).await.unwrap();
        let token = token::read(&directory).unwrap();
        let (client, url) = (http::agent_client(token.as_str()).unwrap(), format!("http://{}", running.addr));
        let ready = format!("{url}/readyz");
        until(async || client.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success())).await;
        Self { _sandbox: sandbox, running, client, url }
    }

    async fn ask(&self, body: String) -> Bytes {
        ask(&self.client, &format!("{}/check", self.url), body).await
    }
}

async fn ask(client: &reqwest::Client, url: &str, body: String) -> Bytes {
    let asked = client.post(url).header("content-type", "application/json").body(body);
    asked.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap()
}

fn question(person: usize) -> String {
    let number = number(person);
    format!(r#"{{"ref":"host-{person}","identities":[{{"kind":"cn-id","value":"{number}"}}]}}"#)
}

fn list(people: impl Iterator<Item = usize>) -> String {
    format!("[{}]", people.map(question).collect::<Vec<_>>().join(","))
}

fn known(runtime: &Runtime, world: &World) {
    runtime.block_on(world.ask(list(0..PEOPLE)));
    // The bare handler takes the body whole, as ours does, and gives the bytes of an answer.
    let answer = runtime.block_on(world.ask(question(0)));
    let bare = runtime.block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route(
            "/check",
            post(move |_: Bytes| {
                let answer = answer.clone();
                async move { ([("content-type", "application/json"), ("cache-control", "no-store")], answer) }
            }),
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    });
    let all = |url: &str| {
        let (client, url) = (world.client.clone(), format!("{url}/check"));
        time(|| {
            runtime.block_on(async {
                let mut callers = JoinSet::new();
                for caller in 0..CALLERS {
                    let (client, url) = (client.clone(), url.clone());
                    callers.spawn(async move {
                        for next in 0..CHECKS / CALLERS {
                            ask(&client, &url, question((caller * 31 + next) % PEOPLE)).await;
                        }
                    });
                }
                callers.join_all().await
            })
        })
    };
    KNOWN.measure(|_| all(&bare), |_| all(&world.url));
}

fn new(runtime: &Runtime, world: &World) {
    let secret = TokenSecret::derive(&[7; 32], "sandbox.test", Epoch::new(1).unwrap()).unwrap();
    let mut rng = StdRng::seed_from_u64(3);
    let mut next = PEOPLE;
    NEW.measure(
        |_| {
            let mut took = Duration::ZERO;
            for batch in 0..NEW_PEOPLE / AT_ONCE {
                let normalise =
                    |at| Identity::normalise(IdentityKind::CnId, &number(batch * AT_ONCE + at), false).unwrap();
                let identities: Vec<Identity> = (0..AT_ONCE).map(normalise).collect();
                took += time(|| cryptography(&secret, &identities, &mut rng));
            }
            took
        },
        |_| {
            let mut took = Duration::ZERO;
            for _ in 0..NEW_PEOPLE / AT_ONCE {
                let asked = list(next..next + AT_ONCE);
                next += AT_ONCE;
                let began = Instant::now();
                let answers = runtime.block_on(world.ask(asked));
                took += began.elapsed();
                assert!(!String::from_utf8_lossy(&answers).contains("unavailable"), "not everyone was looked up");
            }
            took
        },
    );
}

/// Tags and seal keys as whoever holds the token key and the identities makes them.
pub(crate) fn cryptography(secret: &TokenSecret, identities: &[Identity], rng: &mut StdRng) -> Vec<(Tag, SealKey)> {
    let inputs: Vec<_> = identities.iter().map(Identity::prf_input).collect();
    let blinds: Vec<Blind> = inputs.iter().map(|_| Blind::draw(rng)).collect();
    let points: Vec<_> = inputs.iter().zip(&blinds).map(|(input, blind)| blind.blind(input).unwrap()).collect();
    let answer = secret.evaluate(&points, rng).unwrap();
    let evaluated = Evaluation::read(&secret.public(), &points, &answer).unwrap();
    let inputs: Vec<(&[u8], &Blind)> = inputs.iter().map(|input| input.as_slice()).zip(&blinds).collect();
    finalise(&inputs, &evaluated).unwrap()
}

/// A list of known people, through the program that people run, beside reading and parsing the same list.
fn csv(runtime: &Runtime, world: &World) {
    runtime.block_on(world.ask(list(0..PEOPLE)));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("list.csv");
    let mut sheet = "ref,kind,identity\n".to_owned();
    for row in 0..ROWS {
        let person = row % PEOPLE;
        sheet.extend(["host-", &person.to_string(), ",cn-id,", &number(person), "\n"]);
    }
    std::fs::write(&path, sheet).unwrap();
    let addr = world.running.addr.to_string();
    inform(
        CSV,
        |_| {
            time(|| {
                let mut reader = csv::Reader::from_path(&path).unwrap();
                reader.byte_records().map(|record| record.unwrap().len()).sum::<usize>()
            })
        },
        |round| {
            let out = directory.path().join(format!("answers-{round}.csv"));
            time(|| {
                let mut check =
                    std::process::Command::new(crate::sandbox::programs::programs().join("callboard-agent"));
                check.args(["check", "--agent", &addr, "--out"]).arg(&out).arg(&path);
                assert!(check.status().unwrap().success());
            })
        },
    );
}
