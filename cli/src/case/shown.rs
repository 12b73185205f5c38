//! What is shown of cases: lists, one with all its events, minutes, the chain as a file.

use std::path::PathBuf;

use callboard_api::registry::cases::CaseEntry;
use callboard_client::{create_new, output, runtime::os_rng};
use callboard_desk::{
    cases::{chain_file, minutes, timeline, words},
    letter::term::time_text,
};
use callboard_federation::{event::CaseState, language::Phrase, zh_en};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{args::One, with_cases};
use crate::seat::SeatArgs;

#[derive(clap::Args)]
pub(super) struct List {
    /// Only those that are so far
    #[arg(long, value_parser = states())]
    state: Option<CaseState>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    seat: SeatArgs,
}

#[derive(clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    one: One,
    /// As JSON, without the events
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(super) struct MinutesVerb {
    #[command(flatten)]
    one: One,
}

#[derive(clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    one: One,
    /// Where to write it
    #[arg(long, value_name = "NAME.ndjson")]
    out: PathBuf,
}

fn states() -> impl TypedValueParser<Value = CaseState> {
    let of = |word: String| CaseState::from_word(&word).unwrap_or(CaseState::Preparing);
    PossibleValuesParser::new(CaseState::ALL.map(CaseState::as_str)).map(of)
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        with_cases(&self.seat, async |cases, _, _| {
            let listed = cases.list(self.state, &mut os_rng()).await?;
            if self.json {
                return Ok(output::json(&listed)?);
            }
            if listed.is_empty() {
                output::line([output::plain(Phrase::new("没有案件", "no case"))]);
            }
            for entry in &listed {
                output::line([output::plain(line(entry))]);
            }
            Ok(())
        })
        .await
    }
}

fn line(entry: &CaseEntry) -> String {
    let CaseEntry { case, items, .. } = entry;
    let (state, changed) = (words::state(entry.state), time_text(entry.changed_at));
    let due = entry.due_at.map(|due| zh_en!("，期限{}", ", due {}", time_text(due))).unwrap_or_default();
    zh_en!("{case}  {state}  {items}人  {changed}{due}", "{case}  {state}  {items} items  {changed}{due}")
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        with_cases(&self.one.seat, async |cases, _, _| {
            let file = cases.fetch(self.one.case, &mut os_rng()).await?;
            let overview = cases.overview(&file)?;
            if self.json {
                return Ok(output::json(&overview)?);
            }
            output::lines(overview.lines());
            for told in cases.timeline(&file, &mut os_rng()).await? {
                output::lines(told.lines());
            }
            Ok(())
        })
        .await
    }
}

impl MinutesVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        with_cases(&self.one.seat, async |cases, _, _| {
            let file = cases.fetch(self.one.case, &mut os_rng()).await?;
            let minutes = minutes::of_case(&file.case);
            if minutes.is_empty() {
                output::line([output::plain(Phrase::new("还没有结束的评议", "no session was closed yet"))]);
            }
            for minutes in &minutes {
                output::lines(minutes.lines());
            }
            Ok(())
        })
        .await
    }
}

impl Export {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        create_new::not_there(&self.out)?;
        with_cases(&self.one.seat, async |cases, _, _| {
            let file = cases.fetch(self.one.case, &mut os_rng()).await?;
            create_new::write(&self.out, create_new::PUBLIC, &chain_file::write(timeline::kept(&file)))?;
            output::line([output::green(self.out.display())]);
            Ok(())
        })
        .await
    }
}
