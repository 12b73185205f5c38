//! What was read of cases while the key is open, in memory that goes with it: pages open at once, and a round reads again
//! only what moved. In each round this seat's sealed vote is opened, once the rules take it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use callboard_api::registry::{cases::CaseEntry, drafts::DraftState};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    cases::{
        Cases,
        case_file::CaseFile,
        proposal::proposals,
        sealed::{Said, SealedContent},
        timeline::Part,
        waiting::{Task, Waits},
    },
    drafts::{Drafts, part::title},
    letter::term::time_text,
    registry::Registry,
};
use callboard_federation::{
    encoding::{CaseId, DraftId, Hash, Time},
    event::CaseState,
    zh_en,
};
use callboard_rules::case::{
    Stage,
    act::{Act, Proposal},
    number::ItemNumber,
};

use super::cases;
use crate::{
    App,
    session::{Rounds, Seat},
};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(15);
/// How many open cases a round reads of those that moved; the next goes on.
const A_ROUND: usize = 50;

/// What was read.
#[derive(Default)]
pub(crate) struct Known {
    read: BTreeMap<CaseId, Arc<ReadCase>>,
    /// Cases of which an own act is missing, in words.
    alarms: BTreeMap<CaseId, String>,
    /// Those that aren't closed, as the registry listed them last; nothing before it did.
    open: Option<Vec<CaseEntry>>,
    /// Drafts that were looked at, and what of them is put to the vote.
    proposals: BTreeMap<DraftId, Option<Arc<Proposed>>>,
    failure: Option<String>,
}

/// A case as it was read.
pub(crate) struct ReadCase {
    pub(crate) file: CaseFile,
    pub(crate) parts: Vec<Part>,
}

/// What is put to the vote in a case, as it travels as a draft.
pub(crate) struct Proposed {
    pub(crate) draft: DraftId,
    pub(crate) case: CaseId,
    pub(crate) items: Vec<Proposal>,
    /// How many of what, and who drafted it when.
    pub(crate) label: String,
}

/// An open case in a list.
#[derive(Clone)]
pub(crate) struct OpenCase {
    pub(crate) entry: CaseEntry,
    /// Absent until it was read.
    pub(crate) read: Option<Arc<ReadCase>>,
    pub(crate) alarm: Option<String>,
}

impl ReadCase {
    pub(crate) fn id(&self) -> CaseId {
        self.file.case.id()
    }

    fn head(&self) -> Option<Hash> {
        self.file.events.last().map(callboard_desk::cases::case_file::FiledEvent::hash)
    }

    pub(crate) fn opened_at(&self) -> Time {
        self.file.events.first().map_or_else(|| self.file.case.at(), |filed| filed.event.at)
    }

    fn contents(&self) -> impl Iterator<Item = (usize, &SealedContent)> {
        self.parts.iter().enumerate().filter_map(|(at, part)| match part {
            Part::Read(content) => Some((at, content)),
            _ => None,
        })
    }

    /// What people call it: the number or title that it was opened under.
    pub(crate) fn name(&self) -> String {
        let first = self.contents().find(|(at, _)| *at == 0).and_then(|(_, content)| content.text.as_deref());
        let name = first.and_then(|text| text.lines().next()).map(str::trim).filter(|name| !name.is_empty());
        name.map_or_else(|| unnamed(self.opened_at()), str::to_owned)
    }

    /// Whom an item is about, as far as it can be read.
    pub(crate) fn person(&self, item: ItemNumber) -> String {
        let subjects = self.contents().flat_map(|(_, content)| &content.subjects);
        let mut names: Vec<&str> = Vec::new();
        for subject in subjects.filter(|subject| subject.item == item) {
            for name in subject.names.iter().chain(&subject.accounts) {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        names.join(&zh_en!("、", ", "))
    }
}

/// A case whose name can't be read.
pub(crate) fn unnamed(opened_at: Time) -> String {
    let at = time_text(opened_at);
    zh_en!("{at}所立案件", "The case of {at}")
}

pub(crate) async fn run(app: &App) {
    let mut rounds = Rounds::every(EVERY);
    loop {
        let seat = rounds.next(app).await;
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
    if seat.log.is_none() {
        return Ok(());
    }
    cases!(app, seat, cases, registry);
    look_at_proposals(app, seat, &registry).await?;
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

/// Those that aren't closed, what moved last first.
async fn listed(cases: &Cases<'_>) -> Result<Vec<CaseEntry>, Error> {
    let mut open = Vec::new();
    for state in CaseState::ALL.into_iter().filter(|state| *state != CaseState::Closed) {
        open.extend(cases.list(Some(state), &mut os_rng()).await?);
    }
    Ok(open)
}

/// Reads a case anew. Sealed parts that were read before are read no more.
pub(super) async fn read(app: &App, cases: &Cases<'_>, id: CaseId) -> Result<Arc<ReadCase>, Error> {
    match cases.fetch(id, &mut os_rng()).await {
        Ok(file) => {
            app.known_cases(|known| known.alarms.remove(&id));
            Ok(keep(app, cases, file).await)
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
            None => cases.part(id, filed, &mut os_rng()).await,
        });
    }
    let read = Arc::new(ReadCase { file, parts });
    app.known_cases(|known| known.read.insert(id, read.clone()));
    read
}

/// Looks at drafts that weren't looked at yet: which of them are put to the vote, and where.
pub(super) async fn look_at_proposals(app: &App, seat: &Seat, registry: &Registry<'_>) -> Result<(), Error> {
    let drafts = Drafts::begin(registry, &seat.key).await?;
    let open = drafts.list(Some(DraftState::Open), &mut os_rng()).await?.drafts;
    for draft in open {
        if app.known_cases(|known| known.proposals.contains_key(&draft.id)).unwrap_or(true) {
            continue;
        }
        // One that isn't for this key it doesn't put to the vote.
        let opened = drafts.open(draft.id, &mut os_rng()).await.ok();
        let proposed = opened.and_then(|opened| {
            let case = opened.bundle.proposal()?.case;
            let items = proposals(&opened.bundle, case, &[]).ok()?;
            let (what, at) = (title(opened.bundle.docket()), time_text(draft.drafted_at));
            let label = zh_en!("{what}（{at}起草）", "{what} (drafted {at})");
            Some(Arc::new(Proposed { draft: draft.id, case, items, label }))
        });
        app.known_cases(|known| known.proposals.insert(draft.id, proposed));
    }
    Ok(())
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

impl App {
    /// What is known of cases, for whoever reads or changes it; nothing while it is locked.
    pub(crate) fn known_cases<T>(&self, with: impl FnOnce(&mut Known) -> T) -> Option<T> {
        self.session().as_mut().map(|session| with(&mut session.cases))
    }

    /// The open cases as they were listed last; nothing until they were, or why not.
    pub(crate) fn open_cases(&self) -> Result<Option<Vec<OpenCase>>, String> {
        let listed = self.known_cases(|known| {
            let of = |entry: &CaseEntry| OpenCase {
                entry: entry.clone(),
                read: known.read.get(&entry.case).cloned(),
                alarm: known.alarms.get(&entry.case).cloned(),
            };
            match (&known.open, &known.failure) {
                (Some(open), _) => Ok(Some(open.iter().map(of).collect())),
                (None, Some(why)) => Err(why.clone()),
                (None, None) => Ok(None),
            }
        });
        listed.unwrap_or(Ok(None))
    }

    /// What is put to the vote in a case.
    pub(crate) fn proposals_in(&self, case: CaseId) -> Vec<Arc<Proposed>> {
        let of = |known: &mut Known| {
            known.proposals.values().flatten().filter(|of| of.case == case).cloned().collect::<Vec<_>>()
        };
        self.known_cases(of).unwrap_or_default()
    }

    /// The closed cases that were read, with their names.
    pub(crate) fn closed_cases(&self) -> Vec<(CaseId, String)> {
        let is_closed = |read: &&Arc<ReadCase>| matches!(read.file.case.stage, Stage::Closed);
        let of = |known: &mut Known| {
            known.read.values().filter(is_closed).map(|read| (read.id(), read.name())).collect::<Vec<_>>()
        };
        self.known_cases(of).unwrap_or_default()
    }

    /// A case that was read, if it was.
    pub(crate) fn read_case(&self, case: CaseId) -> Option<Arc<ReadCase>> {
        self.known_cases(|known| known.read.get(&case).cloned()).flatten()
    }
}
