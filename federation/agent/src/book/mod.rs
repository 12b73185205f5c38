//! The tag book: which tags the platform's people have, so that who is known costs no token and new records find them.
//!
//! An [`Account`] is one [`Person`]'s; it holds identities, and what was told of its [`holder`]. Kept apart from the replica,
//! encrypted under a key of its own ([`key`]); an identity itself is never kept, only a keyed hash that finds it again. The
//! SQL is [`crate::store::book`]'s.

mod account;
mod cache;
pub mod holder;
pub mod key;

use std::{collections::HashMap, path::Path, sync::Arc};

pub use account::{Account, Admission, IdentityTags, Room};
use cache::Cache;
pub use callboard_api::agent::{Person, Reference};
use callboard_client::derivation::Derived;
use callboard_federation::{
    encoding::RecordId,
    identity::Identity,
    sealed,
    statement::EpochTag,
    tag::{Epoch, Tag},
    token::SealKey,
    zh_en,
};
use key::BookKey;
use rand_core::CryptoRng;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::{
    file_error::FileError,
    store::{Database, Lookup, StoreError, book::BookStore},
};

/// What an identity is under one epoch.
#[derive(Clone)]
pub struct IdentityTag {
    pub tag: EpochTag,
    /// What opens details wrapped for it.
    pub seal_key: SealKey,
}

#[derive(Debug, thiserror::Error)]
pub enum BookError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value doesn't decrypt: another key than the one that wrote it, or the file was changed.
    #[error("{}", zh_en!("身份代码簿中的内容不是用此密钥写入的：请放回原来的 book.key；内容未作任何改动",
        "the book holds what this key didn't write; put the right book.key back, nothing was changed"))]
    Value,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Book {
    store: BookStore,
    key: Arc<BookKey>,
    identities: Arc<Cache<Arc<[IdentityTag]>>>,
    accounts: Arc<Cache<Arc<Account>>>,
    rooms: Arc<Cache<Room>>,
    /// Held by whoever changes accounts, and by whoever caches what it read of them.
    writing: Arc<Mutex<()>>,
}

impl IdentityTag {
    pub fn all(derived: &[Derived]) -> Arc<[Self]> {
        derived.iter().map(|derived| Self { tag: derived.tag(), seal_key: derived.seal_key.clone() }).collect()
    }

    /// Who can open what is wrapped for the tag.
    pub const fn holder(&self) -> sealed::Holder<'_> {
        sealed::Holder { epoch: self.tag.epoch, tag: self.tag.tag, seal_key: &self.seal_key }
    }
}

impl Book {
    pub async fn open(directory: &Path, database: Database, rng: &mut impl CryptoRng) -> Result<Self, BookError> {
        let key = BookKey::open(&directory.join("book.key"), rng)?;
        let book = Self {
            store: BookStore::new(database),
            key: Arc::new(key),
            identities: Arc::default(),
            accounts: Arc::default(),
            rooms: Arc::default(),
            writing: Arc::default(),
        };
        // Another key than the book's is told at once, not at the first check.
        if let Some(row) = book.store.any_account().await? {
            book.key.open_value(&row.lookup, &row.sealed)?;
        }
        Ok(book)
    }

    /// The keys, for what else is kept under them.
    pub const fn key(&self) -> &Arc<BookKey> {
        &self.key
    }

    pub fn identity_lookup(&self, identity: &Identity) -> Lookup {
        self.key.lookup("identity", &[identity.kind().as_str().as_bytes(), identity.value().as_bytes()])
    }

    /// The tags of all identities that an account holds, under every epoch under which they are known; none of an
    /// account that isn't known. A check and the hook answer by these.
    pub async fn tags_of(&self, account: &Lookup) -> Result<Vec<EpochTag>, BookError> {
        let Some(account) = self.accounts(&[*account]).await?.remove(account) else { return Ok(Vec::new()) };
        let held = self.identity_tags(&account.identities).await?;
        let mut tags: Vec<EpochTag> = held.values().flat_map(|held| held.iter().map(|held| held.tag)).collect();
        tags.sort_unstable();
        Ok(tags)
    }

    /// What an identity is under every epoch under which it is known, if it was looked up lately.
    pub fn cached_tags(&self, identity: &Lookup) -> Option<Arc<[IdentityTag]>> {
        self.identities.get(identity)
    }

    /// What identities are under every epoch under which they are known; those that there are.
    pub async fn identity_tags(&self, identities: &[Lookup]) -> Result<HashMap<Lookup, Arc<[IdentityTag]>>, BookError> {
        let mut all = HashMap::with_capacity(identities.len());
        let mut unknown = Vec::new();
        for lookup in identities {
            match self.identities.get(lookup) {
                Some(held) => drop(all.insert(*lookup, held)),
                None => unknown.push(*lookup),
            }
        }
        if unknown.is_empty() {
            return Ok(all);
        }
        let _writing = self.writing.lock().await;
        for (lookup, rows) in self.store.identities(&unknown).await? {
            let held = rows.iter().map(|row| self.open_tag(&lookup, row.epoch, &row.sealed));
            let held: Arc<[IdentityTag]> = held.collect::<Result<Vec<_>, _>>()?.into();
            self.identities.put(lookup, held.clone());
            all.insert(lookup, held);
        }
        Ok(all)
    }

    /// The accounts that hold any of these tags, each once.
    pub async fn holding(&self, tags: &[EpochTag]) -> Result<Vec<(Lookup, Person)>, BookError> {
        let lookups: Vec<Lookup> = tags.iter().map(|tag| self.tag(*tag)).collect();
        let rows = self.store.holding(&lookups).await?;
        rows.into_iter().map(|row| Ok((row.lookup, self.open_account(&row.lookup, &row.sealed)?.0))).collect()
    }

    /// Accounts with an identity that isn't known under an epoch; `limit` at most.
    pub async fn outdated(&self, epoch: Epoch, limit: u32) -> Result<Vec<Person>, BookError> {
        let rows = self.store.outdated(epoch, limit).await?;
        rows.into_iter().map(|row| Ok(self.open_account(&row.lookup, &row.sealed)?.0)).collect()
    }

    pub async fn size(&self) -> Result<(u64, u64), BookError> {
        Ok(self.store.size().await?)
    }

    /// Details of a record that were opened with an identity before.
    pub async fn details(&self, record: RecordId, identity: &Lookup) -> Result<Option<Zeroizing<Vec<u8>>>, BookError> {
        let sealed = self.store.details(record, identity).await?;
        sealed.map(|sealed| self.key.open_value(&[&identity[..], record.as_bytes()].concat(), &sealed)).transpose()
    }

    pub async fn keep_details(
        &self,
        record: RecordId,
        identity: &Lookup,
        details: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(), BookError> {
        let sealed = self.key.seal(&[&identity[..], record.as_bytes()].concat(), details, rng);
        Ok(self.store.keep_details(record, identity, &sealed).await?)
    }

    /// Forgets the details of records that were erased.
    pub async fn forget_details(&self, records: &[RecordId]) -> Result<(), BookError> {
        Ok(self.store.forget_details(records).await?)
    }

    fn tag(&self, tag: EpochTag) -> Lookup {
        self.key.lookup("tag", &[&tag.epoch.number().to_be_bytes(), tag.tag.as_bytes()])
    }

    fn open_tag(&self, lookup: &Lookup, epoch: Epoch, sealed: &[u8]) -> Result<IdentityTag, BookError> {
        let value = self.key.open_value(&place(lookup, epoch), sealed)?;
        let (tag, seal_key) = value.split_first_chunk::<32>().ok_or(BookError::Value)?;
        let seal_key = seal_key.try_into().map_err(|_| BookError::Value)?;
        let tag = EpochTag { epoch, tag: Tag::from_bytes(*tag) };
        Ok(IdentityTag { tag, seal_key: SealKey::from_bytes(seal_key) })
    }
}

/// What an identity's value is bound to.
fn place(lookup: &Lookup, epoch: Epoch) -> Vec<u8> {
    [&lookup[..], &epoch.number().to_be_bytes()].concat()
}

#[cfg(test)]
mod tests;
