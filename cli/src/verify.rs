//! `callboard verify`: files are checked off line, against one hash. Each is said to be verified, to fail (exit code 1), or to
//! hold as far as it goes and prove nothing yet (2): a check without an anchor, signatures that nobody can hold against a
//! roster. With `--convict` they are held against the log: exit code 0 if it is convicted.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    export::Export,
    output::{self, Line},
    pin::PinFile,
    runtime::error_chain,
    sandbox_clock::ClockArg,
};
use callboard_desk::{
    fork_evidence::{ForkClaim, ForkVerdict, log_keys, verify_fork},
    verify::{self, PrintedVerdict, VerifiedFile, verify, verify_printed},
};
use callboard_federation::{
    encoding::{Hash, Time},
    printed_record::PrintedRecord,
    tlog::vkey::VerifierKey,
    zh_en,
};
use callboard_registry::ledger::{audit::AuditedDocket, export};

const EXAMPLES: &str = "\
Examples:
  callboard verify batch.proofs/*.json
      records: was each logged, under the roster of its time, and seen by enough witnesses?
  callboard verify notice-7.json
      a notice, as its page gives it: was this text signed by enough seats, and logged?
  callboard verify batch.docket.json --roster roster.json
      a docket: are its statements those that were signed, and by enough seats of the roster whose proof file this is?
  callboard verify export
      a whole log: does all of it follow from its leaves? What `callboard audit` shows at length
  callboard verify proof-of-check.json --members members.json
      a check that a member's agent proves: is it in the member's own log, as the member signed that log's root?
      `--members` is the proof file of the list, from GET /v1/members. Without it, and as long as the file doesn't prove
      that the registry's log holds the anchor, the check is `unanchored`: anyone can make such a file
  callboard verify 019c….json callboard:record/019c…/5d41…
      a printed letter: does the log hold what it says? The text stands below its code, in either case of letters;
      beside it the proof file of its record, or of the notice that it appeared in
  callboard verify --convict evidence-5d41….json --roster roster.json
  callboard verify --convict checkpoint-of-alpha checkpoint-of-beta --roster roster.json
      did the log sign two histories? Evidence files as agents write them, or checkpoints, or acknowledgements of events,
      that were found apart;
      the keys are those of the rosters in a proof file. Exit code 0: convicted, 1: not, which acquits nobody
  callboard verify proof.json --genesis 112025279a740ce4…
      with the hash from someone you trust, instead of a pin file

Exit code 0: all verified; 1: one fails; 2: none fails, one proves nothing yet (`unanchored`, `unproven`).
Nothing is asked of anyone. A proof shows that a record was logged; whether it still stands, only the log tells.";

/// The exit code where a file fails.
const FAILS: u8 = 1;
/// The exit code where none fails, and one proves nothing yet.
const PROVES_NOTHING: u8 = 2;

/// Check proof files, docket files or exports off line
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Verify {
    /// The files, directories that `callboard export` wrote, or the texts of printed letters
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The hash of the registry's first docket; without it that of the pin file
    #[arg(long, value_name = "HASH")]
    genesis: Option<Hash>,
    /// Say whether the files convict the log of two histories: evidence files, two checkpoints of one size, or two acknowledgements
    #[arg(long, requires = "roster")]
    convict: bool,
    /// The proof file of the roster that a docket names, so that its signatures are verified too
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// The proof file of the members' list, so that the anchor of a check is verified too
    #[arg(long, value_name = "FILE")]
    members: Option<PathBuf>,
    #[command(flatten)]
    pin: PinFile,
    #[command(flatten)]
    clock: ClockArg,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let (genesis, now) = if let Some(genesis) = self.genesis {
            (genesis, MachineClock.now())
        } else {
            let pin = self.pin.read()?;
            (pin.genesis, super::block_on(self.clock.of(&pin.issuer))?.now())
        };
        let roster = self.roster.as_deref().map(super::read).transpose()?;
        let members = self.members.as_deref().map(super::read).transpose()?;
        if self.convict {
            return convict(&self.files, &log_keys(&roster.unwrap_or_default(), &genesis, now)?);
        }
        let (mut code, mut failed, mut proven) = (0, false, Vec::new());
        let is_printed = |path: &&PathBuf| path.to_str().is_some_and(PrintedRecord::is_meant);
        let (printed, files): (Vec<&PathBuf>, Vec<&PathBuf>) = self.files.iter().partition(is_printed);
        for path in files {
            let verified = if path.is_dir() {
                verify_export(path, genesis, now)
            } else {
                let file = super::read(path)
                    .and_then(|bytes| Ok(verify(&bytes, &genesis, roster.as_deref(), members.as_deref(), now)?));
                file.map(|file| {
                    let told = (file.is_proven(), file.lines(path));
                    proven.extend(match file {
                        VerifiedFile::Proof(record) => Some(record.docket),
                        VerifiedFile::Notice(notice) => Some(notice.docket),
                        _ => None,
                    });
                    told
                })
            };
            match verified {
                Ok((is_proven, lines)) => {
                    output::lines(lines);
                    code = if is_proven { code } else { PROVES_NOTHING };
                }
                Err(why) => {
                    output::line(verify::not_verified(path.display()));
                    eprintln!("callboard{}{}", zh_en!("：", ": "), error_chain(why.as_ref()));
                    failed = true;
                }
            }
        }
        for path in printed {
            let text: PrintedRecord = path.to_str().unwrap_or_default().parse()?;
            let verdict = verify_printed(&text, &proven);
            output::lines(verdict.lines(&text));
            match verdict {
                PrintedVerdict::Proven => {}
                PrintedVerdict::Unproven => code = PROVES_NOTHING,
                PrintedVerdict::Another => failed = true,
            }
        }
        Ok(ExitCode::from(if failed { FAILS } else { code }))
    }
}

/// Whether the files, each alone or two checkpoints together, convict the log.
fn convict(files: &[PathBuf], log: &[VerifierKey]) -> anyhow::Result<ExitCode> {
    let read = |path: &PathBuf| ForkClaim::read(&super::read(path)?).with_context(|| path.display().to_string());
    let claims: Vec<ForkClaim> = files.iter().map(read).collect::<anyhow::Result<_>>()?;
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let verdicts = verify_fork(&claims, log);
    output::lines(verdicts.iter().flat_map(|verdict| verdict.lines(&names)));
    let is_convicted = verdicts.iter().any(ForkVerdict::is_convicted);
    Ok(if is_convicted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A whole log: the audit without its lists. A registry logs what counts, so that a docket that doesn't is none that it
/// logged like that.
fn verify_export(directory: &Path, genesis: Hash, now: Time) -> anyhow::Result<(bool, Vec<Line>)> {
    let found =
        Export::find(directory).with_context(|| zh_en!("{}：不是导出目录", "{}: no export", directory.display()))?;
    let report = export::audit(&found, Some(genesis), None, now)?;
    let told = |(docket, rule): (&AuditedDocket, _)| {
        zh_en!("第{}条的文书不计入：{rule}", "the docket of entry {} does not count: {rule}", docket.index)
    };
    let faults: Vec<String> =
        report.differences.iter().map(ToString::to_string).chain(report.uncounted().map(told)).collect();
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    let size = output::plain(zh_en!(
        "  登记册共{}条，{}件文书 · 根值 {}",
        "  a log of {} entries, {} dockets · root {}",
        report.size,
        report.dockets.len(),
        report.root
    ));
    Ok((true, vec![verify::verified(directory.display()), vec![size]]))
}
