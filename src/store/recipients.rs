//! Members' recipients: the latest of each, as the member signed it.

use callboard_federation::encoding::{Hash, Time};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
};

const OF_MEMBER: &str = "SELECT published_at, taken_at, payload_hash, envelope FROM member_recipient WHERE member = $1";
const PUT: &str = "INSERT INTO member_recipient (member, published_at, taken_at, payload_hash, envelope) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (member) DO UPDATE SET published_at = excluded.published_at, \
    taken_at = excluded.taken_at, payload_hash = excluded.payload_hash, envelope = excluded.envelope \
    WHERE member_recipient.published_at < excluded.published_at";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[OF_MEMBER, PUT];

/// The recipient of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecipient {
    /// When, by the member's clock.
    pub published_at: Time,
    pub taken_at: Time,
    pub payload_hash: Hash,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
}

from_row!(StoredRecipient, "member_recipient", |row| Self {
    published_at: row.get("published_at")?,
    taken_at: row.get("taken_at")?,
    payload_hash: row.get("payload_hash")?,
    envelope: row.get("envelope")?,
});

impl Store {
    /// Keeps a recipient, unless one as late is kept; whether it is.
    pub async fn put_recipient(&self, member: &str, recipient: &StoredRecipient) -> Result<bool, StoreError> {
        let kept = measured("keep-recipient", async {
            let StoredRecipient { published_at, taken_at, payload_hash, envelope } = recipient;
            let mut transaction = self.begin_as_writer().await?;
            let values = values![member, *published_at, *taken_at, payload_hash, envelope];
            let is_taken = transaction.execute(PUT, &values).await? > 0;
            transaction.commit().await?;
            Ok(is_taken)
        });
        self.note_outcome(kept.await)
    }

    /// The recipient of a member that holds.
    pub async fn recipient(&self, member: &str) -> Result<Option<StoredRecipient>, StoreError> {
        self.row(OF_MEMBER, &values![member]).await
    }
}
