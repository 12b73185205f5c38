//! Witnesses: lines that members post, and lines that the registry asks of witnesses elsewhere.
//!
//! Implements `docs/formats.md` §8 and §12 (`POST /v1/cosignatures`), and the log's half of C2SP tlog-witness.

use std::{collections::HashMap, time::Duration};

use callboard_client::pin::Address;
use callboard_federation::{
    encoding::Time,
    replay::Replay,
    roster::Roster,
    tlog::{
        checkpoint::SignedCheckpoint,
        cosignature::newest_by,
        note::NoteSignature,
        witness::{AddCheckpoint, CosignError},
    },
};

use super::{Ledger, LedgerError};
use crate::store::{Store, StoreError, StoredCosignature};

/// How long a witness may take to answer: longer than it needs to fetch nothing, shorter than the minute between two.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    #[error("no line is by a witness of the roster in force")]
    NoWitness,
    #[error("a witness's line does not verify")]
    Invalid,
    /// The only lines of witnesses are over five minutes ahead of the clock: nobody takes those (formats §8).
    #[error("the witness's line is over five minutes ahead of the registry's clock")]
    Ahead,
    /// The checkpoint isn't one that the log published: another root, another origin, or a size it never had.
    #[error("the log never published this checkpoint")]
    NotPublished,
}

impl Ledger {
    /// Takes the lines that witnesses of the roster in force put under a checkpoint of this log; how many were new.
    pub async fn take_cosignatures(
        &self,
        note: &SignedCheckpoint,
    ) -> Result<Result<u64, CosignatureError>, LedgerError> {
        let stated = note.checkpoint().clone();
        let now = self.clock.now();
        let is_published = {
            let replay = self.replay();
            replay.tree().root(stated.size).is_some_and(|root| root == stated.root)
                && stated.origin.as_str() == self.key.origin()
                && stated.size <= self.published().newest.size
        };
        if !is_published {
            // If we signed it all the same, somebody shows us what our store has lost.
            self.check_shown_note(note).await?;
            return Ok(Err(CosignatureError::NotPublished));
        }
        let lines = {
            let replay = self.replay();
            // What was watched by another roster, or is witnessed long since, needs no more lines.
            if !self.published().gathers_cosignatures_at(stated.size) {
                return Ok(Ok(0));
            }
            match verified_lines(replay.roster(), note, now) {
                Ok(lines) => lines,
                Err(error) => return Ok(Err(error)),
            }
        };
        let mut new = 0;
        for (line, timestamp) in lines {
            let stored = StoredCosignature {
                name: line.name.as_str().to_owned(),
                hash: *line.hash.as_bytes(),
                size: stated.size,
                timestamp,
                line: line.to_string(),
            };
            tolerate_unavailable(self.store.put_cosignature(&stored).await)?;
            let replay = self.replay();
            self.update_published(|state| {
                let changed = state.with_cosignature(replay.roster(), stated.size, &line, timestamp, now);
                new += u64::from(changed.is_some());
                changed
            });
        }
        let witnessed = self.published().witnessed.as_ref().map_or(0, |witnessed| witnessed.size);
        tolerate_unavailable(self.store.forget_cosignatures_below(witnessed).await)?;
        Ok(Ok(new))
    }
}

/// Lines are stored for the next start alone: while nothing can be written, members still see who watches.
fn tolerate_unavailable(stored: Result<(), StoreError>) -> Result<(), StoreError> {
    match stored {
        Err(StoreError::Unavailable(why)) => {
            tracing::debug!(why, "a cosignature is not stored; witnesses cosign again each minute");
            Ok(())
        }
        stored => stored,
    }
}

/// The lines of a note by witnesses of the roster, each with its timestamp; those ahead of the clock are left out.
pub(super) fn verified_lines(
    roster: Option<&Roster>,
    note: &SignedCheckpoint,
    now: Time,
) -> Result<Vec<(NoteSignature, u64)>, CosignatureError> {
    let (mut lines, mut refusal) = (Vec::new(), CosignatureError::NoWitness);
    for key in roster.into_iter().flat_map(|roster| &roster.witnesses.keys) {
        let newest = newest_by(note.note(), key, now).map_err(|_| CosignatureError::Invalid)?;
        let of_newest = |line: &&NoteSignature| line.signature.first_chunk().map(|t| u64::from_be_bytes(*t)) == newest;
        if let Some(timestamp) = newest
            && let Some(line) = note.note().signatures_naming(key).find(of_newest)
        {
            lines.push((line.clone(), timestamp));
        } else if note.note().signatures_naming(key).next().is_some() {
            refusal = CosignatureError::Ahead;
        }
    }
    if lines.is_empty() { Err(refusal) } else { Ok(lines) }
}

/// The stored lines of the log's newest checkpoint.
pub(super) async fn stored_lines(store: &Store, replay: &Replay) -> Result<Vec<(NoteSignature, u64)>, LedgerError> {
    let read = |stored: StoredCosignature| Some((stored.line.parse().ok()?, stored.timestamp));
    Ok(store.cosignatures_at(replay.tree().size()).await?.into_iter().filter_map(read).collect())
}

/// Asks configured witnesses (`add-checkpoint`) to cosign each new checkpoint, and the newest again each minute.
pub struct WitnessClient {
    client: reqwest::Client,
    /// Address of each witness, and the size that it cosigned last, as far as it told.
    witnesses: HashMap<Address, u64>,
}

impl WitnessClient {
    /// A client of the witnesses at these addresses (the prefix before `/add-checkpoint`).
    pub fn new(addresses: impl IntoIterator<Item = Address>) -> Result<Self, reqwest::Error> {
        // The first to install one wins, and all are the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().timeout(ANSWER_WITHIN).build()?;
        Ok(Self { client, witnesses: addresses.into_iter().map(|address| (address, 0)).collect() })
    }

    /// Asks each witness once about the newest checkpoint.
    pub async fn ask(&mut self, ledger: &Ledger) {
        for (address, cosigned) in &mut self.witnesses {
            match ask_witness(&self.client, ledger, address, cosigned).await {
                Ok(()) => {
                    metrics::counter!("callboard_registry_witness_answers_total", "outcome" => "cosigned").increment(1);
                }
                Err(why) => {
                    metrics::counter!("callboard_registry_witness_answers_total", "outcome" => "failed").increment(1);
                    tracing::warn!(witness.address = %address, %why, "a witness did not cosign");
                }
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum WitnessError {
    #[error("the witness can't be reached: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the witness refuses: {0}")]
    Refused(CosignError),
    #[error("the witness answers {0}, which no witness does")]
    Answer(u16),
    #[error("the witness's line is not one that the roster knows")]
    Line,
    #[error("the log has no proof from size {0}, which the witness says that it cosigned")]
    Size(u64),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

async fn ask_witness(
    client: &reqwest::Client,
    ledger: &Ledger,
    address: &Address,
    cosigned: &mut u64,
) -> Result<(), WitnessError> {
    let newest = ledger.published().newest.clone();
    // A witness that was asked by another node, or lost our count, tells the size that it stands at: asked once more.
    for _ in 0..2 {
        let proof =
            ledger.replay().tree().consistency_proof(*cosigned, newest.size).ok_or(WitnessError::Size(*cosigned))?;
        let ask = AddCheckpoint { old_size: *cosigned, proof, checkpoint: newest.note.clone() };
        let url = address.at("/add-checkpoint");
        let answer = client.post(url).body(ask.to_string()).send().await?;
        let status = answer.status().as_u16();
        let body = answer.text().await?;
        if status == 200 {
            let mut note = newest.note.clone();
            for line in body.split_inclusive('\n') {
                note.add(line.parse().map_err(|_| WitnessError::Line)?);
            }
            *cosigned = newest.size;
            return ledger.take_cosignatures(&note).await?.map(drop).map_err(|_| WitnessError::Line);
        }
        match CosignError::of_answer(status, &body) {
            Some(CosignError::Conflict { size }) if size != *cosigned => *cosigned = size,
            Some(refusal) => return Err(WitnessError::Refused(refusal)),
            None => return Err(WitnessError::Answer(status)),
        }
    }
    Err(WitnessError::Size(*cosigned))
}
