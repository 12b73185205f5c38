//! The tag book's rows, in `book.sqlite`: keyed hashes and ciphertexts.

use std::collections::{HashMap, HashSet};

use callboard_api::agent::checks::Quota;
use callboard_federation::{encoding::RecordId, tag::Epoch};
use sqlx::{FromRow, QueryBuilder, Sqlite, Transaction, sqlite::SqliteRow};

use super::{
    Database, Lookup, StoreError,
    column::{Scalar, stored},
    integer,
    notifications::{MARK, mark, unwatch},
    quota,
};

const IDENTITIES: &str = "SELECT lookup, epoch, sealed FROM identity WHERE lookup IN (";
const ACCOUNTS_OF: &str = "SELECT DISTINCT account.lookup, account.sealed FROM account \
    JOIN held ON held.account = account.lookup JOIN tag ON tag.identity = held.identity WHERE tag.lookup IN (";
const OUTDATED: &str = "SELECT DISTINCT account.lookup, account.sealed FROM account \
    JOIN held ON held.account = account.lookup \
    WHERE NOT EXISTS (SELECT 1 FROM identity WHERE lookup = held.identity AND epoch = $1) LIMIT $2";
const ACCOUNTS_AT: &str = "SELECT reference, lookup FROM account WHERE reference IN (";
const ACCOUNTS: &str = "SELECT account.lookup, account.sealed, held.identity FROM account \
    LEFT JOIN held ON held.account = account.lookup WHERE account.lookup IN (";
const IDENTITIES_OF: &str = "SELECT identity FROM held WHERE account = $1";
const FORGET_ACCOUNT: [&str; 3] = [
    "DELETE FROM held WHERE account = $1",
    "DELETE FROM account WHERE lookup = $1",
    "DELETE FROM blinded WHERE account = $1",
];
const MARK_HOLDERS: &str = "INSERT INTO watch (account) SELECT DISTINCT account FROM held WHERE identity IN (";
const FORGET_IDENTITY: [&str; 3] = [
    "DELETE FROM tag WHERE identity = $1 AND NOT EXISTS (SELECT 1 FROM held WHERE identity = $1)",
    "DELETE FROM details WHERE identity = $1 AND NOT EXISTS (SELECT 1 FROM held WHERE identity = $1)",
    "DELETE FROM identity WHERE lookup = $1 AND NOT EXISTS (SELECT 1 FROM held WHERE identity = $1)",
];
/// Rows of one statement.
const AT_ONCE: usize = 2_000;

#[derive(Debug, Clone)]
pub struct BookStore(Database);

pub struct NewAccount {
    pub lookup: Lookup,
    /// By what all accounts of its `ref` are found.
    pub reference: Lookup,
    /// Its `ref` and `person`, and what was told of the holder, encrypted.
    pub sealed: Vec<u8>,
    pub holds: Vec<Lookup>,
}

pub struct NewIdentity {
    pub lookup: Lookup,
    pub epoch: Epoch,
    /// Tag and seal key, encrypted.
    pub sealed: Vec<u8>,
    pub tag: Lookup,
}

pub struct SealedRow {
    pub lookup: Lookup,
    pub sealed: Vec<u8>,
}

pub struct StoredIdentity {
    lookup: Lookup,
    pub epoch: Epoch,
    /// Tag and seal key, encrypted.
    pub sealed: Vec<u8>,
}

pub struct StoredAccount {
    pub lookup: Lookup,
    /// Its `ref` and `person`, and what was told of the holder, encrypted.
    pub sealed: Vec<u8>,
    pub holds: Vec<Lookup>,
}

/// An account beside one of the identities that it holds.
struct AccountRow {
    lookup: Lookup,
    sealed: Vec<u8>,
    identity: Option<Lookup>,
}

/// An account, and by what all of its `ref` are found.
struct ReferenceRow {
    reference: Lookup,
    lookup: Lookup,
}

stored!(SealedRow, "a lookup", lookup, sealed);
stored!(StoredIdentity, "an epoch", lookup, epoch, sealed);
stored!(AccountRow, "a lookup", lookup, sealed, identity);
stored!(ReferenceRow, "a lookup", reference, lookup);

impl BookStore {
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    pub async fn any_account(&self) -> Result<Option<SealedRow>, StoreError> {
        Ok(sqlx::query_as("SELECT lookup, sealed FROM account LIMIT 1").fetch_optional(&self.0.reader).await?)
    }

    pub async fn identities(&self, lookups: &[Lookup]) -> Result<HashMap<Lookup, Vec<StoredIdentity>>, StoreError> {
        let mut found: HashMap<Lookup, Vec<StoredIdentity>> = HashMap::with_capacity(lookups.len());
        for row in self.rows::<StoredIdentity>(IDENTITIES, lookups).await? {
            found.entry(row.lookup).or_default().push(row);
        }
        Ok(found)
    }

    /// The accounts of these lookups that there are, each with the identities that it holds.
    pub async fn accounts(&self, lookups: &[Lookup]) -> Result<Vec<StoredAccount>, StoreError> {
        let mut found: HashMap<Lookup, StoredAccount> = HashMap::new();
        for AccountRow { lookup, sealed, identity } in self.rows(ACCOUNTS, lookups).await? {
            let new = || StoredAccount { lookup, sealed, holds: Vec::new() };
            found.entry(lookup).or_insert_with(new).holds.extend(identity);
        }
        Ok(found.into_values().collect())
    }

    /// The accounts of each `ref`, of those that have any.
    pub async fn accounts_of(&self, references: &[Lookup]) -> Result<HashMap<Lookup, Vec<Lookup>>, StoreError> {
        let mut found: HashMap<Lookup, Vec<Lookup>> = HashMap::new();
        for ReferenceRow { reference, lookup } in self.rows(ACCOUNTS_AT, references).await? {
            found.entry(reference).or_default().push(lookup);
        }
        Ok(found)
    }

    /// The rows of a query that ends with `IN (`, of any of these lookups.
    async fn rows<T>(&self, text: &'static str, lookups: &[Lookup]) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let mut rows = Vec::with_capacity(lookups.len());
        for chunk in lookups.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new(text);
            among(&mut query, chunk);
            // One statement for each number of lookups would crowd out the others.
            let query = query.build_query_as().persistent(chunk.len() == 1);
            rows.extend(query.fetch_all(&self.0.reader).await?);
        }
        Ok(rows)
    }

    /// Keeps accounts, identities, and what the token service told with them of the points that are left; all or
    /// nothing.
    pub async fn learn(
        &self,
        accounts: &[NewAccount],
        identities: &[NewIdentity],
        quota: Option<&Quota>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        if let Some(quota) = quota {
            quota::keep(&mut *transaction, quota).await?;
        }
        for chunk in identities.chunks(AT_ONCE) {
            let mut insert = QueryBuilder::new("INSERT OR REPLACE INTO identity (lookup, epoch, sealed) ");
            insert.push_values(chunk, |mut row, new| {
                row.push_bind(&new.lookup[..]).push_bind(integer(new.epoch.number())).push_bind(&new.sealed[..]);
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
            let mut insert = QueryBuilder::new("INSERT OR REPLACE INTO tag (lookup, identity) ");
            insert.push_values(chunk, |mut row, new| {
                row.push_bind(&new.tag[..]).push_bind(&new.lookup[..]);
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        for chunk in accounts.chunks(AT_ONCE) {
            let mut insert = QueryBuilder::new("INSERT INTO account (lookup, reference, sealed) ");
            insert.push_values(chunk, |mut row, new| {
                row.push_bind(&new.lookup[..]).push_bind(&new.reference[..]).push_bind(&new.sealed[..]);
            });
            insert.push(" ON CONFLICT (lookup) DO UPDATE SET sealed = excluded.sealed");
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        let held = accounts.iter().flat_map(|new| new.holds.iter().map(|identity| (identity, &new.lookup)));
        let held: Vec<(&Lookup, &Lookup)> = held.collect();
        for chunk in held.chunks(AT_ONCE) {
            let mut insert = QueryBuilder::new("INSERT OR IGNORE INTO held (identity, account) ");
            insert.push_values(chunk, |mut row, (identity, account)| {
                row.push_bind(&identity[..]).push_bind(&account[..]);
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        // What a check would answer may be another now, of whoever else holds these identities too.
        mark(&mut transaction, accounts.iter().map(|new| &new.lookup)).await?;
        for chunk in identities.chunks(AT_ONCE) {
            let lookups: Vec<Lookup> = chunk.iter().map(|new| new.lookup).collect();
            let mut holders = QueryBuilder::new(MARK_HOLDERS);
            among(&mut holders, &lookups);
            holders.push(MARK);
            holders.build().persistent(false).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets an account and what only it held; the identities that it held, if it was known.
    pub async fn forget(&self, account: &Lookup) -> Result<Option<Vec<Lookup>>, StoreError> {
        let mut transaction: Transaction<'_, Sqlite> = self.0.writer.begin().await?;
        let held = sqlx::query_as(IDENTITIES_OF).bind(&account[..]).fetch_all(&mut *transaction).await?;
        let held: Vec<Lookup> = held.into_iter().map(|Scalar(identity)| identity).collect();
        let mut forgotten = 0;
        for text in FORGET_ACCOUNT {
            forgotten += sqlx::query(text).bind(&account[..]).execute(&mut *transaction).await?.rows_affected();
        }
        unwatch(&mut transaction, account).await?;
        for identity in &held {
            for text in FORGET_IDENTITY {
                sqlx::query(text).bind(&identity[..]).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        if forgotten == 0 {
            return Ok(None);
        }
        Ok(Some(held))
    }

    /// The accounts that hold any of these tags, each once.
    pub async fn holding(&self, tags: &[Lookup]) -> Result<Vec<SealedRow>, StoreError> {
        let (mut accounts, mut found) = (Vec::new(), HashSet::new());
        for chunk in tags.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new(ACCOUNTS_OF);
            among(&mut query, chunk);
            let rows: Vec<SealedRow> = query.build_query_as().fetch_all(&self.0.reader).await?;
            accounts.extend(rows.into_iter().filter(|row| found.insert(row.lookup)));
        }
        Ok(accounts)
    }

    /// Accounts with an identity that isn't known under an epoch.
    pub async fn outdated(&self, epoch: Epoch, limit: u32) -> Result<Vec<SealedRow>, StoreError> {
        let query = sqlx::query_as(OUTDATED).bind(integer(epoch.number())).bind(limit);
        Ok(query.fetch_all(&self.0.reader).await?)
    }

    pub async fn size(&self) -> Result<(u64, u64), StoreError> {
        let text = "SELECT (SELECT COUNT(*) FROM account), (SELECT COUNT(DISTINCT lookup) FROM identity)";
        let (accounts, identities): (i64, i64) = sqlx::query_as(text).fetch_one(&self.0.reader).await?;
        Ok((accounts.unsigned_abs(), identities.unsigned_abs()))
    }

    pub async fn details(&self, record: RecordId, identity: &Lookup) -> Result<Option<Vec<u8>>, StoreError> {
        let text = "SELECT sealed FROM details WHERE record = $1 AND identity = $2";
        let query = sqlx::query_scalar(text).bind(&record.as_bytes()[..]).bind(&identity[..]);
        Ok(query.fetch_optional(&self.0.reader).await?)
    }

    pub async fn keep_details(&self, record: RecordId, identity: &Lookup, sealed: &[u8]) -> Result<(), StoreError> {
        let text = "INSERT OR REPLACE INTO details (record, identity, sealed) VALUES ($1, $2, $3)";
        let query = sqlx::query(text).bind(&record.as_bytes()[..]).bind(&identity[..]).bind(sealed);
        query.execute(&self.0.writer).await?;
        Ok(())
    }

    pub async fn forget_details(&self, records: &[RecordId]) -> Result<(), StoreError> {
        for record in records {
            let query = sqlx::query("DELETE FROM details WHERE record = $1").bind(&record.as_bytes()[..]);
            query.execute(&self.0.writer).await?;
        }
        Ok(())
    }
}

/// `…, …)`: the end of an `IN`.
fn among(query: &mut QueryBuilder<Sqlite>, lookups: &[Lookup]) {
    let mut list = query.separated(", ");
    for lookup in lookups {
        list.push_bind(lookup.to_vec());
    }
    query.push(")");
}
