//! What a person with some tags is told from a view of the log: by checks, and by whoever asks what a check would answer.

use callboard_api::agent::answer::{CheckAnswer, Decision, ReasonText, View};
use callboard_federation::{
    encoding::{CheckId, RecordId, Time},
    policy::Policy,
    return_window::ReturnWindow,
    standing::{Outlook, Reason, Span, StandingError},
    statement::{EpochTag, Kind},
    tag::Epoch,
};

use super::{
    decision::{decide, reason_text, todo},
    notes,
};
use crate::{book::Account, replica::VerifiedLog};

/// Why an account that is known isn't answered from.
pub(super) const NOT_LIVE: &str =
    "an identity that the account holds is not known under a live epoch: enrol it with all its identities";

/// What a person with these tags is told from a view of the log, at an instant; and how long that stays so. Checks
/// answer it, and the hook is told it.
pub(super) fn of_tags(
    log: &VerifiedLog<'_>,
    id: CheckId,
    account: &Account,
    tags: &[EpochTag],
    as_of: &View,
    epochs: &[Epoch],
    now: Time,
) -> Result<(CheckAnswer, Span), StandingError> {
    let Outlook { standing, to_come, span } = log.outlook(tags, as_of, now)?;
    let Account { person, holder, .. } = account;
    let decision = decide(standing.action, holder);
    let policy_of = |record: RecordId| -> Option<&Policy> { log.replay().policies().get(&log.record(record)?.policy?) };
    let told = |reason: &Reason| ReasonText {
        name_differs: holder.names_differ.contains(&reason.record),
        ..reason_text(reason, policy_of(reason.record))
    };
    let reasons: Vec<ReasonText> = standing.reasons.iter().map(told).collect();
    let (mut returns, mut span) = (Vec::new(), span);
    for reason in standing.reasons.iter().filter(|reason| reason.probation_until.is_none()) {
        let Some((record, policy)) = log.record(reason.record).zip(policy_of(reason.record)) else { continue };
        // An interim is followed by a ruling, or by nothing.
        let is_ruled = record.kind == Kind::Ruling;
        let window = ReturnWindow::of(policy, reason.measure, record.starts, reason.until);
        if let Some((window, opens_at)) =
            window.ok().filter(|_| is_ruled).and_then(|of| Some((of, of.opens_at(policy)?)))
        {
            returns.push(notes::may_return(window, opens_at <= now));
            span = span.turning(opens_at, now);
        }
    }
    let name_differs = reasons.iter().any(|reason| reason.name_differs);
    let answer = CheckAnswer {
        id,
        reference: person.reference.clone(),
        person: person.person.clone(),
        decision: decision.map_or(Decision::Blocked, Decision::from),
        blocked: decision.err(),
        reason: None,
        detail: None,
        findings: Vec::new(),
        name_differs,
        notes: returns.into_iter().chain(name_differs.then(notes::name_differs)).collect(),
        todo: todo(decision),
        at: now,
        standing: Some(standing),
        reasons,
        to_come,
        as_of: Some(*as_of),
        epochs: epochs.to_vec(),
    };
    Ok((answer, span))
}
