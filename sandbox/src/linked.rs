//! Registry, token service and desks as processes of the program that runs, which links them: where the demo was only just
//! built, nothing lies beside it that it could start.

use std::process::ExitCode;

use callboard_desk_page::cli::DeskVerb;
use callboard_registry::cli::Verb;
use callboard_tokens::cli::Tokens;

/// The verb under which the demo starts its own program.
pub const NAME: &str = "linked";

/// What a service's own program does, done by this one; for the demo
#[derive(clap::Args)]
pub struct ServiceVerb {
    #[command(subcommand)]
    service: Service,
}

#[derive(clap::Subcommand)]
enum Service {
    Registry {
        #[command(subcommand)]
        verb: Verb,
    },
    Tokens(Tokens),
    Desk(DeskVerb),
}

impl ServiceVerb {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.service {
            Service::Registry { verb } => verb.run(),
            Service::Tokens(tokens) => tokens.run(),
            Service::Desk(desk) => desk.run(),
        }
    }
}
