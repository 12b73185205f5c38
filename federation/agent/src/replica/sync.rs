//! The loop that follows the feed: lines in, a checkpoint at their end, and our cosignature back.

use std::time::Duration;

use callboard_client::{
    http::{self, Caller, HttpError, Lines},
    program::chance,
};
use callboard_federation::{
    disclosure::{CheckpointLine, Disclosure},
    encoding::{Hash, RecordId, Time, from_json, to_json},
    evidence::Evidence,
    replay::ReadLine,
    tlog::{
        checkpoint::SignedCheckpoint,
        merkle::Tree,
        tile::{FULL_WIDTH, TileContent, TilePath},
    },
};
use rand_core::Rng as _;
use reqwest::StatusCode;
use tokio::sync::watch;

use super::{
    Replica, ReplicaError,
    alarm::Lie,
    state::{Judged, Took, without},
};
use crate::{check::answer::told, store::replica::Head};

/// Seconds that the registry is asked to wait for news: short, since each answer brings the newest cosignatures.
const WAIT: u64 = 20;
/// The shortest and the longest pause after a failure.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(30));
/// Bytes of lines that are kept in memory before they are written.
const PAGE_BYTES: usize = 8 << 20;

/// What a look at the feed came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// Look again when there is news.
    Wait,
    /// There is more at once.
    Again,
    /// What was shown isn't taken.
    Lied,
}

impl Replica {
    /// Follows the feed until told to stop; no failure ends it.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let (mut wait, mut pause) = (0, PAUSES.0);
        loop {
            let looked = tokio::select! {
                looked = self.look(wait) => looked,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            self.note_contact(&looked);
            wait = if matches!(looked, Ok(Looked::Wait)) { WAIT } else { 0 };
            if matches!(looked, Ok(Looked::Wait | Looked::Again)) {
                pause = PAUSES.0;
                continue;
            }
            // Many agents of one registry don't come back at once.
            let jitter = f64::from(chance().next_u32()) / f64::from(u32::MAX);
            let slept = tokio::time::sleep(pause.mul_f64(0.5 + jitter / 2.0));
            pause = pause.saturating_mul(2).min(PAUSES.1);
            tokio::select! {
                () = slept => {}
                () = self.inner.hurry.notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// One look at the feed.
    async fn look(&self, wait: u64) -> Result<Looked, ReplicaError> {
        let inner = &self.inner;
        let first = self.state().size();
        let caller = Caller::new(inner.client.clone(), inner.key.request_key(), &*inner.clock);
        let url = inner.url.at(&format!("/v1/feed?from={first}&wait={wait}"));
        // Once it answers, it is followed to the end: what was followed and what is kept must not part.
        let mut rng = chance();
        let mut lines = tokio::select! {
            lines = caller.lines(&url, &mut rng) => lines?,
            () = inner.hurry.notified() => return Ok(Looked::Again),
        };
        let mut page = Page { from: first, lines: Vec::new(), bytes: 0 };
        let answered = self.take_lines(&mut lines, &mut page).await;
        // What was followed is kept even where the answer broke off: the next one goes on from there.
        page.write(self).await?;
        let note = match answered? {
            Answer::Checkpoint(note) => note,
            Answer::BeginAgain => {
                self.begin_again().await?;
                return Ok(Looked::Again);
            }
            Answer::Lie(lie, detail) => return self.refuse(lie, detail).await,
        };
        let now = inner.clock.now();
        let judged = {
            let cosigned = self.cosigned();
            self.state().judge(&note, first, cosigned.last(), now)
        };
        match judged {
            Judged::More if self.state().size() == first => {
                let detail = format!("the checkpoint is of {} entries, {first} are disclosed", note.checkpoint().size);
                self.refuse(Lie::MissingDisclosure, detail).await
            }
            Judged::More => Ok(Looked::Again),
            Judged::Borne => self.adopt(note, now).await,
            Judged::Lie(lie, detail) => self.refuse(lie, detail).await,
            Judged::Otherwise(evidence) => self.convict(&note, evidence).await,
        }
    }

    /// Follows the lines of an answer up to its checkpoint.
    async fn take_lines(&self, lines: &mut Lines, page: &mut Page) -> Result<Answer, ReplicaError> {
        while let Some(line) = lines.next().await? {
            if line.starts_with(b"{\"checkpoint\"") {
                let note = from_json::<CheckpointLine>(&line).ok().and_then(|line| line.checkpoint.parse().ok());
                return Ok(match note {
                    Some(note) => Answer::Checkpoint(note),
                    None => Answer::Lie(Lie::Malformed, "the checkpoint can't be read".to_owned()),
                });
            }
            let disclosure = match Disclosure::from_json(&line) {
                Ok(disclosure) => disclosure,
                Err(error) => return Ok(Answer::Lie(Lie::Malformed, error.to_string())),
            };
            let read = ReadLine::of(&disclosure);
            let took = self.state_mut().take(read);
            match took {
                Ok(Took::Line) => {}
                Ok(Took::BeginAgain) => return Ok(Answer::BeginAgain),
                Err(fault) => return Ok(Answer::Lie((&fault).into(), fault.to_string())),
            }
            page.bytes += line.len();
            page.lines.push(line);
            if page.bytes > PAGE_BYTES {
                page.write(self).await?;
            }
        }
        // It broke off: nobody takes it for the whole.
        Ok(Answer::Lie(Lie::Malformed, "the answer has no checkpoint".to_owned()))
    }

    /// Takes a checkpoint that is borne out: keeps it, cosigns it, and says so.
    async fn adopt(&self, note: SignedCheckpoint, now: Time) -> Result<Looked, ReplicaError> {
        let (moved, head, erased, is_witness) = {
            let mut state = self.state_mut();
            let moved = state.adopt(note.clone());
            let size = note.checkpoint().size;
            let head = Head {
                size,
                note: Some(note.to_string()),
                witnessed: state.witnessed.as_ref().map(|witnessed| witnessed.note.to_string()),
            };
            let own = self.inner.key.witness();
            let is_witness = state.roster_at(size).is_some_and(|roster| roster.witnesses.keys.contains(&own));
            (moved, head, state.to_redact(), is_witness)
        };
        self.inner.store.advance(&head).await?;
        self.redact(erased).await?;
        self.note_clean(is_witness);
        if moved {
            self.announce();
        }
        // Bound first: a lock isn't held while it is posted.
        let cosigned = if is_witness { self.cosigned().cosign(&note, &self.inner.key, now)? } else { None };
        let Some(cosigned) = cosigned else { return Ok(Looked::Wait) };
        let url = self.inner.url.at("/v1/cosignatures");
        http::post(&self.inner.client, &url, "text/plain", cosigned.to_string().into_bytes()).await?;
        // With our line it may be witnessed: the next answer says so.
        Ok(Looked::Again)
    }

    /// Takes the statements that were erased out of the lines that are kept.
    async fn redact(&self, erased: Vec<(u64, Vec<RecordId>, Vec<RecordId>)>) -> Result<(), ReplicaError> {
        for (index, gone, ids) in erased {
            let lines = self.inner.store.lines(index, index + 1).await?;
            if let Some(disclosure) = lines.first().and_then(|line| Disclosure::from_json(line).ok()) {
                self.inner.store.replace(index, &without(&disclosure, &gone, &ids).to_json()).await?;
            }
            self.state_mut().redacted(index, &gone);
        }
        Ok(())
    }

    /// Raises the alarm, and goes back to what a checkpoint bore out.
    async fn refuse(&self, lie: Lie, detail: String) -> Result<Looked, ReplicaError> {
        self.raise(lie, detail);
        self.go_back().await?;
        Ok(Looked::Lied)
    }

    /// The checkpoint is of another history: an evidence file, if two notes of the log prove it.
    async fn convict(&self, note: &SignedCheckpoint, evidence: Option<Box<Evidence>>) -> Result<Looked, ReplicaError> {
        let evidence = match evidence {
            Some(evidence) => Some(*evidence),
            None => match self.tree_of(note.checkpoint().size).await {
                Ok(theirs) => self.state().evidence_in(note, &theirs),
                Err(error) => {
                    tracing::warn!(%error, "the log's tiles would prove the fork, and can't be had");
                    None
                }
            },
        };
        let detail =
            format!("of {} entries, the checkpoint has another root than what is disclosed", note.checkpoint().size);
        match evidence {
            Some(evidence) => {
                let path = self.inner.directory.join(format!("evidence-{}.json", Hash::of(&to_json(&evidence))));
                match std::fs::write(&path, to_json(&evidence)) {
                    Ok(()) => tracing::error!(path = %path.display(), "two histories: the evidence is written"),
                    Err(error) => tracing::error!(path = %path.display(), %error, "the evidence can't be written"),
                }
                self.refuse(Lie::Fork, detail).await
            }
            None => self.refuse(Lie::RewrittenEntry, detail).await,
        }
    }

    /// The tree that the log shows by its tiles, of `size` entries.
    async fn tree_of(&self, size: u64) -> Result<Tree, HttpError> {
        let mut tree = Tree::new();
        while tree.size() < size {
            let index = tree.size() / u64::from(FULL_WIDTH);
            let width = u16::try_from((size - tree.size()).min(u64::from(FULL_WIDTH))).unwrap_or(FULL_WIDTH);
            let path = TilePath { holds: TileContent::Hashes { level: 0 }, index, width };
            let bytes = http::get(&self.inner.client, &self.inner.url.at(&format!("/log/{path}"))).await?;
            let (hashes, []) = bytes.as_deref().unwrap_or_default().as_chunks::<32>() else { break };
            if hashes.len() != usize::from(width) {
                break;
            }
            for hash in hashes {
                tree.push(Hash::from_bytes(*hash));
            }
        }
        Ok(tree)
    }

    fn note_contact(&self, looked: &Result<Looked, ReplicaError>) {
        let mut contact = self.contact();
        match looked {
            Ok(_) => {
                contact.last = Some(self.inner.clock.now());
                contact.error = None;
                contact.is_member = Some(true);
            }
            Err(error) => {
                if let ReplicaError::Http(HttpError::Refused { status: StatusCode::FORBIDDEN, .. }) = error {
                    contact.is_member = Some(false);
                }
                let told = told(error);
                tracing::warn!(error = told, "the registry's feed was not followed");
                contact.error = Some(told);
            }
        }
    }
}

/// What an answer ended with.
enum Answer {
    Checkpoint(SignedCheckpoint),
    BeginAgain,
    Lie(Lie, String),
}

/// Lines that were followed, to be written together.
struct Page {
    from: u64,
    lines: Vec<Vec<u8>>,
    bytes: usize,
}

impl Page {
    async fn write(&mut self, replica: &Replica) -> Result<(), ReplicaError> {
        if !self.lines.is_empty() {
            replica.inner.store.append(self.from, &self.lines).await?;
            self.from += self.lines.len() as u64;
            self.lines.clear();
            self.bytes = 0;
        }
        Ok(())
    }
}
