//! `/v1/endpoints` and what is pushed to them.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use callboard_federation::{encoding::Time, statement::Kind, webhook::message_id};
use callboard_registry::store::attempts::StoredAttempt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry, alpha, key},
    receiver::{Pushed, Receiver},
    support::{committee::tag, engines},
};

const PATH: &str = "/v1/endpoints";

pub(crate) async fn create(registry: &Registry, body: &Value) -> Answer {
    registry.signed(&alpha(registry), Method::POST, PATH, body.to_string().as_bytes()).await
}

/// Alpha's endpoint at a receiver, from the beginning of the log.
async fn made(registry: &Registry, receiver: &Receiver) -> Value {
    let made = create(registry, &json!({"url": receiver.url, "from": 0})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

pub(crate) async fn asked(registry: &Registry, method: Method, endpoint: &Value, rest: &str, body: &str) -> Answer {
    let path = format!("{PATH}/{}{rest}", endpoint["id"].as_str().unwrap());
    registry.signed(&alpha(registry), method, &path, body.as_bytes()).await
}

async fn shown(registry: &Registry, endpoint: &Value) -> Value {
    asked(registry, Method::GET, endpoint, "", "").await.json()
}

/// Waits until the store says so of an endpoint.
pub(crate) async fn until(registry: &Registry, endpoint: &Value, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..1_000 {
        let shown = shown(registry, endpoint).await;
        if holds(&shown) {
            return shown;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it stays {}", shown(registry, endpoint).await);
}

fn clock_on(registry: &Registry, millis: i64) {
    registry.world.clock.move_to(registry.now().plus_millis(millis));
}

async fn suspend(registry: &mut Registry, people: std::ops::Range<u32>) -> u64 {
    let at = registry.now();
    let drafted: Vec<_> = people.map(|person| registry.committee.suspend(at, &tag(person))).collect();
    let docket = registry.committee.docket(at, &drafted.iter().collect::<Vec<_>>(), None);
    registry.logs(&docket).await
}

#[tokio::test]
async fn an_endpoint_gets_every_docket_of_the_log_in_order_signed_with_its_secret() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let receiver = Receiver::start().await;
        let endpoint = made(&registry, &receiver).await;
        let size = registry.world.ledger.size();
        suspend(&mut registry, 0..1).await;
        let pushed = receiver.until(|pushed| pushed.iter().any(|one| one.message().data.index == size)).await;
        let secret = endpoint["secret"].as_str().unwrap();
        let dockets = registry.world.ledger.dockets(0, size + 1).await.unwrap();
        assert_eq!(receiver.indexes(), dockets.iter().map(|docket| docket.index).collect::<Vec<_>>());
        for one in &pushed {
            assert!(one.is_signed_with(secret));
            let message = one.message();
            assert_eq!(one.id(), message_id(&message.data.docket, message.data.part));
            let docket = dockets.iter().find(|docket| docket.index == message.data.index).unwrap();
            assert_eq!((message.data.docket, message.timestamp), (docket.payload_hash, docket.logged_at));
            assert!(message.data.checkpoint.starts_with("callboard.example\n"));
        }
        // Enough to act on stands in it.
        let last = pushed.last().unwrap().json();
        let item = &last["data"]["items"][0];
        assert_eq!(
            (&last["type"], &item["kind"], &item["measure"]),
            (&json!("docket.logged"), &json!("ruling"), &json!("suspension"))
        );
        assert_eq!((&item["scopes"], &item["tags"][0]["tag"]), (&json!(["live"]), &json!(tag(0))));
        until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_large_docket_comes_in_parts_of_sixty_four_each_with_an_id_of_its_own() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let receiver = Receiver::start().await;
        create(&registry, &json!({"url": receiver.url})).await;
        let index = suspend(&mut registry, 0..130).await;
        let pushed = receiver.has(3).await;
        let parts: Vec<_> = pushed.iter().map(|one| one.message().data).collect();
        assert!(parts.iter().all(|part| part.index == index && part.parts == 3));
        assert_eq!(
            parts.iter().map(|part| (part.part, part.items.len())).collect::<Vec<_>>(),
            [(0, 64), (1, 64), (2, 2)]
        );
        assert_eq!(pushed.iter().map(Pushed::id).collect::<std::collections::BTreeSet<_>>().len(), 3);
        registry.ends().await;
    }
}

#[tokio::test]
async fn what_fails_is_tried_again_with_the_same_id_and_nothing_overtakes_it() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let receiver = Receiver::start().await;
        receiver.answers(|_| (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "60")], "not now\0").into_response());
        let endpoint = create(&registry, &json!({"url": receiver.url})).await.json();
        let first = suspend(&mut registry, 0..1).await;
        suspend(&mut registry, 1..2).await;
        receiver.has(1).await;
        let failing = until(&registry, &endpoint, |shown| shown["failures"] == 1).await;
        assert_eq!(
            (&failing["nextIndex"], &failing["behind"], &failing["state"]),
            (&json!(first), &json!(2), &json!("active"))
        );
        assert_eq!(failing["retryAt"], json!(registry.now().plus_millis(60_000)), "as `Retry-After` says");
        clock_on(&registry, 60_000);
        receiver.has(2).await;
        until(&registry, &endpoint, |shown| shown["failures"] == 2).await;
        receiver.answers(|_| StatusCode::OK.into_response());
        clock_on(&registry, 120_000);
        let pushed = receiver.has(4).await;
        assert!(pushed[..3].iter().all(|one| one.id() == pushed[0].id()) && pushed[3].id() != pushed[0].id());
        assert_eq!(receiver.indexes(), [first, first + 1]);
        let well = until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
        assert_eq!((&well["failures"], well.get("failingSince")), (&json!(0), None));

        let attempts = asked(&registry, Method::GET, &endpoint, "/attempts?limit=3", "").await.json();
        let rows = attempts["attempts"].as_array().unwrap();
        assert_eq!(rows.iter().filter(|row| row["taken"] == true).count(), 2, "{attempts}");
        let next = format!("/attempts?before={}", attempts["next"].as_str().unwrap());
        let older = asked(&registry, Method::GET, &endpoint, &next, "").await.json();
        assert_eq!(older["attempts"][0]["answer"], "not now ");
        assert_eq!((&older["attempts"][0]["status"], older.get("next")), (&json!(503), None));
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_date_to_come_again_is_read_in_all_its_forms_and_believed_for_a_day() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let receiver = Receiver::start().await;
        let endpoint = create(&registry, &json!({"url": receiver.url})).await.json();
        let mut failures = 0;
        for (form, seconds, waits) in [
            ("%a, %d %b %Y %H:%M:%S GMT", 60, 60),
            ("%A, %d-%b-%y %H:%M:%S GMT", 600, 600),
            ("%a %b %e %H:%M:%S %Y", 3_600, 3_600),
            ("%a, %d %b %Y %H:%M:%S GMT", 3 * 86_400, 86_400),
        ] {
            // A later attempt is made a moment from now.
            let then = registry.now().plus_millis(i64::from(failures > 0) + seconds * 1_000);
            let then = jiff::Timestamp::from_millisecond(then.as_millis()).unwrap().strftime(form).to_string();
            receiver
                .answers(move |_| (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", then.clone())]).into_response());
            if failures == 0 {
                suspend(&mut registry, 0..1).await;
            } else {
                clock_on(&registry, 1);
            }
            failures += 1;
            let failing = until(&registry, &endpoint, |shown| shown["failures"] == failures).await;
            assert_eq!(failing["retryAt"], json!(registry.now().plus_millis(waits * 1_000)), "{form}");
            clock_on(&registry, waits * 1_000 - 1);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            assert_eq!(shown(&registry, &endpoint).await["failures"], failures, "not before");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_tells_its_owner_and_goes_on_where_it_stood() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let receiver = Receiver::start().await;
        receiver.answers(|_| StatusCode::GONE.into_response());
        let endpoint = create(&registry, &json!({"url": receiver.url})).await.json();
        let index = suspend(&mut registry, 0..1).await;
        let disabled = until(&registry, &endpoint, |shown| shown["state"] == "disabled").await;
        assert!(disabled["reason"].as_str().unwrap().contains("410"));
        registry.world.delivery.watch_receipts().await.unwrap();
        let feed = registry.signed(&alpha(&registry), Method::GET, "/v1/feed?from=0", b"").await;
        assert_eq!(feed.header("callboard-notices"), "endpoint-disabled");

        // Still gone: the job's test changes nothing. Well again: it goes on.
        registry.world.delivery.test_disabled().await.unwrap();
        assert_eq!(shown(&registry, &endpoint).await["state"], "disabled");
        receiver.answers(|_| StatusCode::OK.into_response());
        assert!(registry.world.delivery.test_disabled().await.unwrap().starts_with("1 of 1"));
        receiver.until(|pushed| pushed.iter().filter(|one| one.json()["type"] == "docket.logged").count() == 2).await;
        assert_eq!(receiver.indexes(), [index]);
        until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
        registry.ends().await;
    }
}

#[tokio::test]
async fn its_owner_pauses_filters_replays_rotates_tests_and_forgets_it_and_nobody_else_sees_it() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let receiver = Receiver::start().await;
        let endpoint = create(&registry, &json!({"url": receiver.url, "kinds": ["dispute"]})).await.json();
        let ruling = registry.committee.suspend(registry.now(), &tag(1));
        let docket = registry.committee.docket(registry.now(), &[&ruling], None);
        let first = registry.logs(&docket).await;
        let dispute = registry.committee.act(registry.now(), Kind::Dispute, Kind::Ruling, &[ruling.record()]);
        let docket = registry.committee.docket(registry.now(), &[&dispute], None);
        registry.logs(&docket).await;
        receiver.has(1).await;
        assert_eq!(receiver.indexes(), [first + 1], "a ruling isn't wanted");

        let paused = asked(&registry, Method::PATCH, &endpoint, "", r#"{"state":"paused","kinds":[]}"#).await;
        assert_eq!((paused.status, &paused.json()["state"], paused.json().get("kinds")), (200, &json!("paused"), None));
        suspend(&mut registry, 2..3).await;
        let replayed = asked(&registry, Method::POST, &endpoint, "/replay", &json!({"from": first}).to_string()).await;
        assert_eq!((&replayed.json()["nextIndex"], &replayed.json()["state"]), (&json!(first), &json!("paused")));
        assert_eq!(receiver.pushed().len(), 1);
        asked(&registry, Method::PATCH, &endpoint, "", r#"{"state":"active"}"#).await;
        let pushed = receiver.has(4).await;
        assert_eq!(receiver.indexes(), [first + 1, first, first + 1, first + 2]);
        assert_eq!(pushed[0].id(), pushed[2].id(), "what comes again has its id");

        // Two secrets for a day, then one.
        until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
        let rotated = asked(&registry, Method::POST, &endpoint, "/rotate", "").await.json();
        let (old, new) = (endpoint["secret"].as_str().unwrap(), rotated["secret"].as_str().unwrap());
        suspend(&mut registry, 3..4).await;
        let pushed = receiver.has(5).await;
        assert!(pushed[4].is_signed_with(old) && pushed[4].is_signed_with(new));
        until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
        clock_on(&registry, 24 * 3_600_000);
        let tested = asked(&registry, Method::POST, &endpoint, "/test", "").await;
        assert_eq!((tested.status, &tested.json()["taken"]), (200, &json!(true)));
        suspend(&mut registry, 4..5).await;
        let pushed = receiver.has(7).await;
        assert_eq!(pushed[5].json()["type"], "endpoint.test");
        assert!(!pushed[6].is_signed_with(old) && pushed[6].is_signed_with(new));

        // Another member finds nothing; neither does its owner, once it is forgotten.
        let path = format!("{PATH}/{}", endpoint["id"].as_str().unwrap());
        registry.signed(&key("beta"), Method::DELETE, &path, b"").await.is_problem(404, "not-found");
        let listed = registry.signed(&key("beta"), Method::GET, PATH, b"").await.json();
        assert_eq!(listed, json!({"endpoints": []}));
        assert_eq!(asked(&registry, Method::DELETE, &endpoint, "", "").await.status, 204);
        asked(&registry, Method::GET, &endpoint, "", "").await.is_problem(404, "not-found");
        registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_no_endpoint_is_refused_and_changes_nothing() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let rows = registry.rows().await["endpoint"];
        for url in ["http://169.254.169.254/latest", "https://10.0.0.1/", "https://user@hooks.example/", "nowhere"] {
            create(&registry, &json!({"url": url})).await.is_problem(422, "endpoint-refused");
        }
        create(&registry, &json!({"url": "https://hooks.example/", "kinds": ["verdict"]}))
            .await
            .is_problem(400, "malformed");
        create(&registry, &json!({})).await.is_problem(400, "malformed");
        registry.post(PATH, "{}").await.is_problem(401, "unsigned");
        let seat = registry.committee.seat("panel-1");
        registry.signed(&seat, Method::POST, PATH, b"{}").await.is_problem(403, "members-only");
        assert_eq!(registry.rows().await["endpoint"], rows);

        let made = create(&registry, &json!({"url": "https://hooks.example/"})).await;
        assert_eq!(made.status, 201);
        create(&registry, &json!({"url": "https://hooks.example/"})).await.is_problem(409, "endpoint-repeated");
        let other = create(&registry, &json!({"url": "https://hooks.example/2"})).await.json();
        let same = r#"{"url":"https://hooks.example/"}"#;
        asked(&registry, Method::PATCH, &other, "", same).await.is_problem(409, "endpoint-repeated");
        assert_eq!(asked(&registry, Method::PATCH, &made.json(), "", same).await.status, 200, "it is its own");
        asked(&registry, Method::PATCH, &made.json(), "", r#"{"url":"https://10.1/"}"#)
            .await
            .is_problem(422, "endpoint-refused");
        asked(&registry, Method::POST, &made.json(), "/replay", r#"{"from":-1}"#).await.is_problem(400, "malformed");
        let path = format!("{PATH}/x");
        registry.signed(&alpha(&registry), Method::GET, &path, b"").await.is_problem(400, "malformed");
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_replay_of_the_whole_log_loses_nothing_and_keeps_the_order() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let receiver = Receiver::start().await;
        let endpoint = made(&registry, &receiver).await;
        for person in 0..40 {
            suspend(&mut registry, person..person + 1).await;
        }
        let size = registry.world.ledger.size();
        let all: Vec<u64> =
            registry.world.ledger.dockets(0, size).await.unwrap().iter().map(|docket| docket.index).collect();
        receiver.has(all.len()).await;
        until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
        // As it is after a restart: nothing of it is in memory.
        let registry = registry.starts_again().await;
        asked(&registry, Method::POST, &endpoint, "/replay", r#"{"from":0}"#).await;
        receiver.has(2 * all.len()).await;
        assert_eq!(receiver.indexes(), [all.clone(), all].concat());
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_docket_s_age_raises_an_alarm_until_it_is_delivered() {
    let mut registry = Registry::begun(crate::support::Engine::Sqlite).await;
    let receiver = Receiver::start().await;
    receiver.answers(|_| -> Response { StatusCode::INTERNAL_SERVER_ERROR.into_response() });
    let endpoint = create(&registry, &json!({"url": receiver.url})).await.json();
    suspend(&mut registry, 0..1).await;
    receiver.has(1).await;
    assert_eq!(registry.world.delivery.watch_lag().await.unwrap(), "0 endpoints lag");
    until(&registry, &endpoint, |shown| shown["failures"] == 1).await;
    receiver.answers(|_| StatusCode::OK.into_response());
    clock_on(&registry, 61_000);
    let lagged = registry.world.delivery.watch_lag().await.unwrap();
    assert_eq!(lagged, "1 endpoints lag");
    let page = async || registry.get("/propagation?lang=en").await.text().to_owned();
    assert!(page().await.contains(">lags<"), "everyone sees it");
    until(&registry, &endpoint, |shown| shown["behind"] == 0).await;
    assert_eq!(registry.world.delivery.watch_lag().await.unwrap(), "0 endpoints lag");
    assert!(!page().await.contains(">lags<"));
    let end = Time::from_millis(i64::MAX / 2);
    let id = endpoint["id"].as_str().unwrap().parse().unwrap();
    let attempts: Vec<StoredAttempt> = registry.world.ledger.store().attempts_before(id, end, 10).await.unwrap();
    assert_eq!(attempts.len(), 2);
    assert!(registry.world.delivery.forget_attempts(0).await.unwrap().starts_with('1'), "the other is of now");
    clock_on(&registry, 1);
    assert!(registry.world.delivery.forget_attempts(0).await.unwrap().starts_with('1'));
    registry.ends().await;
}
