//! Asking the registry and the token service over HTTP, signed with a seat's or member's key where they ask who is
//! asking.
//!
//! What is asked and what the answers mean stands with who asks: the programs, and [`crate::derivation`]. Signed
//! requests are `docs/formats.md` §3.

mod error;

use std::time::Duration;

use callboard_api::Question;
use callboard_federation::{encoding::Time, proof_file::ProofFile, request};
use ed25519_dalek::SigningKey;
pub(crate) use error::of_reqwest;
pub use error::{Allowance, HttpError, Problem};
use rand_core::CryptoRng;
use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use crate::{
    clock::{Clock, MachineClock},
    pin::Address,
    retry::{Patience, Waits, retry_after},
};

/// As long as an answer may take to begin; a person waits for it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// As long as a whole answer may take: whoever lets it drip is told of as one who doesn't answer.
const WHOLE: Duration = Duration::from_mins(5);
/// As long as the token service may take for a batch: a check waits for it.
const BATCH: Duration = Duration::from_mins(1);
/// How long a machine has to accept a connection before it counts as down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is kept that nothing is asked over.
const IDLE: Duration = Duration::from_secs(20);
/// The most bytes of an answer: a proof file whose statements are at their longest has a tenth of it.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Whose requests they are, and by which clock.
pub struct Caller<'a> {
    client: reqwest::Client,
    key: &'a SigningKey,
    clock: &'a dyn Clock,
}

/// What every client begins with.
fn builder() -> reqwest::ClientBuilder {
    // The first to install one wins, and all are the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT)
}

/// A client for both services.
pub fn client() -> Result<reqwest::Client, HttpError> {
    let client = builder().read_timeout(TIMEOUT);
    // Shorter than the services keep them, so that none is closed while it is used again.
    let client = client.pool_idle_timeout(IDLE);
    client.build().map_err(HttpError::Unreachable)
}

/// A client for what is asked on this machine or its own network: no proxy of the environment's hears of it.
pub fn direct_client() -> Result<reqwest::Client, HttpError> {
    builder().no_proxy().build().map_err(HttpError::Unreachable)
}

/// A client for an agent's own API, which it is shown the token of; as [`direct_client`] otherwise.
pub fn agent_client(token: &str) -> Result<reqwest::Client, HttpError> {
    // A token is hex; of anything else nothing is shown, and the agent says so.
    let mut shown = HeaderValue::from_str(&format!("Bearer {token}")).unwrap_or(HeaderValue::from_static("Bearer"));
    shown.set_sensitive(true);
    let headers = HeaderMap::from_iter([(AUTHORIZATION, shown)]);
    builder().no_proxy().default_headers(headers).build().map_err(HttpError::Unreachable)
}

/// Asks the service at `base` what everyone may ask. What is refused for a while is asked again.
pub async fn ask<A: DeserializeOwned>(
    client: &reqwest::Client,
    base: &Address,
    question: &Question<A>,
) -> Result<A, HttpError> {
    read(question, &asked(|| open(client, base, question)).await?)
}

/// The same of what may not be there: `None` where nothing is.
pub async fn find<A: DeserializeOwned>(
    client: &reqwest::Client,
    base: &Address,
    question: &Question<A>,
) -> Result<Option<A>, HttpError> {
    let answer = found(asked(|| open(client, base, question)).await)?;
    answer.map(|answer| read(question, &answer)).transpose()
}

fn open<A>(client: &reqwest::Client, base: &Address, question: &Question<A>) -> reqwest::RequestBuilder {
    let request = client.request(method(question.method), base.at(&question.address));
    let json = question.json.clone();
    if json.is_empty() { request } else { request.header(CONTENT_TYPE, "application/json").body(json) }
}

/// Sends a request until it isn't put off any longer.
async fn asked(mut request: impl FnMut() -> reqwest::RequestBuilder) -> Result<Vec<u8>, HttpError> {
    let mut waits = Waits::default();
    loop {
        match answer(request()).await {
            Err(error) => waits.wait(error).await?,
            answered => return answered,
        }
    }
}

fn read<A: DeserializeOwned>(question: &Question<A>, answer: &[u8]) -> Result<A, HttpError> {
    let shape = |_| HttpError::Shape(format!("{} {}", question.method.as_str(), question.address));
    question.read(answer).map_err(shape)
}

const fn method(method: callboard_api::Method) -> Method {
    match method {
        callboard_api::Method::Get => Method::GET,
        callboard_api::Method::Post => Method::POST,
        callboard_api::Method::Patch => Method::PATCH,
        callboard_api::Method::Delete => Method::DELETE,
    }
}

/// What stands at `url` for everyone, or `None` where nothing does; a service that can't answer now is waited for.
pub async fn get(client: &reqwest::Client, url: &str) -> Result<Option<Vec<u8>>, HttpError> {
    found(asked(|| client.get(url)).await)
}

/// A proof file's bytes, asked again for a moment while too few witnesses saw what it is of.
pub async fn ask_proof(
    client: &reqwest::Client,
    base: &Address,
    question: &Question<ProofFile>,
) -> Result<Option<Vec<u8>>, HttpError> {
    let mut patience = Patience::default();
    loop {
        match found(asked(|| open(client, base, question)).await) {
            Err(error) => patience.wait(error).await?,
            found => return found,
        }
    }
}

/// Posts what needs no key.
pub async fn post(client: &reqwest::Client, url: &str, media: &str, body: Vec<u8>) -> Result<Vec<u8>, HttpError> {
    answer(client.post(url).header(CONTENT_TYPE, media).body(body)).await
}

impl<'a> Caller<'a> {
    /// Who signs with `key`.
    pub const fn new(client: reqwest::Client, key: &'a SigningKey, clock: &'a dyn Clock) -> Self {
        Self { client, key, clock }
    }

    /// The client, for what needs no key.
    pub const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// The instant now, by the caller's clock.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// What stands at `url` for whoever has this key, or `None` where nothing does; a service that can't answer now is
    /// waited for.
    pub async fn get(&self, url: &str, rng: &mut impl CryptoRng) -> Result<Option<Vec<u8>>, HttpError> {
        found(asked(|| self.signed(Method::GET, url, Vec::new(), rng)).await)
    }

    /// Asks the service at `base`. What is refused for a while is asked again.
    pub async fn ask<A: DeserializeOwned>(
        &self,
        base: &Address,
        question: &Question<A>,
        rng: &mut impl CryptoRng,
    ) -> Result<A, HttpError> {
        read(question, &asked(|| self.open(base, question, rng)).await?)
    }

    /// The same of what may not be there: `None` where nothing is.
    pub async fn find<A: DeserializeOwned>(
        &self,
        base: &Address,
        question: &Question<A>,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<A>, HttpError> {
        let answer = self.find_bytes(base, question, rng).await?;
        answer.map(|answer| read(question, &answer)).transpose()
    }

    /// The same, with the answer's bytes.
    pub async fn find_bytes<A>(
        &self,
        base: &Address,
        question: &Question<A>,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<Vec<u8>>, HttpError> {
        found(asked(|| self.open(base, question, rng)).await)
    }

    fn open<A>(&self, base: &Address, question: &Question<A>, rng: &mut impl CryptoRng) -> reqwest::RequestBuilder {
        self.signed_json(method(question.method), &base.at(&question.address), question.json.clone(), rng)
    }

    /// Begins an answer that is read in parts, since it may be longer than fits in memory.
    pub async fn begin(&self, url: &str, rng: &mut impl CryptoRng) -> Result<reqwest::Response, HttpError> {
        let answer = self.signed(Method::GET, url, Vec::new(), rng).send().await.map_err(HttpError::Unreachable)?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal(answer).await?) }
    }

    /// Asks, and gives status, media type and body of whatever is answered: a refusal is for who asked through us.
    pub async fn hand_on(
        &self,
        of: callboard_api::Method,
        url: &str,
        json: Vec<u8>,
        rng: &mut impl CryptoRng,
    ) -> Result<(u16, String, Vec<u8>), HttpError> {
        let request = self.signed_json(method(of), url, json, rng);
        let answer = request.send().await.map_err(HttpError::Unreachable)?;
        let media = answer.headers().get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
        let (status, media) = (answer.status().as_u16(), media.to_owned());
        Ok((status, media, whole(answer).await?))
    }

    /// Posts JSON.
    pub async fn post(&self, url: &str, json: Vec<u8>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, HttpError> {
        answer(self.signed(Method::POST, url, json, rng).header(CONTENT_TYPE, "application/json")).await
    }

    /// Posts points; gives the answer, and what the service tells of those that are left.
    pub async fn post_points(
        &self,
        url: &str,
        points: Vec<u8>,
        rng: &mut impl CryptoRng,
    ) -> Result<(Vec<u8>, Option<Allowance>), HttpError> {
        let request = self.signed(Method::POST, url, points, rng).header(CONTENT_TYPE, "application/octet-stream");
        let answer = request.timeout(BATCH).send().await.map_err(HttpError::Unreachable)?;
        let allowance = Allowance::of(answer.headers());
        if answer.status().is_success() { Ok((whole(answer).await?, allowance)) } else { Err(refusal(answer).await?) }
    }

    fn signed_json(
        &self,
        method: Method,
        url: &str,
        json: Vec<u8>,
        rng: &mut impl CryptoRng,
    ) -> reqwest::RequestBuilder {
        let has_body = !json.is_empty();
        let request = self.signed(method, url, json, rng);
        if has_body { request.header(CONTENT_TYPE, "application/json") } else { request }
    }

    fn signed(&self, method: Method, url: &str, body: Vec<u8>, rng: &mut impl CryptoRng) -> reqwest::RequestBuilder {
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        let signed = request::sign(self.key, method.as_str(), url, &body, self.clock.now(), nonce);
        let asked = self.client.request(method, url);
        let asked = signed.lines().fold(asked, |asked, (name, value)| asked.header(name, value));
        if body.is_empty() { asked } else { asked.body(body) }
    }
}

/// Sends a request; gives the whole answer, or the problem that it tells.
async fn answer(request: reqwest::RequestBuilder) -> Result<Vec<u8>, HttpError> {
    answer_within(WHOLE, request).await
}

async fn answer_within(time: Duration, request: reqwest::RequestBuilder) -> Result<Vec<u8>, HttpError> {
    let answer = request.timeout(time).send().await.map_err(HttpError::Unreachable)?;
    if answer.status().is_success() { whole(answer).await } else { Err(refusal(answer).await?) }
}

async fn whole(mut answer: reqwest::Response) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(HttpError::Unreachable)? {
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(HttpError::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What an answer of another status than asked for says.
async fn refusal(answer: reqwest::Response) -> Result<HttpError, HttpError> {
    let status = answer.status();
    let told = answer.headers().get(RETRY_AFTER);
    let retry_after = told.and_then(|value| retry_after(value.as_bytes(), MachineClock.now()));
    Ok(match serde_json::from_slice::<Box<Problem>>(&whole(answer).await?) {
        Ok(problem) if !problem.title.is_empty() => HttpError::Refused { status, problem, retry_after },
        _ => HttpError::Status { status, retry_after },
    })
}

/// An answer of nothing, where there is nothing.
fn found(answer: Result<Vec<u8>, HttpError>) -> Result<Option<Vec<u8>>, HttpError> {
    match answer {
        Err(HttpError::Status { status, .. } | HttpError::Refused { status, .. })
            if status == StatusCode::NOT_FOUND =>
        {
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_in_its_words_and_moves_no_cursor() {
        let json = r#"{"type":"urn:callboard:problem:threshold","title":"Too few signatures","status":409,
            "detail":"panel: 1 of 2\u001b[2J","more":{}}"#;
        let problem: Problem = serde_json::from_str(json).unwrap();
        assert_eq!(problem.to_string(), "Too few signatures: panel: 1 of 2[2J");
    }
}
