//! Formats §6: an epoch closes only once every measure that stands has a tag of a live one.

use super::{Moment, Replay, RuleError};
use crate::{
    records::Record,
    roster::{EpochState, Roster},
    standing::{AsOf, joined_tags},
    statement::Kind,
};

impl Replay {
    pub(super) fn check_epochs_in_use(&self, moment: Moment, next: &Roster) -> Result<(), RuleError> {
        let closes = |roster: &Roster| {
            let closed = next.epochs.iter().filter(|epoch| epoch.state == EpochState::Closed);
            closed.into_iter().any(|epoch| roster.is_live(epoch.number))
        };
        // Once a link is erased, who replays later can't see which tags it joined: then this isn't asked.
        let links_lack = || self.lacking.values().any(|(kind, _)| *kind == Kind::Link) || self.erased_links;
        if !self.roster().is_some_and(closes) || links_lack() {
            return Ok(());
        }
        let in_use = |record: &&Record| self.stands(moment, record) && !self.has_live_tag(moment, next, record);
        let measures = self.records.iter().filter(|record| matches!(record.kind, Kind::Ruling | Kind::Interim));
        match measures.filter(in_use).min_by_key(|record| record.place) {
            Some(record) => Err(RuleError::EpochInUse(record.id)),
            None => Ok(()),
        }
    }

    /// Whether the measure isn't void, ended, lifted or superseded. One still to come is asked as if it had begun: what
    /// was lifted before its first day is lifted.
    pub(super) fn stands(&self, moment: Moment, record: &Record) -> bool {
        let as_of = AsOf::new(&self.records, moment.index + 1, moment.logged_at);
        let (Some(measure), Some(hash)) = (&record.measure, record.policy) else { return false };
        let Some(policy) = self.policies.get(&hash) else { return true };
        !as_of.is_void(record) && !as_of.phase(record, measure, policy).is_over()
    }

    fn has_live_tag(&self, moment: Moment, next: &Roster, record: &Record) -> bool {
        let mut tags: Vec<_> = record.hard_tags().collect();
        if tags.is_empty() {
            tags = self.records.tags_of(record);
        }
        joined_tags(&self.records, &tags, moment.index + 1, moment.logged_at).iter().any(|tag| next.is_live(tag.epoch))
    }
}
