//! A docket of another association as evidence: its proof holds from a genesis that the policy of the case names. What
//! follows from it is our own panel's to decide.

use callboard_federation::{
    encoding::{Hash, Time},
    policy::Policy,
    proof_file::{ProofFile, ProvenRecord},
    zh_en,
};
use callboard_rules::{
    associations::taken_up,
    case::act::{Evidence, EvidenceKind},
};

use crate::Error;

/// A docket of another association, proven.
pub struct ForeignDocket {
    /// What the case holds of it: the hash of the proof file.
    pub evidence: Evidence,
    pub proven: ProvenRecord,
}

impl ForeignDocket {
    /// Reads a proof file of another registry under the policy of a case; `own` is our own genesis.
    ///
    /// # Errors
    /// It is no proof, or of a registry whose dockets the policy doesn't take up.
    pub fn read(bytes: &[u8], policy: &Policy, own: &Hash, now: Time) -> Result<Self, Error> {
        let below = |source| Error::below("foreign-docket-proof", source);
        let file = ProofFile::from_json(bytes).map_err(below)?;
        let genesis = file.roots().first().map(|root| root.docket.payload_hash());
        if genesis.as_ref() == Some(own) {
            return Err(Error::other("foreign-docket-own", || {
                zh_en!("这是本登记册自己的文书", "it is a docket of this registry itself")
            }));
        }
        // A file that begins with no roster fails as such, whatever the policy names.
        let named = taken_up(policy).into_iter().find(|named| genesis.as_ref() == Some(named));
        let Some(genesis) = named else {
            let genesis = genesis.map(|genesis| genesis.to_string()).unwrap_or_default();
            return Err(Error::other("foreign-docket-unnamed", || {
                zh_en!(
                    "案件所依据的规则没有列入登记册校验码为 {genesis} 的协会，不采用其文书",
                    "the case's policy doesn't name the registry of genesis {genesis}: its dockets aren't taken up"
                )
            }));
        };
        let proven = file.verify(&genesis, now).map_err(below)?;
        Ok(Self { evidence: Evidence { sha256: Hash::of(bytes), kind: EvidenceKind::ForeignDocket }, proven })
    }

    /// What it shows, in a line.
    pub fn text(&self) -> String {
        let ProvenRecord { place, docket, statement, .. } = &self.proven;
        let (issuer, index, kind) = (&docket.issuer, place.index, statement.kind());
        zh_en!(
            ("{issuer} 第{index}条：{}，证明成立", kind.words().zh),
            ("entry {index} of {issuer}, {kind}: its proof holds")
        )
    }
}
