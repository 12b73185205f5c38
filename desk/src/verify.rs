//! Verifying files off line: a record's proof against the pinned genesis hash, a docket against what it commits to, or a
//! member's check against its own log of checks.

mod report;

use callboard_federation::{
    anchor::{self, Anchor, AnchorProofError, CheckFile, CheckProof},
    declaration::{self, Departure},
    docket::{Docket, Publication},
    dsse::{Envelope, PayloadType},
    encoding::{Hash, KeyId, Time, from_json},
    hand_in::{HandIn, check_shares},
    members::Members,
    printed_record::PrintedRecord,
    proof_file::{
        ProofFile, ProvenRecord,
        notice::{NoticeFile, ProvenNotice},
    },
    roster::Roster,
    statement::{Act, Statement},
};

pub use crate::error::verify::VerifyError;
use crate::missing_signature::asked;
pub use report::{not_verified, verified};

pub enum VerifiedFile {
    /// A record that was logged under the pinned genesis.
    Proof(Box<ProvenRecord>),
    /// A public text that was signed and logged under the pinned genesis.
    Notice(Box<ProvenNotice>),
    /// A docket whose statements are those that were signed.
    Docket(DocketReport),
    /// A check that a member's log of checks holds.
    Check(CheckReport),
    /// That a member left, and erased what it had; whether its signature was verified.
    Departure(Departure, bool),
}

/// What the code of a printed letter is, held against proofs of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintedVerdict {
    /// The letter's statement is the one that the log holds.
    Proven,
    /// The log holds another statement under the record's id.
    Another,
    /// None of the proofs is of its record.
    Unproven,
}

/// Holds a printed letter's code against dockets that were verified: of its record's proof file, or of the notice that it
/// appeared in.
pub fn verify_printed<'p>(printed: &PrintedRecord, proven: impl IntoIterator<Item = &'p Docket>) -> PrintedVerdict {
    let mut items = proven.into_iter().flat_map(|docket| &docket.items);
    match items.find(|item| item.record == printed.record) {
        None => PrintedVerdict::Unproven,
        Some(item) if item.commitment == printed.commitment => PrintedVerdict::Proven,
        Some(_) => PrintedVerdict::Another,
    }
}

/// A check that was held against the root of a log of checks, and that against the member's word.
pub struct CheckReport {
    /// The line and its place.
    pub check: CheckProof,
    /// The member's word of the root, if the file has one.
    pub anchor: Option<Anchor>,
    /// Whether the member's signature was verified.
    pub is_signed: bool,
    /// The entry of the registry's log that is said to hold the anchor.
    pub log_index: Option<u64>,
    /// When the log is proven to have taken it, and in which entry.
    pub logged: Option<(u64, Time)>,
}

impl CheckReport {
    /// Whether the check is shown to be older than its anchor: the root is the member's verified word, and the
    /// registry's log is proven to hold it. Anything less anyone can make at any time.
    pub const fn is_anchored(&self) -> bool {
        self.is_signed && self.logged.is_some()
    }
}

/// A docket that was held against its own commitments, and a roster, if one was at hand.
pub struct DocketReport {
    pub docket: Docket,
    /// SHA-256 of the payload.
    pub hash: Hash,
    /// Who is said to have signed.
    pub keys: Vec<KeyId>,
    /// Whether the signatures were verified and counted.
    pub is_signed: bool,
}

/// Reads and checks a file against the pinned genesis hash; `roster` is the proof file of the roster that a docket
/// names, `members` that of the list that has the key of a check's member, `now` what the reader's clock says.
pub fn verify(
    bytes: &[u8],
    genesis: &Hash,
    roster: Option<&[u8]>,
    members: Option<&[u8]>,
    now: Time,
) -> Result<VerifiedFile, VerifyError> {
    let value: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(bytes).map_err(|_| VerifyError::Unknown)?;
    if value.contains_key("roots") && value.contains_key("publication") {
        return Ok(VerifiedFile::Notice(Box::new(NoticeFile::from_json(bytes)?.verify(genesis, now)?)));
    }
    if value.contains_key("roots") {
        return Ok(VerifiedFile::Proof(Box::new(ProofFile::from_json(bytes)?.verify(genesis, now)?)));
    }
    if value.contains_key("check") {
        let members = members.map(|bytes| proven_members(bytes, genesis, now)).transpose()?;
        return verify_check(from_json(bytes)?, members.as_ref(), now).map(VerifiedFile::Check);
    }
    if value.contains_key("payloadType") {
        let envelope: Envelope = from_json(bytes)?;
        let members = members.map(|bytes| proven_members(bytes, genesis, now)).transpose()?;
        return verify_departure(&envelope, members.as_ref());
    }
    if !value.contains_key("docket") || !value.contains_key("items") {
        return Err(VerifyError::Unknown);
    }
    let roster = roster.map(|bytes| proven_roster(bytes, genesis, now)).transpose()?;
    verify_docket(HandIn::from_json(bytes)?, genesis, roster.as_ref()).map(VerifiedFile::Docket)
}

fn proven_roster(bytes: &[u8], genesis: &Hash, now: Time) -> Result<Roster, VerifyError> {
    match ProofFile::from_json(bytes)?.verify(genesis, now)?.statement.act {
        Act::Roster(roster) => Ok(roster.value),
        _ => Err(VerifyError::NotARoster),
    }
}

/// The members' list, and the roster whose log and witnesses are known by it.
fn proven_members(bytes: &[u8], genesis: &Hash, now: Time) -> Result<(Members, Roster), VerifyError> {
    let proven = ProofFile::from_json(bytes)?.verify(genesis, now)?;
    match proven.statement.act {
        Act::Members(members) => Ok((members.value, proven.roster)),
        _ => Err(VerifyError::NotMembers),
    }
}

/// The departure is the word of a member that the list named.
fn verify_departure(envelope: &Envelope, members: Option<&(Members, Roster)>) -> Result<VerifiedFile, VerifyError> {
    let Some((members, _)) = members else { return Ok(VerifiedFile::Departure(declaration::read(envelope)?, false)) };
    let key_of = |id: &KeyId| members.of_key(id).map(|(member, key)| (*key, &member.member));
    Ok(VerifiedFile::Departure(declaration::check(envelope, key_of)?, true))
}

/// The line is under its root; the root is the member's word; the word is signed by a key of the members' list, and in
/// the log of the roster.
fn verify_check(file: CheckFile, members: Option<&(Members, Roster)>, now: Time) -> Result<CheckReport, VerifyError> {
    let CheckFile { check, anchor: envelope, log_index, logged: proof } = file;
    check.verify()?;
    let anchor = match (&envelope, members) {
        (Some(envelope), Some((members, _))) => {
            let key_of = |id: &KeyId| members.of_key(id).map(|(member, key)| (*key, &member.member));
            Some(anchor::check(envelope, key_of)?)
        }
        (Some(envelope), None) => Some(Anchor::from_json(&envelope.payload.0)?),
        (None, _) => None,
    };
    if anchor.as_ref().is_some_and(|anchor| (anchor.size, anchor.root) != (check.size, check.root)) {
        return Err(VerifyError::AnchorOfAnother);
    }
    let mut logged = None;
    if let Some(proof) = proof {
        let envelope = envelope.as_ref().ok_or(VerifyError::NoAnchor)?;
        let got = proof.proof.inclusion.index;
        if let Some(said) = log_index.filter(|said| *said != got) {
            return Err(AnchorProofError::Index { said, got }.into());
        }
        if let Some((_, roster)) = members {
            logged = Some((got, proof.verify(&envelope.payload_hash(), roster, now)?));
        }
    }
    let is_signed = anchor.is_some() && members.is_some();
    Ok(CheckReport { check, anchor, is_signed, log_index, logged })
}

fn verify_docket(hand_in: HandIn, genesis: &Hash, roster: Option<&Roster>) -> Result<DocketReport, VerifyError> {
    let (disclosed, shares) = hand_in.into_parts();
    let docket = Docket::from_json(&disclosed.envelope.payload.0)?;
    if docket.items.len() != disclosed.items.len() {
        return Err(VerifyError::Items { expected: docket.items.len(), got: disclosed.items.len() });
    }
    let (mut first, mut statements) = (None, Vec::with_capacity(docket.items.len()));
    for (item, bytes) in docket.items.iter().zip(&disclosed.items) {
        let (record, bytes) = (item.record, bytes.as_deref().unwrap_or_default());
        if Statement::commitment(bytes) != item.commitment {
            return Err(VerifyError::Commitment(record));
        }
        let statement = Statement::from_json(bytes).map_err(|source| VerifyError::Statement { record, source })?;
        if statement.id != record || statement.kind() != item.kind {
            return Err(VerifyError::Item(record));
        }
        if let Act::Roster(roster) = &statement.act
            && roster.value.version == 1
        {
            first = Some(roster.value.clone());
        }
        statements.push(Some(statement));
    }
    check_shares(&statements, &shares)?;
    let publication = disclosed.publication.as_deref();
    if publication.map(Hash::of) != docket.publication
        || publication.is_some_and(|text| Publication::from_json(text).is_err())
    {
        return Err(VerifyError::Publication);
    }
    let hash = disclosed.envelope.payload_hash();
    if first.is_some() && hash != *genesis {
        return Err(VerifyError::Genesis);
    }
    // The first roster is signed under itself.
    let roster = first.as_ref().or(roster);
    if let Some(roster) = roster {
        if roster.version != docket.roster {
            return Err(VerifyError::Roster { expected: docket.roster, got: roster.version });
        }
        let roles = disclosed
            .envelope
            .verify(PayloadType::Docket, |key| roster.seat(key).map(|seat| (seat.public_key, seat.role)))?;
        for (role, asked) in asked(roster, &docket, statements.iter().flatten()) {
            let got: u64 = roles.iter().map(|signed| u64::from(*signed == role)).sum();
            if got < asked {
                return Err(VerifyError::Threshold { role, asked, got });
            }
        }
    }
    let keys = disclosed.envelope.signatures.iter().map(|line| line.keyid).collect();
    Ok(DocketReport { docket, hash, keys, is_signed: roster.is_some() })
}

#[cfg(test)]
mod tests {
    use callboard_federation::{dsse::SignatureLine, encoding::to_json};

    use callboard_federation::roster::Role;

    use super::*;
    use crate::{
        bundle::Bundle,
        tests::{Committee, SHEET},
    };

    fn docket_file(committee: &Committee, bundle: &Bundle, seats: &[usize]) -> HandIn {
        let sign = |seat: &usize| {
            SignatureLine::of(committee.seats[*seat].signing_key(), PayloadType::Docket, bundle.payload())
        };
        bundle.with_signatures(seats.iter().map(sign).collect())
    }

    #[test]
    fn a_docket_file_is_held_against_all_that_was_signed() {
        let committee = Committee::found();
        let bundle = committee.rule(SHEET);
        let genesis = Hash::of(b"genesis");
        let check = |hand_in: HandIn| verify_docket(hand_in, &genesis, Some(&committee.roster));
        let file = docket_file(&committee, &bundle, &[0, 1, 4]);
        assert!(check(file.clone()).unwrap().is_signed);
        assert!(
            matches!(verify(&to_json(&file), &genesis, None, None, Time::from_seconds(0)), Ok(VerifiedFile::Docket(shown)) if !shown.is_signed)
        );

        let few = docket_file(&committee, &bundle, &[0, 4]);
        assert!(matches!(check(few), Err(VerifyError::Threshold { role: Role::Panel, asked: 2, got: 1 })));
        let mut forged = file.clone();
        forged.docket.signatures[0].sig.0[3] ^= 1;
        assert!(matches!(check(forged), Err(VerifyError::Signatures(_))));
        let mut altered = file.clone();
        altered.items[1].statement.0[40] ^= 1;
        assert!(matches!(check(altered), Err(VerifyError::Commitment(_))));
        let mut shareless = file;
        shareless.items[0].share = None;
        assert!(matches!(check(shareless), Err(VerifyError::Shares(_))));
        for other in ["{}", "[]", "", "{\"v\":1}"] {
            assert!(
                matches!(
                    verify(other.as_bytes(), &genesis, None, None, Time::from_seconds(0)),
                    Err(VerifyError::Unknown)
                ),
                "{other}"
            );
        }
    }

    #[test]
    fn a_check_and_a_departure_are_held_against_the_members_word() {
        use callboard_federation::{
            encoding::{Base64, PublicKey},
            members::{Member, Quota},
            tlog::merkle::{Tree, leaf_hash},
        };
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let lines: [&[u8]; 3] = [b"one", b"two", b"three"];
        let tree: Tree = lines.iter().map(|line| leaf_hash(line)).collect();
        let proof = tree.inclusion_proof(1, 3).unwrap();
        let check =
            CheckProof { v: 1, line: Base64(lines[1].to_vec()), index: 1, size: 3, root: tree.current_root(), proof };
        let member: callboard_federation::members::MemberId = "alpha".to_owned().try_into().unwrap();
        let at = "2026-05-01T00:00:00.000Z".parse().unwrap();
        let word = |size| Anchor { v: 1, member: member.clone(), size, root: tree.current_root(), at }.sign(&key);
        let quota = Quota { per_day: 1, grants: Vec::new() };
        let alpha = Member {
            member: member.clone(),
            name: "α".to_owned(),
            keys: vec![PublicKey::of(&key)],
            quota,
            contact: None,
        };
        let members = (Members { v: 1, version: 1, members: vec![alpha] }, Committee::found().roster);
        let verify_check = |file, members| super::verify_check(file, members, at);
        let file = |anchor| CheckFile { check: check.clone(), anchor, log_index: Some(4), logged: None };
        let shown = verify_check(file(Some(word(3))), Some(&members)).unwrap();
        assert!(shown.is_signed && !shown.is_anchored(), "where it is said to be logged proves nothing");
        assert!(!verify_check(file(Some(word(3))), None).unwrap().is_signed);
        assert!(verify_check(file(None), None).unwrap().anchor.is_none());
        let other = verify_check(file(Some(word(4))), None);
        assert!(matches!(other, Err(VerifyError::AnchorOfAnother)));
        let departure = Departure {
            v: 1,
            member: member.clone(),
            issuer: "callboard.test".to_owned(),
            erased: vec!["replica".to_owned()],
            kept: Vec::new(),
            at,
        };
        let left = declaration::sign(&departure, &key);
        let is_signed = |envelope, members| match verify_departure(envelope, members).unwrap() {
            VerifiedFile::Departure(shown, is_signed) => (shown == departure, is_signed),
            _ => panic!("a departure"),
        };
        assert_eq!(is_signed(&left, Some(&members)), (true, true));
        assert_eq!(is_signed(&left, None), (true, false), "without the list it is nobody's word");
        let nobody = (Members { members: Vec::new(), ..members.0 }, members.1.clone());
        assert!(matches!(verify_departure(&left, Some(&nobody)), Err(VerifyError::Departure(_))));
        assert!(matches!(verify_check(file(Some(word(3))), Some(&nobody)), Err(VerifyError::Anchor(_))));
        let mut altered = file(None);
        altered.check.line.0[0] ^= 1;
        assert!(matches!(verify_check(altered, None), Err(VerifyError::Check(_))));
    }
}
