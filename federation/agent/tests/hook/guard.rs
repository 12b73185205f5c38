//! What stands before every operation of the agent's API: whoever isn't of the platform's own programs changes nothing.

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt as _};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::world::{World, number, question};

/// What it is, the headers that it changes, and what is answered.
type Attack = (&'static str, &'static [(&'static str, &'static str)], u16);

/// What only the page of another origin, another machine's name for this one, a form, or who lacks the token sends.
const ATTACKS: [Attack; 11] = [
    ("foreign Host", &[("host", "attacker.example")], 403),
    ("foreign Host with our port", &[("host", "attacker.example:PORT")], 403),
    ("any address as Host", &[("host", "0.0.0.0:PORT")], 403),
    ("foreign Origin", &[("origin", "https://attacker.example")], 403),
    ("Origin of another port", &[("origin", "http://127.0.0.1:1")], 403),
    ("Origin null", &[("origin", "null")], 403),
    ("cross-site", &[("sec-fetch-site", "cross-site")], 403),
    ("same-site", &[("sec-fetch-site", "same-site")], 403),
    ("text/plain", &[("content-type", "text/plain")], 415),
    ("a form", &[("content-type", "application/x-www-form-urlencoded")], 415),
    ("no token", &[("authorization", "")], 401),
];

/// Answered without the token.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/webhook", "/docs/", "/openapi.json"];

/// Every operation of the description, with parts and a body that would have something done; and what isn't in it.
fn operations() -> Vec<(Method, String, Value)> {
    let api = serde_json::to_value(callboard_agent::api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            assert!(operation["responses"]["403"].is_object(), "{method} {path} says nothing of 403");
            let id = "019c167f-cc00-7568-8a65-6cc0703e460a";
            let asked = path.replace("{ref}", "host-1").replace("{id}", id).replace("{endpoint}", id);
            let asked = asked.replace("{report}", id).replace("{request}", id);
            let asked = asked.replace("{act}", "test");
            let asked = if path == "/log/feed" { format!("{asked}?from=0") } else { asked };
            let body = match path.as_str() {
                "/check" | "/enrol" => question("host-2", &[&number("19900105", 2)]),
                "/receipts" => json!({"docket": "0".repeat(64), "outcome": "in-effect"}),
                "/reports" => {
                    json!({"codes": ["NB-11"], "places": ["speech"], "happenedFrom": "2026-01-20T12:00:00.000Z",
                    "happenedTo": "2026-01-20T12:40:00.000Z", "description": "what was said",
                    "subjects": [{"account": "host-1", "role": "host"}]})
                }
                "/declarations" => json!({"period": "2025-Q3", "bans": 0}),
                "/endpoints" => json!({"url": "https://hooks.alpha.example/"}),
                _ => json!({}),
            };
            operations.push((method, asked, body));
        }
    }
    assert!(operations.len() >= 20, "{operations:?}");
    let others = ["/docs/", "/openapi.json", "/metrics", "/nothing", "/"];
    operations.extend(others.map(|path| (Method::GET, path.to_owned(), json!({}))));
    operations
}

/// All that the agent keeps, but for what the log brings by itself; and what others were told.
async fn state(world: &World) -> (BTreeMap<String, Vec<String>>, Vec<usize>) {
    let path = format!("sqlite:{}", world.config.directory.join("book.sqlite").display());
    let mut file = SqliteConnection::connect(&path).await.unwrap();
    let names = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    let names: Vec<String> = names.fetch_all(&mut file).await.unwrap().iter().map(|row| row.get(0)).collect();
    let mut tables = BTreeMap::new();
    for name in names {
        let columns = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT name FROM pragma_table_info('{name}')")));
        let columns: Vec<String> = columns
            .fetch_all(&mut file)
            .await
            .unwrap()
            .iter()
            .map(|row| format!("quote({})", row.get::<String, _>(0)))
            .collect();
        let text = format!("SELECT {} FROM {name}", columns.join(" || ',' || "));
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&mut file).await.unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        rows.sort();
        tables.insert(name, rows);
    }
    file.close().await.unwrap();
    let told = {
        let shown = world.registry.shown();
        vec![shown.receipts.len(), shown.anchors.0, shown.others]
    };
    (tables, [told, vec![world.hook().calls.len()]].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_every_operation_nothing_is_done_that_no_program_of_the_platforms_own_asks() {
    let mut world = World::new(|config| config.socket = Some(config.directory.join("agent.sock"))).await;
    world.check(&question("host-1", &[&number("19900105", 1)])).await;
    world.settle().await;
    // What the agent says by itself of the dockets before is said by then.
    let is_said = async |world: &World| {
        let owed = world.get("/receipts?owed=true").await.1["receipts"].clone();
        owed.as_array().unwrap().iter().all(|receipt| receipt["state"] == "to-come")
    };
    world.until("receipts are filed", is_said).await;
    let is_written_to =
        async |world: &World| state(world).await.0["recipient"].iter().any(|row| !row.ends_with("NULL"));
    world.until("the recipient is published", is_written_to).await;
    let address = world.running().addr;
    let token = callboard_agent::token::read(&world.config.directory).unwrap();
    let client: Client = callboard_client::http::direct_client().unwrap();
    let send = async |method: &Method, path: &str, body: &Value, changed: &[(&str, &str)]| {
        let bearer = format!("Bearer {}", token.as_str());
        let mut request = client.request(method.clone(), format!("http://{address}{path}"));
        let usual = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let is_changed = |name: &str| changed.iter().any(|(changed, _)| *changed == name);
        for (name, value) in usual.iter().filter(|(name, _)| !is_changed(name)).chain(changed) {
            request = request.header(*name, value.replace("PORT", &address.port().to_string()));
        }
        request.body(body.to_string()).send().await.unwrap()
    };
    let before = state(&world).await;
    for (method, path, body) in operations() {
        for (attack, headers, status) in ATTACKS {
            if status == 401 && OPEN.contains(&path.as_str()) {
                continue;
            }
            let answer = send(&method, &path, &body, headers).await;
            assert_eq!(answer.status().as_u16(), status, "{method} {path}: {attack}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json", "{method} {path}: {attack}");
            assert!(answer.headers().get("access-control-allow-origin").is_none());
            let problem: Value = answer.json().await.unwrap();
            assert!(problem["type"].as_str().unwrap().starts_with("urn:callboard:problem:"), "{problem}");
            assert!(!problem.to_string().contains("attacker") && !problem.to_string().contains(token.as_str()));
        }
    }
    world.settle().await;
    assert_eq!(state(&world).await, before, "something was done");

    // The same requests as a program of the platform's own sends them are answered, and do something.
    for (method, path, body) in operations() {
        let answer = send(&method, &path, &body, &[]).await.status().as_u16();
        assert!(![401, 403, 415].contains(&answer), "{method} {path}: {answer}");
    }
    assert_ne!(state(&world).await, before);

    // By the socket nobody needs a token, and no browser comes.
    let path = world.config.socket.clone().unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let by_socket = Client::builder().unix_socket(path.clone()).build().unwrap();
    assert_eq!(by_socket.get("http://localhost/status").send().await.unwrap().status(), 200);
    let foreign = by_socket.get("http://localhost/status").header("origin", "http://attacker.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403);

    // Another token counts at once, without a restart; the one before doesn't any more.
    let rotated =
        callboard_agent::token::rotate(&world.config.directory, &mut callboard_client::runtime::os_rng()).unwrap();
    assert_eq!(send(&Method::GET, "/status", &json!({}), &[]).await.status(), 401);
    let bearer = format!("Bearer {}", rotated.as_str());
    assert_eq!(send(&Method::GET, "/status", &json!({}), &[("authorization", &bearer)]).await.status(), 200);
    world.stop().await;
    assert!(!path.exists(), "the socket goes with the agent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_may_leave_checks_open_and_nothing_else() {
    let world = World::new(|config| config.check_without_token = true).await;
    let client: Client = callboard_client::http::direct_client().unwrap();
    let post = async |path: &str, origin: Option<&str>| {
        let asked = client.post(world.url(path)).json(&question("host-1", &[&number("19900105", 1)]));
        let asked = origin.into_iter().fold(asked, |asked, origin| asked.header("origin", origin));
        asked.send().await.unwrap().status().as_u16()
    };
    assert_eq!((post("/check", None).await, post("/enrol", None).await), (200, 401));
    assert_eq!(post("/check", Some("http://attacker.example")).await, 403);
    world.stop().await;
}
