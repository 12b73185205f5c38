//! What of a record has effect, holds, is void, at a log size and an instant; and the phase of a measure.

use serde::{Deserialize, Serialize};

use crate::{
    encoding::Time,
    policy::{OnTermEnd, Policy},
    records::{Record, Records},
    statement::{Kind, Measure},
};

/// Where a measure stands in its life; the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Whether nothing of the measure is left.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Superseded | Self::Ended | Self::Lifted)
    }
}

/// The records before a log size, seen at an instant.
#[derive(Debug, Clone, Copy)]
pub struct AsOf<'a> {
    /// The records.
    pub records: &'a Records,
    /// Only entries below this index count.
    pub size: u64,
    /// The instant.
    pub at: Time,
}

impl<'a> AsOf<'a> {
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
        record.place.index < self.size && record.starts <= self.at && !self.is_void(record)
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
        if is_interim && self.naming(record, Kind::Ruling).any(|ruling| ruling.starts <= self.at) {
            return Phase::Superseded;
        }
        let is_over = measure.until.is_some_and(|until| until <= self.at);
        let expires = policy.measures.get(&measure.kind).is_some_and(|rule| rule.on_term_end == OnTermEnd::Expires);
        if is_over && (is_interim || expires) {
            return Phase::Ended;
        }
        if let Some(reinstatement) = self.reinstatement(record) {
            let watched = reinstatement.until.is_some_and(|until| until > self.at);
            return if watched { Phase::Probation } else { Phase::Lifted };
        }
        let pauses = |stay: &Record| self.holds(stay) && stay.until.is_none_or(|until| until > self.at);
        if self.naming(record, Kind::Stay).any(pauses) {
            return Phase::Stayed;
        }
        if is_over { Phase::AwaitingReinstatement } else { Phase::InForce }
    }
}
