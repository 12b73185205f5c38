//! The roster and the list of members in force, asked of a registry and verified against the pinned hash.
//!
//! For whoever is about to change them, and for a member that takes new keys or leaves: nothing of it rests on a
//! replica.

use callboard_api::registry::documents::{GET_MEMBERS, GET_ROSTER};
use callboard_federation::{
    encoding::{Hash, Time},
    members::Members,
    proof_file::{ProofFile, ProofFileError, ProvenRecord},
    roster::Roster,
    statement::{Act, Kind},
    zh_en,
};

use super::{
    http::{self, HttpError},
    pin::Address,
};

/// What a registry has in force.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce {
    /// The roster.
    pub roster: Roster,
    /// The list of members, once there is one.
    pub members: Option<Members>,
    /// The proof file of the list, as received.
    pub members_file: Vec<u8>,
}

/// Why it isn't known what is in force.
#[derive(Debug, thiserror::Error)]
pub enum InForceError {
    /// The registry can't be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// What it answers doesn't prove what it should.
    #[error("{}", zh_en!(("登记系统的{}不可信", kind.words().zh), ("the registry's {kind} can't be believed")))]
    Proof {
        /// The document that was asked for.
        kind: Kind,
        /// Why not.
        #[source]
        fault: Box<ProofFileError>,
    },
    /// It answered with the proof of another document.
    #[error("{}", zh_en!(("登记系统答复的是另一文件，不是{}", _0.words().zh),
        ("the registry answered with another document than its {_0}")))]
    OfAnother(Kind),
    /// The log hasn't begun.
    #[error("{}", zh_en!("登记系统还没有签署权限名单：请先提交其首份文书",
        "the registry has no roster yet: hand in its genesis first"))]
    NotBegun,
}

impl InForce {
    /// Asks the registry at `url`.
    pub async fn fetch(
        client: &reqwest::Client,
        url: &Address,
        genesis: &Hash,
        now: Time,
    ) -> Result<Self, InForceError> {
        let roster =
            http::ask_proof(client, url, &GET_ROSTER.with(&(), &(), &())).await?.ok_or(InForceError::NotBegun)?;
        let members = http::ask_proof(client, url, &GET_MEMBERS.with(&(), &(), &())).await?;
        Self::verify(genesis, &roster, members, now)
    }

    /// Verifies the proof files of a roster and of a list of members.
    fn verify(genesis: &Hash, roster: &[u8], members: Option<Vec<u8>>, now: Time) -> Result<Self, InForceError> {
        let proven = |kind, file: &[u8]| -> Result<ProvenRecord, InForceError> {
            let proven = ProofFile::from_json(file).and_then(|file| file.verify(genesis, now));
            proven.map_err(|fault| InForceError::Proof { kind, fault: Box::new(fault) })
        };
        // Whichever roster is shown, its file shows those after it too.
        let roster = proven(Kind::Roster, roster)?.roster;
        let Some(members_file) = members else { return Ok(Self { roster, members: None, members_file: Vec::new() }) };
        let ProvenRecord { statement, roster: later, .. } = proven(Kind::Members, &members_file)?;
        let Act::Members(document) = statement.act else { return Err(InForceError::OfAnother(Kind::Members)) };
        // A roster may have been logged between the two answers.
        let roster = if later.version > roster.version { later } else { roster };
        Ok(Self { roster, members: Some(document.value), members_file })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_is_in_force_is_believed_by_its_proof_alone() {
        let log: Value = serde_json::from_str(include_str!("../../vectors/entries.json")).unwrap();
        let file = |name: &str| {
            let mut files = log["proofFiles"].as_array().unwrap().iter();
            files.find(|file| file["name"] == name).unwrap()["file"].as_str().unwrap().as_bytes().to_vec()
        };
        let genesis: Hash = log["genesis"].as_str().unwrap().parse().unwrap();
        let verify = |genesis: &Hash, roster: &str, members: Option<&str>| {
            InForce::verify(genesis, &file(roster), members.map(file), Time::from_seconds(1_780_000_060))
        };
        let in_force = verify(&genesis, "the second roster", Some("the members")).unwrap();
        assert_eq!((in_force.roster.version, in_force.members.unwrap().version), (2, 1));
        // An old roster's file shows the one after it.
        assert_eq!(verify(&genesis, "the genesis", None).unwrap().roster.version, 2);

        let fault = verify(&Hash::of(b"another"), "the second roster", None).unwrap_err();
        assert!(matches!(fault, InForceError::Proof { kind: Kind::Roster, .. }));
        let swapped = verify(&genesis, "the second roster", Some("the policy")).unwrap_err();
        assert!(matches!(swapped, InForceError::OfAnother(Kind::Members)));
    }
}
