//! Handlers that panic, forget, leak, or answer for a reply that panics.

use shockwave_server::{Reply, Request, Responder, Sent};

use super::common::{GET, bound, start};
use super::patient;

#[test]
fn a_panic_is_a_500_and_ends_its_connection_only() {
    let server = patient();
    let mut other = server.connect();
    assert!(other.send(GET).response().ends_with("GET /"));
    for content in ["", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut client = server.connect();
        let request = format!("GET /panic HTTP/1.1\r\nHost: a\r\n{content}\r\n");
        let response = client.send(GET).send(request).send(GET).end_of_response();
        assert!(response.starts_with("HTTP/1.1 200 "), "{response:?}");
        assert_eq!(response.matches("HTTP/1.1 500 ").count(), 1, "{response:?}");
        assert_eq!(response.matches("HTTP/1.1 ").count(), 2, "{response:?}");
        assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    }
    assert!(other.send(GET).response().ends_with("GET /"));
    assert_eq!(server.stats().panics, 3);
    server.check();
    server.finish();
}

#[test]
fn a_panic_inside_a_response_breaks_it_off() {
    let server = patient();
    for version in ["1.1", "1.0"] {
        let mut client = server.connect();
        client.send(format!("GET /panic-late HTTP/{version}\r\nHost: a\r\n\r\n"));
        let (response, ended) = client.end_of();
        assert!(response.contains("begun"), "{response:?}");
        assert!(!response.ends_with("0\r\n\r\n"), "{response:?}");
        // In HTTP/1.0 an end in order would be the end of the response.
        assert!(ended.is_err(), "{version}");
    }
    assert_eq!(server.stats().panics, 2);
    server.check();
    server.finish();
}

/// What was answered before is not lost with what is broken off.
#[test]
fn a_panic_inside_a_response_spares_the_ones_before() {
    let server = patient();
    for _ in 0..20 {
        let mut client = server.connect();
        client.send(GET.repeat(3) + "GET /panic-begun HTTP/1.1\r\nHost: a\r\n\r\n" + GET);
        let (response, ended) = client.end_of();
        assert_eq!(response.matches("\r\n\r\nGET /").count(), 3, "{response:?}");
        assert!(ended.is_err() && !response.contains("\r\n0\r\n\r\n"), "{response:?}");
    }
    server.check();
    server.finish();
}

/// A reply is as much the user's code as the handler is, and so is the call that makes the future.
#[test]
fn a_panic_outside_of_the_handler_s_future_is_no_other() {
    struct Bad;
    impl Reply for Bad {
        fn reply(self, _: Responder<'_>) -> Sent {
            panic!("on purpose")
        }
    }
    async fn handler(request: Request<'_>) -> Result<&'static str, Bad> {
        if request.path() == "/" { Ok("well") } else { Err(Bad) }
    }
    let server = start(bound(), handler);
    let mut client = server.connect();
    let response = client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n").end_of_response();
    assert!(response.starts_with("HTTP/1.1 500 "), "{response:?}");
    assert_eq!(server.stats().panics, 1);
    server.check();
    server.wait_until_empty();
    server.finish();
}

/// A panic where nothing can be answered any more ends the connection, and the server still ends.
#[test]
fn a_panicking_hook_does_not_keep_the_server() {
    let server = bound().on_response(|access| {
        assert!(access.request.target != b"/bad", "on purpose");
    });
    let server = start(server, async |_: Request<'_>| "well");
    let mut client = server.connect();
    let _ = client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n").end_of();
    server.check();
    server.wait_until_empty();
    let mut idle = server.connect();
    idle.send(GET).response();
    server.finish();
}

#[test]
fn content_that_is_forgotten_is_drained_or_closes() {
    let server = patient();
    let mut client = server.connect();
    // Little of it: the connection is kept, and the next request found behind it.
    let content = "x".repeat(100 << 10);
    let length = content.len();
    client.send(format!("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"));
    assert!(client.response().ends_with("ignored"));
    client.send(content).send(GET);
    assert!(client.response().ends_with("GET /"));
    // In chunks, too.
    client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert!(client.response().ends_with("ignored"));
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    client.send(chunk.repeat(20)).send("0\r\n\r\n").send(GET);
    assert!(client.response().ends_with("GET /"));
    // Much of it: the response says that the connection ends.
    client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
    let response = client.end_of_response();
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    // Much of it in chunks: it is found out later.
    let mut client = server.connect();
    client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert!(client.response().ends_with("ignored"));
    let _ = client.try_send(chunk.repeat(200)) && client.try_send(GET);
    assert_eq!(client.rest(), "");
    server.check();
    server.finish();
}

#[test]
fn a_leaked_body_costs_its_connection_at_most() {
    let server = patient();
    for _ in 0..50 {
        let mut client = server.connect();
        client.send("POST /leak HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
        assert!(client.is_quiet(std::time::Duration::from_millis(2)));
        // The piece lies in the connection's buffer now, not behind the head.
        client.send("hello");
        let response = client.rest();
        assert!(response.is_empty() || response.starts_with("HTTP/1.1 "), "{response:?}");
        assert!(response.matches("HTTP/1.1 ").count() <= 1, "{response:?}");
    }
    let mut client = server.connect();
    client.send("POST /leak-unread HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    client.send(GET);
    assert!(client.response().ends_with("leaked"));
    assert!(client.response().ends_with("GET /"));
    server.check();
    server.finish();
}

/// More kinds of responses than a worker keeps templates for.
#[test]
fn every_status_can_be_sent() {
    async fn handler(request: Request<'_>) -> Sent {
        let status = request.path()[1..].parse::<u16>().unwrap_or(200);
        request.respond().status(status).empty()
    }
    let server = start(bound(), handler);
    let mut client = server.connect();
    for status in (200..=599).chain(200..=599) {
        if status == 204 || status == 304 {
            continue;
        }
        client.send(format!("GET /{status} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let response = client.response();
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {response:?}");
    }
    server.check();
    server.finish();
}
