//! Cases are read while the key is open, and again only where they moved. In each round this seat's sealed vote is opened,
//! once the rules take it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use callboard_api::registry::{cases::CaseEntry, drafts::DraftState};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    bundle::Bundle,
    cases::{
        Cases,
        case_file::{CaseFile, FiledEvent},
        proposal::proposals,
        sealed::Said,
        timeline::Part,
        waiting::{Task, Waits},
    },
    drafts::{Drafts, part::title},
    letter::term::time_text,
    registry::Registry,
};
use callboard_federation::{
    docket::Publication,
    encoding::{CaseId, DraftId, Time},
    event::CaseState,
    statement::Statement,
    zh_en,
};
use callboard_rules::case::{Stage, act::Act};

use super::{
    cases,
    kept::{A_PAGE, LookedAt, Proposed, ReadCase, TOLD},
};
use crate::{
    App,
    session::{Rounds, Seat},
};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(15);
/// How many open cases a round reads of those that moved; the next goes on.
const A_ROUND: usize = 50;

pub(crate) async fn run(app: &App) {
    let mut rounds = Rounds::every(EVERY);
    loop {
        let seat = rounds.next(app).await;
        if seat.log.is_none() {
            // Without the log nothing of a case can be verified.
            rounds.again_soon();
            continue;
        }
        let failure = match round(app, &seat).await {
            Ok(()) | Err(Error::NoSeat) => None,
            Err(error) => {
                rounds.again_soon();
                Some(error_chain(&error))
            }
        };
        app.known_cases(|known| known.failure = failure);
    }
}

async fn round(app: &App, seat: &Seat) -> Result<(), Error> {
    cases!(app, seat, cases, registry);
    look_at_drafts(app, seat, &registry).await?;
    let open = listed(&cases).await?;
    let is_moved = |entry: &&CaseEntry| {
        let head = app.known_cases(|known| known.read.get(&entry.case).and_then(|read| read.head())).flatten();
        head != Some(entry.head)
    };
    let moved: Vec<CaseId> = open.iter().filter(is_moved).take(A_ROUND).map(|entry| entry.case).collect();
    let ids: BTreeSet<CaseId> = open.iter().map(|entry| entry.case).collect();
    app.known_cases(|known| {
        known.alarms.retain(|case, _| ids.contains(case));
        known.open = Some(open);
    });
    for case in moved {
        // One that can't be read is told on its page; the others are read all the same.
        let _ = read(app, &cases, case).await;
    }
    for case in ids {
        if let Some(read) = app.known_cases(|known| known.read.get(&case).cloned()).flatten() {
            // One that can't be opened is told on its page.
            let _ = opens_vote(app, &cases, &read).await;
        }
    }
    Ok(())
}

/// Lists the open cases anew: one was opened on this desk.
pub(super) async fn list_anew(app: &App, cases: &Cases<'_>) -> Result<(), Error> {
    let open = listed(cases).await?;
    app.known_cases(|known| known.open = Some(open));
    Ok(())
}

/// Those that aren't closed, what moved last first.
async fn listed(cases: &Cases<'_>) -> Result<Vec<CaseEntry>, Error> {
    let mut open = Vec::new();
    for state in CaseState::ALL.into_iter().filter(|state| *state != CaseState::Closed) {
        open.extend(cases.list(Some(state), &mut os_rng()).await?);
    }
    Ok(open)
}

/// Which of a case's sealed parts are wanted: each is asked for by itself, and a case may have thousands.
#[derive(Clone, Copy)]
pub(super) enum Parts {
    /// What its page shows that begins behind so many items: what it is called, whom these are about, the newest events.
    Page(usize),
    All,
}

impl Parts {
    pub(super) const FIRST: Self = Self::Page(0);

    /// The numbers of the events whose parts are wanted.
    fn of(self, file: &CaseFile) -> BTreeSet<usize> {
        let count = file.events.len();
        let Self::Page(from) = self else { return (0..count).collect() };
        let shown: BTreeSet<_> = file.case.items.keys().skip(from).take(A_PAGE).collect();
        let adds = |filed: &FiledEvent| matches!(&filed.act, Act::ItemAdded { item, .. } if shown.contains(item));
        let added = file.events.iter().enumerate().filter(|(_, filed)| adds(filed)).map(|(at, _)| at);
        added.chain([0]).chain(count.saturating_sub(TOLD)..count).collect()
    }
}

/// Reads a case anew. Sealed parts that were read before are read no more.
pub(super) async fn read(app: &App, cases: &Cases<'_>, id: CaseId) -> Result<Arc<ReadCase>, Error> {
    read_parts(app, cases, id, Parts::FIRST).await
}

pub(super) async fn read_parts(
    app: &App,
    cases: &Cases<'_>,
    id: CaseId,
    wanted: Parts,
) -> Result<Arc<ReadCase>, Error> {
    match cases.fetch(id, &mut os_rng()).await {
        Ok(file) => {
            app.known_cases(|known| known.alarms.remove(&id));
            Ok(keep_parts(app, cases, file, wanted).await)
        }
        Err(error) => {
            if error.code() == "case-alarm" {
                app.known_cases(|known| known.alarms.insert(id, error.to_string()));
            }
            Err(error)
        }
    }
}

/// Keeps a case as it is now.
pub(super) async fn keep(app: &App, cases: &Cases<'_>, file: CaseFile) -> Arc<ReadCase> {
    keep_parts(app, cases, file, Parts::FIRST).await
}

async fn keep_parts(app: &App, cases: &Cases<'_>, file: CaseFile, wanted: Parts) -> Arc<ReadCase> {
    let wanted = wanted.of(&file);
    let id = file.case.id();
    let before = app.known_cases(|known| known.read.get(&id).cloned()).flatten();
    let mut parts = Vec::with_capacity(file.events.len());
    for (at, filed) in file.events.iter().enumerate() {
        let same = before.as_ref().and_then(|before| {
            let is_same = before.file.events.get(at).is_some_and(|other| other.hash() == filed.hash());
            before.parts.get(at).filter(|part| is_same && !matches!(part, Part::Unread)).cloned()
        });
        parts.push(match same {
            Some(part) => part,
            None if wanted.contains(&at) => cases.part(id, filed, &mut os_rng()).await,
            None => Part::Unread,
        });
    }
    let read = Arc::new(ReadCase { file, parts });
    app.known_cases(|known| known.read.insert(id, read.clone()));
    read
}

/// Looks at drafts that weren't looked at yet: which of them are put to the vote, and what follows from which procedure.
/// Those that were withdrawn are forgotten.
pub(super) async fn look_at_drafts(app: &App, seat: &Seat, registry: &Registry<'_>) -> Result<(), Error> {
    let drafts = Drafts::begin(registry, &seat.key).await?;
    let all = drafts.list(None, &mut os_rng()).await?.drafts;
    let gone: BTreeSet<_> =
        all.iter().filter(|draft| draft.state == DraftState::Withdrawn).map(|draft| draft.id).collect();
    app.known_cases(|known| known.drafts.retain(|id, _| !gone.contains(id)));
    for draft in all.into_iter().filter(|draft| draft.state == DraftState::Open) {
        if app.known_cases(|known| known.drafts.contains_key(&draft.id)).unwrap_or(true) {
            continue;
        }
        let opened = drafts.open(draft.id, &mut os_rng()).await;
        let looked = opened.map_or(LookedAt::Unread, |opened| looked_at(&opened.bundle, draft.id, draft.drafted_at));
        app.known_cases(|known| known.drafts.insert(draft.id, looked));
    }
    Ok(())
}

fn looked_at(bundle: &Bundle, draft: DraftId, at: Time) -> LookedAt {
    let Some(case) = bundle.proposal().map(|of| of.case) else {
        let statements = bundle.items().iter().filter_map(|item| Statement::from_json(&item.statement.0).ok());
        let procedures = statements.filter_map(|statement| Some(statement.basis()?.procedure));
        return LookedAt::Docket(procedures.collect());
    };
    let Ok(items) = proposals(bundle, case, &[]) else { return LookedAt::Unread };
    let (what, at) = (title(bundle.docket()), time_text(at));
    let label = zh_en!("{what}（{at}起草）", "{what} (drafted {at})");
    let publication = bundle.publication().and_then(|text| Publication::from_json(text).ok());
    let publication = publication.map(|public| (public.zh, public.en));
    LookedAt::Proposal(Arc::new(Proposed { draft, case, items, label, publication }))
}

/// Opens this seat's vote, once sealing is over.
async fn opens_vote(app: &App, cases: &Cases<'_>, read: &ReadCase) -> Result<(), Error> {
    let waits = cases.waits(&read.file)?;
    let is_due = |waits: &&Waits| matches!(waits.task, Task::OpenVote(_)) && waits.hindered.is_none();
    if waits.iter().any(|waits| is_due(&waits))
        && let Some((act, said)) = opened_vote(cases, &read.file)?
    {
        let _act = app.acting.lock().await;
        let file = cases.act(read.file.clone(), act, said, &mut os_rng()).await?;
        keep(app, cases, file).await;
    }
    Ok(())
}

/// What opens the vote that this seat sealed.
pub(super) fn opened_vote(cases: &Cases<'_>, file: &CaseFile) -> Result<Option<(Act, Said)>, Error> {
    let Stage::Sitting(session) = &file.case.stage else { return Ok(None) };
    let sealed = session.present.get(&cases.seat().holder).and_then(|ballot| ballot.sealed);
    let Some((_, commitment)) = sealed else { return Ok(None) };
    let secret = cases.secrets().open(file.case.id(), &commitment)?;
    let said = Said { text: secret.reasons, ..Said::default() };
    let vote = secret.vote.unwrap_or_default();
    Ok(Some((Act::VoteOpened { session: session.seq, secret: secret.secret, vote }, said)))
}
