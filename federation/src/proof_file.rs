//! A proof file: one record, its way into a witnessed tree, and every roster from the pinned genesis on.
//!
//! Checked off line against the genesis hash. It shows that the record was logged under the roster of its time; whether
//! it still stands, only the log tells ([`crate::replay`], [`crate::standing`]). Implements *Proof file* of
//! `docs/formats.md` §8.

pub mod notice;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    docket::{Docket, DocketError},
    dsse::Envelope,
    encoding::{Base64, Hash, JsonError, Time, from_json},
    entry::{Entry, EntryContent},
    records::Place,
    replay::{Moment, Replay, RuleError, read_statement},
    roster::Roster,
    statement::{Act, Kind, Statement},
    tlog::{
        TlogError,
        checkpoint::{Checkpoint, SignedCheckpoint},
        merkle::leaf_hash,
        proof::{Inclusion, Proof},
        view::Watchers,
    },
    zh_en,
};

/// A proof file as it is carried. White space and order of members don't matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
    v: u64,
    index: u64,
    position: u32,
    entry: Base64,
    statement: Base64,
    docket: Envelope,
    proof: Proof,
    roots: Vec<ProofPart>,
}

/// A record with all that its leaf commits to, and the leaf's way to the root of the file's checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProofRoot))]
#[serde(deny_unknown_fields)]
pub struct ProofPart {
    /// The index of the entry.
    pub index: u64,
    /// The position of the record's item in the docket, from 0.
    pub position: u32,
    /// The leaf's bytes.
    pub entry: Base64,
    /// The statement's bytes.
    pub statement: Base64,
    /// The envelope of the docket.
    pub docket: Envelope,
    /// The way to the root.
    pub proof: Inclusion,
}

/// What a proof file shows.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvenRecord {
    /// Where the record stands.
    pub place: Place,
    /// When it was logged.
    pub logged_at: Time,
    /// What was decided.
    pub statement: Statement,
    /// The docket that was signed.
    pub docket: Docket,
    /// The size and root of the log that witnesses saw.
    pub checkpoint: Checkpoint,
    /// Since when that is witnessed, in seconds since 1970; with quorum 0 by the log alone, or not at all.
    pub witnessed_since: Option<u64>,
    /// The last roster before that size, as far as the file tells: the keys that the checkpoint is signed with.
    pub roster: Roster,
}

/// A part of a proof file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The record itself.
    Record,
    /// The docket of a public text ([`notice`]).
    Notice,
    /// One of `roots`, from 0.
    Root(usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record => f.write_str(&zh_en!("该记录", "the record")),
            Self::Notice => f.write_str(&zh_en!("该公告", "the notice")),
            Self::Root(at) => f.write_str(&zh_en!("第{at}项 root", "root {at}")),
        }
    }
}

/// Why a proof file shows nothing, and which part of it fails.
#[derive(Debug, thiserror::Error)]
pub enum ProofFileError {
    /// Not JSON as the formats take it, or a member malformed, missing or unknown.
    #[error("{}", zh_en!("证明文件格式有误：{_0}", "the proof file is malformed: {_0}"))]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("只认版本1", "only version 1 is known"))]
    Version,
    /// A part isn't in the tree, or its docket doesn't count.
    #[error("{}", zh_en!("{part}：{fault}", "{part}: {fault}"))]
    Part {
        /// Which.
        part: Part,
        /// What is wrong with it.
        fault: PartError,
    },
    /// There is no roster.
    #[error("{}", zh_en!("文件中没有签署权限名单", "the file has no roster"))]
    NoRoster,
    /// The first roster isn't the pinned one.
    #[error("{}", zh_en!("首份签署权限名单不是所信任的那一份", "the first roster is not the pinned genesis"))]
    Genesis,
    /// The roots aren't rosters in order, then the record's policy, if it names one, and nothing else.
    #[error("{}", zh_en!("应依次为各版签署权限名单，再为该记录的规则",
        "roots are the rosters in order, then the record's policy"))]
    Roots,
    /// The policy that the record names isn't there.
    #[error("{}", zh_en!("缺少该记录所依据的规则", "the policy that the record names is missing"))]
    PolicyMissing,
    /// The checkpoint isn't signed by the log of the last roster, or a line by a known key doesn't verify.
    #[error("{}", zh_en!("检查点：{_0}", "the checkpoint: {_0}"))]
    Checkpoint(#[source] TlogError),
    /// The checkpoint has a line by a key that the last roster doesn't name.
    #[error("{}", zh_en!("检查点上有最末一版签署权限名单未列的密钥",
        "the checkpoint has a line by a key that the last roster does not name"))]
    Stranger,
    /// Too few witnesses of the last roster cosigned.
    #[error("{}", zh_en!("会员见证少于最末一版签署权限名单的要求",
        "fewer witnesses cosigned than the last roster asks"))]
    Quorum,
}

/// What is wrong with a part.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// The leaf isn't an entry of a docket.
    #[error("{}", zh_en!("该叶节点不是文书条目", "the leaf is no entry of a docket"))]
    Entry,
    /// The leaf is of another payload.
    #[error("{}", zh_en!("该叶节点属于另一文书", "the leaf is of another docket"))]
    Docket,
    /// The leaf is of other signatures, or of the same in another order.
    #[error("{}", zh_en!("该叶节点的签名不符", "the leaf is of other signatures"))]
    Signatures,
    /// The proof is of another index.
    #[error("{}", zh_en!("证明的是另一条目", "the proof is of another index"))]
    Index,
    /// The leaf isn't shown to be in the tree.
    #[error("{}", zh_en!("未能证明该叶节点在登记册中", "the leaf is not shown to be in the tree"))]
    Inclusion,
    /// The docket has no item there.
    #[error("{}", zh_en!("文书在此位置没有内容", "the docket has no item at this position"))]
    Position,
    /// The statement doesn't open its commitment.
    #[error("{}", zh_en!("内容与文书的承诺值不符", "the statement does not open its commitment"))]
    Commitment,
    /// The public text isn't the one that the docket names, or isn't one.
    #[error("{}", zh_en!("公布内容不是文书所指的那一份", "the public text is not the one that the docket names"))]
    Publication,
    /// `loggedAt` is before that of an earlier entry.
    #[error("{}", zh_en!("登记时间早于其前面的条目", "logged before an entry that stands before it"))]
    Time,
    /// The docket doesn't count, by this rule.
    #[error(transparent)]
    NotCounted(Box<RuleError>),
}

impl ProofFile {
    /// The file of a record: its rosters and policy as `roots`, all shown to be in the tree of `checkpoint`.
    pub fn new(record: ProofPart, checkpoint: SignedCheckpoint, roots: Vec<ProofPart>) -> Self {
        let ProofPart { index, position, entry, statement, docket, proof: inclusion } = record;
        Self { v: 1, index, position, entry, statement, docket, proof: Proof { inclusion, checkpoint }, roots }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ProofFileError::Json`], [`ProofFileError::Version`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProofFileError> {
        let file: Self = from_json(bytes)?;
        if file.v == 1 { Ok(file) } else { Err(ProofFileError::Version) }
    }

    /// The record, in the shape of its roots.
    pub fn record(&self) -> ProofPart {
        ProofPart {
            index: self.index,
            position: self.position,
            entry: self.entry.clone(),
            statement: self.statement.clone(),
            docket: self.docket.clone(),
            proof: self.proof.inclusion.clone(),
        }
    }

    /// The rosters from genesis on, then the record's policy, if it names one.
    pub fn roots(&self) -> &[ProofPart] {
        &self.roots
    }

    /// The checkpoint, not to be believed before [`Self::verify`].
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.proof.checkpoint
    }

    /// Checks the whole file against the pinned hash of entry 0's payload, by a clock that says `now`.
    ///
    /// # Errors
    /// The first [`ProofFileError`] found.
    pub fn verify(&self, genesis: &Hash, now: Time) -> Result<ProvenRecord, ProofFileError> {
        let shown = self.record();
        let record = PartContent::read(Part::Record, &shown)?;
        let opened = self.roots.iter().enumerate().map(|(at, root)| PartContent::read(Part::Root(at), root));
        let roots: Vec<PartContent<'_>> = opened.collect::<Result<_, _>>()?;
        check_roots(&record, &roots, genesis)?;

        // A roster is among its own roots; every other record is taken in its place between them.
        let is_root = record.kind() == Kind::Roster;
        let mut parts: Vec<&PartContent<'_>> = roots.iter().chain((!is_root).then_some(&record)).collect();
        parts.sort_by_key(|opened| opened.shown.index);
        let mut replay = Replay::new(Some(*genesis));
        let mut previous = Time::from_millis(i64::MIN);
        for opened in parts {
            opened.entry.check_follows(previous).map_err(|_| opened.fault(PartError::Time))?;
            opened.take(&mut replay)?;
            previous = opened.entry.logged_at;
        }

        let roster = replay.roster().ok_or(ProofFileError::NoRoster)?;
        let checkpoint = self.checkpoint();
        let witnessed_since = witnessed_since(roster, checkpoint, now)?;
        roots.iter().chain([&record]).try_for_each(|opened| opened.check_inclusion(checkpoint))?;
        Ok(ProvenRecord {
            place: Place { index: self.index, position: self.position },
            logged_at: record.entry.logged_at,
            statement: record.statement,
            docket: record.docket,
            checkpoint: checkpoint.checkpoint().clone(),
            witnessed_since,
            roster: roster.clone(),
        })
    }
}

/// Since when the checkpoint is witnessed, by the keys of the last roster, which alone have lines on it.
fn witnessed_since(roster: &Roster, checkpoint: &SignedCheckpoint, now: Time) -> Result<Option<u64>, ProofFileError> {
    let watchers = Watchers::from(roster);
    let witnessed_since = watchers.witnessed_since(checkpoint, now).map_err(ProofFileError::Checkpoint)?;
    if watchers.quorum != 0 && witnessed_since.is_none() {
        return Err(ProofFileError::Quorum);
    }
    if watchers.stranger(checkpoint).is_some() { Err(ProofFileError::Stranger) } else { Ok(witnessed_since) }
}

/// The leaf and the docket that it is of, with the signatures that it is of.
fn leaf_of(
    part: Part,
    entry: &Base64,
    envelope: &Envelope,
    (index, inclusion): (u64, &Inclusion),
) -> Result<(Entry, Docket), ProofFileError> {
    let fault = |fault| ProofFileError::Part { part, fault };
    let entry = Entry::parse(&entry.0).map_err(|_| fault(PartError::Entry))?;
    let EntryContent::Docket { docket, signatures } = entry.logged else { return Err(fault(PartError::Entry)) };
    if docket != envelope.payload_hash() {
        return Err(fault(PartError::Docket));
    }
    if signatures != envelope.signatures_hash() {
        return Err(fault(PartError::Signatures));
    }
    if inclusion.index != index {
        return Err(fault(PartError::Index));
    }
    let malformed = |malformed: DocketError| fault(PartError::NotCounted(Box::new(malformed.into())));
    Ok((entry, Docket::from_json(&envelope.payload.0).map_err(malformed)?))
}

/// A part whose bytes are of one docket: leaf, envelope, statement.
struct PartContent<'a> {
    part: Part,
    shown: &'a ProofPart,
    entry: Entry,
    docket: Docket,
    statement: Statement,
}

impl<'a> PartContent<'a> {
    fn read(part: Part, shown: &'a ProofPart) -> Result<Self, ProofFileError> {
        let fault = |fault| ProofFileError::Part { part, fault };
        let refused = |refusal| fault(PartError::NotCounted(Box::new(refusal)));
        let (entry, docket) = leaf_of(part, &shown.entry, &shown.docket, (shown.index, &shown.proof))?;
        let item = usize::try_from(shown.position).ok().and_then(|at| docket.items.get(at));
        let item = item.ok_or_else(|| fault(PartError::Position))?;
        if item.commitment != Statement::commitment(&shown.statement.0) {
            return Err(fault(PartError::Commitment));
        }
        let statement = read_statement(item, &shown.statement.0).map_err(refused)?;
        Ok(Self { part, shown, entry, docket, statement })
    }

    const fn kind(&self) -> Kind {
        self.statement.kind()
    }

    const fn fault(&self, fault: PartError) -> ProofFileError {
        ProofFileError::Part { part: self.part, fault }
    }

    /// Whether it is in the checkpoint's tree.
    fn check_inclusion(&self, checkpoint: &SignedCheckpoint) -> Result<(), ProofFileError> {
        let shown = self.shown.proof.verify(&leaf_hash(&self.shown.entry.0), checkpoint.checkpoint());
        shown.map_err(|_| self.fault(PartError::Inclusion))
    }

    /// Lets the docket count under what is in force.
    fn take(&self, replay: &mut Replay) -> Result<(), ProofFileError> {
        let moment = Moment { index: self.shown.index, logged_at: self.entry.logged_at };
        let taken = replay.take_alone(moment, &self.docket, &self.shown.docket, &self.statement);
        taken.map_err(|refusal| self.fault(PartError::NotCounted(Box::new(refusal))))
    }
}

/// Whether the roots are the pinned roster and those after it, in order, then the policy that the record names.
fn check_roots(record: &PartContent<'_>, roots: &[PartContent<'_>], genesis: &Hash) -> Result<(), ProofFileError> {
    let is_roster = |opened: &&PartContent<'_>| opened.kind() == Kind::Roster;
    let (rosters, others) = roots.split_at(roots.iter().take_while(is_roster).count());
    check_genesis(rosters, others, genesis)?;
    let has_record = || rosters.iter().any(|roster| roster.shown.index == record.shown.index);
    if is_roster(&record) && !has_record() {
        return Err(ProofFileError::Roots);
    }
    match (record.statement.basis(), others) {
        (None, []) => Ok(()),
        (Some(basis), [policy]) => match &policy.statement.act {
            Act::Policy(document) if document.hash == basis.policy.sha256 => Ok(()),
            _ => Err(ProofFileError::PolicyMissing),
        },
        (Some(_), []) => Err(ProofFileError::PolicyMissing),
        _ => Err(ProofFileError::Roots),
    }
}

/// Whether the rosters are there, in order, and the first is the pinned one.
fn check_genesis(
    rosters: &[PartContent<'_>],
    others: &[PartContent<'_>],
    genesis: &Hash,
) -> Result<(), ProofFileError> {
    let Some(first) = rosters.first() else {
        let is_roster = |other: &PartContent<'_>| other.kind() == Kind::Roster;
        return Err(if others.iter().any(is_roster) { ProofFileError::Roots } else { ProofFileError::NoRoster });
    };
    if first.shown.docket.payload_hash() != *genesis {
        return Err(ProofFileError::Genesis);
    }
    if rosters.is_sorted_by(|a, b| a.shown.index < b.shown.index) { Ok(()) } else { Err(ProofFileError::Roots) }
}

#[cfg(test)]
mod tests;
