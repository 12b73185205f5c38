//! A committee whose seats share no directory and no mail: a ruling is drafted, asked about, signed, stopped and
//! submitted by way of the registry, which can read nothing of it.

#[path = "../promises/nothing_readable_on_the_server/forms.rs"]
mod forms;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use forms::{Finder, Secret, plants};
use serde_json::json;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::net::TcpListener;

use crate::support::{PASSPHRASE, Sandbox, number};

const POLICY: &str = "streamer-warning-rules/2022";
const REASONS: &str = "直播中多次宣扬赌博";
const QUESTION: &str = "直播录像是否经当事人辨认？";
const REPLY: &str = "经辨认，笔录见卷宗第三册。";
const REFUSAL: &str = "本人与当事人相识，不宜签署。";

/// All that went between the seats and the services.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

/// A seat at its own computer, which has its key and the pin.
struct Home {
    directory: PathBuf,
    key: String,
    proxy: String,
    clock: String,
}

impl Home {
    fn of(sandbox: &Sandbox, seat: &str, proxy: &str) -> Self {
        let directory = sandbox.kept(&format!("../homes/{seat}"));
        fs::create_dir_all(&directory).unwrap();
        let key = format!("{seat}.key");
        fs::copy(sandbox.kept(&format!("seats/{key}")), directory.join(&key)).unwrap();
        fs::copy(sandbox.kept("genesis.json"), directory.join("genesis.json")).unwrap();
        Self { directory, key, proxy: proxy.to_owned(), clock: format!("http://{}", sandbox.control()) }
    }

    fn typed(&self, arguments: &[&str], answers: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments).args(["--key", &self.key, "--pin", "genesis.json", "--lang", "en"]);
        command.current_dir(&self.directory).env("CALLBOARD_PASSPHRASE", PASSPHRASE);
        command.env("CALLBOARD_CLOCK", &self.clock).env("HTTP_PROXY", &self.proxy).env("http_proxy", &self.proxy);
        command.env_remove("NO_PROXY").env_remove("no_proxy");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        process.wait_with_output().unwrap()
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        self.answers(arguments, "")
    }

    #[track_caller]
    fn answers(&self, arguments: &[&str], answers: &str) -> String {
        let output = self.typed(arguments, answers);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        format!("{out}{err}")
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.typed(arguments, "");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success(), "{arguments:?}: {out}{err}");
        format!("{out}{err}")
    }

    /// Its files but for those that it began with.
    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(&self.directory).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.filter(|file| *file != self.key && file != "genesis.json").collect();
        files.sort();
        files
    }
}

/// Passes everything on, and keeps both ways of it.
async fn listen(State((client, heard)): State<(reqwest::Client, Heard)>, request: Request<Body>) -> Response {
    let (asked, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 26).await.unwrap();
    heard.keep(format!("{} {} {:?}\n", asked.method, asked.uri, asked.headers).as_bytes());
    heard.keep(&body);
    let mut passed = client.request(asked.method, asked.uri.to_string()).body(body);
    for (name, value) in asked.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        passed = passed.header(name, value);
    }
    let answer = passed.send().await.unwrap();
    heard.keep(format!("{} {:?}\n", answer.status(), answer.headers()).as_bytes());
    let mut answered = Response::builder().status(answer.status());
    for name in ["content-type", "retry-after"] {
        if let Some(value) = answer.headers().get(name) {
            answered = answered.header(name, value);
        }
    }
    let body = answer.bytes().await.unwrap();
    heard.keep(&body);
    answered.body(body.into()).unwrap()
}

impl Heard {
    fn keep(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap();
        heard.extend_from_slice(bytes);
        heard.extend_from_slice(b"\n\n");
    }

    /// Listens between the seats and the services; the proxy's address.
    async fn before(&self, sandbox: &Sandbox) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(listen).with_state((sandbox.http.clone(), self.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

/// Every value of the registry's database, as rows and as the file lies there.
async fn kept_by(registry: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut kept = BTreeMap::new();
    for file in fs::read_dir(registry).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        kept.insert(file.display().to_string(), fs::read(&file).unwrap());
    }
    let address = format!("sqlite:{}", registry.join("registry.sqlite").display());
    let mut connection = SqliteConnection::connect(&address).await.unwrap();
    let columns = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'";
    let columns = sqlx::query(columns).fetch_all(&mut connection).await.unwrap();
    let mut rows = Vec::new();
    for column in columns {
        let (table, column): (String, String) = (column.get(0), column.get(1));
        let values = format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\"");
        for row in sqlx::query(sqlx::AssertSqlSafe(values)).fetch_all(&mut connection).await.unwrap() {
            rows.extend(row.get::<Option<Vec<u8>>, _>(0).unwrap_or_default());
            rows.push(b'\n');
        }
    }
    connection.close().await.unwrap();
    kept.insert("rows".to_owned(), rows);
    kept
}

/// The id that a line begins with.
fn id_of(told: &str) -> String {
    told.lines().find_map(|line| line.split_whitespace().next().filter(|word| word.len() == 36)).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_is_drafted_signed_and_logged_without_a_file_between_its_seats_and_nobody_else_can_read_it() {
    let (mut sandbox, heard) = (Sandbox::start(&[]).await, Heard::default());
    let proxy = heard.before(&sandbox).await;
    let home = |seat| Home::of(&sandbox, seat, &proxy);
    let (secretary, panel, second, third, chair) =
        (home("secretary-1"), home("panel-1"), home("panel-2"), home("chair-2"), home("chair-1"));
    let person = number(1);
    let columns = "kind,identity,names,measure,scopes,term,violations,reasons";
    let sheet = format!("{columns}\ncn-id,{person},赵试一,suspension,live,5年,NB-11,{REASONS}\n");
    fs::write(secretary.directory.join("batch.csv"), sheet).unwrap();
    secretary.does(&["draft", "batch.csv", "--policy", POLICY, "--out", "batch.bundle"]);
    let draft = id_of(&secretary.does(&["drafts", "send", "batch.bundle"]));
    assert_eq!(id_of(&secretary.does(&["drafts", "send", "batch.bundle"])), draft, "sent again it is the same");

    // It waits for whoever is asked; one asks back, and one refuses.
    assert!(panel.does(&["drafts"]).contains("waits for you"));
    panel.answers(&["drafts", "ask", &draft], &format!("{QUESTION}\n"));
    let read = secretary.does(&["drafts", "open", &draft]);
    assert!(read.contains("panel-1") && read.contains(QUESTION), "{read}");
    secretary.answers(&["drafts", "reply", &draft], &format!("{REPLY}\n"));
    assert!(panel.does(&["drafts", "open", &draft]).contains(REPLY));
    third.answers(&["drafts", "refuse", &draft], &format!("{REFUSAL}\n"));
    let told = chair.does(&["drafts", "open", &draft]);
    assert!(told.contains("chair-2  refused (for drafter and secretariat to read)"), "{told}");
    assert!(secretary.does(&["drafts", "open", &draft]).contains(REFUSAL));

    // Each reads the letter on its own computer, checked as always, and signs it.
    let read = panel.does(&["drafts", "sign", &draft, "--yes"]);
    assert!(read.contains("赵试一") && read.contains(REASONS), "{read}");
    let waits = secretary.refuses(&["drafts", "submit", &draft]);
    assert!(waits.contains("1 more of the chair") && waits.contains("chair-1"), "{waits}");
    assert!(!waits.contains("chair-2"), "who refused isn't waited for: {waits}");
    assert!(!waits.contains("of the panel"), "{waits}");
    panel.does(&["drafts", "withdraw", &draft, "--yes"]);
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains("1 more of the panel"));
    for seat in [&panel, &second, &chair] {
        seat.does(&["drafts", "sign", &draft, "--yes"]);
    }

    // For ten minutes anybody who is asked may stop it.
    let pause = "until";
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains(pause));
    third.does(&["drafts", "stop", &draft]);
    let minutes = async |sandbox: &Sandbox| {
        sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "601s"})).await;
    };
    minutes(&sandbox).await;
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains("stopped by chair-2"));
    third.does(&["drafts", "withdraw", &draft, "--yes"]);
    assert!(secretary.refuses(&["drafts", "submit", &draft]).contains(pause), "the minutes begin anew");
    minutes(&sandbox).await;
    let told = second.does(&["drafts", "submit", &draft]);
    assert!(told.contains("logged at index"), "whoever can open it may: {told}");

    // No file went from one to the other: what a home has, it made.
    assert_eq!(secretary.files(), ["batch.bundle", "batch.csv"]);
    assert_eq!(second.files(), [format!("draft-{draft}.docket.json"), format!("draft-{draft}.proofs")]);
    assert!([&panel, &third, &chair].iter().all(|home| home.files().is_empty()));
    assert!(panel.does(&["drafts"]).contains("no drafts"));
    assert!(panel.does(&["drafts", "--all"]).contains("logged"));
    assert!(chair.refuses(&["drafts", "stop", &draft]).contains("takes no answers"));

    // Nothing of it can be read from what the registry heard, said or keeps.
    let texts = [("number", person.as_str()), ("name", "赵试一"), ("reasons", REASONS), ("question", QUESTION)];
    let texts = texts.into_iter().chain([("reply", REPLY), ("refusal", REFUSAL)]);
    let secrets: Vec<Secret> =
        texts.map(|(what, text)| Secret { what: what.to_owned(), bytes: text.as_bytes().to_vec() }).collect();
    let finder = Finder::of(&secrets);
    assert_eq!(finder.find(&plants(&secrets)), finder.all(), "the finder is blind");
    sandbox.end();
    let mut texts = kept_by(&sandbox.kept("registry")).await;
    let heard = heard.0.lock().unwrap().clone();
    for said in [b"/v1/drafts".as_slice(), draft.as_bytes(), b"YWdlLWVuY3J5cHRpb24u"] {
        assert!(heard.windows(said.len()).any(|window| window == said), "the traffic wasn't heard");
    }
    texts.insert("traffic".to_owned(), heard);
    for (name, text) in &texts {
        let found: Vec<_> = finder.find(text).into_iter().map(|(at, form)| (&secrets[at].what, form)).collect();
        assert!(found.is_empty(), "{name} shows {found:?}");
    }
}
