//! The next roster: what changes in it, all in one document, since each takes its signatures; all else as in the roster in force.
//!
//! A file each: [`seat`]s, [`rule`]s of signatures, [`key`]s of log, witnesses and epochs; [`one_change`], as they are named
//! one by one; [`in_words`], a roster as people read it. What everyone would refuse is
//! refused here, in words. Witnesses of members change with members ([`super`]); how many panels the seats make is
//! [`crate::panels`]'. Implements `docs/formats.md` §6.

pub mod in_words;
mod key;
mod one_change;
mod rule;
mod seat;

use callboard_client::{
    http, in_force,
    output::{Line, plain, yellow},
    pin::Pin,
    visible::Visible,
};
use callboard_federation::{
    docket::Docket,
    encoding::Time,
    language::Language,
    roster::{Role, Roster, Seat},
    zh_en,
};

pub use key::{EpochChanges, LogKeyChanges, WitnessChanges};
pub use one_change::RosterChange;
pub use rule::{NewRule, RuleChanges};
use seat::on_leave;
pub use seat::{Deputy, DeputyFile, SeatChanges};

use super::{InForce, Next};
use crate::{
    bundle::to_sign, error::Error, letter::term::time_text, panels::Panels, setup::ROSTER_DAYS,
    signing::public::roster_text,
};

/// A roster that ends sooner is said to.
const SOON_DAYS: i64 = 90;

/// What changes; what isn't said stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NextRoster {
    pub seats: SeatChanges,
    pub rules: RuleChanges,
    pub log: LogKeyChanges,
    pub witnesses: WitnessChanges,
    pub epochs: EpochChanges,
    /// When it ends, if not when the roster in force does.
    pub expires: Option<Time>,
}

impl NextRoster {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn apply(self, next: &mut Next, in_force: &InForce) -> Result<(), Error> {
        let issued_at = next.issued_at;
        let roster = &mut next.roster;
        self.seats.apply(roster)?;
        self.rules.apply(roster)?;
        self.log.apply(roster, in_force);
        self.witnesses.apply(roster, in_force)?;
        self.epochs.apply(roster)?;
        if let Some(expires) = self.expires {
            roster.expires = expires;
        } else if roster.expires <= issued_at {
            roster.expires = issued_at.plus_days(ROSTER_DAYS);
        }
        if roster.expires <= issued_at {
            return Err(Error::BornExpired);
        }
        key::check(roster, in_force.members.as_ref())?;
        Ok(rule::check(roster)?)
    }
}

/// The roster in force, verified against the pin, and how many panels it leaves.
///
/// # Errors
/// Where the registry doesn't answer, or what it answers doesn't hold against the pin.
pub async fn show(pin: &Pin, now: Time) -> Result<Vec<Line>, Error> {
    let roster = in_force::InForce::fetch(&http::client()?, &pin.url, &pin.genesis, now).await?.roster;
    let mut lines = vec![vec![plain(roster_text(&roster, None, pin.genesis, Language::spoken()))]];
    lines.extend(Panels::of(&roster).lines());
    lines.extend(roster.seats.iter().filter_map(deputy));
    if roster.expires <= now.plus_days(SOON_DAYS) {
        lines.push(vec![yellow(zh_en!(
            "本名单有效期至{}：到期后任何文书都不再生效，请起草下一版名单",
            "it ends on {}: no docket counts under it after that; draft the next one",
            time_text(roster.expires)
        ))]);
    }
    Ok(lines)
}

/// What is to be known of the next roster besides its difference: who signs it under itself, who stands in for whom, what a
/// closed epoch asks, and how many panels are left.
pub(super) fn lines(before: &Roster, next: &Roster, docket: &Docket) -> Vec<Line> {
    let mut lines = Vec::new();
    let asked = |roster: &Roster| {
        let asked = roster.asked(&docket.items);
        let seats = roster.seats.iter().filter(|seat| asked.contains_key(&seat.role));
        (asked.clone(), seats.map(|seat| (seat.role, *seat.public_key.as_bytes())).collect::<Vec<_>>())
    };
    if asked(before) != asked(next) {
        let roles = next.asked(&docket.items);
        let sits_in_both = |seat: &&Seat| {
            let then = before.seat(&seat.public_key.id()).is_some_and(|then| then.role == seat.role);
            then && roles.contains_key(&seat.role)
        };
        let both: Vec<&str> = next.seats.iter().filter(sits_in_both).map(|seat| seat.holder.as_str()).collect();
        let both = both.join(&zh_en!("、", ", "));
        lines.push(vec![plain(zh_en!(
            "同一文书还须满足第{}版自身的要求（{}）；在两版中职务相同的人签署一次即可：{}",
            "the same docket by roster {}'s own rule too ({}); who sits in both signs once for both: {}",
            next.version,
            to_sign(&next.asked(&docket.items)),
            Visible(&both)
        ))]);
    }
    let is_new = |seat: &&Seat| before.seats.iter().all(|other| other.holder != seat.holder);
    lines.extend(next.seats.iter().filter(is_new).filter_map(deputy));
    for seat in &before.seats {
        let Some(back) = on_leave(&seat.holder).filter(|back| next.seats.iter().any(|seat| seat.holder == *back))
        else {
            continue;
        };
        lines.push(vec![plain(zh_en!(
            "{0} 已返回，{1} 不再代理：{1} 的签署只对此前的文书有效",
            "{0} is back, and {1} stands in no longer: what {1} signed counts for what was logged before",
            Visible(back),
            Visible(&seat.holder)
        ))]);
    }
    for epoch in before.epochs.iter().filter(|of| before.is_live(of.number) && !next.is_live(of.number)) {
        lines.push(vec![yellow(zh_en!(
            "第{}期停用之前，每一项仍有效的措施都须已有其他启用各期的身份代码，否则登记系统不予登记（epoch-in-use）",
            "epoch {}: each measure that stands must have a tag of another live epoch first, or the registry logs no such \
             roster (epoch-in-use)",
            epoch.number
        ))]);
    }
    lines.extend(Panels::of(next).lines());
    lines
}

/// Whom the next roster asks by its own rule, and so many of whom have no seat in the one in force: nobody can ask them by
/// way of the registry.
pub(super) fn out_of_reach(before: &Roster, next: &Roster, docket: &Docket) -> Vec<(Role, u64)> {
    let lacking = |(role, asked): (Role, u64)| {
        let is_there = |seat: &&Seat| seat.role == role && before.seat(&seat.public_key.id()).is_some();
        let there = next.seats.iter().filter(is_there).count() as u64;
        (role, asked.saturating_sub(there))
    };
    next.asked(&docket.items).into_iter().map(lacking).filter(|(_, count)| *count > 0).collect()
}

/// Whom a seat stands in for, and how that ends.
fn deputy(seat: &Seat) -> Option<Line> {
    let of = Visible(on_leave(&seat.holder)?);
    Some(vec![plain(zh_en!(
        "{} 代理 {of}：{of} 休假期间不能签署；返回时以 {of} 的公开文件换回",
        "{} stands in for {of}, who signs nothing on leave; the public file of {of} ends it",
        Visible(&seat.holder)
    ))])
}

#[cfg(test)]
mod tests;
