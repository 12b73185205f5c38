//! Following the feed: long-polls, takes line after line as far as their leaves bear them out, and hands the checkpoint
//! that ends an answer to [`super::checkpoint`]. Implements the feed of `docs/formats.md` §8 and §12.

use std::{sync::Arc, time::Duration};

use callboard_api::registry::records::{FeedFrom, READ_FEED};
use callboard_client::{
    feed::Feed,
    http::{Caller, HttpError},
    runtime::{error_chain, os_rng},
};
use callboard_federation::{replay::Replay, tlog::checkpoint::SignedCheckpoint};
use rand_core::CryptoRng;
use reqwest::StatusCode;
use tokio::{sync::watch, time::Instant};

use super::{
    Alarm, Inner, Replica, ReplicaError,
    load::{self, forget},
    state::{ReadError, follow_lines},
    status::side_of,
};

/// How long the registry may hold an answer back: less than a silent connection is given.
const WAIT: Duration = Duration::from_secs(25);
/// The shortest time between two looks that brought nothing.
const BREATH: Duration = Duration::from_secs(1);
/// How soon the registry is asked again for what isn't witnessed yet: it is a moment until the others have cosigned.
const MOMENT: Duration = Duration::from_millis(250);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// The longest pause of a member whose key the registry doesn't know: it is about to be logged, and then it begins.
const LONGEST_PAUSE_OF_A_STRANGER: Duration = Duration::from_secs(5);
impl Replica {
    /// Follows the feed until told to stop. A failure is said, and it is tried again after a pause.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let (mut pause, mut wait) = (BREATH, WAIT);
        loop {
            let began = Instant::now();
            let looked = tokio::select! {
                looked = self.look(wait) => looked,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            // The quorum may be reached between two looks, and then no wait would end for it.
            let (rest, next) = match looked {
                Ok(()) => {
                    pause = BREATH;
                    let is_unwitnessed = self.0.read().is_unwitnessed();
                    if is_unwitnessed {
                        (MOMENT, Duration::ZERO)
                    } else {
                        (BREATH.saturating_sub(began.elapsed()), WAIT)
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the log was not followed");
                    let longest = if self.0.read().refused { LONGEST_PAUSE_OF_A_STRANGER } else { LONGEST_PAUSE };
                    pause = pause.saturating_mul(2).min(longest);
                    let told = error.retry_after().unwrap_or_default();
                    (jittered(pause, &mut os_rng()).max(told), WAIT)
                }
            };
            wait = tokio::select! {
                () = tokio::time::sleep(rest) => next,
                // Whoever has a hint doesn't wait for another.
                () = self.0.hurry.notified() => Duration::ZERO,
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Looks once: asks for what is new, for which the registry may wait, and takes what holds, up to its newest
    /// checkpoint.
    ///
    /// # Errors
    /// Whatever kept the view from going on; the status tells it too.
    pub async fn look(&self, wait: Duration) -> Result<(), ReplicaError> {
        let _one = self.0.looking.lock().await;
        let looked = match self.look_alone(wait).await {
            Err(ReplicaError::Answer(why)) => {
                self.0.fall_back().await?;
                Err(self.0.raise(Alarm::MalformedAnswer, &why))
            }
            looked => looked,
        };
        let mut contact = self.0.contact();
        contact.failure = looked.as_ref().err().map(|error| error_chain(error));
        contact.failing = looked.as_ref().err().and_then(side_of);
        drop(contact);
        if let Err(ReplicaError::Alarm { alarm, .. }) = &looked {
            metrics::counter!("callboard_agent_alarms_total", "alarm" => alarm.as_str()).increment(1);
        }
        looked
    }

    async fn look_alone(&self, mut wait: Duration) -> Result<(), ReplicaError> {
        loop {
            let from = self.0.read().size();
            let answered = self.answer(from, wait).await;
            if answered.as_ref().is_err_and(|error| matches!(error, ReplicaError::Alarm { .. })) {
                // What no root bears out isn't kept: next time it is asked for again.
                self.0.fall_back().await?;
            }
            let Some(note) = answered? else { continue };
            if note.checkpoint().size <= self.0.read().size() {
                return match self.0.judge(note, from).await {
                    Err(ReplicaError::Alarm { alarm, detail }) => {
                        self.0.fall_back().await?;
                        Err(ReplicaError::Alarm { alarm, detail })
                    }
                    judged => judged,
                };
            }
            if self.0.read().size() == from {
                return Err(self.0.raise(Alarm::Gap, &format!("entry {from} is signed, and not disclosed")));
            }
            self.0.bound(&note)?;
            wait = Duration::ZERO;
        }
    }

    /// Takes one answer of the feed; `None` if the replay had to begin again and the rest is to be asked for.
    async fn answer(&self, from: u64, wait: Duration) -> Result<Option<SignedCheckpoint>, ReplicaError> {
        // A hint to look ends the wait; what is being read when one comes is read to its end.
        let mut feed = tokio::select! {
            feed = ask(&self.0, from, wait) => feed?,
            () = self.0.hurry.notified() => ask(&self.0, from, Duration::ZERO).await?,
        };
        self.0.contact().at = Some(self.0.clock.now());
        loop {
            let (lines, note) = feed.part().await?;
            if let Some(again) = self.take(lines).await? {
                self.0.begin_again(*again).await?;
                return Ok(None);
            }
            if let Some(note) = note {
                self.0.contact().size = note.checkpoint().size;
                return Ok(Some(note));
            }
        }
    }

    /// Takes lines, as far as they hold: in memory, then in the file. `Some` if the log has to be followed from
    /// its beginning, with this replay.
    async fn take(&self, lines: Vec<Vec<u8>>) -> Result<Option<Box<Replay>>, ReplicaError> {
        let from = self.0.read().size();
        let inner = Arc::clone(&self.0);
        let follow = move || {
            let taken = follow_lines(from, &lines, |line| inner.write().follow(line));
            (lines, taken)
        };
        let (mut lines, taken) = tokio::task::spawn_blocking(follow).await.map_err(|_| ReplicaError::Stopping)?;
        lines.truncate(usize::try_from(self.0.read().size() - from).unwrap_or(usize::MAX));
        if let Err(error) = self.0.store.append(from, &lines).await {
            // What isn't kept isn't known either: the next look begins where the file ends.
            let again = self.0.read().replay.again([]);
            self.0.begin_again(again).await?;
            return Err(error.into());
        }
        match taken {
            Ok(()) => Ok(None),
            Err(ReadError::BeginAgain(again)) => Ok(Some(again)),
            Err(untaken) => {
                let alarm = untaken.alarm().unwrap_or(Alarm::RewrittenEntry);
                Err(self.0.raise(alarm, &untaken))
            }
        }
    }
}

impl Inner {
    /// Drops what no root of the log bears out, in the file and in memory.
    async fn fall_back(&self) -> Result<(), ReplicaError> {
        let (confirmed, size, again) = {
            let state = self.read();
            (state.confirmed, state.size(), state.replay.again([]))
        };
        if size > confirmed {
            self.store.truncate(confirmed).await?;
            self.begin_again(again).await?;
        }
        Ok(())
    }

    /// Entries that no root of the log bears out yet are taken without end only for a checkpoint that the log signed.
    fn bound(&self, note: &SignedCheckpoint) -> Result<(), ReplicaError> {
        let state = self.read();
        let unconfirmed = state.size().saturating_sub(state.confirmed);
        let is_signed = || state.replay.roster().is_some_and(|roster| note.verify(&roster.log).is_ok());
        if unconfirmed > self.limits.lines && !is_signed() {
            return Err(ReplicaError::Answer("more entries than an unsigned checkpoint may ask for"));
        }
        Ok(())
    }

    /// Replays the file from its beginning; until it is done, the state before is read.
    async fn begin_again(&self, from_start: Replay) -> Result<(), ReplicaError> {
        let mut next = load::replay(&self.store, from_start).await?;
        let mut state = self.write();
        next.heir_of(&mut state);
        *state = next;
        Ok(())
    }

    pub(super) async fn forget_erased(&self) -> Result<(), ReplicaError> {
        let erased = std::mem::take(&mut self.write().erased);
        Ok(forget(&self.store, erased).await?)
    }
}

/// Asks for the lines from index `from` on.
pub(super) async fn ask(inner: &Inner, from: u64, wait: Duration) -> Result<Feed, ReplicaError> {
    let caller = Caller::new(inner.client.clone(), inner.key.request_key(), &*inner.clock);
    let asked = FeedFrom { from, wait: Some(wait.as_secs()) };
    let url = inner.config.url.at(&READ_FEED.with(&(), &asked, &()).address);
    // A head may drip as a body may.
    let begun = tokio::time::timeout(wait.saturating_add(inner.limits.time), caller.begin(&url, &mut os_rng())).await;
    let begun = begun.map_err(|_| ReplicaError::Slow)?;
    let refused = |status: &StatusCode| matches!(*status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    inner.write().refused =
        matches!(&begun, Err(HttpError::Refused { status, .. } | HttpError::Status { status, .. }) if refused(status));
    let answer = begun?;
    let notices = answer.headers().get("callboard-notices").and_then(|notices| notices.to_str().ok());
    let notices = notices.map(str::to_owned);
    let mut contact = inner.contact();
    if contact.notices != notices {
        tracing::warn!(notices, "the registry tells this member");
        contact.notices = notices;
    }
    drop(contact);
    Ok(Feed::of(answer, inner.limits))
}

/// Three quarters of the pause to all of it, so that many agents don't come at once.
fn jittered(pause: Duration, rng: &mut impl CryptoRng) -> Duration {
    let mut byte = [0];
    rng.fill_bytes(&mut byte);
    pause.saturating_sub(pause / 1024 * u32::from(byte[0]))
}
