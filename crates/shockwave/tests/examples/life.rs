//! Examples about where a server listens and how it ends: graceful, embed, unix-socket.

use crate::client::{Client, get};
use crate::process::{Example, curl};

#[cfg(unix)]
#[test]
fn graceful_answers_what_has_come() {
    let mut graceful = Example::start("graceful");
    let mut idle = Client::connect(&graceful.address);
    assert_eq!(idle.ask("GET /", "").status, 200);
    let mut busy = Client::connect(&graceful.address);
    busy.send("GET /", "");
    std::thread::sleep(std::time::Duration::from_millis(200));
    graceful.signal("TERM");
    assert!(idle.is_over(), "an idle connection closes");
    let response = busy.response(false);
    assert_eq!(response.content, "answered in spite of the signal\n");
    assert_eq!(response.field("connection"), Some("close"));
    assert!(busy.is_over());
    // The server lingers for those that do not close, too.
    drop((idle, busy));
    assert_eq!(graceful.line(), "bye");
    assert!(graceful.wait().success());
    assert!(std::net::TcpStream::connect(&graceful.address).is_err(), "nobody listens");
}

#[cfg(unix)]
#[test]
fn graceful_ends_on_an_interrupt_too() {
    let mut graceful = Example::start("graceful");
    graceful.signal("INT");
    assert_eq!(graceful.line(), "bye");
    assert!(graceful.wait().success());
}

#[cfg(unix)]
#[test]
fn embed_serves_and_drains() {
    let mut embed = Example::start("embed");
    let mut client = Client::connect(&embed.address);
    for _ in 0..3 {
        let text = client.ask("GET /", "").content;
        assert!(text.starts_with("hello, Some(127.0.0.1:"), "{text}");
    }
    if let Some(text) = curl(&[&embed.url("/")]) {
        assert!(text.starts_with("hello, Some(127.0.0.1:"), "{text}");
    }
    embed.signal("TERM");
    assert!(client.is_over());
    drop(client);
    assert!(embed.wait().success());
}

#[cfg(unix)]
#[test]
fn unix_socket_serves() {
    use std::os::unix::net::UnixStream;

    let name = format!("shockwave-example-{}.sock", std::process::id());
    let path = std::env::temp_dir().join(name);
    let shown = path.display().to_string();
    let unix = Example::start_with("unix-socket", &[&shown]);
    assert_eq!(unix.address, shown);
    let stream = UnixStream::connect(&path).expect("the example listens");
    stream.set_read_timeout(Some(crate::process::PATIENCE)).expect("a bound");
    let mut client = Client::over(stream);
    for _ in 0..3 {
        assert_eq!(client.ask("GET /", "").content, "peer: None\n");
    }
    if let Some(text) = curl(&["--unix-socket", &shown, "http://localhost/"]) {
        assert_eq!(text, "peer: None\n");
    }
    // A second server takes the place of a dead one.
    drop(unix);
    let again = Example::start_with("unix-socket", &[&shown]);
    let stream = UnixStream::connect(&path).expect("the example listens again");
    assert_eq!(Client::over(stream).ask("GET /", "").status, 200);
    drop(again);
    let _ = std::fs::remove_file(path);
}

#[test]
fn a_taken_port_is_an_error_and_no_panic() {
    let hello = Example::start("hello");
    assert_eq!(get(&hello.address, "/"), "Hello, world!");
    let taken = shockwave::Server::bind(hello.address.as_str())
        .workers(1)
        .start(async |_request| "unreachable");
    assert_eq!(taken.expect_err("the port is taken").kind(), std::io::ErrorKind::AddrInUse);
}
