//! Proof files: one record, its way into the witnessed tree, and every roster from genesis on (formats §8).

use callboard_federation::{
    dsse::Envelope,
    encoding::{Base64, RecordId, from_json},
    proof_file::{ProofFile, ProofPart},
    statement::Statement,
    tlog::proof::Inclusion,
};

use super::{Ledger, LedgerError};

/// A proof file, or why there is none yet.
#[derive(Debug)]
pub enum ProofOutcome {
    File(Box<ProofFile>),
    Unknown,
    Erased,
    /// The record is logged, but too few witnesses have cosigned a checkpoint that holds it.
    NotWitnessed,
}

impl Ledger {
    /// The proof file of a record, against the newest witnessed checkpoint.
    pub async fn proof_file(&self, id: RecordId) -> Result<ProofOutcome, LedgerError> {
        let Some(record) = self.store.record(id).await? else { return Ok(ProofOutcome::Unknown) };
        let Some(checkpoint) = self.published().witnessed.clone() else { return Ok(ProofOutcome::NotWitnessed) };
        if record.index >= checkpoint.size {
            return Ok(ProofOutcome::NotWitnessed);
        }
        let Some(statement) = record.statement else { return Ok(ProofOutcome::Erased) };
        let policy = Statement::from_json(&statement)
            .ok()
            .and_then(|statement| statement.basis().map(|basis| basis.policy.sha256));
        let roots: Vec<RecordId> = {
            let replay = self.replay();
            let documents = replay.documents();
            let policy = policy.and_then(|hash| documents.policies.get(&hash));
            documents.rosters.iter().chain(policy).copied().collect()
        };
        let Some(shown) = self.proof_part(id, checkpoint.size).await? else { return Ok(ProofOutcome::Unknown) };
        let shown_roots = self.roots(&roots, checkpoint.size).await?;
        // Every line was verified as one of the log or of a witness of the roster before it was taken.
        Ok(ProofOutcome::File(Box::new(ProofFile::new(shown, checkpoint.note.clone(), shown_roots))))
    }

    /// The records of public documents that a file's roots are.
    pub(super) async fn roots(&self, documents: &[RecordId], size: u64) -> Result<Vec<ProofPart>, LedgerError> {
        let mut shown = Vec::with_capacity(documents.len());
        for document in documents {
            // A roster that was logged since is beyond the checkpoint, and none of its business.
            shown.extend(self.proof_part(*document, size).await?);
        }
        Ok(shown)
    }

    /// A record with its leaf's way to the root of the tree of `size`; `None` if it isn't in there.
    async fn proof_part(&self, id: RecordId, size: u64) -> Result<Option<ProofPart>, LedgerError> {
        let Some(record) = self.store.record(id).await?.filter(|record| record.index < size) else { return Ok(None) };
        let index = record.index;
        let stored = self.store.entries(index, index + 1).await?.pop().ok_or(LedgerError::Unreadable { index })?;
        let envelope = stored.envelope.and_then(|envelope| from_json::<Envelope>(&envelope).ok());
        let envelope = envelope.ok_or(LedgerError::Unreadable { index })?;
        let inclusion = Inclusion::of(self.replay().tree(), index, size).ok_or(LedgerError::Unreadable { index })?;
        Ok(record.statement.map(|statement| ProofPart {
            index,
            position: record.position,
            entry: Base64(stored.leaf),
            statement: Base64(statement),
            docket: envelope,
            proof: inclusion,
        }))
    }
}
