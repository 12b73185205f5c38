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
    output::{self, Span},
    pin::PinFile,
    runtime::error_chain,
    sandbox_clock::ClockArg,
    visible::Visible,
};
use callboard_desk::{
    fork_evidence::{ForkClaim, ForkVerdict, log_keys, verify_fork},
    letter::measure_word,
    verify::{CheckReport, DocketReport, VerifiedFile, verify},
};
use callboard_federation::{
    declaration::Departure,
    encoding::{Hash, Time},
    evidence::Fork,
    language::{Language, Phrase},
    proof_file::ProvenRecord,
    tlog::vkey::VerifierKey,
    zh_en,
};
use callboard_registry::ledger::{audit::AuditedDocket, export};

const EXAMPLES: &str = "\
Examples:
  callboard verify batch.proofs/*.json
      records: was each logged, under the roster of its time, and seen by enough witnesses?
  callboard verify batch.docket.json --roster roster.json
      a docket: are its statements those that were signed, and by enough seats of the roster whose proof file this is?
  callboard verify export
      a whole log: does all of it follow from its leaves? What `callboard audit` shows at length
  callboard verify proof-of-check.json --members members.json
      a check that a member's agent proves: is it in the member's own log, as the member signed that log's root?
      `--members` is the proof file of the list, from GET /v1/members. Without it, and as long as the file doesn't prove
      that the registry's log holds the anchor, the check is `unanchored`: anyone can make such a file
  callboard verify --convict evidence-5d41….json --roster roster.json
  callboard verify --convict checkpoint-of-alpha checkpoint-of-beta --roster roster.json
      did the log sign two histories? Evidence files as agents write them, or checkpoints that were found apart;
      the keys are those of the rosters in a proof file. Exit code 0: convicted, 1: not, which acquits nobody
  callboard verify proof.json --genesis 112025279a740ce4…
      with the hash from someone you trust, instead of a pin file

Exit code 0: all verified; 1: one fails; 2: none fails, one proves nothing yet (`unanchored`, `unproven`).
Nothing is asked of anyone. A proof shows that a record was logged; whether it still stands, only the log tells.";

/// It holds as far as it goes, and nobody's signature was held against it.
const UNPROVEN: Phrase = Phrase::new("未能证明", "unproven");
/// The exit code where a file fails.
const FAILS: u8 = 1;
/// The exit code where none fails, and one proves nothing yet.
const PROVES_NOTHING: u8 = 2;

/// Check proof files, docket files or exports off line
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Verify {
    /// The files, or directories that `callboard export` wrote
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The hash of the registry's first docket; without it that of the pin file
    #[arg(long, value_name = "HASH")]
    genesis: Option<Hash>,
    /// Say whether the files convict the log of two histories: evidence files, or two checkpoints of one size
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
        let roster = self.roster.as_deref().map(read).transpose()?;
        let members = self.members.as_deref().map(read).transpose()?;
        if self.convict {
            return convict(&self.files, &log_keys(&roster.unwrap_or_default(), &genesis, now)?);
        }
        let (mut code, mut failed) = (0, false);
        for path in &self.files {
            let verified = if path.is_dir() {
                verify_export(path, genesis, now).map(|()| true)
            } else {
                verify_file(path, &genesis, roster.as_deref(), members.as_deref(), now)
            };
            match verified {
                Ok(true) => {}
                Ok(false) => code = PROVES_NOTHING,
                Err(why) => {
                    headed(output::red(Phrase::new("未通过核验", "not verified")), path.display());
                    eprintln!("callboard{}{}", zh_en!("：", ": "), error_chain(why.as_ref()));
                    failed = true;
                }
            }
        }
        Ok(ExitCode::from(if failed { FAILS } else { code }))
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

/// Whether the files, each alone or two checkpoints together, convict the log.
fn convict(files: &[PathBuf], log: &[VerifierKey]) -> anyhow::Result<ExitCode> {
    let charge = |path: &PathBuf| ForkClaim::read(&read(path)?).with_context(|| path.display().to_string());
    let charges: Vec<ForkClaim> = files.iter().map(charge).collect::<anyhow::Result<_>>()?;
    let mut is_convicted = false;
    for ForkVerdict { of, proven } in verify_fork(&charges, log) {
        let files: Vec<String> = of.iter().map(|at| files[*at].display().to_string()).collect();
        let files = files.join(" ");
        match proven {
            Ok(Fork { size, roots: [one, other] }) => {
                is_convicted = true;
                headed(output::red(Phrase::new("证据成立", "convicted")), files);
                println!(
                    "  {}",
                    zh_en!(
                        "登记册签署了两份{size}条的不同历史：根值 {one} 和 {other}",
                        "the log signed two histories of {size} entries: roots {one} and {other}"
                    )
                );
            }
            Err(why) => println!("{}", zh_en!("证据不成立 {files}：{why}", "not convicted {files}: {why}")),
        }
    }
    Ok(if is_convicted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the file proves what it shows.
fn verify_file(
    path: &Path,
    genesis: &Hash,
    roster: Option<&[u8]>,
    members: Option<&[u8]>,
    now: Time,
) -> anyhow::Result<bool> {
    let verified = verify(&read(path)?, genesis, roster, members, now)?;
    let unproven = |word: Phrase| headed(output::yellow(word), path.display());
    match verified {
        VerifiedFile::Proof(proven) => {
            say_verified(path);
            show_proof(&proven);
            Ok(true)
        }
        VerifiedFile::Docket(docket) => {
            if docket.is_signed {
                say_verified(path);
            } else {
                unproven(UNPROVEN);
            }
            show_docket(&docket);
            Ok(docket.is_signed)
        }
        VerifiedFile::Departure(departure, is_signed) => {
            if is_signed {
                say_verified(path);
            } else {
                unproven(UNPROVEN);
            }
            show_departure(&departure, is_signed);
            Ok(is_signed)
        }
        VerifiedFile::Check(check) => {
            if check.is_anchored() {
                say_verified(path);
            } else {
                unproven(Phrase::new("尚无存证", "unanchored"));
            }
            show_check(&check);
            Ok(check.is_anchored())
        }
    }
}

/// A whole log: the audit without its lists. A registry logs what counts, so that a docket that doesn't is none that it
/// logged like that.
fn verify_export(directory: &Path, genesis: Hash, now: Time) -> anyhow::Result<()> {
    let found =
        Export::find(directory).with_context(|| zh_en!("{}：不是导出目录", "{}: no export", directory.display()))?;
    let report = export::audit(&found, Some(genesis), None, now)?;
    let told = |(docket, rule): (&AuditedDocket, _)| {
        zh_en!("第{}条的文书不计入：{rule}", "the docket of entry {} does not count: {rule}", docket.index)
    };
    let faults: Vec<String> =
        report.differences.iter().map(ToString::to_string).chain(report.uncounted().map(told)).collect();
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    say_verified(directory);
    println!(
        "  {}",
        zh_en!(
            "登记册共{}条，{}件文书 · 根值 {}",
            "a log of {} entries, {} dockets · root {}",
            report.size,
            report.dockets.len(),
            report.root
        )
    );
    Ok(())
}

fn say_verified(path: &Path) {
    headed(output::green(Phrase::new("已核验", "verified")), path.display());
}

/// A word of how it went, and of what.
fn headed(word: Span, of: impl std::fmt::Display) {
    output::line([word, output::plain(format_args!(" {of}"))]);
}

fn show_proof(proven: &ProvenRecord) {
    let statement = &proven.statement;
    let measure = statement.imposed().map(|imposed| {
        let kind = imposed.measure.kind;
        zh_en!((" · {}", measure_word(kind, None, Language::Zh)), (" · {kind}"))
    });
    let (measure, kind) = (measure.unwrap_or_default(), statement.kind());
    println!(
        "  {}",
        zh_en!(("{}{measure} · 记录 {}", kind.words().zh, statement.id), ("{kind}{measure} · record {}", statement.id))
    );
    println!(
        "  {}",
        zh_en!(
            "{} 登记于第{}条，位置{}",
            "logged {} at index {}, position {}",
            proven.logged_at,
            proven.place.index,
            proven.place.position
        )
    );
    for about in statement.about() {
        println!("  {}", zh_en!("针对 {about}", "about {about}"));
    }
    let quorum = proven.roster.witnesses.quorum;
    let size = proven.checkpoint.size;
    if quorum == 0 {
        output::line([output::yellow(zh_en!(
            "  在共{size}条的登记册中，未经会员见证：签署权限名单不要求见证",
            "  in a log of {size} entries, unwitnessed: the roster asks no witnesses"
        ))]);
    } else {
        println!(
            "  {}",
            zh_en!(
                "在共{size}条的登记册中，至少{quorum}家会员见证",
                "in a log of {size} entries, seen by {quorum} witnesses or more"
            )
        );
    }
}

fn show_check(shown: &CheckReport) {
    println!(
        "  {}",
        zh_en!(
            "第{}次查询，共{}次 · 根值 {}",
            "check {} of {} · root {}",
            shown.check.index,
            shown.check.size,
            shown.check.root
        )
    );
    println!("  {}", String::from_utf8_lossy(&shown.check.line.0));
    match &shown.anchor {
        Some(anchor) if shown.is_signed => {
            println!("  {}", zh_en!("{} 于 {} 签署了该根值", "{} signed that root on {}", anchor.member, anchor.at));
        }
        Some(anchor) => {
            let told = zh_en!(
                "据称 {} 于 {} 签署：请用 --members 核验",
                "{} is said to have signed it on {}: give --members to verify that",
                anchor.member,
                anchor.at
            );
            output::line([output::yellow(format_args!("  {told}"))]);
        }
        None => {
            output::line([output::yellow(Phrase::new(
                "  没有存证：该根值无人签署，任何人都可以制作",
                "  no anchor: the root is nobody's word, and anyone could have made it",
            ))]);
        }
    }
    match (shown.logged, shown.log_index) {
        (Some((index, at)), _) => {
            println!("  {}", zh_en!("在登记册第{index}条，登记于 {at}", "in the log: entry {index}, logged {at}"));
        }
        (None, _) if shown.anchor.is_none() => {}
        (None, Some(index)) => {
            let told = zh_en!(
                "未能证明在登记册中：据称在第{index}条",
                "not proven to be in the log: entry {index} is said to hold it"
            );
            output::line([output::yellow(format_args!("  {told}"))]);
        }
        (None, None) => output::line([output::yellow(Phrase::new(
            "  未能证明在登记册中：可能是任何一天的",
            "  not proven to be in the log: it could be of any day",
        ))]),
    }
}

fn show_departure(departure: &Departure, is_signed: bool) {
    let Departure { member, issuer, erased, kept, at, .. } = departure;
    println!(
        "  {}",
        zh_en!(
            "{member} 已退出 {}，并于 {at} 声明其所存内容的去向",
            "{member} left {}, and says on {at} what became of its copies",
            Visible(issuer)
        )
    );
    for (what, names) in [(Phrase::new("已删除", "erased"), erased), (Phrase::new("保留", "kept"), kept)] {
        let names: Vec<String> = names.iter().map(|name| Visible(name).to_string()).collect();
        let names = if names.is_empty() { zh_en!("无", "nothing") } else { names.join(", ") };
        println!("  {what}{}{names}", zh_en!("：", ": "));
    }
    if !is_signed {
        output::line([output::yellow(Phrase::new(
            "  签名未核验：请用 --members 给出载有其密钥的名单的证明文件",
            "  signature not verified: give the proof file of a list that has its key with --members",
        ))]);
    }
}

fn show_docket(shown: &DocketReport) {
    println!(
        "  {}",
        zh_en!(
            "文书 {} · {} · {}项 · 第{}版签署权限名单",
            "docket {} · {} · {} items · roster {}",
            shown.hash,
            shown.docket.issuer,
            shown.docket.items.len(),
            shown.docket.roster
        )
    );
    if shown.is_signed {
        println!("  {}", zh_en!("签署人数达到签署权限名单的要求", "signed by as many seats as the roster asks"));
    } else {
        output::line([output::yellow(Phrase::new(
            "  签名未核验：请用 --roster 给出签署权限名单的证明文件",
            "  signatures not verified: give the roster's proof file with --roster",
        ))]);
    }
    for key in &shown.keys {
        println!("    {key}");
    }
}
