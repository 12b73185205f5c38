//! `callboard draft`: what was decided becomes a bundle, to be signed.

mod acts;
mod person;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{clock::Clock as _, create_new, output, runtime::os_rng, table::Note, terminal};
use callboard_desk::{
    Error,
    bundle::Bundle,
    cases::Cases,
    draft_report::DraftReport,
    drafter::{Draft, Drafter, Heading, ProposedIn, SheetFile},
    publication::Publish,
    registry::{PolicyName, Registry},
    sheet::{self, Confirmations},
};
use callboard_federation::{
    encoding::CaseId,
    language::{Language, Phrase},
    zh_en,
};

use super::{
    case::{HostArgs, add_missing},
    seat::{LogArgs, SeatArgs, own_log},
};

const EXAMPLES: &str = "\
Examples:
  callboard draft --template batch.xlsx --lang zh-CN
      an empty sheet, its columns formatted as text, with a page of help
  callboard draft batch.xlsx --policy streamer-warning-rules/2022 --case 019c… --key secretary-1.key --out batch.bundle
      what a case puts to the vote: row n is item n; `callboard case docket` makes what is signed of it
  callboard draft batch.xlsx --policy streamer-warning-rules/2022 --case 019c… --number 中演协〔2026〕10号 --publish \
      --key secretary-1.key --out batch.bundle
      its letters bear a number (文号), and what it decides is published, names masked
  callboard draft batch.xlsx --interim --policy streamer-warning-rules/2022 --case 019c… --key secretary-1.key \
      --out urgent.bundle
      the same as interim measures
  callboard draft before.xlsx --import --policy transition/1 --key secretary-1.key --out before.bundle
      what was decided before there was a registry, without a case: signed by as many as a roster
  callboard draft annul 019c… --from batch.bundle --key secretary-1.key --out annulment.bundle
      what the letter is about is shown by the identity in the bundle; without one it is asked for
  callboard draft reinstate 019c… --probation 2026-12-31 --from batch.bundle --key secretary-1.key --out return.bundle
  callboard draft replace 019c… --with row-17.xlsx --from batch.bundle --key secretary-1.key --out correction.bundle
      a wrong name comes out and the right one in, in one docket
  callboard draft --again batch.bundle --key secretary-1.key --out batch-2.bundle
      the same statements, after 14 days or under a new roster

Tags are derived here, at the token service, under every live epoch; names and reasons are sealed here. Nothing readable
leaves this computer but in the bundle, which only its signers open.";

/// What a bar of the token service's work counts.
const TAGS_DERIVED: Phrase = Phrase::new("个身份代码已生成", "tags derived");

/// Draft a docket, to be signed
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct DraftVerb {
    #[command(subcommand)]
    act: Option<acts::Act>,
    /// The sheet: XLSX, or CSV in UTF-8, GB18030 or UTF-16
    #[arg(conflicts_with_all = ["template", "again"])]
    sheet: Option<PathBuf>,
    /// The policy that its rows are decided under
    #[arg(long, value_name = "INSTRUMENT/VERSION")]
    policy: Option<PolicyName>,
    /// Each row is an interim measure, not a ruling
    #[arg(long)]
    interim: bool,
    /// Each row was decided before there was a registry: it is taken over without a case, if the policy allows it, and
    /// signed by as many as a roster
    #[arg(long, conflicts_with_all = ["interim", "case"])]
    import: bool,
    #[command(flatten)]
    confirmations: ConfirmationArgs,
    /// Write an empty sheet instead, .xlsx or .csv
    #[arg(long, value_name = "FILE", conflicts_with = "again")]
    template: Option<PathBuf>,
    /// Draft the statements of a bundle again, in a new docket
    #[arg(long, value_name = "BUNDLE")]
    again: Option<PathBuf>,
    #[command(flatten)]
    drafter: DrafterArgs,
}

/// What was looked at in a sheet.
#[derive(clap::Args)]
struct ConfirmationArgs {
    /// A row of somebody who was under 18 at the conduct: it was approved that it is decided
    #[arg(long, value_name = "ROW")]
    minor_approved: Vec<u32>,
    /// A row with a comment: it was read, and what it says was settled
    #[arg(long, value_name = "ROW")]
    comment_read: Vec<u32>,
}

/// Who drafts, and where the bundle goes.
#[derive(clap::Args)]
struct DrafterArgs {
    #[command(flatten)]
    seat: SeatArgs,
    #[command(flatten)]
    log: LogArgs,
    /// Where to write the bundle
    #[arg(long, value_name = "NAME.bundle")]
    out: Option<PathBuf>,
    /// The public text that appears with the docket: JSON {"v":1,"zh":…,"en":…}; one that names somebody in full, or shows a
    /// number, is refused
    #[arg(long, value_name = "FILE")]
    publication: Option<PathBuf>,
    /// Publish what the sheet decides, names masked as 赵**; the text is shown to whoever signs
    #[arg(long, conflicts_with = "publication")]
    publish: bool,
    /// The number that its letters bear (文号)
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Put it to the vote in this case, in place of signing it: statement n is for item n, and items that the case lacks
    /// are added
    #[arg(long, value_name = "CASE")]
    case: Option<CaseId>,
    /// The item that the first statement is for
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "case")]
    first_item: u32,
    #[command(flatten)]
    hosts: HostArgs,
}

impl DraftVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(act) = self.act {
            return super::block_on(act.run());
        }
        if let Some(path) = &self.template {
            write_template(path)?;
            println!("{}", path.display());
            return Ok(ExitCode::SUCCESS);
        }
        match (&self.sheet, &self.again) {
            (Some(sheet), None) => super::block_on(self.draft_sheet(sheet)),
            (None, Some(bundle)) => super::block_on(self.draft_again(bundle)),
            _ => anyhow::bail!(zh_en!(
                "请指明表格，或者用 --template、--again（见 callboard draft --help）",
                "name a sheet, --template or --again (`callboard draft --help`)"
            )),
        }
    }

    async fn draft_sheet(&self, path: &Path) -> anyhow::Result<ExitCode> {
        let policy = self.policy.as_ref().context(Phrase::new(
            "请用 --policy 名称/版本 指明规则",
            "name the policy with --policy INSTRUMENT/VERSION",
        ))?;
        if !self.import && self.drafter.case.is_none() {
            return Err(Error::NoCase.into());
        }
        let bytes = crate::read(path)?;
        self.drafter
            .draft(async |drafter| {
                let bar = terminal::progress(TAGS_DERIVED);
                let progress = |derived| bar.inc(derived as u64);
                let mut sheet = self.confirmations.sheet(&bytes);
                sheet.confirmed.takes_past = self.import;
                let draft = if self.import {
                    drafter.import(sheet, policy, &mut os_rng(), progress).await.map(ActResult::AsItIs)
                } else {
                    let draft = drafter.rulings(sheet, policy, self.interim, &mut os_rng(), progress).await;
                    draft.map(ActResult::Draft)
                };
                bar.finish_and_clear();
                Ok(draft?)
            })
            .await
    }

    async fn draft_again(&self, path: &Path) -> anyhow::Result<ExitCode> {
        self.drafter
            .draft(async |drafter| {
                Ok(ActResult::AsItIs(drafter.anew(&Bundle::open(path, drafter.key())?, &mut os_rng())?))
            })
            .await
    }
}

impl ConfirmationArgs {
    fn sheet<'a>(&'a self, bytes: &'a [u8]) -> SheetFile<'a> {
        let (minors_approved, comments_read) = (&self.minor_approved, &self.comment_read);
        let confirmed = Confirmations { minors_approved, comments_read, takes_past: false };
        SheetFile { bytes, confirmed, arrangement: None, note: &tell }
    }
}

/// What an act drafted.
enum ActResult {
    Draft(Draft),
    /// What was decided elsewhere: it begins in no case.
    AsItIs(Draft),
    /// What stands for its people had to be asked before it was whole.
    Report(DraftReport),
}

impl DrafterArgs {
    /// Drafts under the roster in force, and writes the bundle for those who sign it and for the drafter. Then what stands for
    /// its people already is told: a registry that doesn't answer costs nobody a draft.
    async fn draft(
        &self,
        act: impl AsyncFnOnce(&Drafter<'_>) -> anyhow::Result<ActResult>,
    ) -> anyhow::Result<ExitCode> {
        let out = self.out.as_ref().context(Phrase::new(
            "请指明待签文件写在哪里：--out NAME.bundle",
            "say where to write the bundle: --out NAME.bundle",
        ))?;
        create_new::not_there(out)?;
        let publish = match &self.publication {
            Some(path) => Publish::Text(crate::read(path)?),
            None if self.publish => Publish::OfSheet,
            None => Publish::Nothing,
        };
        let session = self.seat.session().await?;
        let caller = session.caller()?;
        let now = session.clock.now();
        let home = self.seat.home();
        let registry = Registry::new(&session.pin, &caller).with_home(&home);
        let log = match self.log.read(&session.pin, now)? {
            None if self.case.is_some() => Some(own_log(&registry, &home).await?),
            log => log,
        };
        let registry = registry.with_log(log.as_ref());
        let case = self.case.map(|case| ProposedIn { case, from_item: self.first_item });
        let front = Heading { number: self.number.clone(), publish, case };
        let drafter = Drafter::begin(&registry, &session.key, now, front).await?;
        let result = act(&drafter).await?;
        let (ActResult::Draft(draft) | ActResult::AsItIs(draft) | ActResult::Report(DraftReport { draft, .. })) =
            &result;
        if !matches!(result, ActResult::AsItIs(_)) && draft.bundle.is_undecided() {
            return Err(Error::NoCase.into());
        }
        output::line(drafter.write(draft, out)?);
        drafter.warning().iter().for_each(output::warn);
        if let Some(case) = self.case {
            let cases = Cases::begin(&registry, &session.key, &home).await?;
            add_missing(&cases, &draft.bundle, case, &self.hosts).await?;
        }
        let report = match result {
            ActResult::Draft(draft) | ActResult::AsItIs(draft) => drafter.report(draft, &mut os_rng()).await?,
            ActResult::Report(report) => report,
        };
        output::lines(report.lines(true));
        Ok(ExitCode::SUCCESS)
    }
}

/// Says what isn't read of a sheet.
fn tell(note: &Note) {
    let words = note.words();
    eprintln!("{}", zh_en!(("注意：{}", words.zh), ("note: {}", words.en)));
}

fn write_template(path: &Path) -> anyhow::Result<()> {
    let bytes = sheet::template(path, Language::spoken())?;
    create_new::write(path, create_new::PUBLIC, &bytes).with_context(|| path.display().to_string())
}
