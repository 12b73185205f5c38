//! Formats §5.2 and §5.6, *interims*: soon, short, and not one after another.

use super::{Moment, Replay, RuleError};
use crate::{
    docket::Docket,
    records::Record,
    statement::{Act, Kind, Statement},
};

/// The latest that an interim takes effect after it was issued: one day.
const MAX_WAIT_DAYS: i64 = 1;

impl Replay {
    pub(super) fn check_interim(
        &self,
        moment: Moment,
        docket: &Docket,
        statement: &Statement,
    ) -> Result<(), RuleError> {
        let Act::Interim { imposed } = &statement.act else { return Ok(()) };
        let record = statement.id;
        if imposed.effective_at > docket.issued_at.plus_days(MAX_WAIT_DAYS) {
            return Err(RuleError::InterimLate(record));
        }
        let sha256 = imposed.basis.policy.sha256;
        let (Some(policy), Some(until)) = (self.policies.get(&sha256), imposed.measure.until) else { return Ok(()) };
        let max_days = i64::from(policy.interim.max_days);
        if until > imposed.effective_at.plus_days(max_days) {
            return Err(RuleError::InterimTooLong(record));
        }
        let starts = imposed.effective_at.max(moment.logged_at);
        // Between two interims on one person lies the longest that one may last.
        let (from, to) = (starts.plus_days(-max_days), until);
        let runs_in = |other: &&Record| {
            let Some(end) = other.measure.as_ref().and_then(|measure| measure.until) else { return false };
            other.starts.max(from) < end.min(to)
        };
        for tag in imposed.subject.hard() {
            let interims = self.records.holding(tag).filter(|other| other.kind == Kind::Interim);
            let same_person = interims.filter(|other| other.hard_tags().any(|hard| hard == tag));
            let annulled = |other: &&Record| self.records.about(other.id).any(|naming| naming.kind == Kind::Annulment);
            if let Some(other) = same_person.filter(|other| !annulled(other)).find(runs_in) {
                return Err(RuleError::InterimAgain { record, other: other.id });
            }
        }
        Ok(())
    }
}
