//! A look at a few entries of the log, each whole: that the store still bears out what is published.
//!
//! All of it is [`super::audit`]'s, which takes as long as the log is; this takes as long as the sample.

use callboard_client::runtime::os_rng;
use callboard_federation::{
    entry::{Entry, EntryContent},
    replay::ReadLine,
    tlog::merkle::{leaf_hash, verify_inclusion},
};
use rand_core::Rng as _;

use super::{Ledger, LedgerError, load::disclosure};

impl Ledger {
    /// Looks at `count` entries by chance; the indexes of those that the store doesn't bear out.
    pub async fn sample(&self, count: u64) -> Result<Vec<u64>, LedgerError> {
        let size = self.size();
        let mut differing = Vec::new();
        for _ in 0..count.min(size) {
            let index = os_rng().next_u64() % size;
            let stored = self.store.entries(index, index + 1).await?.pop();
            let is_borne_out = match stored.map(disclosure) {
                Some(Ok(line)) => self.bears_out(&line, size),
                _ => false,
            };
            if !is_borne_out && !differing.contains(&index) {
                differing.push(index);
            }
        }
        Ok(differing)
    }

    /// Whether the published root holds the line's leaf, and the leaf what the line shows.
    fn bears_out(&self, line: &callboard_federation::disclosure::Disclosure, size: u64) -> bool {
        let (proof, root) = {
            let replay = self.replay();
            (replay.tree().inclusion_proof(line.index, size), replay.tree().root(size))
        };
        let (Some(proof), Some(root), Ok(entry)) = (proof, root, Entry::parse(&line.entry)) else { return false };
        let is_in_tree = verify_inclusion(line.index, size, &leaf_hash(&line.entry), &proof, &root).is_ok();
        let is_of_leaf = match (&line.docket, entry.logged) {
            (None, EntryContent::Anchors(_)) => true,
            // A docket reads if its statements are what it commits to.
            (Some(docket), EntryContent::Docket { .. }) => {
                Entry::of_docket(entry.logged_at, &docket.envelope) == entry && ReadLine::of(line).docket().is_some()
            }
            _ => false,
        };
        is_in_tree && is_of_leaf
    }
}
