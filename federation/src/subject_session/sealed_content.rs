//! What is sealed to a session, as the registry has it: [`super::content`] seals and opens it.

use serde::{Deserialize, Serialize};

use crate::encoding::{Base64, Hash, Octets};

/// A ciphertext under a key that follows from the link's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SealedContent {
    /// 12 random bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = Base64))]
    pub nonce: Octets<12>,
    /// AES-256-GCM, padded as details are.
    pub ciphertext: Base64,
    /// The commitment to the key.
    pub commit: Hash,
}
