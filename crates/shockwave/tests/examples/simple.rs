//! Examples that answer from what they have: hello, json, middleware, metrics, arena, sans-io.

use crate::client::{Client, get, request};
use crate::process::{Example, curl};

#[test]
fn hello_answers_everything() {
    let hello = Example::start("hello");
    let mut client = Client::connect(&hello.address);
    for head in ["GET /", "POST /a?b=c", "OPTIONS *", "BREW /pot"] {
        let response = client.ask(head, "");
        assert_eq!((response.status, response.content.as_str()), (200, "Hello, world!"), "{head}");
    }
    let response = client.ask("HEAD /", "");
    assert_eq!((response.status, response.field("content-length")), (200, Some("13")));
    let response = client.ask("GET /\nConnection: close", "");
    assert_eq!(response.field("connection"), Some("close"));
    assert!(client.is_over());
    if let Some(text) = curl(&[&hello.url("/")]) {
        assert_eq!(text, "Hello, world!");
    }
}

#[test]
fn hello_takes_pipelined_requests() {
    let hello = Example::start("hello");
    let mut client = Client::connect(&hello.address);
    client.send_octets("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(40));
    for _ in 0..40 {
        assert_eq!(client.response(false).content, "Hello, world!");
    }
}

#[cfg(feature = "json")]
#[test]
fn json_is_parsed_routed_and_answered() {
    let json = Example::start("json");
    let mut client = Client::connect(&json.address);
    let response = client.ask("POST /greeting", r#"{"name":"Ada"}"#);
    assert_eq!(response.status, 200);
    assert_eq!(response.field("content-type"), Some("application/json"));
    assert_eq!(response.content, r#"{"text":"Hello, Ada!"}"#);
    assert!(client.ask("GET /health", "").content.starts_with(r#"{"ok":true"#));
    for (head, content, status) in [
        ("POST /greeting", "{", 400),
        ("POST /greeting", r#"{"nam":1}"#, 400),
        ("GET /greeting", "", 405),
        ("DELETE /health", "", 405),
        ("GET /elsewhere", "", 404),
    ] {
        assert_eq!(client.ask(head, content).status, status, "{head} {content}");
    }
    let large = format!(r#"{{"name":"{}"}}"#, "a".repeat(64 << 10));
    assert_eq!(client.ask("POST /greeting", &large).status, 413);
    if let Some(text) = curl(&[&json.url("/greeting"), "--data", r#"{"name":"curl"}"#]) {
        assert_eq!(text, r#"{"text":"Hello, curl!"}"#);
    }
}

#[test]
fn middleware_logs_and_refuses() {
    let middleware = Example::start("middleware");
    let refused = request(&middleware.address, "GET /a", "");
    assert_eq!((refused.status, refused.field("www-authenticate")), (401, Some("Bearer")));
    let allowed = "GET /b\nAuthorization: Bearer sesame";
    for visit in 1..3 {
        let response = request(&middleware.address, allowed, "");
        assert_eq!(response.content, format!("visit {visit}, at /b\n"));
    }
    assert!(middleware.line().starts_with("GET /a took "));
    assert!(middleware.line().starts_with("GET /b took "));
    if let Some(text) = curl(&[&middleware.url("/c"), "-H", "Authorization: Bearer sesame"]) {
        assert_eq!(text, "visit 3, at /c\n");
    }
}

#[test]
fn metrics_count() {
    let metrics = Example::start_with("metrics", &["127.0.0.1:0", "127.0.0.1:0"]);
    let exporter = metrics.word_after("metrics on ");
    for _ in 0..3 {
        assert_eq!(get(&metrics.address, "/"), "Hello, world!");
    }
    let text = get(&exporter, "/metrics");
    assert!(text.contains("\nshockwave_requests 3\n"), "{text}");
    assert!(text.contains("\nshockwave_accepted_connections 3\n"), "{text}");
    if let Some(text) = curl(&[&format!("http://{exporter}/metrics")]) {
        assert!(text.contains("\nshockwave_requests 3\n"), "{text}");
    }
}

#[cfg(feature = "arena")]
#[test]
fn arena_sorts_the_query() {
    let arena = Example::start("arena");
    let mut client = Client::connect(&arena.address);
    for _ in 0..3 {
        let response = client.ask("GET /?c=3&a=1&b", "");
        assert_eq!(response.content, "a = 1\nb = \nc = 3\n");
    }
    if let Some(text) = curl(&[&arena.url("/?y=2&x=1")]) {
        assert_eq!(text, "x = 1\ny = 2\n");
    }
}

#[test]
fn sans_io_serves_over_blocking_sockets() {
    let sans_io = Example::start("sans-io");
    let mut client = Client::connect(&sans_io.address);
    assert_eq!(client.ask("GET /", "").content, "0 octets of content\n");
    assert_eq!(client.ask("POST /", "four").content, "4 octets of content\n");
    assert_eq!(client.ask("HEAD /", "").field("content-length"), Some("20"));
    client.send_octets("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send_octets("3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n");
    assert_eq!(client.response(false).content, "5 octets of content\n");
    client.send_octets("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
    assert_eq!(client.response(false).status, 400);
    assert!(client.is_over());
    if let Some(text) = curl(&[&sans_io.url("/"), "--data", "curl", "-H", "Expect: 100-continue"]) {
        assert_eq!(text, "4 octets of content\n");
    }
}
