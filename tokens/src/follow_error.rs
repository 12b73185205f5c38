//! Why a look at the registry teaches nothing.

use std::time::Duration;

use callboard_federation::{proof_file::ProofFileError, zh_en};
use reqwest::StatusCode;

use super::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// It can't be reached, or doesn't speak HTTP.
    #[error("{}", zh_en!("无法连接登记系统", "the registry can't be reached"))]
    Http(#[from] reqwest::Error),
    /// It answers otherwise than with a proof file, and may ask to be left alone for so long.
    #[error("{}", zh_en!("登记系统在证明文件处答复 {_0}", "the registry answers {_0} where a proof file is"))]
    Status(StatusCode, Option<Duration>),
    #[error("{}", zh_en!("登记系统的答复比任何证明文件都长", "the registry's answer is longer than any proof file"))]
    TooLong,
    #[error("{}", zh_en!("登记系统的证明文件：{_0}", "the registry's proof file: {_0}"))]
    Proof(#[from] ProofFileError),
    #[error("{}", zh_en!("签署权限名单属于另一登记册", "the roster is another issuer's"))]
    Issuer,
    #[error("{}", zh_en!("证明文件是另一记录的，不是{_0}", "the proof file is of another record than the {_0}"))]
    OtherRecord(&'static str),
    #[error("{}", zh_en!("{what}：已知{known}，所示为{got}", "{what}: {got} was shown where {known} is known already"))]
    Older { what: &'static str, known: u64, got: u64 },
    #[error("{}", zh_en!("登记系统给出两份不同的{_0}：请保留其存储中的文件，并告知会员单位",
        "the registry shows two different {_0}: keep the files in its store, and tell the members"))]
    Fork(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FollowError {
    /// Whether the registry has a newer document, and too few witnesses saw it yet.
    pub(super) fn is_not_yet(&self) -> bool {
        matches!(self, Self::Status(StatusCode::CONFLICT, _))
    }
}
