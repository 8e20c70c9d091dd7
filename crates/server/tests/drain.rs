//! Graceful shutdown: no accepted request is lost, and the server ends.

mod common;

use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use shockwave_server::{Distribution, Request, Sent, Server};
use tokio::sync::{Notify, Semaphore};

use common::{GET, PATIENCE, bound, start};

/// What has become of a client's requests.
#[derive(Debug, Default)]
struct Tally {
    /// Requests that were answered.
    answered: u64,
    /// Connections by which at least one was.
    served: u64,
    /// Connections that closed before the first octet of an answer: at an idle point, and new.
    closed_idle: u64,
    closed_new: u64,
}

/// Requests without end, of several by each connection, until none is accepted.
fn load(address: SocketAddr, is_kept: bool, is_draining: &AtomicBool) -> Tally {
    let mut tally = Tally::default();
    while let Ok(mut socket) = TcpStream::connect(address) {
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut count = 0_u64;
        loop {
            match exchange(&mut socket, if is_kept { GET } else { CLOSE }) {
                Ok(is_last) => {
                    tally.answered += 1;
                    count += 1;
                    if is_last {
                        break;
                    }
                }
                Err(()) if count != 0 => {
                    assert!(is_draining.load(Relaxed), "closed while nobody drains");
                    tally.closed_idle += 1;
                    break;
                }
                Err(()) => {
                    assert!(is_draining.load(Relaxed), "closed while nobody drains");
                    tally.closed_new += 1;
                    break;
                }
            }
        }
        tally.served += u64::from(count != 0);
    }
    tally
}

const CLOSE: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// One request and its response, and whether that is the last. `Err`: the connection ended before
/// the response began. One that breaks off is never right.
fn exchange(socket: &mut TcpStream, request: &str) -> Result<bool, ()> {
    if socket.write_all(request.as_bytes()).is_err() {
        return Err(());
    }
    let mut response = Vec::new();
    let mut octets = [0; 4096];
    loop {
        match socket.read(&mut octets) {
            Ok(0) if response.is_empty() => return Err(()),
            Err(error) if response.is_empty() && error.kind() == ErrorKind::ConnectionReset => {
                return Err(());
            }
            Ok(count @ 1..) => response.extend_from_slice(&octets[..count]),
            ended => panic!("{ended:?} inside of {}", response.escape_ascii()),
        }
        if response.ends_with(b"\r\n\r\nHello, world!") {
            let text = String::from_utf8_lossy(&response);
            return Ok(text.contains("\r\nConnection: close\r\n"));
        }
    }
}

#[test]
fn no_accepted_request_is_lost_under_load() {
    for distribution in [Distribution::ReusePort, Distribution::LeastConnections] {
        for round in 0..5 {
            let server = bound().workers(2).distribution(distribution);
            let running = server
                .start(async |_: Request<'_>| {
                    tokio::task::yield_now().await;
                    "Hello, world!"
                })
                .expect("it starts");
            let address = running.local_addrs()[0];
            let is_draining = AtomicBool::new(false);
            let tallies: Vec<_> = std::thread::scope(|scope| {
                let clients: Vec<_> = (0..6)
                    .map(|number| {
                        scope.spawn({
                            let is_draining = &is_draining;
                            move || load(address, number % 2 == 0, is_draining)
                        })
                    })
                    .collect();
                while running.stats().requests < 500 {
                    std::thread::park_timeout(Duration::from_millis(1));
                }
                is_draining.store(true, Relaxed);
                running.shutdown();
                clients.into_iter().map(|client| client.join().expect("all is well")).collect()
            });
            let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
            let wait = Instant::now();
            while running.stats().open_connections() != 0 {
                assert!(wait.elapsed() < PATIENCE, "{:?}", running.stats());
                std::thread::park_timeout(Duration::from_millis(1));
            }
            let stats = running.stats();
            running.join().expect("it ends");
            // What the server took, it answered: whoever got nothing was never accepted.
            let context = format!("{distribution:?} {round}: {tallies:?} {stats:?}");
            assert_eq!(sum(|tally| tally.served), stats.accepted_connections, "{context}");
            assert_eq!(sum(|tally| tally.answered), stats.requests, "{context}");
        }
    }
}

/// A handler that waits for its permit, and says when it has begun.
fn gated() -> (Arc<Semaphore>, Arc<Notify>, common::Served) {
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
    let (waits, tells) = (gate.clone(), begun.clone());
    let server = start(bound(), async move |request: Request<'_>| -> Sent {
        tells.notify_one();
        if request.path() == "/wait" {
            waits.acquire().await.expect("it is open").forget();
        }
        request.respond().text("Hello, world!")
    });
    (gate, begun, server)
}

#[test]
fn who_waits_for_an_answer_gets_it_and_is_told_that_it_is_the_last() {
    let (gate, _, server) = gated();
    let mut client = server.connect();
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    server.wait_for("the handler begins", |stats| stats.requests == 1);
    server.running().shutdown();
    assert!(client.is_quiet(Duration::from_millis(50)));
    gate.add_permits(1);
    let response = client.end_of_response();
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    assert!(response.ends_with("Hello, world!"), "{response:?}");
    server.finish();
}

#[test]
fn idle_connections_close_at_once_and_new_ones_are_refused() {
    let (_, _, server) = gated();
    let mut clients: Vec<_> = (0..10).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(GET).response();
    }
    let address = server.address;
    let start = Instant::now();
    server.running().shutdown();
    for client in &mut clients {
        assert_eq!(client.end_of(), (String::new(), Ok(())));
    }
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    drop(clients);
    server.finish();
    let refused = TcpStream::connect(address).map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
}

/// A head that has begun to come is waited for, and one that was sent with the connection.
#[test]
fn requests_on_their_way_are_answered() {
    let (_, _, server) = gated();
    let mut begun = server.connect();
    begun.send("GET / HTTP/1.1\r\nHo");
    let mut kept = server.connect();
    kept.send(GET).response();
    kept.send("GET / HTTP/1.1\r\nHo");
    let mut fresh = server.connect();
    server.wait_for("they are accepted", |stats| stats.accepted_connections == 3);
    // What was sent before is read before.
    server.check();
    server.running().shutdown();
    for client in [&mut begun, &mut kept] {
        let response = client.send("st: a\r\n\r\n").end_of_response();
        assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    }
    let response = fresh.send(GET).end_of_response();
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    server.finish();
}

/// A server that nobody has used for longer than a new connection is waited for.
#[test]
fn a_connection_that_comes_with_the_drain_is_served() {
    let (_, _, server) = gated();
    std::thread::park_timeout(Duration::from_millis(1500));
    let mut client = server.connect();
    server.running().shutdown();
    server.wait_for("it is accepted", |stats| stats.accepted_connections == 1);
    assert!(client.is_quiet(Duration::from_millis(100)));
    let response = client.send(GET).end_of_response();
    assert!(response.ends_with("Hello, world!"), "{response:?}");
    server.finish();
}

/// One that says nothing is not waited for longer than that.
#[test]
fn a_connection_that_says_nothing_does_not_keep_the_server() {
    let (_, _, server) = gated();
    let mut client = server.connect();
    server.wait_for("it is accepted", |stats| stats.accepted_connections == 1);
    let start = Instant::now();
    server.running().shutdown();
    assert_eq!(client.end_of(), (String::new(), Ok(())));
    drop(client);
    server.finish();
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

/// Serves until `stop`, with a grace, in a thread; and answers where.
fn with_grace(
    grace: Duration,
    stop: Arc<Notify>,
) -> (SocketAddr, std::thread::JoinHandle<std::io::Result<()>>) {
    let (tell, told) = std::sync::mpsc::channel();
    let serving = std::thread::spawn(move || {
        Server::bind("127.0.0.1:0")
            .workers(2)
            .shutdown(async move { stop.notified().await }, grace)
            .on_listening(move |addresses| tell.send(addresses[0]).expect("who waits"))
            .run(async |request: Request<'_>| -> Result<Sent, shockwave_server::Error> {
                let mut stream = request.respond().stream()?;
                stream.write("begun").await?;
                core::future::pending().await
            })
    });
    (told.recv_timeout(PATIENCE).expect("it listens"), serving)
}

#[test]
fn what_never_ends_is_broken_off_after_the_grace() {
    for version in ["1.1", "1.0"] {
        let stop = Arc::new(Notify::new());
        let (address, serving) = with_grace(Duration::from_millis(200), stop.clone());
        let mut client = common::Client::new(address);
        client.send(format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n"));
        assert!(!client.is_quiet(PATIENCE));
        let start = Instant::now();
        stop.notify_one();
        let (response, ended) = client.end_of();
        assert!(response.contains("begun"), "{response:?}");
        assert!(ended.is_err(), "an end in order would be that of the response");
        serving.join().expect("no panic").expect("it ends well");
        assert!(start.elapsed() >= Duration::from_millis(150), "{:?}", start.elapsed());
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    }
}

#[test]
fn a_server_without_connections_ends_at_once() {
    let stop = Arc::new(Notify::new());
    let (_, serving) = with_grace(Duration::from_secs(30), stop.clone());
    let start = Instant::now();
    stop.notify_one();
    serving.join().expect("no panic").expect("it ends well");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}
