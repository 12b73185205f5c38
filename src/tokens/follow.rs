//! Follows the registry's log: who may ask, how much, and under which epochs.
//!
//! # What is checked
//! Roster and members come as proof files, which anyone may have, and each is checked from the pinned genesis hash:
//! every roster under the one before, the record in the tree, the tree signed by the log and cosigned by the quorum. So the
//! registry can't invent a key, a quota or an epoch, nor go back to an older one ([`View`] only goes forward).
//!
//! # What isn't seen
//! Nothing but these two documents: the service has no member's key, so it has no feed, and needs none, since no ruling
//! changes what a key may ask. A registry that withholds a newer roster or newer members isn't caught here: until then a
//! dropped key goes on, within its quota. Members, who replay the log, see that the document was logged; `/readyz` and
//! the gauge `callboard_tokens_roster_version` show which one is known here. Whether a whole docket counts is also
//! the replay's (a proof file shows one record of it).
//!
//! Implements *Proof file* of `docs/formats.md` §8 and the last sentence of its §3.

use std::{
    sync::{Arc, Once},
    time::Duration,
};

use callboard_client::clock::Clock;
use callboard_federation::{encoding::Hash, proof_file::ProofFault};
use reqwest::{StatusCode, header};
use tokio::sync::{Mutex, watch};

use super::{
    Config,
    store::{Store, StoreError},
    view::{Followed, View},
};

/// The most bytes of a proof file: rosters and a document of up to 4 MiB each, twice in base64.
const MAX_FILE_BYTES: usize = 64 << 20;
/// How long the registry may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a request by an unknown key waits for news of it.
const UNKNOWN_KEY_PATIENCE: Duration = Duration::from_secs(2);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Why the registry's word wasn't taken.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// It can't be reached, or doesn't speak HTTP.
    #[error("the registry can't be reached")]
    Http(#[from] reqwest::Error),
    /// It answers otherwise than with a proof file.
    #[error("the registry answers {0} where a proof file is")]
    Status(StatusCode),
    /// It answers without end.
    #[error("the registry's answer is longer than any proof file")]
    TooLong,
    /// The file shows nothing.
    #[error("the registry's proof file: {0}")]
    Proof(#[from] ProofFault),
    /// Another log's.
    #[error("the roster is another issuer's")]
    Issuer,
    /// The record isn't the document that was asked for.
    #[error("the proof file is of another record than the {0}")]
    OtherRecord(&'static str),
    /// Behind what is known.
    #[error("{what}: {got} was shown where {known} is known already")]
    Older {
        /// What.
        what: &'static str,
        /// Known already.
        known: u64,
        /// Shown now.
        got: u64,
    },
    /// Two that can't both be.
    #[error("the registry shows two different {0}: keep the files in its store, and tell the members")]
    Fork(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks at the registry, and keeps what it learns.
pub(super) struct Follower {
    client: reqwest::Client,
    config: Config,
    genesis: Hash,
    store: Store,
    clock: Arc<dyn Clock>,
    view: watch::Sender<Arc<View>>,
    seen: Mutex<Seen>,
}

/// What the registry answered last.
#[derive(Default)]
struct Seen {
    /// When it was asked, in milliseconds; by whom doesn't matter.
    asked_at: Option<i64>,
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
        let mut view = View::default();
        // Members first: theirs may have been shown under a roster before the one that was kept last.
        for followed in [Followed::Members, Followed::Roster] {
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
            seen: Mutex::default(),
        })
    }

    /// What is known now.
    pub(super) fn view(&self) -> Arc<View> {
        self.view.borrow().clone()
    }

    /// Asks for news of both documents, and takes what holds.
    pub(super) async fn poll(&self) -> Result<(), FollowError> {
        let mut seen = self.seen.lock().await;
        self.poll_locked(&mut seen).await
    }

    /// Asks for news since an unknown key asks, unless that was done a moment ago.
    pub(super) async fn poll_for_unknown_key(&self) {
        let look = async {
            let mut seen = self.seen.lock().await;
            let pause = i64::try_from(self.config.unknown_key_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
            if seen.asked_at.is_some_and(|at| self.clock.now().as_millis().saturating_sub(at) < pause) {
                return;
            }
            if let Err(error) = self.poll_locked(&mut seen).await {
                failed(&error);
            }
        };
        // Too late is as good as no news: the request is refused, and the next look finds the key.
        let _ = tokio::time::timeout(UNKNOWN_KEY_PATIENCE, look).await;
    }

    /// Looks again and again, until told to stop.
    pub(super) async fn run(&self, mut stop: watch::Receiver<bool>) {
        let pause = Duration::from_secs(self.config.poll_seconds.max(1));
        let mut next = pause;
        while tokio::time::timeout(next, stop.wait_for(|stop| *stop)).await.is_err() {
            next = match self.poll().await {
                Ok(()) => pause,
                Err(error) => {
                    failed(&error);
                    next.saturating_mul(2).min(LONGEST_PAUSE).max(pause)
                }
            };
        }
    }

    async fn poll_locked(&self, seen: &mut Seen) -> Result<(), FollowError> {
        let now = self.clock.now();
        seen.asked_at = Some(now.as_millis());
        self.poll_one(Followed::Roster, &mut seen.roster).await?;
        self.view.send_modify(|view| Arc::make_mut(view).confirmed_at = Some(now));
        self.poll_one(Followed::Members, &mut seen.members).await
    }

    async fn poll_one(&self, followed: Followed, etag: &mut Option<header::HeaderValue>) -> Result<(), FollowError> {
        let mut request = self.client.get(format!("{}/v1/{}", self.config.registry_url, followed.as_str()));
        if let Some(etag) = etag.as_ref() {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let mut response = request.send().await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if etag.is_some() => return Ok(()),
            // A registry that has no members yet.
            StatusCode::NOT_FOUND if followed == Followed::Members && self.view().versions().1 == 0 => return Ok(()),
            status => return Err(FollowError::Status(status)),
        }
        let new_etag = response.headers().get(header::ETAG).cloned();
        let mut file = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if file.len() + chunk.len() > MAX_FILE_BYTES {
                return Err(FollowError::TooLong);
            }
            file.extend_from_slice(&chunk);
        }
        let mut view = View::clone(&self.view());
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

fn failed(error: &FollowError) {
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
