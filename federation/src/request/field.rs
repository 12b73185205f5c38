//! The structured fields of a signed request, read strictly. What they are checked against is the room above.
//!
//! Implements RFC 8941 as RFC 9421 §4 uses it, by the crate `sfv`, and refuses what that lets pass.

use sfv::{BareItem, Dictionary, FieldType as _, InnerList, ListEntry, Parser};

use super::{CONTENT_DIGEST, METHOD, Nonce, RequestError, SIGNATURE, SIGNATURE_INPUT, TAG, TARGET_URI};
use crate::encoding::{KeyId, Signature, Time};

/// The values of the fields that matter, each of one line.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) signature_input: Option<&'a [u8]>,
    pub(super) signature: Option<&'a [u8]>,
    pub(super) content_digest: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// Picks the fields from all header lines.
    pub(super) fn of(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Self, RequestError> {
        let mut fields = Self::default();
        for (name, value) in headers {
            for (field, slot) in [
                (SIGNATURE_INPUT, &mut fields.signature_input),
                (SIGNATURE, &mut fields.signature),
                (CONTENT_DIGEST, &mut fields.content_digest),
            ] {
                if name.eq_ignore_ascii_case(field) && slot.replace(value).is_some() {
                    return Err(RequestError::FieldRepeated(field));
                }
            }
        }
        Ok(fields)
    }
}

/// The one member of a dictionary, with its key.
///
/// `sfv` takes the last of two equal keys, and base64 with stray bits or without padding; so what was read must be what
/// would be written, but for spaces, which no value of ours holds.
fn only_member(name: &'static str, value: &[u8]) -> Result<(sfv::Key, ListEntry), RequestError> {
    let dictionary: Dictionary =
        Parser::new(value).parse().map_err(|source| RequestError::FieldMalformed { name, source })?;
    let written = dictionary.serialize().unwrap_or_default();
    let solid = |byte: &u8| *byte != b' ';
    if !written.as_bytes().iter().filter(|byte| solid(byte)).eq(value.iter().filter(|byte| solid(byte))) {
        return Err(RequestError::FieldSpelling(name));
    }
    let mut members = dictionary.into_iter();
    match (members.next(), members.next()) {
        (Some(member), None) => Ok(member),
        _ => Err(RequestError::NotOneSignature),
    }
}

/// What `Signature-Input` says is signed, and under which label.
pub(super) fn input(value: &[u8]) -> Result<(sfv::Key, InnerList), RequestError> {
    match only_member(SIGNATURE_INPUT, value)? {
        (label, ListEntry::InnerList(list)) => Ok((label, list)),
        (_, ListEntry::Item(_)) => Err(RequestError::NotOneSignature),
    }
}

/// The bytes of `Signature`, under the same label.
pub(super) fn signature(value: &[u8], label: &sfv::Key) -> Result<Signature, RequestError> {
    match only_member(SIGNATURE, value)? {
        (own, ListEntry::Item(sfv::Item { bare_item: BareItem::ByteSequence(bytes), params }))
            if own == *label && params.is_empty() =>
        {
            bytes.try_into().map(crate::encoding::Octets).map_err(|_| RequestError::NotOneSignature)
        }
        _ => Err(RequestError::NotOneSignature),
    }
}

/// Whether the signature says that it is over this component.
pub(super) fn covers(input: &InnerList, component: &str) -> bool {
    input.items.iter().any(|item| item.bare_item.as_string().is_some_and(|name| name.as_str() == component))
}

/// The components in their order: each that must be covered, once, plain.
pub(super) fn components(input: &InnerList, has_body: bool) -> Result<Vec<&'static str>, RequestError> {
    let asked: &[&'static str] = if has_body { &[METHOD, TARGET_URI, CONTENT_DIGEST] } else { &[METHOD, TARGET_URI] };
    let mut covered = Vec::with_capacity(asked.len());
    for item in &input.items {
        let name = item.bare_item.as_string().ok_or(RequestError::Components)?.as_str();
        let component = asked.iter().find(|asked| **asked == name).ok_or(RequestError::Components)?;
        if covered.contains(component) || !item.params.is_empty() {
            return Err(RequestError::Components);
        }
        covered.push(*component);
    }
    if covered.len() == asked.len() { Ok(covered) } else { Err(RequestError::Components) }
}

/// The parameters that differ from request to request.
pub(super) struct Params {
    pub(super) created: Time,
    pub(super) nonce: Nonce,
    pub(super) keyid: KeyId,
}

impl Params {
    /// Reads the five parameters, which there must be, and no others.
    pub(super) fn of(input: &InnerList, algorithm: &str) -> Result<Self, RequestError> {
        let text = |name: &'static str| {
            let value = input.params.get(name).and_then(BareItem::as_string);
            value.map(sfv::StringRef::as_str).ok_or(RequestError::Parameter(name))
        };
        let created = input.params.get("created").and_then(BareItem::as_integer);
        let created = created.ok_or(RequestError::Parameter("created"))?;
        let nonce = text("nonce")?.parse().map_err(|_| RequestError::Parameter("nonce"))?;
        let keyid = text("keyid")?.parse().map_err(|_| RequestError::Parameter("keyid"))?;
        if text("alg")? != algorithm {
            return Err(RequestError::Parameter("alg"));
        }
        if text("tag")? != TAG {
            return Err(RequestError::Parameter("tag"));
        }
        if input.params.len() != 5 {
            return Err(RequestError::ParameterUnknown);
        }
        Ok(Self { created: Time::from_seconds(created.into()), nonce, keyid })
    }
}

/// The inner list as it stands in the signature base (RFC 9421 §2.3).
pub(super) fn serialised(input: InnerList) -> Option<String> {
    vec![ListEntry::InnerList(input)].serialize()
}
