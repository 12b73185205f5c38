//! Records: what is known of one, its proof, its share.

pub mod proof;
pub mod share;
pub mod show;

use callboard_federation::encoding::RecordId;

use super::problem::{ApiError, Malformed};

fn record_id(text: &str) -> Result<RecordId, ApiError> {
    text.parse().map_err(|_| ApiError::Malformed(Malformed::Address("record")))
}
