//! `callboard-agent endpoint`: where the registry pushes to, made and changed with the member's key.

use std::process::ExitCode;

use callboard_client::program::block_on;
use clap::Subcommand;
use serde_json::{Value, json};

use super::asking::{Asked, Asking};

const EXAMPLES: &str = "\
Examples:
  callboard-agent endpoint create https://hooks.alpha.example/callboard
      the secret stays in the agent's directory; have what comes there handed on to POST /webhook of the agent
  callboard-agent endpoint test 019c167f-cc00-7568-8a65-6cc0703e460a
  callboard-agent endpoint replay 019c167f-cc00-7568-8a65-6cc0703e460a --from 0

What is pushed is a hint to look at once: without an endpoint the agent learns the same from the feed, a little later.";

/// Make, list, test, pause, rotate, replay and forget endpoints
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Endpoint {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Subcommand)]
enum Act {
    /// Make one: every docket is pushed there from now on
    Create {
        /// Its address: https, a host on the internet
        url: String,
        /// Only dockets with statements of these kinds
        #[arg(long, value_name = "KIND")]
        kind: Vec<String>,
    },
    /// List them, and how far each has come
    List,
    /// Send a test message, and tell what came of it
    Test(Id),
    /// Send nothing until it is resumed
    Pause(Id),
    /// Go on where it stands; a disabled one too
    Resume(Id),
    /// Give it a new secret; for a day messages are signed with both
    Rotate(Id),
    /// Send the log again from an entry on
    Replay {
        #[command(flatten)]
        id: Id,
        /// The index of the first entry
        #[arg(long, value_name = "INDEX")]
        from: u64,
    },
    /// Forget it
    Delete(Id),
}

#[derive(clap::Args)]
struct Id {
    /// The endpoint's id
    endpoint: String,
}

impl Endpoint {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.asked.open()?;
        let answer = block_on(act(&agent, self.act))?;
        let Some(answer) = answer else { return Ok(ExitCode::SUCCESS) };
        callboard_client::output::json(&answer)?;
        Ok(if answer["taken"] == false { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

async fn act(agent: &Asking, act: Act) -> anyhow::Result<Option<Value>> {
    let post = async |path: String, json: Value| agent.post(&path, json.to_string().into_bytes()).await;
    let answer = match act {
        Act::Create { url, kind } => {
            let mut asked = json!({"url": url});
            if !kind.is_empty() {
                asked["kinds"] = json!(kind);
            }
            post("/endpoints".to_owned(), asked).await?
        }
        Act::List => agent.get("/endpoints").await?.unwrap_or_default(),
        Act::Test(id) => post(format!("/endpoints/{}/test", id.endpoint), json!({})).await?,
        Act::Rotate(id) => post(format!("/endpoints/{}/rotate", id.endpoint), json!({})).await?,
        Act::Replay { id, from } => post(format!("/endpoints/{}/replay", id.endpoint), json!({"from": from})).await?,
        Act::Pause(id) => agent.patch(&format!("/endpoints/{}", id.endpoint), json!({"state": "paused"})).await?,
        Act::Resume(id) => agent.patch(&format!("/endpoints/{}", id.endpoint), json!({"state": "active"})).await?,
        Act::Delete(id) => {
            let known = agent.delete(&format!("/endpoints/{}", id.endpoint)).await?;
            anyhow::ensure!(known, "there is no such endpoint");
            return Ok(None);
        }
    };
    Ok(Some(serde_json::from_slice(&answer)?))
}
