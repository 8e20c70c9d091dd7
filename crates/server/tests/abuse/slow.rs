//! Clients that are slow to send, or send nothing.

use std::time::{Duration, Instant};

use super::common::process::{bounded, raise_file_limit};
use super::common::{GET, bound, impatient};
use super::{SLOWLY, serve, served};

const POST: &str = "POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
const CHUNKED: &str = "POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn a_slow_head_is_a_408() {
    let server = served();
    let start = Instant::now();
    let response = bounded(16 << 20, || {
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "x".repeat(1000));
        server.connect().drip(head, SLOWLY)
    });
    assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response:?}");
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    assert!(start.elapsed() >= Duration::from_millis(250), "{:?}", start.elapsed());
    server.check();
    assert_eq!(server.stats().timeouts, 1);
    server.finish();
}

#[test]
fn a_client_that_never_says_anything_is_told_once() {
    let server = served();
    let response = server.connect().rest();
    assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response:?}");
    server.check();
    server.finish();
}

#[test]
fn a_second_head_has_its_deadline_too() {
    let server = served();
    let mut client = server.connect();
    assert!(client.send(GET).response().ends_with("GET /"));
    let response = client.drip("x".repeat(1000), SLOWLY);
    assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response:?}");
    server.check();
    server.finish();
}

#[test]
fn content_below_the_lowest_rate_is_a_408() {
    for head in [POST, CHUNKED] {
        let server = served();
        let mut client = server.connect();
        client.send(head);
        let octets = match head {
            POST => "x".repeat(1000),
            _ => "1\r\nx\r\n".repeat(500),
        };
        let response = bounded(16 << 20, || client.drip(octets, SLOWLY));
        assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response:?}");
        server.check();
        assert_eq!(server.stats().timeouts, 1);
        server.finish();
    }
}

#[test]
fn content_that_stalls_is_a_408() {
    for octets in [POST.to_owned() + "some", CHUNKED.to_owned() + "4\r\nsome\r\n", POST.into()] {
        let server = served();
        let response = server.connect().send(&octets).rest();
        assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response:?}");
        server.check();
        server.finish();
    }
}

/// What nobody reads has the same deadlines: the answer was given, so none is given again.
#[test]
fn content_that_is_thrown_away_has_its_deadline() {
    let posts = [POST.replace("/read", "/ignore"), CHUNKED.replace("/read", "/ignore")];
    for (post, octets) in posts.iter().zip(["x".repeat(1000), "1\r\nx\r\n".repeat(500)]) {
        for is_stalled in [false, true] {
            let server = served();
            let mut client = server.connect();
            // The handler has an octet of it, and so has the clock.
            let answer = client.send(post).send(&octets[..1]).response();
            assert!(answer.ends_with("\r\n\r\nignored"), "{answer:?}");
            let start = Instant::now();
            let rest = match is_stalled {
                true => client.rest(),
                false => client.drip(&octets[1..], SLOWLY),
            };
            assert_eq!(rest, "", "{post:?}, stalled: {is_stalled}");
            assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
            server.wait_until_empty();
            assert_eq!(server.stats().timeouts, 1);
            server.check();
            server.finish();
        }
    }
}

/// The empty lines before a request are no request: they neither reset the clock nor add up.
#[test]
fn empty_lines_do_not_keep_a_connection() {
    let server = served();
    let mut client = server.connect();
    client.send(GET).response();
    let start = Instant::now();
    let rest = client.drip("\r\n\r\n\r\n\r\n".repeat(20), SLOWLY);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}: {rest:?}", start.elapsed());
    server.check();
    server.finish();
}

#[test]
fn idle_connections_cost_little_and_are_closed_silently() {
    const MOST: u64 = 10_000;
    // Both ends are in this process.
    let files = raise_file_limit().saturating_sub(200) / 2;
    let count = files.min(MOST);
    println!("{count} idle connections");
    let mut timeouts = impatient();
    timeouts.idle = Duration::from_secs(3);
    timeouts.head = Duration::from_secs(20);
    let server = serve(bound().timeouts(timeouts));
    let mut clients = bounded(96 << 20, || {
        let mut clients = Vec::new();
        for number in 0..count {
            let mut client = server.connect();
            // Some with content, of which there is more to be forgotten.
            match number % 2 {
                0 => client.send(GET),
                _ => client.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"),
            };
            client.response();
            clients.push(client);
        }
        clients
    });
    assert!(server.stats().accepted_connections >= count);
    server.check();
    for client in &mut clients {
        assert_eq!(client.end_of(), (String::new(), Ok(())));
    }
    drop(clients);
    server.wait_until_empty();
    assert_eq!(server.stats().idle_timeouts, count);
    server.check();
    server.finish();
}
