//! Accounts: who each person of the platform is to the book, kept, changed and forgotten; one change at a time.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use callboard_api::agent::checks::Quota;
use callboard_client::derivation::Derived;
use callboard_federation::encoding::{from_json, to_json};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    Book, BookError, Person, Reference,
    holder::{Holder, HolderError},
    place,
};
use crate::store::{
    Lookup,
    book::{NewAccount, NewIdentity, StoredAccount},
};

/// One person of the platform, as the book holds it. Days of birth are among it: there is no `Debug`.
#[derive(Clone)]
pub struct Account {
    pub lookup: Lookup,
    pub person: Person,
    pub holder: Holder,
    pub identities: Vec<Lookup>,
}

/// Someone whom a question was about, to be kept.
pub struct Admission<'a> {
    pub account: Lookup,
    pub person: &'a Person,
    /// What the question tells of the holder.
    pub holder: &'a Holder,
    /// Those of its identities whose tags are known.
    pub identities: Vec<Lookup>,
}

/// What an identity is under the live epochs, as the token service just evaluated it.
pub struct IdentityTags {
    pub lookup: Lookup,
    /// Its tag and seal key under each.
    pub derived: Vec<Derived>,
}

/// Which accounts a `ref` has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    pub has_unnamed: bool,
    pub has_named: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedAccount {
    #[serde(rename = "ref")]
    reference: Reference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<Reference>,
    holder: Holder,
}

impl Book {
    pub fn account_lookup(&self, person: &Person) -> Lookup {
        let parts = [Some(&person.reference), person.person.as_ref()];
        let parts: Vec<&[u8]> = parts.into_iter().flatten().map(|part| part.as_str().as_bytes()).collect();
        self.key.lookup("account", &parts)
    }

    /// Accounts that the book doesn't have are left out.
    pub async fn accounts(&self, lookups: &[Lookup]) -> Result<HashMap<Lookup, Arc<Account>>, BookError> {
        let mut found = HashMap::with_capacity(lookups.len());
        let mut unknown = Vec::new();
        for lookup in lookups {
            match self.accounts.get(lookup) {
                Some(account) => drop(found.insert(*lookup, account)),
                None => unknown.push(*lookup),
            }
        }
        if !unknown.is_empty() {
            let _writing = self.writing.lock().await;
            found.extend(self.read_accounts(&unknown).await?);
        }
        Ok(found)
    }

    /// Every account of a `ref`, by the names of its persons.
    pub async fn accounts_of(&self, reference: &Reference) -> Result<Vec<Arc<Account>>, BookError> {
        let lookups = self.store.accounts_of(&[self.reference_lookup(reference)]).await?;
        let lookups: Vec<Lookup> = lookups.into_values().flatten().collect();
        let mut accounts: Vec<_> = self.accounts(&lookups).await?.into_values().collect();
        accounts.sort_by(|a, b| a.person.cmp(&b.person));
        Ok(accounts)
    }

    /// Whether the `ref` of each of these people has accounts without and with a `person`; in their order.
    pub async fn rooms(&self, people: &[&Person]) -> Result<Vec<Room>, BookError> {
        let lookups: Vec<Lookup> = people.iter().map(|person| self.reference_lookup(&person.reference)).collect();
        let mut rooms: Vec<Option<Room>> = lookups.iter().map(|lookup| self.rooms.get(lookup)).collect();
        let unknown = || rooms.iter().enumerate().filter(|(_, room)| room.is_none()).map(|(at, _)| at);
        let unknown: Vec<usize> = unknown().collect();
        if !unknown.is_empty() {
            let _writing = self.writing.lock().await;
            let asked: Vec<Lookup> = unknown.iter().map(|at| lookups[*at]).collect();
            let accounts = self.store.accounts_of(&asked).await?;
            for at in unknown {
                let all = accounts.get(&lookups[at]).map(Vec::as_slice).unwrap_or_default();
                let unnamed = self.account_lookup(&Person::from(people[at].reference.clone()));
                let has_named = all.iter().any(|of| *of != unnamed);
                let room = Room { has_unnamed: all.contains(&unnamed), has_named };
                self.rooms.put(lookups[at], room);
                rooms[at] = Some(room);
            }
        }
        Ok(rooms.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Keeps people, what new identities are and the points that were left by then, all or nothing; of each the account
    /// as it stands now, or how the question contradicts it: nothing of such a one is kept. In the order of `people`, a
    /// later one of an account held against it.
    pub async fn admit(
        &self,
        people: &[Admission<'_>],
        tags: &[IdentityTags],
        quota: Option<&Quota>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Result<Arc<Account>, HolderError>>, BookError> {
        let _writing = self.writing.lock().await;
        let lookups: Vec<Lookup> = people.iter().map(|person| person.account).collect();
        let mut accounts = self.read_accounts(&lookups).await?;
        let (mut changed, mut outcomes) = (BTreeSet::new(), Vec::with_capacity(people.len()));
        for person in people {
            let before = accounts.get(&person.account).cloned();
            let after = person.onto(before.as_deref());
            if let Ok(after) = &after
                && before.as_deref().is_none_or(|before| !before.is_as(after))
            {
                accounts.insert(person.account, Arc::new(after.clone()));
                changed.insert(person.account);
            }
            outcomes.push(after.map(|_| ()));
        }
        let rows: Vec<NewAccount> =
            changed.iter().filter_map(|lookup| Some(self.row(accounts.get(lookup)?, rng))).collect();
        let admitted = people.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
        let held: BTreeSet<&Lookup> = admitted.flat_map(|(person, _)| &person.identities).collect();
        let (mut identities, mut learnt) = (Vec::new(), Vec::new());
        for IdentityTags { lookup, derived } in tags {
            let lookup = *lookup;
            if !held.contains(&lookup) {
                continue;
            }
            for derived in derived {
                let value = [&derived.tag.as_bytes()[..], derived.seal_key.as_bytes()].concat();
                identities.push(NewIdentity {
                    lookup,
                    epoch: derived.epoch,
                    sealed: self.key.seal(&place(&lookup, derived.epoch), &Zeroizing::new(value), rng),
                    tag: self.tag(derived.tag()),
                });
            }
            learnt.push(lookup);
        }
        if !rows.is_empty() || !identities.is_empty() {
            self.store.learn(&rows, &identities, quota).await?;
        }
        for lookup in &learnt {
            // Under epochs of before too: what is in the file says.
            self.identities.forget(lookup);
        }
        for lookup in &changed {
            if let Some(account) = accounts.get(lookup) {
                self.accounts.put(*lookup, account.clone());
                self.rooms.forget(&self.reference_lookup(&account.person.reference));
            }
        }
        let outcome = |(person, outcome): (&Admission<'_>, Result<(), HolderError>)| {
            outcome.and_then(|()| accounts.get(&person.account).cloned().ok_or(HolderError::Number))
        };
        Ok(people.iter().zip(outcomes).map(outcome).collect())
    }

    /// Keeps what is known of an account's holder, changed; whether there is such an account.
    pub async fn change_holder(
        &self,
        account: &Lookup,
        change: impl FnOnce(&Holder) -> Holder,
        rng: &mut impl CryptoRng,
    ) -> Result<bool, BookError> {
        let _writing = self.writing.lock().await;
        let Some(before) = self.read_accounts(&[*account]).await?.remove(account) else { return Ok(false) };
        let after = Account { holder: change(&before.holder), ..(*before).clone() };
        if !before.is_as(&after) {
            self.store.learn(&[self.row(&after, rng)], &[], None).await?;
            self.accounts.put(*account, Arc::new(after));
        }
        Ok(true)
    }

    /// Forgets a person, and each identity that no other holds; whether it was known.
    pub async fn forget(&self, person: &Person) -> Result<bool, BookError> {
        let _writing = self.writing.lock().await;
        let account = self.account_lookup(person);
        let gone = self.store.forget(&account).await?;
        for lookup in gone.iter().flatten() {
            self.identities.forget(lookup);
        }
        self.accounts.forget(&account);
        self.rooms.forget(&self.reference_lookup(&person.reference));
        Ok(gone.is_some())
    }

    fn reference_lookup(&self, reference: &Reference) -> Lookup {
        self.key.lookup("reference", &[reference.as_str().as_bytes()])
    }

    /// Accounts as the file has them, which are cached then: only for whoever holds `writing`.
    async fn read_accounts(&self, lookups: &[Lookup]) -> Result<HashMap<Lookup, Arc<Account>>, BookError> {
        let mut found = HashMap::with_capacity(lookups.len());
        for StoredAccount { lookup, sealed, holds } in self.store.accounts(lookups).await? {
            let (person, holder) = self.open_account(&lookup, &sealed)?;
            let account = Arc::new(Account { lookup, person, holder, identities: holds });
            self.accounts.put(lookup, account.clone());
            found.insert(lookup, account);
        }
        Ok(found)
    }

    fn row(&self, account: &Account, rng: &mut impl CryptoRng) -> NewAccount {
        let Person { reference, person } = account.person.clone();
        let sealed = Zeroizing::new(to_json(&SealedAccount { reference, person, holder: account.holder.clone() }));
        NewAccount {
            lookup: account.lookup,
            reference: self.reference_lookup(&account.person.reference),
            sealed: self.key.seal(&account.lookup, &sealed, rng),
            holds: account.identities.clone(),
        }
    }

    pub(super) fn open_account(&self, lookup: &Lookup, sealed: &[u8]) -> Result<(Person, Holder), BookError> {
        let value = self.key.open_value(lookup, sealed)?;
        let SealedAccount { reference, person, holder } = from_json(&value).map_err(|_| BookError::Value)?;
        Ok((Person { reference, person }, holder))
    }
}

impl Account {
    /// Whether it says the same, so that nothing is to be written.
    fn is_as(&self, other: &Self) -> bool {
        self.identities.len() == other.identities.len() && self.holder == other.holder
    }
}

impl Admission<'_> {
    /// The account after the question.
    pub fn onto(&self, before: Option<&Account>) -> Result<Account, HolderError> {
        let mut identities = before.map(|before| before.identities.clone()).unwrap_or_default();
        let new = self.identities.iter().filter(|identity| !identities.contains(identity)).copied();
        let new: Vec<Lookup> = new.collect();
        identities.extend(new);
        let holder = before.map_or_else(|| Ok(self.holder.clone()), |before| before.holder.merge(self.holder))?;
        Ok(Account { lookup: self.account, person: self.person.clone(), holder, identities })
    }
}
