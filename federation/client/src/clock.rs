//! The clock, as a parameter: the one place that reads the machine's.

use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use callboard_federation::{encoding::Time, language::Phrase};

/// The beginning of a day in UTC.
///
/// # Errors
/// There is no such day.
pub fn midnight(day: jiff::civil::Date) -> anyhow::Result<Time> {
    let midnight =
        jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).context(Phrase::new("没有这一天", "no such day"))?;
    Ok(Time::from_millis(midnight.as_millisecond()))
}

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The instant now.
    fn now(&self) -> Time;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Time {
        Time::from_millis(jiff::Timestamp::now().as_millisecond())
    }
}

/// The machine's clock, which a sandbox sets ahead: it goes on from there.
#[derive(Debug, Default)]
pub struct AheadClock(AtomicI64);

impl AheadClock {
    /// A clock that is set to `now`, which may be behind the machine's.
    pub fn at(now: Time) -> Self {
        Self(AtomicI64::new(now.as_millis().saturating_sub(MachineClock.now().as_millis())))
    }

    /// Sets the clock ahead by so many milliseconds more; it never goes back.
    pub fn advance(&self, millis: u64) {
        let millis = i64::try_from(millis).unwrap_or(i64::MAX);
        // The closure gives a value each time, so there is nothing that could fail.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |ahead| Some(ahead.saturating_add(millis)));
    }
}

impl Clock for AheadClock {
    fn now(&self) -> Time {
        MachineClock.now().plus_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A clock that tests move by hand, forward alone.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that stands at `now`.
    pub const fn at(now: Time) -> Self {
        Self(AtomicI64::new(now.as_millis()))
    }

    /// Moves to `now`; a clock that is further already stays.
    pub fn move_to(&self, now: Time) {
        self.0.fetch_max(now.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::SeqCst))
    }
}
