//! A platform declares how many permanent bans it imposed itself, and everyone sees it: by its agent's verbs and its API.

use callboard_federation::{encoding::Time, quarter::Quarter};
use serde_json::{Value, json};

use crate::{faults::Platform, pushed::agent, support::until};

/// Longer than any quarter.
const DAYS: u64 = 93;

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_declares_its_bans_of_a_quarter_and_is_told_of_which_it_has_not() {
    let platform = Platform::start(|_| ()).await;
    let (_, told) = agent(&platform, &["declare", "2099-Q1", "--bans", "3", "--lang", "en"]);
    assert!(told.contains("the quarter isn't over"), "{told}");
    platform.clock.advance(DAYS * 86_400_000);
    platform.sandbox.post(&platform.sandbox.url(3, "/clock"), &json!({"advance": format!("{DAYS}d")})).await;
    until(async || platform.get("/status").await.1.get("stale").is_none()).await;
    let (_, status) = platform.get("/status").await;
    let now: Time = serde_json::from_value(status["at"].clone()).unwrap();
    let period = Quarter::of(now).before().to_string();

    let (_, told) = agent(&platform, &["doctor", "--lang", "en"]);
    assert!(told.contains("FIX  declarations") && told.contains(&period), "{told}");
    let (_, told) = agent(&platform, &["declare", "--lang", "zh"]);
    assert!(told.contains(&format!("{period}  尚未申报")), "{told}");

    let typed = ["declare", period.as_str(), "--lang", "en", "--bans"];
    let says = |more: &[&str]| agent(&platform, &[&typed[..], more].concat());
    for (more, why) in [
        (&["3", "--code", "NB-99=1"][..], "no policy in force has the violation NB-99"),
        (&["3", "--code", "NB-11=4"], "each code counts 1 to as many as `bans`"),
        (&["3", "--code", "NB-11"], "a code is CODE=N"),
        (&["-3"], "error"),
    ] {
        let (is_done, told) = says(more);
        assert!(!is_done && told.contains(why), "{more:?}: {told}");
    }
    let (is_done, told) = says(&["57", "--code", "NB-11=41"]);
    assert!(is_done && told.contains(&format!("{period}: 57 permanent bans are declared")), "{told}");
    // By the API: none is a word, too.
    let body = json!({"period": period, "bans": 0}).to_string();
    until(async || platform.post("/declarations", body.clone()).await.0 == 201).await;
    let (_, listed) = agent(&platform, &["declare", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let declared: Vec<_> =
        listed["declarations"].as_array().unwrap().iter().map(|one| (&one["bans"], &one["holds"])).collect();
    assert_eq!(declared, [(&json!(0), &json!(true)), (&json!(57), &json!(false))]);
    let (_, told) = agent(&platform, &["doctor", "--lang", "en"]);
    assert!(!told.contains(&format!("nothing is declared of {period}")), "{told}");

    let figures: Value =
        platform.sandbox.http.get(platform.sandbox.url(0, "/v1/figures")).send().await.unwrap().json().await.unwrap();
    let of = figures["periods"].as_array().unwrap().iter().find(|of| of["period"] == json!(period));
    let member = of.and_then(|of| of["declared"]["members"].as_array()?.iter().find(|one| one["bans"] == 0));
    assert_eq!(member.map(|member| &member["declarations"]), Some(&json!(2)), "{figures}");
    platform.running.stop().await;
}
