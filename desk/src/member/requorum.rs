//! Another quorum of witnesses, and the witness keys of members who joined without.

use callboard_client::public_file::PublicMember;

use super::{InForce, Next, settle_quorum};
use crate::error::Error;

/// How many witnesses a view is to take from now on.
pub struct Requorum {
    pub quorum: u64,
    /// Members whose agents become witnesses.
    pub members: Vec<PublicMember>,
}

impl Requorum {
    pub(super) fn apply(self, next: &mut Next, in_force: &InForce) -> Result<(), Error> {
        let Next { members, roster, .. } = next;
        for witness in self.members {
            let is_member = members.of_key(&witness.public_key.id()).is_some_and(|(of, _)| of.member == witness.member);
            if !is_member {
                return Err(Error::NotThere(witness.member));
            }
            if !roster.witnesses.keys.contains(&witness.witness) {
                roster.witnesses.keys.push(witness.witness);
            }
        }
        settle_quorum(&mut roster.witnesses, Some(self.quorum), &in_force.cosigning)
    }
}
