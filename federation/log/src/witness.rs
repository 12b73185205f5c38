//! What a log asks of a witness, and what a witness answers.
//!
//! Pure: the HTTP is registry's and witness's own, and so is the record of what was cosigned last, which a witness must
//! read and write in one step. When an agent cosigns besides is in [`super::view`]. Implements `add-checkpoint` of C2SP
//! tlog-witness.

use std::{fmt, str::FromStr};

use callboard_language::zh_en;

use crate::encoding::Hash;

use super::{
    TlogError, base64_of_hash, checkpoint::SignedCheckpoint, decimal, hash_of_base64, merkle::verify_consistency,
    vkey::VerifierKey,
};

/// The media type of the body that answers [`CosignError::Conflict`].
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// The most lines of consistency proof in a request.
const MAX_HASHES: usize = 63;

/// The body of `add-checkpoint`: `old N`, the proof's hashes, an empty line, the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness cosigned last, as far as the log knows.
    pub old_size: u64,
    /// The proof from there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// Why a witness doesn't cosign a checkpoint, with the status that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CosignError {
    /// 400: not a request, or the old size is beyond the checkpoint's.
    #[error("{}", zh_en!("不是会签请求，或者旧的大小超过检查点",
        "not a request, or an old size beyond the checkpoint's"))]
    Malformed,
    /// 403: a line by a known key of the log doesn't verify, or there is none.
    #[error("{}", zh_en!("检查点没有登记册的签名", "the checkpoint is not signed by the log"))]
    Unsigned,
    /// 404: the witness doesn't know the origin.
    #[error("{}", zh_en!("不认识该登记册", "the origin is not known"))]
    UnknownOrigin,
    /// 409: the old size isn't the one that was cosigned last; the answer's body is that size and a newline.
    #[error("{}", zh_en!("最近一次会签的大小为 {size}", "the size cosigned last is {size}"))]
    Conflict {
        /// The size cosigned last.
        size: u64,
    },
    /// 422: the checkpoint isn't shown to extend what was cosigned.
    #[error("{}", zh_en!("一致性证明不成立", "the consistency proof does not verify"))]
    Inconsistent,
}

impl CosignError {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unsigned => 403,
            Self::UnknownOrigin => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent => 422,
        }
    }

    /// The refusal of an answer's status and body; `None` for a status that isn't one, or a conflict that tells no
    /// size.
    pub fn of_answer(status: u16, body: &str) -> Option<Self> {
        match status {
            400 => Some(Self::Malformed),
            403 => Some(Self::Unsigned),
            404 => Some(Self::UnknownOrigin),
            409 => body.strip_suffix('\n').and_then(decimal).map(|size| Self::Conflict { size }),
            422 => Some(Self::Inconsistent),
            _ => None,
        }
    }
}

impl AddCheckpoint {
    /// Whether a witness may cosign: `log` are the keys that it takes, all of one name, `last` what it cosigned last
    /// (size 0 and [`super::merkle::empty_root`], if nothing).
    ///
    /// # Errors
    /// The [`CosignError`] to answer.
    pub fn judge(&self, log: &[VerifierKey], last: (u64, &Hash)) -> Result<(), CosignError> {
        let stated = self.checkpoint.checkpoint();
        if !log.iter().any(|key| *key.name() == stated.origin) {
            return Err(CosignError::UnknownOrigin);
        }
        let checkpoint = self.checkpoint.verify(log).map_err(|_| CosignError::Unsigned)?;
        let (size, root) = last;
        if self.old_size > checkpoint.size {
            return Err(CosignError::Malformed);
        }
        if self.old_size != size {
            return Err(CosignError::Conflict { size });
        }
        verify_consistency(size, checkpoint.size, &self.proof, root, &checkpoint.root)
            .map_err(|_| CosignError::Inconsistent)
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", base64_of_hash(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for AddCheckpoint {
    type Err = TlogError;

    fn from_str(text: &str) -> Result<Self, TlogError> {
        let (lines, checkpoint) = text.split_once("\n\n").ok_or(TlogError::Request)?;
        let mut lines = lines.split('\n');
        let old_size = lines.next().and_then(|line| decimal(line.strip_prefix("old ")?)).ok_or(TlogError::Request)?;
        let proof: Vec<Hash> =
            lines.take(MAX_HASHES + 1).map(hash_of_base64).collect::<Option<_>>().ok_or(TlogError::Request)?;
        if proof.len() > MAX_HASHES {
            return Err(TlogError::Request);
        }
        Ok(Self { old_size, proof, checkpoint: checkpoint.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checkpoint::Checkpoint,
        merkle::Tree,
        vectors::{entries, hash, log_key},
    };

    fn sample_tree() -> Tree {
        entries()["entries"].as_array().unwrap().iter().map(|entry| hash(&entry["leafHash"])).collect()
    }

    fn request(old_size: u64, new_size: u64) -> AddCheckpoint {
        let (tree, origin) = (sample_tree(), "callboard.example".parse().unwrap());
        let checkpoint = Checkpoint { origin, size: new_size, root: tree.root(new_size).unwrap() };
        let proof = tree.consistency_proof(old_size, new_size).unwrap();
        AddCheckpoint { old_size, proof, checkpoint: checkpoint.sign(&log_key()) }
    }

    #[test]
    fn a_request_prints_as_it_was_read() {
        for (old, new) in [(0, 7), (3, 7), (7, 7)] {
            let request = request(old, new);
            assert_eq!(request.to_string().parse(), Ok(request));
        }
        let text = request(3, 7).to_string();
        let hash = text.lines().nth(1).unwrap();
        for wrong in [
            text.replace("old 3", "old 03"),
            text.replace("old 3", "old  3"),
            text.replace("old 3\n", ""),
            text.replacen('\n', "\n\n", 1).replacen("old 3", "old", 1),
            text.replacen("old 3\n", &format!("old 3\n{}", format!("{hash}\n").repeat(60)), 1),
        ] {
            assert_eq!(wrong.parse::<AddCheckpoint>(), Err(TlogError::Request), "{wrong}");
        }
    }

    #[test]
    fn a_witness_cosigns_what_extends_the_last_it_cosigned_and_nothing_else() {
        let key: VerifierKey = entries()["logVkey"].as_str().unwrap().parse().unwrap();
        let tree = sample_tree();
        let roots: Vec<Hash> = (0..=7).map(|size| tree.root(size).unwrap()).collect();
        let log = std::slice::from_ref(&key);
        assert_eq!(request(0, 7).judge(log, (0, &roots[0])), Ok(()));
        assert_eq!(request(3, 7).judge(log, (3, &roots[3])), Ok(()));
        assert_eq!(request(7, 7).judge(log, (7, &roots[7])), Ok(()));
        assert_eq!(request(3, 7).judge(log, (4, &roots[4])), Err(CosignError::Conflict { size: 4 }));
        assert_eq!(request(3, 7).judge(log, (3, &roots[4])), Err(CosignError::Inconsistent));
        assert_eq!(request(7, 7).judge(log, (7, &roots[4])), Err(CosignError::Inconsistent));
        assert_eq!(
            AddCheckpoint { old_size: 8, ..request(7, 7) }.judge(log, (8, &roots[7])),
            Err(CosignError::Malformed)
        );
        assert_eq!(
            AddCheckpoint { proof: vec![], ..request(3, 7) }.judge(log, (3, &roots[3])),
            Err(CosignError::Inconsistent)
        );
        assert_eq!(request(3, 7).judge(&[], (3, &roots[3])), Err(CosignError::UnknownOrigin));
        assert_eq!(request(3, 7).judge(&[key.as_cosigner()], (3, &roots[3])), Err(CosignError::Unsigned));
    }

    #[test]
    fn a_refusal_is_read_from_its_answer() {
        for refusal in
            [CosignError::Malformed, CosignError::Unsigned, CosignError::UnknownOrigin, CosignError::Inconsistent]
        {
            assert_eq!(CosignError::of_answer(refusal.status(), ""), Some(refusal));
        }
        assert_eq!(CosignError::of_answer(409, "7\n"), Some(CosignError::Conflict { size: 7 }));
        assert_eq!(CosignError::of_answer(409, "seven\n"), None);
        assert_eq!(CosignError::of_answer(200, ""), None);
    }
}
