//! Members join and leave: what is in force is fetched and verified, then the next list of members, and the next roster with
//! the member's witness key in it, or without, are drafted to be signed.
//!
//! Two dockets, since a roster stands alone; both name the roster in force, so the members' is handed in first. The first
//! members are [`super::genesis`]'s. Implements `docs/formats.md` §6.

use callboard_client::{
    http::{self, HttpError},
    pin::Pin,
    public_file::PublicMember,
};
use callboard_federation::{
    encoding::{KeyId, Time},
    members::{Grant, Member, MemberId, Members, Quota},
    proof_file::{ProofFault, ProofFile, Proven},
    roster::Roster,
    statement::{Act, Kind},
};
use rand_core::CryptoRng;

use super::{
    bundle::{Bundle, BundleError},
    genesis::{Drafter, FoundingError, document, majority},
};

/// What a registry has in force, verified against its pin.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce {
    /// The roster.
    pub roster: Roster,
    /// The members, once there are any.
    pub members: Option<Members>,
}

/// Members about to join, and what each may ask.
pub struct Joining {
    /// Their public files.
    pub members: Vec<PublicMember>,
    /// Points a day.
    pub per_day: u64,
    /// Points besides, for a first load.
    pub grant: Option<Grant>,
}

/// Members about to leave.
pub struct Leaving {
    /// Their ids.
    pub members: Vec<MemberId>,
}

/// What is to be signed for members to join or leave; handed in in this order.
pub struct Amended {
    /// The next list of members.
    pub members: Bundle,
    /// The version of that list.
    pub members_version: u64,
    /// The next roster, if one of them brings a witness key that isn't in it yet, or takes one away.
    pub roster: Option<Bundle>,
}

/// Why members can't join or leave so.
#[derive(Debug, thiserror::Error)]
pub enum JoiningError {
    /// The registry can't be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// What it answers doesn't prove what it should.
    #[error("the registry's {kind} can't be believed")]
    Proof {
        /// The document that was asked for.
        kind: Kind,
        /// Why not.
        #[source]
        fault: Box<ProofFault>,
    },
    /// It answered with the proof of another document.
    #[error("the registry answered with another document than its {0}")]
    OfAnother(Kind),
    /// The log hasn't begun.
    #[error("the registry has no roster yet: hand in its genesis first")]
    NotBegun,
    /// The roster is over; nothing but the next one counts.
    #[error("roster {version} expired at {expired}: a new one comes first")]
    RosterExpired {
        /// The roster's version.
        version: u64,
        /// Since when.
        expired: Time,
    },
    /// The drafter's key isn't in the roster.
    #[error("the key is not of a seat of the roster in force")]
    NoSeat,
    /// The member was made for another registry.
    #[error("{member} made its keys for {of}, not for {issuer}")]
    OfAnotherRegistry {
        /// The member.
        member: MemberId,
        /// The registry that it made them for.
        of: String,
        /// The registry that it is to join.
        issuer: String,
    },
    /// It is a member already.
    #[error("{0} is a member already")]
    Already(MemberId),
    /// It is no member.
    #[error("{0} is no member")]
    NotThere(MemberId),
    /// Its request key stands in the roster already, or is its witness key.
    #[error("{0}'s request key is also a key of the roster: each has its own")]
    KeyRepeated(MemberId),
    /// The next document, or its docket, can't be so.
    #[error(transparent)]
    Draft(#[from] FoundingError),
}

impl From<BundleError> for JoiningError {
    fn from(error: BundleError) -> Self {
        Self::Draft(error.into())
    }
}

impl InForce {
    /// Asks the registry, and verifies its answers against the pin.
    pub async fn fetch(client: &reqwest::Client, pin: &Pin, now: Time) -> Result<Self, JoiningError> {
        let roster = http::get_witnessed(client, &pin.url.at("/v1/roster")).await?.ok_or(JoiningError::NotBegun)?;
        let members = http::get_witnessed(client, &pin.url.at("/v1/members")).await?;
        Self::verify(pin, &roster, members.as_deref(), now)
    }

    /// Verifies the proof files of a roster and of a list of members.
    fn verify(pin: &Pin, roster: &[u8], members: Option<&[u8]>, now: Time) -> Result<Self, JoiningError> {
        let proven = |kind, file: &[u8]| -> Result<Proven, JoiningError> {
            let proven = ProofFile::from_json(file).and_then(|file| file.verify(&pin.genesis, now));
            proven.map_err(|fault| JoiningError::Proof { kind, fault: Box::new(fault) })
        };
        // Whichever roster is shown, its file shows those after it too.
        let mut roster = proven(Kind::Roster, roster)?.roster;
        let members = members.map(|file| proven(Kind::Members, file)).transpose()?;
        let members = match members {
            None => None,
            Some(Proven { statement, roster: later, .. }) => {
                // A roster may have been logged between the two answers.
                if later.version > roster.version {
                    roster = later;
                }
                let Act::Members(document) = statement.act else {
                    return Err(JoiningError::OfAnother(Kind::Members));
                };
                Some(document.value)
            }
        };
        Ok(Self { roster, members })
    }
}

impl Joining {
    /// Drafts what is to be signed; `drafter` is the key of the seat that does.
    pub fn draft(
        self,
        in_force: &InForce,
        drafter: &KeyId,
        issued_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Amended, JoiningError> {
        let mut next = Next::of(in_force, drafter, issued_at)?;
        let (roster, members) = (&mut next.roster, &mut next.members.members);
        let quota = Quota { per_day: self.per_day, grants: self.grant.into_iter().collect() };
        for joining in self.members {
            let (member, issuer) = (joining.member.clone(), roster.issuer.clone());
            if joining.issuer != issuer {
                return Err(JoiningError::OfAnotherRegistry { member, of: joining.issuer, issuer });
            }
            if members.iter().any(|other| other.member == member) {
                return Err(JoiningError::Already(member));
            }
            if !roster.witnesses.keys.contains(&joining.witness) {
                roster.witnesses.keys.push(joining.witness.clone());
            }
            members.push(joining.into_member(quota.clone()));
        }
        let of_roster = |member: &&Member| member.keys.iter().any(|key| roster.keys().any(|other| other == key));
        if let Some(member) = members.iter().find(of_roster) {
            return Err(JoiningError::KeyRepeated(member.member.clone()));
        }
        // Never fewer than before: a new witness must not make a view easier to have.
        let witnesses = &mut roster.witnesses;
        if witnesses.keys.len() > in_force.roster.witnesses.keys.len() {
            witnesses.quorum = witnesses.quorum.max(majority(witnesses.keys.len()));
        }
        next.draft(in_force, issued_at, rng)
    }
}

impl Leaving {
    /// Drafts what is to be signed; `drafter` is the key of the seat that does.
    pub fn draft(
        self,
        in_force: &InForce,
        drafter: &KeyId,
        issued_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Amended, JoiningError> {
        let mut next = Next::of(in_force, drafter, issued_at)?;
        for member in self.members {
            let place = next.members.members.iter().position(|other| other.member == member);
            next.members.members.remove(place.ok_or_else(|| JoiningError::NotThere(member.clone()))?);
            let witness = format!("{}/witness/{member}", next.roster.issuer);
            next.roster.witnesses.keys.retain(|key| key.name().as_str() != witness);
        }
        // As many as before, as far as there are so many: who leaves must not make a view easier to have.
        let witnesses = &mut next.roster.witnesses;
        witnesses.quorum = witnesses.quorum.min(witnesses.keys.len() as u64);
        next.draft(in_force, issued_at, rng)
    }
}

/// The documents that follow those in force.
struct Next {
    members: Members,
    roster: Roster,
}

impl Next {
    fn of(in_force: &InForce, drafter: &KeyId, issued_at: Time) -> Result<Self, JoiningError> {
        let roster = &in_force.roster;
        if roster.expires <= issued_at {
            return Err(JoiningError::RosterExpired { version: roster.version, expired: roster.expires });
        }
        if roster.seat(drafter).is_none() {
            return Err(JoiningError::NoSeat);
        }
        let mut members = in_force.members.clone().unwrap_or_else(|| Members { v: 1, version: 0, members: Vec::new() });
        members.version += 1;
        Ok(Self { members, roster: Roster { version: roster.version + 1, ..roster.clone() } })
    }

    fn draft(self, in_force: &InForce, issued_at: Time, rng: &mut impl CryptoRng) -> Result<Amended, JoiningError> {
        let roster = &in_force.roster;
        let mut drafter = Drafter { issuer: roster.issuer.clone(), roster: roster.version, issued_at, rng };
        let members_version = self.members.version;
        let members = drafter.documents([Act::Members(Box::new(document(Kind::Members, &self.members)?))])?;
        let next = if self.roster.witnesses == roster.witnesses {
            None
        } else {
            Some(drafter.documents([Act::Roster(Box::new(document(Kind::Roster, &self.roster)?))])?)
        };
        Ok(Amended { members, members_version, roster: next })
    }
}

/// The agent's configuration for a member, `member.toml`: where the registry is, what pins it, which key file to open.
pub fn agent_configuration(pin: &Pin, member: &MemberId) -> String {
    let Pin { issuer, genesis, url, tokens_url, .. } = pin;
    let text = |text: &str| toml::Value::from(text).to_string();
    format!(
        "\
# The agent's configuration, written by `callboard member add`. No secret stands here; paths are relative to this file.
# Put it beside the member's key file, then: callboard-agent --config member.toml
member = {member}
issuer = {issuer}
# All that the registry says is verified against this hash.
genesis = {genesis}
url = {url}
tokensUrl = {tokens_url}
# The member's key, from `callboard keygen --member`.
key = {key}
# A view of the log that is older answers nothing but `stale`.
maxStaleness = \"10m\"
",
        member = text(member.as_str()),
        issuer = text(issuer),
        genesis = text(&genesis.to_string()),
        url = text(url.as_str()),
        tokens_url = text(tokens_url.as_str()),
        key = text(&format!("{member}.key")),
    )
}

#[cfg(test)]
mod tests;
