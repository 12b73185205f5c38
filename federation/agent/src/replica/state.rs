//! What is known of the log, in memory, and what a checkpoint makes of it. Pure: no I/O, and the clock is passed in.
//!
//! Lines are followed as they come; what no checkpoint bears out yet isn't answered from. Implements *Freshness* of
//! `docs/formats.md` §8.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use callboard_federation::{
    disclosure::Disclosure,
    encoding::{Hash, RecordId, Time},
    evidence::Evidence,
    replay::{Fault, Followed, ReadLine, Replay},
    roster::Roster,
    tlog::{
        checkpoint::SignedCheckpoint,
        merkle::Tree,
        view::{CLOCK_LEEWAY_MILLIS, Held, Watchers, check_clocks},
    },
};

use serde::Serialize;

use super::alarm::{Lie, Report};

/// The log as it was followed.
#[derive(Debug)]
pub(super) struct State {
    pub(super) replay: Replay,
    /// Dockets that later erasures say don't count (formats §5.7).
    told: BTreeSet<u64>,
    /// `loggedAt` of each entry.
    times: Vec<Time>,
    /// The records of each entry.
    records: Vec<Vec<RecordId>>,
    /// Each roster with the index of its docket.
    rosters: Vec<(u64, Roster)>,
    /// Dockets that don't count.
    pub(super) reports: Vec<Report>,
    /// Erased records whose statements aren't kept any more.
    redacted: BTreeSet<(u64, RecordId)>,
    /// The newest checkpoint that what was followed bears out.
    pub(super) newest: Option<SignedCheckpoint>,
    /// The newest witnessed checkpoint.
    pub(super) witnessed: Option<Witnessed>,
}

/// A checkpoint that a quorum cosigned.
#[derive(Debug, Clone)]
pub(super) struct Witnessed {
    pub(super) note: SignedCheckpoint,
    /// The oldest timestamp among the newest quorum.
    pub(super) since: Time,
    /// How many witnesses the roster asks; with 0 the log's own word is all there is.
    pub(super) quorum: u64,
}

/// Up to where, and since when, the log is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AsOf {
    /// How many entries.
    pub size: u64,
    /// Since when it is witnessed.
    pub since: Time,
    /// Whether others than the log cosigned it.
    pub witnessed: bool,
}

/// Why nothing is answered but `stale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// No view was ever witnessed.
    #[error("no view of the log has been witnessed yet")]
    NeverWitnessed,
    /// The newest witnessed view is too old.
    #[error("the newest witnessed view of the log is {seconds} seconds old")]
    TooOld {
        /// How old, in seconds.
        seconds: u64,
    },
    /// The view is of a time to come: this machine's clock is behind, or theirs are ahead.
    #[error("this machine's clock is {seconds} seconds behind that of the witnesses")]
    Clock {
        /// How far, in seconds.
        seconds: u64,
    },
    /// The log showed two histories.
    #[error("the log has signed two histories")]
    Forked,
}

/// What came of a line.
pub(super) enum Took {
    Line,
    /// Everything must be followed again: an erasure told what an erased statement hid.
    BeginAgain,
}

/// What a checkpoint is to what was followed.
pub(super) enum Judged {
    /// It is of more entries than were followed.
    More,
    /// It is borne out.
    Borne,
    /// It is of a history that isn't the one that was followed.
    Otherwise(Option<Box<Evidence>>),
    /// It isn't taken.
    Lie(Lie, String),
}

impl State {
    pub(super) fn new(genesis: Hash, told: BTreeSet<u64>) -> Self {
        Self {
            replay: Replay::new(Some(genesis), told.clone()),
            told,
            times: Vec::new(),
            records: Vec::new(),
            rosters: Vec::new(),
            reports: Vec::new(),
            redacted: BTreeSet::new(),
            newest: None,
            witnessed: None,
        }
    }

    /// What a state that begins again is told.
    pub(super) fn told(&self) -> BTreeSet<u64> {
        self.told.clone()
    }

    /// How many entries were followed.
    pub(super) fn size(&self) -> u64 {
        self.replay.tree().size()
    }

    /// Follows the next line.
    pub(super) fn take(&mut self, read: ReadLine<'_>) -> Result<Took, Fault> {
        let (index, before) = (self.size(), self.replay.roster().map(|roster| roster.version));
        let ids = read.docket().map_or_else(Vec::new, |docket| docket.items.iter().map(|item| item.record).collect());
        match self.replay.follow_read(read)? {
            Followed::BeginAgain(more) => {
                self.told.extend(more);
                return Ok(Took::BeginAgain);
            }
            Followed::NotCounted(refusal) => {
                tracing::warn!(index, rule = refusal.code(), "a docket doesn't count: it has no effect here");
                self.reports.push(Report { index, rule: refusal.code() });
            }
            Followed::Counted | Followed::Anchors => {}
        }
        self.times.extend(self.replay.logged_at());
        self.records.push(ids);
        if let Some(roster) = self.replay.roster().filter(|roster| Some(roster.version) != before) {
            self.rosters.push((index, roster.clone()));
        }
        Ok(Took::Line)
    }

    /// The roster in force at a size.
    pub(super) fn roster_at(&self, size: u64) -> Option<&Roster> {
        let after = self.rosters.partition_point(|(index, _)| *index < size);
        self.rosters[..after].last().map(|(_, roster)| roster)
    }

    /// The ids of the records of entries `from` to before `to`, in order.
    pub(super) fn records(&self, from: u64, to: u64) -> impl Iterator<Item = RecordId> + '_ {
        let at = |index: u64| usize::try_from(index).unwrap_or(usize::MAX).min(self.records.len());
        self.records[at(from)..at(to).max(at(from))].iter().flatten().copied()
    }

    /// Holds a checkpoint against what was followed; `first` is the index from which the answer's lines are.
    ///
    /// `last` is the checkpoint that was cosigned last; `now` the clock's word.
    pub(super) fn judge(
        &self,
        note: &SignedCheckpoint,
        first: u64,
        last: Option<(&SignedCheckpoint, u64)>,
        now: Time,
    ) -> Judged {
        let stated = note.checkpoint();
        let Some(roster) = self.roster_at(stated.size.min(self.size())) else {
            return Judged::Lie(Lie::AnotherLog, "the log does not begin with the pinned roster".to_owned());
        };
        let watchers = Watchers::from(roster);
        // A larger log may have another key by then; its lines come before its checkpoint is believed.
        if stated.size > self.size() {
            return Judged::More;
        }
        if let Err(error) = watchers.witnessed_since(note) {
            return Judged::Lie(Lie::CheckpointSignature, error.to_string());
        }
        if self.replay.tree().root(stated.size) != Some(stated.root) {
            return Judged::Otherwise(self.evidence(note).map(Box::new));
        }
        if let Some(newest) =
            self.newest.as_ref().map(|newest| newest.checkpoint().size).filter(|size| *size > stated.size)
        {
            return Judged::Lie(Lie::OlderCheckpoint, format!("of {} entries, after one of {newest}", stated.size));
        }
        if let Some((last, _)) = last {
            let before = last.checkpoint();
            if before.size > stated.size {
                let detail = format!("of {} entries, after one of {} was cosigned", stated.size, before.size);
                return Judged::Lie(Lie::OlderCheckpoint, detail);
            }
            if self.replay.tree().root(before.size) != Some(before.root) {
                return Judged::Otherwise(self.evidence_against(last, note).map(Box::new));
            }
        }
        let mut faults = self.replay.not_erased();
        faults.extend(self.replay.still_disclosed().filter(|fault| fault.index >= first));
        if let Some(fault) = faults.first() {
            return Judged::Lie(fault.into(), fault.to_string());
        }
        let logged_at = |index| usize::try_from(index).ok().and_then(|index| self.times.get(index)).copied();
        let held = last.map(|(note, timestamp)| Held { size: note.checkpoint().size, timestamp });
        match check_clocks(stated.size, logged_at, now, held) {
            Ok(()) => Judged::Borne,
            Err(fault) => Judged::Lie((&fault).into(), fault.to_string()),
        }
    }

    /// Whether a checkpoint is of what was followed, and signed by the log.
    pub(super) fn bears_out(&self, note: &SignedCheckpoint) -> bool {
        let stated = note.checkpoint();
        let signed =
            self.roster_at(stated.size).is_some_and(|roster| Watchers::from(roster).witnessed_since(note).is_ok());
        signed && self.replay.tree().root(stated.size) == Some(stated.root)
    }

    /// Records that were erased since they were kept: of which entry, which, and all records of that entry.
    pub(super) fn to_redact(&self) -> Vec<(u64, Vec<RecordId>, Vec<RecordId>)> {
        let mut erased: BTreeMap<u64, Vec<RecordId>> = BTreeMap::new();
        for (index, record) in self.replay.seen_and_erased().filter(|seen| !self.redacted.contains(seen)) {
            erased.entry(index).or_default().push(record);
        }
        let all = |index: u64| self.records(index, index + 1).collect();
        erased.into_iter().map(|(index, gone)| (index, gone, all(index))).collect()
    }

    /// Notes that the statements of these aren't kept any more.
    pub(super) fn redacted(&mut self, index: u64, gone: &[RecordId]) {
        self.redacted.extend(gone.iter().map(|record| (index, *record)));
    }

    /// A note that was cosigned, and one of what was followed since from the beginning, which isn't of that history.
    fn evidence_against(&self, last: &SignedCheckpoint, note: &SignedCheckpoint) -> Option<Evidence> {
        let (before, stated) = (last.checkpoint(), note.checkpoint());
        if before.size == stated.size {
            return Some(Evidence::of_one_size([last.clone(), note.clone()]));
        }
        let root = self.replay.tree().root(before.size)?;
        let consistency = self.replay.tree().consistency_proof(before.size, stated.size)?;
        Some(Evidence::of_two_sizes([last.clone(), note.clone()], root, consistency))
    }

    /// Two notes of the log that can't both be, if what is held suffices: the newest one, and one of no more entries.
    fn evidence(&self, note: &SignedCheckpoint) -> Option<Evidence> {
        let ours = self.newest.as_ref()?;
        let (own, other) = (ours.checkpoint(), note.checkpoint());
        if other.size == own.size {
            return Some(Evidence::of_one_size([ours.clone(), note.clone()]));
        }
        // Theirs is of fewer: our tree tells which root it had then.
        let root = self.replay.tree().root(other.size).filter(|_| other.size < own.size)?;
        let consistency = self.replay.tree().consistency_proof(other.size, own.size)?;
        Some(Evidence::of_two_sizes([note.clone(), ours.clone()], root, consistency))
    }

    /// The same, of a note of more entries, from the tree that the log shows of them.
    pub(super) fn evidence_in(&self, note: &SignedCheckpoint, theirs: &Tree) -> Option<Evidence> {
        let ours = self.newest.as_ref()?;
        let (own, other) = (ours.checkpoint(), note.checkpoint());
        let is_theirs = theirs.root(other.size) == Some(other.root);
        let root = theirs.root(own.size).filter(|root| is_theirs && *root != own.root)?;
        let consistency = theirs.consistency_proof(own.size, other.size)?;
        Some(Evidence::of_two_sizes([ours.clone(), note.clone()], root, consistency))
    }

    /// Takes a checkpoint that is borne out; whether the witnessed view moved.
    pub(super) fn adopt(&mut self, note: SignedCheckpoint) -> bool {
        let size = note.checkpoint().size;
        let Some(roster) = self.roster_at(size) else { return false };
        let (watchers, quorum) = (Watchers::from(roster), roster.witnesses.quorum);
        let since = watchers.witnessed_since(&note).ok().flatten();
        self.newest = Some(note.clone());
        let Some(since) = since.and_then(|since| i64::try_from(since).ok()).map(Time::from_seconds) else {
            return false;
        };
        let known = self.witnessed.as_ref().map(|known| (known.note.checkpoint().size, known.since));
        let moves = known.is_none_or(|known| known < (size, since));
        if moves {
            self.witnessed = Some(Witnessed { note, since, quorum });
        }
        moves
    }

    /// The newest witnessed view, if it is fresh enough.
    pub(super) fn fresh(&self, now: Time, max_staleness: Duration) -> Result<AsOf, Stale> {
        let Witnessed { note, since, quorum } = self.witnessed.as_ref().ok_or(Stale::NeverWitnessed)?;
        let age = now.as_millis() - since.as_millis();
        if age < -CLOCK_LEEWAY_MILLIS {
            return Err(Stale::Clock { seconds: age.unsigned_abs() / 1000 });
        }
        let age = u64::try_from(age).unwrap_or_default();
        if u128::from(age) > max_staleness.as_millis() {
            return Err(Stale::TooOld { seconds: age / 1000 });
        }
        Ok(AsOf { size: note.checkpoint().size, since: *since, witnessed: *quorum > 0 })
    }
}

/// What is left of a line once the records at some of its positions are erased.
pub(super) fn without(line: &Disclosure, erased: &[RecordId], ids: &[RecordId]) -> Disclosure {
    let mut left = line.clone();
    if let Some(docket) = &mut left.docket {
        for (item, id) in docket.items.iter_mut().zip(ids) {
            if erased.contains(id) {
                *item = None;
            }
        }
        if docket.items.iter().all(Option::is_none) {
            docket.publication = None;
        }
    }
    left
}
