//! Connections that break, and more of them than are allowed.

use std::io::Write as _;
use std::time::Duration;

use shockwave_server::Distribution;

use super::common::process::bounded;
use super::common::{GET, bound, impatient};
use super::{patient, serve};

/// A client that has sent its last and shut down its half still gets its answers (RFC 9112 section
/// 9.6).
#[test]
fn half_closed_connections_are_answered() {
    let server = patient();
    for (request, count) in [
        (GET.to_owned(), 1),
        (GET.repeat(50), 50),
        ("GET /large HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 1),
        ("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".to_owned(), 1),
    ] {
        let response = server.connect().send(&request).end().rest();
        assert_eq!(response.matches("HTTP/1.1 200 OK\r\n").count(), count, "{request:?}");
    }
    // Inside of a request there is nothing to be answered but that.
    for request in [
        "GET / HTTP/1.1\r\nHos",
        "POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel",
        "POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let response = server.connect().send(request).end().rest();
        assert!(response.starts_with("HTTP/1.1 400 "), "{request:?}: {response:?}");
    }
    assert_eq!(server.connect().end().rest(), "");
    assert_eq!(server.connect().send("\r\n").end().rest(), "");
    server.check();
    server.wait_until_empty();
    server.finish();
}

#[test]
fn a_reset_at_every_point_of_a_request() {
    let server = patient();
    let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n",
    ];
    bounded(32 << 20, || {
        for request in requests {
            for length in 0..=request.len() {
                let mut client = server.connect();
                client.send(&request[..length]);
                client.reset();
            }
        }
        server.wait_until_empty();
    });
    server.check();
    server.finish();
}

#[test]
fn a_reset_at_many_points_of_a_response() {
    use std::io::Read as _;
    let server = patient();
    bounded(32 << 20, || {
        for path in ["/", "/large", "/pieces", "/crumbs"] {
            for length in [1, 2, 10, 100, 1000, 10_000, 100_000, 1_000_000] {
                let mut client = server.connect();
                client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
                let mut octets = vec![0; if path == "/" { length.min(100) } else { length }];
                client.socket.read_exact(&mut octets).expect("a response");
                client.reset();
            }
        }
        server.wait_until_empty();
    });
    server.check();
    server.finish();
}

#[test]
fn more_connections_than_allowed_wait() {
    let server = serve(bound().max_connections(2));
    let (mut first, mut second) = (server.connect(), server.connect());
    assert!(first.send(GET).response().ends_with("GET /"));
    assert!(second.send(GET).response().ends_with("GET /"));
    let mut third = server.connect();
    third.send(GET);
    assert!(third.is_quiet(Duration::from_millis(100)));
    assert_eq!(server.stats().open_connections(), 2);
    drop(first);
    assert!(third.response().ends_with("GET /"));
    drop((second, third));
    server.check();
    server.finish();
}

/// A thread that waits for a connection takes none from another's share.
#[test]
fn fewer_connections_than_threads_are_all_served() {
    for distribution in [Distribution::ReusePort, Distribution::LeastConnections] {
        let server = bound().workers(4).max_connections(1).distribution(distribution);
        let server = serve(server);
        for _ in 0..40 {
            server.check();
        }
        // All threads but one wait for the one permit, and none of them in vain.
        let mut first = server.connect();
        first.send(GET).response();
        let mut others: Vec<_> = (0..8).map(|_| server.connect()).collect();
        for other in &mut others {
            other.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        }
        drop(first);
        // Whichever comes first: the end of one is the beginning of another.
        let reading: Vec<_> =
            others.into_iter().map(|mut other| std::thread::spawn(move || other.rest())).collect();
        for other in reading {
            let response = other.join().expect("no panic");
            assert!(response.ends_with("GET /"), "{distribution:?}: {response:?}");
        }
        server.finish();
    }
}

#[test]
fn connections_go_to_the_thread_that_has_the_fewest() {
    let server = bound().workers(3).distribution(Distribution::LeastConnections);
    let server = serve(server);
    let mut clients: Vec<_> = (0..30).map(|_| server.connect()).collect();
    for client in &mut clients {
        assert!(client.send(GET).response().ends_with("GET /"));
    }
    let loads: Vec<_> =
        server.running().worker_stats().map(|stats| stats.open_connections()).collect();
    assert_eq!(loads, [10, 10, 10]);
    drop(clients);
    server.check();
    server.finish();
}

#[cfg(unix)]
#[test]
fn unix_sockets() {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;
    let path = std::env::temp_dir().join(format!("shockwave-abuse-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let server = shockwave_server::Server::bind_unix(&path).workers(2).timeouts(impatient());
    let running = server.start(super::handler).expect("it starts");
    let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for _ in 0..8 {
        let mut socket = UnixStream::connect(&path).expect("it listens");
        socket.write_all(get.as_bytes()).expect("it reads");
        let mut response = String::new();
        socket.read_to_string(&mut response).expect("it answers");
        assert!(response.ends_with("GET /"), "{response:?}");
    }
    // One that does not read.
    let mut socket = UnixStream::connect(&path).expect("it listens");
    socket.write_all(b"GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n").expect("it reads");
    let start = std::time::Instant::now();
    while running.stats().open_connections() != 0 || running.stats().timeouts == 0 {
        assert!(start.elapsed() < super::common::PATIENCE, "{:?}", running.stats());
        std::thread::park_timeout(Duration::from_millis(5));
    }
    running.shutdown();
    running.join().expect("it ends");
    let _ = std::fs::remove_file(&path);
}
