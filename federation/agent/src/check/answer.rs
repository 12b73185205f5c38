//! From questions to answers: normalise, look up in the book, else ask the token service, then the standing from memory;
//! logged before it is told.
//!
//! Nothing leaves the machine but blinded points of people who are new, and on a hit the request for a record's share.

use std::{collections::HashMap, time::Duration};

use callboard_client::{
    derivation::{Known, TokensError, derive, live_epochs},
    http::{Caller, HttpError},
    program::{chance, told},
};
use callboard_federation::{
    encoding::{CheckId, Octets, RecordId, Time, from_json, to_json},
    identity::Identity,
    policy::Policy,
    roster::Roster,
    sealed::{self, Plain, Share},
    statement::EpochTag,
    tag::Epoch,
    token::MAX_BATCH,
};
use rand_core::Rng as _;
use serde::Deserialize;
use std::sync::Arc;

use super::{
    age,
    decision::{Answer, Blocked, Decision, Told},
    question::Question,
};
use crate::{
    agent::{Agent, AgentError},
    book::{Held, Reference},
    checks::{Check, Opening},
    replica::{AsOf, Stale},
};

/// Accounts that are listed as outdated at once.
const OUTDATED: u32 = 1_000;

/// A question whose identities were read, or why they weren't.
struct Prepared {
    id: CheckId,
    reference: Reference,
    max_staleness: Duration,
    identities: Result<Vec<Identity>, (Blocked, Option<String>)>,
}

/// What the people of a request are under the live epochs.
#[derive(Default)]
struct Found {
    known: HashMap<(u8, String), Arc<[Held]>>,
    /// How those who were new were blinded.
    opened: HashMap<(u8, String), Vec<Opening>>,
    /// Why those who are missing are.
    failed: Option<String>,
}

#[derive(Deserialize)]
struct ShareAnswer {
    share: Octets<32>,
}

impl Agent {
    /// Answers about people as JSON ([`Answer`]), in their order; each is in the log of checks when it is told.
    pub async fn check(&self, questions: &[Question]) -> Result<Vec<Vec<u8>>, AgentError> {
        let now = self.clock.now();
        let prepared: Vec<Prepared> = questions.iter().map(|question| self.prepare(question, now)).collect();
        let (roster, fresh) = {
            let log = self.replica.read();
            let fresh = log.fresh(now, self.config.max_staleness());
            let roster = fresh.as_ref().ok().and_then(|_| log.roster());
            (roster, fresh)
        };
        let found = match (&roster, &fresh) {
            (Some(roster), Ok(_)) => self.find(&prepared, roster).await?,
            _ => Found::default(),
        };
        let epochs: Vec<Epoch> =
            roster.as_deref().into_iter().flat_map(live_epochs).map(|epoch| epoch.number).collect();
        let answers = prepared.iter().map(|prepared| self.decide(prepared, &epochs, &found, fresh, now));
        let mut answers: Vec<Answer> = answers.collect();
        let mut told: Vec<Vec<u8>> = answers.iter().map(to_json).collect();
        let logged = answers.iter().zip(&prepared).zip(&told).map(|((answer, prepared), json)| Check {
            id: answer.id,
            at: now,
            reference: answer.reference.clone(),
            account: self.book.account(&answer.reference),
            answer: json.clone(),
            blinds: prepared
                .identities
                .iter()
                .flatten()
                .filter_map(|of| found.opened.get(&key(of)))
                .flatten()
                .cloned()
                .collect(),
        });
        self.checks.log(logged.collect()).await?;
        for ((answer, prepared), json) in answers.iter_mut().zip(&prepared).zip(&mut told) {
            metrics::counter!("callboard_agent_checks_total", "decision" => answer.decision.as_str()).increment(1);
            if let (Ok(identities), false) = (&prepared.identities, answer.reasons.is_empty()) {
                self.open_details(answer, identities, &found).await;
                *json = to_json(answer);
            }
        }
        Ok(told)
    }

    /// Enrols people without a decision: their tags are in the book afterwards. How many, and why the others aren't.
    pub async fn enrol(&self, questions: &[Question]) -> Result<(usize, Option<String>), AgentError> {
        let now = self.clock.now();
        let prepared: Vec<Prepared> = questions.iter().map(|question| self.prepare_any_age(question, now)).collect();
        let Some(roster) = self.replica.read().replay().roster().cloned() else {
            return Ok((0, Some(Stale::NeverWitnessed.to_string())));
        };
        let found = self.find(&prepared, &roster).await?;
        let is_found = |prepared: &&Prepared| {
            let identities = prepared.identities.as_ref();
            identities.is_ok_and(|all| all.iter().all(|identity| found.known.contains_key(&key(identity))))
        };
        let mut invalid = prepared.iter().filter_map(|prepared| prepared.identities.as_ref().err());
        let why = found.failed.clone().or_else(|| invalid.find_map(|(_, detail)| detail.clone()));
        Ok((prepared.iter().filter(is_found).count(), why))
    }

    /// Accounts without a tag of a live epoch; some, if there are many.
    pub(crate) async fn outdated(&self) -> Result<Vec<Reference>, AgentError> {
        let roster = self.replica.read().replay().roster().cloned();
        let mut refs = Vec::new();
        for epoch in roster.iter().flat_map(live_epochs) {
            let outdated = self.book.outdated(epoch.number, OUTDATED).await?;
            refs.extend(outdated.into_iter().filter(|of| !refs.contains(of)).collect::<Vec<_>>());
        }
        Ok(refs)
    }

    fn prepare(&self, question: &Question, now: Time) -> Prepared {
        let mut prepared = self.prepare_any_age(question, now);
        if let Ok(identities) = &prepared.identities
            && let Err(why) = age::check(identities, question.date_of_birth, question.guardian_consent, now)
        {
            let differ = (why == Blocked::IdentityInvalid).then(|| "the dates of birth differ".to_owned());
            prepared.identities = Err((why, differ));
        }
        prepared
    }

    fn prepare_any_age(&self, question: &Question, now: Time) -> Prepared {
        let mut random = [0; 10];
        chance().fill_bytes(&mut random);
        let read = question.read(self.is_sandbox, now);
        let identities = read.map(|subject| subject.identities().cloned().collect());
        let asked = question.max_staleness.map(|asked| Duration::try_from(asked).unwrap_or_default());
        let own = self.config.max_staleness();
        Prepared {
            id: CheckId::new(now, random),
            reference: question.reference.clone(),
            max_staleness: asked.map_or(own, |asked| asked.min(own)),
            identities: identities.map_err(|invalid| (Blocked::IdentityInvalid, Some(invalid.to_string()))),
        }
    }

    /// Looks people up in the book, and has those who are new evaluated by the token service, blinded.
    async fn find(&self, prepared: &[Prepared], roster: &Roster) -> Result<Found, AgentError> {
        let epochs: Vec<Epoch> = live_epochs(roster).map(|epoch| epoch.number).collect();
        let mut found = Found::default();
        let mut unknown: Vec<&Identity> = Vec::new();
        for identity in prepared.iter().flat_map(|prepared| prepared.identities.iter().flatten()) {
            match self.book.try_known(identity, &epochs) {
                Some(held) => drop(found.known.insert(key(identity), held)),
                None => unknown.push(identity),
            }
        }
        if !unknown.is_empty() {
            let looked_up = self.book.known(&unknown, &epochs).await?;
            let mut new: HashMap<(u8, String), &Identity> = HashMap::new();
            for (identity, held) in unknown.into_iter().zip(looked_up) {
                match held {
                    Some(held) => drop(found.known.insert(key(identity), held)),
                    None => drop(new.insert(key(identity), identity)),
                }
            }
            let new: Vec<Identity> = new.into_values().cloned().collect();
            self.derive_new(&new, roster, prepared, &mut found).await?;
        }
        self.hold(prepared, &found).await?;
        Ok(found)
    }

    async fn derive_new(
        &self,
        new: &[Identity],
        roster: &Roster,
        prepared: &[Prepared],
        found: &mut Found,
    ) -> Result<(), AgentError> {
        for batch in new.chunks(MAX_BATCH) {
            let caller = Caller::new(self.client.clone(), self.key.request_key(), &*self.clock);
            let service = &self.config.tokens_url;
            let known = match derive(&caller, service, roster, batch.to_vec(), &mut chance(), |_| {}).await {
                Ok(known) => known,
                Err(error) => {
                    self.tokens_failed(&error);
                    found.failed = Some(told(&error));
                    return Ok(());
                }
            };
            self.tokens_answered();
            let mut all: HashMap<(u8, String), Known> = HashMap::with_capacity(known.len());
            for known in known {
                found.known.insert(key(&known.identity), Held::all(&known.derived));
                let opened = known.derived.iter().map(Opening::of).collect();
                found.opened.insert(key(&known.identity), opened);
                all.insert(key(&known.identity), known);
            }
            let people = prepared.iter().map(|prepared| {
                let own = prepared.identities.iter().flatten().filter_map(|identity| all.get(&key(identity)).cloned());
                (&prepared.reference, own.collect::<Vec<Known>>())
            });
            let people: Vec<_> = people.filter(|(_, own)| !own.is_empty()).collect();
            let people: Vec<_> = people.iter().map(|(reference, own)| (*reference, own.as_slice())).collect();
            self.book.learn(&people, &mut chance()).await?;
        }
        Ok(())
    }

    /// Notes which account holds whom, where that isn't known yet.
    async fn hold(&self, prepared: &[Prepared], found: &Found) -> Result<(), AgentError> {
        let people = prepared.iter().filter_map(|prepared| {
            let own: Vec<&Identity> = prepared.identities.iter().flatten().collect();
            let all_known = !own.is_empty() && own.iter().all(|identity| found.known.contains_key(&key(identity)));
            (all_known && !self.book.is_held(&prepared.reference, &own)).then_some((&prepared.reference, own))
        });
        let people: Vec<_> = people.collect();
        if people.is_empty() { Ok(()) } else { Ok(self.book.hold(&people, &mut chance()).await?) }
    }

    fn decide(
        &self,
        prepared: &Prepared,
        epochs: &[Epoch],
        found: &Found,
        fresh: Result<AsOf, Stale>,
        now: Time,
    ) -> Answer {
        let blocked = |why, detail| Answer::blocked(prepared.id, prepared.reference.clone(), why, detail, now);
        let identities = match &prepared.identities {
            Ok(identities) => identities,
            Err((why, detail)) => return blocked(*why, detail.clone()),
        };
        let log = self.replica.read();
        // A stricter wish than `member.toml`'s may fail where that holds.
        let as_of = match fresh.and_then(|_| log.fresh(now, prepared.max_staleness)) {
            Ok(as_of) => as_of,
            Err(stale) => return blocked(Blocked::Stale, Some(stale.to_string())),
        };
        let held: Option<Vec<&Arc<[Held]>>> =
            identities.iter().map(|identity| found.known.get(&key(identity))).collect();
        let Some(held) = held else { return blocked(Blocked::Unavailable, found.failed.clone()) };
        let tags: Vec<EpochTag> = held.iter().flat_map(|held| held.iter()).map(|held| held.tag).collect();
        let standing = match log.standing(&tags, &as_of, now) {
            Ok(standing) => standing,
            Err(error) => return blocked(Blocked::Stale, Some(error.to_string())),
        };
        let decision = Decision::Acts(standing.action);
        let policy_of =
            |record: RecordId| -> Option<&Policy> { log.replay().policies().get(&log.record(record)?.policy?) };
        let reasons = standing.reasons.iter().map(|reason| Told::of(reason, policy_of(reason.record))).collect();
        Answer {
            id: prepared.id,
            reference: prepared.reference.clone(),
            decision,
            blocked: None,
            detail: None,
            todo: decision.todo(),
            at: now,
            standing: Some(standing),
            reasons,
            as_of: Some(as_of),
            epochs: epochs.to_vec(),
        }
    }

    /// Opens what can be opened of a hit; what can't is said, and changes no decision.
    async fn open_details(&self, answer: &mut Answer, identities: &[Identity], found: &Found) {
        for reason in &mut answer.reasons {
            let mut why = None;
            for identity in identities {
                let Some(held) = found.known.get(&key(identity)) else { continue };
                match self.details_of(reason.record, identity, held).await {
                    Ok(Some(details)) => {
                        reason.details = Some(details);
                        why = None;
                        break;
                    }
                    Ok(None) => {}
                    Err(error) => why = Some(told(&error)),
                }
            }
            reason.sealed = why;
        }
    }

    /// The details of a record that one identity opens; `None` if it has none for that identity.
    async fn details_of(
        &self,
        record: RecordId,
        identity: &Identity,
        held: &[Held],
    ) -> Result<Option<Plain>, AgentError> {
        if let Some(kept) = self.book.details(record, identity).await? {
            return Ok(from_json(&kept).ok());
        }
        let Some(statement) = self.replica.statement(record).await? else { return Ok(None) };
        let Some(details) = statement.details() else { return Ok(None) };
        let is_wrapped =
            |held: &&Held| details.wraps.iter().any(|wrap| wrap.epoch == held.tag.epoch && wrap.tag == held.tag.tag);
        let Some(held) = held.iter().find(is_wrapped) else { return Ok(None) };
        let share = self.share_of(record).await?;
        let plain = sealed::open(details, record, &held.holder(), &share)?;
        self.book.keep_details(record, identity, &to_json(&plain), &mut chance()).await?;
        Ok(Some(plain))
    }

    async fn share_of(&self, record: RecordId) -> Result<Share, AgentError> {
        let caller = Caller::new(self.client.clone(), self.key.request_key(), &*self.clock);
        let url = self.config.url.at(&format!("/v1/records/{record}/share"));
        let answer = caller.post(&url, Vec::new(), &mut chance()).await?;
        let ShareAnswer { share } = serde_json::from_slice(&answer).map_err(|_| AgentError::Share)?;
        Ok(Share::from_bytes(share.0))
    }

    /// The token service's proof is wrong, or it isn't there: the first is an alarm.
    fn tokens_failed(&self, error: &TokensError) {
        let is_wrong = matches!(error, TokensError::Token { .. });
        if is_wrong {
            tracing::error!(
                alarm = "wrong-token-key",
                "ALARM: the token service evaluates with another key than the roster's"
            );
            metrics::counter!("callboard_agent_alarms_total", "alarm" => "wrong-token-key").increment(1);
        } else {
            tracing::warn!(error = told(error), "the token service gave no answer");
        }
        self.note_tokens(Some((is_wrong, told(error))));
    }

    fn tokens_answered(&self) {
        self.note_tokens(None);
    }
}

/// By what an identity is found within one request.
fn key(identity: &Identity) -> (u8, String) {
    (identity.kind() as u8, identity.value().to_owned())
}

impl From<HttpError> for AgentError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}
