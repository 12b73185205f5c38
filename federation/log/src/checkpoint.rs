//! Checkpoints: the size and root of the log, signed by it.
//!
//! Who cosigned one is in [`super::cosignature`], whether that suffices in [`super::view`]. Implements C2SP
//! tlog-checkpoint, with `docs/formats.md` §8: origin = issuer = name of the log's keys.

use std::{fmt, str::FromStr};

use ed25519_dalek::{Signer as _, SigningKey};

use crate::encoding::{Hash, Octets, PublicKey};

use super::{
    TlogError, base64_of_hash, decimal, hash_of_base64,
    note::{Note, NoteSignature},
    vkey::{KeyName, SignatureType, VerifierKey},
};

/// What a checkpoint says. In text three lines: origin, size in decimal, root in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log. The text allows any line; a log of ours has a key of this name, so it must be a name.
    pub origin: KeyName,
    /// How many leaves; below 2⁵³.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The checkpoint signed with the log's `key`, type 0x01.
    pub fn sign(self, key: &SigningKey) -> SignedCheckpoint {
        let signer = VerifierKey::new(self.origin.clone(), SignatureType::Note, PublicKey::of(key));
        let text = self.to_string();
        let signature = NoteSignature::by(&signer, key.sign(text.as_bytes()).to_bytes().to_vec());
        SignedCheckpoint { note: Note::new(text, signature), checkpoint: self }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, base64_of_hash(&self.root))
    }
}

impl FromStr for Checkpoint {
    type Err = TlogError;

    /// Reads a note's text. Lines beyond the third are the log's own affair: they stay in the note and are signed with
    /// it.
    fn from_str(text: &str) -> Result<Self, TlogError> {
        let mut lines = text.strip_suffix('\n').ok_or(TlogError::Checkpoint)?.split('\n');
        let mut line = || lines.next().ok_or(TlogError::Checkpoint);
        let origin = line()?.parse().map_err(|_| TlogError::Checkpoint)?;
        let size = decimal(line()?).ok_or(TlogError::Checkpoint)?;
        let root = hash_of_base64(line()?).ok_or(TlogError::Checkpoint)?;
        if lines.any(str::is_empty) { Err(TlogError::Checkpoint) } else { Ok(Self { origin, size, root }) }
    }
}

/// A checkpoint in its note, with all lines that came with it. In JSON it stands as the note's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// The note: text and lines.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// What it says, not to be believed before [`Self::verify`].
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Adds a line, such as a witness's cosignature.
    pub fn add(&mut self, signature: NoteSignature) {
        self.note.add(signature);
    }

    /// Leaves out the lines that `keep` says no to; with none left it is no note any more.
    pub fn retain(&mut self, keep: impl FnMut(&NoteSignature) -> bool) {
        self.note.retain(keep);
    }

    /// Checks that one of the keys `log` signed, under the checkpoint's origin as name, and gives what it says.
    ///
    /// # Errors
    /// [`TlogError::Signature`] if a line by one of these keys doesn't verify; [`TlogError::Unsigned`] if there is
    /// none.
    pub fn verify(&self, log: &[VerifierKey]) -> Result<&Checkpoint, TlogError> {
        let mut signed = false;
        for key in log.iter().filter(|key| key.signs() == SignatureType::Note && *key.name() == self.checkpoint.origin)
        {
            for line in self.note.signatures_naming(key) {
                let signature = line.signature.as_slice().try_into().map(Octets).map_err(|_| TlogError::Signature)?;
                if !key.key().verifies(self.note.text().as_bytes(), &signature) {
                    return Err(TlogError::Signature);
                }
                signed = true;
            }
        }
        if signed { Ok(&self.checkpoint) } else { Err(TlogError::Unsigned) }
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = TlogError;

    fn from_str(text: &str) -> Result<Self, TlogError> {
        let note: Note = text.parse()?;
        let checkpoint = note.text().parse()?;
        Ok(Self { note, checkpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::{entries, log_key};

    #[test]
    fn the_sample_checkpoint_prints_and_verifies() {
        let log = entries();
        let text = log["checkpoint"].as_str().unwrap();
        let signed: SignedCheckpoint = text.parse().unwrap();
        assert_eq!(signed.to_string(), text);
        let checkpoint = signed.verify(&[log["logVkey"].as_str().unwrap().parse().unwrap()]).unwrap();
        assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("callboard.example", 7));
        assert_eq!(checkpoint.root.to_string(), log["roots"]["7"].as_str().unwrap());
    }

    #[test]
    fn the_log_signs_the_sample_checkpoint_alike() {
        let sample: SignedCheckpoint = entries()["checkpoint"].as_str().unwrap().parse().unwrap();
        let signed = sample.checkpoint().clone().sign(&log_key());
        assert_eq!(signed.note().text(), sample.note().text());
        assert_eq!(signed.note().signatures(), &sample.note().signatures()[..1]);
    }

    #[test]
    fn a_checkpoint_counts_by_the_log_alone_and_only_if_each_of_its_lines_verifies() {
        let log = entries();
        let text = log["checkpoint"].as_str().unwrap();
        let key: VerifierKey = log["logVkey"].as_str().unwrap().parse().unwrap();
        let verify = |text: &str, keys: &[VerifierKey]| {
            text.parse::<SignedCheckpoint>().unwrap().verify(keys).map(|checkpoint| checkpoint.size)
        };
        assert_eq!(verify(text, &[]), Err(TlogError::Unsigned));
        assert_eq!(verify(text, &[key.as_cosigner()]), Err(TlogError::Unsigned));
        let renamed = VerifierKey::new("other.example".parse().unwrap(), SignatureType::Note, *key.key());
        assert_eq!(verify(text, &[renamed]), Err(TlogError::Unsigned));
        assert_eq!(verify(&text.replace("\n7\n", "\n8\n"), std::slice::from_ref(&key)), Err(TlogError::Signature));
        assert_eq!(verify(&format!("{text}— callboard.example FBlaZwA=\n"), &[key]), Err(TlogError::Signature));
    }

    #[test]
    fn a_text_of_another_form_is_no_checkpoint() {
        let root = "skWcTAZnV8eSZyPEicF+DNLVxbns5Q9862ClZA9o6V4=";
        let own = format!("a\n7\n{root}\nown line\n");
        assert_eq!(own.parse::<Checkpoint>().unwrap().size, 7);
        for wrong in [
            format!("\n7\n{root}\n"),
            format!("a\n07\n{root}\n"),
            format!("a\n+7\n{root}\n"),
            format!("a\n\n{root}\n"),
            format!("a\n9007199254740992\n{root}\n"),
            format!("a\n7\n{root}"),
            format!("a\n7\n{}\n", &root[4..]),
            "a\n7\n".to_owned(),
            format!("a\n7\n{root}\n\nown line\n"),
        ] {
            assert_eq!(wrong.parse::<Checkpoint>(), Err(TlogError::Checkpoint), "{wrong:?}");
        }
    }
}
