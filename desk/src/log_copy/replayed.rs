//! The replay of a copy, shared with whoever reads it, and the keys that the log had on the way.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use callboard_client::parallel::{on_every_core, read_ahead};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::Hash,
    replay::{LineEffect, LineError, Replay},
    tlog::{checkpoint::SignedCheckpoint, vkey::VerifierKey},
    zh_en,
};

use super::alarm::LogAlarm;
use crate::Error;

pub(super) struct Replayed {
    replay: Arc<RwLock<Replay>>,
    /// By every roster so far.
    keys: Vec<VerifierKey>,
}

/// Why a line isn't taken, and none after it.
pub(super) enum Untaken {
    Wrong(LogAlarm),
    /// The log is to be followed with this replay from its beginning.
    Again(Box<Replay>),
}

impl From<LineError> for Untaken {
    fn from(fault: LineError) -> Self {
        Self::Wrong(LogAlarm::Fault { index: fault.index, fault: fault.kind })
    }
}

impl Replayed {
    pub(super) fn new(genesis: Hash) -> Self {
        Self::again(Replay::new(Some(genesis)))
    }

    pub(super) fn again(replay: Replay) -> Self {
        Self { replay: Arc::new(RwLock::new(replay)), keys: Vec::new() }
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Replay> {
        self.replay.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn replay(&self) -> Arc<RwLock<Replay>> {
        Arc::clone(&self.replay)
    }

    pub(super) fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    pub(super) fn size(&self) -> u64 {
        self.read().tree().size()
    }

    /// Whether its lines give the root of a note that the log signed.
    pub(super) fn gives(&self, note: &SignedCheckpoint) -> bool {
        let (stated, log) = (note.checkpoint(), self.read());
        log.tree().size() == stated.size
            && log.tree().root(stated.size) == Some(stated.root)
            && note.verify(&self.keys).is_ok()
    }

    /// Takes lines as far as they hold, on other threads than the pages; gives those that it took.
    pub(super) async fn take(&mut self, mut lines: Vec<Vec<u8>>) -> Result<(Vec<Vec<u8>>, Result<(), Untaken>), Error> {
        let replay = self.replay();
        let follow = move || {
            let mut replay = replay.write().unwrap_or_else(PoisonError::into_inner);
            let (from, mut keys) = (replay.tree().size(), Vec::new());
            let taken = follow(&mut replay, &mut keys, &lines);
            let count = usize::try_from(replay.tree().size() - from).unwrap_or(usize::MAX);
            lines.truncate(count);
            (lines, keys, taken)
        };
        let followed = tokio::task::spawn_blocking(follow).await;
        let (lines, keys, taken) = followed
            .map_err(|_| Error::other("log-unfollowed", || zh_en!("登记册未能核验", "the log couldn't be verified")))?;
        for key in keys {
            if !self.keys.contains(&key) {
                self.keys.push(key);
            }
        }
        Ok((lines, taken))
    }
}

fn follow(replay: &mut Replay, keys: &mut Vec<VerifierKey>, lines: &[Vec<u8>]) -> Result<(), Untaken> {
    let from = replay.tree().size();
    let (mut read, mut malformed) = (Vec::with_capacity(lines.len()), None);
    for (index, line) in (from..).zip(on_every_core(lines, |line| Disclosure::from_json(line))) {
        let Ok(line) = line else {
            malformed = Some(Untaken::Wrong(LogAlarm::Malformed { index }));
            break;
        };
        read.push(line);
    }
    let mut rosters = replay.documents().rosters.len();
    read_ahead(&read, |line| {
        let index = line.line().index;
        match replay.follow_read(line)? {
            LineEffect::BeginAgain(again) => return Err(Untaken::Again(again)),
            LineEffect::NotCounted(_) if index == 0 => return Err(Untaken::Wrong(LogAlarm::AnotherLog)),
            LineEffect::NotCounted(_) | LineEffect::Counted | LineEffect::Anchors => {}
        }
        if replay.documents().rosters.len() > rosters {
            rosters = replay.documents().rosters.len();
            keys.extend(replay.roster().into_iter().flat_map(|roster| roster.log.iter().cloned()));
        }
        Ok(())
    })?;
    malformed.map_or(Ok(()), Err)
}
