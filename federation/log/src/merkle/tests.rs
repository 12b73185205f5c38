use proptest::prelude::*;

use super::*;
use crate::vectors::{entries, hash, hashes};

fn tree_of(size: u64) -> Tree {
    (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// RFC 6962 §2.1 as it is written there, over leaf hashes.
fn root_by_the_book(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root_by_the_book(left), &root_by_the_book(right))
        }
    }
}

#[test]
fn the_sample_log_has_these_hashes_and_proofs() {
    let log = entries();
    let mut tree = Tree::new();
    for entry in log["entries"].as_array().unwrap() {
        let leaf = leaf_hash(entry["entry"].as_str().unwrap().as_bytes());
        assert_eq!(leaf, hash(&entry["leafHash"]));
        tree.push(leaf);
    }
    for (size, root) in log["roots"].as_object().unwrap() {
        assert_eq!(tree.root(size.parse().unwrap()), Some(hash(root)), "size {size}");
    }
    let root = tree.current_root();
    for entry in log["entries"].as_array().unwrap() {
        let (index, proof) = (entry["index"].as_u64().unwrap(), hashes(&entry["inclusion"]));
        assert_eq!(tree.inclusion_proof(index, 7).unwrap(), proof, "index {index}");
        verify_inclusion(index, 7, &tree.subtree(0, index).unwrap(), &proof, &root).unwrap();
    }
    for case in log["consistency"].as_array().unwrap() {
        let (old, new) = (case["from"].as_u64().unwrap(), case["to"].as_u64().unwrap());
        let proof = hashes(&case["proof"]);
        assert_eq!(tree.consistency_proof(old, new).unwrap(), proof, "from {old} to {new}");
        verify_consistency(old, new, &proof, &tree.root(old).unwrap(), &tree.root(new).unwrap()).unwrap();
    }
}

#[test]
fn every_past_size_has_the_root_of_the_book() {
    let tree = tree_of(70);
    for size in 0..=70 {
        let leaves: Vec<Hash> = (0..size).map(|n| tree.subtree(0, n).unwrap()).collect();
        assert_eq!(tree.root(size), Some(root_by_the_book(&leaves)), "size {size}");
    }
    assert_eq!(tree.root(71), None);
    assert_eq!(root(["a", "b", "c"]), root_by_the_book(&["a", "b", "c"].map(|leaf| leaf_hash(leaf.as_bytes()))));
}

#[test]
fn a_tree_proves_nothing_beyond_its_size() {
    let tree = tree_of(5);
    assert_eq!(tree.inclusion_proof(5, 5), None);
    assert_eq!(tree.inclusion_proof(0, 6), None);
    assert_eq!(tree.inclusion_proof(0, 0), None);
    assert_eq!(tree.consistency_proof(3, 6), None);
    assert_eq!(tree.consistency_proof(4, 3), None);
}

#[test]
fn nothing_is_consistent_with_another_beginning() {
    let tree = tree_of(3);
    let (empty, root) = (tree.root(0).unwrap(), tree.current_root());
    verify_consistency(0, 3, &[], &empty, &root).unwrap();
    verify_consistency(0, 0, &[], &empty, &empty).unwrap();
    assert!(verify_consistency(0, 3, &[], &root, &root).is_err(), "another empty tree");
    assert!(verify_consistency(0, 3, &[root], &empty, &root).is_err(), "a proof where none belongs");
    assert!(verify_consistency(3, 3, &[], &empty, &root).is_err(), "two roots of one size");
    assert!(verify_consistency(3, 3, &[root], &root, &root).is_err(), "a proof where none belongs");
    assert!(verify_consistency(3, 2, &[], &root, &tree.root(2).unwrap()).is_err(), "a log that shrinks");
}

/// `hash` with one bit changed.
fn flipped(hash: Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

proptest! {
    #[test]
    fn every_inclusion_proof_verifies_and_none_with_a_changed_bit(
        (size, index) in (1_u64..200).prop_flat_map(|size| (Just(size), 0..size)),
        bit in 0_usize..256,
        at in any::<prop::sample::Index>(),
        grown in 0_u64..20,
    ) {
        let tree = tree_of(size + grown);
        let (leaf, root) = (tree.subtree(0, index).unwrap(), tree.root(size).unwrap());
        let proof = tree.inclusion_proof(index, size).unwrap();
        prop_assert!(verify_inclusion(index, size, &leaf, &proof, &root).is_ok());
        prop_assert!(verify_inclusion(index, size, &flipped(leaf, bit), &proof, &root).is_err());
        prop_assert!(verify_inclusion(index, size, &leaf, &proof, &flipped(root, bit)).is_err());
        prop_assert!(verify_inclusion(index ^ 1, size, &leaf, &proof, &root).is_err());
        prop_assert!(verify_inclusion(size, size, &leaf, &proof, &root).is_err());
        prop_assert!(verify_inclusion(index, size, &leaf, &[&proof[..], &[root]].concat(), &root).is_err());
        if !proof.is_empty() {
            let at = at.index(proof.len());
            let mut wrong = proof.clone();
            wrong[at] = flipped(wrong[at], bit);
            prop_assert!(verify_inclusion(index, size, &leaf, &wrong, &root).is_err());
            prop_assert!(verify_inclusion(index, size, &leaf, &proof[..proof.len() - 1], &root).is_err());
        }
    }

    #[test]
    fn every_consistency_proof_verifies_and_none_with_a_changed_bit(
        (new, old) in (1_u64..200).prop_flat_map(|new| (Just(new), 0..=new)),
        bit in 0_usize..256,
        at in any::<prop::sample::Index>(),
        grown in 0_u64..20,
    ) {
        let tree = tree_of(new + grown);
        let (old_root, new_root) = (tree.root(old).unwrap(), tree.root(new).unwrap());
        let proof = tree.consistency_proof(old, new).unwrap();
        prop_assert!(verify_consistency(old, new, &proof, &old_root, &new_root).is_ok());
        prop_assert!(verify_consistency(old, new, &proof, &flipped(old_root, bit), &new_root).is_err());
        // The empty tree is the beginning of every tree, whatever its root.
        prop_assert_eq!(verify_consistency(old, new, &proof, &old_root, &flipped(new_root, bit)).is_ok(), old == 0);
        prop_assert!(verify_consistency(old, new, &[&proof[..], &[new_root]].concat(), &old_root, &new_root).is_err());
        if !proof.is_empty() {
            let at = at.index(proof.len());
            let mut wrong = proof.clone();
            wrong[at] = flipped(wrong[at], bit);
            prop_assert!(verify_consistency(old, new, &wrong, &old_root, &new_root).is_err());
            prop_assert!(verify_consistency(old, new, &proof[..proof.len() - 1], &old_root, &new_root).is_err());
        }
    }
}
