//! *Nothing readable on the server*: with all traffic of the demo recorded, nothing that registry or token service hear,
//! say, log, measure or keep holds an identity, its normal form, a name, reasons or a seal key, in whatever form.
//!
//! The homes of the seats aren't searched: there people read what they sign. [`forms`] says which forms are looked for,
//! [`recording`] listens to the traffic.

mod forms;
mod recording;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_federation::{
    identity::{Identity, IdentityKind},
    tag::{Epoch, Tag},
    token::{Blind, Evaluation, SealKey, finalise},
};
use callboard_tokens::{Evaluate as _, TokenSecret};
use forms::{Finder, Secret, plants};
use rand_core::UnwrapErr;
use recording::{Recorder, echo, free_port};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Row as _, SqliteConnection};

/// How often the demo's metrics and the person who is asked for are looked at; an ask takes longer.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What the databases write ahead, while the services run.
const JOURNALS: [&str; 2] = ["registry/registry.sqlite-wal", "tokens/tokens.sqlite-wal"];

/// Texts by what they are: what was said, logged, measured, kept.
type Haystacks = BTreeMap<String, Vec<u8>>;

#[tokio::test]
async fn no_server_hears_logs_or_keeps_an_identity_a_name_or_a_seal_key() {
    let temporary = tempfile::tempdir().unwrap();
    let kept = temporary.path().join("kept");
    let told = play(&kept);
    let people = people(&kept, &told.asked);
    let derived = derive(&kept, &people);
    let secrets = secrets(&people, &derived);
    let finder = Finder::of(&secrets);

    // The finder isn't blind: in a copy of everything, it finds every secret in every form.
    let copy = temporary.path().join("copy");
    let mut planted = plant(&kept, &copy, &plants(&secrets)).await;
    for (name, text) in &told.said {
        planted.insert(name.clone(), [text, &plants(&secrets)[..]].concat());
    }
    let (back, heard) = echo(&plants(&secrets));
    planted.insert("what a recorder heard".to_owned(), heard);
    planted.insert("what came through a recorder".to_owned(), back);
    for (name, text) in &planted {
        let missed: BTreeSet<_> = finder.all().difference(&finder.find(text)).copied().collect();
        assert!(missed.is_empty(), "{name}: of what was planted, {} are missed: {:?}", missed.len(), missed.first());
    }

    // Nor was it shown nothing: each tag, which is public, was said to the registry.
    let tags = derived.iter().map(|(tag, _)| Secret { what: "a tag".to_owned(), bytes: tag.as_bytes().to_vec() });
    let tags = tags.collect::<Vec<_>>();
    let found: BTreeSet<_> =
        Finder::of(&tags).find(&told.said["traffic of registry"]).into_iter().map(|(at, _)| at).collect();
    assert_eq!(found.len(), tags.len(), "the recording of the registry lacks a tag");

    let mut haystacks = kept_by_servers(&kept).await;
    for log in ["registry.log", "tokens.log"] {
        assert!(String::from_utf8_lossy(&haystacks[log]).contains("TRACE"), "{log} isn't the most talkative");
    }
    haystacks.extend(told.said);
    let found = haystacks.iter().flat_map(|(name, text)| finder.find(text).into_iter().map(move |found| (name, found)));
    let leaks: Vec<_> =
        found.map(|(name, (at, form))| format!("{name} shows {} as {form:?}", secrets[at].what)).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// What the demo said while it played.
struct Told {
    /// Recorded traffic, metrics, and the databases' journals.
    said: Haystacks,
    /// The numbers that were asked for.
    asked: BTreeSet<String>,
}

/// Plays the demo, with a recorder before each service and the most talkative logs.
fn play(kept: &Path) -> Told {
    let services = ["registry", "tokens"].map(|name| {
        let listen = free_port();
        (name, listen, Recorder::before(listen))
    });
    let mut demo = Command::new(env!("CARGO_BIN_EXE_callboard"));
    demo.args(["demo", "--once", "--keep"]).arg(kept).env("CALLBOARD_LOG", "trace").env_remove("CALLBOARD_PIN");
    for (name, listen, recorder) in &services {
        demo.arg(format!("--{name}-listen={listen}")).arg(format!("--{name}-url=http://{}", recorder.address));
    }
    let ended = AtomicBool::new(false);
    let (output, (mut said, asked)) = thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(kept, &ended));
        let output = demo.stdin(Stdio::null()).output().unwrap();
        ended.store(true, Ordering::SeqCst);
        (output, watcher.join().unwrap())
    });
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));

    for name in JOURNALS {
        assert!(said.contains_key(name), "{name} was never seen");
    }
    // What each measures of the acts that people stand behind: it was asked late enough.
    for (name, measured) in [("registry", "route=\"/v1/standings\""), ("tokens", "callboard_tokens_points_total")] {
        let metrics = said.get(&format!("metrics of {name}")).map_or_else(String::new, |bytes| text(bytes));
        assert!(metrics.contains(measured), "the metrics of {name} lack {measured}: {metrics}");
    }
    for (name, _, recorder) in &services {
        let heard = recorder.heard();
        let lower = text(&heard).to_ascii_lowercase();
        assert!(lower.contains("http/1.1 200"), "nothing was recorded of {name}");
        // What is packed would be searched in vain; what is cut into chunks is searched joined too.
        for blinding in ["content-encoding:", "upgrade:"] {
            assert!(!lower.contains(blinding), "{name} has {blinding}");
        }
        assert_eq!(
            lower.matches("transfer-encoding:").count(),
            lower.matches("transfer-encoding: chunked\r\n").count()
        );
        said.insert(format!("traffic of {name}, its chunks joined"), joined(&heard));
        said.insert(format!("traffic of {name}"), heard);
    }
    Told { said, asked }
}

/// Traffic without the lines that say how long a chunk is (RFC 9112 §7.1).
fn joined(heard: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(heard.len());
    let mut rest = heard;
    while let Some(first) = rest.first() {
        let length = rest
            .strip_prefix(b"\r\n")
            .map(|line| (line, line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count()));
        match length {
            Some((line, digits @ 1..)) if line[digits..].starts_with(b"\r\n") => rest = &line[digits + 2..],
            _ => {
                joined.push(*first);
                rest = &rest[1..];
            }
        }
    }
    joined
}

#[test]
fn a_secret_that_two_chunks_share_is_joined() {
    assert_eq!(
        joined(b"HTTP/1.1 200 OK\r\n\r\n6\r\n100000\r\nc\r\n198001150001\r\n0\r\n\r\n"),
        b"HTTP/1.1 200 OK\r\n100000198001150001\r\n"
    );
}

/// Looks at metrics, journals and who is asked for until the demo ended; what each service measured and wrote last.
fn watch(kept: &Path, ended: &AtomicBool) -> (Haystacks, BTreeSet<String>) {
    let (mut said, mut asked) = (Haystacks::new(), BTreeSet::new());
    while !ended.load(Ordering::SeqCst) {
        for (name, file) in [("registry", "registry/callboard.toml"), ("tokens", "tokens/tokens.toml")] {
            if let Some(text) = scrape(&kept.join(file)) {
                said.insert(format!("metrics of {name}"), text);
            }
        }
        // Gone when the service has stopped, and with it what was written over.
        for name in JOURNALS {
            if let Some(journal) = fs::read(kept.join(name)).ok().filter(|journal| !journal.is_empty()) {
                said.insert(name.to_owned(), journal);
            }
        }
        let person = fs::read_to_string(kept.join("homes/secretary-1/person.txt")).unwrap_or_default();
        // A file that is just being written may be shorter.
        asked.extend(person.strip_prefix("cn-id:").filter(|number| number.len() == 18).map(str::to_owned));
        thread::sleep(LOOK_EVERY);
    }
    (said, asked)
}

/// The metrics of a service that runs by this configuration.
fn scrape(config: &Path) -> Option<Vec<u8>> {
    let config: toml::Table = fs::read_to_string(config).ok()?.parse().ok()?;
    let settings = config.get("registry").and_then(toml::Value::as_table).unwrap_or(&config);
    let mut connection = TcpStream::connect(settings.get("metrics_listen")?.as_str()?).ok()?;
    connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).ok()?;
    (answer.starts_with(b"HTTP/1.0 200") && !answer.ends_with(b"\r\n\r\n")).then_some(answer)
}

/// Everyone whom the sheets name or who was asked for: number, and name where a sheet has one.
fn people(kept: &Path, asked: &BTreeSet<String>) -> BTreeMap<String, Option<String>> {
    let mut people: BTreeMap<_, _> = asked.iter().map(|number| (number.clone(), None)).collect();
    for sheet in ["batch.csv", "urgent.csv", "right.csv"] {
        let mut rows = csv::Reader::from_path(kept.join("homes/secretary-1").join(sheet)).unwrap();
        for row in rows.records() {
            let row = row.unwrap();
            people.insert(row[1].to_owned(), Some(row[2].to_owned()));
        }
    }
    assert_eq!(people.values().flatten().count(), 10, "the sheets name others");
    people
}

fn identity(number: &str) -> Option<Identity> {
    Identity::normalise(IdentityKind::CnId, number, false).ok()
}

/// Tag and seal key of each person on a sheet, made with the token service's own seed.
fn derive(kept: &Path, people: &BTreeMap<String, Option<String>>) -> Vec<(Tag, SealKey)> {
    let seed = STANDARD.decode(fs::read(kept.join("tokens/epoch-1.seed")).unwrap().trim_ascii_end()).unwrap();
    let secret = TokenSecret::derive(&seed.try_into().unwrap(), "callboard.test", Epoch::new(1).unwrap()).unwrap();
    let mut rng = UnwrapErr(rand::rngs::SysRng);
    let inputs: Vec<_> = people.keys().filter_map(|number| identity(number)).map(|one| one.prf_input()).collect();
    let blinds: Vec<Blind> = inputs.iter().map(|_| Blind::draw(&mut rng)).collect();
    let points: Vec<_> = inputs.iter().zip(&blinds).map(|(input, blind)| blind.blind(input).unwrap()).collect();
    let answer = secret.evaluate(&points, &mut rng).unwrap();
    let evaluated = Evaluation::read(&secret.public(), &points, &answer).unwrap();
    let inputs: Vec<(&[u8], &Blind)> = inputs.iter().map(|input| input.as_slice()).zip(&blinds).collect();
    finalise(&inputs, &evaluated).unwrap()
}

/// Everything that must not be found.
fn secrets(people: &BTreeMap<String, Option<String>>, derived: &[(Tag, SealKey)]) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let mut hide = |what: String, bytes: &[u8]| secrets.push(Secret { what, bytes: bytes.to_vec() });
    for (at, (number, name)) in people.iter().enumerate() {
        hide(format!("number {at}"), number.as_bytes());
        // What a number has in common with one whose end was mistyped or cut off.
        hide(format!("number {at}, its beginning"), &number.as_bytes()[..16]);
        if let Some(identity) = identity(number) {
            hide(format!("normal form {at}"), identity.value().as_bytes());
            hide(format!("input {at}"), &identity.prf_input());
            // A bare hash of a number is as good as the number: there are few enough to try them all.
            hide(format!("hash of normal form {at}"), &Sha256::digest(identity.value()));
            hide(format!("hash of input {at}"), &Sha256::digest(&*identity.prf_input()));
        }
        if let Some(name) = name {
            hide(format!("name {at}"), name.as_bytes());
        }
    }
    for (at, (_, seal_key)) in derived.iter().enumerate() {
        hide(format!("seal key {at}"), seal_key.as_bytes());
    }
    for (at, reasons) in ["直播中多次宣扬赌博", "经两次告诫后再犯"].iter().enumerate() {
        hide(format!("reasons {at}"), reasons.as_bytes());
    }
    secrets
}

/// The files that registry, token service and export keep, and their logs.
fn files(kept: &Path) -> Vec<PathBuf> {
    let mut left = ["registry", "tokens", "export", "registry.log", "tokens.log"].map(|name| kept.join(name)).to_vec();
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push(path);
        }
    }
    files
}

fn is_database(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sqlite")
}

/// What servers keep: each file as it lies there, and each value of each database, since pages cut long values in pieces.
async fn kept_by_servers(kept: &Path) -> Haystacks {
    let mut haystacks = Haystacks::new();
    let name = |path: &Path| path.strip_prefix(kept).unwrap().display().to_string();
    let files = files(kept);
    for path in &files {
        haystacks.insert(name(path), fs::read(path).unwrap());
    }
    for path in files.iter().filter(|path| is_database(path)) {
        haystacks.insert(format!("rows of {}", name(path)), rows(path).await);
    }
    assert_eq!(haystacks.keys().filter(|name| name.starts_with("rows")).count(), 2, "{:?}", haystacks.keys());
    haystacks
}

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap()
}

/// Every value of every table.
async fn rows(path: &Path) -> Vec<u8> {
    let mut connection = open(path).await;
    let columns = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'";
    let columns = sqlx::query(columns).fetch_all(&mut connection).await.unwrap();
    let mut text = Vec::new();
    for column in columns {
        let (table, column): (String, String) = (column.get(0), column.get(1));
        let values = format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\"");
        for row in sqlx::query(sqlx::AssertSqlSafe(values)).fetch_all(&mut connection).await.unwrap() {
            text.extend(row.get::<Option<Vec<u8>>, _>(0).unwrap_or_default());
            text.push(b'\n');
        }
    }
    connection.close().await.unwrap();
    text
}

/// Copies what servers keep, with `plants` at the end of each file and in a row of each database; what to find them in.
async fn plant(kept: &Path, copy: &Path, plants: &[u8]) -> Haystacks {
    for path in files(kept) {
        let to = copy.join(path.strip_prefix(kept).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&path, &to).unwrap();
        if is_database(&path) {
            let mut connection = open(&to).await;
            sqlx::query("CREATE TABLE planted (plants BLOB)").execute(&mut connection).await.unwrap();
            let insert = sqlx::query("INSERT INTO planted VALUES ($1)").bind(plants);
            insert.execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        } else {
            fs::OpenOptions::new().append(true).open(&to).unwrap().write_all(plants).unwrap();
        }
    }
    let mut planted = kept_by_servers(copy).await;
    // As a file lies there, a page may end amid a plant.
    planted.retain(|name, _| !name.ends_with(".sqlite") || name.starts_with("rows"));
    planted
}
