//! Why a desk doesn't ask its signer to sign: the part that differs, by its record; never what is sealed in it.

use callboard_client::runtime::error_chain;
use callboard_federation::{
    docket::DocketError,
    encoding::{RecordId, Time},
    identity::{IdentityError, IdentityKind},
    language::Phrase,
    roster::Role,
    sealed::SealError,
    statement::{Kind, StatementError},
    tag::Epoch,
    zh_en,
};
use callboard_rules::policies::PolicyError;

use crate::{error::exposure::ExposureError, language::Language, letter::term::time_text};

#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    #[error("{}", zh_en!("该文书属于另一登记册，不是本机所信任的登记册",
        "the docket is of another registry than the pinned one"))]
    Issuer,
    #[error("{}", zh_en!("该文书依据第{got}版签署权限名单，现行为第{in_force}版：请起草人重新起草",
        "the docket names roster {got}, in force is {in_force}: its drafter drafts it again"))]
    Roster { in_force: u64, got: u64 },
    #[error("{}", zh_en!("现行签署权限名单已过期：只能签署下一版名单",
        "the roster in force has expired: only the next roster can be signed"))]
    RosterExpired,
    #[error("{}", zh_en!("现行签署权限名单中没有此密钥", "this key has no seat in the roster in force"))]
    NoSeat,
    #[error("{}", zh_en!(("该文书不需要{}签署", role.words().zh), ("the docket asks no signature of the {role}")))]
    NotAsked { role: Role },
    #[error("{}", zh_en!("该文书起草于{}，已超过14天：请起草人重新起草",
        "the docket is of {}, more than 14 days ago: its drafter drafts it again", time_text(*issued_at)))]
    TooOld { issued_at: Time },
    #[error("{}", zh_en!("该文书的起草时间{}尚未到来：两台计算机的时钟有一台不准",
        "the docket is of {}, which is to come: one of the two clocks is wrong", time_text(*issued_at)))]
    FromTheFuture { issued_at: Time },
    #[error("{}", zh_en!("公布内容格式有误", "the publication"))]
    Publication(#[source] DocketError),
    #[error("{}", zh_en!("记录 {record}", "record {record}"))]
    Exposed {
        record: RecordId,
        #[source]
        source: ExposureError,
    },
    #[error("{}", zh_en!("记录 {record}：文书与其程序记载的文号不同",
        "record {record}: its letter and its procedure bear two numbers"))]
    Number { record: RecordId },
    #[error("{}", zh_en!("该文件提请评议，不供签署：决议确认后另行起草文书",
        "it is put to the vote, and not to be signed: a docket is drafted once it is resolved"))]
    Proposal,
    #[error("{}", zh_en!("该文书不是案件所决议的", "the docket doesn't follow from its case"))]
    Case(#[source] callboard_rules::case::error::Why),
    #[error("{}", zh_en!("记录 {record}：内容格式有误", "record {record}: the statement"))]
    Statement {
        record: RecordId,
        #[source]
        source: StatementError,
    },
    #[error("{}", zh_en!("记录 {record}：文书所列与该项内容不符",
        "record {record}: the docket's item is not the statement's"))]
    Item { record: RecordId },
    #[error("{}", zh_en!(("记录 {record}：{}", fault.words().zh), ("record {record}: {}", fault.words().en)))]
    Identity { record: RecordId, fault: IdentityError },
    #[error("{}", zh_en!("记录 {record}：当事人行为时未满十八周岁：须写明监护人，且不得公布",
        "record {record}: its subject was under 18 at the conduct: a guardian must be named, and nothing published"))]
    Minor { record: RecordId },
    #[error("{}", zh_en!(("记录 {record}：此类当事人没有这种证件：{}", kind.words().zh),
        ("record {record}: its type of subject has no identity of kind {kind}")))]
    IdentityKind { record: RecordId, kind: IdentityKind },
    #[error("{}", zh_en!("记录 {record}：身份代码与证件号码不符",
        "record {record}: the tags are not those of the identities"))]
    Tags { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：缺少开启密封内容的密钥份额，或者没有可开启的内容",
        "record {record}: the share is missing, or there is nothing that it opens"))]
    Share { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：第{epoch}期密封内容的开启人与证件号码不符",
        "record {record}: the details are wrapped, under epoch {epoch}, for someone else than the identities say"))]
    Wrap { record: RecordId, epoch: Epoch },
    #[error("{}", zh_en!("记录 {record}：第{epoch}期密封内容未能打开",
        "record {record}: the details, under epoch {epoch}"))]
    Sealed {
        record: RecordId,
        epoch: Epoch,
        #[source]
        source: SealError,
    },
    #[error("{}", zh_en!("记录 {record}：密封内容与待签文件所载不同",
        "record {record}: the details say something else than the bundle"))]
    Plain { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：登记册中没有原记录 {about}",
        "record {record}: it is about {about}, which the registry doesn't have"))]
    AboutUnknown { record: RecordId, about: RecordId },
    #[error("{}", zh_en!(("记录 {record}：不能针对 {about}（{}）作出", kind.words().zh),
        ("record {record}: it can't be about {about}, a record of kind {kind}")))]
    AboutKind { record: RecordId, about: RecordId, kind: Kind },
    #[error("{}", zh_en!("记录 {record}：{about} 与第一项原记录不是同一当事人",
        "record {record}: {about} is of another person than the first that it is about"))]
    AboutStrangers { record: RecordId, about: RecordId },
    #[error("{}", zh_en!("记录 {record}：{about} 不是所填证件的当事人",
        "record {record}: {about} is of another person than the identities say"))]
    AboutAnother { record: RecordId, about: RecordId },
    #[error("{}", zh_en!(("记录 {record}：没有当事人的证件号码，无法核实 {about} 是谁的记录，不得签署{}：请起草人写明证件号码，重新起草", kind.words().zh),
        ("record {record}: a {kind} isn't signed without the person's identity, which shows whose {about} is: its drafter drafts it again, and names the person")))]
    Unnamed { record: RecordId, about: RecordId, kind: Kind },
    #[error("{}", zh_en!("记录 {record}：所依据的规则不允许不经案件导入历史决定",
        "record {record}: its policy takes nothing over without a case, or not any more"))]
    Import { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：所依据的规则与登记册中的同名规则不同",
        "record {record}: its policy is not the one that the registry has under that name"))]
    PolicyUnknown { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：所依据的规则届时尚未施行",
        "record {record}: its policy is not in effect by then"))]
    PolicyNotYet { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：所依据的规则没有这一措施、适用服务或者期限",
        "record {record}: its policy has no such measure, scopes or end"))]
    Measure { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：临时措施须在一日内生效，期限不得超过规则规定的天数",
        "record {record}: an interim begins within a day, and ends within the days of its policy"))]
    Interim { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：所依据的规则没有这一违规情形",
        "record {record}: its policy has no such violation"))]
    Violation { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：行为早于所依据规则的施行，不得依据该规则作出决定",
        "record {record}: the conduct is from before its policy took effect, and isn't ruled on under it"))]
    ConductBeforePolicy { record: RecordId },
    #[error("{}", zh_en!("记录 {record}：手头没有现行{what}可供比较：请连接登记系统，或者取得现行文件的证明",
        "the {what} that {record} follows isn't at hand: ask the registry, or have the proof file of the one in force"))]
    NotAtHand { record: RecordId, what: Phrase },
    #[error("{}", zh_en!("记录 {record}：现行会员单位名单为第{in_force}版，第{got}版不是下一版",
        "record {record}: the list of members in force is {in_force}, and {got} isn't the next"))]
    NotNext { record: RecordId, in_force: u64, got: u64 },
    #[error("{}", zh_en!("记录 {record}：规则有误", "record {record}: the policy"))]
    Policy {
        record: RecordId,
        #[source]
        source: PolicyError,
    },
    #[error("{}", zh_en!("记录 {record}：文件不能如此：{why}", "the document of {record} can't be so: {why}"))]
    Document { record: RecordId, why: Phrase },
}

impl SigningError {
    pub fn text(&self, language: Language) -> String {
        language.saying(|| error_chain(self))
    }
}
