//! What was logged or read last, at hand: dockets by what their items are, those that are pushed with their messages,
//! and the lines of the feed as bytes. Whoever waits for the same entry shares one read of the store, and what was made
//! of it. An erasure empties the last two.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use axum::body::Bytes;

use super::{
    Ledger, LedgerError,
    load::{PAGE, disclosure},
};
use crate::store::{DocketItems, NewEntry, NewEntryContent};

/// How many of the newest entries' dockets are kept: some seconds of the fastest burst, a few megabytes.
const DOCKETS: usize = 1_024;
/// How many dockets are kept with their messages: workers that keep up are within a few of one another.
const PUSHED: usize = 256;
/// How many bytes of lines are kept: the entries of the last minutes, for members that wait for them.
const LINE_BYTES: usize = 32 << 20;
/// How many entries are read at once for a worker that is behind.
const PUSH_PAGE: u64 = 32;
/// Reads of lines at once: of the same page one, of other pages as many as the store has readers for.
const READERS: usize = 16;

/// A docket at hand, with the messages that were made of it once for all endpoints: id and body of each part.
#[derive(Clone)]
pub struct RecentDocket {
    pub docket: Arc<DocketItems>,
    pub messages: Arc<OnceLock<Vec<(String, Bytes)>>>,
}

#[derive(Clone)]
pub struct FeedLine {
    /// The line, with its newline.
    pub bytes: Bytes,
    /// The index of the newest entry that erased an item: who is shown this line without that entry takes the item for
    /// withheld.
    pub erased_by: Option<u64>,
}

pub(super) struct RecentEntries {
    /// An entry of anchors has no docket.
    dockets: Mutex<EntryCache<Option<Arc<DocketItems>>>>,
    pushed: Mutex<EntryCache<RecentDocket>>,
    lines: Mutex<RecentLines>,
    reading: [tokio::sync::Mutex<()>; READERS],
}

struct RecentLines {
    latest: EntryCache<FeedLine>,
    /// What was read before an erasure isn't kept after it.
    erasures: u64,
}

/// Values of entries by index: those that came last, of a bounded size together.
struct EntryCache<T> {
    values: HashMap<u64, T>,
    order: VecDeque<(u64, usize)>,
    size: usize,
    bound: usize,
}

impl<T: Clone> EntryCache<T> {
    fn new(bound: usize) -> Self {
        Self { values: HashMap::new(), order: VecDeque::new(), size: 0, bound }
    }

    /// Keeps a value, unless there is one of this index; gives the one that is kept.
    fn put(&mut self, index: u64, value: T, size: usize) -> T {
        if let Some(kept) = self.values.get(&index) {
            return kept.clone();
        }
        self.values.insert(index, value.clone());
        self.order.push_back((index, size));
        self.size += size;
        while self.size > self.bound
            && let Some((oldest, size)) = self.order.pop_front()
        {
            self.values.remove(&oldest);
            self.size -= size;
        }
        value
    }

    fn get(&self, index: u64) -> Option<T> {
        self.values.get(&index).cloned()
    }

    /// The values from `from` on, to before `to` or the first that isn't here.
    fn range(&self, from: u64, to: u64) -> Vec<T> {
        (from..to).map_while(|index| self.get(index)).collect()
    }
}

impl RecentEntries {
    pub(super) fn new() -> Self {
        Self {
            dockets: Mutex::new(EntryCache::new(DOCKETS)),
            pushed: Mutex::new(EntryCache::new(PUSHED)),
            lines: Mutex::new(RecentLines { latest: EntryCache::new(LINE_BYTES), erasures: 0 }),
            reading: Default::default(),
        }
    }

    fn dockets(&self) -> MutexGuard<'_, EntryCache<Option<Arc<DocketItems>>>> {
        self.dockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pushed(&self) -> MutexGuard<'_, EntryCache<RecentDocket>> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> MutexGuard<'_, RecentLines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes entries that are published now: what is pushed at once needs no reading of the store.
    pub(super) fn extend(&self, entries: &[NewEntry]) {
        let erases =
            |entry: &NewEntry| matches!(&entry.logged, NewEntryContent::Docket(docket) if !docket.erased.is_empty());
        if entries.iter().any(erases) {
            *self.pushed() = EntryCache::new(PUSHED);
            let mut lines = self.lines();
            *lines = RecentLines { latest: EntryCache::new(LINE_BYTES), erasures: lines.erasures + 1 };
        }
        let mut dockets = self.dockets();
        for entry in entries {
            let docket = match &entry.logged {
                NewEntryContent::Docket(docket) => Some(Arc::new(DocketItems {
                    index: entry.index,
                    payload_hash: docket.payload_hash,
                    logged_at: entry.logged_at,
                    items: docket.records.iter().map(|record| (record.id, record.kind)).collect(),
                })),
                NewEntryContent::Anchors { .. } | NewEntryContent::RestoredAnchors(_) => None,
            };
            dockets.put(entry.index, docket, 1);
        }
    }
}

impl Ledger {
    /// The published dockets among the entries from `from` to before `to`: from memory, if all are there.
    pub async fn dockets(&self, from: u64, to: u64) -> Result<Vec<Arc<DocketItems>>, LedgerError> {
        let to = to.min(self.size());
        let recent = self.recent.dockets().range(from, to);
        if recent.len() as u64 == to.saturating_sub(from) {
            return Ok(recent.into_iter().flatten().collect());
        }
        Ok(self.store.docket_items(from, to).await?.into_iter().map(Arc::new).collect())
    }

    /// The first docket at or after `from`, if there is one among those published.
    pub async fn next_docket(&self, mut from: u64) -> Result<Option<RecentDocket>, LedgerError> {
        while from < self.size() {
            if let Some(pushed) = self.recent.pushed().get(from) {
                return Ok(Some(pushed));
            }
            let to = from + PUSH_PAGE;
            let dockets = self.dockets(from, to).await?;
            let mut pushed = self.recent.pushed();
            // The first is wanted now, the others next.
            let kept = dockets
                .into_iter()
                .map(|docket| pushed.put(docket.index, RecentDocket { docket, messages: Arc::default() }, 1));
            if let Some(first) = kept.collect::<Vec<_>>().into_iter().next() {
                return Ok(Some(first));
            }
            drop(pushed);
            from = to;
        }
        Ok(None)
    }

    /// Lines of the feed from `from` on, before `to`: as many as are at hand, or a page that is read. Of callers that
    /// want the same page one reads.
    pub async fn feed_lines(&self, from: u64, to: u64) -> Result<Vec<FeedLine>, LedgerError> {
        let to = to.min(from + PAGE);
        let at_hand = || Some(self.recent.lines().latest.range(from, to)).filter(|lines| !lines.is_empty());
        if let Some(lines) = at_hand() {
            return Ok(lines);
        }
        let reader = usize::try_from(from / PAGE % READERS as u64).unwrap_or_default();
        let _reading = self.recent.reading[reader].lock().await;
        if let Some(lines) = at_hand() {
            return Ok(lines);
        }
        let erasures = self.recent.lines().erasures;
        let mut lines = Vec::new();
        for stored in self.store.entries(from, to).await? {
            let erased_by = stored.erased_by;
            let mut line = disclosure(stored)?.to_json();
            line.push(b'\n');
            lines.push(FeedLine { bytes: Bytes::from(line), erased_by });
        }
        if lines.is_empty() {
            return Err(LedgerError::Unreadable { index: from });
        }
        let mut kept = self.recent.lines();
        if kept.erasures == erasures {
            for (index, line) in (from..).zip(&lines) {
                kept.latest.put(index, line.clone(), line.bytes.len());
            }
        }
        drop(kept);
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_last_is_kept_up_to_a_bound() {
        let mut latest = EntryCache::new(10);
        for index in 0..4 {
            latest.put(index, index, 3);
        }
        assert_eq!((latest.range(0, 4), latest.range(1, 9)), (vec![], vec![1, 2, 3]));
        assert_eq!(latest.put(2, 7, 3), 2, "what is kept stays");
        latest.put(9, 9, 11);
        assert_eq!((latest.range(1, 4), latest.range(9, 10), latest.size), (vec![], vec![], 0), "too large to be kept");
    }
}
