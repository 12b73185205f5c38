//! From questions to answers: read, held against the book, looked up, then the standing from memory; logged before it is told.
//!
//! Nothing leaves the machine but blinded points of people who are new ([`super::find`]), and on a hit the request for a
//! record's share ([`super::open`]).

use std::time::Instant;

use callboard_client::{derivation::live_epochs, http::HttpError};
use callboard_federation::{
    encoding::{CheckId, RecordId, Time, to_json},
    policy::Policy,
    standing::{Outlook, Reason, Span, StandingError},
    statement::EpochTag,
    tag::Epoch,
};

use super::{
    decision::{Answer, Blocked, Decision, Refusal, Told},
    find::{Found, Prepared},
    notes::Note,
    question::Question,
};
use crate::{
    agent::{Agent, AgentError},
    book::{Account, Person},
    checks::Check,
    replica::{AsOf, Reading, Stale},
};

/// Accounts that are listed as outdated at once.
const OUTDATED: u32 = 1_000;
/// Why an account that is known isn't answered from.
pub(crate) const NOT_LIVE: &str =
    "an identity that the account holds is not known under a live epoch: enrol it with all its identities";

impl Agent {
    /// Answers about people as JSON ([`Answer`]), in their order; each is in the log of checks when it is told.
    pub async fn check(&self, questions: &[Question]) -> Result<Vec<Vec<u8>>, AgentError> {
        let began = Instant::now();
        let now = self.clock.now();
        let mut prepared = self.prepare(questions, true, now).await?;
        let (roster, fresh) = {
            let log = self.replica.read();
            let fresh = log.fresh(now, self.config.max_staleness());
            let roster = fresh.as_ref().ok().and_then(|_| log.roster());
            (roster, fresh)
        };
        let found = match (&roster, &fresh) {
            (Some(roster), Ok(_)) => self.find(&mut prepared, roster).await?,
            _ => Found::default(),
        };
        let epochs: Vec<Epoch> =
            roster.as_deref().into_iter().flat_map(live_epochs).map(|epoch| epoch.number).collect();
        let answers = prepared.iter().map(|prepared| self.decide(prepared, &epochs, &found, fresh, now));
        let mut answers: Vec<Answer> = answers.collect();
        let mut told: Vec<Vec<u8>> = answers.iter().map(to_json).collect();
        let logged = prepared.iter().zip(&told).map(|(prepared, json)| Check {
            id: prepared.id,
            at: now,
            person: prepared.person.clone(),
            account: prepared.account,
            purpose: prepared.purpose,
            consent_ref: prepared.consent_ref.clone(),
            guardian_ref: prepared.guardian_ref.clone(),
            answer: json.clone(),
            blinds: prepared
                .sought()
                .filter_map(|sought| found.opened.get(&sought.lookup))
                .flatten()
                .cloned()
                .collect(),
        });
        self.checks.log(logged.collect()).await?;
        metrics::histogram!("callboard_agent_check_seconds").record(began.elapsed());
        for ((answer, prepared), json) in answers.iter_mut().zip(&prepared).zip(&mut told) {
            metrics::counter!("callboard_agent_checks_total", "decision" => answer.decision.as_str()).increment(1);
            if !answer.reasons.is_empty()
                && let Some(account) = found.accounts.get(&prepared.account)
                && let Some(identities) = found.all_of(prepared, &epochs)
            {
                self.open_details(answer, &prepared.names, account, &identities).await?;
                *json = to_json(answer);
            }
        }
        Ok(told)
    }

    /// Enrols people without a decision: their tags are in the book afterwards. How many, and why the others aren't.
    pub async fn enrol(&self, questions: &[Question]) -> Result<(usize, Option<String>), AgentError> {
        let mut prepared = self.prepare(questions, false, self.clock.now()).await?;
        let Some(roster) = self.replica.read().replay().roster().cloned() else {
            return Ok((0, Some(Stale::NeverWitnessed.to_string())));
        };
        let found = self.find(&mut prepared, &roster).await?;
        let epochs: Vec<Epoch> = live_epochs(&roster).map(|epoch| epoch.number).collect();
        let is_found = |prepared: &&Prepared| prepared.identities.is_ok() && found.all_of(prepared, &epochs).is_some();
        let mut refused = prepared.iter().filter_map(|prepared| prepared.identities.as_ref().err());
        let why = found.failed.clone().or_else(|| refused.find_map(|refusal| refusal.detail.clone()));
        Ok((prepared.iter().filter(is_found).count(), why))
    }

    /// Accounts without a tag of a live epoch; some, if there are many.
    pub(crate) async fn outdated(&self) -> Result<Vec<Person>, AgentError> {
        let roster = self.replica.read().replay().roster().cloned();
        let mut people = Vec::new();
        for epoch in roster.iter().flat_map(live_epochs) {
            let outdated = self.book.outdated(epoch.number, OUTDATED).await?;
            people.extend(outdated.into_iter().filter(|of| !people.contains(of)).collect::<Vec<_>>());
        }
        Ok(people)
    }

    fn decide(
        &self,
        prepared: &Prepared,
        epochs: &[Epoch],
        found: &Found,
        fresh: Result<AsOf, Stale>,
        now: Time,
    ) -> Answer {
        let notes = || prepared.notes.clone();
        let refused =
            |why| Answer { notes: notes(), ..Answer::blocked(prepared.id, prepared.person.clone(), why, now) };
        let blocked = |why, detail| refused(Refusal::new(why, detail));
        if let Err(refusal) = &prepared.identities {
            return refused(refusal.clone());
        }
        let log = self.replica.read();
        // A stricter wish than `member.toml`'s may fail where that holds.
        let as_of = match fresh.and_then(|_| log.fresh(now, prepared.max_staleness)) {
            Ok(as_of) => as_of,
            Err(stale) => return blocked(Blocked::Stale, Some(stale.to_string())),
        };
        let account = found.accounts.get(&prepared.account);
        let Some((account, held)) = account.zip(found.all_of(prepared, epochs)) else {
            let why = found.failed.clone().unwrap_or_else(|| NOT_LIVE.to_owned());
            return blocked(Blocked::Unavailable, Some(why));
        };
        // All that the account holds: the hook tells the same.
        let tags: Vec<EpochTag> = held.iter().flat_map(|(_, held)| held.iter()).map(|held| held.tag).collect();
        match of_tags(&log, prepared.id, account, &tags, &as_of, epochs, now) {
            Ok((answer, _)) => Answer { notes: [notes(), answer.notes].concat(), ..answer },
            Err(error) => blocked(Blocked::Stale, Some(error.to_string())),
        }
    }
}

impl From<HttpError> for AgentError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

/// What a person with these tags is told from a view of the log, at an instant; and how long that stays so. Checks answer it,
/// and the hook is told it.
pub(crate) fn of_tags(
    log: &Reading<'_>,
    id: CheckId,
    account: &Account,
    tags: &[EpochTag],
    as_of: &AsOf,
    epochs: &[Epoch],
    now: Time,
) -> Result<(Answer, Span), StandingError> {
    let Outlook { standing, to_come, span } = log.outlook(tags, as_of, now)?;
    let Account { person, holder, .. } = account;
    let decision = Decision::of(standing.action, holder);
    let policy_of = |record: RecordId| -> Option<&Policy> { log.replay().policies().get(&log.record(record)?.policy?) };
    let told = |reason: &Reason| Told {
        name_differs: holder.names_differ.contains(&reason.record),
        ..Told::of(reason, policy_of(reason.record))
    };
    let reasons: Vec<Told> = standing.reasons.iter().map(told).collect();
    let name_differs = reasons.iter().any(|reason| reason.name_differs);
    let answer = Answer {
        id,
        reference: person.reference.clone(),
        person: person.person.clone(),
        decision,
        blocked: decision.blocked(),
        reason: None,
        detail: None,
        findings: Vec::new(),
        name_differs,
        notes: name_differs.then(Note::name_differs).into_iter().collect(),
        todo: decision.todo(),
        at: now,
        standing: Some(standing),
        reasons,
        to_come,
        as_of: Some(*as_of),
        epochs: epochs.to_vec(),
    };
    Ok((answer, span))
}
