//! What people file in their sessions, as the secretariat works on it: opened with the seat's report keys, and answered in
//! writing, sealed to the browser that filed it and to the secretariat's seats.
//!
//! That a filing is the person's is the registry's word: it says which browser a session is bound to. What was filed in a
//! member's session is provisional until the person is confirmed.

use std::path::Path;

use callboard_api::registry::{
    filings::{ANSWER_FILING, FilingsBefore, GET_FILING, KeptFiling, LIST_FILINGS, NewAnswer},
    report_keys::LIST_REPORT_KEYS,
};
use callboard_federation::{
    encoding::{Base64, FilingId, Octets, from_json, to_json},
    report_key::{
        ReportPublicKey, ReportSecretKey,
        declared::check,
        sealed::{SealedForKeys, seal},
    },
    roster::{Role, Roster},
    subject_session::{
        FilingOutcome,
        receipt::FilingReceipt,
        written::{Filing, FilingAnswer, check_text},
    },
    zh_en,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;

use crate::{Error, registry::Registry, report_keys::ReportKeys};

/// A seat of the secretariat, and what people filed.
pub struct Filings<'a> {
    registry: &'a Registry<'a>,
    keys: Vec<ReportSecretKey>,
    roster: Roster,
}

/// A filing that was opened, with what was answered.
pub struct OpenFiling {
    pub kept: KeptFiling,
    pub content: Filing,
    /// Each answer; `None` of what doesn't open here.
    pub answers: Vec<Option<FilingAnswer>>,
}

impl<'a> Filings<'a> {
    /// Fetches the roster in force, in which the key has a seat of the secretariat, and the report keys of the home.
    pub async fn begin(registry: &'a Registry<'a>, key: &SeatKey, home: &Path) -> Result<Self, Error> {
        let roster = registry.roster().await?;
        let seat = roster.seat(&key.public_key().id()).ok_or(Error::NoSeat)?;
        if seat.role != Role::Secretariat {
            return Err(Error::other("filings-secretariat", || {
                zh_en!("当事人的提交由秘书处办理", "the secretariat alone answers what people file")
            }));
        }
        Ok(Self { registry, keys: ReportKeys::in_home(home, key).all()?, roster })
    }

    /// What people filed, the most urgent first; `open`: what nobody answered.
    pub async fn list(&self, open: bool, rng: &mut impl CryptoRng) -> Result<Vec<KeptFiling>, Error> {
        let (mut filings, mut before) = (Vec::new(), None);
        loop {
            let query = FilingsBefore { before, limit: Some(1_000), open };
            let (caller, url) = (self.registry.caller(), &self.registry.pin().url);
            let page = caller.ask(url, &LIST_FILINGS.with(&(), &query, &()), rng).await?;
            filings.extend(page.filings);
            before = page.next;
            if before.is_none() {
                filings.sort_by_key(|of| (of.filing.due_at.is_none(), of.filing.due_at, of.filing.filed_at));
                return Ok(filings);
            }
        }
    }

    /// Opens one.
    ///
    /// # Errors
    /// It isn't sealed to a report key of this seat, or says something else than the registry says of it.
    pub async fn open(&self, id: FilingId, rng: &mut impl CryptoRng) -> Result<OpenFiling, Error> {
        let (caller, url) = (self.registry.caller(), &self.registry.pin().url);
        let mut kept = caller.ask(url, &GET_FILING.with(&id, &(), &()), rng).await?;
        let Base64(sealed) = kept.sealed.take().ok_or_else(another)?;
        let content: Filing = self.unseal(&sealed, &id.to_string())?;
        let told = &kept.filing;
        let is_as_told = (content.id, content.kind, content.about, content.session, told.id)
            == (id, told.kind, told.about, kept.session, id);
        let receipt = FilingReceipt::check(&told.receipt, &self.roster.log).ok();
        let has_receipt =
            receipt.is_some_and(|of| of.filing == id && of.kind == told.kind && of.session == kept.session);
        if content.v != 1 || !is_as_told || !has_receipt {
            return Err(another());
        }
        let answers = told.answers.iter().map(|answer| {
            let opened: Option<FilingAnswer> = self.unseal(&answer.sealed.0, &answer_id(id)).ok();
            opened.filter(|opened| opened.v == 1 && opened.filing == id && opened.outcome == answer.outcome)
        });
        let answers = answers.collect();
        Ok(OpenFiling { kept, content, answers })
    }

    /// Answers one in writing.
    pub async fn answer(
        &self,
        of: &OpenFiling,
        outcome: FilingOutcome,
        text: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<KeptFiling, Error> {
        let text = text.trim();
        check_text(text).map_err(|error| Error::below("filing-text", error))?;
        let (caller, url) = (self.registry.caller(), &self.registry.pin().url);
        let id = of.content.id;
        let answer = FilingAnswer { v: 1, filing: id, outcome, text: text.to_owned(), at: caller.now() };
        let shown = caller.ask(url, &LIST_REPORT_KEYS.with(&(), &(), &()), rng).await?;
        let person = ReportPublicKey::try_from(Octets(*of.kept.seal_to.as_bytes()));
        let mut keys = vec![person.map_err(|error| Error::below("filing-key", error))?];
        // To seats alone whose own signature says that the key is theirs.
        keys.extend(
            shown.keys.iter().filter_map(|key| Some(check(&key.envelope, &self.roster).ok()?.declared.public_key)),
        );
        let sealed = seal(&to_json(&answer), &answer_id(id), &keys, rng);
        let sealed = to_json(&sealed.map_err(|error| Error::below("filing-seal", error))?);
        let new = NewAnswer { outcome, sealed: Base64(sealed) };
        Ok(caller.ask(url, &ANSWER_FILING.with(&id, &(), &new), rng).await?)
    }

    fn unseal<T: serde::de::DeserializeOwned>(&self, sealed: &[u8], id: &str) -> Result<T, Error> {
        let sealed: SealedForKeys = from_json(sealed).map_err(|_| another())?;
        let opened = sealed.open(id, &self.keys);
        let opened = opened.map_err(|error| Error::below("filing-sealed", error))?;
        from_json(&opened).map_err(|_| another())
    }
}

/// What an answer belongs to, as its seal says.
fn answer_id(filing: FilingId) -> String {
    format!("{filing}/answer")
}

fn another() -> Error {
    Error::other("filing-another", || {
        zh_en!(
            "登记系统给出的提交与其所称不符，或者没有登记册签署的回执",
            "what the registry shows isn't what it says of it, or has no receipt that the log signed"
        )
    })
}
