//! What only a connection can keep: requests as a client sends them, and sections 8 and 9.

use shockwave_http11::{Config, Error, Misuse, Violation};
use shockwave_wire::{Bound, Content, Field, Method, Side, Status};

use crate::common::peer::Peer;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const CLOSE: &str = "GET /close HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[track_caller]
fn misused(result: Result<impl core::fmt::Debug, Error>, misuse: Misuse) {
    assert_eq!(result.unwrap_err(), Error::Misuse(misuse));
}

#[track_caller]
fn violated(result: Result<impl core::fmt::Debug, Error>, violation: Violation, status: u16) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Protocol { violation: v, .. } if v == violation), "{error:?}");
    assert_eq!(error.code().map(Status::code), Some(status));
}

/// A client with a GET outstanding.
fn asking() -> Peer {
    let mut client = Peer::client();
    client.request(Method::Get, "/").unwrap();
    client.sent();
    client
}

#[test]
fn s2_2_no_extra_crlf_around_a_request() {
    // RFC 9112 section 2.2
    let mut client = Peer::client();
    client.request(Method::Get, "/").unwrap();
    assert_eq!(client.sent(), GET);
    let post = [Field::new("Host", b"a")];
    client.request_with(Method::Post, "/", &post, Content::Length(3)).unwrap();
    client.data("a=b", true).unwrap();
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
    assert_eq!(client.sent(), format!("{head}a=b"));
    client.request(Method::Get, "/").unwrap();
    assert_eq!(client.sent(), GET);
    misused(client.data("\r\n", true), Misuse::OutOfOrder);
    assert_eq!(client.sent(), "");
    // The server that gets one before a request passes it over.
    let events = Peer::server().receive(&format!("\r\n{GET}\r\n{GET}"));
    assert_eq!(events, Ok(vec!["GET / end".into(), "GET / end".into()]));
}

#[test]
fn s2_2_a_line_end_at_the_end_of_content_counts() {
    // RFC 9112 section 2.2
    let mut client = Peer::client();
    let fields = [Field::new("Host", b"a")];
    client.request_with(Method::Post, "/", &fields, Content::Length(3)).unwrap();
    misused(client.data("a=b\r\n", true), Misuse::ContentLengthMismatch);
    client.data("a=b", false).unwrap();
    misused(client.data("\r\n", true), Misuse::ContentLengthMismatch);
    client.data("", true).unwrap();
    client.sent();
    client.request_with(Method::Post, "/", &fields, Content::Length(5)).unwrap();
    misused(client.data("a=b", true), Misuse::ContentLengthMismatch);
    client.data("a=b\r\n", true).unwrap();
    assert!(client.sent().ends_with("Content-Length: 5\r\n\r\na=b\r\n"));
}

#[test]
fn s3_2_every_request_has_host() {
    // RFC 9112 section 3.2
    let mut client = Peer::client();
    let none = client.request_with(Method::Get, "/", &[], Content::None);
    misused(none, Misuse::InvalidHost);
    let two = [Field::new("Host", b"a"), Field::new("hOST", b"a")];
    misused(client.request_with(Method::Get, "/", &two, Content::None), Misuse::InvalidHost);
    assert_eq!(client.sent(), "");
    for host in ["u@a", "a b", "a/b", "a:b", "[::g]"] {
        let invalid = [Field::new("Host", host.as_bytes())];
        let refused = client.request_with(Method::Get, "/", &invalid, Content::None);
        misused(refused, Misuse::InvalidHost);
    }
    assert_eq!(client.sent(), "");
    client.request(Method::Get, "/").unwrap();
    assert_eq!(client.sent(), GET);
}

#[test]
fn s3_2_host_is_empty_without_an_authority() {
    // RFC 9112 section 3.2
    let mut client = Peer::client();
    let empty = [Field::new("Accept", b"*/*"), Field::new("Host", b"")];
    client.request_with(Method::Options, "*", &empty, Content::None).unwrap();
    assert_eq!(client.sent(), "OPTIONS * HTTP/1.1\r\nHost: \r\nAccept: */*\r\n\r\n");
    let events = Peer::server().receive("OPTIONS * HTTP/1.1\r\nHost: \r\n\r\n");
    assert_eq!(events, Ok(vec!["OPTIONS * end".into()]));
}

#[test]
fn s3_2_1_origin_form_starts_with_a_slash_and_has_no_fragment() {
    // RFC 9112 section 3.2.1
    let mut client = Peer::client();
    for target in ["", "a", "a/b", "?a", "#a", "/a#b", "/a b", "/\u{e9}", "*"] {
        misused(client.request(Method::Get, target), Misuse::InvalidTarget);
    }
    assert_eq!(client.sent(), "");
    client.request(Method::Get, "/a?b").unwrap();
    assert!(client.sent().starts_with("GET /a?b HTTP/1.1\r\nHost: a\r\n"));
}

#[test]
fn s3_2_1_an_empty_path_is_a_slash() {
    // RFC 9112 section 3.2.1
    let mut client = Peer::client();
    misused(client.request(Method::Get, ""), Misuse::InvalidTarget);
    misused(client.request(Method::Get, "?query"), Misuse::InvalidTarget);
    client.request(Method::Get, "/?query").unwrap();
    assert!(client.sent().starts_with("GET /?query HTTP/1.1\r\n"));
}

#[test]
fn s3_2_2_absolute_form_has_host_too() {
    // RFC 9112 section 3.2.2
    let mut client = Peer::client();
    for host in ["b", "", "a:80"] {
        let other = [Field::new("Host", host.as_bytes())];
        let refused = client.request_with(Method::Get, "http://a/", &other, Content::None);
        misused(refused, Misuse::InvalidHost);
    }
    for target in ["foo?u=http://x", "http://u:p@a/", "a://", "http:///", "http://a b/"] {
        misused(client.request(Method::Get, target), Misuse::InvalidTarget);
    }
    client.request(Method::Get, "http://a/").unwrap();
    assert_eq!(client.sent(), "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
    client.request_with(Method::Get, "http://b:8/", &[], Content::None).unwrap();
    assert_eq!(client.sent(), "GET http://b:8/ HTTP/1.1\r\nHost: b:8\r\n\r\n");
}

#[test]
fn s3_2_3_connect_has_host_and_port_alone() {
    // RFC 9112 section 3.2.3
    let mut client = Peer::client();
    for target in ["/", "a", "*", "http://a:443/", "a:443/", "u@a:443", "a:443?x", "a:", ":"] {
        misused(client.request(Method::Connect, target), Misuse::InvalidTarget);
    }
    misused(client.request(Method::Get, "a:443"), Misuse::InvalidTarget);
    client.request(Method::Connect, "a:443").unwrap();
    assert_eq!(client.sent(), "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn s3_2_4_the_whole_server_is_an_asterisk() {
    // RFC 9112 section 3.2.4
    let mut client = Peer::client();
    misused(client.request(Method::Options, ""), Misuse::InvalidTarget);
    misused(client.request(Method::Options, "*?a"), Misuse::InvalidTarget);
    misused(client.request(Method::Get, "*"), Misuse::InvalidTarget);
    client.request(Method::Options, "*").unwrap();
    assert!(client.sent().starts_with("OPTIONS * HTTP/1.1\r\n"));
}

/// The error with which a server refuses `head`, and that it then closes whatever follows.
#[track_caller]
fn answered_and_closed(head: &str, violation: Violation) {
    let mut server = Peer::server();
    let refused = server.receive(&format!("{head}5\r\nhello\r\n0\r\n\r\n{GET}"));
    violated(refused.clone(), violation, 400);
    assert_eq!(server.receive(""), refused, "a failed connection stays failed");
    let answer = server.give_up(refused.unwrap_err());
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"), "{answer}");
    assert!(server.connection.should_close());
    assert_eq!(server.receive(GET), Ok(vec![]), "nothing more is processed");
    misused(server.respond(Status::OK, Content::None), Misuse::Closed);
}

#[test]
fn s6_1_both_lengths_are_answered_and_the_connection_closed() {
    // RFC 9112 section 6.1
    answered_and_closed(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        Violation::TransferEncodingAndContentLength,
    );
    let one = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    let events = Peer::server().receive(&format!("{one}{GET}"));
    assert_eq!(events.unwrap(), ["POST /", "'hello' end", "GET / end"]);
}

#[test]
fn s6_1_http_1_0_with_transfer_encoding_is_closed() {
    // RFC 9112 section 6.1
    answered_and_closed(
        "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
        Violation::TransferEncodingInHttp10,
    );
    let mut client = asking();
    let refused = client.receive("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    violated(refused, Violation::TransferEncodingInHttp10, 400);
    misused(client.request(Method::Get, "/"), Misuse::Closed);
}

#[test]
fn s6_3_faulty_framing_is_answered_and_the_connection_closed() {
    // RFC 9112 section 6.3
    for (line, violation) in [
        ("Transfer-Encoding: gzip", Violation::InvalidTransferEncoding),
        ("Transfer-Encoding: chunked, gzip", Violation::InvalidTransferEncoding),
        ("Content-Length: +5", Violation::InvalidContentLength),
        ("Content-Length: 5\r\nContent-Length: 6", Violation::RepeatedContentLength),
    ] {
        answered_and_closed(&format!("POST / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n"), violation);
    }
}

#[test]
fn s6_3_a_response_with_an_invalid_length_is_discarded() {
    // RFC 9112 section 6.3
    let mut client = asking();
    let refused = client.receive("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello");
    violated(refused.clone(), Violation::InvalidContentLength, 400);
    assert_eq!(client.receive("HTTP/1.1 200 OK\r\n\r\n"), refused);
    misused(client.request(Method::Get, "/"), Misuse::Closed);
    let events = asking().receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    assert_eq!(events.unwrap(), ["200", "'hello' end"]);
}

#[test]
fn s6_3_a_message_that_ends_early_is_incomplete() {
    // RFC 9112 section 6.3
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
    for content in ["", "h", "hell"] {
        let mut server = Peer::server();
        server.receive(&format!("{post}{content}")).unwrap();
        violated(server.connection.receive_eof(), Violation::Incomplete, 400);
        assert!(server.receive("o").is_err(), "what comes later is too late");
        let mut client = asking();
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{content}");
        client.receive(&response).unwrap();
        violated(client.connection.receive_eof(), Violation::Incomplete, 400);
        misused(client.request(Method::Get, "/"), Misuse::Closed);
    }
    let mut server = Peer::server();
    server.receive(&format!("{post}hello")).unwrap();
    assert_eq!(server.connection.receive_eof(), Ok(()));
    server.respond(Status::OK, Content::None).unwrap();
    assert!(server.connection.is_closed());
}

#[test]
fn s6_3_data_after_a_response_is_no_response() {
    // RFC 9112 section 6.3
    let mut client = asking();
    let events = client.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n").unwrap();
    assert_eq!(events, ["200", "'hi' end"], "and empty lines are passed over");
    let spilled = client.receive("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    violated(spilled, Violation::UnexpectedResponse, 502);
    misused(client.request(Method::Get, "/"), Misuse::Closed);
    // Content where there is none by the request's method is such data.
    let mut client = Peer::client();
    client.request(Method::Head, "/").unwrap();
    let spilled = client.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    violated(spilled, Violation::UnexpectedResponse, 502);
}

#[test]
fn s7_1_2_trailers_are_kept_apart() {
    // RFC 9112 section 7.1.2
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut server = Peer::server();
    let events = server.receive(&format!("{head}2\r\nhi\r\n0\r\nX: y\r\nCookie: z\r\n\r\n{GET}"));
    let events = events.unwrap();
    assert_eq!(events, ["POST /", "'hi'", "trailers {X: y, Cookie: z}", "GET / end"]);
    let events = Peer::server().receive(&format!("{head}2\r\nhi\r\n0\r\n\r\n{GET}")).unwrap();
    assert_eq!(events, ["POST /", "'hi'", "'' end", "GET / end"]);
}

#[test]
fn s7_1_2_trailers_that_frame_are_not_even_kept() {
    // RFC 9112 section 7.1.2
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    for line in [
        "Content-Length: 5",
        "transfer-encoding: chunked",
        "Host: b",
        "Connection: close",
        "Upgrade: x",
        "TE: trailers",
        "Trailer: X",
        "Keep-Alive: 5",
        "Proxy-Connection: x",
        "Max-Forwards: 1",
    ] {
        let refused = Peer::server().receive(&format!("{head}X: y\r\n{line}\r\n\r\n"));
        violated(refused, Violation::ForbiddenTrailer, 400);
        let events = Peer::server().receive(&format!("{head}X: y\r\nX-{line}\r\n\r\n")).unwrap();
        assert_eq!(events.len(), 2, "{events:?}");
    }
    // The lines of a trailer section are as strict as those of a head, and never lenient.
    let mut config = Config::lenient();
    config.limits.max_trailer_count = 2;
    for (lines, violation) in [
        ("X: y\n\r\n", Violation::BareLf),
        ("X : y\r\n\r\n", Violation::WhitespaceBeforeColon),
        ("X: y\r\n z\r\n\r\n", Violation::ObsFold),
        (" X: y\r\n\r\n", Violation::WhitespaceBeforeFields),
        ("GET / HTTP/1.1\r\n\r\n", Violation::WhitespaceBeforeColon),
        ("\n", Violation::BareLf),
        ("X: y\r\n\n", Violation::BareLf),
        ("X: \0\r\n\r\n", Violation::InvalidFieldValue),
    ] {
        let mut server = Peer::new(Side::Server, config);
        violated(server.receive(&format!("{head}{lines}")), violation, 400);
    }
    let mut server = Peer::new(Side::Server, config);
    assert!(server.receive(&format!("{head}A: b\r\nC: d\r\n\r\n")).is_ok());
    let mut server = Peer::new(Side::Server, config);
    let error = server.receive(&format!("{head}A: b\r\nC: d\r\nE: f\r\n\r\n")).unwrap_err();
    assert_eq!(error.code(), Some(Status::REQUEST_HEADER_FIELDS_TOO_LARGE));
}

#[test]
fn s5_2_a_user_agent_unfolds_trailers() {
    // RFC 9112 section 5.2
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    let received = |trailers: &str| {
        let mut client = Peer::client();
        client.request(Method::Get, "/").unwrap();
        client.receive(&format!("{head}{trailers}\r\n"))
    };
    for (folded, plain) in [
        ("X: a\r\n b\r\n", "X: a   b\r\n"),
        ("X:\r\n\ta\r\nY: c\r\n  d\r\n", "X: a\r\nY: c    d\r\n"),
    ] {
        assert_eq!(received(folded).unwrap(), received(plain).unwrap(), "{folded:?}");
    }
    // What a fold makes of a line is judged like any line, and the first has none before it.
    for (lines, violation) in [
        ("X: a\r\n b\n c\r\n", Violation::BareLf),
        (" X: a\r\n", Violation::WhitespaceBeforeFields),
        ("X: a\r\n b\r\nHost:\r\n c\r\n", Violation::ForbiddenTrailer),
    ] {
        violated(received(lines), violation, 400);
    }
    let long = format!("X: a\r\n {}\r\n", "b".repeat(9_000));
    assert!(matches!(received(&long), Err(Error::Limit { bound: Bound::TrailerBytes, .. })));
}

#[test]
fn s7_4_te_is_listed_in_connection() {
    // RFC 9112 section 7.4
    let mut client = Peer::client();
    let fields = [Field::new("Host", b"a"), Field::new("TE", b"trailers")];
    client.request_with(Method::Get, "/", &fields, Content::None).unwrap();
    let sent = client.sent();
    assert!(sent.contains("TE: trailers\r\n") && sent.contains("Connection: TE\r\n"), "{sent}");
    let mine = [Field::new("Host", b"a"), Field::new("Connection", b"close")];
    let refused = client.request_with(Method::Get, "/", &mine, Content::None);
    misused(refused, Misuse::FramingField);
    client.connection.close_after();
    client.request_with(Method::Get, "/", &fields, Content::None).unwrap();
    assert!(client.sent().contains("Connection: close, TE\r\n"));
}

#[test]
fn s7_4_te_never_names_chunked() {
    // RFC 9112 section 7.4
    let mut client = Peer::client();
    for te in ["chunked", "trailers, Chunked", "gzip;q=1, chunked;q=0.5"] {
        let fields = [Field::new("Host", b"a"), Field::new("TE", te.as_bytes())];
        let refused = client.request_with(Method::Get, "/", &fields, Content::None);
        misused(refused, Misuse::FramingField);
    }
    assert_eq!(client.sent(), "");
    let fields = [Field::new("Host", b"a"), Field::new("TE", b"gzip;q=1, trailers")];
    client.request_with(Method::Get, "/", &fields, Content::None).unwrap();
}

#[test]
fn s8_a_response_that_breaks_off_is_incomplete() {
    // RFC 9112 section 8
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for response in [
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 100 Continue\r\n\r\n",
        &format!("{chunked}5\r\nhel"),
        &format!("{chunked}5\r\nhello\r\n"),
        &format!("{chunked}5\r\nhello\r\n0\r\n"),
        &format!("{chunked}5\r\nhello\r\n0\r\nX: y\r\n"),
    ] {
        let mut client = asking();
        client.receive(response).unwrap();
        violated(client.connection.receive_eof(), Violation::Incomplete, 400);
    }
    violated(
        asking().receive(&format!("{chunked}5\r\nhello0\r\n")),
        Violation::InvalidChunkEnd,
        400,
    );
    for response in [
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        &format!("{chunked}5\r\nhello\r\n0\r\n\r\n"),
    ] {
        let mut client = asking();
        client.receive(response).unwrap();
        assert_eq!(client.connection.receive_eof(), Ok(()), "{response:?}");
    }
}

#[test]
fn s9_2_responses_belong_to_requests_in_their_order() {
    // RFC 9112 section 9.2
    let mut client = Peer::client();
    for method in [Method::Head, Method::Get, Method::Head] {
        client.request(method, "/").unwrap();
    }
    assert_eq!(client.connection.in_flight(), 3);
    // The same head three times; only the second has content.
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    let events = client.receive(&format!("{head}{head}hi{head}")).unwrap();
    assert_eq!(events, ["200 end", "200", "'hi' end", "200 end"]);
    assert_eq!(client.connection.in_flight(), 0);
}

#[test]
fn s9_2_interim_responses_answer_nothing() {
    // RFC 9112 section 9.2
    let mut client = Peer::client();
    client.request(Method::Head, "/").unwrap();
    client.request(Method::Get, "/").unwrap();
    let early = "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n";
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    let events = client.receive(&format!("{early}{early}{head}{early}{head}hi")).unwrap();
    assert_eq!(events, ["103", "103", "200 end", "103", "200", "'hi' end"]);
}

#[test]
fn s9_2_data_without_a_request_is_no_response() {
    // RFC 9112 section 9.2
    for data in ["HTTP/1.1 200 OK\r\n\r\n", "x", "HTTP/1.1 408 Timeout\r\n\r\n", "\r\n\r\nx"] {
        violated(Peer::client().receive(data), Violation::UnexpectedResponse, 502);
    }
    let mut client = Peer::client();
    assert_eq!(client.receive("\r\n\r\n"), Ok(vec![]));
    client.request(Method::Get, "/").unwrap();
    let events = client.receive("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    assert_eq!(events, ["200 end"]);
}

#[test]
fn s9_3_a_server_reads_the_content_or_closes() {
    // RFC 9112 section 9.3
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n";
    // Answered early, the content is still content, whatever it looks like.
    let mut server = Peer::server();
    assert_eq!(server.receive(post).unwrap(), ["POST /"]);
    server.respond(Status::OK, Content::Length(0)).unwrap();
    assert!(!server.sent().contains("close"));
    let events = server.receive(&format!("{GET}{GET}")).unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[0].ends_with("' end") && events[1] == "GET / end", "{events:?}");
    // Or the connection closes, and says so.
    let mut server = Peer::server();
    server.receive(post).unwrap();
    server.connection.close();
    server.respond(Status::OK, Content::Length(0)).unwrap();
    assert!(server.sent().contains("Connection: close\r\n"));
    assert!(server.connection.should_close());
    assert_eq!(server.receive(&format!("{GET}{GET}")), Ok(vec![]));
    // Nobody knows whether content comes that was to wait for 100.
    let mut server = Peer::server();
    let expect = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\nExpect: 100-continue\r\n\r\n";
    server.receive(expect).unwrap();
    server.respond(Status::OK, Content::Length(0)).unwrap();
    assert!(server.sent().contains("Connection: close\r\n"));
    assert_eq!(server.receive(GET), Ok(vec![]));
}

#[test]
fn s9_3_a_client_reads_the_content_first() {
    // RFC 9112 section 9.3
    let mut client = asking();
    let content = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", content.len());
    assert_eq!(client.receive(&head).unwrap(), ["200"]);
    client.request(Method::Get, "/").unwrap();
    let events = client.receive(&format!("{content}{content}")).unwrap();
    assert!(events[0].starts_with("'HTTP/1.1") && events[0].ends_with("' end"), "{events:?}");
    assert_eq!(events[1..], ["200 end"]);
}

#[test]
fn s9_3_2_pipelined_requests_are_answered_in_order() {
    // RFC 9112 section 9.3.2
    let mut server = Peer::server();
    let head = GET.replace("GET", "HEAD");
    let events = server.receive(&format!("{head}{GET}{head}")).unwrap();
    assert_eq!(events, ["HEAD / end", "GET / end", "HEAD / end"]);
    let mut sending = Vec::new();
    for _ in 0..3 {
        server.respond(Status::OK, Content::Length(2)).unwrap();
        sending.push(server.connection.is_sending());
        if server.connection.is_sending() {
            // The next one has to wait for the end of this.
            misused(server.respond(Status::OK, Content::None), Misuse::OutOfOrder);
            server.data("hi", true).unwrap();
        }
    }
    assert_eq!(sending, [false, true, false], "only GET's has content");
    misused(server.respond(Status::OK, Content::None), Misuse::OutOfOrder);
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(server.sent(), format!("{answer}{answer}hi{answer}"));
}

#[test]
fn s9_6_a_client_sends_nothing_after_close() {
    // RFC 9112 section 9.6
    let mut client = Peer::client();
    client.request(Method::Get, "/").unwrap();
    client.connection.close_after();
    client.request(Method::Get, "/close").unwrap();
    assert_eq!(client.sent(), format!("{GET}{CLOSE}"));
    misused(client.request(Method::Get, "/"), Misuse::Closed);
    assert_eq!(client.sent(), "");
}

#[test]
fn s9_6_a_client_that_sent_close_closes_after_the_response() {
    // RFC 9112 section 9.6
    let mut client = Peer::client();
    client.connection.close_after();
    client.request(Method::Get, "/close").unwrap();
    client.receive("HTTP/1.1 100 Continue\r\n\r\n").unwrap();
    client.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh").unwrap();
    assert!(!client.connection.is_closed());
    client.receive("i").unwrap();
    assert!(client.connection.is_closed(), "even though the server did not say close");
}

#[test]
fn s9_6_a_server_that_received_close_closes_after_its_response() {
    // RFC 9112 section 9.6
    for close in ["close", "Close", "keep-alive, close", "x,\tCLOSE ,y"] {
        let mut server = Peer::server();
        server.receive(&CLOSE.replace("close\r\n", &format!("{close}\r\n"))).unwrap();
        assert!(!server.connection.should_close());
        server.respond(Status::OK, Content::Length(2)).unwrap();
        assert!(server.sent().contains("Connection: close\r\n"));
        assert!(!server.connection.should_close());
        server.data("hi", true).unwrap();
        assert!(server.connection.should_close(), "{close}");
    }
    for kept in ["closed", "close-not", "keep-alive", "\"close\""] {
        let mut server = Peer::server();
        server.receive(&CLOSE.replace("close\r\n", &format!("{kept}\r\n"))).unwrap();
        server.respond(Status::OK, Content::None).unwrap();
        assert!(!server.connection.should_close(), "{kept}");
    }
    // HTTP/1.0 closes unless it is told not to.
    for (line, closes) in [("", true), ("Connection: keep-alive\r\n", false)] {
        let mut server = Peer::server();
        server.receive(&format!("GET / HTTP/1.0\r\n{line}\r\n")).unwrap();
        server.respond(Status::OK, Content::None).unwrap();
        assert_eq!(server.connection.should_close(), closes);
    }
}

#[test]
fn s9_6_a_server_processes_nothing_after_close() {
    // RFC 9112 section 9.6
    let mut server = Peer::server();
    assert_eq!(server.receive(&format!("{CLOSE}{GET}{GET}")).unwrap(), ["GET /close end"]);
    server.respond(Status::OK, Content::None).unwrap();
    assert_eq!(server.receive(GET), Ok(vec![]));
    misused(server.respond(Status::OK, Content::None), Misuse::Closed);
    let mut server = Peer::server();
    let kept = CLOSE.replace("close\r\n", "keep-alive\r\n");
    assert_eq!(server.receive(&format!("{kept}{GET}")).unwrap(), ["GET /close end", "GET / end"]);
}

#[test]
fn s9_6_a_server_that_sent_close_closes_and_processes_nothing() {
    // RFC 9112 section 9.6
    let mut server = Peer::server();
    server.receive(GET).unwrap();
    server.connection.close();
    server.respond(Status::OK, Content::Length(2)).unwrap();
    assert_eq!(server.sent(), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n");
    assert_eq!(server.receive(GET), Ok(vec![]));
    server.data("hi", true).unwrap();
    assert!(server.connection.should_close());
    assert_eq!(server.receive(GET), Ok(vec![]));
    misused(server.respond(Status::OK, Content::None), Misuse::Closed);
    let mut server = Peer::server();
    server.receive(GET).unwrap();
    server.respond(Status::OK, Content::None).unwrap();
    assert!(!server.connection.should_close());
    assert_eq!(server.receive(GET).unwrap(), ["GET / end"]);
}

#[test]
fn s9_6_a_client_that_received_close_is_done() {
    // RFC 9112 section 9.6
    let mut client = asking();
    client.request(Method::Get, "/pipelined").unwrap();
    client.receive("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nh").unwrap();
    misused(client.request(Method::Get, "/"), Misuse::Closed);
    assert!(!client.connection.is_closed());
    client.receive("i").unwrap();
    assert!(client.connection.is_closed());
    assert_eq!(client.receive("HTTP/1.1 200 OK\r\n\r\n"), Ok(vec![]), "no answer to the other");
    let mut client = asking();
    client.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap();
    assert!(!client.connection.is_closed());
    client.request(Method::Get, "/").unwrap();
}
