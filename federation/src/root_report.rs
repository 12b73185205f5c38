//! A root that the log signed, and that the leaves which it shows don't give: what an auditor or agent keeps of it.
//!
//! It is a report, no proof: the leaves are what was shown to whoever writes it, and nobody signed that they were. What
//! convicts a log is [`crate::evidence`]. Implements *Report of a root* of `docs/formats.md` §8.

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{Base64, Hash},
    tlog::checkpoint::SignedCheckpoint,
};

/// The report. [`crate::encoding::to_json`] prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootReport {
    v: u8,
    fault: Fault,
    note: SignedCheckpoint,
    #[serde(skip_serializing_if = "Option::is_none")]
    derived: Option<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<SignedCheckpoint>,
    from: u64,
    entries: Vec<Base64>,
}

/// The one fault that it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Fault {
    Root,
}

impl RootReport {
    /// With what the name of its file begins.
    pub const FILE: &str = "report-root-";

    /// Of a note, the root that the leaves give at its size (none, if fewer were shown), the newest note that they did
    /// bear out, and the leaves from an index on.
    pub fn new(
        note: SignedCheckpoint,
        derived: Option<Hash>,
        before: Option<SignedCheckpoint>,
        from: u64,
        entries: Vec<Vec<u8>>,
    ) -> Self {
        let entries = entries.into_iter().map(Base64).collect();
        Self { v: 1, fault: Fault::Root, note, derived, before, from, entries }
    }

    /// `report-root-SIZE-ROOT.json`, of the note.
    pub fn file_name(&self) -> String {
        let stated = self.note.checkpoint();
        let root: String = stated.root.to_string().chars().take(16).collect();
        format!("{}{}-{root}.json", Self::FILE, stated.size)
    }
}
