//! Acts on a case that need little more than its name.

use std::path::PathBuf;

use callboard_desk::cases::sealed::Said;
use callboard_rules::case::{
    act::{Act, Evidence, EvidenceKind},
    number::ItemNumber,
};

use super::args::{ItemArgs, One, TextArgs, hash_of, words};

#[derive(clap::Args)]
pub(super) struct DropItem {
    #[command(flatten)]
    one: One,
    /// The item's number
    item: ItemNumber,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct EvidenceVerb {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    items: ItemArgs,
    /// What the files are
    #[arg(long, value_parser = words!(EvidenceKind))]
    kind: EvidenceKind,
    /// The files; only their hash is told
    #[arg(long = "file", value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct ApproveAccess {
    #[command(flatten)]
    one: One,
    /// The seat that is to read
    reader: String,
    #[command(flatten)]
    items: ItemArgs,
}

#[derive(clap::Args)]
pub(super) struct Close {
    #[command(flatten)]
    one: One,
}

impl DropItem {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one.take(async |_, _| Ok((Act::ItemDropped { item: self.item }, self.text.read()?))).await
    }
}

impl EvidenceVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let evidence = |path: &PathBuf| anyhow::Ok(Evidence { sha256: hash_of(path)?, kind: self.kind });
        let evidence = self.files.iter().map(evidence).collect::<Result<_, _>>()?;
        let act = Act::EvidenceAdded { items: self.items.numbers(), evidence };
        self.one.take(async |_, _| Ok((act, self.text.read()?))).await
    }
}

impl ApproveAccess {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, _| {
                let reader = cases.key_of(&self.reader)?;
                Ok((Act::AccessApproved { items: self.items.numbers(), reader }, Said::default()))
            })
            .await
    }
}

impl Close {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one.take(async |_, _| Ok((Act::Closed {}, Said::default()))).await
    }
}
