//! `callboard audit`: everything derived again from the leaves, and every difference said.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_api::registry::records::{FeedFrom, READ_FEED};
use callboard_client::{
    clock::{Clock as _, MachineClock},
    create_new,
    export::Export,
    feed::{Feed, Limits},
    http::Caller,
    output,
    pin::{Address, Place},
};
use callboard_desk::{
    cases::{self, case_file::Chains, chain_file},
    pages::{self, PageFault},
};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::{Hash, Time, to_json},
    language::Phrase,
    replay::Replay,
    zh_en,
};
use callboard_registry::{
    config::Config,
    ledger::{
        audit::{AuditReport, of_store, running::of_running},
        export,
    },
    store::Store,
};

use super::{seat, seat::AskerArgs};

const EXAMPLES: &str = "\
Examples:
  callboard audit registry                             a data directory, the registry stopped or running
  callboard audit export --genesis 17fe196c…           what `callboard export` wrote, on any machine
  callboard audit https://callboard.example --key panel-1.key --genesis 17fe196c…
                                                       a running registry, as a seat or a member sees it
  callboard audit export --genesis 17fe196c… --cases case-1.ndjson case-2.ndjson
                                                       and whether each docket is what its case resolved
  callboard audit --pages https://callboard.example    whether the public's pages there are those that this release lists

Two audits of one log print the same lines. Exit code 1: something differs, and the lines that begin with DIFFERS say where; or
a docket doesn't count, and its line says by which rule. A registry logs none that doesn't. A signed
root that a running registry's entries don't give is kept as report-root-SIZE-ROOT.json in the directory where you are.";

/// Derives a log's tree, dockets and standings again, and says where anything differs
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct AuditVerb {
    /// A data directory, an export, or the address of a running registry
    #[arg(required_unless_present = "pages")]
    place: Option<Place>,
    /// Compare the pages on which the public writes with those that this release lists: the registry's, or a member's copy of
    /// them, by the address that they lie under
    #[arg(long, value_name = "URL")]
    pages: Option<Address>,
    /// The hash that pins the log; without it, what the log begins with is taken and printed
    #[arg(long)]
    genesis: Option<Hash>,
    /// The instant of the standings, `YYYY-MM-DDThh:mm:ss.sssZ` [default: that of the last entry]
    #[arg(long)]
    at: Option<Time>,
    /// Hold every docket that names a procedure against its case: chains from `callboard case export`; of a running registry
    /// those that it shows, where no file is named
    #[arg(long, value_name = "FILE", num_args = 0..)]
    cases: Option<Vec<PathBuf>>,
    #[command(flatten)]
    asker: AskerArgs,
}

impl AuditVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let pages_hold = match &self.pages {
            Some(base) => super::block_on(audit_pages(base))?,
            None => true,
        };
        let Some(place) = &self.place else {
            return Ok(if pages_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        };
        let report = match place {
            Place::Service(registry) => super::block_on(self.audit_running(registry))?,
            Place::Path(place) => match Export::find(place) {
                Some(export) => export::audit(&export, self.genesis, self.at, MachineClock.now())?,
                None => super::block_on(self.audit_directory(place))?,
            },
        };
        print!("{report}");
        let follow = match &self.cases {
            Some(files) => super::block_on(self.audit_cases(place, files))?,
            None => true,
        };
        if report.is_clean() {
            return Ok(if follow && pages_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE });
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

    async fn audit_directory(&self, directory: &Path) -> anyhow::Result<AuditReport> {
        let config = Config::read(&callboard_registry::cli::configuration_in(directory)?)?;
        let store = Store::open(&config.registry.store).await?;
        let report = of_store(&store, self.genesis, self.at).await?;
        store.close().await;
        Ok(report)
    }

    /// Whether every docket follows from a case at hand; tells what doesn't.
    async fn audit_cases(&self, place: &Place, files: &[PathBuf]) -> anyhow::Result<bool> {
        let mut chains = Chains::new();
        for file in files {
            chain_file::read(&super::read(file)?, &mut chains).with_context(|| file.display().to_string())?;
        }
        let lines = match place {
            Place::Service(registry) => {
                let key = self.asker.open()?;
                let caller = seat::asker(&key, &MachineClock)?;
                if files.is_empty() {
                    for entry in cases::shown::list(&caller, registry, None, &mut super::os_rng()).await? {
                        chains.extend(
                            cases::shown::fetch_chains(&caller, registry, entry.case, &mut super::os_rng()).await?,
                        );
                    }
                }
                feed(registry, &caller).await?
            }
            Place::Path(place) => {
                let export = Export::find(place).context(Phrase::new(
                    "核对案件须有登记册的导出内容或者运行中的登记系统",
                    "cases are held against an export, or a running registry",
                ))?;
                export.lines()?.collect::<Result<_, _>>()?
            }
        };
        let each = || Ok::<_, anyhow::Error>(lines.iter().cloned().map(Ok::<_, anyhow::Error>));
        let log = Replay::new(self.genesis).follow_all(each, |_, _, _| Ok::<_, anyhow::Error>(()))?;
        let log = log.map_err(|fault| anyhow::anyhow!(zh_en!("登记册：{fault}", "the log: {fault}")))?;
        let found = cases::audit::audit(lines.iter().cloned().map(Ok::<_, anyhow::Error>), &chains, &log)?;
        output::lines(found.lines());
        Ok(found.is_clean())
    }

    async fn audit_running(&self, registry: &Address) -> anyhow::Result<AuditReport> {
        let key = self.asker.open().context(Phrase::new(
            "运行中的登记系统只向会员单位和签署人披露登记册",
            "a running registry discloses its log to members and seats",
        ))?;
        let caller = seat::asker(&key, &MachineClock)?;
        let (report, kept) = of_running(registry, &caller, self.genesis, self.at, &mut super::os_rng()).await?;
        if let Some(kept) = kept {
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
        Ok(report)
    }
}

/// Whether each file of the public's pages is the listed one; tells which isn't.
async fn audit_pages(base: &Address) -> anyhow::Result<bool> {
    let (held, faults) = pages::audit(base).await?;
    output::lines(faults.iter().map(PageFault::line).collect::<Vec<_>>());
    output::line(pages::held_line(held));
    Ok(faults.is_empty())
}

/// All that a running registry discloses.
async fn feed(registry: &Address, caller: &Caller<'_>) -> anyhow::Result<Vec<Disclosure>> {
    let mut lines: Vec<Disclosure> = Vec::new();
    loop {
        let from = FeedFrom { from: lines.len() as u64, wait: None };
        let url = registry.at(&READ_FEED.with(&(), &from, &()).address);
        let mut feed = Feed::of(caller.begin(&url, &mut super::os_rng()).await?, Limits::default());
        let before = lines.len();
        loop {
            let (part, note) = feed.part().await?;
            for line in part {
                lines.push(Disclosure::from_json(&line)?);
            }
            if note.is_some() {
                break;
            }
        }
        if lines.len() == before {
            return Ok(lines);
        }
    }
}
