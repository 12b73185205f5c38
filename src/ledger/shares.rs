//! Shares that a store lost: handed in again with their docket, by whoever has it.
//!
//! No right is needed but the share itself: the logged statement names its hash. What was erased stays so. Implements
//! *Share* of `docs/formats.md` §7.

use callboard_federation::{hand_in::HandIn, statement::Statement};

use super::{Ledger, LedgerError};

impl Ledger {
    /// Keeps the shares of a docket that is logged already, of those records that lack theirs; how many.
    pub async fn restore_shares(&self, hand_in: &HandIn) -> Result<u64, LedgerError> {
        if hand_in.items.iter().all(|item| item.share.is_none()) {
            return Ok(0);
        }
        let index = self.replay().index_of(&hand_in.docket.payload_hash()).filter(|index| *index < self.size());
        let Some(index) = index else { return Ok(0) };
        let mut shares = Vec::new();
        for lacking in self.store.records_without_share(index, index + 1).await? {
            let given = usize::try_from(lacking.position).ok().and_then(|at| hand_in.items.get(at)?.share);
            let Some(share) = given else { continue };
            // The statement that is logged says which, not the one that came along.
            let named = Statement::from_json(&lacking.statement).ok();
            if named.is_some_and(|named| named.details().is_some_and(|details| details.share_fits(&share))) {
                shares.push((lacking.id, share.0));
            }
        }
        if shares.is_empty() { Ok(0) } else { Ok(self.store.restore_shares(&shares).await?) }
    }
}
