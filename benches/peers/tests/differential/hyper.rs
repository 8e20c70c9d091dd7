//! Whole requests, against hyper's server on an in-memory connection.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use shockwave_bench_kit::corpus;
use shockwave_http11::{Config, Connection, Error, Event};
use shockwave_wire::{Method, Scratch, Side};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

use crate::{Differences, Reasons, mutations, requests};

/// A request that came through to its end: method, path, query, content.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    method: String,
    path: String,
    query: Option<String>,
    content: Vec<u8>,
}

/// What hyper takes and Shockwave refuses.
const REASONS: Reasons = &[
    ("BareLf", "RFC 9112 section 2.2"),
    ("InvalidTarget", "RFC 9112 section 3.2"),
    ("InvalidTargetForm", "RFC 9112 section 3.2"),
    ("Userinfo", "RFC 9110 section 4.2.4"),
    // hyper leaves Host to its handlers.
    ("MissingHost", "RFC 9112 section 3.2"),
    ("RepeatedHost", "RFC 9112 section 3.2"),
    ("InvalidHost", "RFC 9112 section 3.2"),
    // hyper reads such a message by its Transfer-Encoding alone, which a server MAY.
    ("TransferEncodingAndContentLength", "RFC 9112 section 6.3"),
    // hyper looks at the end of the last Transfer-Encoding line.
    ("InvalidTransferEncoding", "RFC 9112 section 6.1"),
    // hyper leaves what trailers may be merged to its handlers.
    ("ForbiddenTrailer", "RFC 9110 section 6.5.1"),
    ("ContentInConnect", "RFC 9110 section 9.3.6"),
    // An extension without a name, or with octets that none has.
    ("InvalidChunkExtension", "RFC 9112 section 7.1.1"),
];

/// What Shockwave takes and hyper refuses.
const ONLY_OURS: Reasons = &[
    // A minor version above 1 has HTTP/1.1's rules.
    ("LaterMinorVersion", "RFC 9110 section 2.5"),
    // Shockwave keeps a target as it came, if no octet of it can be mistaken for a delimiter; the
    // crate `http` takes no URI with a backtick.
    ("Backtick", "RFC 9112 section 3.2"),
];

#[test]
fn whole_requests_are_read_alike_or_refused_for_a_listed_reason() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut theirs_only, mut ours_only) = (Differences::default(), Differences::default());
    let mut both = 0;
    for input in mutations(&with_content(), 15_000) {
        let example = input.escape_ascii();
        match (ours(&input), theirs(&runtime, &input)) {
            (Ok(Some(ours)), Some(theirs)) => {
                assert_eq!(ours, theirs, "{example}");
                both += 1;
            }
            (Ok(None), None) | (Err(_), None) => {}
            (Ok(Some(_)), None) => ours_only.note(why_refused(&input), &input),
            (Ok(None), Some(theirs)) => panic!("{theirs:?} of {example}"),
            (Err(Error::Protocol { violation, .. }), Some(_)) => {
                theirs_only.note(violation, &input);
            }
            (Err(error), Some(_)) => panic!("{error:?} of {example}"),
        }
    }
    theirs_only.are(REASONS);
    ours_only.are(ONLY_OURS);
    assert!(both > 1000, "{both}");
}

#[derive(Debug)]
enum Refused {
    LaterMinorVersion,
    Backtick,
    Unexplained,
}

/// Why hyper refuses a request that is sound, going by its first line.
fn why_refused(input: &[u8]) -> Refused {
    let line = input.split(|&octet| octet == b'\n').find(|line| line.len() > 1);
    match line.unwrap_or_default() {
        [.., b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9', b'\r'] => {
            Refused::LaterMinorVersion
        }
        line if line.contains(&b'`') => Refused::Backtick,
        _ => Refused::Unexplained,
    }
}

/// Requests and what follows their heads.
fn with_content() -> Vec<Vec<u8>> {
    let head =
        |lines: &str| format!("POST /a?b HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n").into_bytes();
    let chunked = head("Transfer-Encoding: chunked");
    let mut requests = requests();
    for body in ["chunked-tiny"].map(corpus::message) {
        requests.push([&chunked[..], &body[..]].concat());
    }
    for body in [
        &b"5\r\nhello\r\n0\r\n\r\n"[..],
        b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
        b"1\r\na\r\n2;c\r\nbc\r\n00\r\n\r\n",
        b"0\r\n\r\n",
        b"A\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        for _ in 0..20 {
            requests.push([&chunked[..], body].concat());
        }
    }
    for lines in ["Content-Length: 5", "Content-Length: 05", "Content-Length: 5\r\nX: y"] {
        for _ in 0..20 {
            requests.push([&head(lines)[..], b"hello"].concat());
        }
    }
    requests
}

/// The first request in `input`, after which the connection ends; `None` if it is not complete.
fn ours(input: &[u8]) -> Result<Option<Seen>, Error> {
    let mut connection = Connection::new(Side::Server, Config::strict());
    let mut scratch = Scratch::new();
    let mut seen: Option<Seen> = None;
    let mut rest = input;
    loop {
        let received = connection.receive(rest, &mut scratch)?;
        let ended = match received.event {
            None if received.consumed == 0 => return Ok(None),
            None => false,
            Some(Event::Request { head, end }) => {
                let string = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
                let (path, query) = match head.method {
                    // What hyper takes an authority-form target apart into.
                    Method::Connect => (&b""[..], None),
                    _ => head.path_and_query(),
                };
                seen = Some(Seen {
                    method: string(head.method.as_bytes()),
                    path: string(path),
                    query: query.map(string),
                    content: Vec::new(),
                });
                end
            }
            Some(Event::Data { data, end }) => {
                seen.as_mut().unwrap().content.extend_from_slice(data);
                end
            }
            Some(Event::Trailers(_)) => true,
            Some(other) => panic!("{other:?}"),
        };
        if ended {
            return Ok(seen);
        }
        rest = &rest[received.consumed..];
    }
}

/// The first request that hyper hands to its handler, if its content comes to its end.
fn theirs(runtime: &Runtime, input: &[u8]) -> Option<Seen> {
    let first = Arc::new(Mutex::new(None));
    runtime.block_on(async {
        let (mut client, server) = tokio::io::duplex(64 << 10);
        let noted = first.clone();
        let handler = service_fn(move |request: Request<Incoming>| {
            let noted = noted.clone();
            async move {
                let (head, body) = request.into_parts();
                let content = body.collect().await;
                let seen = content.ok().map(|content| Seen {
                    method: head.method.as_str().to_owned(),
                    path: head.uri.path().to_owned(),
                    query: head.uri.query().map(str::to_owned),
                    content: content.to_bytes().to_vec(),
                });
                noted.lock().unwrap().get_or_insert(seen);
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
            }
        });
        let served = tokio::spawn(
            http1::Builder::new().half_close(true).serve_connection(TokioIo::new(server), handler),
        );
        // A server that has given up reading has judged all the same.
        let _ = client.write_all(input).await;
        let _ = client.shutdown().await;
        let _ = client.read_to_end(&mut Vec::new()).await;
        drop(client);
        let _ = served.await;
    });
    let seen = first.lock().unwrap().take();
    seen.flatten()
}
