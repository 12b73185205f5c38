//! What is read in a session: everything that is held about a person, in the words of the policy. Whoever makes the link
//! opened it, and seals it to the link's key; the registry keeps ciphertext.

use jiff::civil::Date;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{SealedContent, SessionFor, SessionId, SessionKey, link::DOMAIN};
use crate::{
    encoding::{Base64, JsonError, Octets, RecordId, Time, from_json, put_prefixed, to_json},
    policy::{OnTermEnd, Policy, Words},
    return_window::ReturnWindow,
    sealed::{Conduct, Plain, SealError, cipher, padded_length, random},
    statement::{Kind, MeasureKind, Scope, Statement},
};

/// What is sealed to a session's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Content {
    /// The format's version, 1.
    pub v: u64,
    /// Whose registry.
    pub issuer: String,
    /// For whom.
    #[serde(rename = "for")]
    pub whose: SessionFor,
    /// The names that are held.
    pub names: Vec<String>,
    /// When it was put together.
    pub made_at: Time,
    /// Each measure that is held.
    pub records: Vec<HeldRecord>,
}

/// A measure as a person is told it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HeldRecord {
    /// The record.
    pub record: RecordId,
    /// `ruling` or `interim`.
    pub kind: Kind,
    /// The instrument that it was made under.
    pub instrument: String,
    /// Its version.
    pub version: String,
    /// Its title.
    pub title: Words,
    /// The measure.
    pub measure: MeasureKind,
    /// What the policy calls it.
    pub words: Words,
    /// What it closes; none: all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Scope>,
    /// From when.
    pub effective_at: Time,
    /// Until when; without it there is no end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Whether it is over then, or waits for a decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_term_end: Option<OnTermEnd>,
    /// The clauses, with their words.
    pub violations: Vec<HeldViolation>,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conduct: Option<Conduct>,
    /// Why it was decided so.
    pub reasons: String,
    /// The conditions of a return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// How many seats signed it.
    pub seats: u64,
    /// Within how many working days of notice it can be objected to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objection_days: Option<u32>,
    /// The first day on which a return can be applied for, by the policy's clock; absent where nobody applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_from: Option<Date>,
    /// Details that didn't open: why, in words. What the log says stands above all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unopened: Option<String>,
}

/// A clause with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldViolation {
    /// Its code.
    pub code: String,
    /// What it is, in zh-CN.
    pub zh: String,
    /// What it is, in en.
    pub en: String,
}

/// Why what is sealed to a session doesn't open.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// Another key, or something was changed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Not what the formats say.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl HeldRecord {
    /// A measure that was logged then under its policy, with its details as far as they opened; `None` of what imposes
    /// nothing.
    pub fn of(
        (statement, logged_at): (&Statement, Time),
        policy: &Policy,
        opened: Result<&Plain, String>,
        seats: u64,
    ) -> Option<Self> {
        let imposed = statement.imposed()?;
        let kind = imposed.measure.kind;
        let nothing = Plain::default();
        let (plain, unopened) = match opened {
            Ok(plain) => (plain, None),
            Err(why) => (&nothing, Some(why)),
        };
        let violation = |code: &String| {
            let known = policy.violations.iter().find(|violation| violation.code == *code);
            let words = known.map(|violation| (violation.zh.clone(), violation.en.clone())).unwrap_or_default();
            HeldViolation { code: code.clone(), zh: words.0, en: words.1 }
        };
        let usual = || {
            let words = kind.words();
            Words { zh: words.zh.to_owned(), en: words.en.to_owned() }
        };
        // What a policy says to those who decide is the registry's text: here is the number that a person goes by.
        let objection = policy.decide.get("objection").and_then(|part| part.get("workingDays")?.as_u64());
        // An interim ends by itself.
        let is_ruling = statement.kind() == Kind::Ruling;
        let since = imposed.effective_at.max(logged_at);
        let window = is_ruling.then(|| ReturnWindow::of(policy, kind, since, imposed.measure.until).ok()).flatten();
        Some(Self {
            record: statement.id,
            kind: statement.kind(),
            instrument: policy.instrument.clone(),
            version: policy.version.clone(),
            title: policy.title.clone(),
            measure: kind,
            words: policy.words.get(&kind).cloned().unwrap_or_else(usual),
            scopes: imposed.measure.scopes.clone(),
            effective_at: imposed.effective_at,
            until: imposed.measure.until,
            on_term_end: policy.measures.get(&kind).map(|rule| rule.on_term_end),
            violations: plain.violations.iter().map(violation).collect(),
            conduct: plain.conduct,
            reasons: plain.reasons.clone(),
            conditions: plain.conditions.clone(),
            seats,
            objection_days: objection.and_then(|days| u32::try_from(days).ok()),
            return_from: window.map(|window| window.first),
            unopened,
        })
    }
}

impl Content {
    /// Seals it to the key of a link.
    ///
    /// # Errors
    /// [`SealError::Length`].
    pub fn seal(&self, key: &SessionKey, rng: &mut impl CryptoRng) -> Result<SealedContent, SealError> {
        let mut padded = Zeroizing::new(to_json(self));
        let length = padded_length(padded.len());
        padded.resize(length, b' ');
        let (own, nonce, aad) = (content_key(key)?, random(rng), aad(key.id()));
        Ok(SealedContent {
            nonce: Octets(nonce),
            ciphertext: Base64(cipher::encrypt(&own, &nonce, &aad, &padded)?),
            commit: cipher::commit(&own, &nonce, &aad)?,
        })
    }
}

impl SealedContent {
    /// Opens it with the key of the link.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn open(&self, key: &SessionKey) -> Result<Content, ContentError> {
        let (own, aad) = (content_key(key)?, aad(key.id()));
        if cipher::commit(&own, &self.nonce.0, &aad)? != self.commit {
            return Err(SealError::ContentCommit.into());
        }
        let padded = cipher::decrypt(&own, &self.nonce.0, &aad, &self.ciphertext.0);
        Ok(from_json(&padded.ok_or(SealError::ContentCiphertext)?)?)
    }
}

/// HKDF-SHA256(link's key, no salt, `"callboard/session/v1"` ‖ 0x00 ‖ `"content"`, 32).
fn content_key(key: &SessionKey) -> Result<Zeroizing<[u8; 32]>, SealError> {
    cipher::derive(key.as_bytes(), b"", &[DOMAIN, b"content"])
}

/// What it is bound to: `LP("callboard/session/v1") ‖ LP(session id)`.
fn aad(id: SessionId) -> Vec<u8> {
    let mut aad = Vec::new();
    put_prefixed(&mut aad, b"callboard/session/v1");
    put_prefixed(&mut aad, id.to_string().as_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};

    use super::*;

    fn content() -> Content {
        let at = Time::from_seconds(1_700_000_000);
        Content {
            v: 1,
            issuer: "registry.test".to_owned(),
            whose: SessionFor::Subject,
            names: vec!["张三".to_owned()],
            made_at: at,
            records: Vec::new(),
        }
    }

    #[test]
    fn what_is_sealed_opens_with_the_link_alone_and_its_length_tells_little() {
        let (key, other) = (SessionKey::from_bytes([1; 32]), SessionKey::from_bytes([2; 32]));
        let sealed = content().seal(&key, &mut StdRng::seed_from_u64(1)).unwrap();
        assert_eq!(sealed.ciphertext.0.len(), 1_024 + 16);
        let opened = sealed.open(&key).unwrap();
        assert!(opened == content());
        assert!(matches!(sealed.open(&other), Err(ContentError::Seal(SealError::ContentCommit))));
        let mut changed = sealed.clone();
        changed.ciphertext.0[5] ^= 1;
        assert!(matches!(changed.open(&key), Err(ContentError::Seal(SealError::ContentCiphertext))));
    }
}
