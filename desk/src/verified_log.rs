//! The log as an export at hand has it, replayed from the pinned genesis: of what lies in it, a registry can hide nothing.
//!
//! Whoever has an agent's export at the desk (`callboard-agent export`) needs the registry's word only for what was logged
//! after it; a desk that is open keeps such a copy by itself ([`crate::log_copy`]). The files are [`callboard_client::export`]'s, what counts is `callboard_federation::replay`'s. Auditing a log,
//! difference by difference, is `callboard audit`'s.

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use callboard_client::export::Export;
use callboard_federation::{
    encoding::{Hash, Time},
    records::Record,
    replay::{LineError, Replay},
    standing::{Standing, StandingError, links_of},
    statement::EpochTag,
    tlog::view::Watchers,
    zh_en,
};

use super::error::{Error, named};

/// A log that is whole, and was seen by the quorum of its witnesses, up to where it reaches.
#[derive(Clone)]
pub struct VerifiedLog {
    /// It may have grown since, with what the quorum hasn't seen yet.
    replay: Arc<RwLock<Replay>>,
    reach: Reach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// How many entries it has.
    pub size: u64,
    pub logged_at: Time,
}

impl VerifiedLog {
    /// Replays the export in a directory from the pinned hash; `now` is what the clock says.
    pub fn read(directory: &Path, genesis: Hash, now: Time) -> Result<Self, Error> {
        let export = Export::find(directory).ok_or_else(|| {
            let path = named(directory);
            Error::other("no-export", || zh_en!("{path}：不是登记册的导出目录", "{path}: no export of a log"))
        })?;
        let follow = Replay::new(Some(genesis)).follow_all(|| export.lines(), |_, _, _| Ok::<_, Error>(()));
        let replay = follow?.map_err(|fault| fault_at_hand(&fault))?;
        if let Some(fault) = replay.not_erased().into_iter().chain(replay.still_disclosed()).next() {
            return Err(fault_at_hand(&fault));
        }
        let roster = replay.roster().ok_or_else(|| {
            Error::other("another-log", || {
                zh_en!("手头的登记册不是所信任的登记册", "the log at hand is not of the pinned registry")
            })
        })?;
        let note = export.checkpoint()?;
        let stated = note.checkpoint();
        if (stated.size, stated.root) != (replay.tree().size(), replay.tree().current_root()) {
            return Err(Error::other("log-root", || {
                zh_en!(
                    "手头的登记册：各行与检查点所载不符",
                    "the log at hand: the lines do not give what its checkpoint says"
                )
            }));
        }
        let watchers = Watchers::from(roster);
        let since = watchers.witnessed_since(&note, now).map_err(|source| {
            Error::other("log-checkpoint", || zh_en!("手头的登记册：检查点", "the log at hand: the checkpoint"))
                .because(source)
        })?;
        if since.is_none() && watchers.quorum != 0 {
            return Err(Error::other("log-unwitnessed", || {
                zh_en!(
                    "手头的登记册：检查点的会员见证少于签署权限名单的要求",
                    "the log at hand: fewer witnesses cosigned its checkpoint than the roster asks"
                )
            }));
        }
        let logged_at = replay.logged_at().unwrap_or(Time::from_millis(0));
        let reach = Reach { size: replay.tree().size(), logged_at };
        Ok(Self::of(Arc::new(RwLock::new(replay)), reach))
    }

    /// What was followed, up to where its quorum has seen it.
    pub(crate) const fn of(replay: Arc<RwLock<Replay>>, reach: Reach) -> Self {
        Self { replay, reach }
    }

    pub const fn reach(&self) -> Reach {
        self.reach
    }

    pub fn replay(&self) -> RwLockReadGuard<'_, Replay> {
        self.replay.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands at an instant for the person who has these tags, and the links that join them. What the quorum hasn't
    /// seen yet counts too: a docket that reverses something is its signers' word, whoever has seen it.
    pub fn standing(&self, tags: &[EpochTag], at: Time) -> Result<(Standing, Vec<Record>), StandingError> {
        let replay = self.replay();
        let size = replay.tree().size();
        let links = links_of(replay.records(), tags, size, at).into_iter().cloned().collect();
        Ok((replay.standing(tags, size, at)?, links))
    }
}

fn fault_at_hand(fault: &LineError) -> Error {
    Error::other("log-fault", || zh_en!("手头的登记册：{fault}", "the log at hand: {fault}"))
}
