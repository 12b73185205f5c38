//! The tag book's rows, in `book.sqlite`: keyed hashes and ciphertexts.

use std::collections::HashMap;

use callboard_federation::{encoding::RecordId, tag::Epoch};
use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::{
    Database, Lookup, StoreError,
    notifications::{MARK, mark, unwatch},
    of_bytes,
    quota::{self, Quota},
};

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

/// The rows of the tag book.
#[derive(Debug, Clone)]
pub struct BookStore(Database);

/// An account and what it holds.
pub struct NewAccount {
    /// By what it is found.
    pub lookup: Lookup,
    /// By what all accounts of its `ref` are found.
    pub reference: Lookup,
    /// Its `ref` and `person`, and what was told of the holder, encrypted.
    pub sealed: Vec<u8>,
    /// The identities that it gave.
    pub holds: Vec<Lookup>,
}

/// An identity under one epoch.
pub struct NewIdentity {
    /// By what it is found.
    pub lookup: Lookup,
    /// The epoch.
    pub epoch: Epoch,
    /// Tag and seal key, encrypted.
    pub sealed: Vec<u8>,
    /// By what its tag is found.
    pub tag: Lookup,
}

/// A row that is found by a lookup, and what it seals.
type Sealed = (Lookup, Vec<u8>);

impl BookStore {
    /// The rows of a file.
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Some account, if there is any.
    pub async fn any_account(&self) -> Result<Option<Sealed>, StoreError> {
        let row = sqlx::query_as("SELECT lookup, sealed FROM account LIMIT 1").fetch_optional(&self.0.reader).await?;
        row.map(sealed).transpose()
    }

    /// What is known of each identity, by epoch.
    pub async fn identities(&self, lookups: &[Lookup]) -> Result<HashMap<Lookup, Vec<(Epoch, Vec<u8>)>>, StoreError> {
        let mut found: HashMap<Lookup, Vec<(Epoch, Vec<u8>)>> = HashMap::with_capacity(lookups.len());
        for chunk in lookups.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new("SELECT lookup, epoch, sealed FROM identity WHERE lookup IN (");
            among(&mut query, chunk);
            let rows: Vec<(Vec<u8>, i64, Vec<u8>)> =
                query.build_query_as().persistent(chunk.len() == 1).fetch_all(&self.0.reader).await?;
            for (lookup, epoch, sealed) in rows {
                found.entry(of_bytes(lookup)?).or_default().push((epoch_of(epoch)?, sealed));
            }
        }
        Ok(found)
    }

    /// The accounts of these lookups that there are, each with the identities that it holds.
    pub async fn accounts(&self, lookups: &[Lookup]) -> Result<Vec<(Lookup, Vec<u8>, Vec<Lookup>)>, StoreError> {
        type Row = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);
        let mut found: HashMap<Lookup, (Vec<u8>, Vec<Lookup>)> = HashMap::new();
        for chunk in lookups.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new(ACCOUNTS);
            among(&mut query, chunk);
            let rows: Vec<Row> = query.build_query_as().persistent(chunk.len() == 1).fetch_all(&self.0.reader).await?;
            for (lookup, sealed, identity) in rows {
                let (_, held) = found.entry(of_bytes(lookup)?).or_insert_with(|| (sealed, Vec::new()));
                held.extend(identity.map(of_bytes).transpose()?);
            }
        }
        Ok(found.into_iter().map(|(lookup, (sealed, held))| (lookup, sealed, held)).collect())
    }

    /// The accounts of each `ref`, of those that have any.
    pub async fn accounts_of(&self, references: &[Lookup]) -> Result<HashMap<Lookup, Vec<Lookup>>, StoreError> {
        let mut found: HashMap<Lookup, Vec<Lookup>> = HashMap::new();
        for chunk in references.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new(ACCOUNTS_AT);
            among(&mut query, chunk);
            let rows: Vec<(Vec<u8>, Vec<u8>)> =
                query.build_query_as().persistent(chunk.len() == 1).fetch_all(&self.0.reader).await?;
            for (reference, account) in rows {
                found.entry(of_bytes(reference)?).or_default().push(of_bytes(account)?);
            }
        }
        Ok(found)
    }

    /// Keeps accounts, identities, and what the token service told with them of the points that are left; all or nothing.
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
                row.push_bind(&new.lookup[..]).push_bind(integer(new.epoch)).push_bind(&new.sealed[..]);
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
        let held: Vec<Vec<u8>> =
            sqlx::query_scalar(IDENTITIES_OF).bind(&account[..]).fetch_all(&mut *transaction).await?;
        let mut forgotten = 0;
        for text in FORGET_ACCOUNT {
            forgotten += sqlx::query(text).bind(&account[..]).execute(&mut *transaction).await?.rows_affected();
        }
        unwatch(&mut transaction, account).await?;
        for identity in &held {
            for text in FORGET_IDENTITY {
                sqlx::query(text).bind(identity).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        if forgotten == 0 {
            return Ok(None);
        }
        held.into_iter().map(of_bytes).collect::<Result<_, _>>().map(Some)
    }

    /// The accounts that hold any of these tags.
    pub async fn holding(&self, tags: &[Lookup]) -> Result<Vec<Sealed>, StoreError> {
        let mut accounts = Vec::new();
        for chunk in tags.chunks(AT_ONCE) {
            let mut query = QueryBuilder::new(ACCOUNTS_OF);
            among(&mut query, chunk);
            let rows: Vec<(Vec<u8>, Vec<u8>)> = query.build_query_as().fetch_all(&self.0.reader).await?;
            for row in rows {
                accounts.push(sealed(row)?);
            }
        }
        Ok(accounts)
    }

    /// Accounts with an identity that isn't known under an epoch.
    pub async fn outdated(&self, epoch: Epoch, limit: u32) -> Result<Vec<Sealed>, StoreError> {
        let query = sqlx::query_as(OUTDATED).bind(integer(epoch)).bind(limit);
        query.fetch_all(&self.0.reader).await?.into_iter().map(sealed).collect()
    }

    /// How many accounts and identities there are.
    pub async fn size(&self) -> Result<(u64, u64), StoreError> {
        let text = "SELECT (SELECT COUNT(*) FROM account), (SELECT COUNT(DISTINCT lookup) FROM identity)";
        let (accounts, identities): (i64, i64) = sqlx::query_as(text).fetch_one(&self.0.reader).await?;
        Ok((accounts.unsigned_abs(), identities.unsigned_abs()))
    }

    /// Opened details, encrypted.
    pub async fn details(&self, record: RecordId, identity: &Lookup) -> Result<Option<Vec<u8>>, StoreError> {
        let text = "SELECT sealed FROM details WHERE record = $1 AND identity = $2";
        let query = sqlx::query_scalar(text).bind(&record.as_bytes()[..]).bind(&identity[..]);
        Ok(query.fetch_optional(&self.0.reader).await?)
    }

    /// Keeps opened details.
    pub async fn keep_details(&self, record: RecordId, identity: &Lookup, sealed: &[u8]) -> Result<(), StoreError> {
        let text = "INSERT OR REPLACE INTO details (record, identity, sealed) VALUES ($1, $2, $3)";
        let query = sqlx::query(text).bind(&record.as_bytes()[..]).bind(&identity[..]).bind(sealed);
        query.execute(&self.0.writer).await?;
        Ok(())
    }

    /// Forgets the details of records.
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

fn sealed((lookup, sealed): (Vec<u8>, Vec<u8>)) -> Result<Sealed, StoreError> {
    Ok((of_bytes(lookup)?, sealed))
}

fn epoch_of(number: i64) -> Result<Epoch, StoreError> {
    let number = u64::try_from(number).map_err(|_| StoreError::Foreign("an epoch"))?;
    Epoch::new(number).map_err(|_| StoreError::Foreign("an epoch"))
}

fn integer(epoch: Epoch) -> i64 {
    i64::try_from(epoch.number()).unwrap_or(i64::MAX)
}
