//! What subjects are told, who acts for them, and that they answered.

use std::path::PathBuf;

use callboard_desk::cases::sealed::Said;
use callboard_federation::encoding::Time;
use callboard_rules::case::act::{Act, Addressee, Representative};

use super::args::{ItemArgs, One, TextArgs, hash_of, time, words};

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
