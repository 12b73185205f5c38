//! The platform's hook: told of each person what a check would answer, whenever that differs from what it took last.
//!
//! In reading order: `watch`, who is looked at again, when a docket, an instant or the book may have changed it; `calls`, how
//! the hook is told; `client`, a signed request; [`secret`], what it is signed with; `test_call`, one that is a test. What a
//! check would answer is `check::current`'s; what is kept is [`crate::store::notifications`]'s. Implements *Hook* of
//! `docs/formats.md` §11.

pub(crate) mod calls;
mod client;
pub mod secret;
pub(crate) mod test_call;
mod watch;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use callboard_client::runtime::error_chain;
use callboard_federation::encoding::CheckId;
use calls::{Calls, HookCaller};
pub(crate) use client::HookClient;
use tokio::sync::{Notify, watch::Receiver};
use watch::PeopleWatch;

use crate::{
    check::current::CurrentAnswers,
    config::Config,
    error::AgentError,
    receipts::Receipts,
    store::{StoreError, notifications::HookStore},
};

/// How often is looked where nothing else wakes: an instant comes without a word.
const LOOK: Duration = Duration::from_secs(1);
/// The same while calls are under way: one that lasts gives its place to another.
const LOOK_CALLING: Duration = Duration::from_millis(250);

pub(crate) struct Notifications {
    watch: PeopleWatch,
    caller: HookCaller,
    /// Wakes whoever tells the hook: something may have changed for someone.
    work: Notify,
    /// People of whom a call failed.
    failing: AtomicUsize,
}

impl Notifications {
    pub(crate) fn new(
        config: &Config,
        store: HookStore,
        hook: HookClient,
        current: &CurrentAnswers,
        receipts: &Arc<Receipts>,
    ) -> Self {
        let watch = PeopleWatch {
            store: store.clone(),
            current: current.clone(),
            receipts: receipts.clone(),
            member: config.member.clone(),
            mode: config.hook_mode,
        };
        let caller = HookCaller { hook: Arc::new(hook), store, current: current.clone() };
        Self { watch, caller, work: Notify::new(), failing: AtomicUsize::new(0) }
    }

    /// Looks through what is new, at whom something may have changed for, and calls the hook, until told to stop.
    pub(crate) async fn run(&self, mut stop: Receiver<bool>) {
        let mut grown = self.caller.current.replica.subscribe();
        let mut calls = Calls::default();
        loop {
            if let Err(error) = self.reconcile(&mut calls).await {
                tracing::error!(error = error_chain(&error), "the hook is not told what changed; it is tried again");
            }
            self.failing.store(calls.failing(), Ordering::Relaxed);
            self.watch.receipts.work.notify_one();
            let look = if calls.are_under_way() { LOOK_CALLING } else { LOOK };
            tokio::select! {
                _ = grown.changed() => {}
                () = self.work.notified() => {}
                () = calls.ended(|| self.hook().clock.now()), if calls.are_under_way() => {}
                () = tokio::time::sleep(look) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        calls.stop().await;
    }

    async fn reconcile(&self, calls: &mut Calls) -> Result<(), AgentError> {
        self.watch.look_through().await?;
        self.watch.look_at_people().await?;
        while calls.begin(&self.caller).await? {}
        Ok(())
    }

    pub(crate) fn hurry(&self) {
        self.work.notify_one();
    }

    /// The hook reports that a call which it took on is done; whether one of this id waits for it.
    pub(crate) async fn finish(&self, id: CheckId) -> Result<bool, StoreError> {
        let known = self.store().taken(id).await?;
        self.hurry();
        Ok(known)
    }

    pub(crate) fn hook(&self) -> &HookClient {
        &self.caller.hook
    }

    pub(crate) const fn store(&self) -> &HookStore {
        &self.caller.store
    }

    pub(crate) fn failing(&self) -> usize {
        self.failing.load(Ordering::Relaxed)
    }
}
