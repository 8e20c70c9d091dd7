//! What is warm allocates nothing: each test warms up once, counts the same work ten times over,
//! and checks what the work has done.

use core::hint::black_box;

use std::sync::Arc;

use shockwave_bench_kit::{corpus, count};
use shockwave_http11::{
    ChunkedDecoder, Config, Connection, Error, Event, HttpDate, Limits, Parsed, Piece, RequestKind,
    ResponseTemplate, encode_chunk, encode_error_response, encode_field_line, encode_fields,
    encode_last_chunk, encode_last_chunk_with_trailers, encode_length, encode_request_line,
    encode_status_line, parse_request_head, parse_response_head,
};
use shockwave_http11::{LengthField, Violation};
use shockwave_wire::{
    Content, Field, Fields, Method, RequestHead, ResponseHead, Scratch, Side, Status,
};

shockwave_bench_kit::install_counting_allocator!();

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Allocations of ten turns behind the first one.
fn warm_allocations(mut turn: impl FnMut()) -> u64 {
    turn();
    let ((), warm) = count(|| (0..10).for_each(|_| turn()));
    warm.allocs
}

/// The number of events of `input`, of which nothing may be left, and octets of data in them.
fn receive(connection: &mut Connection, scratch: &mut Scratch, mut input: &[u8]) -> (usize, usize) {
    let (mut events, mut octets) = (0, 0);
    loop {
        let received = connection.receive(input, scratch).expect("valid");
        input = &input[received.consumed..];
        match received.event {
            Some(event) => {
                events += 1;
                octets += if let Event::Data { data, .. } = event { data.len() } else { 0 };
            }
            None if received.consumed == 0 => break,
            None => {}
        }
    }
    assert!(input.is_empty());
    (events, octets)
}

#[test]
fn the_counter_counts() {
    let (boxed, counts) = count(|| black_box(Box::new(7)));
    assert_eq!((*boxed, counts.allocs), (7, 1));
    let mut scratch = Scratch::new();
    let (_, cold) = count(|| parse_request_head(GET, &mut scratch, &Config::strict()).is_ok());
    assert!(cold.allocs > 0, "a cold scratch grows");
}

#[test]
fn requests() {
    for name in ["get-27", "get-37", "get-107", "plaintext-169", "browser-703", "post-json"] {
        let (head, mut scratch) = (corpus::message(name), Scratch::new());
        let turn = || {
            let parsed = parse_request_head(&head, &mut scratch, &Config::strict());
            let Ok(Parsed::Complete { value, .. }) = parsed else { panic!("{name}: {parsed:?}") };
            assert!(black_box(value).fields.get("host").is_some());
        };
        assert_eq!(warm_allocations(turn), 0, "{name}");
    }
}

#[test]
fn responses() {
    for name in ["response-small", "response-cdn", "response-chunked", "response-not-modified"] {
        let (head, mut scratch) = (corpus::message(name), Scratch::new());
        let turn = || {
            let to = RequestKind::Other;
            let parsed = parse_response_head(&head, &mut scratch, &Config::strict(), to);
            assert!(matches!(black_box(parsed), Ok(Parsed::Complete { .. })), "{name}");
        };
        assert_eq!(warm_allocations(turn), 0, "{name}");
    }
}

/// The edges, most of which are broken: errors allocate nothing, and neither does what is read
/// before they are found. Folds are replaced in the scratch, once that has grown.
#[test]
fn edges_and_errors() {
    let mut errors = 0;
    for edge in corpus::request_edges() {
        for config in [Config::strict(), Config::lenient()] {
            let mut scratch = Scratch::new();
            let turn = || {
                let parsed = parse_request_head(&edge.head, &mut scratch, &config);
                errors += usize::from(black_box(parsed).is_err());
            };
            assert_eq!(warm_allocations(turn), 0, "{}", edge.name);
        }
    }
    for edge in corpus::response_edges() {
        let mut scratch = Scratch::new();
        let turn = || {
            let to = RequestKind::Other;
            let parsed = parse_response_head(&edge.head, &mut scratch, &Config::strict(), to);
            errors += usize::from(black_box(parsed).is_err());
        };
        assert_eq!(warm_allocations(turn), 0, "{}", edge.name);
    }
    assert!(errors > 500, "{errors}: most of the edges are broken");
}

#[test]
fn obs_folds() {
    let folded = b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\td\r\n\r\n";
    let mut scratch = Scratch::new();
    let turn = || {
        let parsed = parse_request_head(folded, &mut scratch, &Config::lenient());
        let Ok(Parsed::Complete { value, .. }) = parsed else { panic!("{parsed:?}") };
        assert_eq!(value.fields.get("x"), Some(&b"b   c   d"[..]));
    };
    assert_eq!(warm_allocations(turn), 0);
}

fn cycle(input: &[u8], expected: (usize, usize), responses: usize) {
    let mut server = Connection::new(Side::Server, Config::strict());
    let (mut scratch, mut out) = (Scratch::new(), Vec::new());
    let list = [Field::new("Server", b"s"), Field::new("Content-Type", b"text/plain")];
    let head = ResponseHead::new(Status::OK, Fields::from(&list));
    let template = ResponseTemplate::new(&head).expect("valid");
    let date = HttpDate::from_unix(0);
    let turn = || {
        out.clear();
        assert_eq!(receive(&mut server, &mut scratch, input), expected);
        for response in 0..responses {
            let content = if response % 3 == 1 { Content::Unknown } else { Content::Length(5) };
            match response % 2 {
                0 => server.send_template(&template, Some(&date), content, &mut out),
                _ => server.send_response(&head, content, &mut out),
            }
            .expect("it is its turn");
            assert_eq!(server.send_data(b"hello", true, &mut out), Ok(5));
        }
        assert!(server.is_idle() && out.ends_with(b"\r\n\r\nhello") || responses > 1);
    };
    assert_eq!(warm_allocations(turn), 0);
}

#[test]
fn keep_alive_get() {
    cycle(GET, (1, 0), 1);
}

#[test]
fn keep_alive_post_with_length() {
    cycle(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", (2, 5), 1);
}

#[test]
fn keep_alive_post_in_chunks_with_trailers() {
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;x=\"y\"\r\nhello\r\n0\r\nSum: 1\r\nTotal: 5\r\n\r\n";
    cycle(post, (3, 5), 1);
}

#[test]
fn sixteen_pipelined() {
    cycle(&GET.repeat(16), (16, 0), 16);
}

#[test]
fn octet_by_octet() {
    let mut server = Connection::new(Side::Server, Config::strict());
    let (mut scratch, mut out) = (Scratch::new(), Vec::new());
    let head = ResponseHead::new(Status::NO_CONTENT, Fields::EMPTY);
    let turn = || {
        out.clear();
        for end in 1..GET.len() {
            let received = server.receive(&GET[..end], &mut scratch).expect("valid");
            assert!(received.consumed == 0 && received.event.is_none());
        }
        assert_eq!(receive(&mut server, &mut scratch, GET), (1, 0));
        server.send_response(&head, Content::None, &mut out).expect("it is its turn");
    };
    assert_eq!(warm_allocations(turn), 0);
}

#[test]
fn a_client() {
    let mut client = Connection::new(Side::Client, Config::strict());
    let (mut scratch, mut out) = (Scratch::new(), Vec::new());
    let list = [Field::new("Accept", b"*/*"), Field::new("TE", b"trailers")];
    let mut head = RequestHead::new(Method::Post, b"/", Fields::from(&list));
    head.authority = Some(b"a");
    let response = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
        HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: 1\r\n\r\n";
    let turn = || {
        out.clear();
        client.send_request(&head, Content::Unknown, &mut out).expect("ready");
        assert_eq!(client.send_data(b"hello", false, &mut out), Ok(5));
        client.send_trailers(Fields::from(&[Field::new("Sum", b"1")]), &mut out).expect("chunks");
        assert_eq!(receive(&mut client, &mut scratch, response), (4, 5));
    };
    assert_eq!(warm_allocations(turn), 0);
}

#[test]
fn encoders() {
    let list = [Field::new("Server", b"s"), Field::new("Vary", b"Accept")];
    let fields = Fields::from(&list);
    let sum = [Field::new("Sum", b"1")];
    let trailers = Fields::from(&sum);
    let template = ResponseTemplate::new(&ResponseHead::new(Status::OK, fields)).expect("valid");
    let (date, mut out) = (HttpDate::from_unix(1), Vec::new());
    let turn = || {
        out.clear();
        encode_status_line(Status::OK, b"", &mut out).expect("valid");
        encode_request_line(Method::Get, b"/", &mut out).expect("valid");
        encode_fields(fields, &mut out).expect("valid");
        encode_field_line(b"A", b"b", &mut out).expect("valid");
        encode_length(LengthField::Length(u64::MAX), &mut out);
        template.append(Some(&date), Content::Length(10), &mut out).expect("valid");
        encode_chunk(b"hello", &mut out);
        encode_last_chunk(&mut out);
        encode_last_chunk_with_trailers(trailers, &mut out).expect("valid");
        encode_error_response(Status::BAD_REQUEST, Some(&date), &mut out);
        // Refused: nothing is appended, nothing is built to say so.
        let length = out.len();
        assert!(encode_status_line(Status::OK, b"\r\n", &mut out).is_err());
        assert!(encode_field_line(b"A", b"b\r\n", &mut out).is_err());
        assert_eq!(out.len(), length);
    };
    assert_eq!(warm_allocations(turn), 0);
}

#[test]
fn chunks() {
    let body = b"5\r\nhello\r\n6;a=\"b\"\r\n world\r\n0\r\n";
    let turn = || {
        let (mut decoder, mut at, mut octets) = (ChunkedDecoder::new(), 0, 0);
        loop {
            let decoded = decoder.decode(&body[at..], &Limits::DEFAULT).expect("valid");
            at += decoded.consumed;
            match decoded.piece {
                Piece::Data(data) => octets += data.len(),
                Piece::LastChunk => break,
                Piece::NeedsMore => panic!("all of it is there"),
            }
        }
        assert_eq!((at, octets), (body.len(), 11));
    };
    assert_eq!(warm_allocations(turn), 0);
}

/// A connection that fails says so, and goes on to discard, without memory.
#[test]
fn a_failing_connection() {
    let (mut scratch, mut out) = (Scratch::new(), Vec::new());
    let config = Arc::new(Config::strict());
    let turn = || {
        out.clear();
        let mut server = Connection::new(Side::Server, config.clone());
        let error = server.receive(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", &mut scratch);
        let error = error.map(drop).expect_err("there is white space before the colon");
        let violation = Violation::WhitespaceBeforeColon;
        assert!(matches!(error, Error::Protocol { violation: v, .. } if v == violation));
        server.send_error(error, Some(&HttpDate::from_unix(0)), &mut out).expect("nothing waits");
        assert_eq!(receive(&mut server, &mut scratch, GET), (0, 0));
        server.receive_eof().expect("nothing is missing");
        assert!(server.is_closed() && out.starts_with(b"HTTP/1.1 400 "));
    };
    assert_eq!(warm_allocations(turn), 0);
}
