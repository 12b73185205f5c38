//! Another agent of this member, seen by what it cosigns: lines of our own witness key that this agent didn't make.
//!
//! One agent of a member cosigns and anchors (`docs/formats.md` §6). Which of two is one too many nobody can tell but the
//! member, so the one that comes later gives way: it follows, answers and says what it doesn't do, until no line of the
//! other is younger than three minutes. An agent that was moved, or whose directory was brought back from an older copy,
//! waits as long, and goes on.

use callboard_api::agent::operating::OtherAgent;
use callboard_federation::{
    encoding::Time,
    tlog::{checkpoint::SignedCheckpoint, cosignature::newest_by},
};

use super::{Inner, Replica};

/// How long after the other's last line this agent keeps silent: an agent cosigns each minute.
const SILENCE_MILLIS: i64 = 180_000;

/// Whether it must be taken to run still.
pub(super) const fn is_about(other: &OtherAgent, now: Time) -> bool {
    (now.as_millis() - other.cosigned_at.as_millis()).abs() < SILENCE_MILLIS
}

impl Inner {
    /// Looks whether a checkpoint bears a line of our key that is newer than any that we made.
    pub(super) fn look_for_other_agent(&self, note: &SignedCheckpoint, now: Time) {
        let ours = self.cosigned().held().map_or(0, |held| held.timestamp);
        let Ok(Some(newest)) = newest_by(note.note(), &self.key.witness(), now) else { return };
        if newest <= ours {
            return;
        }
        let cosigned_at = Time::from_seconds(i64::try_from(newest).unwrap_or(i64::MAX));
        let mut contact = self.contact();
        let before = contact.other_agent.filter(|other| is_about(other, now));
        let since = before.map_or(now, |other| other.since);
        contact.other_agent = Some(OtherAgent { since, cosigned_at });
        if before.is_none() {
            tracing::error!(
                %cosigned_at,
                "ALARM: another agent cosigned with this member's key: this one answers checks, and does not cosign, anchor \
                 or file receipts until three minutes pass without a line of it"
            );
        }
    }

    pub(super) fn other_agent(&self) -> Option<OtherAgent> {
        let now = self.clock.now();
        self.contact().other_agent.filter(|other| is_about(other, now))
    }
}

impl Replica {
    /// Another agent of this member, which cosigns in its place; this one doesn't.
    pub fn other_agent(&self) -> Option<OtherAgent> {
        self.0.other_agent()
    }
}
