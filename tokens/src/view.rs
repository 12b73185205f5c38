//! What the service knows of the registry: the newest roster and members that it was shown, and who may ask.
//!
//! A view only goes forward: neither a document's version nor its place in the log nor the log itself ever gets
//! smaller, and two documents of one version, or two trees of one size, are a fork. How documents come is `follow`'s.

use std::collections::HashMap;

use callboard_federation::{
    encoding::{Hash, KeyId, PublicKey, Time},
    members::{MemberId, Members, Quota},
    proof_file::{ProofFile, ProvenRecord},
    records::Place,
    roster::{EpochState, Role, Roster},
    statement::Act,
    tag::Epoch,
    tlog::checkpoint::Checkpoint,
    token_key::TokenPublicKey,
};

use super::follow_error::FollowError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentKind {
    /// The roster: seats, epochs.
    Roster,
    /// The members: keys, quotas.
    Members,
}

impl DocumentKind {
    /// The word in paths, log lines and rows.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Members => "members",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Principal {
    /// A member's: by its quota.
    Member { member: MemberId, quota: Quota },
    /// A seat's: without quota, counted.
    Seat { role: Role },
}

/// A document with where and in which tree it was shown.
#[derive(Debug, Clone)]
struct ProvenDocument<T> {
    document: T,
    version: u64,
    place: Place,
    checkpoint: Checkpoint,
}

#[derive(Debug, Clone, Default)]
pub(super) struct RegistryView {
    roster: Option<ProvenDocument<Roster>>,
    members: Option<ProvenDocument<Members>>,
    askers: HashMap<KeyId, (PublicKey, Principal)>,
    /// When the registry last answered that this is its newest roster.
    pub(super) confirmed_at: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EpochError {
    /// The roster names no such epoch.
    Unknown,
    Closed,
}

impl RegistryView {
    pub(super) const fn has_roster(&self) -> bool {
        self.roster.is_some()
    }

    pub(super) fn asker(&self, keyid: &KeyId) -> Option<(PublicKey, Principal)> {
        self.askers.get(keyid).cloned()
    }

    /// The key that the roster names for a live epoch.
    pub(super) fn live_key(&self, epoch: Epoch) -> Result<TokenPublicKey, EpochError> {
        let key = self.roster.as_ref().and_then(|known| known.document.epoch(epoch)).ok_or(EpochError::Unknown)?;
        if key.state == EpochState::Live { Ok(key.public_key) } else { Err(EpochError::Closed) }
    }

    /// The versions of roster and members, 0 for none.
    pub(super) fn versions(&self) -> (u64, u64) {
        (self.roster.as_ref().map_or(0, |known| known.version), self.members.as_ref().map_or(0, |known| known.version))
    }

    /// Takes a proof file of a document, checked from the pinned genesis.
    pub(super) fn adopt(
        &mut self,
        followed: DocumentKind,
        file: &[u8],
        genesis: &Hash,
        issuer: &str,
        now: Time,
    ) -> Result<(), FollowError> {
        let ProvenRecord { place, statement, checkpoint, roster, .. } =
            ProofFile::from_json(file)?.verify(genesis, now)?;
        if roster.issuer != issuer {
            return Err(FollowError::Issuer);
        }
        let trees = [self.roster.as_ref().map(|known| &known.checkpoint), self.members.as_ref().map(|k| &k.checkpoint)];
        if trees.into_iter().flatten().any(|tree| tree.size == checkpoint.size && tree.root != checkpoint.root) {
            return Err(FollowError::Fork("trees of one size"));
        }
        match (followed, statement.act) {
            (DocumentKind::Roster, Act::Roster(document)) => {
                let document = document.value;
                // The newest in the file, and not an old one with its successors as roots.
                if document.version != roster.version {
                    return Err(FollowError::Older { what: "roster", known: roster.version, got: document.version });
                }
                let known = ProvenDocument { version: document.version, document, place, checkpoint };
                self.roster = Some(newer("roster", self.roster.as_ref(), known)?);
            }
            (DocumentKind::Members, Act::Members(document)) => {
                let known = self.versions().0;
                if roster.version < known {
                    return Err(FollowError::Older { what: "members' roster", known, got: roster.version });
                }
                let document = document.value;
                let known = ProvenDocument { version: document.version, document, place, checkpoint };
                self.members = Some(newer("members", self.members.as_ref(), known)?);
            }
            _ => return Err(FollowError::OtherRecord(followed.as_str())),
        }
        self.askers = self.who_may_ask();
        Ok(())
    }

    fn who_may_ask(&self) -> HashMap<KeyId, (PublicKey, Principal)> {
        let seats = self.roster.iter().flat_map(|known| &known.document.seats);
        let seats = seats.map(|seat| (seat.public_key.id(), (seat.public_key, Principal::Seat { role: seat.role })));
        let members = self.members.iter().flat_map(|known| &known.document.members);
        let members = members.flat_map(|member| {
            let asker = Principal::Member { member: member.member.clone(), quota: member.quota.clone() };
            member.keys.iter().map(move |key| (key.id(), (*key, asker.clone())))
        });
        // A key of both would be a member's: whoever has a quota is held to it.
        seats.chain(members).collect()
    }
}

/// The new document, unless it, its place or its tree is behind the known one's.
fn newer<T: PartialEq>(
    what: &'static str,
    known: Option<&ProvenDocument<T>>,
    new: ProvenDocument<T>,
) -> Result<ProvenDocument<T>, FollowError> {
    let Some(known) = known else { return Ok(new) };
    for (known, got) in [
        (known.version, new.version),
        (known.place.index, new.place.index),
        (known.checkpoint.size, new.checkpoint.size),
    ] {
        if got < known {
            return Err(FollowError::Older { what, known, got });
        }
    }
    if known.version == new.version && (known.place != new.place || known.document != new.document) {
        return Err(FollowError::Fork("documents of one version"));
    }
    Ok(new)
}
