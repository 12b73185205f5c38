//! What the agent owes, and what is owed to it: calls of the hook, pushes to the member's endpoints, receipts, anchors.

use callboard_client::visible::Visible;
use serde_json::Value;

use super::{Diagnosis, Name, fix, said, verbatim, well};
use crate::{cli::asking::AgentClient, config::Config};

const HOOK: Name = Name("平台回调", "hook");
const ANCHOR: Name = Name("查询存证", "anchor");
const RECEIPTS: Name = Name("执行回执", "receipts");
const ENDPOINT: Name = Name("推送地址", "endpoint");
const RESTORED: Name = Name("登记系统恢复", "restored");
const NOTICE: Name = Name("登记系统通知", "registry says");

/// Receipts that are looked at.
const LOOKED_AT: usize = 1_000;

pub(super) async fn of(config: &Config, agent: &AgentClient, status: &Value) -> Vec<Diagnosis> {
    let mut found = vec![hook(status)];
    found.extend(anchor(status));
    let asked = async |path: &str| agent.get(path).await.map(Option::unwrap_or_default);
    let read = |answer: &[u8]| serde_json::from_slice::<Value>(answer).unwrap_or_default();
    match asked(&format!("/receipts?owed=true&limit={LOOKED_AT}")).await {
        Ok(page) => found.push(receipts(&read(&page))),
        Err(error) => found.push(unasked(RECEIPTS, &error)),
    }
    match asked("/endpoints").await {
        Ok(list) => {
            let list = read(&list);
            let endpoints: Vec<&Value> = list["endpoints"].as_array().into_iter().flatten().collect();
            found.extend(restored(config, status, endpoints.is_empty()));
            for endpoint in &endpoints {
                let path = format!("/endpoints/{}/attempts?limit=1", endpoint["id"].as_str().unwrap_or_default());
                let attempts = read(&asked(&path).await.unwrap_or_default());
                found.push(of_endpoint(endpoint, &attempts["attempts"][0]));
            }
            if endpoints.is_empty() {
                let en = "none: the agent learns the same from the feed, a little later";
                found.push(well(ENDPOINT, said("未设置：会员端从登记册获知同样内容，略迟", en)));
            }
        }
        Err(error) => found.push(unasked(ENDPOINT, &error)),
    }
    found.extend(notices(status));
    found
}

/// What the registry, or the agent, didn't say: the services' own lines tell why.
fn unasked(name: Name, error: &anyhow::Error) -> Diagnosis {
    let todo = said("未能查明：先处理上面的“登记系统”一项", "it can't be told: see registry above first");
    fix(name, verbatim(format!("{error:#}")), todo)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn hook(status: &Value) -> Diagnosis {
    if status["hasHook"] == false {
        return fix(
            HOOK,
            said(
                "未设置：裁定、期满和解除都不会通知平台",
                "none is set: the platform is told of no decision, end or reinstatement",
            ),
            said(
                "在 member.toml 中设置 `hook`（docs/hook.md），再用 callboard-agent hook test 检验；在此之前用 callboard-agent refs 查看",
                "set `hook` in member.toml (docs/hook.md), and try it with callboard-agent hook test; until then look at callboard-agent refs",
            ),
        );
    }
    if status["hookMode"] == "report" {
        return well(HOOK, said("不调用（hookMode = \"report\"）", "is not called (hookMode = \"report\")"));
    }
    let (owed, failing) = (status["hookOwed"].as_u64().unwrap_or(0), status["hookFailing"].as_u64().unwrap_or(0));
    if owed == 0 {
        return well(HOOK, said("无欠", "nothing is owed"));
    }
    fix(
        HOOK,
        said(
            format!("欠 {owed} 次通知，其中 {failing} 次失败"),
            format!("{owed} calls are owed, {failing} of them failed"),
        ),
        said(
            "确认平台回调在 10 秒内返回 2xx：callboard-agent hook test 显示其答复；每次通知都会重试直至接受",
            "see that your hook answers 2xx within 10 s: callboard-agent hook test shows what it answers; each call is made until it does",
        ),
    )
}

fn anchor(status: &Value) -> Option<Diagnosis> {
    let why = status["anchorFailure"].as_str()?;
    let todo = said(
        "自上次存证以来的查询在存证被接受前无法证明：被拒绝的，确认本单位只有一个会员端在运行；未送达的，见“登记系统”一项",
        "what was checked since the last anchor can't be proven until one is taken: if it was refused, see that one agent of this \
         member runs; if it didn't arrive, see registry",
    );
    Some(fix(ANCHOR, verbatim(why), todo))
}

fn receipts(page: &Value) -> Diagnosis {
    let rows = page["receipts"].as_array().map_or(&[][..], Vec::as_slice);
    let count = |state: &str| rows.iter().filter(|row| row["state"] == state).count();
    let (signed, waits, by_command) = (count("signed"), count("waits-for-hook"), count("by-command"));
    let quiet = count("to-come") + count("due");
    if signed + waits + by_command == 0 {
        let en = format!("none is overdue; {quiet} follow by themselves");
        return well(RECEIPTS, said(format!("无欠；{quiet} 件将自动提交"), en));
    }
    let more = if rows.len() == LOOKED_AT { "+" } else { "" };
    let why = match page["failure"].as_str() {
        Some(why) if signed > 0 => format!(" ({why})"),
        _ => String::new(),
    };
    let zh =
        format!("欠 {}{more} 件：已签未送达 {signed}{why}，等待平台回调 {waits}，须人工确认 {by_command}", rows.len());
    let en = format!(
        "{}{more} are owed: {signed} signed and not taken{why}, {waits} wait for the hook, {by_command} are yours to say",
        rows.len()
    );
    fix(
        RECEIPTS,
        said(zh, en),
        said(
            "callboard-agent receipts --owed 逐件列出；须人工确认的：callboard-agent receipt DOCKET --outcome …；等待回调的见“平台回调”一项",
            "callboard-agent receipts --owed lists them; what is yours to say: callboard-agent receipt DOCKET --outcome …; what \
             waits for the hook: see hook",
        ),
    )
}

/// An endpoint, by its last attempt: an hour of failures isn't waited for before it is said.
fn of_endpoint(endpoint: &Value, last: &Value) -> Diagnosis {
    let (id, url) = (text(&endpoint["id"]), text(&endpoint["url"]));
    let failures = endpoint["failures"].as_u64().unwrap_or(0);
    let attempt = match last["status"].as_u64() {
        Some(status) => format!("{status} {}", text(&last["answer"])),
        None if last.is_object() => text(&last["answer"]),
        None => String::new(),
    };
    let attempt = attempt.trim();
    let shown = Visible(attempt).to_string();
    match endpoint["state"].as_str().unwrap_or_default() {
        "paused" => {
            let en = format!("{url} was paused by you; it goes on with: callboard-agent endpoint resume {id}");
            well(ENDPOINT, said(format!("{url} 已由贵方暂停；恢复：callboard-agent endpoint resume {id}"), en))
        }
        "disabled" => {
            let reason = text(&endpoint["reason"]);
            let mend = mend(last);
            let todo = said(
                format!("{}；然后 callboard-agent endpoint resume {id}", mend.zh),
                format!("{}; then: callboard-agent endpoint resume {id}", mend.en),
            );
            let en = format!("{url} was disabled by the registry: {reason}; the last attempt: {shown}");
            fix(ENDPOINT, said(format!("{url} 已被登记系统停用：{reason}；最近一次：{shown}"), en), todo)
        }
        _ if failures > 0 || endpoint["failingSince"].is_string() => {
            let since = text(&endpoint["failingSince"]);
            let mend = mend(last);
            let todo = said(
                format!("{}；各次尝试：callboard-agent endpoint attempts {id}", mend.zh),
                format!("{}; every attempt: callboard-agent endpoint attempts {id}", mend.en),
            );
            let en = format!("{url} has failed {failures} times since {since}; the last attempt: {shown}");
            fix(ENDPOINT, said(format!("{url} 自 {since} 起已失败 {failures} 次；最近一次：{shown}"), en), todo)
        }
        _ => well(ENDPOINT, verbatim(url)),
    }
}

/// What to do about a failed attempt, by what came of it.
fn mend(last: &Value) -> super::Words {
    match last["status"].as_u64() {
        Some(300..=399) => said(
            "不跟随重定向：改用最终地址新建推送地址",
            "redirects aren't followed: make an endpoint of the final address",
        ),
        Some(400) => said(
            "会员端不认其签名，或转发时改动了正文：原样转发 webhook-* 头和正文；密钥不同的，callboard-agent endpoint rotate",
            "the agent doesn't know the signature, or the body was changed on its way: hand on the webhook-* headers and the body as \
             they came; if the secret is another: callboard-agent endpoint rotate",
        ),
        Some(401 | 403) => said(
            "转发处要求登录，或会员端不认其 `Host`：放行该地址，并在 member.toml 的 `hosts` 中写明",
            "what stands before the agent asks who it is, or the agent doesn't know its `Host`: let it through, and name it under \
             `hosts` in member.toml",
        ),
        Some(404 | 405) => said(
            "该地址无人接收：转发到会员端的 POST /webhook",
            "nobody takes it there: hand it on to POST /webhook of the agent",
        ),
        Some(413) => said(
            "转发处限制了正文大小：放宽限制",
            "what stands before the agent takes shorter bodies alone: widen that",
        ),
        Some(415) => said("转发时须保留 Content-Type", "hand `Content-Type` on as it came"),
        Some(429) => {
            said("转发处限流：放行登记系统", "what stands before the agent limits how often: let the registry through")
        }
        Some(500..=599) => said(
            "修复 POST /webhook 之前的转发处，确认会员端在运行",
            "mend what stands before POST /webhook, and see that the agent runs",
        ),
        Some(_) => said("该地址须返回 2xx", "the address has to answer 2xx"),
        None => said(
            "登记系统无法从其一侧连上：确认该地址从互联网可达、DNS 正确、TLS 证书有效",
            "the registry can't reach it from where it is: see that the address is reachable from the internet, its DNS is right and \
             its TLS certificate valid",
        ),
    }
}

/// What a registry may have lost of this member's that was restored from an older copy: what it is told again by itself
/// isn't told here.
fn restored(config: &Config, status: &Value, has_none: bool) -> Option<Diagnosis> {
    let notices = status["log"]["notices"].as_str()?;
    let at = notices.split(", ").find_map(|notice| notice.strip_prefix("restored="))?;
    let had_one = config.directory.join("webhook.secret").is_file();
    let (zh, en) = (format!("登记系统于 {at} 恢复"), format!("the registry was restored at {at}"));
    if !(had_one && has_none) {
        return Some(well(RESTORED, said(zh, en)));
    }
    let todo = said(
        "重新建立：callboard-agent endpoint create URL；在此之前从登记册获知同样内容，略迟",
        "make it again: callboard-agent endpoint create URL; until then the feed tells the same, a little later",
    );
    let en = format!("{en}, and has no endpoint of this member any more");
    Some(fix(RESTORED, said(format!("{zh}，已没有本单位的推送地址"), en), todo))
}

/// What the registry tells this member with its feed (formats §12).
fn notices(status: &Value) -> Vec<Diagnosis> {
    let notices = status["log"]["notices"].as_str().unwrap_or_default();
    let by_command = "callboard-agent receipt DOCKET --outcome …";
    let asked_at = match status["log"]["dutyContact"].as_str().map(Visible) {
        Some(contact) => said(format!("秘书处将联系 {contact}"), format!("the secretariat asks at {contact}")),
        None => said(
            "会员名单中没有值班联系方式，请秘书处登记",
            "the list of members names no duty desk: have the secretariat name one",
        ),
    };
    let todo_of = [
        (
            "endpoint-disabled",
            said(
                "修复 POST /webhook 之前的转发处，然后 callboard-agent endpoint resume ID",
                "mend what stands before POST /webhook, then: callboard-agent endpoint resume ID",
            ),
        ),
        (
            "receipts-due",
            said(
                format!("见“执行回执”一项；或人工确认：{by_command}"),
                format!("see receipts; or say it yourself: {by_command}"),
            ),
        ),
        (
            "receipts-overdue",
            said(
                format!("逾期为各方所见：请确认执行情况，{by_command}；{}", asked_at.zh),
                format!("everyone sees it: say what holds, {by_command}; {}", asked_at.en),
            ),
        ),
    ];
    let told = |name: &str| notices.split(", ").find(|told| told.split('=').next() == Some(name)).map(str::to_owned);
    todo_of.into_iter().filter_map(|(name, todo)| Some(fix(NOTICE, verbatim(told(name)?), todo))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_endpoint_that_fails_needs_a_hand_at_once_and_its_last_attempt_says_which() {
        let endpoint = |more: Value| {
            let mut endpoint =
                json!({"id": "e1", "url": "https://hooks.alpha.example/", "state": "active", "failures": 0});
            endpoint.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            endpoint
        };
        let well = of_endpoint(&endpoint(json!({})), &Value::Null);
        assert!(well.todo.is_none() && well.said.en == "https://hooks.alpha.example/");
        let failing = endpoint(json!({"failures": 6, "failingSince": "2026-11-25T08:00:00.000Z"}));
        for (last, says, todo) in [
            (json!({"status": 503, "answer": "busy\u{1b}[2J"}), "503 busy\\u{1b}[2J", "mend what stands before"),
            (json!({"status": 403, "answer": ""}), "403", "`hosts` in member.toml"),
            (json!({"status": 400, "answer": "no"}), "400 no", "endpoint rotate"),
            (json!({"status": 404, "answer": ""}), "404", "POST /webhook"),
            (json!({"answer": "connection refused"}), "connection refused", "reachable from the internet"),
        ] {
            let found = of_endpoint(&failing, &last);
            assert!(found.said.en.contains("failed 6 times since 2026-11-25T08:00:00.000Z"), "{}", found.said.en);
            assert!(found.said.en.ends_with(says), "{}", found.said.en);
            let told = found.todo.unwrap();
            assert!(told.en.contains(todo) && told.en.ends_with("endpoint attempts e1"), "{}", told.en);
            assert!(told.zh.contains("endpoint attempts e1"));
        }
        let disabled = of_endpoint(&endpoint(json!({"state": "disabled", "reason": "five days"})), &Value::Null);
        assert!(disabled.said.en.contains("five days") && disabled.todo.unwrap().en.ends_with("endpoint resume e1"));
        assert!(of_endpoint(&endpoint(json!({"state": "paused"})), &Value::Null).said.en.ends_with("resume e1"));
    }

    #[test]
    fn a_missing_hook_a_refused_anchor_and_owed_receipts_each_need_a_hand() {
        assert!(hook(&json!({"hasHook": false})).todo.unwrap().en.contains("hook test"));
        assert!(hook(&json!({"hookOwed": 2, "hookFailing": 1})).said.en == "2 calls are owed, 1 of them failed");
        assert!(hook(&json!({"hookOwed": 0})).todo.is_none());
        assert!(hook(&json!({"hookMode": "report", "hookOwed": 2})).todo.is_none());
        assert!(anchor(&json!({})).is_none() && anchor(&json!({"anchorFailure": "refused"})).is_some());
        let rows = |states: &[&str]| {
            let rows: Vec<Value> = states.iter().map(|state| json!({"state": state})).collect();
            receipts(&json!({"receipts": rows, "failure": "the registry: 422"}))
        };
        assert!(rows(&[]).todo.is_none() && rows(&["to-come", "due"]).todo.is_none());
        let owed = rows(&["signed", "by-command", "waits-for-hook", "to-come"]);
        assert!(owed.said.en.starts_with("4 are owed: 1 signed and not taken (the registry: 422)"), "{}", owed.said.en);
        assert!(owed.todo.unwrap().zh.contains("receipts --owed"));
        let notice = notices(&json!({"log": {"notices": "endpoint-disabled, receipts-due=2"}}));
        assert_eq!(notice.len(), 2);
    }
}
