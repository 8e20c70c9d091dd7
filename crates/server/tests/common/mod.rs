//! A server in a thread of its own, and a client that speaks octets.

#![allow(dead_code, reason = "each test uses its own part")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use shockwave_server::{Reply, Request, Running, Server, Stats};

/// A server on a port that the system chose. It ends with the value.
pub(crate) struct Served {
    running: Option<Running>,
    pub(crate) address: SocketAddr,
}

/// Starts `server`, which [`bound`] made, with one worker.
pub(crate) fn start<H, R>(server: Server, handler: H) -> Served
where
    H: AsyncFn(Request<'_>) -> R + Send + Sync + 'static,
    R: Reply + 'static,
{
    let running = server.start(handler).expect("the server starts");
    let address = running.local_addrs()[0];
    Served { running: Some(running), address }
}

/// A server that is to be configured further.
pub(crate) fn bound() -> Server {
    Server::bind("127.0.0.1:0").workers(1)
}

impl Served {
    pub(crate) fn connect(&self) -> Client {
        Client::new(self.address)
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub(crate) fn stats(&self) -> Stats {
        self.running().stats()
    }

    /// Shuts down gracefully and waits for the end.
    pub(crate) fn finish(mut self) {
        let running = self.running.take().expect("it runs");
        running.shutdown();
        running.join().expect("the threads end");
    }
}

/// A blocking client. Every wait has a bound, so that a test fails and does not hang.
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).expect("the server listens");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        socket.set_write_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        socket.set_nodelay(true).expect("no delay");
        Self { socket, received: Vec::new() }
    }

    pub(crate) fn send(&mut self, octets: impl AsRef<[u8]>) -> &mut Self {
        self.socket.write_all(octets.as_ref()).expect("the server reads");
        self
    }

    /// Sends nothing more, and still reads.
    pub(crate) fn end(&mut self) -> &mut Self {
        self.socket.shutdown(Shutdown::Write).expect("the connection is open");
        self
    }

    /// The next response, with content by Content-Length or in chunks, as it came.
    pub(crate) fn response(&mut self) -> String {
        loop {
            if let Some(length) = length_of_message(&self.received) {
                let rest = self.received.split_off(length);
                let message = std::mem::replace(&mut self.received, rest);
                return String::from_utf8_lossy(&message).into_owned();
            }
            let mut octets = [0; 65_536];
            match self.socket.read(&mut octets) {
                Ok(count @ 1..) => self.received.extend(&octets[..count]),
                ended => panic!(
                    "{ended:?} inside a response: {}",
                    String::from_utf8_lossy(&self.received)
                ),
            }
        }
    }

    /// All that comes until the server closes.
    pub(crate) fn rest(&mut self) -> String {
        let mut octets = std::mem::take(&mut self.received);
        // A reset is an end, too.
        let _ = self.socket.read_to_end(&mut octets);
        String::from_utf8_lossy(&octets).into_owned()
    }
}

/// The length of the response at the start of `octets`, if it is complete.
fn length_of_message(octets: &[u8]) -> Option<usize> {
    let head = octets.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&octets[..head]).to_ascii_lowercase();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(str::trim)
    };
    let code = text.get(9..12).unwrap_or_default();
    let length = if code.starts_with('1') || code == "204" || code == "304" {
        head
    } else if field("transfer-encoding") == Some("chunked") {
        let rest = &octets[head..];
        let end = rest.windows(5).position(|five| five == b"0\r\n\r\n")?;
        head + end + 5
    } else {
        head + field("content-length")?.parse::<usize>().expect("a number")
    };
    (octets.len() >= length).then_some(length)
}
