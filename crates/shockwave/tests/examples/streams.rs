//! Examples whose content comes in pieces: echo, upload, sse, early-hints.

use crate::client::{Client, request};
use crate::process::{Example, curl, output, tool};

#[test]
fn echo_answers_while_it_reads_and_passes_trailers_on() {
    let echo = Example::start("echo");
    let mut client = Client::connect(&echo.address);
    client.send_octets("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n");
    client.send_octets("TE: trailers\r\nConnection: TE\r\nContent-Type: text/x\r\n\r\n");
    client.send_octets("5\r\nfirst\r\n");
    // The response begins before the request has ended.
    assert!(client.line().starts_with("HTTP/1.1 200 "));
    assert!(client.fields().contains(&("content-type".to_owned(), "text/x".to_owned())));
    assert_eq!(client.chunk().as_deref(), Some("first"));
    client.send_octets("6\r\nsecond\r\n");
    assert_eq!(client.chunk().as_deref(), Some("second"));
    client.send_octets("0\r\nX-Sum: 11\r\n\r\n");
    assert_eq!(client.chunk(), None);
    assert_eq!(client.fields(), [("x-sum".to_owned(), "11".to_owned())]);
    // The connection is kept.
    assert_eq!(client.ask("POST /", "again").content, "again");
}

#[test]
fn echo_takes_much() {
    let echo = Example::start("echo");
    let Some(mut curl) = tool("curl") else { return };
    let own = std::env::current_exe().expect("a file of some megabytes");
    curl.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "--data-binary"]);
    curl.arg(format!("@{}", own.display())).arg(echo.url("/"));
    let echoed = curl.output().expect("curl runs").stdout;
    assert!(echoed == std::fs::read(own).expect("it can be read"), "{} octets", echoed.len());
}

#[test]
fn upload_counts_and_has_a_limit() {
    let upload = Example::start("upload");
    let mut client = Client::connect(&upload.address);
    let response = client.ask("PUT /file", &"x".repeat(200_000));
    assert_eq!((response.status, response.content.as_str()), (201, "200000 octets\n"));
    assert_eq!(client.ask("GET /", "").status, 405);
    // What is announced to be too large is refused at once.
    client.send_octets("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
    assert_eq!(client.response(false).status, 413);
    if let Some(mut curl) = tool("curl") {
        let own = std::env::current_exe().expect("a file of some megabytes");
        let length = std::fs::metadata(&own).expect("it is there").len();
        curl.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20"]);
        curl.arg("--upload-file").arg(own).arg(upload.url("/"));
        assert_eq!(output(curl), format!("{length} octets\n"));
    }
}

#[test]
fn sse_ticks() {
    let sse = Example::start("sse");
    let mut client = Client::connect(&sse.address);
    client.send("GET /", "");
    assert!(client.line().starts_with("HTTP/1.1 200 "));
    let media_type = ("content-type".to_owned(), "text/event-stream".to_owned());
    assert!(client.fields().contains(&media_type));
    for number in 0..3 {
        let event = client.chunk().expect("an event");
        assert_eq!(event, format!("id: {number}\ndata: tick {number}\n\n"));
    }
    if let Some(mut curl) = tool("curl") {
        curl.args(["--silent", "--no-buffer", "--noproxy", "*", "--max-time", "1"]);
        let output = curl.arg(sse.url("/")).output().expect("curl runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("data: tick 0\n\nid: 1\ndata: tick 1\n\n"), "{text}");
    }
}

#[test]
fn early_hints_come_early() {
    let hints = Example::start("early-hints");
    let mut client = Client::connect(&hints.address);
    client.send("GET /", "");
    let early = client.response(false);
    assert_eq!(early.status, 103);
    assert!(early.field("link").is_some_and(|link| link.contains("rel=preload")));
    let page = client.response(false);
    assert_eq!(page.status, 200);
    assert!(page.content.starts_with("<!doctype html>"));
    // HTTP/1.0 knows no interim responses.
    client.send_octets("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.response(false).status, 200);
    assert!(client.is_over());
    assert_eq!(request(&hints.address, "HEAD /", "").status, 103);
    if let Some(text) = curl(&["--include", &hints.url("/")]) {
        assert!(text.starts_with("HTTP/1.1 103 Early Hints\r\n"), "{text}");
        assert!(text.contains("HTTP/1.1 200 OK\r\n"), "{text}");
    }
}
