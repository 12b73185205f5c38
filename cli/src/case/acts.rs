//! Acts on a case that need little more than its name.

use std::path::PathBuf;

use anyhow::Context as _;
use callboard_client::output;
use callboard_desk::cases::sealed::Said;
use callboard_federation::language::Phrase;
use callboard_rules::case::{
    act::{Act, Evidence, EvidenceKind},
    number::ItemNumber,
};

use super::args::{ItemArgs, One, TextArgs, hash_of};
use crate::words::words;

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
    #[arg(long, value_parser = words!(EvidenceKind), required_unless_present = "dockets", requires = "files")]
    kind: Option<EvidenceKind>,
    /// The files; only their hash is told
    #[arg(long = "file", value_name = "FILE", required_unless_present = "dockets", requires = "kind")]
    files: Vec<PathBuf>,
    /// The proof file of another association's docket: verified, and taken up if the case's policy names its registry
    #[arg(long = "docket", value_name = "PROOF.json")]
    dockets: Vec<PathBuf>,
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
        anyhow::ensure!(
            self.kind != Some(EvidenceKind::ForeignDocket),
            Phrase::new(
                "其他协会的文书须经核验：请用 --docket 指明其证明文件",
                "a docket of another association is verified: name its proof file with --docket"
            )
        );
        let mut evidence = Vec::new();
        if let Some(kind) = self.kind {
            for path in &self.files {
                evidence.push(Evidence { sha256: hash_of(path)?, kind });
            }
        }
        let proofs = self.dockets.iter().map(|path| Ok((path, crate::read(path)?)));
        let proofs: Vec<_> = proofs.collect::<anyhow::Result<_>>()?;
        self.one
            .take(async |cases, file| {
                for (path, proof) in proofs {
                    let docket = cases.foreign_docket(file, &proof).with_context(|| path.display().to_string())?;
                    output::line([output::plain(docket.text())]);
                    evidence.push(docket.evidence);
                }
                Ok((Act::EvidenceAdded { items: self.items.numbers(), evidence }, self.text.read()?))
            })
            .await
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
