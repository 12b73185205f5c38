//! Formats §9 and §5.7, *erasure*: whole chains, nothing that has effect, and a true list of what didn't count.

use std::collections::BTreeSet;

use super::{ItemsError, Moment, Replay, RuleError, state::DocketChanges};
use crate::{
    encoding::RecordId,
    standing::AsOf,
    statement::{Act, Kind, Statement},
};

impl Replay {
    pub(super) fn check_erasures(
        &self,
        moment: Moment,
        statements: &[Option<Statement>],
        staged: &DocketChanges,
    ) -> Result<(), ItemsError> {
        // One rule after the other, so that everyone names the same one.
        for id in &staged.erased {
            self.check_chain(*id, staged)?;
        }
        for id in &staged.erased {
            self.check_over(moment, *id)?;
        }
        let mut again = BTreeSet::new();
        for statement in statements.iter().flatten() {
            if let Act::Erasure { uncounted, .. } = &statement.act {
                again.extend(self.check_uncounted(moment, uncounted)?);
            }
        }
        if again.is_empty() { Ok(()) } else { Err(ItemsError::BeginAgain(again)) }
    }

    /// With a record go all that it is about and all that are about it, as far as their statements are known.
    fn check_chain(&self, id: RecordId, staged: &DocketChanges) -> Result<(), RuleError> {
        let Some(record) = self.records.get(id) else { return Ok(()) };
        let naming = self.records.about(id).filter(|other| other.kind != Kind::Erasure).map(|other| other.id);
        let named = record.about.iter().copied().filter(|about| self.records.get(*about).is_some());
        match naming.chain(named).find(|other| !staged.erased.contains(other)) {
            Some(left) => Err(RuleError::HalfChain { named: id, left }),
            None => Ok(()),
        }
    }

    /// A measure of the chain is void or over, and no link of it holds.
    fn check_over(&self, moment: Moment, id: RecordId) -> Result<(), RuleError> {
        let Some(record) = self.records.get(id) else { return Ok(()) };
        let as_of = AsOf::new(&self.records, moment.index + 1, moment.logged_at);
        let in_effect = match record.kind {
            Kind::Ruling | Kind::Interim => self.stands(moment, record),
            Kind::Link => as_of.holds(record),
            _ => false,
        };
        if in_effect { Err(RuleError::InEffect(id)) } else { Ok(()) }
    }

    /// The list is that of the log; what it names besides is taken from it where an erased statement may have shown it.
    fn check_uncounted(&self, moment: Moment, listed: &[u64]) -> Result<Vec<u64>, RuleError> {
        let complete = self.uncounted.iter().all(|index| listed.binary_search(index).is_ok());
        if !complete || listed.iter().any(|index| *index >= moment.index) {
            return Err(RuleError::ErasureUncounted);
        }
        let first_lacking = self.lacking.values().map(|(_, index)| *index).min();
        let besides = listed.iter().copied().filter(|index| !self.uncounted.contains(index)).collect::<Vec<_>>();
        let may_be = |index: &u64| first_lacking.is_some_and(|lacking| lacking <= *index);
        if besides.iter().all(may_be) { Ok(besides) } else { Err(RuleError::ErasureUncounted) }
    }
}
