//! Why what a registry answers is of no use.

use callboard_client::http::HttpError;
use callboard_federation::{encoding::RecordId, language::Phrase, proof_file::ProofFileError, zh_en};

/// Why the registry's answer is of no use.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("{}", zh_en!("登记系统", "the registry"))]
    Http(#[from] HttpError),
    #[error("{}", zh_en!("登记系统对{_0}的答复格式有误", "the registry's answer to {_0} is malformed"))]
    Malformed(&'static str),
    #[error("{}", zh_en!("登记系统没有{_0}", "the registry has no {_0}"))]
    Missing(Phrase),
    #[error("{}", zh_en!("登记系统没有记录 {_0}，或者已被删除", "the registry has no record {_0}, or it was erased"))]
    NoRecord(RecordId),
    #[error("{}", zh_en!("登记系统对{what}的证明不成立", "the registry's proof of {what} doesn't hold"))]
    Proof {
        what: Phrase,
        #[source]
        source: ProofFileError,
    },
    #[error("{}", zh_en!("登记系统证明的不是{_0}", "the registry proves something else than {_0}"))]
    Another(Phrase),
    #[error("{}", zh_en!("该登记系统不是本机所信任的登记册", "the registry is not the pinned one"))]
    Issuer,
}
