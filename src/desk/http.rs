//! Asking the registry and the token service over HTTP. What is asked and what the answers mean stands with who asks.

use std::time::Duration;

use reqwest::StatusCode;

/// As long as an answer may take to begin; a person waits for it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a machine has to accept a connection before it counts as down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why there is no answer to use.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The service can't be reached, or broke off.
    #[error("the service can't be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It answered with another status than one that was asked for.
    #[error("the service answered {status}")]
    Status {
        /// The status.
        status: StatusCode,
    },
}

/// A client for both services.
pub fn client() -> Result<reqwest::Client, HttpError> {
    // The first to install one wins, and all are the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().read_timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT);
    client.build().map_err(HttpError::Unreachable)
}

/// What stands at `url` for everyone, or `None` where nothing does.
pub async fn get(client: &reqwest::Client, url: &str) -> Result<Option<Vec<u8>>, HttpError> {
    let answer = client.get(url).send().await.map_err(HttpError::Unreachable)?;
    match answer.status() {
        StatusCode::OK => Ok(Some(answer.bytes().await.map_err(HttpError::Unreachable)?.into())),
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(HttpError::Status { status }),
    }
}
