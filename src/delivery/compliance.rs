//! Compliance: how members stand with the last dockets, who is overdue, who declined and why; and what each is told of
//! it with its feed. How one docket stands is [`super::propagation`]'s.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{PoisonError, RwLock},
};

use callboard_api::registry::propagation::{Fulfilment, MemberCompliance, OpenDocket, PushState};

use super::{
    Delivery,
    propagation::{PropagationFacts, bound_at, contact_of, due_of, propagation_of},
};
use crate::ledger::LedgerError;

/// How many entries of the log are looked back over.
const LOOK_BACK: u64 = 200;
/// How many open dockets of a member are named; the counts tell of all.
const OPEN: usize = 20;

/// How long members are told that the registry was restored: an agent that was off for a vacation hears it too.
const TELLS_RESTORED_DAYS: i64 = 30;

/// What a member is told with its feed: `endpoint-disabled`, `receipts-due=2`, `receipts-overdue=1`.
#[derive(Default)]
pub(super) struct Notices(RwLock<HashMap<String, String>>);

impl Delivery {
    /// How each member in force stands with the last dockets of the log.
    pub async fn compliance(&self) -> Result<Vec<MemberCompliance>, LedgerError> {
        // Everyone may ask, and it is more work than most questions: one at a time.
        let _one = self.compliance_turn.lock().await;
        let (now, size) = (self.clock.now(), self.ledger.size());
        let from = size.saturating_sub(LOOK_BACK);
        let dockets = self.ledger.dockets(from, size).await?;
        let (pushed, receipts) = (self.pushed().await?, self.ledger.store().receipts(from, size).await?);
        let outages = self.outages().await?;
        let replay = self.ledger.replay();
        let (mut members, mut rows) = (Vec::new(), HashMap::new());
        for (member, name) in bound_at(&replay, size) {
            let contact = contact_of(&replay, &member);
            let pushed = pushed.get(&member).copied().unwrap_or(PushState::None);
            let (lags, counts, open) = (self.alarms.is_lagging(&member), BTreeMap::new(), Vec::new());
            rows.insert(member.clone(), members.len());
            members.push(MemberCompliance { member, name, contact, pushed, lags, reminded: 0, counts, open });
        }
        let delivered = HashMap::new();
        for docket in dockets.iter().rev() {
            let Some(due) = due_of(&replay, docket, outages) else { continue };
            let first = receipts.partition_point(|receipt| receipt.index < docket.index);
            let last = receipts.partition_point(|receipt| receipt.index <= docket.index);
            let (bound, receipts) = (bound_at(&replay, docket.index), &receipts[first..last]);
            let facts = PropagationFacts {
                docket,
                signed_at: docket.logged_at,
                due: Some(due),
                bound: &bound,
                pushed: &pushed,
                delivered: &delivered,
                receipts,
            };
            for one in propagation_of(&facts, now).members {
                let Some(row) = rows.get(&one.member).and_then(|at| members.get_mut(*at)) else { continue };
                row.reminded += u64::from(one.acted == Fulfilment::Awaited && due.remind_at <= now);
                *row.counts.entry(one.acted).or_default() += 1;
                let is_open = matches!(one.acted, Fulfilment::Overdue | Fulfilment::Declined | Fulfilment::Partly);
                if is_open && row.open.len() < OPEN {
                    let (acted, exceptions) = (one.acted, one.excerpt);
                    row.open.push(OpenDocket { docket: docket.payload_hash, acted, due_at: due.at, exceptions });
                }
            }
        }
        Ok(members)
    }

    /// Looks at what members owe, and puts it where their feeds tell them.
    pub(super) async fn note_notices(&self) -> Result<Vec<MemberCompliance>, LedgerError> {
        let members = self.compliance().await?;
        let mut notices = HashMap::new();
        for row in &members {
            let mut told = Vec::new();
            if row.pushed == PushState::Disabled {
                told.push("endpoint-disabled".to_owned());
            }
            let overdue = row.counts.get(&Fulfilment::Overdue).copied().unwrap_or(0);
            told.extend((row.reminded > 0).then(|| format!("receipts-due={}", row.reminded)));
            told.extend((overdue > 0).then(|| format!("receipts-overdue={overdue}")));
            if !told.is_empty() {
                notices.insert(row.member.clone(), told.join(", "));
            }
        }
        *self.notices.0.write().unwrap_or_else(PoisonError::into_inner) = notices;
        Ok(members)
    }

    /// What a member is told with its feed, if anything: what it owes, and for a while that the registry was restored,
    /// and may lack what it was told before.
    pub fn notice(&self, member: &str) -> Option<String> {
        let owed = self.notices.0.read().unwrap_or_else(PoisonError::into_inner).get(member).cloned();
        let now = self.clock.now();
        let restored = self.ledger.restored_at().filter(|at| now < at.plus_days(TELLS_RESTORED_DAYS));
        let told: Vec<String> = owed.into_iter().chain(restored.map(|at| format!("restored={at}"))).collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}
