//! Whether a docket follows from its cases, as a signer's desk asks it: with its own log, and its own acts.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::{
    docket::Item,
    dsse::Envelope,
    encoding::{CaseId, Hash, Time, from_json},
    event::Event,
    replay::Replay,
    roster::{Role, Roster},
    statement::Statement,
    zh_en,
};
use callboard_rules::case::{
    Case,
    docket::{Docket, Submitted, check},
    error::Why,
    law::Law,
};

use super::case_file::replay;
use crate::Error;

/// Events in the order of a bundle, as chains: each begins with an event 0.
pub fn chains(events: &[Envelope]) -> Vec<Vec<Envelope>> {
    let mut chains: Vec<Vec<Envelope>> = Vec::new();
    for envelope in events {
        let first = read(envelope).is_none_or(|event| event.seq == 0);
        match chains.last_mut() {
            Some(chain) if !first => chain.push(envelope.clone()),
            _ => chains.push(vec![envelope.clone()]),
        }
    }
    chains
}

/// Chains by their case.
pub fn by_case(chains: impl IntoIterator<Item = Vec<Envelope>>) -> BTreeMap<CaseId, Vec<Envelope>> {
    chains.into_iter().filter_map(|chain| Some((read(chain.first()?)?.case, chain))).collect()
}

fn read(envelope: &Envelope) -> Option<Event> {
    from_json(&envelope.payload.0).ok()
}

/// The statements of a docket, with their bytes.
pub struct Statements<'a>(pub Vec<(&'a Item, Statement, &'a [u8])>);

impl Statements<'_> {
    /// What they name as their procedure, but for those that are taken over without a case.
    pub fn procedures(&self) -> BTreeSet<Hash> {
        let submitted = self.submitted();
        submitted.iter().filter_map(Submitted::procedure).collect()
    }

    fn submitted(&self) -> Vec<Submitted<'_>> {
        self.0.iter().map(|(item, statement, bytes)| Submitted { item, statement, bytes }).collect()
    }

    /// Holds them against cases.
    pub fn check(&self, hash: Hash, at: Time, cases: &[Case], signers: &[Role], roster: &Roster) -> Result<(), Why> {
        check(Docket { hash, logged_at: at, statements: &self.submitted(), signers }, cases, roster)
    }
}

/// Replays the cases of a bundle by what the log says.
///
/// # Errors
/// One isn't a case by the rules.
pub fn cases_of(chains: &BTreeMap<CaseId, Vec<Envelope>>, log: &Replay) -> Result<Vec<Case>, Error> {
    Ok(replay(chains, &mut Law::of(log))?.into_values().collect())
}

/// Of two chains of one case the longer, where it goes on from the other.
///
/// # Errors
/// They aren't one chain: there are two histories of the case.
pub fn longer(one: Vec<Envelope>, other: Vec<Envelope>) -> Result<Vec<Envelope>, Error> {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if long.iter().zip(&short).all(|(one, other)| one.payload_hash() == other.payload_hash()) {
        return Ok(long);
    }
    Err(Error::other("case-two-histories", || {
        zh_en!(
            "待签文件与登记系统给出的程序记载互相矛盾：请勿签署，联系审计人员",
            "the bundle and the registry show two histories of one case: sign nothing, and call the auditors"
        )
    }))
}

pub fn no_log() -> Error {
    Error::other("case-no-log", || {
        zh_en!(
            "办理案件须有本机核验过的登记册副本",
            "what has to do with cases is held against a copy of the log that this desk verified"
        )
    })
}
