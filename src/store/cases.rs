//! Cases: chains of events, each with its acknowledgement, and what is sealed beside them.
//!
//! Of two events for one place one is taken: each names how many there were when it was decided. What may be taken is
//! the ledger's to decide.

use callboard_api::registry::cases::CaseEntry;
use callboard_federation::{
    encoding::{CaseId, Hash, Time},
    event::CaseState,
    statement::PolicyRef,
};

use super::{
    Store, StoreError,
    column::{from_row, values},
    figures::CaseFact,
    measured,
    transaction::WriteTransaction,
};

/// Before this id stands every case of an instant.
const FROM_THE_LATEST: [u8; 16] = [0xff; 16];

macro_rules! cases {
    ($rest:literal) => {
        concat!(
            "SELECT id, instrument, policy_version, policy_sha256, state, items, events, head, opened_at, changed_at, due_at \
             FROM case_file ",
            $rest
        )
    };
}

macro_rules! events {
    ($rest:literal) => {
        concat!("SELECT case_id, seq, hash, envelope, acknowledgement FROM case_event ", $rest)
    };
}

const ONE: &str = cases!("WHERE id = $1");
const ALL: &str = cases!("WHERE (changed_at, id) < ($1, $2) ORDER BY changed_at DESC, id DESC LIMIT $3");
const OF_STATE: &str =
    cases!("WHERE state = $4 AND (changed_at, id) < ($1, $2) ORDER BY changed_at DESC, id DESC LIMIT $3");
const FOR_CLOCKWORK: &str = "SELECT id FROM case_file WHERE clockwork = 1 AND id > $1 ORDER BY id LIMIT $2";
const OPEN_HEADS: &str = "SELECT head FROM case_file \
    WHERE state IN ('preparing', 'hearing', 'sitting', 'resolved', 'confirmed', 'decided')";
const SAT: &str = "SELECT sat FROM case_file WHERE id = $1";
const EVENTS: &str = events!("WHERE case_id = $1 AND seq >= $2 ORDER BY seq LIMIT $3");
const OF_HASH: &str = events!("WHERE hash = $1");
const HASHES: &str = "SELECT hash FROM case_event WHERE case_id = $1 ORDER BY seq";
const SEALED_PLACES: &str = "SELECT case_id, seq FROM case_sealed WHERE sha256 = $1 ORDER BY case_id, seq LIMIT $2";
const SEALED: &str = "SELECT sealed FROM case_sealed WHERE case_id = $1 AND seq = $2";
const OPEN: &str = "INSERT INTO case_file (id, instrument, policy_version, policy_sha256, state, items, events, head, \
    opened_at, changed_at, due_at, clockwork, sat) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8, $9, $10, $11) \
    ON CONFLICT (id) DO NOTHING";
const MOVE_ON: &str = "UPDATE case_file SET events = events + 1, state = $3, items = $4, head = $5, changed_at = $6, \
    due_at = $7, clockwork = $8, sat = $9 WHERE id = $1 AND events = $2";
const INSERT_EVENT: &str = "INSERT INTO case_event (case_id, seq, hash, envelope, acknowledgement, at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const INSERT_FACT: &str =
    "INSERT INTO case_fact (case_id, seq, what, detail, number, at) VALUES ($1, $2, $3, $4, $5, $6)";
const INSERT_SEALED: &str = "INSERT INTO case_sealed (case_id, seq, sha256, sealed) VALUES ($1, $2, $3, $4)";

/// Those that read lists, each with how many values it takes: none may read more than it lists.
#[cfg(test)]
pub(super) const LISTS: &[(&str, usize)] = &[
    (ONE, 1),
    (ALL, 3),
    (OF_STATE, 4),
    (FOR_CLOCKWORK, 2),
    (OPEN_HEADS, 0),
    (SAT, 1),
    (EVENTS, 3),
    (OF_HASH, 1),
    (HASHES, 1),
    (SEALED_PLACES, 2),
    (SEALED, 2),
];

#[cfg(test)]
pub(super) const SQL: &[&str] = &[
    ONE,
    ALL,
    OF_STATE,
    FOR_CLOCKWORK,
    OPEN_HEADS,
    SAT,
    EVENTS,
    OF_HASH,
    HASHES,
    SEALED_PLACES,
    SEALED,
    OPEN,
    MOVE_ON,
    INSERT_EVENT,
    INSERT_SEALED,
    INSERT_FACT,
];

/// An event that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCaseEvent {
    pub case: CaseId,
    pub seq: u64,
    /// SHA-256 of its payload.
    pub hash: Hash,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
    /// The acknowledgement's envelope as JSON.
    pub acknowledgement: Vec<u8>,
}

/// An event to be kept, and what it makes of its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStoredCaseEvent {
    /// The word of its act.
    pub act: String,
    pub event: StoredCaseEvent,
    /// Its sealed part, with the hash by which it is found.
    pub sealed: Option<(Hash, Vec<u8>)>,
    /// The case with it.
    pub after: CaseEntry,
    /// Whether the log's own key may have something to say of it.
    pub clockwork: bool,
    /// The holders who sat, as JSON, once it is closed.
    pub sat: Option<String>,
    /// What figures count of it.
    pub facts: Vec<CaseFact>,
}

/// Which cases are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseList {
    pub state: Option<CaseState>,
    /// Those that changed before this one did.
    pub before: Option<(Time, CaseId)>,
    pub rows: u64,
}

struct StoredCase(CaseEntry);

from_row!(StoredCase, "case_file", |row| Self(CaseEntry {
    case: row.get("id")?,
    state: row.unless_unreadable("state", CaseState::from_word(&row.get::<String>("state")?))?,
    policy: PolicyRef {
        instrument: row.get("instrument")?,
        version: row.get("policy_version")?,
        sha256: row.get("policy_sha256")?,
    },
    events: row.get("events")?,
    head: row.get("head")?,
    items: row.get("items")?,
    opened_at: row.get("opened_at")?,
    changed_at: row.get("changed_at")?,
    due_at: row.get("due_at")?,
}));

from_row!(StoredCaseEvent, "case_event", |row| Self {
    case: row.get("case_id")?,
    seq: row.get("seq")?,
    hash: row.get("hash")?,
    envelope: row.get("envelope")?,
    acknowledgement: row.get("acknowledgement")?,
});

struct IdOfCase(CaseId);

from_row!(IdOfCase, "case_file", |row| Self(row.get("id")?));

struct HeadOfCase(Hash);

from_row!(HeadOfCase, "case_file", |row| Self(row.get("head")?));

struct WhoSat(Option<String>);

from_row!(WhoSat, "case_file", |row| Self(row.get("sat")?));

struct HashOfEvent(Hash);

from_row!(HashOfEvent, "case_event", |row| Self(row.get("hash")?));

struct Place(CaseId, u64);

from_row!(Place, "case_sealed", |row| Self(row.get("case_id")?, row.get("seq")?));

struct Ciphertext(Vec<u8>);

from_row!(Ciphertext, "case_sealed", |row| Self(row.get("sealed")?));

/// Writes an event, and what it makes of its case; `false` if another has its place.
async fn put(transaction: &mut WriteTransaction, new: &NewStoredCaseEvent) -> Result<bool, StoreError> {
    let NewStoredCaseEvent { act: _, event, sealed, after, clockwork, sat, facts } = new;
    let (id, at) = (&event.case, after.changed_at);
    let items = after.items;
    let written = if event.seq == 0 {
        let PolicyRef { instrument, version, sha256 } = &after.policy;
        let values = values![
            id,
            instrument,
            version,
            sha256,
            after.state,
            items,
            &event.hash,
            at,
            after.due_at,
            *clockwork,
            sat.as_ref()
        ];
        transaction.execute(OPEN, &values).await?
    } else {
        let values =
            values![id, event.seq, after.state, items, &event.hash, at, after.due_at, *clockwork, sat.as_ref()];
        transaction.execute(MOVE_ON, &values).await?
    };
    if written == 0 {
        return Ok(false);
    }
    let values = values![id, event.seq, &event.hash, &event.envelope, &event.acknowledgement, at];
    transaction.execute(INSERT_EVENT, &values).await?;
    if let Some((sha256, sealed)) = sealed {
        transaction.execute(INSERT_SEALED, &values![id, event.seq, sha256, sealed]).await?;
    }
    for CaseFact { what, detail, number } in facts {
        let values = values![id, event.seq, what.as_str(), detail, *number, at];
        transaction.execute(INSERT_FACT, &values).await?;
    }
    Ok(true)
}

impl Store {
    /// Keeps the next events of a case, all or none; `false` if others have their places.
    pub async fn put_case_events(&self, events: &[NewStoredCaseEvent]) -> Result<bool, StoreError> {
        let kept = measured("keep-case-event", async {
            let mut transaction = self.begin_as_writer().await?;
            for new in events {
                if !put(&mut transaction, new).await? {
                    return Ok(false);
                }
            }
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(kept.await)
    }

    pub async fn case(&self, id: CaseId) -> Result<Option<CaseEntry>, StoreError> {
        Ok(self.row(ONE, &values![&id]).await?.map(|StoredCase(entry)| entry))
    }

    /// Cases, those that changed last first.
    pub async fn cases(&self, list: CaseList) -> Result<Vec<CaseEntry>, StoreError> {
        let CaseList { state, before, rows } = list;
        let at = before.map_or(i64::MAX, |(at, _)| at.as_millis());
        let id = before.map_or(FROM_THE_LATEST, |(_, id)| *id.as_bytes());
        let listed: Vec<StoredCase> = match state {
            None => self.rows(ALL, &values![at, &id, rows]).await?,
            Some(state) => self.rows(OF_STATE, &values![at, &id, rows, state]).await?,
        };
        Ok(listed.into_iter().map(|StoredCase(entry)| entry).collect())
    }

    /// The cases of which the log's own key may have something to say, those behind one by id.
    pub async fn cases_for_clockwork(&self, after: Option<CaseId>, rows: u64) -> Result<Vec<CaseId>, StoreError> {
        let after = after.map_or([0; 16], |after| *after.as_bytes());
        let ids: Vec<IdOfCase> = self.rows(FOR_CLOCKWORK, &values![&after, rows]).await?;
        Ok(ids.into_iter().map(|IdOfCase(id)| id).collect())
    }

    /// SHA-256 of the last payload of each open case.
    pub async fn open_case_heads(&self) -> Result<Vec<Hash>, StoreError> {
        let heads: Vec<HeadOfCase> = self.rows(OPEN_HEADS, &[]).await?;
        Ok(heads.into_iter().map(|HeadOfCase(head)| head).collect())
    }

    /// The holders who sat in a case that is kept and closed, as JSON.
    pub async fn sat_in_case(&self, id: CaseId) -> Result<Option<String>, StoreError> {
        Ok(self.row(SAT, &values![&id]).await?.and_then(|WhoSat(sat)| sat))
    }

    /// Events of a case from one on, in order.
    pub async fn case_events(&self, id: CaseId, from: u64, rows: u64) -> Result<Vec<StoredCaseEvent>, StoreError> {
        self.rows(EVENTS, &values![&id, from, rows]).await
    }

    /// The event whose payload has this hash.
    pub async fn case_event(&self, hash: Hash) -> Result<Option<StoredCaseEvent>, StoreError> {
        self.row(OF_HASH, &values![&hash]).await
    }

    /// The hashes of all payloads of a case, in order.
    pub async fn case_event_hashes(&self, id: CaseId) -> Result<Vec<Hash>, StoreError> {
        let hashes: Vec<HashOfEvent> = self.rows(HASHES, &values![&id]).await?;
        Ok(hashes.into_iter().map(|HashOfEvent(hash)| hash).collect())
    }

    /// Where a sealed part of this hash stands: case and number of each event.
    pub async fn sealed_places(&self, sha256: Hash, rows: u64) -> Result<Vec<(CaseId, u64)>, StoreError> {
        let places: Vec<Place> = self.rows(SEALED_PLACES, &values![&sha256, rows]).await?;
        Ok(places.into_iter().map(|Place(case, seq)| (case, seq)).collect())
    }

    /// What is sealed beside an event.
    pub async fn sealed_part(&self, case: CaseId, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.row(SEALED, &values![&case, seq]).await?.map(|Ciphertext(sealed)| sealed))
    }
}
