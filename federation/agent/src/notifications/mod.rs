//! The platform's hook: told of each person what a check would answer, whenever that differs from what it took last.
//!
//! In reading order: [`current`], what a check would answer; `watch`, who is looked at again, when a docket, an instant or
//! the book may have changed it; `calls`, how the hook is told; [`secret`], what calls are signed with; `test_call`, one that is a test. What is kept of it is
//! [`crate::store::notifications`]'s. Implements *Hook* of `docs/formats.md` §11.

pub(crate) mod calls;
pub(crate) mod current;
pub mod secret;
pub(crate) mod test_call;
mod watch;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use callboard_client::runtime::error_chain;
use calls::Calls;
use tokio::sync::watch::Receiver;

pub(crate) use calls::new_id;

use crate::agent::{Agent, AgentError};

/// How often is looked where nothing else wakes: an instant comes without a word.
const LOOK: Duration = Duration::from_secs(1);
/// The same while calls are under way: one that lasts gives its place to another.
const LOOK_CALLING: Duration = Duration::from_millis(250);

impl Agent {
    /// Looks through what is new, at whom something may have changed for, and calls the hook, until told to stop.
    pub(crate) async fn run_hook(self: Arc<Self>, mut stop: Receiver<bool>) {
        let mut grown = self.replica.subscribe();
        let mut calls = Calls::default();
        loop {
            if let Err(error) = self.reconcile(&mut calls).await {
                tracing::error!(error = error_chain(&error), "the hook is not told what changed; it is tried again");
            }
            self.hook_failing.store(calls.failing(), Ordering::Relaxed);
            self.receipt_work.notify_one();
            let look = if calls.are_under_way() { LOOK_CALLING } else { LOOK };
            tokio::select! {
                _ = grown.changed() => {}
                () = self.hook_work.notified() => {}
                () = calls.ended(|| self.clock.now()), if calls.are_under_way() => {}
                () = tokio::time::sleep(look) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        calls.stop().await;
    }

    async fn reconcile(self: &Arc<Self>, calls: &mut Calls) -> Result<(), AgentError> {
        self.look_through().await?;
        self.look_at_people().await?;
        while calls.begin(self).await? {}
        Ok(())
    }
}
