//! The last note that the log signed, kept outside the store: what tells a store that was set back from one that is
//! whole.
//!
//! A note is kept before anyone sees it. It lies where a restored database doesn't bring its own along: a file now, an
//! object store later. What a start makes of it is [`super::Ledger::open`]'s.

use std::{
    fs, io,
    path::{Path, PathBuf},
    pin::Pin,
};

use callboard_client::create_new;
use callboard_federation::{tlog::checkpoint::SignedCheckpoint, zh_en};

#[derive(Debug, thiserror::Error)]
pub enum SignedNotesError {
    #[error("{}", zh_en!("{place}（登记册最近签署的检查点）无法写入或读取",
        "{place}, the last note that the log signed, can't be written or read"))]
    Io { place: String, source: io::Error },
    #[error("{}", zh_en!("{place} 不是检查点", "{place} is not the note of a checkpoint"))]
    Malformed { place: String },
}

/// What keeping a note comes to, once it is on disk.
pub type NoteWrite<'a> = Pin<Box<dyn Future<Output = Result<(), SignedNotesError>> + Send + 'a>>;

/// Where signed notes are kept. A test puts one in its place that fails.
pub trait SignedNotes: Send + Sync + 'static {
    fn newest(&self) -> Result<Option<SignedCheckpoint>, SignedNotesError>;
    /// A note that we signed and the store didn't bear out, if one was shown ([`SignedNotes::keep_contradiction`]).
    fn contradiction(&self) -> Result<Option<SignedCheckpoint>, SignedNotesError>;
    /// Keeps a note, durably, in the place of the one before.
    fn keep<'a>(&'a self, note: &'a SignedCheckpoint) -> NoteWrite<'a>;
    /// Keeps a note that the store doesn't bear out, beside the last.
    fn keep_contradiction<'a>(&'a self, note: &'a SignedCheckpoint) -> NoteWrite<'a>;
    /// Where the last note lies, for whoever is told about it.
    fn place(&self) -> String;
}

/// A C2SP note, `signed.note` in the registry's data directory; `signed-contradiction.note` beside it.
#[derive(Debug, Clone)]
pub struct NoteFile(PathBuf);

impl NoteFile {
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn contradiction_path(&self) -> PathBuf {
        let stem = self.0.file_stem().unwrap_or_default().to_string_lossy();
        self.0.with_file_name(format!("{stem}-contradiction.note"))
    }
}

impl SignedNotes for NoteFile {
    fn newest(&self) -> Result<Option<SignedCheckpoint>, SignedNotesError> {
        read(&self.0)
    }

    fn contradiction(&self) -> Result<Option<SignedCheckpoint>, SignedNotesError> {
        read(&self.contradiction_path())
    }

    fn keep<'a>(&'a self, note: &'a SignedCheckpoint) -> NoteWrite<'a> {
        Box::pin(write(self.0.clone(), note.to_string()))
    }

    fn keep_contradiction<'a>(&'a self, note: &'a SignedCheckpoint) -> NoteWrite<'a> {
        Box::pin(write(self.contradiction_path(), note.to_string()))
    }

    fn place(&self) -> String {
        self.0.display().to_string()
    }
}

fn read(path: &Path) -> Result<Option<SignedCheckpoint>, SignedNotesError> {
    let place = || path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => text.parse().map(Some).map_err(|_| SignedNotesError::Malformed { place: place() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SignedNotesError::Io { place: place(), source }),
    }
}

/// Puts the text in the file's place, whole or not at all, and on disk.
async fn write(path: PathBuf, text: String) -> Result<(), SignedNotesError> {
    let place = path.display().to_string();
    let written = tokio::task::spawn_blocking(move || create_new::replace(&path, create_new::PRIVATE, text.as_bytes()));
    let written = written.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
    written.map_err(|source| SignedNotesError::Io { place, source })
}
