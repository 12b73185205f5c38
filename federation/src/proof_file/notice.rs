//! A notice file: a public text, the docket that it appears with, and every roster from the pinned genesis on.
//!
//! It is a proof file for everyone. Statements bear tags, which are for members alone; here the docket stands without
//! them, with what it commits to. It shows that the text was signed by enough seats, and logged; of single records only
//! which statements the docket has, by their commitments. Implements `docs/formats.md` §19.

use serde::{Deserialize, Serialize};

use super::{Part, PartContent, PartError, ProofFileError, ProofPart, check_genesis, leaf_of, witnessed_since};
use crate::{
    docket::{Docket, Publication},
    dsse::Envelope,
    encoding::{Base64, Hash, Time, from_json},
    replay::{Moment, Replay},
    roster::Roster,
    statement::Kind,
    tlog::{
        checkpoint::{Checkpoint, SignedCheckpoint},
        merkle::leaf_hash,
        proof::{Inclusion, Proof},
    },
};

/// A notice file as it is carried. White space and order of members don't matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NoticeFile {
    v: u64,
    index: u64,
    entry: Base64,
    docket: Envelope,
    publication: Base64,
    proof: Proof,
    roots: Vec<ProofPart>,
}

/// The docket of a public text, with all that its leaf commits to, and the leaf's way to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticePart {
    /// The index of the entry.
    pub index: u64,
    /// The leaf's bytes.
    pub entry: Base64,
    /// The envelope of the docket.
    pub docket: Envelope,
    /// The public text's bytes.
    pub publication: Base64,
    /// The way to the root.
    pub inclusion: Inclusion,
}

/// What a notice file shows.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvenNotice {
    /// Where the docket stands.
    pub index: u64,
    /// When it was logged.
    pub logged_at: Time,
    /// The docket that was signed.
    pub docket: Docket,
    /// The text that appeared with it.
    pub publication: Publication,
    /// The size and root of the log that witnesses saw.
    pub checkpoint: Checkpoint,
    /// Since when that is witnessed, in seconds since 1970; with quorum 0 by the log alone, or not at all.
    pub witnessed_since: Option<u64>,
    /// The last roster before that size, as far as the file tells.
    pub roster: Roster,
}

impl NoticeFile {
    /// The file of a public text: the rosters as `roots`, all shown to be in the tree of `checkpoint`.
    pub fn new(notice: NoticePart, checkpoint: SignedCheckpoint, roots: Vec<ProofPart>) -> Self {
        let NoticePart { index, entry, docket, publication, inclusion } = notice;
        Self { v: 1, index, entry, docket, publication, proof: Proof { inclusion, checkpoint }, roots }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ProofFileError::Json`], [`ProofFileError::Version`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProofFileError> {
        let file: Self = from_json(bytes)?;
        if file.v == 1 { Ok(file) } else { Err(ProofFileError::Version) }
    }

    /// Checks the whole file against the pinned hash of entry 0's payload, by a clock that says `now`.
    ///
    /// # Errors
    /// The first [`ProofFileError`] found.
    pub fn verify(&self, genesis: &Hash, now: Time) -> Result<ProvenNotice, ProofFileError> {
        let fault = |fault| ProofFileError::Part { part: Part::Notice, fault };
        let inclusion = &self.proof.inclusion;
        let (entry, docket) = leaf_of(Part::Notice, &self.entry, &self.docket, (self.index, inclusion))?;
        let named = docket.publication.filter(|named| *named == Hash::of(&self.publication.0));
        let publication = named.and_then(|_| Publication::from_json(&self.publication.0).ok());
        let publication = publication.ok_or_else(|| fault(PartError::Publication))?;
        let opened = self.roots.iter().enumerate().map(|(at, root)| PartContent::read(Part::Root(at), root));
        let roots: Vec<PartContent<'_>> = opened.collect::<Result<_, _>>()?;
        if roots.iter().any(|root| root.kind() != Kind::Roster) {
            return Err(ProofFileError::Roots);
        }
        check_genesis(&roots, &[], genesis)?;

        let mut replay = Replay::new(Some(*genesis));
        let mut previous = Time::from_millis(i64::MIN);
        let (before, after) = roots.split_at(roots.partition_point(|root| root.shown.index < self.index));
        let take = |opened: &PartContent<'_>, replay: &mut Replay, previous: &mut Time| {
            opened.entry.check_follows(*previous).map_err(|_| opened.fault(PartError::Time))?;
            opened.take(replay)?;
            *previous = opened.entry.logged_at;
            Ok::<_, ProofFileError>(())
        };
        before.iter().try_for_each(|opened| take(opened, &mut replay, &mut previous))?;
        entry.check_follows(previous).map_err(|_| fault(PartError::Time))?;
        let moment = Moment { index: self.index, logged_at: entry.logged_at };
        let signed = replay.check_alone_signed(moment, &docket, &self.docket);
        signed.map_err(|refusal| fault(PartError::NotCounted(Box::new(refusal))))?;
        previous = entry.logged_at;
        after.iter().try_for_each(|opened| take(opened, &mut replay, &mut previous))?;

        let roster = replay.roster().ok_or(ProofFileError::NoRoster)?;
        let checkpoint = &self.proof.checkpoint;
        let witnessed_since = witnessed_since(roster, checkpoint, now)?;
        let shown = inclusion.verify(&leaf_hash(&self.entry.0), checkpoint.checkpoint());
        shown.map_err(|_| fault(PartError::Inclusion))?;
        roots.iter().try_for_each(|opened| opened.check_inclusion(checkpoint))?;
        Ok(ProvenNotice {
            index: self.index,
            logged_at: entry.logged_at,
            docket,
            publication,
            checkpoint: checkpoint.checkpoint().clone(),
            witnessed_since,
            roster: roster.clone(),
        })
    }
}
