//! What an agent knows after each line: the replay that everyone runs, and beside it what only an agent asks.

use std::{collections::BTreeMap, sync::Arc};

use callboard_api::agent::{
    answer::View,
    operating::{Alarm, AlarmState, UncountedDocket},
};
use callboard_client::parallel::{on_every_core, read_ahead};
use callboard_federation::{
    disclosure::{Disclosure, DisclosureError},
    encoding::{RecordId, Time},
    records::Place,
    replay::{LineEffect, LineError, ReadDocket, ReadLine, Replay},
    roster::Roster,
    statement::Act,
    tlog::vkey::VerifierKey,
    zh_en,
};

use super::status::alarm_of;

/// How many dockets that don't count are told of: the newest.
const UNCOUNTED: usize = 100;

/// Why a line isn't taken, and none after it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("{}", zh_en!("第{index}条：{source}", "entry {index}: {source}"))]
    Line { index: u64, source: DisclosureError },
    /// Its leaf doesn't bear it out.
    #[error(transparent)]
    Fault(#[from] LineError),
    #[error("{}", zh_en!("登记册不是以所信任的签署权限名单开始的", "the log does not begin with the pinned roster"))]
    Genesis,
    /// The log has to be followed with this replay from its beginning.
    #[error("{}", zh_en!("删除决定书要求从头重放登记册", "an erasure tells what is to be replayed from the beginning"))]
    BeginAgain(Box<Replay>),
}

impl ReadError {
    pub(super) const fn alarm(&self) -> Option<Alarm> {
        match self {
            Self::Line { .. } => Some(Alarm::RewrittenEntry),
            Self::Fault(fault) => Some(alarm_of(fault)),
            Self::Genesis => Some(Alarm::WrongGenesis),
            Self::BeginAgain(_) => None,
        }
    }
}

/// The log as far as it is followed, and what is said of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) replay: Replay,
    /// The records of dockets that count, in order, and for each entry where its own end.
    ids: Vec<RecordId>,
    ends: Vec<usize>,
    /// When each entry was logged.
    times: Vec<Time>,
    /// Each roster, and from which size on it is in force.
    rosters: Vec<(u64, Arc<Roster>)>,
    /// Statements that are erased by now, and may still stand in the file.
    pub(super) erased: Vec<Place>,
    pub(super) uncounted: Vec<UncountedDocket>,
    pub(super) view: Option<View>,
    pub(super) confirmed: u64,
    pub(super) alarms: BTreeMap<Alarm, AlarmState>,
    /// Whether the registry refused our key the last time.
    pub(super) refused: bool,
}

impl State {
    pub(super) fn new(replay: Replay) -> Self {
        Self {
            replay,
            ids: Vec::new(),
            ends: Vec::new(),
            times: Vec::new(),
            rosters: Vec::new(),
            erased: Vec::new(),
            uncounted: Vec::new(),
            view: None,
            confirmed: 0,
            alarms: BTreeMap::new(),
            refused: false,
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.replay.tree().size()
    }

    /// Whether there are entries that too few witnesses have seen.
    pub(super) fn is_unwitnessed(&self) -> bool {
        self.view.is_none_or(|view| view.size < self.size())
    }

    /// The roster in force among the entries before `size`.
    pub(super) fn roster_at(&self, size: u64) -> Option<&Arc<Roster>> {
        self.rosters.iter().rev().find(|(from, _)| *from <= size).map(|(_, roster)| roster)
    }

    /// The rosters among the entries before `size`, the newest first.
    pub(super) fn rosters_until(&self, size: u64) -> impl Iterator<Item = &Roster> {
        self.rosters.iter().rev().filter(move |(from, _)| *from <= size).map(|(_, roster)| &**roster)
    }

    /// Every key that the log had, by the rosters so far.
    pub(super) fn log_keys(&self) -> Vec<VerifierKey> {
        let keys: BTreeMap<String, VerifierKey> =
            self.rosters.iter().flat_map(|(_, roster)| &roster.log).map(|key| (key.to_string(), key.clone())).collect();
        keys.into_values().collect()
    }

    pub(super) fn logged_at(&self, index: u64) -> Option<Time> {
        self.times.get(usize::try_from(index).ok()?).copied()
    }

    /// The records of the entries from `from` to before `to`.
    pub(super) fn ids(&self, from: u64, to: u64) -> &[RecordId] {
        let end = |size: u64| {
            let last = usize::try_from(size).unwrap_or(usize::MAX).min(self.ends.len()).checked_sub(1);
            last.and_then(|last| self.ends.get(last)).copied().unwrap_or(0)
        };
        self.ids.get(end(from)..end(to)).unwrap_or_default()
    }

    pub(super) fn follow(&mut self, read: ReadLine<'_>) -> Result<(), ReadError> {
        let index = read.line().index;
        let mut ids = Vec::new();
        let mut erased = Vec::new();
        for statement in read.docket().into_iter().flat_map(ReadDocket::statements).flatten() {
            if let Act::Erasure { about, .. } = &statement.act {
                erased.extend(about.iter().flat_map(|id| self.replay.disclosed_at(*id)));
            }
        }
        ids.extend(read.docket().into_iter().flat_map(|read| &read.docket().items).map(|item| item.record));
        match self.replay.follow_read(read)? {
            LineEffect::BeginAgain(again) => return Err(ReadError::BeginAgain(again)),
            LineEffect::NotCounted(_) if index == 0 => {
                self.replay = self.replay.again([]);
                return Err(ReadError::Genesis);
            }
            LineEffect::NotCounted(refusal) => {
                let breaks = refusal.code();
                tracing::warn!(entry = index, rule = breaks, "a logged docket does not count");
                self.uncounted.push(UncountedDocket { index, breaks: breaks.into() });
                if self.uncounted.len() > UNCOUNTED {
                    self.uncounted.remove(0);
                }
            }
            LineEffect::Anchors => {}
            LineEffect::Counted => {
                self.ids.extend(ids);
                self.erased.extend(erased);
            }
        }
        self.ends.push(self.ids.len());
        self.times.extend(self.replay.logged_at());
        if self.replay.documents().rosters.len() > self.rosters.len() {
            self.rosters.extend(self.replay.roster().map(|roster| (index + 1, Arc::new(roster.clone()))));
        }
        Ok(())
    }

    /// Raises an alarm; one that is raised already keeps its time.
    pub(super) fn raise(&mut self, alarm: Alarm, now: Time, detail: &str) {
        let since = self.alarms.get(&alarm).map_or(now, |raised| raised.since);
        if self.alarms.insert(alarm, AlarmState { alarm, since, detail: detail.to_owned() }).is_none() {
            tracing::error!(alarm = alarm.as_str(), detail, "alarm");
        }
    }

    /// Takes over what isn't the log's own: what is said of it.
    pub(super) fn heir_of(&mut self, before: &mut Self) {
        self.alarms = std::mem::take(&mut before.alarms);
        self.refused = before.refused;
        self.confirmed = before.confirmed;
        self.view = before.view.filter(|view| view.size <= self.size());
    }
}

/// Reads lines on every core, the first of which has index `from`, and hands each to `follow` in order.
pub(super) fn follow_lines(
    from: u64,
    lines: &[Vec<u8>],
    mut follow: impl FnMut(ReadLine<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut read = Vec::with_capacity(lines.len());
    let mut malformed = None;
    for (index, line) in (from..).zip(on_every_core(lines, |line| Disclosure::from_json(line))) {
        match line {
            Ok(line) => read.push(line),
            Err(source) => {
                malformed = Some(ReadError::Line { index, source });
                break;
            }
        }
    }
    read_ahead(&read, &mut follow)?;
    malformed.map_or(Ok(()), Err)
}
