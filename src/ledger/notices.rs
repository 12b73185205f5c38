//! Notices: dockets with a public text, as anybody may see them. What they say is the text; what became of each of their
//! records since is told by record, and names nobody.

use std::collections::{BTreeMap, btree_map::Entry};

use callboard_federation::{
    docket::{Docket, Item, Of, Publication},
    dsse::Envelope,
    encoding::{Base64, Hash, KeyId, RecordId, Time, from_json},
    entry,
    proof_file::notice::{NoticeFile, NoticePart},
    records::{Record, Records},
    replay::Replay,
    roster::Role,
    statement::Kind,
    tlog::proof::Inclusion,
};

use super::{Ledger, LedgerError};
use crate::store::notices::StoredNotice;

/// A docket's public text, who signed it, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub index: u64,
    /// SHA-256 of the docket's payload.
    pub docket: Hash,
    pub issued_at: Time,
    pub logged_at: Time,
    /// SHA-256 of the text.
    pub sha256: Hash,
    pub publication: Publication,
    /// In the order of the envelope.
    pub signers: Vec<Signer>,
    pub items: Vec<NoticeItem>,
    /// The dockets of later decisions, by their index: SHA-256 of the payload.
    pub later: BTreeMap<u64, Hash>,
}

/// A seat that signed, as the roster of then names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub holder: String,
    pub role: Role,
    pub key: KeyId,
}

/// A record of the docket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeItem {
    pub record: RecordId,
    pub kind: Kind,
    pub of: Option<Of>,
    /// What a printed letter's code names beside the record.
    pub commitment: Hash,
    /// Whether it was erased since.
    pub is_erased: bool,
    /// What was decided about it since, in order.
    pub later: Vec<LaterDecision>,
}

/// A later decision about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterDecision {
    pub kind: Kind,
    /// The index of its docket.
    pub index: u64,
    pub in_effect_at: Time,
    /// Whether it was itself annulled.
    pub is_annulled: bool,
}

/// A notice in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedNotice {
    pub index: u64,
    pub docket: Hash,
    pub logged_at: Time,
    pub records: u64,
    pub publication: Publication,
}

/// What of a record the public is told of its later life: a rejoinder is the subject's own, and sealed.
const TOLD: [Kind; 5] = [Kind::Annulment, Kind::End, Kind::Stay, Kind::Reinstatement, Kind::Dispute];

/// The proof file of a notice, or why there is none yet.
#[derive(Debug)]
pub enum NoticeProof {
    File(Box<NoticeFile>),
    Unknown,
    /// Too few witnesses have cosigned a checkpoint that holds it.
    NotWitnessed,
}

impl Ledger {
    /// The notices among the entries from `from` to before `to`, the newest first.
    pub async fn notices(&self, from: u64, to: u64, rows: u64) -> Result<Vec<ListedNotice>, LedgerError> {
        let stored = self.store.notices(from, to.min(self.size()), rows).await?;
        let listed = stored.into_iter().map(|StoredNotice { index, docket, logged_at, records, publication }| {
            let publication = read(index, &publication)?;
            Ok(ListedNotice { index, docket, logged_at, records, publication })
        });
        listed.collect()
    }

    /// One of them; `None` if the docket has no public text, or has none any more.
    pub async fn notice(&self, docket: Hash) -> Result<Option<Notice>, LedgerError> {
        let Some(stored) = self.store.docket(docket).await?.filter(|stored| stored.index < self.size()) else {
            return Ok(None);
        };
        let Some(publication) = stored.publication else { return Ok(None) };
        let (index, sha256) = (stored.index, Hash::of(&publication));
        let publication = read(index, &publication)?;
        let unreadable = || LedgerError::Unreadable { index };
        let logged_at = entry::Entry::parse(&stored.leaf).map_err(|_| unreadable())?.logged_at;
        let envelope = stored.envelope.and_then(|envelope| from_json::<Envelope>(&envelope).ok());
        let envelope = envelope.ok_or_else(unreadable)?;
        let signed = Docket::from_json(&envelope.payload.0).map_err(|_| unreadable())?;
        let issued_at = signed.issued_at;
        let (signers, items) = {
            let replay = self.replay();
            let size = self.size();
            let item = |item: &Item| NoticeItem {
                record: item.record,
                kind: item.kind,
                of: item.of,
                commitment: item.commitment,
                is_erased: replay.records().get(item.record).is_none(),
                later: later(replay.records(), item.record, size),
            };
            (signers(&replay, &signed, &envelope), signed.items.iter().map(item).collect::<Vec<_>>())
        };
        let mut dockets = BTreeMap::new();
        for index in items.iter().flat_map(|item| &item.later).map(|later| later.index) {
            if let Entry::Vacant(place) = dockets.entry(index) {
                let entry = self.dockets(index, index + 1).await?;
                place.insert(entry.first().ok_or(LedgerError::Unreadable { index })?.payload_hash);
            }
        }
        let later = dockets;
        Ok(Some(Notice { index, docket, issued_at, logged_at, sha256, publication, signers, items, later }))
    }

    /// The file by which anybody checks a notice off line, against the newest witnessed checkpoint (formats §19).
    pub async fn notice_file(&self, docket: Hash) -> Result<NoticeProof, LedgerError> {
        let Some(stored) = self.store.docket(docket).await?.filter(|stored| stored.index < self.size()) else {
            return Ok(NoticeProof::Unknown);
        };
        let Some(publication) = stored.publication else { return Ok(NoticeProof::Unknown) };
        let index = stored.index;
        let witnessed = self.published().witnessed.clone().filter(|witnessed| index < witnessed.size);
        let Some(checkpoint) = witnessed else { return Ok(NoticeProof::NotWitnessed) };
        let envelope = stored.envelope.and_then(|envelope| from_json::<Envelope>(&envelope).ok());
        let envelope = envelope.ok_or(LedgerError::Unreadable { index })?;
        let inclusion = Inclusion::of(self.replay().tree(), index, checkpoint.size);
        let inclusion = inclusion.ok_or(LedgerError::Unreadable { index })?;
        let (entry, publication) = (Base64(stored.leaf), Base64(publication));
        let part = NoticePart { index, entry, docket: envelope, publication, inclusion };
        let rosters = self.replay().documents().rosters.clone();
        let roots = self.roots(&rosters, checkpoint.size).await?;
        Ok(NoticeProof::File(Box::new(NoticeFile::new(part, checkpoint.note.clone(), roots))))
    }
}

fn read(index: u64, text: &[u8]) -> Result<Publication, LedgerError> {
    Publication::from_json(text).map_err(|_| LedgerError::Unreadable { index })
}

/// Who signed, by the roster that the docket names.
fn signers(replay: &Replay, docket: &Docket, envelope: &Envelope) -> Vec<Signer> {
    let rosters = &replay.history().rosters;
    let roster = rosters.iter().find(|(_, roster)| roster.version == docket.roster);
    let signed = envelope.signatures.iter().filter_map(|line| {
        let seat = roster?.1.seat(&line.keyid)?;
        Some(Signer { holder: seat.holder.clone(), role: seat.role, key: line.keyid })
    });
    signed.collect()
}

/// What was decided about a record since, among the entries before `size`.
fn later(records: &Records, record: RecordId, size: u64) -> Vec<LaterDecision> {
    let decided = |one: &&Record| one.place.index < size && TOLD.contains(&one.kind);
    let mut later: Vec<_> = records.about(record).filter(decided).collect();
    later.sort_by_key(|one| one.place);
    let told = later.into_iter().map(|one| LaterDecision {
        kind: one.kind,
        index: one.place.index,
        in_effect_at: one.starts,
        is_annulled: records.about(one.id).any(|other| other.kind == Kind::Annulment && other.place.index < size),
    });
    told.collect()
}
