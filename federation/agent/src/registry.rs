//! The registry and its token service, as this member calls them: with its key, by its clock.

use std::sync::Arc;

use callboard_api::Question;
use callboard_client::{
    clock::Clock,
    http::{self, Caller, HttpError},
    pin::Address,
    runtime::os_rng,
};
use callboard_keys::MemberKey;
use serde::de::DeserializeOwned;

use crate::config::Config;

/// The services that `member.toml` names. Clones share their connections.
#[derive(Clone)]
pub(crate) struct Registry {
    client: reqwest::Client,
    key: Arc<MemberKey>,
    clock: Arc<dyn Clock>,
    url: Address,
    tokens_url: Address,
}

impl Registry {
    pub(crate) fn new(config: &Config, key: Arc<MemberKey>, clock: Arc<dyn Clock>) -> Result<Self, HttpError> {
        let (url, tokens_url) = (config.url.clone(), config.tokens_url.clone());
        Ok(Self { client: http::client()?, key, clock, url, tokens_url })
    }

    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller::new(self.client.clone(), self.key.request_key(), &*self.clock)
    }

    /// A path of the registry as an address.
    pub(crate) fn at(&self, path: &str) -> String {
        self.url.at(path)
    }

    /// Asks with the member's key for what may not be there.
    pub(crate) async fn find<A: DeserializeOwned>(&self, question: &Question<A>) -> Result<Option<A>, HttpError> {
        self.caller().find(&self.url, question, &mut os_rng()).await
    }

    /// Asks with the member's key.
    pub(crate) async fn ask<A: DeserializeOwned>(&self, question: &Question<A>) -> Result<A, HttpError> {
        self.caller().ask(&self.url, question, &mut os_rng()).await
    }

    pub(crate) const fn tokens(&self) -> &Address {
        &self.tokens_url
    }

    /// For what the registry takes of anyone, since it is signed by itself.
    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    pub(crate) fn key(&self) -> &MemberKey {
        &self.key
    }
}
