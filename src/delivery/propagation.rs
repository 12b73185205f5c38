//! Propagation: how far a docket has come, *signed, logged, delivered, receipted*, with each member; and who is
//! overdue.
//!
//! [`propagation_of`] is pure; the rest reads what it asks for. *Signed* is `issuedAt`, which signers sign: no
//! signature has a time of its own. *Delivered* is when the first of a member's endpoints had the whole docket.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use callboard_api::registry::propagation::{Fulfilment, Lags, MemberPropagation, Propagation, PushState, Spread};
use callboard_federation::{
    docket::Docket,
    encoding::{Hash, Time},
    replay::Replay,
};
use callboard_rules::receipts::{Due, due};

use super::{Delivery, outages::Outages};
use crate::{
    ledger::{LedgerError, load::disclosure},
    store::{DocketItems, endpoints::EndpointState, receipts::LatestReceipt},
};

pub struct PropagationFacts<'a> {
    pub docket: &'a DocketItems,
    pub signed_at: Time,
    pub due: Option<Due>,
    /// Who was bound, and under which name.
    pub bound: &'a [(String, String)],
    pub pushed: &'a HashMap<String, PushState>,
    /// By member and the index of the docket's entry.
    pub delivered: &'a HashMap<(String, u64), Time>,
    pub receipts: &'a [LatestReceipt],
}

/// How far a docket has come, at `now`.
pub fn propagation_of(facts: &PropagationFacts<'_>, now: Time) -> Propagation {
    let PropagationFacts { docket, signed_at, due, bound, .. } = facts;
    let lag = |at: Time| at.as_millis() - signed_at.as_millis();
    let own: HashMap<&str, &LatestReceipt> =
        facts.receipts.iter().map(|receipt| (receipt.member.as_str(), receipt)).collect();
    let mut members = Vec::with_capacity(bound.len());
    for (member, name) in *bound {
        let latest = own.get(member.as_str()).copied();
        let acted = match (latest.map(|receipt| receipt.outcome.as_str()), due) {
            (Some("in-effect"), _) => Fulfilment::InEffect,
            (Some("partly"), _) => Fulfilment::Partly,
            (Some(_), _) => Fulfilment::Declined,
            (None, None) => Fulfilment::NotAsked,
            (None, Some(due)) if now < due.at => Fulfilment::Awaited,
            (None, Some(_)) => Fulfilment::Overdue,
        };
        members.push(MemberPropagation {
            member: member.clone(),
            name: name.clone(),
            contact: None,
            pushed: facts.pushed.get(member).copied().unwrap_or(PushState::None),
            delivered_at: facts.delivered.get(&(member.clone(), docket.index)).copied(),
            receipted_at: latest.map(|receipt| receipt.taken_at),
            acted,
            receipts: latest.map_or(0, |receipt| receipt.filed),
            exceptions: latest.map_or(0, |receipt| receipt.exceptions),
            excerpt: latest.map(|receipt| receipt.excerpt.clone()).unwrap_or_default(),
        });
    }
    let mut counts = BTreeMap::new();
    for member in &members {
        *counts.entry(member.acted).or_default() += 1;
    }
    Propagation {
        docket: docket.payload_hash,
        index: docket.index,
        records: docket.items.len() as u64,
        signed_at: *signed_at,
        logged_at: docket.logged_at,
        due_at: due.map(|due| due.at),
        lags: Lags {
            logged: lag(docket.logged_at),
            delivered: spread(members.iter().filter_map(|member| member.delivered_at).map(lag).collect()),
            receipted: spread(members.iter().filter_map(|member| member.receipted_at).map(lag).collect()),
        },
        counts,
        members,
    }
}

fn spread(mut lags: Vec<i64>) -> Spread {
    lags.sort_unstable();
    // Nearest rank: the smallest that at least so many hundredths of all don't exceed.
    let rank = |hundredths: usize| lags.get((lags.len() * hundredths).div_ceil(100).max(1) - 1).copied();
    Spread { members: lags.len() as u64, p50: rank(50), p95: rank(95), max: lags.last().copied() }
}

/// What is asked of a docket, by the policies of its records, from when the last of them is in effect.
/// What is due is put off by the time in which the registry was off.
pub(super) fn due_of(replay: &Replay, docket: &DocketItems, outages: &Outages) -> Option<Due> {
    let records = || docket.items.iter().filter_map(|(id, _)| replay.records().get(*id));
    let in_effect_at = records().map(|record| record.starts).fold(docket.logged_at, Time::max);
    let due = due(in_effect_at, records().filter_map(|record| replay.policies().get(&record.policy?)))?;
    let put_off = |at: Time| outages.put_off(in_effect_at, at);
    Some(Due { remind_at: put_off(due.remind_at), at: put_off(due.at) })
}

/// Where a member's duty desk is reached, by the list in force.
pub(super) fn contact_of(replay: &Replay, member: &str) -> Option<String> {
    replay.members()?.document.value.contact_of(member).map(str::to_owned)
}

pub(super) fn bound_at(replay: &Replay, index: u64) -> Vec<(String, String)> {
    let bound = replay.bound_at(index).iter();
    bound.map(|(member, name)| (member.to_string(), name.clone())).collect()
}

impl Delivery {
    /// The last dockets of the log, in their order; `count` entries are looked at.
    pub async fn last_dockets(&self, count: u64) -> Result<Vec<Arc<DocketItems>>, LedgerError> {
        let size = self.ledger.size();
        self.ledger.dockets(size.saturating_sub(count), size).await
    }

    /// How far a docket has come; `None` if none of this hash is published.
    pub async fn propagation(&self, docket: Hash) -> Result<Option<Propagation>, LedgerError> {
        let size = self.ledger.size();
        let stored = self.ledger.store().docket(docket).await?.filter(|stored| stored.index < size);
        let Some(stored) = stored else { return Ok(None) };
        let index = stored.index;
        let envelope = disclosure(stored)?.docket.map(|docket| docket.envelope);
        let signed = envelope.and_then(|envelope| Docket::from_json(&envelope.payload.0).ok());
        let signed_at = signed.ok_or(LedgerError::Unreadable { index })?.issued_at;
        let dockets = self.ledger.dockets(index, index + 1).await?;
        let docket = dockets.first().ok_or(LedgerError::Unreadable { index })?;
        let outages = self.outages().await?;
        let (due, bound) = {
            let replay = self.ledger.replay();
            (due_of(&replay, docket, outages), bound_at(&replay, index))
        };
        let (pushed, delivered) = (self.pushed().await?, self.delivered(index, index + 1).await?);
        let receipts = self.ledger.store().receipts(index, index + 1).await?;
        let (bound, pushed, delivered, receipts) = (&bound, &pushed, &delivered, &receipts);
        let facts = PropagationFacts { docket, signed_at, due, bound, pushed, delivered, receipts };
        let mut propagation = propagation_of(&facts, self.clock.now());
        let replay = self.ledger.replay();
        for member in propagation.members.iter_mut().filter(|member| member.acted == Fulfilment::Overdue) {
            member.contact = contact_of(&replay, &member.member);
        }
        drop(replay);
        Ok(Some(propagation))
    }

    pub(super) async fn pushed(&self) -> Result<HashMap<String, PushState>, LedgerError> {
        let mut pushed: HashMap<String, PushState> = HashMap::new();
        for endpoint in self.ledger.store().endpoints().await? {
            let is = match endpoint.status.state {
                EndpointState::Active => PushState::Active,
                EndpointState::Paused => PushState::Paused,
                EndpointState::Disabled => PushState::Disabled,
            };
            let best = pushed.entry(endpoint.member).or_insert(PushState::None);
            *best = is.max(*best);
        }
        Ok(pushed)
    }

    async fn delivered(&self, from: u64, to: u64) -> Result<HashMap<(String, u64), Time>, LedgerError> {
        let rows = self.ledger.store().delivered(from, to).await?;
        Ok(rows.into_iter().map(|(member, index, at)| ((member, index), at)).collect())
    }
}

#[cfg(test)]
mod tests;
