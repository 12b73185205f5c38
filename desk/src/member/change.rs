//! A member changes: keys that it adds and drops, its name and contact, its quota and grants. The roster stays as it is, but for a new
//! witness key that replaces the one of its agent.

use super::{InForce, Next, check_within_reach, witness_name};
use crate::error::Error;
use callboard_client::public_file::PublicMember;
use callboard_federation::{
    declaration::{self, Rotation},
    dsse::Envelope,
    encoding::KeyId,
    members::{Grant, Member, MemberId},
};

/// What changes; what isn't said stays.
#[derive(Default)]
pub struct Change {
    /// Public files of new keys of the member.
    pub add: Vec<PublicMember>,
    /// Request keys that it has no longer.
    pub drop: Vec<KeyId>,
    pub name: Option<String>,
    /// Another contact; an empty one: none.
    pub contact: Option<String>,
    pub per_day: Option<u64>,
    pub grant: Option<Grant>,
    /// Whether the grants of before end.
    pub drops_grants: bool,
    /// What the member asks for itself, under a key that it has: its new keys, and its witness key where the roster has
    /// one.
    pub rotation: Option<Envelope>,
    /// Whether the witness key of the new keys takes the place of the member's in the roster.
    pub as_witness: bool,
}

impl Change {
    pub(super) fn apply(self, member: &MemberId, next: &mut Next, in_force: &InForce) -> Result<(), Error> {
        let issuer = next.roster.issuer.clone();
        let of_roster: Vec<KeyId> = next.roster.keys().map(callboard_federation::encoding::PublicKey::id).collect();
        let (mut added, mut takes_witness) = (self.add, self.as_witness);
        if let Some(envelope) = &self.rotation {
            let rotation: Rotation =
                declaration::check(envelope, |id| next.members.of_key(id).map(|(of, key)| (*key, &of.member)))?;
            let Rotation { member, issuer, public_key, witness, .. } = rotation;
            takes_witness |= next.roster.witnesses.keys.iter().any(|key| key.name() == witness.name());
            added.push(PublicMember { v: 1, member, name: String::new(), issuer, public_key, witness, contact: None });
        }
        let place = next.members.members.iter_mut().find(|other| other.member == *member);
        let changed: &mut Member = place.ok_or_else(|| Error::NotThere(member.clone()))?;
        for added in added {
            if added.issuer != issuer || added.member != *member {
                let of = format!("{} at {}", added.member, added.issuer);
                return Err(Error::MemberOfAnotherRegistry { member: member.clone(), of, issuer });
            }
            if of_roster.contains(&added.public_key.id()) || added.public_key == *added.witness.key() {
                return Err(Error::RequestKeyRepeated(member.clone()));
            }
            if takes_witness {
                // Its agent cosigns with the new key from when the roster is in force: the count stays what it is.
                let name = witness_name(&issuer, member);
                let keys = &mut next.roster.witnesses.keys;
                keys.retain(|key| key.name().as_str() != name);
                keys.push(added.witness);
            }
            if !changed.keys.contains(&added.public_key) {
                changed.keys.push(added.public_key);
            }
        }
        for dropped in &self.drop {
            let place = changed.keys.iter().position(|key| key.id() == *dropped);
            changed.keys.remove(place.ok_or_else(|| Error::NoSuchKey(member.clone(), *dropped))?);
        }
        if changed.keys.is_empty() {
            return Err(Error::NoKeyLeft(member.clone()));
        }
        if let Some(name) = self.name {
            changed.name = name;
        }
        if let Some(contact) = self.contact {
            changed.contact = Some(contact).filter(|contact| !contact.is_empty());
        }
        if let Some(per_day) = self.per_day {
            changed.quota.per_day = per_day;
        }
        if self.drops_grants {
            changed.quota.grants.clear();
        }
        changed.quota.grants.extend(self.grant);
        check_within_reach(&next.roster.witnesses, in_force)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        member::{MemberChange, tests::begun},
        setup::tests::{ISSUER, log, member, now, os_rng, seats, setup},
    };
    use callboard_client::public_file::PublicFile;
    use callboard_keys::{MemberKey, SeatKey};

    #[test]
    fn new_keys_are_taken_that_the_member_asks_for_under_one_that_it_has() {
        let seats = seats(4, 2, 2);
        let mut setup = setup(&seats);
        setup.quorum = 0;
        let old =
            MemberKey::generate("alpha".to_owned().try_into().unwrap(), ISSUER.to_owned(), &mut os_rng()).unwrap();
        let PublicFile::Member(public) = old.public("alpha".to_owned()) else { unreachable!() };
        setup.members = vec![public.clone(), member("beta", ISSUER)];
        let quota = callboard_federation::members::Quota { per_day: 1, grants: Vec::new() };
        let members = setup.members.iter().map(|of| of.clone().into_member(quota.clone())).collect();
        let roster = setup.draft(&mut os_rng()).unwrap().roster;
        let members = Some(callboard_federation::members::Members { v: 1, version: 1, members });
        let in_force = InForce { roster, members, cosigning: Vec::new() };
        let new = member("alpha", ISSUER);
        let rotation = Rotation {
            v: 1,
            member: new.member.clone(),
            issuer: ISSUER.to_owned(),
            public_key: new.public_key,
            witness: new.witness.clone(),
            at: now(),
        };
        let drafter = seats[0].public_key().id();
        let draft = |envelope| {
            let change = Change { rotation: Some(envelope), ..Change::default() };
            MemberChange::Change(new.member.clone(), Box::new(change)).draft(&in_force, &drafter, now(), &mut os_rng())
        };
        let amended = draft(declaration::sign(&rotation, old.request_key())).unwrap();
        assert!(amended.members.is_some() && amended.witnesses.keys.contains(&new.witness));
        assert!(!amended.witnesses.keys.contains(&public.witness));
        let stranger = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
        assert!(matches!(draft(declaration::sign(&rotation, &stranger)), Err(Error::Declaration(_))));
    }

    #[test]
    fn a_member_changes_keys_quota_grants_and_name_and_nothing_else_does() {
        let (mut replay, in_force, seats) = begun(2);
        let all: Vec<&SeatKey> = seats.iter().collect();
        let drafter = seats[6].public_key().id();
        let members = in_force.members.as_ref().unwrap();
        let [alpha, beta] = [0, 1].map(|at| members.members[at].clone());
        let new = member("alpha", ISSUER);
        let draft = |change: Change, id: &MemberId| {
            MemberChange::Change(id.clone(), Box::new(change)).draft(&in_force, &drafter, now(), &mut os_rng())
        };
        let grant = Grant { count: 5, until: now().plus_days(1) };
        let change = Change {
            add: vec![new.clone()],
            drop: vec![alpha.keys[0].id()],
            name: Some("阿尔法".to_owned()),
            contact: Some("duty@alpha.example".to_owned()),
            per_day: Some(7),
            grant: Some(grant),
            ..Change::default()
        };
        let amended = draft(change, &alpha.member).unwrap();
        assert!(amended.roster.is_none(), "the roster stays");
        log(&mut replay, &amended.members.unwrap().1, &all).unwrap();
        let after = &replay.members().unwrap().document.value.members;
        assert_eq!(after[1], beta);
        assert_eq!((after[0].name.as_str(), after[0].quota.per_day, after[0].quota.grants.len()), ("阿尔法", 7, 1));
        assert_eq!(after[0].keys, [new.public_key]);
        assert_eq!(after[0].contact.as_deref(), Some("duty@alpha.example"));

        // A new witness key takes the place of the old one, where the others are enough.
        let change = || Change { add: vec![new.clone()], as_witness: true, ..Change::default() };
        assert!(matches!(draft(change(), &alpha.member), Err(Error::QuorumUnreachable { cosigning: 0, .. })));
        let mut in_force = in_force.clone();
        in_force.roster.witnesses.quorum = 0;
        let draft = |change: Change, id: &MemberId| {
            MemberChange::Change(id.clone(), Box::new(change)).draft(&in_force, &drafter, now(), &mut os_rng())
        };
        let roster = draft(change(), &alpha.member).unwrap();
        assert!(roster.roster.is_some() && roster.witnesses.keys.contains(&new.witness));
        assert_eq!(roster.witnesses.keys.len(), in_force.roster.witnesses.keys.len());

        let refused = |change, id: &MemberId| draft(change, id).err().unwrap();
        let two_lines = Change { contact: Some("duty\ndesk".to_owned()), ..Change::default() };
        assert!(matches!(refused(two_lines, &alpha.member), Error::Document { .. }));
        let none = Change { contact: Some(String::new()), ..Change::default() };
        assert!(matches!(refused(none, &alpha.member), Error::NothingChanges), "it had none");
        let drop = |of: &Member| Change { drop: vec![of.keys[0].id()], ..Change::default() };
        assert!(matches!(refused(drop(&beta), &alpha.member), Error::NoSuchKey(..)));
        assert!(matches!(refused(drop(&alpha), &alpha.member), Error::NoKeyLeft(_)));
        assert!(matches!(refused(Change::default(), &alpha.member), Error::NothingChanges));
        let of_another = Change { add: vec![member("beta", ISSUER)], ..Change::default() };
        assert!(matches!(refused(of_another, &alpha.member), Error::MemberOfAnotherRegistry { .. }));
        let nobody = "gamma".to_owned().try_into().unwrap();
        assert!(matches!(refused(Change::default(), &nobody), Error::NotThere(_)));
    }
}
