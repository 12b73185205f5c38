//! The sequencer: how a docket enters the log, and the day's anchors. Two straight functions, [`Sequencer::prepare`]
//! and [`Sequencer::write`]; beside each step stands what is true if the process dies there.
//!
//! What queues while one batch is written is the next batch: there is no timer. A batch of which nobody knows whether
//! it was committed is [`PendingBatch`]: nothing else is sequenced before [`Sequencer::settle`] has asked the store,
//! under the lock that the lost commit held, and has published it or written it again. Rules are the replay's, SQL the
//! store's.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, Weak},
    time::{Duration, Instant},
};

use callboard_client::runtime::error_chain;
use callboard_federation::{
    encoding::{Hash, Time},
    hand_in::{HandIn, check_shares},
    replay::{ReadDocket, RuleError},
};
use callboard_service::group_commit;
use tokio::sync::mpsc;

pub use super::batch::LogPosition;
pub use super::fault_points::{FaultPoints, NoFaults, SequencerStep};
use super::{
    Ledger, LedgerError,
    batch::{DocketSubmission, Submission, check},
    load,
    writership::Writership,
};
use crate::store::{AppendTransaction, NewEntry, StoreError};

/// The most dockets that wait; whoever comes then is asked to come again.
const MAX_WAITING: usize = 4_096;
/// The most dockets that are written at once: more wouldn't be faster, and the first would wait for the last.
const MAX_BATCH: usize = 512;
/// How often a store that failed is asked again.
const PAUSE: Duration = Duration::from_millis(500);
/// A batch is committed within this of its time, in milliseconds, and written again within [`AGAIN_WITHIN_MILLIS`]:
/// witnesses, who cosign the size before it each minute, refuse what is logged over five minutes before such a time.
const COMMIT_WITHIN_MILLIS: i64 = 60_000;
/// How long a batch that failed is written again as it is, in milliseconds of its time.
const AGAIN_WITHIN_MILLIS: i64 = 120_000;

/// Where dockets wait. What takes them has a loop of its own: while the store fails it asks again, though nobody waits.
pub(super) type Queue = group_commit::Queue<Submission, Result<LogPosition, LedgerError>>;
type QueuedItem = group_commit::QueuedItem<Submission, Result<LogPosition, LedgerError>>;

pub(super) fn queue() -> (Queue, mpsc::Receiver<QueuedItem>) {
    Queue::new(MAX_WAITING)
}

impl Ledger {
    /// Hands a docket in and waits until it is logged, or refused: by the log's rules, or because it doesn't follow from
    /// its cases. The same payload again gets the same answer.
    pub async fn submit(self: &Arc<Self>, mut hand_in: HandIn) -> Result<LogPosition, LedgerError> {
        let chains = std::mem::take(&mut hand_in.events);
        let (disclosed, shares) = hand_in.into_parts();
        if let Some(index) = self.replay().index_of(&disclosed.envelope.payload_hash())
            && index < self.size()
        {
            return Ok(LogPosition { index, before: true });
        }
        // Read here, where callers don't wait for one another: the sequencer does only what one must do.
        let read = ReadDocket::of(disclosed).map_err(RuleError::from)?;
        check_shares(read.statements(), &shares)?;
        let cases = self.check_cases(&read, chains).await?;
        let docket = read.payload_hash();
        let submission = Submission::Docket(Box::new(DocketSubmission { read, shares }));
        if cases.is_empty() {
            return self.sequence(submission).await;
        }
        // Whoever no longer waits doesn't let its cases go before it is logged.
        let ledger = self.clone();
        let logging = tokio::spawn(async move {
            let logged = ledger.sequence(submission).await?;
            ledger.issue(cases, docket).await;
            Ok(logged)
        });
        logging.await.map_err(|_| LedgerError::Stopping)?
    }

    /// Logs the anchors that were taken on a day, and waits until it is done. That day again gets the same answer.
    pub(super) async fn log_anchors_of(&self, taken_on: i64) -> Result<LogPosition, LedgerError> {
        self.sequence(Submission::Anchors { taken_on }).await
    }

    /// Whether dockets are still taken: the task that does is alive.
    pub fn takes_dockets(&self) -> bool {
        !self.queue.is_closed()
    }

    async fn sequence(&self, submission: Submission) -> Result<LogPosition, LedgerError> {
        self.may_sign()?;
        self.queue.ask(submission).await.map_err(|_| LedgerError::Stopping)?
    }
}

/// Takes dockets into the log, in batches, as the one who does.
pub(super) struct Sequencer {
    ledger: Weak<Ledger>,
    fault_points: Arc<dyn FaultPoints>,
    pending: Option<PendingBatch>,
}

/// A batch that memory has and the store may have: checked, and not published yet.
struct PendingBatch {
    /// Size and root before it, and after it.
    before: (u64, Hash),
    after: (u64, Hash),
    entries: Vec<NewEntry>,
    /// Read before the transaction in which the store said that this node writes: the time of the cosignature.
    asked_at: Time,
    logged_at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SettleOutcome {
    /// It is in the log, and published.
    Logged,
    /// It isn't in the log, and memory has forgotten it.
    Abandoned,
}

type SubmissionOutcomes = Vec<Result<LogPosition, LedgerError>>;

impl Sequencer {
    pub(super) fn new(ledger: Weak<Ledger>, fault_points: Arc<dyn FaultPoints>) -> Self {
        Self { ledger, fault_points, pending: None }
    }

    pub(super) async fn run(mut self, mut waiting: mpsc::Receiver<QueuedItem>) {
        let mut batch = Vec::new();
        let mut is_well = true;
        loop {
            let received = waiting.recv_many(&mut batch, MAX_BATCH);
            let received = if is_well { Ok(received.await) } else { tokio::time::timeout(PAUSE, received).await };
            if received == Ok(0) {
                return;
            }
            let Some(ledger) = self.ledger.upgrade() else { return };
            if received.is_ok() {
                let began = Instant::now();
                let dockets = batch.len();
                self.process_batch(&ledger, std::mem::take(&mut batch)).await;
                metrics::histogram!("callboard_registry_sequencer_batch_seconds").record(began.elapsed());
                metrics::histogram!("callboard_registry_sequencer_batch_dockets")
                    .record(u32::try_from(dockets).unwrap_or(u32::MAX));
            } else {
                // Nobody waits: whatever was wrong may be over.
                if let Err(error) = self.settle(&ledger).await {
                    ledger.note_failed(&error);
                }
            }
            is_well = matches!(ledger.writership(), Writership::Writes | Writership::Fenced { .. });
        }
    }

    /// One batch; if it fails for what is in it, its dockets one by one.
    async fn process_batch(&mut self, ledger: &Ledger, batch: Vec<QueuedItem>) {
        let (submissions, callers): (Vec<_>, Vec<_>) = batch.into_iter().map(QueuedItem::into_parts).unzip();
        let outcomes = match self.sequence(ledger, &submissions).await {
            Ok(outcomes) => outcomes,
            Err(error) if submissions.len() > 1 && is_content_error(&error) => {
                tracing::warn!(%error, dockets = submissions.len(), "a batch failed; its dockets run one by one");
                let mut outcomes = Vec::with_capacity(submissions.len());
                for one in &submissions {
                    let outcome = self.sequence(ledger, std::slice::from_ref(one)).await;
                    outcomes.push(outcome.and_then(|mut each| each.pop().unwrap_or(Err(LedgerError::Stopping))));
                }
                outcomes
            }
            Err(error) => {
                let mut outcomes: SubmissionOutcomes =
                    submissions.iter().skip(1).map(|_| Err(shared_error(&error))).collect();
                outcomes.push(Err(error));
                outcomes
            }
        };
        for (caller, outcome) in callers.into_iter().zip(outcomes) {
            // Who no longer waits finds the docket logged, or hands it in again.
            caller.answer(outcome);
        }
    }

    /// Takes a batch into the log. What fails on the way is tried once more at once.
    async fn sequence(&mut self, ledger: &Ledger, batch: &[Submission]) -> Result<SubmissionOutcomes, LedgerError> {
        self.try_sequence(ledger, batch).await.inspect_err(|error| ledger.note_failed(error))
    }

    async fn try_sequence(&mut self, ledger: &Ledger, batch: &[Submission]) -> Result<SubmissionOutcomes, LedgerError> {
        ledger.may_sign()?;
        if self.pending.is_some() {
            self.settle(ledger).await?;
        }
        let (outcomes, append) = match self.prepare(ledger, batch).await {
            // The connection was lost, and there may be another.
            Err(LedgerError::Store(StoreError::Unavailable(_))) => self.prepare(ledger, batch).await?,
            prepared => prepared?,
        };
        let Err(error) = self.write(ledger, append).await else { return Ok(outcomes) };
        if is_content_error(&error) {
            self.give_up(ledger).await?;
            return Err(error);
        }
        tracing::warn!(error = error_chain(&error), "a batch may be logged, or not: the store is asked");
        match self.settle(ledger).await? {
            SettleOutcome::Logged => Ok(outcomes),
            SettleOutcome::Abandoned => Err(error),
        }
    }

    /// Checks a batch, and puts it into memory: nothing of it is in the store yet, and nobody sees it.
    ///
    /// Dying here loses nothing that was answered: an answer is given last, after everything that it speaks of.
    async fn prepare(
        &mut self,
        ledger: &Ledger,
        batch: &[Submission],
    ) -> Result<(SubmissionOutcomes, AppendTransaction), LedgerError> {
        // Read before the store says that this node writes: whoever sleeps from here on signs with an old time.
        let asked_at = ledger.clock.now();

        // Lock the head row, which names this node: from here no other appends or takes over. Dying here releases it.
        let mut append = self.step(SequencerStep::Lock, ledger.store.begin_append()).await?;

        // The store holds what memory does, size and root, or it isn't the one that we wrote.
        let head = append.head();
        let before = ledger.in_memory();
        if (head.size, head.root) != before {
            ledger.check_head(&head, Some(ledger.replay().tree()))?;
            return Err(LedgerError::OtherHistory { size: head.size });
        }

        // Look which anchors wait: while the lock is held none is taken. Dying here: as before.
        let mut days = HashMap::new();
        for submission in batch {
            if let Submission::Anchors { taken_on } = submission {
                days.insert(*taken_on, append.anchors_of_day(*taken_on).await?);
            }
        }

        // Check all that can be refused, each docket after those before it, and assign indexes. This changes the
        // replay in memory alone, beyond the published size, where no reader looks; dying here forgets it.
        let now = ledger.clock.now();
        let (entries, outcomes) = check(ledger, batch, &mut days, now);
        if !entries.is_empty() {
            let after = ledger.in_memory();
            self.pending = Some(PendingBatch { before, after, entries, asked_at, logged_at: now });
        }
        Ok((outcomes, append))
    }

    /// Writes the pending batch, commits and publishes it. An error of this, and it stays pending.
    async fn write(&mut self, ledger: &Ledger, mut append: AppendTransaction) -> Result<(), LedgerError> {
        if let Some(PendingBatch { entries, after, logged_at, .. }) = &self.pending {
            // Write all of it in a handful of statements, with the head's new root. Dying here rolls back.
            self.step(SequencerStep::Write, append.write(entries, after.1)).await?;

            // Whoever slept in between logs nothing with the time from before: witnesses would take it for backdated.
            if ledger.clock.now() > logged_at.plus_millis(COMMIT_WITHIN_MILLIS) {
                return Err(LedgerError::Late);
            }

            // Commit. Dying before: the log is as before. Dying after: the dockets are in the log, whole, and the next
            // start publishes them; who waited hands in again and is told the index.
            self.step(SequencerStep::Commit, append.commit()).await?;

            self.publish(ledger).await?;
        }
        // Wake who waits. Dying here: they hand in again and get the same answer.
        self.step(SequencerStep::Answer, async { Ok::<_, LedgerError>(()) }).await
    }

    /// Signs and shows what the store holds by now.
    async fn publish(&mut self, ledger: &Ledger) -> Result<(), LedgerError> {
        let Some(pending) = &self.pending else { return Ok(()) };
        ledger.may_sign()?;

        // Only now sign, and only what the committed transaction wrote into the head row: a signature speaks of nothing
        // that could still be undone. Keep it where no copy of the store brings an older one along. Dying here: as
        // after the commit, and the note, which nobody saw, is of what the store holds.
        let (size, root) = pending.after;
        let published = ledger.sign(size, root, pending.asked_at);
        self.step(SequencerStep::Keep, ledger.notes.keep(&published.note)).await?;

        // Show it. Dying here: as after the commit.
        let publish = async {
            if ledger.size() < size {
                ledger.recent.extend(&pending.entries);
                let replay = ledger.replay();
                ledger.update_published(|state| Some(state.with_newest(published, replay.roster(), pending.asked_at)));
            }
            Ok::<_, LedgerError>(())
        };
        self.step(SequencerStep::Publish, publish).await?;
        self.pending = None;
        ledger.note_written();
        Ok(())
    }

    /// Finds out what became of a batch that is pending, and publishes it, writes it again or, if it is too old to be
    /// logged with its time, gives it up. With none pending, finds out whether the store takes writes.
    async fn settle(&mut self, ledger: &Ledger) -> Result<SettleOutcome, LedgerError> {
        let asked_at = ledger.clock.now();
        // A commit whose answer was lost holds this lock until it has happened or not.
        let mut append = self.step(SequencerStep::Lock, ledger.store.begin_append()).await?;
        let head = append.head();
        let stored = (head.size, head.root);
        let Some(pending) = &mut self.pending else {
            ledger.check_head(&head, Some(ledger.replay().tree()))?;
            append.touch().await?;
            append.commit().await?;
            ledger.note_written();
            return Ok(SettleOutcome::Logged);
        };
        if stored == pending.after {
            drop(append);
            self.publish(ledger).await?;
            return Ok(SettleOutcome::Logged);
        }
        if stored != pending.before {
            ledger.check_head(&head, Some(ledger.replay().tree()))?;
            return Err(LedgerError::OtherHistory { size: head.size });
        }
        if asked_at <= pending.logged_at.plus_millis(AGAIN_WITHIN_MILLIS) {
            pending.asked_at = asked_at;
            match self.write(ledger, append).await {
                Ok(()) => return Ok(SettleOutcome::Logged),
                Err(error) if !is_content_error(&error) => return Err(error),
                Err(error) => tracing::warn!(error = error_chain(&error), "a batch can't be written"),
            }
        } else {
            drop(append);
        }
        self.give_up(ledger).await?;
        Ok(SettleOutcome::Abandoned)
    }

    /// Brings memory back to what the store holds. It is the whole log that is read again, so it is for what is wrong
    /// in itself, or was for long.
    async fn give_up(&mut self, ledger: &Ledger) -> Result<(), LedgerError> {
        let Some(pending) = &self.pending else { return Ok(()) };
        let replay = load::replay(&ledger.store, ledger.genesis()).await?;
        if (replay.tree().size(), replay.tree().current_root()) != pending.before {
            return Err(LedgerError::OtherHistory { size: replay.tree().size() });
        }
        *ledger.replay.write().unwrap_or_else(PoisonError::into_inner) = replay;
        self.pending = None;
        Ok(())
    }

    async fn step<T, E>(&self, step: SequencerStep, act: impl Future<Output = Result<T, E>>) -> Result<T, LedgerError>
    where
        LedgerError: From<E>,
    {
        self.fault_points.before(step)?;
        let done = act.await?;
        self.fault_points.after(step)?;
        Ok(done)
    }
}

/// Whether a batch failed for what is in it, so that the same again would: not for the store's state.
const fn is_content_error(error: &LedgerError) -> bool {
    match error {
        LedgerError::Late => true,
        LedgerError::Store(error) => !matches!(error, StoreError::Unavailable(_) | StoreError::Fenced { .. }),
        _ => false,
    }
}

/// An error that befell a whole batch, for another of it.
const fn shared_error(error: &LedgerError) -> LedgerError {
    match error {
        LedgerError::Store(StoreError::Fenced { own, by }) => {
            LedgerError::Store(StoreError::Fenced { own: *own, by: *by })
        }
        LedgerError::Behind { signed, stored } => LedgerError::Behind { signed: *signed, stored: *stored },
        LedgerError::OtherHistory { size } => LedgerError::OtherHistory { size: *size },
        LedgerError::Store(StoreError::Unavailable(why)) => LedgerError::Store(StoreError::Unavailable(why)),
        _ => LedgerError::Store(StoreError::Unavailable("the batch could not be written")),
    }
}
