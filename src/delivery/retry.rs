//! What an attempt means: taken, tried again and when, or never again. Pure: clock and chance are parameters.

use callboard_federation::encoding::Time;

use super::outages::Outages;

/// The pause after the first failure, and the longest, in milliseconds: what recovers is served soon, and what doesn't
/// costs two attempts an hour.
const PAUSES: (i64, i64) = (2_000, 30 * 60 * 1_000);
/// The longest that `Retry-After` is believed, in seconds.
pub(super) const LONGEST_RETRY_AFTER_SECONDS: u64 = 24 * 3_600;
/// For how long of our own running an endpoint may fail until it is disabled, in milliseconds: over a long weekend.
const GIVE_UP: i64 = 5 * 24 * 3_600 * 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// An answer of this status, and how many seconds it asks to be left alone.
    Answered { status: u16, retry_after: Option<u64> },
    /// No answer, or none in time.
    Failed,
}

/// How often an endpoint failed since it took something last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailureStreak {
    pub failures: u64,
    pub failing_since: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The endpoint has it: on to the next.
    Delivered,
    Retry {
        at: Time,
        /// The failures, this attempt included.
        streak: FailureStreak,
    },
    Disable(&'static str),
}

/// What follows an attempt that ended `now`; `chance` spreads those that failed together.
pub fn decide(outcome: AttemptOutcome, before: FailureStreak, now: Time, outages: &Outages, chance: u32) -> Decision {
    let retry_after = match outcome {
        AttemptOutcome::Answered { status: 200..=299, .. } => return Decision::Delivered,
        AttemptOutcome::Answered { status: 410, .. } => {
            return Decision::Disable("it answered 410: it is gone, by its own word");
        }
        AttemptOutcome::Answered { retry_after, .. } => retry_after,
        AttemptOutcome::Failed => None,
    };
    let since = before.failing_since.unwrap_or(now);
    if outages.ran_between(since, now) >= GIVE_UP {
        return Decision::Disable("it took nothing for five days");
    }
    let pause = PAUSES.0.saturating_mul(1 << before.failures.min(20)).min(PAUSES.1);
    let pause = pause / 2 + i64::from(chance) % (pause / 2 + 1);
    let retry_after =
        retry_after.map_or(0, |seconds| i64::try_from(seconds.min(LONGEST_RETRY_AFTER_SECONDS)).unwrap_or(0) * 1_000);
    let streak = FailureStreak { failures: before.failures + 1, failing_since: Some(since) };
    Decision::Retry { at: now.plus_millis(pause.max(retry_after)), streak }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn answered(status: u16) -> AttemptOutcome {
        AttemptOutcome::Answered { status, retry_after: None }
    }

    #[test]
    fn two_hundreds_are_taken_and_gone_is_never_asked_again() {
        assert_eq!(decide(answered(204), FailureStreak::default(), NOW, &Outages::default(), 0), Decision::Delivered);
        assert!(matches!(
            decide(answered(410), FailureStreak::default(), NOW, &Outages::default(), 0),
            Decision::Disable(_)
        ));
        for status in [100, 301, 307, 400, 404, 429, 500, 503] {
            assert!(
                matches!(
                    decide(answered(status), FailureStreak::default(), NOW, &Outages::default(), 0),
                    Decision::Retry { .. }
                ),
                "{status}"
            );
        }
    }

    #[test]
    fn retry_after_is_kept_and_not_for_ever() {
        let asked = |seconds| {
            let outcome = AttemptOutcome::Answered { status: 503, retry_after: Some(seconds) };
            let Decision::Retry { at, .. } = decide(outcome, FailureStreak::default(), NOW, &Outages::default(), 0)
            else {
                panic!("not again")
            };
            at.as_seconds() - NOW.as_seconds()
        };
        assert_eq!((asked(120), asked(u64::MAX)), (120, 24 * 3_600));
    }

    #[test]
    fn an_endpoint_that_takes_nothing_is_tried_for_over_three_days_and_then_disabled() {
        let (mut now, mut streak, mut attempts) = (NOW, FailureStreak::default(), 0);
        let disabled = loop {
            match decide(AttemptOutcome::Failed, streak, now, &Outages::default(), u32::MAX / 2) {
                Decision::Retry { at, streak: next } => (now, streak) = (at, next),
                Decision::Disable(_) => break now,
                Decision::Delivered => panic!("nothing was taken"),
            }
            attempts += 1;
        };
        let days = (disabled.as_millis() - NOW.as_millis()) / 86_400_000;
        assert!((3..=6).contains(&days) && (100..1_000).contains(&attempts), "{attempts} attempts in {days} days");
    }

    #[test]
    fn the_time_in_which_the_registry_was_off_disables_nobody() {
        let before = FailureStreak { failures: 3, failing_since: Some(NOW) };
        let back = NOW.plus_days(8);
        let off = Outages::of(vec![(NOW.plus_days(1), back)]);
        assert!(matches!(decide(AttemptOutcome::Failed, before, back, &off, 0), Decision::Retry { .. }));
        let later = back.plus_days(4);
        assert!(
            matches!(decide(AttemptOutcome::Failed, before, later, &off, 0), Decision::Disable(_)),
            "five days that it ran"
        );
        assert!(matches!(decide(AttemptOutcome::Failed, before, back, &Outages::default(), 0), Decision::Disable(_)));
    }

    proptest! {
        #[test]
        fn a_pause_is_never_in_the_past_nor_longer_than_the_longest(failures in 0_u64..100, chance: u32) {
            let before = FailureStreak { failures, failing_since: Some(NOW) };
            let Decision::Retry { at, streak } = decide(AttemptOutcome::Failed, before, NOW, &Outages::default(), chance) else { panic!("not again") };
            let pause = at.as_millis() - NOW.as_millis();
            prop_assert!((PAUSES.0 / 2..=PAUSES.1).contains(&pause));
            prop_assert_eq!(streak.failures, failures + 1);
        }
    }
}
