//! Why the thresholds of a roster don't hold together. They are [`crate::roster`]'s; a document tells it too.

use crate::{statement::Kind, zh_en};

/// Why a roster's rules don't hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    /// A rule for a kind of nothing.
    #[error("{}", zh_en!("规则中有不存在的类型", "a rule for a kind that there isn't"))]
    Key,
    /// A kind has no rule.
    #[error("{}", zh_en!(("没有{}的签署规则", _0.words().zh), ("no rule for {_0}")))]
    NoRule(Kind),
    /// A rule asks no signature.
    #[error("{}", zh_en!(("{}的签署规则没有要求任何签名", _0.words().zh), ("a rule for {_0} asks no signature")))]
    AsksNobody(Kind),
    /// A rule asks more than its seats.
    #[error("{}", zh_en!(("{}的签署规则要求的人数多于实有人数", _0.words().zh),
        ("a rule for {_0} asks more seats than there are")))]
    OutOfReach(Kind),
    /// A rule for what could undo or rewrite rulings asks less than a ruling.
    #[error("{}", zh_en!(("{}的签署规则在某一角色上低于决定或临时措施的要求", _0.words().zh),
        ("a rule for {_0} asks less in some role than one for a ruling or interim")))]
    TooWeak(Kind),
    /// The loss of one seat would put the next roster out of reach.
    #[error("{}", zh_en!("少一人即无法签署下一版签署权限名单",
        "the loss of one seat would put the next roster out of reach"))]
    TooTight,
    /// The quorum is neither 0 nor more than half of the witnesses.
    #[error("{}", zh_en!("会员见证的最少家数应为0，或者过半数",
        "the witnesses' quorum is neither 0 nor more than half of them"))]
    Quorum,
}
