//! Handing a docket in: the envelope, every statement, and the share of each that has details.
//!
//! It needs no key: the signatures are its right. Implements `docs/formats.md` §12 and §7 (shares).

use serde::{Deserialize, Serialize};

use crate::{
    disclosure::DocketDisclosure,
    dsse::Envelope,
    encoding::{Base64, JsonError, Octets, RecordId, Salt, from_json},
    statement::Statement,
    zh_en,
};

/// The body of `POST /v1/dockets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DocketSubmission))]
#[serde(deny_unknown_fields)]
pub struct HandIn {
    /// What was signed.
    pub docket: Envelope,
    /// The statements in the order of the docket's items.
    pub items: Vec<HandedItem>,
    /// The public text that the docket names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Base64>,
    /// The cases that its statements follow from, each as its whole chain of events: for what the registry didn't take
    /// as it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Vec<Envelope>>,
}

/// A statement, and the share that its details need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SubmittedItem))]
#[serde(deny_unknown_fields)]
pub struct HandedItem {
    /// The statement's bytes.
    pub statement: Base64,
    /// 32 random bytes whose hash the details name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Salt>,
}

/// The share of a record isn't the one that its details name, is missing, or stands where there are no details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("{_0} 的密钥份额不是其密封内容所指的份额",
    "the share of {_0} is not the one that its details name"))]
pub struct ShareError(pub RecordId);

impl HandIn {
    /// Reads the body.
    pub fn from_json(bytes: &[u8]) -> Result<Self, JsonError> {
        from_json(bytes)
    }

    /// What the log will disclose of it, and the shares in the order of the items.
    pub fn into_parts(self) -> (DocketDisclosure, Vec<Option<Octets<32>>>) {
        let (statements, shares) = self.items.into_iter().map(|item| (Some(item.statement.0), item.share)).unzip();
        let publication = self.publication.map(|text| text.0);
        (DocketDisclosure { envelope: self.docket, items: statements, publication }, shares)
    }
}

/// Whether each statement that has details comes with the share that they name, and no other with one.
pub fn check_shares(statements: &[Option<Statement>], shares: &[Option<Octets<32>>]) -> Result<(), ShareError> {
    for (statement, share) in statements.iter().zip(shares) {
        let Some(statement) = statement else { continue };
        let fits = match (statement.details(), share) {
            (None, None) => true,
            (Some(details), Some(share)) => details.share_fits(share),
            _ => false,
        };
        if !fits {
            return Err(ShareError(statement.id));
        }
    }
    Ok(())
}
