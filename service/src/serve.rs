//! The loop that accepts connections, and its end: whatever is open, it ends within [`Timeouts::stop`] of being told.
//!
//! HTTP/1.1 alone, as it comes from a proxy or on loopback. If a connection is cut at the end, its client asks again:
//! whatever changes something here may be asked twice.

use std::{net::SocketAddr, pin::pin, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    serve::{Listener, ListenerExt as _},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;
use tower_service::Service as _;

use crate::{
    bounds::{Bounds, HEAD_BYTES, Timeouts},
    connections::{ConnectionSlot, ConnectionTable},
    pace::{AnswerBody, PacedBody},
};

/// Serves over TCP until `stop` ends. A handler finds the peer's address as `ConnectInfo<SocketAddr>`.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let listener = listener.tap_io(|stream| {
        // Without it an answer of several parts waits for the client's acknowledgements; it works all the same.
        let _ = stream.set_nodelay(true);
    });
    accept(listener, |peer| Some(*peer), router, bounds, stop).await;
}

/// Serves over a Unix socket until `stop` ends; its peers have no address.
pub async fn serve_unix(listener: UnixListener, router: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    accept(listener, |_| None, router, bounds, stop).await;
}

async fn accept<L: Listener>(
    mut listener: L,
    peer_of: fn(&L::Addr) -> Option<SocketAddr>,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let times = bounds.times;
    let connections = ConnectionTable::new(bounds);
    let (tell, told) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = tasks.join_next() => {}
            (io, address) = listener.accept() => {
                let peer = peer_of(&address);
                let Some(place) = connections.place(peer.map(|peer| peer.ip())) else {
                    tracing::debug!("a connection is refused: all that may be kept are busy");
                    continue;
                };
                tasks.spawn(connection(io, peer, router.clone(), place, times, told.clone()));
            }
        }
    }
    drop(listener);
    tell.send_replace(true);
    let ended = async { while tasks.join_next().await.is_some() {} };
    if timeout(times.stop, ended).await.is_err() {
        tracing::info!(connections = tasks.len(), "connections are cut that did not end in time");
        tasks.shutdown().await;
    }
}

/// One connection, until either side ends it, it has to make room, or the service stops.
async fn connection(
    io: impl AsyncRead + AsyncWrite + Send + 'static,
    peer: Option<SocketAddr>,
    router: Router,
    place: ConnectionSlot,
    times: Timeouts,
    mut told: watch::Receiver<bool>,
) {
    let mut io = TimeoutStream::new(io);
    io.set_write_timeout(Some(times.answer));
    let place = Arc::new(place);
    let service = service_fn(|request: Request<Incoming>| {
        let busy = place.busy();
        let mut request = request.map(|body| Body::new(PacedBody::new(body, times.body)));
        if let Some(peer) = peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let answer = router.clone().call(request);
        async move { answer.await.map(|answer| answer.map(|body| AnswerBody { body, _busy: busy })) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(times.head).max_buf_size(HEAD_BYTES);
    let mut served = pin!(http.serve_connection(TokioIo::new(Box::pin(io)), service));
    // A sender that is gone tells as well.
    let told = async move { drop(told.wait_for(|told| *told).await) };
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = place.displaced() => return,
        () = told => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke off");
    }
}
