//! The acts of `callboard draft` that aren't rulings of a sheet.
//!
//! Long because each act says its arguments with examples.

use std::{io::IsTerminal as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{output, runtime::os_rng, terminal};
use callboard_desk::{
    draft::reversal::Reversal, draft_report::DraftReport, drafter::ReversalInput, registry::PolicyName, sheet,
};
use callboard_federation::{
    encoding::{RecordId, Time},
    sealed::Plain,
    statement::SubjectType,
    zh_en,
};
use clap::{Subcommand, ValueEnum};
use jiff::tz::TimeZone;

use super::{ActResult, ConfirmationArgs, DrafterArgs, TAGS_DERIVED, person::PersonArgs};
use crate::identities::IdentityArgs;

const ANNUL: &str = "\
Examples:
  callboard draft annul 019c… --case 019d… --from batch.bundle --key secretary-1.key --out annulment.bundle
      the letter names the person of the original bundle
  callboard draft annul 019c… --case 019d… --reasons why.txt --from batch.bundle --key secretary-1.key --out annulment.bundle
      with reasons, sealed to that person
  callboard draft annul 019c… --case 019d… --key secretary-1.key --out annulment.bundle
      asks for the identity without showing it; where nobody has it any more, each signer types how the record ends";
const REINSTATE: &str = "\
Examples:
  callboard draft reinstate 019c… --case 019d… --probation 2026-12-31 --from batch.bundle --key secretary-1.key --out return.bundle
  callboard draft reinstate 019c… --case 019d… --conditions conditions.txt --identity-file person.txt --key secretary-1.key --out return.bundle";
const STAY: &str = "\
Examples:
  callboard draft stay 019c… --case 019d… --until 2026-12-31 --from batch.bundle --key secretary-1.key --out stay.bundle";
const END: &str = "\
Examples:
  callboard draft end 019c… --case 019d… --key secretary-1.key --out end.bundle
  callboard draft end 019c… --case 019d… --policy streamer-warning-rules/2022 --key secretary-1.key --out end.bundle
      a dispute names no policy of its own";
const DISPUTE: &str = "\
Examples:
  callboard draft dispute 019c… --key secretary-1.key --out dispute.bundle";
const REJOIN: &str = "\
Examples:
  callboard draft rejoin 019c… --words said.txt --from batch.bundle --key secretary-1.key --out rejoinder.bundle";
const REPLACE: &str = "\
Examples:
  callboard draft replace 019c… --case 019d… --with row-17.xlsx --from batch.bundle --key secretary-1.key --out correction.bundle
      row 17 of 88 named the wrong person: the sheet has the right one, alone";
const LINK: &str = "\
Examples:
  callboard draft link --identity-file both.txt --case 019d… --policy streamer-warning-rules/2022 --key secretary-1.key --out link.bundle
      a passport that was renewed: the old and the new number, one KIND:VALUE a line";
const ERASE: &str = "\
Examples:
  callboard draft erase 019c… 019d… --from batch.bundle --key secretary-1.key --out erasure.bundle
      a ruling and its annulment: a chain goes whole, or not at all";

#[derive(Subcommand)]
pub(super) enum Act {
    Annul(Annul),
    Reinstate(Reinstate),
    Stay(Stay),
    End(End),
    Dispute(Dispute),
    Rejoin(Rejoin),
    Replace(Replace),
    Link(Link),
    Erase(Erase),
}

/// Make records count as never made
#[derive(clap::Args)]
#[command(after_long_help = ANNUL)]
pub(super) struct Annul {
    #[command(flatten)]
    of: ReversalArgs,
    #[command(flatten)]
    reasons: ReasonsArgs,
}

/// End the measures of records, under watch for a while if --probation says so
#[derive(clap::Args)]
#[command(after_long_help = REINSTATE)]
pub(super) struct Reinstate {
    #[command(flatten)]
    of: ReversalArgs,
    /// The last day under watch, or a clock time
    #[arg(long, value_name = "UNTIL")]
    probation: Option<String>,
    /// What the return is bound to, one condition a line; it is sealed
    #[arg(long, value_name = "FILE")]
    conditions: Option<PathBuf>,
    #[command(flatten)]
    start: Start,
    #[command(flatten)]
    reasons: ReasonsArgs,
}

/// Pause the measures of records
#[derive(clap::Args)]
#[command(after_long_help = STAY)]
pub(super) struct Stay {
    #[command(flatten)]
    of: ReversalArgs,
    /// The last day of the pause, or a clock time; without it until it is ended
    #[arg(long)]
    until: Option<String>,
    #[command(flatten)]
    start: Start,
}

/// End a stay, a reinstatement, a dispute or a link
#[derive(clap::Args)]
#[command(after_long_help = END)]
pub(super) struct End {
    #[command(flatten)]
    of: ReversalArgs,
    #[command(flatten)]
    start: Start,
    #[command(flatten)]
    reasons: ReasonsArgs,
}

/// Mark records as disputed
#[derive(clap::Args)]
#[command(after_long_help = DISPUTE)]
pub(super) struct Dispute {
    #[command(flatten)]
    of: ReversalArgs,
}

/// Log what the subject of records says of them
#[derive(clap::Args)]
#[command(after_long_help = REJOIN)]
pub(super) struct Rejoin {
    /// The records that it is about, of one person
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<RecordId>,
    /// What the subject says, as text; it is sealed
    #[arg(long, value_name = "FILE")]
    words: PathBuf,
    #[command(flatten)]
    person: PersonArgs,
    #[command(flatten)]
    drafter: DrafterArgs,
}

/// Take a wrong record out and put the right ruling in its place, in one docket
#[derive(clap::Args)]
#[command(after_long_help = REPLACE)]
pub(super) struct Replace {
    /// The wrong record
    record: RecordId,
    /// A sheet of what should have been decided
    #[arg(long, value_name = "SHEET")]
    with: PathBuf,
    #[command(flatten)]
    confirmations: ConfirmationArgs,
    /// The policy of both; without it that of the wrong record
    #[arg(long, value_name = "INSTRUMENT/VERSION")]
    policy: Option<PolicyName>,
    #[command(flatten)]
    reasons: ReasonsArgs,
    #[command(flatten)]
    person: PersonArgs,
    #[command(flatten)]
    drafter: DrafterArgs,
}

/// Say that several identity documents are of one subject
#[derive(clap::Args)]
#[command(after_long_help = LINK)]
pub(super) struct Link {
    #[command(flatten)]
    identities: IdentityArgs,
    /// What the subject is
    #[arg(long = "type", value_enum, default_value_t = SubjectKind::Person)]
    subject_type: SubjectKind,
    /// The policy that it is decided under
    #[arg(long, value_name = "INSTRUMENT/VERSION")]
    policy: PolicyName,
    #[command(flatten)]
    start: Start,
    #[command(flatten)]
    drafter: DrafterArgs,
}

/// Erase whole chains: records with all that they are about and all that are about them
#[derive(clap::Args)]
#[command(after_long_help = ERASE)]
pub(super) struct Erase {
    /// Every record of the chains
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<RecordId>,
    /// The indexes of all dockets in the log that don't count, if an audit reported any
    #[arg(long, value_name = "INDEX", num_args = 1..)]
    uncounted: Vec<u64>,
    #[command(flatten)]
    person: PersonArgs,
    #[command(flatten)]
    drafter: DrafterArgs,
}

/// Which records, of whom, and who drafts.
#[derive(clap::Args)]
struct ReversalArgs {
    /// The records that it is about, of one person
    #[arg(required = true, value_name = "RECORD")]
    ids: Vec<RecordId>,
    /// The policy that it is decided under; without it that of the records
    #[arg(long, value_name = "INSTRUMENT/VERSION")]
    policy: Option<PolicyName>,
    /// The records are of several people: a statement for each
    #[arg(long)]
    several: bool,
    #[command(flatten)]
    person: PersonArgs,
    #[command(flatten)]
    drafter: DrafterArgs,
}

/// From when.
#[derive(clap::Args)]
struct Start {
    /// From the beginning of which day, or which clock time; without it from now
    #[arg(long, value_name = "WHEN")]
    effective_at: Option<String>,
    /// The zone of days and clock times
    #[arg(long, default_value = "Asia/Shanghai")]
    zone: String,
}

/// The reasons, which are sealed to the person.
#[derive(clap::Args)]
struct ReasonsArgs {
    /// The reasons, as text; they are sealed, which takes the person's identities
    #[arg(long, value_name = "FILE")]
    reasons: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum SubjectKind {
    Person,
    Enterprise,
    Persona,
}

impl Act {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Annul(it) => it.of.reverse(Reversal::Annul, it.reasons.plain(None)?).await,
            Self::Reinstate(it) => {
                let probation = it.probation.as_deref().map(|text| it.start.end(text)).transpose()?;
                let effective_at = it.start.at(it.of.drafter.seat.now().await?)?;
                let plain = it.reasons.plain(it.conditions.as_ref())?;
                it.of.reverse(Reversal::Reinstate { effective_at, probation }, plain).await
            }
            Self::Stay(it) => {
                let until = it.until.as_deref().map(|text| it.start.end(text)).transpose()?;
                let effective_at = it.start.at(it.of.drafter.seat.now().await?)?;
                it.of.reverse(Reversal::Stay { effective_at, until }, None).await
            }
            Self::End(it) => {
                let effective_at = it.start.at(it.of.drafter.seat.now().await?)?;
                it.of.reverse(Reversal::End { effective_at }, it.reasons.plain(None)?).await
            }
            Self::Dispute(it) => it.of.reverse(Reversal::Dispute, None).await,
            Self::Rejoin(it) => it.run().await,
            Self::Replace(it) => it.run().await,
            Self::Link(it) => it.run().await,
            Self::Erase(it) => {
                let Erase { records, uncounted, person, drafter } = it;
                drafter
                    .draft(async |drafter| {
                        let readings = person.read(drafter, &records)?;
                        let draft = drafter.erasure(records, uncounted, &readings, &mut os_rng()).await?;
                        Ok(ActResult::Draft(draft))
                    })
                    .await
            }
        }
    }
}

impl ReversalArgs {
    /// Drafts it; where something else of the person would be left standing, the drafter is asked whether to name that
    /// too.
    async fn reverse(&self, reversal: Reversal, plain: Option<Plain>) -> anyhow::Result<ExitCode> {
        self.drafter
            .draft(async |drafter| {
                let identities = self.person.read(drafter, &self.ids)?;
                let with = ReversalInput { policy: self.policy.clone(), plain, identities, several: self.several };
                let reverse = async |ids: &[RecordId]| {
                    let draft = drafter.reversal(reversal, ids, with.clone(), &mut os_rng()).await?;
                    anyhow::Ok(drafter.report(draft, &mut os_rng()).await?)
                };
                let report = reverse(&self.ids).await?;
                let more = offer(&report)?;
                let report = if more.is_empty() { report } else { reverse(&[&self.ids[..], &more].concat()).await? };
                Ok(ActResult::Report(report))
            })
            .await
    }
}

/// What a reversal would leave of its people's measures, if whoever drafts wants it named too; elsewhere than at a
/// terminal nobody is asked, and what is left is told.
fn offer(report: &DraftReport) -> anyhow::Result<Vec<RecordId>> {
    let mut more = Vec::new();
    for at in 0..report.count() {
        let left = report.left(at, &more);
        if left.is_empty() {
            continue;
        }
        for measure in &left {
            output::warn(report.text(measure, true));
        }
        if !std::io::stdin().is_terminal() {
            output::warn(DraftReport::hint(&left));
        } else if terminal::agrees(&DraftReport::QUESTION.to_string())? {
            more.extend(left.iter().map(|measure| measure.record));
        }
    }
    Ok(more)
}

impl Rejoin {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let Self { records, words, person, drafter } = self;
        let words = std::fs::read_to_string(&words).with_context(|| words.display().to_string())?;
        drafter
            .draft(async |drafter| {
                let readings = person.read(drafter, &records)?;
                let draft = drafter.rejoinder(records, words.trim(), &readings, &mut os_rng()).await?;
                Ok(ActResult::Draft(draft))
            })
            .await
    }
}

impl Replace {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let (bytes, plain) = (crate::read(&self.with)?, self.reasons.plain(None)?);
        self.drafter
            .draft(async |drafter| {
                let identities = self.person.read(drafter, &[self.record])?;
                let with = ReversalInput { policy: self.policy, plain, identities, several: false };
                let bar = terminal::progress(TAGS_DERIVED);
                let progress = |derived| bar.inc(derived as u64);
                let sheet = self.confirmations.sheet(&bytes);
                let draft = drafter.replacement(self.record, sheet, with, &mut os_rng(), progress).await;
                bar.finish_and_clear();
                Ok(ActResult::Draft(draft?))
            })
            .await
    }
}

impl Link {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let now = self.drafter.seat.now().await?;
        let (identities, effective_at) = (self.identities.read(now)?, self.start.at(now)?);
        let of = match self.subject_type {
            SubjectKind::Person => SubjectType::Person,
            SubjectKind::Enterprise => SubjectType::Enterprise,
            SubjectKind::Persona => SubjectType::Persona,
        };
        self.drafter
            .draft(async |drafter| {
                let draft = drafter.linkage(of, identities, &self.policy, effective_at, &mut os_rng()).await?;
                Ok(ActResult::Draft(draft))
            })
            .await
    }
}

impl Start {
    fn zone(&self) -> anyhow::Result<TimeZone> {
        TimeZone::get(&self.zone).with_context(|| zh_en!("没有时区 {}", "no time zone {}", self.zone))
    }

    fn at(&self, now: Time) -> anyhow::Result<Time> {
        let Some(text) = &self.effective_at else { return Ok(now) };
        sheet::read_start(text, &self.zone()?).with_context(|| not_a_date(text))
    }

    fn end(&self, text: &str) -> anyhow::Result<Time> {
        sheet::read_end(text, &self.zone()?).with_context(|| not_a_date(text))
    }
}

impl ReasonsArgs {
    fn plain(&self, conditions: Option<&PathBuf>) -> anyhow::Result<Option<Plain>> {
        let read = |path: &PathBuf| std::fs::read_to_string(path).with_context(|| path.display().to_string());
        let (reasons, conditions) = (self.reasons.as_ref().map(read), conditions.map(read));
        if reasons.is_none() && conditions.is_none() {
            return Ok(None);
        }
        let reasons = reasons.transpose()?.unwrap_or_default().trim().to_owned();
        let conditions = conditions.transpose()?.unwrap_or_default();
        let conditions = conditions.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
        Ok(Some(Plain { reasons, conditions: conditions.collect(), ..Plain::default() }))
    }
}

fn not_a_date(text: &str) -> String {
    zh_en!(
        "{text} 不是日期：请写成 2026-07-01，或 \"2026-07-01 12:00\"",
        "{text} is no date: write 2026-07-01, or \"2026-07-01 12:00\""
    )
}
