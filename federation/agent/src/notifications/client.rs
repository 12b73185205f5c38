//! Requests to the platform's hook, signed as Standard Webhooks has it.

use std::{sync::Arc, time::Duration};

use callboard_client::{
    clock::Clock,
    http::{self, HttpError},
    pin::Address,
};
use callboard_federation::{
    encoding::CheckId,
    members::MemberId,
    webhook::{HEADERS, Secret, Signer},
};

use crate::config::Config;

/// How long the hook may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct HookClient {
    /// On the platform's own network: no proxy stands between.
    http: reqwest::Client,
    secret: Secret,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) member: MemberId,
    /// Where it is, if the platform has one.
    pub(super) url: Option<Address>,
    /// Whether it is called; otherwise it is reported what it would be told of.
    pub(super) is_called: bool,
}

impl HookClient {
    pub(crate) fn new(config: &Config, secret: Secret, clock: Arc<dyn Clock>) -> Result<Self, HttpError> {
        let (member, url) = (config.member.clone(), config.hook.clone());
        Ok(Self { http: http::direct_client()?, secret, clock, member, url, is_called: config.calls().is_some() })
    }

    pub(super) fn request(&self, url: &Address, id: CheckId, body: Vec<u8>) -> reqwest::RequestBuilder {
        let (id, seconds) = (id.to_string(), self.clock.now().as_seconds());
        let signature = Signer::new(&self.secret).sign(&id, seconds, &body);
        let request = self.http.post(url.as_str()).timeout(PATIENCE).header("content-type", "application/json");
        let signed = HEADERS.into_iter().zip([id, seconds.to_string(), signature]);
        signed.fold(request, |request, (name, value)| request.header(name, value)).body(body)
    }
}
