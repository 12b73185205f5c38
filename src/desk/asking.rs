//! Asking what holds for a person: identities become tags, the registry answers with a standing, and each record that it
//! rests on is proven.
//!
//! The standing itself is the registry's word, and it sees the tag; an agent answers the same from a replica of its own.

use callboard_client::derivation::{Derived, Known, TokensError, derive};
use callboard_federation::{
    encoding::Time,
    identity::{Identity, IdentityInvalid, IdentityKind},
    proof_file::Proven,
    standing::Standing,
    statement::EpochTag,
};
use rand_core::CryptoRng;

use super::registry::{Registry, RegistryError};

/// Why a text is no identity; never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityTextError {
    /// No kind before the first colon.
    #[error(
        "an identity is written KIND:VALUE, KIND one of cn-id, hmt-travel-permit, passport, cn-uscc, platform-account"
    )]
    Kind,
    /// Not an identity of that kind.
    #[error(transparent)]
    Invalid(#[from] IdentityInvalid),
}

/// Why there is no standing to show.
#[derive(Debug, thiserror::Error)]
pub enum AskingError {
    /// From the registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// From the token service.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// The answer is of someone else.
    #[error("the registry answered for other tags than were asked")]
    OtherTags,
    /// A reason that the record doesn't bear out.
    #[error("the registry gives a reason that record {0} doesn't bear out")]
    Reason(callboard_federation::encoding::RecordId),
}

/// What holds, and what proves it.
pub struct Answer {
    /// The identities with their tags.
    pub known: Vec<Known>,
    /// What the registry says.
    pub standing: Standing,
    /// The records that it rests on, in the order of its reasons, with their proof files as received.
    pub proofs: Vec<(Proven, Vec<u8>)>,
}

/// Reads `KIND:VALUE`; `confirmed` takes a credit code whose checksum fails.
pub fn read_identity(text: &str, confirmed: bool) -> Result<Identity, IdentityTextError> {
    let (kind, value) = text.trim().split_once(':').ok_or(IdentityTextError::Kind)?;
    let kind = IdentityKind::from_word(kind.trim()).ok_or(IdentityTextError::Kind)?;
    Ok(Identity::normalise(kind, value, confirmed)?)
}

/// Asks what holds for the one person who has these identities, now or at an instant.
pub async fn ask(
    registry: &Registry<'_>,
    identities: Vec<Identity>,
    at: Option<Time>,
    rng: &mut impl CryptoRng,
) -> Result<Answer, AskingError> {
    let roster = registry.roster().await?;
    let service = &registry.pin().tokens_url;
    let known = derive(registry.caller(), service, &roster, identities, rng, |_| {}).await?;
    let tags: Vec<EpochTag> = known.iter().flat_map(|known| &known.derived).map(Derived::tag).collect();
    let answer = registry.standings(std::slice::from_ref(&tags), at, rng).await?;
    let standing = answer.standings.into_iter().next().ok_or(AskingError::OtherTags)?;
    // A link may have joined more.
    if !tags.iter().all(|tag| standing.tags.contains(tag)) {
        return Err(AskingError::OtherTags);
    }
    let mut proofs = Vec::with_capacity(standing.reasons.len());
    for reason in &standing.reasons {
        let (proven, bytes) = registry.record(reason.record, rng).await?;
        let is_borne_out = proven.statement.imposed().is_some_and(|imposed| {
            imposed.measure.kind == reason.measure
                && imposed.measure.scopes == reason.scopes
                && imposed.subject.tags.iter().any(|tag| standing.tags.contains(&tag.tag()))
        });
        if !is_borne_out {
            return Err(AskingError::Reason(reason.record));
        }
        proofs.push((proven, bytes));
    }
    Ok(Answer { known, standing, proofs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_that_cant_be_read_is_never_repeated() {
        assert!(read_identity(" cn-id:440308199901101512\n", false).is_ok());
        assert!(read_identity("passport:KOR:M12345678", false).is_ok());
        for text in ["cn-id:440308199901101513", "440308199901101512", "id:440308199901101512", "cn-id:"] {
            let error = read_identity(text, false).err().unwrap();
            assert!(!error.to_string().contains("4403"), "{error}");
        }
    }
}
