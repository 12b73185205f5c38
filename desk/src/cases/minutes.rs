//! Minutes: who was there, how each seat voted on each item, what came of it, and who didn't open a vote.

use callboard_client::output::{Line, plain, yellow};
use callboard_federation::{encoding::Time, zh_en};
use callboard_rules::case::{Case, law::Seat, number::ItemNumber, session::Session, vote::Choice};

use super::words;
use crate::letter::term::time_text;

/// The minutes of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minutes {
    /// The number of the event that opened it.
    pub session: u64,
    pub seal_by: Time,
    pub open_by: Time,
    pub present: Vec<String>,
    pub absent: Vec<String>,
    /// Who sealed a vote and didn't open it: present and not in favour, and out of the next panel.
    pub unopened: Vec<String>,
    pub items: Vec<ItemMinutes>,
}

/// How an item was voted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemMinutes {
    pub item: ItemNumber,
    /// Each seat of the panel, in its order.
    pub votes: Vec<(String, Ballot)>,
    /// Whether it was carried, by those who aren't recused by now.
    pub is_carried: bool,
}

/// What a seat did about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ballot {
    Voted(Choice),
    Absent,
    Recused,
    /// Present, and sealed nothing.
    Silent,
    Unopened,
}

/// The minutes of every session that was closed, in order.
pub fn of_case(case: &Case) -> Vec<Minutes> {
    case.sessions.values().map(|session| minutes(case, session)).collect()
}

fn minutes(case: &Case, session: &Session) -> Minutes {
    let is_present = |seat: &&Seat| session.present.contains_key(&seat.holder);
    let holders = |seats: Vec<&Seat>| seats.into_iter().map(|seat| seat.holder.clone()).collect();
    let (present, absent) = session.panel.iter().partition(is_present);
    let item = |item: &ItemNumber| ItemMinutes {
        item: *item,
        votes: session.panel.iter().map(|seat| (seat.holder.clone(), ballot(case, session, seat, *item))).collect(),
        is_carried: session.is_carried(case, *item),
    };
    Minutes {
        session: session.seq,
        seal_by: session.seal_by,
        open_by: session.open_by,
        present: holders(present),
        absent: holders(absent),
        unopened: session.unopened().cloned().collect(),
        items: session.items.keys().map(item).collect(),
    }
}

fn ballot(case: &Case, session: &Session, seat: &Seat, item: ItemNumber) -> Ballot {
    if case.is_recused(seat, item) {
        return Ballot::Recused;
    }
    match session.present.get(&seat.holder) {
        None => Ballot::Absent,
        Some(ballot) => match (&ballot.vote, &ballot.sealed) {
            (Some(vote), _) => Ballot::Voted(vote.on(item)),
            (None, Some(_)) => Ballot::Unopened,
            (None, None) => Ballot::Silent,
        },
    }
}

impl Ballot {
    /// In words.
    pub fn text(self) -> String {
        match self {
            Self::Voted(choice) => words::choice(choice).to_string(),
            Self::Absent => zh_en!("未到会", "absent"),
            Self::Recused => zh_en!("回避", "recused"),
            Self::Silent => zh_en!("到会未投票", "present, no vote"),
            Self::Unopened => zh_en!("未公开", "not opened"),
        }
    }
}

impl Minutes {
    /// Its lines.
    pub fn lines(&self) -> Vec<Line> {
        let Self { session, present, absent, unopened, .. } = self;
        let (seal_by, open_by) = (time_text(self.seal_by), time_text(self.open_by));
        let list = |holders: &[String]| {
            if holders.is_empty() { zh_en!("无", "nobody") } else { holders.join(", ") }
        };
        let mut lines = vec![
            vec![plain(zh_en!(
                "评议记录（第{session}项所开）：{seal_by}前投票，{open_by}前公开",
                "Minutes of session {session}: votes until {seal_by}, opened until {open_by}"
            ))],
            vec![plain(zh_en!("  到会：{}", "  present: {}", list(present)))],
            vec![plain(zh_en!("  未到会：{}", "  absent: {}", list(absent)))],
        ];
        if !unopened.is_empty() {
            lines.push(vec![yellow(zh_en!(
                "  未公开投票：{}，计为到会而未赞成，不得参加下一次评议",
                "  didn't open a vote: {}; counted as present and not in favour, out of the next panel",
                list(unopened)
            ))]);
        }
        for item in &self.items {
            let votes = item.votes.iter().map(|(holder, ballot)| format!("{holder} {}", ballot.text()));
            let (of, votes) = (words::items([item.item]), votes.collect::<Vec<_>>().join(" · "));
            let result = if item.is_carried { zh_en!("通过", "carried") } else { zh_en!("未通过", "not carried") };
            lines.push(vec![plain(zh_en!("  {of}：{result}（{votes}）", "  {of}: {result} ({votes})"))]);
        }
        lines
    }
}
