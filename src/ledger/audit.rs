//! The audit: everything derived again from the leaves, and every difference said.
//!
//! It takes what the log discloses, from wherever that comes (a running registry, a data directory, an export), and
//! trusts none of it but the pinned genesis. It is the oracle of the other tests.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
};

use callboard_client::parallel::{on_every_core, read_ahead};
use callboard_federation::{
    anchor::{self, CasesAnchor},
    disclosure::Disclosure,
    docket::Docket,
    dsse::Envelope,
    encoding::{Hash, KeyId, PublicKey, Time},
    entry::{Entry, EntryContent, anchors_root},
    language::Phrase,
    members::MemberId,
    replay::{LineEffect, ReadLine, Replay},
    standing::Standing,
    statement::EpochTag,
    tlog::{checkpoint::SignedCheckpoint, view::Watchers},
    zh_en,
};

mod difference;
pub mod running;

pub use difference::Difference;

use super::{LedgerError, load};
use crate::store::{RecordPlace, Store};

#[derive(Debug)]
pub struct AuditReport {
    /// How many entries were followed.
    pub size: u64,
    pub root: Hash,
    pub genesis: Option<Hash>,
    /// Each docket, in order.
    pub dockets: Vec<AuditedDocket>,
    /// The instant that the standings are for: of the last entry, unless another was asked.
    pub at: Time,
    /// The standing of each tag that a record names, by epoch and tag.
    pub standings: Vec<(EpochTag, Standing)>,
    /// Since when the checkpoint is witnessed, in seconds since 1970.
    pub witnessed_since: Option<u64>,
    pub differences: Vec<Difference>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedDocket {
    pub index: u64,
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// Who signed, by the names that seats have on the roster, in order.
    pub signers: Vec<String>,
    /// The rule that it breaks, if it doesn't count.
    pub breaks: Option<&'static str>,
}

/// An audit in progress: lines go in, in order; a report comes out.
#[derive(Debug)]
pub struct Audit {
    replay: Replay,
    dockets: Vec<AuditedDocket>,
    /// The roots of entries of anchors.
    anchors: BTreeMap<u64, Hash>,
    /// Request keys of members, of every list so far: an anchor may be logged after its key was replaced.
    keys: HashMap<KeyId, (PublicKey, MemberId)>,
    members_version: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum AuditStep {
    Continue,
    /// Begin again from entry 0: an erasure told what an erased statement hid (formats §5.7).
    BeginAgain,
}

impl Audit {
    /// An audit of the log that `genesis` pins; `None` takes what it begins with, and says so.
    pub fn new(genesis: Option<Hash>) -> Self {
        Self::of(Replay::new(genesis))
    }

    fn of(replay: Replay) -> Self {
        Self { replay, dockets: Vec::new(), anchors: BTreeMap::new(), keys: HashMap::new(), members_version: 0 }
    }

    /// Takes the next line. A fault ends the audit: what follows it can't be followed.
    pub fn take(&mut self, line: &Disclosure) -> Result<AuditStep, Difference> {
        self.take_read(ReadLine::of(line))
    }

    /// Takes lines in order, read ahead on every core; as [`Audit::take`] of each.
    pub fn take_all(&mut self, lines: &[Disclosure]) -> Result<AuditStep, Difference> {
        let taken = read_ahead(lines, |line| match self.take_read(line) {
            Ok(AuditStep::Continue) => Ok(()),
            Ok(AuditStep::BeginAgain) => Err(None),
            Err(difference) => Err(Some(difference)),
        });
        match taken {
            Ok(()) => Ok(AuditStep::Continue),
            Err(None) => Ok(AuditStep::BeginAgain),
            Err(Some(difference)) => Err(difference),
        }
    }

    fn take_read(&mut self, read: ReadLine<'_>) -> Result<AuditStep, Difference> {
        let line = read.line();
        let payload = read.payload_hash();
        let followed = self.replay.follow_read(read)?;
        let breaks = match followed {
            LineEffect::BeginAgain(again) => {
                *self = Self::of(*again);
                return Ok(AuditStep::BeginAgain);
            }
            LineEffect::Anchors => {
                if let Ok(Entry { logged: EntryContent::Anchors(root), .. }) = Entry::parse(&line.entry) {
                    self.anchors.insert(line.index, root);
                }
                return Ok(AuditStep::Continue);
            }
            LineEffect::Counted => {
                self.note_keys();
                None
            }
            LineEffect::NotCounted(refusal) => Some(refusal.code()),
        };
        if let Some(disclosed) = &line.docket {
            let envelope = &disclosed.envelope;
            let holder = |id: &Hash| self.replay.roster().and_then(|roster| roster.seat(id)).map(|seat| &seat.holder);
            let signers = envelope
                .signatures
                .iter()
                .map(|signature| holder(&signature.keyid).map_or_else(|| signature.keyid.to_string(), Clone::clone));
            self.dockets.push(AuditedDocket {
                index: line.index,
                docket: payload.unwrap_or_else(|| envelope.payload_hash()),
                signers: signers.collect(),
                breaks,
            });
        }
        Ok(AuditStep::Continue)
    }

    fn note_keys(&mut self) {
        let members = self.replay.members().map(|members| &members.document.value);
        let Some(members) = members.filter(|members| members.version != self.members_version) else { return };
        self.members_version = members.version;
        let keys = members.members.iter().flat_map(|member| member.keys.iter().map(|key| (*key, &member.member)));
        self.keys.extend(keys.map(|(key, member)| (key.id(), (key, member.clone()))));
    }

    pub fn anchor_indexes(&self) -> impl Iterator<Item = u64> + '_ {
        self.anchors.keys().copied()
    }

    /// Holds the anchors of each entry, once all lines are taken, against its leaf, the members' keys and the log's.
    pub fn differing_anchors(&self, shown: &[(u64, Envelope)]) -> Vec<Difference> {
        let mut by_entry: BTreeMap<u64, Vec<&Envelope>> = BTreeMap::new();
        for (index, envelope) in shown {
            by_entry.entry(*index).or_default().push(envelope);
        }
        let mut days = HashSet::new();
        let log: HashMap<KeyId, PublicKey> = {
            let rosters = self.replay.history().rosters.iter();
            rosters.flat_map(|(_, roster)| &roster.log).map(|key| (key.key().id(), *key.key())).collect()
        };
        let mut is_own = |envelope: &&Envelope| {
            let of_member = anchor::check(envelope, |id| self.keys.get(id).map(|(key, member)| (*key, member)));
            let signed = match of_member {
                Ok(anchor) => Some((Some(anchor.member), anchor.at)),
                Err(_) => CasesAnchor::check(envelope, |id| log.get(id).copied()).ok().map(|anchor| (None, anchor.at)),
            };
            signed.is_some_and(|(whose, at)| days.insert((whose, at.day())))
        };
        let mut holds = |index: &u64| {
            let (Some(root), Some(anchors)) = (self.anchors.get(index), by_entry.get(index)) else { return false };
            anchors_root(anchors.iter().map(|anchor| anchor.payload_hash())) == *root && anchors.iter().all(&mut is_own)
        };
        let indexes: BTreeSet<&u64> = self.anchors.keys().chain(by_entry.keys()).collect();
        let differing = indexes.into_iter().filter(|index| !holds(index));
        let difference = |&index: &u64| match by_entry.get(&index) {
            Some(_) => Difference::Anchors { index },
            None => Difference::AnchorsMissing { index },
        };
        differing.map(difference).collect()
    }

    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// The report, with all standings, at the instant of the last entry or at `at`. The checkpoint's cosignatures are
    /// read by the clock that stands beside it.
    pub fn finish(self, checkpoint: Option<(&SignedCheckpoint, Time)>, at: Option<Time>) -> AuditReport {
        let replay = &self.replay;
        let mut differences: Vec<Difference> = replay.not_erased().into_iter().map(Difference::from).collect();
        differences.extend(replay.still_disclosed().map(Difference::from));
        let (size, root) = (replay.tree().size(), replay.tree().current_root());
        let mut witnessed_since = None;
        if let Some((note, now)) = checkpoint {
            let stated = note.checkpoint();
            if stated.size != size {
                differences.push(Difference::Size { stated: stated.size, disclosed: size });
            } else if stated.root != root {
                differences.push(Difference::Root { stated: stated.root, derived: root });
            }
            match replay.roster().map(|roster| Watchers::from(roster).witnessed_since(note, now)) {
                Some(Ok(since)) => witnessed_since = since,
                Some(Err(error)) => differences.push(error.into()),
                None => {}
            }
        }
        if size > 0 && replay.roster().is_none() {
            differences.push(Difference::Genesis);
        }
        let at = at.or(replay.logged_at()).unwrap_or(Time::from_millis(0));
        let mut tags: Vec<EpochTag> = replay.records().tags().collect();
        tags.sort_unstable();
        let found = on_every_core(&tags, |tag| replay.standing(&[*tag], size, at).ok());
        let mut standings = Vec::with_capacity(tags.len());
        for (tag, standing) in tags.into_iter().zip(found) {
            match standing {
                Some(standing) => standings.push((tag, standing)),
                None => differences.push(Difference::NoStanding(tag)),
            }
        }
        AuditReport {
            size,
            root,
            genesis: replay.genesis(),
            dockets: self.dockets,
            at,
            standings,
            witnessed_since,
            differences,
        }
    }
}

/// Audits what a store holds: what it discloses, and that its rows say what the dockets say.
pub async fn of_store(store: &Store, genesis: Option<Hash>, at: Option<Time>) -> Result<AuditReport, LedgerError> {
    let size = store.head().await?.size;
    let mut audit = Audit::new(genesis);
    let mut differences = Vec::new();
    'pages: while audit.replay().tree().size() < size {
        let from = audit.replay().tree().size();
        let to = size.min(from + load::PAGE);
        let places = store.places(from, to).await?;
        for stored in store.entries(from, to).await? {
            let line = load::disclosure(stored)?;
            let rows = places.iter().filter(|place| place.index == line.index);
            if !rows_match(&line, rows) {
                differences.push(Difference::Rows { index: line.index });
            }
            match audit.take(&line) {
                Ok(AuditStep::Continue) => {}
                Ok(AuditStep::BeginAgain) => continue 'pages,
                Err(fault) => {
                    differences.push(fault);
                    break 'pages;
                }
            }
        }
        if audit.replay().tree().size() == from {
            differences.push(Difference::Rows { index: from });
            break;
        }
    }
    if audit.replay().tree().size() == size {
        let anchors = super::anchors::envelopes(store.anchors(0, size).await?)?;
        differences.extend(audit.differing_anchors(&anchors));
    }
    let mut report = audit.finish(None, at);
    report.differences.extend(differences);
    Ok(report)
}

fn rows_match<'a>(line: &Disclosure, mut rows: impl Iterator<Item = &'a RecordPlace>) -> bool {
    let Some(docket) = &line.docket else { return rows.next().is_none() };
    let Ok(docket) = Docket::from_json(&docket.envelope.payload.0) else { return false };
    let each = (0_u32..).zip(&docket.items).all(|(position, item)| {
        rows.next().is_some_and(|row| row.position == position && row.id == item.record && row.kind == item.kind)
    });
    each && rows.next().is_none()
}

impl AuditReport {
    /// Whether nothing differs and every docket counts. One that doesn't has no effect, and everyone sees the same of
    /// it; but a registry logs none, so whoever logged it must be asked.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.uncounted().next().is_none()
    }

    /// The dockets that don't count, in order, each with the rule that it breaks.
    pub fn uncounted(&self) -> impl Iterator<Item = (&AuditedDocket, &'static str)> {
        self.dockets.iter().filter_map(|docket| docket.breaks.map(|rule| (docket, rule)))
    }
}

/// One line a fact, in an order that every auditor finds: two reports of one log are the same text.
impl fmt::Display for AuditReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", Phrase::new("条数", "size"), self.size)?;
        writeln!(f, "{} {}", Phrase::new("根值", "root"), self.root)?;
        if let Some(genesis) = self.genesis {
            writeln!(f, "{} {genesis}", Phrase::new("登记册校验码", "genesis"))?;
        }
        for AuditedDocket { index, docket, signers, breaks } in &self.dockets {
            let counts = match breaks {
                None => zh_en!("计入", "counts"),
                Some(rule) => zh_en!("不计入：{rule}", "doesn't count: {rule}"),
            };
            let signers = signers.join(", ");
            let said = zh_en!(
                "文书 {index} {docket} 由 {signers} 签署：{counts}",
                "docket {index} {docket} signed by {signers}: {counts}"
            );
            writeln!(f, "{said}")?;
        }
        writeln!(f, "{} {}", Phrase::new("状态截至", "standings at"), self.at)?;
        for (tag, standing) in &self.standings {
            let standing_of = Phrase::new("状态", "standing");
            write!(f, "{standing_of} {}/{} {} {}", tag.epoch, tag.tag, standing.state, standing.action)?;
            for reason in &standing.reasons {
                write!(f, " {}:{}:{}", reason.record, reason.measure, reason.phase.as_str())?;
            }
            writeln!(f)?;
        }
        self.differences
            .iter()
            .try_for_each(|difference| writeln!(f, "{} {difference}", Phrase::new("不符", "DIFFERS")))
    }
}
