//! What is kept of cases while the key is open, in memory that goes with it, so that pages open at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use callboard_api::registry::cases::CaseEntry;
use callboard_desk::{
    cases::{
        case_file::{CaseFile, FiledEvent},
        sealed::SealedContent,
        timeline::Part,
    },
    letter::term::time_text,
};
use callboard_federation::{
    encoding::{CaseId, DraftId, Hash, Time},
    zh_en,
};
use callboard_rules::case::{Stage, act::Proposal, number::ItemNumber};

use crate::App;

/// How many events a case's page lists unless all are asked for.
pub(super) const TOLD: usize = 100;
/// How many items it lists, and how many papers.
pub(super) const A_PAGE: usize = 50;

/// What was read.
#[derive(Default)]
pub(crate) struct Known {
    pub(super) read: BTreeMap<CaseId, Arc<ReadCase>>,
    /// Cases of which an own act is missing, in words.
    pub(super) alarms: BTreeMap<CaseId, String>,
    /// Those that aren't closed, as the registry listed them last; nothing before it did.
    pub(super) open: Option<Vec<CaseEntry>>,
    /// Drafts that were looked at, and weren't withdrawn since.
    pub(super) drafts: BTreeMap<DraftId, LookedAt>,
    pub(super) failure: Option<String>,
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
    /// How many of what, and when it was drafted.
    pub(crate) label: String,
    /// What is published with it, in Chinese and English.
    pub(super) publication: Option<(String, String)>,
}

/// What a draft has to do with cases.
pub(super) enum LookedAt {
    /// It is put to the vote in one.
    Proposal(Arc<Proposed>),
    /// It is to be signed, and follows from these procedures.
    Docket(BTreeSet<Hash>),
    /// It isn't for this key.
    Unread,
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

    pub(super) fn head(&self) -> Option<Hash> {
        self.file.events.last().map(FiledEvent::hash)
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
            let proposals = known.drafts.values().filter_map(|draft| match draft {
                LookedAt::Proposal(proposed) if proposed.case == case => Some(proposed.clone()),
                _ => None,
            });
            proposals.collect::<Vec<_>>()
        };
        self.known_cases(of).unwrap_or_default()
    }

    /// The draft that follows from a procedure, if there is one to be signed.
    pub(super) fn docket_of(&self, procedure: &Hash) -> Option<DraftId> {
        let of = |known: &mut Known| {
            let follows = |draft: &LookedAt| matches!(draft, LookedAt::Docket(of) if of.contains(procedure));
            known.drafts.iter().find(|(_, draft)| follows(draft)).map(|(id, _)| *id)
        };
        self.known_cases(of).flatten()
    }

    /// A draft that was made on this desk just now.
    pub(super) fn keep_docket(&self, draft: DraftId, procedure: Hash) {
        self.known_cases(|known| known.drafts.insert(draft, LookedAt::Docket(BTreeSet::from([procedure]))));
    }

    /// A draft that was withdrawn.
    pub(super) fn forget_draft(&self, draft: DraftId) {
        self.known_cases(|known| known.drafts.remove(&draft));
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
