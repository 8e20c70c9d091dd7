//! Files, as clients get them.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use shockwave_server::{Files, Request};

mod common;
use common::{Client, Served};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("shockwave-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("site/sub")).unwrap();
        Self(path)
    }

    /// Writes a file that has been as it is for an hour.
    fn write(&self, name: &str, content: &[u8]) -> &Self {
        let path = self.0.join("site").join(name);
        fs::write(&path, content).unwrap();
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(path).unwrap().set_modified(hour_ago).unwrap();
        self
    }

    fn serve(&self) -> Served {
        let site = Files::new(self.0.join("site")).unwrap().cache_control("max-age=60");
        common::start(common::bound(), async move |request: Request<'_>| site.send(request).await)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn get(client: &mut Client, path: &str, fields: &str) -> String {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).response()
}

fn field<'r>(response: &'r str, name: &str) -> &'r str {
    let line = response.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name}: {response}"))
}

#[test]
fn a_file_has_its_type_and_its_validators() {
    let folder = Folder::new("type");
    let server = folder.write("a.html", b"<p>hello").write("sub/index.html", b"index").serve();
    let mut client = server.connect();
    let response = get(&mut client, "/a.html", "");
    assert!(response.starts_with("HTTP/1.1 200 ") && response.ends_with("\r\n\r\n<p>hello"));
    assert_eq!(field(&response, "Content-Type"), "text/html; charset=utf-8");
    assert_eq!(field(&response, "Accept-Ranges"), "bytes");
    assert_eq!(field(&response, "Cache-Control"), "max-age=60");
    assert!(field(&response, "Last-Modified").ends_with(" GMT"));
    assert!(get(&mut client, "/sub/", "").ends_with("\r\n\r\nindex"));
    let response = get(&mut client, "/sub?q=1", "");
    assert!(response.starts_with("HTTP/1.1 308 "), "{response}");
    assert_eq!(field(&response, "Location"), "./sub/?q=1");
    // Nowhere but to this host.
    assert!(get(&mut client, "//sub", "").starts_with("HTTP/1.1 404 "));
    for (path, status) in [
        ("/nothing", "404"),
        ("/", "404"),
        ("/a.html/", "404"),
        ("/../secret", "400"),
        ("/%2e%2e/secret", "400"),
        ("/sub%2f..%2fa.html", "400"),
        ("/a.html%00", "400"),
    ] {
        let response = get(&mut client, path, "");
        assert_eq!(&response[9..12], status, "{path}: {response}");
    }
    client.send("PUT /a.html HTTP/1.1\r\nHost: a\r\n\r\n");
    let response = client.response();
    assert!(response.starts_with("HTTP/1.1 405 "));
    assert_eq!(field(&response, "Allow"), "GET, HEAD");
}

#[test]
fn a_client_that_has_the_file_does_not_get_it_again() {
    let folder = Folder::new("conditional");
    let server = folder.write("a.txt", b"0123456789").serve();
    let mut client = server.connect();
    let response = get(&mut client, "/a.txt", "");
    let (etag, date) = (field(&response, "ETag"), field(&response, "Last-Modified"));
    for (fields, status) in [
        (format!("If-None-Match: {etag}\r\n"), "304"),
        ("If-None-Match: \"other\"\r\n".to_owned(), "200"),
        (format!("If-Modified-Since: {date}\r\n"), "304"),
        (format!("If-Match: {etag}\r\n"), "200"),
        ("If-Match: \"other\"\r\n".to_owned(), "412"),
        (format!("If-Range: {etag}\r\nRange: bytes=0-1\r\n"), "206"),
        ("If-Range: \"other\"\r\nRange: bytes=0-1\r\n".to_owned(), "200"),
    ] {
        let response = get(&mut client, "/a.txt", &fields);
        assert_eq!(&response[9..12], status, "{fields}: {response}");
        if status == "304" {
            assert_eq!(field(&response, "ETag"), etag);
            assert!(response.ends_with("\r\n\r\n"));
        }
    }
}

#[test]
fn ranges() {
    let folder = Folder::new("ranges");
    let server = folder.write("a.txt", &b"0123456789".repeat(100)).serve();
    let mut client = server.connect();
    for (range, content_range, content) in [
        ("bytes=0-3", "bytes 0-3/1000", "0123"),
        ("bytes=998-", "bytes 998-999/1000", "89"),
        ("bytes=-2", "bytes 998-999/1000", "89"),
        ("bytes=998-5000", "bytes 998-999/1000", "89"),
    ] {
        let response = get(&mut client, "/a.txt", &format!("Range: {range}\r\n"));
        assert!(response.starts_with("HTTP/1.1 206 "), "{range}: {response}");
        assert_eq!(field(&response, "Content-Range"), content_range);
        assert!(response.ends_with(&format!("\r\n\r\n{content}")), "{range}: {response}");
    }
    let response = get(&mut client, "/a.txt", "Range: bytes=1000-\r\n");
    assert!(response.starts_with("HTTP/1.1 416 "));
    assert_eq!(field(&response, "Content-Range"), "bytes */1000");
    let response = get(&mut client, "/a.txt", "Range: bytes=1-2,5-6\r\n");
    let boundary = field(&response, "Content-Type").rsplit_once('=').unwrap().1.to_owned();
    let parts: Vec<_> = response.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4, "{response}");
    assert!(parts[1].ends_with("Content-Range: bytes 1-2/1000\r\n\r\n12\r\n"), "{response}");
    assert!(parts[2].ends_with("Content-Range: bytes 5-6/1000\r\n\r\n56\r\n"), "{response}");
    assert_eq!(parts[3], "--\r\n");
    assert!(get(&mut client, "/a.txt", "Range: lines=1-2\r\n").starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_large_file_comes_whole_and_at_the_pace_of_its_reader() {
    let folder = Folder::new("large");
    let content: Vec<u8> = (0_u32..5_000_000).flat_map(u32::to_le_bytes).collect();
    let server = folder.write("large.bin", &content).serve();
    let mut client = server.connect();
    client.send("GET /large.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let mut received = Vec::new();
    std::io::Read::read_to_end(&mut client.socket, &mut received).unwrap();
    let head = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert!(received[head..] == content, "{} octets", received.len() - head);
    // The next request on a connection that has just sent a file.
    let mut client = server.connect();
    client.send("GET /large.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=4-11\r\n\r\n".repeat(2));
    for _ in 0..2 {
        assert!(client.response().ends_with("\r\n\r\n\u{1}\0\0\0\u{2}\0\0\0"));
    }
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere_else() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("links");
    folder.write("a.txt", b"inside");
    fs::write(folder.0.join("secret"), b"outside").unwrap();
    symlink("../secret", folder.0.join("site/out.txt")).unwrap();
    symlink("/etc/passwd", folder.0.join("site/absolute.txt")).unwrap();
    symlink("a.txt", folder.0.join("site/in.txt")).unwrap();
    symlink("loop.txt", folder.0.join("site/loop.txt")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("site/socket")).unwrap();
    let server = folder.serve();
    let mut client = server.connect();
    assert!(get(&mut client, "/in.txt", "").ends_with("\r\n\r\ninside"));
    for path in ["/out.txt", "/absolute.txt", "/loop.txt", "/socket"] {
        let response = get(&mut client, path, "");
        assert!(response.starts_with("HTTP/1.1 404 "), "{path}: {response}");
    }
}

#[test]
fn a_file_by_its_name() {
    let folder = Folder::new("name");
    let path = folder.write("a.json", b"{}").0.join("site/a.json");
    let server =
        common::start(common::bound(), async move |request: Request<'_>| match request.path() {
            "/missing" => request.file("/nowhere/at/all").await,
            _ => request.file(&path).await,
        });
    let mut client = server.connect();
    let response = get(&mut client, "/", "");
    assert_eq!(field(&response, "Content-Type"), "application/json");
    assert!(response.ends_with("\r\n\r\n{}"));
    assert!(get(&mut client, "/missing", "").starts_with("HTTP/1.1 404 "));
}
