//! `callboard propagation`: how far a docket has come, or how members stand with the last ones.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_api::registry::propagation::lag_text;
use callboard_client::{
    http,
    output::{self, Span},
    pin::PinFile,
    sandbox_clock::ClockArg,
};
use callboard_federation::{
    encoding::{Hash, Time, from_json},
    language::{Language, Phrase},
    zh_en,
};
use serde_json::Value;

use super::{seat, seat::AskerArgs};

const EXAMPLES: &str = "\
Examples:
  callboard propagation 994ebc50376e990d…       signed, logged, delivered, receipted: with each member
  callboard propagation --key secretary-1.key    who is overdue with the last dockets, who declined and why
  callboard propagation 994ebc50376e990d… --json

A docket's hash is what `callboard submit` printed. Exit code 1 if a member is overdue.";

/// Two steps of a docket.
const DELIVERED: Phrase = Phrase::new("送达", "delivered");
const RECEIPTED: Phrase = Phrase::new("回执", "receipted");

/// Show how far a docket has come with each member, or who hasn't carried out the last ones
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PropagationVerb {
    /// SHA-256 of the docket's payload; without it, all members and the last dockets, for whoever has a key
    docket: Option<Hash>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: AskerArgs,
    #[command(flatten)]
    pin: PinFile,
    #[command(flatten)]
    clock: ClockArg,
}

impl PropagationVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let pin = seat::read_pin(&self.pin)?;
        let shown: Value = super::block_on(async {
            let Some(docket) = self.docket else {
                let key = self.asker.open()?;
                let clock = self.clock.of(&pin.issuer).await?;
                let caller = seat::asker(&key, &*clock)?;
                let answer = caller.get(&pin.url.at("/v1/compliance"), &mut super::os_rng()).await?;
                return Ok(serde_json::from_slice(
                    &answer.context(Phrase::new("登记系统没有执行情况一览", "the registry has no board"))?,
                )?);
            };
            let url = pin.url.at(&format!("/v1/dockets/{docket}/propagation"));
            let answer = http::get(&http::client()?, &url)
                .await?
                .context(Phrase::new("登记册中没有这一文书", "the log has no such docket"))?;
            Ok(serde_json::from_slice(&answer)?)
        })?;
        let is_overdue = shown.to_string().contains("\"overdue\"");
        if self.json {
            println!("{}", serde_json::to_string_pretty(&shown)?);
        } else if self.docket.is_some() {
            show_docket(&shown)?;
        } else {
            show_board(&shown);
        }
        Ok(if is_overdue { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn show_docket(shown: &Value) -> anyhow::Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let at = |value: &Value| -> anyhow::Result<Time> { Ok(from_json(value.to_string().as_bytes())?) };
    let signed_at = at(&shown["signedAt"])?;
    let (docket, index, records) = (text(&shown["docket"]), &shown["index"], &shown["records"]);
    let said = zh_en!("{docket}，第{index}条，{records}条记录", "{docket} at index {index}, {records} records");
    println!("{}{said}", zh_en!("文书       ", "docket     "));
    println!("{}{signed_at}", zh_en!("签署       ", "signed     "));
    let logged = lag_text(shown["lags"]["logged"].as_i64().unwrap_or_default());
    println!("{}", zh_en!("登记       {logged}之后", "logged     {logged} later"));
    for (step, title) in [("delivered", DELIVERED), ("receipted", RECEIPTED)] {
        let spread = &shown["lags"][step];
        let lag = |rank: &str| spread[rank].as_i64().map_or_else(|| "-".to_owned(), lag_text);
        let (p50, p95, max) = (lag("p50"), lag("p95"), lag("max"));
        let members = &spread["members"];
        println!(
            "{}",
            zh_en!(
                "{title}       {members}家会员单位：中位数 {p50}，95 % {p95}，最长 {max}",
                "{title:<10} by {members} members: median {p50}, 95 % {p95}, longest {max}"
            )
        );
    }
    if shown["dueAt"].is_string() {
        println!("{}{}", zh_en!("期限       ", "due        "), text(&shown["dueAt"]));
    }
    for member in shown["members"].as_array().into_iter().flatten() {
        let lag = |step: &str| -> anyhow::Result<String> {
            let value = &member[step];
            let since = |at: Time| lag_text(at.as_millis() - signed_at.as_millis());
            Ok(if value.is_null() { "-".to_owned() } else { since(at(value)?) })
        };
        let (member_id, acted) = (text(&member["member"]), coloured(&text(&member["acted"])));
        let contact = contact(member);
        let (delivered, receipted) = (lag("deliveredAt")?, lag("receiptedAt")?);
        let pushed = pushed_text(&member["pushed"]);
        let how_far = format!("{pushed:<9} {DELIVERED} {delivered:<12} {RECEIPTED} {receipted:<12} ");
        output::line([output::plain(format_args!("  {member_id:<20} {how_far}")), acted, contact]);
    }
    Ok(())
}

fn show_board(shown: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for member in shown["members"].as_array().into_iter().flatten() {
        let counts = member["counts"].as_object().into_iter().flatten();
        let counts = counts.enumerate().flat_map(|(at, (acted, count))| {
            let comma = if at == 0 { "" } else { ", " };
            [output::plain(format_args!("{comma}{count} ")), coloured(acted)]
        });
        let (id, pushed) = (text(&member["member"]), pushed_text(&member["pushed"]));
        let lags = if member["lags"] == true { output::yellow(zh_en!(" 滞后", " lags")) } else { output::plain(" ") };
        let who = output::plain(format_args!("{id:<20} {pushed:<9} "));
        output::line(std::iter::once(who).chain(counts).chain([lags, contact(member)]));
        for open in member["open"].as_array().into_iter().flatten() {
            let (acted, docket) = (coloured(&text(&open["acted"])), text(&open["docket"]));
            let due = output::plain(zh_en!(" {docket}，期限 {}", " {docket}, due {}", text(&open["dueAt"])));
            output::line([output::plain("  "), acted, due]);
            for exception in open["exceptions"].as_array().into_iter().flatten() {
                println!("    {}: {}", text(&exception["record"]), text(&exception["reason"]));
            }
        }
    }
}

/// Where its duty desk is reached, if the list of members says so.
fn contact(member: &Value) -> Span {
    output::plain(
        member["contact"]
            .as_str()
            .map_or_else(String::new, |contact| zh_en!(" 值班：{contact}", " duty desk: {contact}")),
    )
}

/// How a member is told.
fn pushed_text(pushed: &Value) -> &str {
    let pushed = pushed.as_str().unwrap_or_default();
    let zh = match pushed {
        "active" => "推送",
        "paused" => "已暂停推送",
        "disabled" => "推送失败已停用",
        "none" => "自行查询",
        _ => pushed,
    };
    Language::spoken().pick(zh, pushed)
}

/// What a member did, in the colour of how good that is.
fn coloured(acted: &str) -> Span {
    let zh = match acted {
        "in-effect" => "已执行",
        "partly" => "部分执行",
        "declined" => "未执行（已说明理由）",
        "awaited" => "等待回执",
        "overdue" => "逾期未回执",
        "not-asked" => "无需回执",
        _ => acted,
    };
    let said = Language::spoken().pick(zh, acted);
    match acted {
        "in-effect" => output::green(said),
        "overdue" | "declined" | "partly" => output::yellow(said),
        _ => output::plain(said),
    }
}
