//! What an audit finds to differ, each in words for whoever must ask about it. Where it is found is [`super`]'s.

use callboard_federation::{
    disclosure::DisclosureError, encoding::Hash, replay::LineError, statement::EpochTag, tlog::TlogError, zh_en,
};

#[derive(Debug, thiserror::Error)]
pub enum Difference {
    /// A fault of tree, time or disclosure.
    #[error(transparent)]
    Fault(#[from] LineError),
    /// What is disclosed of an entry is no line.
    #[error("{}", zh_en!("第{index}条：{source}", "entry {index}: {source}"))]
    Line { index: u64, source: DisclosureError },
    /// The log doesn't begin with the roster that is pinned: nothing in it counts, and no standing says anything.
    #[error("{}", zh_en!("登记册不是以所信任的签署权限名单开始的", "the log does not begin with the pinned roster"))]
    Genesis,
    /// The checkpoint isn't the log's.
    #[error("{}", zh_en!("检查点：{_0}", "the checkpoint: {_0}"))]
    Checkpoint(#[from] TlogError),
    #[error("{}", zh_en!("检查点的大小为{stated}，披露了{disclosed}条",
        "the checkpoint is of size {stated}, disclosed are {disclosed} entries"))]
    Size { stated: u64, disclosed: u64 },
    #[error("{}", zh_en!("检查点的根值为 {stated}，由叶节点得出 {derived}",
        "the checkpoint's root is {stated}, the leaves give {derived}"))]
    Root { stated: Hash, derived: Hash },
    #[error("{}", zh_en!("{path} 与叶节点不符", "{path} is not that of the leaves"))]
    Tile { path: String },
    /// The anchors that are shown of an entry aren't those that it logs, or not each a member's own, one a day.
    #[error("{}", zh_en!("第{index}条的存证不是会员单位所签、叶节点所载的",
        "the anchors of entry {index} are not those that members signed and the leaf logs"))]
    Anchors { index: u64 },
    /// The anchors of an entry aren't shown at all: a restored log may lack them until their members show them.
    #[error("{}", zh_en!("第{index}条的存证没有披露：签署它们的会员单位存有",
        "the anchors of entry {index} are not shown: the members that signed them have them"))]
    AnchorsMissing { index: u64 },
    /// What the store keeps of a docket beside its bytes isn't what the bytes say.
    #[error("{}", zh_en!("存储中第{index}条的各行与其文书不符",
        "the store's rows of entry {index} are not what its docket says"))]
    Rows { index: u64 },
    #[error("{}", zh_en!("身份代码 {epoch}/{tag} 的状态无法得出：缺少规则",
        "tag {epoch}/{tag} has no standing: a policy is not at hand", epoch = _0.epoch, tag = _0.tag))]
    NoStanding(EpochTag),
}
