//! Anchors: the root of a member's own log of checks, signed: proof of diligence that shows nobody.
//!
//! The log of checks is the agent's; that the registry logs the anchors of a day under one root is [`crate::entry`].
//! Implements `docs/formats.md` §11.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{Base64, Hash, JsonError, KeyId, PublicKey, Time, from_json, to_json},
    entry::{Entry, EntryContent, anchors_root},
    members::MemberId,
    roster::Roster,
    tlog::{
        TlogError,
        merkle::{Tree, leaf_hash, verify_inclusion},
        proof::Proof,
        view::Watchers,
    },
    zh_en,
};

/// The state of a member's log of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The format's version, 1.
    pub v: u64,
    /// Whose log it is.
    pub member: MemberId,
    /// How many checks it holds.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// When, by the member's clock.
    pub at: Time,
}

/// The cases that are open at a registry: the log key's own word among the anchors of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasesAnchor {
    /// The format's version, 1.
    pub v: u64,
    /// How many are open.
    pub cases: u64,
    /// The RFC 6962 root over the hashes of their last payloads, sorted.
    pub root: Hash,
    /// When, by the log's clock.
    pub at: Time,
}

/// One check of a member's log, and the proof that the log holds it: what an auditor is shown, and nothing of the others.
///
/// [`crate::encoding::from_json`] reads it. That the root is the member's own word, its [`Anchor`] of that size shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckProof {
    /// The format's version, 1.
    pub v: u64,
    /// The check's line, as it was logged.
    pub line: Base64,
    /// Its place in the log, from 0.
    pub index: u64,
    /// How many checks the log holds at the root.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// The inclusion proof.
    pub proof: Vec<Hash>,
}

/// The file in which a check is shown to an auditor: its proof, and the member's word for the root.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CheckFile {
    /// The line and its inclusion proof.
    pub check: CheckProof,
    /// The member's signed word that this was its root, once it is anchored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Envelope>,
    /// The index of the registry's entry that holds the anchor. It says where to look, and proves nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_index: Option<u64>,
    /// The proof that the entry holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged: Option<AnchorProof>,
}

/// The proof that the registry's log holds an anchor: the anchor's way to the root in an entry, and the entry's way to a
/// witnessed checkpoint. Of the anchors beside it it shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AnchorProof {
    /// The entry: the leaf's bytes.
    pub entry: Base64,
    /// The anchor's place among those of the entry, from 0.
    pub place: u64,
    /// How many anchors the entry holds.
    pub count: u64,
    /// The inclusion proof of the anchor in the entry's root.
    pub path: Vec<Hash>,
    /// The entry's way to a checkpoint, a C2SP tlog-proof.
    pub proof: Proof,
}

/// Why it isn't shown that the log holds an anchor.
#[derive(Debug, thiserror::Error)]
pub enum AnchorProofError {
    /// The leaf is none of anchors.
    #[error("{}", zh_en!("该条目不是存证", "the entry is none of anchors"))]
    Entry,
    /// The entry's root isn't over this anchor.
    #[error("{}", zh_en!("该条目是其他存证", "the entry holds other anchors"))]
    OtherAnchors,
    /// The proof is of another entry than the file says.
    #[error("{}", zh_en!("证明的是第{got}条，文件写的是第{said}条",
        "the proof is of entry {got}, the file says {said}"))]
    Index {
        /// What the file says.
        said: u64,
        /// What is proven.
        got: u64,
    },
    /// The entry isn't in the tree of the checkpoint.
    #[error("{}", zh_en!("未能证明该条目在登记册中", "the entry is not shown to be in the log"))]
    Inclusion,
    /// The log of the roster didn't sign the checkpoint, or a line by a known key doesn't verify.
    #[error("{}", zh_en!("检查点：{_0}；签署权限名单已更换的，请重新取得两份文件",
        "the checkpoint: {_0}; a roster that changed since asks for both files anew"))]
    Checkpoint(#[source] TlogError),
    /// Too few witnesses cosigned.
    #[error("{}", zh_en!("检查点的会员见证少于签署权限名单的要求",
        "fewer witnesses cosigned the checkpoint than the roster asks"))]
    Quorum,
}

impl AnchorProof {
    /// The proof of an anchor among those of an entry; `None` if it isn't one of them. All are SHA-256 of payloads.
    pub fn new(entry: Base64, payloads: impl IntoIterator<Item = Hash>, anchor: &Hash, proof: Proof) -> Option<Self> {
        let mut payloads: Vec<Hash> = payloads.into_iter().collect();
        payloads.sort_unstable();
        let place = u64::try_from(payloads.binary_search(anchor).ok()?).ok()?;
        let tree: Tree = payloads.iter().map(|payload| leaf_hash(payload.as_bytes())).collect();
        let path = tree.inclusion_proof(place, tree.size())?;
        Some(Self { entry, place, count: tree.size(), path, proof })
    }

    /// Checks that the log of `roster` holds the anchor whose payload has this hash, as its quorum saw by a clock that says
    /// `now`: when it was logged.
    ///
    /// # Errors
    /// [`AnchorProofError`] if that isn't shown.
    pub fn verify(&self, anchor: &Hash, roster: &Roster, now: Time) -> Result<Time, AnchorProofError> {
        let entry = Entry::parse(&self.entry.0).map_err(|_| AnchorProofError::Entry)?;
        let EntryContent::Anchors(root) = entry.logged else { return Err(AnchorProofError::Entry) };
        verify_inclusion(self.place, self.count, &leaf_hash(anchor.as_bytes()), &self.path, &root)
            .map_err(|_| AnchorProofError::OtherAnchors)?;
        let checkpoint = &self.proof.checkpoint;
        let is_in_log = self.proof.inclusion.verify(&leaf_hash(&self.entry.0), checkpoint.checkpoint());
        is_in_log.map_err(|_| AnchorProofError::Inclusion)?;
        let watchers = Watchers::from(roster);
        let since = watchers.witnessed_since(checkpoint, now).map_err(AnchorProofError::Checkpoint)?;
        if watchers.quorum != 0 && since.is_none() {
            return Err(AnchorProofError::Quorum);
        }
        Ok(entry.logged_at)
    }
}

impl CheckProof {
    /// Whether the line is in the tree of that root.
    ///
    /// # Errors
    /// [`TlogError`] if it isn't shown to be.
    pub fn verify(&self) -> Result<(), TlogError> {
        verify_inclusion(self.index, self.size, &leaf_hash(&self.line.0), &self.proof, &self.root)
    }
}

/// Why bytes are no anchor, or an envelope is no member's anchor.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Not signed by one member, alone.
    #[error(transparent)]
    Envelope(#[from] AloneError),
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("存证只认版本1", "only version 1 of anchors is known"))]
    Version,
    /// One member signed in another's name.
    #[error("{}", zh_en!("{signer} 签署了 {named} 的存证", "{signer} signed an anchor of {named}"))]
    Member {
        /// Whose key signed.
        signer: MemberId,
        /// Whom the anchor names.
        named: MemberId,
    },
}

impl Anchor {
    /// Reads an anchor from the payload of its envelope, whoever signed it.
    pub fn from_json(payload: &[u8]) -> Result<Self, AnchorError> {
        let anchor: Self = from_json(payload)?;
        if anchor.v == 1 { Ok(anchor) } else { Err(AnchorError::Version) }
    }

    /// The anchor in its envelope, signed with a key of its member.
    pub fn sign(&self, key: &SigningKey) -> Envelope {
        let mut envelope = Envelope::new(PayloadType::Anchor, to_json(self));
        envelope.sign(key);
        envelope
    }
}

impl CasesAnchor {
    /// The anchor of open cases, by the hashes of their last payloads; of none there is none.
    pub fn of(heads: &[Hash], at: Time) -> Option<Self> {
        let cases = u64::try_from(heads.len()).ok().filter(|cases| *cases > 0)?;
        Some(Self { v: 1, cases, root: anchors_root(heads.iter().copied()), at })
    }

    /// Reads the anchor from the payload of its envelope, whoever signed it.
    pub fn from_json(payload: &[u8]) -> Result<Self, AnchorError> {
        let anchor: Self = from_json(payload)?;
        if anchor.v == 1 && anchor.cases > 0 { Ok(anchor) } else { Err(AnchorError::Version) }
    }

    /// Reads the anchor that one of the log's keys signed; `key_of` knows them.
    pub fn check(
        envelope: &Envelope,
        mut key_of: impl FnMut(&KeyId) -> Option<PublicKey>,
    ) -> Result<Self, AnchorError> {
        envelope.verify_alone(PayloadType::Anchor, |id| key_of(id).map(|key| (key, ())))?;
        Self::from_json(&envelope.payload.0)
    }

    /// The anchor in its envelope, signed with the log's key.
    pub fn sign(&self, key: &SigningKey) -> Envelope {
        let mut envelope = Envelope::new(PayloadType::Anchor, to_json(self));
        envelope.sign(key);
        envelope
    }
}

/// Reads the anchor that the member signed whom it names; `key_of` knows the members' keys.
pub fn check<'m>(
    envelope: &Envelope,
    key_of: impl FnMut(&KeyId) -> Option<(PublicKey, &'m MemberId)>,
) -> Result<Anchor, AnchorError> {
    let signer = envelope.verify_alone(PayloadType::Anchor, key_of)?;
    let anchor = Anchor::from_json(&envelope.payload.0)?;
    if anchor.member != *signer {
        return Err(AnchorError::Member { signer: signer.clone(), named: anchor.member });
    }
    Ok(anchor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of the anchors in the vectors of log entries.
    const PAYLOAD: &str = concat!(
        r#"{"v":1,"member":"alpha","size":10,"#,
        r#""root":"a38409f8694c08abb32c5d5c8ce63eccfa70afb8745dc74c90f4e7b6e3baaaaf","at":"2026-05-01T01:00:00.000Z"}"#,
    );

    #[test]
    fn an_anchor_is_the_word_of_the_member_that_it_names() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let [alpha, beta] = ["alpha", "beta"].map(|id| MemberId::try_from(id.to_owned()).unwrap());
        let of = |member| move |_: &KeyId| Some((PublicKey::of(&SigningKey::from_bytes(&[1; 32])), member));
        let anchor = Anchor::from_json(PAYLOAD.as_bytes()).unwrap();
        let envelope = anchor.sign(&key);
        assert_eq!(envelope.payload.0, PAYLOAD.as_bytes());
        assert_eq!(check(&envelope, of(&alpha)).unwrap(), anchor);
        assert!(matches!(check(&envelope, of(&beta)), Err(AnchorError::Member { .. })));
    }

    #[test]
    fn the_log_is_shown_to_hold_an_anchor_and_no_other_is_shown() {
        use crate::{
            proof_file::ProofFile,
            tlog::proof::Inclusion,
            vectors::{entries, hash},
        };
        let log = entries();
        let now = "2026-12-01T00:00:00.000Z".parse().unwrap();
        let members = log["proofFiles"].as_array().unwrap().iter().find(|file| file["name"] == "the members").unwrap();
        let members = ProofFile::from_json(members["file"].as_str().unwrap().as_bytes()).unwrap();
        let roster = members.verify(&hash(&log["genesis"]), now).unwrap().roster;
        let payload = |payload: &serde_json::Value| Hash::of(&payload.as_str().unwrap().parse::<Base64>().unwrap().0);
        let payloads: Vec<Hash> = log["anchors"]["payloads"].as_array().unwrap().iter().map(payload).collect();
        let (lines, checkpoint) = (log["entries"].as_array().unwrap(), log["checkpoint"].as_str().unwrap());
        let tree: Tree = lines.iter().map(|entry| hash(&entry["leafHash"])).collect();
        let entry = |index: u64| {
            let line = lines[usize::try_from(index).unwrap()]["entry"].as_str().unwrap();
            let inclusion = Inclusion::of(&tree, index, 7).unwrap();
            (Base64(line.into()), Proof { inclusion, checkpoint: checkpoint.parse().unwrap() })
        };
        let shown = |index, anchor: &Hash| {
            let (entry, proof) = entry(index);
            AnchorProof::new(entry, payloads.iter().copied(), anchor, proof)
        };
        for anchor in &payloads {
            let proof = shown(5, anchor).unwrap();
            assert_eq!(proof.verify(anchor, &roster, now).unwrap(), "2026-05-01T01:00:00.000Z".parse().unwrap());
            let text = String::from_utf8(to_json(&proof)).unwrap();
            assert_eq!(from_json::<AnchorProof>(text.as_bytes()).unwrap(), proof);
        }
        let (alpha, other) = (payloads[0], Hash::of(b"other"));
        assert_eq!(shown(5, &other), None);
        let proof = shown(5, &alpha).unwrap();
        let refused = |proof: &AnchorProof, anchor, roster| proof.verify(anchor, roster, now).unwrap_err();
        assert!(matches!(refused(&proof, &other, &roster), AnchorProofError::OtherAnchors));
        assert!(matches!(refused(&shown(4, &alpha).unwrap(), &alpha, &roster), AnchorProofError::Entry));
        let mut elsewhere = proof.clone();
        elsewhere.proof.inclusion.index = 4;
        assert!(matches!(refused(&elsewhere, &alpha, &roster), AnchorProofError::Inclusion));
        let mut more = roster.clone();
        more.witnesses.quorum = 4;
        assert!(matches!(refused(&proof, &alpha, &more), AnchorProofError::Quorum));
        let another = Roster { log: Vec::new(), ..roster.clone() };
        assert!(matches!(refused(&proof, &alpha, &another), AnchorProofError::Checkpoint(_)));
    }

    #[test]
    fn the_log_anchors_how_many_cases_are_open_and_where_they_end_in_whichever_order() {
        let (log, at) = (SigningKey::from_bytes(&[3; 32]), "2026-05-01T01:00:00.000Z".parse().unwrap());
        let heads = [Hash::of(b"one"), Hash::of(b"another")];
        let anchor = CasesAnchor::of(&heads, at).unwrap();
        assert_eq!(CasesAnchor::of(&[heads[1], heads[0]], at).unwrap(), anchor);
        assert_eq!((anchor.cases, CasesAnchor::of(&[], at)), (2, None));
        let key_of = |_: &KeyId| Some(PublicKey::of(&log));
        assert_eq!(CasesAnchor::check(&anchor.sign(&log), key_of).unwrap(), anchor);
        let foreign = CasesAnchor::check(&anchor.sign(&SigningKey::from_bytes(&[4; 32])), key_of);
        assert!(matches!(foreign, Err(AnchorError::Envelope(_))));
        let of_none = CasesAnchor { cases: 0, ..anchor };
        assert!(CasesAnchor::check(&of_none.sign(&log), key_of).is_err());
    }

    #[test]
    fn an_anchor_says_nothing_else() {
        let more = PAYLOAD.replace("\"size\":10", "\"size\":10,\"person\":\"x\"");
        assert!(matches!(Anchor::from_json(more.as_bytes()), Err(AnchorError::Json(JsonError::Shape(_)))));
        let other = PAYLOAD.replace("\"v\":1", "\"v\":2");
        assert!(matches!(Anchor::from_json(other.as_bytes()), Err(AnchorError::Version)));
    }
}
