//! `callboard-agent doctor` beside a platform on which something is wrong: each is named, with what to do, and told apart.

use axum::{Router, http::StatusCode, routing::post};
use tokio::net::TcpListener;

use crate::{
    faults::Platform,
    pushed::{agent, suspension},
    support::{number, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_hook_a_failing_endpoint_owed_receipts_and_a_dead_registry_are_each_named_with_what_to_do() {
    let mut platform = Platform::start(|config| config.hook = None).await;
    let doctor = |platform: &Platform, language: &str| agent(platform, &["doctor", "--lang", language]);
    let (is_well, told) = doctor(&platform, "en");
    assert!(!is_well && told.contains("FIX  hook           none is set"), "{told}");
    for fine in ["ok   registry", "ok   disk", "ok   api token", "ok   endpoint"] {
        assert!(told.contains(fine), "{fine} is missing:\n{told}");
    }

    // Whatever stands before the agent is down: that shows at the first attempt, not days later.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let busy = async || (StatusCode::SERVICE_UNAVAILABLE, "back\u{1b}[2J soon");
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hooks", post(busy))).await });
    let (made, told) = agent(&platform, &["endpoint", "create", &url]);
    assert!(made, "{told}");
    let made: serde_json::Value = serde_json::from_str(&told).unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(platform.check(&number(1)).await, "allow");
    platform.sandbox.decide(suspension(1)).await;
    until(async || platform.check(&number(1)).await == "refuse").await;
    until(async || agent(&platform, &["endpoint", "attempts", id]).1.contains("503")).await;
    let (asked, told) = agent(&platform, &["endpoint", "attempts", id, "--limit", "1"]);
    assert!(asked && told.contains("not taken  back") && told.contains("older: --before 20"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
    until(async || doctor(&platform, "en").1.contains("FIX  endpoint")).await;
    let (is_well, told) = doctor(&platform, "en");
    assert!(!is_well && told.contains(&format!("{url} has failed")) && told.contains("503 back"), "{told}");
    assert!(told.contains(&format!("endpoint attempts {id}")), "{told}");
    // No hook is called, so the receipt is a person's to say.
    until(async || agent(&platform, &["receipts", "--owed"]).1.contains("by-command")).await;
    let (_, told) = doctor(&platform, "zh");
    for line in ["FIX  平台回调       未设置", "FIX  执行回执       欠 ", "FIX  推送地址", "ok   登记系统"]
    {
        assert!(told.contains(line), "{line} is missing:\n{told}");
    }
    let (_, listed) = agent(&platform, &["receipts", "--owed", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let docket = listed["receipts"][0]["docket"].as_str().unwrap().to_owned();
    assert!(agent(&platform, &["receipt", &docket, "--outcome", "in-effect"]).0);
    until(async || !agent(&platform, &["receipts", "--owed"]).1.contains(&docket)).await;
    let (_, told) = agent(&platform, &["receipts"]);
    assert!(told.lines().any(|line| line.contains("filed") && line.contains(&docket)), "{told}");

    // A registry that is gone is told as that, by doctor and by what asks it, and not as a disk.
    platform.sandbox.end();
    until(async || platform.get("/status").await.1["log"]["failing"] == "registry").await;
    let (_, told) = doctor(&platform, "en");
    for line in ["FIX  registry", "FIX  feed", "ok   disk", "Nothing is wrong with this disk"] {
        assert!(told.contains(line), "{line} is missing:\n{told}");
    }
    assert!(!told.contains("FIX  store") && !told.contains("FIX  disk"), "{told}");
    let (status, problem) = platform.get("/endpoints").await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (503, Some("urn:callboard:problem:registry-unreachable")),
        "{problem}"
    );
    platform.running.stop().await;
    let (_, told) = doctor_without_agent(&platform.sandbox.member());
    assert!(told.contains("FIX  agent") && told.contains("start it: callboard-agent run"), "{told}");
}

fn doctor_without_agent(config: &std::path::Path) -> (bool, String) {
    let mut command = std::process::Command::new(crate::support::programs::programs().join("callboard-agent"));
    let told = command.arg("doctor").arg("--config").arg(config).env("LC_ALL", "C").output().unwrap();
    (told.status.success(), String::from_utf8_lossy(&told.stdout).into_owned())
}
