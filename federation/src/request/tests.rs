//! The requests of `vectors/requests.json`, and every byte of one changed.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::encoding::Base64;

#[derive(Deserialize)]
struct Vectors {
    seed: String,
    keys: BTreeMap<KeyId, PublicKey>,
    valid: Vec<Case>,
    refused: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    now: i64,
    method: String,
    uri: String,
    headers: BTreeMap<String, String>,
    body: Base64,
    base: Option<String>,
    keyid: Option<KeyId>,
    reason: Option<String>,
}

impl Case {
    fn check(&self, keys: &BTreeMap<KeyId, PublicKey>) -> Result<VerifiedRequest<()>, RequestError> {
        let parts = RequestParts { method: &self.method, target_uri: &self.uri, body: &self.body.0 };
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        check(&parts, headers, Time::from_seconds(self.now), |id| Some((*keys.get(id)?, ())))
    }
}

fn vectors() -> (Vectors, SigningKey) {
    let vectors: Vectors = serde_json::from_str(include_str!("../../vectors/requests.json")).unwrap();
    let mut seed = [0; 32];
    hex::decode_to_slice(&vectors.seed, &mut seed).unwrap();
    (vectors, SigningKey::from_bytes(&seed))
}

#[test]
fn signed_requests_are_taken_and_signed_again_alike() {
    let (vectors, key) = vectors();
    let mut same = 0;
    for case in &vectors.valid {
        let checked = case.check(&vectors.keys).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(Some(checked.keyid), case.keyid, "{}", case.name);
        let again = sign(&key, &case.method, &case.uri, &case.body.0, checked.created, checked.nonce.0);
        // The label and the order of parameters are the signer's own.
        if again.signature_input == case.headers["Signature-Input"] {
            same += 1;
            assert_eq!(again.signature, case.headers["Signature"], "{}", case.name);
            assert_eq!(again.content_digest.as_ref(), case.headers.get("Content-Digest"), "{}", case.name);
        }
        if let Some(expected) = &case.base {
            let (_, input) = field::input(case.headers["Signature-Input"].as_bytes()).unwrap();
            let components = field::components(&input, !case.body.0.is_empty()).unwrap();
            let digest = case.headers.get("Content-Digest").map(String::as_str).unwrap_or_default();
            let params = field::serialised(input.clone()).unwrap();
            assert_eq!(base(&components, &case.method, &case.uri, digest, &params), *expected, "{}", case.name);
        }
    }
    assert_eq!((vectors.valid.len(), same), (7, 5));
}

#[test]
fn what_is_not_signed_so_is_refused() {
    let (vectors, _) = vectors();
    assert_eq!(vectors.refused.len(), 21);
    for case in &vectors.refused {
        let error = case.check(&vectors.keys).expect_err(&case.name);
        let reason = case.reason.as_deref().unwrap();
        assert!(reasons(&error).contains(&reason), "{}: {error}", case.name);
    }
}

/// What the vectors' maker calls a refusal: that each falls for its own fault and not for another.
fn reasons(error: &RequestError) -> &'static [&'static str] {
    match error {
        RequestError::Unsigned | RequestError::NotOneSignature => &["request-unsigned"],
        RequestError::Components => &["request-components"],
        RequestError::ParameterUnknown => &["request-parameters"],
        RequestError::Parameter("nonce") => &["base64", "request-parameters"],
        RequestError::Parameter("alg") => &["request-algorithm", "request-parameters"],
        RequestError::Parameter("tag") => &["request-tag", "request-parameters"],
        RequestError::Created { .. } => &["request-time"],
        RequestError::Digest => &["request-digest"],
        RequestError::KeyUnknown(_) => &["request-key-unknown"],
        RequestError::SignatureInvalid { .. } => &["request-signature"],
        RequestError::Parameter(_)
        | RequestError::FieldRepeated(_)
        | RequestError::FieldMalformed { .. }
        | RequestError::FieldSpelling(_) => &[],
    }
}

const URI: &str = "https://callboard.example/v1/tokens?epoch=1";
const NOW: Time = Time::from_seconds(1_780_000_000);

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn taken(
    method: &str,
    target_uri: &str,
    body: &[u8],
    lines: &[(&str, &[u8])],
) -> Result<VerifiedRequest<()>, RequestError> {
    let parts = RequestParts { method, target_uri, body };
    check(&parts, lines.iter().copied(), NOW, |id| {
        let own = PublicKey::of(&key());
        (own.id() == *id).then_some((own, ()))
    })
}

#[test]
fn a_field_on_two_lines_is_refused() {
    let signed = sign(&key(), "POST", URI, b"points", NOW, [1; 16]);
    let lines: Vec<(&str, &[u8])> = signed.lines().map(|(name, value)| (name, value.as_bytes())).collect();
    assert!(taken("POST", URI, b"points", &lines).is_ok());
    for line in &lines {
        let twice: Vec<_> = lines.iter().chain([line]).copied().collect();
        assert!(matches!(taken("POST", URI, b"points", &twice), Err(RequestError::FieldRepeated(_))), "{}", line.0);
    }
}

#[test]
fn a_member_or_parameter_that_stands_twice_is_refused() {
    let signed = sign(&key(), "GET", URI, b"", NOW, [1; 16]);
    let check = |input: &str, signature: &str| {
        taken("GET", URI, b"", &[(SIGNATURE_INPUT, input.as_bytes()), (SIGNATURE, signature.as_bytes())])
    };
    let SignedHeaders { signature_input: input, signature, .. } = &signed;
    assert!(check(input, signature).is_ok());
    assert!(check(&input.replace(';', "; ").replace(" \"@target", "   \"@target"), signature).is_ok(), "spaces");
    for (input, signature) in [
        (format!("{input}, {input}"), signature.clone()),
        (input.clone(), format!("{signature}, {signature}")),
        (input.replacen(";created", ";created=1;created", 1), signature.clone()),
        (input.clone(), signature.replace("=:", ":")),
    ] {
        assert!(check(&input, &signature).is_err(), "{input} {signature}");
    }
}

proptest! {
    #[test]
    fn no_changed_byte_is_taken(
        part in 0..6_usize,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        body in prop::collection::vec(any::<u8>(), 1..100),
        nonce in any::<[u8; 16]>(),
    ) {
        let signed = sign(&key(), "POST", URI, &body, NOW, nonce);
        let mut bytes: [Vec<u8>; 6] = [
            b"POST".to_vec(),
            URI.as_bytes().to_vec(),
            body,
            signed.signature_input.into_bytes(),
            signed.signature.into_bytes(),
            signed.content_digest.unwrap().into_bytes(),
        ];
        let is_taken = |[method, uri, body, input, signature, digest]: &[Vec<u8>; 6]| {
            let lines: [(&str, &[u8]); 3] =
                [("Signature-Input", input), ("Signature", signature), ("Content-Digest", digest)];
            let (Ok(method), Ok(uri)) = (std::str::from_utf8(method), std::str::from_utf8(uri)) else { return false };
            taken(method, uri, body, &lines).is_ok()
        };
        prop_assert!(is_taken(&bytes));
        let at = at.index(bytes[part].len());
        prop_assume!(bytes[part][at] != byte);
        bytes[part][at] = byte;
        prop_assert!(!is_taken(&bytes));
    }
}
