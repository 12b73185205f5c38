//! Why a file isn't verified.

use callboard_federation::{
    anchor::{AnchorError, AnchorProofError},
    declaration::DeclarationError,
    docket::DocketError,
    dsse::EnvelopeError,
    encoding::{JsonError, RecordId},
    hand_in::ShareError,
    proof_file::ProofFileError,
    roster::Role,
    statement::StatementError,
    tlog::TlogError,
    zh_en,
};

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("{}", zh_en!("既不是证明文件，也不是文书文件或查询证明",
        "neither a proof file, nor a docket file, nor the proof of a check"))]
    Unknown,
    #[error("{}", zh_en!("证明文件", "the proof file"))]
    Proof(#[from] ProofFileError),
    #[error("{}", zh_en!("文书文件", "the docket file"))]
    Json(#[from] JsonError),
    #[error("{}", zh_en!("文书", "the docket"))]
    Docket(#[from] DocketError),
    #[error("{}", zh_en!("文书有{expected}项，文件有{got}项内容",
        "the docket has {expected} items, the file {got} statements"))]
    Items { expected: usize, got: usize },
    #[error("{}", zh_en!("{record} 的内容", "the statement of {record}"))]
    Statement {
        record: RecordId,
        #[source]
        source: StatementError,
    },
    #[error("{}", zh_en!("{_0} 的内容与文书的承诺值不符",
        "the statement of {_0} is not the one that the docket commits to"))]
    Commitment(RecordId),
    #[error("{}", zh_en!("{_0} 的内容与文书所列的项不符",
        "the statement of {_0} says something else than the docket's item"))]
    Item(RecordId),
    #[error("{}", zh_en!("密钥份额", "the shares"))]
    Shares(#[from] ShareError),
    #[error("{}", zh_en!("公布内容不是该文书所指的", "the publication is not the one that the docket names"))]
    Publication,
    #[error("{}", zh_en!("签名", "the signatures"))]
    Signatures(#[from] EnvelopeError),
    #[error("{}", zh_en!(("签名：{}{got}名，须有{asked}名", role.words().zh),
        ("the signatures: {got} of the {role}, {asked} are asked")))]
    Threshold { role: Role, asked: u64, got: u64 },
    #[error("{}", zh_en!("文书依据第{expected}版签署权限名单，所给的是第{got}版",
        "the docket is under roster {expected}, the one given is {got}"))]
    Roster { expected: u64, got: u64 },
    #[error("{}", zh_en!("文书的首份签署权限名单不是所信任的那一份",
        "the docket is of another first roster than the pinned one"))]
    Genesis,
    #[error("{}", zh_en!("作为签署权限名单给出的文件证明的是另一内容",
        "the file given as the roster proves something else"))]
    NotARoster,
    #[error("{}", zh_en!("作为会员单位名单给出的文件证明的是另一内容",
        "the file given as the members' list proves something else"))]
    NotMembers,
    #[error("{}", zh_en!("该次查询不在查询日志中", "the check is not in the log of checks"))]
    Check(#[from] TlogError),
    #[error("{}", zh_en!("存证的大小或根值与查询证明不符", "the anchor is of another size or root than the check's"))]
    AnchorOfAnother,
    #[error("{}", zh_en!("退出声明", "the departure"))]
    Departure(#[from] DeclarationError),
    #[error("{}", zh_en!("存证", "the anchor"))]
    Anchor(#[from] AnchorError),
    #[error("{}", zh_en!("登记册中的存证", "the anchor in the log"))]
    Logged(#[from] AnchorProofError),
    #[error("{}", zh_en!("文件证明登记册中有存证，自己却没有存证",
        "the file proves that the log holds an anchor, and has none"))]
    NoAnchor,
}
