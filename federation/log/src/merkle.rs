//! The Merkle tree of RFC 6962: hashes, roots, proofs and their verification, and a tree that answers for any past
//! size.
//!
//! Only hashes live here: what a leaf says is in `entry`, where hashes are published in [`tile`](crate::tile), who
//! signed a root in [`checkpoint`](crate::checkpoint). Implements RFC 6962 §2.1 with the verification algorithms of RFC
//! 9162 §2.1.3.2 and §2.1.4.2.

use super::TlogError;
use crate::encoding::Hash;

/// The hash of a leaf: SHA-256 of `0x00 ‖ leaf`.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Hash::of_parts([&[0][..], leaf])
}

/// The hash of an inner node: SHA-256 of `0x01 ‖ left ‖ right`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut node = [1; 65];
    node[1..33].copy_from_slice(left.as_bytes());
    node[33..].copy_from_slice(right.as_bytes());
    Hash::of(&node)
}

/// The root over `leaves`, given as their data; of none, SHA-256 of nothing.
pub fn root(leaves: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Hash {
    let tree: Tree = leaves.into_iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
    tree.current_root()
}

/// Checks that the leaf of hash `leaf` is at `index` in the tree of `size` leaves and `root`.
///
/// # Errors
/// [`TlogError::Inclusion`] if `index` isn't below `size`, `proof` is too long or too short, or leads to another root.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> Result<(), TlogError> {
    let mut path = Path::new(index, size).ok_or(TlogError::Inclusion)?;
    let mut hash = *leaf;
    for sibling in proof {
        hash = match path.step().ok_or(TlogError::Inclusion)? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    if path.is_at_root() && hash == *root { Ok(()) } else { Err(TlogError::Inclusion) }
}

/// Checks that the tree of `new_size` leaves and `new_root` begins with the tree of `old_size` leaves and `old_root`.
///
/// Equal sizes, and an old size of 0, have the empty proof.
///
/// # Errors
/// [`TlogError::Consistency`] if the sizes decrease, `proof` is too long or too short, or leads to other roots.
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), TlogError> {
    let holds = if old_size == new_size {
        proof.is_empty() && old_root == new_root
    } else if old_size == 0 {
        proof.is_empty() && *old_root == empty_root()
    } else {
        roots_of(old_size, new_size, proof, old_root).is_some_and(|roots| roots == (*old_root, *new_root))
    };
    if holds { Ok(()) } else { Err(TlogError::Consistency) }
}

/// The old and the new root that a consistency proof of the right length leads to (0 < `old_size` < `new_size`).
fn roots_of(old_size: u64, new_size: u64, proof: &[Hash], old_root: &Hash) -> Option<(Hash, Hash)> {
    let mut path = Path::new(old_size.checked_sub(1)?, new_size)?;
    path.skip_complete();
    // An old tree that is one complete subtree is its own first node; the proof leaves it out.
    let (first, rest) = if old_size.is_power_of_two() { (old_root, proof) } else { proof.split_first()? };
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        match path.step()? {
            Side::Left => (old, new) = (node_hash(sibling, &old), node_hash(sibling, &new)),
            Side::Right => new = node_hash(&new, sibling),
        }
    }
    path.is_at_root().then_some((old, new))
}

/// The root of no leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Hash::of(&[])
}

/// On which side of the path a sibling of a proof stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: `fn` and `sn` of RFC 9162.
struct Path {
    node: u64,
    last: u64,
}

impl Path {
    fn new(index: u64, size: u64) -> Option<Self> {
        (index < size).then(|| Self { node: index, last: size - 1 })
    }

    /// Skips the levels at which the node is a right child (RFC 9162 §2.1.4.2, step 4).
    fn skip_complete(&mut self) {
        let levels = self.node.trailing_ones();
        self.node >>= levels;
        self.last >>= levels;
    }

    /// Goes up by one sibling; none is left at the root.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // The last node of a level without sibling rises as it is.
            while self.node & 1 == 0 && self.node != 0 {
                self.node >>= 1;
                self.last >>= 1;
            }
            Side::Left
        } else {
            Side::Right
        };
        self.node >>= 1;
        self.last >>= 1;
        Some(side)
    }

    const fn is_at_root(&self) -> bool {
        self.last == 0
    }
}

/// An append-only tree in memory that answers for each size that it ever had.
///
/// It keeps the hash of every complete subtree (about 64 bytes a leaf), so a root or a proof costs O(log size) hashes.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// `levels[k][i]` covers the leaves from `i · 2ᵏ` to before `(i + 1) · 2ᵏ`.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// A tree without leaves.
    pub const fn new() -> Self {
        Self { levels: Vec::new() }
    }

    /// Appends the leaf of hash `leaf`; amortised, one node is hashed.
    pub fn push(&mut self, leaf: Hash) {
        let mut rising = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(rising);
            let [.., left, right] = nodes.as_slice() else { return };
            if nodes.len() % 2 == 1 {
                return;
            }
            rising = node_hash(left, right);
        }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The hash of the complete subtree `index` of height `level`: leaves at height 0.
    pub fn subtree(&self, level: u32, index: u64) -> Option<Hash> {
        let nodes = self.levels.get(usize::try_from(level).ok()?)?;
        nodes.get(usize::try_from(index).ok()?).copied()
    }

    /// The root over all leaves.
    pub fn current_root(&self) -> Hash {
        self.root(self.size()).unwrap_or_else(empty_root)
    }

    /// The root over the first `size` leaves; `None` if there are fewer.
    pub fn root(&self, size: u64) -> Option<Hash> {
        if size == 0 { Some(empty_root()) } else { self.range(0, size) }
    }

    /// The proof that leaf `index` is in the tree of `size` leaves; `None` unless `index` < `size` ≤ [`Self::size`].
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        if index >= size || size > self.size() {
            return None;
        }
        let (mut start, mut end) = (0, size);
        let mut proof = Vec::new();
        while end - start > 1 {
            let split = start + left_of(end - start);
            if index < split {
                proof.push(self.range(split, end)?);
                end = split;
            } else {
                proof.push(self.range(start, split)?);
                start = split;
            }
        }
        proof.reverse();
        Some(proof)
    }

    /// The proof that the tree of `new_size` leaves begins with that of `old_size`; `None` unless `old_size` ≤
    /// `new_size` ≤ [`Self::size`]. Empty from 0, and between equal sizes.
    pub fn consistency_proof(&self, old_size: u64, new_size: u64) -> Option<Vec<Hash>> {
        if old_size > new_size || new_size > self.size() {
            return None;
        }
        if old_size == 0 || old_size == new_size {
            return Some(Vec::new());
        }
        let (mut start, mut end) = (0, new_size);
        let mut proof = Vec::new();
        while end != old_size {
            let split = start + left_of(end - start);
            if old_size <= split {
                proof.push(self.range(split, end)?);
                end = split;
            } else {
                proof.push(self.range(start, split)?);
                start = split;
            }
        }
        // What is left is a subtree of both; the verifier has it already if it is the whole old tree.
        if start > 0 {
            proof.push(self.range(start, end)?);
        }
        proof.reverse();
        Some(proof)
    }

    /// The hash over the leaves from `start` to before `end`, where RFC 6962 has such a node and the leaves are there.
    fn range(&self, start: u64, end: u64) -> Option<Hash> {
        let width = end - start;
        if width.is_power_of_two() {
            return self.subtree(width.trailing_zeros(), start / width);
        }
        let split = start + left_of(width);
        Some(node_hash(&self.range(start, split)?, &self.range(split, end)?))
    }
}

impl FromIterator<Hash> for Tree {
    fn from_iter<T: IntoIterator<Item = Hash>>(leaves: T) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

impl Extend<Hash> for Tree {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

/// The leaves of the left child of a node of `width` ≥ 2 leaves: the largest power of two below it.
const fn left_of(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

#[cfg(test)]
mod tests;
