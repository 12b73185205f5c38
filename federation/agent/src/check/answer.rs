//! From questions to answers: read, held against the book, looked up, then the standing from memory; logged before it is told.
//!
//! Nothing leaves the machine but blinded points of people who are new ([`super::people`]), and on a hit the request for a
//! record's share ([`super::details`]).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use callboard_api::agent::{
    answer::{BlockReason, CheckAnswer, View},
    question::Question,
};
use callboard_client::{clock::Clock, derivation::live_epochs};
use callboard_federation::{
    encoding::{Time, to_json},
    statement::EpochTag,
    tag::Epoch,
};

use super::{
    decision::{self, QuestionError},
    details::Details,
    inquiry::{Inquiry, InquiryReader},
    outlook::{self, of_tags},
    people::{KnownPeople, PeopleLookup},
};
use crate::{
    checks::{Check, Checks},
    error::AgentError,
    replica::{Replica, StaleError},
};

pub(crate) struct Checker {
    pub(crate) reader: InquiryReader,
    pub(crate) people: PeopleLookup,
    pub(crate) details: Details,
    pub(crate) replica: Replica,
    pub(crate) checks: Checks,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) max_staleness: Duration,
}

impl Checker {
    /// Answers about people as JSON ([`CheckAnswer`]), in their order; each is in the log of checks when it is told.
    pub(crate) async fn check(&self, questions: &[Question]) -> Result<Vec<Vec<u8>>, AgentError> {
        let began = Instant::now();
        let now = self.clock.now();
        let mut inquiries = self.reader.read(questions, true, now).await?;
        let (roster, fresh) = {
            let log = self.replica.read();
            let fresh = log.fresh(now, self.max_staleness);
            let roster = fresh.as_ref().ok().and_then(|_| log.roster());
            (roster, fresh)
        };
        let people = match (&roster, &fresh) {
            (Some(roster), Ok(_)) => self.people.find(&mut inquiries, roster).await?,
            _ => KnownPeople::default(),
        };
        let epochs: Vec<Epoch> =
            roster.as_deref().into_iter().flat_map(live_epochs).map(|epoch| epoch.number).collect();
        let answers = inquiries.iter().map(|inquiry| self.decide(inquiry, &epochs, &people, fresh, now));
        let mut answers: Vec<CheckAnswer> = answers.collect();
        let mut texts: Vec<Vec<u8>> = answers.iter().map(to_json).collect();
        let logged = inquiries.iter().zip(&texts).map(|(inquiry, json)| Check {
            id: inquiry.id,
            at: now,
            person: inquiry.person.clone(),
            account: inquiry.account,
            purpose: inquiry.purpose,
            consent_ref: inquiry.consent_ref.clone(),
            guardian_ref: inquiry.guardian_ref.clone(),
            answer: json.clone(),
            blinds: inquiry.lookups().filter_map(|lookup| people.openings.get(&lookup)).flatten().cloned().collect(),
        });
        self.checks.log(logged.collect()).await?;
        metrics::histogram!("callboard_agent_check_seconds").record(began.elapsed());
        for ((answer, inquiry), json) in answers.iter_mut().zip(&inquiries).zip(&mut texts) {
            metrics::counter!("callboard_agent_checks_total", "decision" => answer.decision.as_str()).increment(1);
            if !answer.reasons.is_empty()
                && let Some(account) = people.accounts.get(&inquiry.account)
                && let Some(identities) = people.all_of(inquiry, &epochs)
            {
                self.details.open(answer, &inquiry.names, account, &identities).await?;
                *json = to_json(answer);
            }
        }
        Ok(texts)
    }

    fn decide(
        &self,
        inquiry: &Inquiry,
        epochs: &[Epoch],
        people: &KnownPeople,
        fresh: Result<View, StaleError>,
        now: Time,
    ) -> CheckAnswer {
        let notes = || inquiry.notes.clone();
        let refused =
            |why| CheckAnswer { notes: notes(), ..decision::blocked(inquiry.id, inquiry.person.clone(), why, now) };
        let blocked = |why, detail| refused(QuestionError::new(why, detail));
        if let Err(refusal) = &inquiry.identities {
            return refused(refusal.clone());
        }
        let log = self.replica.read();
        // A stricter wish than `member.toml`'s may fail where that holds.
        let as_of = match fresh.and_then(|_| log.fresh(now, inquiry.max_staleness)) {
            Ok(as_of) => as_of,
            Err(stale) => return blocked(BlockReason::Stale, Some(stale.to_string())),
        };
        let account = people.accounts.get(&inquiry.account);
        let Some((account, held)) = account.zip(people.all_of(inquiry, epochs)) else {
            let why = people.failure.clone().unwrap_or_else(|| outlook::NOT_LIVE.to_owned());
            return blocked(BlockReason::Unavailable, Some(why));
        };
        // All that the account holds: the hook tells the same.
        let tags: Vec<EpochTag> = held.iter().flat_map(|(_, held)| held.iter()).map(|held| held.tag).collect();
        match of_tags(&log, inquiry.id, account, &tags, &as_of, epochs, now) {
            Ok((answer, _)) => CheckAnswer { notes: [notes(), answer.notes].concat(), ..answer },
            Err(error) => blocked(BlockReason::Stale, Some(error.to_string())),
        }
    }
}
