//! A proxy before PostgreSQL that cuts a connection at a chosen statement: before the server has it, after it has answered,
//! or so that the server does it after the client is gone.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// When a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// The server never gets the statement: it failed.
    Before,
    /// The server has answered, and the client never hears it: failed, but happened.
    After,
    /// The client is gone, and then the server does it.
    Late,
}

/// The statements at which connections are cut: each step of an append.
pub(crate) const STEPS: [&str; 5] =
    ["FOR NO KEY UPDATE", "INSERT INTO docket", "INSERT INTO record", "UPDATE head SET size", "COMMIT"];

#[derive(Default)]
struct Rules {
    /// The next cut: a part of the statement, and when.
    armed: Mutex<Option<(&'static str, When)>>,
    /// Whether nothing passes: the network is gone.
    is_down: AtomicBool,
}

/// A proxy that runs until the test's runtime ends.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    rules: Arc<Rules>,
}

impl Proxy {
    /// Listens, before the server at this address.
    pub(crate) async fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let rules = Arc::new(Rules::default());
        let of = rules.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (rules, server) = (of.clone(), server.clone());
                tokio::spawn(async move {
                    // However a connection ends, both halves end with it.
                    drop(pass(client, &server, &rules).await);
                });
            }
        });
        Self { port, rules }
    }

    /// Cuts the next connection that sends a statement with this in it.
    pub(crate) fn cut(&self, step: &'static str, when: When) {
        *self.rules.armed.lock().unwrap() = Some((step, when));
    }

    /// Whether the last cut was made; it isn't any more, then.
    pub(crate) fn was_cut(&self) -> bool {
        self.rules.armed.lock().unwrap().take().is_none()
    }

    /// Takes the network away, or gives it back.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.rules.is_down.store(is_down, Ordering::SeqCst);
    }
}

async fn pass(client: TcpStream, server: &str, rules: &Arc<Rules>) -> std::io::Result<()> {
    if rules.is_down.load(Ordering::SeqCst) {
        return Ok(());
    }
    let server = TcpStream::connect(server).await?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // When it is set, what the server answers is heard by nobody.
    let is_deaf = Arc::new(AtomicBool::new(false));
    let answers = tokio::spawn(answers(from_server, to_client, is_deaf.clone(), rules.clone()));
    let asked = questions(from_client, to_server, &is_deaf, rules).await;
    if is_deaf.load(Ordering::SeqCst) {
        // It ends when the server has answered.
        drop(answers.await);
    } else {
        answers.abort();
    }
    asked
}

/// Passes on what the server says; deaf, it only waits for the end of the answer.
async fn answers(
    mut from_server: OwnedReadHalf,
    to_client: OwnedWriteHalf,
    is_deaf: Arc<AtomicBool>,
    rules: Arc<Rules>,
) -> std::io::Result<()> {
    let mut to_client = Some(to_client);
    let mut bytes = vec![0; 16_384];
    loop {
        let read = from_server.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        if rules.is_down.load(Ordering::SeqCst) {
            return Ok(());
        }
        if is_deaf.load(Ordering::SeqCst) {
            to_client = None;
            // «Ready for query»: it has done what it was asked.
            if bytes[..read].len() >= 6 && bytes[read - 6..read - 1] == [b'Z', 0, 0, 0, 5] {
                return Ok(());
            }
        } else if let Some(to_client) = &mut to_client {
            to_client.write_all(&bytes[..read]).await?;
        }
    }
}

/// Passes on what the client says, message by message, and cuts where it is told.
async fn questions(
    mut from_client: OwnedReadHalf,
    mut to_server: OwnedWriteHalf,
    is_deaf: &AtomicBool,
    rules: &Rules,
) -> std::io::Result<()> {
    let mut statements: HashMap<Vec<u8>, String> = HashMap::new();
    let mut has_begun = false;
    // The cut that waits for the end of what belongs to its statement.
    let mut cutting: Option<When> = None;
    loop {
        let kind = if has_begun { Some(from_client.read_u8().await?) } else { None };
        let length = from_client.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        from_client.read_exact(&mut body).await?;
        if rules.is_down.load(Ordering::SeqCst) {
            return Ok(());
        }
        // A request for TLS comes before the start, and is refused by the server.
        has_begun |= kind.is_none() && body[..4] != 80_877_103_u32.to_be_bytes();
        let text = match kind {
            Some(b'Q') => String::from_utf8_lossy(&body).into_owned(),
            Some(b'P') => {
                let (name, sql) = cstr(&body);
                statements.insert(name.to_vec(), String::from_utf8_lossy(cstr(sql).0).into_owned());
                String::new()
            }
            Some(b'B') => {
                let (_portal, rest) = cstr(&body);
                statements.get(cstr(rest).0).cloned().unwrap_or_default()
            }
            _ => String::new(),
        };
        if cutting.is_none() && !text.is_empty() {
            let mut armed = rules.armed.lock().unwrap();
            if let Some((_, when)) = armed.take_if(|(step, _)| text.contains(*step)) {
                cutting = Some(when);
            }
        }
        if cutting == Some(When::Before) {
            return Ok(());
        }
        let is_last = cutting.is_some() && matches!(kind, Some(b'Q' | b'S'));
        if is_last {
            is_deaf.store(true, Ordering::SeqCst);
            if cutting == Some(When::Late) {
                drop(from_client);
                tokio::time::sleep(Duration::from_millis(150)).await;
                return send(&mut to_server, kind, length, &body).await;
            }
        }
        send(&mut to_server, kind, length, &body).await?;
        if is_last {
            return Ok(());
        }
    }
}

async fn send(to: &mut OwnedWriteHalf, kind: Option<u8>, length: u32, body: &[u8]) -> std::io::Result<()> {
    let mut message: Vec<u8> = kind.into_iter().collect();
    message.extend(length.to_be_bytes());
    message.extend(body);
    to.write_all(&message).await
}

/// The bytes before the next zero, and those after it.
fn cstr(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap();
    (&bytes[..end], &bytes[end + 1..])
}
