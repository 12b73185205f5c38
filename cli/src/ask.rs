//! `callboard ask`: what holds for a person.

use std::process::ExitCode;

use callboard_client::{clock::Clock as _, output};
use callboard_desk::{ask, registry::Registry};
use callboard_federation::encoding::Time;

use super::{identities::IdentityArgs, seat::AskArgs};

const EXAMPLES: &str = "\
Examples:
  callboard ask --key secretary-1.key
      asks for the identity without showing it
  callboard ask --identity-file person.txt --key secretary-1.key
      several identities of one person, one a line
  callboard ask --identity-file person.txt --key alpha.key
      as a member: it costs the member's points
  callboard ask passport:KOR:M12345678 --key secretary-1.key
      as an argument every user of this machine can see it

Identities become tags here; the registry sees the tags, not the identities. Each record that the standing rests on is
proven; the standing itself is the registry's word. A member's agent answers from its own replica, and asks nobody.";

/// Ask what holds for a person
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Ask {
    #[command(flatten)]
    identities: IdentityArgs,
    /// As of which instant, such as 2026-07-01T00:00:00.000Z; without it now
    #[arg(long, value_name = "INSTANT")]
    at: Option<Time>,
    /// Print the standing as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: AskArgs,
}

impl Ask {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            let session = self.asker.session().await?;
            let subject = self.identities.read_one_subject(session.pin.is_sandbox(), session.clock.now())?;
            let caller = session.caller()?;
            let registry = Registry::new(&session.pin, &caller);
            let identities = subject.identities().cloned().collect();
            let proven = ask::ask(&registry, identities, self.at, &mut super::os_rng()).await?;
            if self.json {
                output::json(&proven.standing)?;
            } else {
                output::lines(proven.lines());
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}
