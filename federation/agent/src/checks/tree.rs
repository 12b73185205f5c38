//! The tree over the log of checks, of which no more than a path is ever in memory: a platform checks 10⁸ times.

use callboard_federation::{
    encoding::Hash,
    tlog::merkle::{empty_root, node_hash},
};

/// The complete subtrees that a tree of some size is made of, largest first: enough to grow, and for its root.
#[derive(Debug, Clone, Default)]
pub(super) struct Peaks {
    size: u64,
    peaks: Vec<Hash>,
}

impl Peaks {
    pub(super) fn push(&mut self, leaf: Hash) {
        let mut rising = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                rising = node_hash(&left, &rising);
            }
        }
        self.peaks.push(rising);
        self.size += 1;
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The RFC 6962 root.
    pub(super) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The ranges of leaves whose roots prove that `index` is in a tree of `size`, leaf's own level first (RFC 6962
/// §2.1.1).
pub(super) fn path(index: u64, size: u64) -> Vec<(u64, u64)> {
    let (mut from, mut to) = (0, size);
    let mut ranges = Vec::new();
    while to - from > 1 {
        // The left side is the largest power of two below the number of leaves.
        let split = from + (1 << (to - from - 1).ilog2());
        if index < split {
            ranges.push((split, to));
            to = split;
        } else {
            ranges.push((from, split));
            from = split;
        }
    }
    ranges.reverse();
    ranges
}

#[cfg(test)]
mod tests {
    use callboard_federation::tlog::merkle::{Tree, leaf_hash};

    use super::*;

    #[test]
    fn it_has_the_roots_and_paths_of_the_whole_tree() {
        let leaves: Vec<Hash> = (0..70_u8).map(|at| leaf_hash(&[at])).collect();
        let (mut peaks, mut tree) = (Peaks::default(), Tree::new());
        assert_eq!(peaks.root(), tree.current_root());
        for leaf in &leaves {
            peaks.push(*leaf);
            tree.push(*leaf);
            assert_eq!((peaks.size(), peaks.root()), (tree.size(), tree.current_root()));
            for index in 0..tree.size() {
                let root = |(from, to): (u64, u64)| {
                    let mut range = Peaks::default();
                    leaves[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]
                        .iter()
                        .for_each(|leaf| range.push(*leaf));
                    range.root()
                };
                let proof: Vec<Hash> = path(index, tree.size()).into_iter().map(root).collect();
                assert_eq!(Some(proof), tree.inclusion_proof(index, tree.size()));
            }
        }
    }
}
