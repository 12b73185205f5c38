//! Judging the checkpoint that ends an answer: that the leaves give its root, that it follows what was cosigned, that its
//! times can be; then it is cosigned, and watched long enough by enough it is the view that checks are answered from.
//!
//! Implements *Freshness* and *Agents are witnesses* of `docs/formats.md` §8.

use std::{sync::Arc, time::Duration};

use callboard_api::{agent::answer::View, registry::log::SUBMIT_COSIGNATURES};
use callboard_client::{evidence, http, runtime::error_chain};
use callboard_federation::{
    disclosure::Disclosure,
    encoding::Time,
    entry::Entry,
    evidence::Evidence,
    replay::{LineError, LineErrorKind},
    root_report::RootReport,
    roster::Roster,
    tlog::{
        checkpoint::SignedCheckpoint,
        merkle::{Tree, leaf_hash},
        view::{ClockError, Watchers, check_clocks},
    },
};

use super::{Alarm, Inner, ReplicaError, follow::ask, load::witnessed, state::State, status::passes};

/// The newest checkpoint is cosigned again once the last cosignature is this old, in seconds: looks are up to 25 s
/// apart, so it is each minute.
const AGAIN_AFTER: u64 = 30;

enum CheckpointError {
    Alarm(Alarm, String),
    /// The leaves don't give its root.
    Root,
    /// Another history than what was cosigned, and the tree at hand shows it.
    Fork(Box<SignedCheckpoint>),
}

impl Inner {
    /// Takes a checkpoint over lines that were followed, the newest of them from index `from` on.
    pub(super) async fn judge(&self, mut note: SignedCheckpoint, from: u64) -> Result<(), ReplicaError> {
        let now = self.clock.now();
        let wrong = { self.check(&self.read(), &note, from, now) };
        match wrong {
            None => {}
            Some(CheckpointError::Alarm(alarm, detail)) => {
                if alarm == Alarm::RolledBack {
                    self.show_newest().await;
                }
                return Err(self.raise(alarm, &detail));
            }
            Some(CheckpointError::Fork(other)) => {
                let convicted = self.convict(&other, &note, None);
                self.show_registry(&other).await;
                return Err(if let Some(convicted) = convicted { convicted } else { self.not_borne_out(&other).await });
            }
            Some(CheckpointError::Root) => {
                // First what proves it: a registry that is shown may answer nothing more.
                let found = self.investigate(&note).await;
                self.show_newest().await;
                return Err(found);
            }
        }
        let size = note.checkpoint().size;
        if size < self.read().size() {
            // Another of the registry's machines, which is behind, or a registry whose store was set back: it learns of
            // it by what it signed itself, before it signs another history. What is shown of the log is the same.
            self.show_newest().await;
            return Ok(());
        }
        self.look_for_other_agent(&note, now);
        self.cosign(&note, now)?;
        // The registry doesn't have ours yet, or it was lost on the way.
        let ours = self.cosigned().lines_under(&note);
        for line in &ours {
            note.add(line.clone());
        }
        let before = self.contact().note.as_ref().map(|note| note.checkpoint().size);
        let view = witnessed(&self.read(), &note, &self.config.issuer, now);
        if view.is_some() || before != Some(size) {
            self.store.confirm(size, &note.to_string(), view.is_some()).await?;
            self.contact().note = Some(note.clone());
        }
        self.show(size, view);
        self.forget_erased().await?;
        if !ours.is_empty() {
            let url = self.config.url.at(SUBMIT_COSIGNATURES.description.path);
            http::post(&self.client, &url, "text/plain", note.to_string().into_bytes()).await?;
        }
        // Cosignatures ahead of the clock are left out. Where the log's own is among them, it is most likely the clock.
        let own_is_ahead = |roster: &Arc<Roster>| Watchers::from(&**roster).own_is_ahead(&note, now);
        if view.is_none() && self.read().roster_at(size).is_some_and(own_is_ahead) {
            Err(self.raise(Alarm::ClockBehind, &"cosignatures are over 5 min ahead of this clock"))
        } else {
            Ok(())
        }
    }

    /// Shows the registry the newest note of its own that we hold.
    async fn show_newest(&self) {
        let kept = self.contact().note.clone();
        let cosigned = self.cosigned().note().cloned();
        let newest = kept.into_iter().chain(cosigned).max_by_key(|note| note.checkpoint().size);
        if let Some(newest) = newest {
            self.show_registry(&newest).await;
        }
    }

    async fn show_registry(&self, note: &SignedCheckpoint) {
        let url = self.config.url.at(SUBMIT_COSIGNATURES.description.path);
        let shown = http::post(&self.client, &url, "text/plain", note.to_string().into_bytes()).await;
        // It refuses it, or has lost more than it knows: either way it was told.
        if let Err(error) = shown {
            let size = note.checkpoint().size;
            tracing::warn!(error = error_chain(&error), size, "the registry was shown a note that it has signed");
        }
    }

    fn check(&self, state: &State, note: &SignedCheckpoint, from: u64, now: Time) -> Option<CheckpointError> {
        let stated = note.checkpoint();
        let alarm = |alarm, detail: String| Some(CheckpointError::Alarm(alarm, detail));
        let tree = state.replay.tree();
        let Some(roster) = state.roster_at(stated.size) else {
            return alarm(Alarm::WrongGenesis, "nothing is disclosed of the log".to_owned());
        };
        if let Err(error) = note.verify(&roster.log) {
            let is_former = note.verify(&state.log_keys()).is_ok();
            let who = if is_former { ": it is signed by a key that the roster in force no longer names" } else { "" };
            return alarm(Alarm::UnsignedCheckpoint, format!("{error}{who}"));
        }
        if stated.origin.as_str() != self.config.issuer {
            return alarm(Alarm::UnsignedCheckpoint, format!("the checkpoint is of {}", stated.origin));
        }
        if tree.root(stated.size) != Some(stated.root) {
            return Some(CheckpointError::Root);
        }
        if stated.size < state.size() {
            return None;
        }
        let cosigned = self.cosigned();
        if let Some(last) = cosigned.note() {
            if last.checkpoint().size > stated.size {
                let detail = format!("size {} was cosigned, {} is shown", last.checkpoint().size, stated.size);
                return alarm(Alarm::RolledBack, detail);
            }
            if tree.root(last.checkpoint().size) != Some(last.checkpoint().root) {
                return Some(CheckpointError::Fork(Box::new(last.clone())));
            }
        }
        let still = state.erased.iter().find(|place| place.index >= from);
        let still = still.map(|place| format!("entry {}: a statement is erased, and still disclosed", place.index));
        if let Some(LineError { index, kind: kind @ LineErrorKind::NotErased { .. } }) =
            state.replay.not_erased().first()
        {
            return alarm(Alarm::MissingDisclosure, format!("entry {index}: {kind}"));
        }
        if let Some(detail) = still {
            return alarm(Alarm::StillDisclosed, detail);
        }
        match check_clocks(stated.size, |index| state.logged_at(index), now, cosigned.held()) {
            Ok(()) => None,
            Err(fault @ ClockError::Ahead { .. }) => alarm(Alarm::LoggedAtAhead, fault.to_string()),
            Err(fault @ ClockError::Backdated { .. }) => alarm(Alarm::LoggedAtBehind, fault.to_string()),
        }
    }

    /// Shows readers what the checkpoint bears out, and what is over.
    fn show(&self, size: u64, view: Option<View>) {
        let mut state = self.write();
        state.confirmed = size;
        state.alarms.retain(|alarm, _| !passes(*alarm));
        let newer = view.filter(|view| state.view.is_none_or(|now| (view.size, view.since) > (now.size, now.since)));
        if let Some(view) = newer {
            state.view = Some(view);
            drop(state);
            self.grown.send_if_modified(|size| std::mem::replace(size, view.size) != view.size);
        }
    }

    /// Cosigns a checkpoint that holds, where we are a witness and it is due; the line is kept before anyone has it.
    fn cosign(&self, note: &SignedCheckpoint, now: Time) -> Result<(), ReplicaError> {
        let state = self.read();
        let mut cosigned = self.cosigned();
        let size = note.checkpoint().size;
        let at = u64::try_from(now.as_seconds()).unwrap_or(0);
        let due =
            cosigned.held().is_none_or(|held| held.size != size || held.timestamp.saturating_add(AGAIN_AFTER) <= at);
        let is_witness =
            state.roster_at(size).is_some_and(|roster| roster.witnesses.keys.contains(&self.key.witness()));
        if !due || !is_witness || state.alarms.contains_key(&Alarm::Fork) || self.other_agent().is_some() {
            return Ok(());
        }
        let tree = state.replay.tree();
        Ok(cosigned.cosign(note, self.key.witness_key(), at, |size| tree.root(size)).map(drop)?)
    }

    /// A signed root that the leaves don't give: another history, if that can be shown, else an entry is rewritten.
    async fn investigate(&self, note: &SignedCheckpoint) -> ReplicaError {
        let kept = self.contact().note.clone();
        let shown = match &kept {
            Some(kept) if kept.checkpoint().size >= note.checkpoint().size => Some(self.convict(kept, note, None)),
            Some(kept) => {
                let other = self.other_history(note.checkpoint().size).await;
                other.ok().map(|other| self.convict(kept, note, Some(&other)))
            }
            None => None,
        };
        match shown.flatten() {
            Some(fork) => fork,
            None => self.not_borne_out(note).await,
        }
    }

    /// The tree of what the registry discloses now, from the first entry on.
    async fn other_history(&self, size: u64) -> Result<Tree, ReplicaError> {
        let mut tree = Tree::new();
        while tree.size() < size {
            let before = tree.size();
            let mut feed = ask(self, before, Duration::ZERO).await?;
            loop {
                let (lines, note) = feed.part().await?;
                for line in lines {
                    let line = Disclosure::from_json(&line).map_err(|_| ReplicaError::Answer("no line"))?;
                    Entry::parse(&line.entry).map_err(|_| ReplicaError::Answer("no entry"))?;
                    tree.push(leaf_hash(&line.entry));
                }
                if note.is_some() {
                    break;
                }
            }
            if tree.size() == before {
                return Err(ReplicaError::Answer("a signed entry is missing"));
            }
        }
        Ok(tree)
    }

    /// Writes an evidence file of two notes, if they prove a fork; `other` is the tree of the larger, if it isn't ours.
    fn convict(&self, a: &SignedCheckpoint, b: &SignedCheckpoint, other: Option<&Tree>) -> Option<ReplicaError> {
        let found = {
            let state = self.read();
            // A key that a later roster left out convicts as well: what it signed, the log signed.
            Evidence::between(a, b, other.unwrap_or_else(|| state.replay.tree()), &state.log_keys())
        };
        let kept = match evidence::write(&self.config.directory, &found?) {
            Ok(path) => path.display().to_string(),
            Err(source) => format!("no file: {source}"),
        };
        tracing::error!(evidence.path = kept, "the log forked");
        let (a, b) = (a.checkpoint().size, b.checkpoint().size);
        Some(self.raise(Alarm::Fork, &format!("the log signed two histories, at sizes {a} and {b}: {kept}")))
    }

    /// A root that the log signed, and that what it shows doesn't give: the note and what was shown are kept, since the
    /// next answer may be another. It convicts nobody: whoever stands between can alter an answer.
    async fn not_borne_out(&self, note: &SignedCheckpoint) -> ReplicaError {
        let size = note.checkpoint().size;
        let (from, derived) = {
            let state = self.read();
            (state.confirmed.min(size), state.replay.tree().root(size))
        };
        let lines = self.store.lines(from, size.min(from + evidence::MOST_ENTRIES)).await.unwrap_or_default();
        let entries = lines.iter().filter_map(|line| Disclosure::from_json(line).ok()).map(|line| line.entry).collect();
        let report = RootReport::new(note.clone(), derived, self.contact().note.clone(), from, entries);
        let kept = match evidence::report(&self.config.directory, &report) {
            Ok(path) => format!("kept as {}", path.display()),
            Err(error) => format!("not kept: {error}"),
        };
        let detail = format!("the leaves do not give the root that is signed for size {size}; {kept}");
        self.raise(Alarm::RewrittenEntry, &detail)
    }
}
