//! The agent as a witness: what it cosigned last, kept so that it never signs two roots for one size.
//!
//! That stands in a file of its own, `cosigned`, a note with our line under it: a replica that is set aside and followed
//! anew knows it still. It is on the disk before the line leaves the machine.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use callboard_client::key_file::MemberKey;
use callboard_federation::{
    encoding::Time,
    tlog::{TlogError, checkpoint::SignedCheckpoint, cosignature},
};

/// The newest is cosigned again as often (formats §8), in milliseconds; a little more often, since a poll comes in between.
const AGAIN_MILLIS: i64 = 45_000;

/// What was cosigned last.
#[derive(Debug)]
pub(super) struct Cosigned {
    path: PathBuf,
    last: Option<(SignedCheckpoint, u64)>,
}

/// Why it isn't known what was cosigned, so that nothing can be.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The file can't be read or written.
    #[error("{path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It isn't a note that this member cosigned.
    #[error("{path} is no note of this member's: it keeps what was cosigned, and is not to be thrown away", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: TlogError,
    },
}

impl Cosigned {
    /// Reads the file.
    pub(super) fn open(path: PathBuf, key: &MemberKey) -> Result<Self, WitnessError> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Self { path, last: None }),
            Err(source) => return Err(WitnessError::Io { path, source }),
        };
        let read = || {
            let note: SignedCheckpoint = text.parse()?;
            let timestamp = cosignature::newest_by(note.note(), &key.witness())?.ok_or(TlogError::Signature)?;
            Ok((note, timestamp))
        };
        match read() {
            Ok(last) => Ok(Self { path, last: Some(last) }),
            Err(source) => Err(WitnessError::Malformed { path, source }),
        }
    }

    /// The note that was cosigned last, and when, in seconds since 1970.
    pub(super) fn last(&self) -> Option<(&SignedCheckpoint, u64)> {
        self.last.as_ref().map(|(note, timestamp)| (note, *timestamp))
    }

    /// Cosigns a checkpoint that was judged, unless that was done within the last minute; the note with our line, kept.
    ///
    /// Whoever calls it has held the checkpoint against [`Self::last`]; what can't follow it isn't signed in any case.
    pub(super) fn cosign(
        &mut self,
        note: &SignedCheckpoint,
        key: &MemberKey,
        now: Time,
    ) -> Result<Option<SignedCheckpoint>, WitnessError> {
        let stated = note.checkpoint();
        let seconds = u64::try_from(now.as_seconds()).unwrap_or_default();
        if let Some((last, timestamp)) = &self.last {
            let (before, at) = (last.checkpoint(), timestamp.saturating_mul(1000));
            let age = now.as_millis().saturating_sub(i64::try_from(at).unwrap_or(i64::MAX));
            let is_same = before.size == stated.size;
            let conflicts = before.size > stated.size || (is_same && before.root != stated.root);
            if conflicts || (is_same && age < AGAIN_MILLIS) {
                return Ok(None);
            }
        }
        let mut cosigned = note.clone();
        let line = cosignature::cosign(note.note().text(), key.witness().name().clone(), key.witness_key(), seconds);
        cosigned.add(line);
        keep(&self.path, cosigned.to_string().as_bytes())
            .map_err(|source| WitnessError::Io { path: self.path.clone(), source })?;
        self.last = Some((cosigned.clone(), seconds));
        Ok(Some(cosigned))
    }
}

/// Puts a file in the place of another, whole, down to the disk.
fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = path.with_extension("next");
    let mut file = fs::File::create(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&next, path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(directory)?.sync_all()
}
