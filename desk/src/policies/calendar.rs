//! Next year's working days, read from the State Council's order as it is pasted, or from a list of dates; and the
//! version of a policy that has them.
//!
//! «元旦：1月1日（周五）至3日（周日）放假，共3天。1月4日（周一）上班。»: a sentence with 上班 tells make-up days, any other
//! days off. A weekday that stands beside a date must be that of the date. Each number must be part of a date: what isn't
//! understood is refused with its text, never left out. What a calendar must hold is `callboard_rules`'.

use callboard_client::visible::Visible;
use callboard_federation::{
    document::Document, encoding::Time, language::Language, policy::Policy, statement::Kind, zh_en,
};
use callboard_rules::{calendar::Calendar, policies};
use jiff::civil::{Date, Weekday};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization as _;

use crate::{Error, letter::term::day_text, setup::document};

/// The weekdays as they stand beside a date.
const WEEKDAYS: [(&str, &str, Weekday); 7] = [
    ("一", "Monday", Weekday::Monday),
    ("二", "Tuesday", Weekday::Tuesday),
    ("三", "Wednesday", Weekday::Wednesday),
    ("四", "Thursday", Weekday::Thursday),
    ("五", "Friday", Weekday::Friday),
    ("六", "Saturday", Weekday::Saturday),
    ("日", "Sunday", Weekday::Sunday),
];
/// What stands between the first and the last day of a span.
const UNTIL: [char; 8] = ['至', '到', '~', '-', '—', '–', '/', '－'];
/// Who orders a year's holidays, where nothing else is said.
const SOURCE: &str = "国务院办公厅关于部分节假日安排的通知";

/// Days off and make-up days of a year, each from its first day to its last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct YearDays {
    pub off: Vec<(Date, Date)>,
    pub worked: Vec<(Date, Date)>,
}

/// What next year's version is made of.
pub struct NextCalendar {
    pub year: i16,
    pub days: YearDays,
    /// The order that tells them.
    pub source: String,
    /// The version's name.
    pub version: String,
    pub effective_from: Time,
}

/// What a policy's calendar says of a year, in words.
pub struct YearInWords {
    pub year: String,
    pub off: String,
    pub worked: String,
}

impl YearDays {
    /// Reads days off; sentences that say so tell make-up days.
    pub fn read(year: i16, off: &str, worked: &str) -> Result<Self, Error> {
        let mut days = Self::default();
        for (text, is_worked) in [(off, false), (worked, true)] {
            let text: String = text.nfkc().collect();
            for sentence in text.split(['。', ';', '\n']) {
                let is_worked = is_worked || sentence.contains("上班");
                let spans = Sentence { year, text: sentence.trim(), rest: sentence }.spans()?;
                if is_worked { days.worked.extend(spans) } else { days.off.extend(spans) }
            }
        }
        days.off.sort_unstable();
        days.worked.sort_unstable();
        Ok(days)
    }

    fn value(&self, source: &str) -> Value {
        let text = |(first, last): &(Date, Date)| {
            if first == last { first.to_string() } else { format!("{first}/{last}") }
        };
        let all = |spans: &[(Date, Date)]| spans.iter().map(text).collect::<Vec<_>>();
        let source = if source.trim().is_empty() { SOURCE } else { source.trim() };
        json!({"mark": "C", "source": source, "off": all(&self.off), "worked": all(&self.worked)})
    }
}

impl NextCalendar {
    /// The policy with this year in its calendar, and nothing else changed but version and beginning.
    ///
    /// # Errors
    /// The calendar contradicts itself, or leaves a year out.
    pub fn policy(&self, before: &Policy) -> Result<Document<Policy>, Error> {
        if self.days.off.is_empty() {
            return Err(Error::other("no-holidays", || {
                zh_en!("请填写{}年的放假日期", "name the days off of {}", self.year)
            }));
        }
        let mut next = before.clone();
        next.version.clone_from(&self.version);
        next.effective_from = self.effective_from;
        let years = next.decide.get_mut("calendar").and_then(|calendar| calendar.get_mut("years"));
        if let Some(years) = years.and_then(Value::as_object_mut) {
            years.insert(self.year.to_string(), self.days.value(&self.source));
        }
        policies::check(&next).map_err(|source| Error::below("policy", source))?;
        document(Kind::Policy, &next)
    }
}

/// What a policy's calendar says, year by year.
pub fn in_words(policy: &Policy) -> Vec<YearInWords> {
    let none = Map::new();
    let years = policy.decide.get("calendar").and_then(|calendar| calendar.get("years")).and_then(Value::as_object);
    let year = |(year, days): (&String, &Value)| YearInWords {
        year: Visible(year).to_string(),
        off: spans_text(&days["off"]),
        worked: spans_text(&days["worked"]),
    };
    let mut years: Vec<YearInWords> = years.unwrap_or(&none).iter().map(year).collect();
    years.sort_by(|one, other| one.year.cmp(&other.year));
    years
}

/// The last year that a policy's calendar covers.
pub fn last_year(policy: &Policy) -> Option<i16> {
    Calendar::of(&policy.decide).ok()?.last_year()
}

fn spans_text(days: &Value) -> String {
    let language = Language::spoken();
    let span = |text: &str| {
        let (first, last) = text.split_once('/').unwrap_or((text, text));
        let day =
            |text: &str| text.parse::<Date>().map_or_else(|_| Visible(text).to_string(), |day| day_text(day, language));
        if first == last { day(first) } else { zh_en!("{}至{}", "{} to {}", day(first), day(last)) }
    };
    let spans = days.as_array().into_iter().flatten().filter_map(Value::as_str).map(span);
    spans.collect::<Vec<_>>().join(&zh_en!("、", ", "))
}

/// A sentence that is read from its beginning on.
struct Sentence<'a> {
    year: i16,
    text: &'a str,
    rest: &'a str,
}

impl Sentence<'_> {
    fn spans(mut self) -> Result<Vec<(Date, Date)>, Error> {
        let mut spans = Vec::new();
        while let Some(at) = self.rest.find(|c: char| c.is_ascii_digit()) {
            self.rest = &self.rest[at..];
            if self.is_duration() {
                continue;
            }
            let first = self.date(None)?;
            let last = if self.takes_until() { self.date(Some(first))? } else { first };
            if last < first {
                return Err(self.unclear());
            }
            spans.push((first, last));
        }
        Ok(spans)
    }

    /// Whether a number of days stands here («共3天»); it is passed over.
    fn is_duration(&mut self) -> bool {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_it = rest.trim_start().starts_with('天');
        if is_it {
            self.rest = rest;
        }
        is_it
    }

    /// A date that begins here, and the weekday beside it; `since` is the first day of a span that it ends.
    fn date(&mut self, since: Option<Date>) -> Result<Date, Error> {
        let number = self.number()?;
        let (year, month, day) = match self.character() {
            Some('年') => {
                let month = self.number()?;
                self.takes('月')?;
                (number, month, self.number_of_day()?)
            }
            Some('月') => (self.year, number, self.number_of_day()?),
            Some('日' | '号') => {
                let since = since.ok_or_else(|| self.unclear())?;
                (since.year(), i16::from(since.month()), number)
            }
            Some(separator @ ('-' | '/' | '.')) => {
                let month = self.number()?;
                self.takes(separator)?;
                (number, month, self.number()?)
            }
            _ => return Err(self.unclear()),
        };
        let (month, day) = (i8::try_from(month), i8::try_from(day));
        let date = month.ok().zip(day.ok()).and_then(|(month, day)| Date::new(year, month, day).ok());
        let date = date.filter(|date| date.year() == self.year).ok_or_else(|| self.unclear())?;
        self.check_weekday(date)?;
        Ok(date)
    }

    fn number_of_day(&mut self) -> Result<i16, Error> {
        let day = self.number()?;
        self.rest = self.rest.strip_prefix(['日', '号']).unwrap_or(self.rest);
        Ok(day)
    }

    fn number(&mut self) -> Result<i16, Error> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().map_err(|_| self.unclear())?;
        self.rest = &self.rest[end..];
        Ok(number)
    }

    fn character(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn takes(&mut self, wanted: char) -> Result<(), Error> {
        if self.character() == Some(wanted) { Ok(()) } else { Err(self.unclear()) }
    }

    /// Whether a span goes on here.
    fn takes_until(&mut self) -> bool {
        let Some(rest) = self.rest.trim_start().strip_prefix(UNTIL) else { return false };
        let goes_on = rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
        if goes_on {
            self.rest = rest;
        }
        goes_on
    }

    /// What stands in brackets beside a date is passed over; a weekday in it must be the date's.
    fn check_weekday(&mut self, date: Date) -> Result<(), Error> {
        let Some((beside, rest)) = self.rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'))
        else {
            return Ok(());
        };
        self.rest = rest;
        let told = ["周", "星期"].iter().find_map(|word| Some(beside.split_once(word)?.1));
        let told = told.and_then(|rest| WEEKDAYS.iter().find(|(word, ..)| rest.starts_with(word)));
        match told {
            Some((zh, en, weekday)) if *weekday != date.weekday() => Err(Error::other("weekday", || {
                zh_en!(
                    ("{}不是星期{zh}：请核对年份和日期", day_text(date, Language::Zh)),
                    ("{} is no {en}: look at the year and the date again", day_text(date, Language::En))
                )
            })),
            _ => Ok(()),
        }
    }

    fn unclear(&self) -> Error {
        let (text, year) = (Visible(self.text).to_string(), self.year);
        Error::other("date-unclear", || {
            zh_en!(
                "看不懂“{text}”：请写{year}年的日期，如 1月1日至3日，或者 {year}-01-01",
                "«{text}» isn't understood: write dates of {year}, as 1月1日至3日 or {year}-01-01"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// The order as it is written, of a year that is to come.
    const ORDER: &str = "一、元旦：1月1日（周五）至3日（周日）放假，共3天。\n\
        二、春节：2月5日（农历腊月二十九、周五）至11日（农历正月初六、星期四）放假调休，共7天。1月31日（周日）、2月14日（周日）上班。\n\
        三、清明节：４月３日至５日放假，共3天。\n四、劳动节：5月1日至5日放假；5月8日（周六）上班。\n";

    fn days(off: &str, worked: &str) -> Result<YearDays, String> {
        YearDays::read(2027, off, worked).map_err(|error| error.code())
    }

    #[test]
    fn the_state_councils_order_is_read_as_it_is_pasted() {
        let days = days(ORDER, "").unwrap();
        let span = |m1, d1, m2, d2| (date(2027, m1, d1), date(2027, m2, d2));
        assert_eq!(days.off, [span(1, 1, 1, 3), span(2, 5, 2, 11), span(4, 3, 4, 5), span(5, 1, 5, 5)]);
        assert_eq!(days.worked, [span(1, 31, 1, 31), span(2, 14, 2, 14), span(5, 8, 5, 8)]);
    }

    #[test]
    fn dates_are_read_in_each_way_that_people_write_them() {
        let day = (date(2027, 1, 1), date(2027, 1, 1));
        for text in ["2027-01-01", "2027年1月1日", "1月1日", "2027.1.1", "2027/1/1", "元旦 1月1号"] {
            assert_eq!(days(text, "").unwrap().off, [day], "{text}");
        }
        let span = (date(2027, 1, 31), date(2027, 2, 2));
        for text in ["2027-01-31/2027-02-02", "1月31日至2月2日", "1月31日—2月2日", "2027年1月31日到2027年2月2日"]
        {
            assert_eq!(days(text, "").unwrap().off, [span], "{text}");
        }
        assert_eq!(days("", "1月9日").unwrap().worked, [(date(2027, 1, 9), date(2027, 1, 9))]);
    }

    #[test]
    fn what_is_not_understood_is_refused_and_never_left_out() {
        for text in ["1月", "3日", "1月32日", "2026-01-01", "1-3", "1月3日至1日", "20270101", "2027-01", "1月1日 5"]
        {
            assert_eq!(days(text, ""), Err("date-unclear".to_owned()), "{text}");
        }
        assert_eq!(days("1月1日（周六）", ""), Err("weekday".to_owned()));
        assert_eq!(days("共3天。", "").unwrap(), YearDays::default());
    }

    #[test]
    fn the_next_version_has_the_year_and_nothing_else_that_is_new() {
        let before = policies::ALL[3].document().unwrap().value;
        let next = |days: YearDays, year| {
            let (source, version, effective_from) =
                (String::new(), "2027".to_owned(), before.effective_from.plus_days(1));
            NextCalendar { year, days, source, version, effective_from }.policy(&before)
        };
        let policy = next(days(ORDER, "").unwrap(), 2027).unwrap().value;
        let calendar = Calendar::of(&policy.decide).unwrap();
        assert_eq!(calendar.last_year(), Some(2027));
        assert!(
            calendar.is_working_day(date(2027, 1, 31)).unwrap() && !calendar.is_working_day(date(2027, 2, 5)).unwrap()
        );
        let mut other = policy.clone();
        other.decide["calendar"]["years"].as_object_mut().unwrap().remove("2027");
        (other.version, other.effective_from) = (before.version.clone(), before.effective_from);
        assert_eq!(other, before);
        let told = in_words(&policy);
        assert!(told.last().is_some_and(|year| year.year == "2027" && year.off.contains("2027")));

        let refused = |days, year| next(days, year).err().unwrap().code();
        assert_eq!(refused(YearDays::default(), 2027), "no-holidays");
        assert_eq!(refused(days("1月1日", "1月4日").unwrap(), 2027), "policy", "a Monday is worked anyway");
        let later = YearDays::read(2029, "1月1日", "").unwrap();
        assert_eq!(refused(later, 2029), "policy", "2027 and 2028 are left out");
    }
}
