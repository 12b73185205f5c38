//! `callboard sandbox`: a registry, a token service and a platform's agent to try things out with, in one process.
//!
//! Everything in it is real but its people ([`people`]), its committee, which is one hand ([`committee`]), and its clock,
//! which can be set ahead ([`control`]). What goes wrong in life goes wrong in it when it is told to ([`scenario`]).
//! `docs/sandbox.md` is its manual.

// All that is printed is made visible (`callboard_client::output`): in place of std's macros, so that nobody has to
// remember it.
#[macro_use(println)]
extern crate callboard_client;

mod committee;
mod control;
mod decide;
pub mod demo;
mod hook;
mod impostor;
pub mod linked;
mod nobody;
mod people;
mod populate;
mod ports;
pub mod procedure;
mod scenario;
mod setup;
mod specimens;
mod state;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_agent::token;
use callboard_client::{
    pin::Address,
    runtime::{Logging, block_on, serve_on, told_to_stop},
};
use callboard_federation::{
    language::{Language, Phrase},
    zh_en,
};
use callboard_keys::KNOWN_PASSPHRASE;
pub use linked::ServiceVerb;
use people::Person;
use ports::Ports;
use setup::Sandbox;
use state::State;
use tokio::net::TcpListener;

const EXAMPLES: &str = "\
Examples:
  callboard sandbox                         starts all, and prints what to ask
  callboard sandbox --hook                  prints besides what the agent tells its platform
  callboard sandbox --hook http://127.0.0.1:9000/hook       the agent tells yours
  callboard sandbox --keep sandbox          leaves its files: key files open with the passphrase `sandbox`; the same again
                                            goes on from there, whatever ended it
  callboard sandbox --keep sandbox --without-agent
      then, beside it: callboard-agent run --config sandbox/alpha/member.toml --clock http://127.0.0.1:8443
  callboard sandbox scenario                what can go wrong in one that runs
  callboard sandbox scenario fork           lets it go wrong, and says what the agent should answer now
  callboard sandbox scenario fork --undo
  callboard sandbox decide proposal.bundle --keep sandbox --out batch.bundle
      decides at once what would go before a panel for weeks

It listens on loopback alone, on --port and the three ports behind it. docs/sandbox.md lists its people, and how to set
its clock ahead, to decide, and to reverse.";

/// The policy that its rulings are made under.
const POLICY: &str = "streamer-warning-rules/2022";
/// The policy under which rulings from before it are taken over.
const TRANSITION: &str = "sandbox-transition/1";

/// What `--hook` says without an address.
const OWN_HOOK: &str = "own";

/// Start a sandbox: everything a platform deals with, with made-up people in every standing
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct SandboxVerb {
    #[command(subcommand)]
    of_running: Option<OfRunning>,
    /// The registry's port; the token service, the agent and the control have the three behind it
    #[arg(long, default_value_t = 8440, value_parser = clap::value_parser!(u16).range(1..=65532))]
    port: u16,
    /// Leave everything in this directory, and go on from there if a sandbox was left in it
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Stop the sandbox's own agent once all is set up, for yours to stand in its place with the same `member.toml`
    #[arg(long, requires = "keep")]
    without_agent: bool,
    /// Have the agent tell a hook what changes: that of an address, or without one the sandbox's own, which prints it
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = OWN_HOOK)]
    hook: Option<String>,
    #[command(flatten)]
    logging: Logging,
}

/// What is told to a sandbox that runs.
#[derive(clap::Subcommand)]
enum OfRunning {
    Scenario(scenario::ScenarioVerb),
    Decide(decide::DecideVerb),
}

impl SandboxVerb {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.of_running {
            Some(OfRunning::Scenario(verb)) => block_on(verb.run()),
            Some(OfRunning::Decide(verb)) => block_on(verb.run()),
            None => serve_on(&self.logging, self.serve(Language::spoken())),
        }
    }

    async fn serve(&self, language: Language) -> anyhow::Result<ExitCode> {
        let temporary = tempfile::tempdir()?;
        let ports = Ports(self.port);
        let told_to_stop = told_to_stop();
        let control = TcpListener::bind(ports.control()).await?;
        let hook = match self.hook.as_deref() {
            Some(OWN_HOOK) => Some(ports.hook()),
            Some(url) => Some(url.parse::<Address>().with_context(|| url.to_owned())?.to_string()),
            None => None,
        };
        let directory = self.keep.as_deref().unwrap_or(temporary.path());
        let mut state = State::begin(directory)?;
        let kept = state.kept()?;
        let (mut sandbox, people, went_on) = if let Some(kept) = kept {
            let sandbox = Sandbox::go_on(state, ports, hook.as_deref(), !self.without_agent).await?;
            (sandbox, kept.people(), true)
        } else {
            let mut sandbox = Sandbox::found(state, ports, hook.as_deref()).await?;
            let mut people = specimens::all();
            populate::populate(&sandbox, &mut people).await?;
            sandbox.state.keep(&people)?;
            (sandbox, people, false)
        };
        if self.without_agent {
            sandbox.dismiss_agent().await;
        }
        language.saying(|| invite(&sandbox, &people, went_on))?;
        let sandbox = control::serve(control, sandbox, people, told_to_stop).await?;
        sandbox.stop().await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The first three things to ask, as they are pasted.
fn invite(sandbox: &Sandbox, people: &[Person], went_on: bool) -> anyhow::Result<()> {
    let member = std::fs::read_to_string(sandbox.state.member())?;
    let ports = sandbox.ports;
    let agent = ports.agent();
    let token = sandbox.state.at("alpha/agent").join(token::FILE).display().to_string();
    let check = |reference: &str, number: &str| {
        println!(
            "  curl -s http://{agent}/check -H 'content-type: application/json' \\\n    -H \"authorization: Bearer $(cat {token})\" \\\n    -d '{{\"ref\":\"{reference}\",\
             \"identities\":[{{\"kind\":\"cn-id\",\"value\":\"{number}\"}}]}}'"
        );
    };
    println!(
        "{}",
        zh_en!(
            "测试环境：不具约束力，人物皆为虚构。",
            "SANDBOX: nothing in it binds anybody, and nobody in it exists."
        )
    );
    if went_on {
        println!(
            "{}",
            zh_en!(
                "沿用原有的登记册、会员单位和人物；其时钟为 {}。",
                "It goes on with the registry, the members and the people that it had; its clock says {}.",
                sandbox.now()
            )
        );
    }
    println!();
    println!("{:<14} http://{}   (API: http://{1}/docs)", Phrase::new("登记系统", "Registry"), ports.registry());
    println!("{:<14} http://{}", Phrase::new("身份代码服务", "Token service"), ports.tokens());
    println!("{:<14} http://{agent}   (API: http://{agent}/docs)", Phrase::new("会员端", "Agent"));
    println!("{:<14} http://{}   (docs/sandbox.md)", Phrase::new("控制", "Control"), ports.control());
    let passphrase = zh_en!("密钥的密码：{KNOWN_PASSPHRASE}", "passphrase of its key: {KNOWN_PASSPHRASE}");
    println!("member.toml    {}   ({passphrase})\n", sandbox.state.member().display());
    for line in member.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        println!("  {line}");
    }
    println!();
    let of = |state: &str| people.iter().find(|person| person.state == state).map_or("", Person::number);
    println!(
        "{}",
        zh_en!(
            "已列入的不得准入，另一人可以准入，输错的号码被指出：",
            "A listed person is refused, another allowed, a mistyped number called invalid:"
        )
    );
    check("host-1", of("suspended"));
    check("host-2", of("clear"));
    check("host-3", &nobody::mistyped(of("suspended")));
    println!("\n{}", zh_en!("按 Ctrl-C 结束。", "Ctrl-C ends it."));
    Ok(())
}
