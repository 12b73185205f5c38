//! Drafts by way of the registry: a bundle goes to the seats that are asked, their answers come back, and what enough
//! have signed is submitted, with no file passing from one to the next.
//!
//! The registry is believed nothing but who answered when: each signature is verified here before it counts, and what
//! is opened must be what the draft names. Whether it may be submitted now is [`waiting`]'s. Implements
//! `docs/formats.md` §13.

pub mod changed;
pub mod part;
pub mod shown;
pub mod waiting;

use std::{path::Path, time::Duration};

use callboard_api::registry::drafts::{
    ANSWER_DRAFT, CREATE_DRAFT, Draft, DraftAct, DraftAnswer, DraftState, DraftsBefore, ERASE_DRAFT, GET_DRAFT,
    LIST_DRAFTS, MAX_ANSWER_BYTES, NewAnswer, NewDraft, NewSeal, RESEAL_DRAFT, SeatStanding, Withdrawal,
};
use callboard_federation::{
    dsse::{Envelope, PayloadType, SignatureLine},
    encoding::{Base64, DraftId, KeyId, Time},
    recipient::Recipient,
    roster::{Role, Roster, Seat},
    zh_en,
};
use callboard_keys::{SeatKey, age_file};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use self::{
    changed::{Changes, changes},
    shown::{DraftList, DraftSent, holders},
    waiting::{Waiting, waiting},
};
use crate::{
    Error,
    bundle::Bundle,
    missing_signature::{MissingSignature, missing},
    registry::Registry,
    sign::Reading,
    signing::public::{is_public, next_roster},
    submit::{Outcome, Submission},
};

/// The most bytes of a text: sealed to thirty seats it is within what an answer may have.
const MAX_TEXT: usize = 8 * 1_024;

/// How many drafts that were withdrawn are opened at most, to find the one that another takes the place of.
const EARLIER: usize = 5;

/// A seat of the roster in force, and the drafts that it has to do with.
pub struct Drafts<'a> {
    registry: &'a Registry<'a>,
    key: &'a SeatKey,
    roster: Roster,
}

/// A draft that was opened.
pub struct OpenDraft {
    pub draft: Draft,
    pub bundle: Bundle,
    /// What each answer says, where it is for this seat.
    texts: Vec<Option<Zeroizing<String>>>,
    signatures: Vec<SignatureLine>,
    /// Seats under whose key stands what isn't their signature of this docket.
    false_signatures: Vec<KeyId>,
    missing: Option<Vec<MissingSignature>>,
}

impl<'a> Drafts<'a> {
    /// Fetches the roster in force, in which the key has a seat.
    pub async fn begin(registry: &'a Registry<'a>, key: &'a SeatKey) -> Result<Self, Error> {
        let roster = registry.roster().await?;
        roster.seat(&key.public_key().id()).ok_or(Error::NoSeat)?;
        Ok(Self { registry, key, roster })
    }

    /// Sends a bundle to the seats that the roster asks to sign it, of a roster also to those whom the next asks, encrypted to them, to the secretariat and to its
    /// drafter. The same docket again gets the same answer.
    ///
    /// # Errors
    /// [`Error::AnotherRoster`]: it was drafted under another than that in force, and would never count.
    pub async fn send(&self, bundle: &Bundle, rng: &mut impl CryptoRng) -> Result<DraftSent, Error> {
        if bundle.docket().roster != self.roster.version {
            return Err(Error::AnotherRoster);
        }
        let items = &bundle.docket().items;
        let roles = bundle.asked(&self.roster);
        let next = next_roster(bundle);
        let is_asked_next = |seat: &Seat| {
            let then = next.as_ref().and_then(|next| Some((next.seat(&id_of(seat))?.role, next.asked(items))));
            then.is_some_and(|(role, asked)| asked.contains_key(&role))
        };
        let is_asked = |seat: &&Seat| roles.contains_key(&seat.role) || is_asked_next(seat);
        let asked: Vec<KeyId> = self.roster.seats.iter().filter(is_asked).map(id_of).collect();
        let sealed = Base64(bundle.seal(self.recipients(&asked))?);
        let new = NewDraft { docket: bundle.hash(), asked, sealed };
        let draft = self.ask(&CREATE_DRAFT.with(&(), &(), &new), rng).await?;
        Ok(DraftSent { draft, roster: self.roster.clone() })
    }

    /// The drafts that this seat sent or is asked for, the newest first; for the secretariat all.
    pub async fn list(&self, state: Option<DraftState>, rng: &mut impl CryptoRng) -> Result<DraftList, Error> {
        let (mut drafts, mut before) = (Vec::new(), None);
        loop {
            let page = DraftsBefore { before, limit: Some(1_000), state };
            let page = self.ask(&LIST_DRAFTS.with(&(), &page, &()), rng).await?;
            drafts.extend(page.drafts);
            before = page.next;
            if before.is_none() {
                return Ok(DraftList { drafts, roster: self.roster.clone(), own: self.own() });
            }
        }
    }

    /// What a draft decides otherwise than the last one of its drafter that was withdrawn before it, and has a subject
    /// in common with it.
    pub async fn changes(&self, of: &OpenDraft, rng: &mut impl CryptoRng) -> Result<Option<Changes>, Error> {
        let drafts = self.list(Some(DraftState::Withdrawn), rng).await?.drafts;
        let draft = &of.draft;
        let is_before = |other: &&Draft| {
            other.drafter == draft.drafter && other.drafted_at <= draft.drafted_at && other.erased_at.is_none()
        };
        for earlier in drafts.iter().filter(is_before).take(EARLIER) {
            // One that this seat can't open it hasn't read either.
            let Ok(before) = self.open(earlier.id, rng).await else { continue };
            if let Some((told, same)) = changes(&before.bundle, &of.bundle) {
                return Ok(Some(Changes { since: earlier.drafted_at, told, same }));
            }
        }
        Ok(None)
    }

    /// Opens a draft, and verifies what was signed.
    pub async fn open(&self, id: DraftId, rng: &mut impl CryptoRng) -> Result<OpenDraft, Error> {
        let mut draft = self.ask(&GET_DRAFT.with(&id, &(), &()), rng).await?;
        let erased = || Error::other("draft-erased", || zh_en!("该待签文书已删除", "the draft was erased"));
        let sealed = draft.sealed.take().ok_or_else(erased)?;
        let bundle = Bundle::unseal(&sealed.0, self.key)?;
        if draft.id != id || bundle.hash() != draft.docket {
            return Err(Error::other("draft-another", || {
                zh_en!("密文不是所请签署的文书", "the ciphertext holds another docket than the draft names")
            }));
        }
        let text = |answer: &DraftAnswer| {
            let opened =
                age_file::open(answer.sealed.as_ref()?.0.as_slice(), self.key.identity(), MAX_ANSWER_BYTES as u64)
                    .ok()?;
            Some(Zeroizing::new(String::from_utf8_lossy(&opened).into_owned()))
        };
        let texts = draft.answers.iter().map(text).collect();
        let (signatures, false_signatures) = verified(&draft, bundle.payload(), &self.roster);
        let hand_in = bundle.with_signatures(signatures.clone());
        let lacking = missing(&hand_in, bundle.docket(), Some(&self.roster))
            .map_err(|source| Error::other("signatures", || zh_en!("签名", "the signatures")).because(source))?;
        let missing = lacking.map(|lacking| self.without_refusals(lacking, &draft));
        Ok(OpenDraft { draft, bundle, texts, signatures, false_signatures, missing })
    }

    /// Checks a draft as every bundle is checked before it is signed; `progress` hears of each tag that is derived
    /// again.
    pub async fn read(
        &self,
        opened: OpenDraft,
        rng: &mut impl CryptoRng,
        progress: impl FnMut(usize),
    ) -> Result<Reading, Error> {
        let (bundle, now) = (opened.bundle, self.registry.caller().now());
        if is_public(&bundle) {
            return Reading::of_documents(bundle, Some(self.registry), &[], self.key, now).await;
        }
        Reading::of_decisions(bundle, self.registry, self.key, rng, progress).await
    }

    /// Signs what was read, once the signer agreed; `typed` are the ends of the unnamed records.
    pub async fn sign(
        &self,
        id: DraftId,
        reading: &Reading,
        typed: &[String],
        rng: &mut impl CryptoRng,
    ) -> Result<Draft, Error> {
        let line = reading.signature(self.key, typed)?;
        let answer = NewAnswer { act: DraftAct::Sign, signature: Some(line.sig), sealed: None, takes_back: None };
        self.ask(&ANSWER_DRAFT.with(&id, &(), &answer), rng).await
    }

    /// Says something else of a draft, with a text to drafter and secretariat; a reply is for everyone who is asked,
    /// too.
    pub async fn answer(
        &self,
        draft: &Draft,
        act: DraftAct,
        text: Option<&str>,
        rng: &mut impl CryptoRng,
    ) -> Result<Draft, Error> {
        if text.is_some_and(|text| text.is_empty() || text.len() > MAX_TEXT) {
            return Err(Error::other("draft-text", || {
                zh_en!("内容应为1至{MAX_TEXT}字节", "a text has 1 to {MAX_TEXT} bytes")
            }));
        }
        let readers = match act {
            DraftAct::Reply => draft.asked.clone(),
            _ => Vec::new(),
        };
        let readers: Vec<KeyId> = readers.into_iter().chain([draft.drafter]).collect();
        let sealed = text.map(|text| self.seal_text(&readers, text)).transpose()?;
        let takes_back = match act {
            DraftAct::Withdraw => Some(self.withdrawal(draft)?),
            _ => None,
        };
        let answer = NewAnswer { act, signature: None, sealed: sealed.map(Base64), takes_back };
        self.ask(&ANSWER_DRAFT.with(&draft.id, &(), &answer), rng).await
    }

    /// Notes something of a draft for the secretariat alone, whatever became of its docket.
    pub async fn note(&self, id: DraftId, text: &str, rng: &mut impl CryptoRng) -> Result<(), Error> {
        let sealed = Some(Base64(self.seal_text(&[], text)?));
        let answer = NewAnswer { act: DraftAct::Note, signature: None, sealed, takes_back: None };
        self.ask(&ANSWER_DRAFT.with(&id, &(), &answer), rng).await.map(drop)
    }

    /// Seals a draft anew, so that further seats of the roster in force read it too; that it was, by whom and to whom is
    /// told to the secretariat.
    pub async fn reseal(&self, id: DraftId, to: &[KeyId], rng: &mut impl CryptoRng) -> Result<Draft, Error> {
        let OpenDraft { draft, bundle, .. } = self.open(id, rng).await?;
        let readers = [&draft.asked[..], &draft.readers, &[draft.drafter], to].concat();
        let sealed = Base64(bundle.seal(self.recipients(&readers))?);
        let holders = holders(&self.roster, to);
        let note = self.seal_text(&[], &zh_en!("加密给 {holders}", "sealed to {holders}"))?;
        let seal = NewSeal { sealed, readers: to.to_vec(), note: Base64(note) };
        self.ask(&RESEAL_DRAFT.with(&id, &(), &seal), rng).await
    }

    /// Encrypts a text to these seats and to the secretariat.
    fn seal_text(&self, readers: &[KeyId], text: &str) -> Result<Vec<u8>, Error> {
        age_file::seal(self.recipients(readers), text.as_bytes()).ok_or_else(|| {
            Error::other("seal-recipients", || {
                zh_en!("无法加密给相关签署人", "it can't be encrypted to the seats that it is for")
            })
        })
    }

    /// A draft as it stands, without opening it.
    pub async fn show(&self, id: DraftId, rng: &mut impl CryptoRng) -> Result<Draft, Error> {
        self.ask(&GET_DRAFT.with(&id, &(), &()), rng).await
    }

    /// What a withdrawal by this seat takes back, of the draft as it was read.
    fn withdrawal(&self, draft: &Draft) -> Result<Withdrawal, Error> {
        let standing = SeatStanding::of(&draft.answers, &self.own());
        standing.withdrawal(draft.drafter == self.own()).ok_or_else(|| {
            Error::other("nothing-to-withdraw", || {
                zh_en!("没有可以撤回的内容", "nothing of yours stands that could be taken back")
            })
        })
    }

    /// Asks whether what a withdrawal by this seat takes back is to be taken back.
    pub fn taken_back(&self, draft: &Draft) -> Result<String, Error> {
        let has_signed = SeatStanding::of(&draft.answers, &self.own()).signed.is_some();
        Ok(match self.withdrawal(draft)? {
            Withdrawal::Stop => zh_en!("撤回叫停？", "Let it go on?"),
            Withdrawal::Draft => zh_en!("撤回整份待签文书？", "Withdraw the whole draft?"),
            Withdrawal::Decision if has_signed => zh_en!("撤回签名？", "Take the signature back?"),
            Withdrawal::Decision => zh_en!("撤回拒签？", "Take the refusal back?"),
        })
    }

    /// Erases the ciphertext of a draft.
    pub async fn erase(&self, id: DraftId, rng: &mut impl CryptoRng) -> Result<(), Error> {
        self.ask(&ERASE_DRAFT.with(&id, &(), &()), rng).await
    }

    /// Whether a draft may be submitted now.
    pub fn waiting(&self, opened: &OpenDraft) -> Waiting {
        let verified: Vec<KeyId> = opened.signatures.iter().map(|line| line.keyid).collect();
        waiting(&opened.draft, &verified, opened.missing.clone(), self.registry.caller().now())
    }

    /// Submits a draft that waits for nobody; its files are called `name`. `progress` hears of each record.
    pub async fn submit(
        &self,
        opened: &OpenDraft,
        name: &Path,
        wait: Duration,
        progress: impl FnMut(),
        rng: &mut impl CryptoRng,
    ) -> Result<Outcome, Error> {
        match self.waiting(opened) {
            Waiting::Ready => {}
            waits => return Err(Error::other("draft-waits", || waits.text(&self.roster))),
        }
        let hand_in = opened.bundle.with_signatures(opened.signatures.clone());
        Submission::of(hand_in, name).submit(self.registry, wait, progress, rng).await
    }

    pub(crate) const fn registry(&self) -> &'a Registry<'a> {
        self.registry
    }

    pub(crate) const fn key(&self) -> &'a SeatKey {
        self.key
    }

    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    fn own(&self) -> KeyId {
        self.key.public_key().id()
    }

    /// The recipients of these seats, the secretariat, and this one.
    fn recipients<'s>(&'s self, readers: &'s [KeyId]) -> impl Iterator<Item = &'s Recipient> {
        let is_reader = move |seat: &&Seat| seat.role == Role::Secretariat || readers.contains(&id_of(seat));
        self.roster.seats.iter().filter(is_reader).map(|seat| &seat.recipient).chain([self.key.recipient()])
    }

    /// Names nobody who refused.
    fn without_refusals(&self, mut lacking: Vec<MissingSignature>, draft: &Draft) -> Vec<MissingSignature> {
        let has_refused = |seat: &&Seat| SeatStanding::of(&draft.answers, &id_of(seat)).is_refused;
        let refused: Vec<&str> =
            self.roster.seats.iter().filter(has_refused).map(|seat| seat.holder.as_str()).collect();
        for missing in &mut lacking {
            missing.seats.retain(|holder| !refused.contains(&holder.as_str()));
        }
        lacking
    }

    async fn ask<A: serde::de::DeserializeOwned>(
        &self,
        question: &callboard_api::Question<A>,
        rng: &mut impl CryptoRng,
    ) -> Result<A, Error> {
        Ok(self.registry.caller().ask(&self.registry.pin().url, question, rng).await?)
    }
}

impl OpenDraft {
    /// What was said, for this seat to read: by whom, when, and the text where it is for it.
    pub fn said(&self) -> impl Iterator<Item = (&DraftAnswer, Option<&str>)> {
        self.draft.answers.iter().zip(self.texts.iter().map(|text| text.as_ref().map(|text| text.as_str())))
    }

    /// Seats under whose key stands what isn't their signature; it counts for nothing.
    pub fn false_signatures(&self) -> &[KeyId] {
        &self.false_signatures
    }

    /// The instant at which it was drafted, by the registry's clock.
    pub const fn drafted_at(&self) -> Time {
        self.draft.drafted_at
    }
}

fn id_of(seat: &Seat) -> KeyId {
    seat.public_key.id()
}

/// The signatures of a draft that stand and verify, and the keys of those that don't.
fn verified(draft: &Draft, payload: &[u8], roster: &Roster) -> (Vec<SignatureLine>, Vec<KeyId>) {
    let (mut signatures, mut refused): (Vec<SignatureLine>, Vec<KeyId>) = (Vec::new(), Vec::new());
    for DraftAnswer { seat, signature, .. } in &draft.answers {
        let Some(sig) = signature else { continue };
        if SeatStanding::of(&draft.answers, seat).signed.is_none() || signatures.iter().any(|line| line.keyid == *seat)
        {
            continue;
        }
        let line = SignatureLine { keyid: *seat, sig: *sig };
        let envelope =
            Envelope { signatures: vec![line.clone()], ..Envelope::new(PayloadType::Docket, payload.to_vec()) };
        let key_of = |id: &KeyId| roster.seat(id).map(|seat| (seat.public_key, ()));
        match envelope.verify(PayloadType::Docket, key_of) {
            Ok(_) => signatures.push(line),
            Err(_) if refused.contains(seat) => {}
            Err(_) => refused.push(*seat),
        }
    }
    refused.retain(|seat| !signatures.iter().any(|line| line.keyid == *seat));
    (signatures, refused)
}

#[cfg(test)]
mod tests;
