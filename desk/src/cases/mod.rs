//! Cases at the desk: fetched, verified, and acted in with a seat's own key.
//!
//! [`Cases::fetch`] gives a [`CaseFile`] or an alarm; [`Cases::act`] builds an event, asks the rules, seals, signs, sends
//! it and keeps the log's word that it has it. What the rules are is `callboard_rules::case`'s.
//!
//! In reading order: [`shown`], a registry's word; [`case_file`], what is verified; [`own_acts`], what a registry can't leave out; [`sealed`], what the
//! seats of the case read; [`naming`], what an act is about; [`secrets`], what is opened later. What is told of a case:
//! [`waiting`], [`timeline`], [`minutes`], [`overview`]; what is typed of it: [`typed`]. [`of_report`] begins one of a
//! report, [`appeal`] one of an objection or an application to return, [`proposal`] is what is put to the vote, [`foreign`] another association's docket as evidence, [`docket`] whether one
//! follows from its cases, [`chain_file`] a case as a file, [`audit`] every docket of a log.

pub mod appeal;
pub mod audit;
pub mod case_file;
pub mod chain_file;
pub mod docket;
pub mod foreign;
pub mod minutes;
pub mod naming;
pub mod of_report;
pub mod overview;
pub mod own_acts;
pub mod proposal;
pub mod sealed;
pub mod secrets;
pub mod shown;
pub mod timeline;
pub mod typed;
pub mod waiting;
pub mod words;

use std::path::{Path, PathBuf};

use callboard_api::{
    Question,
    registry::cases::{ADD_CASE_EVENT, CaseEntry, GET_SEALED_PART, KeptCaseEvent, NewCaseEvent},
};
use callboard_client::http::HttpError;
use callboard_federation::{
    dsse::Envelope,
    encoding::{Base64, CaseId, KeyId, Time},
    event::{CaseState, Head},
    roster::Roster,
    zh_en,
};
use callboard_keys::SeatKey;
use callboard_rules::case::{
    act::Act,
    law::{Law, Seat, Who},
};
use rand_core::CryptoRng;
use serde::de::DeserializeOwned;

use self::{
    case_file::{CaseFile, FiledEvent, acknowledged, log_keys},
    foreign::ForeignDocket,
    naming::{is_placeless, is_still_meant},
    overview::Overview,
    own_acts::OwnActs,
    sealed::{Said, SealedContent, seal},
    secrets::Secrets,
    shown::{fetch_chains, list},
    timeline::{Part, Told, timeline},
    waiting::{Waits, waits_for},
};
use crate::{
    Error,
    registry::{Registry, RegistryError},
    verified_log::VerifiedLog,
};

/// How often an act is tried that others overtake meanwhile.
const ATTEMPTS: usize = 6;
/// What the registry says where another event has the place.
const MOVED: &str = "urn:callboard:problem:case-moved";

/// A seat of the roster in force, and the cases.
pub struct Cases<'a> {
    registry: &'a Registry<'a>,
    key: &'a SeatKey,
    log: &'a VerifiedLog,
    home: PathBuf,
    roster: Roster,
    seat: Seat,
    own: OwnActs,
}

impl<'a> Cases<'a> {
    /// Fetches the roster in force, in which the key has a seat. `home` is where the seat's own acts are kept.
    ///
    /// # Errors
    /// No verified log is at hand: what a registry shows of a case is held against it.
    pub async fn begin(registry: &'a Registry<'a>, key: &'a SeatKey, home: &Path) -> Result<Self, Error> {
        let log = registry.log().ok_or_else(docket::no_log)?;
        let roster = registry.roster().await?;
        let seat = sealed::seat_of(roster.seat(&key.public_key().id()).ok_or(Error::NoSeat)?);
        Ok(Self { registry, key, log, home: home.to_owned(), roster, seat, own: OwnActs::in_home(home) })
    }

    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    pub const fn seat(&self) -> &Seat {
        &self.seat
    }

    pub fn now(&self) -> Time {
        self.registry.caller().now()
    }

    /// What this seat committed to and hasn't opened.
    pub fn secrets(&self) -> Secrets<'_> {
        Secrets::in_home(&self.home, self.key)
    }

    /// Cases that are so far, or all; those that changed last first. The registry's word.
    pub async fn list(&self, state: Option<CaseState>, rng: &mut impl CryptoRng) -> Result<Vec<CaseEntry>, Error> {
        list(self.registry.caller(), &self.registry.pin().url, state, rng).await
    }

    /// A case with all its events, verified.
    ///
    /// # Errors
    /// It isn't a case by the rules; or an own act is missing, which is an alarm.
    pub async fn fetch(&self, id: CaseId, rng: &mut impl CryptoRng) -> Result<CaseFile, Error> {
        let chains = fetch_chains(self.registry.caller(), &self.registry.pin().url, id, rng).await?;
        let log = self.log.replay();
        let shown = chains.get(&id).map_or(&[][..], Vec::as_slice);
        self.own.check(id, shown, &log_keys(log.history()))?;
        if shown.is_empty() {
            return Err(no_case(id));
        }
        let file = CaseFile::verify(id, &chains, &log)?;
        let is_own = |filed: &&FiledEvent| matches!(&filed.who, Who::Seat(seat) if seat.key == self.seat.key);
        self.own.keep_missing(id, file.events.iter().filter(is_own).map(|filed| &filed.kept))?;
        Ok(file)
    }

    /// Opens a case; what is said with it is sealed to the seats.
    pub async fn open(&self, act: Act, said: Said, rng: &mut impl CryptoRng) -> Result<CaseFile, Error> {
        let id = self.new_id(rng);
        self.open_as(id, act, said, rng).await
    }

    /// The id of a case that isn't opened yet.
    pub fn new_id(&self, rng: &mut impl CryptoRng) -> CaseId {
        let mut random = [0; 10];
        rng.fill_bytes(&mut random);
        CaseId::new(self.now(), random)
    }

    /// Opens a case of this id, which another case may have named before.
    pub async fn open_as(&self, id: CaseId, act: Act, said: Said, rng: &mut impl CryptoRng) -> Result<CaseFile, Error> {
        let sealed = seal(said, id, &act, None, &self.roster)?;
        let event = self.sign(&Head::of_new(id), &act, self.now(), sealed.as_ref().map(|(sealed, _)| *sealed))?;
        self.send(id, 0, event, sealed.map(|(_, file)| file), rng).await?;
        self.fetch(id, rng).await
    }

    /// Takes an act in a case as it was fetched. What says the same wherever it stands is tried again where another
    /// event took its place, as long as what it is about is as it was.
    ///
    /// # Errors
    /// The rules refuse it, and nothing is sent; or the case moved on, and it has to be decided anew.
    pub async fn act(
        &self,
        mut file: CaseFile,
        act: Act,
        said: Said,
        rng: &mut impl CryptoRng,
    ) -> Result<CaseFile, Error> {
        let id = file.case.id();
        for attempt in 1.. {
            let at = self.now().max(file.case.at());
            self.may(&file, &act, at)?;
            let sealed = seal(said.clone(), id, &act, Some(&file.case), &self.roster)?;
            let event = self.sign(&file.case.head, &act, at, sealed.as_ref().map(|(sealed, _)| *sealed))?;
            let part = sealed.map(|(_, file)| file);
            match self.send(id, file.case.head.seq(), event, part, rng).await {
                Ok(kept) => {
                    let keys = log_keys(self.log.replay().history());
                    let mut taken = file.clone();
                    self.by_law(&file, |law| taken.take(&kept, law, &keys))??;
                    return Ok(taken);
                }
                Err(error) if attempt < ATTEMPTS && is_moved(&error) && is_placeless(&act) => {
                    let now = self.fetch(id, rng).await?;
                    if !is_still_meant(&act, &file.case, &now.case) {
                        return Err(error);
                    }
                    file = now;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(file)
    }

    /// Whether the rules take an act of this seat now.
    pub fn may(&self, file: &CaseFile, act: &Act, at: Time) -> Result<(), Error> {
        let (word, _) = act.write(None);
        let who = Who::Seat(self.seat.clone());
        let asked = self.by_law(file, |law| file.case.with(act.clone(), &who, at, law).map(drop))?;
        asked.map_err(|why| {
            let state = words::state(file.case.state());
            Error::other("case-refused", || {
                let (act, why) = (words::act(&word), why.to_string());
                zh_en!("案件目前{state}，不能{act}：{why}", "the case is {state}; {act} isn't allowed: {why}")
            })
        })
    }

    /// The sealed part of an event, for a seat that may read it; nothing where it has none.
    ///
    /// # Errors
    /// It was erased, isn't for this seat, or is another than the event names.
    pub async fn sealed(
        &self,
        case: CaseId,
        filed: &FiledEvent,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<SealedContent>, Error> {
        let Some(sealed) = &filed.sealed else { return Ok(None) };
        let part = self.ask(&GET_SEALED_PART.with(&sealed.sha256, &(), &()), rng).await?;
        SealedContent::open(&part.sealed.0, sealed, case, &filed.event.act, self.key).map(Some)
    }

    /// What waits for this seat.
    pub fn waits(&self, file: &CaseFile) -> Result<Vec<Waits>, Error> {
        self.by_law(file, |law| waits_for(&file.case, &self.seat, self.now(), law))
    }

    /// The case at a glance.
    pub fn overview(&self, file: &CaseFile) -> Result<Overview, Error> {
        self.by_law(file, |law| Overview::of(&file.case, self.now(), law))
    }

    /// What the sealed part of an event came to.
    pub async fn part(&self, case: CaseId, filed: &FiledEvent, rng: &mut impl CryptoRng) -> Part {
        match self.sealed(case, filed, rng).await {
            Ok(None) => Part::None,
            Ok(Some(content)) => Part::Read(content),
            Err(_) => Part::Unread,
        }
    }

    /// Its events in words, with what this seat may read of the sealed parts.
    pub async fn timeline(&self, file: &CaseFile, rng: &mut impl CryptoRng) -> Result<Vec<Told>, Error> {
        let mut parts = Vec::with_capacity(file.events.len());
        for filed in &file.events {
            parts.push(self.part(file.case.id(), filed, rng).await);
        }
        self.told(file, &parts)
    }

    /// Its events in words, with these parts in the same order.
    pub fn told(&self, file: &CaseFile, parts: &[Part]) -> Result<Vec<Told>, Error> {
        self.by_law(file, |law| timeline(file, parts, law))
    }

    /// A docket of another association, proven, which the policy of a case takes up.
    ///
    /// # Errors
    /// It is no proof, or the policy doesn't name its registry.
    pub fn foreign_docket(&self, file: &CaseFile, proof: &[u8]) -> Result<ForeignDocket, Error> {
        let own = self.registry.pin().genesis;
        let now = self.now();
        self.by_law(file, |law| {
            let policy = law.policy(&file.case.policy.sha256).ok_or_else(docket::no_log)?;
            ForeignDocket::read(proof, policy, &own, now)
        })?
    }

    /// The title of the policy that a case keeps, with its version.
    pub fn policy_title(&self, file: &CaseFile) -> Result<String, Error> {
        self.by_law(file, |law| timeline::policy_title(&file.case.policy, law))
    }

    /// The seats that may be drawn now.
    pub fn eligible(&self, file: &CaseFile) -> Result<Vec<Seat>, Error> {
        self.by_law(file, |law| file.case.eligible(law, self.now()).into_iter().cloned().collect())
    }

    fn by_law<T>(&self, file: &CaseFile, of: impl FnOnce(&Law<'_>) -> T) -> Result<T, Error> {
        let log = self.log.replay();
        let mut law = Law::of(&log);
        know_earlier(file, &mut law)?;
        Ok(of(&law))
    }

    fn sign(
        &self,
        head: &Head,
        act: &Act,
        at: Time,
        sealed: Option<callboard_rules::case::act::Sealed>,
    ) -> Result<Envelope, Error> {
        let (word, members) = act.write(sealed);
        head.next(at, &word, members, self.key.signing_key()).map_err(|source| Error::below("event", source))
    }

    /// Sends an event, and keeps the log's word that it has it.
    async fn send(
        &self,
        id: CaseId,
        seq: u64,
        event: Envelope,
        sealed: Option<Vec<u8>>,
        rng: &mut impl CryptoRng,
    ) -> Result<KeptCaseEvent, Error> {
        let new = NewCaseEvent { event, sealed: sealed.map(Base64) };
        let kept = self.ask(&ADD_CASE_EVENT.with(&id, &(), &new), rng).await?;
        if kept.event != new.event {
            return Err(Error::other("case-unacknowledged", || {
                zh_en!("登记系统确认的不是所提交的程序记载", "the registry acknowledges another event than was sent")
            }));
        }
        acknowledged(id, seq, &kept, &log_keys(self.log.replay().history()))?;
        self.own.keep(id, &kept)?;
        Ok(kept)
    }

    async fn ask<A: DeserializeOwned>(&self, question: &Question<A>, rng: &mut impl CryptoRng) -> Result<A, Error> {
        Ok(self.registry.caller().ask(&self.registry.pin().url, question, rng).await?)
    }

    /// The seat with this name or key in the roster in force.
    pub fn key_of(&self, holder: &str) -> Result<KeyId, Error> {
        let named = self.roster.seats.iter().find(|seat| seat.holder == holder).map(|seat| seat.public_key.id());
        named.or_else(|| holder.parse().ok().filter(|key| self.roster.seat(key).is_some())).ok_or_else(|| {
            Error::other("case-seat", || zh_en!("签署权限名单中没有 {holder}", "the roster has no seat {holder}"))
        })
    }
}

/// Has the law know the earlier cases of a file.
fn know_earlier(file: &CaseFile, law: &mut Law<'_>) -> Result<(), Error> {
    let chains = docket::by_case(file.earlier.iter().cloned());
    case_file::replay(&chains, law).map(drop)
}

fn no_case(id: CaseId) -> Error {
    Error::other("case-missing", || zh_en!("登记系统没有案件 {id}", "the registry has no case {id}"))
}

fn is_moved(error: &Error) -> bool {
    let (Error::Http(HttpError::Refused { problem, .. })
    | Error::Registry(RegistryError::Http(HttpError::Refused { problem, .. }))) = error
    else {
        return false;
    };
    problem.kind == MOVED
}

#[cfg(test)]
mod tests;
