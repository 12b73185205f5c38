//! What the log's own key says of cases, where nobody else has to: that a draw's root is fixed, who was drawn, that a
//! session is over, that a docket is logged. All of it is found again by the job, if the process dies before it is said.

use std::sync::Arc;

use callboard_federation::encoding::{CaseId, Time, from_json};
use callboard_rules::case::{Case, act::Act, law::Law};

use super::{CaseEventError, HeldCase, LedgerError, Taking};
use crate::ledger::Ledger;

/// Cases that are looked at before more are read.
const PAGE: u64 = 100;
/// The most that the log says of a case at once: a draw fixed and drawn, a session closed, and each docket of its items.
const MOST: usize = 1_000;

impl Ledger {
    /// Says of each case what the log has to say of it now; how many events.
    pub async fn run_clockwork(self: &Arc<Self>) -> Result<u64, LedgerError> {
        let (mut said, mut after) = (0, None);
        loop {
            let page = self.store().cases_for_clockwork(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(said) };
            after = Some(*last);
            for id in page {
                match self.run_clockwork_of(id).await {
                    Ok(more) => said += more,
                    // One case that can't be read doesn't stop the others.
                    Err(error) => tracing::error!(%error, case = %id, "the clockwork can't go on with a case"),
                }
            }
        }
    }

    async fn run_clockwork_of(self: &Arc<Self>, id: CaseId) -> Result<u64, CaseEventError> {
        let mut held = self.cases.hold(id).await;
        self.bring_to_hand(&mut held, id).await?;
        self.tick(&mut held).await
    }

    /// Says what is to be said of a case that is held; how many events.
    pub(super) async fn tick(self: &Arc<Self>, held: &mut HeldCase) -> Result<u64, CaseEventError> {
        let mut said = 0;
        for _ in 0..MOST {
            let Some(case) = &**held else { break };
            let at = self.time_of_own(case);
            let Some(act) = self.due_act(case, at) else { break };
            self.say(held, act, at).await?;
            said += 1;
        }
        Ok(said)
    }

    /// The log's own event of a case that is held.
    pub(super) async fn say(self: &Arc<Self>, held: &mut HeldCase, act: Act, at: Time) -> Result<(), CaseEventError> {
        let Some(case) = held.as_ref() else { return Err(CaseEventError::NotFound) };
        let (word, members) = act.write(None);
        let envelope = self.key.next_event(&case.head, at, &word, members);
        let envelope = envelope.map_err(|_| CaseEventError::Malformed)?;
        let event = from_json(&envelope.payload.0);
        let event = event.map_err(|_| CaseEventError::Malformed)?;
        self.take(held, Taking { envelope, event, act, sealed: None }).await.map(drop)
    }

    /// The clock of the log's own events: never before what they follow.
    pub(super) fn time_of_own(&self, case: &Case) -> Time {
        let now = self.clock.now().max(case.at());
        self.replay().logged_at().map_or(now, |logged| now.max(logged))
    }

    fn due_act(&self, case: &Case, at: Time) -> Option<Act> {
        let state = self.published();
        let witnessed = state.witnessed.as_ref().map_or(0, |witnessed| witnessed.size);
        let replay = self.replay();
        let law = Law::of(&replay);
        case.clockwork(at, witnessed, &law).or_else(|| case.issuable(state.newest.size, &law))
    }
}
