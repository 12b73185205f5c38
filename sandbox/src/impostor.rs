//! Something that answers where the token service is, and has another key than the roster's: its own is 1, so that each point
//! comes back as it was sent, with a proof that proves nothing.

use std::net::SocketAddr;

use axum::{Router, body::Bytes, http::header, response::IntoResponse, routing::post};
use callboard_service::{Bounds, serve};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// Bytes of a proof: two scalars.
const PROOF: usize = 64;

/// Connections that are kept, of whoever tries things out.
const CONNECTIONS: usize = 64;

pub(super) struct Impostor {
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Impostor {
    pub(super) async fn start(at: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let router = Router::new().route("/v1/tokens", post(evaluate));
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let served = serve(listener, router, Bounds::of(CONNECTIONS), stopped);
        Ok(Self { stop, served: tokio::spawn(served) })
    }

    pub(super) async fn stop(self) {
        // One that has ended already isn't waiting for it.
        let _ = self.stop.send(());
        drop(self.served.await);
    }
}

async fn evaluate(points: Bytes) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/octet-stream")], [&[0; PROOF][..], &points].concat())
}
