//! What stands in a key file, under the passphrase: strict JSON, the signing keys as base64 of their 32-byte seeds.

use age::secrecy::ExposeSecret as _;
use callboard_federation::{
    encoding::{Octets, from_json, to_json},
    members::MemberId,
    roster::Role,
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{ContentError, KeyFile, MemberKey, SeatKey};

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Seat,
    Member,
}

/// What every key file begins with; the rest depends on it.
#[derive(Deserialize)]
struct ContentType {
    v: u64,
    r#type: Type,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SeatContent {
    v: u64,
    #[zeroize(skip)]
    r#type: Type,
    holder: String,
    #[zeroize(skip)]
    role: Role,
    signing_key: String,
    identity: String,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MemberContent {
    v: u64,
    #[zeroize(skip)]
    r#type: Type,
    #[zeroize(skip)]
    member: MemberId,
    issuer: String,
    request_key: String,
    witness_key: String,
}

pub(super) fn read(json: &[u8]) -> Result<KeyFile, ContentError> {
    let ContentType { v, r#type } = from_json(json)?;
    if v != 1 {
        return Err(ContentError::Version);
    }
    match r#type {
        Type::Seat => {
            let content: SeatContent = from_json(json)?;
            let identity = content.identity.parse().map_err(|_| ContentError::Identity)?;
            let signing = signing_key(&content.signing_key)?;
            SeatKey::of(content.holder.clone(), content.role, signing, identity).map(KeyFile::Seat)
        }
        Type::Member => {
            let content: MemberContent = from_json(json)?;
            let (request, witness) = (signing_key(&content.request_key)?, signing_key(&content.witness_key)?);
            MemberKey::of(content.member.clone(), content.issuer.clone(), request, witness).map(KeyFile::Member)
        }
    }
}

pub(super) fn write(key: &KeyFile) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(match key {
        KeyFile::Seat(key) => to_json(&SeatContent {
            v: 1,
            r#type: Type::Seat,
            holder: key.holder.clone(),
            role: key.role,
            signing_key: seed(&key.signing),
            identity: key.identity.to_string().expose_secret().to_owned(),
        }),
        KeyFile::Member(key) => to_json(&MemberContent {
            v: 1,
            r#type: Type::Member,
            member: key.member.clone(),
            issuer: key.issuer.clone(),
            request_key: seed(&key.request),
            witness_key: seed(&key.witness),
        }),
    })
}

fn seed(key: &SigningKey) -> String {
    Octets(key.to_bytes()).to_string()
}

fn signing_key(text: &str) -> Result<SigningKey, ContentError> {
    let seed: Octets<32> = text.parse().map_err(|_| ContentError::SigningKey)?;
    Ok(SigningKey::from_bytes(&Zeroizing::new(seed.0)))
}
