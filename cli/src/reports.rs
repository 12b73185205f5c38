//! `callboard reports`: what members report, and what the secretariat says becomes of it.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{clock::Clock as _, create_new, output, runtime::os_rng, terminal};
use callboard_desk::{
    registry::Registry,
    reports::{Decision, Reports, entered::Entered, file::OTHER_TYPE, shown},
};
use callboard_federation::{
    encoding::{CaseId, Time},
    language::Phrase,
    members::MemberId,
    report::{ReportKind, content::PaperDocument},
    zh_en,
};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use zeroize::Zeroizing;

use super::seat::SeatArgs;

const EXAMPLES: &str = "\
Examples:
  callboard reports --key secretary-1.key
      what waits for somebody, the most urgent first; --all shows what has ended, too
  callboard reports show PZMDE5VTNK --key secretary-1.key
      what it says and what was said of it, by its code or id; who wrote what is verified
  callboard reports accept PZMDE5VTNK --key secretary-1.key
  callboard reports dismiss PZMDE5VTNK --text-file why.txt --key secretary-1.key
      the member reads why; nobody else but the secretariat does
  callboard reports merge PZMDE5VTNK --into 7K3QX0M2VN --key secretary-1.key
  callboard reports ask PZMDE5VTNK --key secretary-1.key
      a question to the member, asked for at the prompt
  callboard reports ask-identity PZMDE5VTNK --member beta --account host-9 --key secretary-1.key
      whose an account on another platform is: that member sees the account, not the report
  callboard reports file PZMDE5VTNK --number 0 --out evidence.bin --key secretary-1.key
      a file of a report of the public, saved under a name of your own; one that isn't what it says is told of
  callboard reports enter court --number '（2026）京01刑终1号' --by '…法院' --on 2026-11-20 --text-file order.txt --key …
      what came on paper; `authority` and `paper` likewise

What is sealed for a member is encrypted to the recipient that the member itself signed: the registry can't put in its own.";

/// Read what members report, and say what becomes of it
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct ReportsVerb {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    list: List,
}

#[derive(clap::Args)]
struct List {
    /// Those that have ended, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Show what a report says, and what was said of it
    Show(One),
    /// Take it up
    Accept(Accept),
    /// Don't take it up, and say why
    Dismiss(Say),
    /// Let it go on as part of another
    Merge(Merge),
    /// Ask whoever filed it
    Ask(Say),
    /// Note something for the secretariat alone
    Note(Say),
    /// Save a file of a report of the public; it is never opened here
    File(File),
    /// Ask another member whose an account is
    AskIdentity(AskIdentity),
    /// Enter what an authority or a court decided, or what came on paper
    Enter(Box<Enter>),
}

#[derive(clap::Args)]
struct One {
    /// The report's code or id
    report: String,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Args)]
struct Accept {
    #[command(flatten)]
    one: One,
    /// The case that takes it up, if there is one
    #[arg(long, value_name = "CASE")]
    case: Option<CaseId>,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
struct Say {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
struct Merge {
    #[command(flatten)]
    one: One,
    /// The code or id of the report that it goes on as part of
    #[arg(long, value_name = "REPORT")]
    into: String,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
struct File {
    #[command(flatten)]
    one: One,
    /// Which file, as `show` numbers them, from 0
    #[arg(long)]
    number: usize,
    /// Where to save it; a file that isn't there yet
    #[arg(long)]
    out: PathBuf,
}

#[derive(clap::Args)]
struct AskIdentity {
    #[command(flatten)]
    one: One,
    /// The member on whose platform the account is
    #[arg(long, value_parser = member)]
    member: MemberId,
    /// The account, as that platform names it
    #[arg(long)]
    account: String,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
struct Enter {
    /// What it is
    #[arg(value_parser = kinds())]
    kind: ReportKind,
    /// The document's own number
    #[arg(long)]
    number: String,
    /// Who issued it
    #[arg(long)]
    by: String,
    /// The day that it bears
    #[arg(long, value_name = "DATE")]
    on: Date,
    /// The code of a violation, such as NB-11
    #[arg(long = "code", value_name = "CODE")]
    codes: Vec<String>,
    /// An account that it is about, as MEMBER:ACCOUNT
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    seat: SeatArgs,
}

/// What is said.
#[derive(clap::Args)]
struct TextArgs {
    /// A file with what is said
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

fn kinds() -> impl TypedValueParser<Value = ReportKind> {
    let kinds = [ReportKind::Authority, ReportKind::Court, ReportKind::Paper];
    let of = |word: String| ReportKind::from_word(&word).unwrap_or(ReportKind::Paper);
    PossibleValuesParser::new(kinds.map(ReportKind::as_str)).map(of)
}

fn member(text: &str) -> Result<MemberId, String> {
    MemberId::try_from(text.to_owned()).map_err(|error| error.to_string())
}

impl ReportsVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            match self.act {
                None => self.list.run().await?,
                Some(Act::Show(one)) => one.show().await?,
                Some(Act::Accept(accept)) => {
                    accept.one.decide(Decision::Accept(accept.case), accept.text.read()?).await?;
                }
                Some(Act::Dismiss(say)) => say.run(Decision::Dismiss).await?,
                Some(Act::Ask(say)) => say.run(Decision::Ask).await?,
                Some(Act::Note(say)) => say.run(Decision::Note).await?,
                Some(Act::Merge(merge)) => merge.run().await?,
                Some(Act::File(file)) => file.run().await?,
                Some(Act::AskIdentity(ask)) => ask.run().await?,
                Some(Act::Enter(enter)) => enter.run().await?,
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// Whoever deals with reports of the registry in a session.
macro_rules! reports {
    ($seat:expr, $session:ident, $reports:ident) => {
        let (caller, home) = ($session.caller()?, $seat.home());
        let registry = Registry::new(&$session.pin, &caller);
        let $reports = Reports::begin(&registry, &$session.key, &home).await?;
    };
}

impl List {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.seat.session().await?;
        reports!(self.seat, session, reports);
        let listed =
            if self.all { reports.list(None, &mut os_rng()).await? } else { reports.open_ones(&mut os_rng()).await? };
        if listed.is_empty() {
            output::line([output::plain(Phrase::new("没有待处理的报告", "no report waits"))]);
        }
        let now = session.clock.now();
        let lines = listed.iter().map(|report| shown::line(report, reports.roster(), reports.members(), now));
        output::lines(lines.collect::<Vec<_>>());
        Ok(())
    }
}

impl One {
    async fn show(&self) -> anyhow::Result<()> {
        let session = self.seat.session().await?;
        reports!(self.seat, session, reports);
        let id = reports.find(&self.report, &mut os_rng()).await?;
        let opened = reports.open(id, &mut os_rng()).await?;
        output::lines(opened.lines(reports.roster(), reports.members(), session.clock.now()));
        Ok(())
    }

    async fn decide(&self, decision: Decision, text: Option<Zeroizing<String>>) -> anyhow::Result<()> {
        let session = self.seat.session().await?;
        reports!(self.seat, session, reports);
        self.decide_by(&reports, decision, text, session.clock.now()).await
    }

    async fn decide_by(
        &self,
        reports: &Reports<'_>,
        decision: Decision,
        text: Option<Zeroizing<String>>,
        now: Time,
    ) -> anyhow::Result<()> {
        let id = reports.find(&self.report, &mut os_rng()).await?;
        // What it is decided of is opened first: what another wrote in a member's name is refused.
        let opened = reports.open(id, &mut os_rng()).await?;
        let text = text.as_ref().map(|text| text.trim());
        let kept = reports.decide(&opened.kept, decision, text, &mut os_rng()).await?;
        output::line(shown::line(&kept, reports.roster(), reports.members(), now));
        Ok(())
    }
}

impl Say {
    async fn run(&self, decision: Decision) -> anyhow::Result<()> {
        let asked = match decision {
            Decision::Dismiss => zh_en!("不予受理的理由：", "Why it isn't taken up: "),
            Decision::Ask => zh_en!("问题：", "The question: "),
            _ => zh_en!("备注：", "The note: "),
        };
        let text = match self.text.read()? {
            Some(text) => text,
            None => Zeroizing::new(terminal::answer(&asked)?),
        };
        self.one.decide(decision, Some(text)).await
    }
}

impl Merge {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.one.seat.session().await?;
        reports!(self.one.seat, session, reports);
        let into = reports.find(&self.into, &mut os_rng()).await?;
        self.one.decide_by(&reports, Decision::Merge(into), self.text.read()?, session.clock.now()).await
    }
}

impl File {
    async fn run(&self) -> anyhow::Result<()> {
        create_new::not_there(&self.out)?;
        let session = self.one.seat.session().await?;
        reports!(self.one.seat, session, reports);
        let id = reports.find(&self.one.report, &mut os_rng()).await?;
        let opened = reports.open(id, &mut os_rng()).await?;
        let file = reports.file(&opened, self.number, &mut os_rng()).await?;
        create_new::write(&self.out, create_new::PRIVATE, &file.bytes)
            .with_context(|| self.out.display().to_string())?;
        let (path, bytes) = (self.out.display(), file.bytes.len());
        output::line([output::green(zh_en!("{path}：{bytes}字节", "{path}: {bytes} bytes"))]);
        if !file.is_as_told {
            output::line([output::red(OTHER_TYPE)]);
        }
        Ok(())
    }
}

impl AskIdentity {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.one.seat.session().await?;
        reports!(self.one.seat, session, reports);
        let id = reports.find(&self.one.report, &mut os_rng()).await?;
        let text = self.text.read()?;
        let text = text.as_ref().map(|text| text.trim());
        let asked = reports.ask_identity(id, &self.member, &self.account, text, &mut os_rng()).await?;
        let (request, member) = (asked.id, &self.member);
        output::line([output::green(zh_en!("{request}  已向 {member} 查询", "{request}  {member} is asked"))]);
        Ok(())
    }
}

impl Enter {
    async fn run(self) -> anyhow::Result<()> {
        let description = match self.text.read()? {
            Some(text) => text.trim().to_owned(),
            None => terminal::answer(&zh_en!("内容：", "What it says: "))?,
        };
        let session = self.seat.session().await?;
        reports!(self.seat, session, reports);
        let entered = Entered {
            kind: self.kind,
            document: PaperDocument { number: self.number, by: self.by, on: self.on },
            codes: self.codes,
            accounts: self.accounts,
            description,
        };
        let kept = reports.enter(entered, &mut os_rng()).await?;
        output::line(shown::line(&kept, reports.roster(), reports.members(), session.clock.now()));
        Ok(())
    }
}

impl TextArgs {
    fn read(&self) -> anyhow::Result<Option<Zeroizing<String>>> {
        self.text_file.as_deref().map(super::read_text).transpose()
    }
}
