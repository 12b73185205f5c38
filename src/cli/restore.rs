//! `callboard restore`: a store that lost entries of its log gets them back.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    create_new, output,
    pin::PinFile,
    runtime::error_chain,
    terminal,
};
use callboard_federation::{
    encoding::{Hash, to_json},
    language::Phrase,
    zh_en,
};
use rand_core::Rng as _;

use crate::{
    config::Config,
    ledger::{
        checkpoint::read_log_key,
        restore::{self, MissingData, RestoreError, RestorePins, RestoreSource, SourceError, missing::find_missing},
        signed_notes::NoteFile,
    },
    store::{NodeId, Store},
};

const EXAMPLES: &str = "\
Examples:
  callboard restore registry --from export                what the store lost, from `callboard export` or a member's
                                                          `callboard-agent export`, on a stopped registry
  callboard restore registry --from alpha --from beta     several: the largest gives the entries, all give cosignatures and
                                                          members' anchors
  callboard restore registry                              only says what is missing

Everything is verified before anything is written: the pinned genesis hash (genesis.json in the data directory, or --genesis),
every line, the root that the log signed, its witnesses. What is there already stays; a store of another history is refused,
with what convicts whoever signed both. It may be broken off and run again. `serve` refuses a store until it holds all that was
signed. Runbook: ops/restore.md; another operator goes on with the log: ops/succession.md.";

/// What no export brings back, and how it comes back.
const ELSEWHERE: Phrase = Phrase::new(
    "\
以下是所恢复的数据库副本之后写入的内容，须另行恢复或无法恢复：
  会签              自动恢复：各见证方一分钟内会再次会签
  回执              自动恢复：会员端获知恢复后会再次提交
  推送地址          由会员单位重新建立：callboard-agent endpoint create；callboard-agent doctor 会提示
  密钥份额的领取记录、推送记录、定时任务的运行时间    已丢失：只存于此处
  请求编号          已丢失：恢复后一分钟起才受理签名请求，以免重复受理",
    "\
What comes back elsewhere or not at all, of what was written since the copy of the database that was restored:
  cosignatures      by themselves: every witness posts one again within a minute
  receipts          by themselves: the feed tells agents of the restore, and they file theirs again
  endpoints         their members make them again: callboard-agent endpoint create, `callboard-agent doctor` tells them
  who was given which share, attempts to push, when jobs ran    lost: they were kept here alone
  nonces            lost: signed requests are taken again a minute after the restore, so that none is taken twice",
);

/// Bring back what a store lost of its log, from an export or a member's
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Restore {
    /// The registry's data directory
    directory: PathBuf,
    /// A directory that `callboard export` or a member's `callboard-agent export` wrote; several may be named
    #[arg(long = "from", value_name = "EXPORT")]
    from: Vec<PathBuf>,
    /// The hash that pins the log [default: that of genesis.json in the data directory]
    #[arg(long)]
    genesis: Option<Hash>,
    /// Take a checkpoint that fewer witnesses cosigned than the roster asks
    #[arg(long)]
    unwitnessed: bool,
}

impl Restore {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(self.restore())
    }

    async fn restore(&self) -> anyhow::Result<ExitCode> {
        let config = Config::read(&super::configuration_in(&self.directory)?)?;
        let genesis = self.pinned_genesis()?;
        let store = Store::open(&config.registry.store).await.context(Phrase::new("打开存储", "opening the store"))?;
        let behind = if self.from.is_empty() { None } else { self.bring_in(&config, &store, genesis).await? };
        let found = find_missing(&store, genesis, None).await?;
        store.close().await;
        self.print_missing(&found);
        anyhow::ensure!(
            found.report.is_clean(),
            zh_en!(
                "存储的内容与叶节点不符：callboard audit {}",
                "the store does not hold what its leaves say: callboard audit {}",
                self.directory.display()
            )
        );
        if let Some(signed) = behind {
            eprintln!(
                "callboard: {}",
                zh_en!(
                    "已签署的有{signed}条，存储中有{}条：serve 仍会拒绝。其余的可能在另一会员单位处：请用其导出内容再次执行",
                    "{signed} entries were signed, the store holds {}: `serve` refuses it still. Another member may have the \
                     rest: run this again with its export",
                    found.report.size
                )
            );
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn pinned_genesis(&self) -> anyhow::Result<Hash> {
        let pin = self.directory.join("genesis.json");
        match self.genesis {
            Some(genesis) => Ok(genesis),
            None if pin.is_file() => Ok(PinFile { pin }.read()?.genesis),
            None => {
                anyhow::bail!(zh_en!(
                    "请用 --genesis 指明登记册校验码，或者把 genesis.json 放入数据目录",
                    "name the hash that pins the log: --genesis, or put genesis.json into the data directory"
                ))
            }
        }
    }

    /// Brings in what the exports have; how many entries were signed, if there still are more.
    async fn bring_in(&self, config: &Config, store: &Store, genesis: Hash) -> anyhow::Result<Option<u64>> {
        // Nobody may serve it meanwhile: from here on this is the node that writes.
        store.hold_writer_lock(&config.registry.issuer, false).await?;
        let pinned = RestorePins {
            genesis,
            origin: config.registry.issuer.clone(),
            unwitnessed: self.unwitnessed,
            now: MachineClock.now(),
        };
        let bar = terminal::progress(Phrase::new("条已核验", "entries verified"));
        let source = RestoreSource::read(&self.from, &pinned, |done, _| bar.set_position(done));
        bar.finish_and_clear();
        let source = source.map_err(|error| self.with_evidence(error.into()))?;
        output::line([
            output::green(Phrase::new("已核验", "verified")),
            output::plain(format_args!(" {}", source.path().display())),
        ]);
        let quorum = source.roster().map_or(0, |roster| roster.witnesses.quorum);
        println!(
            "  {}",
            zh_en!(
                "登记册共{}条 · 根值 {} · {}家会员见证（须有{quorum}家）",
                "a log of {} entries · root {} · cosigned by {} witnesses of {quorum} asked",
                source.size(),
                source.tree().current_root(),
                source.cosigned()
            )
        );
        let notes = NoteFile::new(config.log.signed_note.clone());
        let compared = restore::compare::compare(store, &notes, &source).await;
        let compared = compared.map_err(|error| self.with_evidence(error))?;
        let mut random = [0; 16];
        super::os_rng().fill_bytes(&mut random);
        store.take_over(&config.registry.issuer, NodeId::new(random)).await?;
        let bar = terminal::progress(Phrase::new("条已在存储中", "entries in the store"));
        let told = |done, _| bar.set_position(done);
        let done = restore::append::restore(store, &notes, &source, compared, MachineClock.now(), told).await;
        bar.finish_and_clear();
        let done = done?;
        println!(
            "  {}",
            zh_en!(
                "存储原有{}条，补入{}条",
                "the store had {} entries, {} were brought in",
                compared.stored,
                done.entries
            )
        );
        if done.anchors > 0 {
            println!("  {}", zh_en!("补入了{}条的存证", "the anchors of {} entries were brought in", done.anchors));
        }
        print_key_state(config, &source);
        Ok(compared.signed.filter(|signed| *signed > source.size().max(compared.stored)))
    }

    /// The error, with where the file lies that convicts the log, if there is one.
    fn with_evidence(&self, error: RestoreError) -> anyhow::Error {
        let evidence = match &error {
            RestoreError::History(error) => error.evidence(),
            RestoreError::Source(SourceError::Fork { evidence, .. }) => Some(&**evidence),
            _ => None,
        };
        let Some(evidence) = evidence else { return error.into() };
        let path = self.directory.join(evidence.file_name());
        let mut text = to_json(evidence);
        text.push(b'\n');
        let said = match create_new::write(&path, create_new::PRIVATE, &text) {
            Err(why) if !path.exists() => zh_en!(
                "登记册两份都签署了；证据无法写出：{}",
                "the log signed both; the evidence can't be written: {}",
                error_chain(&why)
            ),
            _ => zh_en!("登记册两份都签署了：{} 可以证明", "the log signed both: {} convicts it", path.display()),
        };
        anyhow::Error::new(error).context(said)
    }

    fn print_missing(&self, found: &MissingData) {
        let report = &found.report;
        println!(
            "{}",
            zh_en!("存储中有{}条，根值 {}", "the store holds {} entries, root {}", report.size, report.root)
        );
        if let Some(genesis) = report.genesis {
            println!("{}", zh_en!("登记册校验码 {genesis}", "genesis {genesis}"));
        }
        for difference in &report.differences {
            println!("{}", zh_en!("不符 {difference}", "DIFFERS {difference}"));
        }
        if !found.shares.is_empty() {
            let records: usize = found.shares.iter().map(|docket| docket.records.len()).sum();
            output::line([output::yellow(zh_en!(
                "\n丢失了{records}条记录的密钥份额：",
                "\nThe shares of {records} records are lost:"
            ))]);
            println!(
                "{}",
                zh_en!(
                    "须由持有待签文件者再次提交该文书，其密封内容才能打开。",
                    "nobody opens their details before the docket is handed in again, by whoever has its bundle."
                )
            );
            for docket in &found.shares {
                let (index, records, signers) = (docket.index, docket.records.len(), docket.signers.join(", "));
                println!(
                    "  {}",
                    zh_en!(
                        "文书 {}（第{index}条，{records}条记录）：由 {signers} 签署",
                        "docket {} (entry {index}, {records} records): signed by {signers}",
                        docket.docket
                    )
                );
            }
            println!(
                "  callboard submit NAME.docket.json --key SEAT.key{}",
                zh_en!("，或者待签文件和签名", ", or the bundle with its signatures")
            );
        }
        if !found.anchors.is_empty() {
            output::line([output::yellow(zh_en!(
                "\n丢失了以下各条中会员单位的存证：",
                "\nThe members' anchors of these entries are lost:"
            ))]);
            let entries: Vec<String> = found.anchors.iter().map(u64::to_string).collect();
            println!("  {}", entries.join(", "));
            println!(
                "  {}",
                zh_en!(
                    "签署它们的会员单位存有：用 --from 指明各自的 callboard-agent export",
                    "the members that signed them have them: --from each one's `callboard-agent export`"
                )
            );
        }
        if !self.from.is_empty() {
            println!("\n{ELSEWHERE}");
        }
    }
}

/// Says whether this registry's log key goes on, or waits for a roster that names it.
fn print_key_state(config: &Config, source: &RestoreSource) {
    let Ok(key) = read_log_key(&config.log.key, &config.registry.issuer) else { return };
    let is_named = source.roster().is_some_and(|roster| roster.log.contains(&key.verifier()));
    if !is_named {
        output::line([output::yellow(Phrase::new(
            "现行签署权限名单没有列入本登记系统的签名密钥。",
            "The roster in force does not name this registry's log key.",
        ))]);
        println!(
            "{}",
            zh_en!(
                "  serve 会照原样展示登记册，但在登记一份列有下列密钥的签署权限名单之前不作任何签署\n  {0}\n  \
                 callboard roster --add-log-key '{0}' --drop-other-log-keys …；步骤：ops/succession.md",
                "  `serve` shows the log as it was signed, and signs nothing before a roster is logged that names\n  {0}\n  \
                 callboard roster --add-log-key '{0}' --drop-other-log-keys …; runbook: ops/succession.md",
                key.verifier()
            )
        );
    }
}
