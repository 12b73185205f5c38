//! The member's points at the token service, as it last told: how many a day, how many are left, until when.
//!
//! Counting is the service's; here is what its last answer said, so that a list can say beforehand what fits, and what is
//! sent is never more than is left. It is kept, and after a restart tells how old it is.

use callboard_api::agent::checks::Quota;
use callboard_client::http::Allowance;
use callboard_federation::{encoding::Time, token::MAX_BATCH};

use crate::{
    latest::Latest,
    store::{StoreError, quota::QuotaStore},
};

#[derive(Debug)]
pub(crate) struct LastQuota {
    quota: Latest<Quota>,
    store: QuotaStore,
}

impl LastQuota {
    /// What was told before the agent started.
    pub(crate) async fn open(store: QuotaStore) -> Result<Self, StoreError> {
        Ok(Self { quota: Latest::new(store.last().await?), store })
    }

    /// What was told last, as long as the day isn't over.
    pub(crate) fn at(&self, now: Time) -> Option<Quota> {
        self.last().filter(|quota| now < quota.resets_at)
    }

    /// What was told last, whether it holds still or not.
    pub(crate) fn last(&self) -> Option<Quota> {
        self.quota.get()
    }

    /// Keeps what was noted where nothing was learnt with it: a refusal. A check doesn't depend on it: without it a
    /// restart knows what was kept before.
    pub(crate) async fn keep(&self) {
        let Some(quota) = self.last() else { return };
        if let Err(error) = self.store.keep(&quota).await {
            tracing::warn!(%error, "the points that are left could not be kept");
        }
    }

    pub(crate) fn note(&self, allowance: Allowance, now: Time) {
        let Allowance { per_day, left, resets_in } = allowance;
        let resets_at = now.plus_millis(i64::try_from(resets_in.saturating_mul(1000)).unwrap_or(i64::MAX));
        self.quota.set(Some(Quota { per_day: Some(per_day), left, resets_at, told_at: now }));
    }

    /// A refusal told what is left, and perhaps until when.
    pub(crate) fn note_refusal(&self, left: u64, resets_at: Option<Time>, now: Time) {
        let before = self.at(now);
        let per_day = before.and_then(|quota| quota.per_day);
        let Some(resets_at) = resets_at.or(before.map(|quota| quota.resets_at)) else { return };
        self.quota.set(Some(Quota { per_day, left, resets_at, told_at: now }));
    }

    /// How many identities to send next of `waiting`, each taking a point for each of `epochs`: no more than are left,
    /// as far as that is known; one at least, since what was told may be over.
    pub(crate) fn next_batch(&self, waiting: usize, epochs: usize, now: Time) -> usize {
        let each = u64::try_from(epochs.max(1)).unwrap_or(u64::MAX);
        let fit = self.at(now).map_or(usize::MAX, |quota| usize::try_from(quota.left / each).unwrap_or(usize::MAX));
        waiting.min(MAX_BATCH).min(fit.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Database;

    #[tokio::test]
    async fn a_batch_is_no_more_than_is_left_until_the_day_is_over_whatever_restarts() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_book(directory.path()).await.unwrap();
        let open = async || LastQuota::open(QuotaStore::new(database.clone())).await.unwrap();
        let (told, now) = (open().await, Time::from_seconds(1_000));
        assert_eq!(told.next_batch(5_000, 1, now), MAX_BATCH, "nothing was told");
        told.note(Allowance { per_day: 10_000, left: 999, resets_in: 60 }, now);
        assert_eq!(told.next_batch(5_000, 1, now), 999);
        assert_eq!(told.next_batch(5_000, 2, now), 499, "a point for each epoch");
        assert_eq!(told.next_batch(7, 1, now), 7);
        told.note_refusal(0, None, now);
        assert_eq!(told.at(now).map(|quota| (quota.left, quota.per_day)), Some((0, Some(10_000))));
        told.keep().await;
        let told = open().await;
        assert_eq!(told.at(now.plus_millis(59_999)).map(|quota| (quota.left, quota.told_at)), Some((0, now)));
        assert_eq!(told.next_batch(7, 1, now), 1, "the list of members may grant more meanwhile");
        assert_eq!(told.next_batch(7, 1, now.plus_millis(60_000)), 7, "the day is over");
        assert_eq!(told.at(now.plus_millis(60_000)), None);
    }
}
