//! `callboard ask`: what holds for a person.

use std::process::ExitCode;

use callboard_client::{clock::Clock as _, output, pin::PinFile, sandbox_clock::ClockArg};
use callboard_desk::{asking, registry::Registry};
use callboard_federation::{encoding::Time, policy::Words, standing::Reason};

use super::{identities::IdentityArgs, seat, seat::AskerArgs};

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
    asker: AskerArgs,
    #[command(flatten)]
    pin: PinFile,
    #[command(flatten)]
    clock: ClockArg,
}

impl Ask {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            let pin = seat::read_pin(&self.pin)?;
            let clock = self.clock.of(&pin.issuer).await?;
            let subject = self.identities.read_one_subject(pin.is_sandbox(), clock.now())?;
            for (at, note) in subject.notes() {
                let Words { zh, en } = note.words();
                output::warn(format_args!("identity {}: {zh} / {en}", at + 1));
            }
            let identities = subject.identities().cloned().collect();
            let key = self.asker.open()?;
            let caller = seat::asker(&key, &*clock)?;
            let registry = Registry::new(&pin, &caller);
            let answer = asking::ask(&registry, identities, self.at, &mut super::chance()).await?;
            let standing = &answer.standing;
            if self.json {
                output::json(standing)?;
                return Ok(ExitCode::SUCCESS);
            }
            for tag in &standing.tags {
                println!("tag {} (epoch {})", tag.tag, tag.epoch);
            }
            let told = format!("{} · {}", standing.state, standing.action);
            output::line([if standing.reasons.is_empty() { output::green(told) } else { output::yellow(told) }]);
            for (reason, (proven, _)) in standing.reasons.iter().zip(&answer.proofs) {
                println!("  {}", reason_text(reason));
                println!(
                    "    record {}, proven: logged {} at index {}",
                    reason.record, proven.logged_at, proven.place.index
                );
            }
            println!("as of {}, log size {}", standing.at, standing.size);
            Ok(ExitCode::SUCCESS)
        })
    }
}

fn reason_text(reason: &Reason) -> String {
    let scopes: Vec<String> = reason.scopes.iter().map(ToString::to_string).collect();
    let scopes = if scopes.is_empty() { "all services".to_owned() } else { scopes.join(", ") };
    let mut text = format!("{} ({scopes}) · {}", reason.measure, reason.phase.as_str());
    for (word, time) in [("until", reason.until), ("on probation until", reason.probation_until)] {
        text.extend(time.map(|time| format!(" · {word} {time}")));
    }
    for (word, holds) in [("disputed", reason.disputed), ("by a shared or reused identity alone", reason.soft)] {
        if holds {
            text.extend([" · ", word]);
        }
    }
    text
}
