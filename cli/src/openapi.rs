//! `callboard openapi`: the API's description, as `openapi/callboard.json` and `openapi/tokens.json` have it.

use std::process::ExitCode;

use callboard_client::output;

/// Prints the OpenAPI document of the registry, or of the token service
#[derive(clap::Args)]
pub struct Openapi {
    /// The token service's
    #[arg(long)]
    tokens: bool,
}

impl Openapi {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let document =
            if self.tokens { callboard_tokens::openapi() } else { callboard_registry::api::router::openapi() };
        output::json_text(&document.to_pretty_json()?);
        Ok(ExitCode::SUCCESS)
    }
}
