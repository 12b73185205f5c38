//! Reach: how soon the last dockets were with the members, and at how many of what was annulled each member lifted. For the
//! public's figures, which anyone may ask for: it is computed once a minute.
//!
//! What a receipt leaves out counts as not lifted, whichever record of the docket it names.

use std::{collections::BTreeMap, sync::Arc};

use callboard_api::registry::propagation::{Fulfilment, Propagation};
use callboard_federation::{encoding::Time, statement::Kind};

use super::{Delivery, propagation::bound_at};
use crate::ledger::LedgerError;

/// How many dockets that ask for receipts are told of.
const DOCKETS: usize = 20;
/// How many entries are looked back over for them.
const LOOK_BACK: u64 = 200;
/// How many dockets that annul are counted, the newest.
const ANNULLING: usize = 100;
/// So long what was computed is told again.
const HOLDS_MILLIS: i64 = 60_000;

/// What was computed last, and when.
#[derive(Default)]
pub(super) struct ReachAtHand(tokio::sync::Mutex<Option<(Time, Arc<Reach>)>>);

/// How soon the last dockets were with the members, and what each lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Those that ask for receipts, the newest first.
    pub dockets: Vec<Propagation>,
    pub lifted: Vec<Lifted>,
}

/// What a member lifted of that which was annulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    pub member: String,
    pub name: String,
    /// Annulments that it says are in effect with it.
    pub lifted: u64,
    /// Those that it leaves out, declines, or hasn't said anything of.
    pub open: u64,
}

impl Delivery {
    /// How soon the last dockets were with the members, and what each lifted; of up to a minute ago.
    pub async fn reach(&self) -> Result<Arc<Reach>, LedgerError> {
        let mut at_hand = self.reach.0.lock().await;
        let now = self.clock.now();
        let is_fresh = |at: &Time| (0..HOLDS_MILLIS).contains(&(now.as_millis() - at.as_millis()));
        if let Some((_, reach)) = at_hand.as_ref().filter(|(at, _)| is_fresh(at)) {
            return Ok(reach.clone());
        }
        let reach = Arc::new(Reach { dockets: self.last_asked().await?, lifted: self.lifted().await? });
        *at_hand = Some((now, reach.clone()));
        Ok(reach)
    }

    async fn last_asked(&self) -> Result<Vec<Propagation>, LedgerError> {
        let mut asked = Vec::new();
        for docket in self.last_dockets(LOOK_BACK).await?.iter().rev() {
            if asked.len() == DOCKETS {
                break;
            }
            let propagation = self.propagation(docket.payload_hash).await?;
            asked.extend(propagation.filter(|propagation| propagation.due_at.is_some()));
        }
        Ok(asked)
    }

    async fn lifted(&self) -> Result<Vec<Lifted>, LedgerError> {
        let size = self.ledger.size();
        let (annulling, bound_now) = {
            let replay = self.ledger.replay();
            let mut annulling: BTreeMap<u64, u64> = BTreeMap::new();
            let annulments =
                replay.records().iter().filter(|one| one.kind == Kind::Annulment && one.place.index < size);
            annulments.for_each(|one| *annulling.entry(one.place.index).or_default() += 1);
            (annulling, bound_at(&replay, size))
        };
        let row = |(member, name)| Lifted { member, name, lifted: 0, open: 0 };
        let mut lifted: Vec<Lifted> = bound_now.into_iter().map(row).collect();
        for (index, annulled) in annulling.into_iter().rev().take(ANNULLING) {
            let docket = self.ledger.dockets(index, index + 1).await?;
            let docket = docket.first().ok_or(LedgerError::Unreadable { index })?.payload_hash;
            let Some(propagation) = self.propagation(docket).await? else { continue };
            for one in propagation.members {
                let Some(row) = lifted.iter_mut().find(|row| row.member == one.member) else { continue };
                let left_out = match one.acted {
                    Fulfilment::InEffect | Fulfilment::Partly => one.exceptions.min(annulled),
                    Fulfilment::Declined | Fulfilment::Awaited | Fulfilment::Overdue | Fulfilment::NotAsked => annulled,
                };
                row.lifted += annulled - left_out;
                row.open += left_out;
            }
        }
        Ok(lifted)
    }
}
