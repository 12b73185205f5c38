//! A bundle: a docket before it is signed, with all that its signers check it by, passed from one computer to the next.
//!
//! `NAME.bundle` is a binary `age` file for the seats that are asked to sign and for who drafted it; inside is strict JSON.
//! It never changes: signatures stand beside it. Drafting is [`super::setup`]'s, [`super::member`]'s and the sheet's;
//! whether what it says is right is checked where it is signed. The payload is `docs/formats.md` §5.

use std::{collections::BTreeMap, io, path::Path};

use callboard_client::create_new;
use callboard_federation::{
    docket::Docket,
    dsse::{Envelope, PayloadType, SignatureLine},
    encoding::{Base64, CaseId, Hash, JsonError, Octets, RecordId, from_json, to_json},
    hand_in::{HandIn, HandedItem},
    identity::{IdentityKind, reader::TypedIdentity},
    language::Language,
    recipient::Recipient,
    roster::{Role, Roster},
    sealed::Plain,
    statement::{Basis, Statement},
    zh_en,
};
use callboard_keys::{
    SeatKey,
    age_file::{self, Unopened},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    cases::docket::chains,
    error::{Error, named},
    letter::asked_text,
    missing_signature::asked,
};

/// The most bytes that are read of a bundle, decrypted: 1,000 statements at their longest, and as much again beside
/// them.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// A docket to be signed, with what it commits to: each statement is the one that its item commits to.
#[derive(Clone)]
pub struct Bundle {
    payload: Vec<u8>,
    docket: Docket,
    items: Vec<Item>,
    publication: Option<Vec<u8>>,
    events: Vec<Envelope>,
    number: Option<String>,
    proposal: Option<ProposalOf>,
}

/// What a bundle is put to the vote for, and isn't signed as: its statements have a `procedure` of zeros.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalOf {
    pub case: CaseId,
    /// The item of the case that each statement is for, in their order.
    pub items: Vec<u32>,
}

/// A statement, and what its signer re-derives its tags and opens its seal by.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub statement: Base64,
    /// The share of its details, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Octets<32>>,
    /// The identities of its subject, in the order of its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<BundleIdentity>,
    /// What its details say in clear, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<serde_json::Value>,
}

/// An identity that a tag stands for, as the drafter typed it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleIdentity {
    /// Its kind (`docs/formats.md` §2).
    pub kind: IdentityKind,
    /// Its value, before or after normalising.
    pub value: String,
    /// Whether the drafter says that it was compared with the document.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub soft: bool,
}

impl Item {
    /// What its details say in clear, if it has any.
    pub fn details(&self) -> Option<Plain> {
        serde_json::from_value(self.plain.clone()?).ok()
    }
}

impl BundleIdentity {
    pub fn typed(&self) -> TypedIdentity<'_> {
        TypedIdentity { kind: self.kind, value: &self.value, confirmed: self.confirmed }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    v: u64,
    issuer: String,
    docket: Base64,
    items: Vec<Item>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    publication: Option<Base64>,
    events: Vec<Envelope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposal: Option<ProposalOf>,
}

impl Bundle {
    /// The bundle of a new docket, which becomes the payload that is signed.
    pub fn draft(
        docket: &Docket,
        items: Vec<Item>,
        publication: Option<Vec<u8>>,
        events: Vec<Envelope>,
    ) -> Result<Self, Error> {
        Self::of(to_json(docket), items, publication, events)
    }

    fn of(
        payload: Vec<u8>,
        items: Vec<Item>,
        publication: Option<Vec<u8>>,
        events: Vec<Envelope>,
    ) -> Result<Self, Error> {
        let docket = Docket::from_json(&payload).map_err(|source| {
            Error::other("bundle-docket", || zh_en!("待签文件中的文书", "the bundle's docket")).because(source)
        })?;
        if items.len() != docket.items.len() {
            let (expected, got) = (docket.items.len(), items.len());
            return Err(Error::other("bundle-items", || {
                zh_en!("文书有{expected}项，待签文件有{got}项", "the docket has {expected} items, the bundle {got}")
            }));
        }
        for (signed, item) in docket.items.iter().zip(&items) {
            if Statement::commitment(&item.statement.0) != signed.commitment {
                let record = signed.record;
                return Err(Error::other("bundle-commitment", || {
                    zh_en!(
                        "{record} 的内容与文书的承诺值不符",
                        "the statement of {record} is not the one that the docket commits to"
                    )
                }));
            }
        }
        if publication.as_deref().map(Hash::of) != docket.publication {
            return Err(Error::other("bundle-publication", || {
                zh_en!("公布内容不是该文书所指的", "the publication is not the one that the docket names")
            }));
        }
        Ok(Self { payload, docket, items, publication, events, number: None, proposal: None })
    }

    /// The same, its letters bearing a number (文号).
    #[must_use]
    pub fn numbered(self, number: Option<String>) -> Self {
        Self { number, ..self }
    }

    /// The same, to be put to the vote in a case and not to be signed.
    ///
    /// # Errors
    /// Not every statement has its item.
    pub fn proposed(self, proposal: ProposalOf) -> Result<Self, Error> {
        if proposal.items.len() != self.items.len() {
            return Err(Error::other("proposal-items", || {
                zh_en!(
                    "提请评议的每项内容都须写明属于案件的第几人",
                    "each statement of a proposal is for one item of its case"
                )
            }));
        }
        Ok(Self { proposal: Some(proposal), ..self })
    }

    pub fn open(path: &Path, key: &SeatKey) -> Result<Self, Error> {
        let file = std::fs::File::open(path).map_err(Error::io(path))?;
        let json = age_file::open(io::BufReader::new(file), key.identity(), MAX_BYTES).map_err(|why| match why {
            Unopened::ForOthers => Error::NotForThisKey { path: path.to_owned() },
            Unopened::Malformed => {
                let path = named(path);
                Error::other("bundle-malformed", || {
                    zh_en!("{path} 不是待签文件，或者已损坏", "{path} is no bundle, or damaged")
                })
            }
        })?;
        Self::from_json(&json)
    }

    /// The bundle of the bytes of such a file, as drafts carry it.
    pub fn unseal(sealed: &[u8], key: &SeatKey) -> Result<Self, Error> {
        let json = age_file::open(sealed, key.identity(), MAX_BYTES).map_err(|why| match why {
            Unopened::ForOthers => {
                Error::other("sealed-for-others", || zh_en!("不是加密给此密钥的", "it isn't encrypted to this key"))
            }
            Unopened::Malformed => {
                Error::other("sealed-malformed", || zh_en!("密文已损坏", "the ciphertext is damaged"))
            }
        })?;
        Self::from_json(&json)
    }

    fn from_json(json: &[u8]) -> Result<Self, Error> {
        // What serde says may quote what it read: only the place is told.
        let content: Content = from_json(json).map_err(|(JsonError::Strict(error) | JsonError::Shape(error))| {
            let (line, column) = (error.line(), error.column());
            Error::other("bundle-shape", || {
                zh_en!(
                    "待签文件第{line}行第{column}列格式有误",
                    "the bundle is malformed at line {line}, column {column}"
                )
            })
        })?;
        if content.v != 1 {
            return Err(Error::other("bundle-version", || {
                zh_en!("待签文件只认版本1", "only version 1 of bundles is known")
            }));
        }
        let publication = content.publication.map(|text| text.0);
        let bundle = Self::of(content.docket.0, content.items, publication, content.events)?.numbered(content.number);
        let bundle = match content.proposal {
            Some(proposal) => bundle.proposed(proposal)?,
            None => bundle,
        };
        if bundle.docket.issuer != content.issuer {
            return Err(Error::other("bundle-issuer", || {
                zh_en!("待签文件中的文书属于另一登记册", "the bundle's docket is of another registry")
            }));
        }
        Ok(bundle)
    }

    /// The bytes of its file, encrypted to `recipients`.
    pub fn seal<'a>(&self, recipients: impl IntoIterator<Item = &'a Recipient>) -> Result<Vec<u8>, Error> {
        let content = Zeroizing::new(to_json(&Content {
            v: 1,
            issuer: self.docket.issuer.clone(),
            docket: Base64(self.payload.clone()),
            items: self.items.clone(),
            publication: self.publication.clone().map(Base64),
            events: self.events.clone(),
            number: self.number.clone(),
            proposal: self.proposal.clone(),
        }));
        age_file::seal(recipients, &content).ok_or_else(|| {
            Error::other("bundle-recipients", || {
                zh_en!("待签文件无法加密给签署人", "the bundle can't be encrypted to those who sign it")
            })
        })
    }

    /// Writes it, encrypted to `recipients`, where nothing stands yet.
    pub fn write<'a>(&self, path: &Path, recipients: impl IntoIterator<Item = &'a Recipient>) -> Result<(), Error> {
        create_new::write(path, create_new::PRIVATE, &self.seal(recipients)?).map_err(Error::io(path))
    }

    /// The bytes that are signed.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// SHA-256 of the payload: what names the docket everywhere but inside it.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.payload)
    }

    pub const fn docket(&self) -> &Docket {
        &self.docket
    }

    /// The statements, in the order of the docket's items.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    pub fn publication(&self) -> Option<&[u8]> {
        self.publication.as_deref()
    }

    /// The chains of the cases that its statements end.
    pub fn events(&self) -> &[Envelope] {
        &self.events
    }

    /// Whether something in it has a procedure, and neither was resolved nor is put to the vote.
    pub fn is_undecided(&self) -> bool {
        self.proposal.is_none() && self.statements().any(|statement| statement.basis().is_some_and(Basis::is_imported))
    }

    fn statements(&self) -> impl Iterator<Item = Statement> {
        self.items.iter().filter_map(|item| Statement::from_json(&item.statement.0).ok())
    }

    /// How many of each role sign it.
    pub fn asked(&self, roster: &Roster) -> BTreeMap<Role, u64> {
        let statements: Vec<Statement> = if self.proposal.is_some() { Vec::new() } else { self.statements().collect() };
        asked(roster, &self.docket, &statements)
    }

    /// The number that its letters bear, if they have one.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// The case that it is put to the vote in, if it isn't to be signed.
    pub const fn proposal(&self) -> Option<&ProposalOf> {
        self.proposal.as_ref()
    }

    /// What is handed in, once these have signed: nothing of it is clear but the verdicts.
    pub fn with_signatures(&self, signatures: Vec<SignatureLine>) -> HandIn {
        HandIn {
            docket: Envelope { signatures, ..Envelope::new(PayloadType::Docket, self.payload.clone()) },
            items: self
                .items
                .iter()
                .map(|item| HandedItem { statement: item.statement.clone(), share: item.share })
                .collect(),
            publication: self.publication.clone().map(Base64),
            events: chains(&self.events),
        }
    }
}

/// The recipients of the seats that `roster` asks to sign the docket: those of the roles in the rules of its items.
pub fn signers<'a>(roster: &'a Roster, bundle: &Bundle) -> impl Iterator<Item = &'a Recipient> + use<'a> {
    let asked = bundle.asked(roster);
    roster.seats.iter().filter(move |seat| asked.contains_key(&seat.role)).map(|seat| &seat.recipient)
}

/// Who is asked to sign, in words.
pub fn to_sign(asked: &BTreeMap<Role, u64>) -> String {
    let said = asked.iter().map(|(role, count)| format!("{count} {role}"));
    zh_en!(("{}", asked_text(asked, Language::Zh)), ("to be signed by {}", said.collect::<Vec<_>>().join(", ")))
}

/// Nobody would be able to open it, or a recipient isn't one that `age` knows.
pub(crate) fn not_in_bundle(record: RecordId) -> Error {
    Error::other("not-in-bundle", || {
        zh_en!("该待签文件中没有记录 {record}", "the bundle does not hold record {record}")
    })
}

#[cfg(test)]
mod tests;
