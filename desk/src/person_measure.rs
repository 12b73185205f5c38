//! Measures that stand for a person, as whoever drafts or signs is told of them, and what a docket leaves of them. Pure: who
//! asks for them is [`super::measures`].

use std::collections::{HashMap, HashSet};

use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    policy::Policy,
    records::Place,
    standing::{Action, Phase},
    statement::{Act, Kind, Measure, Statement},
};

use super::verified_log::Reach;

#[derive(Debug, Clone, PartialEq)]
pub struct PersonMeasure {
    pub record: RecordId,
    pub place: Place,
    pub starts: Time,
    pub measure: Measure,
    pub phase: Phase,
    pub is_to_come: bool,
    pub action: Action,
    pub policy: Hash,
    /// Whether the log at hand has it and the registry's answer doesn't: it was reversed since, or is hidden.
    pub is_unanswered: bool,
}

/// Policies by the hash of their document, as far as they were fetched and proven.
pub type Policies = HashMap<Hash, Policy>;

/// What stands for the person of a statement.
#[derive(Debug, Clone, Default)]
pub struct PersonMeasures {
    /// In the order of the log.
    pub listed: Vec<PersonMeasure>,
    /// The other statements of the same docket that are of this person, by their places.
    pub also: Vec<usize>,
    /// Up to where nothing is left out, by the log at hand; without one, that is the registry's word.
    pub reach: Option<Reach>,
}

/// What a docket takes back: the records that its statements annul, lift, pause or erase.
#[derive(Debug, Default)]
pub struct DocketReversals {
    gone: HashSet<RecordId>,
    eased: HashSet<RecordId>,
}

impl DocketReversals {
    pub fn by(statements: &[Statement]) -> Self {
        let mut taken = Self::default();
        for statement in statements {
            match &statement.act {
                Act::Annulment { about, .. }
                | Act::Erasure { about, .. }
                | Act::Reinstatement { about, probation: None, .. } => {
                    taken.gone.extend(about);
                }
                Act::Stay { about, .. } | Act::Reinstatement { about, .. } => taken.eased.extend(about),
                // A ruling takes the place of the interims that it follows.
                Act::Ruling { about, .. } => taken.gone.extend(about),
                _ => {}
            }
        }
        taken
    }

    pub fn names(&self, record: RecordId) -> bool {
        self.gone.contains(&record) || self.eased.contains(&record)
    }

    /// What is left of what stood, none of which the docket names.
    pub fn left<'l>(&self, listed: &'l [PersonMeasure]) -> Vec<&'l PersonMeasure> {
        listed.iter().filter(|listed| !self.names(listed.record)).collect()
    }
}

/// Whether a statement of this kind takes something back, so that what is left is to be told.
pub(crate) const fn takes_back(kind: Kind) -> bool {
    matches!(kind, Kind::Annulment | Kind::Stay | Kind::Reinstatement | Kind::Erasure)
}

/// The strictest of what members do because of these.
pub(crate) fn strictest<'l>(listed: impl IntoIterator<Item = &'l PersonMeasure>) -> Action {
    listed.into_iter().map(|listed| listed.action).max().unwrap_or(Action::Allow)
}
