//! How a batch is paid for: the day's quota first, then grants, the one that ends first before others.
//!
//! A day is a UTC day: the service sees keys, not time zones. Quotas are points of a member, whichever of its keys
//! asks; grants with one end are one grant, since lists of members come and go and only the end tells grants apart.
//! Counts are the store's. Implements *Members* of `docs/formats.md` §6.

use callboard_federation::{encoding::Time, members::Quota};

const DAY_MILLIS: i64 = 86_400_000;

/// The number of the UTC day of an instant, from 1970-01-01.
pub(super) const fn day_of(at: Time) -> i64 {
    at.as_millis().div_euclid(DAY_MILLIS)
}

/// When the day after an instant's begins.
pub(super) const fn next_day(at: Time) -> Time {
    Time::from_millis((day_of(at) + 1).saturating_mul(DAY_MILLIS))
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct QuotaUsage {
    /// Of the day's quota.
    pub(super) today: u64,
    /// Of grants, by their end.
    pub(super) grants: Vec<(Time, u64)>,
}

/// What a batch takes from where, and what is left then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payment {
    /// From the day's quota.
    pub(super) today: u64,
    /// From grants, by their end.
    pub(super) grants: Vec<(Time, u64)>,
    /// What is left today, grants among it.
    pub(super) left: u64,
}

/// How `count` points are paid for at `now`; `None` if there aren't so many left.
pub(super) fn pay(quota: &Quota, spent: &QuotaUsage, count: u64, now: Time) -> Option<Payment> {
    let daily = quota.per_day.saturating_sub(spent.today);
    let grants = live_grants(quota, spent, now);
    let all = grants.iter().fold(daily, |sum, (_, left)| sum.saturating_add(*left));
    let left = all.checked_sub(count)?;
    let today = count.min(daily);
    let mut owed = count - today;
    let mut taken = Vec::new();
    for (until, left) in grants {
        let part = owed.min(left);
        if part > 0 {
            taken.push((until, part));
        }
        owed -= part;
    }
    Some(Payment { today, grants: taken, left })
}

/// What is left of each grant that hasn't ended, by its end.
fn live_grants(quota: &Quota, spent: &QuotaUsage, now: Time) -> Vec<(Time, u64)> {
    let mut grants: Vec<(Time, u64)> = Vec::new();
    for grant in quota.grants.iter().filter(|grant| now < grant.until) {
        match grants.iter_mut().find(|(until, _)| *until == grant.until) {
            Some((_, count)) => *count = count.saturating_add(grant.count),
            None => grants.push((grant.until, grant.count)),
        }
    }
    grants.sort_unstable();
    for (until, left) in &mut grants {
        let spent = spent.grants.iter().find(|(end, _)| end == until).map_or(0, |(_, count)| *count);
        *left = left.saturating_sub(spent);
    }
    grants
}

#[cfg(test)]
mod tests {
    use callboard_federation::members::Grant;
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = Time::from_seconds(1_000_000_000);

    fn quota(per_day: u64, grants: &[(u64, i64)]) -> Quota {
        let grant = |(count, day): &(u64, i64)| Grant { count: *count, until: NOW.plus_days(*day) };
        Quota { per_day, grants: grants.iter().map(grant).collect() }
    }

    #[test]
    fn the_day_pays_first_and_then_the_grant_that_ends_first() {
        let quota = quota(10, &[(5, 9), (5, 2), (7, -1)]);
        let spent = QuotaUsage { today: 7, grants: vec![(NOW.plus_days(2), 1)] };
        let paid = pay(&quota, &spent, 8, NOW).unwrap();
        assert_eq!((paid.today, paid.left), (3, 4));
        assert_eq!(paid.grants, [(NOW.plus_days(2), 4), (NOW.plus_days(9), 1)]);
        assert_eq!(pay(&quota, &spent, 13, NOW), None);
        assert_eq!(pay(&quota, &spent, 9, NOW.plus_days(2)), None, "a grant that ended pays nothing");
    }

    #[test]
    fn a_day_ends_at_midnight_in_utc() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        assert_eq!(next_day(at("2026-01-31T23:59:59.999Z")), at("2026-02-01T00:00:00.000Z"));
        assert_eq!(next_day(at("2026-02-01T00:00:00.000Z")), at("2026-02-02T00:00:00.000Z"));
    }

    proptest! {
        #[test]
        fn nothing_is_taken_beyond_what_there_is(
            per_day in 0_u64..50,
            today in 0_u64..60,
            grants in prop::collection::vec((0_u64..50, -2_i64..5), 0..5),
            had in prop::collection::vec((-2_i64..5, 0_u64..60), 0..3),
            count in 1_u64..100,
        ) {
            let quota = quota(per_day, &grants);
            let spent = QuotaUsage { today, grants: had.iter().map(|(day, n)| (NOW.plus_days(*day), *n)).collect() };
            if let Some(paid) = pay(&quota, &spent, count, NOW) {
                let granted: u64 = paid.grants.iter().map(|(_, part)| part).sum();
                prop_assert_eq!(paid.today + granted, count);
                prop_assert!(paid.today <= per_day.saturating_sub(today));
                prop_assert!(paid.grants.iter().all(|(until, part)| *until > NOW && *part > 0));
            }
        }
    }
}
