//! `POST /v1/receipts`, and what is shown of them: receipts, propagation, compliance.

use callboard_federation::{
    encoding::{Hash, RecordId, Time, to_json},
    receipt::{Exception, Outcome, Receipt},
};
use callboard_registry::{delivery::Delivery, store::jobs::StoredJob};
use callboard_rules::policies;
use ed25519_dalek::SigningKey;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Answer, Registry, alpha, key},
    receiver::Receiver,
    support::{Engine, committee::tag, engines},
};

const PATH: &str = "/v1/receipts";

/// A docket of one ruling under a policy that asks for receipts within a day, after twelve hours reminded.
pub(crate) async fn asks(engine: Engine) -> (Registry, Hash, RecordId) {
    let mut registry = Registry::watched(engine).await;
    let source = policies::find("streamer-warning-rules", "2022").unwrap();
    let document =
        policies::read(&source.text.replacen("version = \"2022\"", "version = \"2022-receipts\"", 1)).unwrap();
    let at = registry.now();
    let policy = registry.committee.adopt(at, document);
    registry.logs(&policy).await;
    let measure = json!({"kind": "suspension", "scopes": ["live"]});
    let ruling = registry.committee.impose(at, "ruling", &measure, &[tag(1)], &[]);
    let docket = registry.committee.docket(at, &[&ruling], None);
    registry.logs(&docket).await;
    (registry, docket.docket.payload_hash(), ruling.record())
}

pub(crate) fn receipt(member: &str, docket: Hash, outcome: Outcome, exceptions: Vec<Exception>, at: Time) -> Receipt {
    Receipt { v: 1, member: member.to_owned().try_into().unwrap(), docket, outcome, exceptions, at }
}

async fn file(registry: &Registry, key: &SigningKey, receipt: &Receipt) -> Answer {
    registry.post(PATH, to_json(&receipt.sign(key))).await
}

/// Alpha's word that a record isn't in effect with it.
pub(crate) async fn declines(registry: &Registry, docket: Hash, record: RecordId, reason: &str) {
    let exception = Exception { record, reason: reason.to_owned() };
    let declined = receipt("alpha", docket, Outcome::Declined, vec![exception], registry.now());
    assert_eq!(file(registry, &alpha(registry), &declined).await.status, 201);
}

async fn propagation(registry: &Registry, docket: Hash) -> Value {
    let answer = registry.get(&format!("/v1/dockets/{docket}/propagation")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn hours_on(registry: &Registry, hours: i64) {
    registry.world.clock.move_to(registry.now().plus_millis(hours * 3_600_000));
}

#[tokio::test]
async fn a_member_s_receipt_is_kept_shown_and_the_later_of_two_stands() {
    for engine in engines() {
        let (registry, docket, record) = asks(engine).await;
        let (alpha, at) = (alpha(&registry), registry.now());
        let reason = || vec![Exception { record, reason: "no such account here".to_owned() }];
        let declined = receipt("alpha", docket, Outcome::Declined, reason(), at);
        let taken = file(&registry, &alpha, &declined).await;
        assert_eq!((taken.status, taken.json()), (201, json!({"receipt": Hash::of(&to_json(&declined))})));
        assert_eq!(file(&registry, &alpha, &declined).await.status, 200, "the same again is answered as before");
        let in_effect = receipt("alpha", docket, Outcome::InEffect, Vec::new(), at.plus_millis(5));
        assert_eq!(file(&registry, &alpha, &in_effect).await.status, 201);
        // Filed after it, but of before it: kept, and doesn't stand.
        let earlier = receipt("alpha", docket, Outcome::Partly, reason(), at.plus_millis(4));
        assert_eq!(file(&registry, &alpha, &earlier).await.status, 201);

        let shown = propagation(&registry, docket).await;
        let row = &shown["members"][0];
        assert_eq!(
            (&row["member"], &row["acted"], &row["receipts"]),
            (&json!("alpha"), &json!("in-effect"), &json!(3))
        );
        assert_eq!(shown["counts"], json!({"in-effect": 1, "awaited": 1}));
        let path = format!("/v1/dockets/{docket}/receipts");
        let listed = registry.signed(&key("beta"), Method::GET, &path, b"").await.json();
        let listed = listed["receipts"].as_array().unwrap();
        let listed: Vec<_> = listed.iter().map(|kept| (kept["outcome"].as_str().unwrap(), &kept["holds"])).collect();
        assert_eq!(listed, [("declined", &json!(false)), ("in-effect", &json!(true)), ("partly", &json!(false))]);
        registry.get(&path).await.is_problem(401, "unsigned");
        let filed = async |key: &SigningKey| registry.signed(key, Method::GET, "/v1/receipts/filed", b"").await;
        let holds = json!({"index": shown["index"], "outcome": "in-effect", "at": in_effect.at, "exceptions": 0});
        assert_eq!(filed(&alpha).await.json(), json!({"receipts": [holds]}));
        assert_eq!(filed(&key("beta")).await.json(), json!({"receipts": []}), "each sees its own");
        filed(&registry.committee.seat("panel-1")).await.is_problem(403, "members-only");
        registry.ends().await;
    }
}

#[tokio::test]
async fn who_says_nothing_is_reminded_and_then_overdue_for_everyone_to_see() {
    for engine in engines() {
        let (registry, docket, record) = asks(engine).await;
        let (alpha, at) = (alpha(&registry), registry.now());
        let notices = async || {
            registry.world.delivery.watch_receipts().await.unwrap();
            let feed = registry.signed(&key("beta"), Method::GET, "/v1/feed?from=0", b"").await;
            feed.header("callboard-notices").to_owned()
        };
        assert_eq!(notices().await, "");
        hours_on(&registry, 12);
        assert_eq!(notices().await, "receipts-due=1");
        let exception = Exception { record, reason: "no such account here".to_owned() };
        let partly = receipt("alpha", docket, Outcome::Partly, vec![exception], at);
        assert_eq!(file(&registry, &alpha, &partly).await.status, 201);
        hours_on(&registry, 12);
        assert_eq!(notices().await, "receipts-overdue=1");
        let shown = propagation(&registry, docket).await;
        assert_eq!(shown["counts"], json!({"partly": 1, "overdue": 1}));
        assert_eq!(shown["dueAt"], json!(at.plus_millis(24 * 3_600_000)));
        assert_eq!(
            shown["lags"]["receipted"],
            json!({"members": 1, "p50": 43_200_000, "p95": 43_200_000, "max": 43_200_000})
        );

        let board =
            registry.signed(&registry.committee.seat("panel-1"), Method::GET, "/v1/compliance", b"").await.json();
        let members = board["members"].as_array().unwrap();
        assert_eq!(members[0]["open"][0]["exceptions"][0]["reason"], "no such account here");
        assert_eq!(
            (&members[1]["counts"], &members[1]["open"][0]["acted"]),
            (&json!({"overdue": 1}), &json!("overdue"))
        );
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_receipt_is_due_once_the_docket_s_last_record_is_in_effect_for_as_long_as_the_policy_says() {
    for engine in engines() {
        let (mut registry, _, _) = asks(engine).await;
        let at = registry.now();
        let measure = json!({"kind": "suspension", "scopes": ["live"]});
        let now = registry.committee.impose(at, "ruling", &measure, &[tag(2)], &[]);
        let later = registry.committee.impose(at.plus_days(3), "ruling", &measure, &[tag(3)], &[]);
        let docket = registry.committee.docket(at, &[&now, &later], None);
        registry.logs(&docket).await;
        let docket = docket.docket.payload_hash();
        for (hours, acted) in [(0, "awaited"), (95, "awaited"), (1, "overdue")] {
            hours_on(&registry, hours);
            let shown = propagation(&registry, docket).await;
            assert_eq!(shown["dueAt"], json!(at.plus_days(4)));
            assert_eq!(shown["members"][0]["acted"], acted);
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_no_word_of_a_member_on_a_docket_is_refused_and_changes_nothing() {
    for engine in engines() {
        let (registry, docket, record) = asks(engine).await;
        let (alpha, at) = (alpha(&registry), registry.now());
        let rows = registry.rows().await;
        let reason = |reason: &str| vec![Exception { record, reason: reason.to_owned() }];
        let other = Exception { record: RecordId::new(at, [9; 10]), reason: "?".to_owned() };
        let twice = [reason("a"), reason("b")].concat();
        for (key, receipt) in [
            (&key("a stranger"), receipt("alpha", docket, Outcome::InEffect, Vec::new(), at)),
            (&key("beta"), receipt("alpha", docket, Outcome::InEffect, Vec::new(), at)),
            (&alpha, receipt("alpha", Hash::of(b"no docket"), Outcome::InEffect, Vec::new(), at)),
            (&alpha, receipt("alpha", docket, Outcome::InEffect, reason("but"), at)),
            (&alpha, receipt("alpha", docket, Outcome::Declined, Vec::new(), at)),
            (&alpha, receipt("alpha", docket, Outcome::Partly, reason(""), at)),
            (&alpha, receipt("alpha", docket, Outcome::Partly, reason(&"x".repeat(2_001)), at)),
            (&alpha, receipt("alpha", docket, Outcome::Partly, twice, at)),
            (&alpha, receipt("alpha", docket, Outcome::Partly, vec![other], at)),
            (&alpha, receipt("alpha", docket, Outcome::InEffect, Vec::new(), at.plus_millis(6 * 60_000))),
        ] {
            file(&registry, key, &receipt).await.is_problem(422, "receipt-refused");
        }
        registry.post(PATH, "{}").await.is_problem(400, "malformed");
        registry.get("/v1/dockets/x/propagation").await.is_problem(400, "malformed");
        let nothing = format!("/v1/dockets/{}/propagation", Hash::of(b"no docket"));
        registry.get(&nothing).await.is_problem(404, "not-found");
        assert_eq!(registry.rows().await, rows);
        registry.ends().await;
    }
}

#[tokio::test]
async fn however_many_a_member_files_each_answer_is_bounded_and_the_one_that_holds_is_seen_at_once() {
    for engine in engines() {
        let (registry, docket, record) = asks(engine).await;
        let alpha = alpha(&registry);
        let mut filed = 0;
        let mut refused = 0;
        // Ten a minute, and each says why at length.
        while filed < 2_000 {
            let reason = vec![Exception { record, reason: format!("{filed} {}", "x".repeat(1_900)) }];
            let declined = receipt("alpha", docket, Outcome::Declined, reason, registry.now());
            let answer = file(&registry, &alpha, &declined).await;
            if answer.status == 429 {
                answer.is_problem(429, "rate-limited");
                let wait: i64 = answer.header("retry-after").parse().unwrap();
                assert!((1..=60).contains(&wait));
                registry.world.clock.move_to(registry.now().plus_millis(wait * 1_000));
                refused += 1;
            } else {
                assert_eq!(answer.status, 201, "{}", answer.text());
                filed += 1;
                registry.world.clock.move_to(registry.now().plus_millis(1));
            }
        }
        assert!(refused >= 199, "{refused} minutes");
        let path = format!("/v1/dockets/{docket}/receipts");
        let (mut seen, mut holding, mut next) = (0, 0, Some(0));
        while let Some(after) = next {
            let page = format!("{path}?after={after}&limit=1000");
            let page = if after == 0 { path.clone() } else { page };
            let answer = registry.signed(&alpha, Method::GET, &page, b"").await;
            assert!(answer.body.len() < 6 << 20, "{} bytes", answer.body.len());
            let page = answer.json();
            let rows = page["receipts"].as_array().unwrap();
            assert!(!rows.is_empty() && (after > 0 || rows.len() == 100), "a page has a hundred unless asked");
            seen += rows.len();
            holding += rows.iter().filter(|row| row["holds"] == true).count();
            next = page["next"].as_u64();
        }
        assert_eq!((seen, holding), (2_000, 1));
        let shown = propagation(&registry, docket).await;
        assert_eq!((&shown["members"][0]["receipts"], &shown["members"][0]["exceptions"]), (&json!(2_000), &json!(1)));
        let board = registry.signed(&alpha, Method::GET, "/v1/compliance", b"").await;
        let reason = board.json()["members"][0]["open"][0]["exceptions"][0]["reason"].as_str().unwrap().len();
        assert_eq!(reason, 200, "a board shows how a reason begins");
        registry.ends().await;
    }
}

/// The dockets of the alarms of one member that began or ended, in order.
fn alarms(operators: &Receiver, state: &str, member: &str) -> Vec<Value> {
    let told = operators.pushed().into_iter().map(|pushed| pushed.json());
    let of = told.filter(|told| told["type"] == "receipt.overdue" && told["state"] == state);
    of.filter(|told| told["data"]["member"] == member).map(|told| told["data"]["docket"].clone()).collect()
}

#[tokio::test]
async fn an_overdue_docket_raises_an_alarm_however_many_are_newer_until_its_receipt_is_there() {
    for engine in engines() {
        let (mut registry, oldest, _) = asks(engine).await;
        let (alpha, at) = (alpha(&registry), registry.now());
        let operators = Receiver::start().await;
        let (clock, guard) = (registry.world.clock.clone(), registry.world.delivery.guard());
        let watching = Delivery::start(registry.world.ledger.clone(), clock, guard, &operators.url).unwrap();
        watching.stop();
        let measure = json!({"kind": "suspension", "scopes": ["live"]});
        let mut dockets = vec![oldest];
        // More than a member is shown, and than are looked back over for it.
        for person in 2..=220 {
            let ruling = registry.committee.impose(at, "ruling", &measure, &[tag(person)], &[]);
            let docket = registry.committee.docket(at, &[&ruling], None);
            registry.logs(&docket).await;
            dockets.push(docket.docket.payload_hash());
        }
        hours_on(&registry, 24);
        for _ in 0..2 {
            watching.watch_receipts().await.unwrap();
        }
        let mut begun = alarms(&operators, "begun", "alpha");
        begun.sort_unstable_by_key(Value::to_string);
        dockets.sort_unstable();
        assert_eq!(begun, dockets.iter().map(|docket| json!(docket)).collect::<Vec<_>>());

        let done = receipt("alpha", oldest, Outcome::InEffect, Vec::new(), registry.now());
        assert_eq!(file(&registry, &alpha, &done).await.status, 201);
        for _ in 0..2 {
            watching.watch_receipts().await.unwrap();
        }
        assert_eq!(alarms(&operators, "ended", "alpha"), [json!(oldest)]);
        assert_eq!(alarms(&operators, "ended", "beta"), [""; 0]);
        assert_eq!(alarms(&operators, "begun", "alpha").len(), dockets.len(), "each is told once");
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_registry_that_was_off_for_a_week_calls_nobody_overdue_and_disables_no_endpoint_for_it() {
    for engine in engines() {
        let (registry, docket, _) = asks(engine).await;
        let at = registry.now();
        let (name, outcome) = ("refresh-checkpoint".to_owned(), Ok("signed anew".to_owned()));
        let job = StoredJob { name, began_at: at, took_millis: 1, outcome, next_at: None };
        registry.world.ledger.store().put_job(&job).await.unwrap();
        let registry = registry.starts_behind(-7).await;
        registry.world.delivery.outages().await.unwrap();
        for (hours, acted) in [(0, "awaited"), (23, "awaited"), (1, "overdue")] {
            hours_on(&registry, hours);
            let shown = propagation(&registry, docket).await;
            assert_eq!((&shown["members"][0]["acted"], &shown["dueAt"]), (&json!(acted), &json!(at.plus_days(8))));
        }
        // A restart is no outage, and what was one is known after it.
        let registry = registry.starts_again().await;
        assert_eq!(propagation(&registry, docket).await["dueAt"], json!(at.plus_days(8)));
        registry.ends().await;
    }
}
