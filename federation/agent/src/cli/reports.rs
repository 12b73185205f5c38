//! `callboard-agent reports`: what this platform reported, what became of it, and what the secretariat asks.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_api::agent::reports::{
    ANSWER_OWN_REPORT, GET_OWN_REPORT, LIST_OWN_REPORTS, OwnReport, OwnReportAnswer, OwnReportWords, OwnReportsBefore,
};
use callboard_client::{output, runtime::block_on, terminal};
use callboard_federation::{
    encoding::ReportId,
    language::Phrase,
    report::{ReportCode, ReportState},
    zh_en,
};

use super::{
    asking::{AgentArgs, AgentClient},
    text_file::read,
};

const EXAMPLES: &str = "\
Examples:
  callboard-agent reports                           the newest hundred, with how far each is
  callboard-agent reports --open                    only those that haven't ended
  callboard-agent reports show PZMDE5VTNK           with what the secretariat said of it; by its code or id
  callboard-agent reports answer PZMDE5VTNK --text-file answer.txt
      what the secretariat asks";

/// List what was reported, and answer what the secretariat asks
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct ReportsVerb {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    list: List,
}

#[derive(clap::Args)]
struct List {
    /// Only those that haven't ended
    #[arg(long)]
    open: bool,
    /// Only those that were made before this one
    #[arg(long, value_name = "ID")]
    before: Option<ReportId>,
    /// How many, at most 1,000
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print the page as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Show what was said of a report
    Show(Show),
    /// Answer what the secretariat asks
    Answer(Answer),
}

#[derive(clap::Args)]
struct Show {
    /// The report's code or id
    report: String,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

#[derive(clap::Args)]
struct Answer {
    /// The report's code or id
    report: String,
    /// A file with the answer; `-` is standard input. Otherwise it is asked for
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    #[command(flatten)]
    agent: AgentArgs,
}

impl ReportsVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            None => self.list.run(),
            Some(Act::Show(show)) => show.run(),
            Some(Act::Answer(answer)) => answer.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let asked = OwnReportsBefore { before: self.before, limit: Some(self.limit), open: self.open };
        let page = block_on(agent.find(LIST_OWN_REPORTS.with(&(), &asked, &())))?.context(super::NO_AGENT)?;
        if self.json {
            output::json(&page)?;
            return Ok(ExitCode::SUCCESS);
        }
        let failure =
            page.failure.map(|failure| zh_en!("登记系统没有答复：{failure}", "the registry did not tell: {failure}"));
        Ok(super::output::page(page.reports.iter().map(line), failure, page.next))
    }
}

impl Show {
    fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let report = block_on(async {
            let id = id_of(&agent, &self.report).await?;
            agent.ask(GET_OWN_REPORT.with(&id, &(), &())).await
        })?;
        if self.json {
            output::json(&report)?;
            return Ok(ExitCode::SUCCESS);
        }
        println!("{}", line(&report));
        for said in &report.words {
            println!("{}", words(said));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Answer {
    fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let text = match &self.text_file {
            Some(path) => read(path)?,
            None => terminal::answer(&zh_en!("答复：", "The answer: "))?,
        };
        let answer = OwnReportAnswer { text: text.trim().to_owned() };
        let report = block_on(async {
            let id = id_of(&agent, &self.report).await?;
            agent.ask(ANSWER_OWN_REPORT.with(&id, &(), &answer)).await
        })?;
        println!("{}", line(&report));
        Ok(ExitCode::SUCCESS)
    }
}

/// The id of what somebody named by it, or by its code.
async fn id_of(agent: &AgentClient, typed: &str) -> anyhow::Result<ReportId> {
    if let Ok(id) = typed.parse() {
        return Ok(id);
    }
    let code: ReportCode =
        typed.parse().ok().context(Phrase::new("应为报告的回执码或者编号", "name a report by its code or its id"))?;
    let mut before = None;
    loop {
        let asked = OwnReportsBefore { before, limit: Some(1_000), open: false };
        let page = agent.find(LIST_OWN_REPORTS.with(&(), &asked, &())).await?.context(super::NO_AGENT)?;
        if let Some(report) = page.reports.iter().find(|report| report.code == code) {
            return Ok(report.id);
        }
        before = page.next;
        if before.is_none() {
            anyhow::bail!(zh_en!("没有回执码为 {code} 的报告", "no report has the code {code}"));
        }
    }
}

/// A report in one line.
pub(super) fn line(report: &OwnReport) -> String {
    let OwnReport { code, id, .. } = report;
    let state = match (report.state, &report.failure) {
        (Some(state), _) => state.phrase().to_string(),
        (None, Some(why)) => zh_en!("尚未送达：{why}", "not taken yet: {why}"),
        (None, None) => zh_en!("尚未送达", "not taken yet"),
    };
    let is_open = report.state.is_none_or(ReportState::is_open);
    let due = match (report.due_at.filter(|_| is_open), report.calendar_unknown && is_open) {
        (Some(at), _) => zh_en!("  应于 {at} 前处理", "  due {at}"),
        (None, true) => zh_en!("  规则日历未载该年，无期限", "  no date: the policy's calendar doesn't cover the year"),
        (None, false) => String::new(),
    };
    let about = [&report.codes[..], &report.accounts].concat().join(" ");
    let reference = report.reference.as_ref().map(|reference| format!("  {reference}")).unwrap_or_default();
    format!("{code}  {id}  {}  {state}{due}  {about}{reference}", report.kind.phrase())
}

fn words(said: &OwnReportWords) -> String {
    let OwnReportWords { act, at, text, is_unopened } = said;
    let text = match text {
        Some(text) => zh_en!("：{text}", ": {text}"),
        None if *is_unopened => zh_en!(
            "（内容无法打开，或者不是秘书处签署的）",
            " (it doesn't open here, or no seat of the secretariat signed it)"
        ),
        None => String::new(),
    };
    format!("  {at}  {}{text}", act.phrase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_a_line_with_what_it_waits_for() {
        let report = |more: serde_json::Value| {
            let mut report = json!({"id": "019c167f-cc00-7568-8a65-6cc0703e460a", "code": "PZMDE5VTNK",
                "kind": "violation", "codes": ["NB-11"], "accounts": ["host-1"], "madeAt": "2026-02-01T00:00:00.000Z"});
            report.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            line(&serde_json::from_value(report).unwrap())
        };
        let waits = report(json!({"failure": "503"}));
        assert!(waits.starts_with("PZMDE5VTNK  019c") && waits.contains("not taken yet: 503  NB-11 host-1"), "{waits}");
        let due = report(json!({"state": "received", "dueAt": "2026-02-09T16:00:00.000Z", "ref": "2026-117"}));
        assert!(due.contains("received  due 2026-02-09T16:00:00.000Z") && due.ends_with("host-1  2026-117"), "{due}");
        let ended = report(json!({"state": "dismissed", "dueAt": "2026-02-09T16:00:00.000Z"}));
        assert!(!ended.contains("due"), "{ended}");
        assert!(report(json!({"state": "asked", "calendarUnknown": true})).contains("no date"));
    }

    #[test]
    fn what_does_not_open_is_said() {
        let said = json!({"act": "dismiss", "at": "2026-02-02T00:00:00.000Z", "isUnopened": true});
        assert!(words(&serde_json::from_value(said).unwrap()).contains("no seat of the secretariat signed it"));
    }
}
