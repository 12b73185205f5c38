//! Endpoints that stream for ever, answer a gigabyte, redirect, close half-way, hang, or have a certificate of their own.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use callboard_federation::encoding::{EndpointId, Time};
use callboard_registry::{delivery::Delivery, store::attempts::StoredAttempt};
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{Board, receiver::Receiver, support::Engine};

/// Waits until an attempt at the endpoint is kept.
async fn attempt(board: &Board, endpoint: EndpointId) -> StoredAttempt {
    for _ in 0..2_000 {
        let end = Time::from_millis(i64::MAX / 2);
        let attempts = board.world.ledger.store().attempts_before(endpoint, end, 1).await.unwrap();
        if let Some(attempt) = attempts.into_iter().next() {
            return attempt;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no attempt is kept");
}

#[tokio::test]
async fn an_answer_without_end_is_read_no_further_than_it_needs_to_be() {
    let mut board = Board::begun(Engine::Sqlite).await;
    let receiver = Receiver::start().await;
    receiver.answers(|_| {
        let chunk = Bytes::from(vec![b'x'; 64 << 10]);
        // A gigabyte, and then on: whoever reads it all has no memory left.
        let endless = stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
        (StatusCode::OK, Body::from_stream(endless)).into_response()
    });
    let (endpoint, _) = board.endpoint(&receiver.url).await;
    board.logs_one().await;
    board.logs_one().await;
    receiver.has(2).await;
    let attempt = attempt(&board, endpoint).await;
    assert!(attempt.is_taken && attempt.answer.len() == 512, "{attempt:?}");
    board.ends().await;
}

#[tokio::test]
async fn a_redirect_leads_nowhere_and_is_no_delivery() {
    let mut board = Board::begun(Engine::Sqlite).await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let to = other.url.clone();
    receiver.answers(move |_| (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to.clone())]).into_response());
    let (endpoint, _) = board.endpoint(&receiver.url).await;
    board.logs_one().await;
    let attempt = attempt(&board, endpoint).await;
    assert_eq!((attempt.status, attempt.is_taken, other.pushed().len()), (Some(307), false, 0));
    board.ends().await;
}

/// A listener that does `act` with each connection.
async fn listener<F: Future<Output = ()> + Send + 'static>(
    act: impl Fn(tokio::net::TcpStream) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(act(connection));
        }
    });
    at
}

#[tokio::test]
async fn an_endpoint_that_closes_half_way_or_speaks_no_http_is_tried_again() {
    let mut board = Board::begun(Engine::Sqlite).await;
    let half = listener(async |mut connection| {
        let _ = connection.read(&mut [0; 64]).await;
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-le").await;
    });
    let half = half.await;
    let (endpoint, _) = board.endpoint(&format!("http://{half}/")).await;
    board.logs_one().await;
    let first = attempt(&board, endpoint).await;
    assert!(first.status.is_none() && !first.is_taken && !first.answer.is_empty(), "{first:?}");
    board.ends().await;
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_spoken_to() {
    let mut board = Board::begun(Engine::Sqlite).await;
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let server = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(server));
    let heard = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let count = heard.clone();
    let at = listener(move |connection| {
        let (acceptor, heard) = (acceptor.clone(), count.clone());
        async move {
            if let Ok(mut spoken) = acceptor.accept(connection).await
                && spoken.read(&mut [0; 64]).await.is_ok_and(|read| read > 0)
            {
                heard.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        }
    });
    let (endpoint, _) = board.endpoint(&format!("https://{}/", at.await)).await;
    board.logs_one().await;
    let attempt = attempt(&board, endpoint).await;
    assert!(attempt.status.is_none() && attempt.answer.to_lowercase().contains("certificate"), "{attempt:?}");
    assert_eq!(heard.load(std::sync::atomic::Ordering::SeqCst), 0, "no byte of the message left");
    board.ends().await;
}

#[tokio::test]
async fn an_endpoint_that_lags_is_told_to_the_operators_once_and_so_is_its_end() {
    let mut board = Board::begun(Engine::Sqlite).await;
    let (operators, receiver) = (Receiver::start().await, Receiver::start().await);
    receiver.answers(|_| StatusCode::SERVICE_UNAVAILABLE.into_response());
    let (clock, guard) = (board.world.clock.clone(), board.world.delivery.guard());
    let watching = Delivery::start(board.world.ledger.clone(), clock, guard, &operators.url).unwrap();
    watching.stop();
    let (endpoint, _) = board.endpoint(&receiver.url).await;
    board.logs_one().await;
    attempt(&board, endpoint).await;
    board.world.clock.move_to(board.now().plus_millis(61_000));
    for _ in 0..2 {
        watching.watch_lag().await.unwrap();
    }
    let told = operators.has(1).await;
    assert_eq!(
        (told.len(), &told[0].json()["type"], &told[0].json()["state"]),
        (1, &"delivery.lag".into(), &"begun".into())
    );
    assert_eq!(told[0].json()["data"]["member"], "alpha");
    receiver.answers(|_| StatusCode::OK.into_response());
    board.world.clock.move_to(board.now().plus_millis(3_600_000));
    for _ in 0..2_000 {
        watching.watch_lag().await.unwrap();
        if operators.pushed().len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(operators.pushed()[1].json()["state"], "ended");
    board.ends().await;
}

#[tokio::test]
async fn an_endpoint_that_never_answers_holds_up_nobody_else() {
    let mut board = Board::begun(Engine::Sqlite).await;
    let hanging = listener(async |connection| {
        tokio::time::sleep(Duration::from_mins(10)).await;
        drop(connection);
    });
    board.endpoint(&format!("http://{}/", hanging.await)).await;
    let receiver = Receiver::start().await;
    board.endpoint(&receiver.url).await;
    let began = std::time::Instant::now();
    for _ in 0..20 {
        board.logs_one().await;
    }
    receiver.has(20).await;
    assert!(began.elapsed() < Duration::from_secs(15), "shorter than one message may hang");
    board.ends().await;
}
