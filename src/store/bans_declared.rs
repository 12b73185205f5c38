//! What members declare of their own permanent bans: every declaration, as the member signed it.

use callboard_federation::{
    bans::BansDeclared,
    dsse::Envelope,
    encoding::{Hash, Time, from_json, to_json},
    quarter::Quarter,
};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
};

macro_rules! declarations {
    ($rest:literal) => {
        concat!("SELECT taken_at, payload_hash, envelope FROM bans_declared ", $rest)
    };
}

const OF_PERIOD: &str = declarations!("WHERE period = $1 ORDER BY member, declared_at");
const OF_MEMBER: &str = declarations!("WHERE member = $1 ORDER BY period DESC, declared_at DESC LIMIT $2");
const OF_BOTH: &str = declarations!("WHERE member = $1 AND period = $2 ORDER BY declared_at");
const PUT: &str = "INSERT INTO bans_declared (member, period, declared_at, taken_at, payload_hash, envelope) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (member, period, declared_at) DO NOTHING";

/// Those that read lists, each with how many values it takes: none may read more than it lists.
#[cfg(test)]
pub(super) const LISTS: &[(&str, usize)] = &[(OF_PERIOD, 1), (OF_MEMBER, 2), (OF_BOTH, 2)];

#[cfg(test)]
pub(super) const SQL: &[&str] = &[OF_PERIOD, OF_MEMBER, OF_BOTH, PUT];

/// A declaration that was verified, and its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBansDeclared {
    pub declared: BansDeclared,
    /// When the registry had it.
    pub taken_at: Time,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    pub envelope: Envelope,
}

struct Row {
    taken_at: Time,
    payload_hash: Hash,
    envelope: Vec<u8>,
}

from_row!(Row, "bans_declared", |row| Self {
    taken_at: row.get("taken_at")?,
    payload_hash: row.get("payload_hash")?,
    envelope: row.get("envelope")?,
});

impl TryFrom<Row> for StoredBansDeclared {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unreadable = |_| StoreError::Unreadable("bans_declared");
        let envelope: Envelope = from_json(&row.envelope).map_err(unreadable)?;
        let declared = from_json(&envelope.payload.0).map_err(unreadable)?;
        Ok(Self { declared, taken_at: row.taken_at, payload_hash: row.payload_hash, envelope })
    }
}

impl Store {
    /// Keeps a declaration, unless the member made one for the period at the same time; whether it is new.
    pub async fn put_bans_declared(&self, new: &StoredBansDeclared) -> Result<bool, StoreError> {
        let kept = measured("keep-bans-declared", async {
            let StoredBansDeclared { declared, taken_at, payload_hash, envelope } = new;
            let (period, envelope) = (declared.period.to_string(), to_json(envelope));
            let mut transaction = self.begin_as_writer().await?;
            let values = values![declared.member.as_str(), &period, declared.at, *taken_at, payload_hash, &envelope];
            let is_new = transaction.execute(PUT, &values).await? > 0;
            transaction.commit().await?;
            Ok(is_new)
        });
        self.note_outcome(kept.await)
    }

    /// The declarations of a period, by member and time.
    pub async fn bans_declared(&self, period: Quarter) -> Result<Vec<StoredBansDeclared>, StoreError> {
        let period = period.to_string();
        read(self.rows(OF_PERIOD, &values![&period]).await?)
    }

    /// The declarations of a member, the newest period first, and of one period the latest.
    pub async fn bans_declared_by(&self, member: &str, rows: u64) -> Result<Vec<StoredBansDeclared>, StoreError> {
        read(self.rows(OF_MEMBER, &values![member, rows]).await?)
    }

    /// The declarations of a member for a period, in the order of their time.
    pub async fn bans_declared_for(
        &self,
        member: &str,
        period: Quarter,
    ) -> Result<Vec<StoredBansDeclared>, StoreError> {
        let period = period.to_string();
        read(self.rows(OF_BOTH, &values![member, &period]).await?)
    }
}

fn read(rows: Vec<Row>) -> Result<Vec<StoredBansDeclared>, StoreError> {
    rows.into_iter().map(TryInto::try_into).collect()
}
