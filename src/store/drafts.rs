//! Drafts: ciphertext for seats, who is asked, and what was answered, in order.
//!
//! Whether a docket is logged is read from the log, whose entries up to the size that is published count. Of two
//! changes at once one is taken: each names the version that it was decided by. What may be answered is the API's to
//! decide.

use callboard_api::registry::drafts::{Draft, DraftAct, DraftAnswer, DraftState};
use callboard_federation::encoding::{Base64, DraftId, Hash, KeyId, Octets, Time};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
    transaction::WriteTransaction,
};

/// Before this id stands every draft.
const FROM_THE_NEWEST: [u8; 16] = [0xff; 16];

macro_rules! state {
    () => {
        "CASE WHEN k.log_index IS NOT NULL THEN 'logged' WHEN d.closed_at IS NOT NULL THEN 'withdrawn' ELSE 'open' END"
    };
}

macro_rules! drafts {
    ($from:literal, $rest:expr) => {
        concat!(
            "SELECT d.id, d.docket, d.drafter, d.drafted_at, d.version, d.erased_at, k.log_index, ",
            state!(),
            " AS state FROM ",
            $from,
            " LEFT JOIN docket k ON k.payload_hash = d.docket AND k.log_index < $1 ",
            $rest
        )
    };
}

const ONE: &str = drafts!("draft d", "WHERE d.id = $2");
const OF_DOCKET: &str = drafts!("draft d", "WHERE d.docket = $2 AND d.drafter = $3");
const ALL: &str =
    drafts!("draft d", concat!("WHERE d.id < $2 AND ($3 = '' OR $3 = ", state!(), ") ORDER BY d.id DESC LIMIT $4"));
const OF_SEAT: &str = drafts!(
    "draft_seat s JOIN draft d ON d.id = s.draft",
    concat!("WHERE s.draft < $2 AND ($3 = '' OR $3 = ", state!(), ") AND s.key_id = $5 ORDER BY s.draft DESC LIMIT $4")
);
const ASKED: &str = "SELECT draft, key_id FROM draft_seat \
    WHERE draft >= $1 AND draft <= $2 AND place IS NOT NULL ORDER BY draft, place";
const ASKED_OF_SEAT: &str = "SELECT a.draft, a.key_id FROM draft_seat s JOIN draft_seat a ON a.draft = s.draft \
    WHERE s.key_id = $3 AND s.draft >= $1 AND s.draft <= $2 AND a.place IS NOT NULL ORDER BY a.draft, a.place";
const ANSWERS: &str = "SELECT draft, key_id, act, answered_at FROM draft_answer \
    WHERE draft >= $1 AND draft <= $2 AND act <> 'note' ORDER BY draft, number";
const ANSWERS_OF_SEAT: &str = "SELECT a.draft, a.key_id, a.act, a.answered_at \
    FROM draft_seat s JOIN draft_answer a ON a.draft = s.draft \
    WHERE s.key_id = $3 AND s.draft >= $1 AND s.draft <= $2 AND a.act <> 'note' ORDER BY a.draft, a.number";
const READERS: &str = "SELECT draft, key_id FROM draft_seat WHERE draft = $1 AND place IS NULL";
const WHOLE_ANSWERS: &str = "SELECT key_id, act, answered_at, signature, sealed FROM draft_answer \
    WHERE draft = $1 ORDER BY number";
const SEALED: &str = "SELECT sealed FROM draft WHERE id = $1";

const INSERT: &str = "INSERT INTO draft (id, docket, drafter, drafted_at, sealed, version) \
    VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (docket, drafter) DO NOTHING";
const INSERT_SEAT: &str = "INSERT INTO draft_seat (key_id, draft, place) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const MOVE_ON: &str = "UPDATE draft SET version = version + 1 WHERE id = $1 AND version = $2";
const INSERT_ANSWER: &str = "INSERT INTO draft_answer (draft, number, key_id, act, answered_at, signature, sealed) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const DROP_SIGNATURE: &str = "UPDATE draft_answer SET signature = NULL WHERE draft = $1 AND key_id = $2";
const DROP_SIGNATURES: &str = "UPDATE draft_answer SET signature = NULL WHERE draft = $1";
const CLOSE: &str = "UPDATE draft SET closed_at = $2 WHERE id = $1";
const RESEAL: &str = "UPDATE draft SET sealed = $2 WHERE id = $1 AND erased_at IS NULL";
const ERASE: &str = "UPDATE draft SET sealed = NULL, version = version + 1, closed_at = COALESCE(closed_at, $2), \
    erased_at = $2 WHERE id = $1 AND erased_at IS NULL";
const ERASE_ANSWERS: &str = "UPDATE draft_answer SET signature = NULL, sealed = NULL WHERE draft = $1";
/// Of the dockets that the entries from one on erase of, and of those entries themselves.
const ERASE_LOGGED: &str = "UPDATE draft SET sealed = NULL, version = version + 1, \
    closed_at = COALESCE(closed_at, $2), erased_at = $2 WHERE erased_at IS NULL AND docket IN (SELECT k.payload_hash FROM record r \
    JOIN docket k ON k.log_index = r.log_index OR k.log_index = r.erased_by WHERE r.erased_by >= $1)";
const ERASE_LOGGED_ANSWERS: &str = "UPDATE draft_answer SET signature = NULL, sealed = NULL \
    WHERE draft IN (SELECT d.id FROM record r JOIN docket k ON k.log_index = r.log_index OR k.log_index = r.erased_by \
    JOIN draft d ON d.docket = k.payload_hash WHERE r.erased_by >= $1)";

/// Those that read lists, each with how many values it takes: none may read more than it lists.
#[cfg(test)]
pub(super) const LISTS: &[(&str, usize)] = &[
    (ONE, 2),
    (OF_DOCKET, 3),
    (ALL, 4),
    (OF_SEAT, 5),
    (ASKED, 2),
    (ASKED_OF_SEAT, 3),
    (ANSWERS, 2),
    (ANSWERS_OF_SEAT, 3),
    (READERS, 1),
    (WHOLE_ANSWERS, 1),
    (DROP_SIGNATURES, 1),
    (ERASE_ANSWERS, 1),
    (ERASE_LOGGED_ANSWERS, 1),
];

#[cfg(test)]
pub(super) const SQL: &[&str] = &[
    ONE,
    OF_DOCKET,
    ALL,
    OF_SEAT,
    ASKED,
    ASKED_OF_SEAT,
    ANSWERS,
    ANSWERS_OF_SEAT,
    READERS,
    WHOLE_ANSWERS,
    SEALED,
    INSERT,
    INSERT_SEAT,
    MOVE_ON,
    INSERT_ANSWER,
    DROP_SIGNATURE,
    DROP_SIGNATURES,
    CLOSE,
    RESEAL,
    ERASE,
    ERASE_ANSWERS,
    ERASE_LOGGED,
    ERASE_LOGGED_ANSWERS,
];

/// A draft to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDraft {
    pub id: DraftId,
    /// SHA-256 of the docket's payload.
    pub docket: Hash,
    pub drafter: KeyId,
    pub at: Time,
    pub asked: Vec<KeyId>,
    pub sealed: Vec<u8>,
}

/// A draft, and how often it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDraft {
    pub draft: Draft,
    pub version: u64,
}

/// What an answer takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    Nothing,
    /// The signature of whoever answers.
    Signature,
    /// The draft, with every signature.
    Draft,
}

/// Which drafts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftList<'a> {
    /// Whose, unless everybody's.
    pub seat: Option<&'a KeyId>,
    pub state: Option<DraftState>,
    pub before: Option<DraftId>,
    pub rows: u64,
}

struct SeatOfDraft {
    draft: DraftId,
    key_id: KeyId,
}

struct AnswerOfDraft {
    draft: DraftId,
    answer: DraftAnswer,
}

from_row!(StoredDraft, "draft", |row| Self {
    version: row.get("version")?,
    draft: Draft {
        id: row.get("id")?,
        docket: row.get("docket")?,
        drafter: row.get("drafter")?,
        drafted_at: row.get("drafted_at")?,
        asked: Vec::new(),
        readers: Vec::new(),
        state: row.unless_unreadable("state", DraftState::from_word(&row.get::<String>("state")?))?,
        index: row.get("log_index")?,
        erased_at: row.get("erased_at")?,
        answers: Vec::new(),
        sealed: None,
    },
});

from_row!(SeatOfDraft, "draft_seat", |row| Self { draft: row.get("draft")?, key_id: row.get("key_id")? });

from_row!(AnswerOfDraft, "draft_answer", |row| Self {
    draft: row.get("draft")?,
    answer: DraftAnswer {
        seat: row.get("key_id")?,
        act: row.unless_unreadable("act", DraftAct::from_word(&row.get::<String>("act")?))?,
        at: row.get("answered_at")?,
        signature: None,
        sealed: None,
    },
});

from_row!(WholeAnswer, "draft_answer", |row| Self(DraftAnswer {
    seat: row.get("key_id")?,
    act: row.unless_unreadable("act", DraftAct::from_word(&row.get::<String>("act")?))?,
    at: row.get("answered_at")?,
    signature: row.get::<Option<_>>("signature")?.map(Octets),
    sealed: row.get::<Option<_>>("sealed")?.map(Base64),
}));

struct WholeAnswer(DraftAnswer);

struct Ciphertext(Option<Vec<u8>>);

from_row!(Ciphertext, "draft", |row| Self(row.get("sealed")?));

impl Store {
    /// Keeps a draft, unless this seat sent one of the docket; whether it is new.
    pub async fn put_draft(&self, draft: &KeptDraft) -> Result<bool, StoreError> {
        let kept = measured("keep-draft", async {
            let KeptDraft { id, docket, drafter, at, asked, sealed } = draft;
            let mut transaction = self.begin_as_writer().await?;
            if transaction.execute(INSERT, &values![id, docket, drafter, *at, sealed]).await? == 0 {
                return Ok(false);
            }
            for (place, seat) in (0_u64..).zip(asked) {
                transaction.execute(INSERT_SEAT, &values![seat, id, place]).await?;
            }
            transaction.execute(INSERT_SEAT, &values![drafter, id, None::<u64>]).await?;
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(kept.await)
    }

    /// A draft with its answers' signatures and sealed parts, but for its own ciphertext; of a log of so many entries.
    pub async fn draft(&self, id: DraftId, size: u64) -> Result<Option<StoredDraft>, StoreError> {
        let Some(stored) = self.row(ONE, &values![size, &id]).await? else { return Ok(None) };
        Ok(Some(self.with_answers(stored).await?))
    }

    /// The draft that a seat sent of a docket.
    pub async fn draft_of(&self, docket: Hash, drafter: KeyId, size: u64) -> Result<Option<StoredDraft>, StoreError> {
        let Some(stored) = self.row(OF_DOCKET, &values![size, &docket, &drafter]).await? else { return Ok(None) };
        Ok(Some(self.with_answers(stored).await?))
    }

    /// The ciphertext of a draft, unless it was erased.
    pub async fn draft_ciphertext(&self, id: DraftId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.row(SEALED, &values![&id]).await?.and_then(|Ciphertext(sealed)| sealed))
    }

    /// Drafts with who is asked and what was answered, the newest first.
    pub async fn drafts(&self, list: DraftList<'_>, size: u64) -> Result<Vec<Draft>, StoreError> {
        let DraftList { seat, state, before, rows } = list;
        let state = state.map_or("", DraftState::as_str);
        let before = before.map_or(FROM_THE_NEWEST, |before| *before.as_bytes());
        let drafts: Vec<StoredDraft> = match seat {
            None => self.rows(ALL, &values![size, &before, state, rows]).await?,
            Some(seat) => self.rows(OF_SEAT, &values![size, &before, state, rows, seat]).await?,
        };
        let mut drafts: Vec<Draft> = drafts.into_iter().map(|stored| stored.draft).collect();
        let (Some(newest), Some(oldest)) = (drafts.first(), drafts.last()) else { return Ok(drafts) };
        let (newest, oldest) = (newest.id, oldest.id);
        let (asked, answers): (Vec<SeatOfDraft>, Vec<AnswerOfDraft>) = match seat {
            None => {
                let range = values![&oldest, &newest];
                (self.rows(ASKED, &range).await?, self.rows(ANSWERS, &range).await?)
            }
            Some(seat) => {
                let range = values![&oldest, &newest, seat];
                (self.rows(ASKED_OF_SEAT, &range).await?, self.rows(ANSWERS_OF_SEAT, &range).await?)
            }
        };
        // From the newest to the oldest; of a draft that isn't listed there may be rows too.
        let place = |drafts: &[Draft], id: DraftId| drafts.binary_search_by(|draft| id.cmp(&draft.id)).ok();
        for SeatOfDraft { draft, key_id } in asked {
            if let Some(at) = place(&drafts, draft) {
                drafts[at].asked.push(key_id);
            }
        }
        for AnswerOfDraft { draft, answer } in answers {
            if let Some(at) = place(&drafts, draft) {
                drafts[at].answers.push(answer);
            }
        }
        Ok(drafts)
    }

    /// Keeps an answer to a draft as it was read; `false` if it changed since.
    pub async fn put_draft_answer(
        &self,
        of: &StoredDraft,
        answer: &DraftAnswer,
        takes: TakenBack,
    ) -> Result<bool, StoreError> {
        let kept = measured("keep-draft-answer", async {
            let (id, DraftAnswer { seat, act, at, signature, sealed }) = (&of.draft.id, answer);
            let mut transaction = self.begin_as_writer().await?;
            if transaction.execute(MOVE_ON, &values![id, of.version]).await? == 0 {
                return Ok(false);
            }
            match takes {
                TakenBack::Nothing => {}
                TakenBack::Signature => drop(transaction.execute(DROP_SIGNATURE, &values![id, seat]).await?),
                TakenBack::Draft => {
                    transaction.execute(CLOSE, &values![id, *at]).await?;
                    transaction.execute(DROP_SIGNATURES, &values![id]).await?;
                }
            }
            let (signature, sealed) = (signature.as_ref().map(|of| &of.0), sealed.as_ref().map(|of| &of.0));
            let values = values![id, of.version, seat, *act, *at, signature, sealed];
            transaction.execute(INSERT_ANSWER, &values).await?;
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(kept.await)
    }

    /// Puts another ciphertext in the place of a draft's, for more seats, with the answer that says so; `false` if it
    /// changed since it was read, or was erased.
    pub async fn reseal_draft(
        &self,
        of: &StoredDraft,
        sealed: &[u8],
        readers: &[KeyId],
        answer: &DraftAnswer,
    ) -> Result<bool, StoreError> {
        let kept = measured("reseal-draft", async {
            let (id, DraftAnswer { seat, act, at, sealed: note, .. }) = (&of.draft.id, answer);
            let mut transaction = self.begin_as_writer().await?;
            if transaction.execute(MOVE_ON, &values![id, of.version]).await? == 0
                || transaction.execute(RESEAL, &values![id, sealed]).await? == 0
            {
                return Ok(false);
            }
            for reader in readers {
                transaction.execute(INSERT_SEAT, &values![reader, id, None::<u64>]).await?;
            }
            let note = note.as_ref().map(|of| &of.0);
            let values = values![id, of.version, seat, *act, *at, None::<&[u8; 64]>, note];
            transaction.execute(INSERT_ANSWER, &values).await?;
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(kept.await)
    }

    /// Erases all ciphertext of a draft, and every signature.
    pub async fn erase_draft(&self, id: DraftId, at: Time) -> Result<(), StoreError> {
        let mut transaction = self.begin_as_writer().await?;
        transaction.execute(ERASE, &values![&id, at]).await?;
        transaction.execute(ERASE_ANSWERS, &values![&id]).await?;
        transaction.commit().await
    }

    async fn with_answers(&self, stored: StoredDraft) -> Result<StoredDraft, StoreError> {
        let StoredDraft { draft, version } = stored;
        let asked: Vec<SeatOfDraft> = self.rows(ASKED, &values![&draft.id, &draft.id]).await?;
        let answers: Vec<WholeAnswer> = self.rows(WHOLE_ANSWERS, &values![&draft.id]).await?;
        let readers: Vec<SeatOfDraft> = self.rows(READERS, &values![&draft.id]).await?;
        let asked = asked.into_iter().map(|seat| seat.key_id).collect();
        let readers = readers.into_iter().map(|seat| seat.key_id).filter(|key| *key != draft.drafter).collect();
        let answers = answers.into_iter().map(|WholeAnswer(answer)| answer).collect();
        Ok(StoredDraft { draft: Draft { asked, readers, answers, ..draft }, version })
    }
}

impl WriteTransaction {
    /// Erases the drafts of what the entries from `index` on erase, and of those that erase.
    pub(super) async fn erase_logged_drafts(&mut self, index: u64, at: Time) -> Result<(), StoreError> {
        self.execute(ERASE_LOGGED, &values![index, at]).await?;
        self.execute(ERASE_LOGGED_ANSWERS, &values![index]).await.map(drop)
    }
}
