//! The transparency log: tree, notes, checkpoints, cosignatures, tiles, proofs, and when a view of it is witnessed.
//!
//! Pure formats and checks after the C2SP texts signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof and
//! tlog-witness, as `docs/formats.md` §8 uses them. What a leaf says stands in `entry`; who appends, publishes and
//! cosigns are registry and agent.

pub mod merkle;

/// Why something of the log isn't as its text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlogError {
    /// The leaf isn't shown to be in the tree.
    #[error("the inclusion proof does not lead to the root")]
    Inclusion,
    /// The larger tree isn't shown to begin with the smaller.
    #[error("the consistency proof does not lead to the roots")]
    Consistency,
}

#[cfg(test)]
pub(crate) mod vectors;
