//! A proxy between the demo and a service, which keeps each byte of both directions.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Each connection's two directions, a text each.
type Heard = Arc<Mutex<Vec<Vec<u8>>>>;

pub(crate) struct Recorder {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    heard: Heard,
}

impl Recorder {
    /// Listens on a free port, and brings each connection to `service`, where somebody listens by then.
    pub(crate) fn before(service: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let recorder = Self { address: listener.local_addr().unwrap(), heard: Heard::default() };
        let heard = Arc::clone(&recorder.heard);
        thread::spawn(move || {
            for caller in listener.incoming().filter_map(Result::ok) {
                // Nobody listens there yet, or any more: the caller is told by the end of its connection.
                let Ok(service) = TcpStream::connect(service) else { continue };
                let back = (service.try_clone().unwrap(), caller.try_clone().unwrap());
                for (from, to) in [(caller, service), back] {
                    let heard = Arc::clone(&heard);
                    thread::spawn(move || forward(from, to, &heard));
                }
            }
        });
        recorder
    }

    /// What went through so far, each direction of a connection by itself.
    pub(crate) fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().join(&b"\n\n"[..])
    }
}

/// Keeps what `from` says before `to` hears it.
fn forward(mut from: TcpStream, mut to: TcpStream, heard: &Heard) {
    let at = {
        let mut heard = heard.lock().unwrap();
        heard.push(Vec::new());
        heard.len() - 1
    };
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        heard.lock().unwrap()[at].extend_from_slice(&bytes[..count]);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    // The other side may be gone already.
    let _ = to.shutdown(Shutdown::Write);
}

/// A free port; between here and its use another could take it, and the demo then says so.
pub(crate) fn free_port() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// What comes back when `text` goes through a recorder to one who echoes it, and what the recorder kept.
pub(crate) fn echo(text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let recorder = Recorder::before(listener.local_addr().unwrap());
    let mut caller = TcpStream::connect(recorder.address).unwrap();
    let mut back = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut one, _) = listener.accept().unwrap();
            let mut text = Vec::new();
            one.read_to_end(&mut text).unwrap();
            one.write_all(&text).unwrap();
        });
        caller.write_all(text).unwrap();
        caller.shutdown(Shutdown::Write).unwrap();
        caller.read_to_end(&mut back).unwrap();
    });
    (back, recorder.heard())
}
