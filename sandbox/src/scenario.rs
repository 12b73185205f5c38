//! What goes wrong in life, by name: a sandbox lets it go wrong, says what the agent should answer now, and undoes it.

use std::{fmt, fs, net::SocketAddr, process::ExitCode};

use anyhow::{Context as _, bail, ensure};
use callboard_client::{
    http::{self, Caller, HttpError},
    pin::Pin,
    runtime::os_rng,
};
use callboard_federation::{encoding::Base64, policy::Words, zh_en};
use callboard_registry::cli::serve::{Registry, StartOptions};
use serde::{Deserialize, Serialize};

use super::{
    POLICY,
    committee::Committee,
    hook::Hook,
    impostor::Impostor,
    people::By,
    ports::Ports,
    setup::{HISTORY, Sandbox, Tokens, registry_config},
};
use crate::nobody::number;

const EXAMPLES: &str = "\
Examples:
  callboard sandbox scenario                     what can go wrong, and what goes wrong now
  callboard sandbox scenario registry-down       lets it go wrong, and says what the agent should answer now
  callboard sandbox scenario registry-down --undo";

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Longer than the interim of seven days.
const BEYOND_THE_INTERIM: u64 = 8 * 86_400_000;
/// The most points of one request.
const POINTS: usize = 1_000;
/// A point that can be evaluated: the generator.
const POINT: &str = "4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY=";
/// The database and note of the other history.
const OTHER_HISTORY: [&str; 2] = ["registry/other-history.sqlite", "registry/other-history.note"];
/// Where an evidence file goes that was seen.
const EVIDENCE: &str = "evidence";

/// Let something go wrong in a sandbox that runs, or undo it
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ScenarioVerb {
    /// What goes wrong; without it, all that can is listed
    name: Option<Scenario>,
    /// Undo it
    #[arg(long, requires = "name")]
    undo: bool,
    /// Where the sandbox's control answers
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = Ports(8440).control())]
    control: SocketAddr,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Scenario {
    /// An interim ends by time
    InterimLapses,
    /// The member's points of the day are spent
    QuotaSpent,
    /// The registry doesn't answer
    RegistryDown,
    /// The token service answers with another key than the roster's
    WrongTokenKey,
    /// The log signs two histories
    Fork,
    /// The platform's hook answers with an error
    HookFails,
}

/// A scenario as the control tells it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScenarioState {
    pub(super) name: Scenario,
    pub(super) is_on: bool,
    pub(super) what: Words,
    /// What the agent should answer while it does.
    pub(super) answers: Words,
    pub(super) undo: Words,
}

fn words(zh: &str, en: &str) -> Words {
    Words { zh: zh.to_owned(), en: en.to_owned() }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InterimLapses => "interim-lapses",
            Self::QuotaSpent => "quota-spent",
            Self::RegistryDown => "registry-down",
            Self::WrongTokenKey => "wrong-token-key",
            Self::Fork => "fork",
            Self::HookFails => "hook-fails",
        })
    }
}

impl Scenario {
    pub(super) const ALL: [Self; 6] =
        [Self::InterimLapses, Self::QuotaSpent, Self::RegistryDown, Self::WrongTokenKey, Self::Fork, Self::HookFails];

    /// What it is, what the agent should answer, how it ends.
    pub(super) fn told(self, is_on: bool) -> ScenarioState {
        let (what, answers, undo) = match self {
            Self::InterimLapses => (
                words("临时措施到期", "an interim ends by time"),
                words(
                    "沙盒临时变为 clear、allow，并通知 hook；其余各人不变。",
                    "沙盒临时 is `clear`, `allow`, and the hook is told so; all others are as before.",
                ),
                words("时钟不能倒退：请另起一个沙盒。", "A clock doesn't go back: start another sandbox."),
            ),
            Self::QuotaSpent => (
                words("会员当日点数用尽", "the member's points of the day are spent"),
                words(
                    "未登记过的人一律 blocked: unavailable；已知的人照常答复。",
                    "Whoever is new is `blocked: unavailable`; whoever the agent knows is answered as before.",
                ),
                words(
                    "把时钟拨到次日（UTC），点数重新计算。",
                    "The clock is set to the next day (UTC), when points begin anew.",
                ),
            ),
            Self::RegistryDown => (
                words("登记系统无应答", "the registry doesn't answer"),
                words(
                    "视图未超过 max_staleness（10 分钟）前照常答复，之后一律 blocked: stale；把时钟拨快 11m 即可看到。",
                    "All are answered as before until the view is older than max_staleness (10 minutes); then everyone is \
                     `blocked: stale`. Set the clock ahead by 11m to see it.",
                ),
                words("登记系统重新启动。", "The registry starts again."),
            ),
            Self::WrongTokenKey => (
                words("令牌服务使用了另一把密钥", "the token service answers with another key than the roster's"),
                words(
                    "未登记过的人一律 blocked: unavailable，status 显示 wrongTokenKey；已知的人照常答复。",
                    "Whoever is new is `blocked: unavailable`, and `status` says `wrongTokenKey`; whoever the agent knows is \
                     answered as before.",
                ),
                words("令牌服务恢复。", "The token service is back."),
            ),
            Self::Fork => (
                words("日志签署了两份不同的历史", "the log signs two histories"),
                words(
                    "一律 blocked: stale，警报 fork；代理目录下留有 evidence-*.json，callboard verify --convict 据此认定日志作假。",
                    "Everyone is `blocked: stale`, with the alarm `fork`; the agent's directory has an evidence-*.json, by which \
                     `callboard verify --convict` convicts the log.",
                ),
                words(
                    "真实的日志恢复，证据移至沙盒的 evidence 目录，沙盒自己的代理重新启动。",
                    "The true log is back, the evidence goes to `evidence` in the sandbox's directory, and the sandbox's own \
                     agent starts again.",
                ),
            ),
            Self::HookFails => (
                words("平台的 hook 返回错误", "the sandbox's own hook answers with an error"),
                words(
                    "查询照常；通知被记为未送达并重试，status 显示 hookOwed。",
                    "Checks are answered as before; what the hook doesn't take is owed and comes again: `hookOwed` of `status`.",
                ),
                words("hook 恢复，未送达的通知随即送达。", "The hook answers, and is told what is owed."),
            ),
        };
        ScenarioState { name: self, is_on, what, answers, undo }
    }

    /// Lets it go wrong.
    pub(super) async fn begin(self, sandbox: &mut Sandbox, hook: &Hook) -> anyhow::Result<()> {
        match self {
            Self::InterimLapses => sandbox.advance(BEYOND_THE_INTERIM).await,
            Self::QuotaSpent => spend_quota(sandbox).await,
            Self::RegistryDown => sandbox.stop_registry().await,
            Self::WrongTokenKey => {
                sandbox.stop_tokens().await;
                sandbox.tokens = Tokens::Impostor(Impostor::start(sandbox.ports.tokens()).await?);
                Ok(())
            }
            Self::Fork => fork(sandbox).await,
            Self::HookFails => {
                hook.fail(true);
                Ok(())
            }
        }
    }

    pub(super) async fn undo(self, sandbox: &mut Sandbox, hook: &Hook) -> anyhow::Result<()> {
        match self {
            Self::InterimLapses => bail!("a clock doesn't go back: start another sandbox"),
            Self::QuotaSpent => {
                let now = sandbox.now();
                let next = (now.day() + 1).saturating_mul(DAY).saturating_sub(now.as_millis());
                sandbox.advance(next.unsigned_abs()).await
            }
            Self::RegistryDown => start_again(sandbox).await,
            Self::WrongTokenKey => {
                sandbox.stop_tokens().await;
                sandbox.start_tokens().await
            }
            Self::Fork => unfork(sandbox).await,
            Self::HookFails => {
                hook.fail(false);
                Ok(())
            }
        }
    }
}

/// Starts the registry, and lets the agent look at it.
async fn start_again(sandbox: &mut Sandbox) -> anyhow::Result<()> {
    if sandbox.registry.is_none() {
        sandbox.start_registry().await?;
    }
    if let Some(agent) = &sandbox.agent {
        agent.hurry();
    }
    Ok(())
}

/// Asks the token service as the member until nothing is left of the day's points.
async fn spend_quota(sandbox: &Sandbox) -> anyhow::Result<()> {
    let key = sandbox.member_key()?;
    let caller = Caller::new(http::client()?, key.request_key(), &*sandbox.clock);
    let url = sandbox.pin.tokens_url.at("/v1/tokens?epoch=1");
    let point: Base64 = POINT.parse()?;
    let mut points = POINTS;
    while points > 0 {
        match caller.post_points(&url, point.0.repeat(points), &mut os_rng()).await {
            Ok(_) => {}
            Err(HttpError::Refused { problem, .. }) if problem.kind.ends_with(":quota-spent") => points /= 2,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Two histories that part where the log ends now: the agent cosigns one, and is then shown the other.
async fn fork(sandbox: &mut Sandbox) -> anyhow::Result<()> {
    ensure!(matches!(sandbox.tokens, Tokens::Service(_)), "the token service is down: undo its scenario first");
    sandbox.witnessed().await?;
    sandbox.stop_registry().await?;
    for (from, to) in HISTORY.iter().zip(OTHER_HISTORY) {
        fs::copy(sandbox.state.at(from), sandbox.state.at(to))?;
    }
    sandbox.start_registry().await?;
    notice(&sandbox.committee, &sandbox.pin, "002").await?;
    sandbox.witnessed().await?;
    sandbox.stop_registry().await?;

    // The other history grows where nobody looks.
    let mut aside = registry_config(&sandbox.state, sandbox.ports, OTHER_HISTORY)?;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    aside.registry.listen = listener.local_addr()?;
    drop(listener);
    aside.registry.public_url = format!("http://{}", aside.registry.listen).parse()?;
    let pin = Pin { url: aside.registry.public_url.clone(), ..sandbox.pin.clone() };
    let registry = Registry::start(aside, sandbox.clock.clone(), StartOptions::default()).await?;
    let grown = notice(&sandbox.committee, &pin, "003").await;
    registry.stop().await?;
    grown?;
    let shown = registry_config(&sandbox.state, sandbox.ports, OTHER_HISTORY)?;
    sandbox.registry = Some(Registry::start(shown, sandbox.clock.clone(), StartOptions::default()).await?);
    if let Some(agent) = &sandbox.agent {
        agent.hurry();
    }
    Ok(())
}

/// A notice to somebody whom nobody is.
async fn notice(committee: &Committee, pin: &Pin, sequence: &str) -> anyhow::Result<()> {
    let sheet = format!(
        "kind,identity,names,measure,scopes,term,violations,reasons\ncn-id,{},沙盒分叉,notice,live,长期,NB-11,沙盒示例。\n",
        number("19900201", sequence)
    );
    committee.decide(pin, sheet.as_bytes(), &[], &POLICY.parse()?, By::Ruling).await?;
    Ok(())
}

/// The true history is shown again, and what the agent kept of the other is put away.
async fn unfork(sandbox: &mut Sandbox) -> anyhow::Result<()> {
    let has_agent = sandbox.agent.is_some();
    sandbox.dismiss_agent().await;
    sandbox.stop_registry().await?;
    let aside = sandbox.state.at(EVIDENCE);
    fs::create_dir_all(&aside)?;
    for file in fs::read_dir(sandbox.state.at("alpha/agent"))? {
        let file = file?;
        if file.file_name().to_string_lossy().starts_with("evidence-") {
            fs::rename(file.path(), aside.join(file.file_name()))?;
        }
    }
    sandbox.start_registry().await?;
    if has_agent {
        sandbox.start_agent().await?;
    }
    Ok(())
}

impl ScenarioVerb {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let client = http::direct_client()?;
        let at = |path: &str| format!("http://{}/scenarios{path}", self.control);
        let request = match (self.name, self.undo) {
            (None, _) => client.get(at("")),
            (Some(name), false) => client.post(at(&format!("/{name}"))),
            (Some(name), true) => client.delete(at(&format!("/{name}"))),
        };
        let answer = request
            .send()
            .await
            .with_context(|| zh_en!("{} 没有测试环境应答", "no sandbox answers at {}", self.control))?;
        let is_done = answer.status().is_success();
        let text = answer.bytes().await?;
        if !is_done {
            let problem: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
            let said = problem["detail"].as_str().unwrap_or_default();
            bail!(zh_en!("测试环境没有照做：{said}", "the sandbox doesn't do this: {said}"));
        }
        let told: Vec<ScenarioState> = match self.name {
            None => serde_json::from_slice(&text)?,
            Some(_) => vec![serde_json::from_slice(&text)?],
        };
        for ScenarioState { name, is_on, what, answers, undo } in told {
            let mark = if is_on { "*" } else { " " };
            println!("{mark} {name}");
            for words in if is_on || self.name.is_none() { vec![what, answers, undo] } else { vec![undo] } {
                println!("    {}", words.spoken());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
