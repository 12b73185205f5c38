//! `callboard sandbox`: a registry, a token service and a platform's agent to try things out with, in one process.
//!
//! Everything in it is real but its people ([`people`]), its committee, which is one hand ([`committee`]), and its clock,
//! which can be set ahead ([`control`]). `docs/sandbox.md` is its manual.

mod committee;
mod control;
mod founding;
mod people;

use std::{path::PathBuf, process::ExitCode};

use anyhow::ensure;
use callboard_agent::token;
use callboard_client::key_file::KNOWN_PASSPHRASE;
use founding::{Ports, Sandbox};
use people::Person;
use tokio::net::TcpListener;

use crate::{cli::nobody, desk::registry::PolicyName};

const EXAMPLES: &str = "\
Examples:
  callboard sandbox                         starts all, and prints what to ask
  callboard sandbox --keep sandbox          leaves its files: key files open with the passphrase `sandbox`
  callboard sandbox --keep sandbox --without-agent
      then, beside it: callboard-agent run --config sandbox/alpha/member.toml

It listens on loopback alone, on --port and the three ports behind it. docs/sandbox.md lists its people, and how to set
its clock ahead, to decide, and to reverse.";

/// The policy that its rulings are made under.
const POLICY: &str = "streamer-warning-rules/2022";

/// Start a sandbox: everything a platform deals with, with made-up people in every standing
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct SandboxVerb {
    /// The registry's port; the token service, the agent and the control have the three behind it
    #[arg(long, default_value_t = 8440, value_parser = clap::value_parser!(u16).range(1..=65532))]
    port: u16,
    /// Leave everything in this directory, which isn't there yet
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Stop the sandbox's own agent once all is set up, for yours to stand in its place with the same `member.toml`
    #[arg(long, requires = "keep")]
    without_agent: bool,
    #[command(flatten)]
    logging: super::Logging,
}

impl SandboxVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::serve_on(&self.logging, self.serve())
    }

    async fn serve(&self) -> anyhow::Result<ExitCode> {
        let temporary = tempfile::tempdir()?;
        let directory = match &self.keep {
            Some(keep) => {
                ensure!(!keep.exists(), "{} is there already; a sandbox begins from nothing", keep.display());
                std::fs::create_dir_all(keep)?;
                keep.canonicalize()?
            }
            None => temporary.path().to_owned(),
        };
        let ports = Ports(self.port);
        let told_to_stop = super::told_to_stop();
        let control = TcpListener::bind(ports.control()).await?;
        let mut sandbox = Sandbox::found(&directory, ports).await?;
        let people = people::all();
        populate(&sandbox, &people).await?;
        if self.without_agent {
            sandbox.dismiss_agent().await;
        }
        invite(&sandbox, &people, ports)?;
        let sandbox = control::serve(control, sandbox, people, told_to_stop).await?;
        sandbox.stop().await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Brings each person to the standing that the table says.
async fn populate(sandbox: &Sandbox, people: &[Person]) -> anyhow::Result<()> {
    let Sandbox { committee, pin, .. } = sandbox;
    let policy: PolicyName = POLICY.parse()?;
    for is_interim in [false, true] {
        let ruled = people.iter().filter_map(|person| Some((person, person.ruled?)));
        let ruled: Vec<_> = ruled.filter(|(_, ruled)| ruled.is_interim == is_interim).collect();
        sandbox.witnessed().await?;
        let records = committee.decide(pin, people::sheet(&ruled).as_bytes(), &policy, is_interim).await?.records;
        for ((_, ruled), record) in ruled.iter().zip(records) {
            if let Some(then) = ruled.then {
                sandbox.witnessed().await?;
                committee.reverse(pin, record, then.reversal(sandbox.now())).await?;
            }
        }
    }
    sandbox.witnessed().await
}

/// The first three things to ask, as they are pasted.
fn invite(sandbox: &Sandbox, people: &[Person], ports: Ports) -> anyhow::Result<()> {
    let member = std::fs::read_to_string(&sandbox.member)?;
    let agent = ports.agent();
    let token = sandbox.member.with_file_name("agent").join(token::FILE).display().to_string();
    let check = |reference: &str, number: &str| {
        println!(
            "  curl -s http://{agent}/check -H 'content-type: application/json' \\\n    -H \"authorization: Bearer $(cat {token})\" \\\n    -d '{{\"ref\":\"{reference}\",\
             \"identities\":[{{\"kind\":\"cn-id\",\"value\":\"{number}\"}}]}}'"
        );
    };
    println!("SANDBOX: nothing in it binds anybody, and nobody in it exists.\n");
    println!("Registry       http://{}   (API: http://{0}/docs)", ports.registry());
    println!("Token service  http://{}", ports.tokens());
    println!("Agent          http://{agent}   (API: http://{agent}/docs)");
    println!("Control        http://{}   (docs/sandbox.md)", ports.control());
    println!("member.toml    {}   (passphrase of its key: {KNOWN_PASSPHRASE})\n", sandbox.member.display());
    for line in member.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        println!("  {line}");
    }
    println!();
    let of = |state: &str| people.iter().find(|person| person.state == state).map_or("", |person| &person.number);
    println!("A listed person is refused, another allowed, a mistyped number called invalid:");
    check("host-1", of("suspended"));
    check("host-2", of("clear"));
    check("host-3", &nobody::mistyped(of("suspended")));
    println!("\nCtrl-C ends it.");
    Ok(())
}
