//! The platform's hook: told, at least once and in the order of the log, what changed for which person.
//!
//! Each growth of the witnessed view is looked through once: the new records' tags, and those that links join to them, are
//! looked up in the tag book, and a call is owed for each account that holds one, in the transaction that moves the cursor.
//! A hook that hangs or fails is asked again, later and later; it holds up no check.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use callboard_client::program::{chance, told};
use callboard_federation::{
    encoding::{CheckId, RecordId, Time, from_json, to_json},
    standing::{Standing, joined_tags},
    statement::{EpochTag, Kind},
};
use rand_core::Rng as _;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    agent::{Agent, AgentError},
    book::{Person, key::Lookup},
    receipts,
    replica::AsOf,
    store::outbox::Owed,
};

/// How long the hook may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls at once.
const AT_ONCE: u32 = 16;
/// The first pause after a failure, and the longest, in milliseconds.
const PAUSES: (i64, i64) = (1_000, 3_600_000);
/// How often the outbox is looked at where nothing else rings.
const LOOK: Duration = Duration::from_secs(1);

/// What is owed, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    person: Person,
    records: Vec<RecordId>,
    tags: Vec<EpochTag>,
}

/// What the hook is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call<'a> {
    /// The same in every attempt: a hook that has it already answers 200 and does nothing.
    id: CheckId,
    #[serde(rename = "type")]
    kind: &'static str,
    /// About whom: `ref`, `person?`.
    #[serde(flatten)]
    person: &'a Person,
    /// The index of the docket.
    index: u64,
    /// Its records that concern the person.
    records: &'a [RecordId],
    /// What holds now, which later records may have changed already.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<Standing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOf>,
}

impl Agent {
    /// Looks through what is new and calls the hook, until told to stop.
    pub(crate) async fn run_hook(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut grown = self.replica.subscribe();
        loop {
            if let Err(error) = self.look_through().await {
                tracing::error!(error = told(&error), "new records were not looked through for the platform's people");
            }
            if let Err(error) = self.call_hook().await {
                tracing::error!(error = told(&error), "the hook's outbox can't be read");
            }
            if let Err(error) = self.file_receipts().await {
                tracing::error!(error = told(&error), "receipts are not signed");
            }
            tokio::select! {
                _ = grown.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Owes a call for each account that a new record concerns.
    async fn look_through(&self) -> Result<(), AgentError> {
        let (now, from) = (self.clock.now(), self.outbox.cursor().await?);
        let (to, concerned, erased, due) = {
            let log = self.replica.read();
            let Some(to) = log.witnessed().filter(|to| *to > from) else { return Ok(()) };
            let mut concerned: BTreeMap<u64, Vec<(RecordId, Vec<EpochTag>)>> = BTreeMap::new();
            let mut erased = Vec::new();
            for record in log.records(from, to) {
                if record.kind == Kind::Erasure {
                    erased.extend_from_slice(&record.about);
                }
                let tags = joined_tags(log.all(), &log.all().tags_of(record), to, now).into_iter().collect();
                concerned.entry(record.place.index).or_default().push((record.id, tags));
            }
            let indexes = concerned.keys().copied().collect();
            let due = receipts::due(&log, self.config.member.as_str(), &indexes);
            (to, concerned, erased, due)
        };
        self.book.forget_details(&erased).await?;
        // Before the cursor moves, so that none is forgotten; signed only after it has.
        self.owe_receipts(&self.replica, &due).await?;
        let mut calls = Vec::new();
        if self.config.hook.is_some() {
            for (index, records) in concerned {
                calls.extend(self.calls_of(index, records, now).await?);
            }
        }
        Ok(self.outbox.owe(&calls, to, now).await?)
    }

    async fn calls_of(
        &self,
        index: u64,
        records: Vec<(RecordId, Vec<EpochTag>)>,
        now: Time,
    ) -> Result<Vec<Owed>, AgentError> {
        let mut accounts: BTreeMap<Lookup, Kept> = BTreeMap::new();
        for (record, tags) in records {
            for (account, person) in self.book.holding(&tags).await? {
                let fresh = || Kept { person, records: Vec::new(), tags: Vec::new() };
                let kept = accounts.entry(account).or_insert_with(fresh);
                kept.records.push(record);
                kept.tags.extend(&tags);
            }
        }
        let owed = |(account, mut kept): (Lookup, Kept)| {
            kept.tags.sort_unstable();
            kept.tags.dedup();
            let mut random = [0; 10];
            chance().fill_bytes(&mut random);
            let id = CheckId::new(now, random);
            let sealed = self.book.key().seal(id.as_bytes(), &to_json(&kept), &mut chance());
            Owed { id, log_index: index, account, sealed, attempts: 0 }
        };
        Ok(accounts.into_iter().map(owed).collect())
    }

    /// Makes the calls that are due.
    async fn call_hook(self: &Arc<Self>) -> Result<(), AgentError> {
        let Some(hook) = self.config.hook.clone() else { return Ok(()) };
        loop {
            let due = self.outbox.due(self.clock.now(), AT_ONCE).await?;
            let is_full = due.len() == AT_ONCE as usize;
            let mut calls = tokio::task::JoinSet::new();
            for owed in due {
                let (agent, hook) = (self.clone(), hook.clone());
                calls.spawn(async move { agent.call(hook.as_str(), &owed).await });
            }
            let mut all_taken = true;
            while let Some(called) = calls.join_next().await {
                all_taken &= called.unwrap_or(Ok(false))?;
            }
            if !(is_full && all_taken) {
                return Ok(());
            }
        }
    }

    /// Makes one call; whether the hook took it.
    async fn call(&self, hook: &str, owed: &Owed) -> Result<bool, AgentError> {
        let kept = self.book.key().open_value(owed.id.as_bytes(), &owed.sealed)?;
        let Ok(kept) = from_json::<Kept>(&kept) else { return Ok(self.outbox.taken(owed.id).await.map(|()| true)?) };
        let body = {
            let (now, log) = (self.clock.now(), self.replica.read());
            let as_of = log.fresh(now, self.config.max_staleness()).ok();
            let standing = as_of.and_then(|as_of| log.standing(&kept.tags, &as_of, now).ok());
            let (person, records) = (&kept.person, kept.records.as_slice());
            to_json(&Call {
                id: owed.id,
                kind: "standing.changed",
                person,
                index: owed.log_index,
                records,
                standing,
                as_of,
            })
        };
        let request =
            self.hook_client.post(hook).timeout(PATIENCE).header("content-type", "application/json").body(body);
        let why = match request.send().await {
            Ok(answer) if answer.status().is_success() => {
                self.outbox.taken(owed.id).await?;
                metrics::counter!("callboard_agent_hook_calls_total", "outcome" => "taken").increment(1);
                return Ok(true);
            }
            Ok(answer) => format!("it answered {}", answer.status()),
            Err(error) => told(&error.without_url()),
        };
        metrics::counter!("callboard_agent_hook_calls_total", "outcome" => "failed").increment(1);
        let pause = PAUSES.0.saturating_mul(1 << owed.attempts.min(20)).min(PAUSES.1);
        // Half of it by chance: many calls that failed together don't come back together.
        let pause = pause / 2 + i64::from(chance().next_u32()) % (pause / 2 + 1);
        tracing::warn!(attempts = owed.attempts + 1, again_in_ms = pause, why, "the hook did not take a call");
        self.outbox.postpone(owed.id, self.clock.now().plus_millis(pause)).await?;
        Ok(false)
    }
}
