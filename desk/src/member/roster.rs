//! The next roster: other log keys, or a later end; all else as it is in the roster in force.
//!
//! Witnesses change with members ([`super`]). Implements `docs/formats.md` §6.

use callboard_federation::{encoding::Time, tlog::vkey::VerifierKey};

use super::{InForce, Next};
use crate::{error::Error, setup::ROSTER_DAYS};

pub struct NextRoster {
    /// Log keys to name.
    pub add: Vec<VerifierKey>,
    /// Whether no log key is named but those.
    pub drop_others: bool,
    /// When it ends, if not when the roster in force does.
    pub expires: Option<Time>,
}

impl NextRoster {
    pub(super) fn apply(self, next: &mut Next, in_force: &InForce) -> Result<(), Error> {
        let issued_at = next.issued_at;
        let roster = &mut next.roster;
        if self.drop_others {
            roster.log.retain(|key| self.add.contains(key));
        }
        let new = self.add.into_iter().filter(|key| !in_force.roster.log.contains(key));
        roster.log.extend(new);
        if let Some(expires) = self.expires {
            roster.expires = expires;
        } else if roster.expires <= issued_at {
            roster.expires = issued_at.plus_days(ROSTER_DAYS);
        }
        if roster.expires <= issued_at {
            return Err(Error::BornExpired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use callboard_federation::{
        encoding::PublicKey,
        replay::Replay,
        roster::Roster,
        statement::{Act, Statement},
        tlog::vkey::SignatureType,
    };
    use callboard_keys::SeatKey;
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::member::{Amendment, MemberChange};
    use crate::setup::tests::{ISSUER, log, now, os_rng, seats, setup};

    fn log_key(seed: u8) -> VerifierKey {
        let key = PublicKey::of(&SigningKey::from_bytes(&[seed; 32]));
        VerifierKey::new(ISSUER.parse().unwrap(), SignatureType::Note, key)
    }

    #[test]
    fn the_next_roster_names_another_log_key_and_counts() {
        let seats = seats(4, 2, 2);
        let all: Vec<&SeatKey> = seats.iter().collect();
        let drafts = setup(&seats).draft(&mut os_rng()).unwrap();
        let mut replay = Replay::new(None);
        log(&mut replay, &drafts.genesis, &all).unwrap();
        let in_force = InForce { roster: drafts.roster, members: None, cosigning: Vec::new() };
        let drafter = seats[6].public_key().id();
        let draft = |add: Vec<VerifierKey>, drop_others, expires, at: Time| {
            MemberChange::Roster(NextRoster { add, drop_others, expires }).draft(&in_force, &drafter, at, &mut os_rng())
        };
        let next = |amendment: Amendment| -> Roster {
            assert!(amendment.members.is_none());
            let bundle = amendment.roster.unwrap();
            let statement = Statement::from_json(&bundle.items()[0].statement.0).unwrap();
            let Act::Roster(roster) = statement.act else { unreachable!() };
            roster.value
        };
        let both = next(draft(vec![log_key(1)], false, None, now()).unwrap());
        assert_eq!((both.log.len(), both.version, both.expires), (2, 2, in_force.roster.expires));
        // A roster that is over is no hindrance: the next gets an end of its own.
        let late = in_force.roster.expires.plus_days(1);
        assert_eq!(next(draft(vec![log_key(1)], true, None, late).unwrap()).expires, late.plus_days(ROSTER_DAYS));
        assert!(matches!(draft(vec![], false, None, now()), Err(Error::NothingChanges)));
        assert!(matches!(draft(vec![], false, Some(now()), now()), Err(Error::BornExpired)));
        let stranger = crate::setup::tests::seats(2, 2, 1)[0].public_key().id();
        let foreign = NextRoster { add: vec![log_key(1)], drop_others: true, expires: None };
        assert!(matches!(
            MemberChange::Roster(foreign).draft(&in_force, &stranger, now(), &mut os_rng()),
            Err(Error::NoSeat)
        ));

        let alone = draft(vec![log_key(1)], true, None, now()).unwrap().roster.unwrap();
        log(&mut replay, &alone, &all).unwrap();
        assert_eq!(replay.roster().unwrap().log, [log_key(1)]);
    }
}
