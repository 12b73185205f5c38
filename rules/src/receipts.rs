//! Receipts: by when a member is to have acted on a docket and said so. Pure; who said what is `delivery`'s.

use callboard_federation::{encoding::Time, policy::Policy};
use serde::Deserialize;

use super::decide::part;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When whoever hasn't said anything is reminded.
    pub remind_at: Time,
    /// From when it is overdue.
    pub at: Time,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    due_hours: u32,
    remind_hours: u32,
}

/// When receipts are due for a docket whose last record is in effect from then on (the later of `effectiveAt` and
/// `loggedAt`), with records made under these policies: by the strictest of them. `None` if none says so: a docket that
/// moves no standing, or an instrument that asks for no receipts.
pub fn due<'p>(in_effect_at: Time, policies: impl IntoIterator<Item = &'p Policy>) -> Option<Due> {
    let after = |hours: u32| in_effect_at.plus_hours(i64::from(hours));
    let of = |policy: &Policy| {
        let raw: Raw = part(policy, "receipts")?;
        Some(Due { remind_at: after(raw.remind_hours), at: after(raw.due_hours) })
    };
    policies.into_iter().filter_map(of).min_by_key(|due| due.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::{ALL, read};

    #[test]
    fn the_strictest_instrument_of_a_docket_says_when_its_receipts_are_due() {
        let usual = ALL[3].document().unwrap().value;
        let strict = read(&ALL[3].text.replace("dueHours = 24", "dueHours = 2")).unwrap().value;
        let silent = read(&ALL[3].text.replace("[decide.receipts]", "[decide.other]")).unwrap().value;
        let logged = Time::from_seconds(1_000);
        let hours = |due: Option<Due>| due.map(|due| (due.at.as_seconds() - 1_000) / 3_600);
        assert_eq!(hours(due(logged, [&usual])), Some(24));
        assert_eq!(hours(due(logged, [&usual, &strict, &silent])), Some(2));
        assert_eq!(hours(due(logged, [&silent])), None);
        assert_eq!(due(logged, []), None);
    }
}
