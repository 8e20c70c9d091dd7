//! Sections 6 and 7: how content is delimited, and the chunked coding.

use shockwave_http11::Violation::*;
use shockwave_http11::{
    ChunkHeader, Config, ContentLength, Framing, LengthField, Limits, Message, Misuse, RequestKind,
    TransferEncoding, Violation, encode_chunk, encode_last_chunk, encode_length, framing,
};
use shockwave_wire::{Content, Method, Status, Version};

use crate::common::{
    accepts, accepts_chunks, accepts_with, any_cut, client_accepts, client_refuses,
    dechunk_any_cut, refuses, refuses_chunks, refuses_with, request, response,
};

const REQUEST: Message = Message::Request(RequestKind::Other);

fn post(lines: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")
}

fn statuses() -> impl Iterator<Item = Status> {
    (100..1000).filter_map(Status::new)
}

/// What a server writes about the length of a response, as a client reads it.
fn length_line(
    status: Status,
    to: RequestKind,
    version: Version,
    content: Content,
) -> Result<String, Misuse> {
    let mut out = Vec::new();
    encode_length(LengthField::of_response(status, to, version, content)?, &mut out);
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn s6_1_a_recipient_parses_the_chunked_coding() {
    // RFC 9112 section 6.1
    for coding in ["chunked", "Chunked", "CHUNKED"] {
        let head = accepts(&post(&format!("Transfer-Encoding: {coding}")));
        assert_eq!(head.framing, Framing::Chunked);
        let head = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n");
        assert_eq!(client_accepts(&head, RequestKind::Other).framing, Framing::Chunked);
    }
    assert_eq!(accepts_chunks("5\r\nhello\r\n6\r\n world\r\n0\r\n"), b"hello world");
    refuses(&post("Transfer-Encoding: chunk\r\n‸"), InvalidTransferEncoding, 400);
}

#[test]
fn s6_1_chunked_is_not_applied_twice() {
    // RFC 9112 section 6.1
    let mut lines = Vec::new();
    encode_length(LengthField::of_request(Method::Post, Content::Unknown).unwrap(), &mut lines);
    assert_eq!(lines, b"Transfer-Encoding: chunked\r\n");
    // A chunk of chunks is content, and is not chunked any further.
    let mut once = Vec::new();
    encode_chunk(b"1\r\na\r\n", &mut once);
    encode_last_chunk(&mut once);
    let content = dechunk_any_cut(&once, &Limits::DEFAULT).unwrap().0;
    assert_eq!(content, b"1\r\na\r\n");
    for twice in ["chunked, chunked", "chunked,CHUNKED", "gzip, chunked, chunked"] {
        let lines = format!("Transfer-Encoding: {twice}\r\n‸");
        refuses(&post(&lines), InvalidTransferEncoding, 400);
    }
    let lines = "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n‸";
    refuses(&post(lines), InvalidTransferEncoding, 400);
}

#[test]
fn s6_1_the_last_coding_of_a_request_is_chunked() {
    // RFC 9112 section 6.1
    // As a sender: no other coding than chunked is ever written.
    for content in [Content::None, Content::Length(0), Content::Length(7), Content::Unknown] {
        for method in [Method::Get, Method::Post, Method::Other(b"PURGE")] {
            let mut out = Vec::new();
            encode_length(LengthField::of_request(method, content).unwrap(), &mut out);
            let out = String::from_utf8(out).unwrap();
            let codes = out.contains("Transfer-Encoding");
            assert_eq!(codes, content == Content::Unknown);
            assert!(!codes || out == "Transfer-Encoding: chunked\r\n");
        }
    }
    // As a recipient.
    refuses(&post("Transfer-Encoding: gzip\r\n‸"), InvalidTransferEncoding, 400);
    refuses(&post("Transfer-Encoding: chunked, gzip\r\n‸"), InvalidTransferEncoding, 400);
    refuses(&post("Transfer-Encoding: gzip, chunked\r\n‸"), UnsupportedTransferCoding, 501);
    accepts(&post("Transfer-Encoding: chunked"));
}

#[test]
fn s6_1_a_response_is_chunked_last_or_ends_with_the_connection() {
    // RFC 9112 section 6.1
    let (ok, unknown) = (Status::OK, Content::Unknown);
    let sent = |version| length_line(ok, RequestKind::Other, version, unknown).unwrap();
    assert_eq!(sent(Version::Http11), "Transfer-Encoding: chunked\r\n");
    assert_eq!(sent(Version::Http10), "");
    let read = |lines: &str| {
        let head = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        client_accepts(&head, RequestKind::Other).framing
    };
    assert_eq!(read(&sent(Version::Http11)), Framing::Chunked);
    assert_eq!(read(&sent(Version::Http10)), Framing::UntilClose);
    client_refuses(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n‸\r\n",
        InvalidTransferEncoding,
    );
}

#[test]
fn s6_1_no_transfer_encoding_with_1xx_and_204() {
    // RFC 9112 section 6.1
    for status in statuses().filter(|status| status.is_interim() || status.code() == 204) {
        for to in [RequestKind::Other, RequestKind::Head, RequestKind::Connect] {
            let line = |content| length_line(status, to, Version::Http11, content);
            assert_eq!(line(Content::Unknown), Err(Misuse::UnexpectedContent), "{status}");
            assert_eq!(line(Content::Length(5)), Err(Misuse::UnexpectedContent), "{status}");
            assert_eq!(line(Content::None), Ok(String::new()), "{status}");
        }
    }
    let line = length_line(Status::OK, RequestKind::Other, Version::Http11, Content::Unknown);
    assert_eq!(line, Ok("Transfer-Encoding: chunked\r\n".into()));
}

#[test]
fn s6_1_no_transfer_encoding_with_2xx_to_connect() {
    // RFC 9112 section 6.1
    for status in statuses().filter(|status| !status.is_interim() && *status != Status::NO_CONTENT)
    {
        let line = |content| length_line(status, RequestKind::Connect, Version::Http11, content);
        if status.is_success() {
            assert_eq!(line(Content::Unknown), Err(Misuse::UnexpectedContent), "{status}");
            assert_eq!(line(Content::None), Ok(String::new()), "{status}");
        } else if !status.forbids_content() {
            assert_eq!(line(Content::Unknown), Ok("Transfer-Encoding: chunked\r\n".into()));
        }
    }
}

#[test]
fn s6_1_no_transfer_encoding_in_answer_to_http_1_0() {
    // RFC 9112 section 6.1
    for status in statuses().filter(|status| !status.is_interim()) {
        for to in [RequestKind::Other, RequestKind::Head, RequestKind::Connect] {
            for content in [Content::None, Content::Length(5), Content::Unknown] {
                let old = length_line(status, to, Version::Http10, content).unwrap_or_default();
                assert!(!old.contains("Transfer-Encoding"), "{status} {content:?}");
            }
        }
    }
    let new = length_line(Status::OK, RequestKind::Other, Version::Http11, Content::Unknown);
    assert_eq!(new, Ok("Transfer-Encoding: chunked\r\n".into()));
}

#[test]
fn s6_1_transfer_encoding_in_http_1_0_is_faulty_framing() {
    // RFC 9112 section 6.1
    for lines in [
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: identity",
    ] {
        let old = format!("POST / HTTP/1.0\r\nHost: a\r\n{lines}\r\n‸\r\n");
        refuses(&old, TransferEncodingInHttp10, 400);
        refuses_with(&Config::lenient(), &old, TransferEncodingInHttp10, 400);
        client_refuses(&format!("HTTP/1.0 200 OK\r\n{lines}\r\n‸\r\n"), TransferEncodingInHttp10);
    }
    accepts("POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    accepts(&post("Transfer-Encoding: chunked"));
}

#[test]
fn s6_2_no_content_length_with_transfer_encoding() {
    // RFC 9112 section 6.2
    // A sender has one field or the other by its type; whatever it is, a recipient takes it.
    for content in [Content::None, Content::Length(0), Content::Length(5), Content::Unknown] {
        let mut out = Vec::new();
        encode_length(LengthField::of_request(Method::Put, content).unwrap(), &mut out);
        let lines = String::from_utf8(out).unwrap();
        assert_eq!(lines.matches("\r\n").count(), 1, "{lines:?}");
        accepts(&format!("PUT / HTTP/1.1\r\nHost: a\r\n{lines}\r\n"));
    }
    let both = "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n‸";
    refuses(&post(both), TransferEncodingAndContentLength, 400);
}

#[test]
fn s6_3_lengths_of_2xx_to_connect_are_ignored() {
    // RFC 9112 section 6.3
    let lines = [
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
        "Content-Length: x",
        "Content-Length: 5\r\nTransfer-Encoding: gzip",
    ];
    for status in [200, 204, 299] {
        for lines in lines {
            let head = format!("HTTP/1.1 {status} X\r\n{lines}\r\n\r\n");
            assert_eq!(client_accepts(&head, RequestKind::Connect).framing, Framing::Tunnel);
        }
    }
    let refused = "HTTP/1.1 407 X\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(client_accepts(refused, RequestKind::Connect).framing, Framing::Length(5));
    let invalid = b"HTTP/1.1 407 X\r\nContent-Length: x\r\n\r\n";
    let outcome =
        any_cut(invalid, |given| response(given, &Config::strict(), RequestKind::Connect));
    assert!(outcome.is_err());
}

#[test]
fn s6_3_a_request_whose_last_coding_is_not_chunked_is_400() {
    // RFC 9112 section 6.3
    for coding in ["gzip", "chunked, gzip", "chunked;q=1", "identity", "x", "\"chunked\"", ""] {
        let head = post(&format!("Transfer-Encoding: {coding}\r\n‸"));
        refuses(&head, InvalidTransferEncoding, 400);
        refuses_with(&Config::lenient(), &head, InvalidTransferEncoding, 400);
    }
    accepts(&post("Transfer-Encoding: chunked"));
}

#[test]
fn s6_3_content_length_is_one_valid_value() {
    // RFC 9112 section 6.3
    let judge = |content_length| {
        framing(REQUEST, Version::Http11, TransferEncoding::Absent, content_length)
    };
    assert_eq!(judge(ContentLength::Invalid), Err(InvalidContentLength));
    assert_eq!(judge(ContentLength::Repeated), Err(RepeatedContentLength));
    assert_eq!(judge(ContentLength::Value(5)), Ok(Framing::Length(5)));
    let mut merging = Config::strict();
    merging.leniency.equal_content_lengths = true;
    for (lines, length) in [
        ("Content-Length: 5, 5", 5),
        ("Content-Length: 5\r\nContent-Length: 5", 5),
        ("Content-Length: 5, 5\r\nContent-Length: 05", 5),
    ] {
        refuses(&post(&format!("{lines}\r\n‸")), RepeatedContentLength, 400);
        assert_eq!(accepts_with(&merging, &post(lines)).framing, Framing::Length(length));
    }
    for (lines, violation) in [
        ("Content-Length: 5, 6", RepeatedContentLength),
        ("Content-Length: 5\r\nContent-Length: 6", RepeatedContentLength),
        ("Content-Length: 5, x", InvalidContentLength),
        ("Content-Length: 5,", InvalidContentLength),
    ] {
        refuses_with(&merging, &post(&format!("{lines}\r\n‸")), violation, 400);
    }
}

#[test]
fn s6_3_an_invalid_content_length_in_a_request_is_400() {
    // RFC 9112 section 6.3
    for value in ["", "x", "+5", "-5", "0x5", "5.", "5 5", "18446744073709551616"] {
        let head = post(&format!("Content-Length: {value}\r\n‸"));
        refuses(&head, InvalidContentLength, 400);
        refuses_with(&Config::lenient(), &head, InvalidContentLength, 400);
    }
    for (value, length) in [("5", 5), ("18446744073709551615", u64::MAX), ("005", 5)] {
        let head = accepts(&post(&format!("Content-Length: {value}")));
        assert_eq!(head.framing, Framing::Length(length));
    }
}

#[test]
fn s6_3_an_invalid_content_length_in_a_response_is_unrecoverable() {
    // RFC 9112 section 6.3
    let head = |value: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n");
    for value in ["", "x", "+5", "5,", "18446744073709551616"] {
        client_refuses(&format!("{}‸\r\n", head(value)), InvalidContentLength);
    }
    client_refuses(&format!("{}‸\r\n", head("5, 6")), RepeatedContentLength);
    let taken = client_accepts(&format!("{}\r\n", head("5")), RequestKind::Other);
    assert_eq!(taken.framing, Framing::Length(5));
}

#[test]
fn s6_3_a_request_with_content_says_its_length() {
    // RFC 9112 section 6.3
    for method in [Method::Get, Method::Post, Method::Delete, Method::Options] {
        let field = |content| LengthField::of_request(method, content);
        assert_eq!(field(Content::Length(5)), Ok(LengthField::Length(5)));
        assert_eq!(field(Content::Unknown), Ok(LengthField::Chunked));
    }
    let connect = LengthField::of_request(Method::Connect, Content::Length(5));
    assert_eq!(connect, Err(Misuse::UnexpectedContent));
    assert_eq!(LengthField::of_request(Method::Get, Content::None), Ok(LengthField::None));
}

#[test]
fn s7_1_a_recipient_decodes_the_chunked_coding() {
    // RFC 9112 section 7.1
    assert_eq!(accepts_chunks("0\r\n"), b"");
    assert_eq!(accepts_chunks("a\r\n0123456789\r\nA\r\n0123456789\r\n00\r\n").len(), 20);
    assert_eq!(accepts_chunks("2\r\n\r\n\r\n3\r\n0\r\n\r\n0\r\n"), b"\r\n0\r\n");
    refuses_chunks("2\r\nab‸c\r\n0\r\n", InvalidChunkEnd);
    refuses_chunks("2‸\nab\r\n0\r\n", BareLf);
    refuses_chunks("‸g\r\n0\r\n", InvalidChunkSize);
    let mut body = Vec::new();
    for data in [&b"hello"[..], b"", b" ", &[b'x'; 300]] {
        encode_chunk(data, &mut body);
    }
    encode_last_chunk(&mut body);
    let (content, end) = dechunk_any_cut(&body, &Limits::DEFAULT).unwrap();
    assert_eq!(content, [&b"hello "[..], &[b'x'; 300]].concat());
    assert_eq!(end, Some(body.len() - 2), "the empty line is the trailer section's");
}

#[test]
fn s7_1_large_chunk_sizes_do_not_overflow() {
    // RFC 9112 section 7.1
    for size in ["10000000000000000", "FFFFFFFFFFFFFFFFF", "100000000000000005"] {
        let (first, last) = size.split_at(16);
        refuses_chunks(&format!("{first}‸{last}\r\nhello\r\n0\r\n"), InvalidChunkSize);
    }
    assert_eq!(accepts_chunks("00000000000000000000000005\r\nhello\r\n0\r\n"), b"hello");
    // The largest is waited for, octet by octet.
    let (content, end) = dechunk_any_cut(b"FFFFFFFFFFFFFFFF\r\nhello", &Limits::DEFAULT).unwrap();
    assert_eq!((content, end), (b"hello".to_vec(), None));
    let header = ChunkHeader::new(u64::MAX).unwrap();
    assert_eq!(header.as_bytes(), b"ffffffffffffffff\r\n");
    // Nor does the sum of two.
    let two = [b"8000000000000000\r\n".as_slice(), b"x"].concat();
    assert!(dechunk_any_cut(&two, &Limits::DEFAULT).is_ok());
}

#[test]
fn s7_1_1_unknown_chunk_extensions_are_ignored() {
    // RFC 9112 section 7.1.1
    for extension in [";a", ";a=b", ";a=\"b;c\\\"d\"", " ; a = b ; c", ";a;b;c=1", "\t;a"] {
        let body = format!("5{extension}\r\nhello\r\n0{extension}\r\n");
        assert_eq!(accepts_chunks(&body), b"hello");
    }
    refuses_chunks("5;‸\r\nhello\r\n0\r\n", InvalidChunkExtension);
    refuses_chunks("5;a=\"b‸\r\nhello\r\n0\r\n", InvalidChunkExtension);
}

#[test]
fn s6_3_the_whole_rule_is_one_function() {
    // RFC 9112 section 6.3
    let judge = |message, te, cl| framing(message, Version::Http11, te, cl);
    let (absent, five) = (TransferEncoding::Absent, ContentLength::Value(5));
    let answer = |status, to| Message::Response { status, to };
    let table = [
        (answer(Status::OK, RequestKind::Head), absent, five, Ok(Framing::None)),
        (answer(Status::NOT_MODIFIED, RequestKind::Other), absent, five, Ok(Framing::None)),
        (answer(Status::OK, RequestKind::Connect), absent, five, Ok(Framing::Tunnel)),
        (answer(Status::OK, RequestKind::Other), absent, five, Ok(Framing::Length(5))),
        (
            answer(Status::OK, RequestKind::Other),
            absent,
            ContentLength::Absent,
            Ok(Framing::UntilClose),
        ),
        (REQUEST, absent, ContentLength::Absent, Ok(Framing::None)),
        (REQUEST, TransferEncoding::Chunked, ContentLength::Absent, Ok(Framing::Chunked)),
        (REQUEST, TransferEncoding::Chunked, five, Err(TransferEncodingAndContentLength)),
        (REQUEST, TransferEncoding::Invalid, ContentLength::Absent, Err(InvalidTransferEncoding)),
    ];
    for (message, te, cl, expected) in table {
        let expected: Result<Framing, Violation> = expected;
        assert_eq!(judge(message, te, cl), expected, "{message:?} {te:?} {cl:?}");
    }
    let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n";
    let first = request(head, &Config::strict()).unwrap().unwrap();
    assert_eq!((first.framing, first.consumed), (Framing::None, 27), "what follows is another");
}
