//! The tag book: which tags the platform's accounts have, so that known people cost no token and new records find them.
//!
//! Kept apart from the replica, encrypted under a key of its own ([`key`]); an identity itself is never kept, only a keyed
//! hash that finds it again. The SQL is [`crate::store::book`]'s.

mod cache;
pub mod key;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use cache::Cache;
use callboard_client::derivation::{Derived, Known};
use callboard_federation::{
    encoding::RecordId,
    identity::Identity,
    sealed::Holder,
    statement::EpochTag,
    tag::{Epoch, Tag},
    token::SealKey,
};
use key::{BookKey, Lookup};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::store::{
    Database, StoreError,
    book::{BookStore, NewAccount, NewIdentity},
};

/// The most bytes of a `ref`.
pub const MAX_REFERENCE: usize = 256;

/// What a platform calls an account of its own: 1 to 256 bytes without control characters. It says nothing to the agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// A text that is no `ref`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ref is 1 to 256 bytes of text without control characters")]
pub struct ReferenceError;

/// What an identity is under one epoch.
#[derive(Clone)]
pub struct Held {
    /// Its tag.
    pub tag: EpochTag,
    /// What opens details wrapped for it.
    pub seal_key: SealKey,
}

/// Why the book doesn't give or take.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The key's file.
    #[error("the book's key, {path}", path = path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Others may read the key.
    #[error("others may read the book's key, {path}: chmod 600 it, and ask who did", path = .0.display())]
    KeyMode(PathBuf),
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value doesn't decrypt: another key than the one that wrote it, or the file was changed.
    #[error("the book holds what this key didn't write; put the right book.key back, nothing was changed")]
    Value,
}

/// The tag book. Cheap to clone.
#[derive(Clone)]
pub struct Book {
    store: BookStore,
    key: Arc<BookKey>,
    cache: Arc<Cache<Arc<[Held]>>>,
    /// Which account is known to hold which identities.
    held: Arc<Cache<()>>,
}

impl Held {
    /// What an identity is, as it was just derived.
    pub fn all(derived: &[Derived]) -> Arc<[Self]> {
        derived.iter().map(|derived| Self { tag: derived.tag(), seal_key: derived.seal_key.clone() }).collect()
    }

    /// Who can open what is wrapped for the tag.
    pub const fn holder(&self) -> Holder<'_> {
        Holder { epoch: self.tag.epoch, tag: self.tag.tag, seal_key: &self.seal_key }
    }
}

impl Reference {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        let fits = (1..=MAX_REFERENCE).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(ReferenceError) }
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl Book {
    /// Opens the book in the agent's directory.
    pub async fn open(directory: &Path, database: Database, rng: &mut impl CryptoRng) -> Result<Self, BookError> {
        let key = BookKey::open(&directory.join("book.key"), rng)?;
        let book =
            Self { store: BookStore::new(database), key: Arc::new(key), cache: Arc::default(), held: Arc::default() };
        // Another key than the book's is told at once, not at the first check.
        if let Some((lookup, sealed)) = book.store.any_account().await? {
            book.key.open_value(&lookup, &sealed)?;
        }
        Ok(book)
    }

    /// The keys, for what else is kept under them.
    pub const fn key(&self) -> &Arc<BookKey> {
        &self.key
    }

    /// What an identity is under each of these epochs, if it was looked up lately and is known under all.
    pub fn try_known(&self, identity: &Identity, epochs: &[Epoch]) -> Option<Arc<[Held]>> {
        self.cache.get(&self.identity(identity)).filter(|held| is_under_all(held, epochs))
    }

    /// What each identity is under each of these epochs; `None` for one that isn't known under all.
    pub async fn known(
        &self,
        identities: &[&Identity],
        epochs: &[Epoch],
    ) -> Result<Vec<Option<Arc<[Held]>>>, BookError> {
        let lookups: Vec<Lookup> = identities.iter().map(|identity| self.identity(identity)).collect();
        let mut found = self.store.identities(&lookups).await?;
        let mut all = Vec::with_capacity(lookups.len());
        for lookup in lookups {
            let Some(rows) = found.remove(&lookup) else {
                // Asked for twice in one batch: the first took it.
                all.push(self.cache.get(&lookup).filter(|held| is_under_all(held, epochs)));
                continue;
            };
            let held = rows.iter().map(|(epoch, sealed)| self.held(&lookup, *epoch, sealed));
            let held: Arc<[Held]> = held.collect::<Result<Vec<_>, _>>()?.into();
            self.cache.put(lookup, held.clone());
            all.push(is_under_all(&held, epochs).then_some(held));
        }
        Ok(all)
    }

    /// Keeps what the identities of accounts are, all or nothing.
    pub async fn learn(&self, people: &[(&Reference, &[Known])], rng: &mut impl CryptoRng) -> Result<(), BookError> {
        let (mut accounts, mut identities, mut learnt) = (Vec::with_capacity(people.len()), Vec::new(), Vec::new());
        for (reference, known) in people {
            let account = self.account(reference);
            let sealed = self.key.seal(&account, reference.as_str().as_bytes(), rng);
            let mut holds = Vec::with_capacity(known.len());
            for Known { identity, derived } in *known {
                let lookup = self.identity(identity);
                holds.push(lookup);
                for derived in derived {
                    let value = [&derived.tag.as_bytes()[..], derived.seal_key.as_bytes()].concat();
                    identities.push(NewIdentity {
                        lookup,
                        epoch: derived.epoch,
                        sealed: self.key.seal(&place(&lookup, derived.epoch), &Zeroizing::new(value), rng),
                        tag: self.tag(derived.tag()),
                    });
                }
                learnt.push((account, lookup, Held::all(derived)));
            }
            accounts.push(NewAccount { lookup: account, sealed, holds });
        }
        self.store.learn(&accounts, &identities).await?;
        for (account, lookup, held) in learnt {
            self.cache.put(lookup, held);
            self.held.put(joined(&account, &lookup), ());
        }
        Ok(())
    }

    /// Whether it was noted lately that an account holds all of these; `false` says nothing.
    pub fn is_held(&self, reference: &Reference, identities: &[&Identity]) -> bool {
        let account = self.account(reference);
        identities.iter().all(|identity| self.held.get(&joined(&account, &self.identity(identity))).is_some())
    }

    /// Notes that an account holds identities that are known already.
    pub async fn hold(
        &self,
        people: &[(&Reference, Vec<&Identity>)],
        rng: &mut impl CryptoRng,
    ) -> Result<(), BookError> {
        let account = |(reference, identities): &(&Reference, Vec<&Identity>)| {
            let lookup = self.account(reference);
            let sealed = self.key.seal(&lookup, reference.as_str().as_bytes(), rng);
            NewAccount { lookup, sealed, holds: identities.iter().map(|identity| self.identity(identity)).collect() }
        };
        let accounts: Vec<_> = people.iter().map(account).collect();
        self.store.learn(&accounts, &[]).await?;
        for NewAccount { lookup, holds, .. } in &accounts {
            for identity in holds {
                self.held.put(joined(lookup, identity), ());
            }
        }
        Ok(())
    }

    /// Forgets an account, and each identity that no other holds; whether it was known.
    pub async fn forget(&self, reference: &Reference) -> Result<bool, BookError> {
        let account = self.account(reference);
        let gone = self.store.forget(&account).await?;
        for lookup in gone.iter().flatten() {
            self.cache.forget(lookup);
            self.held.forget(&joined(&account, lookup));
        }
        Ok(gone.is_some())
    }

    /// The accounts that hold any of these tags, each once.
    pub async fn holding(&self, tags: &[EpochTag]) -> Result<Vec<(Lookup, Reference)>, BookError> {
        let lookups: Vec<Lookup> = tags.iter().map(|tag| self.tag(*tag)).collect();
        let rows = self.store.holding(&lookups).await?;
        rows.into_iter().map(|(account, sealed)| Ok((account, self.reference(&account, &sealed)?))).collect()
    }

    /// Accounts with an identity that isn't known under an epoch; `limit` at most.
    pub async fn outdated(&self, epoch: Epoch, limit: u32) -> Result<Vec<Reference>, BookError> {
        let rows = self.store.outdated(epoch, limit).await?;
        rows.into_iter().map(|(account, sealed)| self.reference(&account, &sealed)).collect()
    }

    /// How many accounts and identities it holds.
    pub async fn size(&self) -> Result<(u64, u64), BookError> {
        Ok(self.store.size().await?)
    }

    /// Details of a record that were opened with an identity before.
    pub async fn details(
        &self,
        record: RecordId,
        identity: &Identity,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, BookError> {
        let lookup = self.identity(identity);
        let sealed = self.store.details(record, &lookup).await?;
        sealed.map(|sealed| self.key.open_value(&[&lookup[..], record.as_bytes()].concat(), &sealed)).transpose()
    }

    /// Keeps details that were opened.
    pub async fn keep_details(
        &self,
        record: RecordId,
        identity: &Identity,
        details: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(), BookError> {
        let lookup = self.identity(identity);
        let sealed = self.key.seal(&[&lookup[..], record.as_bytes()].concat(), details, rng);
        Ok(self.store.keep_details(record, &lookup, &sealed).await?)
    }

    /// Forgets the details of records that were erased.
    pub async fn forget_details(&self, records: &[RecordId]) -> Result<(), BookError> {
        Ok(self.store.forget_details(records).await?)
    }

    /// By what an account is found.
    pub fn account(&self, reference: &Reference) -> Lookup {
        self.key.lookup("account", &[reference.as_str().as_bytes()])
    }

    fn identity(&self, identity: &Identity) -> Lookup {
        self.key.lookup("identity", &[identity.kind().as_str().as_bytes(), identity.value().as_bytes()])
    }

    fn tag(&self, tag: EpochTag) -> Lookup {
        self.key.lookup("tag", &[&tag.epoch.number().to_be_bytes(), tag.tag.as_bytes()])
    }

    fn held(&self, lookup: &Lookup, epoch: Epoch, sealed: &[u8]) -> Result<Held, BookError> {
        let value = self.key.open_value(&place(lookup, epoch), sealed)?;
        let (tag, seal_key) = value.split_first_chunk::<32>().ok_or(BookError::Value)?;
        let seal_key = seal_key.try_into().map_err(|_| BookError::Value)?;
        let tag = EpochTag { epoch, tag: Tag::from_bytes(*tag) };
        Ok(Held { tag, seal_key: SealKey::from_bytes(seal_key) })
    }

    fn reference(&self, account: &Lookup, sealed: &[u8]) -> Result<Reference, BookError> {
        let value = self.key.open_value(account, sealed)?;
        let text = String::from_utf8(value.to_vec()).map_err(|_| BookError::Value)?;
        text.try_into().map_err(|_| BookError::Value)
    }
}

/// By what is found that an account holds an identity: both are keyed hashes, so their bits are as good as random.
fn joined(account: &Lookup, identity: &Lookup) -> Lookup {
    std::array::from_fn(|at| account[at] ^ identity[at])
}

/// What an identity's value is bound to.
fn place(lookup: &Lookup, epoch: Epoch) -> Vec<u8> {
    [&lookup[..], &epoch.number().to_be_bytes()].concat()
}

fn is_under_all(held: &[Held], epochs: &[Epoch]) -> bool {
    epochs.iter().all(|epoch| held.iter().any(|held| held.tag.epoch == *epoch))
}

#[cfg(test)]
mod tests;
