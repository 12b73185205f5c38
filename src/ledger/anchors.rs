//! Anchors, members' and the log's own of open cases: taken by day, logged under one root once the day is over, and given
//! back with the proof of it.
//!
//! What the log of checks holds is the member's; an anchor says its size and root and nobody's tag. Both days are UTC:
//! one anchor a member and day of its own time, and one entry for all that were taken on a day of the log's time, which
//! goes on alone: a clock that jumps, or a job that is late, moves no anchor into another entry. Implements
//! `docs/formats.md` §8 and §11.

use callboard_federation::{
    anchor::{Anchor, AnchorError, CasesAnchor, check},
    dsse::{AloneError, Envelope},
    encoding::{Base64, Hash, Time, from_json, to_json},
    members::MemberId,
    replay::{MAX_AGE_DAYS, MAX_AHEAD_MILLIS},
    tlog::proof::{Inclusion, Proof},
};

use super::{Ledger, LedgerError};
use crate::store::{NewAnchor, StoredAnchor};

#[derive(Debug, thiserror::Error)]
pub enum SubmitAnchorError {
    #[error("the payload is no anchor of version 1")]
    Payload,
    /// Of another member than the one that asks, or signed by another.
    #[error("a member anchors its own log of checks alone")]
    Foreign,
    /// Not signed by one key of the member that is in force.
    #[error(transparent)]
    Signature(AloneError),
    #[error("`at` is {at}: not between {from} and {to}")]
    Time { at: Time, from: Time, to: Time },
    #[error("the member's anchor of that day is {taken}")]
    Repeated {
        /// SHA-256 of its payload.
        taken: Hash,
    },
}

impl From<AnchorError> for SubmitAnchorError {
    fn from(error: AnchorError) -> Self {
        match error {
            AnchorError::Envelope(error) => Self::Signature(error),
            AnchorError::Json(_) | AnchorError::Version => Self::Payload,
            AnchorError::Member { .. } => Self::Foreign,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorAcceptance {
    /// SHA-256 of its payload.
    pub anchor: Hash,
    /// The index of the entry that holds it, once that is published.
    pub index: Option<u64>,
    /// Whether the registry had it before it was handed in this time.
    pub before: bool,
}

#[derive(Debug)]
pub struct LoggedAnchors {
    /// The leaf's bytes.
    pub entry: Base64,
    /// The members' envelopes, in the order of the tree whose root the leaf has.
    pub anchors: Vec<Envelope>,
    /// The leaf's way into the newest witnessed checkpoint, once one holds it.
    pub proof: Option<Proof>,
}

impl Ledger {
    /// Takes the anchor of the member that asks. The same payload again gets the same answer.
    pub async fn submit_anchor(
        &self,
        asker: &MemberId,
        envelope: &Envelope,
    ) -> Result<Result<AnchorAcceptance, SubmitAnchorError>, LedgerError> {
        let anchor = match Anchor::from_json(&envelope.payload.0) {
            Ok(anchor) if anchor.member == *asker => anchor,
            Ok(_) => return Ok(Err(SubmitAnchorError::Foreign)),
            Err(error) => return Ok(Err(error.into())),
        };
        let (payload_hash, of_day) = (envelope.payload_hash(), anchor.at.day());
        let known = self.store.anchor_of(asker.as_str(), of_day).await?;
        let before = known.is_some();
        let taken = if let Some(known) = known {
            known
        } else {
            if let Err(refused) = self.check_anchor(envelope) {
                return Ok(Err(refused));
            }
            // Under the lock no day ends: what is taken on a day is there when the day's entry is made.
            let mut append = self.store.begin_append().await?;
            let now = self.clock.now();
            let taken_on = append.head().logged_at.map_or(now, |last| now.max(last)).day();
            let (member, envelope) = (asker.to_string(), to_json(envelope));
            append.put_anchor(&NewAnchor { member, of_day, taken_on, payload_hash, envelope }).await?;
            append.commit().await?;
            // Another may have come first.
            self.store.anchor_of(asker.as_str(), of_day).await?.ok_or(LedgerError::Stopping)?
        };
        if taken.payload_hash != payload_hash {
            return Ok(Err(SubmitAnchorError::Repeated { taken: taken.payload_hash }));
        }
        let index = taken.index.filter(|index| *index < self.size());
        Ok(Ok(AnchorAcceptance { anchor: payload_hash, index, before }))
    }

    fn check_anchor(&self, envelope: &Envelope) -> Result<(), SubmitAnchorError> {
        let replay = self.replay();
        let members = replay.members().map(|members| &members.document.value);
        let anchor = check(envelope, |id| {
            let (member, key) = members?.of_key(id)?;
            Some((*key, &member.member))
        })?;
        let now = self.clock.now();
        let (from, to) = (now.plus_days(-MAX_AGE_DAYS), now.plus_millis(MAX_AHEAD_MILLIS));
        if anchor.at < from || anchor.at > to {
            return Err(SubmitAnchorError::Time { at: anchor.at, from, to });
        }
        Ok(())
    }

    /// Keeps what the log says of this day's open cases, in place of what it said before; of none it says nothing.
    async fn anchor_cases(&self) -> Result<(), LedgerError> {
        self.may_sign()?;
        let heads = self.store.open_case_heads().await?;
        if heads.is_empty() || !self.key_is_in_force() {
            return Ok(());
        }
        // Under the lock no day ends.
        let mut append = self.store.begin_append().await?;
        let now = self.clock.now();
        let at = append.head().logged_at.map_or(now, |last| now.max(last));
        let Some(anchor) = CasesAnchor::of(&heads, at) else { return Ok(()) };
        append.put_anchor_of_the_log(at.day(), &self.key.anchor_cases(&anchor)).await?;
        append.commit().await?;
        Ok(())
    }

    /// Keeps the log's own anchor of today, and logs the anchors of each day that is over, the oldest first; how many
    /// entries.
    pub async fn log_anchors(&self) -> Result<u64, LedgerError> {
        self.anchor_cases().await?;
        let mut logged = 0;
        loop {
            let now = self.clock.now();
            let today = self.replay().logged_at().map_or(now, |last| now.max(last)).day();
            let Some(day) = self.store.oldest_waiting_day().await?.filter(|day| *day < today) else {
                return Ok(logged);
            };
            self.log_anchors_of(day).await?;
            logged += 1;
        }
    }

    /// The anchors of an entry; `None` unless it is published, and of anchors.
    pub async fn anchors_at(&self, index: u64) -> Result<Option<LoggedAnchors>, LedgerError> {
        let state = self.published();
        if index >= state.newest.size {
            return Ok(None);
        }
        let entry = self.store.leaves(index, index + 1).await?.pop();
        let anchors = envelopes(self.store.anchors(index, index + 1).await?)?;
        let Some(entry) = entry.filter(|_| !anchors.is_empty()) else { return Ok(None) };
        let witnessed = state.witnessed.as_ref().filter(|witnessed| index < witnessed.size);
        let proof = witnessed.and_then(|witnessed| {
            let inclusion = Inclusion::of(self.replay().tree(), index, witnessed.size)?;
            Some(Proof { inclusion, checkpoint: witnessed.note.clone() })
        });
        let anchors = anchors.into_iter().map(|(_, envelope)| envelope).collect();
        Ok(Some(LoggedAnchors { entry: Base64(entry), anchors, proof }))
    }
}

/// Stored anchors that are logged, each with the index of its entry.
pub fn envelopes(stored: Vec<StoredAnchor>) -> Result<Vec<(u64, Envelope)>, LedgerError> {
    let envelope = |StoredAnchor { index, envelope, .. }| {
        let index = index.unwrap_or_default();
        Ok((index, from_json(&envelope).map_err(|_| LedgerError::Unreadable { index })?))
    };
    stored.into_iter().map(envelope).collect()
}
