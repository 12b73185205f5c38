//! Filings: what people file in their sessions, as ciphertext, with its receipt, and what the secretariat answered.

use callboard_api::registry::filings::{KeptAnswer, KeptFiling, OwnFiling};
use callboard_federation::{
    encoding::{Base64, FilingId, Hash, Time, from_json, to_json},
    members::MemberId,
    subject_session::{BrowserKey, FilingKind, FilingOutcome, SessionFor, SessionId},
};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
};

/// Before this id stands every filing of an instant.
const FROM_THE_NEWEST: [u8; 16] = [0xff; 16];

macro_rules! filings {
    ($rest:literal) => {
        concat!(
            "SELECT filing.id AS id, session, kind, record, filing.sent AS sent, filed_at, due_at, calendar_unknown, receipt, \
             answers, whose, member, seal_to, made_at, confirmed_at \
             FROM filing JOIN subject_session ON subject_session.id = filing.session ",
            $rest
        )
    };
}

const ONE: &str = filings!("WHERE filing.id = $1");
const ALL: &str = filings!("WHERE (filed_at, filing.id) < ($1, $2) ORDER BY filed_at DESC, filing.id DESC LIMIT $3");
const OPEN: &str =
    filings!("WHERE answers = 0 AND (filed_at, filing.id) < ($1, $2) ORDER BY filed_at DESC, filing.id DESC LIMIT $3");
const OF_SESSION: &str = filings!("WHERE session = $1 ORDER BY filed_at, filing.id LIMIT $2");
const SINCE: &str = "SELECT COUNT(*) AS number FROM filing WHERE session = $1 AND filed_at > $2";
const SEALED: &str = "SELECT sealed FROM filing WHERE id = $1";
const ANSWERS: &str = "SELECT seat, outcome, at, sealed FROM filing_answer WHERE filing = $1 ORDER BY number";
const INSERT: &str = "INSERT INTO filing (id, session, kind, record, sent, filed_at, due_at, calendar_unknown, receipt, \
    answers, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10) ON CONFLICT (id) DO NOTHING";
const COUNT_ANSWER: &str = "UPDATE filing SET answers = answers + 1 WHERE id = $1 AND answers = $2";
const INSERT_ANSWER: &str =
    "INSERT INTO filing_answer (filing, number, seat, outcome, at, sealed) VALUES ($1, $2, $3, $4, $5, $6)";

#[cfg(test)]
pub(super) const SQL: &[&str] =
    &[ONE, ALL, OPEN, OF_SESSION, SINCE, SEALED, ANSWERS, INSERT, COUNT_ANSWER, INSERT_ANSWER];

/// A filing, and what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFiling {
    pub filing: KeptFiling,
    /// SHA-256 of what came.
    pub sent: Hash,
}

/// A filing to be kept.
#[derive(Debug, Clone)]
pub struct NewStoredFiling {
    pub session: SessionId,
    pub filing: OwnFiling,
    pub sent: Hash,
    pub sealed: Vec<u8>,
}

from_row!(StoredFiling, "filing", |row| {
    let receipt = from_json(&row.get::<Vec<u8>>("receipt")?).ok();
    // What waits to be confirmed is provisional; what counts is what holds when it is asked.
    let is_confirmed = row.get::<Option<Time>>("confirmed_at")?.is_some();
    let seal_to: Option<Vec<u8>> = row.get("seal_to")?;
    let seal_to = seal_to.and_then(|bytes| BrowserKey::from_bytes(bytes.try_into().ok()?).ok());
    Self {
        sent: row.get("sent")?,
        filing: KeptFiling {
            filing: OwnFiling {
                id: row.get("id")?,
                kind: row.unless_unreadable("kind", FilingKind::from_word(&row.get::<String>("kind")?))?,
                about: row.get("record")?,
                filed_at: row.get("filed_at")?,
                due_at: row.get("due_at")?,
                calendar_unknown: row.get("calendar_unknown")?,
                provisional: !is_confirmed,
                receipt: row.unless_unreadable("receipt", receipt)?,
                answers: Vec::new(),
            },
            session: SessionId::from_bytes(row.get("session")?),
            whose: row.unless_unreadable("whose", SessionFor::from_word(&row.get::<String>("whose")?))?,
            member: MemberId::try_from(row.get::<String>("member")?).ok(),
            seal_to: row.unless_unreadable("seal_to", seal_to)?,
            sealed: None,
        },
    }
});

struct Answer(KeptAnswer);

from_row!(Answer, "filing_answer", |row| Self(KeptAnswer {
    at: row.get("at")?,
    outcome: row.unless_unreadable("outcome", FilingOutcome::from_word(&row.get::<String>("outcome")?))?,
    sealed: Base64(row.get("sealed")?),
    seat: row.get("seat")?,
}));

struct Count(u64);

from_row!(Count, "filing", |row| Self(row.get("number")?));

struct Ciphertext(Vec<u8>);

from_row!(Ciphertext, "filing", |row| Self(row.get("sealed")?));

impl Store {
    /// Keeps a filing, unless there is one of its id; whether it is new.
    pub async fn put_filing(&self, new: &NewStoredFiling) -> Result<bool, StoreError> {
        let kept = measured("keep-filing", async {
            let NewStoredFiling { session, filing, sent, sealed } = new;
            let receipt = to_json(&filing.receipt);
            let values = values![
                &filing.id,
                session.as_bytes(),
                filing.kind.as_str(),
                &filing.about,
                sent,
                filing.filed_at,
                filing.due_at,
                filing.calendar_unknown,
                &receipt,
                sealed,
            ];
            let mut transaction = self.begin_as_writer().await?;
            let is_new = transaction.execute(INSERT, &values).await? > 0;
            transaction.commit().await?;
            Ok(is_new)
        });
        self.note_outcome(kept.await)
    }

    /// A filing with what was answered, but without its own ciphertext.
    pub async fn filing(&self, id: FilingId) -> Result<Option<StoredFiling>, StoreError> {
        let Some(mut stored) = self.row::<StoredFiling>(ONE, &values![&id]).await? else { return Ok(None) };
        stored.filing.filing.answers = self.answers_to(id).await?;
        Ok(Some(stored))
    }

    pub async fn filing_ciphertext(&self, id: FilingId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.row(SEALED, &values![&id]).await?.map(|Ciphertext(sealed)| sealed))
    }

    /// Filings, the newest first, without what was answered; `open`: those that nobody answered.
    pub async fn filings(
        &self,
        open: bool,
        before: Option<(Time, FilingId)>,
        rows: u64,
    ) -> Result<Vec<KeptFiling>, StoreError> {
        let at = before.map_or(i64::MAX, |(at, _)| at.as_millis());
        let id = before.map_or(FROM_THE_NEWEST, |(_, id)| *id.as_bytes());
        let listed: Vec<StoredFiling> = self.rows(if open { OPEN } else { ALL }, &values![at, &id, rows]).await?;
        Ok(listed.into_iter().map(|stored| stored.filing).collect())
    }

    /// What was filed in a session and answered, the oldest first; at most so many.
    pub async fn filings_of(&self, session: SessionId, most: u64) -> Result<Vec<OwnFiling>, StoreError> {
        let listed: Vec<StoredFiling> = self.rows(OF_SESSION, &values![session.as_bytes(), most]).await?;
        let mut filings = Vec::with_capacity(listed.len());
        for StoredFiling { filing: KeptFiling { mut filing, .. }, .. } in listed {
            filing.answers = self.answers_to(filing.id).await?;
            filings.push(filing);
        }
        Ok(filings)
    }

    /// How much was filed in a session since then.
    pub async fn filings_since(&self, session: SessionId, since: Time) -> Result<u64, StoreError> {
        let Count(number) = self.one(SINCE, &values![session.as_bytes(), since]).await?;
        Ok(number)
    }

    /// Keeps an answer to a filing that has so many; `false` if there came another meanwhile.
    pub async fn put_answer(&self, filing: FilingId, before: u64, answer: &KeptAnswer) -> Result<bool, StoreError> {
        let kept = measured("keep-answer", async {
            let mut transaction = self.begin_as_writer().await?;
            if transaction.execute(COUNT_ANSWER, &values![&filing, before]).await? == 0 {
                return Ok(false);
            }
            let KeptAnswer { at, outcome, sealed, seat } = answer;
            let values = values![&filing, before, seat, outcome.as_str(), *at, &sealed.0];
            transaction.execute(INSERT_ANSWER, &values).await?;
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(kept.await)
    }

    async fn answers_to(&self, filing: FilingId) -> Result<Vec<KeptAnswer>, StoreError> {
        let answers: Vec<Answer> = self.rows(ANSWERS, &values![&filing]).await?;
        Ok(answers.into_iter().map(|Answer(answer)| answer).collect())
    }
}
