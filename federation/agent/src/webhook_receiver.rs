//! Receives what the registry pushes: taken as a hint to look at the feed at once, and believed no further.
//!
//! A message is verified against the endpoint's secrets; forged ones are refused, repeated ones answered as before. Late
//! or reordered ones do no harm: the feed says what holds. Implements the receiving end of `docs/formats.md` §12.

use std::{
    collections::VecDeque,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use callboard_client::clock::Clock;
use callboard_federation::{
    webhook::{Secret, WebhookError, verify},
    zh_en,
};

use crate::{
    file_error::FileError,
    replica::Replica,
    secret_file::{self, CachedFile},
};

/// Ids that are remembered, so that what comes again rings nothing.
const REMEMBERED: usize = 1_024;

#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// There is no secret, so no endpoint.
    #[error("{}", zh_en!("本会员端在登记系统没有推送地址：请用 callboard-agent endpoint create URL 新建",
        "this agent has no endpoint at the registry: `callboard-agent endpoint create URL` makes one"))]
    NoSecret,
    #[error(transparent)]
    Webhook(#[from] WebhookError),
}

pub(crate) struct WebhookReceiver {
    secrets: CachedFile<Vec<Secret>>,
    replica: Replica,
    clock: Arc<dyn Clock>,
    /// The ids of the messages that came last.
    ids: Mutex<VecDeque<String>>,
}

impl WebhookReceiver {
    pub(crate) fn new(directory: &Path, replica: Replica, clock: Arc<dyn Clock>) -> Self {
        let secrets = CachedFile::new(directory.join("webhook.secret"));
        Self { secrets, replica, clock, ids: Mutex::default() }
    }

    /// Takes a message, and looks at the feed if it is new.
    pub(crate) fn take(&self, headers: [&str; 3], body: &[u8]) -> Result<(), MessageError> {
        let secrets = self.secrets();
        if secrets.is_empty() {
            return Err(MessageError::NoSecret);
        }
        let verified = verify(&secrets, headers, body, self.clock.now());
        let outcome = if verified.is_ok() { "taken" } else { "refused" };
        metrics::counter!("callboard_agent_messages_total", "outcome" => outcome).increment(1);
        verified?;
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if ids.iter().any(|id| id == headers[0]) {
            return Ok(());
        }
        ids.push_back(headers[0].to_owned());
        if ids.len() > REMEMBERED {
            ids.pop_front();
        }
        drop(ids);
        self.replica.hurry();
        Ok(())
    }

    /// The secrets that messages may be signed with, newest first; none without an endpoint.
    fn secrets(&self) -> Arc<Vec<Secret>> {
        let read = |path: &Path| {
            let text = fs::read_to_string(path);
            let text = text.map_err(FileError::io(secret_file::name(path)))?;
            Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
        };
        self.secrets.get(read).unwrap_or_default()
    }

    /// Keeps an endpoint's new secret, and the one before it as long as messages in flight are signed with that.
    pub(crate) fn keep_secret(&self, secret: &Secret) -> Result<(), FileError> {
        let mut lines = vec![secret.text()];
        lines.extend(self.secrets().iter().filter(|old| *old != secret).take(1).map(Secret::text));
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        secret_file::replace(self.secrets.path(), &lines.join("\n"))
    }
}
