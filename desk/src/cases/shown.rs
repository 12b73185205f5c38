//! What a registry shows of its cases: its word, until it is verified.

use callboard_api::registry::cases::{CaseEntry, CasesBefore, ChainFrom, GET_CASE, LIST_CASES};
use callboard_client::{http::Caller, pin::Address};
use callboard_federation::{encoding::CaseId, event::CaseState};
use rand_core::CryptoRng;

use super::case_file::{Chains, earlier_of};
use crate::Error;

/// Cases that are so far, or all, as a registry lists them.
pub async fn list(
    caller: &Caller<'_>,
    registry: &Address,
    state: Option<CaseState>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<CaseEntry>, Error> {
    let (mut cases, mut before) = (Vec::new(), None);
    loop {
        let query = CasesBefore { before, limit: Some(1_000), state };
        let page = caller.ask(registry, &LIST_CASES.with(&(), &query, &()), rng).await?;
        cases.extend(page.cases);
        before = page.next;
        if before.is_none() {
            return Ok(cases);
        }
    }
}

/// A case and those that it calls earlier, as a registry shows them; one that it hasn't isn't among them.
pub async fn fetch_chains(
    caller: &Caller<'_>,
    registry: &Address,
    id: CaseId,
    rng: &mut impl CryptoRng,
) -> Result<Chains, Error> {
    let (mut chains, mut waiting) = (Chains::new(), vec![id]);
    while let Some(id) = waiting.pop() {
        if chains.contains_key(&id) {
            continue;
        }
        let (mut events, mut from) = (Vec::new(), 0);
        loop {
            let query = ChainFrom { from: Some(from), limit: Some(1_000) };
            let Some(part) = caller.find(registry, &GET_CASE.with(&id, &query, &()), rng).await? else { break };
            events.extend(part.events);
            match part.next {
                Some(next) if next > from => from = next,
                _ => break,
            }
        }
        if !events.is_empty() {
            waiting.extend(earlier_of(events.first().map(|kept| &kept.event)));
            chains.insert(id, events);
        }
    }
    Ok(chains)
}
