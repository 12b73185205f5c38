//! Receives what the registry pushes: taken as a hint to look at the feed at once, and believed no further.
//!
//! A message is verified against the endpoint's secrets; forged ones are refused, repeated ones answered as before. Late
//! or reordered ones do no harm: the feed says what holds. Implements the receiving end of `docs/formats.md` §12.

use std::{
    collections::VecDeque,
    fs, io,
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
    ///
    /// # Errors
    /// The secrets can't be read; within, why it isn't taken.
    pub(crate) fn take(&self, headers: [&str; 3], body: &[u8]) -> Result<Result<(), MessageError>, FileError> {
        let secrets = match self.secrets.get(read_secrets) {
            Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Arc::default(),
            read => read?,
        };
        Ok(if secrets.is_empty() { Err(MessageError::NoSecret) } else { self.take_signed(&secrets, headers, body) })
    }

    fn take_signed(&self, secrets: &[Secret], headers: [&str; 3], body: &[u8]) -> Result<(), MessageError> {
        let verified = verify(secrets, headers, body, self.clock.now());
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

    /// Keeps an endpoint's new secret, and the one before it as long as messages in flight are signed with that.
    pub(crate) fn keep_secret(&self, secret: &Secret) -> Result<(), FileError> {
        let mut lines = vec![secret.text()];
        lines.extend(read_secrets(self.secrets.path())?.iter().filter(|old| *old != secret).take(1).map(Secret::text));
        let lines: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        secret_file::replace(self.secrets.path(), &lines.join("\n"))
    }
}

/// The secrets that messages may be signed with, newest first; none without an endpoint, whose file isn't there.
fn read_secrets(path: &Path) -> Result<Vec<Secret>, FileError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(FileError::io(secret_file::name(path))(error)),
        Ok(text) => text
            .lines()
            .map(|line| line.parse().map_err(|_| secret_file::malformed(path, "a line is no secret")))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_are_there_and_cannot_be_read_are_not_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("webhook.secret");
        assert!(read_secrets(&path).unwrap().is_empty());
        let secret = Secret::from_bytes(&[7; 32]).unwrap();
        fs::write(&path, format!("{}\n", secret.text().as_str())).unwrap();
        assert!(read_secrets(&path).unwrap() == [secret]);
        for damaged in [&b"whsec_\n"[..], b"\xff\xfe"] {
            fs::write(&path, damaged).unwrap();
            assert!(read_secrets(&path).is_err());
        }
    }
}
