//! Who is to be looked at again, and what is found: dockets concern people, instants come, the book learns, epochs close.
//!
//! Whatever happens only marks people, in the transaction that keeps what happened; then each is looked at, and what a check
//! would answer is kept beside what the hook was said. So nothing depends on the order in which things happen, and a start
//! goes on where the end was.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use callboard_client::derivation::live_epochs;
use callboard_federation::{
    encoding::{RecordId, Time},
    members::MemberId,
    standing::ever_joined_tags,
    statement::{EpochTag, Kind},
};

use crate::{
    check::current::CurrentAnswers,
    config::HookMode,
    error::AgentError,
    receipts::{self, Receipts},
    replica::VerifiedLog,
    store::{
        Lookup,
        notifications::{Concern, CurrentState, HookStore},
    },
};

/// People who are looked at in one go.
const AT_ONCE: u32 = 512;
/// How many entries of the log reports are kept for.
const REPORTS: u64 = 1_000;

/// What is new in the witnessed view.
struct News {
    to: u64,
    /// The live epochs, as text.
    live: String,
    /// Records: the entry, when it is in effect, and every tag that it may move.
    records: Vec<(u64, Time, Vec<EpochTag>)>,
    erased: Vec<RecordId>,
    /// Dockets that a receipt is due for, and when the last record of each is in effect.
    due: BTreeMap<u64, Time>,
}

impl News {
    fn of(log: &VerifiedLog<'_>, from: u64, member: &str) -> Option<Self> {
        let to = log.witnessed()?;
        let roster = log.roster()?;
        let live: Vec<String> = live_epochs(&roster).map(|epoch| epoch.number.to_string()).collect();
        let (mut records, mut erased, mut indexes) = (Vec::new(), Vec::new(), BTreeSet::new());
        for record in log.records(from, to) {
            if record.kind == Kind::Erasure {
                erased.extend_from_slice(&record.about);
            }
            let tags = ever_joined_tags(log.all(), &log.all().tags_of(record)).into_iter().collect();
            records.push((record.place.index, record.starts, tags));
            indexes.insert(record.place.index);
        }
        let due = receipts::due(log, member, &indexes);
        Some(Self { to, live: live.join(","), records, erased, due })
    }
}

pub(super) struct PeopleWatch {
    pub(super) store: HookStore,
    pub(super) current: CurrentAnswers,
    pub(super) receipts: Arc<Receipts>,
    pub(super) member: MemberId,
    pub(super) mode: HookMode,
}

impl PeopleWatch {
    /// Looks through what is new in the log, and marks whom it concerns.
    pub(super) async fn look_through(&self) -> Result<(), AgentError> {
        let (from, live) = self.store.cursor().await?;
        let news = News::of(&self.current.replica.read(), from, self.member.as_str());
        let Some(news) = news.filter(|news| news.to > from || news.live != live) else { return Ok(()) };
        self.current.book.forget_details(&news.erased).await?;
        // Before the cursor moves, so that none is forgotten; signed only after it has.
        self.receipts.owe(&news.due).await?;
        let mut concerned: BTreeMap<(u64, Lookup), Time> = BTreeMap::new();
        for (index, starts, tags) in &news.records {
            for (account, _) in self.current.book.holding(tags).await? {
                let last = concerned.entry((*index, account)).or_insert(*starts);
                *last = (*last).max(*starts);
            }
        }
        if self.mode == HookMode::Report {
            self.report(concerned.keys().map(|(index, _)| *index)).await?;
        }
        let concern = |((log_index, account), effective_at)| Concern { account, log_index, effective_at };
        let concerns: Vec<Concern> = concerned.into_iter().map(concern).collect();
        // What is erased can't be asked any more whom it concerned: everyone of whom anything was said is looked at.
        let marks = (!news.erased.is_empty(), news.live != live);
        Ok(self.store.look_through(&concerns, marks, (news.to, &news.live)).await?)
    }

    /// Tells how many people a docket concerns where the hook isn't called.
    async fn report(&self, concerned: impl Iterator<Item = u64>) -> Result<(), AgentError> {
        let mut people: BTreeMap<u64, u64> = BTreeMap::new();
        concerned.for_each(|index| *people.entry(index).or_default() += 1);
        for (index, people) in people {
            tracing::info!(
                index,
                people,
                "a docket concerns people of this platform; the hook is not called (hook_mode)"
            );
            metrics::counter!("callboard_agent_hook_reported_total").increment(people);
            self.store.report(index, people, REPORTS).await?;
        }
        Ok(())
    }

    /// Looks at everyone of whom something may have changed, and keeps what a check would answer now. A stale view
    /// tells nothing of anybody: they are looked at once it is fresh.
    pub(super) async fn look_at_people(&self) -> Result<(), AgentError> {
        loop {
            let now = self.current.clock.now();
            let due = self.store.due(now, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            let accounts: Vec<Lookup> = due.iter().map(|due| due.account).collect();
            let (seen, _) = self.store.cursor().await?;
            let Ok(current) = self.current.of(&accounts, seen).await? else { return Ok(()) };
            let (mut looked, mut gone) = (Vec::with_capacity(due.len()), Vec::new());
            let (mut size, mut at) = (0, now);
            for due in due {
                let Some(current) = current.get(&due.account) else {
                    gone.push(due.account);
                    continue;
                };
                (size, at) = (current.as_of.size, current.answer.at);
                looked.push(CurrentState {
                    due,
                    decision: current.answer.decision.as_str(),
                    now: current.hash(self.current.book.key()),
                    until: current.span.until,
                    since: current.span.since,
                });
            }
            self.store.keep(&looked, &gone, size, at).await?;
        }
    }
}
