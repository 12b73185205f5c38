//! The sandbox's own hook: it verifies what the agent tells it, prints it, and answers as it is told to.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, StatusCode};
use callboard_agent::notifications::secret;
use callboard_federation::{
    encoding::Time,
    webhook::{HEADERS, verify},
};
use serde::Serialize;
use serde_json::Value;

/// Where it is, on the control's port.
pub(super) const PATH: &str = "/hook";
const SHOWN: usize = 100;

/// What it was told, and how it answers.
#[derive(Default)]
pub(super) struct Hook(Mutex<Calls>);

#[derive(Default)]
struct Calls {
    calls: VecDeque<Call>,
    fails: bool,
}

#[derive(Clone, Serialize)]
pub(super) struct Call {
    at: Time,
    /// Whether the agent's secret signed it.
    verified: bool,
    answered: u16,
    #[serde(rename = "call")]
    body: Value,
}

impl Hook {
    /// Takes a call; the secret lies in the agent's directory.
    pub(super) fn take(&self, agent: &Path, headers: &HeaderMap, body: &[u8], now: Time) -> StatusCode {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let verified =
            secret::read(agent).is_ok_and(|secret| verify(&[secret], HEADERS.map(header), body, now).is_ok());
        let status = match (verified, heard.fails) {
            (false, _) => StatusCode::UNAUTHORIZED,
            (true, true) => StatusCode::INTERNAL_SERVER_ERROR,
            (true, false) => StatusCode::NO_CONTENT,
        };
        let call: Value = serde_json::from_slice(body).unwrap_or_default();
        println!("hook  {}  {call}", status.as_u16());
        heard.calls.truncate(SHOWN - 1);
        heard.calls.push_front(Call { at: now, verified, answered: status.as_u16(), body: call });
        status
    }

    /// Answers from now on with an error, or no longer.
    pub(super) fn fail(&self, fails: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fails = fails;
    }

    /// The last calls, the newest first.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).calls.iter().cloned().collect()
    }
}
