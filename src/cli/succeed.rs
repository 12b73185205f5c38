//! `callboard succeed`: a data directory for another operator, who goes on with a log.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{
    create_new,
    pin::{Address, Pin, PinFile},
};
use callboard_federation::{language::Phrase, zh_en};

use crate::{config, ledger::key_file::make_log_key};

const EXAMPLES: &str = "\
Example:
  callboard succeed registry --pin genesis.json --url https://board.example
      callboard.toml, a new log key, and genesis.json with the new address, in a new directory
  callboard restore registry --from log              the log, from a member's `callboard-agent export`
  callboard serve registry                           shows it as it was signed, and signs nothing yet
  callboard roster --add-log-key … --drop-other-log-keys --key secretary-1.key
      drafts the roster that names the new key; once it is signed and submitted, the log goes on

Issuer and genesis stay: it is the same log. Members change `url` in member.toml and nothing else. Runbook: ops/succession.md.";

/// Whose a file of the data directory is.
pub const FOR_SERVE: Phrase =
    Phrase::new("登记系统的，供 callboard serve 使用", "the registry's, for `callboard serve`");
pub const NOBODY_ELSES: Phrase = Phrase::new("只由登记系统保管，不得交给他人", "the registry's, and nobody else's");

/// Set up a data directory to go on with the log of a registry, under another log key and address
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Succeed {
    /// The new data directory; made if it isn't there
    dir: PathBuf,
    /// The pin file of the log
    #[command(flatten)]
    pin: PinFile,
    /// The new public address
    #[arg(long)]
    url: Address,
    /// The token service's public address, if it moves too
    #[arg(long, value_name = "URL")]
    tokens_url: Option<Address>,
}

impl Succeed {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let before = self.pin.read()?;
        let at = |name: &str| self.dir.join(name);
        let (config, key, pin) = (at("callboard.toml"), at("log.key"), at("genesis.json"));
        for path in [&config, &key, &pin] {
            anyhow::ensure!(
                !path.exists(),
                zh_en!(
                    "{} 已经存在；接手者应使用新目录",
                    "{} is there already; a successor begins in a new directory",
                    path.display()
                )
            );
        }
        std::fs::create_dir_all(&self.dir).with_context(|| self.dir.display().to_string())?;
        let issuer = before
            .issuer
            .parse()
            .context(Phrase::new("校验文件中的名称不能用作密钥名称", "the pin's issuer can't be the name of a key"))?;
        let verifier = make_log_key(&key, issuer, &mut super::os_rng())?;
        let text = config::new_text(&before.issuer, &self.url);
        create_new::write(&config, create_new::PRIVATE, text.as_bytes())
            .with_context(|| config.display().to_string())?;
        let vkey = at("log.vkey");
        create_new::write(&vkey, create_new::PUBLIC, format!("{verifier}\n").as_bytes())
            .with_context(|| vkey.display().to_string())?;
        let tokens_url = self.tokens_url.unwrap_or_else(|| before.tokens_url.clone());
        Pin { url: self.url, tokens_url, ..before }.write(&pin)?;
        println!("{}  {FOR_SERVE}", config.display());
        println!("{}  {NOBODY_ELSES}", key.display());
        let named = zh_en!("下一版签署权限名单应列入的密钥", "the key that the next roster names");
        println!("{}  {named}", vkey.display());
        let everyones = zh_en!("交给所有人：同一登记册的新地址", "everyone's: the same log at its new address");
        println!("{}  {everyones}", pin.display());
        Ok(ExitCode::SUCCESS)
    }
}
