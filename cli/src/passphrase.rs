//! `callboard passphrase`: another passphrase for a key file that is there, or the same one dearer to guess.

use std::{path::PathBuf, process::ExitCode};

use callboard_federation::zh_en;
use callboard_keys::{KeyFile, passphrase::PassphraseSource};

const EXAMPLES: &str = "\
Examples:
  callboard passphrase panel-1.key                 asks for the passphrase, then twice for the new one
  callboard passphrase panel-1.key --passphrase-file old --new-passphrase-file new

The key stays the same, so nobody else need know. Copies of the file keep the passphrase that they had: if somebody may
have it, make a new key (`callboard keygen`) and have the roster or the list of members name that one.";

/// Change the passphrase of a key file
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PassphraseVerb {
    /// The key file of a seat or of a member
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// The first line of FILE is the new passphrase; without it `CALLBOARD_PASSPHRASE` is, else it is
    /// asked for
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

impl PassphraseVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let key = KeyFile::open(&self.key, self.passphrase.of(&self.key)?)?;
        let passphrase = PassphraseSource { passphrase_file: self.new_passphrase_file }.new_one()?;
        key.replace(&self.key, passphrase)?;
        println!("{}  {}", self.key.display(), zh_en!("此后只能用新密码打开", "opens with the new passphrase alone"));
        Ok(ExitCode::SUCCESS)
    }
}
