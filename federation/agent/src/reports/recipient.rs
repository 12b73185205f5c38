//! The `age` recipient to which the secretariat writes to this member: made with the request key under which it is
//! published, and made anew with the next.

use callboard_api::registry::recipients::PUBLISH_RECIPIENT;
use callboard_client::{http::HttpError, runtime::os_rng};
use callboard_federation::{
    declaration::{self, MemberRecipient},
    dsse::Envelope,
    encoding::{PublicKey, from_json, to_json},
    recipient::Recipient,
};
use callboard_keys::age_file::FileIdentity;
use zeroize::Zeroizing;

use super::Reports;
use crate::{book::BookError, error::AgentError, store::reports::StoredRecipient};

impl Reports {
    /// Publishes the recipient, unless the registry has it. A second agent of the member publishes none: the first has.
    pub(super) async fn publish_recipient(&self) -> Result<(), AgentError> {
        if self.replica.other_agent().is_some() {
            return Ok(());
        }
        let newest = self.store.newest_recipient().await?;
        let own = PublicKey::of(self.registry.key().request_key()).id();
        let is_own = |stored: &StoredRecipient| {
            let envelope: Option<Envelope> = from_json(stored.envelope.as_bytes()).ok();
            envelope.is_some_and(|envelope| envelope.signatures.iter().any(|line| line.keyid == own))
        };
        let stored = match newest.filter(is_own) {
            Some(StoredRecipient { published_at: Some(_), .. }) => return Ok(()),
            Some(stored) => stored,
            None => self.make_recipient().await?,
        };
        let envelope: Envelope = from_json(stored.envelope.as_bytes()).map_err(|_| BookError::Value)?;
        let now = self.clock.now();
        match self.ask(&PUBLISH_RECIPIENT.with(&(), &(), &envelope)).await {
            Ok(_) => Ok(self.store.published(&stored.recipient, now).await?),
            Err(error) => {
                // Perhaps a later one of another directory holds: the next try is later than that.
                if is_recipient_refused(&error) {
                    let recipient: Recipient = stored.recipient.clone().try_into().map_err(|_| BookError::Value)?;
                    self.keep(recipient, stored.sealed).await?;
                }
                Err(error)
            }
        }
    }

    async fn make_recipient(&self) -> Result<StoredRecipient, AgentError> {
        let (identity, recipient) = loop {
            let identity = FileIdentity::generate();
            if let Some(recipient) = identity.recipient() {
                break (identity, recipient);
            }
        };
        let sealed = self.key.seal(recipient.as_str().as_bytes(), identity.to_text().as_bytes(), &mut os_rng());
        self.keep(recipient, sealed).await
    }

    async fn keep(&self, recipient: Recipient, sealed: Vec<u8>) -> Result<StoredRecipient, AgentError> {
        let (member, issuer, at) = (self.member.clone(), self.issuer.clone(), self.clock.now());
        let declared = MemberRecipient { v: 1, member, issuer, recipient: recipient.clone(), at };
        let envelope = to_json(&declaration::sign(&declared, self.registry.key().request_key()));
        let stored = StoredRecipient {
            recipient: recipient.into(),
            made_at: at,
            sealed,
            envelope: String::from_utf8_lossy(&envelope).into_owned(),
            published_at: None,
        };
        self.store.keep_recipient(&stored).await?;
        Ok(stored)
    }

    /// Opens what was written to this member, with whichever recipient it was written to; `None` if none opens it.
    pub(super) async fn open(&self, sealed: &[u8], most: usize) -> Result<Option<Zeroizing<Vec<u8>>>, AgentError> {
        for StoredRecipient { recipient, sealed: kept, .. } in self.store.recipients().await? {
            let text = self.key.open_value(recipient.as_bytes(), &kept)?;
            let text = std::str::from_utf8(&text).map_err(|_| BookError::Value)?;
            let identity = FileIdentity::from_text(text).ok_or(BookError::Value)?;
            if let Ok(opened) = identity.open(sealed, most as u64) {
                return Ok(Some(opened));
            }
        }
        Ok(None)
    }
}

/// Whether the registry takes this one not, and perhaps another.
fn is_recipient_refused(error: &AgentError) -> bool {
    matches!(error, AgentError::Http(HttpError::Refused { problem, .. }) if problem.kind.ends_with(":recipient-refused"))
}
