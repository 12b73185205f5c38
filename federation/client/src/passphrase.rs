//! The passphrase of a key file: from a file, from the environment, or typed without echo; never an argument, since every
//! process of the machine may read those.

use std::{
    io,
    path::{Path, PathBuf},
};

use age::secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::visible::Visible;

/// Where the passphrase stands when no file is named and nobody is to be asked.
pub const VARIABLE: &str = "CALLBOARD_PASSPHRASE";
/// The fewest characters of a new passphrase; what scrypt adds doesn't save a shorter one.
pub const MIN_CHARACTERS: usize = 8;

/// Where a passphrase is read from; every verb that opens a key has it.
#[derive(clap::Args)]
pub struct PassphraseSource {
    /// The first line of FILE is the passphrase; without it `CALLBOARD_PASSPHRASE` is, else it is asked for
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// The file can't be read.
    #[error("the passphrase file can't be read")]
    File(#[source] io::Error),
    /// Nobody can be asked.
    #[error("the passphrase can't be asked for here: name --passphrase-file, or set {VARIABLE}")]
    Prompt(#[source] io::Error),
    /// It was typed in two ways.
    #[error("the two passphrases differ")]
    Differ,
    /// A new one is too short.
    #[error("a passphrase has at least {MIN_CHARACTERS} characters")]
    TooShort,
}

impl PassphraseSource {
    /// The passphrase that opens `path`.
    pub fn of(&self, path: &Path) -> Result<SecretString, PassphraseError> {
        self.written().unwrap_or_else(|| ask(&format!("Passphrase of {}: ", Visible(&path.to_string_lossy()))))
    }

    /// A passphrase for a key that is about to be made; asked for twice where it is typed.
    pub fn new_one(&self) -> Result<SecretString, PassphraseError> {
        let passphrase = self.written().unwrap_or_else(|| {
            let first = ask("New passphrase: ")?;
            let again = ask("The same again: ")?;
            if again.expose_secret() == first.expose_secret() { Ok(first) } else { Err(PassphraseError::Differ) }
        })?;
        if passphrase.expose_secret().chars().count() < MIN_CHARACTERS {
            return Err(PassphraseError::TooShort);
        }
        Ok(passphrase)
    }

    fn written(&self) -> Option<Result<SecretString, PassphraseError>> {
        if let Some(path) = &self.passphrase_file {
            let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(PassphraseError::File);
            return Some(text.map(|text| text.lines().next().unwrap_or_default().into()));
        }
        std::env::var(VARIABLE).ok().map(|text| Ok(text.into()))
    }
}

fn ask(prompt: &str) -> Result<SecretString, PassphraseError> {
    rpassword::prompt_password(prompt).map(Into::into).map_err(PassphraseError::Prompt)
}
