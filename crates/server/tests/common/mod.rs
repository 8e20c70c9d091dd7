//! A server in a thread of its own, and a client that speaks octets.

#![allow(dead_code, reason = "each test uses its own part")]

use core::cell::Cell;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use shockwave_server::{Reply, Request, Running, Server, Stats, Timeouts};

pub(crate) mod process;

/// The most that anything here is waited for: long, for the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a client sends that does nothing wrong.
pub(crate) const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A server on a port that the system chose. It ends with the value.
pub(crate) struct Served {
    running: Option<Running>,
    /// Connections that were made to it.
    connected: Cell<u64>,
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
    Served { running: Some(running), connected: Cell::new(0), address }
}

/// A server that is to be configured further.
pub(crate) fn bound() -> Server {
    let mut timeouts = Timeouts::DEFAULT;
    // A test that keeps its client is not to wait for it.
    timeouts.linger = Duration::from_millis(300);
    Server::bind("127.0.0.1:0").workers(1).timeouts(timeouts)
}

/// Deadlines that a test can wait for.
pub(crate) fn impatient() -> Timeouts {
    let mut timeouts = Timeouts::DEFAULT;
    timeouts.head = Duration::from_millis(300);
    timeouts.idle = Duration::from_millis(300);
    timeouts.content = Duration::from_millis(300);
    timeouts.min_content_rate = 1000;
    timeouts.write = Duration::from_millis(300);
    timeouts.linger = Duration::from_millis(300);
    timeouts
}

impl Served {
    /// Shows that a client that does nothing wrong is served.
    #[track_caller]
    pub(crate) fn check(&self) {
        let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let response = self.connect().send(get).rest();
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response:?}");
    }

    /// Waits until the counters are as they should be.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, is_so: impl Fn(&Stats) -> bool) {
        let start = Instant::now();
        while !is_so(&self.stats()) {
            assert!(start.elapsed() < PATIENCE, "{what}: {:?}", self.stats());
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits until all connections that were made are over.
    #[track_caller]
    pub(crate) fn wait_until_empty(&self) {
        let all = self.connected.get();
        self.wait_for("connections are left", |stats| stats.closed_connections >= all);
    }

    pub(crate) fn connect(&self) -> Client {
        self.connected.set(self.connected.get() + 1);
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
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        socket.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        socket.set_nodelay(true).expect("no delay");
        Self { socket, received: Vec::new() }
    }

    pub(crate) fn send(&mut self, octets: impl AsRef<[u8]>) -> &mut Self {
        self.socket.write_all(octets.as_ref()).expect("the server reads");
        self
    }

    /// Sends what the server may no longer read. Whether it could be sent.
    pub(crate) fn try_send(&mut self, octets: impl AsRef<[u8]>) -> bool {
        self.socket.write_all(octets.as_ref()).is_ok()
    }

    /// Sends as much as the server and the system take within `pause`; how much that was.
    pub(crate) fn pour(&mut self, octets: &[u8], pause: Duration) -> usize {
        self.socket.set_write_timeout(Some(pause)).expect("a timeout");
        let mut sent = 0;
        while let Ok(count @ 1..) = self.socket.write(octets.get(sent..).unwrap_or_default()) {
            sent += count;
        }
        sent
    }

    /// Sends octet by octet with a pause after each, until something comes. All that comes then.
    pub(crate) fn drip(&mut self, octets: impl AsRef<[u8]>, pause: Duration) -> String {
        for octet in octets.as_ref() {
            if !self.try_send([*octet]) || !self.is_quiet(pause) {
                break;
            }
        }
        self.rest()
    }

    /// Whether nothing comes for so long, and the connection stays open.
    pub(crate) fn is_quiet(&mut self, pause: Duration) -> bool {
        self.socket.set_read_timeout(Some(pause)).expect("a timeout");
        let mut octets = [0; 4096];
        let read = self.socket.read(&mut octets);
        self.socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        match read {
            Ok(count) => {
                self.received.extend(&octets[..count]);
                false
            }
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// Closes with a reset.
    pub(crate) fn reset(self) {
        let socket = socket2::SockRef::from(&self.socket);
        socket.set_linger(Some(Duration::ZERO)).expect("it is a TCP socket");
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

    /// All that comes until the server has sent its last.
    pub(crate) fn end_of_response(&mut self) -> String {
        let (response, ended) = self.end_of();
        assert_eq!(ended, Ok(()), "after {response:?}");
        response
    }

    /// All that comes, and how it ends: `Ok` if the server has closed in order.
    pub(crate) fn end_of(&mut self) -> (String, Result<(), ErrorKind>) {
        let mut octets = std::mem::take(&mut self.received);
        let ended = self.socket.read_to_end(&mut octets);
        let ended = ended.map(|_| ()).map_err(|error| error.kind());
        (String::from_utf8_lossy(&octets).into_owned(), ended)
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
