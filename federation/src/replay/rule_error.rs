//! Why a docket doesn't count: one variant a rule, each with a stable code.
//!
//! What whoever is refused can do stands by the rule's word in [`crate::problems::RULES`].

use super::LineErrorKind;
use crate::{
    docket::DocketError,
    dsse::EnvelopeError,
    encoding::{Hash, RecordId},
    roster::{Role, SuccessionError},
    statement::{Kind, StatementError},
    tag::Epoch,
    zh_en,
};

/// The rule of formats §5 that a docket breaks.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The payload is no docket.
    #[error("{}", zh_en!("文书格式有误：{_0}", "the docket is malformed: {_0}"))]
    Docket(#[from] DocketError),
    /// The publication is no publication.
    #[error("{}", zh_en!("公布内容格式有误：{_0}", "the publication is malformed: {_0}"))]
    Publication(#[source] DocketError),
    /// A statement is malformed.
    #[error("{}", zh_en!("记录 {record} 的内容格式有误：{source}", "the statement of {record} is malformed: {source}"))]
    Statement {
        /// The record.
        record: RecordId,
        /// What is wrong with it.
        source: StatementError,
    },
    /// What was handed in isn't what was signed.
    #[error("{}", zh_en!("提交的内容与所签内容不符：{_0}", "what was handed in is not what was signed: {_0}"))]
    NotBorneOut(#[source] LineErrorKind),
    /// Item and statement differ in record, kind or `of`.
    #[error("{}", zh_en!("第 {record} 项与其内容不符", "item {record} says otherwise than its statement"))]
    ItemMismatch {
        /// The record.
        record: RecordId,
    },
    /// The clock is behind the log's last entry.
    #[error("{}", zh_en!("时钟慢于登记册最后一条", "the clock is behind the log's last entry"))]
    Clock,
    /// The log has no roster yet, and this isn't one; or it isn't the one that is pinned.
    #[error("{}", zh_en!("登记册应以所信任的第1版签署权限名单开始",
        "the log begins with the pinned roster, version 1"))]
    Genesis,
    /// The issuer isn't the log's.
    #[error("{}", zh_en!("文书属于另一登记册", "the docket is of another registry"))]
    Issuer,
    /// The docket doesn't name the roster in force.
    #[error("{}", zh_en!("文书依据第{got}版签署权限名单，现行为第{in_force}版",
        "the docket names roster {got}, in force is {in_force}"))]
    Roster {
        /// The version in force.
        in_force: u64,
        /// The version that the docket names.
        got: u64,
    },
    /// The roster in force has expired.
    #[error("{}", zh_en!("现行签署权限名单已过期", "the roster in force has expired"))]
    RosterExpired,
    /// A roster that expires before it is issued.
    #[error("{}", zh_en!("签署权限名单在签发前已经到期", "the roster expires before it is issued"))]
    RosterBornExpired,
    /// The roster can't follow the one in force.
    #[error(transparent)]
    Succession(#[from] SuccessionError),
    /// A signature isn't by another seat of the roster, or doesn't verify.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Too few signatures of a role.
    #[error("{}", zh_en!(("须有{asked}名{}签署，实有{got}名", role.words().zh),
        ("{asked} of role {role} must sign, {got} did")))]
    Threshold {
        /// The role.
        role: Role,
        /// How many are asked.
        asked: u64,
        /// How many signed.
        got: u64,
    },
    /// Issued more than 14 days ago.
    #[error("{}", zh_en!("起草已超过14天：请将同样内容重新起草并签署",
        "issued more than 14 days ago: put the same statements into a new docket and sign it again"))]
    TooOld,
    /// Issued more than 5 minutes ahead.
    #[error("{}", zh_en!("起草时间比登记册的时钟快五分钟以上",
        "issued more than five minutes ahead of the log's clock"))]
    FromTheFuture,
    /// An interim takes effect more than 24 hours after it was issued.
    #[error("{}", zh_en!("临时措施 {_0} 的生效时间晚于起草后24小时",
        "interim {_0} takes effect more than 24 hours after it was issued"))]
    InterimLate(RecordId),
    /// The payload was logged before.
    #[error("{}", zh_en!("该文书已登记于第{index}条", "this docket was logged at index {index}"))]
    DocketRepeated {
        /// Where.
        index: u64,
    },
    /// A docket of this id was logged before.
    #[error("{}", zh_en!("同一编号的文书此前已登记", "a docket of this id was logged before"))]
    DocketIdRepeated,
    /// A record of this id was logged before.
    #[error("{}", zh_en!("记录 {_0} 此前已登记", "record {_0} was logged before"))]
    RecordRepeated(RecordId),
    /// The record that it is about was never logged.
    #[error("{}", zh_en!("{record} 针对的 {about} 不在登记册中", "{record} is about {about}, which is not in the log"))]
    AboutUnknown {
        /// The record.
        record: RecordId,
        /// What it is about.
        about: RecordId,
    },
    /// A statement of its kind can't be about that.
    #[error("{}", zh_en!(("{record} 不能针对 {about}（类型 {}）", kind.words().zh),
        ("{record} can't be about {about}, which is of kind {kind}")))]
    AboutKind {
        /// The record.
        record: RecordId,
        /// What it is about.
        about: RecordId,
        /// The kind of that.
        kind: Kind,
    },
    /// What it is about was annulled.
    #[error("{}", zh_en!("{record} 针对的 {about} 已被撤销", "{record} is about {about}, which was annulled"))]
    AboutAnnulled {
        /// The record.
        record: RecordId,
        /// What it is about.
        about: RecordId,
    },
    /// What it is about was erased.
    #[error("{}", zh_en!("{record} 针对的 {about} 已被删除", "{record} is about {about}, which was erased"))]
    AboutErased {
        /// The record.
        record: RecordId,
        /// What it is about.
        about: RecordId,
    },
    /// What it is about isn't all of one kind.
    #[error("{}", zh_en!("{_0} 针对的记录类型不一", "{_0} is about records of several kinds"))]
    AboutSeveralKinds(RecordId),
    /// What it is about isn't all of one person.
    #[error("{}", zh_en!("{_0} 针对的记录没有共同的身份代码", "{_0} is about records that share no tag"))]
    AboutStrangers(RecordId),
    /// The details aren't wrapped for the record's tags, in order.
    #[error("{}", zh_en!("{_0} 的密封内容未按顺序为每个身份代码封装",
        "the details of {_0} are not wrapped for each tag of the record in order"))]
    Wraps(RecordId),
    /// The tag's epoch isn't in the roster.
    #[error("{}", zh_en!("{record} 有第{epoch}期的身份代码，签署权限名单中没有这一期",
        "{record} has a tag of epoch {epoch}, which the roster lacks"))]
    EpochUnknown {
        /// The record.
        record: RecordId,
        /// The epoch.
        epoch: Epoch,
    },
    /// The tag's epoch is closed.
    #[error("{}", zh_en!("{record} 有第{epoch}期的身份代码，这一期已停用",
        "{record} has a tag of epoch {epoch}, which is closed"))]
    EpochClosed {
        /// The record.
        record: RecordId,
        /// The epoch.
        epoch: Epoch,
    },
    /// A tag is soft here and hard there.
    #[error("{}", zh_en!(("{record} 的一个身份代码与另一记录所载的可靠程度不同"),
        ("{record} has a tag as {} that another record holds otherwise", if *soft { "soft" } else { "hard" })))]
    TagSoftness {
        /// The record.
        record: RecordId,
        /// What it says of the tag.
        soft: bool,
    },
    /// The policy was never logged.
    #[error("{}", zh_en!("{record} 所依据的规则 {policy} 从未登记",
        "{record} is under policy {policy}, which was never logged"))]
    PolicyUnknown {
        /// The record.
        record: RecordId,
        /// The policy's SHA-256.
        policy: Hash,
    },
    /// The policy bears another instrument or version.
    #[error("{}", zh_en!("{_0} 的规则名称或版本不符", "the policy of {_0} bears another instrument or version"))]
    PolicyMismatch(RecordId),
    /// The policy isn't in effect yet.
    #[error("{}", zh_en!("{_0} 的规则尚未施行", "the policy of {_0} is not in effect yet"))]
    PolicyNotYet(RecordId),
    /// It has no case, and isn't a ruling that its policy lets be taken over.
    #[error("{}", zh_en!("{_0} 没有写明案件程序，而其规则不允许或不再允许这样导入历史决定",
        "{_0} names no event of a case, and its policy takes no such statement over, or no longer"))]
    ProcedureImport(RecordId),
    /// The policy doesn't have the measure.
    #[error("{}", zh_en!("{_0} 的规则没有这一措施", "the policy of {_0} has no such measure"))]
    PolicyMeasure(RecordId),
    /// The policy doesn't allow the scopes.
    #[error("{}", zh_en!("{_0} 的规则不允许这些适用服务", "the policy of {_0} does not allow these scopes"))]
    PolicyScope(RecordId),
    /// The policy asks an end, or forbids one.
    #[error("{}", zh_en!("{_0} 的规则对该措施要求写明期限，或者不允许写明",
        "the policy of {_0} asks an end of the measure, or forbids one"))]
    PolicyUntil(RecordId),
    /// The interim lasts longer than the policy lets it.
    #[error("{}", zh_en!("临时措施 {_0} 的期限超过规则规定", "interim {_0} lasts longer than its policy lets it"))]
    InterimTooLong(RecordId),
    /// An interim on the same person runs, or ended too short a time ago.
    #[error("{}", zh_en!("临时措施 {record} 距 {other} 过近", "interim {record} comes too soon after {other}"))]
    InterimAgain {
        /// The record.
        record: RecordId,
        /// The other interim.
        other: RecordId,
    },
    /// A policy of this instrument and version was logged before.
    #[error("{}", zh_en!("该规则的这一版本此前已登记", "a policy of this instrument and version was logged before"))]
    PolicyRepeated,
    /// The policy takes rulings over for longer than it may.
    #[error("{}", zh_en!("该规则允许导入历史决定的时间超过366天",
        "the policy takes rulings over for more than 366 days"))]
    ImportTooLong,
    /// The members' version isn't the last + 1.
    #[error("{}", zh_en!("会员单位名单应为第{expected}版，不是第{got}版", "members {expected} are next, not {got}"))]
    MembersVersion {
        /// The version that may follow.
        expected: u64,
        /// The version that it has.
        got: u64,
    },
    /// A key stands in roster and members.
    #[error("{}", zh_en!("签署权限名单与会员单位名单中有同一密钥",
        "a key stands in the roster and among the members' keys"))]
    KeyRepeated,
    /// An epoch would close while a measure has no tag of a live one.
    #[error("{}", zh_en!("停用一期身份代码密钥时，{_0} 还没有启用中的身份代码",
        "an epoch would close while {_0} has no tag of a live one"))]
    EpochInUse(RecordId),
    /// The erasure leaves a part of a chain.
    #[error("{}", zh_en!("删除决定书列了 {named}，却没有列与其相关的 {left}",
        "the erasure names {named} but not {left}, which belongs to it"))]
    HalfChain {
        /// What is named.
        named: RecordId,
        /// What is left out.
        left: RecordId,
    },
    /// A measure or a link of the chain has effect.
    #[error("{}", zh_en!("{_0} 仍然有效，或者即将生效", "{_0} still has effect, or will have"))]
    InEffect(RecordId),
    /// The erasure's list of dockets that don't count is wrong.
    #[error("{}", zh_en!("删除决定书所列不计入的文书与登记册不符",
        "the erasure's list of dockets that don't count is not the log's"))]
    ErasureUncounted,
    /// A later erasure says that this docket doesn't count; what showed it is erased.
    #[error("{}", zh_en!("其后的删除决定书载明该文书不计入", "a later erasure says that this docket does not count"))]
    ToldUncounted,
}

impl RuleError {
    /// A stable word for the rule, for problem types and reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Docket(DocketError::Mixed) => "docket-mixed",
            Self::Docket(_) => "docket-malformed",
            Self::Publication(_) => "publication-malformed",
            Self::Statement { .. } => "statement-malformed",
            Self::NotBorneOut(LineErrorKind::Commitment { .. }) => "commitment-mismatch",
            Self::NotBorneOut(LineErrorKind::Publication) => "publication-mismatch",
            Self::NotBorneOut(_) => "not-disclosed",
            Self::ItemMismatch { .. } => "item-mismatch",
            Self::Clock => "clock-behind",
            Self::Genesis => "genesis",
            Self::Issuer => "issuer",
            Self::Roster { .. } => "docket-roster",
            Self::RosterExpired => "roster-expired",
            Self::RosterBornExpired => "roster-born-expired",
            Self::Succession(SuccessionError::Version { .. }) => "roster-version",
            Self::Succession(SuccessionError::Issuer) => "roster-issuer",
            Self::Succession(SuccessionError::EpochAltered(_)) => "epoch-altered",
            Self::Succession(SuccessionError::EpochReopened(_)) => "epoch-reopened",
            Self::Envelope(EnvelopeError::PayloadType) => "payload-type",
            Self::Envelope(EnvelopeError::Unsigned) => "docket-unsigned",
            Self::Envelope(EnvelopeError::KeyRepeated(_)) => "signature-key-repeated",
            Self::Envelope(EnvelopeError::KeyUnknown(_)) => "signature-key-unknown",
            Self::Envelope(EnvelopeError::SignatureInvalid(_)) => "signature-invalid",
            Self::Threshold { .. } => "threshold",
            Self::TooOld => "docket-too-old",
            Self::FromTheFuture => "docket-from-the-future",
            Self::InterimLate(_) => "interim-effective-late",
            Self::DocketRepeated { .. } | Self::DocketIdRepeated => "docket-repeated",
            Self::RecordRepeated(_) => "record-repeated",
            Self::AboutUnknown { .. } => "about-unknown",
            Self::AboutKind { .. } => "about-kind",
            Self::AboutAnnulled { .. } => "about-annulled",
            Self::AboutErased { .. } => "about-erased",
            Self::AboutSeveralKinds(_) => "about-several-kinds",
            Self::AboutStrangers(_) => "about-strangers",
            Self::Wraps(_) => "details-wraps",
            Self::EpochUnknown { .. } => "epoch-unknown",
            Self::EpochClosed { .. } => "epoch-closed",
            Self::TagSoftness { .. } => "tag-softness",
            Self::PolicyUnknown { .. } => "policy-unknown",
            Self::PolicyMismatch(_) => "policy-mismatch",
            Self::PolicyNotYet(_) => "policy-not-yet",
            Self::ProcedureImport(_) => "procedure-import",
            Self::PolicyMeasure(_) => "policy-measure-unknown",
            Self::PolicyScope(_) => "policy-scope",
            Self::PolicyUntil(_) => "policy-until",
            Self::InterimTooLong(_) => "policy-interim-too-long",
            Self::InterimAgain { .. } => "interim-again",
            Self::PolicyRepeated => "policy-repeated",
            Self::ImportTooLong => "policy-import-too-long",
            Self::MembersVersion { .. } => "members-version",
            Self::KeyRepeated => "key-repeated",
            Self::EpochInUse(_) => "epoch-in-use",
            Self::HalfChain { .. } => "erasure-half-chain",
            Self::InEffect(_) => "erasure-in-effect",
            Self::ErasureUncounted => "erasure-uncounted",
            Self::ToldUncounted => "told-uncounted",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::problems::RULES;

    #[test]
    fn every_code_of_a_rule_is_listed_once_and_no_other() {
        let source = include_str!("rule_error.rs");
        let (_, body) = source.split_once("fn code(&self)").unwrap();
        let (body, _) = body.split_once("#[cfg(test)]").unwrap();
        let codes: BTreeSet<&str> = body.split('"').skip(1).step_by(2).collect();
        assert!(codes.len() > 50, "{codes:?}");
        assert_eq!(codes, RULES.iter().map(|rule| rule.word).collect());
        assert_eq!(codes.len(), RULES.len(), "a code is listed once");
    }
}
