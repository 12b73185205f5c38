//! Filings of subjects: by when one is answered in writing. Pure.

use callboard_federation::{encoding::Time, policy::Policy};
use serde::Deserialize;

use super::{
    decide::part,
    reports::{Due, earliest, end_of_working_day},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    working_days: u32,
}

/// When what was filed then is to be answered, by the strictest of these policies; `None` if none says so. Working days
/// count as for reports.
pub fn due<'p>(filed_at: Time, policies: impl IntoIterator<Item = &'p Policy>) -> Option<Due> {
    let of = |policy: &Policy| {
        let Raw { working_days } = part(policy, "answers")?;
        Some(end_of_working_day(policy, filed_at, working_days).map_or(Due::CalendarUnknown, Due::At))
    };
    earliest(policies.into_iter().filter_map(of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::{ALL, read};

    #[test]
    fn an_answer_is_due_at_the_end_of_the_last_working_day_by_the_strictest_policy() {
        let usual = ALL[3].document().unwrap().value;
        let strict =
            read(&ALL[3].text.replace("[decide.answers]\nworkingDays = 15", "[decide.answers]\nworkingDays = 1"));
        let strict = strict.unwrap().value;
        let at = |text: &str| text.parse::<Time>().unwrap();
        // Friday, 2024-09-27 in Shanghai: 09-29 and 10-12 are worked, 10-01 to 10-07 are not.
        let filed = at("2024-09-27T02:00:00.000Z");
        assert_eq!(due(filed, [&usual]), Some(Due::At(at("2024-10-23T16:00:00.000Z"))));
        assert_eq!(due(filed, [&usual, &strict]), Some(Due::At(at("2024-09-29T16:00:00.000Z"))));
        assert_eq!(due(at("2026-12-30T02:00:00.000Z"), [&usual]), Some(Due::CalendarUnknown));
        assert_eq!(due(filed, []), None);
    }
}
