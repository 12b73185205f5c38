//! What is in force when public documents are signed: asked of the registry and verified against the pin, or read from
//! proof files that somebody brought.

use callboard_client::runtime::error_chain;
use callboard_federation::{
    encoding::{Hash, Time},
    members::Members,
    policy::Policy,
    proof_file::{ProofFile, ProofFileError},
    roster::Roster,
    statement::{Act, Statement},
    zh_en,
};

use crate::{
    Error,
    bundle::Bundle,
    registry::{Registry, RegistryError},
};

/// The documents in force, as far as they are at hand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InForce {
    pub roster: Option<Roster>,
    /// The list of members, once there is one.
    pub members: Option<Members>,
    /// The policies that are logged, of the instruments that the bundle's are of.
    pub policies: Vec<Policy>,
    /// Whether the registry was asked: what isn't here then isn't in force.
    pub is_asked: bool,
}

impl InForce {
    /// What a bundle of public documents is held against: the proof files that somebody brought, else what the registry
    /// shows. The first roster follows nothing, and may be signed before there is a registry. A registry that can't be
    /// reached is no hindrance but for what follows something; why it can't be is told.
    pub async fn at_hand(
        bundle: &Bundle,
        registry: Option<&Registry<'_>>,
        files: &[Vec<u8>],
    ) -> Result<(Self, Option<String>), Error> {
        let Some(registry) = registry.filter(|registry| bundle.hash() != registry.pin().genesis) else {
            return Ok((Self::default(), None));
        };
        if !files.is_empty() {
            let in_force = Self::read(files, &registry.pin().genesis, registry.caller().now());
            return Ok((in_force.map_err(Error::Fault)?, None));
        }
        match Self::fetch(registry, bundle).await {
            // What follows nothing is signed all the same; whether this does is checked there.
            Err(RegistryError::Missing(_)) => Ok((Self::default(), None)),
            Err(RegistryError::Http(why)) => {
                let why = error_chain(&why);
                Ok((
                    Self::default(),
                    Some(zh_en!("未与现行文件比较：{why}", "not held against what is in force: {why}")),
                ))
            }
            in_force => Ok((in_force?, None)),
        }
    }

    /// Asks the registry for what the documents of a bundle follow.
    pub async fn fetch(registry: &Registry<'_>, bundle: &Bundle) -> Result<Self, RegistryError> {
        let mut in_force = Self { roster: Some(registry.roster().await?), is_asked: true, ..Self::default() };
        for act in documents(bundle) {
            match act {
                Act::Members(_) => in_force.members = registry.members().await?,
                Act::Policy(policy) => in_force.policies.extend(registry.policies_of(&policy.value.instrument).await?),
                _ => {}
            }
        }
        Ok(in_force)
    }

    /// Reads proof files, as `GET /v1/roster`, `/v1/members` and `/v1/policies/{sha256}` give them.
    ///
    /// # Errors
    /// What doesn't hold against the genesis hash.
    pub fn read(files: &[Vec<u8>], genesis: &Hash, now: Time) -> Result<Self, ProofFileError> {
        let mut in_force = Self::default();
        for file in files {
            let proven = ProofFile::from_json(file)?.verify(genesis, now)?;
            // Whatever is proven shows the rosters up to its checkpoint.
            if in_force.roster.as_ref().is_none_or(|roster| roster.version < proven.roster.version) {
                in_force.roster = Some(proven.roster);
            }
            match proven.statement.act {
                Act::Members(members) => in_force.members = Some(members.value),
                Act::Policy(policy) => in_force.policies.push(policy.value),
                _ => {}
            }
        }
        Ok(in_force)
    }

    /// The policy that one of `instrument` follows: the latest of the others.
    pub fn policy_before(&self, next: &Policy) -> Option<&Policy> {
        let others = self.policies.iter().filter(|policy| policy.instrument == next.instrument);
        others.filter(|policy| policy.version != next.version).max_by_key(|policy| policy.effective_from)
    }
}

pub(super) fn documents(bundle: &Bundle) -> impl Iterator<Item = Act> {
    bundle.items().iter().filter_map(|item| Some(Statement::from_json(&item.statement.0).ok()?.act))
}
