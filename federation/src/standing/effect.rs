//! What of a record has effect, holds, is void, at a log size and an instant; and the phase of a measure.
//!
//! Every comparison of the instant with a time of a record goes through [`AsOf::is_past`], which notes it: from what
//! was compared follows how long the answer stays the same ([`Span`]).

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::Action;
use crate::{
    encoding::Time,
    language::Phrase,
    policy::{OnTermEnd, Policy},
    records::{Record, Records},
    statement::{Kind, Measure},
};

/// Where a measure stands in its life; the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MeasurePhase))]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// An interim that a ruling followed.
    Superseded,
    /// Its term is over, and with it the measure.
    Ended,
    /// Reinstated under watch.
    Probation,
    /// Reinstated.
    Lifted,
    /// Paused.
    Stayed,
    /// Its term is over; it waits for a reinstatement.
    AwaitingReinstatement,
    /// It holds.
    InForce,
}

impl Phase {
    /// What people call it.
    pub const fn words(self) -> Phrase {
        match self {
            Self::Superseded => Phrase::new("已由决定取代", "superseded"),
            Self::Ended => Phrase::new("期满", "ended"),
            Self::Probation => Phrase::new("观察期内", "probation"),
            Self::Lifted => Phrase::new("已复出", "lifted"),
            Self::Stayed => Phrase::new("暂缓执行中", "stayed"),
            Self::AwaitingReinstatement => Phrase::new("期限已满，尚未复出", "awaiting-reinstatement"),
            Self::InForce => Phrase::new("在效", "in-force"),
        }
    }

    /// The word that stands in JSON and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Ended => "ended",
            Self::Probation => "probation",
            Self::Lifted => "lifted",
            Self::Stayed => "stayed",
            Self::AwaitingReinstatement => "awaiting-reinstatement",
            Self::InForce => "in-force",
        }
    }

    /// What a member does in this phase, where in force it does `full`; nothing, where nothing of the measure is left.
    pub const fn asks(self, full: Action) -> Option<Action> {
        match self {
            Self::Superseded | Self::Ended | Self::Lifted => None,
            Self::Probation | Self::Stayed => Some(full.eased()),
            Self::AwaitingReinstatement | Self::InForce => Some(full),
        }
    }

    /// Whether nothing of the measure is left.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Superseded | Self::Ended | Self::Lifted)
    }
}

/// How long an answer stays the same if nothing is logged: from `since` on, until just before `until`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// From when; `None`: it always was.
    pub since: Option<Time>,
    /// When it may be another; `None`: time alone changes nothing any more.
    pub until: Option<Time>,
}

impl Span {
    /// Whether the answer holds at an instant.
    pub fn holds(self, at: Time) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }

    /// How long both this and another answer stay the same.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let until = [self.until, other.until].into_iter().flatten().min();
        Self { since: self.since.max(other.since), until }
    }

    /// The span of the answer at `at` that turns at `turn`, before or after.
    #[must_use]
    pub fn turning(self, turn: Time, at: Time) -> Self {
        let (since, until) = if turn <= at { (Some(turn), None) } else { (None, Some(turn)) };
        self.and(Self { since, until })
    }
}

/// The records before a log size, seen at an instant.
#[derive(Debug, Clone)]
pub struct AsOf<'a> {
    records: &'a Records,
    size: u64,
    at: Time,
    span: Cell<Span>,
}

impl<'a> AsOf<'a> {
    /// Only entries below `size` count, at the instant `at`.
    pub const fn new(records: &'a Records, size: u64, at: Time) -> Self {
        Self { records, size, at, span: Cell::new(Span { since: None, until: None }) }
    }

    /// The records.
    pub const fn records(&self) -> &'a Records {
        self.records
    }

    /// The size.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The instant.
    pub const fn at(&self) -> Time {
        self.at
    }

    /// How long all that was asked of this so far stays the same.
    pub fn span(&self) -> Span {
        self.span.get()
    }

    /// Whether a time is past, or now.
    fn is_past(&self, time: Time) -> bool {
        self.span.set(self.span.get().turning(time, self.at));
        time <= self.at
    }

    /// Whether the record counts at this size.
    pub(super) const fn counts(&self, record: &Record) -> bool {
        record.place.index < self.size
    }

    /// Whether the record has begun.
    pub(super) fn has_begun(&self, record: &Record) -> bool {
        self.is_past(record.starts)
    }

    /// The records about `record` that count at this size.
    fn naming(&self, record: &Record, kind: Kind) -> impl Iterator<Item = &'a Record> {
        let size = self.size;
        self.records.about(record.id).filter(move |other| other.kind == kind && other.place.index < size)
    }

    /// Whether an annulment or an erasure names the record.
    pub fn is_void(&self, record: &Record) -> bool {
        self.naming(record, Kind::Annulment).chain(self.naming(record, Kind::Erasure)).next().is_some()
    }

    /// Whether the record counts, isn't void, and has begun.
    pub fn has_effect(&self, record: &Record) -> bool {
        self.counts(record) && !self.is_void(record) && self.has_begun(record)
    }

    /// Whether a stay, reinstatement, dispute or link has effect and no `end` of it has.
    pub fn holds(&self, record: &Record) -> bool {
        self.has_effect(record) && !self.naming(record, Kind::End).any(|end| self.has_effect(end))
    }

    /// Whether a dispute of the record holds.
    pub fn is_disputed(&self, record: &Record) -> bool {
        self.naming(record, Kind::Dispute).any(|dispute| self.holds(dispute))
    }

    /// The reinstatement that decides: the latest in the log of those that hold.
    pub fn reinstatement(&self, record: &Record) -> Option<&'a Record> {
        self.naming(record, Kind::Reinstatement).filter(|other| self.holds(other)).max_by_key(|other| other.place)
    }

    /// The phase of a ruling's or interim's measure; the first that fits (formats §10.4).
    pub fn phase(&self, record: &Record, measure: &Measure, policy: &Policy) -> Phase {
        let is_interim = record.kind == Kind::Interim;
        // Void or not: an annulment on appeal never brings an interim back.
        if is_interim && self.naming(record, Kind::Ruling).any(|ruling| self.has_begun(ruling)) {
            return Phase::Superseded;
        }
        let is_over = measure.until.is_some_and(|until| self.is_past(until));
        let expires = policy.measures.get(&measure.kind).is_some_and(|rule| rule.on_term_end == OnTermEnd::Expires);
        if is_over && (is_interim || expires) {
            return Phase::Ended;
        }
        if let Some(reinstatement) = self.reinstatement(record) {
            let watched = reinstatement.until.is_some_and(|until| !self.is_past(until));
            return if watched { Phase::Probation } else { Phase::Lifted };
        }
        let pauses = |stay: &Record| self.holds(stay) && stay.until.is_none_or(|until| !self.is_past(until));
        if self.naming(record, Kind::Stay).any(pauses) {
            return Phase::Stayed;
        }
        if is_over { Phase::AwaitingReinstatement } else { Phase::InForce }
    }
}
