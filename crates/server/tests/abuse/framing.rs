//! What must be refused, with the status that is due, and whatever comes behind it is not handled.

use core::sync::atomic::Ordering::Relaxed;

use super::common::GET;
use super::{SMUGGLED, patient};

/// Requests without the empty line, and the status that each is refused with.
const REFUSED: [(&str, &str); 30] = [
    ("GET / HTTP/2.0\r\nHost: a", "505"),
    ("GET / HTTP/3.1\r\nHost: a", "505"),
    ("PRI * HTTP/2.0\r\n\r\nSM", "505"),
    ("GET / HTTP/1.10\r\nHost: a", "400"),
    ("GET / http/1.1\r\nHost: a", "400"),
    ("GET /", "400"),
    ("GET  / HTTP/1.1\r\nHost: a", "400"),
    ("GET / HTTP/1.1", "400"),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a", "400"),
    ("GET / HTTP/1.1\r\nHost: a b", "400"),
    ("GET / HTTP/1.1\r\nHost : a", "400"),
    ("GET / HTTP/1.1\r\n Host: a", "400"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b", "400"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0", "400"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb", "400"),
    ("GET / HTTP/1.1\nHost: a", "400"),
    ("GET / HTTP/1.1\r\nHost: a\r\nno colon", "400"),
    ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok", "417"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked", "501"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity", "400"),
    ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5", "400"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999", "400"),
];

#[test]
fn what_is_refused_ends_the_connection_and_hides_nothing() {
    let server = patient();
    for (request, status) in REFUSED {
        for is_behind_another in [false, true] {
            let mut client = server.connect();
            if is_behind_another {
                client.send(GET);
            }
            client.send(request).send("\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            client.send("0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            if is_behind_another {
                assert!(client.response().ends_with("GET /"), "{request:?}");
            }
            let response = client.end_of_response();
            assert!(
                response.starts_with(&format!("HTTP/1.1 {status} ")),
                "{request:?}: {response:?}"
            );
            assert!(response.contains("\r\nConnection: close\r\n"), "{request:?}: {response:?}");
            assert_eq!(response.matches("HTTP/1.1 ").count(), 1, "{request:?}: {response:?}");
        }
    }
    assert_eq!(SMUGGLED.load(Relaxed), 0);
    server.check();
    server.finish();
}

/// What stands where content should be is content, whatever it looks like.
#[test]
fn content_is_not_a_request() {
    let server = patient();
    let inner = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    for path in ["/read", "/ignore", "/leak-unread"] {
        let length = inner.len();
        let mut client = server.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{inner}{GET}"
        ));
        client.response();
        assert!(client.response().ends_with("\r\n\r\nGET /"), "{path}");
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
             {length:x}\r\n{inner}\r\n0\r\n\r\n{GET}"
        ));
        client.response();
        assert!(client.response().ends_with("\r\n\r\nGET /"), "{path}");
    }
    assert_eq!(SMUGGLED.load(Relaxed), 0);
    server.check();
    server.finish();
}

/// No value of a field ends its line and starts another (RFC 9112 section 11.1).
#[test]
fn a_response_cannot_be_split() {
    let server = patient();
    let mut client = server.connect();
    for query in ["a%0d%0aX: b", "a%0aX: b", "a%0dX: b", "%0d%0a%0d%0aHTTP/1.1 200 OK", "%0a"] {
        let query = query.replace(' ', "");
        let response =
            client.send(format!("GET /split?{query} HTTP/1.1\r\nHost: a\r\n\r\n")).response();
        assert!(response.starts_with("HTTP/1.1 500 "), "{query:?}: {response:?}");
        assert!(!response.contains("X:"), "{query:?}: {response:?}");
    }
    assert!(client.send(GET).response().ends_with("GET /"));
    assert_eq!(server.stats().misused_responses, 5);
    server.check();
    server.finish();
}

#[test]
fn a_response_to_head_has_no_content() {
    let server = patient();
    let mut client = server.connect();
    // The last two have handlers that never end by themselves.
    for path in ["/", "/large", "/pieces", "/crumbs"] {
        client.send(format!("HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    let end = "GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let all = client.send(end).rest();
    let responses: Vec<_> = all.split("\r\n\r\n").collect();
    assert_eq!(responses.len(), 6, "{all:?}");
    assert!(responses[0].contains("\r\nContent-Length: 6"), "{all:?}");
    assert!(responses[1].contains("\r\nContent-Length: 1048576"), "{all:?}");
    assert!(responses[2..4].iter().all(|it| it.starts_with("HTTP/1.1 200 OK")), "{all:?}");
    assert_eq!(responses[5], "GET /end");
    server.check();
    server.finish();
}

#[test]
fn connections_of_http_1_0() {
    let server = patient();
    let mut client = server.connect();
    for _ in 0..3 {
        let get = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        let response = client.send(get).response();
        assert!(response.contains("\r\nConnection: keep-alive\r\n"), "{response:?}");
    }
    let response = client.send("GET / HTTP/1.0\r\n\r\n").rest();
    assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    assert!(response.ends_with("GET /"), "{response:?}");
    // What comes behind the last request is none.
    let response = server.connect().send("GET / HTTP/1.0\r\n\r\n").send(GET).rest();
    assert_eq!(response.matches("HTTP/1.1 ").count(), 1, "{response:?}");
    server.check();
    server.finish();
}

/// CONNECT is not for servers of content; what a handler says to it must not open a tunnel that
/// leads nowhere and has no deadline.
#[test]
fn no_tunnel_is_opened() {
    let answer = async |_: super::Request<'_>| shockwave_server::Status::OK;
    let server = super::common::start(super::bound().timeouts(super::impatient()), answer);
    let mut client = server.connect();
    let response = client.send("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").rest();
    assert!(response.starts_with("HTTP/1.1 500 "), "{response:?}");
    let upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n";
    let mut client = server.connect();
    for _ in 0..2 {
        assert!(client.send(upgrade).response().starts_with("HTTP/1.1 200 "));
    }
    server.wait_until_empty();
    server.check();
    server.finish();
}
