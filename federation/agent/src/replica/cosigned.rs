//! What this member's witness key cosigned last: a file of its own beside the replica, and on disk before the line leaves.
//!
//! It stays when a replica is set aside and followed anew, so a witness never cosigns two roots of one size, nor goes back.
//! The file is the note with the log's line and our own: against another root of its size it convicts the log. Implements
//! *Agents are witnesses* of `docs/formats.md` §8.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callboard_client::create_new;
use callboard_federation::{
    encoding::{Hash, Time},
    tlog::{
        checkpoint::SignedCheckpoint,
        cosignature::{cosign, newest_by},
        note::NoteSignature,
        view::HeldCosignature,
        vkey::VerifierKey,
    },
    zh_en,
};
use ed25519_dalek::SigningKey;

use crate::file_error::FileError;

pub const FILE: &str = "cosigned.note";

#[derive(Debug)]
pub struct LastCosignature {
    path: PathBuf,
    witness: VerifierKey,
    last: Option<(SignedCheckpoint, u64)>,
}

impl LastCosignature {
    /// Reads what `witness` cosigned last. A file that doesn't read is an error: without it nothing may be cosigned.
    pub fn open(directory: &Path, witness: VerifierKey) -> Result<Self, FileError> {
        let path = directory.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self { path, witness, last: None }),
            Err(source) => return Err(FileError::Io { what: path.display().to_string(), source }),
        };
        let read = || {
            let note: SignedCheckpoint = text.parse().ok()?;
            // Our own word, whatever the clock says by now: what we said ahead of it we said.
            let timestamp = newest_by(note.note(), &witness, Time::from_millis(i64::MAX)).ok()?;
            let timestamp = timestamp.or_else(|| newest_named(&note, &witness))?;
            Some((note, timestamp))
        };
        match read() {
            Some(last) => Ok(Self { path, witness, last: Some(last) }),
            None => Err(FileError::Unreadable(zh_en!(
                "{path} 无法读取，或者属于另一密钥：其中记载本单位最近一次会签，请用备份恢复；如此密钥从未会签，请将其移走",
                "{path} does not read, or is of another key: it keeps what this member cosigned last, so bring it back from a copy, or take it away if this key never cosigned",
                path = path.display()
            ))),
        }
    }

    pub fn note(&self) -> Option<&SignedCheckpoint> {
        self.last.as_ref().map(|(note, _)| note)
    }

    pub fn held(&self) -> Option<HeldCosignature> {
        self.last
            .as_ref()
            .map(|(note, timestamp)| HeldCosignature { size: note.checkpoint().size, timestamp: *timestamp })
    }

    /// Our lines under this very checkpoint that it doesn't have.
    pub fn lines_under(&self, note: &SignedCheckpoint) -> Vec<NoteSignature> {
        let same = self.note().filter(|last| last.note().text() == note.note().text());
        let ours = same.into_iter().flat_map(|last| last.note().signatures_naming(&self.witness));
        ours.filter(|line| !note.note().signatures().contains(line)).cloned().collect()
    }

    /// Cosigns a checkpoint that was verified, at `timestamp`; `root_of` gives the root that its tree has at a smaller
    /// size. `None` if it can't follow what was cosigned last. The line is given only once it is kept.
    pub fn cosign(
        &mut self,
        note: &SignedCheckpoint,
        key: &SigningKey,
        timestamp: u64,
        root_of: impl Fn(u64) -> Option<Hash>,
    ) -> Result<Option<NoteSignature>, FileError> {
        if let Some((last, at)) = &self.last {
            let last = last.checkpoint();
            let follows = last.size <= note.checkpoint().size && root_of(last.size) == Some(last.root);
            if !follows || root_of(note.checkpoint().size) != Some(note.checkpoint().root) || *at > timestamp {
                return Ok(None);
            }
        }
        let line = cosign(note.note().text(), self.witness.name().clone(), key, timestamp);
        let mut kept = note.clone();
        kept.add(line.clone());
        create_new::replace(&self.path, create_new::PRIVATE, kept.to_string().as_bytes())
            .map_err(FileError::io(self.path.display().to_string()))?;
        self.last = Some((kept, timestamp));
        Ok(Some(line))
    }
}

/// When this member cosigned last under another key, by a line of the file: new keys change nothing of what it said
/// before.
fn newest_named(note: &SignedCheckpoint, witness: &VerifierKey) -> Option<u64> {
    let lines = note.note().signatures().iter().filter(|line| line.name == *witness.name() && !line.names(witness));
    lines.filter_map(|line| line.signature.first_chunk().copied().map(u64::from_be_bytes)).max()
}
