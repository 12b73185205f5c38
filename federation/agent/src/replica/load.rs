//! Bringing the log back from the replica's file, and setting a file aside that can't be of this log.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use callboard_api::agent::{answer::View, operating::Alarm};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::{Hash, Time},
    records::Place,
    replay::Replay,
    tlog::{checkpoint::SignedCheckpoint, view::Watchers},
};

use super::{
    ReplicaError,
    state::{ReadError, State, follow_lines},
};
use crate::{
    file_error::FileError,
    store::{StoreError, replica::ReplicaStore},
};

/// How many lines are read at once: a page of dockets of some dozens of records is some twenty megabytes.
const PAGE: u64 = 128;
const FILE: &str = "replica.sqlite";

/// Opens and replays the file, or a new one in its place.
pub(super) async fn open(directory: &Path, genesis: Hash, now: Time) -> Result<(ReplicaStore, State), ReplicaError> {
    let path = directory.join(FILE);
    let why = match ReplicaStore::open(&path, &genesis).await {
        Ok(store) => match replay(&store, Replay::new(Some(genesis))).await {
            Ok(state) => return Ok((store, state)),
            Err(ReplicaError::Store(error)) if error.is_of_the_file() => {
                store.close().await;
                error
            }
            Err(error) => return Err(error),
        },
        Err(error) if error.is_of_the_file() => error,
        Err(error) => return Err(error.into()),
    };
    let aside = set_aside(&path).map_err(FileError::io(path.display().to_string()))?;
    tracing::error!(replica.path = %aside.display(), error = &why as &dyn std::error::Error, "the replica is set aside");
    let store = ReplicaStore::open(&path, &genesis).await?;
    let mut state = State::new(Replay::new(Some(genesis)));
    state.raise(Alarm::ReplicaSetAside, now, &format!("{why}; it is {} now, and is followed anew", aside.display()));
    Ok((store, state))
}

/// Renames the database and what SQLite keeps beside it.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = |number: u32| path.with_extension(format!("set-aside-{number}.sqlite"));
    let free = (1..=u32::MAX).map(aside).find(|path| !path.exists()).ok_or(io::ErrorKind::AlreadyExists)?;
    fs::rename(path, &free)?;
    for beside in ["-wal", "-shm"] {
        let with = |path: &Path| PathBuf::from(format!("{}{beside}", path.display()));
        match fs::rename(with(path), with(&free)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(free)
}

/// The state after all lines of the file. Lines that its own hashes don't bear out make the file foreign.
pub(super) async fn replay(store: &ReplicaStore, from_start: Replay) -> Result<State, ReplicaError> {
    let head = store.head().await?;
    let size = store.size().await?;
    if head.confirmed > size {
        return Err(StoreError::Foreign("fewer lines than are confirmed").into());
    }
    let page = |from: u64| {
        let store = store.clone();
        tokio::spawn(async move { store.lines(from, size.min(from.saturating_add(PAGE))).await })
    };
    let mut state = State::new(from_start);
    let mut next = page(0);
    while state.size() < size {
        let from = state.size();
        let lines = next.await.map_err(|_| ReplicaError::Stopping)??;
        next = page(from + lines.len() as u64);
        let follow = move || {
            let followed = follow_lines(from, &lines, |line| state.follow(line));
            (state, followed)
        };
        let followed = tokio::task::spawn_blocking(follow).await.map_err(|_| ReplicaError::Stopping)?;
        state = followed.0;
        match followed.1 {
            Ok(()) if state.size() > from => {}
            Err(ReadError::BeginAgain(again)) => {
                state = State::new(*again);
                next = page(0);
            }
            Ok(()) | Err(_) => return Err(StoreError::Foreign("lines that the log does not bear out").into()),
        }
    }
    state.confirmed = head.confirmed;
    let erased = std::mem::take(&mut state.erased);
    forget(store, erased).await?;
    Ok(state)
}

/// Takes erased statements out of the file: what is erased is gone here too.
pub(super) async fn forget(store: &ReplicaStore, erased: Vec<Place>) -> Result<(), StoreError> {
    let any = !erased.is_empty();
    for Place { index, position } in erased {
        let lines = store.lines(index, index + 1).await?;
        let Some(mut line) = lines.first().and_then(|line| Disclosure::from_json(line).ok()) else { continue };
        line.erase(position);
        store.rewrite(index, &line.to_json()).await?;
    }
    if any { store.purge().await } else { Ok(()) }
}

/// The view that was the newest when the agent stopped: it is as old as it is, and may do until the registry answers.
pub(super) async fn view(
    store: &ReplicaStore,
    state: &mut State,
    issuer: &str,
    now: Time,
) -> Result<Option<SignedCheckpoint>, ReplicaError> {
    let head = store.head().await?;
    let read = |text: Option<String>| text.and_then(|text| text.parse::<SignedCheckpoint>().ok());
    state.view = read(head.witnessed).and_then(|note| witnessed(state, &note, issuer, now));
    Ok(read(head.note))
}

/// The view of a checkpoint that the replica bears out, if enough watch it, by a clock that says `now`.
pub(super) fn witnessed(state: &State, note: &SignedCheckpoint, issuer: &str, now: Time) -> Option<View> {
    let stated = note.checkpoint();
    let roster = state.roster_at(stated.size)?;
    if state.replay.tree().root(stated.size) != Some(stated.root) || stated.origin.as_str() != issuer {
        return None;
    }
    let since = Watchers::from(&**roster).witnessed_since(note, now).ok()??;
    let since = Time::from_seconds(i64::try_from(since).ok()?);
    Some(View { size: stated.size, since, witnessed: roster.witnesses.quorum > 0 })
}
