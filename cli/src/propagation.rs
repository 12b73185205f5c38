//! `callboard propagation`: how far a docket has come, or how members stand with the last ones.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_api::registry::propagation::Fulfilment;
use callboard_client::{create_new, http, output};
use callboard_desk::{member_evidence::MemberEvidence, propagation, registry::Registry};
use callboard_federation::encoding::Hash;

use super::{seat, seat::AskArgs};

const EXAMPLES: &str = "\
Examples:
  callboard propagation 994ebc50376e990d…       signed, logged, delivered, receipted: with each member
  callboard propagation --key secretary-1.key    who is overdue with the last dockets, who declined and why
  callboard propagation 994ebc50376e990d… --json
  callboard propagation --evidence beta --out beta.json --key secretary-1.key
                                                 what beta hasn't carried out and what it signed of that, as a file:
                                                 then `callboard case evidence CASE --kind document --file beta.json`

A docket's hash is what `callboard submit` printed. Exit code 1 if a member is overdue.";

/// Show how far a docket has come with each member, or who hasn't carried out the last ones
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PropagationVerb {
    /// SHA-256 of the docket's payload; without it, all members and the last dockets, for whoever has a key
    docket: Option<Hash>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write what is open with a member, and its own receipts of that, as evidence of a case
    #[arg(long, value_name = "MEMBER", requires = "out", conflicts_with_all = ["docket", "json"])]
    evidence: Option<String>,
    /// The file of `--evidence`, where nothing stands yet
    #[arg(long, value_name = "FILE", requires = "evidence")]
    out: Option<PathBuf>,
    #[command(flatten)]
    asker: AskArgs,
}

impl PropagationVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if let (Some(member), Some(out)) = (&self.evidence, &self.out) {
            return super::block_on(self.write_evidence(member, out));
        }
        let (json, lines, is_overdue) = super::block_on(async {
            if let Some(docket) = self.docket {
                let pin = seat::read_pin(&self.asker.pin)?;
                let shown = propagation::of_docket(&http::client()?, &pin, docket).await?;
                let is_overdue = shown.counts.contains_key(&Fulfilment::Overdue);
                return Ok((serde_json::to_string_pretty(&shown)?, propagation::docket_lines(&shown), is_overdue));
            }
            let session = self.asker.session().await?;
            let caller = session.caller()?;
            let registry = Registry::new(&session.pin, &caller);
            let shown = propagation::of_members(&registry, &mut super::os_rng()).await?;
            let is_overdue = shown.members.iter().any(|member| member.counts.contains_key(&Fulfilment::Overdue));
            anyhow::Ok((serde_json::to_string_pretty(&shown)?, propagation::member_lines(&shown), is_overdue))
        })?;
        if self.json {
            println!("{json}");
        } else {
            output::lines(lines);
        }
        Ok(if is_overdue { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    async fn write_evidence(&self, member: &str, out: &Path) -> anyhow::Result<ExitCode> {
        let session = self.asker.session().await?;
        let caller = session.caller()?;
        let registry = Registry::new(&session.pin, &caller);
        let bytes = MemberEvidence::gather(&registry, member, &mut super::os_rng()).await?.bytes();
        create_new::write(out, create_new::PUBLIC, &bytes).with_context(|| out.display().to_string())?;
        println!("{}  SHA-256 {}", out.display(), Hash::of(&bytes));
        Ok(ExitCode::SUCCESS)
    }
}
