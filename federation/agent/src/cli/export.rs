//! `callboard-agent export`: the verified log as files.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_api::agent::log::{LIST_ANCHORS, LogFrom, READ_LOG};
use callboard_client::{export::Writer, runtime::block_on};
use callboard_federation::{
    disclosure::{CheckpointLine, Disclosure},
    encoding::from_json,
    language::Phrase,
    tlog::checkpoint::SignedCheckpoint,
    zh_en,
};
use indicatif::ProgressBar;

use super::asking::{AgentArgs, AgentClient};

const EXAMPLES: &str = "\
Example:
  callboard-agent export log --config member.toml
      checkpoint, tiles, feed.ndjson, and your own anchors, in a new directory

What stands there is the registry's log as this agent verified it, byte for byte: tags and verdicts, sealed details, no
names, and none of your own people. The registry may be down: the agent gives what it has. `callboard restore` brings a
registry back from it, at the operator's or, after a succession, at another's; `callboard audit log` and any auditor read
it too.";

/// Write the registry's log as files, for a registry that lost it or an auditor
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ExportVerb {
    /// Where to write; a directory that isn't there yet, or is empty
    directory: PathBuf,
    #[command(flatten)]
    agent: AgentArgs,
}

impl ExportVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let (size, note) = block_on(self.write(&agent))?;
        let lines = note.note().signatures().len();
        println!("{}", zh_en!("{}：{size}条", "{size} entries in {}", self.directory.display()));
        println!("{}", zh_en!("检查点有{lines}行签名", "{lines} lines under the checkpoint"));
        Ok(ExitCode::SUCCESS)
    }

    async fn write(&self, agent: &AgentClient) -> anyhow::Result<(u64, SignedCheckpoint)> {
        let mut writer = Writer::create(&self.directory)?;
        let mut from = 0;
        let bar = ProgressBar::new(0);
        let note = loop {
            let answer = agent.find_bytes(READ_LOG.with(&(), &LogFrom { from }, &())).await?;
            let answer = answer.context(Phrase::new(
                "会员端尚未跟随登记册，或者版本较旧",
                "the agent hasn't followed the log yet, or is of an older version",
            ))?;
            let mut lines: Vec<&[u8]> = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
            let last: CheckpointLine = from_json(lines.pop().unwrap_or_default()).context(super::ANSWER)?;
            let note: SignedCheckpoint =
                last.checkpoint.parse().context(Phrase::new("会员端的检查点", "the agent's checkpoint"))?;
            bar.set_length(note.checkpoint().size);
            for line in &lines {
                writer.line(line, &Disclosure::from_json(line).context(super::ANSWER)?.entry)?;
            }
            from += lines.len() as u64;
            bar.set_position(from);
            if from >= note.checkpoint().size {
                break note;
            }
            anyhow::ensure!(
                !lines.is_empty(),
                zh_en!("会员端自第{from}条起没有给出内容", "the agent gives nothing from entry {from} on")
            );
        };
        bar.finish_and_clear();
        let anchors = agent.find(LIST_ANCHORS.with(&(), &(), &())).await?;
        let size = note.checkpoint().size;
        let anchors = anchors.into_iter().flat_map(|own| own.anchors);
        let logged = anchors.filter_map(|own| Some((own.index.filter(|index| *index < size)?, own.anchor)));
        Ok((writer.finish(logged, &note)?, note))
    }
}
