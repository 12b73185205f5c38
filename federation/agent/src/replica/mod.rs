//! The replica: the log as the feed discloses it, verified from one pinned hash, cosigned, and held for reading.
//!
//! In reading order: [`state`] is what is known after each line; [`load`] brings it back from the file; [`follow`] asks the
//! registry for more; [`checkpoint`] judges what the log signed, and cosigns ([`cosigned`] keeps what); `callboard_client::evidence` writes
//! down what convicts the log; [`reading`] answers, [`status`] says which alarm is what. Rules are
//! `callboard_federation::replay`'s. Implements *Freshness* and *Agents are witnesses* of `docs/formats.md` §8.

mod checkpoint;
pub mod cosigned;
mod follow;
mod load;
mod other_agent;
pub mod reading;
mod state;
mod status;

use std::{
    fs::File,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

pub use callboard_api::agent::operating::Alarm;
use callboard_api::agent::operating::{FailureSide, LogStatus, OtherAgent};
pub use callboard_client::feed::Limits;
use callboard_client::{
    clock::Clock,
    evidence,
    feed::FeedError,
    http::{self, HttpError},
};
use callboard_federation::{
    disclosure::{Disclosure, DocketDisclosure},
    docket::Publication,
    encoding::{Hash, PublicKey, RecordId, Time},
    statement::Statement,
    tlog::checkpoint::SignedCheckpoint,
    zh_en,
};
use callboard_keys::MemberKey;
use cosigned::LastCosignature;
pub use reading::{StaleError, VerifiedLog};
use state::State;
use tokio::sync::{Notify, watch};

use crate::{
    config::Config,
    file_error::FileError,
    store::{StoreError, replica::ReplicaStore},
};

#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// A file can't be read or written, or another agent runs on the directory.
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}", zh_en!("登记视图的文件", "the replica's file"))]
    Store(#[from] StoreError),
    #[error("{}", zh_en!("登记系统", "the registry"))]
    Http(#[from] HttpError),
    /// An answer broke off, has no end, or is none of the feed.
    #[error("{}", zh_en!("登记系统答复的不是登记内容：{_0}", "the registry's answer is none of the feed: {_0}"))]
    Answer(&'static str),
    /// An answer isn't whole after [`Limits::time`]; what came of it is taken.
    #[error("{}", zh_en!("登记系统答复过慢；已收到的部分照常采用",
        "the registry's answer takes too long; what came of it is taken"))]
    Slow,
    #[error("{alarm}: {detail}")]
    Alarm { alarm: Alarm, detail: String },
    #[error("{}", zh_en!("程序正在停止", "the program is stopping"))]
    Stopping,
}

impl From<FeedError> for ReplicaError {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Http(error) => Self::Http(error),
            FeedError::Answer(why) => Self::Answer(why.en),
            FeedError::Slow => Self::Slow,
        }
    }
}

impl ReplicaError {
    fn retry_after(&self) -> Option<std::time::Duration> {
        if let Self::Http(error) = self { error.retry_after() } else { None }
    }
}

/// Clones are the same replica.
#[derive(Clone)]
pub struct Replica(Arc<Inner>);

struct Inner {
    config: Config,
    key: Arc<MemberKey>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    limits: Limits,
    store: ReplicaStore,
    state: RwLock<State>,
    cosigned: Mutex<LastCosignature>,
    contact: Mutex<Contact>,
    grown: watch::Sender<u64>,
    hurry: Notify,
    /// One look at a time.
    looking: tokio::sync::Mutex<()>,
    /// Held until it is closed: a second agent on the directory is refused.
    lock: Mutex<Option<File>>,
}

/// What the registry last said.
#[derive(Debug, Default)]
struct Contact {
    at: Option<Time>,
    size: u64,
    failure: Option<String>,
    failing: Option<FailureSide>,
    /// What the registry tells this member with its feed.
    notices: Option<String>,
    note: Option<SignedCheckpoint>,
    other_agent: Option<OtherAgent>,
}

impl Replica {
    /// Opens the replica of `config`'s directory and replays it from genesis. A damaged or foreign one is set aside,
    /// said so, and followed anew.
    pub async fn open(config: &Config, key: Arc<MemberKey>, clock: Arc<dyn Clock>) -> Result<Self, ReplicaError> {
        Self::open_within(config, key, clock, Limits::default()).await
    }

    /// As [`Replica::open`], with other bounds of an answer.
    pub async fn open_within(
        config: &Config,
        key: Arc<MemberKey>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<Self, ReplicaError> {
        let directory = &config.directory;
        let failed = |source| FileError::Io { what: directory.display().to_string(), source };
        std::fs::create_dir_all(directory).map_err(failed)?;
        let lock = File::create(directory.join("lock")).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => FileError::Taken(zh_en!(
                "{path} 上已有另一会员端在运行：一个目录只能运行一个会员端",
                "another agent runs on {path}: one agent a directory",
                path = directory.display()
            )),
            std::fs::TryLockError::Error(source) => failed(source),
        })?;
        let cosigned = LastCosignature::open(directory, key.witness())?;
        let (store, mut state) = load::open(directory, config.genesis, clock.now()).await?;
        if let Some(path) = evidence::found(directory).map_err(failed)? {
            state.raise(Alarm::Fork, clock.now(), &format!("{} stands", path.display()));
        }
        let note = load::view(&store, &mut state, &config.issuer, clock.now()).await?;
        let size = state.view.map_or(0, |view| view.size);
        Ok(Self(Arc::new(Inner {
            config: config.clone(),
            key,
            clock,
            client: http::client()?,
            limits,
            store,
            state: RwLock::new(state),
            cosigned: Mutex::new(cosigned),
            contact: Mutex::new(Contact { note, ..Contact::default() }),
            grown: watch::Sender::new(size),
            hurry: Notify::new(),
            looking: tokio::sync::Mutex::new(()),
            lock: Mutex::new(Some(lock)),
        })))
    }

    /// Asks the loop to look at once: a webhook is a hint to look.
    pub fn hurry(&self) {
        self.0.hurry.notify_one();
    }

    pub fn read(&self) -> VerifiedLog<'_> {
        VerifiedLog(self.0.read())
    }

    /// The size of the newest witnessed view, each time it grows.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.grown.subscribe()
    }

    /// The newest checkpoint that the replica bears out, with every line known of it.
    pub fn checkpoint(&self) -> Option<SignedCheckpoint> {
        self.0.contact().note.clone()
    }

    /// When the registry was restored, if it says so with its feed: what it was told before that it may lack.
    pub fn registry_restored_at(&self) -> Option<Time> {
        let contact = self.0.contact();
        let notices = contact.notices.as_deref().unwrap_or_default();
        notices.split(", ").find_map(|notice| notice.strip_prefix("restored=")?.parse().ok())
    }

    /// The statement of a record, details included, unless it is erased or unknown.
    pub async fn statement(&self, id: RecordId) -> Result<Option<Statement>, ReplicaError> {
        let Some(place) = self.read().record(id).map(|record| record.place) else { return Ok(None) };
        let docket = self.disclosed(place.index).await?;
        let read = |docket: DocketDisclosure| {
            Statement::from_json(docket.items.get(usize::try_from(place.position).ok()?)?.as_ref()?).ok()
        };
        Ok(docket.and_then(read))
    }

    /// SHA-256 of the payload of the docket of an entry; `None` of anchors.
    pub async fn docket(&self, index: u64) -> Result<Option<Hash>, ReplicaError> {
        Ok(self.disclosed(index).await?.map(|docket| docket.envelope.payload_hash()))
    }

    /// What appeared in public with the docket of an entry, as far as it isn't erased.
    pub async fn publication(&self, index: u64) -> Result<Option<Publication>, ReplicaError> {
        let docket = self.disclosed(index).await?;
        Ok(docket.and_then(|docket| Publication::from_json(&docket.publication?).ok()))
    }

    async fn disclosed(&self, index: u64) -> Result<Option<DocketDisclosure>, ReplicaError> {
        let lines = self.0.store.lines(index, index + 1).await?;
        Ok(lines.first().and_then(|line| Disclosure::from_json(line).ok()?.docket))
    }

    /// The lines from index `from` on that the newest checkpoint bears out, as the feed had them, `limit` at most; and
    /// that checkpoint. `None` before the first.
    pub async fn lines(&self, from: u64, limit: u64) -> Result<Option<(Vec<Vec<u8>>, SignedCheckpoint)>, ReplicaError> {
        let Some(note) = self.checkpoint() else { return Ok(None) };
        let to = note.checkpoint().size.min(from.saturating_add(limit));
        Ok(Some((self.0.store.lines(from, to).await?, note)))
    }

    /// Closes the file, so that all of it is in one piece; nothing is followed afterwards.
    pub async fn close(&self) {
        let _none = self.0.looking.lock().await;
        self.0.store.close().await;
        // Whoever still reads what is in memory holds up no next agent.
        drop(self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    pub fn status(&self) -> LogStatus {
        let (state, contact) = (self.0.read(), self.0.contact());
        let roster = state.replay.roster();
        let members = state.replay.members();
        let request_key = PublicKey::of(self.0.key.request_key());
        LogStatus {
            size: state.size(),
            confirmed: state.confirmed,
            witnessed: state.view.map(|view| view.size),
            witnessed_since: state.view.map(|view| view.since),
            unwitnessed: state.view.is_some_and(|view| !view.witnessed),
            quorum: roster.map(|roster| roster.witnesses.quorum),
            is_witness: roster.is_some_and(|roster| roster.witnesses.keys.contains(&self.0.key.witness())),
            is_member: members.map(|members| members.document.value.keys().any(|key| *key == request_key)),
            duty_contact: members.and_then(|members| {
                members.document.value.contact_of(self.0.config.member.as_str()).map(str::to_owned)
            }),
            behind: contact.size.saturating_sub(state.view.map_or(0, |view| view.size)),
            last_contact: contact.at,
            failure: contact.failure.clone(),
            failing: contact.failing,
            notices: contact.notices.clone(),
            other_agent: contact.other_agent.filter(|other| other_agent::is_about(other, self.0.clock.now())),
            alarms: state.alarms.values().cloned().collect(),
            kept: evidence::kept(&self.0.config.directory),
            uncounted: state.uncounted.clone(),
        }
    }
}

impl Inner {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn contact(&self) -> MutexGuard<'_, Contact> {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cosigned(&self) -> MutexGuard<'_, LastCosignature> {
        self.cosigned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Raises an alarm: in the log once, in the status until it is over.
    fn raise(&self, alarm: Alarm, detail: &dyn std::fmt::Display) -> ReplicaError {
        let detail = detail.to_string();
        self.write().raise(alarm, self.clock.now(), &detail);
        ReplicaError::Alarm { alarm, detail }
    }
}
