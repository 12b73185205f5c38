//! Identities as a verb is given them: from a file, from standard input, as arguments.

use std::{
    io::{IsTerminal as _, Read as _},
    path::PathBuf,
};

use anyhow::Context as _;
use callboard_federation::identity::Identity;
use zeroize::Zeroizing;

use crate::desk::asking::read_identity;

/// The identities of one person.
#[derive(clap::Args)]
pub(super) struct IdentityArgs {
    /// Identities of one person; every user of this machine can see arguments, so rather use --identity-file, or leave
    /// them out and be asked
    #[arg(value_name = "KIND:VALUE")]
    identities: Vec<String>,
    #[command(flatten)]
    written: WrittenIdentities,
}

/// The identities of one person, where other arguments stand for something else.
#[derive(clap::Args)]
pub(super) struct WrittenIdentities {
    /// Identities of one person, one KIND:VALUE a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    identity_file: Option<PathBuf>,
    /// Take a credit code (cn-uscc) whose checksum fails: it was compared with the licence
    #[arg(long)]
    confirmed: bool,
}

impl IdentityArgs {
    /// The identities; asked for without echo where none is given.
    pub(super) fn read(&self) -> anyhow::Result<Vec<Identity>> {
        let mut read = self.written.read()?;
        for text in &self.identities {
            read.push(self.written.one(text)?);
        }
        if read.is_empty() {
            anyhow::ensure!(
                std::io::stdin().is_terminal(),
                "give an identity as KIND:VALUE: with --identity-file, or as an argument"
            );
            let typed = Zeroizing::new(rpassword::prompt_password("Identity (KIND:VALUE, not shown): ")?);
            read.push(self.written.one(&typed)?);
        }
        Ok(read)
    }
}

impl WrittenIdentities {
    /// The identities of the file, if one is named.
    pub(super) fn read(&self) -> anyhow::Result<Vec<Identity>> {
        let Some(path) = &self.identity_file else { return Ok(Vec::new()) };
        let mut text = Zeroizing::new(String::new());
        if path.as_os_str() == "-" {
            std::io::stdin().read_to_string(&mut text).context("standard input")?;
        } else {
            *text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        }
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(at, line)| self.one(line).with_context(|| format!("line {}", at + 1))).collect()
    }

    fn one(&self, text: &str) -> anyhow::Result<Identity> {
        read_identity(text, self.confirmed).context("the identity can't be taken")
    }
}
