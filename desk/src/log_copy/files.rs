//! The files of a copy: `feed.ndjson` and `checkpoint`, laid out as an export has them, so that every reader of exports
//! reads a copy; `lock`, held by the one desk that keeps it; and what is kept of a log that does wrong.
//!
//! Lines are added before the checkpoint that speaks for them: what stands behind it was never seen by enough, and is cut
//! off where the copy is opened.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use callboard_client::{create_new, evidence};
use callboard_federation::{
    disclosure::Disclosure, docket::Docket, encoding::RecordId, evidence::Evidence, root_report::RootReport,
    tlog::checkpoint::SignedCheckpoint, zh_en,
};

use crate::Error;

const FEED: &str = "feed.ndjson";
const CHECKPOINT: &str = "checkpoint";
const LOCK: &str = "lock";
/// The word of the error that another desk keeps the copy.
pub(super) const KEPT_ELSEWHERE: &str = "log-kept-elsewhere";

#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
    _lock: File,
    /// The bytes of the feed that the checkpoint speaks for, and those that are written.
    confirmed: u64,
    written: u64,
}

impl Files {
    /// Opens a copy, or makes an empty one.
    ///
    /// # Errors
    /// Another desk keeps it, or it can't be written.
    pub(super) fn open(directory: &Path) -> Result<Self, Error> {
        fs::create_dir_all(directory).map_err(Error::io(directory))?;
        let path = directory.join(LOCK);
        let lock = File::create(&path).map_err(Error::io(&path))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::other(KEPT_ELSEWHERE, || {
                zh_en!(
                    "另一个已打开的工作台正在使用这份登记册副本",
                    "another desk that is open keeps this copy of the log"
                )
            }),
            TryLockError::Error(source) => Error::Io { path, source },
        })?;
        Ok(Self { directory: directory.to_owned(), _lock: lock, confirmed: 0, written: 0 })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The newest note that enough have cosigned over the lines; nothing where it is none.
    pub(super) fn note(&self) -> Option<SignedCheckpoint> {
        fs::read_to_string(self.directory.join(CHECKPOINT)).ok()?.parse().ok()
    }

    /// The lines that are there, in order, each with the byte behind it; a line that isn't whole ends them.
    pub(super) fn lines(&self) -> Result<impl Iterator<Item = io::Result<(Vec<u8>, u64)>>, Error> {
        let path = self.directory.join(FEED);
        let feed = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(Error::io(&path))?;
        let (mut feed, mut behind) = (BufReader::new(feed), 0);
        Ok(std::iter::from_fn(move || {
            let mut line = Vec::new();
            match feed.read_until(b'\n', &mut line) {
                Err(error) => Some(Err(error)),
                Ok(bytes) if line.pop_if(|last| *last == b'\n').is_some() => {
                    behind += bytes as u64;
                    Some(Ok((line, behind)))
                }
                Ok(_) => None,
            }
        }))
    }

    /// Leaves as many bytes of the feed as hold: those that a checkpoint speaks for.
    pub(super) fn keep(&mut self, bytes: u64) -> Result<(), Error> {
        let path = self.directory.join(FEED);
        let feed = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(Error::io(&path))?;
        feed.set_len(bytes).map_err(Error::io(&path))?;
        (self.confirmed, self.written) = (bytes, bytes);
        Ok(())
    }

    /// Takes away the lines that no checkpoint speaks for.
    pub(super) fn fall_back(&mut self) -> Result<(), Error> {
        self.keep(self.confirmed)
    }

    /// Whether there are such lines.
    pub(super) const fn is_ahead(&self) -> bool {
        self.written > self.confirmed
    }

    pub(super) fn append(&mut self, lines: &[Vec<u8>]) -> Result<(), Error> {
        let path = self.directory.join(FEED);
        let bytes: Vec<u8> = lines.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect();
        let feed = OpenOptions::new().append(true).create(true).open(&path);
        feed.and_then(|mut feed| feed.write_all(&bytes)).map_err(Error::io(&path))?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Puts a checkpoint over all lines, down to the disk.
    pub(super) fn confirm(&mut self, note: &SignedCheckpoint) -> Result<(), Error> {
        let path = self.directory.join(FEED);
        let feed = OpenOptions::new().append(true).create(true).open(&path);
        feed.and_then(|feed| feed.sync_all()).map_err(Error::io(&path))?;
        let path = self.directory.join(CHECKPOINT);
        create_new::replace(&path, create_new::PRIVATE, note.to_string().as_bytes()).map_err(Error::io(&path))?;
        self.confirmed = self.written;
        Ok(())
    }

    /// Takes the statements of erased records out of the feed, each by the index of its entry.
    pub(super) fn clear(&mut self, erased: &BTreeMap<u64, Vec<RecordId>>) -> Result<(), Error> {
        let (path, new) = (self.directory.join(FEED), self.directory.join("feed.ndjson.new"));
        let read = Error::io(&path);
        let mut written = 0;
        let mut write = || {
            let mut out = BufWriter::new(File::create(&new)?);
            for (index, line) in (0..).zip(self.lines().map_err(io::Error::other)?) {
                let (line, _) = line?;
                let line = erased.get(&index).and_then(|records| cleared(&line, records)).unwrap_or(line);
                out.write_all(&line)?;
                out.write_all(b"\n")?;
                written += line.len() as u64 + 1;
            }
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(read)?;
        (self.confirmed, self.written) = (written, written);
        Ok(())
    }

    /// Keeps a file that convicts the log; its name.
    pub(super) fn convict(&self, evidence: &Evidence) -> Result<String, Error> {
        evidence::write(&self.directory, evidence).map_err(Error::io(&self.directory))?;
        Ok(evidence.file_name())
    }

    /// Keeps a report of a root that the lines don't give; its name.
    pub(super) fn report(&self, report: &RootReport) -> Result<String, Error> {
        evidence::report(&self.directory, report).map_err(Error::io(&self.directory))?;
        Ok(report.file_name())
    }

    /// A file that convicts the log, by its name.
    pub(super) fn convicting(&self) -> Option<String> {
        evidence::kept(&self.directory).into_iter().find(|name| name.starts_with("evidence-"))
    }
}

/// A line without the statements of these records.
fn cleared(line: &[u8], records: &[RecordId]) -> Option<Vec<u8>> {
    let mut line = Disclosure::from_json(line).ok()?;
    let docket = Docket::from_json(&line.docket.as_ref()?.envelope.payload.0).ok()?;
    for (position, _) in (0..).zip(&docket.items).filter(|(_, item)| records.contains(&item.record)) {
        line.erase(position);
    }
    Some(line.to_json())
}
