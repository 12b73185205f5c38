//! `callboard-agent status`: how the agent that runs stands.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_api::agent::{
    checks::Quota,
    operating::{AgentStatus, AlarmState, DocketReport, GET_STATUS, OtherAgent, UncountedDocket},
};
use callboard_client::runtime::block_on;
use callboard_federation::{
    language::{Language, Phrase},
    zh_en,
};

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
        let status = block_on(agent.find(GET_STATUS.with(&(), &(), &())))?.context(super::NO_AGENT)?;
        if self.json {
            callboard_client::output::json(&status)?;
        } else {
            show(&status);
        }
        let is_well = status.stale.is_none() && status.log.uncounted.is_empty();
        Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn show(status: &AgentStatus) {
    let log = &status.log;
    let sandbox = if status.sandbox {
        zh_en!("（测试环境：不具约束力）", "  (SANDBOX: nothing in it binds anybody)")
    } else {
        String::new()
    };
    let line = |name: Phrase, said: String| {
        let name = name.pick(Language::spoken());
        let wide = name.chars().filter(|c| !c.is_ascii()).count();
        println!("{name}{}{said}", " ".repeat(15_usize.saturating_sub(name.len() - wide)));
    };
    println!("{}", zh_en!("{} · {}{sandbox}", "{} at {}{sandbox}", status.member, status.issuer));
    let checks = match &status.stale {
        Some(why) => zh_en!("答复 `stale`（登记视图已过期）：{why}", "answered `stale`: {why}"),
        None => zh_en!("照常答复", "answered"),
    };
    line(Phrase::new("查询", "checks"), checks);
    let (size, witnessed, since) = (log.size, or_null(log.witnessed), or_null(log.witnessed_since));
    let followed = zh_en!(
        "已跟随{size}条，其中{witnessed}条自 {since} 起经会员见证",
        "{size} entries followed, {witnessed} witnessed since {since}"
    );
    line(Phrase::new("登记册", "log"), followed);
    line(Phrase::new("最近联系", "last contact"), or_null(log.last_contact));
    if let Some(failure) = &log.failure {
        line(Phrase::new("跟随失败", "failure"), failure.clone());
    }
    if let Some(failure) = &status.tokens {
        line(Phrase::new("身份代码服务", "tokens"), failure.clone());
    }
    for AlarmState { alarm, since, detail } in &log.alarms {
        line(
            Phrase::new("警报", "ALARM"),
            zh_en!("{alarm}，自 {since} 起：{detail}", "{alarm} since {since}: {detail}"),
        );
    }
    for UncountedDocket { index, breaks } in &log.uncounted {
        line(Phrase::new("不计入", "DOES NOT COUNT"), zh_en!("第{index}条：{breaks}", "entry {index}: {breaks}"));
    }
    for file in &log.kept {
        line(Phrase::new("证据文件", "evidence"), file.clone());
    }
    let (accounts, identities) = (status.accounts, status.identities);
    line(
        Phrase::new("身份代码簿", "tag book"),
        zh_en!("{accounts}个账号，{identities}个证件", "{accounts} accounts, {identities} identities"),
    );
    if let Some(Quota { per_day, left, resets_at, told_at }) = status.quota {
        let of = per_day.map(|per_day| zh_en!("，每日{per_day}人次", " of {per_day} a day")).unwrap_or_default();
        line(
            Phrase::new("查询额度", "points left"),
            zh_en!(
                "尚余{left}人次{of}，至 {resets_at}（{told_at} 告知）",
                "{left}{of}, until {resets_at} (told {told_at})"
            ),
        );
    }
    line(Phrase::new("查询日志", "checks logged"), status.checks.to_string());
    line(Phrase::new("欠平台回调", "hook is owed"), status.hook_owed.to_string());
    for DocketReport { index, people } in &status.hook_reported {
        line(
            Phrase::new("回调报告", "hook reports"),
            zh_en!("第{index}条涉及贵平台{people}人", "docket {index} concerns {people} of your people"),
        );
    }
    if let Some(why) = &status.anchor_failure {
        line(Phrase::new("存证失败", "ANCHOR"), why.clone());
    }
    if let Some(OtherAgent { cosigned_at, .. }) = log.other_agent {
        line(
            Phrase::new("另一会员端", "SECOND AGENT"),
            zh_en!(
                "于 {cosigned_at} 会签：本会员端不会签、不存证、不提交回执",
                "cosigned at {cosigned_at}: this one does not cosign, anchor or file receipts"
            ),
        );
    }
    line(Phrase::new("欠回执", "receipts owed"), status.receipts_owed.to_string());
    for (name, count) in [
        (Phrase::new("报告未送达", "reports unsent"), status.reports_unfiled),
        (Phrase::new("报告待补充", "REPORTS ASKED"), status.reports_asked),
        (Phrase::new("待答复账号", "ACCOUNTS ASKED"), status.identities_asked),
    ] {
        if count > 0 {
            line(name, count.to_string());
        }
    }
    if let Some(notices) = &log.notices {
        line(Phrase::new("登记系统通知", "registry says"), notices.clone());
    }
}

/// What isn't known yet is told as JSON tells it.
fn or_null(known: Option<impl ToString>) -> String {
    known.map_or_else(|| "null".to_owned(), |known| known.to_string())
}
