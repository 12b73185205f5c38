//! Whoever stands between registry and agent: asks the registry, and shows something else.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};

/// What is made of an honest answer's lines from an index on; the last is the checkpoint's.
pub(crate) type Lie = Arc<dyn Fn(usize, Vec<Vec<u8>>) -> Body + Send + Sync>;

/// The proxy.
#[derive(Clone)]
pub(crate) struct Proxy {
    registry: Arc<str>,
    http: reqwest::Client,
    lie: Arc<Mutex<Option<Lie>>>,
    pub(crate) url: Arc<str>,
}

/// Lines as the feed has them.
pub(crate) fn body(lines: &[Vec<u8>]) -> Body {
    Body::from(lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect::<Vec<u8>>())
}

async fn feed(State(proxy): State<Proxy>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let from = query.split('&').find_map(|said| said.strip_prefix("from=")?.parse().ok()).unwrap_or(0);
    let url = format!("{}/v1/feed?{query}", proxy.registry);
    let answer = proxy.http.get(url).send().await.unwrap();
    let status = answer.status();
    let honest = answer.bytes().await.unwrap();
    let lie = proxy.lie.lock().unwrap().clone();
    match lie {
        None => (status, honest).into_response(),
        Some(lie) => {
            let lines = honest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            lie(from, lines.map(<[u8]>::to_vec).collect()).into_response()
        }
    }
}

async fn cosignatures(State(proxy): State<Proxy>, note: String) -> Response {
    let posted = proxy.http.post(format!("{}/v1/cosignatures", proxy.registry)).body(note).send().await.unwrap();
    posted.status().into_response()
}

impl Proxy {
    /// One before the registry at `registry`, honest at first.
    pub(crate) async fn before(registry: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).into();
        let proxy = Self {
            registry: registry.into(),
            http: callboard_client::http::client().unwrap(),
            lie: Arc::default(),
            url,
        };
        let router = Router::new().route("/v1/feed", get(feed)).route("/v1/cosignatures", post(cosignatures));
        let router = router.with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        proxy
    }

    /// Shows something else from now on; `None` is honest again.
    pub(crate) fn tell(&self, lie: Option<Lie>) {
        *self.lie.lock().unwrap() = lie;
    }
}
