//! How far a docket has come with each member, and how members stand with the last ones, as the registry counts.

use callboard_api::registry::propagation::{
    Compliance, Fulfilment, GET_COMPLIANCE, GET_DOCKET_PROPAGATION, Propagation, PushState, lag_text,
};
use callboard_client::{
    http,
    output::{Line, Span, green, plain, yellow},
    pin::Pin,
};
use callboard_federation::{
    encoding::{Hash, Time},
    language::Phrase,
    zh_en,
};
use rand_core::CryptoRng;

use super::registry::Registry;
use crate::Error;

const DELIVERED: Phrase = Phrase::new("送达", "delivered");
const RECEIPTED: Phrase = Phrase::new("回执", "receipted");

/// How far a docket has come, which anyone may ask.
pub async fn of_docket(client: &reqwest::Client, pin: &Pin, docket: Hash) -> Result<Propagation, Error> {
    let found = http::find(client, &pin.url, &GET_DOCKET_PROPAGATION.with(&docket, &(), &())).await?;
    found.ok_or_else(|| Error::other("no-docket", || zh_en!("登记册中没有这一文书", "the log has no such docket")))
}

/// How all members stand, for a seat or a member.
pub async fn of_members(registry: &Registry<'_>, rng: &mut impl CryptoRng) -> Result<Compliance, Error> {
    let question = GET_COMPLIANCE.with(&(), &(), &());
    let found = registry.caller().find(&registry.pin().url, &question, rng).await?;
    found.ok_or_else(|| Error::other("no-board", || zh_en!("登记系统没有执行情况一览", "the registry has no board")))
}

pub fn docket_lines(shown: &Propagation) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |text: String| lines.push(vec![plain(text)]);
    let Propagation { docket, index, records, signed_at, lags, .. } = shown;
    let said = zh_en!("{docket}，第{index}条，{records}条记录", "{docket} at index {index}, {records} records");
    say(format!("{}{said}", zh_en!("文书       ", "docket     ")));
    say(format!("{}{signed_at}", zh_en!("签署       ", "signed     ")));
    let logged = lag_text(lags.logged);
    say(zh_en!("登记       {logged}之后", "logged     {logged} later"));
    for (spread, title) in [(lags.delivered, DELIVERED), (lags.receipted, RECEIPTED)] {
        let lag = |rank: Option<i64>| rank.map_or_else(|| "-".to_owned(), lag_text);
        let (p50, p95, max, members) = (lag(spread.p50), lag(spread.p95), lag(spread.max), spread.members);
        say(zh_en!(
            "{title}       {members}家会员单位：中位数 {p50}，95 % {p95}，最长 {max}",
            "{title:<10} by {members} members: median {p50}, 95 % {p95}, longest {max}"
        ));
    }
    if let Some(due_at) = shown.due_at {
        say(format!("{}{due_at}", zh_en!("期限       ", "due        ")));
    }
    for member in &shown.members {
        let lag =
            |at: Option<Time>| at.map_or_else(|| "-".to_owned(), |at| lag_text(at.as_millis() - signed_at.as_millis()));
        let (delivered, receipted) = (lag(member.delivered_at), lag(member.receipted_at));
        let pushed = push_text(member.pushed);
        let how_far = format!("{pushed:<9} {DELIVERED} {delivered:<12} {RECEIPTED} {receipted:<12} ");
        let who = plain(format_args!("  {:<20} {how_far}", member.member));
        lines.push(vec![who, coloured(member.acted), contact(member.contact.as_deref())]);
    }
    lines
}

pub fn member_lines(shown: &Compliance) -> Vec<Line> {
    let mut lines = Vec::new();
    for member in &shown.members {
        let counts = member.counts.iter().enumerate().flat_map(|(at, (acted, count))| {
            let comma = if at == 0 { "" } else { ", " };
            [plain(format_args!("{comma}{count} ")), coloured(*acted)]
        });
        let lags = if member.lags { yellow(zh_en!(" 滞后", " lags")) } else { plain(" ") };
        let who = plain(format_args!("{:<20} {:<9} ", member.member, push_text(member.pushed)));
        let contact = contact(member.contact.as_deref());
        lines.push(std::iter::once(who).chain(counts).chain([lags, contact]).collect());
        for open in &member.open {
            let due = zh_en!(" {docket}，期限 {due}", " {docket}, due {due}", docket = open.docket, due = open.due_at);
            lines.push(vec![plain("  "), coloured(open.acted), plain(due)]);
            for exception in &open.exceptions {
                lines.push(vec![plain(format_args!("    {}: {}", exception.record, exception.reason))]);
            }
        }
    }
    lines
}

/// Where its duty desk is reached, if the list of members says so.
fn contact(contact: Option<&str>) -> Span {
    plain(contact.map_or_else(String::new, |contact| zh_en!(" 值班：{contact}", " duty desk: {contact}")))
}

const fn push_text(pushed: PushState) -> Phrase {
    match pushed {
        PushState::Active => Phrase::new("推送", "active"),
        PushState::Paused => Phrase::new("已暂停推送", "paused"),
        PushState::Disabled => Phrase::new("推送失败已停用", "disabled"),
        PushState::None => Phrase::new("自行查询", "none"),
    }
}

/// What a member did, in the colour of how good that is.
fn coloured(acted: Fulfilment) -> Span {
    let said = match acted {
        Fulfilment::InEffect => Phrase::new("已执行", "in-effect"),
        Fulfilment::Partly => Phrase::new("部分执行", "partly"),
        Fulfilment::Declined => Phrase::new("未执行（已说明理由）", "declined"),
        Fulfilment::Awaited => Phrase::new("等待回执", "awaited"),
        Fulfilment::Overdue => Phrase::new("逾期未回执", "overdue"),
        Fulfilment::NotAsked => Phrase::new("无需回执", "not-asked"),
    };
    match acted {
        Fulfilment::InEffect => green(said),
        Fulfilment::Overdue | Fulfilment::Declined | Fulfilment::Partly => yellow(said),
        Fulfilment::Awaited | Fulfilment::NotAsked => plain(said),
    }
}
