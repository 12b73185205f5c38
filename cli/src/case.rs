//! `callboard case`: a matter from its opening to its docket, a verb an act.

mod acts;
mod args;
mod decide;
mod examples;
mod notice;
mod open;
mod panel;
mod shown;
mod vote;

use std::process::ExitCode;

use callboard_client::{output, runtime::os_rng};
use callboard_desk::cases::{Cases, case_file::CaseFile, sealed::Said, timeline::Told};
use callboard_federation::zh_en;
use callboard_rules::case::act::Act;

use self::args::One;
pub(crate) use self::{args::HostArgs, open::add_missing};
use super::seat::SeatArgs;

const EXAMPLES: &str = "\
Examples:
  callboard case open --policy streamer-warning-rules/2022 --report PZMDE5VTNK --key secretary-1.key
      opens a case of a report; its people are its items, its member is their reporter, and the report is accepted with it
  callboard draft batch.xlsx --policy streamer-warning-rules/2022 --case 019c… --key secretary-1.key --out batch.bundle
      what is put to the vote: row n is item n, and items that aren't there yet are added
  callboard case panel 019c… panel-1 panel-2 panel-3 --key chair-1.key
  callboard case recuse 019c… --items 17 --key panel-2.key
  callboard case notified 019c… --items 1-88 --proof receipts.pdf --key secretary-1.key
  callboard case session 019c… batch.bundle --key chair-1.key
      votes are sealed within 24 hours, and opened within 24 more
  callboard case present 019c… --key panel-1.key
  callboard case vote 019c… --all for --except 17,40=against --reasons why.txt --proposal batch.bundle --key panel-1.key
  callboard case open-vote 019c… --key panel-1.key
  callboard case resolve 019c… --key panel-1.key
  callboard case confirm 019c… --key chair-1.key
  callboard case docket 019c… batch.bundle --send --key secretary-1.key --out decided.bundle
      what was resolved, under the case's procedure: signed and submitted as every docket
  callboard case decision-notified 019c… --items 1-88 --proof receipts.pdf --key secretary-1.key
      that the decision was told: from then runs the time to object
  callboard case open --appeal 019c… --items 3 --filed 2024-10-16 --paper --key secretary-1.key
      an objection: another case hears it, and nobody who had a part in the first
  callboard case open --return 019c… --filed 2026-10-08 --by unit --key secretary-1.key
      an application to return from what a record imposes
  callboard case show 019c… --key panel-1.key
      how far it is, what waits for whom, and every event

Each event is signed here, judged by the rules here before it is sent, and acknowledged by the log. The acknowledgement is
kept beside your key, in `acknowledgements`: a registry that leaves an act of yours out is found. Votes and secrets are
kept in `case-secrets`, encrypted to your own key, until they are opened: on this computer alone.";

/// Open cases, act in them, and follow them to their dockets
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CaseVerb {
    #[command(subcommand)]
    act: CaseAct,
}

#[derive(clap::Subcommand)]
enum CaseAct {
    /// Open a case under a policy, perhaps of a report
    #[command(after_long_help = examples::OPEN)]
    Open(Box<open::Open>),
    /// List cases, those that changed last first
    #[command(after_long_help = examples::LIST)]
    List(shown::List),
    /// Show a case: items, panel, windows, what waits for whom, and every event
    #[command(after_long_help = examples::SHOW)]
    Show(shown::Show),
    /// Add a subject, or those of a proposal that aren't there yet
    #[command(after_long_help = examples::ADD_ITEM)]
    AddItem(Box<open::AddItem>),
    /// Don't pursue a subject any further
    #[command(after_long_help = examples::DROP_ITEM)]
    DropItem(acts::DropItem),
    /// Add evidence by its hash; the files stay with you
    #[command(after_long_help = examples::EVIDENCE)]
    Evidence(acts::EvidenceVerb),
    /// Name the panel, as a chair
    #[command(after_long_help = examples::PANEL)]
    Panel(panel::PanelVerb),
    /// Draw the panel: announce it, commit to a secret, open it
    #[command(after_long_help = examples::DRAW)]
    Draw(panel::DrawVerb),
    /// Don't decide about some items, or about the whole case
    #[command(after_long_help = examples::RECUSE)]
    Recuse(panel::Recuse),
    /// Enter that the subject asks that a seat doesn't decide
    #[command(after_long_help = examples::CHALLENGE)]
    Challenge(panel::ChallengeVerb),
    /// Decide a challenge of another seat
    #[command(after_long_help = examples::DECIDE_CHALLENGE)]
    DecideChallenge(panel::DecideChallenge),
    /// Put another seat in the place of one that is recused, out or gone
    #[command(after_long_help = examples::REPLACE)]
    Replace(panel::Replace),
    /// Enter who acts for subjects
    #[command(after_long_help = examples::REPRESENT)]
    Represent(notice::Represent),
    /// Prove that subjects were told
    #[command(after_long_help = examples::NOTIFIED)]
    Notified(notice::NotifiedVerb),
    /// Prove that an attempt to tell them failed
    #[command(after_long_help = examples::NOTICE_FAILED)]
    NoticeFailed(notice::NoticeFailed),
    /// Enter that they were told by a masked public notice
    #[command(after_long_help = examples::PUBLISHED)]
    Published(notice::Published),
    /// Enter that they answered
    #[command(after_long_help = examples::ANSWERED)]
    Answered(notice::Answered),
    /// Propose an interim measure
    #[command(after_long_help = examples::INTERIM)]
    Interim(decide::Interim),
    /// Put what was drafted before the panel
    #[command(after_long_help = examples::SESSION)]
    Session(decide::SessionVerb),
    /// Read what is put to the vote, letter by letter
    #[command(after_long_help = examples::READ)]
    Read(decide::Read),
    /// Be present at the session
    #[command(after_long_help = examples::PRESENT)]
    Present(vote::Present),
    /// Vote: sealed until all have voted, or the time is up
    #[command(after_long_help = examples::VOTE)]
    Vote(Box<vote::VoteVerb>),
    /// Open your vote
    #[command(after_long_help = examples::OPEN_VOTE)]
    OpenVote(vote::OpenVote),
    /// Close the session once all votes are open, or the time is over
    #[command(after_long_help = examples::CLOSE_SESSION)]
    CloseSession(decide::CloseSession),
    /// Say what was carried, or order an interim
    #[command(after_long_help = examples::RESOLVE)]
    Resolve(decide::Resolve),
    /// Confirm a resolution, as a chair
    #[command(after_long_help = examples::CONFIRM)]
    Confirm(decide::Confirm),
    /// Take back what a session carried, as a chair
    #[command(after_long_help = examples::WITHDRAW)]
    Withdraw(decide::Withdraw),
    /// Make the docket of what was resolved, to be signed
    #[command(after_long_help = examples::DOCKET)]
    Docket(Box<decide::DocketVerb>),
    /// Prove that a decision was told: from then runs the time to object
    #[command(after_long_help = examples::DECISION_NOTIFIED)]
    DecisionNotified(notice::DecisionNotified),
    /// Enter that a decision was told by a masked public notice
    #[command(after_long_help = examples::DECISION_PUBLISHED)]
    DecisionPublished(notice::DecisionPublished),
    /// File how it goes with somebody who returned, during probation
    #[command(after_long_help = examples::PROBATION_REPORTED)]
    ProbationReported(notice::ProbationReported),
    /// Approve that a seat reads what is sealed about a minor
    #[command(after_long_help = examples::APPROVE_ACCESS)]
    ApproveAccess(acts::ApproveAccess),
    /// Close the case
    #[command(after_long_help = examples::CLOSE)]
    Close(acts::Close),
    /// Show how each seat voted
    #[command(after_long_help = examples::MINUTES)]
    Minutes(shown::MinutesVerb),
    /// Write the chain with the log's acknowledgements, for auditors
    #[command(after_long_help = examples::EXPORT)]
    Export(shown::Export),
}

impl CaseVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            match self.act {
                CaseAct::Open(open) => open.run().await?,
                CaseAct::List(list) => list.run().await?,
                CaseAct::Show(show) => show.run().await?,
                CaseAct::AddItem(add) => add.run().await?,
                CaseAct::DropItem(drop) => drop.run().await?,
                CaseAct::Evidence(evidence) => evidence.run().await?,
                CaseAct::Panel(panel) => panel.run().await?,
                CaseAct::Draw(draw) => draw.run().await?,
                CaseAct::Recuse(recuse) => recuse.run().await?,
                CaseAct::Challenge(challenge) => challenge.run().await?,
                CaseAct::DecideChallenge(decide) => decide.run().await?,
                CaseAct::Replace(replace) => replace.run().await?,
                CaseAct::Represent(represent) => represent.run().await?,
                CaseAct::Notified(notified) => notified.run().await?,
                CaseAct::NoticeFailed(failed) => failed.run().await?,
                CaseAct::Published(published) => published.run().await?,
                CaseAct::Answered(answered) => answered.run().await?,
                CaseAct::Interim(interim) => interim.run().await?,
                CaseAct::Session(session) => session.run().await?,
                CaseAct::Read(read) => read.run().await?,
                CaseAct::Present(present) => present.run().await?,
                CaseAct::Vote(vote) => vote.run().await?,
                CaseAct::OpenVote(open) => open.run().await?,
                CaseAct::CloseSession(close) => close.run().await?,
                CaseAct::Resolve(resolve) => resolve.run().await?,
                CaseAct::Confirm(confirm) => confirm.run().await?,
                CaseAct::Withdraw(withdraw) => withdraw.run().await?,
                CaseAct::Docket(docket) => docket.run().await?,
                CaseAct::DecisionNotified(notified) => notified.run().await?,
                CaseAct::DecisionPublished(published) => published.run().await?,
                CaseAct::ProbationReported(reported) => reported.run().await?,
                CaseAct::ApproveAccess(approve) => approve.run().await?,
                CaseAct::Close(close) => close.run().await?,
                CaseAct::Minutes(minutes) => minutes.run().await?,
                CaseAct::Export(export) => export.run().await?,
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// Deals with the cases of the registry in a session, by the copy of the log in the seat's home.
async fn with_cases<T>(
    seat: &SeatArgs,
    act: impl AsyncFnOnce(
        &Cases<'_>,
        &callboard_desk::registry::Registry<'_>,
        &callboard_keys::SeatKey,
    ) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let session = seat.session().await?;
    let (caller, home) = (session.caller()?, seat.home());
    let registry = callboard_desk::registry::Registry::new(&session.pin, &caller).with_home(&home);
    let log = super::seat::own_log(&registry, &home).await?;
    let registry = registry.with_log(Some(&log));
    let cases = Cases::begin(&registry, &session.key, &home).await?;
    act(&cases, &registry, &session.key).await
}

impl One {
    /// Takes an act in the case, and tells it with what waits for this seat next.
    async fn take(
        &self,
        act: impl AsyncFnOnce(&Cases<'_>, &CaseFile) -> anyhow::Result<(Act, Said)>,
    ) -> anyhow::Result<()> {
        with_cases(&self.seat, async |cases, _, _| {
            let file = cases.fetch(self.case, &mut os_rng()).await?;
            let (act, said) = act(cases, &file).await?;
            let file = cases.act(file, act, said, &mut os_rng()).await?;
            tell(cases, &file).await
        })
        .await
    }
}

/// Tells the last event, and what waits for this seat next.
async fn tell(cases: &Cases<'_>, file: &CaseFile) -> anyhow::Result<()> {
    let told = cases.timeline(file, &mut os_rng()).await?;
    output::lines(told.last().map(Told::lines).unwrap_or_default());
    for waits in cases.waits(file)? {
        output::line([output::yellow(zh_en!("待您办理：{}", "waits for you: {}", waits.text()))]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::Cli;

    /// A case's id in place of the one that help abbreviates.
    const CASE: &str = "019c167f-cc00-7568-8a65-6cc0703e460a";

    #[test]
    fn each_act_shows_calls_of_its_own_that_are_taken() {
        let command = <Cli as clap::CommandFactory>::command();
        let acts = command.find_subcommand("case").unwrap();
        for act in acts.get_subcommands() {
            let help = act.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            let name = act.get_name();
            let begins = format!("callboard case {name} ");
            let calls = help.lines().map(str::trim).filter(|line| line.starts_with(&begins));
            let calls: Vec<_> = calls.map(|line| line.replace("019c…", CASE)).collect();
            assert!(!calls.is_empty(), "{name}: {help}");
            for call in calls {
                let pieces = call.split('"').enumerate();
                let words = pieces.flat_map(|(at, piece)| match at % 2 {
                    0 => piece.split_whitespace().map(str::to_owned).collect(),
                    _ => vec![piece.to_owned()],
                });
                assert!(Cli::try_parse_from(words).is_ok(), "{call}");
            }
        }
    }
}
