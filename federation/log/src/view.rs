//! A view of the log: since when it is witnessed, and which times of the log a witness refuses.
//!
//! How old a view may be is the member's setting; replaying the entries, and when to cosign, are the agent's.
//! Implements
//! *Freshness* of `docs/formats.md` §8.

use callboard_language::zh_en;

use crate::encoding::Time;

pub use super::cosignature::CLOCK_LEEWAY_MILLIS;
use super::{
    TlogError,
    checkpoint::SignedCheckpoint,
    cosignature::{is_ahead, newest_by},
    note::NoteSignature,
    vkey::VerifierKey,
};

/// Whose lines make a checkpoint a witnessed view: what the roster in force at its size says.
#[derive(Debug, Clone, Copy)]
pub struct Watchers<'a> {
    /// The log's keys, of type 0x01.
    pub log: &'a [VerifierKey],
    /// How many witnesses it takes; with 0 the log's own cosignature counts, and the view is unwitnessed.
    pub quorum: u64,
    /// The witnesses' keys, of type 0x04.
    pub keys: &'a [VerifierKey],
}

impl Watchers<'_> {
    /// Since when the view is witnessed, in seconds since 1970: the oldest timestamp among the newest quorum. With
    /// quorum 0 the newest of the log's own. `None` if there aren't enough cosignatures, by a reader's clock that says
    /// `now`.
    ///
    /// # Errors
    /// [`TlogError::Unsigned`] if the log didn't sign the checkpoint, [`TlogError::Signature`] if a line by any of
    /// these keys doesn't verify.
    pub fn witnessed_since(&self, checkpoint: &SignedCheckpoint, now: Time) -> Result<Option<u64>, TlogError> {
        checkpoint.verify(self.log)?;
        let newest = |key: &VerifierKey| newest_by(checkpoint.note(), key, now).transpose();
        let own: Vec<u64> = self.log.iter().filter_map(|key| newest(&key.as_cosigner())).collect::<Result<_, _>>()?;
        let mut theirs: Vec<u64> = self.keys.iter().filter_map(newest).collect::<Result<_, _>>()?;
        theirs.sort_unstable_by(|a, b| b.cmp(a));
        Ok(match self.quorum.checked_sub(1) {
            None => own.into_iter().max(),
            Some(last) => usize::try_from(last).ok().and_then(|last| theirs.get(last)).copied(),
        })
    }

    /// Whether the log's own cosignature is over 5 min ahead of a clock that says `now`. Where it isn't the log that
    /// lies, the clock is slow.
    pub fn own_is_ahead(&self, checkpoint: &SignedCheckpoint, now: Time) -> bool {
        let whenever = Time::from_millis(i64::MAX);
        let own = |key: &VerifierKey| newest_by(checkpoint.note(), &key.as_cosigner(), whenever).ok().flatten();
        self.log.iter().filter_map(own).any(|at| is_ahead(at, now))
    }

    /// The first line of the checkpoint that names neither the log, as signer or cosigner, nor a witness.
    pub fn stranger<'a>(&self, checkpoint: &'a SignedCheckpoint) -> Option<&'a NoteSignature> {
        let cosigners: Vec<VerifierKey> = self.log.iter().map(VerifierKey::as_cosigner).collect();
        let known =
            |line: &NoteSignature| self.log.iter().chain(&cosigners).chain(self.keys).any(|key| line.names(key));
        checkpoint.note().signatures().iter().find(|line| !known(line))
    }
}

/// A cosignature that a witness holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldCosignature {
    /// The size that is cosigned.
    pub size: u64,
    /// When, in seconds since 1970.
    pub timestamp: u64,
}

/// Why a witness refuses a checkpoint for the log's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The last entry is said to be logged over 5 min after the witness's clock.
    #[error("{}", zh_en!("最后一条的登记时间 {logged_at} 比时钟快5分钟以上",
        "the last entry is logged at {logged_at}, more than 5 min ahead of the clock"))]
    Ahead {
        /// When it is said to be logged.
        logged_at: Time,
    },
    /// An entry is said to be logged over 5 min before a time at which, cosigned, it wasn't there.
    #[error("{}", zh_en!("第{index}条的登记时间为 {logged_at}，但5分钟后仍未出现",
        "entry {index} is logged at {logged_at}, but wasn't there more than 5 min later"))]
    Backdated {
        /// The entry.
        index: u64,
        /// When it is said to be logged.
        logged_at: Time,
    },
}

/// Checks the times of a log of `size` entries as a witness does whose clock says `now` and that holds cosignatures.
///
/// `logged_at` gives the time of an entry below `size`. Times are known not to decrease, so of the entries from an
/// index on the first is the earliest. A cosignature over 5 min ahead of the clock is left out.
///
/// # Errors
/// A [`ClockError`] for which the checkpoint isn't to be cosigned, nor answered from.
pub fn check_clocks(
    size: u64,
    logged_at: impl Fn(u64) -> Option<Time>,
    now: Time,
    held: impl IntoIterator<Item = HeldCosignature>,
) -> Result<(), ClockError> {
    if let Some(logged_at) = size.checked_sub(1).and_then(&logged_at)
        && logged_at > now.plus_millis(CLOCK_LEEWAY_MILLIS)
    {
        return Err(ClockError::Ahead { logged_at });
    }
    for HeldCosignature { size: index, timestamp } in held {
        if is_ahead(timestamp, now) {
            continue;
        }
        let cosigned_at = Time::from_seconds(i64::try_from(timestamp).unwrap_or(i64::MAX));
        if index < size
            && let Some(logged_at) = logged_at(index)
            && logged_at.plus_millis(CLOCK_LEEWAY_MILLIS) < cosigned_at
        {
            return Err(ClockError::Backdated { index, logged_at });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::vectors::entries;

    fn keys(list: &Value) -> Vec<VerifierKey> {
        list.as_array().unwrap().iter().map(|key| key.as_str().unwrap().parse().unwrap()).collect()
    }

    #[test]
    fn a_view_is_witnessed_since_the_oldest_of_the_newest_quorum() {
        let cases = entries()["views"].as_array().unwrap().clone();
        assert_eq!(cases.len(), 18);
        for case in cases {
            let roster: Value = serde_json::from_str(case["roster"].as_str().unwrap()).unwrap();
            let (log, witnesses) = (keys(&roster["log"]), keys(&roster["witnesses"]["keys"]));
            let quorum = roster["witnesses"]["quorum"].as_u64().unwrap();
            let checkpoint = case["checkpoint"].as_str().unwrap().parse().unwrap();
            // Where the clock doesn't matter, it is one long after.
            let now = case["now"].as_str().unwrap_or("2026-12-01T00:00:00.000Z").parse().unwrap();
            let since = Watchers { log: &log, quorum, keys: &witnesses }.witnessed_since(&checkpoint, now);
            assert_eq!(since.ok().flatten(), case["since"].as_u64(), "{}", case["name"]);
        }
    }

    #[test]
    fn a_view_that_only_others_signed_is_told_from_one_with_too_few_witnesses() {
        let log = entries();
        let (keys, witnesses) = (keys(&Value::Array(vec![log["logVkey"].clone()])), keys(&log["witnesses"]));
        let checkpoint: SignedCheckpoint = log["checkpoint"].as_str().unwrap().parse().unwrap();
        let view = Watchers { log: &keys, quorum: 3, keys: &witnesses };
        let now = Time::from_seconds(1_780_000_060);
        assert_eq!(view.witnessed_since(&checkpoint, now), Ok(None));
        assert_eq!(Watchers { log: &[], ..view }.witnessed_since(&checkpoint, now), Err(TlogError::Unsigned));
        assert_eq!(view.stranger(&checkpoint), None);
        let fewer = Watchers { keys: &witnesses[1..], ..view };
        assert!(fewer.stranger(&checkpoint).unwrap().names(&witnesses[0]));
        assert!(Watchers { log: &[], ..view }.stranger(&checkpoint).unwrap().names(&keys[0]));
    }

    #[test]
    fn a_witness_refuses_times_that_its_clock_and_cosignatures_belie() {
        let log = entries();
        let logged_at = |index: u64| -> Option<Time> {
            let entry = log["entries"].get(usize::try_from(index).unwrap())?["entry"].as_str().unwrap();
            let entry: Value = serde_json::from_str(entry).unwrap();
            Some(entry["loggedAt"].as_str().unwrap().parse().unwrap())
        };
        let cases = log["clocks"].as_array().unwrap();
        assert_eq!(cases.len(), 8);
        for case in cases {
            let held = case["cosignatures"].as_array().unwrap().iter().map(|held| HeldCosignature {
                size: held["size"].as_u64().unwrap(),
                timestamp: held["timestamp"].as_u64().unwrap(),
            });
            let now = case["now"].as_str().unwrap().parse().unwrap();
            let fault = check_clocks(7, logged_at, now, held).err().map(|fault| match fault {
                ClockError::Ahead { .. } => "logged-in-future",
                ClockError::Backdated { .. } => "logged-in-past",
            });
            assert_eq!(fault, case["reason"].as_str(), "{}", case["name"]);
        }
    }

    #[test]
    fn an_empty_log_has_no_time_to_refuse() {
        let held = HeldCosignature { size: 0, timestamp: u64::MAX };
        assert_eq!(check_clocks(0, |_| None, Time::from_seconds(0), [held]), Ok(()));
    }
}
