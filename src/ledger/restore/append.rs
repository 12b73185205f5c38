//! Bringing the lost entries in, as the log had them: leaves, envelopes, statements, publications, anchors.
//!
//! It can be broken off anywhere and begun again: what is in is left as it is. First the source's checkpoint is kept as
//! what was signed last, so that `serve` refuses a store that is restored by half.

use std::collections::HashSet;

use callboard_federation::{
    anchor::{Anchor, CasesAnchor},
    disclosure::{Disclosure, DocketDisclosure},
    docket::Docket,
    dsse::Envelope,
    encoding::{Hash, Time, to_json},
    entry::{Entry, EntryContent, anchors_root},
    statement::{Act, Statement},
};

use super::{RestoreError, RestoreSource, compare::StoreComparison};
use crate::{
    ledger::{LedgerError, load::PAGE, signed_notes::SignedNotes, witnesses::verified_lines},
    store::{
        AppendTransaction, NewAnchor, NewDocket, NewEntry, NewEntryContent, NewRecord, Store, StoreError,
        StoredCosignature, anchors::OF_THE_LOG,
    },
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RestoreSummary {
    pub entries: u64,
    /// Entries that were there, whose anchors came back.
    pub anchors: u64,
}

/// Brings in what the store lacks, as the node that writes it; tells `progress` how many of how many entries are there.
pub async fn restore(
    store: &Store,
    notes: &dyn SignedNotes,
    source: &RestoreSource,
    compared: StoreComparison,
    now: Time,
    progress: impl Fn(u64, u64),
) -> Result<RestoreSummary, RestoreError> {
    if compared.signed.is_none_or(|signed| signed < source.size()) {
        notes.keep(source.note()).await?;
    }
    let mut restored = RestoreSummary { anchors: fill_anchors(store, source, compared.stored).await?, entries: 0 };
    let mut lines = source.lines_from(compared.stored)?;
    loop {
        let page: Vec<Disclosure> =
            lines.by_ref().take(usize::try_from(PAGE).unwrap_or(usize::MAX)).collect::<Result<_, _>>()?;
        let Some(last) = page.last().map(|line| line.index) else { break };
        let mut append = store.begin_append().await?;
        let mut waiting = append.waiting_anchors().await?;
        let mut entries = Vec::with_capacity(page.len());
        for line in page {
            entries.push(new_entry(source, line, &mut waiting)?);
        }
        let root = source.tree().root(last + 1).ok_or(LedgerError::Unreadable { index: last })?;
        match append.write(&entries, root).await {
            Err(StoreError::DocketRepeated | StoreError::RecordRepeated) => {
                return Err(RestoreError::NoRoom { index: first_uncounted(source, &entries) });
            }
            written => written?,
        }
        append.commit().await?;
        restored.entries += entries.len() as u64;
        progress(last + 1, source.size());
    }
    keep_cosignatures(store, source, now).await?;
    // Nonces that were taken are lost with the rest: what was signed before this is not taken again.
    store.mark_restored(now).await?;
    Ok(restored)
}

/// Keeps the witnesses' lines under the source's checkpoint: what they saw is proven before they come by again.
async fn keep_cosignatures(store: &Store, source: &RestoreSource, now: Time) -> Result<(), RestoreError> {
    for (line, timestamp) in verified_lines(source.roster(), source.note(), now).unwrap_or_default() {
        let (name, hash) = (line.name.as_str().to_owned(), *line.hash.as_bytes());
        let stored = StoredCosignature { name, hash, size: source.size(), timestamp, line: line.to_string() };
        store.put_cosignature(&stored).await?;
    }
    Ok(())
}

/// Anchors of entries that are there already and have none.
async fn fill_anchors(store: &Store, source: &RestoreSource, stored: u64) -> Result<u64, RestoreError> {
    let known: HashSet<u64> = store.anchors(0, stored).await?.into_iter().filter_map(|anchor| anchor.index).collect();
    let mut filled = 0;
    for (&index, _) in source.anchors.range(..stored).filter(|(index, _)| !known.contains(index)) {
        let Some(leaf) = store.leaves(index, index + 1).await?.pop() else { continue };
        let Some(anchors) = source.anchors_of(index, &leaf) else { continue };
        let Ok(entry) = Entry::parse(&leaf) else { continue };
        let rows = anchor_rows(index, entry.logged_at, anchors)?;
        let mut append: AppendTransaction = store.begin_append().await?;
        append.restore_anchors(index, &rows).await?;
        append.commit().await?;
        filled += 1;
    }
    Ok(filled)
}

/// What the store is to hold of a line; `waiting` are the anchors that it has and that no entry holds yet, by day.
fn new_entry(
    source: &RestoreSource,
    line: Disclosure,
    waiting: &mut Vec<(i64, Vec<Hash>)>,
) -> Result<NewEntry, RestoreError> {
    let index = line.index;
    let unreadable = || LedgerError::Unreadable { index };
    let parsed = Entry::parse(&line.entry).map_err(|_| unreadable())?;
    let logged = match (line.docket, parsed.logged) {
        (Some(disclosed), EntryContent::Docket { .. }) => {
            let counts = source.counted.contains(&index);
            NewEntryContent::Docket(new_docket(disclosed, counts).ok_or(RestoreError::NoRoom { index })?)
        }
        (_, EntryContent::Anchors(root)) => {
            let of_day = waiting.iter().position(|(_, hashes)| anchors_root(hashes.iter().copied()) == root);
            match (source.anchors_of(index, &line.entry), of_day) {
                (Some(anchors), _) => NewEntryContent::RestoredAnchors(anchor_rows(index, parsed.logged_at, anchors)?),
                (None, Some(at)) => {
                    let (taken_on, hashes) = waiting.swap_remove(at);
                    NewEntryContent::Anchors { taken_on, count: hashes.len() as u64 }
                }
                (None, None) => NewEntryContent::RestoredAnchors(Vec::new()),
            }
        }
        (None, EntryContent::Docket { .. }) => return Err(unreadable().into()),
    };
    Ok(NewEntry { index, logged_at: parsed.logged_at, leaf: line.entry, logged })
}

/// The rows of a docket; `None` if it isn't one that rows can be made of.
fn new_docket(DocketDisclosure { envelope, items, publication }: DocketDisclosure, counts: bool) -> Option<NewDocket> {
    let docket = Docket::from_json(&envelope.payload.0).ok()?;
    let mut erased = Vec::new();
    for statement in items.iter().flatten().filter(|_| counts) {
        if let Ok(Statement { act: Act::Erasure { about, .. }, .. }) = Statement::from_json(statement) {
            erased.extend(about);
        }
    }
    let records = docket.items.iter().zip(items);
    let records =
        records.map(|(item, statement)| NewRecord { id: item.record, kind: item.kind, statement, share: None });
    Some(NewDocket {
        payload_hash: envelope.payload_hash(),
        docket_id: docket.id,
        envelope: to_json(&envelope),
        publication: docket.publication.map(|hash| (hash, publication)),
        records: records.collect(),
        erased,
    })
}

fn anchor_rows(index: u64, logged_at: Time, anchors: &[Envelope]) -> Result<Vec<NewAnchor>, RestoreError> {
    let row = |envelope: &Envelope| {
        let payload = &envelope.payload.0;
        let (member, at) = match Anchor::from_json(payload) {
            Ok(anchor) => (anchor.member.to_string(), anchor.at),
            Err(_) => match CasesAnchor::from_json(payload) {
                Ok(anchor) => (OF_THE_LOG.to_owned(), anchor.at),
                Err(_) => return Err(LedgerError::Unreadable { index }.into()),
            },
        };
        Ok(NewAnchor {
            member,
            of_day: at.day(),
            // They were taken on a day that was over when they were logged; which one no longer matters.
            taken_on: logged_at.day() - 1,
            payload_hash: envelope.payload_hash(),
            envelope: to_json(envelope),
        })
    };
    anchors.iter().map(row).collect()
}

/// The first of these entries that doesn't count, which is what takes the place of another.
fn first_uncounted(source: &RestoreSource, entries: &[NewEntry]) -> u64 {
    let uncounted = entries.iter().map(|entry| entry.index).find(|index| !source.counted.contains(index));
    uncounted.or(entries.first().map(|entry| entry.index)).unwrap_or_default()
}
