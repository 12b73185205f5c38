//! Keys of the next roster that are no seat's: of the log, of witnesses that aren't members, of the token service's epochs;
//! and that no key is anybody else's.

use callboard_client::public_file::PublicTokenKey;
use callboard_federation::{
    encoding::PublicKey,
    language::Phrase,
    members::Members,
    roster::{EpochKey, EpochState, Roster},
    tag::Epoch,
    tlog::vkey::VerifierKey,
};

use super::super::{InForce, check_within_reach, settle_quorum, witness_name};
use crate::error::{
    Error,
    roster::{KeyOwner, RosterError},
};

/// What becomes of the log keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogKeyChanges {
    pub add: Vec<VerifierKey>,
    /// Whether no log key is named but those.
    pub drop_others: bool,
}

/// What becomes of witnesses that aren't members, and of the quorum.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WitnessChanges {
    pub add: Vec<VerifierKey>,
    /// By their names.
    pub drop: Vec<String>,
    pub quorum: Option<u64>,
}

/// What becomes of the token epochs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EpochChanges {
    pub add: Vec<PublicTokenKey>,
    pub close: Vec<Epoch>,
}

impl LogKeyChanges {
    pub(super) fn apply(self, roster: &mut Roster, in_force: &InForce) {
        if self.drop_others {
            roster.log.retain(|key| self.add.contains(key));
        }
        let new = self.add.into_iter().filter(|key| !in_force.roster.log.contains(key));
        roster.log.extend(new);
    }
}

impl WitnessChanges {
    /// The quorum stays what it is unless another is asked for, and is one that is met now.
    pub(super) fn apply(self, roster: &mut Roster, in_force: &InForce) -> Result<(), Error> {
        let members = in_force.members.as_ref().map_or(&[][..], |members| &members.members);
        let of_member =
            |name: &str| members.iter().any(|member| witness_name(&in_force.roster.issuer, &member.member) == name);
        for name in self.drop {
            if of_member(&name) {
                return Err(RosterError::WitnessOfMember(name).into());
            }
            let keys = &mut roster.witnesses.keys;
            let before = keys.len();
            keys.retain(|key| key.name().as_str() != name);
            if keys.len() == before {
                return Err(RosterError::WitnessUnknown(name).into());
            }
        }
        for key in self.add {
            if of_member(key.name().as_str()) {
                return Err(RosterError::WitnessOfMember(key.name().to_string()).into());
            }
            if !roster.witnesses.keys.contains(&key) {
                roster.witnesses.keys.push(key);
            }
        }
        if self.quorum.is_none() && roster.witnesses == in_force.roster.witnesses {
            return Ok(());
        }
        settle_quorum(&mut roster.witnesses, self.quorum, &in_force.cosigning)?;
        check_within_reach(&roster.witnesses, in_force)
    }
}

impl EpochChanges {
    pub(super) fn apply(self, roster: &mut Roster) -> Result<(), Error> {
        for key in self.add {
            if key.issuer != roster.issuer {
                let whose = Phrase::new("身份代码密钥", "a token key");
                return Err(Error::OfAnotherRegistry { whose, issuer: roster.issuer.clone() });
            }
            if roster.epoch(key.epoch).is_some() {
                return Err(RosterError::EpochThere(key.epoch).into());
            }
            roster.epochs.push(EpochKey { number: key.epoch, public_key: key.public_key, state: EpochState::Live });
        }
        for number in self.close {
            let epoch = roster.epochs.iter_mut().find(|epoch| epoch.number == number);
            let epoch = epoch.ok_or(RosterError::EpochUnknown(number))?;
            if epoch.state == EpochState::Closed {
                return Err(RosterError::EpochClosed(number).into());
            }
            epoch.state = EpochState::Closed;
            if roster.epochs.iter().all(|epoch| epoch.state == EpochState::Closed) {
                return Err(RosterError::LastEpoch(number).into());
            }
        }
        Ok(())
    }
}

/// Whether each Ed25519 key is one's alone: within the roster, and beside the members' request keys.
pub(super) fn check(roster: &Roster, members: Option<&Members>) -> Result<(), RosterError> {
    let seats = roster.seats.iter().map(|seat| (KeyOwner::Seat(seat.holder.clone()), seat.public_key));
    let log = roster.log.iter().map(|key| (KeyOwner::Log, *key.key()));
    let witness = |key: &VerifierKey| (KeyOwner::Witness(key.name().to_string()), *key.key());
    let of_members = members.into_iter().flat_map(|list| &list.members);
    let requests = of_members.flat_map(|of| of.keys.iter().map(|key| (KeyOwner::Member(of.member.clone()), *key)));
    let mut known: Vec<(KeyOwner, PublicKey)> = requests.collect();
    for (owner, key) in seats.chain(log).chain(roster.witnesses.keys.iter().map(witness)) {
        if let Some((other, _)) = known.iter().find(|(_, other)| *other == key) {
            return Err(RosterError::KeyUsed { owner, other: other.clone() });
        }
        known.push((owner, key));
    }
    Ok(())
}
