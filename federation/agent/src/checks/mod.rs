//! The log of checks: every check is a salted line of it before it is answered, so that afterwards each can be proven, and
//! none added or taken away; its root is handed in as an anchor each day.
//!
//! What queued during one commit is the next batch: no timer, and a check costs no row of its own. A line is
//! `{v, id, at, ref, person?, purpose, consentRef?, guardianRef?, answer, blinds?, salt}`; its leaf is the RFC 6962 hash of its bytes (`docs/formats.md`, *Log of checks*).
//! The rows are [`crate::store::checks`]'s.

mod tree;

use std::sync::{Arc, Mutex, PoisonError};

use callboard_api::agent::{Person, Reference, proof::BlindOpening, question::Purpose};
use callboard_client::{derivation::Derived, runtime::os_rng};
use callboard_federation::{
    anchor::CheckProof,
    encoding::{Base64, CheckId, Hash, Octets, Time, to_json},
    tlog::merkle::{Tree, leaf_hash},
    zh_en,
};
use callboard_service::group_commit::{Commit, Queue};
use rand_core::Rng as _;
use tree::Peaks;
use zeroize::Zeroizing;

use crate::{
    book::{BookError, key::BookKey},
    store::{
        Database, Lookup,
        checks::{CheckStore, NewBatch, StoredBatch},
    },
};

/// Checks that may wait for the next commit; beyond, callers wait to be let in.
const WAITING: usize = 4_096;
/// Rows that are read at once.
const PAGE: u32 = 512;

pub struct Check {
    /// Its id, which the caller is told.
    pub id: CheckId,
    pub at: Time,
    pub person: Person,
    pub account: Lookup,
    pub purpose: Purpose,
    pub consent_ref: Option<Reference>,
    pub guardian_ref: Option<Reference>,
    /// What was answered, as JSON; it holds no identity.
    pub answer: Vec<u8>,
    /// How identities of it were blinded, if any had to be.
    pub blinds: Vec<BlindOpening>,
}

/// Cheap to clone; closed when the last is gone.
#[derive(Clone)]
pub struct Checks {
    queue: Queue<Vec<Check>, Result<u64, ChecksError>>,
    store: CheckStore,
    key: Arc<BookKey>,
    peaks: Arc<Mutex<Peaks>>,
}

/// Why a check isn't logged, or not found: it isn't answered then.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChecksError {
    #[error("{}", zh_en!("查询日志：{_0}", "the log of checks: {_0}"))]
    Store(Arc<BookError>),
    #[error("{}", zh_en!("查询日志正在关闭", "the log of checks is closing"))]
    Closing,
}

impl<E: Into<BookError>> From<E> for ChecksError {
    fn from(error: E) -> Self {
        Self::Store(Arc::new(error.into()))
    }
}

/// A new check's id, and so a call's of the hook.
pub(crate) fn new_id(now: Time) -> CheckId {
    let mut random = [0; 10];
    os_rng().fill_bytes(&mut random);
    CheckId::new(now, random)
}

/// What opens the point that an identity was derived by.
pub fn opening(derived: &Derived) -> BlindOpening {
    let tree: Tree = derived.points.iter().map(|point| leaf_hash(point)).collect();
    let index = derived.at as u64;
    BlindOpening {
        epoch: derived.epoch,
        blind: Octets(*derived.blind.to_bytes()),
        index,
        count: tree.size(),
        proof: tree.inclusion_proof(index, tree.size()).unwrap_or_default(),
    }
}

impl Check {
    /// Its line in the log, with a salt that keeps a leaf from being guessed.
    fn line(&self) -> Zeroizing<Vec<u8>> {
        let mut salt = [0; 32];
        os_rng().fill_bytes(&mut salt);
        let mut line = format!("{{\"v\":1,\"id\":\"{}\",\"at\":\"{}\",\"ref\":", self.id, self.at).into_bytes();
        line.extend(to_json(&self.person.reference));
        let mut add = |name: &str, value: Option<Vec<u8>>| {
            if let Some(value) = value {
                line.extend(format!(",\"{name}\":").into_bytes());
                line.extend(value);
            }
        };
        add("person", self.person.person.as_ref().map(to_json));
        add("purpose", Some(to_json(&self.purpose)));
        add("consentRef", self.consent_ref.as_ref().map(to_json));
        add("guardianRef", self.guardian_ref.as_ref().map(to_json));
        line.extend_from_slice(b",\"answer\":");
        line.extend_from_slice(&self.answer);
        if !self.blinds.is_empty() {
            line.extend_from_slice(b",\"blinds\":");
            line.extend(to_json(&self.blinds));
        }
        line.extend(format!(",\"salt\":\"{}\"}}", Octets(salt)).into_bytes());
        Zeroizing::new(line)
    }
}

impl Checks {
    /// Opens the log: its tree is read again from the leaves.
    pub async fn open(database: Database, key: Arc<BookKey>) -> Result<Self, ChecksError> {
        let store = CheckStore::new(database);
        let mut peaks = Peaks::default();
        let mut next = store.leaves(0, PAGE).await?;
        while let Some((first, leaves)) = next.pop_front() {
            if first != peaks.size() {
                return Err(BookError::Value.into());
            }
            for leaf in leaves {
                peaks.push(leaf);
            }
            if next.is_empty() {
                next = store.leaves(peaks.size(), PAGE).await?;
            }
        }
        let peaks = Arc::new(Mutex::new(peaks));
        let writer = Writer { store: store.clone(), key: key.clone(), peaks: peaks.clone() };
        Ok(Self { queue: Queue::start(WAITING, writer), store, key, peaks })
    }

    /// Logs checks, durably; the place of the first.
    pub async fn log(&self, checks: Vec<Check>) -> Result<u64, ChecksError> {
        self.queue.ask(checks).await.map_err(|_| ChecksError::Closing)?
    }

    /// How many checks there are, and the root over them.
    pub fn root(&self) -> (u64, Hash) {
        let peaks = self.peaks.lock().unwrap_or_else(PoisonError::into_inner);
        (peaks.size(), peaks.root())
    }

    /// A check's line, with the proof that it is in the log at the size of the first anchor that covers it, or now.
    ///
    /// It shows nothing of any other check. `None` if there is no such check, or it is older than what is kept.
    pub async fn prove(&self, id: CheckId) -> Result<Option<CheckProof>, ChecksError> {
        for batch in self.store.with_id(id).await? {
            let wanted = format!("{{\"v\":1,\"id\":\"{id}\"");
            for (index, line) in (batch.first..).zip(self.lines(&batch)?) {
                if line.starts_with(wanted.as_bytes()) {
                    let size = match self.store.anchor_over(index).await? {
                        Some(size) => size,
                        None => self.root().0,
                    };
                    return Ok(Some(self.proof(index, size, line.to_vec()).await?));
                }
            }
        }
        Ok(None)
    }

    /// The lines of an account's checks for which something was blinded, oldest first, each with its place.
    pub async fn blinded(&self, account: &Lookup) -> Result<Vec<(u64, Zeroizing<Vec<u8>>)>, ChecksError> {
        let mut found = Vec::new();
        for place in self.store.blinded(account).await? {
            let Some(batch) = self.store.at(place).await? else { continue };
            let at = usize::try_from(place - batch.first).unwrap_or(usize::MAX);
            found.extend(self.lines(&batch)?.into_iter().nth(at).map(|line| (place, line)));
        }
        Ok(found)
    }

    /// Forgets the lines logged before an instant; their leaves stay, so that every proof and root does. How many
    /// batches.
    pub async fn forget_before(&self, at: Time) -> Result<u64, ChecksError> {
        Ok(self.store.forget_before(at).await?)
    }

    /// The rows, for anchors.
    pub const fn store(&self) -> &CheckStore {
        &self.store
    }

    fn lines(&self, batch: &StoredBatch) -> Result<Vec<Zeroizing<Vec<u8>>>, BookError> {
        let Some(sealed) = &batch.sealed else { return Ok(Vec::new()) };
        let lines = self.key.open_value(&place(batch.first), sealed)?;
        Ok(lines.split(|byte| *byte == b'\n').map(|line| Zeroizing::new(line.to_vec())).collect())
    }

    async fn proof(&self, index: u64, size: u64, line: Vec<u8>) -> Result<CheckProof, ChecksError> {
        let mut proof = Vec::new();
        for (from, to) in tree::path(index, size) {
            proof.push(self.range(from, to).await?);
        }
        let root = self.range(0, size).await?;
        Ok(CheckProof { v: 1, line: Base64(line), index, size, root, proof })
    }

    /// The root of a range of leaves, read from the rows.
    async fn range(&self, from: u64, to: u64) -> Result<Hash, BookError> {
        let mut peaks = Peaks::default();
        let mut next = from;
        while next < to {
            let rows = self.store.leaves(next, PAGE).await?;
            if rows.is_empty() {
                return Err(BookError::Value);
            }
            for (first, leaves) in rows {
                let skipped = usize::try_from(next.saturating_sub(first)).unwrap_or(usize::MAX);
                let wanted = usize::try_from(to - next).unwrap_or(usize::MAX);
                for leaf in leaves.iter().skip(skipped).take(wanted) {
                    peaks.push(*leaf);
                    next += 1;
                }
            }
        }
        Ok(peaks.root())
    }
}

/// What a batch's lines are bound to.
fn place(first: u64) -> Vec<u8> {
    [&b"checks"[..], &first.to_be_bytes()].concat()
}

struct Writer {
    store: CheckStore,
    key: Arc<BookKey>,
    peaks: Arc<Mutex<Peaks>>,
}

impl Commit for Writer {
    type Item = Vec<Check>;
    /// The place of the first.
    type Answer = Result<u64, ChecksError>;

    const AT_ONCE: usize = 20_000;

    fn weight(checks: &Vec<Check>) -> usize {
        checks.len()
    }

    async fn commit(&mut self, callers: Vec<Vec<Check>>) -> Option<Vec<Self::Answer>> {
        let mut next = self.write(&callers).await.map_err(ChecksError::from);
        let answer = |checks: &Vec<Check>| {
            let place = next.clone();
            next = place.clone().map(|place| place + checks.len() as u64);
            place
        };
        Some(callers.iter().map(answer).collect())
    }
}

impl Writer {
    /// One commit. If we die before it, nobody was answered; after it, all that was answered is there.
    async fn write(&self, callers: &[Vec<Check>]) -> Result<u64, BookError> {
        let checks = || callers.iter().flatten();
        let mut peaks = self.peaks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let first = peaks.size();
        let (mut leaves, mut lines, mut blinded) = (Vec::new(), Zeroizing::new(Vec::new()), Vec::new());
        for (at, check) in (first..).zip(checks()) {
            let line = check.line();
            let leaf = leaf_hash(&line);
            peaks.push(leaf);
            leaves.extend_from_slice(leaf.as_bytes());
            if at > first {
                lines.push(b'\n');
            }
            lines.extend_from_slice(&line);
            if !check.blinds.is_empty() {
                blinded.push((check.account, at));
            }
        }
        let ids = || checks().map(|check| check.id);
        let (Some(first_id), Some(last_id)) = (ids().min(), ids().max()) else { return Ok(first) };
        let at = checks().map(|check| check.at).max().unwrap_or(Time::from_millis(0));
        let sealed = self.key.seal(&place(first), &lines, &mut os_rng());
        let batch = NewBatch { first, count: peaks.size() - first, first_id, last_id, at, leaves, sealed };
        self.store.append(&batch, &blinded).await?;
        *self.peaks.lock().unwrap_or_else(PoisonError::into_inner) = peaks;
        Ok(first)
    }
}

#[cfg(test)]
mod tests;
