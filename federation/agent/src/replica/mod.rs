//! The replica: the log as this member followed and verified it, from the pinned genesis hash, and what may be answered
//! from it.
//!
//! In reading order: [`state`], what is known and what a checkpoint makes of it, pure; [`alarm`], what can be wrong;
//! [`sync`], the loop; [`witness`], our cosignatures. Implements `docs/formats.md` §5 and §8 for a member.

mod alarm;
mod load;
mod state;
mod sync;
mod witness;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use alarm::Alarms;
pub use alarm::{Alarm, Lie, Report};
use callboard_client::{
    clock::Clock,
    http::{self, HttpError},
    key_file::MemberKey,
    pin::Address,
};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::{Hash, RecordId, Time},
    policy::Policy,
    records::Record,
    roster::Roster,
    standing::{Standing, StandingError, joined_tags},
    statement::{EpochTag, Statement},
};
use serde::Serialize;
use state::State;
pub use state::{AsOf, Stale};
use tokio::sync::{Notify, watch};
use witness::Cosigned;
pub use witness::WitnessError;

use crate::{
    config::Config,
    store::{StoreError, replica::ReplicaStore},
};

/// The file of the lines, in the agent's directory.
const FILE: &str = "replica.sqlite";

/// The verified log. Cheap to clone.
#[derive(Clone)]
pub struct Replica {
    inner: Arc<Inner>,
}

struct Inner {
    genesis: Hash,
    url: Address,
    directory: PathBuf,
    key: Arc<MemberKey>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    store: ReplicaStore,
    state: RwLock<State>,
    cosigned: Mutex<Cosigned>,
    contact: Mutex<Contact>,
    /// Why the lines were fetched anew, if they were.
    rebuilt: Option<String>,
    witnessed: watch::Sender<u64>,
    hurry: Notify,
}

/// How the registry was reached last.
#[derive(Debug, Default)]
struct Contact {
    last: Option<Time>,
    error: Option<String>,
    /// Whether the registry takes the key for a member's; unknown before the first answer.
    is_member: Option<bool>,
    is_witness: bool,
    alarms: Alarms,
}

/// How the replica stands, for people and monitors.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// How many entries were followed.
    pub followed: u64,
    /// How many entries the newest witnessed view has.
    pub witnessed: Option<u64>,
    /// Since when that view is witnessed.
    pub since: Option<Time>,
    /// Whether others than the log cosigned it; with a quorum of 0 nobody did.
    pub unwitnessed: bool,
    /// Whether the registry takes this key for a member's.
    pub member: Option<bool>,
    /// Whether the roster in force names this member's witness key.
    pub witness: bool,
    /// When the registry's feed was last read to its end.
    pub last_contact: Option<Time>,
    /// Why it wasn't, if it wasn't.
    pub error: Option<String>,
    /// Why the replica was fetched anew when the agent started, if it was.
    pub rebuilt: Option<String>,
    /// What is wrong with what the registry shows.
    pub alarms: Vec<Alarm>,
    /// Dockets that don't count.
    pub reports: Vec<Report>,
}

/// Why there is no replica, or nothing more of it.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// The agent's store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry.
    #[error("the registry")]
    Http(#[from] HttpError),
    /// What was cosigned isn't known.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// A damaged replica can't be set aside.
    #[error("a damaged replica can't be set aside: {path}", path = path.display())]
    SetAside {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

/// The verified log, for reading: let go of it before anything is waited for.
pub struct Reading<'a>(RwLockReadGuard<'a, State>, bool);

impl Replica {
    /// Opens the replica in the agent's directory and follows it from genesis. One that is damaged or of another log is
    /// set aside, said so, and fetched anew.
    pub async fn open(config: &Config, key: Arc<MemberKey>, clock: Arc<dyn Clock>) -> Result<Self, ReplicaError> {
        let path = config.directory.join(FILE);
        let cosigned = Cosigned::open(config.directory.join("cosigned"), &key)?;
        let (loaded, rebuilt) = match load::open(&path, config.genesis).await {
            Ok(loaded) => (loaded, None),
            Err(load::Unusable::Store(error)) if !error.is_damage() => return Err(error.into()),
            Err(damage) => {
                let why = damage.to_string();
                tracing::error!(why, "the replica is set aside, and fetched anew");
                load::set_aside(&path, clock.now())?;
                (load::open(&path, config.genesis).await.map_err(load::Unusable::into_store)?, Some(why))
            }
        };
        let (store, state) = loaded;
        let witnessed = state.witnessed.as_ref().map_or(0, |witnessed| witnessed.note.checkpoint().size);
        let mut alarms = Alarms::default();
        if let Some(evidence) = load::evidence_in(&config.directory) {
            alarms.raise(Lie::Fork, format!("proven by {}", evidence.display()), clock.now());
        }
        Ok(Self {
            inner: Arc::new(Inner {
                genesis: config.genesis,
                url: config.url.clone(),
                directory: config.directory.clone(),
                key,
                clock,
                client: http::client()?,
                store,
                state: RwLock::new(state),
                cosigned: Mutex::new(cosigned),
                contact: Mutex::new(Contact { alarms, ..Contact::default() }),
                rebuilt,
                witnessed: watch::Sender::new(witnessed),
                hurry: Notify::new(),
            }),
        })
    }

    /// Looks at the feed at once: something says that there is news.
    pub fn hurry(&self) {
        self.inner.hurry.notify_one();
    }

    /// What is known, for reading.
    pub fn read(&self) -> Reading<'_> {
        let forked = self.contact().alarms.is_forked();
        Reading(self.state(), forked)
    }

    /// The size of the newest witnessed view, each time that it grows.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.inner.witnessed.subscribe()
    }

    /// A record's statement as it was disclosed; `None` if there is no such record that counts, or it was erased.
    pub async fn statement(&self, id: RecordId) -> Result<Option<Statement>, ReplicaError> {
        let Some(place) = self.state().replay.records().get(id).map(|record| record.place) else { return Ok(None) };
        let lines = self.inner.store.lines(place.index, place.index + 1).await?;
        let disclosed = lines.first().and_then(|line| Disclosure::from_json(line).ok()).and_then(|line| line.docket);
        let position = usize::try_from(place.position).unwrap_or(usize::MAX);
        let bytes = disclosed.and_then(|docket| docket.items.into_iter().nth(position).flatten());
        Ok(bytes.and_then(|bytes| Statement::from_json(&bytes).ok()))
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        let state = self.state();
        let contact = self.contact();
        let witnessed = state.witnessed.as_ref();
        Status {
            followed: state.size(),
            witnessed: witnessed.map(|witnessed| witnessed.note.checkpoint().size),
            since: witnessed.map(|witnessed| witnessed.since),
            unwitnessed: witnessed.is_some_and(|witnessed| witnessed.quorum == 0),
            member: contact.is_member,
            witness: contact.is_witness,
            last_contact: contact.last,
            error: contact.error.clone(),
            rebuilt: self.inner.rebuilt.clone(),
            alarms: contact.alarms.all(),
            reports: state.reports.clone(),
        }
    }

    /// Closes its file.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.inner.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.inner.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn cosigned(&self) -> MutexGuard<'_, Cosigned> {
        self.inner.cosigned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contact(&self) -> MutexGuard<'_, Contact> {
        self.inner.contact.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn raise(&self, lie: Lie, detail: String) {
        self.contact().alarms.raise(lie, detail, self.inner.clock.now());
    }

    fn note_clean(&self, is_witness: bool) {
        let mut contact = self.contact();
        contact.alarms.clear();
        contact.is_witness = is_witness;
    }

    /// Tells who waits how far the witnessed view goes.
    fn announce(&self) {
        let size = self.state().witnessed.as_ref().map_or(0, |witnessed| witnessed.note.checkpoint().size);
        self.inner.witnessed.send_if_modified(|known| std::mem::replace(known, size) != size);
    }

    /// Follows what a checkpoint bore out again, told what erased statements hid.
    async fn begin_again(&self) -> Result<(), ReplicaError> {
        let told = self.state().told();
        self.reload(told).await
    }

    /// Forgets the lines that no checkpoint bears out.
    async fn go_back(&self) -> Result<(), ReplicaError> {
        let (told, is_ahead) = {
            let state = self.state();
            let borne = state.newest.as_ref().map_or(0, |newest| newest.checkpoint().size);
            (state.told(), state.size() > borne)
        };
        if is_ahead { self.reload(told).await } else { Ok(()) }
    }

    async fn reload(&self, told: BTreeSet<u64>) -> Result<(), ReplicaError> {
        let head = self.inner.store.head().await?;
        self.inner.store.truncate(head.size).await?;
        let state = load::follow(&self.inner.store, self.inner.genesis, &head, told).await;
        *self.state_mut() = state.map_err(load::Unusable::into_store)?;
        Ok(())
    }
}

impl Reading<'_> {
    /// The newest witnessed view, if it is not older than `max_staleness`.
    ///
    /// # Errors
    /// [`Stale`]: nothing may be answered from it.
    pub fn fresh(&self, now: Time, max_staleness: Duration) -> Result<AsOf, Stale> {
        if self.1 { Err(Stale::Forked) } else { self.0.fresh(now, max_staleness) }
    }

    /// The standing of the one person who has `tags`, in a view, at an instant.
    pub fn standing(&self, tags: &[EpochTag], as_of: &AsOf, at: Time) -> Result<Standing, StandingError> {
        self.0.replay.standing(tags, as_of.size, at)
    }

    /// The roster in force in a view.
    pub fn roster(&self, as_of: &AsOf) -> Option<&Roster> {
        self.0.roster_at(as_of.size)
    }

    /// The newest roster that was followed.
    pub fn newest_roster(&self) -> Option<&Roster> {
        self.0.replay.roster()
    }

    /// A record that counts and isn't erased.
    pub fn record(&self, id: RecordId) -> Option<&Record> {
        self.0.replay.records().get(id)
    }

    /// A policy by the hash of its document.
    pub fn policy(&self, hash: Hash) -> Option<&Policy> {
        self.0.replay.policies().get(&hash)
    }

    /// The records of the entries `from` to before `to` that count and aren't erased, in order.
    pub fn records(&self, from: u64, to: u64) -> impl Iterator<Item = &Record> {
        self.0.records(from, to).filter_map(|id| self.record(id))
    }

    /// How many entries the newest witnessed view has, however old it is.
    pub fn witnessed_size(&self) -> Option<u64> {
        self.0.witnessed.as_ref().map(|witnessed| witnessed.note.checkpoint().size)
    }

    /// The tags of the one person who has `tags`, as links that hold join them.
    pub fn joined_tags(&self, tags: &[EpochTag], size: u64, at: Time) -> Vec<EpochTag> {
        joined_tags(self.0.replay.records(), tags, size, at).into_iter().collect()
    }

    /// The tags of a record: its own, or those of what it is about.
    pub fn tags_of(&self, record: &Record) -> Vec<EpochTag> {
        self.0.replay.records().tags_of(record)
    }
}
