//! The log, as its one writer: what it takes, in which order, and what everyone sees of it.
//!
//! In reading order: [`writership`] says whether this node signs, and [`signed_notes`] keeps what it signed last
//! outside the store; [`sequencer`] takes dockets in, and the day's [`anchors`], each `batch` checked first; [`load`]
//! brings the log back after a start or a fault with the same replay that everyone else runs; [`checkpoint`] signs;
//! [`witnesses`] gathers who watches; [`tiles`] and [`proofs`] show; [`recent`] has what was logged or read last at
//! hand; [`cases`] are what leads to dockets, [`figures`] what is counted of them; [`audit`] derives everything again from the leaves, [`export`] writes them out, [`restore`] brings them back.
//! Rules are `callboard_federation::replay`'s, SQL is `store`'s, HTTP `api`'s.

pub mod anchors;
pub mod audit;
mod batch;
pub mod cases;
pub mod checkpoint;
pub mod export;
mod fault_points;
pub mod figures;
mod filings;
pub mod key_file;
pub mod load;
pub mod notices;
pub mod proofs;
pub mod recent;
pub mod restore;
mod sample;
pub mod sequencer;
mod shares;
pub mod signed_notes;
pub mod tiles;
pub mod witnesses;
pub mod writership;

use std::sync::{Arc, RwLock, RwLockReadGuard};

use callboard_client::clock::Clock;
use callboard_federation::{
    encoding::{CaseId, Hash, Time},
    replay::{LineError, Replay, RuleError},
    roster::Roster,
    standing::{Standing, StandingError},
    statement::EpochTag,
    tlog::{checkpoint::SignedCheckpoint, note::NoteSignature, vkey::VerifierKey},
    zh_en,
};
use callboard_rules::case::error::CaseError;
use checkpoint::{LogKey, PublishedCheckpoint, PublishedState};
use sequencer::{FaultPoints, Queue, Sequencer};
use signed_notes::{SignedNotes, SignedNotesError};
use tokio::sync::watch;

use crate::store::{NodeId, Store, StoreError};

pub struct Ledger {
    store: Store,
    clock: Arc<dyn Clock>,
    key: LogKey,
    /// May be ahead of what is published by the batch being written; readers ask for the published size.
    replay: RwLock<Replay>,
    published: watch::Sender<Arc<PublishedState>>,
    queue: Queue,
    recent: recent::RecentEntries,
    notes: Arc<dyn SignedNotes>,
    monitor: writership::WritershipMonitor,
    cases: cases::at_hand::CasesAtHand,
    counted_quarters: figures::CountedQuarters,
    restored_at: Option<Time>,
}

pub struct LedgerConfig {
    pub store: Store,
    pub key: LogKey,
    pub clock: Arc<dyn Clock>,
    pub notes: Arc<dyn SignedNotes>,
    /// Whether it may go on though no signed note is there to hold the store against.
    pub without_note: bool,
    /// This node, drawn at random.
    pub node: NodeId,
    /// Whether it takes over from a node that seems to live.
    pub takes_over: bool,
    pub fault_points: Arc<dyn FaultPoints>,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The docket doesn't count, by this rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    #[error(transparent)]
    Share(#[from] callboard_federation::hand_in::ShareError),
    /// The docket doesn't follow from its cases.
    #[error(transparent)]
    Procedure(#[from] cases::ProcedureError),
    /// Whether what was asked happened shows when it is asked again.
    #[error("{}", zh_en!("存储失败：{_0}", "the store failed: {_0}"))]
    Store(#[from] StoreError),
    /// The stored log isn't one that could have been written.
    #[error("{}", zh_en!("存储的登记册有误：{_0}", "the stored log is at fault: {_0}"))]
    Fault(#[from] LineError),
    #[error("{}", zh_en!("存储的第{index}条无法读取", "entry {index} of the store can't be read"))]
    Unreadable { index: u64 },
    #[error("{}", zh_en!("存储的案件 {case} 无法读取", "case {case} of the store can't be read"))]
    UnreadableCase { case: CaseId },
    /// A case that is kept isn't one by the rules.
    #[error("{}", zh_en!("存储的案件 {case} 有误", "case {case} of the store is at fault"))]
    Case { case: CaseId, source: Box<CaseError> },
    #[error("{}", zh_en!("存储的登记册与配置所写的名称不符",
        "the stored log is of another issuer than the configuration says"))]
    Issuer,
    #[error(transparent)]
    Notes(#[from] SignedNotesError),
    #[error("{}", zh_en!("缺少 {place}：其中是登记册最近一次签署的检查点。没有它，就无从发现存储是较旧的副本，而此后的签署会使登记册分叉。请放回原处；如已丢失或本机是新机器，请向会员单位询问其所存大小（callboard-agent status）：存储不小于它的，可加 --without-signed-note 启动一次；小于它的，见 callboard restore",
        "{place} is not there: it holds the last note that this log signed, without which nobody sees that the store is an older copy, and what is then signed convicts the log of a fork. Put it back. If it is lost or this machine is new, ask a member which size it holds (`callboard-agent status`); if the store has no less, start once with --without-signed-note; if it has less, see `callboard restore`"))]
    NoSignedNote { place: String },
    #[error("{}", zh_en!("{place} 没有本登记册签名密钥的签名", "{place} is not signed by this log's key"))]
    ForeignNote { place: String },
    #[error("{}", zh_en!("存储中有{stored}条，而已签署的有{signed}条：存储是较旧的副本，在其上签署会使登记册分叉。请恢复丢失的条目：见 callboard restore",
        "the store holds {stored} entries, and {signed} were signed: it is an older copy, and what is signed on top of it convicts the log of a fork. Bring the lost entries back: see `callboard restore`"))]
    Behind { signed: u64, stored: u64 },
    #[error("{}", zh_en!("存储的前{size}条不是已签署的内容：属于另一历史，在其上签署会使登记册分叉。请恢复已签署的内容：见 callboard restore",
        "the store's first {size} entries are not those that were signed: it is of another history, and what is signed on top of it convicts the log of a fork. Bring the signed one back: see `callboard restore`"))]
    OtherHistory {
        /// The size whose root differs.
        size: u64,
    },
    #[error("{}", zh_en!("存储的登记册头部与其{size}条不符",
        "the head of the stored log is not that of its {size} entries"))]
    Head { size: u64 },
    /// A batch took so long that its time is over, as when the machine slept: nothing of it is logged.
    #[error("{}", zh_en!("登记用时过长，没有登记：请再次提交",
        "what was to be logged took too long, and is not logged: hand it in again"))]
    Late,
    /// The roster in force doesn't name this registry's log key, or the next one wouldn't.
    #[error("{}", zh_en!("此处现在只能登记列有本登记册签名密钥 {own} 的签署权限名单。接手他人登记册的，从这样的名单开始；密钥被去除的，不再签署：见 ops/succession.md",
        "only a roster that names this registry's log key can be logged here now: {own}. A registry that goes on with another's log begins with such a roster, and one whose key is left out signs nothing more: see ops/succession.md"))]
    LogKey { own: Box<VerifierKey> },
    /// The log's last note isn't there, which another key than this registry's signed.
    #[error("{}", zh_en!("现行签署权限名单没有登记册签名密钥 {own}，本登记系统不能签署；{place} 也不是名单所列密钥最近签署的检查点。请将正确的密钥放到 `key` 所指之处；要以另一密钥接手登记册，从 callboard restore 开始：见 ops/succession.md",
        "the roster in force does not name the log key {own}, so this registry can't sign, and {place} is not the note that the named key signed last. Put the right key in the place that `key` names; to go on with the log under another key, begin with `callboard restore`: see ops/succession.md"))]
    NotInherited { own: Box<VerifierKey>, place: String },
    #[error("{}", zh_en!("登记系统正在停止", "the ledger is stopping"))]
    Stopping,
}

impl Ledger {
    /// Takes the log over, brings it back from the store, and starts its sequencer.
    ///
    /// # Errors
    /// `Behind`, `OtherHistory` if the store isn't what was signed last; `NoSignedNote` if that isn't there to tell.
    pub async fn open(config: LedgerConfig) -> Result<Arc<Self>, LedgerError> {
        let LedgerConfig { store, key, clock, notes, without_note, node, takes_over, fault_points } = config;
        store.hold_writer_lock(key.origin(), takes_over).await?;
        // A store that is refused is left to whoever writes it.
        let mut replay = load::replay(&store, None).await?;
        if replay.roster().is_some_and(|roster| roster.issuer != key.origin()) {
            return Err(LedgerError::Issuer);
        }
        check_notes(&*notes, &replay, &key, without_note)?;
        // Whoever sleeps after this signs with the time at which it knew that it writes.
        let asked_at = clock.now();
        let head = store.take_over(key.origin(), node).await?;
        // What another node logged before it was told.
        load::catch_up(&store, &mut replay).await?;
        if (replay.tree().size(), replay.tree().current_root()) != (head.size, head.root) {
            return Err(LedgerError::Head { size: head.size });
        }
        let lines = witnesses::stored_lines(&store, &replay).await?;
        let state = match replay.roster().filter(|roster| !roster.log.contains(&key.verifier())) {
            Some(roster) => inherited_state(&*notes, &replay, roster, &key, (asked_at, lines))?,
            None => PublishedState::new(&key, replay.tree(), replay.roster(), asked_at, lines),
        };
        let restored_at = store.restored_at().await?;
        if head.size > 0 {
            notes.keep(&state.newest.note).await?;
        }
        let (queue, waiting) = sequencer::queue();
        let ledger = Arc::new(Self {
            store,
            clock,
            key,
            replay: RwLock::new(replay),
            published: watch::Sender::new(Arc::new(state)),
            queue,
            recent: recent::RecentEntries::new(),
            notes,
            monitor: writership::WritershipMonitor::new(),
            cases: cases::at_hand::CasesAtHand::default(),
            counted_quarters: figures::CountedQuarters::default(),
            restored_at,
        });
        tokio::spawn(Sequencer::new(Arc::downgrade(&ledger), fault_points).run(waiting));
        Ok(ledger)
    }

    /// The store that the log is kept in; for reading.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The log's state; entries at and beyond the published size aren't anybody's to see yet.
    pub fn replay(&self) -> RwLockReadGuard<'_, Replay> {
        self.replay.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn published(&self) -> Arc<PublishedState> {
        self.published.borrow().clone()
    }

    /// How many entries everyone sees.
    pub fn size(&self) -> u64 {
        self.published.borrow().newest.size
    }

    /// Tells of each new checkpoint and cosignature.
    pub fn subscribe(&self) -> watch::Receiver<Arc<PublishedState>> {
        self.published.subscribe()
    }

    /// When the store was last restored, if ever ([`restore`]).
    pub const fn restored_at(&self) -> Option<Time> {
        self.restored_at
    }

    /// Whether the roster in force names this registry's key; before the first, whether it may.
    fn key_is_in_force(&self) -> bool {
        self.replay().roster().is_none_or(|roster| roster.log.contains(&self.key.verifier()))
    }

    /// The hash that pins the log, once it has begun.
    pub fn genesis(&self) -> Option<Hash> {
        self.replay().genesis()
    }

    /// The standing of the one person who has `tags`, by what is published, at `at`.
    pub fn standing(&self, tags: &[EpochTag], at: Time) -> Result<Standing, StandingError> {
        let size = self.size();
        self.replay().standing(tags, size, at)
    }

    /// Signs the newest checkpoint anew, with this minute's time: a quiet log is still seen to be alive (formats §8).
    /// The store is asked first whether this node still writes, and that this is its size and root: who can't ask signs
    /// nothing.
    pub async fn refresh(&self) -> Result<(), LedgerError> {
        // Read before the question: whoever sleeps after it signs with an old time.
        let asked_at = self.clock.now();
        let head = self.store.head().await?;
        self.check_head(&head, None)?;
        self.may_sign()?;
        if !self.key_is_in_force() {
            // What another key signed stays as it is, until a roster is logged that names this one.
            return Ok(());
        }
        let replay = self.replay();
        self.update_published(|state| {
            let published = state.newest.note.checkpoint();
            // What was committed meanwhile is published, with its own time, in a moment.
            let is_newest = (published.size, published.root) == (head.size, head.root);
            is_newest.then(|| state.refreshed(&self.key, replay.roster(), asked_at))
        });
        Ok(())
    }

    /// Size and root of what memory holds, a batch that isn't published yet with it.
    fn in_memory(&self) -> (u64, Hash) {
        let replay = self.replay();
        (replay.tree().size(), replay.tree().current_root())
    }

    /// Signs what the store was told and has committed.
    fn sign(&self, size: u64, root: Hash, asked_at: Time) -> PublishedCheckpoint {
        PublishedCheckpoint::new(&self.key, size, root, asked_at)
    }

    fn update_published(&self, change: impl FnOnce(&PublishedState) -> Option<PublishedState>) {
        self.published.send_if_modified(|state| match change(state) {
            Some(changed) => {
                *state = Arc::new(changed);
                true
            }
            None => false,
        });
    }
}

/// Holds a store that was brought back against what was signed last, and against what was shown to have been signed.
fn check_notes(notes: &dyn SignedNotes, replay: &Replay, key: &LogKey, without_note: bool) -> Result<(), LedgerError> {
    let tree = replay.tree();
    let newest = notes.newest()?;
    if newest.is_none() && tree.size() > 0 && !without_note {
        return Err(LedgerError::NoSignedNote { place: notes.place() });
    }
    for note in newest.iter().chain(&notes.contradiction()?) {
        let own = [key.verifier()];
        let keys = replay.roster().map_or(&own[..], |roster| &roster.log);
        let (signed, stored) = (note.checkpoint(), tree.size());
        let is_ours = note.verify(&own).is_ok() || note.verify(keys).is_ok();
        match tree.root(signed.size) {
            // An earlier key of the log may have signed it, which a roster since then left out.
            Some(root) if root == signed.root && signed.origin.as_str() == key.origin() => {}
            _ if !is_ours => return Err(LedgerError::ForeignNote { place: notes.place() }),
            Some(_) => return Err(LedgerError::OtherHistory { size: signed.size }),
            None => return Err(LedgerError::Behind { signed: signed.size, stored }),
        }
    }
    Ok(())
}

/// What is published of a log that goes on under another key: the last note of the key before, which must speak for all
/// of it.
fn inherited_state(
    notes: &dyn SignedNotes,
    replay: &Replay,
    roster: &Roster,
    key: &LogKey,
    (asked_at, lines): (Time, Vec<(NoteSignature, u64)>),
) -> Result<PublishedState, LedgerError> {
    let tree = replay.tree();
    let speaks = |note: &SignedCheckpoint| {
        let stated = note.checkpoint();
        (stated.size, stated.root) == (tree.size(), tree.current_root()) && note.verify(&roster.log).is_ok()
    };
    let note = notes.newest()?.filter(speaks);
    let own = || Box::new(key.verifier());
    let note = note.ok_or_else(|| LedgerError::NotInherited { own: own(), place: notes.place() })?;
    tracing::warn!(
        log.key = %key.verifier(),
        "the roster in force does not name this registry's log key: it shows what was signed, and signs nothing before a \
         roster is logged that does"
    );
    let witnesses = witnesses::verified_lines(Some(roster), &note, asked_at).unwrap_or_default();
    let state = PublishedState::inherited(note, roster, asked_at, witnesses);
    Ok(lines.into_iter().fold(state, |state, (line, timestamp)| {
        let cosigned = state.with_cosignature(Some(roster), tree.size(), &line, timestamp, asked_at);
        cosigned.unwrap_or(state)
    }))
}
