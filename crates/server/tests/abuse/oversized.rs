//! What is larger than its limit is refused, early, and costs no more than the limit.

use core::sync::atomic::Ordering::Relaxed;

use super::common::process::bounded;
use super::{SMUGGLED, patient};

const CHUNKED: &str = "POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Sends it, and a request behind it; shows the answer, and that there is but one.
fn refuse(name: &str, octets: &str, status: &str) {
    let server = patient();
    let response = bounded(16 << 20, || {
        let mut client = server.connect();
        // The server may have closed before it has read all.
        let behind = "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let _ = client.try_send(octets) && client.try_send(behind);
        let _ = client.socket.shutdown(std::net::Shutdown::Write);
        client.rest()
    });
    let start: String = response.chars().take(300).collect();
    assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {start:?}");
    assert!(response.contains("\r\nConnection: close\r\n"), "{name}: {start:?}");
    assert_eq!(response.matches("HTTP/1.1 ").count(), 1, "{name}: {start:?}");
    server.check();
    server.finish();
    assert_eq!(SMUGGLED.load(Relaxed), 0, "{name}");
}

#[test]
fn heads() {
    let lines = |count: usize, line: &str| line.repeat(count);
    let target = "a".repeat(9000);
    let field =
        |name: &str, value: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{name}: {value}\r\n\r\n");
    let head = format!("X: {}\r\n", "x".repeat(10_000));
    let get = "GET / HTTP/1.1\r\nHost: a\r\n";
    refuse("target", &format!("GET /{target} HTTP/1.1\r\nHost: a\r\n\r\n"), "414");
    refuse("target without end", &format!("GET /{}", target.repeat(100)), "414");
    refuse("method without end", &target.repeat(100), "414");
    refuse("value", &field("X", &"x".repeat(20_000)), "431");
    refuse("name", &field(&"x".repeat(300), "x"), "431");
    refuse("head", &format!("{get}{}\r\n", lines(7, &head)), "431");
    refuse("head without end", &format!("{get}{}", lines(1000, &head)), "431");
    refuse("count", &format!("{get}{}\r\n", lines(101, "X: x\r\n")), "431");
    refuse("count without end", &format!("{get}{}", lines(20_000, "X: x\r\n")), "431");
    refuse("empty lines", &format!("{}{get}\r\n", lines(9, "\r\n")), "400");
}

#[test]
fn chunks_and_trailers() {
    let last = format!("{CHUNKED}0\r\n");
    let name = "x".repeat(300);
    refuse("trailer value", &format!("{last}X: {}\r\n\r\n", "x".repeat(9000)), "431");
    refuse("trailer name", &format!("{last}{name}: x\r\n\r\n"), "431");
    refuse("trailer count", &format!("{last}{}\r\n", "X: x\r\n".repeat(33)), "431");
    refuse("trailers without end", &format!("{last}{}", "X: x\r\n".repeat(100_000)), "431");
    refuse("extension", &format!("{CHUNKED}1;{}\r\nx\r\n0\r\n\r\n", "x".repeat(2000)), "400");
    let extended = format!("1;{}\r\nx\r\n", "x".repeat(900));
    refuse("extensions", &format!("{CHUNKED}{}", extended.repeat(100)), "400");
    refuse("tiny chunks", &format!("{CHUNKED}{}", "1\r\nx\r\n".repeat(60_000)), "400");
    refuse("size", &format!("{CHUNKED}11111111111111111\r\n"), "400");
}

#[test]
fn content_is_refused_before_it_is_read() {
    let server = patient();
    for expects in ["", "Expect: 100-continue\r\n"] {
        let mut client = server.connect();
        let post =
            format!("POST /read HTTP/1.1\r\nHost: a\r\n{expects}Content-Length: 99999999999");
        // No octet of the content is sent.
        let response = client.send(post + "\r\n\r\n").end_of_response();
        assert!(response.starts_with("HTTP/1.1 413 "), "{response:?}");
        assert!(response.contains("\r\nConnection: close\r\n"), "{response:?}");
    }
    server.check();
    server.finish();
}

#[test]
fn content_in_chunks_is_refused_when_it_is_too_much() {
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    refuse("chunks", &format!("{CHUNKED}{}", chunk.repeat(100)), "413");
}
