//! What is decided about earlier records: annulment, end, stay, reinstatement, dispute, erasure.

use callboard_client::derivation::{Derived, Known};
use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    identity::reader::Reading,
    records::{Place, Record},
    sealed::Plain,
    statement::{Act, Basis, Kind, PolicyRef, Probation, Statement},
};
use rand_core::CryptoRng;

use super::{DraftError, Drafted, Draw, carried, named::Named};

/// What is done about records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversal {
    /// They count as never made.
    Annul,
    /// They hold no longer.
    End {
        /// From when.
        effective_at: Time,
    },
    /// Their measures pause.
    Stay {
        /// From when.
        effective_at: Time,
        /// Until when, if it is known.
        until: Option<Time>,
    },
    /// Their measures end.
    Reinstate {
        /// From when.
        effective_at: Time,
        /// Under watch until.
        probation: Option<Time>,
    },
    /// They are disputed.
    Dispute,
}

/// What a reversal rests on.
pub struct Grounds<'a> {
    /// The policy; absent: that of what is reversed.
    pub policy: Option<PolicyRef>,
    /// The case's last event.
    pub procedure: Hash,
    /// What is to be sealed, if anything.
    pub plain: Option<&'a Plain>,
    /// The person's identities, if they are at hand.
    pub readings: &'a [Reading],
    /// What they are under the live epochs.
    pub known: &'a [Known],
    /// Whether records of several people were meant.
    pub several: bool,
}

impl Reversal {
    /// The kind of its statements.
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

    fn check(self) -> Result<(), DraftError> {
        match self {
            Self::Stay { effective_at, until: Some(until) }
            | Self::Reinstate { effective_at, probation: Some(until) }
                if until <= effective_at =>
            {
                Err(DraftError::Until)
            }
            _ => Ok(()),
        }
    }

    fn act(self, about: Vec<RecordId>, basis: impl FnOnce() -> Result<Basis, DraftError>) -> Result<Act, DraftError> {
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

/// Drafts a statement for each group of records that are of one kind and person.
///
/// # Errors
/// [`DraftError`]; of several people, unless that was said.
pub fn reverse<R: CryptoRng>(
    reversal: Reversal,
    ids: &[RecordId],
    named: &Named,
    grounds: &Grounds<'_>,
    draw: &mut Draw<'_, R>,
) -> Result<Vec<Drafted>, DraftError> {
    reversal.check()?;
    let groups = named.groups(reversal.kind(), ids)?;
    let is_one = |group: &Vec<RecordId>| named.are_of_one(groups[0][0], group[0]);
    let strangers = groups.iter().filter(|group| !is_one(group)).count();
    if strangers > 0 && (!grounds.several || !grounds.known.is_empty()) {
        return Err(DraftError::Several { persons: 1 + strangers });
    }
    groups.into_iter().map(|group| reverse_one(reversal, group, named, grounds, draw)).collect()
}

fn reverse_one<R: CryptoRng>(
    reversal: Reversal,
    group: Vec<RecordId>,
    named: &Named,
    grounds: &Grounds<'_>,
    draw: &mut Draw<'_, R>,
) -> Result<Drafted, DraftError> {
    let first = *group.first().ok_or(DraftError::NoRecords)?;
    let of = named.kind(first);
    let tags: Vec<_> = grounds.known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect();
    if let Some(other) = group.iter().find(|id| !tags.is_empty() && !named.is_of(**id, &tags)) {
        return Err(DraftError::AnotherPerson(*other));
    }
    let basis = || {
        let own = || named.statement(first).and_then(Statement::basis).map(|basis| basis.policy.clone());
        let policy = grounds.policy.clone().or_else(own).ok_or(DraftError::NoPolicy(first))?;
        Ok(Basis { policy, procedure: grounds.procedure })
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
    let identities = grounds.readings.iter().map(carried).collect();
    Drafted::new(statement, of, identities, sealed)
}

/// Drafts an erasure of whole chains; `uncounted` are the indexes of all dockets in the log that don't count.
///
/// # Errors
/// [`DraftError::NoRecords`].
pub fn erase<R: CryptoRng>(
    about: Vec<RecordId>,
    uncounted: Vec<u64>,
    draw: &mut Draw<'_, R>,
) -> Result<Drafted, DraftError> {
    if about.is_empty() {
        return Err(DraftError::NoRecords);
    }
    let statement = draw.statement(Act::Erasure { about, uncounted });
    Drafted::new(statement, None, Vec::new(), None)
}
