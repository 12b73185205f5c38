//! What is decided or said about earlier records: annulment, end, stay, reinstatement, dispute, rejoinder, erasure.

use callboard_client::derivation::{Derived, Known};
use callboard_federation::{
    encoding::{RecordId, Time},
    identity::reader::Reading,
    records::{Place, Record},
    roster::Roster,
    sealed::Plain,
    statement::{Act, Basis, EpochTag, Kind, PolicyRef, Probation, Statement, UNDECIDED},
    zh_en,
};
use rand_core::CryptoRng;

use super::{DraftItem, Draw, carried, log_records::LogRecords};
use crate::error::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversal {
    Annul,
    End { effective_at: Time },
    Stay { effective_at: Time, until: Option<Time> },
    Reinstate { effective_at: Time, probation: Option<Time> },
    Dispute,
}

pub struct Grounds<'a> {
    /// The policy; absent: that of what is reversed.
    pub policy: Option<PolicyRef>,
    pub plain: Option<&'a Plain>,
    /// The person's identities, if they are at hand.
    pub readings: &'a [Reading],
    /// What they are under the live epochs.
    pub known: &'a [Known],
    /// Whether records of several people were meant.
    pub several: bool,
    pub roster: &'a Roster,
}

impl Reversal {
    pub const fn kind(self) -> Kind {
        match self {
            Self::Annul => Kind::Annulment,
            Self::End { .. } => Kind::End,
            Self::Stay { .. } => Kind::Stay,
            Self::Reinstate { .. } => Kind::Reinstatement,
            Self::Dispute => Kind::Dispute,
        }
    }

    /// Whether its statements can carry sealed reasons or conditions.
    pub const fn has_details(self) -> bool {
        matches!(self, Self::Annul | Self::End { .. } | Self::Reinstate { .. })
    }

    fn check(self) -> Result<(), Error> {
        match self {
            Self::Stay { effective_at, until: Some(until) }
            | Self::Reinstate { effective_at, probation: Some(until) }
                if until <= effective_at =>
            {
                Err(Error::Until)
            }
            _ => Ok(()),
        }
    }

    fn act(self, about: Vec<RecordId>, basis: impl FnOnce() -> Result<Basis, Error>) -> Result<Act, Error> {
        let details = None;
        Ok(match self {
            Self::Annul => Act::Annulment { about, basis: basis()?, details },
            Self::End { effective_at } => Act::End { effective_at, about, basis: basis()?, details },
            Self::Stay { effective_at, until } => Act::Stay { effective_at, about, until, basis: basis()? },
            Self::Reinstate { effective_at, probation } => {
                let probation = probation.map(|until| Probation { until });
                Act::Reinstatement { effective_at, about, probation, basis: basis()?, details }
            }
            Self::Dispute => Act::Dispute { about },
        })
    }
}

/// Whether a statement of this kind is drafted and signed only with the identity of its person. What gives a right back
/// or takes a record out must be shown to be of the right person; what only ends a wrong must not wait for that.
pub const fn needs_identity(kind: Kind) -> bool {
    matches!(kind, Kind::Reinstatement | Kind::Erasure | Kind::Link)
}

/// Drafts a statement for each group of records that are of one kind and person; groups of several people only where
/// that was meant.
pub fn reverse<R: CryptoRng>(
    reversal: Reversal,
    ids: &[RecordId],
    named: &LogRecords,
    grounds: &Grounds<'_>,
    draw: &mut Draw<'_, R>,
) -> Result<Vec<DraftItem>, Error> {
    reversal.check()?;
    let groups = named.groups(reversal.kind(), ids)?;
    let is_one = |group: &Vec<RecordId>| named.are_joined(groups[0][0], group[0]);
    let strangers = groups.iter().filter(|group| !is_one(group)).count();
    if strangers > 0 && !grounds.several {
        return Err(Error::Several { persons: 1 + strangers });
    }
    groups.into_iter().map(|group| reverse_one(reversal, group, named, grounds, draw)).collect()
}

fn reverse_one<R: CryptoRng>(
    reversal: Reversal,
    group: Vec<RecordId>,
    named: &LogRecords,
    grounds: &Grounds<'_>,
    draw: &mut Draw<'_, R>,
) -> Result<DraftItem, Error> {
    let first = *group.first().ok_or(Error::NoRecords)?;
    let of = named.kind(first);
    // Of several people, each takes the identities that are its own.
    let is_own = |known: &&Known| !grounds.several || named.is_of(first, &tags_of(std::slice::from_ref(*known)));
    let own: Vec<&Known> = grounds.known.iter().filter(is_own).collect();
    let tags: Vec<_> = own.iter().flat_map(|known| &known.derived).map(Derived::tag).collect();
    for id in group.iter().filter(|id| named.is_comparable(**id, grounds.roster)) {
        if tags.is_empty() && needs_identity(reversal.kind()) {
            return Err(Error::Unnamed { kind: reversal.kind(), record: *id });
        }
        if !tags.is_empty() && !named.is_of(*id, &tags) {
            return Err(Error::AnotherPerson(*id));
        }
    }
    let basis = || {
        let own = || named.statement(first).and_then(Statement::basis).map(|basis| basis.policy.clone());
        let policy = grounds.policy.clone().or_else(own).ok_or_else(|| no_policy(first))?;
        Ok(Basis { policy, procedure: UNDECIDED })
    };
    let mut statement = draw.statement(reversal.act(group, basis)?);
    let mut sealed = None;
    if let Some(plain) = grounds.plain {
        // Where it stands in the log says nothing of its tags.
        let record = Record::new(Place { index: 0, position: 0 }, draw.now, &statement);
        let wrapped = named.records().wrapped_tags_of(&record);
        let (sealed_details, share) = draw.seal(plain, statement.id, &wrapped, grounds.known)?;
        match &mut statement.act {
            Act::Annulment { details, .. } | Act::End { details, .. } | Act::Reinstatement { details, .. } => {
                *details = Some(sealed_details);
                sealed = Some((plain, share));
            }
            // The formats give these no details; the command line doesn't ask for any.
            _ => {}
        }
    }
    let is_theirs = |reading: &&Reading| own.iter().any(|known| known.identity == reading.identity);
    let identities = grounds.readings.iter().filter(is_theirs).map(carried).collect();
    DraftItem::new(statement, of, identities, sealed)
}

fn tags_of(known: &[Known]) -> Vec<EpochTag> {
    known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect()
}

/// Drafts an erasure of whole chains, with the identities of those whose records they are; `uncounted` are the indexes
/// of all dockets in the log that don't count.
///
/// # Errors
/// [`Error::NoRecords`]; [`Error::Unnamed`], of a record whose person none of the identities shows.
pub fn erase<R: CryptoRng>(
    about: Vec<RecordId>,
    uncounted: Vec<u64>,
    named: &LogRecords,
    (readings, known): (&[Reading], &[Known]),
    roster: &Roster,
    draw: &mut Draw<'_, R>,
) -> Result<DraftItem, Error> {
    if about.is_empty() {
        return Err(Error::NoRecords);
    }
    let tags = tags_of(known);
    let is_shown = |id: &&RecordId| named.is_of(**id, &tags) || !named.is_comparable(**id, roster);
    if let Some(record) = about.iter().find(|id| !is_shown(id)) {
        return Err(Error::Unnamed { kind: Kind::Erasure, record: *record });
    }
    let statement = draw.statement(Act::Erasure { about, uncounted });
    DraftItem::new(statement, None, readings.iter().map(carried).collect(), None)
}

/// Drafts the subject's own words on records of theirs, sealed as what they answer is.
pub fn rejoin<R: CryptoRng>(
    about: Vec<RecordId>,
    plain: &Plain,
    named: &LogRecords,
    (readings, known): (&[Reading], &[Known]),
    roster: &Roster,
    draw: &mut Draw<'_, R>,
) -> Result<DraftItem, Error> {
    let groups = named.groups(Kind::Rejoinder, &about)?;
    if groups.len() > 1 {
        return Err(Error::Several { persons: groups.len() });
    }
    let tags = tags_of(known);
    if let Some(record) = about.iter().find(|id| tags.is_empty() && named.is_comparable(**id, roster)) {
        return Err(Error::Unnamed { kind: Kind::Rejoinder, record: *record });
    }
    if let Some(record) = about.iter().find(|id| !named.is_of(**id, &tags) && named.is_comparable(**id, roster)) {
        return Err(Error::AnotherPerson(*record));
    }
    let of = about.first().and_then(|first| named.kind(*first));
    // Whose it is follows from what it is about alone.
    let mut statement = draw.statement(Act::Dispute { about: about.clone() });
    let record = Record::new(Place { index: 0, position: 0 }, draw.now, &statement);
    let wrapped = named.records().wrapped_tags_of(&record);
    let (details, share) = draw.seal(plain, statement.id, &wrapped, known)?;
    statement.act = Act::Rejoinder { about, details };
    DraftItem::new(statement, of, readings.iter().map(carried).collect(), Some((plain, share)))
}

pub(crate) fn no_policy(record: RecordId) -> Error {
    Error::other("no-policy", || {
        zh_en!("记录 {record} 没有写明规则：请指明", "record {record} names no policy: say under which")
    })
}
