//! A proof that travels: where an entry stands in the log, up to a root that log and witnesses signed.
//!
//! Which record and which rosters such a proof belongs to is the proof file's. Implements C2SP tlog-proof.

use std::{fmt, str::FromStr};

use crate::encoding::{Base64, Hash};

use super::{
    TlogError, base64_of_hash,
    checkpoint::{Checkpoint, SignedCheckpoint},
    decimal, hash_of_base64,
    merkle::{Tree, verify_inclusion},
};

/// The first line of a proof.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes that lead from a leaf to a root: no tree has 2⁵³ leaves.
const MAX_HASHES: usize = 53;

/// The lines of a proof before its empty line, each with its newline: what stands in the `roots` of a proof file, where
/// one checkpoint serves for all (`docs/formats.md` §8). In JSON it stands as their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Bytes of whoever made the proof, which nothing authenticates. We write none.
    pub extra: Option<Base64>,
    /// The entry's index.
    pub index: u64,
    /// The hashes from the leaf's sibling up to the root's child.
    pub hashes: Vec<Hash>,
}

impl Inclusion {
    /// The proof of entry `index` in the tree of `size` leaves; `None` unless `index` < `size` ≤ the tree's.
    pub fn of(tree: &Tree, index: u64, size: u64) -> Option<Self> {
        Some(Self { extra: None, index, hashes: tree.inclusion_proof(index, size)? })
    }

    /// Checks that the leaf of hash `leaf` is where this says, in the tree of `checkpoint`.
    ///
    /// # Errors
    /// [`TlogError::Inclusion`] if it isn't shown to be.
    pub fn verify(&self, leaf: &Hash, checkpoint: &Checkpoint) -> Result<(), TlogError> {
        verify_inclusion(self.index, checkpoint.size, leaf, &self.hashes, &checkpoint.root)
    }
}

impl fmt::Display for Inclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {extra}")?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", base64_of_hash(hash)))
    }
}

impl FromStr for Inclusion {
    type Err = TlogError;

    fn from_str(text: &str) -> Result<Self, TlogError> {
        let read = || {
            let mut lines = text.strip_suffix('\n')?.split('\n').peekable();
            lines.next().filter(|line| *line == HEADER)?;
            let extra = match lines.next_if(|line| line.starts_with("extra ")) {
                Some(line) => Some(line.strip_prefix("extra ")?.parse().ok()?),
                None => None,
            };
            let index = decimal(lines.next()?.strip_prefix("index ")?)?;
            let hashes: Vec<Hash> = lines.map(hash_of_base64).take(MAX_HASHES + 1).collect::<Option<_>>()?;
            (hashes.len() <= MAX_HASHES).then_some(Self { extra, index, hashes })
        };
        read().ok_or(TlogError::Proof)
    }
}

/// A whole proof: the lines, an empty line, the checkpoint with its cosignatures. In JSON it stands as its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Where the entry stands.
    pub inclusion: Inclusion,
    /// In which tree.
    pub checkpoint: SignedCheckpoint,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.inclusion, self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = TlogError;

    fn from_str(text: &str) -> Result<Self, TlogError> {
        let split = text.find("\n\n").ok_or(TlogError::Proof)? + 1;
        Ok(Self { inclusion: text[..split].parse()?, checkpoint: text[split + 1..].parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        merkle::leaf_hash,
        vectors::{entries, hash},
    };

    #[test]
    fn the_proofs_of_the_sample_print_and_verify() {
        let log = entries();
        let tree: Tree = log["entries"].as_array().unwrap().iter().map(|entry| hash(&entry["leafHash"])).collect();
        let (mut whole, mut lines) = (0, 0);
        for case in log["proofFiles"].as_array().unwrap() {
            let file: serde_json::Value = serde_json::from_str(case["file"].as_str().unwrap()).unwrap();
            let text = file["proof"].as_str().unwrap();
            let proof: Proof = text.parse().unwrap();
            assert_eq!(proof.to_string(), text);
            let checkpoint = proof.checkpoint.checkpoint();
            assert_eq!(Some(&proof.inclusion), Inclusion::of(&tree, proof.inclusion.index, checkpoint.size).as_ref());
            let leaf = tree.subtree(0, proof.inclusion.index).unwrap();
            assert_eq!(proof.inclusion.verify(&leaf, checkpoint), Ok(()));
            assert_eq!(proof.inclusion.verify(&leaf_hash(b"other"), checkpoint), Err(TlogError::Inclusion));
            whole += 1;
            for root in file["roots"].as_array().unwrap() {
                let text = root["proof"].as_str().unwrap();
                let inclusion: Inclusion = text.parse().unwrap();
                assert_eq!(inclusion.to_string(), text);
                let leaf = tree.subtree(0, inclusion.index).unwrap();
                assert_eq!(inclusion.verify(&leaf, checkpoint), Ok(()));
                lines += 1;
            }
        }
        assert_eq!((whole, lines), (6, 14));
    }

    #[test]
    fn lines_of_another_form_are_no_proof() {
        let hash = "skWcTAZnV8eSZyPEicF+DNLVxbns5Q9862ClZA9o6V4=\n";
        let extra: Inclusion = format!("{HEADER}\nextra AAE=\nindex 0\n{hash}").parse().unwrap();
        assert_eq!(extra.extra, Some(Base64(vec![0, 1])));
        assert!(format!("{HEADER}\nindex 0\n{}", hash.repeat(MAX_HASHES)).parse::<Inclusion>().is_ok());
        for wrong in [
            format!("c2sp.org/tlog-proof@v2\nindex 0\n{hash}"),
            format!("{HEADER}\nindex 00\n{hash}"),
            format!("{HEADER}\n{hash}"),
            format!("{HEADER}\nindex 0\nextra AAE=\n{hash}"),
            format!("{HEADER}\nextra \u{20}AAE=\nindex 0\n"),
            format!("{HEADER}\nindex 0\n{hash}\n"),
            format!("{HEADER}\nindex 0\n{}", hash.trim_end()),
            format!("{HEADER}\nindex 0\n{}", hash.repeat(MAX_HASHES + 1)),
        ] {
            assert_eq!(wrong.parse::<Inclusion>(), Err(TlogError::Proof), "{wrong:?}");
        }
        assert_eq!(format!("{HEADER}\nindex 0\n{hash}").parse::<Proof>(), Err(TlogError::Proof), "no checkpoint");
    }
}
