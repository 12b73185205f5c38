//! Intake: what the registry pushes, taken as a hint to look at the feed at once, and believed no further.
//!
//! A message is verified against the endpoint's secrets; forged ones are refused, repeated ones answered as before. Late
//! or reordered ones do no harm: the feed says what holds. Implements the receiving end of `docs/formats.md` §12.

use std::{collections::VecDeque, fs, sync::Mutex, sync::PoisonError};

use callboard_client::create_new;
use callboard_federation::{
    webhook::{Secret, WebhookError, verify},
    zh_en,
};

use crate::agent::Agent;

/// Ids that are remembered, so that what comes again rings nothing.
const REMEMBERED: usize = 1_024;

/// Why a message isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// There is no secret, so no endpoint.
    #[error("{}", zh_en!("本会员端在登记系统没有推送地址：请用 callboard-agent endpoint create URL 新建",
        "this agent has no endpoint at the registry: `callboard-agent endpoint create URL` makes one"))]
    NoSecret,
    /// Not the registry's.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
}

/// The ids of the messages that came last.
#[derive(Default)]
pub(crate) struct Seen(Mutex<VecDeque<String>>);

impl Agent {
    /// Takes a message, and looks at the feed if it is new.
    pub(crate) fn take_message(&self, headers: [&str; 3], body: &[u8]) -> Result<(), IntakeError> {
        let secrets = self.secrets();
        if secrets.is_empty() {
            return Err(IntakeError::NoSecret);
        }
        let verified = verify(&secrets, headers, body, self.clock.now());
        let outcome = if verified.is_ok() { "taken" } else { "refused" };
        metrics::counter!("callboard_agent_messages_total", "outcome" => outcome).increment(1);
        verified?;
        let mut seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.iter().any(|id| id == headers[0]) {
            return Ok(());
        }
        seen.push_back(headers[0].to_owned());
        if seen.len() > REMEMBERED {
            seen.pop_front();
        }
        drop(seen);
        self.replica.hurry();
        Ok(())
    }

    /// The secrets that messages may be signed with, newest first: read each time, so that a rotation needs no restart.
    fn secrets(&self) -> Vec<Secret> {
        let text = fs::read_to_string(self.secret_path()).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// Keeps an endpoint's new secret, and the one before it as long as messages in flight are signed with that.
    pub(crate) fn keep_secret(&self, secret: &Secret) -> std::io::Result<()> {
        let mut lines = vec![secret.text()];
        lines.extend(self.secrets().iter().filter(|old| *old != secret).take(1).map(Secret::text));
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let (path, new) = (self.secret_path(), self.config.directory.join("webhook.secret.new"));
        let _ = fs::remove_file(&new);
        create_new::write(&new, create_new::PRIVATE, text.as_bytes())?;
        fs::rename(new, path)
    }

    fn secret_path(&self) -> std::path::PathBuf {
        self.config.directory.join("webhook.secret")
    }
}
