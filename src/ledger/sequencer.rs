//! The sequencer: how a docket enters the log, and the day's anchors. One straight function, [`Sequencer::sequence`]; beside each step stands
//! what is true if the process dies there.
//!
//! What queues while one batch is written is the next batch: there is no timer. Rules are the replay's, SQL the store's.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, Weak},
    time::Instant,
};

use callboard_federation::{
    disclosure::Disclosed,
    dsse::Envelope,
    encoding::{Hash, Octets, Time, to_json},
    entry::anchors_root,
    hand_in::{HandIn, check_shares},
    replay::{ReadDocket, Refusal},
    statement::Act,
};
use tokio::sync::{mpsc, oneshot};

use super::{Ledger, LedgerError, load};
use crate::store::{AnchorsOfDay, NewDocket, NewEntry, NewLogged, NewRecord, StoreError};

/// The most dockets that wait; whoever comes then is asked to come again.
const MAX_WAITING: usize = 4_096;
/// The most dockets that are written at once: more wouldn't be faster, and the first would wait for the last.
const MAX_BATCH: usize = 512;

/// Where a docket stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// Its index.
    pub index: u64,
    /// Whether it stood there before it was handed in this time.
    pub before: bool,
}

/// A step of the sequencer, by name: what tests break, and metrics tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The head row's lock is taken.
    Lock,
    /// What another wrote since is followed.
    CatchUp,
    /// Entries, records and head are written.
    Write,
    /// The transaction is committed.
    Commit,
    /// The checkpoint is signed and everyone may see the entries.
    Publish,
    /// Who waits gets an answer.
    Answer,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 6] = [Self::Lock, Self::CatchUp, Self::Write, Self::Commit, Self::Publish, Self::Answer];
}

/// What a test puts beside each step, to let it fail before it happened or after. Nothing, outside tests.
pub trait Waypoints: Send + Sync + 'static {
    /// Before the step: an error is «failed».
    fn before(&self, step: Step) -> Result<(), StoreError>;
    /// After the step: an error is «failed, but happened».
    fn after(&self, step: Step) -> Result<(), StoreError>;
}

/// Lets every step pass.
#[derive(Debug, Clone, Copy)]
pub struct Unhindered;

impl Waypoints for Unhindered {
    fn before(&self, _: Step) -> Result<(), StoreError> {
        Ok(())
    }

    fn after(&self, _: Step) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Where dockets wait.
pub(super) type Queue = mpsc::Sender<Waiting>;

/// What waits to be logged, and who waits for its answer.
pub(super) struct Waiting {
    handed: Handed,
    answer: oneshot::Sender<Result<Logged, LedgerError>>,
}

/// What is to be logged.
enum Handed {
    /// A docket as handed in and read by its caller, with its shares.
    Docket(Box<HandedDocket>),
    /// The members' anchors that were taken on a day.
    Anchors { taken_on: i64 },
}

struct HandedDocket {
    read: ReadDocket<Disclosed>,
    shares: Vec<Option<Octets<32>>>,
}

pub(super) fn queue() -> (Queue, mpsc::Receiver<Waiting>) {
    mpsc::channel(MAX_WAITING)
}

impl Ledger {
    /// Hands a docket in and waits until it is logged, or refused. The same payload again gets the same answer.
    pub async fn hand_in(&self, hand_in: HandIn) -> Result<Logged, LedgerError> {
        let (disclosed, shares) = hand_in.into_parts();
        if let Some(index) = self.replay().index_of(&disclosed.envelope.payload_hash())
            && index < self.size()
        {
            return Ok(Logged { index, before: true });
        }
        // Read here, where callers don't wait for one another: the sequencer does only what one must do.
        let read = ReadDocket::of(disclosed).map_err(Refusal::from)?;
        check_shares(read.statements(), &shares)?;
        self.sequence(Handed::Docket(Box::new(HandedDocket { read, shares }))).await
    }

    /// Logs the anchors that were taken on a day, and waits until it is done. That day again gets the same answer.
    pub(super) async fn log_anchors_of(&self, taken_on: i64) -> Result<Logged, LedgerError> {
        self.sequence(Handed::Anchors { taken_on }).await
    }

    async fn sequence(&self, handed: Handed) -> Result<Logged, LedgerError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { handed, answer };
        self.queue.send(waiting).await.map_err(|_| LedgerError::Stopping)?;
        answered.await.map_err(|_| LedgerError::Stopping)?
    }
}

/// Takes dockets into the log, in batches, as the one who does.
pub(super) struct Sequencer {
    ledger: Weak<Ledger>,
    waypoints: Arc<dyn Waypoints>,
}

impl Sequencer {
    pub(super) fn new(ledger: Weak<Ledger>, waypoints: Arc<dyn Waypoints>) -> Self {
        Self { ledger, waypoints }
    }

    pub(super) async fn run(self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::new();
        while waiting.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let Some(ledger) = self.ledger.upgrade() else { return };
            let began = Instant::now();
            let dockets = batch.len();
            self.take(&ledger, std::mem::take(&mut batch)).await;
            metrics::histogram!("sequencer_batch_seconds").record(began.elapsed());
            metrics::histogram!("sequencer_batch_dockets").record(u32::try_from(dockets).unwrap_or(u32::MAX));
        }
    }

    /// One batch; if it fails, its dockets one by one.
    async fn take(&self, ledger: &Ledger, batch: Vec<Waiting>) {
        let (handed, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|w| (w.handed, w.answer)).unzip();
        let outcomes = match self.sequence(ledger, &handed).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                tracing::warn!(%error, dockets = handed.len(), "a batch failed; its dockets run one by one");
                let mut outcomes = Vec::with_capacity(handed.len());
                for one in &handed {
                    outcomes.push(self.sequence_one(ledger, one).await);
                }
                outcomes
            }
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Who no longer waits finds the docket logged, or hands it in again.
            drop(answer.send(outcome));
        }
    }

    async fn sequence_one(&self, ledger: &Ledger, one: &Handed) -> Result<Logged, LedgerError> {
        // What failed may have happened: only the store knows.
        self.recover(ledger).await?;
        match self.sequence(ledger, std::slice::from_ref(one)).await {
            Ok(mut outcomes) => outcomes.pop().unwrap_or(Err(LedgerError::Stopping)),
            Err(error) => {
                self.recover(ledger).await?;
                let index = match one {
                    Handed::Docket(docket) => ledger.replay().index_of(&docket.read.payload_hash()),
                    // The next bell finds out.
                    Handed::Anchors { .. } => None,
                };
                index.map(|index| Logged { index, before: false }).ok_or(error)
            }
        }
    }

    /// Takes a batch into the log.
    ///
    /// Dying here loses nothing that was answered: an answer is given last, after everything that it speaks of.
    async fn sequence(
        &self,
        ledger: &Ledger,
        batch: &[Handed],
    ) -> Result<Vec<Result<Logged, LedgerError>>, LedgerError> {
        // Lock the head row: from here no other node appends. Dying here releases it; nothing was written.
        let mut append = self.step(Step::Lock, ledger.store.begin_append()).await?;

        // Follow what another node, or this one before a fault, wrote. Dying here: as before.
        if append.head().size != ledger.replay().tree().size() {
            self.step(Step::CatchUp, self.recover(ledger)).await?;
        }

        // Look which anchors wait: while the lock is held none is taken. Dying here: as before.
        let mut days = HashMap::new();
        for handed in batch {
            if let Handed::Anchors { taken_on } = handed {
                days.insert(*taken_on, append.anchors_of_day(*taken_on).await?);
            }
        }

        // Check all that can be refused, each docket after those before it, and assign indexes. This changes the
        // replay in memory alone, beyond the published size, where no reader looks; dying here forgets it.
        let now = ledger.clock.now();
        let (entries, outcomes) = check(ledger, batch, &mut days, now);

        if !entries.is_empty() {
            // Write all of it in a handful of statements. Dying here rolls back: the log is as before.
            self.step(Step::Write, append.write(&entries)).await?;

            // Commit. Dying before: the log is as before. Dying after: the dockets are in the log, whole, and the next
            // start publishes them; who waited hands in again and is told the index.
            self.step(Step::Commit, append.commit()).await?;

            // Only now sign: a signature speaks of nothing that could still be undone. Dying here: as after the commit.
            let publish = async {
                ledger.recent.extend(&entries);
                let replay = ledger.replay();
                ledger.post(|board| Some(board.grown(&ledger.key, replay.tree(), replay.roster(), now)));
                Ok::<_, LedgerError>(())
            };
            self.step(Step::Publish, publish).await?;
        }

        // Wake who waits. Dying here: they hand in again and get the same answer.
        self.step(Step::Answer, async { Ok::<_, LedgerError>(()) }).await?;
        Ok(outcomes)
    }

    async fn step<T, E>(&self, step: Step, act: impl Future<Output = Result<T, E>>) -> Result<T, LedgerError>
    where
        LedgerError: From<E>,
    {
        self.waypoints.before(step)?;
        let done = act.await?;
        self.waypoints.after(step)?;
        Ok(done)
    }

    /// Brings memory back to what the store holds, and publishes what of it wasn't yet.
    async fn recover(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let replay = load::replay(&ledger.store, ledger.genesis()).await?;
        let mut current = ledger.replay.write().unwrap_or_else(PoisonError::into_inner);
        *current = replay;
        ledger.recent.begin_at(current.tree().size());
        if current.tree().size() > ledger.size() {
            let now = ledger.clock.now();
            ledger.post(|board| Some(board.grown(&ledger.key, current.tree(), current.roster(), now)));
        }
        Ok(())
    }
}

/// What each docket of a batch came to, and the entries of those that count.
fn check(
    ledger: &Ledger,
    batch: &[Handed],
    days: &mut HashMap<i64, AnchorsOfDay>,
    now: Time,
) -> (Vec<NewEntry>, Vec<Result<Logged, LedgerError>>) {
    let mut replay = ledger.replay.write().unwrap_or_else(PoisonError::into_inner);
    // A clock that was set back doesn't stop the log: its time never decreases (formats §8).
    let logged_at = replay.logged_at().map_or(now, |last| now.max(last));
    let mut entries = Vec::new();
    let outcome = |handed: &Handed| {
        let index = replay.tree().size();
        let (entry, logged) = match handed {
            Handed::Docket(docket) => {
                if let Some(index) = replay.index_of(&docket.read.payload_hash()) {
                    return Ok(Logged { index, before: true });
                }
                (replay.log(&docket.read, logged_at)?, new_docket(docket))
            }
            Handed::Anchors { taken_on } => {
                let day = days.entry(*taken_on).or_default();
                let count = day.waiting.len() as u64;
                if count == 0 {
                    let before = day.index.map(|index| Logged { index, before: true });
                    return before.ok_or(LedgerError::Unreadable { index });
                }
                let entry = replay.log_anchors(anchors_root(std::mem::take(&mut day.waiting)), logged_at);
                day.index = Some(index);
                (entry.ok_or(LedgerError::Unreadable { index })?, NewLogged::Anchors { taken_on: *taken_on, count })
            }
        };
        let leaf = entry.to_string().into_bytes();
        entries.push(NewEntry { index, logged_at: entry.logged_at, leaf, logged });
        Ok(Logged { index, before: false })
    };
    let outcomes = batch.iter().map(outcome).collect();
    (entries, outcomes)
}

/// What the store keeps of a docket that counts.
fn new_docket(HandedDocket { read, shares }: &HandedDocket) -> NewLogged {
    let (docket, Disclosed { envelope, items, publication }) = (read.docket(), read.disclosed());
    let mut records = Vec::with_capacity(docket.items.len());
    for ((item, bytes), share) in docket.items.iter().zip(items).zip(shares) {
        let (statement, share) = (bytes.clone().unwrap_or_default(), share.map(|share| share.0));
        records.push(NewRecord { id: item.record, kind: item.kind, statement, share });
    }
    let erased = read.statements().iter().flatten().filter_map(|statement| match &statement.act {
        Act::Erasure { about, .. } => Some(about),
        _ => None,
    });
    NewLogged::Docket(NewDocket {
        payload_hash: read.payload_hash(),
        docket_id: docket.id,
        envelope: envelope_bytes(envelope),
        publication: publication.as_ref().map(|text| (Hash::of(text), text.clone())),
        records,
        erased: erased.flatten().copied().collect(),
    })
}

/// An envelope as the store keeps it: the payload's bytes stay as received, in base64.
fn envelope_bytes(envelope: &Envelope) -> Vec<u8> {
    to_json(envelope)
}
