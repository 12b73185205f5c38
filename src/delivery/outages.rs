//! The registry's own absence: what it could not deliver, or be told, while it was off is held against nobody.
//!
//! It was off from the last job that ran until it starts again; that it ran and reached nobody isn't seen here.

use callboard_federation::encoding::Time;

use super::Delivery;
use crate::store::StoreError;

/// Shorter than this it was not off: a restart, a job that was late. In milliseconds.
const RESTART: i64 = 5 * 60_000;

/// When the registry did not run, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outages(Vec<(Time, Time)>);

impl Outages {
    pub const fn of(outages: Vec<(Time, Time)>) -> Self {
        Self(outages)
    }

    /// For how long the registry ran between two instants, in milliseconds.
    pub fn ran_between(&self, from: Time, to: Time) -> i64 {
        let off = |(began, ended): &(Time, Time)| {
            let (began, ended) = ((*began).max(from), (*ended).min(to));
            (ended.as_millis() - began.as_millis()).max(0)
        };
        to.as_millis() - from.as_millis() - self.0.iter().map(off).sum::<i64>()
    }

    /// The instant by which it has run as long since `from` as lies between `from` and `at`.
    pub fn put_off(&self, from: Time, at: Time) -> Time {
        self.0.iter().fold(at, |at, (began, ended)| {
            let began = (*began).max(from);
            if began < at && *ended > began { at.plus_millis(ended.as_millis() - began.as_millis()) } else { at }
        })
    }
}

impl Delivery {
    /// When the registry did not run. The first to ask, before any job ran, notes the time until this start.
    pub async fn outages(&self) -> Result<&Outages, StoreError> {
        let found = async {
            let (store, now) = (self.ledger.store(), self.clock.now());
            let last = store.jobs().await?.into_iter().map(|job| job.began_at).max();
            if let Some(last) = last.filter(|last| now.as_millis() - last.as_millis() > RESTART) {
                tracing::info!(off.since = %last, "the registry was off: that time counts for nobody's delay");
                store.put_outage(last, now).await?;
            }
            Ok(Outages(store.outages().await?))
        };
        self.outages.get_or_try_init(|| found).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_seconds(seconds)
    }

    fn outages() -> Outages {
        Outages::of(vec![(at(100), at(200)), (at(300), at(400))])
    }

    #[test]
    fn only_the_time_in_which_it_ran_is_counted() {
        for (from, to, ran) in
            [(0, 50, 50), (0, 150, 100), (0, 250, 150), (150, 160, 0), (150, 350, 100), (0, 1_000, 800)]
        {
            assert_eq!(outages().ran_between(at(from), at(to)), ran * 1_000, "{from} to {to}");
        }
    }

    #[test]
    fn what_is_due_is_put_off_by_the_time_in_which_it_did_not_run() {
        for (from, due, later) in [
            (0, 50, 50),
            (0, 100, 100),
            (0, 150, 250),
            (0, 199, 299),
            (0, 210, 410),
            (150, 160, 210),
            (200, 299, 299),
            (500, 600, 600),
        ] {
            assert_eq!(outages().put_off(at(from), at(due)), at(later), "{from}, {due}");
            assert_eq!(outages().ran_between(at(from), at(later)), (due - from) * 1_000, "{from}, {due}");
        }
    }
}
