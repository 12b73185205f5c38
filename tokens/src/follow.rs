//! Follows the registry's log: who may ask, how much, and under which epochs.
//!
//! # What is checked
//! Roster and members come as proof files, which anyone may have, and each is checked from the pinned genesis hash:
//! every roster under the one before, the record in the tree, the tree signed by the log and cosigned by the quorum. So
//! the registry can't invent a key, a quota or an epoch, nor go back to an older one ([`RegistryView`] only goes
//! forward).
//!
//! # What isn't seen
//! Nothing but these two documents: the service has no member's key, so it has no feed, and needs none, since no ruling
//! changes what a key may ask. A registry that withholds a newer roster or newer members isn't caught here: until then
//! a dropped key goes on, within its quota. Members, who replay the log, see that the document was logged; `/readyz`
//! and the gauge `callboard_tokens_roster_version` show which one is known here. Whether a whole docket counts is also
//! the replay's (a proof file shows one record of it).
//!
//! Implements *Proof file* of `docs/formats.md` §8 and the last sentence of its §3.

use std::{
    sync::{Arc, Once},
    time::Duration,
};

use callboard_client::{clock::Clock, retry::retry_after};
use callboard_federation::encoding::Hash;
use reqwest::{StatusCode, header};
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};

pub use super::follow_error::FollowError;
use super::{
    Config,
    store::Store,
    view::{DocumentKind, RegistryView},
};

/// The most bytes of a proof file: rosters and a document of up to 4 MiB each, twice in base64.
const MAX_FILE_BYTES: usize = 64 << 20;
/// How long the registry may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a request by an unknown key, or under an unknown epoch, waits for news of it.
const NEWS_PATIENCE: Duration = Duration::from_secs(2);
/// How soon the registry is asked again for what it has and can't prove yet (409): witnesses take a moment.
const NOT_YET_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefreshOutcome {
    /// All that there is, is known.
    UpToDate,
    /// There is some that the registry can't prove yet.
    NotYetProven,
}

/// Looks at the registry, and keeps what it learns.
pub(super) struct Follower {
    client: reqwest::Client,
    config: Config,
    genesis: Hash,
    store: Store,
    clock: Arc<dyn Clock>,
    view: watch::Sender<Arc<RegistryView>>,
    last_poll: Mutex<LastPoll>,
}

/// What the registry answered last.
#[derive(Default)]
struct LastPoll {
    /// When it was asked; by whom doesn't matter.
    asked_at: Option<Instant>,
    /// The same, if it had what it couldn't prove yet.
    not_yet_at: Option<Instant>,
    roster: Option<header::HeaderValue>,
    members: Option<header::HeaderValue>,
}

impl Follower {
    /// A follower that begins with what the store kept, checked again from the genesis hash.
    pub(super) async fn resume(
        config: Config,
        genesis: Hash,
        store: Store,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, FollowError> {
        let mut view = RegistryView::default();
        // Members first: theirs may have been shown under a roster before the one that was kept last.
        for followed in [DocumentKind::Members, DocumentKind::Roster] {
            if let Some(file) = store.document(followed.as_str()).await? {
                view.adopt(followed, &file, &genesis, &config.issuer, clock.now())?;
            }
        }
        let client = client()?;
        Ok(Self {
            client,
            config,
            genesis,
            store,
            clock,
            view: watch::Sender::new(Arc::new(view)),
            last_poll: Mutex::default(),
        })
    }

    pub(super) fn view(&self) -> Arc<RegistryView> {
        self.view.borrow().clone()
    }

    /// Asks for news of both documents, and takes what holds.
    pub(super) async fn poll(&self) -> Result<(), FollowError> {
        let mut last_poll = self.last_poll.lock().await;
        self.poll_locked(&mut last_poll).await
    }

    /// Looks for news since somebody asks for what isn't known: nobody is refused on a look from before it asked. Looks
    /// are no closer together than configured, so a request may wait for the next; what the registry has and can't
    /// prove yet is asked for again at once, until `is_known` or for as long as a request waits.
    pub(super) async fn refresh_until(&self, is_known: impl Fn(&RegistryView) -> bool) -> RefreshOutcome {
        let began = Instant::now();
        let mut news = RefreshOutcome::UpToDate;
        let look = async {
            while !is_known(&self.view()) {
                let pause = self.refresh_once(began, &mut news).await;
                let Some(pause) = pause else { return };
                tokio::time::sleep(pause).await;
            }
            news = RefreshOutcome::UpToDate;
        };
        // Too late is as good as no news: the request is refused, and the next look finds it.
        let _ = tokio::time::timeout(NEWS_PATIENCE, look).await;
        news
    }

    /// One look; how long to wait for the next, unless the registry told all that it has since `began`.
    async fn refresh_once(&self, began: Instant, news: &mut RefreshOutcome) -> Option<Duration> {
        let mut last_poll = self.last_poll.lock().await;
        if let Some(at) = last_poll.not_yet_at {
            *news = RefreshOutcome::NotYetProven;
            if at.elapsed() < NOT_YET_PAUSE {
                return Some(NOT_YET_PAUSE);
            }
        } else if let Some(at) = last_poll.asked_at {
            *news = RefreshOutcome::UpToDate;
            if at >= began {
                return None;
            }
            let rest = Duration::from_secs(self.config.unknown_key_seconds).saturating_sub(at.elapsed());
            if !rest.is_zero() {
                return Some(rest);
            }
        }
        match self.poll_locked(&mut last_poll).await {
            Err(error) if error.is_not_yet() => {
                *news = RefreshOutcome::NotYetProven;
                return Some(NOT_YET_PAUSE);
            }
            Err(error) => report_failure(&error),
            Ok(()) => {}
        }
        *news = RefreshOutcome::UpToDate;
        None
    }

    /// Looks again and again, until told to stop.
    pub(super) async fn run(&self, mut stop: watch::Receiver<bool>) {
        let pause = Duration::from_secs(self.config.poll_seconds.max(1));
        let mut next = pause;
        while tokio::time::timeout(next, stop.wait_for(|stop| *stop)).await.is_err() {
            next = match self.poll().await {
                Ok(()) => pause,
                Err(error) if error.is_not_yet() => NOT_YET_PAUSE.saturating_mul(4).min(pause),
                Err(error) => {
                    report_failure(&error);
                    let told = if let FollowError::Status(_, told) = &error { *told } else { None };
                    next.saturating_mul(2).min(LONGEST_PAUSE).max(pause).max(told.unwrap_or_default())
                }
            };
        }
    }

    async fn poll_locked(&self, last_poll: &mut LastPoll) -> Result<(), FollowError> {
        let now = self.clock.now();
        (last_poll.asked_at, last_poll.not_yet_at) = (Some(Instant::now()), None);
        let roster = self.poll_one(DocumentKind::Roster, &mut last_poll.roster).await;
        match &roster {
            Ok(()) => self.view.send_modify(|view| Arc::make_mut(view).confirmed_at = Some(now)),
            // A roster that isn't witnessed yet keeps no members back that are.
            Err(error) if error.is_not_yet() => {}
            Err(_) => return roster,
        }
        let polled = self.poll_one(DocumentKind::Members, &mut last_poll.members).await.and(roster);
        if polled.as_ref().is_err_and(FollowError::is_not_yet) {
            last_poll.not_yet_at = Some(Instant::now());
        }
        polled
    }

    async fn poll_one(
        &self,
        followed: DocumentKind,
        etag: &mut Option<header::HeaderValue>,
    ) -> Result<(), FollowError> {
        let mut request = self.client.get(self.config.registry_url.at(&format!("/v1/{}", followed.as_str())));
        if let Some(etag) = etag.as_ref() {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let mut response = request.send().await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if etag.is_some() => return Ok(()),
            // A registry that has no members yet.
            StatusCode::NOT_FOUND if followed == DocumentKind::Members && self.view().versions().1 == 0 => {
                return Ok(());
            }
            status => {
                let told = response.headers().get(header::RETRY_AFTER);
                let told = told.and_then(|value| retry_after(value.as_bytes(), self.clock.now()));
                return Err(FollowError::Status(status, told));
            }
        }
        let new_etag = response.headers().get(header::ETAG).cloned();
        let mut file = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if file.len() + chunk.len() > MAX_FILE_BYTES {
                return Err(FollowError::TooLong);
            }
            file.extend_from_slice(&chunk);
        }
        let mut view = RegistryView::clone(&self.view());
        let before = view.versions();
        view.adopt(followed, &file, &self.genesis, &self.config.issuer, self.clock.now())?;
        let (roster, members) = view.versions();
        if (roster, members) != before {
            // Kept before it is believed: a service that starts again never knows less.
            self.store.keep_document(followed.as_str(), &file).await?;
            tracing::info!(roster.version = roster, members.version = members, "the registry has news");
        }
        self.view.send_replace(Arc::new(view));
        *etag = new_etag;
        Ok(())
    }
}

fn report_failure(error: &FollowError) {
    metrics::counter!("callboard_tokens_follow_failures_total").increment(1);
    tracing::warn!(error = error as &dyn std::error::Error, "the registry's word was not taken");
}

/// A client with the one TLS provider; another part of the process may have installed it already.
fn client() -> Result<reqwest::Client, reqwest::Error> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error says that there is one, which will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().timeout(PATIENCE).build()
}
