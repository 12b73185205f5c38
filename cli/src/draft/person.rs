//! Whose record a draft is about: from the bundle that the record came in, from a file, or typed without being shown.

use std::path::PathBuf;

use callboard_client::output;
use callboard_desk::{
    bundle::Bundle,
    drafter::{Drafter, identities_of},
};
use callboard_federation::{encoding::RecordId, identity::reader::Reading, zh_en};

use crate::identities::WrittenIdentities;

/// Whose record it is.
#[derive(clap::Args)]
pub(super) struct PersonArgs {
    /// The bundle of the record that it is about: the identities are in it
    #[arg(long, value_name = "BUNDLE", conflicts_with = "identity_file")]
    from: Vec<PathBuf>,
    #[command(flatten)]
    written: WrittenIdentities,
}

impl PersonArgs {
    /// The identities: none, if nobody has them any more.
    pub(super) fn read(&self, drafter: &Drafter<'_>, records: &[RecordId]) -> anyhow::Result<Vec<Reading>> {
        let now = drafter.now();
        let mut readings: Vec<Reading> = Vec::new();
        for path in &self.from {
            let carried = identities_of(&Bundle::open(path, drafter.key())?, records, now)?;
            readings.extend(carried);
        }
        if self.from.is_empty() {
            readings = self.written.read_or_ask(now)?;
        }
        if readings.is_empty() {
            output::warn(zh_en!(
                "没有证件号码：文书不能写明这是谁的记录，每位签署人须输入记录编号的末八位",
                "no identity: the letter can't say whose record it is, and each signer types its last eight characters"
            ));
        }
        Ok(readings)
    }
}
