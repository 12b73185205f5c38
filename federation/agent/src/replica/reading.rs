//! Reading the verified log: how fresh the view is, or why none is, who stands how, and what was logged.

use std::{
    sync::{Arc, RwLockReadGuard},
    time::Duration,
};

use callboard_api::agent::{answer::View, operating::Alarm};
use callboard_client::derivation::live_epochs;
use callboard_federation::{
    encoding::{RecordId, Time},
    records::{Record, Records},
    replay::Replay,
    roster::Roster,
    standing::{Outlook, Standing, StandingError, ever_joined_tags},
    statement::EpochTag,
    tag::Epoch,
    tlog::view::CLOCK_LEEWAY_MILLIS,
    zh_en,
};

use super::{
    state::State,
    status::{ends_answers, passes},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StaleError {
    #[error("{}", zh_en!("登记册尚无任何经会员见证的版本", "no view of the log was witnessed yet"))]
    NeverWitnessed,
    #[error("{}", zh_en!("登记系统不认本单位的密钥：请确认它在现行会员单位名单中",
        "the registry does not take this member's key: is it in the members' list in force?"))]
    NotAMember,
    /// Nobody vouches for the view any more.
    #[error("{}", zh_en!("最近一次经会员见证的登记视图已是{}秒之前",
        "the newest witnessed view is {} s old", age.as_secs()))]
    TooOld { age: Duration },
    #[error("{}", zh_en!("警报：{_0}", "alarm: {_0}"))]
    Alarm(Alarm),
}

/// The log, held for reading; not to be held over an await.
pub struct VerifiedLog<'a>(pub(super) RwLockReadGuard<'a, State>);

impl VerifiedLog<'_> {
    /// The newest witnessed view, if it isn't older than `max_staleness`.
    pub fn fresh(&self, now: Time, max_staleness: Duration) -> Result<View, StaleError> {
        let alarms = || self.0.alarms.keys().copied().filter(|alarm| passes(*alarm) || ends_answers(*alarm));
        if let Some(alarm) = alarms().find(|alarm| ends_answers(*alarm)) {
            return Err(StaleError::Alarm(alarm));
        }
        if self.0.view.is_some_and(|view| view.since > now.plus_millis(CLOCK_LEEWAY_MILLIS)) {
            // By such a clock no view would ever be too old.
            return Err(StaleError::Alarm(Alarm::ClockBehind));
        }
        let age = |as_of: &View| now.as_millis().saturating_sub(as_of.since.as_millis());
        let age = self.0.view.as_ref().map(|as_of| Duration::from_millis(u64::try_from(age(as_of)).unwrap_or(0)));
        match (self.0.view, age) {
            (Some(as_of), Some(age)) if age <= max_staleness => Ok(as_of),
            (_, age) => Err(match (alarms().next(), age) {
                (Some(alarm), _) => StaleError::Alarm(alarm),
                _ if self.0.refused => StaleError::NotAMember,
                (None, Some(age)) => StaleError::TooOld { age },
                (None, None) => StaleError::NeverWitnessed,
            }),
        }
    }

    /// The standing of the one person who has `tags`, in a view, at an instant.
    pub fn standing(&self, tags: &[EpochTag], as_of: &View, at: Time) -> Result<Standing, StandingError> {
        self.0.replay.standing(tags, as_of.size, at)
    }

    /// The same, with what is to come and how long both stay so.
    pub fn outlook(&self, tags: &[EpochTag], as_of: &View, at: Time) -> Result<Outlook, StandingError> {
        self.0.replay.outlook(tags, as_of.size, at)
    }

    /// The roster in force in the newest witnessed view.
    pub fn roster(&self) -> Option<Arc<Roster>> {
        self.0.roster_at(self.0.view?.size).cloned()
    }

    /// The roster in force in the newest witnessed view, then those before it.
    pub fn rosters(&self) -> impl Iterator<Item = &Roster> {
        let size = self.0.view.map_or(0, |view| view.size);
        self.0.rosters_until(size)
    }

    /// The epochs under which its roster has people looked up.
    pub fn live_epochs(&self) -> Vec<Epoch> {
        self.roster().as_deref().into_iter().flat_map(live_epochs).map(|epoch| epoch.number).collect()
    }

    /// How many entries the newest witnessed view has, however old it is.
    pub fn witnessed(&self) -> Option<u64> {
        self.0.view.map(|view| view.size)
    }

    /// A record that counts and isn't erased.
    pub fn record(&self, id: RecordId) -> Option<&Record> {
        self.0.replay.records().get(id)
    }

    /// The records that count of the entries from `from` to before `to`, in order.
    pub fn records(&self, from: u64, to: u64) -> impl Iterator<Item = &Record> {
        self.0.ids(from, to).iter().filter_map(|id| self.record(*id))
    }

    /// The records of an entry that may move whoever has these tags.
    pub fn concerning(&self, index: u64, tags: &[EpochTag]) -> Vec<RecordId> {
        let concerns = |record: &&Record| {
            let moved = ever_joined_tags(self.all(), &self.all().tags_of(record));
            tags.iter().any(|tag| moved.contains(tag))
        };
        self.records(index, index.saturating_add(1)).filter(concerns).map(|record| record.id).collect()
    }

    /// All records, to look them up by tag and by what they are about.
    pub fn all(&self) -> &Records {
        self.0.replay.records()
    }

    /// The whole replay: members, policies, tree. It may be ahead of the witnessed view.
    pub fn replay(&self) -> &Replay {
        &self.0.replay
    }
}
