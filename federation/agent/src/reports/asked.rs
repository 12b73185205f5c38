//! Whose accounts this member is asked for, and what it answers.

use callboard_api::{
    agent::reports::{AskedIdentities, AskedIdentitiesBefore, AskedIdentity, AskedIdentityAnswer},
    registry::identity_requests::{
        ANSWER_IDENTITY_REQUEST, IdentityRequest, IdentityRequestsBefore, LIST_IDENTITY_REQUESTS, NewIdentityAnswer,
    },
};
use callboard_federation::{
    encoding::{Base64, IdentityRequestId},
    report::{
        MAX_WORDS_BYTES,
        identities::{IdentityAnswer, IdentityQuestion},
        signed::{self, SignedContent as _},
    },
};

use super::{ReportError, Reports, Tried, untaken};
use crate::error::AgentError;

impl Reports {
    pub(crate) async fn asked(&self, query: AskedIdentitiesBefore) -> Result<AskedIdentities, AgentError> {
        let AskedIdentitiesBefore { before, limit, all } = query;
        let query = IdentityRequestsBefore { before, limit, open: !all };
        let page = self.ask(&LIST_IDENTITY_REQUESTS.with(&(), &query, &())).await?;
        let mut identity_requests = Vec::with_capacity(page.identity_requests.len());
        for request in page.identity_requests {
            identity_requests.push(self.asked_identity(request).await?);
        }
        Ok(AskedIdentities { identity_requests, next: page.next })
    }

    /// Whose account is asked for, if a seat of the secretariat asks this member under this id.
    async fn asked_identity(&self, request: IdentityRequest) -> Result<AskedIdentity, AgentError> {
        let IdentityRequest { id, asked_at, answered_at, sealed, .. } = request;
        let opened = self.open(&sealed.0, MAX_WORDS_BYTES).await?;
        let question = opened.and_then(|opened| self.by_the_secretariat::<IdentityQuestion>(&opened).ok());
        let question = question.filter(|question| question.request == id && question.member == self.member);
        let is_unopened = question.is_none();
        let (account, text) = question.map_or((None, None), |question| (Some(question.account), question.text));
        Ok(AskedIdentity { id, asked_at, answered_at, account, text, is_unopened })
    }

    /// Answers a question; `None` if there is none of this id.
    pub(crate) async fn answer_asked(&self, id: IdentityRequestId, answer: AskedIdentityAnswer) -> Tried<Option<()>> {
        let AskedIdentityAnswer { identities, text } = answer;
        let answer = IdentityAnswer { v: 1, request: id, identities, text, at: self.clock.now() };
        if let Err(refused) = answer.check() {
            return Ok(Err(refused.into()));
        }
        match self.question(id).await? {
            None => return Ok(Ok(None)),
            Some(AskedIdentity { is_unopened: true, .. }) => return Ok(Err(ReportError::Unopened)),
            Some(_) => {}
        }
        let bytes = signed::sign(&answer, self.registry.key().request_key());
        let sealed = match self.seal(&bytes, MAX_WORDS_BYTES) {
            Ok(sealed) => Base64(sealed),
            Err(refused) => return Ok(Err(refused)),
        };
        let asked = self.ask(&ANSWER_IDENTITY_REQUEST.with(&id, &(), &NewIdentityAnswer { sealed })).await;
        self.refresh_at.set(None);
        Ok(untaken(asked)?.map(|_| Some(())))
    }

    async fn question(&self, id: IdentityRequestId) -> Result<Option<AskedIdentity>, AgentError> {
        let mut before = None;
        loop {
            let page = self.asked(AskedIdentitiesBefore { before, limit: Some(super::PAGE), all: true }).await?;
            let next = page.next;
            if let Some(found) = page.identity_requests.into_iter().find(|asked| asked.id == id) {
                return Ok(Some(found));
            }
            if next.is_none() {
                return Ok(None);
            }
            before = next;
        }
    }
}
