//! Receipts that are overdue, of whichever docket: alarms must not be blind to what is old. How members stand with the
//! last dockets, for everyone to see, is [`super::compliance`]'s.
//!
//! The log is looked through once, from its newest entries back to its first. What asks for receipts is remembered
//! until everyone whom it bound has filed one. A round looks at a bounded number of entries, and of dockets whose time
//! is over: what there is more of waits for the next.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};

use callboard_federation::encoding::{Hash, Time};

use super::{Delivery, propagation::due_of};
use crate::ledger::LedgerError;

/// Entries that a round looks at which are new, and as many of those before.
const ENTRIES: u64 = 2_000;
/// Dockets whose time is over and of which a round looks who hasn't filed.
const DOCKETS: usize = 200;

/// A receipt that a member in force owes though its time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OverdueReceipt {
    pub(super) member: String,
    /// SHA-256 of the docket's payload.
    pub(super) docket: Hash,
    pub(super) due_at: Time,
}

/// What earlier rounds found.
#[derive(Default)]
pub(super) struct OverdueWatch {
    /// The entries that were looked at; `None` before the first round.
    entries: Option<Range<u64>>,
    /// Dockets that ask for receipts and lack some, by the index of their entry.
    open: BTreeMap<u64, OpenDocket>,
    /// After which docket the next round looks at those whose time is over.
    after: u64,
}

struct OpenDocket {
    docket: Hash,
    due_at: Time,
    /// Who hadn't filed when it was looked at last.
    missing: Vec<String>,
}

impl OverdueWatch {
    /// The entries to look at now: those that are new, then those before the first that was looked at.
    fn next_entries(&mut self, size: u64) -> [Range<u64>; 2] {
        let Range { start, end } = self.entries.clone().unwrap_or(size..size);
        let (from, to) = (start.saturating_sub(ENTRIES), size.min(end.saturating_add(ENTRIES)));
        self.entries = Some(from..to);
        [end..to, from..start]
    }

    /// The dockets to look at now, by index: all whose time is over in turn.
    fn next_dockets(&mut self, now: Time) -> Vec<u64> {
        let after = self.after + 1;
        let in_turn = self.open.range(after..).chain(self.open.range(..after));
        let due = in_turn.filter(|(_, open)| open.due_at <= now).map(|(index, _)| *index);
        let next: Vec<u64> = due.take(DOCKETS).collect();
        self.after = next.last().copied().unwrap_or_default();
        next
    }

    /// Notes how a docket stands; `None` of one that asks nobody for a receipt any more.
    fn note(&mut self, index: u64, docket: Option<OpenDocket>) {
        match docket {
            Some(docket) => drop(self.open.insert(index, docket)),
            None => drop(self.open.remove(&index)),
        }
    }
}

impl Delivery {
    /// What is overdue with members in force, as far as rounds have looked.
    pub(super) async fn overdue_receipts(&self) -> Result<Vec<OverdueReceipt>, LedgerError> {
        let mut watch = self.overdue.lock().await;
        let (now, size) = (self.clock.now(), self.ledger.size());
        let before = watch.entries.clone();
        for entries in watch.next_entries(size) {
            let found = self.dockets_with_receipts(entries).await;
            // What couldn't be read is looked at again.
            for (index, docket) in found.inspect_err(|_| watch.entries.clone_from(&before))? {
                watch.open.entry(index).or_insert(docket);
            }
        }
        for index in watch.next_dockets(now) {
            let docket = self.open_docket(index).await?;
            watch.note(index, docket);
        }
        let replay = self.ledger.replay();
        let in_force: HashSet<&str> = replay.bound_at(size).iter().map(|(member, _)| member.as_str()).collect();
        let due = watch.open.values().filter(|open| open.due_at <= now);
        let overdue = due.flat_map(|open| open.missing.iter().map(move |member| (member, open)));
        let overdue = overdue.filter(|(member, _)| in_force.contains(member.as_str()));
        let overdue = overdue.map(|(member, open)| OverdueReceipt {
            member: member.clone(),
            docket: open.docket,
            due_at: open.due_at,
        });
        Ok(overdue.collect())
    }

    /// The dockets among entries that ask for receipts.
    async fn dockets_with_receipts(&self, entries: Range<u64>) -> Result<Vec<(u64, OpenDocket)>, LedgerError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let (dockets, outages) = (self.ledger.dockets(entries.start, entries.end).await?, self.outages().await?);
        let replay = self.ledger.replay();
        let open = dockets.iter().filter_map(|docket| {
            let due_at = due_of(&replay, docket, outages)?.at;
            Some((docket.index, OpenDocket { docket: docket.payload_hash, due_at, missing: Vec::new() }))
        });
        Ok(open.collect())
    }

    /// How a docket stands now; `None` if all whom it bound have filed, or what it asked a receipt for was erased.
    async fn open_docket(&self, index: u64) -> Result<Option<OpenDocket>, LedgerError> {
        let filed: HashSet<String> = self.ledger.store().members_with_receipt(index).await?.into_iter().collect();
        let Some((_, docket)) = self.dockets_with_receipts(index..index + 1).await?.pop() else { return Ok(None) };
        let replay = self.ledger.replay();
        let bound = replay.bound_at(index).iter().map(|(member, _)| member.as_str());
        let missing: Vec<String> = bound.filter(|member| !filed.contains(*member)).map(str::to_owned).collect();
        Ok(Some(OpenDocket { missing, ..docket }).filter(|docket| !docket.missing.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docket(missing: &[&str]) -> OpenDocket {
        let missing = missing.iter().map(|member| (*member).to_owned()).collect();
        OpenDocket { docket: Hash::of(b"docket"), due_at: Time::from_millis(0), missing }
    }

    fn watch(open: impl IntoIterator<Item = u64>) -> OverdueWatch {
        let open = open.into_iter().map(|index| (index, docket(&[]))).collect();
        OverdueWatch { open, ..OverdueWatch::default() }
    }

    #[test]
    fn every_entry_is_looked_at_once_the_newest_first() {
        let mut watch = watch([]);
        assert_eq!(watch.next_entries(4_500), [4_500..4_500, 2_500..4_500]);
        assert_eq!(watch.next_entries(9_000), [4_500..6_500, 500..2_500]);
        assert_eq!(watch.next_entries(9_000), [6_500..8_500, 0..500]);
        assert_eq!(watch.next_entries(9_000), [8_500..9_000, 0..0]);
        assert_eq!(watch.next_entries(9_001), [9_000..9_001, 0..0]);
    }

    #[test]
    fn every_docket_whose_time_is_over_has_its_turn_and_one_that_all_have_filed_for_is_gone() {
        let mut watch = watch(1..=250);
        let now = Time::from_millis(0);
        assert_eq!(watch.next_dockets(now), (1..=200).collect::<Vec<_>>());
        assert_eq!(watch.next_dockets(now), (201..=250).chain(1..=150).collect::<Vec<_>>());
        assert_eq!(watch.next_dockets(Time::from_millis(-1)), [0; 0]);
        watch.note(7, None);
        watch.note(8, Some(docket(&["alpha"])));
        assert!(!watch.open.contains_key(&7) && watch.open[&8].missing == ["alpha"]);
    }
}
