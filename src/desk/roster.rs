//! The next roster: other log keys, or a later end; all else as it is in the roster in force.
//!
//! Witnesses change with members ([`super::member`]). Implements `docs/formats.md` §6.

use callboard_federation::{
    encoding::{KeyId, Time},
    roster::Roster,
    statement::{Act, Kind},
    tlog::vkey::VerifierKey,
};
use rand_core::CryptoRng;

use super::{
    bundle::{Bundle, BundleError},
    genesis::{Drafter, FoundingError, ROSTER_DAYS, document},
    member::InForce,
};

/// What changes.
pub struct NextRoster {
    /// Log keys to name.
    pub add: Vec<VerifierKey>,
    /// Whether no log key is named but those.
    pub drop_others: bool,
    /// When it ends, if not when the roster in force does.
    pub expires: Option<Time>,
}

/// The next roster, to be signed.
pub struct DraftedRoster {
    /// What is to be signed.
    pub bundle: Bundle,
    /// What it says.
    pub roster: Roster,
}

/// Why there is no such roster.
#[derive(Debug, thiserror::Error)]
pub enum NextRosterError {
    /// The drafter's key isn't in the roster.
    #[error("the key is not of a seat of the roster in force")]
    NoSeat,
    /// It would say what the roster in force says.
    #[error("it would say what the roster in force says: name what changes")]
    Same,
    /// It would be over before it is signed.
    #[error("the roster would expire before it begins")]
    BornExpired,
    /// The document, or its docket, can't be so.
    #[error(transparent)]
    Draft(#[from] FoundingError),
}

impl From<BundleError> for NextRosterError {
    fn from(error: BundleError) -> Self {
        Self::Draft(error.into())
    }
}

impl NextRoster {
    /// Drafts it; `drafter` is the key of the seat that does.
    pub fn draft(
        self,
        in_force: &InForce,
        drafter: &KeyId,
        issued_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<DraftedRoster, NextRosterError> {
        let current = &in_force.roster;
        if current.seat(drafter).is_none() {
            return Err(NextRosterError::NoSeat);
        }
        let mut next = Roster { version: current.version + 1, ..current.clone() };
        if self.drop_others {
            next.log.retain(|key| self.add.contains(key));
        }
        let new = self.add.into_iter().filter(|key| !current.log.contains(key));
        next.log.extend(new);
        let is_over = current.expires <= issued_at;
        next.expires = self.expires.unwrap_or(if is_over { issued_at.plus_days(ROSTER_DAYS) } else { current.expires });
        if next.expires <= issued_at {
            return Err(NextRosterError::BornExpired);
        }
        if next.log == current.log && next.expires == current.expires {
            return Err(NextRosterError::Same);
        }
        let mut drafter = Drafter { issuer: current.issuer.clone(), roster: current.version, issued_at, rng };
        let text = document(Kind::Roster, &next)?;
        let bundle = drafter.documents([Act::Roster(Box::new(text))])?;
        Ok(DraftedRoster { bundle, roster: next })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use callboard_client::key_file::SeatKey;
    use callboard_federation::{encoding::PublicKey, replay::Replay, tlog::vkey::SignatureType};
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::desk::genesis::tests::{ISSUER, chance, founding, log, now, seats};

    fn log_key(seed: u8) -> VerifierKey {
        let key = PublicKey::of(&SigningKey::from_bytes(&[seed; 32]));
        VerifierKey::new(ISSUER.parse().unwrap(), SignatureType::Note, key)
    }

    #[test]
    fn the_next_roster_names_another_log_key_and_counts() {
        let seats = seats(4, 2, 2);
        let all: Vec<&SeatKey> = seats.iter().collect();
        let founded = founding(&seats).draft(&mut chance()).unwrap();
        let mut replay = Replay::new(None, BTreeSet::new());
        log(&mut replay, &founded.genesis, &all).unwrap();
        let in_force = InForce { roster: founded.roster, members: None, cosigning: Vec::new() };
        let drafter = seats[6].public_key().id();
        let draft = |add: Vec<VerifierKey>, drop_others, expires, at: Time| {
            NextRoster { add, drop_others, expires }.draft(&in_force, &drafter, at, &mut chance())
        };
        let both = draft(vec![log_key(1)], false, None, now()).unwrap().roster;
        assert_eq!((both.log.len(), both.version, both.expires), (2, 2, in_force.roster.expires));
        // A roster that is over is no hindrance: the next gets an end of its own.
        let late = in_force.roster.expires.plus_days(1);
        assert_eq!(draft(vec![log_key(1)], true, None, late).unwrap().roster.expires, late.plus_days(ROSTER_DAYS));
        assert!(matches!(draft(vec![], false, None, now()), Err(NextRosterError::Same)));
        assert!(matches!(draft(vec![], false, Some(now()), now()), Err(NextRosterError::BornExpired)));
        let stranger = super::super::genesis::tests::seats(2, 2, 1)[0].public_key().id();
        let foreign = NextRoster { add: vec![log_key(1)], drop_others: true, expires: None };
        assert!(matches!(foreign.draft(&in_force, &stranger, now(), &mut chance()), Err(NextRosterError::NoSeat)));

        let next = draft(vec![log_key(1)], true, None, now()).unwrap();
        log(&mut replay, &next.bundle, &all).unwrap();
        assert_eq!(replay.roster().unwrap().log, [log_key(1)]);
    }
}
