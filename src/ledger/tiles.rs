//! The log as public immutable files: tiles of hashes, bundles of entries (C2SP tlog-tiles).

use callboard_federation::tlog::tile::{FULL_WIDTH, TileContent, TilePath, bundle, hash_tile};

use super::{Ledger, LedgerError};

impl Ledger {
    /// The bytes of a tile; `None` if the log isn't that large yet.
    pub async fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, LedgerError> {
        match path.holds {
            TileContent::Hashes { level } => {
                let replay = self.replay();
                // The replay may be a batch ahead of what is published.
                let leaves = path.index.saturating_mul(u64::from(FULL_WIDTH)).saturating_add(u64::from(path.width));
                let span = u64::from(FULL_WIDTH).checked_pow(u32::from(level));
                let within = span.and_then(|span| leaves.checked_mul(span)).is_some_and(|leaves| leaves <= self.size());
                Ok(if within { hash_tile(replay.tree(), level, path.index, path.width) } else { None })
            }
            TileContent::Entries => {
                let from = path.index.saturating_mul(u64::from(FULL_WIDTH));
                let to = from.saturating_add(u64::from(path.width));
                if to > self.size() {
                    return Ok(None);
                }
                let leaves = self.store.leaves(from, to).await?;
                // Entries are short lines: they always fit.
                Ok(bundle(leaves).ok())
            }
        }
    }
}
