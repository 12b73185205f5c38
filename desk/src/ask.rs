//! Asking what holds for a person: identities become tags, the registry answers with a standing, and each record that it
//! rests on is proven.
//!
//! The standing itself is the registry's word, and it sees the tag; an agent answers the same from a replica of its own.

use callboard_client::derivation::{Derived, Known, TokensError, derive};
use callboard_federation::{
    encoding::{RecordId, Time},
    identity::Identity,
    proof_file::ProvenRecord,
    standing::{Reason, Standing, StandingError},
    statement::EpochTag,
    zh_en,
};
use rand_core::CryptoRng;

use super::{
    draft::log_records::LogRecords,
    registry::{Registry, RegistryError},
};

/// Why there is no standing to show.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// From the registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// From the token service.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// The answer is of someone else.
    #[error("{}", zh_en!("登记系统就其他身份代码作答", "the registry answered for other tags than were asked"))]
    OtherTags,
    /// A reason that the record doesn't bear out.
    #[error("{}", zh_en!("登记系统给出的依据，记录 {_0} 并不支持",
        "the registry gives a reason that record {_0} doesn't bear out"))]
    Reason(RecordId),
    /// What is said to join tags, and is no link.
    #[error("{}", zh_en!("登记系统称记录 {_0} 关联了身份，其实没有", "the registry says that record {_0} links identities, and it doesn't"))]
    NoLink(RecordId),
    /// From the log at hand.
    #[error("{}", zh_en!("手头的登记册", "the log at hand"))]
    Log(#[from] StandingError),
}

/// What holds, and what proves it.
pub struct Answer {
    /// The identities with their tags.
    pub known: Vec<Known>,
    /// What the registry says.
    pub standing: Standing,
    /// The records that it rests on, in the order of its reasons, with their proof files as received.
    pub proofs: Vec<(ProvenRecord, Vec<u8>)>,
}

/// Asks what holds for the one person who has these identities, now or at an instant.
pub async fn ask(
    registry: &Registry<'_>,
    identities: Vec<Identity>,
    at: Option<Time>,
    rng: &mut impl CryptoRng,
) -> Result<Answer, AskError> {
    let roster = registry.roster().await?;
    let service = &registry.pin().tokens_url;
    let known = derive(registry.caller(), service, &roster, identities, rng, |_| {}).await?;
    let tags: Vec<EpochTag> = known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect();
    let mut answer = standings(registry, std::slice::from_ref(&tags), at, &mut LogRecords::default(), rng).await?;
    let standing = answer.pop().ok_or(AskError::OtherTags)?;
    let mut proofs = Vec::with_capacity(standing.reasons.len());
    for reason in &standing.reasons {
        let (proven, bytes) = registry.record(reason.record, rng).await?;
        if !bears_out(&proven, reason, standing.tags.as_slice()) {
            return Err(AskError::Reason(reason.record));
        }
        proofs.push((proven, bytes));
    }
    Ok(Answer { known, standing, proofs })
}

/// The standings of persons, by the registry's word. Each link that joins more tags to theirs is proven, and added to what is
/// named.
pub(super) async fn standings(
    registry: &Registry<'_>,
    persons: &[Vec<EpochTag>],
    at: Option<Time>,
    named: &mut LogRecords,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Standing>, AskError> {
    let answer = registry.standings(persons.to_vec(), at, rng).await?;
    for ((tags, standing), links) in persons.iter().zip(&answer.standings).zip(&answer.links) {
        named.fetch_links(registry, links, rng).await?;
        let joined = named.joined(tags);
        if !tags.iter().all(|tag| standing.tags.contains(tag)) || !standing.tags.iter().all(|tag| joined.contains(tag))
        {
            return Err(AskError::OtherTags);
        }
    }
    Ok(answer.standings)
}

/// Whether a record imposes what a reason says, on whoever has one of the tags.
pub(super) fn bears_out(proven: &ProvenRecord, reason: &Reason, tags: &[EpochTag]) -> bool {
    proven.statement.imposed().is_some_and(|imposed| {
        imposed.measure.kind == reason.measure
            && imposed.measure.scopes == reason.scopes
            && imposed.subject.tags.iter().any(|tag| tags.contains(&tag.tag()))
    })
}
