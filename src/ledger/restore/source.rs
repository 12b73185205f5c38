//! What a log is restored from: one or more exports of it, each held against the pin, the log's keys and the others.
//!
//! The largest gives the lines; all of them give the witnesses' lines under its checkpoint and the members' anchors.
//! Nothing of it is believed: the lines are replayed as everyone replays them, from the pinned hash to the root that
//! the log signed.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use callboard_client::export::{Export, ExportError};
use callboard_federation::{
    disclosure::Disclosure,
    dsse::Envelope,
    encoding::{Hash, Time},
    entry::{Entry, EntryContent, anchors_root},
    evidence::Evidence,
    replay::{LineEffect, LineError, Replay},
    roster::Roster,
    tlog::{
        TlogError, checkpoint::SignedCheckpoint, cosignature::newest_by, merkle::Tree, view::Watchers,
        vkey::VerifierKey,
    },
    zh_en,
};

/// Which log it must be.
#[derive(Debug, Clone)]
pub struct RestorePins {
    /// SHA-256 of the payload of entry 0.
    pub genesis: Hash,
    pub origin: String,
    /// Whether a checkpoint will do that fewer witnesses cosigned than the roster asks.
    pub unwitnessed: bool,
    /// What the clock says: cosignatures ahead of it are left out.
    pub now: Time,
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("{}", zh_en!("请至少指明一份导出内容", "name at least one export"))]
    None,
    /// A line isn't borne out.
    #[error("{}", zh_en!("{path}：{fault}", "{path}: {fault}", path = path.display()))]
    Fault { path: PathBuf, fault: Box<LineError> },
    #[error("{}", zh_en!("{path} 属于另一登记册，不是所信任的登记册",
        "{path} is of another log than the pin names", path = path.display()))]
    OfAnother { path: PathBuf },
    /// Its checkpoint isn't the log's.
    #[error("{}", zh_en!("{path}：检查点", "{path}: the checkpoint", path = path.display()))]
    Checkpoint { path: PathBuf, source: TlogError },
    #[error("{}", zh_en!("{path}：各行与检查点所载的{size}条不符",
        "{path}: the lines do not give what the checkpoint says of {size} entries", path = path.display()))]
    Root { path: PathBuf, size: u64 },
    #[error("{}", zh_en!("{path}：{quorum}家会员见证中只有{got}家会签了检查点。签名密钥被盗时也会如此：请一并提供另一会员单位的导出内容（再加 --from）；如确无其他，且知道是谁写的，可加 --unwitnessed",
        "{path}: {got} of {quorum} witnesses cosigned the checkpoint. A stolen log key signs as well: bring the export of another member along (--from again), or, if this is all there is and you know who wrote it, pass --unwitnessed", path = path.display()))]
    Unwitnessed { path: PathBuf, quorum: u64, got: u64 },
    #[error("{}", zh_en!("{one} 和 {other} 是登记册签署的两份不同历史：登记册已分叉",
        "{one} and {other} are two histories that the log signed: it forked", one = one.display(), other = other.display()))]
    Fork {
        /// The larger.
        one: PathBuf,
        other: PathBuf,
        evidence: Box<Evidence>,
    },
}

/// A log that is whole and borne out, to be restored from.
#[derive(Debug)]
pub struct RestoreSource {
    pub(super) export: Export,
    pub(super) note: SignedCheckpoint,
    pub(super) replay: Replay,
    /// SHA-256 of each line as it was verified.
    pub(super) lines: Vec<Hash>,
    /// Which dockets count.
    pub(super) counted: BTreeSet<u64>,
    /// Members' anchors by the index of their entry; whether they give its root, `anchors_of` says.
    pub(super) anchors: BTreeMap<u64, Vec<Envelope>>,
    /// Each roster, and from which size on it is in force.
    rosters: Vec<(u64, Roster)>,
    cosigned: u64,
}

impl RestoreSource {
    /// Reads exports, the largest whole. `progress` is told how many of how many entries are verified.
    pub fn read(exports: &[PathBuf], pinned: &RestorePins, progress: impl Fn(u64, u64)) -> Result<Self, SourceError> {
        let mut found = Vec::new();
        for path in exports {
            let export = Export::find(path).ok_or_else(|| {
                let source = std::io::Error::new(std::io::ErrorKind::NotFound, "no export, or one that broke off");
                ExportError::File { path: path.clone(), source }
            })?;
            let note = export.checkpoint()?;
            found.push((export, note));
        }
        found.sort_by_key(|(_, note)| note.checkpoint().size);
        let (export, note) = found.pop().ok_or(SourceError::None)?;
        let mut source = Self::replay_export(export, note, pinned, progress)?;
        source.check_note()?;
        let mut anchors = source.export.anchors()?;
        for (other, note) in &found {
            source.add_export(other, note)?;
            anchors.extend(other.anchors()?);
        }
        source.keep_anchors(anchors);
        source.check_witnesses(pinned)?;
        Ok(source)
    }

    fn replay_export(
        export: Export,
        note: SignedCheckpoint,
        pinned: &RestorePins,
        progress: impl Fn(u64, u64),
    ) -> Result<Self, SourceError> {
        let path = || export.directory().to_owned();
        let size = note.checkpoint().size;
        let (mut lines, mut counted, mut rosters) = (Vec::new(), BTreeSet::new(), Vec::new());
        let each = |replay: &Replay, line: &Disclosure, effect| {
            if line.index == 0 {
                (lines, counted, rosters) = Default::default();
            }
            match effect {
                LineEffect::NotCounted(_) if line.index == 0 => {
                    return Err(SourceError::OfAnother { path: path() });
                }
                LineEffect::Counted => {
                    counted.insert(line.index);
                }
                _ => {}
            }
            lines.push(Hash::of(&line.to_json()));
            if replay.documents().rosters.len() > rosters.len() {
                rosters.extend(replay.roster().map(|roster| (line.index + 1, roster.clone())));
            }
            if line.index.is_multiple_of(64) {
                progress(line.index, size);
            }
            Ok(())
        };
        let open = || export.lines().map(|lines| lines.take(usize::try_from(size).unwrap_or(usize::MAX)));
        let replay = Replay::new(Some(pinned.genesis)).follow_all(open, each)?;
        let replay = replay.and_then(|replay| match replay.not_erased().into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(replay),
        });
        let replay = replay.map_err(|fault| SourceError::Fault { path: path(), fault: Box::new(fault) })?;
        if replay.roster().is_none_or(|roster| roster.issuer != pinned.origin) {
            return Err(SourceError::OfAnother { path: path() });
        }
        Ok(Self { export, note, replay, lines, counted, anchors: BTreeMap::new(), rosters, cosigned: 0 })
    }

    /// The checkpoint is of these lines, and signed by a key that the roster in force at its size names.
    fn check_note(&self) -> Result<(), SourceError> {
        let path = || self.path().to_owned();
        let stated = self.note.checkpoint();
        if stated.size != self.size() || stated.root != self.tree().current_root() {
            return Err(SourceError::Root { path: path(), size: stated.size });
        }
        let keys = self.replay.roster().map_or(&[][..], |roster| &roster.log);
        let signed = self.note.verify(keys).map(drop);
        signed.map_err(|source| SourceError::Checkpoint { path: path(), source })
    }

    /// Takes what another export says of the same log.
    fn add_export(&mut self, other: &Export, note: &SignedCheckpoint) -> Result<(), SourceError> {
        let path = || other.directory().to_owned();
        let stated = note.checkpoint();
        note.verify(&self.log_keys()).map_err(|source| SourceError::Checkpoint { path: path(), source })?;
        if self.tree().root(stated.size) != Some(stated.root) {
            let evidence = Evidence::between(note, &self.note, self.tree(), &self.log_keys());
            return Err(match evidence {
                Some(evidence) => {
                    SourceError::Fork { one: self.path().to_owned(), other: path(), evidence: Box::new(evidence) }
                }
                None => SourceError::Root { path: path(), size: stated.size },
            });
        }
        if note.note().text() == self.note.note().text() {
            for line in note.note().signatures() {
                self.note.add(line.clone());
            }
        }
        Ok(())
    }

    /// Keeps anchors by entry, each payload once.
    fn keep_anchors(&mut self, shown: Vec<(u64, Envelope)>) {
        let mut by_entry: BTreeMap<u64, Vec<Envelope>> = BTreeMap::new();
        for (index, envelope) in shown {
            let of_entry = by_entry.entry(index).or_default();
            if !of_entry.iter().any(|other| other.payload_hash() == envelope.payload_hash()) {
                of_entry.push(envelope);
            }
        }
        self.anchors = by_entry;
    }

    fn check_witnesses(&mut self, pinned: &RestorePins) -> Result<(), SourceError> {
        let path = self.path().to_owned();
        let Some(roster) = self.replay.roster().cloned() else { return Err(SourceError::OfAnother { path }) };
        // Nobody else's line goes into a proof that is given of it.
        let cosigners: Vec<VerifierKey> = roster.log.iter().map(VerifierKey::as_cosigner).collect();
        let known = || roster.log.iter().chain(&cosigners).chain(&roster.witnesses.keys);
        self.note.retain(|line| known().any(|key| line.names(key)));
        let checkpoint = |source| SourceError::Checkpoint { path: path.clone(), source };
        Watchers::from(&roster).witnessed_since(&self.note, pinned.now).map_err(checkpoint)?;
        let cosigned = roster
            .witnesses
            .keys
            .iter()
            .filter(|key| matches!(newest_by(self.note.note(), key, pinned.now), Ok(Some(_))));
        let (got, quorum) = (cosigned.count() as u64, roster.witnesses.quorum);
        self.cosigned = got;
        if got < quorum && !pinned.unwitnessed {
            return Err(SourceError::Unwitnessed { path, quorum, got });
        }
        Ok(())
    }

    pub fn path(&self) -> &Path {
        self.export.directory()
    }

    pub fn size(&self) -> u64 {
        self.tree().size()
    }

    pub const fn tree(&self) -> &Tree {
        self.replay.tree()
    }

    /// The checkpoint that speaks for them, with every line known.
    pub const fn note(&self) -> &SignedCheckpoint {
        &self.note
    }

    /// How many witnesses cosigned it.
    pub const fn cosigned(&self) -> u64 {
        self.cosigned
    }

    /// The roster in force at its end.
    pub fn roster(&self) -> Option<&Roster> {
        self.replay.roster()
    }

    /// Every key that the log had.
    pub fn log_keys(&self) -> Vec<VerifierKey> {
        self.rosters.iter().flat_map(|(_, roster)| roster.log.iter().cloned()).collect()
    }

    /// The lines from index `from` on, each the one that was verified.
    pub(super) fn lines_from(
        &self,
        from: u64,
    ) -> Result<impl Iterator<Item = Result<Disclosure, super::RestoreError>>, SourceError> {
        let verified = self.lines.iter().copied();
        let lines = self.export.lines()?;
        let held = move |((number, line), verified): ((u64, Result<Disclosure, ExportError>), Hash)| {
            let line = line.map_err(SourceError::from)?;
            if Hash::of(&line.to_json()) == verified { Ok(line) } else { Err(super::RestoreError::Changed { number }) }
        };
        Ok((1..).zip(lines).zip(verified).skip(usize::try_from(from).unwrap_or(usize::MAX)).map(held))
    }

    /// The members' anchors of an entry, if together they give its root.
    pub(super) fn anchors_of(&self, index: u64, leaf: &[u8]) -> Option<&[Envelope]> {
        let EntryContent::Anchors(root) = Entry::parse(leaf).ok()?.logged else { return None };
        let anchors = self.anchors.get(&index)?;
        (anchors_root(anchors.iter().map(Envelope::payload_hash)) == root).then_some(anchors)
    }
}
