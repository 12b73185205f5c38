//! Whoever was under 18 at the conduct: approved before it is drafted, a guardian named, never public.
//!
//! The personal information law asks more care of minors' data; the opinion of 2021 asks it of streamers. Who may stream at
//! which age is the agent's `check::age`.

use callboard_federation::{
    identity::reader::{Reading, day_in_china},
    policy::Policy,
    sealed::{Conduct, Plain},
};
use jiff::civil::Date;

/// The member of sealed details that says a birth which no identity tells.
pub const BORN: &str = "born";
/// Nobody of this age is a minor.
const OF_AGE: i16 = 18;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeAtConduct {
    /// 18 or more, or nothing tells it.
    OfAge,
    Minor,
    /// Under 18 when the policy took effect, before which no conduct is ruled on, and nobody says when the conduct was.
    Unsaid,
}

/// How old somebody was at the conduct, by day.
pub fn age_at(born: Option<Date>, conduct: Option<Conduct>, policy: Option<&Policy>, today: Date) -> AgeAtConduct {
    let is_minor_on = |day: Date| {
        born.is_some_and(|born| (born.year() + OF_AGE, born.month(), born.day()) > (day.year(), day.month(), day.day()))
    };
    match conduct {
        Some(conduct) => {
            if is_minor_on(day_in_china(conduct.from)) {
                AgeAtConduct::Minor
            } else {
                AgeAtConduct::OfAge
            }
        }
        None if is_minor_on(today) => AgeAtConduct::Minor,
        None if policy.is_some_and(|policy| is_minor_on(day_in_china(policy.effective_from))) => AgeAtConduct::Unsaid,
        None => AgeAtConduct::OfAge,
    }
}

/// Whether conduct, or some of it, was before the policy took effect: it isn't ruled on under it.
pub fn was_before(conduct: Conduct, policy: &Policy) -> bool {
    conduct.from < policy.effective_from
}

/// The birth that identities tell, or that is sealed beside them.
pub fn born_of(readings: &[Reading], plain: Option<&Plain>) -> Option<Date> {
    let said = || plain?.more.get(BORN)?.as_str()?.parse().ok();
    youngest(readings).max(said())
}

/// The latest birth that identities tell: where several answer for a persona, the youngest asks most care.
pub fn youngest(readings: &[Reading]) -> Option<Date> {
    readings.iter().filter_map(|reading| reading.identity.date_of_birth()).max()
}
