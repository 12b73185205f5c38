//! Time is an event: what begins, ends or is to come is told when it does, whatever stood still meanwhile.

use callboard_federation::{encoding::RecordId, receipt::Outcome, statement::Kind};
use serde_json::{Value, json};

use crate::world::{World, act, number, question, tag_of, told};

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn suspension() -> Value {
    json!({"kind": "suspension", "scopes": ["live"]})
}

/// What the hook was told of a person, each time: decision and state, or why it is blocked.
fn words(world: &World, question: &Value) -> Vec<String> {
    let told = |call: &Value| {
        let state = call["blocked"].as_str().or(call["standing"]["state"].as_str());
        format!("{} {}", call["decision"].as_str().unwrap(), state.unwrap())
    };
    world.calls_of(question).iter().map(told).collect()
}

/// A platform with one adult, enrolled, and the tag of the adult's number.
async fn with_one() -> (World, Value, String) {
    let world = World::new(|_| {}).await;
    let adult = number("19900101", 1);
    let question = question("host-1", &[&adult]);
    let (_, enrolled) = world.post("/enrol", &question).await;
    assert_eq!(enrolled, json!({"enrolled": 1, "notAllowed": 0}));
    (world, question, tag_of("cn-id", &adult))
}

async fn told_so(world: &mut World, question: &Value, expected: &[&str]) {
    world
        .until(&format!("the hook is told {expected:?}"), async |world| words(world, question).len() >= expected.len())
        .await;
    world.settle().await;
    assert_eq!(words(world, question), expected);
    world.agree(&[question], "a check says the same").await;
}

#[tokio::test]
async fn an_account_with_two_identities_is_told_by_all_its_tags() {
    let mut world = World::new(|_| {}).await;
    let adult = number("19900101", 1);
    let mut question = question("host-1", &[&adult]);
    question["identities"].as_array_mut().unwrap().push(json!({"kind": "hmt-travel-permit", "value": "H12345678"}));
    assert_eq!(world.check(&question).await["decision"], "allow");
    let now = world.log.now;
    let of = |tag: String, world: &mut World| world.log.committee.impose(now, "ruling", &suspension(), &[tag], &[]);
    let first = of(tag_of("cn-id", &adult), &mut world);
    let second = of(tag_of("hmt-travel-permit", "H12345678"), &mut world);
    assert!(world.decide(&[&first]) && world.decide(&[&second]));
    world.settle().await;
    world.agree(&[&question], "both").await;
    let annulment = world.log.committee.act(now, Kind::Annulment, Kind::Ruling, &[first.record()]);
    assert!(world.decide(&[&annulment]));
    world.settle().await;
    world.agree(&[&question], "one is annulled, one stands").await;
    let said = world.said(&question);
    assert_eq!((&said["decision"], said["reasons"].as_array().unwrap().len()), (&json!("refuse"), 1));
    world.stop().await;
}

#[tokio::test]
async fn what_is_to_come_is_told_at_logging_and_again_when_it_takes_effect_and_only_then_receipted() {
    let (mut world, question, tag) = with_one().await;
    let effective = world.log.now.plus_millis(2 * MINUTE);
    let ruling = world.log.committee.impose(effective, "ruling", &suspension(), &[tag], &[]);
    let docket = world.log.committee.docket(world.log.now, &[&ruling], None).docket.payload_hash();
    assert!(world.decide(&[&ruling]));
    let docket_logged = world.log.lines.last().unwrap().docket.as_ref().unwrap().envelope.payload_hash();
    assert_ne!(docket, docket_logged, "drafted once for its shape, logged once");
    told_so(&mut world, &question, &["allow clear"]).await;
    let call = world.calls_of(&question)[0].clone();
    let to_come = &call["toCome"][0];
    assert_eq!(
        (&to_come["record"], &to_come["phase"], &to_come["startsAt"], &to_come["measure"]),
        (&json!(ruling.record()), &json!("to-come"), &json!(effective), &json!("suspension"))
    );
    assert_eq!((&call["standing"]["reasons"], &call["records"]), (&json!([]), &json!([ruling.record()])));
    assert_eq!(world.check(&question).await["toCome"], call["toCome"]);
    let receipts = |world: &World| world.registry.shown().receipts.clone();
    for step in [MINUTE, MINUTE - 1] {
        world.move_clock(step);
        world.settle().await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert!(receipts(&world).iter().all(|(of, _)| *of != docket_logged), "it isn't in effect");
    }
    // The agent stands still while it takes effect.
    world.restart().await;
    world.move_clock(1);
    told_so(&mut world, &question, &["allow clear", "refuse suspended"]).await;
    assert_eq!(world.calls_of(&question)[1]["records"], json!([ruling.record()]));
    world
        .until("the receipt is filed", async |world| receipts(world).contains(&(docket_logged, Outcome::InEffect)))
        .await;
    world.stop().await;
}

#[tokio::test]
async fn a_receipt_waits_for_the_call_that_carried_the_change_and_for_no_other_docket_s() {
    let (mut world, question, tag) = with_one().await;
    let effective = world.log.now.plus_millis(2 * MINUTE);
    let ruling = world.log.committee.impose(effective, "ruling", &suspension(), &[tag], &[]);
    assert!(world.decide(&[&ruling]));
    told_so(&mut world, &question, &["allow clear"]).await;
    let logged = |world: &World| world.log.lines.last().unwrap().docket.as_ref().unwrap().envelope.payload_hash();
    let waits = logged(&world);
    world.hook().fails_for = vec!["host-1/".to_owned()];
    world.move_clock(2 * MINUTE);
    // Of nobody here, and in effect at once.
    let other = world.log.committee.suspend(world.log.now, &tag_of("cn-id", &number("19700101", 9)));
    assert!(world.decide(&[&other]));
    let other = logged(&world);
    let has = |world: &World, docket| world.registry.shown().receipts.iter().any(|(of, _)| *of == docket);
    world.until("the other docket is receipted", async |world| has(world, other)).await;
    world.failing(1).await;
    assert!(!has(&world, waits), "the hook has not taken the call");
    world.hook().fails_for.clear();
    world.move_clock(2_000);
    world.until("the call is taken and receipted", async |world| has(world, waits)).await;
    world.stop().await;
}

#[tokio::test]
async fn from_which_day_somebody_may_apply_to_return_is_noted_and_told_when_it_comes() {
    let (mut world, question, tag) = with_one().await;
    let now = world.log.now;
    let measure = json!({"kind": "suspension", "scopes": ["live"], "until": now.plus_millis(100 * DAY)});
    let ruling = world.log.committee.impose(now, "ruling", &measure, &[tag], &[]);
    assert!(world.decide(&[&ruling]));
    told_so(&mut world, &question, &["refuse suspended"]).await;
    let codes = async |world: &World| -> Vec<String> {
        let answer = world.check(&question).await;
        let notes = answer["notes"].as_array().cloned().unwrap_or_default();
        notes.iter().map(|note| note["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&world).await, ["return-later"]);
    // Three months before the term ends.
    world.move_clock(15 * DAY);
    told_so(&mut world, &question, &["refuse suspended", "refuse suspended"]).await;
    assert_eq!(codes(&world).await, ["return-open"]);
    world.stop().await;
}

#[tokio::test]
async fn what_ends_by_time_is_told_when_it_ends() {
    let (mut world, question, tag) = with_one().await;
    let now = world.log.now;
    // An interim of a day; then a ruling, stayed for a day, and at last on probation for a day.
    let interim = json!({"kind": "suspension", "scopes": ["live"], "until": now.plus_millis(DAY)});
    let interim = world.log.committee.impose(now, "interim", &interim, std::slice::from_ref(&tag), &[]);
    assert!(world.decide(&[&interim]));
    told_so(&mut world, &question, &["refuse suspended"]).await;
    world.move_clock(DAY);
    told_so(&mut world, &question, &["refuse suspended", "allow clear"]).await;

    let ruling = world.log.committee.impose(world.log.now, "ruling", &suspension(), &[tag], &[]);
    assert!(world.decide(&[&ruling]));
    let acts = |world: &mut World, kind, own: Value| {
        let now = world.log.now;
        let drafted = act(&mut world.log.committee, now, kind, Kind::Ruling, ruling.record(), &own);
        assert!(world.decide(&[&drafted]));
    };
    world.settle().await;
    let until = world.log.now.plus_millis(DAY);
    acts(&mut world, Kind::Stay, json!({"until": until}));
    world.settle().await;
    world.restart().await;
    world.move_clock(DAY);
    world.settle().await;
    let until = world.log.now.plus_millis(DAY);
    acts(&mut world, Kind::Reinstatement, json!({"probation": {"until": until}}));
    world.settle().await;
    world.move_clock(DAY);
    let all = [
        "refuse suspended",
        "allow clear",
        "refuse suspended",
        "review stayed",
        "refuse suspended",
        "review probation",
        "allow clear",
    ];
    told_so(&mut world, &question, &all).await;
    world.stop().await;
}

#[tokio::test]
async fn birthdays_are_told_at_midnight_in_china() {
    let mut world = World::new(|_| {}).await;
    // The log's first day is 2026-03-01; these turn 16 and 18 on the fifth.
    let [child, youth, with_guardian] =
        [("20100305", "child", false), ("20080305", "youth", false), ("20100305", "agreed", true)].map(
            |(born, name, agreed)| {
                let mut question = question(name, &[&number(born, 7)]);
                question["guardianConsent"] = json!(agreed);
                question
            },
        );
    let all = json!([child, youth, with_guardian]);
    assert_eq!(world.post("/enrol", &all).await.1, json!({"enrolled": 3, "notAllowed": 3}));
    world.settle().await;
    let midnight = "2026-03-04T16:00:00.000Z".parse::<callboard_federation::encoding::Time>().unwrap();
    world.move_clock(midnight.as_millis() - world.log.now.as_millis() - 1);
    world.settle().await;
    world.agree(&[&child, &youth, &with_guardian], "the day before").await;
    world.restart().await;
    world.move_clock(1);
    world.settle().await;
    told_so(&mut world, &child, &["blocked under-age", "blocked guardian-consent-missing"]).await;
    told_so(&mut world, &youth, &["blocked guardian-consent-missing", "allow clear"]).await;
    told_so(&mut world, &with_guardian, &["blocked under-age", "allow clear"]).await;
    // The clock is set back over midnight, and goes on again.
    world.move_clock(-MINUTE);
    world.agree(&[&child, &youth, &with_guardian], "it is the day before again").await;
    world.move_clock(2 * MINUTE);
    world.agree(&[&child, &youth, &with_guardian], "and midnight again").await;
    world.stop().await;
}

#[tokio::test]
async fn a_view_that_is_stale_tells_nobody_anything_and_once_it_is_fresh_what_changed_meanwhile() {
    let (mut world, question, tag) = with_one().await;
    let now = world.log.now;
    let interim = json!({"kind": "suspension", "scopes": ["live"], "until": now.plus_millis(DAY)});
    let interim = world.log.committee.impose(now, "interim", &interim, &[tag], &[]);
    assert!(world.decide(&[&interim]));
    told_so(&mut world, &question, &["refuse suspended"]).await;
    world.registry.shown().status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    world.move_clock(2 * DAY);
    world.until("checks are stale", async |world| told(&world.check(&question).await)["blocked"] == "stale").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(words(&world, &question), ["refuse suspended"], "a stale view is no standing");
    world.registry.shown().status = axum::http::StatusCode::OK;
    told_so(&mut world, &question, &["refuse suspended", "allow clear"]).await;
    world.stop().await;
}

#[tokio::test]
async fn whoever_is_enrolled_and_is_not_allowed_is_told_at_once() {
    let mut world = World::new(|_| {}).await;
    let adult = number("19900101", 1);
    let ruling = world.log.committee.suspend(world.log.now, &tag_of("cn-id", &adult));
    assert!(world.decide(&[&ruling]));
    world.settle().await;
    let [listed, clear] = [question("listed", &[&adult]), question("clear", &[&number("19900101", 2)])];
    let (_, enrolled) = world.post("/enrol", &json!([listed, clear])).await;
    assert_eq!(enrolled, json!({"enrolled": 2, "notAllowed": 1}));
    told_so(&mut world, &listed, &["refuse suspended"]).await;
    assert!(words(&world, &clear).is_empty(), "of whom nothing stands nothing is said");
    let records: Vec<RecordId> = Vec::new();
    assert_eq!(world.calls_of(&listed)[0].get("records"), (!records.is_empty()).then_some(&json!(records)));
    world.stop().await;
}
