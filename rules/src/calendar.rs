//! Working days, as a policy's `decide.calendar` has them: weekdays and make-up days, without holidays.
//!
//! In what zone an instant is which date is the policy's `zone`, and for who asks. A year that the calendar doesn't
//! cover is an error: no window is counted by a guess. What the data looks like is told in `policies/procedure.toml`.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::zh_en;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Which days are worked, in the years that are covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i16>,
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

/// Why a policy has no calendar, or it has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// `decide.calendar` is missing or of another shape.
    #[error("{}", zh_en!("decide.calendar：{_0}", "decide.calendar: {_0}"))]
    Shape(#[from] serde_json::Error),
    #[error("{}", zh_en!("decide.calendar.years：应为连续的年份，至少一年",
        "decide.calendar.years: years that follow each other, at least one"))]
    Years,
    #[error("{}", zh_en!("decide.calendar.years.{year}：{got} 不是该年的日期或起止日期",
        "decide.calendar.years.{year}: {got} is no date, and no span of dates, of that year"))]
    Date { year: i16, got: String },
    #[error("{}", zh_en!("decide.calendar：{_0} 重复", "decide.calendar: {_0} stands twice"))]
    Twice(Date),
    /// A make-up day that is worked anyway.
    #[error("{}", zh_en!("decide.calendar：{_0} 本来就是工作日",
        "decide.calendar: {_0} is a weekday, and worked anyway"))]
    Weekday(Date),
    #[error("{}", zh_en!("{_0} 超出规则日历所载的年份", "{_0} is beyond the years that the policy's calendar covers"))]
    Uncovered(Date),
}

#[derive(Deserialize)]
struct Raw {
    years: BTreeMap<String, RawYear>,
}

#[derive(Deserialize)]
struct RawYear {
    off: Vec<String>,
    worked: Vec<String>,
}

impl Calendar {
    pub fn of(decide: &Map<String, Value>) -> Result<Self, CalendarError> {
        let raw = Raw::deserialize(decide.get("calendar").unwrap_or(&Value::Null))?;
        let mut calendar = Self { years: BTreeSet::new(), off: BTreeSet::new(), worked: BTreeSet::new() };
        for (key, days) in raw.years {
            let year = key.parse().ok().filter(|year: &i16| year.to_string() == key).ok_or(CalendarError::Years)?;
            calendar.years.insert(year);
            for text in days.off {
                calendar.add(year, text, |calendar| &mut calendar.off)?;
            }
            for text in days.worked {
                calendar.add(year, text, |calendar| &mut calendar.worked)?;
            }
        }
        calendar.check()?;
        Ok(calendar)
    }

    /// Adds the dates of a text, `FIRST` or `FIRST/LAST`, to a set.
    fn add(&mut self, year: i16, text: String, set: fn(&mut Self) -> &mut BTreeSet<Date>) -> Result<(), CalendarError> {
        let (first, last) = text.split_once('/').unwrap_or((&text, &text));
        let date =
            |text: &str| text.parse::<Date>().ok().filter(|date| date.to_string() == text && date.year() == year);
        let (Some(first), Some(last)) = (date(first), date(last)) else {
            return Err(CalendarError::Date { year, got: text });
        };
        if last < first {
            return Err(CalendarError::Date { year, got: text });
        }
        for date in first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last) {
            if self.off.contains(&date) || self.worked.contains(&date) {
                return Err(CalendarError::Twice(date));
            }
            set(self).insert(date);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), CalendarError> {
        let follow = |(year, next): (&i16, &i16)| *next == year + 1;
        if self.years.is_empty() || !self.years.iter().zip(self.years.iter().skip(1)).all(follow) {
            return Err(CalendarError::Years);
        }
        self.worked.iter().find(|date| !is_weekend(**date)).map_or(Ok(()), |date| Err(CalendarError::Weekday(*date)))
    }

    /// Takes the years over that follow its last one, as another has them.
    pub fn go_on_with(&mut self, other: &Self) {
        while let Some(next) = self.last_year().map(|last| last + 1).filter(|next| other.years.contains(next)) {
            let of_next = |date: &&Date| date.year() == next;
            self.off.extend(other.off.iter().filter(of_next));
            self.worked.extend(other.worked.iter().filter(of_next));
            self.years.insert(next);
        }
    }

    /// The last year that is covered.
    pub fn last_year(&self) -> Option<i16> {
        self.years.last().copied()
    }

    pub fn is_working_day(&self, date: Date) -> Result<bool, CalendarError> {
        if !self.years.contains(&date.year()) {
            return Err(CalendarError::Uncovered(date));
        }
        Ok(self.worked.contains(&date) || !(is_weekend(date) || self.off.contains(&date)))
    }

    /// The `count`th working day after `date`, which isn't counted itself: the last day of a window. With 0, `date`.
    pub fn working_days_after(&self, date: Date, count: u32) -> Result<Date, CalendarError> {
        let (mut day, mut left) = (date, count);
        while left > 0 {
            day = day.tomorrow().map_err(|_| CalendarError::Uncovered(day))?;
            left -= u32::from(self.is_working_day(day)?);
        }
        Ok(day)
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::policies;

    fn calendar() -> Calendar {
        Calendar::of(&policies::ALL[0].document().unwrap().value.decide).unwrap()
    }

    fn of(years: &Value) -> Result<Calendar, CalendarError> {
        Calendar::of(json!({ "calendar": { "years": years } }).as_object().unwrap())
    }

    #[test]
    fn an_objection_to_a_notice_before_national_day_is_in_time_ten_working_days_later() {
        let last = calendar().working_days_after(date(2024, 9, 27), 10).unwrap();
        assert_eq!(last, date(2024, 10, 16), "09-29 and 10-12 are make-up days");
        assert!(date(2024, 10, 17) > last, "a day later is late");
    }

    #[test]
    fn a_weekend_is_worked_only_where_it_makes_up_for_a_holiday() {
        let calendar = calendar();
        for (day, worked) in [
            (date(2024, 9, 28), false),
            (date(2024, 9, 29), true),
            (date(2024, 10, 7), false),
            (date(2024, 10, 8), true),
            (date(2025, 1, 26), true),
            (date(2025, 2, 4), false),
            (date(2026, 2, 23), false),
            (date(2026, 10, 10), true),
        ] {
            assert_eq!(calendar.is_working_day(day).unwrap(), worked, "{day}");
        }
        assert_eq!(calendar.working_days_after(date(2024, 10, 12), 0).unwrap(), date(2024, 10, 12));
    }

    #[test]
    fn a_window_beyond_the_years_that_are_covered_is_not_guessed() {
        let calendar = calendar();
        assert!(matches!(calendar.is_working_day(date(2023, 12, 29)), Err(CalendarError::Uncovered(_))));
        let beyond = calendar.working_days_after(date(2026, 12, 30), 10);
        assert!(matches!(beyond, Err(CalendarError::Uncovered(day)) if day == date(2027, 1, 1)));
    }

    #[test]
    fn a_calendar_that_contradicts_itself_is_refused() {
        use CalendarError::{Date, Shape, Twice, Weekday, Years};
        let year = |off: &[&str], worked: &[&str]| of(&json!({ "2026": { "off": off, "worked": worked } }));
        assert!(year(&["2026-01-01", "2026-02-15/2026-02-23"], &["2026-01-04"]).is_ok());
        for text in ["2026-02-29", "20260101", "2025-12-31", "2026-01-02/2026-01-01", "2026-01-01/", "01-01"] {
            assert!(matches!(year(&[text], &[]), Err(Date { .. })), "{text}");
        }
        assert!(matches!(year(&["2026-01-03"], &["2026-01-03"]), Err(Twice(_))));
        assert!(matches!(year(&[], &["2026-01-05"]), Err(Weekday(_))));
        let none = json!({ "off": [], "worked": [] });
        for years in [json!({}), json!({ "2024": none, "2026": none }), json!({ "02026": none }), json!({ "x": none })]
        {
            assert!(matches!(of(&years), Err(Years)), "{years}");
        }
        assert!(matches!(Calendar::of(&Map::new()), Err(Shape(_))));
    }
}
