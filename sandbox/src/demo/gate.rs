//! A platform's own side of things: the hook that its agent calls, and the address that the registry pushes to, which hands
//! on to the agent. It can be made deaf.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use callboard_client::http;
use tokio::{net::TcpListener, runtime::Runtime};

/// What the platform has heard.
pub(super) struct Gate {
    agent: SocketAddr,
    client: reqwest::Client,
    deaf: AtomicBool,
    told: AtomicU64,
    pushed: AtomicU64,
}

impl Gate {
    pub(super) fn open(runtime: &Runtime, at: SocketAddr, agent: SocketAddr) -> anyhow::Result<Arc<Self>> {
        let (deaf, told, pushed) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        let gate = Arc::new(Self { agent, client: http::direct_client()?, deaf, told, pushed });
        let listener = runtime.block_on(TcpListener::bind(at))?;
        let router = Router::new().route("/hook", post(hook)).route("/webhook", post(webhook)).with_state(gate.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(gate)
    }

    /// Hears nothing from now on, or everything again.
    pub(super) fn set_deaf(&self, deaf: bool) {
        self.deaf.store(deaf, Ordering::SeqCst);
    }

    /// How often the hook was told something, and how many messages were handed on.
    pub(super) fn heard(&self) -> (u64, u64) {
        (self.told.load(Ordering::SeqCst), self.pushed.load(Ordering::SeqCst))
    }
}

/// The platform does what it is told: here, it counts.
async fn hook(State(gate): State<Arc<Gate>>) -> StatusCode {
    if gate.deaf.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    gate.told.fetch_add(1, Ordering::SeqCst);
    StatusCode::NO_CONTENT
}

/// Hands a message on as it is: its signature is the agent's to verify.
async fn webhook(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if gate.deaf.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let mut handed = gate.client.post(format!("http://{}/webhook", gate.agent)).body(body);
    let is_its_own = |name: &str| name == "content-type" || name.starts_with("webhook-");
    for (name, value) in headers.iter().filter(|(name, _)| is_its_own(name.as_str())) {
        handed = handed.header(name, value);
    }
    let Ok(answer) = handed.send().await else { return StatusCode::BAD_GATEWAY };
    gate.pushed.fetch_add(1, Ordering::SeqCst);
    answer.status()
}
