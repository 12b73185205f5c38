//! Signed requests: how registry and token service know which key asks, without passwords and bearer keys.
//!
//! An HTTP message signature (RFC 9421) over method, target URI and, with a body, its digest (RFC 9530), by a member's
//! or a seat's own Ed25519 key, or by the key of a browser to which a session is bound ([`RequestKey`]). Implements
//! `docs/formats.md` §3, «Requests of members and seats».
//!
//! Not here: whose keys there are (`roster`, `members`), what each may ask (the API), and the memory of nonces. A nonce
//! is taken once: whoever calls [`check`] records [`VerifiedRequest::nonce`] for as long as [`WINDOW_SECONDS`] lets it
//! count.

mod field;

use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};

use crate::encoding::{KeyId, Octets, PublicKey, Signature, Time};
use field::Params;

/// How far `created` may be from the clock of who checks, either way, in seconds (formats §3): more than clocks drift,
/// less than is worth a second try.
pub const WINDOW_SECONDS: i64 = 60;

/// The field that says what is signed.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// The field that bears the signature.
pub const SIGNATURE: &str = "signature";
/// The field that bears the body's SHA-256.
pub const CONTENT_DIGEST: &str = "content-digest";

const METHOD: &str = "@method";
const TARGET_URI: &str = "@target-uri";
const TAG: &str = "callboard";
/// The label that our own requests bear; a checker takes any.
const LABEL: &str = "callboard";

/// The 16 random bytes of a request, in base64.
pub type Nonce = Octets<16>;

/// The values of the fields that a signed request bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `Signature-Input`.
    pub signature_input: String,
    /// `Signature`.
    pub signature: String,
    /// `Content-Digest`, of a request with a body.
    pub content_digest: Option<String>,
}

impl SignedHeaders {
    /// Each field's lower-case name and value, to be set on the request.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [(SIGNATURE_INPUT, self.signature_input.as_str()), (SIGNATURE, &self.signature)]
            .into_iter()
            .chain(self.content_digest.as_deref().map(|digest| (CONTENT_DIGEST, digest)))
    }
}

/// A key that verifies signatures of requests: a member's or a seat's, or a browser's.
pub trait RequestKey {
    /// What `alg` says.
    const ALGORITHM: &'static str;

    /// Whether `signature` is this key's over a signature base.
    fn verifies(&self, base: &[u8], signature: &Signature) -> bool;
}

impl RequestKey for PublicKey {
    const ALGORITHM: &'static str = "ed25519";

    fn verifies(&self, base: &[u8], signature: &Signature) -> bool {
        Self::verifies(self, base, signature)
    }
}

/// The private half of a [`RequestKey`].
pub trait SigningRequestKey {
    /// What verifies its signatures.
    type Public: RequestKey;

    /// The id of the public half.
    fn key_id(&self) -> KeyId;
    /// Its signature over a signature base.
    fn signature_over(&self, base: &[u8]) -> Signature;
}

impl SigningRequestKey for SigningKey {
    type Public = PublicKey;

    fn key_id(&self) -> KeyId {
        PublicKey::of(self).id()
    }

    fn signature_over(&self, base: &[u8]) -> Signature {
        Octets(self.sign(base).to_bytes())
    }
}

/// Signs a request of `method` to `target_uri`, the absolute URI as the client sees it, query and all.
///
/// `created` counts in whole seconds; `nonce` is random and never used again. An empty `body` counts as none.
pub fn sign<S: SigningRequestKey>(
    key: &S,
    method: &str,
    target_uri: &str,
    body: &[u8],
    created: Time,
    nonce: [u8; 16],
) -> SignedHeaders {
    let content_digest = (!body.is_empty()).then(|| digest_of(body));
    let components: &[&str] =
        if content_digest.is_some() { &[METHOD, TARGET_URI, CONTENT_DIGEST] } else { &[METHOD, TARGET_URI] };
    let quoted: Vec<String> = components.iter().map(|component| format!("\"{component}\"")).collect();
    let params = format!(
        "({});created={};nonce=\"{}\";keyid=\"{}\";alg=\"{}\";tag=\"{TAG}\"",
        quoted.join(" "),
        created.as_seconds(),
        Octets(nonce),
        key.key_id(),
        S::Public::ALGORITHM,
    );
    let base = base(components, method, target_uri, content_digest.as_deref().unwrap_or_default(), &params);
    let signature = key.signature_over(base.as_bytes());
    SignedHeaders {
        signature_input: format!("{LABEL}={params}"),
        signature: format!("{LABEL}=:{signature}:"),
        content_digest,
    }
}

/// A request as it was received.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method, in the case that it was sent in, as an HTTP library read it (no line ends, as in the URI).
    pub method: &'a str,
    /// The absolute URI as the client sees it: the server's configured public address, then path and query as sent.
    pub target_uri: &'a str,
    /// The body, whole; empty where there is none.
    pub body: &'a [u8],
}

/// What a signature says of a request, once it verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRequest<T> {
    /// The key that signed.
    pub keyid: KeyId,
    /// To be taken once.
    pub nonce: Nonce,
    /// When the client says that it signed, in whole seconds.
    pub created: Time,
    /// What the caller knows of the key.
    pub who: T,
}

/// Why a request isn't taken as signed.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No `Signature-Input`, or no `Signature`.
    #[error("the request bears no signature")]
    Unsigned,
    /// A field stands on more than one line.
    #[error("the field {0} stands more than once")]
    FieldRepeated(&'static str),
    /// Not a structured field (RFC 8941) of the type that it has.
    #[error("the field {name} isn't a structured dictionary")]
    FieldMalformed {
        /// The field's name.
        name: &'static str,
        /// Where the parser stopped.
        source: sfv::Error,
    },
    /// Spelt otherwise than RFC 8941 serialises it, but for spaces: a key that stands twice, stray bits of base64, text
    /// that isn't ASCII.
    #[error("the field {0} isn't in its one spelling")]
    FieldSpelling(&'static str),
    /// Two signatures, two labels, or a member that is no signature.
    #[error("the request must bear exactly one signature, under one label")]
    NotOneSignature,
    /// Other components than method, target URI and, with a body, its digest; each once.
    #[error("the signature must cover @method, @target-uri and, with a body alone, content-digest")]
    Components,
    /// A parameter beside the five.
    #[error("the signature has a parameter that it must not have")]
    ParameterUnknown,
    /// One of the five parameters is missing or malformed.
    #[error("the signature's parameter {0} is missing or malformed")]
    Parameter(&'static str),
    /// `created` is too far from the clock.
    #[error("created at {created}, now is {now}: more than {WINDOW_SECONDS} s apart")]
    Created {
        /// What the signature says.
        created: Time,
        /// The clock of who checks.
        now: Time,
    },
    /// The body isn't the one that `Content-Digest` is of, or there is no such field.
    #[error("content-digest isn't the SHA-256 of the body")]
    Digest,
    /// Nobody has this key.
    #[error("key {0} isn't one whose requests are taken")]
    KeyUnknown(KeyId),
    /// The signature isn't this key's over this request.
    #[error("the signature of key {keyid} does not verify; here `@target-uri` is {target_uri}")]
    SignatureInvalid {
        /// The key that it names.
        keyid: KeyId,
        /// What it must be over, as the service sees it: most often a client has another address for it.
        target_uri: String,
    },
}

/// A request whose head is verified; what it is worth depends on the body that comes.
#[derive(Debug)]
pub struct RequestHead<T> {
    checked: VerifiedRequest<T>,
    /// The value of `Content-Digest`, if the signature covers it.
    digest: Option<Vec<u8>>,
}

impl<T> RequestHead<T> {
    /// What was verified, if `body` is the one that was signed.
    pub fn with_body(self, body: &[u8]) -> Result<VerifiedRequest<T>, RequestError> {
        match self.digest {
            None if body.is_empty() => Ok(self.checked),
            Some(digest) if !body.is_empty() => {
                if digest == digest_of(body).as_bytes() {
                    Ok(self.checked)
                } else {
                    Err(RequestError::Digest)
                }
            }
            _ => Err(RequestError::Components),
        }
    }

    /// Which key signed.
    pub const fn keyid(&self) -> &KeyId {
        &self.checked.keyid
    }

    /// Whose key that is.
    pub const fn who(&self) -> &T {
        &self.checked.who
    }
}

/// Checks that one key, which `key_of` knows, signed this request within [`WINDOW_SECONDS`] of `now`.
///
/// `headers` are the name and value of each header line as received, in any order and case, repeated ones too.
pub fn check<'a, K: RequestKey, T>(
    parts: &RequestParts<'a>,
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    now: Time,
    key_of: impl FnOnce(&KeyId) -> Option<(K, T)>,
) -> Result<VerifiedRequest<T>, RequestError> {
    check_head(parts.method, parts.target_uri, headers, now, key_of)?.with_body(parts.body)
}

/// The same, before any of the body was read: a stranger's isn't.
pub fn check_head<'a, K: RequestKey, T>(
    method: &str,
    target_uri: &str,
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    now: Time,
    key_of: impl FnOnce(&KeyId) -> Option<(K, T)>,
) -> Result<RequestHead<T>, RequestError> {
    let fields = field::Fields::of(headers)?;
    let (signature_input, signature) = fields.signature_input.zip(fields.signature).ok_or(RequestError::Unsigned)?;
    let (label, input) = field::input(signature_input)?;
    let signature = field::signature(signature, &label)?;

    let has_digest = field::covers(&input, CONTENT_DIGEST);
    let components = field::components(&input, has_digest)?;
    let Params { created, nonce, keyid } = Params::of(&input, K::ALGORITHM)?;
    if (now.as_millis() - created.as_millis()).abs() > WINDOW_SECONDS * 1000 {
        return Err(RequestError::Created { created, now });
    }
    let digest = match fields.content_digest.map(<[u8]>::trim_ascii) {
        Some(digest) if has_digest => Some(str::from_utf8(digest).map_err(|_| RequestError::Digest)?),
        None if has_digest => return Err(RequestError::Digest),
        _ => None,
    };

    let (key, who) = key_of(&keyid).ok_or(RequestError::KeyUnknown(keyid))?;
    let params = field::serialised(input).ok_or(RequestError::NotOneSignature)?;
    let base = base(&components, method, target_uri, digest.unwrap_or_default(), &params);
    if !key.verifies(base.as_bytes(), &signature) {
        return Err(RequestError::SignatureInvalid { keyid, target_uri: target_uri.to_owned() });
    }
    let digest = digest.map(|digest| digest.as_bytes().to_vec());
    Ok(RequestHead { checked: VerifiedRequest { keyid, nonce, created, who }, digest })
}

/// The signature base (RFC 9421 §2.5): a line for each component in its order, then the parameters.
fn base(components: &[&str], method: &str, target_uri: &str, digest: &str, params: &str) -> String {
    let mut base = String::new();
    for &component in components {
        let value = match component {
            METHOD => method,
            TARGET_URI => target_uri,
            _ => digest,
        };
        base.extend(["\"", component, "\": ", value, "\n"]);
    }
    base.extend(["\"@signature-params\": ", params]);
    base
}

/// The value of `Content-Digest` for `body`: one member, `sha-256`.
fn digest_of(body: &[u8]) -> String {
    format!("sha-256=:{}:", Octets::<32>(Sha256::digest(body).into()))
}

#[cfg(test)]
mod tests;
