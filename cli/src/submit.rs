//! `callboard submit`: what was signed is handed in, and its proofs are kept.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use callboard_client::{output, terminal, visible::Visible};
use callboard_desk::{
    bundle::Bundle,
    missing_signature::{self, MissingSignature},
    registry::{Registry, RegistryError},
    signature_file,
    submit::{ProofState, keep_proof},
};
use callboard_federation::{docket::Docket, encoding::to_json, hand_in::HandIn, language::Phrase, zh_en};

use super::{seat, seat::SeatArgs};

const EXAMPLES: &str = "\
Examples:
  callboard submit batch.bundle batch.*.sig --key secretary-1.key
      writes batch.docket.json, hands it in, keeps batch.proofs/RECORD.json
  callboard submit batch.docket.json --key secretary-1.key
      the same docket again: it gets the same answer, and what proofs are there by now; a registry that lost its
      shares with its store has them again

Where too few have signed, the seats that may still are named, and nothing is handed in. A docket that enough have signed and
that is not logged stands in red: keep NAME.docket.json, which anyone who holds it may hand in; the exit code is 1. Proofs wait for the witnesses; until enough of them have cosigned, run the same command again.";

/// Hand a signed docket in, and keep the proof of each record
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Submit {
    /// The bundle, or the NAME.docket.json that an earlier call wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The signatures
    #[arg(value_name = "SIG")]
    signatures: Vec<PathBuf>,
    #[command(flatten)]
    seat: SeatArgs,
    /// How many seconds to wait for witnesses
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

impl Submit {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            let (pin, key) = (self.seat.pin()?, self.seat.open()?);
            let clock = self.seat.clock(&pin).await?;
            let is_assembled = self.file.extension().is_some_and(|extension| extension == "json");
            let stem = if is_assembled { self.file.with_extension("") } else { self.file.clone() };
            let hand_in = if is_assembled {
                anyhow::ensure!(
                    self.signatures.is_empty(),
                    zh_en!("签名已在 {} 中", "the signatures are in {} already", self.file.display())
                );
                let bytes = std::fs::read(&self.file).with_context(|| self.file.display().to_string())?;
                HandIn::from_json(&bytes).with_context(|| self.file.display().to_string())?
            } else {
                let bundle = Bundle::open(&self.file, &key)?;
                let signatures = signature_file::gather(bundle.hash(), &self.signatures)?;
                anyhow::ensure!(
                    !signatures.is_empty(),
                    zh_en!("请指明签名文件：{}", "name the signatures: {}", signatures_of(&self.file))
                );
                let hand_in = bundle.with_signatures(signatures);
                let path = self.file.with_extension("docket.json");
                std::fs::write(&path, to_json(&hand_in)).with_context(|| path.display().to_string())?;
                println!("{}  {}", path.display(), zh_en!("持有者均可提交", "whoever holds it may hand it in"));
                hand_in
            };
            let caller = seat::caller(&key, &*clock)?;
            self.submit(&Registry::new(&pin, &caller), &hand_in, &stem.with_extension("proofs")).await
        })
    }

    async fn submit(&self, registry: &Registry<'_>, hand_in: &HandIn, proofs: &Path) -> anyhow::Result<ExitCode> {
        let docket = Docket::from_json(&hand_in.docket.payload.0)?;
        // Where the roster can't be had, whether enough have signed is left open.
        let roster = match registry.roster().await {
            Err(RegistryError::Missing(_)) => Ok(None),
            roster => roster.map(Some),
        };
        if let Ok(roster) = &roster {
            let missing = missing_signature::missing(hand_in, &docket, roster.as_ref())
                .context(Phrase::new("签名", "the signatures"))?;
            anyhow::ensure!(missing.is_empty(), zh_en!("签名不足：{}", "not signed yet: {}", told(&missing)));
        }
        let logged = match registry.submit(hand_in).await {
            Ok(logged) => logged,
            Err(why) => {
                output::line([match roster {
                    Ok(_) => output::red(Phrase::new("已签署，未登记", "signed, not logged")),
                    Err(_) => output::yellow(Phrase::new(
                        "未登记；是否已有足够签名未能核对",
                        "not logged; whether enough have signed was not checked",
                    )),
                }]);
                return Err(why.into());
            }
        };
        let bar = terminal::progress(Phrase::new("份证明已保存", "proofs kept"));
        let (mut kept, mut waiting, mut failed) = (0_usize, 0_usize, Vec::new());
        // All records are in one entry: what the first waited for, the others needn't.
        let mut wait = Duration::from_secs(self.wait);
        for item in &docket.items {
            match keep_proof(registry, item.record, proofs, wait, &mut super::os_rng()).await {
                Ok(ProofState::Kept(..)) => kept += 1,
                Ok(ProofState::NotWitnessed) => {
                    waiting += 1;
                    wait = Duration::ZERO;
                }
                Err(error) => failed.push(error),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        let index = logged.index;
        if let Some(shares) = logged.shares {
            output::line([output::green(zh_en!(
                "补回了{}份丢失的密钥份额",
                "{} lost shares were brought back",
                shares
            ))]);
        }
        if let Some(first) = failed.into_iter().next() {
            output::line([output::red(zh_en!(
                "已签署，未能证明已登记（登记系统称在第{index}条）",
                "signed, not proven to be logged (the registry says: at index {index})"
            ))]);
            return Err(first.into());
        }
        if waiting > 0 {
            let told = zh_en!(
                "登记系统称已登记于第{index}条，尚未经会员见证：请稍后再次执行以取得证明",
                "logged at index {index} by the registry's word, not witnessed yet: run it again for the proofs"
            );
            output::line([output::yellow(told)]);
        } else {
            output::line([output::green(zh_en!(
                "已登记于第{index}条；{kept}份证明存于 {}",
                "logged at index {index}; {kept} proofs in {}",
                proofs.display()
            ))]);
        }
        println!("{}", zh_en!("文书 {}", "docket {}", logged.docket));
        Ok(ExitCode::SUCCESS)
    }
}

/// Whose signatures are missing.
fn told(missing: &[MissingSignature]) -> String {
    let each = missing.iter().map(|MissingSignature { roster, role, count, seats }| {
        let seats: Vec<String> = seats.iter().map(|holder| Visible(holder).to_string()).collect();
        let seats = seats.join(&zh_en!("、", ", "));
        zh_en!(
            ("还须{count}名{}（第{roster}版签署权限名单）：{seats}", role.words().zh),
            ("{count} more of the {role} (roster {roster}): {seats}")
        )
    });
    each.collect::<Vec<_>>().join(&zh_en!("；", "; "))
}

fn signatures_of(bundle: &Path) -> String {
    bundle.with_extension("*.sig").display().to_string()
}
