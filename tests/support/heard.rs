//! What goes between seats and services, and what these keep: searched for what nobody there may read.

#[path = "../promises/nothing_readable_on_the_server/forms.rs"]
mod forms;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use forms::{Finder, Secret, plants};
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::net::TcpListener;

use crate::support::Sandbox;

/// All that went between the seats and the services.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<u8>>>);

/// Passes everything on, and keeps both ways of it.
async fn listen(State((client, heard)): State<(reqwest::Client, Heard)>, request: Request<Body>) -> Response {
    let (asked, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 26).await.unwrap();
    heard.keep(format!("{} {} {:?}\n", asked.method, asked.uri, asked.headers).as_bytes());
    heard.keep(&body);
    let mut passed = client.request(asked.method, asked.uri.to_string()).body(body);
    // What is packed on the way can't be searched, and is passed on without saying so.
    let is_passed = |name: &str| !["host", "content-length", "accept-encoding"].contains(&name);
    for (name, value) in asked.headers.iter().filter(|(name, _)| is_passed(name.as_str())) {
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

    /// Whether this was among it.
    pub(crate) fn has(&self, said: &[u8]) -> bool {
        self.0.lock().unwrap().windows(said.len()).any(|window| window == said)
    }

    /// Listens between the seats and the services; the proxy's address.
    pub(crate) async fn before(&self, sandbox: &Sandbox) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(listen).with_state((sandbox.http.clone(), self.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

/// Every value of a service's database, as rows, and each of its files as it lies there.
async fn kept_by(directory: &Path, database: &str) -> BTreeMap<String, Vec<u8>> {
    let mut kept = BTreeMap::new();
    for file in fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        kept.insert(file.display().to_string(), fs::read(&file).unwrap());
    }
    let address = format!("sqlite:{}", directory.join(database).display());
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
    kept.insert(format!("{database}, row by row"), rows);
    kept
}

/// Holds that none of these texts, told by what they are, can be read from what went between, or from what the registry
/// and the token service of a sandbox that has ended keep.
pub(crate) async fn shows_nothing<'a>(
    heard: &Heard,
    sandbox: &Sandbox,
    texts: impl Iterator<Item = (&'a str, &'a str)>,
) {
    let secret = |(what, text): (&str, &str)| Secret { what: what.to_owned(), bytes: text.as_bytes().to_vec() };
    let secrets: Vec<Secret> = texts.map(secret).collect();
    let finder = Finder::of(&secrets);
    assert_eq!(finder.find(&plants(&secrets)), finder.all(), "the finder is blind");
    let mut kept = kept_by(&sandbox.kept("registry"), "registry.sqlite").await;
    kept.extend(kept_by(&sandbox.kept("tokens"), "tokens.sqlite").await);
    kept.insert("traffic".to_owned(), heard.0.lock().unwrap().clone());
    for (name, text) in &kept {
        let found: Vec<_> = finder.find(text).into_iter().map(|(at, form)| (&secrets[at].what, form)).collect();
        assert!(found.is_empty(), "{name} shows {found:?}");
    }
}
