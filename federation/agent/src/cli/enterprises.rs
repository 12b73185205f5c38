//! `callboard-agent enterprises`: whom all members boycott.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_api::agent::enterprises::{EnterpriseMeasure, EnterprisesBefore, LIST_ENTERPRISES};
use callboard_client::{output, runtime::block_on};
use callboard_federation::{language::Language, zh_en};

use super::asking::AgentArgs;

const EXAMPLES: &str = "\
Examples:
  callboard-agent enterprises                  each measure that holds for an enterprise now, and what was published of it
  callboard-agent enterprises --json
  callboard-agent check --kind cn-uscc --ref agency-1 --purpose contract
                                               whether an enterprise that you work with is among them

Told from the log that the agent verified; the registry isn't asked.";

/// List the enterprises that a measure holds for
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct EnterprisesVerb {
    /// Print them as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

impl EnterprisesVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let (mut before, mut all) = (None, Vec::new());
        loop {
            let asked = EnterprisesBefore { before, limit: Some(1_000) };
            let page = block_on(agent.find(LIST_ENTERPRISES.with(&(), &asked, &())))?.context(super::NO_AGENT)?;
            all.extend(page.enterprises);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        if self.json {
            output::json(&all)?;
            return Ok(ExitCode::SUCCESS);
        }
        for one in &all {
            println!("{}", text(one));
        }
        if all.is_empty() {
            println!("{}", zh_en!("目前没有对企业在效的措施", "no measure holds for an enterprise now"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn text(one: &EnterpriseMeasure) -> String {
    let EnterpriseMeasure { index, starts_at, words, reason, publication, .. } = one;
    let (measure, phase) = (words.spoken(), reason.phase.words());
    let until = reason.until.map(|until| zh_en!("，至 {until}", ", until {until}")).unwrap_or_default();
    let head = zh_en!(
        "{measure}（{phase}）  自 {starts_at}{until}  记录 {}，登记序号 {index}",
        "{measure} ({phase})  from {starts_at}{until}  record {}, entry {index}",
        reason.record
    );
    let Some(publication) = publication else {
        return zh_en!(
            "{head}\n  未公布：凭统一社会信用代码查询",
            "{head}\n  not published: a check of its number tells"
        );
    };
    let published = Language::spoken().pick(&publication.zh, &publication.en);
    format!("{head}\n  {}", published.lines().collect::<Vec<_>>().join("\n  "))
}
