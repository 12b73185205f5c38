//! Anchors: once a day the root of the log of checks is signed and handed in, and where the registry logged it is kept.
//! With it goes the retention of old lines. Implements `docs/formats.md` §11.

use std::{sync::Arc, time::Duration};

use callboard_api::registry::log::{AnchorTaken, GET_ANCHORS, LoggedAnchors, SUBMIT_ANCHOR};
use callboard_client::{
    clock::Clock,
    http::{HttpError, Problem},
    runtime::{error_chain, os_rng},
};
use callboard_federation::{
    anchor::{Anchor, AnchorProof},
    dsse::Envelope,
    encoding::{Time, to_json},
    members::MemberId,
};
use tokio::sync::{Notify, watch};

use crate::{checks::Checks, error::AgentError, latest::Latest, registry::Registry, replica::Replica};

/// How often is looked whether one is due: a missed hour costs nothing.
const LOOK: Duration = Duration::from_mins(10);
/// Days of the agent's clock begin in UTC.
const DAY_MILLIS: i64 = 86_400_000;

pub(crate) struct Anchors {
    pub(crate) checks: Checks,
    pub(crate) replica: Replica,
    pub(crate) registry: Registry,
    pub(crate) member: MemberId,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keep_checks_days: u16,
    /// Wakes whoever anchors: a day may be over.
    pub(crate) work: Notify,
    /// Why the registry didn't take the last anchor, if it didn't.
    pub(crate) failure: Latest<String>,
}

impl Anchors {
    /// Anchors and forgets what is due, until told to stop.
    pub(crate) async fn run(&self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.anchor().await {
                tracing::warn!(error = error_chain(&error), "the log of checks was not anchored; it is tried again");
            }
            let before = self.clock.now().plus_days(-i64::from(self.keep_checks_days));
            match self.checks.forget_before(before).await {
                Ok(0) => {}
                Ok(batches) => tracing::info!(batches, "old lines of the log of checks are forgotten"),
                Err(error) => tracing::error!(error = error_chain(&error), "old lines of the log of checks stay"),
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = self.work.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Signs today's anchor, if there is none yet and something was checked since the last, and hands in what isn't
    /// logged.
    async fn anchor(&self) -> Result<(), AgentError> {
        let (now, store) = (self.clock.now(), self.checks.store());
        let (size, root) = self.checks.root();
        let last = store.last_anchor().await?;
        let is_due = last.is_none_or(|last| last.size < size && last.at.day() < now.day());
        // Another agent of the member anchors: a second root of a day would be refused.
        if is_due && size > 0 && self.replica.other_agent().is_none() {
            let anchor = Anchor { v: 1, member: self.member.clone(), size, root, at: now };
            let envelope = anchor.sign(self.registry.key().request_key());
            let text = String::from_utf8_lossy(&to_json(&envelope)).into_owned();
            // Kept before it leaves: another root of the same day is never signed.
            store.keep_anchor(size, root, now, &text).await?;
        }
        for anchor in store.unsettled().await? {
            let url = self.registry.at(SUBMIT_ANCHOR.description.path);
            match self.registry.caller().post(&url, anchor.envelope.into_bytes(), &mut os_rng()).await {
                Ok(answer) => {
                    let index = serde_json::from_slice::<AnchorTaken>(&answer).ok().and_then(|taken| taken.index);
                    store.settle_anchor(anchor.size, now, index).await?;
                    self.failure.set(None);
                }
                Err(HttpError::Refused { problem, .. }) if is_final(&problem) => {
                    // What was checked since the anchor before is covered by the next that is taken.
                    tracing::error!(size = anchor.size, %problem, "ALARM: the registry refused an anchor of this member");
                    metrics::counter!("callboard_agent_anchors_refused_total").increment(1);
                    store.refuse_anchor(anchor.size, &problem.to_string()).await?;
                }
                Err(error) => {
                    self.failure.set(Some(error_chain(&error)));
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    /// The proof that entry `index` holds an anchor, asked of the registry and verified; `None`, and a line in the log,
    /// where it gives none.
    pub(crate) async fn proof(&self, anchor: &Envelope, index: u64) -> Option<AnchorProof> {
        let logged = match self.registry.find(&GET_ANCHORS.with(&index, &(), &())).await {
            Ok(logged) => logged?,
            Err(error) => {
                tracing::warn!(
                    log.index = index,
                    error = error_chain(&error),
                    "the registry does not show an entry of anchors"
                );
                return None;
            }
        };
        let LoggedAnchors { entry, anchors, proof, .. } = logged;
        let payload = anchor.payload_hash();
        let proof = AnchorProof::new(entry, anchors.iter().map(Envelope::payload_hash), &payload, proof?)?;
        let roster = self.replica.read().replay().roster().cloned()?;
        match proof.verify(&payload, &roster, self.clock.now()) {
            Ok(_) => Some(proof),
            Err(error) => {
                tracing::error!(log.index = index, %error, "the registry's proof of an anchor proves nothing");
                None
            }
        }
    }

    /// Why the last anchor isn't with the registry, if it isn't: refused for good, or not handed in yet.
    pub(crate) async fn failure(&self) -> Result<Option<String>, AgentError> {
        let refused = self.checks.store().refused_anchor().await?;
        Ok(refused.or_else(|| self.failure.get()))
    }

    /// When the root is signed next, at the earliest: one anchor a UTC day.
    pub(crate) async fn next(&self) -> Result<Time, AgentError> {
        let now = self.clock.now();
        let last = self.checks.store().last_anchor().await?;
        Ok(match last {
            Some(last) if last.at.day() >= now.day() => {
                Time::from_millis((last.at.day() + 1).saturating_mul(DAY_MILLIS))
            }
            _ => now,
        })
    }
}

/// Whether the registry will never take it, however often it is asked: another agent of the member anchored that day.
fn is_final(problem: &Problem) -> bool {
    const FINAL: [&str; 4] = ["anchor-repeated", "anchor-foreign", "anchor-malformed", "anchor-signature"];
    problem.kind.rsplit(':').next().is_some_and(|code| FINAL.contains(&code))
}
