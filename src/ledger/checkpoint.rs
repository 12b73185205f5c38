//! The log key, and what it signs here: checkpoints, and its own cosignature that shows a quiet log to be alive.
//!
//! [`PublishedState`] is what everyone sees: the newest checkpoint, and the newest that enough witnesses cosigned. Who
//! cosigns is [`super::witnesses`]'s. Implements `docs/formats.md` §8, *Freshness*.

use std::{fs, io, os::unix::fs::MetadataExt as _, path::Path, sync::Arc};

use callboard_federation::{
    acknowledgement::Acknowledgement,
    anchor::CasesAnchor,
    dsse::Envelope,
    encoding::{Hash, Octets, PublicKey, Time},
    event::{ChainError, Head},
    language::Phrase,
    roster::Roster,
    subject_session::receipt::FilingReceipt,
    tlog::{
        checkpoint::{Checkpoint, SignedCheckpoint},
        cosignature::cosign,
        merkle::Tree,
        note::NoteSignature,
        view::Watchers,
        vkey::{KeyName, SignatureType, VerifierKey},
    },
    zh_en,
};
use ed25519_dalek::SigningKey;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// How many checkpoints beyond the witnessed one still gather cosignatures: while dockets come in faster than witnesses
/// answer, an older one gets its quorum first.
const GATHERING: usize = 64;

/// Checkpoints are signed with it, and of cases acknowledgements, what the clockwork says, and the anchor of the day.
pub struct LogKey {
    origin: KeyName,
    key: SigningKey,
}

#[derive(Debug, thiserror::Error)]
pub enum LogKeyError {
    #[error("{}", zh_en!("登记册签名密钥的文件：{_0}", "the log key's file: {_0}"))]
    File(#[from] io::Error),
    /// What is read can't be this log's key.
    #[error("{_0}")]
    Unfit(Phrase),
}

const MODE: Phrase = Phrase::new(
    "登记册签名密钥的文件只能由其所有者读取（权限0600）",
    "the log key's file must be its owner's alone (mode 0600)",
);
const MALFORMED: Phrase =
    Phrase::new("登记册签名密钥的文件不是32字节的 base64", "the log key's file is not 32 bytes in base64");
const ORIGIN: Phrase = Phrase::new(
    "该名称不能用作密钥名称：不得含空格和加号",
    "the issuer can't be the name of a key: no spaces, no plus sign",
);

impl LogKey {
    fn read(path: &Path, issuer: &str) -> Result<Self, LogKeyError> {
        if fs::metadata(path)?.mode() & 0o077 != 0 {
            return Err(LogKeyError::Unfit(MODE));
        }
        let text = Zeroizing::new(fs::read_to_string(path)?);
        let seed: Octets<32> = text.trim().parse().map_err(|_| LogKeyError::Unfit(MALFORMED))?;
        Self::of_seed(&Zeroizing::new(seed.0), issuer)
    }

    fn of_seed(seed: &[u8; 32], issuer: &str) -> Result<Self, LogKeyError> {
        let origin = issuer.parse().map_err(|_| LogKeyError::Unfit(ORIGIN))?;
        Ok(Self { origin, key: SigningKey::from_bytes(seed) })
    }

    /// The log's origin: its issuer.
    pub fn origin(&self) -> &str {
        self.origin.as_str()
    }

    /// The log's word that it has an event of a case.
    pub(super) fn acknowledge(&self, said: &Acknowledgement) -> Envelope {
        said.sign(&self.key)
    }

    /// The log's word that the registry has what a person filed.
    pub(super) fn receipt_of(&self, said: &FilingReceipt) -> Envelope {
        said.sign(&self.key)
    }

    /// What the log itself says of a case.
    pub(super) fn next_event(
        &self,
        head: &Head,
        at: Time,
        word: &str,
        members: Map<String, Value>,
    ) -> Result<Envelope, ChainError> {
        head.next(at, word, members, &self.key)
    }

    /// Where the open cases end.
    pub(super) fn anchor_cases(&self, anchor: &CasesAnchor) -> Envelope {
        anchor.sign(&self.key)
    }

    /// The verifier key that the roster names.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::new(self.origin.clone(), SignatureType::Note, PublicKey::of(&self.key))
    }
}

/// Reads the key of a file that is its owner's alone, as `callboard init` made it.
pub fn read_log_key(path: &Path, issuer: &str) -> Result<LogKey, LogKeyError> {
    LogKey::read(path, issuer)
}

/// The key of a 32-byte seed, for a log whose key is given: published vectors have one.
pub fn log_key_of_seed(seed: &[u8; 32], issuer: &str) -> Result<LogKey, LogKeyError> {
    LogKey::of_seed(seed, issuer)
}

/// A checkpoint of the log with the lines known of it.
#[derive(Debug, Clone)]
pub struct PublishedCheckpoint {
    /// How many entries it speaks for.
    pub size: u64,
    /// The note: the log's signature, its own cosignature, the witnesses' lines.
    pub note: SignedCheckpoint,
    /// The newest line of each witness, with its timestamp in seconds.
    witnesses: Vec<(NoteSignature, u64)>,
    /// When the log signed it, if this node did.
    pub signed_at: Option<Time>,
}

impl PublishedCheckpoint {
    /// The checkpoint of a size that the store has committed with this root, signed, and cosigned with a time that was
    /// read before the store said so.
    pub(super) fn new(key: &LogKey, size: u64, root: Hash, asked_at: Time) -> Self {
        Self::sign(key, Checkpoint { origin: key.origin.clone(), size, root }, asked_at, Vec::new())
    }

    fn sign(key: &LogKey, checkpoint: Checkpoint, asked_at: Time, witnesses: Vec<(NoteSignature, u64)>) -> Self {
        let size = checkpoint.size;
        let mut note = checkpoint.sign(&key.key);
        let seconds = u64::try_from(asked_at.as_seconds()).unwrap_or_default();
        note.add(cosign(note.note().text(), key.origin.clone(), &key.key, seconds));
        for (line, _) in &witnesses {
            note.add(line.clone());
        }
        Self { size, note, witnesses, signed_at: Some(asked_at) }
    }

    /// A checkpoint that the log's key before this one signed, as it is.
    const fn inherited(note: SignedCheckpoint, witnesses: Vec<(NoteSignature, u64)>) -> Self {
        Self { size: note.checkpoint().size, note, witnesses, signed_at: None }
    }

    fn is_witnessed(&self, roster: Option<&Roster>, now: Time) -> bool {
        roster.is_some_and(|roster| matches!(Watchers::from(roster).witnessed_since(&self.note, now), Ok(Some(_))))
    }
}

/// What everyone sees of the log.
#[derive(Debug, Clone)]
pub struct PublishedState {
    pub newest: Arc<PublishedCheckpoint>,
    /// The newest checkpoint that the roster's quorum cosigned; with quorum 0 the newest.
    pub witnessed: Option<Arc<PublishedCheckpoint>>,
    /// Checkpoints between the two, newest last; those alone at whose size the roster in force was in force.
    gathering: Vec<Arc<PublishedCheckpoint>>,
    /// The version of the roster in force.
    roster: Option<u64>,
}

impl PublishedState {
    /// The state of a log that was just brought back, with the stored lines of its newest checkpoint.
    pub fn new(
        key: &LogKey,
        tree: &Tree,
        roster: Option<&Roster>,
        asked_at: Time,
        lines: Vec<(NoteSignature, u64)>,
    ) -> Self {
        Self::of(PublishedCheckpoint::sign(key, checkpoint_of(key, tree), asked_at, lines), roster, asked_at)
    }

    /// The state of a log whose last note another key signed, with the lines of its witnesses: it is shown as it is,
    /// gathers cosignatures, and is signed anew by nobody.
    pub fn inherited(
        note: SignedCheckpoint,
        roster: &Roster,
        asked_at: Time,
        lines: Vec<(NoteSignature, u64)>,
    ) -> Self {
        Self::of(PublishedCheckpoint::inherited(note, lines), Some(roster), asked_at)
    }

    fn of(newest: PublishedCheckpoint, roster: Option<&Roster>, asked_at: Time) -> Self {
        let newest = Arc::new(newest);
        let version = roster.map(|roster| roster.version);
        let mut state = Self { newest: newest.clone(), witnessed: None, gathering: Vec::new(), roster: version };
        state.promote(newest, roster, asked_at);
        state
    }

    #[must_use]
    pub fn with_newest(&self, newest: PublishedCheckpoint, roster: Option<&Roster>, asked_at: Time) -> Self {
        let mut state = self.clone();
        state.gathering.push(self.newest.clone());
        let version = roster.map(|roster| roster.version);
        if state.roster != version {
            // A checkpoint is watched by the roster in force at its size: another roster has other witnesses.
            state.roster = version;
            state.gathering.clear();
        }
        state.newest = Arc::new(newest);
        let excess = state.gathering.len().saturating_sub(GATHERING);
        state.gathering.drain(..excess);
        state.promote(state.newest.clone(), roster, asked_at);
        state
    }

    /// The state with this minute's cosignature of the log, of a time read before the store was asked.
    #[must_use]
    pub fn refreshed(&self, key: &LogKey, roster: Option<&Roster>, asked_at: Time) -> Self {
        let mut state = self.clone();
        let checkpoint = self.newest.note.checkpoint().clone();
        state.newest = Arc::new(PublishedCheckpoint::sign(key, checkpoint, asked_at, self.newest.witnesses.clone()));
        state.promote(state.newest.clone(), roster, asked_at);
        state
    }

    /// When a witness cosigned last, in seconds, of the checkpoints that are shown.
    pub fn cosigned_at(&self, witness: &VerifierKey) -> Option<u64> {
        let shown = self.gathering.iter().chain([&self.newest]).chain(&self.witnessed);
        let lines = shown.flat_map(|published| &published.witnesses);
        lines.filter(|(line, _)| line.name == *witness.name() && line.hash == witness.hash()).map(|(_, at)| *at).max()
    }

    pub fn gathers_cosignatures_at(&self, size: u64) -> bool {
        self.gathering.iter().chain([&self.newest]).any(|published| published.size == size)
    }

    /// The state with a witness's line, which was verified, for one of its checkpoints; `None` if it has none of that
    /// size, or a newer line of that witness.
    #[must_use]
    pub fn with_cosignature(
        &self,
        roster: Option<&Roster>,
        size: u64,
        line: &NoteSignature,
        timestamp: u64,
        now: Time,
    ) -> Option<Self> {
        let mut state = self.clone();
        let place = state.gathering.iter_mut().chain([&mut state.newest]).find(|published| published.size == size)?;
        let mut witnesses = place.witnesses.clone();
        let same = |(known, _): &(NoteSignature, u64)| known.name == line.name && known.hash == line.hash;
        if witnesses.iter().any(|known| same(known) && known.1 >= timestamp) {
            return None;
        }
        witnesses.retain(|known| !same(known));
        witnesses.push((line.clone(), timestamp));
        // The log's own lines stay as they are, whichever of its keys signed.
        let mut note = place.note.clone();
        note.retain(|known| known.name != line.name || known.hash != line.hash);
        note.add(line.clone());
        *place = Arc::new(PublishedCheckpoint { size, note, witnesses, signed_at: place.signed_at });
        let changed = place.clone();
        state.promote(changed, roster, now);
        Some(state)
    }

    fn promote(&mut self, published: Arc<PublishedCheckpoint>, roster: Option<&Roster>, now: Time) {
        let is_newer = self.witnessed.as_ref().is_none_or(|witnessed| witnessed.size <= published.size);
        if is_newer && published.is_witnessed(roster, now) {
            self.gathering.retain(|other| other.size > published.size);
            self.witnessed = Some(published);
        }
    }
}

fn checkpoint_of(key: &LogKey, tree: &Tree) -> Checkpoint {
    Checkpoint { origin: key.origin.clone(), size: tree.size(), root: tree.current_root() }
}
