//! Members leave: refused while a seat bears the member's id, or while the quorum couldn't be reached without its witness;
//! the roster that mends this is drafted instead, and the list of members once that is in force.

use std::fmt;

use callboard_client::visible::Visible;
use callboard_federation::{members::MemberId, zh_en};

use super::{InForce, Next, cosigning_of, witness_name};
use crate::error::Error;

pub struct Leaving {
    pub members: Vec<MemberId>,
}

/// Why members can't leave under the roster in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindrance {
    /// A seat whose holder works for one of them.
    Seat { holder: String, member: MemberId },
    /// Without their agents too few witnesses cosign.
    Quorum {
        /// How many a view takes.
        quorum: u64,
        /// How many of the others cosign now.
        cosigning: u64,
    },
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Seat { holder, member } => zh_en!(
                "暂不能退出：按现行签署权限名单，{} 任职于 {member}",
                "not yet: {} works for {member}, by the roster in force",
                Visible(holder)
            ),
            Self::Quorum { quorum, cosigning } => zh_en!(
                "暂不能退出：须有{quorum}家会员见证，除去退出的，现有{cosigning}家在会签",
                "not yet: a view takes {quorum} witnesses, and without those that leave {cosigning} cosign"
            ),
        })
    }
}

impl Leaving {
    pub(super) fn apply(self, next: &mut Next, in_force: &InForce) -> Result<(), Error> {
        for member in &self.members {
            let place = next.members.members.iter().position(|other| other.member == *member);
            next.members.members.remove(place.ok_or_else(|| Error::NotThere(member.clone()))?);
            let witness = witness_name(&next.roster.issuer, member);
            next.roster.witnesses.keys.retain(|key| key.name().as_str() != witness);
            for seat in next.roster.seats.iter_mut().filter(|seat| seat.member.as_ref() == Some(member)) {
                seat.member = None;
                next.hindrances.push(Hindrance::Seat { holder: seat.holder.clone(), member: member.clone() });
            }
        }
        let witnesses = &mut next.roster.witnesses;
        let keys = witnesses.keys.len() as u64;
        let cosigning = cosigning_of(witnesses, &in_force.cosigning);
        let (quorum, has_gone) = (witnesses.quorum, *witnesses != in_force.roster.witnesses);
        if quorum > cosigning && has_gone {
            // As many as are left, and never so few that two views could have a quorum each.
            witnesses.quorum = quorum.min(cosigning);
            if keys > 0 && witnesses.quorum <= keys / 2 {
                return Err(Error::QuorumUnreachable { quorum, keys, cosigning });
            }
            next.hindrances.push(Hindrance::Quorum { quorum, cosigning });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use callboard_federation::encoding::KeyId;
    use callboard_keys::SeatKey;

    use super::*;
    use crate::{
        member::{Amendment, MemberChange, tests::begun},
        setup::tests::{log, now, os_rng},
    };

    fn leave(in_force: &InForce, drafter: &KeyId, ids: &[&str]) -> Result<Amendment, Error> {
        let members = ids.iter().map(|id| (*id).to_owned().try_into().unwrap()).collect();
        MemberChange::Leave(Leaving { members }).draft(in_force, drafter, now(), &mut os_rng())
    }

    #[test]
    fn who_leaves_takes_its_keys_with_it_and_makes_no_view_easier() {
        let (mut replay, mut in_force, seats) = begun(2);
        let all: Vec<&SeatKey> = seats.iter().collect();
        let drafter = seats[0].public_key().id();
        assert!(matches!(leave(&in_force, &drafter, &["gamma"]), Err(Error::NotThere(_))));
        assert!(matches!(leave(&in_force, &drafter, &["alpha", "alpha"]), Err(Error::NotThere(_))));
        // Both witnesses are needed: the roster that needs one comes first.
        in_force.cosigning.clone_from(&in_force.roster.witnesses.keys);
        let first = leave(&in_force, &drafter, &["alpha"]).unwrap();
        assert!(first.members.is_none());
        assert_eq!(first.hindrances, [Hindrance::Quorum { quorum: 2, cosigning: 1 }]);
        assert_eq!((first.witnesses.quorum, first.witnesses.keys.len()), (1, 1));
        log(&mut replay, &first.roster.unwrap(), &all).unwrap();
        in_force.roster = replay.roster().unwrap().clone();
        let then = leave(&in_force, &drafter, &["alpha"]).unwrap();
        assert!(then.roster.is_none() && then.hindrances.is_empty());
        log(&mut replay, &then.members.unwrap().1, &all).unwrap();
        assert_eq!(replay.members().unwrap().document.value.members.len(), 1);
    }

    #[test]
    fn whose_seat_bears_its_id_stays_until_a_roster_says_otherwise() {
        let (mut replay, mut in_force, seats) = begun(2);
        let drafter = seats[0].public_key().id();
        in_force.roster.witnesses.quorum = 0;
        in_force.roster.seats[2].member = Some("beta".to_owned().try_into().unwrap());
        let amended = leave(&in_force, &drafter, &["beta"]).unwrap();
        let member = "beta".to_owned().try_into().unwrap();
        assert_eq!(amended.hindrances, [Hindrance::Seat { holder: "panel-3".to_owned(), member }]);
        assert!(amended.members.is_none());
        let all: Vec<&SeatKey> = seats.iter().collect();
        log(&mut replay, &amended.roster.unwrap(), &all).unwrap();
        let roster = replay.roster().unwrap();
        assert!(roster.seats.iter().all(|seat| seat.member.is_none()) && roster.witnesses.keys.len() == 1);
        // Nothing hinders whose witness isn't needed: both documents are drafted.
        let alpha = leave(&in_force, &drafter, &["alpha"]).unwrap();
        assert!(alpha.hindrances.is_empty() && alpha.members.is_some() && alpha.roster.is_some());
    }

    #[test]
    fn no_roster_is_drafted_under_which_nothing_would_be_proven() {
        let (_, mut in_force, seats) = begun(2);
        let drafter = seats[0].public_key().id();
        let refused = leave(&in_force, &drafter, &["alpha"]).err().unwrap();
        assert!(matches!(refused, Error::QuorumUnreachable { quorum: 2, keys: 1, cosigning: 0 }), "{refused}");
        in_force.cosigning = in_force.roster.witnesses.keys.clone();
        let all = leave(&in_force, &drafter, &["alpha", "beta"]).unwrap();
        assert_eq!((all.witnesses.quorum, all.witnesses.keys.len()), (0, 0), "with the last member no witness is left");
    }
}
