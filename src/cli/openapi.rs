//! `callboard openapi`: the API's description, as `openapi/callboard.json` has it.

use std::process::ExitCode;

/// Prints the OpenAPI document of the registry
#[derive(clap::Args)]
pub struct Openapi {}

impl Openapi {
    #[expect(clippy::unused_self, reason = "every verb runs alike")]
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        println!("{}", crate::api::router::openapi().to_pretty_json()?);
        Ok(ExitCode::SUCCESS)
    }
}
