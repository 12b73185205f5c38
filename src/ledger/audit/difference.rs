//! What an audit finds to differ, each in words for whoever must ask about it. Where it is found is [`super`]'s.

use callboard_federation::{
    disclosure::DisclosureError, encoding::Hash, replay::Fault, statement::EpochTag, tlog::TlogError,
};

/// Where something differs from what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Difference {
    /// A fault of tree, time or disclosure.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What is disclosed of an entry is no line.
    #[error("entry {index}: {source}")]
    Line {
        /// The entry.
        index: u64,
        /// Why not.
        source: DisclosureError,
    },
    /// The log doesn't begin with the roster that is pinned: nothing in it counts, and no standing says anything.
    #[error("the log does not begin with the pinned roster")]
    Genesis,
    /// The checkpoint isn't the log's.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] TlogError),
    /// The checkpoint is of another size than what was disclosed.
    #[error("the checkpoint is of size {stated}, disclosed are {disclosed} entries")]
    Size {
        /// What the checkpoint says.
        stated: u64,
        /// How many entries were disclosed.
        disclosed: u64,
    },
    /// The checkpoint's root isn't that of the leaves.
    #[error("the checkpoint's root is {stated}, the leaves give {derived}")]
    Root {
        /// What the checkpoint says.
        stated: Hash,
        /// What the leaves give.
        derived: Hash,
    },
    /// A tile isn't that of the leaves.
    #[error("{path} is not that of the leaves")]
    Tile {
        /// The tile.
        path: String,
    },
    /// The members' anchors that are shown of an entry aren't those that it logs, or not each a member's own, one a day.
    #[error("the anchors of entry {index} are not those that members signed and the leaf logs")]
    Anchors {
        /// The entry.
        index: u64,
    },
    /// The members' anchors of an entry aren't shown at all: a restored log may lack them until their members show them.
    #[error("the anchors of entry {index} are not shown: the members that signed them have them")]
    AnchorsMissing {
        /// The entry.
        index: u64,
    },
    /// What the store keeps of a docket beside its bytes isn't what the bytes say.
    #[error("the store's rows of entry {index} are not what its docket says")]
    Rows {
        /// The entry.
        index: u64,
    },
    /// The tags of a person have no standing.
    #[error("tag {epoch}/{tag} has no standing: a policy is not at hand", epoch = .0.epoch, tag = .0.tag)]
    NoStanding(EpochTag),
}
