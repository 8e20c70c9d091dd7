//! Examples about what a request finds and whom it comes from: routes, static-files,
//! proxy-protocol.

use crate::client::Client;
use crate::process::{Example, curl};

#[test]
fn routes_lead_to_their_handlers() {
    let routes = Example::start("routes");
    let mut client = Client::connect(&routes.address);
    for (head, content, status, answer) in [
        ("GET /", "", 200, "welcome\n"),
        ("GET /users/7", "", 200, "user 7\n"),
        ("GET /users/seven", "", 400, "an id is a number\n"),
        ("POST /notes", "one", 201, "1 notes\n"),
        ("POST /notes", "two", 201, "2 notes\n"),
        ("GET /notes", "", 200, "one\ntwo"),
        ("GET /rest/a/b", "", 200, "a/b"),
        ("GET /elsewhere", "", 404, "there is nothing here\n"),
        ("HEAD /notes", "", 200, ""),
    ] {
        let response = client.ask(head, content);
        assert_eq!((response.status, response.content.as_str()), (status, answer), "{head}");
    }
    let response = client.ask("DELETE /notes", "");
    assert_eq!(response.status, 405);
    assert!(response.field("allow").is_some_and(|allow| allow.contains("POST")));
    if let Some(text) = curl(&[&routes.url("/notes"), "--data", "three"]) {
        assert_eq!(text, "3 notes\n");
    }
}

#[test]
fn static_files_are_sent_and_nothing_else() {
    let folder = std::env::temp_dir().join(format!("shockwave-site-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = "0123456789".repeat(100_000);
    std::fs::write(folder.join("a.txt"), &text).expect("a file");
    let shown = folder.display().to_string();
    let files = Example::start_with("static-files", &["127.0.0.1:0", &shown]);
    let mut client = Client::connect(&files.address);
    let whole = client.ask("GET /files/a.txt", "");
    assert_eq!((whole.status, whole.field("cache-control")), (200, Some("max-age=60")));
    assert!(whole.field("content-type").is_some_and(|media| media.starts_with("text/plain")));
    assert!(whole.content == text, "{} octets", whole.content.len());
    let etag = whole.field("etag").expect("an entity tag");
    let known = client.ask(&format!("GET /files/a.txt\nIf-None-Match: {etag}"), "");
    assert_eq!(known.status, 304);
    let part = client.ask("GET /files/a.txt\nRange: bytes=5-14", "");
    assert_eq!((part.status, part.content.as_str()), (206, "5678901234"));
    for path in ["/files/none", "/files/../../etc/passwd", "/files/%2e%2e/x", "/filesa.txt", "/"] {
        assert!(matches!(client.ask(&format!("GET {path}"), "").status, 400 | 404), "{path}");
    }
    if let Some(part) = curl(&["--range", "0-3", &files.url("/files/a.txt")]) {
        assert_eq!(part, "0123");
    }
    if let Some(whole) = curl(&[&files.url("/files/a.txt")]) {
        assert!(whole == text, "{} octets", whole.len());
    }
    drop(files);
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn proxy_protocol_tells_the_client() {
    let proxy = Example::start("proxy-protocol");
    let mut client = Client::connect(&proxy.address);
    client.send_octets("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n");
    for _ in 0..2 {
        assert_eq!(client.ask("GET /", "").content, "you are 192.0.2.7:4711\n");
    }
    let mut second = Client::connect(&proxy.address);
    second.send_octets(
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x08\xc0\0\x02\x01\x12\x67\0\x50",
    );
    assert_eq!(second.ask("GET /", "").content, "you are 192.0.2.8:4711\n");
    // Without the header nothing is answered.
    let mut stranger = Client::connect(&proxy.address);
    stranger.send("GET /", "");
    assert!(stranger.ends());
    if let Some(text) = curl(&["--haproxy-protocol", &proxy.url("/")]) {
        assert!(text.starts_with("you are 127.0.0.1:"), "{text}");
    }
}
