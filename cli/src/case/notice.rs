//! What subjects are told, who acts for them, and that they answered.

use std::path::PathBuf;

use callboard_desk::cases::sealed::Said;
use callboard_federation::encoding::Time;
use callboard_rules::case::act::{Act, Addressee, Representative};

use super::args::{ItemArgs, One, TextArgs, hash_of, time};
use crate::words::words;

#[derive(clap::Args)]
pub(super) struct Represent {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    items: ItemArgs,
    /// Who acts for them
    #[arg(long, value_parser = words!(Representative))]
    by: Representative,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct NotifiedVerb {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    items: ItemArgs,
    /// Who was told; of a minor the guardian is
    #[arg(long, value_parser = words!(Addressee), default_value = Addressee::Subject.as_str())]
    to: Addressee,
    /// When it was delivered [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    delivered_at: Option<Time>,
    /// The proof of delivery; only its hash is told
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
}

#[derive(clap::Args)]
pub(super) struct NoticeFailed {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    items: ItemArgs,
    /// When it was tried [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    attempted_at: Option<Time>,
    /// The proof that it failed; only its hash is told
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
}

#[derive(clap::Args)]
pub(super) struct Published {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    items: ItemArgs,
    /// When it was published [default: now]
    #[arg(long = "published-at", value_name = "TIME", value_parser = time)]
    at: Option<Time>,
    /// The masked notice as it was published; only its hash is told
    #[arg(long, value_name = "FILE")]
    notice: PathBuf,
}

#[derive(clap::Args)]
pub(super) struct Answered {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    items: ItemArgs,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct DecisionNotified {
    #[command(flatten)]
    told: NotifiedVerb,
}

#[derive(clap::Args)]
pub(super) struct DecisionPublished {
    #[command(flatten)]
    told: Published,
}

#[derive(clap::Args)]
pub(super) struct ProbationReported {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    items: ItemArgs,
    /// When it was reported [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    reported_at: Option<Time>,
    /// The report; only its hash is told
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,
    #[command(flatten)]
    text: TextArgs,
}

impl DecisionNotified {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let NotifiedVerb { one, items, to, delivered_at, proof } = self.told;
        let proof = hash_of(&proof)?;
        one.take(async |cases, file| {
            let items = items.numbers();
            let typed = delivered_at.unwrap_or_else(|| cases.now());
            let delivered_at = file.case.not_before_decision(&items, typed);
            Ok((Act::DecisionNotified { items, to, delivered_at, proof }, Said::default()))
        })
        .await
    }
}

impl DecisionPublished {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Published { one, items, at, notice } = self.told;
        let notice = hash_of(&notice)?;
        one.take(async |cases, _| {
            let published_at = at.unwrap_or_else(|| cases.now());
            Ok((Act::DecisionPublished { items: items.numbers(), published_at, notice }, Said::default()))
        })
        .await
    }
}

impl ProbationReported {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let proof = hash_of(&self.proof)?;
        self.one
            .take(async |cases, _| {
                let reported_at = self.reported_at.unwrap_or_else(|| cases.now());
                let act = Act::ProbationReported { items: self.items.numbers(), reported_at, proof };
                Ok((act, self.text.read()?))
            })
            .await
    }
}

impl Represent {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let act = Act::Represented { items: self.items.numbers(), by: self.by };
        self.one.take(async |_, _| Ok((act, self.text.read()?))).await
    }
}

impl NotifiedVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let proof = hash_of(&self.proof)?;
        self.one
            .take(async |cases, _| {
                let delivered_at = self.delivered_at.unwrap_or_else(|| cases.now());
                let (items, to) = (self.items.numbers(), self.to);
                Ok((Act::Notified { items, to, delivered_at, proof }, Said::default()))
            })
            .await
    }
}

impl NoticeFailed {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let proof = hash_of(&self.proof)?;
        self.one
            .take(async |cases, _| {
                let attempted_at = self.attempted_at.unwrap_or_else(|| cases.now());
                Ok((Act::NoticeFailed { items: self.items.numbers(), attempted_at, proof }, Said::default()))
            })
            .await
    }
}

impl Published {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let notice = hash_of(&self.notice)?;
        self.one
            .take(async |cases, _| {
                let published_at = self.at.unwrap_or_else(|| cases.now());
                Ok((Act::ServedByPublication { items: self.items.numbers(), published_at, notice }, Said::default()))
            })
            .await
    }
}

impl Answered {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one.take(async |_, _| Ok((Act::Answered { items: self.items.numbers() }, self.text.read()?))).await
    }
}
