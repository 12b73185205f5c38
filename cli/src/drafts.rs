//! `callboard drafts`: bundles go to their signers by way of the registry, and so do their answers.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use callboard_api::registry::drafts::{DraftAct, DraftState};
use callboard_client::{create_new, output, runtime::os_rng, terminal};
use callboard_desk::{
    bundle::Bundle,
    drafts::{Drafts, shown::act_text},
    registry::Registry,
};
use callboard_federation::{encoding::DraftId, language::Phrase, zh_en};
use zeroize::Zeroizing;

use super::{
    seat::{LogArgs, SeatArgs, Session},
    sign,
};

const EXAMPLES: &str = "\
Examples:
  callboard drafts --key panel-1.key
      what waits for you, and what else is open
  callboard drafts send batch.bundle --key secretary-1.key
      to every seat that may be asked to sign it; only they, the secretariat and you can open it
  callboard drafts open 019c… --key panel-1.key
      who answered what, and for whom it waits; --out batch.bundle keeps the bundle as a file
  callboard drafts sign 019c… --key panel-1.key --lang zh-CN
      every letter, checked as `callboard sign` checks it; a `y` signs them all
  callboard drafts ask 019c… --key panel-1.key
      a question to the drafter, asked for at the prompt; `reply` answers it, `refuse` says why you don't sign
  callboard drafts withdraw 019c… --key panel-1.key
      your signature, refusal or stop, as long as it isn't logged; the drafter's whole draft
  callboard drafts stop 019c… --key chair-1.key
      it isn't submitted until you withdraw the stop
  callboard drafts submit 019c… --key secretary-1.key
      ten minutes after the last signature; writes draft-019c….docket.json, keeps the proofs in draft-019c….proofs

The registry carries ciphertext: it learns which seats are asked, who answered when, and the hash that is logged in the
end. Each signature is verified here before it counts. Files go on working: `callboard sign` and `callboard submit` know
nothing of drafts, and a docket that is submitted from files is `logged` here too.";

/// Send drafts to their signers through the registry, and answer them
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct DraftsVerb {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    list: List,
}

/// The drafts that you sent or are asked for.
#[derive(clap::Args)]
struct List {
    /// Those that are logged or withdrawn, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Send a bundle to the seats that are asked to sign it
    Send(Send),
    /// Show who answered what, and for whom it waits
    Open(Open),
    /// Read what it decides, and sign it
    Sign(Sign),
    /// Don't sign it, and say why
    Refuse(Say),
    /// Ask the drafter something
    Ask(Say),
    /// Answer what was asked, as its drafter
    Reply(Say),
    /// Take back your stop, else your signature or refusal, else the draft that you sent
    Withdraw(Withdraw),
    /// Have it not submitted, until you withdraw the stop
    Stop(One),
    /// Hand it in, once enough have signed and nobody stopped it for ten minutes
    Submit(Submit),
    /// Erase its ciphertext and all that was said of it, as its drafter or the secretariat
    Erase(Erase),
}

#[derive(clap::Args)]
struct Send {
    /// The bundle
    bundle: PathBuf,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Args)]
struct One {
    /// The draft's id, as `callboard drafts` shows it
    id: DraftId,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Args)]
struct Open {
    #[command(flatten)]
    one: One,
    /// Where to keep the bundle as a file, which you alone can open
    #[arg(long, value_name = "NAME.bundle")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Sign {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    log: LogArgs,
    /// Sign without being asked, after the letters were shown
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
struct Say {
    #[command(flatten)]
    one: One,
    /// A file with what is said; otherwise it is asked for
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Withdraw {
    #[command(flatten)]
    one: One,
    /// Withdraw without being asked
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
struct Submit {
    #[command(flatten)]
    one: One,
    /// What its files are called: NAME.docket.json and NAME.proofs; otherwise `draft-` and its id
    #[arg(long, value_name = "NAME")]
    out: Option<PathBuf>,
    /// How many seconds to wait for witnesses
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

#[derive(clap::Args)]
struct Erase {
    #[command(flatten)]
    one: One,
    /// Erase without being asked
    #[arg(long)]
    yes: bool,
}

impl DraftsVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            match self.act {
                None => self.list.run().await?,
                Some(Act::Send(send)) => send.run().await?,
                Some(Act::Open(open)) => open.run().await?,
                Some(Act::Sign(sign)) => sign.run().await?,
                Some(Act::Refuse(say)) => say.run(DraftAct::Refuse).await?,
                Some(Act::Ask(say)) => say.run(DraftAct::Ask).await?,
                Some(Act::Reply(say)) => say.run(DraftAct::Reply).await?,
                Some(Act::Withdraw(withdraw)) => withdraw.run().await?,
                Some(Act::Stop(one)) => one.stop().await?,
                Some(Act::Submit(submit)) => submit.run().await?,
                Some(Act::Erase(erase)) => erase.run().await?,
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// Whoever deals with drafts of the registry in a session, and a copy of its log where one is at hand.
macro_rules! drafts {
    ($session:ident, $drafts:ident) => {
        let caller = $session.caller()?;
        let registry = Registry::new(&$session.pin, &caller);
        let $drafts = Drafts::begin(&registry, &$session.key).await?;
    };
}

impl List {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.seat.session().await?;
        drafts!(session, drafts);
        let state = (!self.all).then_some(DraftState::Open);
        output::lines(drafts.list(state, &mut os_rng()).await?.lines());
        Ok(())
    }
}

impl Send {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.seat.session().await?;
        let shown = || self.bundle.display().to_string();
        let bundle = Bundle::open(&self.bundle, &session.key).with_context(shown)?;
        drafts!(session, drafts);
        output::lines(drafts.send(&bundle, &mut os_rng()).await?.lines());
        Ok(())
    }
}

impl One {
    async fn session(&self) -> anyhow::Result<Session<callboard_keys::SeatKey>> {
        self.seat.session().await
    }

    async fn stop(&self) -> anyhow::Result<()> {
        let session = self.session().await?;
        drafts!(session, drafts);
        let draft = drafts.show(self.id, &mut os_rng()).await?;
        drafts.answer(&draft, DraftAct::Stop, None, &mut os_rng()).await?;
        self.told(DraftAct::Stop);
        Ok(())
    }

    fn told(&self, act: DraftAct) {
        output::line([output::green(format_args!("{}  {}", self.id, act_text(act)))]);
    }
}

impl Open {
    async fn run(&self) -> anyhow::Result<()> {
        self.out.as_deref().map_or(Ok(()), create_new::not_there)?;
        let session = self.one.session().await?;
        drafts!(session, drafts);
        let opened = drafts.open(self.one.id, &mut os_rng()).await?;
        output::lines(opened.lines(drafts.roster(), &drafts.waiting(&opened)));
        if let Some(out) = &self.out {
            opened.bundle.write(out, [session.key.recipient()])?;
            output::line([output::green(out.display())]);
        }
        Ok(())
    }
}

impl Sign {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.one.session().await?;
        let (caller, home) = (session.caller()?, self.one.seat.home());
        let registry = Registry::new(&session.pin, &caller).with_home(&home);
        let drafts = Drafts::begin(&registry, &session.key).await?;
        let opened = drafts.open(self.one.id, &mut os_rng()).await?;
        let log = self.log.of_bundle(&registry, &opened.bundle, &home).await?;
        let registry = Registry::new(&session.pin, &caller).with_home(&home).with_log(log.as_ref());
        let drafts = Drafts::begin(&registry, &session.key).await?;
        let bar = sign::tags_bar();
        let reading = drafts.read(opened, &mut os_rng(), |derived| bar.inc(derived as u64)).await;
        bar.finish_and_clear();
        let reading = reading?;
        let typed = sign::agreed(&reading, Path::new(&self.one.id.to_string()), &session.key, self.yes)?;
        drafts.sign(self.one.id, &reading, &typed, &mut os_rng()).await?;
        self.one.told(DraftAct::Sign);
        Ok(())
    }
}

impl Say {
    async fn run(&self, act: DraftAct) -> anyhow::Result<()> {
        let session = self.one.session().await?;
        drafts!(session, drafts);
        let draft = drafts.show(self.one.id, &mut os_rng()).await?;
        let text = match &self.text_file {
            Some(path) => super::read_text(path)?,
            None => Zeroizing::new(terminal::answer(&match act {
                DraftAct::Refuse => zh_en!("拒签的理由：", "Why it isn't signed: "),
                DraftAct::Ask => zh_en!("问题：", "The question: "),
                _ => zh_en!("回复：", "The reply: "),
            })?),
        };
        drafts.answer(&draft, act, Some(text.trim()), &mut os_rng()).await?;
        self.one.told(act);
        Ok(())
    }
}

impl Withdraw {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.one.session().await?;
        drafts!(session, drafts);
        let draft = drafts.show(self.one.id, &mut os_rng()).await?;
        if !self.yes {
            let agrees = terminal::agrees(&drafts.taken_back(&draft)?)?;
            anyhow::ensure!(agrees, Phrase::new("未撤回", "not withdrawn"));
        }
        drafts.answer(&draft, DraftAct::Withdraw, None, &mut os_rng()).await?;
        self.one.told(DraftAct::Withdraw);
        Ok(())
    }
}

impl Submit {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.one.session().await?;
        drafts!(session, drafts);
        let opened = drafts.open(self.one.id, &mut os_rng()).await?;
        let name = self.out.clone().unwrap_or_else(|| format!("draft-{}", self.one.id).into());
        let bar = terminal::progress(Phrase::new("份证明已保存", "proofs kept"));
        let wait = Duration::from_secs(self.wait);
        let outcome = drafts.submit(&opened, &name, wait, || bar.inc(1), &mut os_rng()).await;
        bar.finish_and_clear();
        let outcome = outcome?;
        output::lines(outcome.lines());
        outcome.error().map_or(Ok(()), |why| Err(why.into()))
    }
}

impl Erase {
    async fn run(&self) -> anyhow::Result<()> {
        let session = self.one.session().await?;
        drafts!(session, drafts);
        if !self.yes {
            let agrees =
                terminal::agrees(&zh_en!("删除密文和全部答复的内容？", "Erase the ciphertext and all that was said?"))?;
            anyhow::ensure!(agrees, Phrase::new("未删除", "not erased"));
        }
        drafts.erase(self.one.id, &mut os_rng()).await?;
        output::line([output::green(zh_en!("{}  已删除", "{}  erased", self.one.id))]);
        Ok(())
    }
}
