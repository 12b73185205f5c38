//! Roster and list of members in force, asked of the registry and verified against the pinned hash: for verbs that change the
//! member's keys or erase its copies, which mustn't rest on a replica.

use anyhow::{Context as _, bail};
use callboard_client::{
    clock::{Clock as _, MachineClock},
    http,
};
use callboard_federation::{
    members::Members,
    proof_file::{ProofFile, Proven},
    roster::Roster,
    statement::Act,
};

use crate::config::Config;

/// What is in force.
pub(super) struct InForce {
    /// The roster.
    pub(super) roster: Roster,
    /// The list of members, once there is one.
    pub(super) members: Option<Members>,
    /// The proof file of the list, as received.
    pub(super) members_file: Vec<u8>,
}

/// Asks the registry.
pub(super) async fn fetch(config: &Config) -> anyhow::Result<InForce> {
    let client = http::client()?;
    let now = MachineClock.now();
    let proven =
        |file: &[u8]| -> anyhow::Result<Proven> { Ok(ProofFile::from_json(file)?.verify(&config.genesis, now)?) };
    let roster =
        http::get_witnessed(&client, &config.url.at("/v1/roster")).await?.context("the registry has no roster")?;
    let roster = proven(&roster).context("the registry's roster")?.roster;
    let Some(members_file) = http::get_witnessed(&client, &config.url.at("/v1/members")).await? else {
        return Ok(InForce { roster, members: None, members_file: Vec::new() });
    };
    let shown = proven(&members_file).context("the registry's list of members")?;
    let Act::Members(members) = shown.statement.act else { bail!("the registry's list of members is something else") };
    let roster = if shown.roster.version > roster.version { shown.roster } else { roster };
    Ok(InForce { roster, members: Some(members.value), members_file })
}
