//! What a check of an account would answer now, and until when: from what the book keeps of it, without its identities.
//!
//! The hook tells this, and `GET /refs` shows it; the way from a question to the same answer is [`crate::check::answer`]'s.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use callboard_api::agent::{
    answer::{BlockReason, CheckAnswer, Decision, View},
    question::Question,
};
use callboard_client::clock::Clock;
use callboard_federation::{
    encoding::{RecordId, Time, to_json},
    standing::{Action, Reason, Span, State, ToCome},
    statement::EpochTag,
    tag::Epoch,
};
use serde::Serialize;

use super::{
    age,
    decision::{self, QuestionError},
    notes::RETURN_OPEN,
    outlook::{NOT_LIVE, of_tags},
};
use crate::{
    book::{Account, Book, BookError, IdentityTag, key::BookKey},
    checks::new_id,
    replica::{Replica, StaleError},
    store::Lookup,
};

/// Birthdays that are longer past are no turns: a clock that is set back so far finds the view stale.
const PAST_TURNS_MILLIS: i64 = 2 * 86_400_000;

pub(crate) struct CurrentAnswer {
    /// Its details are sealed, since no identity is at hand to open them with.
    pub(crate) answer: CheckAnswer,
    /// Within it the answer stays the same, unless something is logged or becomes known.
    pub(crate) span: Span,
    pub(crate) tags: Vec<EpochTag>,
    pub(crate) as_of: View,
}

/// What of an answer is told anew when it changes: neither its instant nor the log's size.
#[derive(Serialize)]
struct Fingerprint<'a> {
    decision: Decision,
    blocked: Option<BlockReason>,
    name_differs: Vec<RecordId>,
    holds: Option<(State, Action, &'a [Reason])>,
    to_come: &'a [ToCome],
    /// From how many decisions the person may apply to return by now.
    #[serde(skip_serializing_if = "is_none")]
    may_return: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

impl CurrentAnswer {
    /// Keyed hash of what it says; `None`: `allow`, and nothing stands or is to come.
    pub(crate) fn hash(&self, key: &BookKey) -> Option<Lookup> {
        let CheckAnswer { decision, blocked, standing, reasons, to_come, notes, .. } = &self.answer;
        let differ = reasons.iter().filter(|reason| reason.name_differs).map(|reason| reason.record);
        let holds = standing.as_ref().map(|standing| (standing.state, standing.action, &standing.reasons[..]));
        let is_clear = holds.is_none_or(|(_, _, reasons)| reasons.is_empty());
        if *decision == Decision::Allow && is_clear && to_come.is_empty() {
            return None;
        }
        let may_return = notes.iter().filter(|note| note.code == RETURN_OPEN).count();
        let (decision, blocked, name_differs) = (*decision, *blocked, differ.collect());
        let says = Fingerprint { decision, blocked, name_differs, holds, to_come, may_return };
        Some(key.lookup("said", &[&to_json(&says)]))
    }
}

#[derive(Clone)]
pub(crate) struct CurrentAnswers {
    pub(crate) book: Book,
    pub(crate) replica: Replica,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) max_staleness: Duration,
}

impl CurrentAnswers {
    /// What checks of accounts would answer now, those that there are; or why no view is fresh enough to tell. From no
    /// more of the log than `size`: what lies beyond wasn't looked through yet.
    pub(crate) async fn of(
        &self,
        accounts: &[Lookup],
        size: u64,
    ) -> Result<Result<HashMap<Lookup, CurrentAnswer>, StaleError>, BookError> {
        let accounts = self.book.accounts(accounts).await?;
        let identities: Vec<Lookup> =
            accounts.values().flat_map(|account| account.identities.iter().copied()).collect();
        let held = self.book.identity_tags(&identities).await?;
        let now = self.clock.now();
        let log = self.replica.read();
        let as_of = match log.fresh(now, self.max_staleness) {
            Ok(as_of) => View { size: as_of.size.min(size), ..as_of },
            Err(stale) => return Ok(Err(stale)),
        };
        let epochs = log.live_epochs();
        let mut all = HashMap::with_capacity(accounts.len());
        for (lookup, account) in accounts {
            let tags = tags_of(&account, &held);
            let is_known = is_known(&account, &held, &epochs);
            let person = account.person.clone();
            let blocked = |why, detail: Option<&str>| {
                let refusal = QuestionError::new(why, detail.map(str::to_owned));
                (
                    CheckAnswer { as_of: Some(as_of), ..decision::blocked(new_id(now), person.clone(), refusal, now) },
                    Span::default(),
                )
            };
            let (gate, turns) = of_age(&account, now);
            let (answer, span) = match gate {
                Err(why) => blocked(why, None),
                Ok(()) if !is_known => blocked(BlockReason::Unavailable, Some(NOT_LIVE)),
                Ok(()) => match of_tags(&log, new_id(now), &account, &tags, &as_of, &epochs, now) {
                    Ok(told) => told,
                    Err(error) => {
                        tracing::error!(%error, "a standing can't be told");
                        continue;
                    }
                },
            };
            all.insert(lookup, CurrentAnswer { answer, span: span.and(turns), tags, as_of });
        }
        Ok(Ok(all))
    }

    /// Of how many of these people, each once, a check would decide anything but `allow`; `None` while the view is
    /// stale.
    pub(crate) async fn not_allowed(&self, questions: &[Question]) -> Result<Option<usize>, BookError> {
        let accounts = questions.iter().map(|question| self.book.account_lookup(&question.whom()));
        let accounts: Vec<Lookup> = accounts.collect::<BTreeSet<_>>().into_iter().collect();
        let Ok(current) = self.of(&accounts, u64::MAX).await? else { return Ok(None) };
        let is_allowed = |current: &&CurrentAnswer| current.answer.decision == Decision::Allow;
        Ok(Some(current.len() - current.values().filter(is_allowed).count()))
    }
}

/// Every tag that the account's identities have, under closed epochs too: records that hold may have those alone.
fn tags_of(account: &Account, held: &HashMap<Lookup, Arc<[IdentityTag]>>) -> Vec<EpochTag> {
    let held = account.identities.iter().filter_map(|identity| held.get(identity));
    held.flat_map(|held| held.iter()).map(|held| held.tag).collect()
}

fn is_known(account: &Account, held: &HashMap<Lookup, Arc<[IdentityTag]>>, epochs: &[Epoch]) -> bool {
    let is_live = |held: &Arc<[IdentityTag]>| held.iter().any(|held| epochs.contains(&held.tag.epoch));
    !account.identities.is_empty() && account.identities.iter().all(|identity| held.get(identity).is_some_and(is_live))
}

/// Whether everyone whom the account was told to be is old enough, and the birthdays at which that changes.
fn of_age(account: &Account, now: Time) -> (Result<(), BlockReason>, Span) {
    let holder = &account.holder;
    let turns = holder.births.iter().flat_map(|born| age::turns(*born));
    let is_near = |turn: &Time| turn.as_millis() > now.as_millis() - PAST_TURNS_MILLIS;
    let span = turns.filter(is_near).fold(Span::default(), |span, turn| span.turning(turn, now));
    (age::of_holder(holder, now), span)
}
