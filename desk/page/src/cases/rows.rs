//! The rows of a case's page: whom it is about, who decides, what was voted, what was filed, and everything that was done.

use callboard_client::visible::{Visible, indented};
use callboard_desk::{
    cases::{
        minutes::{Ballot, ItemMinutes, Minutes, of_case},
        overview::ItemShown,
        timeline::{Part, Told, who},
        words,
    },
    letter::term::time_text,
};
use callboard_federation::zh_en;
use callboard_rules::case::{
    act::{Act, Hosts},
    law::Seat,
    number::ItemNumber,
    session::Session,
};

use super::{kept::ReadCase, opened::OpenedCase};

pub(super) struct ItemRow {
    pub(super) number: ItemNumber,
    pub(super) person: String,
    pub(super) decides: String,
    pub(super) hosts: String,
    pub(super) window: String,
    pub(super) state: String,
    pub(super) is_minor: bool,
}

pub(super) struct SeatRow {
    pub(super) holder: String,
    pub(super) role: String,
    pub(super) recused: Option<String>,
}

/// The session that is open.
pub(super) struct SittingRow {
    pub(super) title: String,
    pub(super) until: String,
    pub(super) seats: Vec<(String, String)>,
}

pub(super) struct MinutesRow {
    pub(super) title: String,
    pub(super) present: String,
    pub(super) absent: String,
    pub(super) unopened: Option<String>,
    /// How many were carried, and which weren't.
    pub(super) result: String,
    /// Number, person, votes by seat, result.
    pub(super) items: Vec<(ItemNumber, String, String, String)>,
    /// Items were voted on that aren't listed.
    pub(super) is_cut: bool,
    /// Who gave which reasons, as far as they can be read.
    pub(super) reasons: Vec<(String, String)>,
}

pub(super) struct ToldRow {
    pub(super) seq: u64,
    pub(super) at: String,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) said: Option<String>,
}

pub(super) fn item_row(shown: &ItemShown, read: &ReadCase) -> ItemRow {
    let added = read.file.events.iter().find_map(|filed| match &filed.act {
        Act::ItemAdded { item, hosts, reporters, .. } if *item == shown.item => Some((hosts, reporters)),
        _ => None,
    });
    let hosts = added.map(|(hosts, reporters)| {
        let hosts = match hosts {
            Hosts::Named(hosts) => hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(&zh_en!("、", ", ")),
            Hosts::Unknown(_) => zh_en!("不详", "unknown"),
        };
        let reporters = reporters.iter().map(ToString::to_string).collect::<Vec<_>>().join(&zh_en!("、", ", "));
        if reporters.is_empty() {
            hosts
        } else {
            zh_en!("{hosts}（{reporters} 举报）", "{hosts} (reported by {reporters})")
        }
    });
    ItemRow {
        number: shown.item,
        person: Visible(&read.person(shown.item)).to_string(),
        decides: shown.decides.join(&zh_en!("、", ", ")),
        hosts: hosts.unwrap_or_default(),
        window: shown.window.clone().unwrap_or_default(),
        state: shown.state.clone(),
        is_minor: shown.minor,
    }
}

pub(super) fn panel_rows(opened: &OpenedCase) -> Vec<SeatRow> {
    let rows = opened.overview.panel.iter().map(|shown| {
        let role = opened.roster.seats.iter().find(|seat| seat.holder == shown.seat).map(|seat| seat.role.words());
        SeatRow {
            holder: shown.seat.clone(),
            role: role.map_or_else(|| zh_en!("已离任", "gone"), |role| role.to_string()),
            recused: (!shown.recused.is_empty()).then(|| words::items(shown.recused.iter().copied())),
        }
    });
    rows.collect()
}

pub(super) fn sitting_row(session: &Session) -> SittingRow {
    let (seq, of) = (session.seq, words::items(session.items.keys().copied()));
    let (seal_by, open_by) = (time_text(session.seal_by), time_text(session.open_by));
    let standing = |seat: &Seat| match session.present.get(&seat.holder) {
        None => zh_en!("未到会", "not here yet"),
        Some(ballot) if ballot.vote.is_some() => zh_en!("已公开投票", "opened the vote"),
        Some(ballot) if ballot.sealed.is_some() => zh_en!("已密封投票", "sealed a vote"),
        Some(_) => zh_en!("已到会，未投票", "here, no vote yet"),
    };
    SittingRow {
        title: zh_en!("评议进行中（第{seq}项所开）：{of}", "The panel sits (session {seq}): {of}"),
        until: zh_en!("{seal_by}前投票，{open_by}前公开。", "Votes until {seal_by}, opened until {open_by}."),
        seats: session.panel.iter().map(|seat| (seat.holder.clone(), standing(seat))).collect(),
    }
}

/// The minutes of every session that was closed, with the items that are to be listed.
pub(super) fn minutes_rows(read: &ReadCase, is_listed: impl Fn(ItemNumber) -> bool) -> Vec<MinutesRow> {
    of_case(&read.file.case).iter().map(|minutes| minutes_row(minutes, read, &is_listed)).collect()
}

fn minutes_row(minutes: &Minutes, read: &ReadCase, is_listed: impl Fn(ItemNumber) -> bool) -> MinutesRow {
    let Minutes { session, .. } = minutes;
    let list = |holders: &[String]| {
        if holders.is_empty() { zh_en!("无", "nobody") } else { holders.join(&zh_en!("、", ", ")) }
    };
    let vote = |(holder, ballot): &(String, Ballot)| format!("{holder} {}", ballot.text());
    let (carried, others): (Vec<&ItemMinutes>, Vec<&ItemMinutes>) =
        minutes.items.iter().partition(|item| item.is_carried);
    let (count, without) = (carried.len(), words::items(others.iter().map(|item| item.item)));
    let result = if others.is_empty() {
        zh_en!("{count}人全部通过。", "All {count} were carried.")
    } else {
        zh_en!("通过{count}人；未通过：{without}。", "{count} were carried; not carried: {without}.")
    };
    let is_cut = minutes.items.iter().any(|item| !is_listed(item.item));
    let items = minutes.items.iter().filter(|item| is_listed(item.item)).map(|item| {
        let votes = item.votes.iter().map(vote).collect::<Vec<_>>().join(" · ");
        let result = if item.is_carried { zh_en!("通过", "carried") } else { zh_en!("未通过", "not carried") };
        (item.item, Visible(&read.person(item.item)).to_string(), votes, result)
    });
    let (seal_by, open_by) = (time_text(minutes.seal_by), time_text(minutes.open_by));
    let reasons = read.file.events.iter().zip(&read.parts).filter_map(|(filed, part)| match (&filed.act, part) {
        (Act::VoteOpened { session: of, .. }, Part::Read(content)) if of == session => {
            Some((who(&filed.who), indented(content.text.as_deref()?)))
        }
        _ => None,
    });
    MinutesRow {
        title: zh_en!(
            "第{session}项所开的评议（{seal_by}前投票，{open_by}前公开）",
            "Session {session} (votes until {seal_by}, opened until {open_by})"
        ),
        present: list(&minutes.present),
        absent: list(&minutes.absent),
        unopened: (!minutes.unopened.is_empty()).then(|| list(&minutes.unopened)),
        result,
        items: items.collect(),
        is_cut,
        reasons: reasons.collect(),
    }
}

/// What was filed, by kind, whom it is about, who filed it and when.
pub(super) fn papers(read: &ReadCase) -> Vec<String> {
    let papers = read.file.events.iter().filter_map(|filed| {
        let (by, at) = (who(&filed.who), time_text(filed.event.at));
        let of = |items: &[ItemNumber]| words::items(items.iter().copied());
        match &filed.act {
            Act::EvidenceAdded { items, evidence } => {
                let (of, pieces) = (of(items), evidence.iter().map(|one| one.kind.phrase().to_string()));
                let pieces = pieces.collect::<Vec<_>>().join(&zh_en!("、", ", "));
                Some(zh_en!("{pieces}（{of}），{by}于{at}提交", "{pieces} ({of}), from {by}, {at}"))
            }
            Act::Notified { items, .. } => {
                let of = of(items);
                Some(zh_en!("送达证明（{of}），{by}于{at}提交", "proof of delivery ({of}), from {by}, {at}"))
            }
            Act::NoticeFailed { items, .. } => {
                let of = of(items);
                Some(zh_en!(
                    "告知失败证明（{of}），{by}于{at}提交",
                    "proof of a failed attempt ({of}), from {by}, {at}"
                ))
            }
            Act::ServedByPublication { items, .. } => {
                let of = of(items);
                Some(zh_en!("公告（{of}），{by}于{at}提交", "public notice ({of}), from {by}, {at}"))
            }
            _ => None,
        }
    });
    papers.collect()
}

pub(super) fn told_row(told: &Told) -> ToldRow {
    ToldRow {
        seq: told.seq,
        at: time_text(told.at),
        who: told.who.clone(),
        what: told.what.clone(),
        said: told.said.as_deref().map(indented),
    }
}
