//! `callboard filings`: what people file in their sessions, and how the secretariat answers.

use std::{path::PathBuf, process::ExitCode};

use callboard_api::registry::filings::KeptFiling;
use callboard_client::{output, runtime::os_rng, terminal, visible::visible};
use callboard_desk::{registry::Registry, subject_sessions::filings::Filings};
use callboard_federation::{encoding::FilingId, language::Phrase, subject_session::FilingOutcome, zh_en};
use zeroize::Zeroizing;

use super::{seat::SeatArgs, words::words};

const EXAMPLES: &str = "\
Examples:
  callboard filings --key secretary-1.key
      what waits for an answer, the most urgent first; --all shows what was answered, too
  callboard filings show 019c167f-cc00-7568-8a65-6cc0703e460a --key secretary-1.key
      what the person says, and what was answered
  callboard filings answer 019c167f-cc00-7568-8a65-6cc0703e460a granted --text-file reasons.txt --key secretary-1.key
      in writing, with reasons; the person reads it in the browser that filed it

It opens with a report key of your seat (`callboard report-key new`). A statement is drafted as a rejoinder and signed as
any other statement. What is provisional was filed by a member's link: confirm the person first (`callboard session confirm`).";

/// Read what people file in their sessions, and answer
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct FilingsVerb {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    list: List,
}

#[derive(clap::Args)]
struct List {
    /// Those that were answered, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Show what a person filed, and what was answered
    Show(One),
    /// Answer in writing
    Answer(Answer),
}

#[derive(clap::Args)]
struct One {
    /// The filing's id
    filing: FilingId,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Args)]
struct Answer {
    #[command(flatten)]
    one: One,
    /// What becomes of it
    #[arg(value_parser = words!(FilingOutcome))]
    outcome: FilingOutcome,
    /// A file with the reasons; without it they are asked for
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

/// Whoever deals with what people file at the registry of a session.
macro_rules! filings {
    ($seat:expr, $session:ident, $filings:ident) => {
        let (caller, home) = ($session.caller()?, $seat.home());
        let registry = Registry::new(&$session.pin, &caller);
        let $filings = Filings::begin(&registry, &$session.key, &home).await?;
    };
}

impl FilingsVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            match self.act {
                None => self.list.run().await?,
                Some(Act::Show(one)) => one.run().await?,
                Some(Act::Answer(answer)) => answer.run().await?,
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// A filing on one line.
fn line(of: &KeptFiling) -> String {
    let filing = &of.filing;
    let (id, kind, whose, at) = (filing.id, filing.kind.phrase(), of.whose.phrase(), filing.filed_at);
    let due = filing.due_at.map_or_else(
        || zh_en!("未定答复期限", "no rule says by when"),
        |due| zh_en!("应于 {due} 前答复", "to be answered before {due}"),
    );
    let provisional = match (&of.member, filing.provisional) {
        (Some(member), true) => zh_en!(
            " · 暂定：链接由会员单位 {member} 出具，本人待确认",
            " · provisional: by a link of the member {member}"
        ),
        _ => String::new(),
    };
    zh_en!(
        "{id} · {kind} · {whose} · {at} · {due}{provisional}",
        "{id} · {kind} · by {whose} · {at} · {due}{provisional}"
    )
}

impl List {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.seat.session().await?;
        filings!(self.seat, session, filings);
        let listed = filings.list(!self.all, &mut os_rng()).await?;
        if listed.is_empty() {
            output::line([output::plain(Phrase::new("没有待答复的提交", "nothing waits for an answer"))]);
        }
        output::lines(listed.iter().map(|of| vec![output::plain(line(of))]).collect::<Vec<_>>());
        Ok(())
    }
}

impl One {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.seat.session().await?;
        filings!(self.seat, session, filings);
        let opened = filings.open(self.filing, &mut os_rng()).await?;
        let (record, of) = (opened.content.about, opened.kept.session);
        let mut lines = vec![
            vec![output::plain(line(&opened.kept))],
            vec![output::plain(zh_en!("所涉记录 {record} · 会话 {of}", "about the record {record} · session {of}"))],
            vec![output::plain(visible(&opened.content.text))],
        ];
        for (kept, answer) in opened.kept.filing.answers.iter().zip(&opened.answers) {
            let (at, outcome) = (kept.at, kept.outcome.phrase());
            lines.push(vec![output::green(zh_en!("{at} 答复：{outcome}", "{at} answered: {outcome}"))]);
            lines.push(vec![match answer {
                Some(answer) => output::plain(visible(&answer.text)),
                None => output::yellow(zh_en!("该答复无法在此打开", "the answer doesn't open here")),
            }]);
        }
        output::lines(lines);
        Ok(())
    }
}

impl Answer {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.one.seat.session().await?;
        filings!(self.one.seat, session, filings);
        let text = match &self.text_file {
            Some(path) => super::read_text(path)?,
            None => Zeroizing::new(terminal::answer(&zh_en!("答复及理由：", "The answer and its reasons: "))?),
        };
        // What it answers is opened first: what the registry put in somebody's name is refused.
        let opened = filings.open(self.one.filing, &mut os_rng()).await?;
        filings.answer(&opened, self.outcome, &text, &mut os_rng()).await?;
        output::line([output::green(zh_en!(
            "已答复：当事人可在其浏览器中阅读",
            "answered: the person reads it in the browser that filed it"
        ))]);
        Ok(())
    }
}
