//! Tags and seal keys of identities, made with the token service, which learns neither.
//!
//! A tag that someone else derived is never trusted: who drafts and who signs derive each identity under every live
//! epoch, and check the service's proof against the roster's key. Implements `docs/formats.md` §3; the service is
//! `tokens`.

use std::sync::Arc;

use callboard_federation::{
    encoding::Time,
    identity::Identity,
    roster::{EpochKey, EpochState, Roster},
    sealed::Holder,
    statement::EpochTag,
    tag::{Epoch, Tag},
    token::{Blind, Evaluation, MAX_BATCH, SealKey, TokenError, WirePoint, finalise},
    zh_en,
};
use rand_core::CryptoRng;

use super::{
    http::{Allowance, Caller, HttpError},
    parallel::{on_every_core, part_len},
    pin::Address,
    retry::Patience,
};

/// What an identity is under one epoch.
#[derive(Clone)]
pub struct Derived {
    /// The epoch.
    pub epoch: Epoch,
    /// The tag.
    pub tag: Tag,
    /// What opens details wrapped for the tag.
    pub seal_key: SealKey,
    /// What hid the identity from the token service: an auditor may ask a member to open a point (`docs/formats.md`
    /// §3).
    pub blind: Blind,
    /// The points of the batch that it was sent in, in order.
    pub points: Arc<[WirePoint]>,
    /// Its place among them.
    pub at: usize,
}

/// An identity, and what it is under each live epoch, in the roster's order.
#[derive(Clone)]
pub struct Known {
    /// The identity.
    pub identity: Identity,
    /// Tags and seal keys.
    pub derived: Vec<Derived>,
}

/// Why there are no tags.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// The service gave no answer.
    #[error("{}", zh_en!("身份代码服务（第{epoch}期密钥）", "the token service, for epoch {epoch}"))]
    Http {
        /// The epoch.
        epoch: Epoch,
        /// Why not.
        #[source]
        source: HttpError,
    },
    /// The service's answer can't be believed.
    #[error("{}", zh_en!("第{epoch}期密钥", "epoch {epoch}"))]
    Token {
        /// The epoch.
        epoch: Epoch,
        /// Why not.
        #[source]
        source: TokenError,
    },
    /// The roster has no epoch under which tags are made.
    #[error("{}", zh_en!("签署权限名单中没有启用的身份代码密钥", "the roster has no live epoch"))]
    NoEpoch,
}

impl TokensError {
    /// The refusal of a quota that doesn't reach: how many points are left, and until when.
    pub fn quota_spent(&self) -> Option<(u64, Option<Time>)> {
        match self {
            Self::Http { source, .. } => source.quota_spent(),
            _ => None,
        }
    }
}

impl Derived {
    /// Who can open what is wrapped for the tag.
    pub const fn holder(&self) -> Holder<'_> {
        Holder { epoch: self.epoch, tag: self.tag, seal_key: &self.seal_key }
    }

    /// The tag with its epoch.
    pub const fn tag(&self) -> EpochTag {
        EpochTag { epoch: self.epoch, tag: self.tag }
    }
}

/// The epochs under which tags are made.
pub fn live_epochs(roster: &Roster) -> impl Iterator<Item = &EpochKey> {
    roster.epochs.iter().filter(|epoch| epoch.state == EpochState::Live)
}

/// Derives each identity under every live epoch of the roster; `progress` hears how many points came back.
///
/// # Errors
/// [`TokensError`]; a proof that is wrong fails all.
pub async fn derive(
    caller: &Caller<'_>,
    service: &Address,
    roster: &Roster,
    identities: Vec<Identity>,
    rng: &mut impl CryptoRng,
    mut progress: impl FnMut(usize),
) -> Result<Vec<Known>, TokensError> {
    derive_counted(caller, service, roster, identities, rng, |count, _| progress(count)).await
}

/// As [`derive`]; `heard` hears of each batch how many points came back, and what the service tells of those that are
/// left.
///
/// # Errors
/// As [`derive`].
pub async fn derive_counted(
    caller: &Caller<'_>,
    service: &Address,
    roster: &Roster,
    identities: Vec<Identity>,
    rng: &mut impl CryptoRng,
    mut heard: impl FnMut(usize, Option<Allowance>),
) -> Result<Vec<Known>, TokensError> {
    if live_epochs(roster).next().is_none() {
        return Err(TokensError::NoEpoch);
    }
    let mut known: Vec<Known> =
        identities.into_iter().map(|identity| Known { identity, derived: Vec::new() }).collect();
    for epoch in live_epochs(roster) {
        let url = service.at(&format!("/v1/tokens?epoch={}", epoch.number));
        for batch in known.chunks_mut(MAX_BATCH) {
            let failed = |source| TokensError::Token { epoch: epoch.number, source };
            let blinded = BlindedBatch::draw(batch, rng).map_err(failed)?;
            let body = blinded.points.as_flattened().to_vec();
            let refused = |source| TokensError::Http { epoch: epoch.number, source };
            let mut patience = Patience::default();
            let (answer, allowance) = loop {
                match caller.post_points(&url, body.clone(), rng).await {
                    Ok(answer) => break answer,
                    Err(error) => patience.wait(error).await.map_err(refused)?,
                }
            };
            let outputs = blinded.finish(batch, epoch, &answer).map_err(failed)?;
            let points: Arc<[WirePoint]> = blinded.points.into();
            for (at, ((known, output), blind)) in batch.iter_mut().zip(outputs).zip(blinded.blinds).enumerate() {
                let (tag, seal_key) = output;
                let points = points.clone();
                known.derived.push(Derived { epoch: epoch.number, tag, seal_key, blind, points, at });
            }
            heard(batch.len(), allowance);
        }
    }
    Ok(known)
}

/// A batch as it is sent, and what undoes its blinding.
struct BlindedBatch {
    blinds: Vec<Blind>,
    points: Vec<WirePoint>,
}

impl BlindedBatch {
    fn draw(batch: &[Known], rng: &mut impl CryptoRng) -> Result<Self, TokenError> {
        let blinds: Vec<Blind> = batch.iter().map(|_| Blind::draw(rng)).collect();
        let len = part_len(batch.len());
        let parts: Vec<_> = batch.chunks(len).zip(blinds.chunks(len)).collect();
        let blinded = on_every_core(&parts, |(batch, blinds)| {
            let points = batch.iter().zip(*blinds).map(|(known, blind)| blind.blind(&known.identity.prf_input()));
            points.collect::<Result<Vec<_>, _>>()
        });
        let points = blinded.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        Ok(Self { blinds, points })
    }

    fn finish(&self, batch: &[Known], epoch: &EpochKey, answer: &[u8]) -> Result<Vec<(Tag, SealKey)>, TokenError> {
        let evaluated = Evaluation::read(&epoch.public_key, &self.points, answer)?;
        let inputs: Vec<_> = batch.iter().map(|known| known.identity.prf_input()).collect();
        let inputs: Vec<(&[u8], &Blind)> = inputs.iter().map(|input| input.as_slice()).zip(&self.blinds).collect();
        let len = part_len(inputs.len());
        let parts: Vec<_> = inputs.chunks(len).zip(evaluated.parts(len)).collect();
        let outputs = on_every_core(&parts, |(inputs, evaluated)| finalise(inputs, evaluated));
        Ok(outputs.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use callboard_federation::identity::IdentityKind;
    use callboard_tokens::{Evaluate as _, TokenSecret};
    use rand_core::UnwrapErr;

    use super::*;

    #[test]
    fn an_answer_under_another_key_than_the_rosters_gives_no_tags() {
        let mut rng = UnwrapErr(rand::rngs::SysRng);
        let epoch = Epoch::new(1).unwrap();
        let [ours, other] = [1, 2].map(|seed| TokenSecret::derive(&[seed; 32], "callboard.test", epoch).unwrap());
        let key = EpochKey { number: epoch, public_key: ours.public(), state: EpochState::Live };
        let identity = Identity::normalise(IdentityKind::CnId, "440308199901101512", false).unwrap();
        let batch = [Known { identity, derived: Vec::new() }];

        let tags = [(&ours, true), (&ours, true), (&other, false)].map(|(secret, is_believed)| {
            let blinded = BlindedBatch::draw(&batch, &mut rng).unwrap();
            let answer = secret.evaluate(&blinded.points, &mut rng).unwrap();
            let outputs = blinded.finish(&batch, &key, &answer);
            assert_eq!(outputs.is_ok(), is_believed);
            outputs.ok().map(|outputs| outputs[0].0)
        });
        assert_eq!(tags[0], tags[1], "blinds leave no trace");
    }
}
