//! What a printed letter bears for machines: a record, and the commitment of the statement that was signed.
//!
//! The text stands under a code that cameras read; letters of either case are one, so that the code is small. It proves
//! nothing by itself: it is held against the record's proof. Implements `docs/formats.md` §8, *Printed letter*.

use std::{fmt, str::FromStr};

use crate::{
    encoding::{Hash, RecordId},
    zh_en,
};

/// What every such text begins with.
const SCHEME: &str = "callboard:record/";

/// A record as a letter names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintedRecord {
    /// The record.
    pub record: RecordId,
    /// The commitment of its statement.
    pub commitment: Hash,
}

/// A text that isn't one of a printed letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("不是决定书上的校验码", "not the code of a printed letter"))]
pub struct PrintedRecordError;

impl PrintedRecord {
    /// Whether a text means to be one.
    pub fn is_meant(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    }
}

impl fmt::Display for PrintedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.record, self.commitment)
    }
}

impl FromStr for PrintedRecord {
    type Err = PrintedRecordError;

    fn from_str(text: &str) -> Result<Self, PrintedRecordError> {
        let text = text.trim().to_ascii_lowercase();
        let (record, commitment) =
            text.strip_prefix(SCHEME).and_then(|rest| rest.split_once('/')).ok_or(PrintedRecordError)?;
        let (record, commitment) = (record.parse(), commitment.parse());
        Ok(Self {
            record: record.map_err(|_| PrintedRecordError)?,
            commitment: commitment.map_err(|_| PrintedRecordError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_either_case_and_nothing_else_is_one() {
        let text = format!("callboard:record/019de0d5-c800-718f-a415-49e628b90643/{}", Hash::of(b"statement"));
        let printed: PrintedRecord = text.parse().unwrap();
        assert_eq!((printed.to_string(), text.to_ascii_uppercase().parse()), (text.clone(), Ok(printed)));
        assert!(PrintedRecord::is_meant(&text.to_ascii_uppercase()) && !PrintedRecord::is_meant("record.json"));
        for wrong in ["", "callboard:record/", &text[..text.len() - 1], &text.replace("record/", "docket/")] {
            assert_eq!(wrong.parse::<PrintedRecord>(), Err(PrintedRecordError), "{wrong}");
        }
    }
}
