//! The public interface, as a user meets it.

use std::io::Write as _;

use shockwave_server::{Config, Error, ProxyProtocol, Request, Sent};

mod common;

#[test]
fn hello() {
    let server = common::start(common::bound(), async |_request: Request<'_>| "Hello, world!");
    let mut client = server.connect();
    let response = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    assert!(response.ends_with("\r\nContent-Length: 13\r\n\r\nHello, world!"), "{response}");
    drop(client);
    server.finish();
}

#[test]
fn a_hook_is_told_where_the_server_listens() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let server = common::bound().on_listening(move |addresses| {
        let _ = sender.send(addresses.to_vec());
    });
    let server = common::start(server, async |_request: Request<'_>| "");
    assert_eq!(receiver.recv(), Ok(vec![server.address]));
    server.finish();
}

/// Streams the content back while it reads it.
async fn echo(request: Request<'_>) -> Result<Sent, Error> {
    let (_, mut body, responder) = request.split();
    let mut stream = responder.stream()?;
    while let Some(chunk) = body.chunk().await {
        stream.write(chunk?).await?;
    }
    stream.finish()
}

/// RFC 9110 section 10.1.1.
#[test]
fn a_response_that_streams_while_it_reads_is_preceded_by_100() {
    let server = common::start(common::bound(), echo);
    let mut client = server.connect();
    for _ in 0..2 {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n");
        client.send("Content-Length: 4\r\n\r\n");
        assert!(client.response().starts_with("HTTP/1.1 100 "));
        let response = client.send("abcd").response();
        assert!(response.starts_with("HTTP/1.1 200 ") && !response.contains("close"), "{response}");
        assert!(response.ends_with("4\r\nabcd\r\n0\r\n\r\n"), "{response}");
    }
    drop(client);
    server.finish();
}

#[test]
fn an_echo_of_any_length_keeps_the_connection() {
    let server = common::start(common::bound(), echo);
    let mut client = server.connect();
    let content = "x".repeat(1 << 20);
    for _ in 0..2 {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
        let mut writer = client.socket.try_clone().expect("a socket");
        let sent = content.clone();
        let writing = std::thread::spawn(move || writer.write_all(sent.as_bytes()));
        let response = client.response();
        assert!(!response.contains("close"), "{}", &response[..200]);
        writing.join().expect("no panic").expect("the server reads");
    }
    drop(client);
    server.finish();
}

#[test]
fn content_cannot_be_read_after_a_response_that_did_not_wait_for_it() {
    let server = common::start(common::bound(), async |request: Request<'_>| {
        let (_, mut body, responder) = request.split();
        let sent = responder.text("early");
        // The client was not asked for it, and sends none: no wait without an end.
        assert!(matches!(body.chunk().await, Some(Err(Error::AlreadyResponded))));
        sent
    });
    let mut client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n");
    let response = client.send("Content-Length: 4\r\n\r\n").rest();
    assert!(response.contains("\r\nConnection: close\r\n"), "{response}");
    assert_eq!(server.stats().panics, 0);
    drop(client);
    server.finish();
}

#[test]
fn a_response_after_the_drain_began_says_that_it_is_the_last() {
    let server = common::start(common::bound(), async |_request: Request<'_>| {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        "done"
    });
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::thread::sleep(std::time::Duration::from_millis(100));
    server.running().shutdown();
    let response = client.response();
    assert!(response.contains("\r\nConnection: close\r\n"), "{response}");
    drop(client);
    server.finish();
}

/// Sets its flag when it is dropped.
struct Flag(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

/// Waits until the flag is set, for ten seconds at most.
fn is_set(flag: &std::sync::atomic::AtomicBool) -> bool {
    let start = std::time::Instant::now();
    while start.elapsed().as_secs() < 10 {
        if flag.load(std::sync::atomic::Ordering::SeqCst) {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn a_handler_that_waits_ends_with_its_client() {
    for (half_close, resets) in [(true, true), (false, false)] {
        let ended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flag = ended.clone();
        let mut config = Config::new();
        config.half_close = half_close;
        let server =
            common::start(common::bound().config(config), async move |request: Request<'_>| {
                if request.path() == "/wait" {
                    let _flag = Flag(flag.clone());
                    std::future::pending::<()>().await;
                }
                "hello"
            });
        let mut client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
        client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
        while server.stats().requests < 2 {
            std::thread::yield_now();
        }
        if resets {
            client.reset();
        } else {
            drop(client);
        }
        assert!(is_set(&ended), "half_close: {half_close}");
    }
}

#[test]
fn what_comes_while_a_handler_waits_is_answered_after_it() {
    let server = common::start(common::bound(), async |request: Request<'_>| {
        if request.path() == "/slow" {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        request.path().to_owned()
    });
    let mut client = server.connect();
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    while server.stats().requests < 1 {
        std::thread::yield_now();
    }
    // In pieces, of which the handler's wait sees some.
    client.send("GET /a HTTP/1.1\r\nHo").send("st: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    for path in ["/slow", "/a", "/b"] {
        assert!(client.response().ends_with(&format!("\r\n\r\n{path}")));
    }
    // A client that has ended its half is answered.
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").end();
    assert!(client.rest().ends_with("\r\n\r\n/slow"));
}

#[test]
fn a_handler_reads_its_own_server_s_counters() {
    let server = common::bound();
    let monitor = server.monitor();
    let server = common::start(server, async move |_request: Request<'_>| {
        format!("{} of {}", monitor.stats().requests, monitor.worker_stats().count())
    });
    let mut client = server.connect();
    for count in 1..3 {
        let response = client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
        assert!(response.ends_with(&format!("\r\n\r\n{count} of 1")), "{response}");
    }
}

#[test]
fn the_proxy_protocol_says_who_the_client_is() {
    let server = common::bound().proxy_protocol(ProxyProtocol::V1);
    let server = common::start(server, async |request: Request<'_>| {
        format!("{:?} {:?}", request.peer(), request.local())
    });
    let mut client = server.connect();
    client.send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let response = client.response();
    assert!(response.ends_with("\r\n\r\nSome(192.0.2.7:4711) Some(192.0.2.1:80)"), "{response}");
    // Who does not say it is not answered.
    let mut stranger = server.connect();
    assert_eq!(stranger.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").rest(), "");
}
