//! `callboard report-key`: the keys to which the public seals its reports.

use std::process::ExitCode;

use callboard_client::{output, runtime::os_rng};
use callboard_desk::{registry::Registry, report_keys::ReportKeys};
use callboard_federation::zh_en;

use super::seat::SeatArgs;

const EXAMPLES: &str = "\
Examples:
  callboard report-key new --key secretary-1.key
      makes a report key, keeps it beside your key file, encrypted to your seat, and publishes it under your signature
  callboard report-key check --key secretary-1.key
      whether the registry shows the keys that the secretariat's seats signed, and as yours one that is on this computer

Each seat of the secretariat makes one. A browser seals a report of the public to all of them, so any of these seats opens
it. Earlier keys stay in `report-keys/`: keep that directory with your key.";

/// Make and check the keys to which the public seals its reports
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ReportKeyVerb {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Make a new key and publish it; earlier ones stay to open earlier reports
    New(Seat),
    /// Hold what the registry shows against the roster and your own keys
    Check(Seat),
}

#[derive(clap::Args)]
struct Seat {
    #[command(flatten)]
    seat: SeatArgs,
}

impl ReportKeyVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            match self.act {
                Act::New(of) => of.publish().await,
                Act::Check(of) => of.check().await,
            }
        })
    }
}

impl Seat {
    async fn publish(&self) -> anyhow::Result<ExitCode> {
        let (session, home) = (self.seat.session().await?, self.seat.home());
        let caller = session.caller()?;
        let registry = Registry::new(&session.pin, &caller);
        let key = ReportKeys::in_home(&home, &session.key).publish_new(&registry, &mut os_rng()).await?;
        let id = key.id();
        output::line([output::green(zh_en!("举报密钥已公布：{id}", "the report key is published: {id}"))]);
        Ok(ExitCode::SUCCESS)
    }

    async fn check(&self) -> anyhow::Result<ExitCode> {
        let (session, home) = (self.seat.session().await?, self.seat.home());
        let caller = session.caller()?;
        let registry = Registry::new(&session.pin, &caller);
        let roster = registry.roster().await?;
        let keys = ReportKeys::in_home(&home, &session.key);
        let faults = keys.check(&registry, &roster, &mut os_rng()).await?;
        for fault in &faults {
            let text = fault.text();
            output::line([if fault.is_grave() { output::red(text) } else { output::yellow(text) }]);
        }
        if faults.is_empty() {
            output::line([output::green(zh_en!(
                "秘书处各成员的举报密钥均由其本人签署",
                "each seat of the secretariat has a report key that it signed"
            ))]);
            return Ok(ExitCode::SUCCESS);
        }
        Ok(ExitCode::FAILURE)
    }
}
