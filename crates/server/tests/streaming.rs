//! Content that comes and goes piece by piece.

mod common;

use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::rc::Rc;
use std::sync::Arc;

use shockwave_server::{
    Config, ConnectionInfo, Error, Field, Fields, Request, Sent, Version, Worker,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use common::process::bounded;
use common::{GET, bound, impatient, start};

static PIECE: [u8; 64 << 10] = [b'x'; 64 << 10];

#[test]
fn a_slow_client_slows_its_handler_down() {
    const PIECES: usize = 1024;
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let server = start(bound(), async move |request: Request<'_>| -> Result<Sent, Error> {
        if request.path() == "/" {
            return Ok(request.respond().text("well"));
        }
        let mut stream = request.respond().stream()?;
        for _ in 0..PIECES {
            stream.write(&PIECE).await?;
            count.fetch_add(1, Relaxed);
        }
        stream.finish()
    });
    let mut client = server.connect();
    // What came last: the end of the response may be among it.
    let mut last = Vec::new();
    bounded(24 << 20, || {
        client.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n");
        // Until it stands still: the system's buffers are full.
        let mut before = usize::MAX;
        while before != written.load(Relaxed) || before == 0 {
            before = written.load(Relaxed);
            server.check();
            std::thread::park_timeout(Duration::from_millis(100));
        }
        assert!(before < PIECES / 2, "{before} pieces are written");
        let mut octets = vec![0; 1 << 20];
        let mut total = 0;
        while written.load(Relaxed) < PIECES {
            let count = client.socket.read(&mut octets).expect("content");
            total += count;
            last.clear();
            last.extend(&octets[count.saturating_sub(16)..count]);
        }
        assert!(total > (PIECES / 2) * PIECE.len(), "{total} octets");
    });
    last.extend(client.end().rest().bytes());
    assert!(last.ends_with(b"\r\n0\r\n\r\n"), "{}", last.escape_ascii());
    server.finish();
}

#[test]
fn trailers_both_ways() {
    async fn handler(mut request: Request<'_>) -> Result<Sent, Error> {
        let content = request.body().collect(100).await?;
        let sum = request.body().trailers().get("x-sum").unwrap_or(b"none").to_vec();
        let mut stream = request.respond().stream()?;
        stream.write(content).await?;
        stream.finish_with(Fields::from(&[Field::new("X-Sum", &sum)][..]))
    }
    let server = start(bound(), handler);
    let mut client = server.connect();
    let post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
    let content = "3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n";
    for (te, end) in [
        ("TE: trailers\r\nConnection: TE\r\n", "\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n"),
        ("", "\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ] {
        client.send(format!("{post}{te}\r\n{content}"));
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut all = String::new();
        while !all.ends_with("\r\n\r\n0\r\n\r\n") {
            let mut octets = [0; 4096];
            let count = client.socket.read(&mut octets).expect("a response");
            all.push_str(core::str::from_utf8(&octets[..count]).expect("text"));
        }
        let (first, second) = all
            .split_once("HTTP/1.1 200 OK\r\n")
            .expect("a response")
            .1
            .split_once("HTTP/1.1 200 OK\r\n")
            .expect("another");
        assert!(first.ends_with(end), "{first:?}");
        // None is left of the request before.
        assert!(second.ends_with("\r\n\r\n0\r\n\r\n"), "{second:?}");
    }
    server.finish();
}

#[test]
fn early_hints_come_first() {
    async fn handler(request: Request<'_>) -> Result<Sent, Error> {
        let hint = [Field::new("Link", b"</style.css>; rel=preload")];
        request.informational(103, &hint)?;
        if request.version() == Version::Http11 {
            assert!(request.informational(200, &[]).is_err());
            assert!(request.informational(101, &[]).is_err());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(request.respond().text("content"))
    }
    let server = start(bound(), handler);
    let mut client = server.connect();
    for _ in 0..2 {
        let hint = client.send(GET).response();
        assert!(hint.starts_with("HTTP/1.1 103 Early Hints\r\nLink: "), "{hint:?}");
        // While the handler waits.
        assert!(client.is_quiet(Duration::from_millis(5)));
        assert!(client.response().ends_with("\r\n\r\ncontent"));
    }
    let response = client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n").rest();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response:?}");
    server.finish();
}

/// Writes back what comes, as it comes.
async fn echo(request: Request<'_>) -> Result<Sent, Error> {
    let (head, mut body, responder) = request.split();
    body.set_limit(u64::MAX);
    let mut stream = match head.header("x-length").and_then(|value| value.first()) {
        Some(_) => responder.stream_of_length(body.length().unwrap_or(0))?,
        None => responder.stream()?,
    };
    while let Some(piece) = body.chunk().await {
        stream.write(piece?).await?;
    }
    stream.finish()
}

#[test]
fn an_echo_of_64_mebibytes() {
    const PIECES: usize = 1024;
    let server = start(bound(), echo);
    for is_chunked in [true, false] {
        let mut client = server.connect();
        let mut sender = client.socket.try_clone().expect("a socket");
        let length = PIECES * PIECE.len();
        let framing = match is_chunked {
            true => "Transfer-Encoding: chunked".to_owned(),
            false => format!("X-Length: 1\r\nContent-Length: {length}"),
        };
        bounded(24 << 20, || {
            let sending = std::thread::spawn(move || {
                let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n");
                sender.write_all(head.as_bytes()).expect("it reads");
                for _ in 0..PIECES {
                    let chunk: [&[u8]; 3] = match is_chunked {
                        true => [b"10000\r\n", &PIECE, b"\r\n"],
                        false => [b"", &PIECE, b""],
                    };
                    for octets in chunk {
                        sender.write_all(octets).expect("it reads");
                    }
                }
                sender.write_all(if is_chunked { b"0\r\n\r\n" } else { b"" }).expect("it reads");
            });
            let (mut count, mut octets) = (0, vec![0; 1 << 20]);
            while count < length {
                let read = client.socket.read(&mut octets).expect("a response");
                assert_ne!(read, 0, "after {count} octets");
                count += octets[..read].iter().filter(|&&octet| octet == b'x').count();
            }
            sending.join().expect("it sends");
            assert_eq!(count, length);
        });
    }
    server.finish();
}

/// A handler that waits for both sides at once, and is woken by either.
#[test]
fn a_handler_that_reads_and_writes_at_the_same_time() {
    async fn handler(request: Request<'_>) -> Result<Sent, Error> {
        let (_, mut body, responder) = request.split();
        let mut stream = responder.stream()?;
        let reading = async {
            let mut sum = 0;
            while let Some(piece) = body.chunk().await {
                sum += piece?.len();
            }
            Ok::<_, Error>(sum)
        };
        let writing = async {
            for _ in 0..256 {
                stream.write(&PIECE).await?;
            }
            Ok::<_, Error>(())
        };
        let (sum, written) = tokio::join!(reading, writing);
        written?;
        stream.write(format!("{} read", sum?)).await?;
        stream.finish()
    }
    let server = start(bound(), handler);
    let mut client = server.connect();
    let length = 64 * PIECE.len();
    client.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"));
    for _ in 0..64 {
        // It writes more than fits, and reads nevertheless.
        client.send(PIECE);
    }
    let response = client.end().rest();
    assert!(response.ends_with(&format!("{length} read\r\n0\r\n\r\n")), "{}", response.len());
    server.finish();
}

/// Serves one connection in this thread, with what a client sends in `parts`.
fn exchange(parts: &[&[u8]], handler: impl AsyncFn(Request<'_>) -> Result<Sent, Error>) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(async {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let worker = Rc::new(Worker::new(Config::new()));
        let served = worker.serve_connection(server, ConnectionInfo::new(), &handler);
        let sent = async {
            for part in parts {
                client.write_all(part).await.expect("it reads");
                // The server takes it as it is.
                tokio::task::yield_now().await;
            }
            client.shutdown().await.expect("it is open");
            let mut response = String::new();
            client.read_to_string(&mut response).await.expect("it answers");
            response
        };
        let (response, ()) = tokio::join!(sent, served);
        let date = response.find("Date: ").map_or(0..0, |at| at..at + 37);
        response.replace(&response[date], "")
    })
}

#[test]
fn any_split_of_the_input_is_the_same() {
    async fn handler(mut request: Request<'_>) -> Result<Sent, Error> {
        let mut sum = Vec::new();
        while let Some(piece) = request.body().chunk().await {
            sum.extend_from_slice(piece?);
        }
        sum.extend_from_slice(request.body().trailers().get("x-t").unwrap_or_default());
        let path = request.path();
        Ok(request.respond().header("x-path", path).bytes(sum))
    }
    let input: &[u8] = b"POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;a=\"b\"\r\nhello\r\n7\r\n, world\r\n0\r\nX-T: !\r\n\r\n\
        POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\
        GET /3 HTTP/1.1\r\nHost: a\r\n\r\n";
    let whole = exchange(&[input], handler);
    assert_eq!(whole.matches("HTTP/1.1 200 OK").count(), 3, "{whole}");
    assert!(whole.contains("\r\n\r\nhello, world!HTTP/1.1") && whole.contains("\r\n\r\nabcHTTP"));
    for at in 1..input.len() {
        let (first, second) = input.split_at(at);
        assert_eq!(exchange(&[first, second], handler), whole, "cut at {at}");
    }
    for size in [1, 2, 3, 7] {
        let parts: Vec<_> = input.chunks(size).collect();
        assert_eq!(exchange(&parts, handler), whole, "in pieces of {size}");
    }
    // Thrown away, too.
    let ignore = async |request: Request<'_>| Ok(request.respond().text("ignored"));
    let whole = exchange(&[input], ignore);
    assert_eq!(whole.matches("ignored").count(), 3, "{whole}");
    for at in 1..input.len() {
        let (first, second) = input.split_at(at);
        assert_eq!(exchange(&[first, second], ignore), whole, "cut at {at}");
    }
    let parts: Vec<_> = input.chunks(1).collect();
    assert_eq!(exchange(&parts, ignore), whole);
}

/// A future that is dropped while it waits for content loses none of it.
#[test]
fn cancelled_reads_lose_nothing() {
    async fn handler(mut request: Request<'_>) -> Result<Sent, Error> {
        let (mut sum, mut cancelled) = (Vec::new(), 0);
        loop {
            tokio::select! {
                biased;
                piece = request.body().chunk() => match piece {
                    Some(piece) => sum.extend_from_slice(piece?),
                    None => break,
                },
                () = tokio::task::yield_now() => cancelled += 1,
            }
        }
        assert!(cancelled > 10, "{cancelled}");
        Ok(request.respond().bytes(sum))
    }
    let input: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
        5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
    let parts: Vec<_> = input.chunks(1).collect();
    let response = exchange(&parts, handler);
    assert!(response.ends_with("\r\n\r\nhello, world"), "{response}");
}

#[test]
fn collecting_has_a_limit() {
    async fn handler(mut request: Request<'_>) -> Result<Sent, Error> {
        let content = request.body().collect(10).await?;
        Ok(request.respond().bytes(content))
    }
    for (length, is_within) in [(0, true), (9, true), (10, true), (11, false), (5000, false)] {
        let content = "x".repeat(length);
        let known =
            format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{content}");
        let chunks = "1\r\nx\r\n".repeat(length);
        let unknown = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"
        );
        for input in [known, unknown] {
            let response = exchange(&[(input + GET).as_bytes()], handler);
            match is_within {
                true => {
                    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{length}: {response}");
                    assert!(response.contains(&format!("\r\n\r\n{content}HTTP/1.1 200 OK\r\n")));
                }
                false => {
                    assert!(response.starts_with("HTTP/1.1 413 "), "{length}: {response}");
                    assert_eq!(response.matches("HTTP/1.1").count(), 1, "{response}");
                    assert!(response.contains("\r\nConnection: close\r\n"), "{response}");
                }
            }
        }
    }
}

#[test]
fn a_response_may_come_before_the_content() {
    let server = start(bound(), async |request: Request<'_>| -> Result<Sent, Error> {
        let (_, mut body, responder) = request.split();
        let first = body.chunk().await.is_some();
        Ok(responder.text(if first { "early" } else { "none" }))
    });
    let mut client = server.connect();
    for _ in 0..3 {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
        assert!(client.response().ends_with("early"));
        client.send("world");
    }
    server.finish();
}

/// A response that is not ended as it was announced ends its connection, never in order.
#[test]
fn a_stream_that_is_given_up_breaks_off() {
    async fn handler(request: Request<'_>) -> Result<Sent, Error> {
        let path = request.path();
        let length = request.header("x-length").is_some().then_some(10);
        let mut stream = match length {
            Some(length) => request.respond().stream_of_length(length)?,
            None => request.respond().stream()?,
        };
        stream.write("begun").await?;
        stream.flush().await?;
        match path {
            "/dropped" => Err(Error::AlreadyResponded),
            "/long" => {
                stream.write("more than ten").await?;
                stream.finish()
            }
            "/cancelled" => {
                // Large enough to wait for the client, which does not read.
                let large = vec![0; 64 << 20];
                tokio::select! {
                    biased;
                    written = stream.write(&large) => written?,
                    () = tokio::time::sleep(Duration::from_millis(20)) => {}
                }
                stream.write("after it").await?;
                stream.finish()
            }
            _ => stream.finish(),
        }
    }
    let server = start(bound(), handler);
    for (path, head) in [
        ("/dropped", "HTTP/1.1\r\nHost: a\r\n"),
        ("/dropped", "HTTP/1.1\r\nHost: a\r\nX-Length: 1\r\n"),
        ("/dropped", "HTTP/1.0\r\n"),
        ("/short", "HTTP/1.1\r\nHost: a\r\nX-Length: 1\r\n"),
        ("/long", "HTTP/1.1\r\nHost: a\r\nX-Length: 1\r\n"),
        ("/cancelled", "HTTP/1.1\r\nHost: a\r\n"),
        ("/cancelled", "HTTP/1.0\r\n"),
    ] {
        let mut client = server.connect();
        client.send(format!("GET {path} {head}\r\n"));
        if path == "/cancelled" {
            server.wait_until_empty();
        }
        let (response, ended) = client.end_of();
        assert!(ended.is_err(), "{path} {head}: {response:.200}");
        assert!(!response.contains("after it") && !response.contains("more than ten"), "{path}");
        assert!(!response.ends_with("0\r\n\r\n"), "{path} {head}: {response:.200}");
    }
    server.check();
    server.finish();
}

#[test]
fn a_handler_hears_that_its_client_is_gone() {
    let heard = Arc::new(AtomicBool::new(false));
    let (told, tries) = (heard.clone(), AtomicU64::new(0));
    let server = start(bound(), async move |request: Request<'_>| -> Result<Sent, Error> {
        let mut stream = request.respond().stream()?;
        loop {
            tries.fetch_add(1, Relaxed);
            if let Err(error) = stream.write(&PIECE).await {
                told.store(error.is_disconnect(), Relaxed);
                return Err(error);
            }
        }
    });
    let mut client = server.connect();
    client.send(GET);
    client.socket.read_exact(&mut [0; 1000]).expect("a response");
    client.reset();
    server.wait_until_empty();
    assert!(heard.load(Relaxed));
    server.finish();
}

/// A handler that only waits, and whose client takes nothing of what was sent before, is over.
#[test]
fn a_handler_that_waits_is_over_when_its_client_does_not_read() {
    let server =
        start(bound().timeouts(impatient()), async |request: Request<'_>| -> Result<Sent, Error> {
            let mut stream = request.respond().stream()?;
            for _ in 0..8000 {
                stream.write(&PIECE[..4096]).await?;
                // What does not fit is kept until the handler waits.
                tokio::task::yield_now().await;
            }
            core::future::pending().await
        });
    let mut client = server.connect();
    client.send(GET);
    server.wait_until_empty();
    assert_eq!(server.stats().timeouts, 1);
    drop(client);
    server.finish();
}
