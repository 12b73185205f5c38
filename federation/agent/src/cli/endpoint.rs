//! `callboard-agent endpoint`: where the registry pushes to, made and changed with the member's key.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_api::registry::endpoints::{
    AttemptsBefore, CHANGE_ENDPOINT, CREATE_ENDPOINT, ChangedEndpoint, DELETE_ENDPOINT, DeliveryAttempt,
    LIST_ENDPOINT_ATTEMPTS, LIST_ENDPOINTS, NewEndpoint, REPLAY_ENDPOINT, ROTATE_ENDPOINT_SECRET, ReplayFrom,
    TEST_ENDPOINT, WantedState,
};
use callboard_client::{output, runtime::block_on, visible::Visible};
use callboard_federation::{
    encoding::{EndpointId, Time},
    language::Phrase,
    statement::Kind,
    zh_en,
};
use clap::Subcommand;

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

impl Id {
    fn read(&self) -> anyhow::Result<EndpointId> {
        self.endpoint.parse().context(NO_ENDPOINT)
    }
}

impl Attempts {
    async fn run(&self, agent: &AgentClient) -> anyhow::Result<()> {
        let asked = AttemptsBefore { before: self.before, limit: Some(self.limit.into()) };
        let asked = LIST_ENDPOINT_ATTEMPTS.with(&self.id.read()?, &asked, &());
        let page = agent.find(asked).await?.context(NO_ENDPOINT)?;
        if self.json {
            return output::json(&page).map_err(Into::into);
        }
        for attempt in &page.attempts {
            println!("{}", line(attempt));
        }
        if let Some(next) = page.next {
            println!("{}", zh_en!("更早的：--before {next}", "older: --before {next}"));
        }
        Ok(())
    }
}

fn line(attempt: &DeliveryAttempt) -> String {
    let DeliveryAttempt { at, millis, answer, .. } = attempt;
    let what = match attempt.index {
        Some(index) => zh_en!("第{index}条.{}", "entry {index}.{}", attempt.part),
        None => zh_en!("测试", "test"),
    };
    let status = attempt.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let taken = if attempt.taken { zh_en!("已接受", "taken") } else { zh_en!("未接受", "not taken") };
    let ms = zh_en!("毫秒", " ms");
    let answer = if answer.is_empty() { String::new() } else { format!("  {}", Visible(answer)) };
    format!("{at}  {what:<12} {status}  {millis:>6}{ms}  {taken}{answer}")
}

impl Endpoint {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        block_on(act(&agent, self.act))
    }
}

async fn act(agent: &AgentClient, act: Act) -> anyhow::Result<ExitCode> {
    let change = async |id: &Id, state| {
        let changed = ChangedEndpoint { url: None, kinds: None, state: Some(state) };
        agent.ask(CHANGE_ENDPOINT.with(&id.read()?, &(), &changed)).await
    };
    let endpoint = match act {
        Act::Create { url, kind } => {
            let kinds = kind.iter().map(|word| kind_of(word)).collect::<anyhow::Result<Vec<_>>>()?;
            let asked = NewEndpoint { url, kinds: Some(kinds).filter(|kinds| !kinds.is_empty()), from: None };
            agent.ask(CREATE_ENDPOINT.with(&(), &(), &asked)).await?
        }
        Act::Rotate(id) => agent.ask(ROTATE_ENDPOINT_SECRET.with(&id.read()?, &(), &())).await?,
        Act::Replay { id, from } => agent.ask(REPLAY_ENDPOINT.with(&id.read()?, &(), &ReplayFrom { from })).await?,
        Act::Pause(id) => change(&id, WantedState::Paused).await?,
        Act::Resume(id) => change(&id, WantedState::Active).await?,
        Act::List => {
            output::json(&agent.ask(LIST_ENDPOINTS.with(&(), &(), &())).await?)?;
            return Ok(ExitCode::SUCCESS);
        }
        Act::Attempts(attempts) => {
            attempts.run(agent).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Act::Test(id) => {
            let attempt = agent.ask(TEST_ENDPOINT.with(&id.read()?, &(), &())).await?;
            output::json(&attempt)?;
            return Ok(if attempt.taken { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Act::Delete(id) => {
            agent.find(DELETE_ENDPOINT.with(&id.read()?, &(), &())).await?.context(NO_ENDPOINT)?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    output::json(&endpoint)?;
    Ok(ExitCode::SUCCESS)
}

fn kind_of(word: &str) -> anyhow::Result<Kind> {
    Kind::from_word(word).with_context(|| zh_en!("没有“{word}”这一种类", "there is no kind `{word}`"))
}
