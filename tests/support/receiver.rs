//! A member's endpoint: takes what is pushed, keeps it, and answers as a test tells it to.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use callboard_federation::webhook::{HEADERS, Message, Secret, verify};
use serde_json::Value;
use tokio::sync::Notify;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was pushed.
#[derive(Debug, Clone)]
pub(crate) struct Pushed {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Pushed {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn id(&self) -> &str {
        self.header(HEADERS[0])
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn message(&self) -> Message {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether it is signed with this secret, by the clock of its own time.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let seconds: i64 = self.header(HEADERS[1]).parse().unwrap();
        let (headers, now) =
            (HEADERS.map(|name| self.header(name)), callboard_federation::encoding::Time::from_seconds(seconds));
        verify(&[secret.parse::<Secret>().unwrap_or_else(|_| panic!("no secret"))], headers, &self.body, now).is_ok()
    }
}

type Answering = Box<dyn FnMut(&Pushed) -> Response + Send>;

struct Shared {
    pushed: Mutex<Vec<Pushed>>,
    answer: Mutex<Answering>,
    came: Notify,
}

/// An endpoint on this machine.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Receiver {
    /// One that answers 204.
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let answer: Answering = Box::new(|_| StatusCode::NO_CONTENT.into_response());
        let shared = Arc::new(Shared { pushed: Mutex::default(), answer: Mutex::new(answer), came: Notify::new() });
        let router = axum::Router::new().fallback(take).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    /// Answers like this from now on.
    pub(crate) fn answers(&self, answer: impl FnMut(&Pushed) -> Response + Send + 'static) {
        *self.shared.answer.lock().unwrap() = Box::new(answer);
    }

    pub(crate) fn pushed(&self) -> Vec<Pushed> {
        self.shared.pushed.lock().unwrap().clone()
    }

    /// The indexes of the dockets that came, in the order in which they did; each once, if it came again at once.
    pub(crate) fn indexes(&self) -> Vec<u64> {
        let messages = self.pushed().into_iter().filter(|pushed| pushed.json()["type"] == "docket.logged");
        let mut indexes: Vec<u64> = messages.map(|pushed| pushed.message().data.index).collect();
        indexes.dedup();
        indexes
    }

    /// Waits until so many have come.
    pub(crate) async fn has(&self, count: usize) -> Vec<Pushed> {
        self.until(|pushed| pushed.len() >= count).await
    }

    /// Waits until what came is enough.
    pub(crate) async fn until(&self, enough: impl Fn(&[Pushed]) -> bool) -> Vec<Pushed> {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let came = self.shared.came.notified();
                let pushed = self.pushed();
                if enough(&pushed) {
                    return pushed;
                }
                came.await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("only {} came", self.pushed().len()))
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let pushed = Pushed { headers, body };
    let answer = (shared.answer.lock().unwrap())(&pushed);
    shared.pushed.lock().unwrap().push(pushed);
    shared.came.notify_waiters();
    answer
}
