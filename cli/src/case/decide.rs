//! From what was drafted to what is signed: sessions, interims, resolutions, confirmation, the docket.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use callboard_client::{create_new, output, runtime::os_rng};
use callboard_desk::{
    bundle::Bundle,
    cases::{
        Cases,
        case_file::CaseFile,
        proposal::{drafts_of, proposals},
        sealed::Said,
        waiting::{Task, carried},
    },
    draft::resolved::Resolved,
    drafter::{Drafter, Heading},
    drafts::Drafts,
    sign::Reading,
};
use callboard_federation::{language::Phrase, zh_en};
use callboard_rules::case::{
    act::{Act, Proposal},
    resolution::Source,
};

use super::{
    args::{One, Range, TextArgs, numbers, only, range},
    with_cases,
};
use crate::sign::tags_bar;

#[derive(clap::Args)]
pub(super) struct SessionVerb {
    #[command(flatten)]
    one: One,
    /// What was drafted for the case
    proposal: PathBuf,
    /// Only these items of it
    #[arg(long, value_name = "ITEMS", value_delimiter = ',', value_parser = range)]
    items: Vec<Range>,
    /// Within how many hours votes are sealed
    #[arg(long, default_value_t = 24)]
    seal_hours: u32,
    /// Within how many more they are opened
    #[arg(long, default_value_t = 24)]
    open_hours: u32,
}

#[derive(clap::Args)]
pub(super) struct Interim {
    #[command(flatten)]
    one: One,
    /// What was drafted for the case, with --interim
    proposal: PathBuf,
    /// The item; the only one of the proposal need not be named
    #[arg(long)]
    item: Option<u32>,
}

#[derive(clap::Args)]
pub(super) struct Read {
    #[command(flatten)]
    one: One,
    /// What was drafted for the case
    proposal: PathBuf,
}

#[derive(clap::Args)]
pub(super) struct CloseSession {
    #[command(flatten)]
    one: One,
}

#[derive(clap::Args)]
pub(super) struct Resolve {
    #[command(flatten)]
    one: One,
    /// The number of the session, or of the interim that was proposed; the only one that waits need not be named
    #[arg(long, value_name = "NUMBER")]
    of: Option<u64>,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    one: One,
    /// The number of the resolution; the only one that waits need not be named
    #[arg(long, value_name = "NUMBER")]
    resolution: Option<u64>,
}

#[derive(clap::Args)]
pub(super) struct Withdraw {
    #[command(flatten)]
    one: One,
    /// The number of the session
    #[arg(long, value_name = "NUMBER")]
    session: u64,
    #[command(flatten)]
    text: TextArgs,
}

#[derive(clap::Args)]
pub(super) struct DocketVerb {
    #[command(flatten)]
    one: One,
    /// What was put to the vote
    proposal: PathBuf,
    /// Where to write the bundle that is signed
    #[arg(long, value_name = "NAME.bundle")]
    out: PathBuf,
    /// The number of the resolution; the only one that waits need not be named
    #[arg(long, value_name = "NUMBER")]
    resolution: Option<u64>,
    /// Another public text, where less was resolved than the proposal's tells: JSON {"v":1,"zh":…,"en":…}
    #[arg(long, value_name = "FILE")]
    publication: Option<PathBuf>,
    /// Send it to its signers through the registry
    #[arg(long)]
    send: bool,
}

fn open_bundle(path: &Path, key: &callboard_keys::SeatKey) -> anyhow::Result<Bundle> {
    Bundle::open(path, key).with_context(|| path.display().to_string())
}

impl SessionVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let key = self.one.seat.open()?;
        let bundle = open_bundle(&self.proposal, &key)?;
        let items = proposals(&bundle, self.one.case, &numbers(&self.items))?;
        self.one
            .take(async |cases, file| {
                let at = cases.now().max(file.case.at());
                let seal_by = at.plus_hours(i64::from(self.seal_hours));
                let open_by = seal_by.plus_hours(i64::from(self.open_hours));
                Ok((Act::SessionOpened { items, seal_by, open_by }, Said::default()))
            })
            .await
    }
}

impl Interim {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let key = self.one.seat.open()?;
        let bundle = open_bundle(&self.proposal, &key)?;
        let named: Vec<u32> = self.item.into_iter().collect();
        let proposed = proposals(&bundle, self.one.case, &named)?;
        let Proposal { item, drafts } = only(proposed, |count| {
            zh_en!("其中有{count}人：请用 --item 指明", "it is about {count} items: name one with --item")
        })?;
        self.one.take(async |_, _| Ok((Act::InterimProposed { item, drafts }, Said::default()))).await
    }
}

impl Read {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        with_cases(&self.one.seat, async |_, registry, key| {
            let bundle = open_bundle(&self.proposal, key)?;
            proposals(&bundle, self.one.case, &[])?;
            let bar = tags_bar();
            let progress = |derived| bar.inc(derived as u64);
            let reading = Reading::of_proposal(bundle, registry, &mut os_rng(), progress).await;
            bar.finish_and_clear();
            output::lines(reading?.lines(&self.proposal));
            Ok(())
        })
        .await
    }
}

impl CloseSession {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |_, file| {
                let callboard_rules::case::Stage::Sitting(session) = &file.case.stage else {
                    anyhow::bail!(Phrase::new("该案件没有进行中的评议", "no session of the case is open"))
                };
                Ok((Act::SessionClosed { session: session.seq }, Said::default()))
            })
            .await
    }
}

/// The numbers that wait for this seat, of those that `of` picks.
fn waiting(cases: &Cases<'_>, file: &CaseFile, of: impl Fn(&Task) -> Option<u64>) -> anyhow::Result<Vec<u64>> {
    Ok(cases.waits(file)?.iter().filter_map(|waits| of(&waits.task)).collect())
}

impl Resolve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, file| {
                let of = if let Some(of) = self.of {
                    of
                } else {
                    let waits = waiting(cases, file, |task| match task {
                        Task::Resolve(of) | Task::Order(of) => Some(*of),
                        _ => None,
                    })?;
                    only(waits, |count| {
                        zh_en!(
                            "有{count}项待您决议：请用 --of 指明",
                            "{count} wait for you to resolve: name one with --of"
                        )
                    })?
                };
                let session = file.case.sessions.get(&of).map(|session| carried(session, &file.case));
                let interim = file.case.interims.get(&of);
                let interim = interim.map(|of| vec![Proposal { item: of.item, drafts: of.drafts.clone() }]);
                let items = session.or(interim).unwrap_or_default();
                anyhow::ensure!(!items.is_empty(), Phrase::new("没有通过的项", "nothing was carried"));
                Ok((Act::Resolved { of, items }, self.text.read()?))
            })
            .await
    }
}

impl Confirm {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one
            .take(async |cases, file| {
                let resolution = if let Some(resolution) = self.resolution {
                    resolution
                } else {
                    let waits = waiting(cases, file, |task| match task {
                        Task::Confirm(of) => Some(*of),
                        _ => None,
                    })?;
                    only(waits, |count| {
                        zh_en!(
                            "有{count}项待您确认：请用 --resolution 指明",
                            "{count} wait for you to confirm: name one with --resolution"
                        )
                    })?
                };
                Ok((Act::Confirmed { resolution }, Said::default()))
            })
            .await
    }
}

impl Withdraw {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        self.one.take(async |_, _| Ok((Act::Withdrawn { session: self.session }, self.text.read()?))).await
    }
}

impl DocketVerb {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        create_new::not_there(&self.out)?;
        let publication = self.publication.as_deref().map(crate::read).transpose()?;
        with_cases(&self.one.seat, async |cases, registry, key| {
            let proposal = open_bundle(&self.proposal, key)?;
            proposals(&proposal, self.one.case, &[])?;
            let file = cases.fetch(self.one.case, &mut os_rng()).await?;
            let complete = file.case.resolutions.iter().filter(|(number, resolution)| {
                self.resolution.is_none_or(|named| named == **number) && resolution.stands()
            });
            let complete: Vec<_> =
                complete.filter_map(|(_, resolution)| Some((resolution.procedure?, resolution))).collect();
            let (procedure, resolution) = only(complete, |count| {
                zh_en!(
                    "有{count}项决议可以起草文书：决议须经确认；不止一项时请用 --resolution 指明",
                    "{count} resolutions are ready for their docket: one must be confirmed; of several name one with --resolution"
                )
            })?;
            let is_interim = matches!(resolution.source, Source::Interim(_));
            let drafts = drafts_of(resolution);
            let resolved = Resolved { drafts: &drafts, procedure, events: file.envelopes(), publication };
            let drafter = Drafter::begin(registry, key, cases.now(), Heading::default()).await?;
            let draft = drafter.resolved(&proposal, resolved, &mut os_rng())?;
            // As each signer's desk will.
            drafter.letters(&draft, &mut os_rng()).await?;
            output::line(drafter.write(&draft, &self.out)?);
            if is_interim {
                output::warn(Phrase::new("临时措施须在一日内生效", "an interim takes effect within a day"));
            }
            if self.send {
                let drafts = Drafts::begin(registry, key).await?;
                output::lines(drafts.send(&draft.bundle, &mut os_rng()).await?.lines());
            }
            Ok(())
        })
        .await
    }
}
