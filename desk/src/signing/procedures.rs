//! The procedures that a docket rests on: each ends a resolution of a case whose chain is at hand, and the docket is
//! exactly what was resolved. The same function as the registry's and an auditor's; only the log is the desk's own.

use callboard_federation::{
    encoding::Time,
    statement::{Basis, Statement},
};

use super::{Facts, SigningError, read_all};
use crate::{bundle::Bundle, cases::docket::Statements};

/// Whether what a docket decides was resolved, or may be taken over without a case. How many sign that is asked of who
/// submits it.
pub(super) fn check(bundle: &Bundle, found: &Facts, now: Time) -> Result<(), SigningError> {
    let statements = read_all(bundle)?;
    let items = bundle.docket().items.iter().zip(statements).zip(bundle.items());
    let items = items.map(|((item, statement), carried)| (item, statement, carried.statement.0.as_slice()));
    let is_imported = |statement: &Statement| statement.basis().is_some_and(Basis::is_imported);
    let (imported, decided): (Vec<_>, Vec<_>) = items.partition(|(_, statement, _)| is_imported(statement));
    for (item, statement, _) in imported {
        let policy = statement.basis().and_then(|basis| found.policies.get(&basis.policy.sha256));
        if policy.is_none_or(|policy| !policy.takes_over(now)) {
            return Err(SigningError::Import { record: item.record });
        }
    }
    let statements = Statements(decided);
    statements.check(bundle.hash(), now, &found.cases, &[], &found.roster).map_err(SigningError::Case)
}
