//! Another quorum of witnesses, and the witness keys of members who joined without.

use callboard_client::public_file::PublicMember;
use callboard_federation::encoding::{KeyId, Time};
use rand_core::CryptoRng;

use super::{Amendment, AmendmentError, InForce, Next, settle_quorum};

/// How many witnesses a view is to take from now on.
pub struct Requorum {
    /// So many.
    pub quorum: u64,
    /// Members whose agents become witnesses.
    pub members: Vec<PublicMember>,
}

impl Requorum {
    /// Drafts the roster that is to be signed; `drafter` is the key of the seat that does.
    pub fn draft(
        self,
        in_force: &InForce,
        drafter: &KeyId,
        issued_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Amendment, AmendmentError> {
        let mut next = Next::of(in_force, drafter, issued_at)?;
        let Next { members, roster } = &mut next;
        for witness in self.members {
            let is_member = members.of_key(&witness.public_key.id()).is_some_and(|(of, _)| of.member == witness.member);
            if !is_member {
                return Err(AmendmentError::NotThere(witness.member));
            }
            if !roster.witnesses.keys.contains(&witness.witness) {
                roster.witnesses.keys.push(witness.witness);
            }
        }
        settle_quorum(&mut roster.witnesses, Some(self.quorum), &in_force.cosigning)?;
        next.draft(in_force, issued_at, rng)
    }
}
