//! Formats §5.6, *policy*: the statement is under rules that were logged, are in effect, and allow its measure.

use super::{Moment, Replay, RuleError};
use crate::{
    policy::UntilRule,
    statement::{Kind, Statement},
};

impl Replay {
    pub(super) fn check_policy(&self, moment: Moment, statement: &Statement) -> Result<(), RuleError> {
        let Some(basis) = statement.basis() else { return Ok(()) };
        let record = statement.id;
        let named = &basis.policy;
        let policy =
            self.policies.get(&named.sha256).ok_or(RuleError::PolicyUnknown { record, policy: named.sha256 })?;
        if policy.instrument != named.instrument || policy.version != named.version {
            return Err(RuleError::PolicyMismatch(record));
        }
        if policy.effective_from > statement.effective_at().unwrap_or(moment.logged_at) {
            return Err(RuleError::PolicyNotYet(record));
        }
        if basis.is_imported() {
            // Of a case nobody can be shown: only a ruling, and only as long as its policy takes rulings over.
            if !policy.takes_over(moment.logged_at) || statement.kind() != Kind::Ruling {
                return Err(RuleError::ProcedureImport(record));
            }
        }
        let Some(imposed) = statement.imposed() else { return Ok(()) };
        let measure = &imposed.measure;
        let rule = policy.measures.get(&measure.kind).ok_or(RuleError::PolicyMeasure(record))?;
        if !rule.allows(&measure.scopes) {
            return Err(RuleError::PolicyScope(record));
        }
        let until_as_asked = match rule.until {
            UntilRule::Required => measure.until.is_some(),
            UntilRule::Optional => true,
            UntilRule::Forbidden => measure.until.is_none(),
        };
        // An interim has its own end, whatever the measure has.
        if until_as_asked || statement.kind() == Kind::Interim { Ok(()) } else { Err(RuleError::PolicyUntil(record)) }
    }
}
