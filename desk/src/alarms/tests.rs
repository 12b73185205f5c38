use std::collections::BTreeMap;

use callboard_api::registry::propagation::PushState;
use callboard_federation::language::Language;

use super::*;
use crate::tests::Committee;

fn now() -> Time {
    "2026-11-30T04:00:00.000Z".parse().unwrap()
}

fn roster(quorum: u64, expires: Time) -> Roster {
    let mut roster = Committee::found().roster;
    roster.witnesses.quorum = quorum;
    roster.expires = expires;
    roster
}

fn policy(calendar: &str) -> Policy {
    let mut policy = crate::tests::policy().value;
    policy.decide.insert("calendar".to_owned(), serde_json::from_str(calendar).unwrap());
    policy
}

#[test]
fn a_log_that_was_confirmed_just_now_under_a_roster_that_lasts_is_nobodys_trouble() {
    assert_eq!(of_roster(&roster(2, now().plus_days(91)), Some(now().plus_millis(-60_000)), now()), []);
}

#[test]
fn silent_witnesses_none_at_all_and_a_roster_that_ends_are_told() {
    let (since, soon) = (now().plus_millis(-SILENT_MILLIS - 1), now().plus_days(90));
    let told = of_roster(&roster(0, soon), Some(since), now());
    assert_eq!(told, [Alarm::NoWitness, Alarm::Silent(Some(since)), Alarm::RosterEnds(soon)]);
    assert_eq!(of_roster(&roster(2, now().plus_days(91)), None, now()), [Alarm::Silent(None)]);
}

#[test]
fn next_years_calendar_is_missed_from_november_on_and_this_years_always() {
    let ends_2026 = policy(r#"{"years": {"2026": {"off": [], "worked": []}}}"#);
    let mut other = ends_2026.clone();
    other.title.en.push_str(", the second");
    let told = of_calendars(&[ends_2026.clone(), other, ends_2026.clone()], now());
    let [Alarm::CalendarEnds { titles, last: 2026 }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(titles.len(), 2, "those that end alike are told together, and no title twice");
    assert_eq!(of_calendars(std::slice::from_ref(&ends_2026), "2026-10-31T04:00:00.000Z".parse().unwrap()), []);
    // A new year begins in China before it does in UTC.
    let in_2027 = of_calendars(&[ends_2026], "2026-12-31T16:00:00.000Z".parse().unwrap());
    assert!(matches!(in_2027[..], [Alarm::CalendarEnds { last: 2026, .. }]));
    let whole = policy(r#"{"years": {"2026": {"off": [], "worked": []}, "2027": {"off": [], "worked": []}}}"#);
    assert_eq!(of_calendars(&[whole], now()), []);
}

#[test]
fn a_member_that_owes_something_is_told_with_its_duty_desk() {
    let member = |counts: &[(Fulfilment, u64)], lags| MemberCompliance {
        member: "alpha".to_owned(),
        name: "甲平台".to_owned(),
        contact: Some("010-0000".to_owned()),
        pushed: PushState::Active,
        lags,
        reminded: 0,
        counts: counts.iter().copied().collect::<BTreeMap<_, _>>(),
        open: Vec::new(),
    };
    assert_eq!(of_member(&member(&[(Fulfilment::InEffect, 9), (Fulfilment::Awaited, 1)], false)), []);
    let owes = member(&[(Fulfilment::Overdue, 2), (Fulfilment::Declined, 1), (Fulfilment::Partly, 1)], true);
    let told: Vec<String> = Language::Zh.saying(|| of_member(&owes).iter().map(Alarm::text).collect());
    assert_eq!(
        told,
        [
            "甲平台 有2份文书逾期未回执（值班：010-0000）",
            "甲平台 有2份文书未执行或者未全部执行（值班：010-0000）",
            "甲平台 收不到推送（值班：010-0000）",
        ]
    );
}
