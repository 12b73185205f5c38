//! The desk's own copy of the log: followed from the registry's feed, verified from the pinned genesis as everyone does, and
//! kept in the home. What lies in it a registry can't hide from whoever signs, and what it shows otherwise later is told.
//!
//! [`replayed`] follows lines, [`files`] keeps them, [`alarm`] says what a registry did wrong. Whoever reads the copy has a
//! [`VerifiedLog`]. Rules are `callboard_federation::replay`'s; witnesses, who cosign what they follow, are members' agents.
//! Implements, for desks, `docs/formats.md` §5 and §8.

pub mod alarm;
mod files;
mod in_home;
mod replayed;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use callboard_api::registry::records::{FeedFrom, READ_FEED};
use callboard_client::{
    evidence::MOST_ENTRIES,
    feed::{Feed, FeedError, Limits},
};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::{RecordId, Time},
    evidence::Evidence,
    root_report::RootReport,
    tlog::{
        checkpoint::SignedCheckpoint,
        merkle::{Tree, leaf_hash},
        view::Watchers,
    },
    zh_en,
};
use rand_core::CryptoRng;

pub use self::in_home::DIRECTORY;
use self::{
    alarm::LogAlarm,
    files::Files,
    replayed::{Replayed, Untaken},
};
use crate::{
    Error,
    registry::Registry,
    verified_log::{Reach, VerifiedLog},
};

/// How long the registry may hold an answer back for the witnesses of what is new.
const FOR_WITNESSES: Duration = Duration::from_secs(5);

/// What a look at the registry came to.
pub enum Look {
    /// The copy is what the registry shows, as far as enough witnesses have seen it.
    UpToDate(VerifiedLog),
    /// The registry shows something that no honest one does.
    Alarm(LogAlarm),
}

pub struct LogCopy {
    files: Files,
    replayed: Option<Replayed>,
    /// The newest note that was found to be of this log, and how far enough witnesses have seen it.
    note: Option<SignedCheckpoint>,
    reach: Option<Reach>,
    /// What was erased and is gone from the files.
    cleared: BTreeMap<u64, Vec<RecordId>>,
    /// How many entries are verified, for whoever watches.
    verified: Arc<AtomicU64>,
}

/// What becomes of a note.
enum Judged {
    Holds,
    Alarm(LogAlarm),
    /// The lines don't give its root.
    AnotherRoot,
}

impl LogCopy {
    /// The copy in a directory, which is made where there is none; `verified` is told how many entries are.
    ///
    /// # Errors
    /// Another desk keeps it, or the directory can't be written.
    pub fn open(directory: &Path, verified: Arc<AtomicU64>) -> Result<Self, Error> {
        let files = Files::open(directory)?;
        Ok(Self { files, replayed: None, note: None, reach: None, cleared: BTreeMap::new(), verified })
    }

    /// Brings it up to date.
    ///
    /// # Errors
    /// The registry doesn't answer or refuses, too few witnesses have seen any of it, or nothing can be written.
    pub async fn look(&mut self, registry: &Registry<'_>, rng: &mut impl CryptoRng) -> Result<Look, Error> {
        if let Some(file) = self.files.convicting() {
            return Ok(Look::Alarm(LogAlarm::Forked { file }));
        }
        if self.replayed.is_none() {
            self.load(registry).await?;
        }
        let looked = self.follow(registry, rng).await;
        if !matches!(looked, Ok(Look::UpToDate(_))) && self.files.is_ahead() {
            // What nobody vouches for isn't kept: next time it is asked for again.
            self.files.fall_back()?;
            self.replayed = None;
        }
        looked
    }

    async fn follow(&mut self, registry: &Registry<'_>, rng: &mut impl CryptoRng) -> Result<Look, Error> {
        let mut wait = Duration::ZERO;
        loop {
            let from = self.size();
            let mut feed = ask(registry, from, wait, rng).await?;
            let note = loop {
                let (lines, note) = feed.part().await.map_err(unread)?;
                match self.take(lines).await? {
                    None => {}
                    Some(Untaken::Again(again)) => {
                        self.begin_again(Replayed::again(*again), registry).await?;
                        break None;
                    }
                    Some(Untaken::Wrong(alarm)) => return Ok(Look::Alarm(alarm)),
                }
                if note.is_some() {
                    break note;
                }
            };
            let Some(note) = note else { continue };
            let size = self.size();
            if note.checkpoint().size > size {
                if size == from {
                    return Ok(Look::Alarm(LogAlarm::Withheld { index: from }));
                }
                continue;
            }
            match self.judge(&note, from, registry) {
                Judged::Holds => {}
                Judged::Alarm(alarm) => return Ok(Look::Alarm(alarm)),
                Judged::AnotherRoot => return self.investigate(&note, registry, rng).await.map(Look::Alarm),
            }
            if self.is_seen(&note, registry.caller().now())? {
                self.confirm(&note)?;
            }
            self.note = Some(note);
            // Those who witness it follow within moments; asked once more, the registry waits for them.
            if self.reach.is_some_and(|reach| reach.size == size) || !wait.is_zero() {
                let log = self.verified_log().ok_or_else(unwitnessed)?;
                return Ok(Look::UpToDate(log));
            }
            wait = FOR_WITNESSES;
        }
    }

    fn size(&self) -> u64 {
        self.replayed.as_ref().map_or(0, Replayed::size)
    }

    fn verified_log(&self) -> Option<VerifiedLog> {
        Some(VerifiedLog::of(self.replayed.as_ref()?.replay(), self.reach?))
    }

    /// Replays what the files hold up to their checkpoint. Files that are damaged, or of another log, are followed anew;
    /// what was cosigned over them is remembered all the same.
    async fn load(&mut self, registry: &Registry<'_>) -> Result<(), Error> {
        let (note, now) = (self.files.note(), registry.caller().now());
        let size = note.as_ref().map_or(0, |note| note.checkpoint().size);
        let mut loaded = Replayed::new(registry.pin().genesis);
        let bytes = loop {
            match self.replay_files(&mut loaded, size).await? {
                Ok(bytes) => break bytes,
                Err(Untaken::Again(again)) => loaded = Replayed::again(*again),
                Err(Untaken::Wrong(_)) => break 0,
            }
        };
        let is_whole = note.as_ref().is_some_and(|note| loaded.gives(note));
        if !is_whole {
            loaded = Replayed::new(registry.pin().genesis);
        }
        self.files.keep(if is_whole { bytes } else { 0 })?;
        self.reach = None;
        self.replayed = Some(loaded);
        self.cleared.clear();
        if let Some(note) = note.as_ref().filter(|_| is_whole)
            && self.is_seen(note, now)?
        {
            self.reach = self.reach_of_all();
        }
        self.note = note;
        Ok(())
    }

    /// Follows the lines of the files, up to so many; gives the byte behind them.
    async fn replay_files(&self, replayed: &mut Replayed, size: u64) -> Result<Result<u64, Untaken>, Error> {
        let (mut lines, mut behind) = (self.files.lines()?, 0);
        while replayed.size() < size {
            let (mut page, mut bytes) = (Vec::new(), 0);
            let left = size - replayed.size();
            for line in lines.by_ref().take(usize::try_from(left).unwrap_or(usize::MAX).min(PAGE)) {
                let (line, end) = line.map_err(Error::io(self.files.directory()))?;
                (behind, bytes) = (end, bytes + line.len());
                page.push(line);
                if bytes > PAGE_BYTES {
                    break;
                }
            }
            if page.is_empty() {
                break;
            }
            if let Err(untaken) = replayed.take(page).await?.1 {
                return Ok(Err(untaken));
            }
            self.verified.store(replayed.size(), Ordering::Relaxed);
        }
        Ok(Ok(behind))
    }

    /// Takes lines as far as they hold: in memory, then in the file. What isn't taken, if it is to be known.
    async fn take(&mut self, lines: Vec<Vec<u8>>) -> Result<Option<Untaken>, Error> {
        let Some(replayed) = &mut self.replayed else { return Ok(None) };
        let (lines, taken) = replayed.take(lines).await?;
        self.verified.store(replayed.size(), Ordering::Relaxed);
        let appended = self.files.append(&lines);
        if appended.is_err() {
            // What isn't kept isn't known either.
            self.replayed = None;
        }
        appended?;
        Ok(taken.err())
    }

    /// Replays what is written with a replay that is told what an erasure says.
    async fn begin_again(&mut self, mut next: Replayed, registry: &Registry<'_>) -> Result<(), Error> {
        let written = self.size();
        loop {
            match self.replay_files(&mut next, written).await? {
                Ok(_) => break,
                Err(Untaken::Again(again)) => next = Replayed::again(*again),
                Err(Untaken::Wrong(_)) => {
                    self.replayed = None;
                    return self.load(registry).await;
                }
            }
        }
        self.replayed = Some(next);
        Ok(())
    }

    /// Judges a note over lines that were followed, the newest of them from index `from` on.
    fn judge(&self, note: &SignedCheckpoint, from: u64, registry: &Registry<'_>) -> Judged {
        let Some(replayed) = &self.replayed else { return Judged::AnotherRoot };
        let (stated, log, keys) = (note.checkpoint(), replayed.read(), replayed.keys());
        let is_signed = log.roster().is_some_and(|roster| note.verify(&roster.log).is_ok());
        if !is_signed || stated.origin.as_str() != registry.pin().issuer {
            return Judged::Alarm(LogAlarm::Unsigned);
        }
        let tree = log.tree();
        if let Some(kept) = self.note.as_ref().filter(|kept| kept.verify(keys).is_ok()) {
            let other = tree.root(kept.checkpoint().size.min(stated.size));
            if kept.checkpoint().size <= stated.size && other.is_some_and(|root| root != kept.checkpoint().root) {
                return self.forked(kept, note, tree).map_or(Judged::AnotherRoot, Judged::Alarm);
            }
            if kept.checkpoint().size > stated.size {
                let fork = other.filter(|root| *root != stated.root).and_then(|_| self.forked(kept, note, tree));
                let shrank = LogAlarm::Shrank { had: kept.checkpoint().size, shows: stated.size };
                return Judged::Alarm(fork.unwrap_or(shrank));
            }
        }
        if tree.root(stated.size) != Some(stated.root) {
            return Judged::AnotherRoot;
        }
        if let Some(fault) = log.not_erased().first() {
            return Judged::Alarm(LogAlarm::Withheld { index: fault.index });
        }
        let is_cleared = |index: u64, record| self.cleared.get(&index).is_some_and(|own| own.contains(&record));
        let still = log.seen_and_erased().find(|(index, record)| *index >= from && !is_cleared(*index, *record));
        match still {
            // What lay in the copy before is taken out; what is shown anew was to be gone.
            Some((index, record)) => Judged::Alarm(LogAlarm::StillShown { index, record }),
            None => Judged::Holds,
        }
    }

    /// Keeps a file that convicts the log by two notes, if they do; `tree` is that of the larger.
    fn forked(&self, kept: &SignedCheckpoint, note: &SignedCheckpoint, tree: &Tree) -> Option<LogAlarm> {
        let evidence = Evidence::between(kept, note, tree, self.replayed.as_ref()?.keys())?;
        let file = self.files.convict(&evidence).unwrap_or_else(|_| evidence.file_name());
        Some(LogAlarm::Forked { file })
    }

    /// A signed root that the lines don't give: another history, where that can be shown, else a report.
    async fn investigate(
        &self,
        note: &SignedCheckpoint,
        registry: &Registry<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<LogAlarm, Error> {
        let size = note.checkpoint().size;
        if let Some(kept) = &self.note {
            let other = other_history(size, registry, rng).await?;
            if let Some(forked) = self.forked(kept, note, &other) {
                return Ok(forked);
            }
        }
        let from = self.reach.map_or(0, |reach| reach.size).min(size);
        let lines = self.files.lines()?.skip(usize::try_from(from).unwrap_or(usize::MAX));
        let lines = lines.take(usize::try_from(MOST_ENTRIES).unwrap_or(usize::MAX)).filter_map(Result::ok);
        let entries = lines.filter_map(|(line, _)| Some(Disclosure::from_json(&line).ok()?.entry)).collect();
        let derived = self.replayed.as_ref().and_then(|replayed| replayed.read().tree().root(size));
        let report = RootReport::new(note.clone(), derived, self.note.clone(), from, entries);
        Ok(LogAlarm::Rewritten { size, file: self.files.report(&report)? })
    }

    /// Whether as many witnesses have cosigned a note as the roster asks, by a clock that says `now`.
    fn is_seen(&self, note: &SignedCheckpoint, now: Time) -> Result<bool, Error> {
        let Some(replayed) = &self.replayed else { return Ok(false) };
        let log = replayed.read();
        let Some(roster) = log.roster() else { return Ok(false) };
        let since = Watchers::from(roster).witnessed_since(note, now).map_err(|source| {
            Error::other("log-checkpoint", || zh_en!("登记册的检查点", "the log's checkpoint")).because(source)
        })?;
        Ok(since.is_some() || roster.witnesses.quorum == 0)
    }

    fn reach_of_all(&self) -> Option<Reach> {
        let log = self.replayed.as_ref()?.read();
        Some(Reach { size: log.tree().size(), logged_at: log.logged_at()? })
    }

    /// Keeps the lines with a note over all of them, and takes what was erased out of what is kept.
    fn confirm(&mut self, note: &SignedCheckpoint) -> Result<(), Error> {
        let size = self.size();
        if self.reach.is_none_or(|reach| reach.size != size) {
            self.files.confirm(note)?;
            self.reach = self.reach_of_all();
        }
        let Some(replayed) = &self.replayed else { return Ok(()) };
        let mut erased: BTreeMap<u64, Vec<RecordId>> = BTreeMap::new();
        for (index, record) in replayed.read().seen_and_erased() {
            erased.entry(index).or_default().push(record);
        }
        if erased != self.cleared {
            self.files.clear(&erased)?;
            self.cleared = erased;
        }
        Ok(())
    }
}

/// How many lines are followed at once, and about how many bytes of them.
const PAGE: usize = 128;
const PAGE_BYTES: usize = 8 << 20;

fn unwitnessed() -> Error {
    Error::other("log-unwitnessed", || {
        zh_en!("登记册的会员见证少于签署权限名单的要求", "fewer witnesses have cosigned the log than the roster asks")
    })
}

fn unread(error: FeedError) -> Error {
    match error {
        FeedError::Http(error) => Error::Http(error),
        error => Error::below("feed", error),
    }
}

async fn ask(registry: &Registry<'_>, from: u64, wait: Duration, rng: &mut impl CryptoRng) -> Result<Feed, Error> {
    let asked = FeedFrom { from, wait: Some(wait.as_secs()) };
    let url = registry.pin().url.at(&READ_FEED.with(&(), &asked, &()).address);
    Ok(Feed::of(registry.caller().begin(&url, rng).await?, Limits::default()))
}

/// The tree of what the registry discloses now, from the first entry on.
async fn other_history(size: u64, registry: &Registry<'_>, rng: &mut impl CryptoRng) -> Result<Tree, Error> {
    let mut tree = Tree::new();
    while tree.size() < size {
        let before = tree.size();
        let mut feed = ask(registry, before, Duration::ZERO, rng).await?;
        loop {
            let (lines, note) = feed.part().await.map_err(unread)?;
            for line in lines {
                let line = Disclosure::from_json(&line).map_err(|source| Error::below("feed", source))?;
                tree.push(leaf_hash(&line.entry));
            }
            if note.is_some() {
                break;
            }
        }
        if tree.size() == before {
            break;
        }
    }
    Ok(tree)
}
