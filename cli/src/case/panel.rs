//! Who decides: the panel named or drawn, recusal, challenges, replacement.

use anyhow::Context as _;
use callboard_client::runtime::os_rng;
use callboard_desk::cases::{sealed::Said, secrets::CaseSecret};
use callboard_federation::{language::Phrase, zh_en};
use callboard_rules::case::{act::Act, draw::Draw};

use super::args::{ItemArgs, One, Range, TextArgs, numbers, only, range};

#[derive(clap::Args)]
pub(super) struct PanelVerb {
    #[command(flatten)]
    one: One,
    /// The seats, by holder
    #[arg(required = true)]
    seats: Vec<String>,
}

#[derive(clap::Args)]
pub(super) struct DrawVerb {
    #[command(subcommand)]
    step: DrawStep,
}

#[derive(clap::Subcommand)]
enum DrawStep {
    /// Announce who may be drawn, how many are, and who brings the secrets
    Announce(Announce),
    /// Commit to a secret, as one of the three who bring them
    Commit(Guarantor),
    /// Open your secret, once the log's root is fixed
    Open(Guarantor),
}

#[derive(clap::Args)]
struct Announce {
    #[command(flatten)]
    one: One,
    /// Who brings the secrets: a chair, then two seats that can't be drawn
    #[arg(long, value_name = "SEAT", required = true, num_args = 3)]
    guarantors: Vec<String>,
    /// How many are drawn [default: as many as the policy asks]
    #[arg(long)]
    seats: Option<u32>,
}

#[derive(clap::Args)]
struct Guarantor {
    #[command(flatten)]
    one: One,
}

#[derive(clap::Args)]
pub(super) struct Recuse {
    #[command(flatten)]
    one: One,
    /// The items; without it the whole case
    #[arg(long, value_name = "ITEMS", value_delimiter = ',', value_parser = range)]
    items: Vec<Range>,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct ChallengeVerb {
    #[command(flatten)]
    one: One,
    /// The seat that isn't to decide
    seat: String,
    #[command(flatten)]
    items: ItemArgs,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct DecideChallenge {
    #[command(flatten)]
    one: One,
    /// The number of the event that challenges; the only one that waits need not be named
    #[arg(long, value_name = "NUMBER")]
    challenge: Option<u64>,
    /// The seat doesn't decide
    #[arg(long, required_unless_present = "rejected", conflicts_with = "rejected")]
    upheld: bool,
    /// The seat decides
    #[arg(long)]
    rejected: bool,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct Replace {
    #[command(flatten)]
    one: One,
    /// The seat that leaves
    out: String,
    /// The seat that takes its place
    #[arg(value_name = "IN")]
    seat: String,
}

impl PanelVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, _| {
                let seats = self.seats.iter().map(|seat| cases.key_of(seat)).collect::<Result<_, _>>()?;
                Ok((Act::PanelNamed { seats }, Said::default()))
            })
            .await
    }
}

impl DrawVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.step {
            DrawStep::Announce(announce) => announce.run().await,
            DrawStep::Commit(guarantor) => guarantor.commit().await,
            DrawStep::Open(guarantor) => guarantor.open().await,
        }
    }
}

impl Announce {
    async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, file| {
                let guarantors: Vec<_> =
                    self.guarantors.iter().map(|seat| cases.key_of(seat)).collect::<Result<_, _>>()?;
                let guarantors = <[_; 3]>::try_from(guarantors).ok().context(Phrase::new(
                    "须指明三名签署人：一名主任委员，再加两名",
                    "name three seats: a chair, then two others",
                ))?;
                let eligible = cases.eligible(file)?.into_iter().map(|seat| seat.key).collect();
                let seats = self.seats.unwrap_or(file.case.terms().least_seats);
                Ok((Act::DrawAnnounced { eligible, seats, guarantors }, Said::default()))
            })
            .await
    }
}

const fn no_draw() -> Phrase {
    Phrase::new("没有进行中的抽签", "no draw is announced")
}

impl Guarantor {
    async fn commit(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, file| {
                let draw = file.case.panel.draw.as_ref().context(no_draw())?;
                let secret = CaseSecret::draw(file.case.id(), draw.seq, &mut os_rng());
                let commitment = secret.commitment(&cases.seat().key);
                // What the rules refuse leaves no secret behind.
                cases.may(file, &Act::DrawCommitted { commitment }, cases.now())?;
                Ok((Act::DrawCommitted { commitment: cases.secrets().keep(&secret)? }, Said::default()))
            })
            .await
    }

    async fn open(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, file| {
                let draw: &Draw = file.case.panel.draw.as_ref().context(no_draw())?;
                let commitment = draw
                    .commitment_of(&cases.seat().holder)
                    .context(Phrase::new("您没有为这次抽签承诺随机数", "you committed to no secret of this draw"))?;
                let secret = cases.secrets().open(file.case.id(), &commitment)?;
                Ok((Act::DrawOpened { secret: secret.secret }, Said::default()))
            })
            .await
    }
}

impl Recuse {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one.take(async |_, _| Ok((Act::Recused { items: numbers(&self.items) }, self.text.read()?))).await
    }
}

impl ChallengeVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, _| {
                let seat = cases.key_of(&self.seat)?;
                Ok((Act::Challenged { seat, items: self.items.numbers() }, self.text.read()?))
            })
            .await
    }
}

impl DecideChallenge {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |_, file| {
                let open = file.case.challenges.iter().filter(|(_, challenge)| challenge.upheld.is_none());
                let open: Vec<u64> = open.map(|(number, _)| *number).collect();
                let challenge = match self.challenge {
                    Some(number) => number,
                    None => only(open, |count| {
                        zh_en!(
                            "有{count}项待决的回避申请：请用 --challenge 指明",
                            "{count} challenges wait: name one with --challenge"
                        )
                    })?,
                };
                Ok((Act::ChallengeDecided { challenge, upheld: self.upheld && !self.rejected }, self.text.read()?))
            })
            .await
    }
}

impl Replace {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, _| {
                let (out, seat) = (cases.key_of(&self.out)?, cases.key_of(&self.seat)?);
                Ok((Act::Replaced { out, seat }, Said::default()))
            })
            .await
    }
}
