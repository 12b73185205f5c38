//! Why the agent doesn't start, or an act of it fails.

use callboard_client::http::HttpError;
use callboard_federation::{sealed::SealError, zh_en};

use crate::{book::BookError, checks::ChecksError, file_error::FileError, replica::ReplicaError, store::StoreError};

#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The key file is of another member, or of another registry.
    #[error("{}", zh_en!("密钥文件属于 {key}，而 member.toml 写的是 {config}",
        "the key file is of {key}, member.toml of {config}"))]
    OtherKey { key: String, config: String },
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(transparent)]
    Checks(#[from] ChecksError),
    /// A file, the socket, or the address where it listens.
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}", zh_en!("登记系统", "the registry"))]
    Http(#[from] HttpError),
    /// The registry can't do what it is asked to on the agent's behalf.
    #[error("{}", zh_en!("登记系统暂时无法受理", "the registry can't do it now"))]
    Registry,
    #[error("{}", zh_en!("密封内容", "the details"))]
    Seal(#[from] SealError),
    #[error("{}", zh_en!("登记系统答复的不是密钥份额", "the registry's answer is no share"))]
    Share,
    #[error("{}", zh_en!("推送地址的密钥不成立，或无法存入会员端目录：请删除该推送地址",
        "an endpoint's secret is not one, or can't be kept in the agent's directory: delete the endpoint"))]
    Secret,
}

impl AgentError {
    /// The error of the agent's own files that this is, if it is one.
    pub(crate) fn store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) | Self::Book(BookError::Store(error)) | Self::Replica(ReplicaError::Store(error)) => {
                Some(error)
            }
            Self::Checks(ChecksError::Store(error)) => match &**error {
                BookError::Store(error) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }
}
