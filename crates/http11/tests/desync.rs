//! The security catalogue of connections: ways to make two ends, or one end and the proxy before
//! it, disagree on whose turn it is, each next to the nearest exchange that is sound.

mod common;

use std::time::{Duration, Instant};

use common::peer::Peer;
use shockwave_http11::{Config, Error, Misuse, Violation};
use shockwave_wire::{Bound, Content, Field, Method, Side, Status};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn upgrade(connection: &str) -> String {
    format!("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\nUpgrade: x\r\n\r\n")
}

#[track_caller]
fn violated(result: Result<impl core::fmt::Debug, Error>, violation: Violation) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Protocol { violation: v, .. } if v == violation), "{error:?}");
}

#[test]
fn nothing_is_tunnelled_before_101_is_sent() {
    // What follows an offer is held back, and is requests if the offer is refused.
    let mut server = Peer::server();
    assert_eq!(server.receive(&format!("{}{GET}", upgrade("upgrade"))).unwrap(), ["GET /ws end"]);
    assert!(!server.connection.wants_receive());
    assert_eq!(server.kept(), GET.escape_debug().to_string());
    server.respond(Status::OK, Content::None).unwrap();
    assert_eq!(server.receive("").unwrap(), ["GET / end"]);
    // And another protocol's if it is taken.
    let mut server = Peer::server();
    server.receive(&format!("{}{GET}", upgrade("upgrade"))).unwrap();
    let fields = [Field::new("Upgrade", b"x")];
    server.respond_with(Status::SWITCHING_PROTOCOLS, &fields, Content::None).unwrap();
    assert_eq!(server.receive("").unwrap(), ["upgrade"]);
    assert_eq!(server.kept(), GET.escape_debug().to_string());
    assert!(server.sent().contains("Connection: upgrade\r\n"));
}

#[test]
fn an_offer_must_be_meant_for_this_connection() {
    let fields = [Field::new("Upgrade", b"x")];
    for request in [
        GET.to_owned(),
        upgrade("keep-alive"),
        upgrade("upgraded"),
        upgrade("upgrade").replace("HTTP/1.1", "HTTP/1.0"),
    ] {
        let mut server = Peer::server();
        server.receive(&request).unwrap();
        let switched = server.respond_with(Status::SWITCHING_PROTOCOLS, &fields, Content::None);
        assert_eq!(switched, Err(Error::Misuse(Misuse::NotOffered)));
        assert_eq!(server.sent(), "");
    }
    let mut server = Peer::server();
    server.receive(&upgrade("x, Upgrade")).unwrap();
    let bare = server.respond(Status::SWITCHING_PROTOCOLS, Content::None);
    assert_eq!(bare, Err(Error::Misuse(Misuse::MissingUpgrade)));
    server.respond_with(Status::SWITCHING_PROTOCOLS, &fields, Content::None).unwrap();
}

#[test]
fn connect_is_no_tunnel_until_2xx() {
    let connect = "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut server = Peer::server();
    assert_eq!(server.receive(&format!("{connect}{GET}")).unwrap(), ["CONNECT a:443 end"]);
    server.respond(Status::FORBIDDEN, Content::None).unwrap();
    assert_eq!(server.receive("").unwrap(), ["GET / end"]);
    let mut server = Peer::server();
    server.receive(&format!("{connect}{GET}")).unwrap();
    server.respond(Status::OK, Content::None).unwrap();
    assert_eq!(server.sent(), "HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(server.receive("").unwrap(), ["upgrade"]);
}

#[test]
fn a_client_is_not_switched_against_its_will() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let mut client = Peer::client();
    client.request(Method::Get, "/").unwrap();
    violated(client.receive(switch), Violation::UnexpectedUpgrade);
    let mut client = Peer::client();
    let fields = [Field::new("Host", b"a"), Field::new("Upgrade", b"x")];
    client.request_with(Method::Get, "/", &fields, Content::None).unwrap();
    // Nothing is pipelined after an offer.
    assert_eq!(client.request(Method::Get, "/"), Err(Error::Misuse(Misuse::OutOfOrder)));
    assert_eq!(client.receive(&format!("{switch}octets")).unwrap(), ["101 end", "upgrade"]);
    assert_eq!(client.kept(), "octets");
}

#[test]
fn connection_options_name_no_framing() {
    // Hop-by-hop stripping: what Connection names is still what it is.
    for name in ["content-length", "host", "transfer-encoding", "content-length, host"] {
        let post = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: {name}\r\nContent-Length: 27\r\n\r\n"
        );
        let events = Peer::server().receive(&format!("{post}{GET}{GET}")).unwrap();
        assert_eq!(events.len(), 3, "{events:?}");
        assert_eq!((events[0].as_str(), events[2].as_str()), ("POST /", "GET / end"));
    }
}

#[test]
fn expectations() {
    let post = |expect: &str| {
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: {expect}\r\n\r\n")
    };
    for expect in ["100-continued", "x", "100-continue, x", "200-ok", "100-continue;q=1"] {
        let mut server = Peer::server();
        let error = server.receive(&post(expect)).unwrap_err();
        assert_eq!(error.code(), Some(Status::EXPECTATION_FAILED), "{expect}");
        assert!(server.give_up(error).contains("\r\nConnection: close\r\n"));
        assert_eq!(server.receive(&format!("hello{GET}")), Ok(vec![]));
    }
    for expect in ["100-continue", "100-CONTINUE", " 100-continue\t"] {
        let mut server = Peer::server();
        server.receive(&post(expect)).unwrap();
        assert!(server.connection.expects_continue());
        server.interim(Status::CONTINUE).unwrap();
        assert_eq!(server.sent(), "HTTP/1.1 100 Continue\r\n\r\n");
        let events = server.receive(&format!("hello{GET}")).unwrap();
        assert_eq!(events, ["'hello' end", "GET / end"]);
        server.respond(Status::OK, Content::None).unwrap();
        assert!(!server.sent().contains("close"));
    }
    // HTTP/1.0 knows nothing of it.
    let mut server = Peer::server();
    server.receive(&post("100-continue").replace("HTTP/1.1", "HTTP/1.0")).unwrap();
    assert!(!server.connection.expects_continue());
    assert_eq!(server.interim(Status::CONTINUE), Err(Error::Misuse(Misuse::InvalidStatus)));
}

#[test]
fn an_early_error_leaves_no_content_to_be_read_as_requests() {
    let mut server = Peer::server();
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(server.receive(chunked).unwrap(), ["POST /"]);
    let error = server.receive("x\r\n").unwrap_err();
    let answer = server.give_up(error);
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("Connection: close\r\n"));
    assert_eq!(server.receive(&format!("0\r\n\r\n{GET}")), Ok(vec![]));
    assert!(server.connection.should_close());
}

#[test]
fn a_timeout_that_is_answered_ends_the_connection() {
    // Pause-based desync: the rest of a request that was given up is no request.
    let start = Instant::now();
    let mut server = Peer::server();
    server.connection.tick(start).unwrap();
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n";
    server.receive(post).unwrap();
    server.receive("").unwrap();
    let late = start + Duration::from_secs(3600);
    server.connection.tick(start + Duration::from_secs(1)).unwrap();
    let error = server.connection.tick(late).unwrap_err();
    assert_eq!(error.code(), Some(Status::REQUEST_TIMEOUT));
    assert!(server.give_up(error).contains("\r\nConnection: close\r\n"));
    assert_eq!(server.receive(GET), Ok(vec![]));
    assert_eq!(server.respond(Status::OK, Content::None), Err(Error::Misuse(Misuse::Closed)));
}

#[test]
fn responses_cannot_be_split() {
    let mut server = Peer::server();
    server.receive(GET).unwrap();
    for value in [&b"a\r\nSet-Cookie: b"[..], b"a\r\n\r\n<html>", b"a\rb", b"a\nb", b"a\0b"] {
        let fields = [Field::new("X", value)];
        let split = server.respond_with(Status::OK, &fields, Content::None);
        assert_eq!(split, Err(Error::Misuse(Misuse::InvalidFieldValue)));
        assert_eq!(server.sent(), "");
    }
    for name in ["Content-Length", "transfer-encoding", "Connection"] {
        let fields = [Field::new(name, b"0")];
        let framed = server.respond_with(Status::OK, &fields, Content::None);
        assert_eq!(framed, Err(Error::Misuse(Misuse::FramingField)));
    }
    for name in ["X\r\nY", "X: y\r\nZ", "X ", "", "X:"] {
        let fields = [Field::new(name, b"0")];
        let split = server.respond_with(Status::OK, &fields, Content::None);
        assert_eq!(split, Err(Error::Misuse(Misuse::InvalidFieldName)));
    }
    assert_eq!(server.sent(), "");
    server.respond_with(Status::OK, &[Field::new("X", b"a b")], Content::None).unwrap();
    assert_eq!(server.sent(), "HTTP/1.1 200 OK\r\nX: a b\r\nContent-Length: 0\r\n\r\n");
}

#[test]
fn trailers_cannot_be_split_nor_smuggle() {
    let mut server = Peer::server();
    server.receive(&GET.replace("\r\n\r\n", "\r\nTE: trailers\r\nConnection: TE\r\n\r\n")).unwrap();
    server.respond(Status::OK, Content::Unknown).unwrap();
    server.sent();
    for (name, value, misuse) in [
        ("X", &b"a\r\n\r\nHTTP/1.1 200 OK"[..], Misuse::InvalidFieldValue),
        ("X\r\n", b"a", Misuse::InvalidFieldName),
        ("Content-Length", b"5", Misuse::ForbiddenTrailer),
        ("Transfer-Encoding", b"chunked", Misuse::ForbiddenTrailer),
        ("Set-Cookie", b"a=b", Misuse::ForbiddenTrailer),
        ("Host", b"a", Misuse::ForbiddenTrailer),
    ] {
        assert_eq!(server.trailers(&[Field::new(name, value)]), Err(Error::Misuse(misuse)));
        assert_eq!(server.sent(), "");
    }
    server.trailers(&[Field::new("Digest", b"a")]).unwrap();
    assert_eq!(server.sent(), "0\r\nDigest: a\r\n\r\n");
}

#[test]
fn the_content_of_responses_without_content_is_no_response() {
    // Response-queue desync.
    let poisoned = "HTTP/1.1 200 OK\r\nX: poisoned\r\n\r\n";
    let length = poisoned.len();
    for (method, status) in [(Method::Head, 200), (Method::Get, 304), (Method::Get, 204)] {
        let mut client = Peer::client();
        client.request(method, "/").unwrap();
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n");
        violated(client.receive(&format!("{head}{poisoned}")), Violation::UnexpectedResponse);
        let mut client = Peer::client();
        client.request(method, "/").unwrap();
        assert_eq!(client.receive(&head).unwrap(), [format!("{status} end")]);
    }
    // A server sends none, whatever it is asked to.
    let mut server = Peer::server();
    server.receive(&GET.replace("GET", "HEAD")).unwrap();
    server.respond(Status::OK, Content::Length(2)).unwrap();
    assert_eq!(server.data("hi", true), Err(Error::Misuse(Misuse::OutOfOrder)));
    for status in [Status::NO_CONTENT, Status::RESET_CONTENT] {
        let mut server = Peer::server();
        server.receive(GET).unwrap();
        let refused = server.respond(status, Content::Length(2));
        assert_eq!(refused, Err(Error::Misuse(Misuse::UnexpectedContent)));
    }
}

#[test]
fn a_sender_keeps_its_own_length() {
    let mut server = Peer::server();
    server.receive(GET).unwrap();
    server.respond(Status::OK, Content::Length(2)).unwrap();
    let mismatch = Err(Error::Misuse(Misuse::ContentLengthMismatch));
    assert_eq!(server.data("hello", true), mismatch);
    assert_eq!(server.data("hello", false), mismatch);
    assert_eq!(server.data("h", true), mismatch);
    assert_eq!(server.data("h", false), Ok(1));
    assert_eq!(server.data("i", true), Ok(1));
    assert!(server.sent().ends_with("\r\n\r\nhi"));
}

#[test]
fn interim_responses_end() {
    let mut config = Config::strict();
    config.limits.max_interim_count = 3;
    let mut client = Peer::new(Side::Client, config);
    let early = "HTTP/1.1 103 Early Hints\r\n\r\n";
    for _ in 0..2 {
        client.request(Method::Get, "/").unwrap();
        let events = client.receive(&format!("{}{OK}", early.repeat(3))).unwrap();
        assert_eq!(events, ["103", "103", "103", "200 end"]);
    }
    client.request(Method::Get, "/").unwrap();
    let error = client.receive(&early.repeat(4)).unwrap_err();
    assert!(matches!(error, Error::Limit { bound: Bound::InterimCount, .. }), "{error:?}");
}

#[test]
fn pipelining_is_bounded_and_nothing_is_lost() {
    let mut config = Config::strict();
    config.limits.max_pipelined_requests = 2;
    let mut server = Peer::new(Side::Server, config);
    assert_eq!(server.receive(&GET.repeat(5)).unwrap(), ["GET / end", "GET / end"]);
    assert!(!server.connection.wants_receive());
    for _ in 0..3 {
        server.respond(Status::OK, Content::None).unwrap();
        assert_eq!(server.receive("").unwrap(), ["GET / end"]);
    }
    assert_eq!(server.kept(), "");
}

#[test]
fn offsets_are_counted_over_the_whole_connection() {
    let mut server = Peer::server();
    server.receive(GET).unwrap();
    let post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    server.receive(post).unwrap();
    let error = server.receive("3\r\nabcX").unwrap_err();
    assert_eq!(error.offset(), Some((GET.len() + post.len() + 6) as u64));
}
