//! Looks people up: in the book, else with the token service, which sees blinded points alone; and keeps who is new.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use callboard_api::agent::proof::BlindOpening;
use callboard_client::{
    clock::Clock,
    derivation::{Derived, TokensError, derive_counted, live_epochs},
    http::Allowance,
    runtime::{error_chain, os_rng},
};
use callboard_federation::{roster::Roster, tag::Epoch};

use super::{
    decision::QuestionError,
    inquiry::{IdentityEntry, Inquiry},
};
use crate::{
    book::{Account, Admission, Book, BookError, IdentityTag, IdentityTags},
    checks::opening,
    error::AgentError,
    latest::Latest,
    quota::LastQuota,
    registry::Registry,
    store::Lookup,
};

/// Why the token service's last answer was of no use.
#[derive(Debug, Clone)]
pub(crate) struct TokensFailure {
    /// Whether its proof was wrong: another key than the roster's.
    pub(crate) is_wrong_key: bool,
    pub(crate) detail: String,
}

/// What the people of a request are under the live epochs.
#[derive(Default)]
pub(super) struct KnownPeople {
    /// Their accounts, once they are in the book.
    pub(super) accounts: HashMap<Lookup, Arc<Account>>,
    /// What identities are, those asked about and those that their accounts hold.
    pub(super) held: HashMap<Lookup, Arc<[IdentityTag]>>,
    /// How those who were new were blinded.
    pub(super) openings: HashMap<Lookup, Vec<BlindOpening>>,
    /// Why those who are missing are.
    pub(super) failure: Option<String>,
}

impl KnownPeople {
    /// What the identities are that a question is about: its own, and those that its account holds. `None` if one isn't
    /// known under a live epoch.
    pub(super) fn all_of(&self, inquiry: &Inquiry, epochs: &[Epoch]) -> Option<Vec<(Lookup, Arc<[IdentityTag]>)>> {
        let own: Vec<Lookup> = inquiry.lookups().collect();
        let mut all = Vec::with_capacity(own.len());
        for lookup in &own {
            all.push((*lookup, self.held.get(lookup).filter(|held| is_under_all(held, epochs))?.clone()));
        }
        let account = self.accounts.get(&inquiry.account)?;
        for lookup in account.identities.iter().filter(|lookup| !own.contains(lookup)) {
            let is_live = |held: &&Arc<[IdentityTag]>| held.iter().any(|held| epochs.contains(&held.tag.epoch));
            all.push((*lookup, self.held.get(lookup).filter(is_live)?.clone()));
        }
        Some(all)
    }

    fn of_accounts(&self) -> impl Iterator<Item = Lookup> {
        self.accounts.values().flat_map(|account| account.identities.iter().copied())
    }

    /// What an identity turned out to be: under epochs of before as well, since records that hold still may have those
    /// tags alone.
    fn learn(&mut self, lookup: Lookup, derived: &[Derived], epochs: &[Epoch]) {
        let before = self.held.get(&lookup).into_iter().flat_map(|held| held.iter());
        let before = before.filter(|held| !epochs.contains(&held.tag.epoch)).cloned();
        let held = before.chain(IdentityTag::all(derived).iter().cloned()).collect();
        self.held.insert(lookup, held);
        self.openings.insert(lookup, derived.iter().map(opening).collect());
    }
}

#[derive(Clone)]
pub(crate) struct PeopleLookup {
    pub(crate) book: Book,
    pub(crate) registry: Registry,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) quota: Arc<LastQuota>,
    pub(crate) failure: Arc<Latest<TokensFailure>>,
}

impl PeopleLookup {
    /// Looks people up in the book, and has those who are new evaluated by the token service, blinded.
    pub(super) async fn find(&self, inquiries: &mut [Inquiry], roster: &Roster) -> Result<KnownPeople, AgentError> {
        let epochs: Vec<Epoch> = live_epochs(roster).map(|epoch| epoch.number).collect();
        let lookups: Vec<Lookup> = inquiries.iter().map(|inquiry| inquiry.account).collect();
        let mut people = KnownPeople { accounts: self.book.accounts(&lookups).await?, ..KnownPeople::default() };
        let own = inquiries.iter().flat_map(Inquiry::lookups);
        let lookups: Vec<Lookup> = own.chain(people.of_accounts()).collect();
        people.held = self.book.identity_tags(&lookups).await?;
        let new = new_among(inquiries, &people.held, &epochs);
        let mut rest = new.as_slice();
        while !rest.is_empty() {
            let next = |waiting: &[IdentityEntry]| self.quota.next_batch(waiting.len(), epochs.len(), self.clock.now());
            let (batch, behind) = rest.split_at(next(rest));
            match self.derive(batch, roster).await {
                Ok(tags) => {
                    rest = behind;
                    self.failure.set(None);
                    for IdentityTags { lookup, derived } in &tags {
                        people.learn(*lookup, derived, &epochs);
                    }
                    // At once: what is paid isn't lost with the next batch.
                    self.admit(inquiries, &mut people, &tags).await?;
                }
                Err(error) => {
                    self.quota.keep().await;
                    // A part of it is paid for still.
                    if error.quota_spent().is_some() && next(rest) < batch.len() {
                        continue;
                    }
                    self.note_failure(&error);
                    people.failure = Some(error_chain(&error));
                    break;
                }
            }
        }
        self.admit(inquiries, &mut people, &[]).await?;
        let missing: Vec<Lookup> = people.of_accounts().filter(|lookup| !people.held.contains_key(lookup)).collect();
        if !missing.is_empty() {
            people.held.extend(self.book.identity_tags(&missing).await?);
        }
        Ok(people)
    }

    /// Has the token service evaluate a batch, and notes what it tells of the points that are left.
    async fn derive(&self, batch: &[IdentityEntry], roster: &Roster) -> Result<Vec<IdentityTags>, TokensError> {
        let heard = |_, allowance: Option<Allowance>| {
            if let Some(allowance) = allowance {
                self.quota.note(allowance, self.clock.now());
            }
        };
        let (caller, service) = (self.registry.caller(), self.registry.tokens());
        let identities = batch.iter().map(|entry| entry.identity.clone()).collect();
        let known = derive_counted(&caller, service, roster, identities, &mut os_rng(), heard).await;
        if let Some((left, resets_at)) = known.as_ref().err().and_then(TokensError::quota_spent) {
            self.quota.note_refusal(left, resets_at, self.clock.now());
        }
        // In the order of the batch.
        let tags = batch
            .iter()
            .zip(known?)
            .map(|(entry, known)| IdentityTags { lookup: entry.lookup, derived: known.derived });
        Ok(tags.collect())
    }

    /// How many identities of these people the token service would be asked about.
    pub(super) async fn count_new(&self, inquiries: &[Inquiry], epochs: &[Epoch]) -> Result<usize, BookError> {
        let lookups: Vec<Lookup> = inquiries.iter().flat_map(Inquiry::lookups).collect();
        let held = self.book.identity_tags(&lookups).await?;
        Ok(new_among(inquiries, &held, epochs).len())
    }

    /// Keeps whom the book doesn't hold as the questions say, as far as their tags are known.
    async fn admit(
        &self,
        inquiries: &mut [Inquiry],
        known: &mut KnownPeople,
        tags: &[IdentityTags],
    ) -> Result<(), BookError> {
        let renewed: BTreeSet<Lookup> = tags.iter().map(|tags| tags.lookup).collect();
        let (mut people, mut places) = (Vec::new(), Vec::new());
        for (place, inquiry) in inquiries.iter().enumerate() {
            let identities: Vec<Lookup> = inquiry.lookups().filter(|lookup| known.held.contains_key(lookup)).collect();
            let is_kept = known.accounts.get(&inquiry.account).is_some_and(|account| {
                account.holder.covers(&inquiry.holder)
                    && identities.iter().all(|identity| account.identities.contains(identity))
            });
            let is_renewed = identities.iter().any(|identity| renewed.contains(identity));
            if !identities.is_empty() && (!is_kept || is_renewed) {
                let Inquiry { account, person, holder, .. } = inquiry;
                people.push(Admission { account: *account, person, holder, identities });
                places.push(place);
            }
        }
        if people.is_empty() {
            return Ok(());
        }
        let quota = self.quota.last().filter(|_| !tags.is_empty());
        let outcomes = self.book.admit(&people, tags, quota.as_ref(), &mut os_rng()).await?;
        drop(people);
        for (place, outcome) in places.into_iter().zip(outcomes) {
            match outcome {
                Ok(account) => drop(known.accounts.insert(account.lookup, account)),
                // Another request got in between.
                Err(contradiction) => inquiries[place].identities = Err(QuestionError::another_person(contradiction)),
            }
        }
        Ok(())
    }

    /// The token service's proof is wrong, or it isn't there: the first is an alarm.
    fn note_failure(&self, error: &TokensError) {
        let is_wrong_key = matches!(error, TokensError::Token { .. });
        if is_wrong_key {
            tracing::error!(
                alarm = "wrong-token-key",
                "ALARM: the token service evaluates with another key than the roster's"
            );
            metrics::counter!("callboard_agent_alarms_total", "alarm" => "wrong-token-key").increment(1);
        } else {
            tracing::warn!(error = error_chain(error), "the token service gave no answer");
        }
        self.failure.set(Some(TokensFailure { is_wrong_key, detail: error_chain(error) }));
    }
}

/// The identities that aren't held under every live epoch, in the order in which they are asked about: of a list that
/// doesn't fit, its beginning is answered.
fn new_among(
    inquiries: &[Inquiry],
    held: &HashMap<Lookup, Arc<[IdentityTag]>>,
    epochs: &[Epoch],
) -> Vec<IdentityEntry> {
    let mut seen = HashSet::new();
    let is_new = |entry: &&IdentityEntry| {
        !held.get(&entry.lookup).is_some_and(|held| is_under_all(held, epochs)) && seen.insert(entry.lookup)
    };
    inquiries.iter().flat_map(Inquiry::entries).filter(is_new).cloned().collect()
}

fn is_under_all(held: &[IdentityTag], epochs: &[Epoch]) -> bool {
    epochs.iter().all(|epoch| held.iter().any(|held| held.tag.epoch == *epoch))
}
