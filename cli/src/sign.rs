//! `callboard sign`: the letters are read, and the docket is signed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use callboard_client::{clock::Clock, output, pin::Pin, runtime::error_chain, terminal};
use callboard_desk::{
    bundle::Bundle,
    language::Language,
    letter::{Letter, earlier_record::zone_of, outline::Outline, shown, term::instant_text},
    registry::{Registry, RegistryError},
    signature_file::SignatureFile,
    signing::{self, Facts, InForce, public::Baseline, summary::summary},
};
use callboard_federation::{
    dsse::{PayloadType, SignatureLine},
    encoding::RecordId,
    language::Phrase,
    zh_en,
};
use callboard_keys::SeatKey;

use super::{
    seat,
    seat::{LogArgs, SeatArgs},
};

const EXAMPLES: &str = "\
Examples:
  callboard sign batch.bundle --key panel-1.key --lang zh-CN
      how many of what, those unlike the rest, then every letter; a `y` signs them all, into batch.SEAT-KEY.DOCKET.sig
  callboard sign annulment.bundle --key panel-1.key --log log
      what stands already for the person, and what is left, by a copy of the log that is verified first
  callboard sign genesis.bundle policies.bundle members.bundle --key chair-1.key
      the first dockets of a registry need no registry yet

What a letter shows was found by this computer: it asks the registry for roster, policies and the records that are named,
and verifies their proofs; derives every tag with your own key; and opens every seal with what that gave. Where anything
differs nothing is signed, and the part that differs is named.

Public documents are shown as what they change: the ones in force are asked of the registry too, and proven. A roster, or a
list of members, that isn't the first is not signed without the one that it follows.

A letter about an earlier record names its person by the identity in the bundle. Where nobody has that any more, the first line
says so, and the last eight characters of the record are asked for, which --yes doesn't answer.";

/// How many of a record's last characters are typed where nobody's identity shows whose it is: enough that they are looked at.
const ENDS_IN: usize = 8;

/// Read what a docket decides, and sign it
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Sign {
    /// The bundles
    #[arg(required = true, value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,
    #[command(flatten)]
    seat: SeatArgs,
    #[command(flatten)]
    log: LogArgs,
    /// The proof file of a document that is in force, where the registry can't be asked (`GET /v1/roster`, `/v1/members`,
    /// `/v1/policies/{sha256}`); once for each
    #[arg(long, value_name = "FILE")]
    in_force: Vec<PathBuf>,
    /// Sign without being asked, after the letters were shown
    #[arg(long)]
    yes: bool,
}

impl Sign {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            let key = self.seat.open()?;
            for path in &self.bundles {
                self.sign(path, &key).await.with_context(|| path.display().to_string())?;
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    async fn sign(&self, path: &Path, key: &SeatKey) -> anyhow::Result<()> {
        let bundle = Bundle::open(path, key)?;
        let mut unnamed = Vec::new();
        let (summary, letters) = if signing::public::is_public(&bundle) {
            (None, self.documents(&bundle, key).await?)
        } else {
            let letters = self.decisions(&bundle, key).await?;
            unnamed.extend(letters.iter().flat_map(Letter::unnamed).copied());
            let outlines: Vec<Outline> = letters.iter().map(|letter| letter.outline(Language::spoken())).collect();
            let texts = letters.iter().map(|letter| letter.text(Language::spoken())).collect();
            (Some(summary(&outlines, Language::spoken())), texts)
        };
        show(path, &bundle, summary.as_deref(), &letters);
        have_typed(&unnamed)?;
        if !self.yes {
            let (holder, count) = (key.holder(), letters.len());
            let question = zh_en!("以 {holder} 的名义签署以上 {count} 项？", "Sign these {count} as {holder}?");
            anyhow::ensure!(terminal::agrees(&question)?, Language::spoken().pick("未签署", "not signed"));
        }
        let line = SignatureLine::of(key.signing_key(), PayloadType::Docket, bundle.payload());
        let file = SignatureFile::new(bundle.hash(), &line);
        let out = file.path(path, key.holder());
        file.write(&out)?;
        output::line([output::green(out.display())]);
        Ok(())
    }

    async fn decisions(&self, bundle: &Bundle, key: &SeatKey) -> anyhow::Result<Vec<Letter>> {
        let pin = self.seat.pin()?;
        let clock = self.seat.clock(&pin).await?;
        let caller = seat::caller(key, &*clock)?;
        let log = self.log.read(&pin, clock.now())?;
        let bar = terminal::progress(Phrase::new("个身份代码已重新生成", "tags derived again"));
        let told = |derived| bar.inc(derived as u64);
        let registry = Registry::new(&pin, &caller).with_log(log.as_ref());
        let found = Facts::fetch(&registry, bundle, &mut super::os_rng(), told).await;
        bar.finish_and_clear();
        let letters = signing::check(bundle, &mut found?, key.public_key().id(), clock.now());
        letters.map_err(|refusal| anyhow::anyhow!(refusal.text(Language::spoken())))
    }

    /// Public documents are held against what is in force; the first are signed before there is a registry.
    async fn documents(&self, bundle: &Bundle, key: &SeatKey) -> anyhow::Result<Vec<String>> {
        let pin = if self.seat.pin.pin.exists() { Some(self.seat.pin()?) } else { None };
        let clock = match &pin {
            Some(pin) => self.seat.clock(pin).await?,
            None => Arc::default(),
        };
        let in_force = self.in_force(bundle, key, pin.as_ref(), &*clock).await?;
        let against = Baseline { pin: pin.as_ref(), in_force: &in_force };
        let signer = key.public_key().id();
        let shown = signing::public::check_public(bundle, &against, signer, clock.now(), Language::spoken());
        shown.map_err(|refusal| anyhow::anyhow!(refusal.text(Language::spoken())))
    }

    async fn in_force(
        &self,
        bundle: &Bundle,
        key: &SeatKey,
        pin: Option<&Pin>,
        clock: &dyn Clock,
    ) -> anyhow::Result<InForce> {
        let Some(pin) = pin.filter(|pin| bundle.hash() != pin.genesis) else { return Ok(InForce::default()) };
        if !self.in_force.is_empty() {
            let read = |path: &PathBuf| std::fs::read(path).with_context(|| path.display().to_string());
            let files = self.in_force.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            return Ok(InForce::read(&files, &pin.genesis, clock.now())?);
        }
        let caller = seat::caller(key, clock)?;
        match InForce::fetch(&Registry::new(pin, &caller), bundle).await {
            // What follows nothing is signed all the same; whether this does is checked there.
            Err(RegistryError::Missing(_)) => Ok(InForce::default()),
            Err(RegistryError::Http(why)) => {
                output::warn(zh_en!(
                    "未与现行文件比较：{}",
                    "not held against what is in force: {}",
                    error_chain(&why)
                ));
                Ok(InForce::default())
            }
            in_force => Ok(in_force?),
        }
    }
}

/// Has the end of each record typed whose person nobody's identity shows; `--yes` doesn't answer that.
fn have_typed(unnamed: &[RecordId]) -> anyhow::Result<()> {
    for record in unnamed {
        let typed = terminal::answer(&zh_en!(
            "无法核实是谁的记录 {record}。请输入其末八位：",
            "Whose record {record} is, isn't shown. Type its last eight characters: "
        ))?;
        let is_its_end = typed.len() == ENDS_IN && record.to_string().ends_with(typed.as_str());
        let differs = Language::spoken().pick("未签署：末八位不符", "not signed: the record ends otherwise");
        anyhow::ensure!(is_its_end, "{differs}");
    }
    Ok(())
}

fn show(path: &Path, bundle: &Bundle, summary: Option<&str>, letters: &[String]) {
    let docket = bundle.docket();
    let of = |at: usize| format!("── {at}/{} ──", letters.len());
    let (path, id, issuer, at) = (path.display(), docket.id, &docket.issuer, docket.issued_at);
    println!(
        "{}",
        zh_en!(
            ("{path}：文书 {id} · {issuer} · 起草于{}", instant_text(at, &zone_of(None), Language::Zh)),
            ("{path}: docket {id} · {issuer} · drafted {at}")
        )
    );
    if let Some(summary) = summary {
        println!("\n{summary}");
    }
    for (at, letter) in (1..).zip(letters) {
        println!("\n{}\n{letter}", of(at));
    }
    let publication =
        bundle.publication().and_then(|text| callboard_federation::docket::Publication::from_json(text).ok());
    if let Some(public) = publication {
        println!(
            "\n{}\n  zh: {}\n  en: {}",
            Language::spoken().pick("公布内容", "To be published"),
            shown(&public.zh),
            shown(&public.en)
        );
    }
    println!();
}
