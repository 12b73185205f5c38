//! `callboard policy`: the instruments that come with the program; checking one of the committee's own, and drafting it.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::output;
use callboard_desk::{
    policies::{self, draft},
    registry::Registry,
};
use clap::Subcommand;

use super::member::DrafterArgs;

const EXAMPLES: &str = "\
Examples:
  callboard policy show                                   what comes with the program
  callboard policy show streamer-warning-rules/2022       the commented source, each value with its mark
  callboard policy show streamer-warning-rules/2022 --json
                                                          the document's bytes, as they are signed
  callboard policy check ours.toml                        an instrument of the committee's own
  callboard policy draft ours.toml --key secretary-1.key  a docket with it, to be signed and submitted

Marks: C read in the text, R press or secondary, K general knowledge, U unconfirmed: a default of ours, never law.";

const DRAFT_EXAMPLES: &str = "\
Examples:
  callboard policy show streamer-warning-rules/2022 > rules.toml
      its source, in which next year's calendar is added (decide.calendar.years) and `version` changed; then
  callboard policy draft rules.toml --key secretary-1.key
      policy-streamer-warning-rules-2027.bundle is to be signed; what differs from the latest version is shown
  callboard policy draft performers-self-discipline/2021 --key secretary-1.key
      an instrument that comes with the program and isn't logged yet

A logged policy stays as it is: next year's calendar, another word, another measure is a new version. Refused is a version \
that is logged, and one that takes rulings over for more than 366 days. It counts once as many have signed as the roster asks \
for a policy, and it is logged.";

/// Shows, checks and drafts policies: an instrument's rules as data
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PolicyVerb {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Shows an instrument that comes with the program, or lists them
    Show {
        /// `INSTRUMENT/VERSION`
        policy: Option<String>,
        /// The document as JSON, byte for byte as it is signed
        #[arg(long)]
        json: bool,
    },
    /// Checks a policy: TOML as the sources are, or the JSON of a document
    Check {
        /// The file
        file: PathBuf,
    },
    Draft(DraftPolicy),
}

/// Drafts a policy, to be signed: next year's calendar, other words, a new instrument
#[derive(clap::Args)]
#[command(after_long_help = DRAFT_EXAMPLES)]
struct DraftPolicy {
    /// The file, TOML or JSON; or `INSTRUMENT/VERSION` of one that comes with the program. Several go into one docket
    #[arg(value_name = "FILE|INSTRUMENT/VERSION", required = true)]
    policies: Vec<String>,
    #[command(flatten)]
    drafter: DrafterArgs,
}

impl PolicyVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Show { policy: None, .. } => output::lines(policies::list()?),
            Act::Show { policy: Some(name), json: true } => {
                output::json_text(&policies::named(&name)?.document()?.text);
            }
            Act::Show { policy: Some(name), json: false } => print!("{}", policies::named(&name)?.text),
            Act::Check { file } => {
                let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
                output::lines(policies::lines(&policies::read(text)?));
            }
            Act::Draft(draft) => super::block_on(draft.run())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl DraftPolicy {
    async fn run(self) -> anyhow::Result<()> {
        let policies = self.policies.iter().map(|name| policies::source(name)).collect::<Result<Vec<_>, _>>()?;
        let session = self.drafter.session().await?;
        let caller = session.caller()?;
        let registry = Registry::new(&session.pin, &caller);
        let lines = draft::write(&policies, &registry, &session.key, &self.drafter.out, &mut super::os_rng()).await?;
        output::lines(lines);
        Ok(())
    }
}
