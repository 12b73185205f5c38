//! What the agent owes, and what is owed to it: calls of the hook, pushes to the member's endpoints, receipts, anchors,
//! answers about reports, declarations of bans.

use callboard_api::{
    agent::{
        operating::{AgentStatus, HookMode},
        pushed::{LIST_RECEIPTS, ReceiptPage, ReceiptProgress, ReceiptsBefore},
    },
    registry::{
        declarations::{FiledDeclarations, LIST_FILED_DECLARATIONS},
        endpoints::{
            AttemptsBefore, DeliveryAttempt, Endpoint, EndpointState, Endpoints, LIST_ENDPOINT_ATTEMPTS, LIST_ENDPOINTS,
        },
    },
};
use callboard_client::visible::Visible;

use super::{Diagnosis, Name, fix, said, verbatim, well};
use crate::{cli::asking::AgentClient, config::Config};

const HOOK: Name = Name("平台回调", "hook");
const ANCHOR: Name = Name("查询存证", "anchor");
const RECEIPTS: Name = Name("执行回执", "receipts");
const ENDPOINT: Name = Name("推送地址", "endpoint");
const REPORTS: Name = Name("报告", "reports");
const DECLARED: Name = Name("永久封禁申报", "declarations");
const RESTORED: Name = Name("登记系统恢复", "restored");
const NOTICE: Name = Name("登记系统通知", "registry says");

/// Receipts that are looked at.
const LOOKED_AT: u32 = 1_000;

pub(super) async fn of(config: &Config, agent: &AgentClient, status: &AgentStatus) -> Vec<Diagnosis> {
    let mut found = vec![hook(status)];
    found.extend(anchor(status));
    let owed = ReceiptsBefore { before: None, limit: Some(LOOKED_AT), owed: true };
    match agent.ask(LIST_RECEIPTS.with(&(), &owed, &())).await {
        Ok(page) => found.push(receipts(&page)),
        Err(error) => found.push(unasked(RECEIPTS, &error)),
    }
    found.extend(reports(status));
    match agent.ask(LIST_FILED_DECLARATIONS.with(&(), &(), &())).await {
        Ok(filed) => found.extend(declarations(&filed)),
        Err(error) => found.push(unasked(DECLARED, &error)),
    }
    match agent.ask(LIST_ENDPOINTS.with(&(), &(), &())).await {
        Ok(Endpoints { endpoints }) => {
            found.extend(restored(config, status, endpoints.is_empty()));
            for endpoint in &endpoints {
                let last = AttemptsBefore { before: None, limit: Some(1) };
                let attempts = agent.find(LIST_ENDPOINT_ATTEMPTS.with(&endpoint.id, &last, &())).await;
                let last = attempts.ok().flatten().and_then(|page| page.attempts.into_iter().next());
                found.push(of_endpoint(endpoint, last.as_ref()));
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

fn hook(status: &AgentStatus) -> Diagnosis {
    if !status.has_hook {
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
    if status.hook_mode == HookMode::Report {
        return well(HOOK, said("不调用（hook_mode = \"report\"）", "is not called (hook_mode = \"report\")"));
    }
    let (owed, failing) = (status.hook_owed, status.hook_failing);
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

fn anchor(status: &AgentStatus) -> Option<Diagnosis> {
    let why = status.anchor_failure.as_ref()?;
    let todo = said(
        "自上次存证以来的查询在存证被接受前无法证明：被拒绝的，确认本单位只有一个会员端在运行；未送达的，见“登记系统”一项",
        "what was checked since the last anchor can't be proven until one is taken: if it was refused, see that one agent of this \
         member runs; if it didn't arrive, see registry",
    );
    Some(fix(ANCHOR, verbatim(why), todo))
}

fn receipts(page: &ReceiptPage) -> Diagnosis {
    use ReceiptProgress::{ByCommand, Due, Signed, ToCome, WaitsForHook};
    let rows = &page.receipts;
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    let (signed, waits, by_command) = (count(Signed), count(WaitsForHook), count(ByCommand));
    let quiet = count(ToCome) + count(Due);
    if signed + waits + by_command == 0 {
        let en = format!("none is overdue; {quiet} follow by themselves");
        return well(RECEIPTS, said(format!("无欠；{quiet} 件将自动提交"), en));
    }
    let more = if rows.len() == LOOKED_AT as usize { "+" } else { "" };
    let why = match &page.failure {
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

/// What the secretariat waits for, or the registry hasn't taken.
fn reports(status: &AgentStatus) -> Option<Diagnosis> {
    let (unfiled, asked, accounts) = (status.reports_unfiled, status.reports_asked, status.identities_asked);
    if unfiled + asked + accounts == 0 {
        return None;
    }
    let zh = format!("未送达 {unfiled} 件，秘书处提问 {asked} 件，查询账号 {accounts} 个");
    let en =
        format!("{unfiled} aren't taken, of {asked} the secretariat asks something, and whose {accounts} accounts are");
    Some(fix(
        REPORTS,
        said(zh, en),
        said(
            "callboard-agent reports --open 逐件列出；答复：callboard-agent reports answer、callboard-agent identity-requests",
            "callboard-agent reports --open lists them; answer with callboard-agent reports answer, and \
             callboard-agent identity-requests",
        ),
    ))
}

/// The quarters of which the member hasn't declared its own permanent bans.
fn declarations(filed: &FiledDeclarations) -> Option<Diagnosis> {
    let first = filed.missing.last()?;
    let missing: Vec<String> = filed.missing.iter().rev().map(ToString::to_string).collect();
    let (zh, en) = (missing.join("、"), missing.join(", "));
    Some(fix(
        DECLARED,
        said(format!("尚未申报：{zh}；为各方所见"), format!("nothing is declared of {en}, and everyone sees that")),
        said(
            format!("callboard-agent declare {first} --bans 数目；没有的，申报0"),
            format!("callboard-agent declare {first} --bans N; none is declared as 0"),
        ),
    ))
}

/// An endpoint, by its last attempt: an hour of failures isn't waited for before it is said.
fn of_endpoint(endpoint: &Endpoint, last: Option<&DeliveryAttempt>) -> Diagnosis {
    let Endpoint { id, url, failures, .. } = endpoint;
    let attempt = match last {
        Some(DeliveryAttempt { status: Some(status), answer, .. }) => format!("{status} {answer}"),
        Some(DeliveryAttempt { answer, .. }) => answer.clone(),
        None => String::new(),
    };
    let attempt = attempt.trim();
    let shown = Visible(attempt).to_string();
    match endpoint.state {
        EndpointState::Paused => {
            let en = format!("{url} was paused by you; it goes on with: callboard-agent endpoint resume {id}");
            well(ENDPOINT, said(format!("{url} 已由贵方暂停；恢复：callboard-agent endpoint resume {id}"), en))
        }
        EndpointState::Disabled => {
            let reason = endpoint.reason.as_deref().unwrap_or_default();
            let mend = mend(last);
            let todo = said(
                format!("{}；然后 callboard-agent endpoint resume {id}", mend.zh),
                format!("{}; then: callboard-agent endpoint resume {id}", mend.en),
            );
            let en = format!("{url} was disabled by the registry: {reason}; the last attempt: {shown}");
            fix(ENDPOINT, said(format!("{url} 已被登记系统停用：{reason}；最近一次：{shown}"), en), todo)
        }
        EndpointState::Active if *failures > 0 || endpoint.failing_since.is_some() => {
            let since = endpoint.failing_since.map_or_else(String::new, |since| since.to_string());
            let mend = mend(last);
            let todo = said(
                format!("{}；各次尝试：callboard-agent endpoint attempts {id}", mend.zh),
                format!("{}; every attempt: callboard-agent endpoint attempts {id}", mend.en),
            );
            let en = format!("{url} has failed {failures} times since {since}; the last attempt: {shown}");
            fix(ENDPOINT, said(format!("{url} 自 {since} 起已失败 {failures} 次；最近一次：{shown}"), en), todo)
        }
        EndpointState::Active => well(ENDPOINT, verbatim(url)),
    }
}

/// What to do about a failed attempt, by what came of it.
fn mend(last: Option<&DeliveryAttempt>) -> super::Words {
    match last.and_then(|last| last.status) {
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
fn restored(config: &Config, status: &AgentStatus, has_none: bool) -> Option<Diagnosis> {
    let notices = status.log.notices.as_ref()?;
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
fn notices(status: &AgentStatus) -> Vec<Diagnosis> {
    let notices = status.log.notices.as_deref().unwrap_or_default();
    let by_command = "callboard-agent receipt DOCKET --outcome …";
    let asked_at = match status.log.duty_contact.as_deref().map(Visible) {
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
    use serde_json::{Value, json};

    use super::{super::tests::status, *};

    const ID: &str = "019c167f-cc00-7568-8a65-6cc0703e460a";

    #[test]
    fn an_endpoint_that_fails_needs_a_hand_at_once_and_its_last_attempt_says_which() {
        let endpoint = |more: Value| {
            let mut endpoint = json!({"id": ID, "url": "https://hooks.alpha.example/", "state": "active", "failures": 0,
                "nextIndex": 31, "behind": 0, "createdAt": "2026-01-25T08:00:00.000Z"});
            endpoint.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value::<Endpoint>(endpoint).unwrap()
        };
        let well = of_endpoint(&endpoint(json!({})), None);
        assert!(well.todo.is_none() && well.said.en == "https://hooks.alpha.example/");
        let failing = endpoint(json!({"failures": 6, "failingSince": "2026-11-25T08:00:00.000Z"}));
        for (last, says, todo) in [
            (json!({"status": 503, "answer": "busy\u{1b}[2J"}), "503 busy\\u{1b}[2J", "mend what stands before"),
            (json!({"status": 403, "answer": ""}), "403", "`hosts` in member.toml"),
            (json!({"status": 400, "answer": "no"}), "400 no", "endpoint rotate"),
            (json!({"status": 404, "answer": ""}), "404", "POST /webhook"),
            (json!({"answer": "connection refused"}), "connection refused", "reachable from the internet"),
        ] {
            let mut attempt = json!({"part": 0, "at": "2026-11-25T08:00:00.000Z", "millis": 12, "taken": false});
            attempt.as_object_mut().unwrap().extend(last.as_object().unwrap().clone());
            let found = of_endpoint(&failing, Some(&serde_json::from_value(attempt).unwrap()));
            assert!(found.said.en.contains("failed 6 times since 2026-11-25T08:00:00.000Z"), "{}", found.said.en);
            assert!(found.said.en.ends_with(says), "{}", found.said.en);
            let told = found.todo.unwrap();
            assert!(told.en.contains(todo) && told.en.ends_with(&format!("endpoint attempts {ID}")), "{}", told.en);
            assert!(told.zh.contains(&format!("endpoint attempts {ID}")));
        }
        let disabled = of_endpoint(&endpoint(json!({"state": "disabled", "reason": "five days"})), None);
        assert!(
            disabled.said.en.contains("five days")
                && disabled.todo.unwrap().en.ends_with(&format!("endpoint resume {ID}"))
        );
        let paused = of_endpoint(&endpoint(json!({"state": "paused"})), None);
        assert!(paused.said.en.ends_with(&format!("resume {ID}")));
    }

    #[test]
    fn a_missing_hook_a_refused_anchor_and_owed_receipts_each_need_a_hand() {
        assert!(hook(&status(json!({"hasHook": false}))).todo.unwrap().en.contains("hook test"));
        assert!(
            hook(&status(json!({"hookOwed": 2, "hookFailing": 1}))).said.en == "2 calls are owed, 1 of them failed"
        );
        assert!(hook(&status(json!({"hookOwed": 0}))).todo.is_none());
        assert!(hook(&status(json!({"hookMode": "report", "hookOwed": 2}))).todo.is_none());
        assert!(reports(&status(json!({}))).is_none());
        let asked = reports(&status(json!({"reportsAsked": 1, "identitiesAsked": 2}))).unwrap();
        assert!(asked.said.en.contains("whose 2 accounts are") && asked.todo.is_some(), "{}", asked.said.en);
        let filed = |missing: Value| serde_json::from_value(json!({"declarations": [], "missing": missing})).unwrap();
        assert!(declarations(&filed(json!([]))).is_none());
        let missing = declarations(&filed(json!(["2026-Q3", "2026-Q2"]))).unwrap();
        assert!(missing.said.en.contains("of 2026-Q2, 2026-Q3") && missing.said.zh.contains("2026-Q2、2026-Q3"));
        assert!(missing.todo.unwrap().en.starts_with("callboard-agent declare 2026-Q2 --bans N"));
        assert!(anchor(&status(json!({}))).is_none() && anchor(&status(json!({"anchorFailure": "refused"}))).is_some());
        let rows = |states: &[&str]| {
            let docket = "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c";
            let row = |state: &&str| json!({"docket": docket, "index": 31, "state": state, "people": 0});
            let rows: Vec<Value> = states.iter().map(row).collect();
            receipts(&serde_json::from_value(json!({"receipts": rows, "failure": "the registry: 422"})).unwrap())
        };
        assert!(rows(&[]).todo.is_none() && rows(&["to-come", "due"]).todo.is_none());
        let owed = rows(&["signed", "by-command", "waits-for-hook", "to-come"]);
        assert!(owed.said.en.starts_with("4 are owed: 1 signed and not taken (the registry: 422)"), "{}", owed.said.en);
        assert!(owed.todo.unwrap().zh.contains("receipts --owed"));
        let notice = notices(&status(json!({"log": {"notices": "endpoint-disabled, receipts-due=2"}})));
        assert_eq!(notice.len(), 2);
    }
}
