//! The index is brought up to date: what is new at the registry and in the home is opened, once; what was erased goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::UNIX_EPOCH,
};

use callboard_api::registry::drafts::Draft;
use callboard_federation::encoding::{DraftId, Hash};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::{
    Index,
    entry::{DocketState, Entry, IndexedDocket, Reference},
    erased, shards,
    term::{self, Term},
};
use crate::{Error, bundle::Bundle, drafts::Drafts};

/// After how many people what was opened is written down: each file of the index is then written once for all of them.
const AT_ONCE: usize = 2_000;

/// What a look brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gathered {
    /// How many drafts the index has read.
    pub drafts: usize,
    /// How many of them this key doesn't open.
    pub closed: usize,
    /// How many records left it, since they were erased.
    pub erased: usize,
}

/// What was read already.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Seen {
    drafts: BTreeMap<DraftId, SeenDraft>,
    files: BTreeMap<String, SeenFile>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct SeenDraft {
    docket: Hash,
    state: DocketState,
    /// How many answers it had when this key didn't open it: another may bring it within reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed: Option<usize>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_erased: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct SeenFile {
    bytes: u64,
    /// In milliseconds.
    modified: u64,
    /// What is in it, if this key opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    docket: Option<Hash>,
}

/// Brings the index of a home up to date; one that is damaged is made anew.
pub async fn gather(home: &Path, drafts: &Drafts<'_>, rng: &mut impl CryptoRng) -> Result<Gathered, Error> {
    let index = Index::make(home, drafts.key(), rng)?;
    match index.gather(home, drafts, rng).await {
        Err(error) if shards::is_damaged(&error) => {
            Index::discard(home)?;
            Index::make(home, drafts.key(), rng)?.gather(home, drafts, rng).await
        }
        gathered => gathered,
    }
}

impl Index<'_> {
    async fn gather(&self, home: &Path, drafts: &Drafts<'_>, rng: &mut impl CryptoRng) -> Result<Gathered, Error> {
        let mut seen: Seen = self.shards.seen()?;
        let list = drafts.list(None, rng).await?.drafts;
        let read = self.read_drafts(&list, &mut seen, drafts, rng).await;
        // What was read before something failed stays read.
        self.shards.keep_seen(&seen)?;
        read?;
        self.read_files(home, &mut seen)?;
        self.shards.keep_seen(&seen)?;
        let erased = self.forget_erased(home, &list, &mut seen, drafts).await;
        self.shards.keep_seen(&seen)?;
        let closed = seen.drafts.values().filter(|draft| draft.closed.is_some()).count();
        Ok(Gathered { drafts: seen.drafts.len(), closed, erased: erased? })
    }

    async fn read_drafts(
        &self,
        list: &[Draft],
        seen: &mut Seen,
        drafts: &Drafts<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), Error> {
        let (mut waiting, mut read, mut people) = (Vec::new(), Vec::new(), 0);
        let mut failed = None;
        for draft in list.iter().filter(|draft| draft.erased_at.is_none()) {
            let state = DocketState::of(draft);
            let (id, docket) = (draft.id, draft.docket);
            if let Some(known) = seen.drafts.get_mut(&id)
                && known.closed.is_none_or(|answers| answers == draft.answers.len())
            {
                if known.state != state {
                    self.set_state(&docket, state)?;
                    known.state = state;
                }
                continue;
            }
            let closed = match drafts.open(id, rng).await {
                Ok(opened) => {
                    let docket = IndexedDocket::of(&opened.bundle, Some(id), state);
                    people += docket.entries.len();
                    waiting.push(docket);
                    None
                }
                Err(Error::Other(_) | Error::Docket(_)) => Some(draft.answers.len()),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            read.push((id, SeenDraft { docket, state, closed, is_erased: false }));
            if people >= AT_ONCE {
                self.put(std::mem::take(&mut waiting))?;
                seen.drafts.extend(read.drain(..));
                people = 0;
            }
        }
        self.put(waiting)?;
        seen.drafts.extend(read);
        failed.map_or(Ok(()), Err)
    }

    /// Reads the bundles that lie in the home and weren't read as they are now.
    fn read_files(&self, home: &Path, seen: &mut Seen) -> Result<(), Error> {
        let mut there = BTreeSet::new();
        for path in erased::bundles(home) {
            let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
            there.insert(name.clone());
            let Ok(found) = fs::metadata(&path) else { continue };
            let modified = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let modified = modified.and_then(|since| u64::try_from(since.as_millis()).ok()).unwrap_or_default();
            let file = SeenFile { bytes: found.len(), modified, docket: None };
            if seen.files.get(&name).is_some_and(|known| SeenFile { docket: None, ..*known } == file) {
                continue;
            }
            let bundle = Bundle::open(&path, self.shards.key()).ok();
            if let Some(bundle) = &bundle {
                // What an erasure took out of it comes back with the file, and goes again with it.
                let new = IndexedDocket::of(bundle, None, DocketState::Unsent);
                match self.docket(&new.docket)? {
                    Some(known) if known.entries.len() == new.entries.len() => {}
                    Some(known) => self.put(vec![IndexedDocket { draft: known.draft, state: known.state, ..new }])?,
                    None => self.put(vec![new])?,
                }
            }
            seen.files.insert(name, SeenFile { docket: bundle.map(|bundle| bundle.hash()), ..file });
        }
        seen.files.retain(|name, _| there.contains(name));
        Ok(())
    }

    /// Has what was erased leave index and home: of drafts whose ciphertext is gone, and of files that came as no draft.
    async fn forget_erased(
        &self,
        home: &Path,
        list: &[Draft],
        seen: &mut Seen,
        drafts: &Drafts<'_>,
    ) -> Result<usize, Error> {
        let mut count = 0;
        let is_there = |draft: &&Draft| draft.erased_at.is_none();
        let there: BTreeSet<Hash> = list.iter().filter(is_there).map(|draft| draft.docket).collect();
        for draft in list.iter().filter(|draft| draft.erased_at.is_some()) {
            if seen.drafts.get(&draft.id).is_some_and(|known| known.is_erased) {
                continue;
            }
            let (docket, state) = (draft.docket, DocketState::of(draft));
            count += erased::forget(self, home, docket, drafts.registry()).await?;
            seen.drafts.insert(draft.id, SeenDraft { docket, state, closed: None, is_erased: true });
        }
        if count > 0 {
            // What was put to the vote is no docket: the registry erases none for it.
            for docket in &there {
                if self.docket(docket)?.is_some_and(|known| known.state == DocketState::Proposed) {
                    count += erased::forget(self, home, *docket, drafts.registry()).await?;
                }
            }
        }
        let files: BTreeSet<Hash> = seen.files.values().filter_map(|file| file.docket).collect();
        for docket in files.difference(&there) {
            count += erased::forget(self, home, *docket, drafts.registry()).await?;
        }
        Ok(count)
    }

    /// Adds dockets, or puts them in the place of what was known of them: first themselves, then what leads to them.
    pub fn put(&self, dockets: Vec<IndexedDocket>) -> Result<(), Error> {
        let mut terms: BTreeMap<u16, Vec<(String, Reference)>> = BTreeMap::new();
        for of in &dockets {
            let own = term::of_docket(of).map(|term| (term, None));
            let each = of.entries.iter().flat_map(terms_with_place);
            for (term, position) in own.into_iter().chain(each) {
                let (shard, called) = self.shards.of_term(&term);
                terms.entry(shard).or_default().push((called, Reference { docket: of.docket, position }));
            }
        }
        let mut by_shard: BTreeMap<u16, Vec<IndexedDocket>> = BTreeMap::new();
        for docket in dockets {
            by_shard.entry(self.shards.of_docket(&docket.docket)).or_default().push(docket);
        }
        for (shard, new) in by_shard {
            let mut all = self.shards.dockets(shard)?;
            all.retain(|known| new.iter().all(|new| new.docket != known.docket));
            all.extend(new);
            self.shards.keep_dockets(shard, &all)?;
        }
        for (shard, new) in terms {
            let mut all = self.shards.terms(shard)?;
            for (called, reference) in new {
                let known = all.entry(called).or_default();
                if !known.contains(&reference) {
                    known.push(reference);
                }
            }
            self.shards.keep_terms(shard, &all)?;
        }
        Ok(())
    }

    pub(super) fn set_state(&self, docket: &Hash, state: DocketState) -> Result<(), Error> {
        let shard = self.shards.of_docket(docket);
        let mut all = self.shards.dockets(shard)?;
        for known in all.iter_mut().filter(|known| known.docket == *docket) {
            known.state = state;
        }
        self.shards.keep_dockets(shard, &all)
    }

    /// Takes the entries out that are gone: first what leads to them, so that whatever breaks off is done again.
    pub(super) fn remove(&self, docket: &IndexedDocket, is_gone: impl Fn(u32) -> bool) -> Result<usize, Error> {
        let gone: Vec<&Entry> = docket.entries.iter().filter(|entry| is_gone(entry.position)).collect();
        let (count, is_whole) = (gone.len(), gone.len() == docket.entries.len());
        let own = term::of_docket(docket).filter(|_| is_whole).map(|term| (term, None));
        let each = gone.into_iter().flat_map(terms_with_place);
        for (term, position) in own.into_iter().chain(each) {
            let (shard, called) = self.shards.of_term(&term);
            let mut all = self.shards.terms(shard)?;
            let reference = Reference { docket: docket.docket, position };
            if let Some(known) = all.get_mut(&called) {
                known.retain(|of| *of != reference);
                if known.is_empty() {
                    all.remove(&called);
                }
                self.shards.keep_terms(shard, &all)?;
            }
        }
        let shard = self.shards.of_docket(&docket.docket);
        let mut all = self.shards.dockets(shard)?;
        for known in all.iter_mut().filter(|known| known.docket == docket.docket) {
            known.entries.retain(|entry| !is_gone(entry.position));
        }
        all.retain(|known| known.docket != docket.docket || !known.entries.is_empty());
        self.shards.keep_dockets(shard, &all)?;
        Ok(count)
    }
}

/// What leads to an entry, and where.
fn terms_with_place(entry: &Entry) -> impl Iterator<Item = (Term, Option<u32>)> + use<> {
    let position = Some(entry.position);
    term::of_entry(entry).into_iter().map(move |term| (term, position))
}
