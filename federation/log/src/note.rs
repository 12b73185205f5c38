//! Signed notes: a text and who signed it, read and printed without a byte of difference.
//!
//! Whether a signature holds is asked where its type is known: [`super::checkpoint`] and [`super::cosignature`].
//! Implements *Format* and *Signatures* of C2SP signed-note.

use std::{fmt, str::FromStr};

use crate::encoding::Base64;

use super::{
    TlogError,
    vkey::{KeyHash, KeyName, VerifierKey},
};

/// The most bytes of a note that are read: room for [`MAX_SIGNATURES`] lines of 500 bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The most signature lines of a note that are read: every member is a witness, and there are up to a thousand members.
pub const MAX_SIGNATURES: usize = 2_048;

/// What begins a signature line: an em dash and a space.
const SIGNATURE_PREFIX: &str = "— ";

/// A text with its signature lines. Whoever reads the text has checked a signature first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line: `— name base64(hash ‖ signature)`, with its newline.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NoteSignature {
    /// The signer's name.
    pub name: KeyName,
    /// The hash of the signer's name, type and key.
    pub hash: KeyHash,
    /// The signature's bytes, in the form of its type; never empty.
    pub signature: Vec<u8>,
}

impl Note {
    /// A note of a well-formed `text`, signed by one line.
    pub(super) fn new(text: String, signature: NoteSignature) -> Self {
        Self { text, signatures: vec![signature] }
    }

    /// The text that is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in the note's order; at least one.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a line, unless it is there already.
    pub fn add(&mut self, signature: NoteSignature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }

    /// Leaves out the lines that `keep` says no to.
    pub(super) fn retain(&mut self, keep: impl FnMut(&NoteSignature) -> bool) {
        self.signatures.retain(keep);
    }

    /// The lines that name `key`; whether they verify is still to be asked.
    pub fn signatures_naming<'a>(&'a self, key: &'a VerifierKey) -> impl Iterator<Item = &'a NoteSignature> {
        self.signatures.iter().filter(|line| line.names(key))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

impl FromStr for Note {
    type Err = TlogError;

    fn from_str(note: &str) -> Result<Self, TlogError> {
        if note.len() > MAX_BYTES {
            return Err(TlogError::NoteTooLarge);
        }
        // The text keeps the first newline of the last empty line; it may have empty lines itself.
        let split = note.rfind("\n\n").ok_or(TlogError::Note)? + 1;
        let (text, lines) = (&note[..split], &note[split + 1..]);
        if text.contains(|c| c < ' ' && c != '\n') {
            return Err(TlogError::Note);
        }
        let mut lines = lines.split_inclusive('\n').map(str::parse);
        let mut read = Self::new(text.to_owned(), lines.next().ok_or(TlogError::Note)??);
        for line in lines {
            if read.signatures.len() == MAX_SIGNATURES {
                return Err(TlogError::NoteTooLarge);
            }
            read.signatures.push(line?);
        }
        Ok(read)
    }
}

impl NoteSignature {
    /// The line of `signature` by `key`.
    pub fn by(key: &VerifierKey, signature: Vec<u8>) -> Self {
        Self { name: key.name().clone(), hash: key.hash(), signature }
    }

    /// Whether the line names `key`: its name and hash together.
    pub fn names(&self, key: &VerifierKey) -> bool {
        self.hash == key.hash() && self.name == *key.name()
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.hash.as_bytes(), self.signature.as_slice()].concat();
        writeln!(f, "{SIGNATURE_PREFIX}{} {}", self.name, Base64(bytes))
    }
}

impl FromStr for NoteSignature {
    type Err = TlogError;

    fn from_str(line: &str) -> Result<Self, TlogError> {
        let line = line.strip_suffix('\n').and_then(|line| line.strip_prefix(SIGNATURE_PREFIX));
        let (name, signature) = line.and_then(|line| line.split_once(' ')).ok_or(TlogError::Note)?;
        let Base64(bytes) = signature.parse().map_err(|_| TlogError::Note)?;
        let (hash, signature) = bytes.split_first_chunk().ok_or(TlogError::Note)?;
        if signature.is_empty() {
            return Err(TlogError::Note);
        }
        Ok(Self { name: name.parse()?, hash: KeyHash::from_bytes(*hash), signature: signature.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first example of the signed-note text: an empty line within, letters beyond ASCII.
    const EXAMPLE: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— \
                           quasimodo.example/salvatore \
                           NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

    #[test]
    fn a_note_prints_as_it_was_read() {
        let note: Note = EXAMPLE.parse().unwrap();
        assert!(note.text().ends_with(":\n\ned è subito sera.\n"));
        assert_eq!(note.to_string(), EXAMPLE);
    }

    #[test]
    fn a_note_of_another_form_is_refused() {
        let signature = "— a AAAAAAA=\n";
        assert!(format!("x\n\n{signature}").parse::<Note>().is_ok());
        for wrong in [
            "x\n\n".to_owned(),
            format!("x\n{signature}"),
            format!("\n{signature}"),
            format!("x\ty\n\n{signature}"),
            format!("x\r\n\n{signature}"),
            format!("x\n\n{signature}y\n"),
            "x\n\n— a AAAAAAA=".to_owned(),
            "x\n\n- a AAAAAAA=\n".to_owned(),
            "x\n\n— a  AAAAAAA=\n".to_owned(),
            "x\n\n— a AAAAAAA\n".to_owned(),
            "x\n\n— a AAAAAAB=\n".to_owned(),
            "x\n\n— a AAAAAA==\n".to_owned(),
        ] {
            assert_eq!(wrong.parse::<Note>(), Err(TlogError::Note), "{wrong:?}");
        }
        assert_eq!("x\n\n— a+b AAAAAAA=\n".parse::<Note>(), Err(TlogError::KeyName));
    }

    #[test]
    fn a_note_has_its_limits() {
        let line = "— a AAAAAAA=\n";
        assert!(format!("x\n\n{}", line.repeat(MAX_SIGNATURES)).parse::<Note>().is_ok());
        for large in [line.repeat(MAX_SIGNATURES + 1), format!("{}\n\n{line}", "x".repeat(MAX_BYTES))] {
            assert_eq!(format!("x\n\n{large}").parse::<Note>(), Err(TlogError::NoteTooLarge));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_prints_the_same(note in r"(\PC|\n){0,20}\n\n(— \PC{1,5} [A-Za-z0-9+/=]{8}\n){1,3}") {
            if let Ok(read) = note.parse::<Note>() {
                prop_assert_eq!(read.to_string(), note);
            }
        }
    }
}
