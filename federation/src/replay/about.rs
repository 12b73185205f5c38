//! Formats §5.4 and §5.5, *about* and *tags*: what a statement names is there, is of one person, and is of its tags.

use super::{Moment, Replay, RuleError, state::DocketChanges};
use crate::{
    docket::{Item, Of},
    encoding::RecordId,
    records::{Place, Record},
    statement::{Kind, Statement},
};

/// What a statement names, as far as it is known.
enum Target<'a> {
    Known(&'a Record),
    /// Its statement was erased before this replay saw it: what it is, and no more.
    Lacking(Kind),
    /// Of a docket that doesn't count: a chain of its own, that only an erasure may name.
    Uncounted(Kind),
}

impl Target<'_> {
    const fn kind(&self) -> Kind {
        match self {
            Self::Known(record) => record.kind,
            Self::Lacking(kind) | Self::Uncounted(kind) => *kind,
        }
    }
}

impl Replay {
    pub(super) fn check_about(
        &self,
        moment: Moment,
        item: &Item,
        statement: &Statement,
        staged: &DocketChanges,
    ) -> Result<(), RuleError> {
        let (record, kind) = (statement.id, statement.kind());
        let mut known = Vec::with_capacity(statement.about().len());
        let mut first_kind = None;
        for about in statement.about().iter().copied() {
            let named = self.look_up(record, kind, about, staged)?;
            if !kind.may_be_about(named.kind()) {
                return Err(RuleError::AboutKind { record, about, kind: named.kind() });
            }
            let is_annulled = || self.records.about(about).any(|other| other.kind == Kind::Annulment);
            if kind != Kind::Erasure && is_annulled() {
                return Err(RuleError::AboutAnnulled { record, about });
            }
            if kind != Kind::Erasure && *first_kind.get_or_insert(named.kind()) != named.kind() {
                return Err(RuleError::AboutSeveralKinds(record));
            }
            if let Target::Known(named) = named {
                known.push(named);
            }
        }
        if let (Some(Of::About(of)), Some(first)) = (item.of, first_kind)
            && of != first
        {
            return Err(RuleError::ItemMismatch { record });
        }
        if kind == Kind::Erasure {
            return Ok(());
        }
        self.check_one_person(statement, &known)?;
        self.check_wraps(moment, statement, &known)
    }

    fn look_up(
        &self,
        record: RecordId,
        kind: Kind,
        about: RecordId,
        staged: &DocketChanges,
    ) -> Result<Target<'_>, RuleError> {
        if self.erased.contains(&about) || staged.erased.contains(&about) {
            return Err(RuleError::AboutErased { record, about });
        }
        if let Some(named) = self.records.get(about) {
            return Ok(Target::Known(named));
        }
        let uncounted = self.uncounted_records.get(&about);
        match self.lacking.get(&about) {
            Some((kind, _)) if self.ids.contains(&about) => Ok(Target::Lacking(*kind)),
            _ => match (kind, uncounted, staged.erasures.iter().find(|erasure| erasure.id == about)) {
                (Kind::Erasure, Some(kind), _) => Ok(Target::Uncounted(*kind)),
                (_, _, Some(erasure)) => Ok(Target::Lacking(erasure.kind)),
                _ => Err(RuleError::AboutUnknown { record, about }),
            },
        }
    }

    /// All share a hard tag with the first, where one has none any tag; a ruling shares a hard tag with each interim.
    fn check_one_person(&self, statement: &Statement, known: &[&Record]) -> Result<(), RuleError> {
        let strangers = Err(RuleError::AboutStrangers(statement.id));
        if let Some(imposed) = statement.imposed() {
            let shares =
                |interim: &&Record| interim.hard_tags().any(|tag| imposed.subject.hard().any(|own| own == tag));
            return if known.iter().all(shares) { Ok(()) } else { strangers };
        }
        // «The first» is the first named; if its statement is erased, nothing can be held against the others.
        let Some((first, others)) = known.split_first() else { return Ok(()) };
        if statement.about().first() != Some(&first.id) {
            return Ok(());
        }
        let first_hard = self.records.hard_tags_of(first);
        for other in others {
            let hard = self.records.hard_tags_of(other);
            let shared = if first_hard.is_empty() || hard.is_empty() {
                let tags = self.records.tags_of(first);
                self.records.tags_of(other).iter().any(|tag| tags.contains(tag))
            } else {
                hard.iter().any(|tag| first_hard.contains(tag))
            };
            if !shared {
                return strangers;
            }
        }
        Ok(())
    }

    /// Details of what has no subject of its own are wrapped for the tags of what it is about (formats §7).
    fn check_wraps(&self, moment: Moment, statement: &Statement, known: &[&Record]) -> Result<(), RuleError> {
        let Some(details) = statement.details().filter(|_| statement.subject().is_none()) else { return Ok(()) };
        if known.iter().any(|named| !self.is_whole(named)) || known.len() != statement.about().len() {
            return Ok(());
        }
        // Where it stands in the log says nothing of its tags.
        let record = Record::new(Place { index: 0, position: 0 }, moment.logged_at, statement);
        let tags = self.records.wrapped_tags_of(&record);
        if details.are_wrapped_for(&tags) { Ok(()) } else { Err(RuleError::Wraps(statement.id)) }
    }

    /// Whether all that the record is about, and what that is about, is known.
    fn is_whole(&self, record: &Record) -> bool {
        record.subject.is_some()
            || record.about.iter().all(|id| self.records.get(*id).is_some_and(|named| self.is_whole(named)))
    }

    pub(super) fn check_tags(&self, statement: &Statement) -> Result<(), RuleError> {
        let (record, kind) = (statement.id, statement.kind());
        let (Some(subject), Some(roster)) = (statement.subject(), self.roster()) else { return Ok(()) };
        for tag in &subject.tags {
            let epoch = tag.epoch;
            if roster.epoch(epoch).is_none() {
                return Err(RuleError::EpochUnknown { record, epoch });
            }
            if kind != Kind::Link && !roster.is_live(epoch) {
                return Err(RuleError::EpochClosed { record, epoch });
            }
            for other in self.records.holding(tag.tag()) {
                let otherwise = other
                    .subject
                    .iter()
                    .flat_map(|subject| &subject.tags)
                    .any(|held| held.tag() == tag.tag() && held.soft != tag.soft);
                let annulled = || self.records.about(other.id).any(|naming| naming.kind == Kind::Annulment);
                if otherwise && !annulled() {
                    return Err(RuleError::TagSoftness { record, soft: tag.soft });
                }
            }
        }
        Ok(())
    }
}
