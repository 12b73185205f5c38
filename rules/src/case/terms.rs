//! What a case's policy says of its procedure: numbers read from `decide`, once, when the case is opened.

use std::num::NonZeroU32;

use callboard_federation::{
    encoding::Time,
    policy::Policy,
    return_window::ReturnTerms,
    roster::{Role, RoleCount},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, de::DeserializeOwned};

use super::{act::EvidenceKind, error::Why};
use crate::{
    calendar::{Calendar, CalendarError},
    decide::part,
};

/// The most days of a window: ten years.
const MAX_DAYS: u32 = 3_652;

/// What a policy says of the procedure.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// At least so many seats of a panel aren't recused, for each item.
    pub least_seats: u32,
    /// Whether a panel must be drawn.
    pub is_drawn: bool,
    /// The part of the seats not recused that must be present.
    pub quorum: Part,
    /// The part of those present that must agree.
    pub majority: Part,
    /// So many working days the subject has to answer.
    pub response_days: u32,
    /// After so many failed attempts notice is served by publication.
    pub attempts: u32,
    /// So many days after which what is published counts as served.
    pub publication_days: u32,
    /// So many working days the subject knows who sits on its panel before the panel sits.
    pub challenge_days: u32,
    /// How many chairs confirm a resolution.
    pub chairs: u32,
    /// Which seats order an interim.
    pub interim: Vec<RoleCount>,
    /// So long after the root is fixed secrets of a draw are opened.
    pub draw_open_hours: u32,
    /// Within how many working days of being told a decision can be objected to; unless it says so, always.
    pub objection_days: Option<u32>,
    /// Who hears an objection, and who orders a stay if nobody can.
    pub appeal: AppealTerms,
    /// The kinds of evidence that are at hand before a panel decides that somebody returns.
    pub return_asks: Vec<EvidenceKind>,
    /// How often a report is due while somebody who returned is tried.
    pub probation_report_months: Option<u32>,
    pub(super) calendar: Calendar,
    zone: TimeZone,
}

/// A day in a year that the policy's calendar doesn't cover: a window over it isn't guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncovered(pub Date);

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Part {
    numerator: u32,
    denominator: NonZeroU32,
}

#[derive(Deserialize)]
struct Panel {
    seats: u32,
    by: By,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    Chair,
    Draw,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    working_days: u32,
}

/// Of what a policy says nothing, nothing is asked.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Challenge {
    working_days: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    attempts: u32,
    publication_days: u32,
}

#[derive(Deserialize)]
struct Confirmation {
    chairs: u32,
}

#[derive(Deserialize)]
struct Order {
    seats: Vec<RoleCount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Draw {
    open_hours: u32,
}

/// Of objections. Whoever decided hears none, unless the policy says that they may.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AppealTerms {
    /// Who decided doesn't hear the objection.
    pub shares_nobody: bool,
    /// So many days a stay may take to be ordered where no panel can be formed.
    pub stay_days: u32,
    /// Which seats order it.
    pub stay_seats: Vec<RoleCount>,
}

impl Default for AppealTerms {
    fn default() -> Self {
        let stay_seats = vec![RoleCount { role: Role::Chair, count: 1 }];
        Self { shares_nobody: true, stay_days: 5, stay_seats }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objection {
    working_days: u32,
}

/// A part that may be missing, but isn't something else.
fn perhaps<T: DeserializeOwned>(policy: &Policy, name: &'static str) -> Result<Option<T>, Why> {
    policy.decide.contains_key(name).then(|| named(policy, name)).transpose()
}

/// A part of what the policy says.
fn named<T: DeserializeOwned>(policy: &Policy, name: &'static str) -> Result<T, Why> {
    part(policy, name).ok_or(Why::PolicyTerms(name))
}

/// Whether as many of each role are there as are asked.
pub fn is_enough(asked: &[RoleCount], roles: &[Role]) -> bool {
    let of = |role: Role| roles.iter().map(|one| u64::from(*one == role)).sum::<u64>();
    asked.iter().all(|asked| of(asked.role) >= asked.count)
}

impl Part {
    /// Whether `count` is at least this part of `whole`.
    pub fn is_reached(self, count: usize, whole: usize) -> bool {
        let wide = |count: usize| u128::try_from(count).unwrap_or(u128::MAX);
        wide(count).saturating_mul(u128::from(self.denominator.get()))
            >= wide(whole).saturating_mul(u128::from(self.numerator))
    }
}

/// What is asked of who returns.
fn asks(returns: &ReturnTerms) -> Result<Vec<EvidenceKind>, Why> {
    let asks = returns.asks.iter().map(|word| EvidenceKind::from_word(word));
    asks.collect::<Option<_>>().ok_or(Why::PolicyTerms("decide.return.asks"))
}

/// Objections and returns, as far as a policy speaks of them: how long one may object, who hears it, who returns when.
///
/// # Errors
/// It says something else than it may.
pub fn check_behind_decisions(policy: &Policy) -> Result<(), Why> {
    let days = perhaps::<Objection>(policy, "objection")?.map(|objection| objection.working_days);
    let appeal = perhaps::<AppealTerms>(policy, "appeal")?.unwrap_or_default();
    if appeal.stay_days > MAX_DAYS || days.is_some_and(|days| days == 0 || days > MAX_DAYS) {
        return Err(Why::PolicyTerms("windows of one day to ten years"));
    }
    if appeal.stay_seats.iter().all(|asked| asked.count == 0) {
        return Err(Why::PolicyTerms("decide.appeal.staySeats"));
    }
    asks(&ReturnTerms::of(policy).ok_or(Why::PolicyTerms("decide.return"))?).map(drop)
}

impl Terms {
    pub fn of(policy: &Policy) -> Result<Self, Why> {
        let panel: Panel = named(policy, "panel")?;
        let service: Service = named(policy, "service")?;
        let order: Order = named(policy, "interimOrder")?;
        let (quorum, majority) = (named(policy, "quorum")?, named(policy, "vote")?);
        let response_days = named::<Response>(policy, "response")?.working_days;
        let challenge_days = part::<Challenge>(policy, "challenge").unwrap_or_default().working_days;
        let objection_days = perhaps::<Objection>(policy, "objection")?.map(|objection| objection.working_days);
        let appeal = perhaps::<AppealTerms>(policy, "appeal")?.unwrap_or_default();
        let returns = ReturnTerms::of(policy).ok_or(Why::PolicyTerms("decide.return"))?;
        let return_asks = asks(&returns)?;
        let days = [service.publication_days, response_days, challenge_days, appeal.stay_days];
        if days.iter().chain(&objection_days).any(|days| *days > MAX_DAYS) {
            return Err(Why::PolicyTerms("windows of at most ten years"));
        }
        if panel.seats == 0
            || order.seats.iter().all(|asked| asked.count == 0)
            || appeal.stay_seats.iter().all(|asked| asked.count == 0)
            || [quorum, majority].iter().any(|share: &Part| share.numerator == 0)
        {
            return Err(Why::PolicyTerms("a positive number of seats"));
        }
        Ok(Self {
            least_seats: panel.seats,
            is_drawn: panel.by == By::Draw,
            quorum,
            majority,
            response_days,
            attempts: service.attempts,
            publication_days: service.publication_days,
            challenge_days,
            chairs: named::<Confirmation>(policy, "confirmation")?.chairs,
            interim: order.seats,
            objection_days,
            appeal,
            return_asks,
            probation_report_months: returns.probation_report_months,
            draw_open_hours: named::<Draw>(policy, "draw")?.open_hours,
            calendar: Calendar::of(&policy.decide).map_err(|_| Why::PolicyTerms("decide.calendar"))?,
            zone: TimeZone::get(&policy.zone).map_err(|_| Why::PolicyTerms("zone"))?,
        })
    }

    /// In the policy's zone.
    pub fn date(&self, at: Time) -> Date {
        self.zone.to_datetime(at.timestamp()).date()
    }

    /// The first instant of a day in the policy's zone.
    pub fn start_of(&self, day: Date) -> Option<Time> {
        let start = self.zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        Some(Time::from_millis(start.as_millisecond()))
    }

    /// The last day of a window of so many working days after `day`, by this calendar.
    pub fn window_after(&self, day: Date, days: u32, calendar: Option<&Calendar>) -> Result<Date, Uncovered> {
        calendar.unwrap_or(&self.calendar).working_days_after(day, days).map_err(|error| match error {
            CalendarError::Uncovered(day) => Uncovered(day),
            _ => Uncovered(day),
        })
    }

    /// The day on which what was published then counts as served.
    pub(super) fn served_on(&self, published_at: Time) -> Result<Date, Uncovered> {
        let date = self.date(published_at);
        let served = date.checked_add(jiff::Span::new().days(i64::from(self.publication_days)));
        served.map_err(|_| Uncovered(date))
    }
}
