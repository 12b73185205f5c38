//! `callboard-agent endpoint`: where the registry pushes to, made and changed with the member's key.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::{output, runtime::block_on, visible::Visible};
use callboard_federation::{encoding::Time, language::Phrase, zh_en};
use clap::Subcommand;
use serde_json::{Value, json};

use super::asking::{AgentArgs, AgentClient};

const EXAMPLES: &str = "\
Examples:
  callboard-agent endpoint create https://hooks.alpha.example/callboard
      the secret stays in the agent's directory; have what comes there handed on to POST /webhook of the agent
  callboard-agent endpoint test 019c167f-cc00-7568-8a65-6cc0703e460a
  callboard-agent endpoint attempts 019c167f-cc00-7568-8a65-6cc0703e460a     what was tried, and what came of it
  callboard-agent endpoint replay 019c167f-cc00-7568-8a65-6cc0703e460a --from 0

What is pushed is a hint to look at once: without an endpoint the agent learns the same from the feed, a little later.";

/// Make, list, test, pause, rotate, replay and forget endpoints, and tell what was tried
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Endpoint {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    agent: AgentArgs,
}

const NO_ENDPOINT: Phrase = Phrase::new("没有这一推送地址", "there is no such endpoint");

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
    /// Tell what was tried, the newest first, and what came of it
    Attempts(Attempts),
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

#[derive(clap::Args)]
struct Attempts {
    #[command(flatten)]
    id: Id,
    /// Only those that began before this instant: what the page before ends with
    #[arg(long, value_name = "TIME")]
    before: Option<Time>,
    /// How many, at most 1,000
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print the page as JSON
    #[arg(long)]
    json: bool,
}

impl Attempts {
    async fn run(&self, agent: &AgentClient) -> anyhow::Result<()> {
        let before = self.before.map(|before| format!("&before={before}")).unwrap_or_default();
        let path = format!("/endpoints/{}/attempts?limit={}{before}", self.id.endpoint, self.limit);
        let page = agent.get(&path).await?.context(NO_ENDPOINT)?;
        let page: Value = serde_json::from_slice(&page)?;
        if self.json {
            return output::json(&page).map_err(Into::into);
        }
        for attempt in page["attempts"].as_array().into_iter().flatten() {
            println!("{}", line(attempt));
        }
        if let Some(next) = page["next"].as_str() {
            println!("{}", zh_en!("更早的：--before {next}", "older: --before {next}"));
        }
        Ok(())
    }
}

fn line(attempt: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let what = match attempt["index"].as_u64() {
        Some(index) => zh_en!("第{index}条.{}", "entry {index}.{}", attempt["part"]),
        None => zh_en!("测试", "test"),
    };
    let status = attempt["status"].as_u64().map_or_else(|| "---".to_owned(), |status| status.to_string());
    let millis = attempt["millis"].as_u64().unwrap_or_default();
    let taken = if attempt["taken"] == true { zh_en!("已接受", "taken") } else { zh_en!("未接受", "not taken") };
    let ms = zh_en!("毫秒", " ms");
    let answer = text(&attempt["answer"]);
    let answer = if answer.is_empty() { String::new() } else { format!("  {}", Visible(&answer)) };
    format!("{}  {what:<12} {status}  {millis:>6}{ms}  {taken}{answer}", text(&attempt["at"]))
}

impl Endpoint {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let answer = block_on(act(&agent, self.act))?;
        let Some(answer) = answer else { return Ok(ExitCode::SUCCESS) };
        output::json(&answer)?;
        Ok(if answer["taken"] == false { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

async fn act(agent: &AgentClient, act: Act) -> anyhow::Result<Option<Value>> {
    let post = async |path: String, json: Value| agent.post(&path, json.to_string().into_bytes()).await;
    let answer = match act {
        Act::Create { url, kind } => {
            let mut asked = json!({"url": url});
            if !kind.is_empty() {
                asked["kinds"] = json!(kind);
            }
            post("/endpoints".to_owned(), asked).await?
        }
        Act::Attempts(attempts) => {
            attempts.run(agent).await?;
            return Ok(None);
        }
        Act::List => agent.get("/endpoints").await?.unwrap_or_default(),
        Act::Test(id) => post(format!("/endpoints/{}/test", id.endpoint), json!({})).await?,
        Act::Rotate(id) => post(format!("/endpoints/{}/rotate", id.endpoint), json!({})).await?,
        Act::Replay { id, from } => post(format!("/endpoints/{}/replay", id.endpoint), json!({"from": from})).await?,
        Act::Pause(id) => agent.patch(&format!("/endpoints/{}", id.endpoint), json!({"state": "paused"})).await?,
        Act::Resume(id) => agent.patch(&format!("/endpoints/{}", id.endpoint), json!({"state": "active"})).await?,
        Act::Delete(id) => {
            let known = agent.delete(&format!("/endpoints/{}", id.endpoint)).await?;
            anyhow::ensure!(known, NO_ENDPOINT);
            return Ok(None);
        }
    };
    Ok(Some(serde_json::from_slice(&answer)?))
}
