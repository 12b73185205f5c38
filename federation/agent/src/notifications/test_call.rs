//! A call to the hook that says nothing of anybody, to see whether one arrives: signed as every call is, and told apart by its
//! type, `hook.test`. It is owed nothing, kept nowhere, and made in a dry run too.

use std::time::Duration;

use callboard_api::agent::pushed::HookTest;
use callboard_client::runtime::error_chain;
use callboard_federation::{
    encoding::{CheckId, Time, to_json},
    members::MemberId,
};
use serde::Serialize;
use tokio::time::Instant;

use super::client::HookClient;
use crate::checks::new_id;

/// How much of an answer is told.
const ANSWER_BYTES: usize = 512;

#[derive(Serialize)]
struct TestCall<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: CheckId,
    at: Time,
    member: &'a MemberId,
}

impl HookClient {
    /// Calls the hook with a test, if the platform has one.
    pub(crate) async fn test(&self) -> Option<HookTest> {
        let (url, at) = (self.url.as_ref()?, self.clock.now());
        let (id, began) = (new_id(at), Instant::now());
        let body = to_json(&TestCall { kind: "hook.test", id, at, member: &self.member });
        let sent = self.request(url, id, body).send().await;
        let millis = |began: Instant| u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Some(match sent {
            Ok(answer) => {
                let (status, taken) = (answer.status().as_u16(), answer.status().is_success());
                let answer = beginning(answer).await;
                HookTest { id, status: Some(status), taken, millis: millis(began), answer }
            }
            Err(error) => {
                let answer = error_chain(&error.without_url());
                HookTest { id, status: None, taken: false, millis: millis(began), answer }
            }
        })
    }
}

/// The first bytes of an answer; what breaks off has none behind.
async fn beginning(mut answer: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < ANSWER_BYTES
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            bytes.extend_from_slice(&chunk);
        }
    };
    // What is there by then is told.
    let _ = tokio::time::timeout(Duration::from_secs(2), read).await;
    bytes.truncate(ANSWER_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}
