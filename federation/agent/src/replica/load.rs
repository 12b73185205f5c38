//! Bringing the replica back from its file: every line is followed again, and held against the checkpoint that was kept.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use callboard_federation::{
    disclosure::Disclosure,
    encoding::{Hash, Time},
    replay::ahead::{on_every_core, read_ahead},
    tlog::checkpoint::SignedCheckpoint,
};

use super::{
    ReplicaError,
    state::{State, Took},
};
use crate::store::{
    StoreError,
    replica::{Head, ReplicaStore},
};

/// How many lines are read at once.
const PAGE: u64 = 128;

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Damaged(String),
}

impl Unusable {
    pub(super) fn into_store(self) -> ReplicaError {
        match self {
            Self::Store(error) => error.into(),
            Self::Damaged(_) => StoreError::Corrupt("lines that no checkpoint bears out").into(),
        }
    }
}

/// Opens the file and follows all of it.
pub(super) async fn open(path: &Path, genesis: Hash) -> Result<(ReplicaStore, State), Unusable> {
    let (store, head) = ReplicaStore::open(path, genesis).await?;
    let state = match follow(&store, genesis, &head, BTreeSet::new()).await {
        Ok(state) => state,
        Err(unusable) => {
            store.close().await;
            return Err(unusable);
        }
    };
    Ok((store, state))
}

/// Follows the lines of a store up to where a checkpoint bears them out.
pub(super) async fn follow(
    store: &ReplicaStore,
    genesis: Hash,
    head: &Head,
    mut told: BTreeSet<u64>,
) -> Result<State, Unusable> {
    'again: loop {
        let mut state = State::new(genesis, told);
        let page = |from: u64| {
            let (store, to) = (store.clone(), head.size.min(from + PAGE));
            tokio::spawn(async move { if from < to { store.lines(from, to).await } else { Ok(Vec::new()) } })
        };
        let mut next = page(0);
        while state.size() < head.size {
            let lines = next.await.map_err(|_| Unusable::Damaged("it can't be read".to_owned()))??;
            next = page(state.size() + lines.len() as u64);
            let read = on_every_core(&lines, |line| Disclosure::from_json(line));
            let read = read.into_iter().collect::<Result<Vec<_>, _>>();
            let read = read.map_err(|error| Unusable::Damaged(error.to_string()))?;
            let followed = read_ahead(&read, |line| match state.take(line) {
                Ok(Took::Line) => Ok(()),
                Ok(Took::BeginAgain) => Err(None),
                Err(fault) => Err(Some(fault)),
            });
            match followed {
                Ok(()) => {}
                Err(None) => {
                    told = state.told();
                    continue 'again;
                }
                Err(Some(fault)) => return Err(Unusable::Damaged(fault.to_string())),
            }
        }
        for note in head.note.iter().chain(&head.witnessed) {
            let note: SignedCheckpoint = note.parse().map_err(|_| Unusable::Damaged("a checkpoint".to_owned()))?;
            let stated = note.checkpoint();
            if stated.size > head.size || state.size() > 0 && !state.bears_out(&note) {
                return Err(Unusable::Damaged("its checkpoint is not of its lines".to_owned()));
            }
            state.adopt(note);
        }
        return Ok(state);
    }
}

/// Renames a file, with its journal, so that another can be made.
pub(super) fn set_aside(path: &Path, now: Time) -> Result<(), ReplicaError> {
    for journal in ["", "-wal", "-shm"] {
        let from = PathBuf::from(format!("{}{journal}", path.display()));
        let to = PathBuf::from(format!("{}.damaged-{}{journal}", path.display(), now.as_millis()));
        if from.exists() {
            fs::rename(&from, to).map_err(|source| ReplicaError::SetAside { path: from, source })?;
        }
    }
    Ok(())
}

/// An evidence file in the agent's directory: the fork that it proves stands until somebody takes the file away.
pub(super) fn evidence_in(directory: &Path) -> Option<PathBuf> {
    let is_evidence = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("evidence-"))
            && path.extension().is_some_and(|extension| extension == "json")
    };
    fs::read_dir(directory).ok()?.filter_map(Result::ok).map(|entry| entry.path()).find(is_evidence)
}
