//! Links by which people read what is held about them: made here, since here the details open, and sealed to a key that
//! stands in the link alone. And what people file by them: opened with the seat's report keys, and answered in writing.
//!
//! The secretariat makes a link once it saw who the person is; a member makes one for a person whom it knows. What the
//! registry is told is ciphertext, whose records they are, and what follows from key and code. Implements
//! `docs/formats.md` §18.

pub mod filings;

use callboard_api::registry::sessions::{
    CHECK_IDENTITY, CREATE_SESSION, END_SESSION, KeptSession, LIST_SESSIONS, NewIdentityCheck, NewSession,
    SessionsBefore,
};
use callboard_client::derivation::Known;
use callboard_federation::{
    dsse::Envelope,
    encoding::{Time, from_json},
    identity::Identity,
    policy::Policy,
    proof_file::ProvenRecord,
    sealed::Plain,
    statement::Kind,
    subject_session::{
        IdentityCheck, MAX_LINK_DAYS, MAX_RECORDS, SessionCode, SessionFor, SessionId, SessionKey,
        content::{Content, HeldRecord},
    },
    zh_en,
};
use rand_core::CryptoRng;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    Error, ask,
    registry::Registry,
    signing::original::{Original, opened},
};

/// Where the registry has the page that a link leads to.
const PAGE: &str = "/subject/";

/// For whom a link is, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkTerms {
    pub whose: SessionFor,
    /// How many days the link waits to be opened.
    pub days: i64,
    /// When the session ends in any case; of a guardian the 18th birthday.
    pub ends_at: Option<Time>,
}

/// A link that was made. Its code is told to the person another way.
pub struct MadeLink {
    pub link: Zeroizing<String>,
    pub code: SessionCode,
    pub session: KeptSession,
    /// Records whose details didn't open, each with why.
    pub unopened: Vec<String>,
}

/// Makes a link for the person who has these identities: of each measure that holds, or is paused or on probation.
pub async fn make(
    registry: &Registry<'_>,
    identities: Vec<Identity>,
    terms: LinkTerms,
    rng: &mut impl CryptoRng,
) -> Result<MadeLink, Error> {
    if !(1..=MAX_LINK_DAYS).contains(&terms.days) {
        return Err(Error::other("session-days", || {
            zh_en!("链接的期限为1至{MAX_LINK_DAYS}天", "a link waits 1 to {MAX_LINK_DAYS} days")
        }));
    }
    if terms.whose == SessionFor::Guardian && terms.ends_at.is_none() {
        return Err(Error::other("session-guardian", || {
            zh_en!(
                "为监护人办理须写明未成年人的18周岁生日，届时会话终止",
                "a guardian's session ends on the minor's 18th birthday: say that day"
            )
        }));
    }
    let proven = ask::ask(registry, identities, None, rng).await?;
    let (now, pin) = (registry.caller().now(), registry.pin());
    let (mut records, mut names, mut unopened) = (Vec::new(), Vec::<String>::new(), Vec::new());
    let of_measures =
        proven.proofs.iter().filter(|(of, _)| matches!(of.statement.kind(), Kind::Ruling | Kind::Interim));
    for (record, file) in of_measures.take(MAX_RECORDS) {
        let Some(basis) = record.statement.basis() else { continue };
        let policy = registry.policy_of(basis.policy.sha256).await?.value;
        let details = details_of(registry, record, &proven.known, rng).await;
        if let Ok(plain) = &details {
            for name in &plain.names {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        let held = held(record, file, &policy, &details);
        unopened.extend(held.iter().filter_map(|held| Some(format!("{}: {}", held.record, held.unopened.as_ref()?))));
        records.extend(held);
    }
    if records.is_empty() {
        return Err(Error::other("session-nothing", || {
            zh_en!(
                "登记册中没有关于此人的在效措施，无需链接",
                "nothing is held about this person: there is nothing to read"
            )
        }));
    }
    let key = SessionKey::from_bytes(random(rng));
    let code = SessionCode::new(random(rng));
    let ids = records.iter().map(|held| held.record).collect();
    let content = Content { v: 1, issuer: pin.issuer.clone(), whose: terms.whose, names, made_at: now, records };
    let sealed = content.seal(&key, rng).map_err(|error| Error::below("session-seal", error))?;
    let new = NewSession {
        id: key.id(),
        code_hash: code.hash(key.id()),
        whose: terms.whose,
        records: ids,
        sealed,
        expires_at: now.plus_days(terms.days),
        ends_at: terms.ends_at,
    };
    let session = registry.caller().ask(&pin.url, &CREATE_SESSION.with(&(), &(), &new), rng).await?;
    let link = key.link(&pin.url.at(PAGE));
    Ok(MadeLink { link, code, session, unopened })
}

/// The sessions that this key's holder made, the newest first; of the secretariat all.
pub async fn list(registry: &Registry<'_>, rng: &mut impl CryptoRng) -> Result<Vec<KeptSession>, Error> {
    let (mut sessions, mut before) = (Vec::new(), None);
    loop {
        let query = SessionsBefore { before, limit: Some(1_000) };
        let page = registry.caller().ask(&registry.pin().url, &LIST_SESSIONS.with(&(), &query, &()), rng).await?;
        sessions.extend(page.sessions);
        before = page.next;
        if before.is_none() {
            return Ok(sessions);
        }
    }
}

/// Ends a session.
pub async fn end(registry: &Registry<'_>, id: SessionId, rng: &mut impl CryptoRng) -> Result<KeptSession, Error> {
    Ok(registry.caller().ask(&registry.pin().url, &END_SESSION.with(&id, &(), &()), rng).await?)
}

/// Says that a document of the person was seen.
pub async fn confirm(registry: &Registry<'_>, id: SessionId, rng: &mut impl CryptoRng) -> Result<KeptSession, Error> {
    let check = NewIdentityCheck { how: IdentityCheck::DocumentSeen, code_hash: None };
    Ok(registry.caller().ask(&registry.pin().url, &CHECK_IDENTITY.with(&id, &(), &check), rng).await?)
}

/// Makes a code that is sent to the person by post or told by telephone, at an address that is known otherwise.
pub async fn send_code(registry: &Registry<'_>, id: SessionId, rng: &mut impl CryptoRng) -> Result<SessionCode, Error> {
    let code = SessionCode::new(random(rng));
    let check = NewIdentityCheck { how: IdentityCheck::CodeSent, code_hash: Some(code.hash(id)) };
    registry.caller().ask(&registry.pin().url, &CHECK_IDENTITY.with(&id, &(), &check), rng).await?;
    Ok(code)
}

/// What a record's details say to whoever has these identities; else why they don't open, in words.
async fn details_of(
    registry: &Registry<'_>,
    record: &ProvenRecord,
    known: &[Known],
    rng: &mut impl CryptoRng,
) -> Result<Plain, String> {
    let share = registry.share(record.statement.id, rng).await;
    let share = share.map_err(|error| callboard_client::runtime::error_chain(&error))?;
    match opened(&record.statement, known, &share) {
        Original::Opened(plain) => Ok(*plain),
        Original::Closed(why) => Err(why),
    }
}

fn held(record: &ProvenRecord, file: &[u8], policy: &Policy, details: &Result<Plain, String>) -> Option<HeldRecord> {
    /// What of a proof file says who signed.
    #[derive(Deserialize)]
    struct Signed {
        docket: Envelope,
    }
    // The file was verified: each signature is of a seat.
    let seats = from_json::<Signed>(file).map_or(0, |of| of.docket.signatures.len() as u64);
    let opened = details.as_ref().map_err(Clone::clone);
    HeldRecord::of((&record.statement, record.logged_at), policy, opened, seats)
}

fn random<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}
