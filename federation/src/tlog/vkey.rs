//! TEMP
use crate::encoding::PublicKey;
use serde::{Deserialize, Serialize};
/// t
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// e
    Ed25519,
    /// c
    Cosignature,
}
/// v
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifierKey {
    text: String,
    name: String,
    ty: KeyType,
    key: PublicKey,
}
impl VerifierKey {
    /// n
    pub fn name(&self) -> &str {
        &self.name
    }
    /// t
    pub fn key_type(&self) -> KeyType {
        self.ty
    }
    /// k
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }
}
impl TryFrom<String> for VerifierKey {
    type Error = String;
    fn try_from(t: String) -> Result<Self, String> {
        let mut it = t.splitn(3, '+');
        let name = it.next().ok_or("a")?.to_owned();
        let _h = it.next().ok_or("a")?;
        let k = it.next().ok_or("b")?;
        let b: crate::encoding::Octets<33> = k.parse().map_err(|_| "c")?;
        let ty = match b.0[0] {
            1 => KeyType::Ed25519,
            4 => KeyType::Cosignature,
            _ => return Err("d".into()),
        };
        let raw: [u8; 32] = b.0[1..].try_into().map_err(|_| "e")?;
        Ok(Self { name, ty, key: PublicKey::from_bytes(&raw).map_err(|e| e.to_string())?, text: t })
    }
}
impl From<VerifierKey> for String {
    fn from(v: VerifierKey) -> String {
        v.text
    }
}
