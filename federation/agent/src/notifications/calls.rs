//! Making the calls that are owed: signed, some at once, one a person, each until it is taken.
//!
//! Who hangs delays nobody: after a second a call gives its place to another. Who failed waits longer each time, and never
//! holds a place that somebody new wants; a call that is taken wakes the others once, since the hook is well again.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use callboard_api::agent::answer::CheckAnswer;
use callboard_client::{
    pin::Address,
    runtime::{error_chain, os_rng},
};
use callboard_federation::encoding::{CheckId, RecordId, Time, to_json};
use rand_core::Rng as _;
use reqwest::{StatusCode, header::RETRY_AFTER};
use serde::Serialize;
use tokio::{task::JoinSet, time::Instant};
use utoipa::ToSchema;

use super::client::{HookClient, PATIENCE};
use crate::{
    check::current::{CurrentAnswer, CurrentAnswers},
    error::AgentError,
    replica::VerifiedLog,
    store::{
        Lookup, StoreError,
        notifications::{HookStore, NewCall, OpenCall},
    },
};

/// Calls at once that are younger than [`YOUNG`].
const PLACES: usize = 16;
/// How long a call holds its place: most hooks answer within; who doesn't is waited for, and delays nobody.
const YOUNG: Duration = Duration::from_secs(1);
/// Calls at once, however old: each is a connection to the hook.
const AT_MOST: usize = 256;
/// How long calls that are under way are waited for when the agent ends.
const AT_THE_END: Duration = Duration::from_secs(2);
/// The first pause after a failure, and the longest, in milliseconds.
const PAUSES: (i64, i64) = (1_000, 3_600_000);
/// How long a hook that answers 202 has to report that it is done, in seconds, unless it says `Retry-After`; and at
/// most.
const ACCEPTED_SECONDS: (i64, i64) = (3_600, 86_400);
/// People of whom a call failed that are looked at for one to try again.
const LOOKED_AT: u32 = 1_024;

/// What the hook is told: an answer to a check of the person, as of now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HookCall)]
pub(crate) struct Call<'a> {
    /// `standing.changed`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Who, and what a check would answer. Its id is the call's: as long as it says the same, the same in every attempt.
    #[serde(flatten)]
    #[schema(value_type = CheckAnswer)]
    answer: &'a CheckAnswer,
    /// The entry of the newest docket that concerns the person and of which nothing was taken yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// The records of those dockets that concern the person: none, if time alone changed something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<RecordId>,
}

/// A person of whom a call failed.
struct FailureStreak {
    attempts: u32,
    tried_at: Time,
    /// Its own next turn.
    turn_at: Time,
    /// A call of another was taken since: it is tried once out of turn.
    is_woken: bool,
    was_woken: bool,
}

/// The calls that are under way, and the people of whom one failed.
#[derive(Default)]
pub(super) struct Calls {
    flights: JoinSet<(Lookup, Outcome)>,
    began: HashMap<Lookup, Instant>,
    streaks: HashMap<Lookup, FailureStreak>,
    /// Whether somebody failed since the last who was woken.
    may_wake: bool,
    /// Up to whom turns have gone round.
    after_fresh: Lookup,
    after_tried: Lookup,
}

#[derive(Clone)]
pub(super) struct HookCaller {
    pub(super) hook: Arc<HookClient>,
    pub(super) store: HookStore,
    pub(super) current: CurrentAnswers,
}

enum Outcome {
    /// 2xx except 202.
    Taken,
    /// 202: it is on its way.
    Accepted,
    Failed,
}

impl FailureStreak {
    /// A clock that was set back holds nobody up.
    fn is_due(&self, now: Time) -> bool {
        self.is_woken || now >= self.turn_at || now < self.tried_at
    }
}

impl Calls {
    /// People of whom a call failed, and who wait.
    pub(super) fn failing(&self) -> usize {
        self.streaks.len()
    }

    pub(super) fn are_under_way(&self) -> bool {
        !self.flights.is_empty()
    }

    /// Waits until a call has ended.
    pub(super) async fn ended(&mut self, now: impl Fn() -> Time) {
        let mut next = self.flights.join_next().await;
        while let Some(ended) = next {
            match ended {
                Ok((account, outcome)) => self.end(account, &outcome, now()),
                // A task that panicked: nobody knows of whom; what is owed is asked for again.
                Err(_) => self.began.retain(|_, began| began.elapsed() < PATIENCE * 2),
            }
            next = self.flights.try_join_next();
        }
    }

    /// Gives what is under way a moment to end; what doesn't is owed still.
    pub(super) async fn stop(&mut self) {
        let ended = async { while self.flights.join_next().await.is_some() {} };
        if tokio::time::timeout(AT_THE_END, ended).await.is_err() {
            self.flights.shutdown().await;
        }
    }

    fn end(&mut self, account: Lookup, outcome: &Outcome, now: Time) {
        self.began.remove(&account);
        if matches!(outcome, Outcome::Failed) {
            return self.failed(account, now);
        }
        self.streaks.remove(&account);
        if std::mem::take(&mut self.may_wake) {
            // Once between two turns of its own: one person's failing hook isn't asked at each success of the others.
            for streak in self.streaks.values_mut().filter(|streak| !streak.was_woken) {
                (streak.is_woken, streak.was_woken) = (true, true);
            }
        }
    }

    fn failed(&mut self, account: Lookup, now: Time) {
        let fresh = || FailureStreak { attempts: 0, tried_at: now, turn_at: now, is_woken: false, was_woken: false };
        let streak = self.streaks.entry(account).or_insert_with(fresh);
        streak.tried_at = now;
        if std::mem::take(&mut streak.is_woken) && now < streak.turn_at {
            return;
        }
        let pause = PAUSES.0.saturating_mul(1 << streak.attempts.min(20)).min(PAUSES.1);
        // Half of it by chance: many calls that failed together don't come back together.
        let pause = pause / 2 + i64::from(os_rng().next_u32()) % (pause / 2 + 1);
        streak.attempts = streak.attempts.saturating_add(1);
        (streak.turn_at, streak.was_woken, self.may_wake) = (now.plus_millis(pause), false, true);
        tracing::warn!(attempts = streak.attempts, again_in_ms = pause, "the hook did not take a call");
    }

    fn free(&self) -> usize {
        let young = self.began.values().filter(|began| began.elapsed() < YOUNG).count();
        PLACES.saturating_sub(young).min(AT_MOST.saturating_sub(self.began.len()))
    }

    /// Whose turn it is: new ones first, who failed behind them and never in more than half of the places.
    async fn turns(&mut self, store: &HookStore, now: Time) -> Result<Vec<OpenCall>, StoreError> {
        let free = self.free();
        if free == 0 {
            return Ok(Vec::new());
        }
        let limit = u32::try_from(free).unwrap_or(u32::MAX);
        let is_free = |owed: &OpenCall, began: &HashMap<Lookup, Instant>| !began.contains_key(&owed.account);
        let mut turns = store.fresh(&self.after_fresh, limit).await?;
        if turns.len() < free && self.after_fresh != Lookup::default() {
            let seen: HashSet<Lookup> = turns.iter().map(|owed| owed.account).collect();
            let round = store.fresh(&Lookup::default(), limit).await?;
            turns.extend(round.into_iter().filter(|owed| !seen.contains(&owed.account)));
        }
        turns.retain(|owed| is_free(owed, &self.began));
        turns.truncate(free);
        self.after_fresh = turns.last().map(|owed| owed.account).unwrap_or_default();
        let rest = (free - turns.len()).min(PLACES / 2);
        if rest > 0 {
            let mut tried = store.tried(&self.after_tried, LOOKED_AT).await?;
            let is_round = tried.len() < LOOKED_AT as usize;
            let may_be_asked = |owed: &OpenCall| {
                let waits = owed
                    .accepted_until
                    .is_some_and(|until| now < until && until <= now.plus_millis(ACCEPTED_SECONDS.1 * 1_000));
                !waits && self.streaks.get(&owed.account).is_none_or(|streak| streak.is_due(now))
            };
            let last = tried.last().map(|owed| owed.account);
            tried.retain(|owed| is_free(owed, &self.began) && may_be_asked(owed));
            let is_cut = tried.len() > rest;
            tried.truncate(rest);
            self.after_tried = match tried.last() {
                Some(owed) if is_cut => owed.account,
                _ if is_round => Lookup::default(),
                _ => last.unwrap_or_default(),
            };
            turns.extend(tried);
        }
        Ok(turns)
    }

    /// Whether anything began.
    pub(super) async fn begin(&mut self, caller: &HookCaller) -> Result<bool, AgentError> {
        let Some(url) = caller.hook.url.clone().filter(|_| caller.hook.is_called) else { return Ok(false) };
        let now = caller.hook.clock.now();
        let turns = self.turns(&caller.store, now).await?;
        if turns.is_empty() {
            return Ok(false);
        }
        let accounts: Vec<Lookup> = turns.iter().map(|owed| owed.account).collect();
        // Calls speak from a fresh view alone: what a stale one would have to say is no standing.
        let (seen, _) = caller.store.cursor().await?;
        let Ok(current) = caller.current.of(&accounts, seen).await? else { return Ok(false) };
        let key = caller.current.book.key();
        let (mut begun, mut bodies) = (Vec::new(), Vec::new());
        for owed in turns {
            // Gone, or not to be told: it is looked at again.
            let Some(current) = current.get(&owed.account) else { continue };
            let says = current.hash(key);
            let id = match owed.call {
                Some((id, said)) if said == says => id,
                None if owed.said == says => continue,
                _ => current.answer.id,
            };
            let concerns = caller.store.concerns(&owed.account).await?;
            bodies.push(body(&caller.current.replica.read(), current, id, &concerns));
            let size = current.as_of.size;
            begun.push(NewCall { account: owed.account, id, says, size, at: current.answer.at });
        }
        caller.store.begin(&begun).await?;
        let any = !begun.is_empty();
        for (begun, body) in begun.into_iter().zip(bodies) {
            self.began.insert(begun.account, Instant::now());
            let (caller, url) = (caller.clone(), url.clone());
            self.flights.spawn(async move {
                let outcome = caller.call(&url, begun.id, body).await.unwrap_or_else(|error| {
                    tracing::error!(error = error_chain(&error), "what the hook answered can't be kept");
                    Outcome::Failed
                });
                (begun.account, outcome)
            });
        }
        Ok(any)
    }
}

fn body(log: &VerifiedLog<'_>, current: &CurrentAnswer, id: CheckId, concerns: &[u64]) -> Vec<u8> {
    let in_view = || concerns.iter().filter(|index| **index < current.as_of.size);
    let concerns = in_view().flat_map(|index| log.concerning(*index, &current.tags));
    let answer = CheckAnswer { id, ..current.answer.clone() };
    to_json(&Call {
        kind: "standing.changed",
        answer: &answer,
        index: in_view().max().copied(),
        records: concerns.collect(),
    })
}

impl HookCaller {
    async fn call(&self, url: &Address, id: CheckId, body: Vec<u8>) -> Result<Outcome, StoreError> {
        let (outcome, word) = match self.hook.request(url, id, body).send().await {
            Ok(answer) if answer.status() == StatusCode::ACCEPTED => {
                let said = answer.headers().get(RETRY_AFTER).and_then(|said| said.to_str().ok()?.parse().ok());
                let seconds: i64 = said.unwrap_or(ACCEPTED_SECONDS.0).clamp(1, ACCEPTED_SECONDS.1);
                self.store.accepted(id, self.hook.clock.now().plus_millis(seconds * 1_000)).await?;
                (Outcome::Accepted, "accepted")
            }
            Ok(answer) if answer.status().is_success() => {
                self.store.taken(id).await?;
                (Outcome::Taken, "taken")
            }
            Ok(answer) => {
                tracing::debug!(status = answer.status().as_u16(), "the hook refused a call");
                (Outcome::Failed, "failed")
            }
            Err(error) => {
                tracing::debug!(error = error_chain(&error.without_url()), "the hook did not answer");
                (Outcome::Failed, "failed")
            }
        };
        metrics::counter!("callboard_agent_hook_calls_total", "outcome" => word).increment(1);
        Ok(outcome)
    }
}
