//! What a log held since when: the events of a case are judged by what held when they were taken (`docs/formats.md`
//! §15), not by what is in force now.

use std::collections::HashMap;

use crate::{
    encoding::{Hash, Time},
    members::Members,
    roster::Roster,
};

/// What was logged, and when.
#[derive(Debug, Default)]
pub struct History {
    /// Every roster, in order, each with its `loggedAt`.
    pub rosters: Vec<(Time, Roster)>,
    /// Every list of members, the same way.
    pub members: Vec<(Time, Members)>,
    /// Every policy by the SHA-256 of its document, the same way.
    pub policies: Vec<(Time, Hash)>,
    /// `loggedAt` of each entry.
    pub logged_at: Vec<Time>,
    /// The dockets that count, by the SHA-256 of their payload.
    pub dockets: HashMap<Hash, Logged>,
}

/// A docket that counts.
#[derive(Debug, Clone)]
pub struct Logged {
    /// The index of its entry.
    pub index: u64,
    /// Its `loggedAt`.
    pub at: Time,
    /// What its statements name as their procedure, each once, in order.
    pub procedures: Box<[Hash]>,
    /// Whether each of its statements was disclosed.
    pub is_whole: bool,
}

impl Logged {
    /// Whether a statement of it names this procedure, as far as can be seen: one that is erased may have.
    pub fn may_name(&self, procedure: &Hash) -> bool {
        !self.is_whole || self.procedures.contains(procedure)
    }
}
