//! `callboard-agent identity-requests`: whose accounts the secretariat asks this member for, and what it answers.
//!
//! An identity is never an argument, since every process of the machine may read those.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_api::agent::reports::{
    ANSWER_ASKED_IDENTITY, AskedIdentitiesBefore, AskedIdentity, AskedIdentityAnswer, LIST_ASKED_IDENTITIES,
};
use callboard_client::{output, runtime::block_on};
use callboard_federation::{
    encoding::IdentityRequestId, identity::reader::split_line, report::content::ReportedIdentity, zh_en,
};

use super::{asking::AgentArgs, text_file::read};

const EXAMPLES: &str = "\
Examples:
  callboard-agent identity-requests                 what waits for you: an account each
  callboard-agent identity-requests answer 019c167f-cc00-7568-8a65-6cc0703e460d --identity-file -
      one KIND:VALUE a line; the secretariat's seats alone read it
  callboard-agent identity-requests answer 019c167f-cc00-7568-8a65-6cc0703e460d --text 'no document was ever seen'";

/// List whose accounts the secretariat asks for, and answer
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct IdentityRequestsVerb {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    list: List,
}

#[derive(clap::Args)]
struct List {
    /// Those that are answered, too
    #[arg(long)]
    all: bool,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Answer whose an account is
    Answer(Answer),
}

#[derive(clap::Args)]
struct Answer {
    /// The question's id
    id: IdentityRequestId,
    /// The identities, one KIND:VALUE a line; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "text")]
    identity_file: Option<PathBuf>,
    /// A person compared the identities with the documents
    #[arg(long, requires = "identity_file")]
    confirmed: bool,
    /// What you say besides; where there is no identity, why
    #[arg(long)]
    text: Option<String>,
    #[command(flatten)]
    agent: AgentArgs,
}

impl IdentityRequestsVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            None => self.list.run(),
            Some(Act::Answer(answer)) => answer.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let mut before = None;
        let mut all = Vec::new();
        loop {
            let asked = AskedIdentitiesBefore { before, limit: Some(1_000), all: self.all };
            let page = block_on(agent.find(LIST_ASKED_IDENTITIES.with(&(), &asked, &())))?.context(super::NO_AGENT)?;
            all.extend(page.identity_requests);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        if self.json {
            output::json(&all)?;
        } else {
            for asked in &all {
                println!("{}", line(asked));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Answer {
    fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let text = self.identity_file.as_deref().map(read).transpose()?;
        let text = zeroize::Zeroizing::new(text.unwrap_or_default());
        let mut identities = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = || zh_en!("第{number}行：应写成“类型:号码”", "line {number}: KIND:VALUE");
            let (kind, value) = split_line(line).with_context(wrong)?;
            let (value, confirmed) = (value.trim().to_owned(), self.confirmed);
            identities.push(ReportedIdentity { kind, value, confirmed });
        }
        let answer = AskedIdentityAnswer { identities, text: self.text };
        block_on(agent.ask(ANSWER_ASKED_IDENTITY.with(&self.id, &(), &answer)))?;
        println!("{}", zh_en!("{}  已答复", "{}  answered", self.id));
        Ok(ExitCode::SUCCESS)
    }
}

fn line(asked: &AskedIdentity) -> String {
    let AskedIdentity { id, asked_at, answered_at, account, text, .. } = asked;
    let account = match account {
        Some(account) => account.clone(),
        None => zh_en!(
            "（无法打开，或者不是秘书处签署的：请勿答复）",
            "(it doesn't open here, or no seat of the secretariat signed it: don't answer)"
        ),
    };
    let text = text.as_ref().map(|text| format!("  {text}")).unwrap_or_default();
    let answered = answered_at.map(|at| zh_en!("  已于 {at} 答复", "  answered {at}")).unwrap_or_default();
    format!("{id}  {asked_at}  {account}{text}{answered}")
}
