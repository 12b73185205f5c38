//! `/notices`: dockets with a public text, the newest first, by year.

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
};
use callboard_federation::encoding::Time;
use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::{PagesState, frame::Frame, language::Language, page, unavailable_page};
use crate::ledger::{Ledger, LedgerError, notices::ListedNotice};

/// How many notices a page has.
const ROWS: u64 = 20;
/// How many characters of a text a list shows.
const EXCERPT: usize = 160;

/// Which of them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    year: Option<i16>,
    /// Those before this index of the log.
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    f: Frame,
    t: Language,
    year: Option<i16>,
    /// The newest first.
    years: Vec<i16>,
    notices: Vec<ListedNotice>,
    /// `before` of the next page.
    next: Option<u64>,
    is_first: bool,
}

pub(super) async fn show(
    State(PagesState { ledger, .. }): State<PagesState>,
    asked: Result<Query<Asked>, QueryRejection>,
    f: Frame,
) -> Response {
    // Whoever asks for no year and no place is shown the newest.
    let Asked { year, before } = asked.map(|Query(asked)| asked).unwrap_or_default();
    match listed(&ledger, year, before).await {
        Ok((years, notices, next)) => {
            let is_first = before.is_none();
            page(StatusCode::OK, &NoticesPage { t: f.t, f, year, years, notices, next, is_first })
        }
        Err(error) => unavailable_page(&error, f),
    }
}

async fn listed(
    ledger: &Ledger,
    year: Option<i16>,
    before: Option<u64>,
) -> Result<(Vec<i16>, Vec<ListedNotice>, Option<u64>), LedgerError> {
    let oldest = ledger.store().oldest_notice().await?;
    let (years, from, to) = {
        let replay = ledger.replay();
        let logged_at = &replay.history().logged_at;
        let year_of = |index: u64| usize::try_from(index).ok().and_then(|at| logged_at.get(at)).map(|at| year_of(*at));
        let last = ledger.size().checked_sub(1).and_then(year_of);
        let first = oldest.and_then(year_of);
        let years = first.zip(last).map(|(first, last)| (first..=last).rev().collect()).unwrap_or_default();
        // Times never decrease along the log: a year is a stretch of it.
        let begins = |year: i16| {
            let begins = begin_of(year);
            logged_at.partition_point(|at| begins.is_none_or(|begins| *at < begins)) as u64
        };
        let (from, to) = year.map_or((0, u64::MAX), |year| (begins(year), begins(year.saturating_add(1))));
        (years, from, to.min(before.unwrap_or(u64::MAX)).min(ledger.size()))
    };
    // One more tells whether there is another page.
    let mut notices = ledger.notices(from, to, ROWS + 1).await?;
    let is_more = notices.len() as u64 > ROWS;
    notices.truncate(usize::try_from(ROWS).unwrap_or(usize::MAX));
    let next = notices.last().map(|last| last.index).filter(|_| is_more);
    Ok((years, notices, next))
}

/// The year of an instant, by the clock of Beijing.
fn year_of(at: Time) -> i16 {
    TimeZone::fixed(jiff::tz::offset(8)).to_datetime(at.timestamp()).year()
}

/// When a year begins there; a year that no calendar has begins never.
fn begin_of(year: i16) -> Option<Time> {
    let day = Date::new(year, 1, 1).ok()?;
    let begins = TimeZone::fixed(jiff::tz::offset(8)).to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    Some(Time::from_millis(begins.as_millisecond()))
}

impl NoticesPage {
    /// The beginning of a text, on one line.
    fn excerpt(&self, notice: &ListedNotice) -> String {
        let text = self.t.of_both(&notice.publication.zh, &notice.publication.en);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let text = lines.join(self.t.of_both("　", " · "));
        match text.char_indices().nth(EXCERPT) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    fn to(&self, notice: &ListedNotice) -> String {
        self.f.link(&format!("/notices/{}", notice.docket))
    }

    fn of_year(&self, year: Option<&i16>) -> String {
        let asked = year.map(|year| format!("year={year}"));
        self.f.link_to("/notices", &asked.as_deref().into_iter().collect::<Vec<_>>())
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn older(&self, next: &u64) -> String {
        let asked = [self.year.map(|year| format!("year={year}")), Some(format!("before={next}"))];
        let asked: Vec<&str> = asked.iter().flatten().map(String::as_str).collect();
        self.f.link_to("/notices", &asked)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands on references")]
    fn is_year(&self, year: &i16) -> bool {
        self.year == Some(*year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_begins_at_midnight_in_beijing() {
        let begins: Time = "2026-12-31T16:00:00.000Z".parse().unwrap();
        assert_eq!(begin_of(2027), Some(begins));
        assert_eq!((year_of(begins), year_of(begins.plus_millis(-1))), (2027, 2026));
        assert_eq!(begin_of(10_000), None);
    }
}
