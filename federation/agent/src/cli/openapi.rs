//! `callboard-agent openapi`: the API's description, as `openapi/agent.json` has it.

use std::process::ExitCode;

/// Print the OpenAPI document of the agent
#[derive(clap::Args)]
pub(super) struct Openapi;

impl Openapi {
    #[expect(clippy::unused_self, reason = "every verb is run so")]
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        callboard_client::output::json_text(&crate::api::openapi().to_pretty_json()?);
        Ok(ExitCode::SUCCESS)
    }
}
