//! Clients that do not read what they have asked for.

use std::time::{Duration, Instant};

use super::common::Served;
use super::common::process::bounded;
use super::served;

const CLIENTS: usize = 16;

/// Sends `request` again and again on many connections, and reads none of the answers.
fn pour(server: &Served, request: &str) {
    let octets = request.repeat(20_000);
    bounded(96 << 20, || {
        let mut clients: Vec<_> = (0..CLIENTS).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.pour(octets.as_bytes(), Duration::from_millis(5));
        }
        server.check();
        let start = Instant::now();
        server.wait_until_empty();
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        clients
    });
    assert_eq!(server.stats().timeouts, CLIENTS as u64, "{:?}", server.stats());
    server.check();
}

#[test]
fn large_responses() {
    let server = served();
    pour(&server, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    server.finish();
}

/// Pieces that are written from where they lie.
#[test]
fn a_streamed_response_of_large_pieces() {
    let server = served();
    pour(&server, "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n");
    server.finish();
}

/// Pieces that are copied.
#[test]
fn a_streamed_response_of_small_pieces() {
    let server = served();
    pour(&server, "GET /crumbs HTTP/1.1\r\nHost: a\r\n\r\n");
    server.finish();
}

/// Requests without end, each answered by a little more than it is.
#[test]
fn endless_pipelining() {
    let server = served();
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500_000);
    bounded(64 << 20, || {
        let mut client = server.connect();
        let sent = client.pour(request.as_bytes(), Duration::from_millis(500));
        assert!(sent < request.len(), "the server has read it all");
        server.wait_until_empty();
    });
    assert_eq!(server.stats().timeouts, 1, "{:?}", server.stats());
    server.check();
    server.finish();
}

/// A client that reads a little now and then keeps the connection: it is slow, not dead.
#[test]
fn a_slow_reader_gets_all_of_it() {
    use std::io::Read as _;
    let server = served();
    let mut client = server.connect();
    client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let mut octets = vec![0; 64 << 10];
    let mut total = 0;
    loop {
        match client.socket.read(&mut octets) {
            Ok(0) => break,
            Ok(count) => total += count,
            Err(error) => panic!("{error} after {total} octets"),
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    assert!(total > 1 << 20, "{total} octets");
    server.check();
    server.finish();
}
