//! `callboard-agent status`: how the agent that runs stands.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::runtime::block_on;
use callboard_federation::{
    language::{Language, Phrase},
    zh_en,
};
use serde_json::Value;

use super::asking::AgentArgs;

const EXAMPLES: &str = "\
Examples:
  callboard-agent status                     in a few lines; ends with 1 if checks are answered `stale`,
                                             or the log has a docket that doesn't count
  callboard-agent status --json | jq .log";

/// Show how far the agent follows the log, what is wrong with it, and what it keeps
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct StatusVerb {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

impl StatusVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let status = block_on(agent.get("/status"))?.context(super::NO_AGENT)?;
        let status: Value = serde_json::from_slice(&status).context(super::ANSWER)?;
        if self.json {
            callboard_client::output::json(&status)?;
        } else {
            show(&status);
        }
        let counts = status["log"]["uncounted"].as_array().is_none_or(Vec::is_empty);
        Ok(if status["stale"].is_null() && counts { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn show(status: &Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let log = &status["log"];
    let sandbox = if status["sandbox"] == true {
        zh_en!("（测试环境：不具约束力）", "  (SANDBOX: nothing in it binds anybody)")
    } else {
        String::new()
    };
    let line = |name: Phrase, said: String| {
        let name = name.pick(Language::spoken());
        let wide = name.chars().filter(|c| !c.is_ascii()).count();
        println!("{name}{}{said}", " ".repeat(15_usize.saturating_sub(name.len() - wide)));
    };
    println!("{}", zh_en!("{} · {}{sandbox}", "{} at {}{sandbox}", text(&status["member"]), text(&status["issuer"])));
    let checks = match status["stale"].as_str() {
        Some(why) => zh_en!("答复 `stale`（登记视图已过期）：{why}", "answered `stale`: {why}"),
        None => zh_en!("照常答复", "answered"),
    };
    line(Phrase::new("查询", "checks"), checks);
    let (size, witnessed, since) = (&log["size"], &log["witnessed"], text(&log["witnessedSince"]));
    let followed = zh_en!(
        "已跟随{size}条，其中{witnessed}条自 {since} 起经会员见证",
        "{size} entries followed, {witnessed} witnessed since {since}"
    );
    line(Phrase::new("登记册", "log"), followed);
    line(Phrase::new("最近联系", "last contact"), text(&log["lastContact"]));
    let failures = [
        (Phrase::new("跟随失败", "failure"), &log["failure"]),
        (Phrase::new("身份代码服务", "tokens"), &status["tokens"]),
    ];
    for (name, what) in failures.into_iter().filter(|(_, what)| !what.is_null()) {
        line(name, text(what));
    }
    for alarm in log["alarms"].as_array().into_iter().flatten() {
        let (name, since, detail) = (text(&alarm["alarm"]), text(&alarm["since"]), text(&alarm["detail"]));
        line(Phrase::new("警报", "ALARM"), zh_en!("{name}，自 {since} 起：{detail}", "{name} since {since}: {detail}"));
    }
    for docket in log["uncounted"].as_array().into_iter().flatten() {
        let (index, breaks) = (&docket["index"], text(&docket["breaks"]));
        line(Phrase::new("不计入", "DOES NOT COUNT"), zh_en!("第{index}条：{breaks}", "entry {index}: {breaks}"));
    }
    for file in log["kept"].as_array().into_iter().flatten() {
        line(Phrase::new("证据文件", "evidence"), text(file));
    }
    let (accounts, identities) = (&status["accounts"], &status["identities"]);
    line(
        Phrase::new("身份代码簿", "tag book"),
        zh_en!("{accounts}个账号，{identities}个证件", "{accounts} accounts, {identities} identities"),
    );
    let quota = &status["quota"];
    if quota.is_object() {
        let of = quota["perDay"].as_u64().map(|per_day| zh_en!("，每日{per_day}人次", " of {per_day} a day"));
        let (left, of, until) = (&quota["left"], of.unwrap_or_default(), text(&quota["resetsAt"]));
        let told = text(&quota["toldAt"]);
        line(
            Phrase::new("查询额度", "points left"),
            zh_en!("尚余{left}人次{of}，至 {until}（{told} 告知）", "{left}{of}, until {until} (told {told})"),
        );
    }
    line(Phrase::new("查询日志", "checks logged"), status["checks"].to_string());
    line(Phrase::new("欠平台回调", "hook is owed"), status["hookOwed"].to_string());
    for reported in status["hookReported"].as_array().into_iter().flatten() {
        let (index, people) = (&reported["index"], &reported["people"]);
        line(
            Phrase::new("回调报告", "hook reports"),
            zh_en!("第{index}条涉及贵平台{people}人", "docket {index} concerns {people} of your people"),
        );
    }
    if let Some(why) = status["anchorFailure"].as_str() {
        line(Phrase::new("存证失败", "ANCHOR"), why.to_owned());
    }
    if let Some(cosigned) = log["otherAgent"]["cosignedAt"].as_str() {
        line(
            Phrase::new("另一会员端", "SECOND AGENT"),
            zh_en!(
                "于 {cosigned} 会签：本会员端不会签、不存证、不提交回执",
                "cosigned at {cosigned}: this one does not cosign, anchor or file receipts"
            ),
        );
    }
    line(Phrase::new("欠回执", "receipts owed"), status["receiptsOwed"].to_string());
    if let Some(notices) = log["notices"].as_str() {
        line(Phrase::new("登记系统通知", "registry says"), notices.to_owned());
    }
}
