//! `callboard roster`: the next roster, with other log keys or a later end.

use std::process::ExitCode;

use callboard_desk::{member::MemberChange, member::NextRoster};
use callboard_federation::tlog::vkey::VerifierKey;

use super::member::DrafterArgs;

const EXAMPLES: &str = "\
Examples:
  callboard roster --add-log-key \"$(cat registry/log.vkey)\" --key secretary-1.key
      roster-2.bundle, to be signed: both keys sign checkpoints that members take
  callboard roster --add-log-key \"$(cat registry/log.vkey)\" --drop-other-log-keys --key secretary-1.key
      the new key alone, as in a succession: a registry logs no roster that doesn't name its own key
  callboard roster --expires 2029-01-01 --key secretary-1.key
      the same roster for longer

Everything else stays as it is in the roster in force. It counts once as many have signed as the roster in force and the next
ask, and it is logged.";

/// Draft the next roster: other log keys, a later end
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct RosterVerb {
    /// A log key to name, as its verifier key
    #[arg(long = "add-log-key", value_name = "VKEY")]
    add: Vec<VerifierKey>,
    /// Name no log keys but these
    #[arg(long, requires = "add")]
    drop_other_log_keys: bool,
    /// The day on which it ends, in UTC [default: as the roster in force; if that is over, in two years]
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires: Option<jiff::civil::Date>,
    #[command(flatten)]
    drafter: DrafterArgs,
}

impl RosterVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let expires = self.expires.map(super::midnight).transpose()?;
        let next = NextRoster { add: self.add, drop_others: self.drop_other_log_keys, expires };
        super::block_on(self.drafter.amend(MemberChange::Roster(next)))
    }
}
