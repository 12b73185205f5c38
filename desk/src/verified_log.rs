//! The log as an export at hand has it, replayed from the pinned genesis: of what lies in it, a registry can hide nothing.
//!
//! Whoever has an agent's export at the desk (`callboard-agent export`) needs the registry's word only for what was logged
//! after it. The files are [`callboard_client::export`]'s, what counts is `callboard_federation::replay`'s. Auditing a log,
//! difference by difference, is `callboard audit`'s.

use std::path::{Path, PathBuf};

use callboard_client::export::{Export, ExportError};
use callboard_federation::{
    encoding::{Hash, Time},
    records::Record,
    replay::{LineError, Replay},
    standing::{Standing, StandingError, links_of},
    statement::EpochTag,
    tlog::{TlogError, view::Watchers},
    zh_en,
};

/// A log that is whole, and was seen by the quorum of its witnesses.
pub struct VerifiedLog {
    replay: Replay,
}

/// How far a verified log reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// How many entries it has.
    pub size: u64,
    /// When the last of them was logged.
    pub logged_at: Time,
}

/// Why a log at hand is of no use.
#[derive(Debug, thiserror::Error)]
pub enum VerifiedLogError {
    /// There is none.
    #[error("{}", zh_en!("{path}：不是登记册的导出目录", "{path}: no export of a log", path = path.display()))]
    None {
        /// Where.
        path: PathBuf,
    },
    /// A file of it can't be read.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A line isn't borne out.
    #[error("{}", zh_en!("手头的登记册：{_0}", "the log at hand: {_0}"))]
    Fault(#[from] Box<LineError>),
    /// Nothing is in it, or it is of another registry.
    #[error("{}", zh_en!("手头的登记册不是所信任的登记册", "the log at hand is not of the pinned registry"))]
    Another,
    /// The lines don't give what the checkpoint says.
    #[error("{}", zh_en!("手头的登记册：各行与检查点所载不符",
        "the log at hand: the lines do not give what its checkpoint says"))]
    Root,
    /// The checkpoint isn't the log's.
    #[error("{}", zh_en!("手头的登记册：检查点", "the log at hand: the checkpoint"))]
    Checkpoint(#[from] TlogError),
    /// Too few witnesses.
    #[error("{}", zh_en!("手头的登记册：检查点的会员见证少于签署权限名单的要求",
        "the log at hand: fewer witnesses cosigned its checkpoint than the roster asks"))]
    Unwitnessed,
}

impl VerifiedLog {
    /// Replays the export in a directory from the pinned hash; `now` is what the clock says.
    pub fn read(directory: &Path, genesis: Hash, now: Time) -> Result<Self, VerifiedLogError> {
        let export = Export::find(directory).ok_or_else(|| VerifiedLogError::None { path: directory.to_owned() })?;
        let follow = Replay::new(Some(genesis)).follow_all(|| export.lines(), |_, _, _| Ok::<_, VerifiedLogError>(()));
        let replay = follow?.map_err(Box::new)?;
        if let Some(fault) = replay.not_erased().into_iter().chain(replay.still_disclosed()).next() {
            return Err(Box::new(fault).into());
        }
        let roster = replay.roster().ok_or(VerifiedLogError::Another)?;
        let note = export.checkpoint()?;
        let stated = note.checkpoint();
        if (stated.size, stated.root) != (replay.tree().size(), replay.tree().current_root()) {
            return Err(VerifiedLogError::Root);
        }
        let watchers = Watchers::from(roster);
        if watchers.witnessed_since(&note, now)?.is_none() && watchers.quorum != 0 {
            return Err(VerifiedLogError::Unwitnessed);
        }
        Ok(Self { replay })
    }

    /// How far it reaches.
    pub fn reach(&self) -> Reach {
        let logged_at = self.replay.logged_at().unwrap_or(Time::from_millis(0));
        Reach { size: self.replay.tree().size(), logged_at }
    }

    /// The replay: records and policies.
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// What stands at an instant for the person who has these tags, and the links that join them.
    pub fn standing(&self, tags: &[EpochTag], at: Time) -> Result<(Standing, Vec<&Record>), StandingError> {
        let size = self.replay.tree().size();
        Ok((self.replay.standing(tags, size, at)?, links_of(self.replay.records(), tags, size, at)))
    }
}
