//! How the hook is called: nobody waits for another, what is said changes its id, a word may come later, a dry run calls nobody.

use std::time::{Duration, Instant};

use callboard_agent::config::HookMode;
use callboard_federation::{encoding::Time, statement::Kind};
use serde_json::{Value, json};

use crate::world::{Does, World, act, done, number, question, tag_of};

/// Listed people: so many, each suspended by one docket.
async fn listed(world: &mut World, count: u32) -> Vec<Value> {
    let numbers: Vec<String> = (1..=count).map(|sequence| number("19800101", sequence)).collect();
    let now = world.log.now;
    let drafted: Vec<_> =
        numbers.iter().map(|number| world.log.committee.suspend(now, &tag_of("cn-id", number))).collect();
    let questions: Vec<Value> =
        numbers.iter().zip(1..).map(|(number, at)| question(&format!("host-{at}"), &[number])).collect();
    assert_eq!(world.post("/enrol", &json!(questions)).await.1, json!({"enrolled": count, "notAllowed": 0}));
    assert!(world.decide(&drafted.iter().collect::<Vec<_>>()));
    questions
}

async fn took(world: &World, questions: &[Value]) {
    for question in questions {
        world.until(&format!("{question} is told"), async |world| world.said(question)["decision"] == "refuse").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_for_whom_the_hook_hangs_or_fails_delay_no_other() {
    let mut world = World::new(|_| {}).await;
    // More hang than there are places.
    world.hook().hangs_for = (1..=20).map(|at| format!("host-{at}/")).collect();
    world.hook().fails_for = (21..=40).map(|at| format!("host-{at}/")).collect();
    let questions = listed(&mut world, 100).await;
    let began = Instant::now();
    took(&world, &questions[40..]).await;
    assert!(began.elapsed() < Duration::from_secs(9), "others wait for those that hang: {:?}", began.elapsed());
    world.hook().hangs_for.clear();
    world.hook().fails_for.clear();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_taken_wakes_those_that_wait_and_one_that_fails_for_itself_is_not_asked_each_time() {
    let mut world = World::new(|_| {}).await;
    world.hook().does = Does::Fails;
    let questions = listed(&mut world, 8).await;
    world.failing(8).await;
    // Nobody's turn comes, since the clock stands: only a success can wake them.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.hook().calls.len(), 8);
    world.hook().does = Does::Takes;
    world.hook().fails_for = vec!["host-1/".to_owned()];
    let suspended = number("19700101", 1);
    let later = world.log.committee.suspend(world.log.now, &tag_of("cn-id", &suspended));
    assert!(world.decide(&[&later]));
    let new = question("new", &[&suspended]);
    world.check(&new).await;
    took(&world, &questions[1..]).await;
    took(&world, std::slice::from_ref(&new)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let asked = world.calls_of(&questions[0]).len();
    assert!(asked <= 2, "it is asked at each success of the others: {asked}");
    world.hook().fails_for.clear();
    world.move_clock(5_000);
    took(&world, &questions).await;
    world.stop().await;
}

#[tokio::test]
async fn a_call_has_its_id_as_long_as_it_says_the_same_and_another_once_it_does_not() {
    let mut world = World::new(|_| {}).await;
    world.hook().does = Does::Fails;
    let adult = number("19900101", 1);
    let question = question("host-1", &[&adult]);
    let ruling = world.log.committee.suspend(world.log.now, &tag_of("cn-id", &adult));
    world.check(&question).await;
    assert!(world.decide(&[&ruling]));
    let ids =
        |world: &World| -> Vec<Value> { world.calls_of(&question).iter().map(|call| call["id"].clone()).collect() };
    world.failing(1).await;
    world.move_clock(2_000);
    world.until("it failed again", async |world| ids(world).len() == 2).await;
    world.failing(1).await;
    world.restart().await;
    world.until("it failed after a restart", async |world| ids(world).len() == 3).await;
    world.failing(1).await;
    assert_eq!(ids(&world), vec![ids(&world)[0].clone(); 3]);
    // Nobody knows whether the hook did what it was told: that nothing stands any more is said too.
    let now = world.log.now;
    let annulment = act(&mut world.log.committee, now, Kind::Annulment, Kind::Ruling, ruling.record(), &json!({}));
    assert!(world.decide(&[&annulment]));
    world.until("it is annulled", async |world| world.check(&question).await["decision"] == "allow").await;
    world.until("that is seen", async |world| world.get("/status").await.1["hookWaiting"] == 0).await;
    world.hook().does = Does::Takes;
    world.move_clock(10_000);
    world.until("it is told that nothing stands", async |world| ids(world).len() == 4).await;
    let calls = world.calls_of(&question);
    assert_ne!(calls[3]["id"], calls[0]["id"]);
    assert_eq!((&calls[3]["decision"], &calls[3]["standing"]["state"]), (&json!("allow"), &json!("clear")));
    world.settle().await;
    world.stop().await;
}

#[tokio::test]
async fn a_hook_may_answer_202_and_report_done_later_and_the_receipt_waits_for_it() {
    let mut world = World::new(|_| {}).await;
    world.hook().does = Does::Accepts;
    let questions = listed(&mut world, 1).await;
    let docket = world.log.lines.last().unwrap().docket.as_ref().unwrap().envelope.payload_hash();
    let calls = |world: &World| world.calls_of(&questions[0]);
    world.until("it is accepted", async |world| world.hook().accepted.len() == 1).await;
    let receipted = |world: &World| world.registry.shown().receipts.iter().any(|(of, _)| *of == docket);
    for (millis, count) in [(0, 1), (3_599_000, 1), (2_000, 2)] {
        world.move_clock(millis);
        world.until("it is asked when it said", async |world| calls(world).len() == count).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(calls(&world).len(), count, "asked before its time");
        assert_eq!(world.get("/status").await.1["hookOwed"], 1);
        assert!(!receipted(&world));
    }
    assert_eq!(calls(&world)[0]["id"], calls(&world)[1]["id"]);
    world.restart().await;
    let call = calls(&world)[1].clone();
    let unknown = done(&json!({"id": "019c167f-cc00-7568-8a65-6cc0703e460a"}));
    assert_eq!(world.post(&unknown, &json!({})).await.0, 404);
    assert_eq!(world.post("/hook/x/done", &json!({})).await.0, 400);
    assert_eq!(world.post(&done(&call), &json!({})).await.0, 204);
    world.until("it is receipted", async |world| receipted(world)).await;
    assert_eq!(world.get("/status").await.1["hookOwed"], 0);
    world.stop().await;
}

#[tokio::test]
async fn a_dry_run_calls_nobody_tells_whom_a_docket_concerns_and_files_no_receipt() {
    let mut world = World::new(|config| config.hook_mode = HookMode::Report).await;
    let questions = listed(&mut world, 3).await;
    let index = world.log.lines.len() - 1;
    world
        .until("it is reported", async |world| {
            world.get("/status").await.1["hookReported"] == json!([{"index": index, "people": 3}])
        })
        .await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (_, status) = world.get("/status").await;
    assert_eq!((&status["hookOwed"], &status["hookMode"]), (&json!(0), &json!("report")));
    assert!(world.hook().calls.is_empty() && world.registry.shown().receipts.is_empty());
    // Once it is meant, everyone who isn't allowed is told.
    world.config.hook_mode = HookMode::Call;
    world.restart().await;
    took(&world, &questions).await;
    world.until("it is receipted", async |world| !world.registry.shown().receipts.is_empty()).await;
    world.stop().await;
}

#[tokio::test]
async fn who_is_not_allowed_is_listed_without_a_number_being_sent_again() {
    let mut world = World::new(|_| {}).await;
    let questions = listed(&mut world, 5).await;
    took(&world, &questions).await;
    let mut odd = question("=1+1", &[&number("19900101", 3)]);
    odd["person"] = json!("jia");
    let child = question("child", &[&number("20200101", 4)]);
    world.post("/enrol", &json!([odd, child])).await;
    let of = async |path: &str| {
        let (status, page) = world.get(path).await;
        assert_eq!(status, 200, "{page}");
        page
    };
    let (mut listed, mut path) = (Vec::new(), "/refs?decision=refuse,blocked&limit=2".to_owned());
    loop {
        let page = of(&path).await;
        listed.extend(page["people"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/refs?decision=refuse,blocked&limit=2&after={next}");
    }
    let mut names: Vec<&str> = listed.iter().map(|of| of["ref"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["child", "host-1", "host-2", "host-3", "host-4", "host-5"]);
    let one = of("/refs/host-3").await;
    assert_eq!(
        (&one["people"][0]["decision"], &one["people"][0]["standing"]["state"], &one["people"][0]["owed"]),
        (&json!("refuse"), &json!("suspended"), &json!(false))
    );
    assert_eq!(of("/refs/child").await["people"][0]["blocked"], "under-age");
    let csv = of("/refs?format=csv").await;
    let csv = csv.as_str().unwrap();
    assert!(csv.contains("\r\n'=1+1,jia,allow,,clear,") && csv.lines().count() == 8, "{csv}");
    let ndjson = of("/refs?format=ndjson&decision=allow").await;
    assert_eq!(ndjson["ref"], "=1+1", "{ndjson}");
    for wrong in ["/refs?decision=none", "/refs?format=xml", "/refs?after=1", "/refs?sort=1"] {
        assert_eq!(world.get(wrong).await.0, 400, "{wrong}");
    }
    assert_eq!(world.get("/refs/nobody").await.0, 404);
    assert_eq!(world.get("/status").await.1["checks"], 0, "it is no check");
    world.registry.shown().status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    world.move_clock(86_400_000);
    world.until("it is stale", async |world| world.get("/refs").await.0 == 503).await;
    world.stop().await;
}

#[tokio::test]
async fn the_hook_s_secret_is_its_owner_s_alone_and_stays() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut world = World::new(|_| {}).await;
    let path = world.config.directory.join("hook.secret");
    let before = std::fs::read_to_string(&path).unwrap();
    assert!(before.starts_with("whsec_"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    world.restart().await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    assert!(Time::from_millis(0) < world.log.now);
    world.stop().await;
}

#[tokio::test]
async fn an_anchor_that_is_refused_for_good_is_said_and_not_handed_in_for_ever() {
    let mut world = World::new(|_| {}).await;
    world.registry.shown().anchors.1 = true;
    world.check(&question("host-1", &[&number("19900101", 1)])).await;
    let failure = async |world: &World| world.get("/status").await.1["anchorFailure"].clone();
    let is_said = async |world: &World| failure(world).await.to_string().contains("The day is anchored");
    // Once it is written down, no restart hands it in again.
    world.until("it is said", &is_said).await;
    for _ in 0..3 {
        // It looks at its start, and then each ten minutes.
        world.restart().await;
        world.until("it is said", &is_said).await;
    }
    assert_eq!(world.registry.shown().anchors.0, 1);
    // The next day's is taken, and covers what the refused one was to.
    world.registry.shown().anchors.1 = false;
    world.move_clock(86_400_000);
    world.until("the view is fresh", async |world| world.get("/readyz").await.0 == 200).await;
    world.check(&question("host-2", &[&number("19900101", 2)])).await;
    world.restart().await;
    // An agent that is stopped before it hears the answer hands it in once more.
    world.until("it is handed in", async |world| world.registry.shown().anchors.0 >= 2).await;
    world.until("it is taken", async |world| failure(world).await.is_null()).await;
    world.stop().await;
}

#[tokio::test]
async fn an_account_that_is_handed_over_is_told_anew() {
    let mut world = World::new(|_| {}).await;
    let questions = listed(&mut world, 1).await;
    took(&world, &questions).await;
    let next = question("host-1", &[&number("19950505", 6)]);
    assert_eq!(world.check(&next).await["blocked"], "identity-invalid", "it is held for another person");
    assert_eq!(world.post("/refs/host-1/replace", &json!({})).await.0, 204);
    assert_eq!(world.get("/status").await.1["hookOwed"], 0, "of an account that nobody has nothing is owed");
    assert_eq!(world.check(&next).await["decision"], "allow");
    world.agree(&[&next], "who has it now is allowed").await;
    let last = world.calls_of(&next).pop().unwrap();
    assert_eq!((&last["decision"], &last["standing"]["state"]), (&json!("allow"), &json!("clear")));
    world.stop().await;
}
