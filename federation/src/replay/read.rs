//! Formats §5.3, *what*, and all else of acceptance that asks nothing of the log: reading and hashing, most of the work
//! of a replay. Apart from it, so that it can be done ahead, or beside it on another core.

use std::borrow::Borrow;

use super::{LineErrorKind, RuleError};
use crate::{
    disclosure::{Disclosure, DocketDisclosure},
    docket::{Docket, DocketError, Item, Of, Publication},
    encoding::Hash,
    statement::Statement,
    zh_en,
};

/// A docket and its statements, read: each is what was signed, and says what its item says.
#[derive(Debug)]
pub struct ReadDocket<D> {
    disclosed: D,
    payload: Hash,
    pub(super) signatures: Hash,
    docket: Docket,
    statements: Vec<Option<Statement>>,
}

/// Why a docket and its statements don't read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The payload is no docket: it commits to no statements that a line could bear out.
    #[error("{}", zh_en!("文书格式有误：{_0}", "the docket is malformed: {_0}"))]
    Docket(DocketError),
    /// What is shown isn't what was signed.
    #[error("{}", zh_en!("所示内容与所签内容不符：{_0}", "what is shown is not what was signed: {_0}"))]
    NotBorneOut(LineErrorKind),
    /// What was signed breaks a rule.
    #[error("{1}")]
    Refused(Box<Docket>, #[source] RuleError),
}

impl From<ReadError> for RuleError {
    fn from(unread: ReadError) -> Self {
        match unread {
            ReadError::Docket(malformed) => Self::Docket(malformed),
            ReadError::NotBorneOut(fault) => Self::NotBorneOut(fault),
            ReadError::Refused(_, refusal) => refusal,
        }
    }
}

impl<D: Borrow<DocketDisclosure>> ReadDocket<D> {
    /// Reads a docket; an erased statement is lacking.
    pub fn of(disclosed: D) -> Result<Self, ReadError> {
        let shown = disclosed.borrow();
        let docket = Docket::from_json(&shown.envelope.payload.0).map_err(ReadError::Docket)?;
        is_borne_out(&docket, shown).map_err(ReadError::NotBorneOut)?;
        let statements = match read_statements(&docket, shown) {
            Ok(statements) => statements,
            Err(refusal) => return Err(ReadError::Refused(Box::new(docket), refusal)),
        };
        let (payload, signatures) = (shown.envelope.payload_hash(), shown.envelope.signatures_hash());
        Ok(Self { disclosed, payload, signatures, docket, statements })
    }

    /// What it was read from.
    pub fn disclosed(&self) -> &DocketDisclosure {
        self.disclosed.borrow()
    }
}

impl<D> ReadDocket<D> {
    /// SHA-256 of the payload.
    pub const fn payload_hash(&self) -> Hash {
        self.payload
    }

    /// The docket.
    pub const fn docket(&self) -> &Docket {
        &self.docket
    }

    /// The statements in the order of the items; an erased one is `None`.
    pub fn statements(&self) -> &[Option<Statement>] {
        &self.statements
    }
}

/// A line of the feed, its docket read.
#[derive(Debug)]
pub struct ReadLine<'a> {
    pub(super) line: &'a Disclosure,
    pub(super) docket: Option<Result<ReadDocket<&'a DocketDisclosure>, ReadError>>,
}

impl<'a> ReadLine<'a> {
    /// Reads a line; whether its leaf bears it out is the replay's.
    pub fn of(line: &'a Disclosure) -> Self {
        Self { line, docket: line.docket.as_ref().map(ReadDocket::of) }
    }

    /// The line.
    pub const fn line(&self) -> &'a Disclosure {
        self.line
    }

    /// The docket with its statements, if they read.
    pub fn docket(&self) -> Option<&ReadDocket<&'a DocketDisclosure>> {
        self.docket.as_ref().and_then(|read| read.as_ref().ok())
    }

    /// SHA-256 of the docket's payload, if it reads.
    pub fn payload_hash(&self) -> Option<Hash> {
        self.docket().map(ReadDocket::payload_hash)
    }
}

/// Whether a line shows what its docket commits to, all of it, or what an erasure may have left.
fn is_borne_out(docket: &Docket, disclosed: &DocketDisclosure) -> Result<(), LineErrorKind> {
    if docket.items.len() != disclosed.items.len() {
        return Err(LineErrorKind::Items);
    }
    for (item, statement) in docket.items.iter().zip(&disclosed.items) {
        match statement {
            Some(bytes) if Statement::commitment(bytes) != item.commitment => {
                return Err(LineErrorKind::Commitment { record: item.record });
            }
            // A public document is never erased.
            None if item.kind.is_document() => return Err(LineErrorKind::NotErased { record: item.record }),
            _ => {}
        }
    }
    match (docket.publication, &disclosed.publication) {
        (None, None) => Ok(()),
        (Some(hash), Some(text)) if Hash::of(text) == hash => Ok(()),
        // The text goes with the last of its docket's records.
        (Some(_), None) if disclosed.items.iter().all(Option::is_none) => Ok(()),
        _ => Err(LineErrorKind::Publication),
    }
}

/// The statements, each as its item says; an erased one is `None`.
fn read_statements(docket: &Docket, disclosed: &DocketDisclosure) -> Result<Vec<Option<Statement>>, RuleError> {
    if let Some(text) = &disclosed.publication {
        Publication::from_json(text).map_err(RuleError::Publication)?;
    }
    let read =
        |(item, bytes): (&Item, &Option<Vec<u8>>)| bytes.as_ref().map(|bytes| read_statement(item, bytes)).transpose();
    docket.items.iter().zip(&disclosed.items).map(read).collect()
}

/// The statement of `bytes`, which the item's commitment bears out, if it says what the item says.
pub(crate) fn read_statement(item: &Item, bytes: &[u8]) -> Result<Statement, RuleError> {
    let record = item.record;
    let statement = Statement::from_json(bytes).map_err(|source| RuleError::Statement { record, source })?;
    let of_measure = match item.of {
        Some(Of::Measure(measure)) => statement.imposed().is_some_and(|imposed| imposed.measure.kind == measure),
        // Of what it is about is checked where that is looked up.
        Some(Of::About(_)) | None => statement.imposed().is_none(),
    };
    if statement.id != record || statement.kind() != item.kind || !of_measure {
        return Err(RuleError::ItemMismatch { record });
    }
    Ok(statement)
}
