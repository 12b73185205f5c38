//! One attempt: a signed POST, bounded in time and in what is read of the answer.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use callboard_client::{retry::retry_after, runtime::error_chain};
use callboard_federation::{
    encoding::Time,
    webhook::{HEADERS, Signer},
};
use reqwest::{Client, Url, header};

use super::retry::AttemptOutcome;

/// How long an endpoint may take from the first byte sent to the last read.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of an answer that are kept, for whoever looks why.
const KEPT: usize = 512;
/// Bytes of an answer that are read, so that the connection can be used again; a longer answer closes it.
const READ: usize = 16 * 1_024;

pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) url: &'a Url,
    pub(super) signers: &'a [Signer],
    pub(super) id: &'a str,
    pub(super) body: Bytes,
    /// How long it may take, if less than usually.
    pub(super) patience: Option<Duration>,
}

pub(super) struct AttemptResult {
    pub(super) outcome: AttemptOutcome,
    pub(super) millis: u64,
    /// The beginning of the answer, or why there was none.
    pub(super) answer: String,
}

impl AttemptResult {
    pub(super) const fn status(&self) -> Option<u16> {
        match self.outcome {
            AttemptOutcome::Answered { status, .. } => Some(status),
            AttemptOutcome::Failed => None,
        }
    }
}

impl Attempt<'_> {
    pub(super) async fn send(self, now: Time) -> AttemptResult {
        let began = Instant::now();
        let (outcome, answer) = self.post(now).await;
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        AttemptResult { outcome, millis, answer }
    }

    async fn post(self, now: Time) -> (AttemptOutcome, String) {
        let seconds = now.as_seconds();
        let mut signatures = String::new();
        for signer in self.signers {
            if !signatures.is_empty() {
                signatures.push(' ');
            }
            signatures.push_str(&signer.sign(self.id, seconds, &self.body));
        }
        let [id, timestamp, signature] = HEADERS;
        let request = self
            .client
            .post(self.url.clone())
            .timeout(self.patience.unwrap_or(PATIENCE))
            .header(header::CONTENT_TYPE, "application/json")
            .header(id, self.id)
            .header(timestamp, seconds)
            .header(signature, signatures)
            .body(self.body);
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return (AttemptOutcome::Failed, describe_error(error)),
        };
        let asked = answer.headers().get(header::RETRY_AFTER);
        let retry_after = asked.and_then(|value| retry_after(value.as_bytes(), now)).map(|wait| wait.as_secs());
        let outcome = AttemptOutcome::Answered { status: answer.status().as_u16(), retry_after };
        let (mut kept, mut read) = (Vec::new(), 0);
        // The status has decided; what the answer says besides is for people.
        while read < READ
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            read += chunk.len();
            kept.extend_from_slice(&chunk[..chunk.len().min(KEPT - kept.len())]);
        }
        (outcome, printable(&kept))
    }
}

/// An error with its causes, without the address: the owner knows it, and a query may hold a secret of theirs.
fn describe_error(error: reqwest::Error) -> String {
    let mut text = error_chain(&error.without_url());
    text.truncate(text.floor_char_boundary(KEPT));
    text
}

/// Text as both engines take it: no control characters, so no NUL either.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
