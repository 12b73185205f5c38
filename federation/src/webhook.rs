//! Webhooks: what a member is pushed of one docket, and how both ends know that it is the registry's.
//!
//! A message is a hint with enough in it to act on; the proof is in the feed. Implements `docs/formats.md` §12 and the
//! Standard Webhooks specification, signatures of version `v1`. Where and when it is sent is the registry's `delivery`.

use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    encoding::{Hash, RecordId, Time},
    records::{Record, Records},
    statement::{EpochTag, Kind, MeasureKind, Scope},
    zh_en,
};

/// The most items of one message.
pub const MAX_PART: usize = 64;
/// How far the sender's clock may be from the receiver's, in seconds (Standard Webhooks, *Verifying*).
pub const TOLERANCE_SECONDS: i64 = 5 * 60;
/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// What the id of a message is derived under.
const ID_DOMAIN: &[u8] = b"callboard/message/v1\0";

/// The headers of a message: its id, the seconds since 1970 of the attempt, its signatures.
pub const HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// One part of a docket that was logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DocketMessage))]
pub struct Message {
    /// What it tells.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// When the docket was logged.
    pub timestamp: Time,
    /// The part.
    pub data: Part,
}

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DocketMessageType))]
pub enum MessageKind {
    /// A docket was logged.
    #[serde(rename = "docket.logged")]
    DocketLogged,
}

/// Items of a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DocketPart))]
pub struct Part {
    /// The docket's index in the log.
    pub index: u64,
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// Which part it is, from 0.
    pub part: u64,
    /// How many there are.
    pub parts: u64,
    /// The items, 1 to 64.
    pub items: Vec<PushedItem>,
    /// The newest checkpoint when it was first sent, as a signed note.
    pub checkpoint: String,
}

/// A record in few words: enough to act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PushedItem {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The measure that it imposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<MeasureKind>,
    /// The services that it closes; none named: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
    /// The statement's `effectiveAt`, where its kind has one; nothing has effect before it is logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<Time>,
    /// The end of the measure, the stay or the probation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The tags of the record; none once it is erased.
    pub tags: Vec<EpochTag>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<RecordId>,
}

impl PushedItem {
    /// The item of a record as the log holds it; what was erased is told by id and kind alone.
    pub fn of(id: RecordId, kind: Kind, records: &Records) -> Self {
        let record = records.get(id);
        let measure = record.and_then(|record| record.measure.as_ref());
        Self {
            record: id,
            kind,
            measure: measure.map(|measure| measure.kind),
            scopes: measure.map(|measure| measure.scopes.clone()),
            effective_at: record.and_then(|record| record.effective_at),
            until: measure.and_then(|measure| measure.until).or_else(|| record.and_then(|record| record.until)),
            tags: record.map(|record| records.tags_of(record)).unwrap_or_default(),
            about: record.map(|record: &Record| record.about.to_vec()).unwrap_or_default(),
        }
    }
}

/// The id of a docket's part: `msg_` and 32 hexadecimal digits, the same in every attempt and to every endpoint.
pub fn message_id(docket: &Hash, part: u64) -> String {
    let id = Hash::of_parts([ID_DOMAIN, docket.as_bytes(), &part.to_be_bytes()]);
    format!("msg_{}", hex::encode(&id.as_bytes()[..16]))
}

/// What an endpoint's messages are signed with: 32 bytes, known at both ends. There is no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<[u8; 32]>);

/// A text that is no secret of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("推送密钥应为 whsec_ 和32字节的 base64", "a webhook secret is whsec_ and 32 bytes in base64"))]
pub struct SecretError;

impl Secret {
    /// A new one.
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// The secret of 32 stored bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        Ok(Self(Zeroizing::new(bytes.try_into().map_err(|_| SecretError)?)))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its text: `whsec_` and base64.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(*self.0)))
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(SecretError)?;
        Self::from_bytes(&Zeroizing::new(STANDARD.decode(encoded).map_err(|_| SecretError)?))
    }
}

/// A secret's key, prepared: signing again costs the message alone.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// Prepares a secret's key.
    pub fn new(secret: &Secret) -> Self {
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(secret.as_bytes());
        // A key shorter than SHA-256's block is filled up with zeros (RFC 2104): the same key, and no error.
        Self(Hmac::new((&*block).into()))
    }

    /// `v1,` and the signature in base64, of a message sent at `seconds` since 1970.
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.mac(id, &seconds.to_string(), body).finalize().into_bytes()))
    }

    fn mac(&self, id: &str, seconds: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac
    }
}

/// Why a message isn't taken for the registry's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// A header is missing or malformed.
    #[error("{}", zh_en!("消息应有 webhook-id、webhook-timestamp、webhook-signature",
        "webhook-id, webhook-timestamp and webhook-signature are what a message has"))]
    Headers,
    /// It was signed too long ago, or is still to come.
    #[error("{}", zh_en!("消息的时间与本机相差超过五分钟", "the message's time is more than five minutes from ours"))]
    Time,
    /// No signature is of a secret that is known.
    #[error("{}", zh_en!("没有用本机所知密钥作出的签名", "no signature is of a secret that is known here"))]
    Signature,
}

/// Checks a message's headers ([`HEADERS`], in that order) against the secrets that are valid at `now`.
///
/// # Errors
/// [`WebhookError`]: nothing of the message is to be believed then.
pub fn verify(secrets: &[Secret], headers: [&str; 3], body: &[u8], now: Time) -> Result<(), WebhookError> {
    let [id, timestamp, signatures] = headers;
    let seconds: i64 = timestamp.parse().map_err(|_| WebhookError::Headers)?;
    if id.is_empty() || seconds.to_string() != timestamp {
        return Err(WebhookError::Headers);
    }
    if now.as_seconds().abs_diff(seconds) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(WebhookError::Time);
    }
    for signature in signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,")) {
        let Ok(signature) = STANDARD.decode(signature) else { continue };
        // Compared in constant time.
        if secrets.iter().any(|secret| Signer::new(secret).mac(id, timestamp, body).verify_slice(&signature).is_ok()) {
            return Ok(());
        }
    }
    Err(WebhookError::Signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification: `unbranded` secret, id, time, body and signature as its libraries' tests have them.
    #[test]
    fn a_message_is_signed_as_the_specification_does() {
        let secret: Vec<u8> = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let mut key = [0; 32];
        key[..secret.len()].copy_from_slice(&secret);
        // 24 bytes: HMAC fills a short key with zeros, so 32 with zeros at the end are the same key.
        let signer = Signer::new(&Secret::from_bytes(&key).unwrap());
        let signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_message_is_taken_only_whole_in_time_and_under_a_known_secret() {
        let of = |byte| Secret::from_bytes(&[byte; 32]).unwrap();
        let (now, body) = (Time::from_seconds(1_000_000), b"{}".as_slice());
        let signed = format!("v1a,eA== {} {}", Signer::new(&of(1)).sign("msg_1", 1_000_000, body), "v1,eA==");
        let check = |secrets: &[Secret], id: &str, at: &str, signature: &str, body: &[u8], now: Time| {
            verify(secrets, [id, at, signature], body, now)
        };
        assert_eq!(check(&[of(2), of(1)], "msg_1", "1000000", &signed, body, now), Ok(()));
        let wrong = Err(WebhookError::Signature);
        assert_eq!(check(&[of(2)], "msg_1", "1000000", &signed, body, now), wrong);
        assert_eq!(check(&[of(1)], "msg_2", "1000000", &signed, body, now), wrong);
        assert_eq!(check(&[of(1)], "msg_1", "1000001", &signed, body, now), wrong);
        assert_eq!(check(&[of(1)], "msg_1", "1000000", &signed, b"[]", now), wrong);
        assert_eq!(check(&[of(1)], "msg_1", "1000000", "", body, now), wrong);
        for at in ["", "+1000000", "01000000", "1e6"] {
            assert_eq!(check(&[of(1)], "msg_1", at, &signed, body, now), Err(WebhookError::Headers), "{at}");
        }
        for late in [-301, 301] {
            let now = now.plus_millis(late * 1000);
            assert_eq!(check(&[of(1)], "msg_1", "1000000", &signed, body, now), Err(WebhookError::Time));
        }
    }

    #[test]
    fn a_secret_reads_back_from_its_text_and_no_other_text_is_one() {
        let secret = Secret::from_bytes(&[7; 32]).unwrap();
        assert!(secret.text().parse::<Secret>().is_ok_and(|read| read == secret));
        for text in ["", "whsec_", "whsec_AAAA", "sec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="] {
            assert!(text.parse::<Secret>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_part_of_a_docket_has_an_id_of_its_own_that_stays() {
        let docket = Hash::of(b"docket");
        assert_eq!(message_id(&docket, 0), message_id(&docket, 0));
        assert_ne!(message_id(&docket, 0), message_id(&docket, 1));
        assert_eq!(message_id(&docket, 0).len(), 4 + 32);
    }
}
