//! What a committee must look at beside its drafts: a log that nobody watches, a roster that ends, a calendar without next
//! year, members that haven't carried out what was decided.
//!
//! Nothing here changes anything. What waits for a seat is [`crate::drafts`]'s.

use std::collections::BTreeMap;

use callboard_api::registry::propagation::{Fulfilment, MemberCompliance};
use callboard_federation::{encoding::Time, policy::Policy, roster::Roster, zh_en};
use callboard_rules::calendar::Calendar;
use rand_core::CryptoRng;

use crate::{
    Error, letter::term::time_text, person_measure::Policies, policies::draft::without_next_year, propagation,
    registry::Registry,
};

/// A log whose witnesses were silent for longer is told of: each cosigns once a minute.
const SILENT_MILLIS: i64 = 10 * 60 * 1_000;
/// How long before its end a roster is told of, in days: enough to have the next one signed by busy people.
const ROSTER_DAYS: i64 = 90;
/// The month from which on next year's calendar is missed: the State Council orders it in autumn.
const CALENDAR_MONTH: i8 = 11;

/// Something that somebody of the committee should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// The roster asks for no witness: the registry alone vouches for its log.
    NoWitness,
    /// No quorum has cosigned the log since then; absent: never.
    Silent(Option<Time>),
    /// The roster in force ends.
    RosterEnds(Time),
    /// The calendar of these policies, by their titles, ends with a year.
    CalendarEnds { titles: Vec<String>, last: i16 },
    /// A member says nothing of so many dockets, though the time is over.
    Overdue { member: String, dockets: u64, contact: Option<String> },
    /// A member says that it hasn't carried out so many dockets, or not whole.
    NotCarriedOut { member: String, dockets: u64, contact: Option<String> },
    /// A member doesn't get what is pushed to it.
    Unreached { member: String, contact: Option<String> },
}

impl Alarm {
    /// What is told of it, and what is to be done.
    pub fn text(&self) -> String {
        let duty_desk = |contact: &Option<String>| {
            contact
                .as_ref()
                .map_or_else(String::new, |contact| zh_en!("（值班：{contact}）", " (duty desk: {contact})"))
        };
        match self {
            Self::NoWitness => zh_en!(
                "名单未要求见证：登记册是否完整，只有登记系统自己作证。请起草新名单，提高见证门槛",
                "the roster asks for no witness: the registry alone vouches for its log. Draft a roster that asks for some"
            ),
            Self::Silent(Some(since)) => {
                let since = time_text(*since);
                zh_en!(
                    "自{since}起没有足够的见证人确认登记册：请联系登记系统和各会员单位",
                    "since {since} too few witnesses have confirmed the log: call the registry and the members"
                )
            }
            Self::Silent(None) => zh_en!(
                "没有足够的见证人确认登记册：请联系登记系统和各会员单位",
                "too few witnesses have confirmed the log: call the registry and the members"
            ),
            Self::RosterEnds(at) => {
                let day = time_text(*at);
                zh_en!(
                    "签署权限名单有效期至{day}，此后任何文书都不再生效：请起草新名单",
                    "the roster ends on {day}, and nothing counts after that: draft the next one"
                )
            }
            Self::CalendarEnds { titles, last } => {
                let (next, zh, en) = (last + 1, titles.join("》《"), titles.join("\", \""));
                zh_en!(
                    ("《{zh}》的工作日历到{last}年为止：请补上{next}年的节假日安排"),
                    ("the calendar of \"{en}\" ends with {last}: add the working days of {next}")
                )
            }
            Self::Overdue { member, dockets, contact } => {
                let contact = duty_desk(contact);
                zh_en!(
                    "{member} 有{dockets}份文书逾期未回执{contact}",
                    "{member} has sent no receipt for {dockets} dockets in time{contact}"
                )
            }
            Self::NotCarriedOut { member, dockets, contact } => {
                let contact = duty_desk(contact);
                zh_en!(
                    "{member} 有{dockets}份文书未执行或者未全部执行{contact}",
                    "{member} hasn't carried out {dockets} dockets, or not whole{contact}"
                )
            }
            Self::Unreached { member, contact } => {
                let contact = duty_desk(contact);
                zh_en!("{member} 收不到推送{contact}", "{member} doesn't get what is pushed{contact}")
            }
        }
    }
}

/// What there is to look at, and to count days by.
#[derive(Debug, Default)]
pub struct Lookout {
    /// The log first, then documents, then members in the order of their list.
    pub alarms: Vec<Alarm>,
    /// The working days that are known: of the policy whose calendar goes furthest.
    pub calendar: Option<Calendar>,
}

/// Looks; `known` are the policies of looks before, which are as they were.
pub async fn look(registry: &Registry<'_>, known: &mut Policies, rng: &mut impl CryptoRng) -> Result<Lookout, Error> {
    let now = registry.caller().now();
    let (roster, witnessed_since) = registry.witnessed_roster().await?;
    let mut alarms = of_roster(&roster, witnessed_since, now);
    let policies = registry.policies_in_force(now, known).await?;
    alarms.extend(of_calendars(&policies, now));
    let members = propagation::of_members(registry, rng).await?.members;
    alarms.extend(members.iter().flat_map(of_member));
    let calendars = policies.iter().filter_map(|policy| Calendar::of(&policy.decide).ok());
    Ok(Lookout { alarms, calendar: calendars.max_by_key(Calendar::last_year) })
}

fn of_roster(roster: &Roster, witnessed_since: Option<Time>, now: Time) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let is_silent = witnessed_since.is_none_or(|since| now.as_millis() - since.as_millis() > SILENT_MILLIS);
    alarms.extend((roster.witnesses.quorum == 0).then_some(Alarm::NoWitness));
    alarms.extend(is_silent.then_some(Alarm::Silent(witnessed_since)));
    alarms.extend((roster.expires <= now.plus_days(ROSTER_DAYS)).then_some(Alarm::RosterEnds(roster.expires)));
    alarms
}

/// A policy without a calendar counts no working days, and misses none.
fn of_calendars(policies: &[Policy], now: Time) -> Vec<Alarm> {
    let mut ends: BTreeMap<i16, Vec<String>> = BTreeMap::new();
    for policy in policies {
        let Some((last, today)) = without_next_year(policy, now) else { continue };
        if last < today.year() || today.month() >= CALENDAR_MONTH {
            let titles = ends.entry(last).or_default();
            let title = policy.title.spoken().to_owned();
            // Instruments that follow one another may bear one title.
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
    }
    ends.into_iter().map(|(last, titles)| Alarm::CalendarEnds { titles, last }).collect()
}

fn of_member(member: &MemberCompliance) -> Vec<Alarm> {
    let (name, contact) = (|| member.name.clone(), || member.contact.clone());
    let count = |of: &[Fulfilment]| of.iter().filter_map(|of| member.counts.get(of)).sum::<u64>();
    let (overdue, open) = (count(&[Fulfilment::Overdue]), count(&[Fulfilment::Declined, Fulfilment::Partly]));
    let mut alarms = Vec::new();
    if overdue > 0 {
        alarms.push(Alarm::Overdue { member: name(), dockets: overdue, contact: contact() });
    }
    if open > 0 {
        alarms.push(Alarm::NotCarriedOut { member: name(), dockets: open, contact: contact() });
    }
    if member.lags {
        alarms.push(Alarm::Unreached { member: name(), contact: contact() });
    }
    alarms
}

#[cfg(test)]
mod tests;
