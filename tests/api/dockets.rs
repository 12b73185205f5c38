//! `/v1/dockets`: handing in, listing, showing. Which dockets count is `tests/promises/no_forging.rs`'s.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::Registry,
    support::{committee::tag, engines},
};

#[tokio::test]
async fn a_docket_is_logged_once_whoever_hands_it_in_again() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let at = registry.now();
        let drafted = registry.committee.suspend(at, &tag(1));
        let docket = serde_json::to_vec(&registry.committee.docket(at, &[&drafted], None)).unwrap();
        let first = registry.post("/v1/dockets", docket.clone()).await;
        let again = registry.post("/v1/dockets", docket).await;
        assert_eq!((first.status, again.status), (201, 200));
        assert_eq!(first.json()["index"], 19);
        assert_eq!(first.json(), again.json());
        registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_no_hand_in_is_refused_and_leaves_nothing() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let at = registry.now();
        let drafted = registry.committee.suspend(at, &tag(1));
        let whole = serde_json::to_value(registry.committee.docket(at, &[&drafted], None)).unwrap();
        let text = whole.to_string();
        let changed = |change: fn(&mut Value)| {
            let mut changed = whole.clone();
            change(&mut changed);
            changed.to_string().into_bytes()
        };
        let rows = registry.rows().await;
        for body in [
            b"".to_vec(),
            b"[]".to_vec(),
            b"{\"docket\":".to_vec(),
            b"{\"docket\":\"\xff\"}".to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            format!("{text} x").into_bytes(),
            text.replacen("\"items\"", "\"items\":[],\"items\"", 1).into_bytes(),
            changed(|body| body["stray"] = json!(1)),
            changed(|body| body["publication"] = Value::Null),
            changed(|body| body["items"][0]["share"] = Value::Null),
            changed(|body| body["items"][0]["statement"] = json!("not base64")),
            changed(|body| drop(body.as_object_mut().unwrap().remove("docket"))),
        ] {
            registry.post("/v1/dockets", body).await.is_problem(400, "malformed");
        }
        let share = changed(|body| body["items"][0]["share"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
        registry.post("/v1/dockets", share).await.is_problem(422, "share-mismatch");
        let unsigned = changed(|body| body["docket"]["signatures"] = json!([]));
        registry.post("/v1/dockets", unsigned).await.is_problem(422, "docket-unsigned");
        let one = changed(|body| body["docket"]["signatures"].as_array_mut().unwrap().truncate(1));
        registry.post("/v1/dockets", one).await.is_problem(422, "threshold");
        let too_large = vec![b' '; 100_000_001];
        registry.post("/v1/dockets", too_large).await.is_problem(413, "body-too-large");
        assert_eq!(registry.rows().await, rows);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_refusal_never_repeats_what_was_refused() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let secret = "110101199003070000";
        for body in
            [format!("{{\"{secret}\":1}}"), format!("{{\"docket\":{{\"payload\":\"{secret}\"}}}}"), secret.into()]
        {
            let answer = registry.post("/v1/dockets", body).await;
            answer.is_problem(400, "malformed");
            assert!(!answer.text().contains(secret), "{}", answer.text());
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = registry.get(&format!("/v1/dockets?limit=7{cursor}")).await.json();
            let dockets = page["dockets"].as_array().unwrap();
            assert!(!dockets.is_empty() && dockets.len() <= 7);
            seen.extend(dockets.iter().map(|docket| docket["index"].as_u64().unwrap()));
            let Some(next) = page.get("next") else { break };
            cursor = format!("&after={next}");
        }
        assert_eq!(seen, (0..19).collect::<Vec<u64>>());
        let whole = registry.get("/v1/dockets?limit=19").await.json();
        assert!(whole.get("next").is_none(), "a full page that is the last has no next");
        assert_eq!(registry.get("/v1/dockets?after=18").await.json(), json!({"dockets": []}));
        assert_eq!(registry.get("/v1/dockets?after=18446744073709551615").await.json(), json!({"dockets": []}));
        for query in ["limit=x", "after=-1", "before=3", "limit=1&limit=2"] {
            registry.get(&format!("/v1/dockets?{query}")).await.is_problem(400, "malformed");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_docket_is_shown_by_its_hash_and_not_sent_twice() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let row = registry.get("/v1/dockets?after=3&limit=1").await.json()["dockets"][0].clone();
        let path = format!("/v1/dockets/{}", row["docket"].as_str().unwrap());
        let shown = registry.get(&path).await;
        let handed = &registry.committee.beginning()[4]["handIn"];
        assert_eq!(shown.json()["envelope"], handed["docket"]);
        assert_eq!((&shown.json()["index"], &shown.json()["loggedAt"]), (&row["index"], &row["loggedAt"]));
        assert_eq!(shown.json()["items"][0]["of"], "bar");

        let tag = shown.header("etag");
        for (known, status) in [
            (tag.to_owned(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"x\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"x\"".to_owned(), 200),
        ] {
            let asked = registry.request(Method::GET, &path).header("if-none-match", known.as_str());
            let answer = registry.send(asked).await;
            assert_eq!((answer.status, answer.body.is_empty()), (status, status == 304), "{known}");
            assert_eq!(answer.header("etag"), tag);
        }
        registry.get(&format!("/v1/dockets/{}", "0".repeat(64))).await.is_problem(404, "not-found");
        for wrong in ["0", &"g".repeat(64), &"A".repeat(64), "%ff"] {
            registry.get(&format!("/v1/dockets/{wrong}")).await.is_problem(400, "malformed");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn of_a_long_hand_in_no_more_is_read_than_shows_that_seats_signed_it() {
    for engine in engines() {
        let mut registry = Registry::begun(engine).await;
        let at = registry.now();
        let drafted: Vec<_> = (0..40).map(|person| registry.committee.suspend(at, &tag(person))).collect();
        let docket = registry.committee.docket(at, &drafted.iter().collect::<Vec<_>>(), None);
        let text = serde_json::to_string(&docket).unwrap();
        // White space that any reader passes over makes it longer than other requests may be.
        let long = |text: &str| text.replacen(",\"items\":", &format!(",{}\"items\":", " ".repeat(1_100_000)), 1);
        assert!(text.starts_with("{\"docket\":") && long(&text).len() > 1_100_000);

        let stranger = text.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1);
        for unsigned in [long(&stranger), format!("{}{text}", " ".repeat(1_100_000)), "[".repeat(1_100_000)] {
            registry.post("/v1/dockets", unsigned).await.is_problem(413, "body-too-large");
        }
        let logged = registry.post("/v1/dockets", long(&text)).await;
        assert_eq!(logged.status, 201, "{}", logged.text());
        // Whoever finds a docket that is logged hands it in again, however long.
        assert_eq!(registry.post("/v1/dockets", long(&text)).await.status, 200);
        registry.ends().await;
    }
}
