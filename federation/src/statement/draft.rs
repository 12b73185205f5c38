//! The draft hash: how events of a case name a statement that isn't signed yet, whose `procedure` isn't known yet.
//!
//! Implements *Draft hash* of `docs/formats.md` §11.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Statement, StatementError};
use crate::{encoding::Hash, zh_en};

/// Characters of `procedure`.
const LENGTH: usize = 64;
const ZEROS: [u8; LENGTH] = [b'0'; LENGTH];

/// Why bytes have no draft hash.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// They are no statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The kind has no procedure.
    #[error("{}", zh_en!("此类文书没有程序记载", "a statement of its kind has no procedure"))]
    WithoutProcedure,
    /// The procedure isn't written as its 64 characters.
    #[error("{}", zh_en!("程序记载不应使用转义", "the procedure is written with escapes"))]
    Escaped,
}

#[derive(Deserialize)]
struct DraftBytes<'a> {
    #[serde(borrow)]
    procedure: &'a RawValue,
}

/// SHA-256(`"callboard/draft/v1"` ‖ 0x00 ‖ the statement's bytes with the 64 characters of `procedure` replaced by
/// `0`).
///
/// # Errors
/// [`DraftError`] if the bytes have none.
pub fn draft_hash(bytes: &[u8]) -> Result<Hash, DraftError> {
    let (before, after) = around_procedure(bytes)?;
    Ok(Hash::of_parts([b"callboard/draft/v1\0".as_slice(), before, &ZEROS, after]))
}

/// The statement's bytes under a procedure: what was a draft becomes what is signed, and keeps its draft hash.
///
/// # Errors
/// [`DraftError`] if the bytes have no draft hash.
pub fn under_procedure(bytes: &[u8], procedure: &Hash) -> Result<Vec<u8>, DraftError> {
    let (before, after) = around_procedure(bytes)?;
    Ok([before, procedure.to_string().as_bytes(), after].concat())
}

/// The bytes before and behind the characters of `procedure`.
fn around_procedure(bytes: &[u8]) -> Result<(&[u8], &[u8]), DraftError> {
    let statement = Statement::from_json(bytes)?;
    if statement.basis().is_none() {
        return Err(DraftError::WithoutProcedure);
    }
    let drafted: DraftBytes<'_> = serde_json::from_slice(bytes).map_err(|_| DraftError::WithoutProcedure)?;
    let written = drafted.procedure.get().as_bytes();
    let [b'"', characters @ .., b'"'] = written else { return Err(DraftError::Escaped) };
    if characters.len() != LENGTH {
        return Err(DraftError::Escaped);
    }
    // The text is a part of `bytes`: where it lies is where they are replaced.
    let begins = characters.as_ptr().addr().checked_sub(bytes.as_ptr().addr());
    let around = begins.and_then(|at| Some((bytes.get(..at)?, bytes.get(at.checked_add(LENGTH)?..)?)));
    around.ok_or(DraftError::Escaped)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::vectors::{base64, list, text};

    #[test]
    fn a_draft_is_named_whatever_its_procedure_will_be() {
        let vectors: Value = serde_json::from_str(include_str!("../../vectors/events.json")).unwrap();
        let drafts = list(&vectors["drafts"]);
        assert_eq!(drafts.len(), 21);
        for case in drafts {
            let hash = draft_hash(&base64(&case["statement"]));
            assert_eq!(hash.is_ok(), case["accepted"].as_bool().unwrap(), "{}: {hash:?}", case["name"]);
            match hash {
                Ok(hash) => assert_eq!(hash.to_string(), text(&case["draft"]), "{}", case["name"]),
                Err(DraftError::WithoutProcedure) => assert_eq!(case["reason"], "draft-without-procedure"),
                Err(DraftError::Escaped) => assert_eq!(case["reason"], "draft-procedure-escaped"),
                Err(DraftError::Statement(_)) => {}
            }
        }
    }

    #[test]
    fn a_statement_under_its_procedure_is_the_same_draft() {
        let vectors: Value = serde_json::from_str(include_str!("../../vectors/events.json")).unwrap();
        let mut drafts = list(&vectors["drafts"]).iter().filter(|case| case["accepted"].as_bool().unwrap());
        let draft = base64(&drafts.next().unwrap()["statement"]);
        let procedure = Hash::of(b"the last event");
        let signed = under_procedure(&draft, &procedure).unwrap();
        assert_eq!(Statement::from_json(&signed).unwrap().basis().unwrap().procedure, procedure);
        assert_eq!(draft_hash(&signed).unwrap(), draft_hash(&draft).unwrap());
        assert!(matches!(under_procedure(b"{}", &procedure), Err(DraftError::Statement(_))));
    }
}
