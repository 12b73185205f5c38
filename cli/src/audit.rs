//! `callboard audit`: everything derived again from the leaves, and every difference said.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    create_new,
    export::Export,
    http::Caller,
    pin::{Address, Place},
};
use callboard_federation::{
    disclosure::{CheckpointLine, Disclosure},
    dsse::Envelope,
    encoding::{Hash, Time, from_json, to_json},
    language::Phrase,
    root_report::RootReport,
    tlog::checkpoint::SignedCheckpoint,
    zh_en,
};
use callboard_registry::{
    config::Config,
    ledger::{
        audit::{Audit, Difference, Report, Took, of_store},
        export,
    },
    store::Store,
};
use serde::Deserialize;

use super::{seat, seat::AskerArgs};

const EXAMPLES: &str = "\
Examples:
  callboard audit registry                             a data directory, the registry stopped or running
  callboard audit export --genesis 17fe196c…           what `callboard export` wrote, on any machine
  callboard audit https://callboard.example --key panel-1.key --genesis 17fe196c…
                                                       a running registry, as a seat or a member sees it

Two audits of one log print the same lines. Exit code 1: something differs, and the lines that begin with DIFFERS say where; or
a docket doesn't count, and its line says by which rule. A registry logs none that doesn't. A signed
root that a running registry's entries don't give is kept as report-root-SIZE-ROOT.json in the directory where you are.";
/// The most leaves that a report of a root keeps: its first.
const MOST_ENTRIES: usize = 10_000;

/// Derives a log's tree, dockets and standings again, and says where anything differs
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct AuditVerb {
    /// A data directory, an export, or the address of a running registry
    place: Place,
    /// The hash that pins the log; without it, what the log begins with is taken and printed
    #[arg(long)]
    genesis: Option<Hash>,
    /// The instant of the standings, `YYYY-MM-DDThh:mm:ss.sssZ` [default: that of the last entry]
    #[arg(long)]
    at: Option<Time>,
    #[command(flatten)]
    asker: AskerArgs,
}

impl AuditVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let report = match &self.place {
            Place::Service(registry) => super::block_on(self.audit_running(registry))?,
            Place::Path(place) => match Export::find(place) {
                Some(export) => export::audit(&export, self.genesis, self.at, MachineClock.now())?,
                None => super::block_on(self.audit_directory(place))?,
            },
        };
        print!("{report}");
        if report.is_clean() {
            return Ok(ExitCode::SUCCESS);
        }
        let uncounted = report.uncounted().count();
        eprintln!(
            "callboard: {}",
            zh_en!(
                "{}处不符，{uncounted}件文书不计入",
                "{} differences, {uncounted} dockets that don't count",
                report.differences.len()
            )
        );
        if uncounted > 0 {
            eprintln!(
                "callboard: {}",
                zh_en!(
                    "登记系统不会登记不计入的文书：请向其运营方查明它们如何进入登记册",
                    "a registry logs none: ask its operators how these came into the log"
                )
            );
        }
        Ok(ExitCode::FAILURE)
    }

    async fn audit_directory(&self, directory: &Path) -> anyhow::Result<Report> {
        let config = Config::read(&callboard_registry::cli::configuration_in(directory)?)?;
        let store = Store::open(&config.registry.store).await?;
        let report = of_store(&store, self.genesis, self.at).await?;
        store.close().await;
        Ok(report)
    }

    /// The members' anchors of each entry that has some; none, where the registry shows none.
    async fn anchors(registry: &Address, audit: &Audit, caller: &Caller<'_>) -> anyhow::Result<Vec<(u64, Envelope)>> {
        let mut anchors = Vec::new();
        for index in audit.anchored() {
            let url = registry.at(&format!("/v1/anchors/{index}"));
            let Some(answer) = caller.get(&url, &mut super::os_rng()).await? else { continue };
            let shown: Anchors =
                serde_json::from_slice(&answer).context(Phrase::new("该条目的存证", "the anchors of an entry"))?;
            anchors.extend(shown.anchors.into_iter().map(|envelope| (index, envelope)));
        }
        Ok(anchors)
    }

    async fn audit_running(&self, registry: &Address) -> anyhow::Result<Report> {
        let key = self.asker.open().context(Phrase::new(
            "运行中的登记系统只向会员单位和签署人披露登记册",
            "a running registry discloses its log to members and seats",
        ))?;
        let caller = seat::asker(&key, &MachineClock)?;
        let mut audit = Audit::new(self.genesis);
        let mut entries = Vec::new();
        loop {
            let from = audit.replay().tree().size();
            let url = registry.at(&format!("/v1/feed?from={from}"));
            let answer = caller
                .get(&url, &mut super::os_rng())
                .await?
                .context(Phrase::new("此处不是登记系统", "this is no registry"))?;
            let mut lines = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).peekable();
            let mut took = Took::Line;
            while let Some(line) = lines.next() {
                if lines.peek().is_none() {
                    let last: CheckpointLine =
                        from_json(line).context(Phrase::new("登记内容没有传完", "the feed broke off"))?;
                    let note: SignedCheckpoint =
                        last.checkpoint.parse().context(Phrase::new("登记内容的检查点", "the feed's checkpoint"))?;
                    if audit.replay().tree().size() >= from && took == Took::Line && is_whole(&audit, &note) {
                        let differing = audit.differing_anchors(&Self::anchors(registry, &audit, &caller).await?);
                        let mut report = audit.finish(Some((&note, caller.now())), self.at);
                        report.differences.extend(differing);
                        keep_signed_root(&report, note, entries)?;
                        return Ok(report);
                    }
                } else {
                    let index = audit.replay().tree().size();
                    let read = Disclosure::from_json(line).map_err(|source| Difference::Line { index, source });
                    let taken = read.and_then(|line| {
                        entries.truncate(usize::try_from(index).unwrap_or(usize::MAX));
                        if entries.len() < MOST_ENTRIES {
                            entries.push(line.entry.clone());
                        }
                        audit.take(&line)
                    });
                    took = match taken {
                        Ok(took) => took,
                        // It ends the audit: what follows can't be followed.
                        Err(difference) => {
                            let mut report = audit.finish(None, self.at);
                            report.differences.push(difference);
                            return Ok(report);
                        }
                    };
                }
                if took == Took::BeginAgain {
                    break;
                }
            }
            anyhow::ensure!(
                audit.replay().tree().size() != from,
                zh_en!("登记系统自第{from}条起没有披露任何内容", "the registry discloses nothing from entry {from} on")
            );
        }
    }
}

/// What of the anchors of an entry is of use here: the members' envelopes.
#[derive(Deserialize)]
struct Anchors {
    anchors: Vec<Envelope>,
}

/// Keeps a root that the log signed and that what it showed doesn't give: the next answer may be another.
fn keep_signed_root(report: &Report, note: SignedCheckpoint, entries: Vec<Vec<u8>>) -> anyhow::Result<()> {
    let is_signed = !report.differences.iter().any(|difference| matches!(difference, Difference::Checkpoint(_)));
    let has_another = report.differences.iter().any(|difference| matches!(difference, Difference::Root { .. }));
    if is_signed && has_another {
        let kept = RootReport::new(note, Some(report.root), None, 0, entries);
        let path = Path::new(".").join(kept.file_name());
        match create_new::write(&path, create_new::PRIVATE, &to_json(&kept)) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            written => written.with_context(|| path.display().to_string())?,
        }
        eprintln!(
            "callboard: {}",
            zh_en!("登记册签署的根值存于 {}", "the root that the log signed is kept in {}", path.display())
        );
    }
    Ok(())
}

/// Whether all that the checkpoint speaks of was disclosed; else there is another page.
fn is_whole(audit: &Audit, note: &SignedCheckpoint) -> bool {
    audit.replay().tree().size() >= note.checkpoint().size
}
