//! Sessions of subjects: links that wait, and the browsers that they are bound to.
//!
//! A code is compared in the transaction that counts it: however many are sent at once, five wrong ones are all that there
//! are. What may be done is the API's to decide.

use callboard_api::registry::sessions::KeptSession;
use callboard_federation::{
    encoding::{Hash, KeyId, RecordId, Time},
    members::MemberId,
    subject_session::{BrowserKey, IdentityCheck, MAX_WRONG_CODES, SessionFor, SessionId, SessionState},
};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
};

/// Behind this id stands no session of an instant.
const FROM_THE_NEWEST: [u8; 16] = [0xff; 16];

macro_rules! sessions {
    ($rest:literal) => {
        concat!(
            "SELECT id, member, seat, whose, sent, code_hash, records, sealed, made_at, expires_at, ends_at, wrong_codes, \
             opened_at, public_key, seal_to, ended_at, identity, code_sent_at, confirm_hash, confirm_wrong, confirmed_at \
             FROM subject_session ",
            $rest
        )
    };
}

const ONE: &str = sessions!("WHERE id = $1");
const ALL: &str = sessions!("WHERE (made_at, id) < ($1, $2) ORDER BY made_at DESC, id DESC LIMIT $3");
const OF_MEMBER: &str =
    sessions!("WHERE member = $4 AND (made_at, id) < ($1, $2) ORDER BY made_at DESC, id DESC LIMIT $3");
const WAITING: &str = "SELECT COUNT(*) AS number FROM subject_session \
    WHERE member = $1 AND opened_at IS NULL AND ended_at IS NULL AND expires_at > $2 AND wrong_codes < $3";
const INSERT: &str = "INSERT INTO subject_session (id, member, seat, whose, sent, code_hash, records, sealed, made_at, \
    expires_at, ends_at, wrong_codes, identity, confirm_wrong, confirmed_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0, $13) ON CONFLICT (id) DO NOTHING";
/// Counts a code as wrong before it is compared; whoever has the right one takes it back.
const SPEND_CODE: &str = "UPDATE subject_session SET wrong_codes = wrong_codes + 1 \
    WHERE id = $1 AND wrong_codes < $2 AND opened_at IS NULL AND ended_at IS NULL AND expires_at > $3";
const BIND: &str = "UPDATE subject_session SET wrong_codes = wrong_codes - 1, opened_at = $2, public_key = $3, seal_to = $4, \
    ends_at = CASE WHEN ends_at IS NULL OR ends_at > $5 THEN $5 ELSE ends_at END WHERE id = $1";
const END: &str = "UPDATE subject_session SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
const NOTE_IDENTITY: &str = "UPDATE subject_session SET identity = $2, code_sent_at = COALESCE($3, code_sent_at), \
    confirm_hash = $4, confirm_wrong = 0, confirmed_at = COALESCE(confirmed_at, $5) WHERE id = $1";
const SPEND_CONFIRMATION: &str = "UPDATE subject_session SET confirm_wrong = confirm_wrong + 1 \
    WHERE id = $1 AND confirm_wrong < $2 AND confirm_hash IS NOT NULL AND confirmed_at IS NULL";
const CONFIRM: &str = "UPDATE subject_session SET confirm_wrong = confirm_wrong - 1, confirm_hash = NULL, confirmed_at = $2 \
    WHERE id = $1";

#[cfg(test)]
pub(super) const SQL: &[&str] =
    &[ONE, ALL, OF_MEMBER, WAITING, INSERT, SPEND_CODE, BIND, END, NOTE_IDENTITY, SPEND_CONFIRMATION, CONFIRM];

/// A session, what came, and what it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    pub session: KeptSession,
    /// SHA-256 of what came.
    pub sent: Hash,
    pub code_hash: Hash,
    /// What is sealed to the link, as JSON.
    pub sealed: Vec<u8>,
    /// The browser's key, and the one that answers are sealed to.
    pub browser: Option<(BrowserKey, BrowserKey)>,
    /// What the code follows to that the secretariat sent last.
    pub confirm_hash: Option<Hash>,
    /// How often that was typed wrong.
    pub confirm_wrong: u64,
}

/// Which browser opens a session, with what.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    pub code_hash: Hash,
    pub public_key: BrowserKey,
    pub seal_to: BrowserKey,
    pub at: Time,
    /// When an opened session is over, unless it is before.
    pub ends_at: Time,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeOutcome {
    Right,
    Wrong,
    /// It wasn't compared: none is waited for.
    NotAsked,
}

from_row!(StoredSession, "subject_session", |row| {
    let ids = row.get::<Vec<u8>>("records")?;
    let ids: Option<Vec<RecordId>> = ids.chunks(16).map(|id| RecordId::from_bytes(id.try_into().ok()?).ok()).collect();
    let key = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| BrowserKey::from_bytes(bytes.try_into().ok()?).ok());
    Self {
        sent: row.get("sent")?,
        code_hash: row.get("code_hash")?,
        sealed: row.get("sealed")?,
        browser: key(row.get("public_key")?).zip(key(row.get("seal_to")?)),
        confirm_hash: row.get("confirm_hash")?,
        confirm_wrong: row.get("confirm_wrong")?,
        session: KeptSession {
            id: SessionId::from_bytes(row.get("id")?),
            // What it is depends on the clock of who asks.
            state: SessionState::Waiting,
            whose: row.unless_unreadable("whose", SessionFor::from_word(&row.get::<String>("whose")?))?,
            records: row.unless_unreadable("records", ids)?,
            member: MemberId::try_from(row.get::<String>("member")?).ok(),
            seat: row.get::<Option<KeyId>>("seat")?,
            made_at: row.get("made_at")?,
            expires_at: row.get("expires_at")?,
            ends_at: row.get("ends_at")?,
            opened_at: row.get("opened_at")?,
            ended_at: row.get("ended_at")?,
            wrong_codes: row.get("wrong_codes")?,
            identity: IdentityCheck::from_word(&row.get::<String>("identity")?),
            code_sent_at: row.get("code_sent_at")?,
            confirmed_at: row.get("confirmed_at")?,
        },
    }
});

struct Count(u64);

from_row!(Count, "subject_session", |row| Self(row.get("number")?));

impl StoredSession {
    /// As it is at an instant.
    #[must_use]
    pub fn at(mut self, now: Time) -> Self {
        let of = &self.session;
        let is_over = of.ends_at.is_some_and(|ends| ends <= now);
        self.session.state = match of.opened_at {
            _ if of.ended_at.is_some() => SessionState::Ended,
            Some(_) if is_over => SessionState::Expired,
            Some(_) => SessionState::Opened,
            None if of.wrong_codes >= MAX_WRONG_CODES => SessionState::Locked,
            None if is_over || of.expires_at <= now => SessionState::Expired,
            None => SessionState::Waiting,
        };
        self
    }
}

impl Store {
    /// Keeps a session, unless there is one of its id; whether it is new.
    pub async fn put_session(&self, new: &StoredSession) -> Result<bool, StoreError> {
        let kept = measured("keep-session", async {
            let StoredSession { session, sent, code_hash, sealed, .. } = new;
            let member = session.member.as_ref().map_or("", MemberId::as_str);
            let records: Vec<u8> = session.records.iter().flat_map(|id| *id.as_bytes()).collect();
            let values = values![
                session.id.as_bytes(),
                member,
                session.seat.as_ref(),
                session.whose.as_str(),
                sent,
                code_hash,
                &records,
                sealed,
                session.made_at,
                session.expires_at,
                session.ends_at,
                session.identity.map_or("", IdentityCheck::as_str),
                session.confirmed_at,
            ];
            let mut transaction = self.begin_as_writer().await?;
            let is_new = transaction.execute(INSERT, &values).await? > 0;
            transaction.commit().await?;
            Ok(is_new)
        });
        self.note_outcome(kept.await)
    }

    pub async fn session(&self, id: SessionId) -> Result<Option<StoredSession>, StoreError> {
        self.row(ONE, &values![id.as_bytes()]).await
    }

    /// Sessions, the newest first: a member's, or all.
    pub async fn sessions(
        &self,
        member: Option<&str>,
        before: Option<(Time, SessionId)>,
        rows: u64,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let at = before.map_or(i64::MAX, |(at, _)| at.as_millis());
        let id = before.map_or(FROM_THE_NEWEST, |(_, id)| *id.as_bytes());
        match member {
            None => self.rows(ALL, &values![at, &id, rows]).await,
            Some(member) => self.rows(OF_MEMBER, &values![at, &id, rows, member]).await,
        }
    }

    /// How many links of a maker wait to be opened; of the secretariat the name is empty.
    pub async fn waiting_sessions(&self, member: &str, now: Time) -> Result<u64, StoreError> {
        let Count(number) = self.one(WAITING, &values![member, now, MAX_WRONG_CODES]).await?;
        Ok(number)
    }

    /// Binds a session to a browser, if the code is right; a wrong one is counted whatever comes after.
    pub async fn open_session(&self, id: SessionId, opening: &Opening) -> Result<CodeOutcome, StoreError> {
        let opened = measured("open-session", async {
            let Opening { code_hash, public_key, seal_to, at, ends_at } = opening;
            let mut transaction = self.begin_as_writer().await?;
            let spent = transaction.execute(SPEND_CODE, &values![id.as_bytes(), MAX_WRONG_CODES, *at]).await?;
            if spent == 0 {
                return Ok(CodeOutcome::NotAsked);
            }
            let stored: StoredSession = transaction.one(ONE, &values![id.as_bytes()]).await?;
            let is_right = stored.code_hash == *code_hash;
            if is_right {
                let bound = values![id.as_bytes(), *at, public_key.as_bytes(), seal_to.as_bytes(), *ends_at];
                transaction.execute(BIND, &bound).await?;
            }
            transaction.commit().await?;
            Ok(if is_right { CodeOutcome::Right } else { CodeOutcome::Wrong })
        });
        self.note_outcome(opened.await)
    }

    /// Ends a session; that it was ended before changes nothing.
    pub async fn end_session(&self, id: SessionId, at: Time) -> Result<(), StoreError> {
        let ended = measured("end-session", async {
            let mut transaction = self.begin_as_writer().await?;
            transaction.execute(END, &values![id.as_bytes(), at]).await?;
            transaction.commit().await
        });
        self.note_outcome(ended.await)
    }

    /// Notes how the secretariat checked who the person is: with the hash of a code it isn't confirmed yet.
    pub async fn note_identity(
        &self,
        id: SessionId,
        how: IdentityCheck,
        code: Option<Hash>,
        at: Time,
    ) -> Result<(), StoreError> {
        let noted = measured("note-identity", async {
            let (sent_at, confirmed_at) = (code.map(|_| at), code.is_none().then_some(at));
            let values = values![id.as_bytes(), how.as_str(), sent_at, code.as_ref(), confirmed_at];
            let mut transaction = self.begin_as_writer().await?;
            transaction.execute(NOTE_IDENTITY, &values).await?;
            transaction.commit().await
        });
        self.note_outcome(noted.await)
    }

    /// Confirms who the person is, if the code is right; a wrong one is counted whatever comes after.
    pub async fn confirm_session(&self, id: SessionId, code_hash: Hash, at: Time) -> Result<CodeOutcome, StoreError> {
        let confirmed = measured("confirm-session", async {
            let mut transaction = self.begin_as_writer().await?;
            let spent = transaction.execute(SPEND_CONFIRMATION, &values![id.as_bytes(), MAX_WRONG_CODES]).await?;
            if spent == 0 {
                return Ok(CodeOutcome::NotAsked);
            }
            let stored: StoredSession = transaction.one(ONE, &values![id.as_bytes()]).await?;
            let is_right = stored.confirm_hash == Some(code_hash);
            if is_right {
                transaction.execute(CONFIRM, &values![id.as_bytes(), at]).await?;
            }
            transaction.commit().await?;
            Ok(if is_right { CodeOutcome::Right } else { CodeOutcome::Wrong })
        });
        self.note_outcome(confirmed.await)
    }
}
