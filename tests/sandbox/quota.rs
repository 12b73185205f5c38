//! A list under a quota that doesn't reach: what fits is said beforehand and answered, and nothing that was paid is lost.

use std::{fmt::Write as _, fs};

use serde_json::{Value, json};

use crate::{
    agent::Agent,
    lists::Program,
    support::{Sandbox, number, until},
};

/// Points a day of the sandbox's member.
const PER_DAY: u64 = 10_000;
/// Checks before the list: it doesn't fit any more.
const BEFORE: usize = 3;

async fn status(sandbox: &Sandbox) -> Value {
    sandbox.http.get(sandbox.url(2, "/status")).send().await.unwrap().json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_does_not_fit_is_answered_as_far_as_the_points_reach_and_gone_on_with() {
    let sandbox = Sandbox::start(&[]).await;
    let temporary = tempfile::tempdir().unwrap();
    let (dir, program) = (temporary.path(), Program { sandbox: &sandbox, dir: temporary.path() });
    for person in 0..BEFORE {
        let identities = json!([{"kind": "cn-id", "value": number(100_000 + person)}]);
        sandbox.check(&json!({"ref": format!("before-{person}"), "identities": identities})).await;
    }
    let before = status(&sandbox).await;
    let left = before["quota"]["left"].as_u64().unwrap();
    assert_eq!(before["quota"]["perDay"].as_u64(), Some(PER_DAY));
    assert!(left < PER_DAY, "{before}");

    let mut list = "ref,kind,identity\n".to_owned();
    for person in 0..PER_DAY {
        writeln!(list, "host-{person},cn-id,{}", number(usize::try_from(person).unwrap())).unwrap();
    }
    fs::write(dir.join("list.csv"), &list).unwrap();
    let ask = ["check", "list.csv", "--out", "answers.csv"];
    let (code, said) = program.says(&ask, b"");
    assert_eq!(code, 75, "{said}");
    let takes = format!("10000 people; 10000 of their identities are new and take 10000 points; {left} are left until");
    assert!(said.contains(&takes) && said.contains(&format!("{left} answered, then unavailable")), "{said}");
    let answered = || fs::read_to_string(dir.join("answers.csv")).unwrap().lines().count() as u64 - 1;
    assert_eq!(answered(), left, "every point is an answer");

    let after = status(&sandbox).await;
    assert_eq!(after["quota"]["left"].as_u64(), Some(0));
    let learnt = |status: &Value| status["identities"].as_u64().unwrap();
    assert_eq!(learnt(&after) - learnt(&before), left, "points spent are people learnt");
    let (code, said) = program.says(&["doctor", "--lang", "en"], b"");
    assert!(code == 1 && said.contains("0 points of 10000 a day are left until"), "{said}");
    let (code, said) = program.says(&[&ask[..], &["--resume"]].concat(), b"");
    assert_eq!((code, answered()), (75, left), "{said}");
    let takes = format!("{} of their identities are new", PER_DAY - left);
    assert!(said.contains(&takes), "what is known costs nothing again: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_is_told_after_the_agent_was_killed_and_how_old_that_is() {
    let sandbox = Sandbox::start(&["--without-agent"]).await;
    let ready = sandbox.url(2, "/readyz");
    let answers = async || sandbox.http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success());
    let mut agent = Agent::start(&sandbox, None);
    until(answers).await;
    sandbox.check(&json!({"ref": "host-1", "identities": [{"kind": "cn-id", "value": number(100_000)}]})).await;
    let told = status(&sandbox).await["quota"].clone();
    assert!(told["left"].as_u64().is_some_and(|left| left < PER_DAY), "{told}");
    agent.kill();
    let _again = Agent::start(&sandbox, None);
    until(answers).await;
    assert_eq!(status(&sandbox).await["quota"], told);
    let metrics = sandbox.http.get(sandbox.url(2, "/metrics")).send().await.unwrap().text().await.unwrap();
    let shown = |name: &str| metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
    assert_eq!(shown("callboard_agent_quota_left "), told["left"].as_f64(), "{metrics}");
    assert!(shown("callboard_agent_quota_age_seconds ").is_some_and(|age| age > 0.0), "{metrics}");
}
