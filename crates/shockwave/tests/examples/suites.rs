//! The server for other people's suites, asked by Python's clients and by wrk.

use crate::client::Client;
use crate::process::{Example, curl, output, tool};

#[test]
fn conformance_answers_as_it_says() {
    let server = Example::start_with("conformance", &["0"]);
    let mut client = Client::connect(&server.address);
    assert_eq!(client.ask("GET /", "").content, "OK");
    let response = client.ask("POST /\nContent-Type: a/b", "content");
    assert_eq!((response.field("content-type"), &*response.content), (Some("a/b"), "content"));
    let response = client.ask("GET /echo?x=1\nX-A: 1\nX-A: 2", "");
    assert!(response.content.starts_with("GET /echo?x=1\nHost: example.test\nX-A: 1\nX-A: 2\n"));
    let response = client.ask("GET /cookie\nCookie: a=1; b=x=y\nCookie: c=", "");
    assert_eq!(response.content, "a=1\nb=x=y\nc=\n");
    assert_eq!(client.ask("GET /chunked", "").content, "one\ntwo\nthree\n");
    let response = client.ask("GET /trailers\nTE: trailers\nConnection: TE", "");
    assert_eq!(response.trailers, [("x-pieces".to_owned(), "3".to_owned())]);
    assert!(client.ask("GET /trailers", "").trailers.is_empty());
    for code in [200, 204, 304, 404, 418, 503] {
        assert_eq!(client.ask(&format!("GET /status/{code}"), "").status, code);
    }
    assert_eq!(client.ask("GET /status/99999", "").status, 400);
    for head in ["HEAD /", "HEAD /chunked", "HEAD /status/404", "HEAD /trailers"] {
        assert_eq!(client.ask(head, "").content, "", "{head}");
    }
    assert_eq!(client.ask("GET /", "").content, "OK");
}

#[test]
fn curl_gets_on_with_conformance() {
    let server = Example::start_with("conformance", &["0"]);
    let Some(text) = curl(&[&server.url("/cookie"), "--cookie", "a=1; b=2"]) else { return };
    assert_eq!(text, "a=1\nb=2\n");
    // Two requests on one connection; the second reports that no new one was made.
    let format = "%{http_code} %{num_connects};";
    let (first, second) = (server.url("/status/404"), server.url("/chunked"));
    let asked = curl(&[
        "--output",
        "/dev/null",
        "--output",
        "/dev/null",
        "--write-out",
        format,
        &first,
        &second,
    ]);
    assert_eq!(asked.as_deref(), Some("404 1;200 0;"));
    let chunked = ["--data-binary", "chunks", "-H", "Transfer-Encoding: chunked"];
    let text = curl(&[&chunked[..], &[&server.url("/")]].concat());
    assert_eq!(text.as_deref(), Some("chunks"));
    let text = curl(&["--http1.0", &server.url("/chunked")]);
    assert_eq!(text.as_deref(), Some("one\ntwo\nthree\n"));
    let text = curl(&["--head", &server.url("/")]);
    assert!(text.is_some_and(|text| text.contains("\r\nContent-Length: 2\r\n")));
}

#[test]
fn python_gets_on_with_conformance() {
    let server = Example::start_with("conformance", &["0"]);
    let Some(mut python) = tool("python3") else { return };
    python.args(["-c", include_str!("client.py"), &server.address]);
    assert_eq!(output(python).trim(), "python: everything passed");
}

#[test]
fn wrk_finds_no_error() {
    let hello = Example::start("hello");
    let Some(mut wrk) = tool("wrk") else { return };
    wrk.args(["--threads", "1", "--connections", "8", "--duration", "1s", &hello.url("/")]);
    let report = output(wrk);
    assert!(report.contains("Requests/sec:"), "{report}");
    assert!(!report.contains("Socket errors") && !report.contains("Non-2xx"), "{report}");
}
