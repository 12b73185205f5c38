//! `callboard-agent hook`: what the platform's hook needs of the agent.

use std::process::ExitCode;

use anyhow::ensure;
use callboard_api::agent::pushed::{FINISH_HOOK_CALL, TEST_HOOK};
use callboard_client::{output, runtime::block_on};
use callboard_federation::{encoding::CheckId, zh_en};
use clap::Subcommand;

use super::asking::AgentArgs;
use crate::{config::Config, notifications::secret};

const EXAMPLES: &str = "\
Examples:
  callboard-agent hook secret                      what calls are signed with: put it where your hook verifies them
  callboard-agent hook test                        call the hook with a test, and tell what it answers
  callboard-agent hook done 019c167f-cc00-7568-8a65-6cc0703e460a     a call that the hook answered with 202

A test is signed as every call is, and is of the type `hook.test`: nobody stands in it, and nothing is owed of it. It is made
in a dry run too. Calls bear webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks (docs/hook.md has ten lines that verify
them). Take hook.secret away from the agent's directory and start the agent again for another secret.";

/// Show what the hook verifies calls with, test it, or report that a call is done
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Hook {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    agent: AgentArgs,
}

#[derive(Subcommand)]
enum Act {
    /// Print the secret that calls are signed with
    Secret,
    /// Call it with a test, and tell what came of it
    Test,
    /// Report that a call which the hook answered with 202 is done
    Done {
        /// The call's id
        id: CheckId,
    },
}

impl Hook {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Secret => {
                let config = Config::read(&self.agent.config)?;
                println!("{}", *secret::read(&config.directory)?.text());
            }
            Act::Test => {
                let agent = self.agent.open()?;
                let told = block_on(agent.ask(TEST_HOOK.with(&(), &(), &())))?;
                output::json(&told)?;
                return Ok(if told.taken { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
            Act::Done { id } => {
                let agent = self.agent.open()?;
                let done = block_on(agent.find(FINISH_HOOK_CALL.with(&id, &(), &())))?;
                ensure!(
                    done.is_some(),
                    zh_en!(
                        "没有等待中的该次通知：已经完成，或者已被更新的通知取代",
                        "no call of this id waits: it is done already, or a newer one says something else"
                    )
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
