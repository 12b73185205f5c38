//! Real connections on loopback that send half a request, drip, stall, or never end: what they cost, and that all of
//! them end.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::{get, post},
};
use callboard_service::{Bounds, bounds::Timeouts, measure, serve, serve::serve_unix};
use futures_util::{StreamExt as _, stream};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// Far longer than anything here takes: other tests want the machine too.
const PATIENCE: Duration = Duration::from_secs(30);
/// A request of which nothing more comes.
const HALF: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n";
const SLOW_BODY: &[u8] = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc";

struct Service {
    at: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// Sets a flag once it is dropped.
struct Ended(Arc<AtomicBool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Times that a test can wait for.
fn short(bounds: Bounds) -> Bounds {
    let moment = Duration::from_millis(700);
    Bounds { times: Timeouts { head: moment, body: moment, answer: moment, stop: moment }, ..bounds }
}

fn router(ended: &Arc<AtomicBool>) -> Router {
    let ended = ended.clone();
    let endless = move || {
        let ended = Ended(ended.clone());
        let chunks = stream::repeat(Bytes::from(vec![0; 64 * 1_024]));
        async move {
            Body::from_stream(chunks.map(move |chunk| {
                let _ = &ended;
                Ok::<_, std::io::Error>(chunk)
            }))
        }
    };
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/echo", post(async |body: Bytes| body))
        .route("/hangs", get(async || std::future::pending::<()>().await))
        .route("/endless", get(endless))
}

impl Service {
    async fn start(bounds: Bounds, router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(listener, router, bounds, async { drop(stopped.await) }));
        Self { at, stop, served }
    }

    async fn opened(&self, sent: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(sent).await.unwrap();
        stream
    }

    /// The first bytes of an answer to a whole request.
    async fn asked(&self, request: &str) -> String {
        let mut stream = self.opened(request.as_bytes()).await;
        let mut answer = vec![0; 1_024];
        let read = timeout(PATIENCE, stream.read(&mut answer)).await.unwrap().unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }

    async fn lives(&self) {
        let answer = self.asked("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

/// Waits until the other side has closed; what came before.
async fn closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    // A reset is an end, too.
    drop(timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap());
    rest
}

/// Bytes of memory that this process has.
fn memory() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_requests_are_closed_in_time_and_cost_little_and_others_are_answered_meanwhile() {
    let ended = Arc::default();
    let bounds = Bounds { per_address: 1_000, ..Bounds::of(4_000) }.within_open_files();
    let service = Service::start(short(bounds), router(&ended)).await;
    service.lives().await;
    let before = memory();
    let mut half = Vec::new();
    for _ in 0..1_400 {
        half.push(service.opened(HALF).await);
        if half.len() % 200 == 0 {
            service.lives().await;
        }
    }
    service.lives().await;
    // Both ends stand in this process: 40 KiB each is a generous bound.
    let grown = memory().saturating_sub(before);
    assert!(grown < 1_400 * 40 * 1_024, "{grown} bytes");
    for stream in &mut half {
        closed(stream).await;
    }
    service.lives().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_one_address_no_more_are_kept_than_may_be() {
    let ended = Arc::default();
    // Their heads have all the time there is.
    let service = Service::start(Bounds { per_address: 10, ..Bounds::of(4_000) }, router(&ended)).await;
    let mut first = service.opened(HALF).await;
    let mut more = Vec::new();
    for _ in 0..10 {
        more.push(service.opened(HALF).await);
    }
    assert!(closed(&mut first).await.is_empty());
    service.lives().await;
}

#[tokio::test]
async fn a_body_that_drips_and_an_answer_that_nobody_takes_are_given_up() {
    let ended = Arc::default();
    let service = Service::start(short(Bounds::of(100)), router(&ended)).await;
    let mut drips = service.opened(SLOW_BODY).await;
    let mut stalls = service.opened(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let began = Instant::now();
    while began.elapsed() < PATIENCE && !ended.load(Ordering::SeqCst) {
        // A byte now and then is not enough.
        let _ = drips.write_all(b"x").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(ended.load(Ordering::SeqCst), "the answer is still held");
    let answer = String::from_utf8(closed(&mut drips).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    closed(&mut stalls).await;
}

#[tokio::test]
async fn a_body_that_comes_at_a_pace_has_the_time_that_it_needs() {
    let ended = Arc::default();
    let service = Service::start(short(Bounds::of(100)), router(&ended)).await;
    let request = format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", 100 * 1_024);
    let mut stream = service.opened(request.as_bytes()).await;
    for _ in 0..10 {
        stream.write_all(&[b'a'; 10 * 1_024]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    let mut answer = [0; 12];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn a_head_has_a_bound() {
    let ended = Arc::default();
    let service = Service::start(Bounds::of(100), router(&ended)).await;
    let answer = service.asked(&format!("GET /healthz HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(64 * 1_024))).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let answer = service.asked(&format!("GET /healthz HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200))).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    service.lives().await;
}

#[tokio::test]
async fn it_ends_soon_whatever_is_open() {
    let ended = Arc::default();
    let bounds =
        Bounds { times: Timeouts { stop: Duration::from_millis(700), ..Timeouts::default() }, ..Bounds::of(100) };
    let service = Service::start(bounds, router(&ended)).await;
    let mut open = Vec::new();
    for sent in
        [HALF, SLOW_BODY, b"", b"GET /hangs HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"]
    {
        open.push(service.opened(sent).await);
    }
    service.lives().await;
    let Service { at, stop, served } = service;
    let began = Instant::now();
    stop.send(()).unwrap();
    timeout(PATIENCE, served).await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(TcpStream::connect(at).await.is_err(), "it listens still");
    for stream in &mut open {
        closed(stream).await;
    }
}

#[tokio::test]
async fn six_thousand_invented_methods_and_addresses_are_one_label_each() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let router = router(&Arc::default()).layer(axum::middleware::from_fn_with_state("request_seconds", measure));
    let service = Service::start(Bounds::of(100), router).await;
    let mut stream = service.opened(b"").await;
    let mut lines = 0;
    for at in 0..6_000 {
        let request = format!("M{at:05} /healthz/{at} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 1_024];
        assert!(timeout(PATIENCE, stream.read(&mut answer)).await.unwrap().unwrap() > 0);
        if at == 10 {
            lines = metrics.render().lines().count();
        }
    }
    let shown = metrics.render();
    assert_eq!(shown.lines().count(), lines, "{shown}");
    assert!(shown.contains("method=\"other\"") && shown.contains("route=\"other\""), "{shown}");
}

#[tokio::test]
async fn a_unix_socket_is_served_alike() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = router(&Arc::default());
    let served = tokio::spawn(serve_unix(listener, router, Bounds::of(10), async { drop(stopped.await) }));
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("alive\n"), "{answer}");
    stop.send(()).unwrap();
    timeout(PATIENCE, served).await.unwrap().unwrap();
}
