//! Answers that are no lines: other statuses, cut, compressed, without end, slow, of other lines than were asked for.

use std::{sync::Arc, time::Duration};

use callboard_agent::replica::{Limits, Replica};
use callboard_client::clock::HandClock;
use callboard_federation::{
    disclosure::{CheckpointLine, Disclosure},
    encoding::{Base64, to_json},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    committee::tag,
    fresh, look,
    registry::{Log, Registry, config, member_key},
};

/// What is written to whoever asks.
#[derive(Clone)]
enum Said {
    /// These bytes, then the connection closes.
    Bytes(Vec<u8>),
    /// A head, then this again and again, with a pause between.
    Endless { head: &'static str, again: fn(u64) -> Vec<u8>, pause: Duration },
}

/// A server that answers whatever it is asked with what it was told to say.
async fn server() -> (String, watch::Sender<Said>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = watch::channel(Said::Bytes(Vec::new()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let said = told.borrow().clone();
            tokio::spawn(answer(stream, said));
        }
    });
    (url, tell)
}

async fn answer(mut stream: TcpStream, said: Said) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    match said {
        Said::Bytes(bytes) => stream.write_all(&bytes).await?,
        Said::Endless { head, again, pause } => {
            stream.write_all(head.as_bytes()).await?;
            for number in 0.. {
                stream.write_all(&again(number)).await?;
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }
    stream.shutdown().await
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n";

fn with(head: &str, body: &[u8]) -> Said {
    Said::Bytes([head.as_bytes(), body].concat())
}

/// A line that any stranger can make up: an entry of anchors, after the entry of the vectors' last docket.
fn made_up(number: u64) -> Vec<u8> {
    let entry = format!(r#"{{"v":1,"loggedAt":"2026-03-01T00:00:00.000Z","anchors":"{}"}}"#, "0".repeat(64));
    let line = format!("{{\"index\":{},\"entry\":\"{}\"}}\n", number + 20, Base64(entry.into_bytes()));
    line.into_bytes()
}

#[tokio::test]
async fn whatever_the_answer_is_it_is_bounded_named_and_the_next_honest_one_heals() {
    let mut log = Log::new(1, &["alpha"]);
    log.suspend(&tag(1));
    let registry = Registry::of(&log, &[]).await;
    let checkpoint = CheckpointLine { checkpoint: registry.shown().note.to_string() };
    let lines = log.lines.iter().map(Disclosure::to_json).chain([to_json(&checkpoint)]);
    let honest: Vec<u8> = lines.flat_map(|line| [line, vec![b'\n']].concat()).collect();
    let (url, tell) = server().await;
    let clock = Arc::new(HandClock::at(log.now));
    let limits = Limits { lines: 500, bytes: 8 << 20, time: Duration::from_millis(700) };
    let whole: String = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", honest.len());
    let longer = whole.replace(&honest.len().to_string(), &(honest.len() + 100).to_string());
    let shorter = whole.replace(&honest.len().to_string(), &(honest.len() - 300).to_string());
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let chunk = [format!("{:x}\r\n", honest.len()).as_bytes(), &honest, b"\r\n"].concat();
    let page = "<html>Sign in to this network</html>";
    let rest = [honest.split_inclusive(|byte| *byte == b'\n').skip(2).flatten().copied().collect::<Vec<u8>>()].concat();
    let cases: Vec<(&str, Said, &str)> = vec![
        ("nothing", Said::Bytes(Vec::new()), ""),
        ("an empty answer", with(OK, b""), "malformed-answer"),
        ("no content", with("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n", b""), "malformed-answer"),
        ("a page of a network that wants a login", with(OK, page.as_bytes()), "malformed-answer"),
        ("not found", with("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", b""), ""),
        ("an error", with("HTTP/1.1 500 No\r\nconnection: close\r\n\r\n", &honest), ""),
        (
            "elsewhere",
            with("HTTP/1.1 302 Found\r\nlocation: /v1/feed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", b""),
            "",
        ),
        (
            "compressed, it says",
            with("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n", &[0x1f, 0x8b, 8, 0]),
            "malformed-answer",
        ),
        ("cut", with(&longer, &honest), ""),
        ("the last bytes missing", with(&shorter, &honest), "malformed-answer"),
        ("a chunk, and no end", with(chunked, &chunk), ""),
        ("a chunk whose length lies", with(chunked, &[b"10\r\n", &honest[..]].concat()), ""),
        ("a line of another place", with(OK, &rest), "gap"),
        ("twice", with(OK, &[&honest[..], &honest[..]].concat()), "rewritten-entry"),
        (
            "empty lines between",
            with(OK, String::from_utf8_lossy(&honest).replace('\n', "\n\n").as_bytes()),
            "malformed-answer",
        ),
        (
            "a line without end",
            Said::Endless { head: OK, again: |_| vec![b' '; 1 << 16], pause: Duration::ZERO },
            "malformed-answer",
        ),
        ("entries without end", Said::Endless { head: OK, again: made_up, pause: Duration::ZERO }, "malformed-answer"),
        ("bytes that drip", Said::Endless { head: OK, again: |_| vec![b' '], pause: Duration::from_millis(20) }, ""),
        (
            "a head that drips",
            Said::Endless {
                head: "HTTP/1.1 200 OK\r\n",
                again: |_| b"x: y\r\n".to_vec(),
                pause: Duration::from_millis(1),
            },
            "",
        ),
    ];
    for (name, said, alarm) in cases {
        let directory = tempfile::tempdir().unwrap();
        let config = config(&url, "alpha", directory.path());
        let replica =
            Replica::open_within(&config, Arc::new(member_key("alpha")), clock.clone(), limits).await.unwrap();
        tell.send_replace(said);
        let began = std::time::Instant::now();
        let error = look(&replica).await.expect_err(name);
        assert!(began.elapsed() < Duration::from_secs(20), "{name}: bounded");
        assert!(error.starts_with(alarm), "{name}: {error}");
        assert!(fresh(&replica, &clock).is_err(), "{name}");
        let status = replica.status();
        assert!(status.failure.is_some(), "{name}");
        assert_eq!(status.alarms.first().map_or("", |raised| raised.alarm.as_str()), alarm, "{name}: {error}");
        tell.send_replace(with(&whole, &honest));
        let mut healed = look(&replica).await;
        for _ in 0..2 {
            healed = if healed.is_ok() { healed } else { look(&replica).await };
        }
        assert_eq!(healed, Ok(()), "{name}");
        assert!(replica.status().alarms.is_empty(), "{name}: {:?}", replica.status());
        assert_eq!(fresh(&replica, &clock), Ok(20), "{name}");
        replica.close().await;
    }
}
