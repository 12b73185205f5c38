//! A push that is acted on: a docket reaches both platforms before anyone has read an e-mail, and everyone sees who acted.
//!
//! The platforms' hooks are answered by this process; the registry, the agents and what they send one another are real.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use callboard_api::registry::propagation::lag_text;
use callboard_client::http;
use callboard_federation::{language::Phrase, zh_en};
use callboard_rules::policies;
use serde_json::{Value, json};

use super::{DRAFTER, SIGNERS, demo_env::DemoEnv, expect, people::Person, platforms::Platforms, sign};

/// The instrument of this scene: as the usual one, but a receipt is due at once, so that nobody has to wait a day to
/// see one overdue.
pub(super) const AT_ONCE: &str = "streamer-warning-rules/2022-at-once";

/// The document of [`AT_ONCE`], as JSON.
pub(super) fn at_once() -> anyhow::Result<String> {
    let source = policies::find("streamer-warning-rules", "2022").context("the instrument comes with the program")?;
    let text = source.text.replacen("version = \"2022\"", "version = \"2022-at-once\"", 1);
    let text = text.replace("dueHours = 24", "dueHours = 0").replace("remindHours = 12", "remindHours = 0");
    Ok(policies::read(&text)?.text)
}

/// Both platforms can be pushed to.
pub(super) fn prepare(env: &mut DemoEnv, platforms: &Platforms, streamer: &Person) -> anyhow::Result<()> {
    env.step(
        Phrase::new(
            "两家平台设置推送地址，并列入各自的主播",
            "Both platforms give the registry an address to push to, and know whom they have",
        ),
        |env| {
            env.start("tokens")?;
            env.await_tokens()?;
            for (member, url) in platforms.webhooks() {
                let made = platforms.ask(member, "/endpoints", &json!({"url": url}))?;
                ensure!(made["state"] == "active" && made.get("secret").is_none(), "{member} has no endpoint");
                let tested = platforms.ask(member, &format!("/endpoints/{}/test", text(&made["id"])), &json!({}))?;
                ensure!(tested["taken"] == true, "{member}'s agent takes no test message: {tested}");
            }
            ensure!(
                platforms.decide("an unlisted", &streamer.number)? == "allow",
                "the ninth streamer is listed already"
            );
            env.checked(Phrase::new(
                "密钥各留在会员端；两家的测试消息均已到达并通过核验",
                "each secret stays with its agent; a test message of each arrived, and was verified",
            ))
        },
    )
}

/// A docket that is decided is signed, and reaches both.
pub(super) fn act(env: &mut DemoEnv, platforms: &Platforms, streamer: &Person) -> anyhow::Result<()> {
    let mut docket = String::new();
    env.step(
        Phrase::new(
            "一件文书签署后推送，第三个签名之后两家随即拒绝准入",
            "A docket is signed, pushed, and refused at both soon after the third signature",
        ),
        |env| {
            sign(env, DRAFTER, &["urgent"])?;
            let signed = Instant::now();
            docket = submit(env, "urgent")?;
            env.wait_for("a refusal at both", || {
                platforms.decide("an unlisted", &streamer.number).is_ok_and(|decision| decision == "refuse")
            })?;
            let took = signed.elapsed();
            env.checked(zh_en!(
                "第三个签名 → 两家均拒绝：{}",
                "third signature → refused at both: {}",
                lag_text(millis(took))
            ))
        },
    )?;

    env.step(
        Phrase::new(
            "两家平台收到通知，两家会员端提交回执，人人可见",
            "Both hooks are told, both agents file a receipt, and everyone sees it",
        ),
        |env| {
            let shown = receipted(env, &docket, 2)?;
            let silent = platforms.gates().any(|gate| gate.heard().0 == 0);
            ensure!(!silent, "a hook was told nothing");
            let longest = |step: &str| shown["lags"][step]["max"].as_i64().map(lag_text).unwrap_or_default();
            env.checked(zh_en!(
                "签署 → 登记 {}，送达两家 {}，两家执行 {}：{}/propagation/{docket}",
                "signed → logged {}, delivered to both {}, in force at both {}: {}/propagation/{docket}",
                lag_text(shown["lags"]["logged"].as_i64().unwrap_or_default()),
                longest("delivered"),
                longest("receipted"),
                env.registry.url
            ))
        },
    )
}

/// A platform that was deaf while a streamer was reinstated.
pub(super) fn return_is_heard(env: &mut DemoEnv, platforms: &Platforms, streamer: &Person) -> anyhow::Result<()> {
    env.step(
        Phrase::new(
            "一人复出，进入观察期；一家平台失联：显示为逾期，恢复后补上，并获知复出",
            "One person returns, on probation; one platform goes deaf: it is shown overdue, catches up, and hears of it",
        ),
        |env| {
            ensure!(platforms.decide("a returning", &streamer.number)? == "refuse", "the streamer isn't listed");
            let beta = platforms.gates().last().context("two platforms")?;
            beta.set_deaf(true);
            sign(env, DRAFTER, &["return"])?;
            let docket = submit(env, "return")?;
            let shown = receipted(env, &docket, 1)?;
            ensure!(shown["counts"] == json!({"in-effect": 1, "overdue": 1}), "not one overdue: {}", shown["counts"]);
            ensure!(
                env.seat(DRAFTER, &["propagation"]).is_err(),
                "`callboard propagation` does not say that one is overdue"
            );
            let heard = beta.heard();
            beta.set_deaf(false);
            let listed = platforms.look("beta", "/endpoints")?;
            let endpoint = text(&listed["endpoints"][0]["id"]);
            platforms.ask("beta", &format!("/endpoints/{endpoint}/replay"), &json!({"from": shown["index"]}))?;
            let shown = receipted(env, &docket, 2)?;
            ensure!(shown["counts"] == json!({"in-effect": 2}), "not in effect at both: {}", shown["counts"]);
            ensure!(beta.heard() > heard, "beta heard nothing again");
            env.wait_for("a review at both", || {
                platforms.decide("a returning", &streamer.number).is_ok_and(|decision| decision == "review")
            })?;
            expect(env, streamer, "probation", "review")?;
            let told = env.seat(DRAFTER, &["propagation"])?;
            ensure!(told.matches("in-effect").count() == 2, "`callboard propagation` tells: {told}");
            env.checked(zh_en!(
                "人人可见其逾期；随后两家均已执行，距签署 {}",
                "overdue for everyone to see; then in force at both, {} after it was signed",
                shown["lags"]["receipted"]["max"].as_i64().map(lag_text).unwrap_or_default()
            ))
        },
    )
}

/// Hands a docket in with the signatures that came back; its hash. What is proven later is checked at the end.
fn submit(env: &DemoEnv, name: &str) -> anyhow::Result<String> {
    let bundle = format!("{name}.bundle");
    let signatures = env.signatures(DRAFTER, name)?;
    ensure!(signatures.len() == SIGNERS.len(), "{} signatures", signatures.len());
    let mut arguments = vec!["submit", &bundle];
    arguments.extend(signatures.iter().map(String::as_str));
    let told = env.seat(DRAFTER, &arguments)?;
    let docket = told.split_whitespace().find(|word| word.len() == 64).context("submit tells no docket")?;
    Ok(docket.to_owned())
}

/// Waits until so many members say that the docket is in effect.
fn receipted(env: &DemoEnv, docket: &str, members: u64) -> anyhow::Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let url = format!("{}/v1/dockets/{docket}/propagation", env.registry.url);
    let look = || -> anyhow::Result<Value> {
        let answer = runtime.block_on(async { http::get(&http::direct_client()?, &url).await })?;
        Ok(serde_json::from_slice(&answer.context("the log has no such docket")?)?)
    };
    env.wait_for("a receipt of each", || look().is_ok_and(|shown| shown["counts"]["in-effect"] == members))?;
    look()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn millis(took: Duration) -> i64 {
    i64::try_from(took.as_millis()).unwrap_or(i64::MAX)
}
