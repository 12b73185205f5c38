//! What the index has of a docket and of each person in it.

use callboard_api::registry::drafts::{Draft, DraftState};
use callboard_federation::{
    encoding::{DraftId, Hash, RecordId, Time},
    identity::Identity,
    sealed::Plain,
    statement::{Kind, Measure, Statement},
};
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Bundle, BundleIdentity, Item},
    letter::earlier_record::number_of,
};

/// A docket, and those whom it is about.
#[derive(Clone, Serialize, Deserialize)]
pub struct IndexedDocket {
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// The draft that it came as; of one that lies in a file there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftId>,
    pub issued_at: Time,
    /// The number of its letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub state: DocketState,
    /// How many items it has, those of nobody counted in.
    pub items: u32,
    pub entries: Vec<Entry>,
}

/// How far a docket is, by the registry's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocketState {
    /// It waits to be signed.
    Open,
    /// It is put to the vote in a case.
    Proposed,
    Withdrawn,
    /// It is in the log, at this index.
    Logged(u64),
    /// It lies in a file, and isn't logged.
    Unsent,
}

/// An item of a docket that is about somebody.
#[derive(Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the docket, from 0.
    pub position: u32,
    pub record: RecordId,
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<RecordId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// As they were typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<BundleIdentity>,
    /// What it imposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<Time>,
}

/// Where a term leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) docket: Hash,
    /// The place in it; of the docket as a whole none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<u32>,
}

impl DocketState {
    /// How much it says of a record that stands in several dockets: what was put to the vote, in the docket that was
    /// resolved, too.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Logged(_) => 4,
            Self::Open => 3,
            Self::Unsent => 2,
            Self::Proposed => 1,
            Self::Withdrawn => 0,
        }
    }

    pub(super) fn of(draft: &Draft) -> Self {
        match (draft.state, draft.index) {
            (DraftState::Logged, index) => Self::Logged(index.unwrap_or_default()),
            (DraftState::Open, _) => Self::Open,
            (DraftState::Withdrawn, _) => Self::Withdrawn,
        }
    }
}

impl IndexedDocket {
    pub(super) fn of(bundle: &Bundle, draft: Option<DraftId>, state: DocketState) -> Self {
        let is_proposed = bundle.proposal().is_some() && matches!(state, DocketState::Open | DocketState::Unsent);
        let state = if is_proposed { DocketState::Proposed } else { state };
        let entries: Vec<Entry> =
            (0..).zip(bundle.items()).filter_map(|(position, item)| Entry::of(position, item)).collect();
        Self {
            docket: bundle.hash(),
            draft,
            issued_at: bundle.docket().issued_at,
            number: number(bundle),
            state,
            items: u32::try_from(bundle.items().len()).unwrap_or(u32::MAX),
            entries,
        }
    }

    /// The same without its people.
    #[must_use]
    pub fn head(&self) -> Self {
        Self { entries: Vec::new(), number: self.number.clone(), ..*self }
    }

    pub(super) fn entry(&self, position: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.position == position)
    }
}

impl Entry {
    fn of(position: u32, item: &Item) -> Option<Self> {
        let statement = Statement::from_json(&item.statement.0).ok().filter(|of| !of.kind().is_document())?;
        let Plain { names, accounts, .. } = item.details().unwrap_or_default();
        Some(Self {
            position,
            record: statement.id,
            kind: statement.kind(),
            about: statement.about().to_vec(),
            names,
            accounts,
            identities: item.identities.clone(),
            measure: statement.imposed().map(|imposed| imposed.measure.clone()),
            effective_at: statement.effective_at(),
        })
    }

    /// Its identities, normalised.
    pub fn identities(&self) -> impl Iterator<Item = Identity> {
        self.identities.iter().filter_map(|of| Identity::normalise(of.kind, &of.value, true).ok())
    }

    /// Those by which a person is one: an erasure may be of several people.
    pub(super) fn hard_identities(&self) -> impl Iterator<Item = Identity> {
        self.identities().filter(|identity| identity.kind().is_hard() && self.kind != Kind::Erasure)
    }
}

/// The number of the letters: as it was drafted, else as it is sealed.
pub(crate) fn number(bundle: &Bundle) -> Option<String> {
    let sealed = || bundle.items().iter().find_map(|item| number_of(&item.details()?).map(str::to_owned));
    bundle.number().map(str::to_owned).or_else(sealed)
}
