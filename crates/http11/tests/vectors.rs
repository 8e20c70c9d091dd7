//! The ways in which HTTP/1.1 messages have been smuggled, split and made to cost, as tables: an
//! input that is refused, with its violation and status, next to the nearest one that is accepted.
//! The mark `‸` stands before the offending octet.

mod common;

use common::{
    accepts, accepts_chunks, accepts_with, client_accepts, client_accepts_with, client_refuses,
    client_refuses_with, crosses, dechunk_any_cut, octets, refuses, refuses_chunks, refuses_with,
    request, response,
};
use shockwave_bench_kit::corpus::{self, Edge, Verdict};
use shockwave_http11::Violation::*;
use shockwave_http11::{Config, Error, Framing, Leniency, Limits, RequestKind, Violation};
use shockwave_wire::Bound;

/// What is refused, why, the status, and the nearest that is accepted.
type Vector = (&'static str, Violation, u16, &'static str);

#[track_caller]
fn check(vectors: &[Vector]) {
    for (refused, violation, status, accepted) in vectors {
        refuses(refused, *violation, *status);
        accepts(accepted);
    }
}

/// `vectors` of lines after `Host: a`: the lines without their heads around them.
#[track_caller]
fn check_lines(method: &str, version: &str, vectors: &[Vector]) {
    let head = |lines: &str| format!("{method} / {version}\r\nHost: a\r\n{lines}\r\n\r\n");
    for (refused, violation, status, accepted) in vectors {
        refuses(&head(refused), *violation, *status);
        accepts(&head(accepted));
    }
}

// The corpus's edges.

#[track_caller]
fn check_edges(
    edges: &[Edge],
    parse: impl Fn(&[u8]) -> common::Outcome,
    reasons: &[(&str, Violation)],
) {
    for Edge { name, verdict, head, .. } in edges {
        let outcome = common::any_cut(head, &parse);
        let reason = reasons.iter().find(|(edge, _)| edge == name).map(|(_, reason)| *reason);
        match (verdict, outcome) {
            (Verdict::Accept, Ok(Some(found))) => assert_eq!(found.consumed, head.len(), "{name}"),
            (Verdict::Reject, Err(Error::Protocol { violation, .. })) => {
                assert_eq!(Some(violation), reason, "{name}");
            }
            (_, outcome) => panic!("{name}: {outcome:?}"),
        }
    }
    let refused = edges.iter().filter(|edge| edge.verdict == Verdict::Reject).count();
    assert_eq!(reasons.len(), refused, "a reason for each that is refused, and no other");
}

#[test]
fn request_edges_of_the_corpus_are_refused_for_the_right_reason() {
    let reasons = [
        ("bare-lf-request-line", BareLf),
        ("bare-lf-field-line", BareLf),
        ("bare-lf-head-end", BareLf),
        ("bare-lf-throughout", BareLf),
        ("bare-cr-in-request-line", InvalidVersion),
        ("bare-cr-in-value", BareCr),
        ("bare-cr-ends-field-line", BareCr),
        ("whitespace-before-fields", WhitespaceBeforeFields),
        ("two-spaces-before-target", InvalidTarget),
        ("two-spaces-after-target", InvalidVersion),
        ("tab-in-request-line", InvalidMethod),
        ("space-before-method", InvalidMethod),
        ("space-after-version", InvalidVersion),
        ("no-version", InvalidVersion),
        ("no-target", InvalidVersion),
        ("method-not-token", InvalidMethod),
        ("version-lower-case", InvalidVersion),
        ("version-two-digits", InvalidVersion),
        ("version-major-2", UnsupportedVersion),
        ("version-no-minor", InvalidVersion),
        ("target-nul", InvalidTarget),
        ("target-control", InvalidTarget),
        ("target-delete", InvalidTarget),
        ("target-no-form", InvalidTargetForm),
        ("target-asterisk-with-get", InvalidTargetForm),
        ("target-userinfo", Userinfo),
        ("host-missing", MissingHost),
        ("host-twice", RepeatedHost),
        ("host-twice-equal", RepeatedHost),
        ("host-path", InvalidHost),
        ("host-userinfo", Userinfo),
        ("host-list", InvalidHost),
        ("space-before-colon", WhitespaceBeforeColon),
        ("tab-before-colon", WhitespaceBeforeColon),
        ("no-colon", MissingColon),
        ("name-empty", InvalidFieldName),
        ("name-not-token", InvalidFieldName),
        ("name-nul", InvalidFieldName),
        ("name-obs-text", InvalidFieldName),
        ("obs-fold-space", ObsFold),
        ("obs-fold-tab", ObsFold),
        ("value-nul", InvalidFieldValue),
        ("value-control", InvalidFieldValue),
        ("value-delete", InvalidFieldValue),
        ("te-and-content-length", TransferEncodingAndContentLength),
        ("te-not-chunked-last", InvalidTransferEncoding),
        ("te-chunked-twice", InvalidTransferEncoding),
        ("te-identity", InvalidTransferEncoding),
        ("te-in-http10", TransferEncodingInHttp10),
        ("te-quoted", InvalidTransferEncoding),
        ("content-length-plus", InvalidContentLength),
        ("content-length-negative", InvalidContentLength),
        ("content-length-hex", InvalidContentLength),
        ("content-length-empty", InvalidContentLength),
        ("content-length-overflow", InvalidContentLength),
        ("content-length-list", RepeatedContentLength),
        ("content-length-twice", RepeatedContentLength),
        ("content-length-twice-equal", RepeatedContentLength),
    ];
    let parse = |input: &[u8]| request(input, &Config::strict());
    check_edges(&corpus::request_edges(), parse, &reasons);
}

#[test]
fn response_edges_of_the_corpus_are_refused_for_the_right_reason() {
    let reasons = [
        ("bare-lf-status-line", BareLf),
        ("status-two-digits", InvalidStatus),
        ("status-four-digits", InvalidStatus),
        ("status-letters", InvalidStatus),
        ("reason-control", InvalidReason),
        ("reason-nul", InvalidReason),
        ("version-major-2", UnsupportedVersion),
        ("version-lower-case", InvalidVersion),
        ("two-spaces-before-status", InvalidStatus),
        ("bare-lf-field-line", BareLf),
        ("bare-cr-in-value", BareCr),
        ("no-colon", MissingColon),
        ("value-nul", InvalidFieldValue),
        ("content-length-plus", InvalidContentLength),
        ("content-length-twice", RepeatedContentLength),
        ("te-and-content-length", TransferEncodingAndContentLength),
    ];
    let parse = |input: &[u8]| response(input, &Config::strict(), RequestKind::Other);
    check_edges(&corpus::response_edges(), parse, &reasons);
}

// Framing.

#[test]
fn two_lengths_in_one_message() {
    let chunked = "Transfer-Encoding: chunked";
    check_lines(
        "POST",
        "HTTP/1.1",
        &[
            // CL.TE and TE.CL, whatever stands first and whatever the case.
            (
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n‸",
                TransferEncodingAndContentLength,
                400,
                chunked,
            ),
            (
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n‸",
                TransferEncodingAndContentLength,
                400,
                "Content-Length: 4",
            ),
            (
                "content-LENGTH: 0\r\ntransfer-ENCODING: chunked",
                TransferEncodingAndContentLength,
                400,
                "content-LENGTH: 0",
            ),
            // The pair is refused even where one of the two is broken as well.
            (
                "Content-Length: x\r\nTransfer-Encoding: chunked",
                TransferEncodingAndContentLength,
                400,
                chunked,
            ),
            (
                "Content-Length: 4\r\nTransfer-Encoding: xchunked",
                TransferEncodingAndContentLength,
                400,
                "Content-Length: 4\r\nX-Transfer-Encoding: xchunked",
            ),
            // A name that only looks like one of them is another field.
            (
                "Content-Length: 4\r\nTransfer-Encoding:\tchunked",
                TransferEncodingAndContentLength,
                400,
                "Content-Length: 4\r\nTransfer_Encoding: chunked",
            ),
        ],
    );
}

#[test]
fn transfer_codings_in_disguise() {
    let chunked = "Transfer-Encoding: chunked";
    let table = [
        ("xchunked", "chunked"),
        ("chunkedx", "chunked"),
        ("chunke", "chunked"),
        ("chunked, identity", "chunked"),
        ("identity, chunked", "chunked"),
        ("identity", "chunked"),
        ("chunked, chunked", "chunked"),
        ("chunked;p=1", "chunked"),
        ("chunked;", "chunked"),
        ("chunked,", "chunked"),
        (",chunked", "chunked"),
        ("", "chunked"),
        ("\"chunked\"", "chunked"),
        ("'chunked'", "chunked"),
        ("chunked chunked", "chunked"),
        ("chunked\tx", "chunked \t"),
        ("\u{85}chunked", " \tchunked"),
        ("chunked\u{a0}", "chunked"),
        ("gzip", "CHUNKED"),
        ("chunked, gzip", "cHuNkEd"),
    ];
    for (value, nearest) in table {
        let line = |value| format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {value}\r\n");
        refuses(&format!("{}‸\r\n", line(value)), InvalidTransferEncoding, 400);
        assert_eq!(accepts(&format!("{}\r\n", line(nearest))).framing, Framing::Chunked);
    }
    check_lines(
        "POST",
        "HTTP/1.1",
        &[
            // The lines of a field are one list.
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                InvalidTransferEncoding,
                400,
                chunked,
            ),
            (
                "Transfer-Encoding: chunked\r\nX: y\r\nTransfer-Encoding: chunked",
                InvalidTransferEncoding,
                400,
                chunked,
            ),
            (
                "Transfer-Encoding:\r\nTransfer-Encoding: chunked",
                InvalidTransferEncoding,
                400,
                chunked,
            ),
            // VT and FF are no whitespace.
            (
                "Transfer-Encoding: ‸\u{b}chunked",
                InvalidFieldValue,
                400,
                "Transfer-Encoding: \tchunked",
            ),
            (
                "Transfer-Encoding: chunked‸\u{c}",
                InvalidFieldValue,
                400,
                "Transfer-Encoding: chunked\t",
            ),
            ("Transfer-Encoding: chun‸\0ked", InvalidFieldValue, 400, chunked),
            ("Transfer-Encoding‸ : chunked", WhitespaceBeforeColon, 400, chunked),
            ("Transfer-Encoding‸\t: chunked", WhitespaceBeforeColon, 400, chunked),
            ("Transfer-Encoding: chunked‸\rX", BareCr, 400, chunked),
            (
                "X: y‸\nTransfer-Encoding: chunked",
                BareLf,
                400,
                "X: y\r\nTransfer-Encoding: chunked",
            ),
            (
                "X: y‸\rTransfer-Encoding: chunked",
                BareCr,
                400,
                "X: y\r\nTransfer-Encoding: chunked",
            ),
            ("Transfer-Encoding:\r\n‸ chunked", ObsFold, 400, chunked),
            // What is understood by nobody here is not guessed at.
            ("Transfer-Encoding: gzip, chunked", UnsupportedTransferCoding, 501, chunked),
            ("Transfer-Encoding: xchunked, chunked", UnsupportedTransferCoding, 501, chunked),
        ],
    );
}

#[test]
fn transfer_encoding_before_http_1_1() {
    check_lines(
        "POST",
        "HTTP/1.0",
        &[
            ("Transfer-Encoding: chunked\r\n‸", TransferEncodingInHttp10, 400, "Content-Length: 3"),
            // RFC 9112 section 6.1: "even if a Content-Length is present".
            (
                "Content-Length: 3\r\nTransfer-Encoding: chunked",
                TransferEncodingInHttp10,
                400,
                "Content-Length: 3\r\nTE: chunked",
            ),
            ("Transfer-Encoding: identity", TransferEncodingInHttp10, 400, "X: identity"),
        ],
    );
    let response = |line: &str| format!("HTTP/1.0 200 OK\r\n{line}\r\n\r\n");
    client_refuses(&response("Transfer-Encoding: chunked\r\n‸"), TransferEncodingInHttp10);
    let head = client_accepts(&response("X: y"), RequestKind::Other);
    assert_eq!(head.framing, Framing::UntilClose);
    // A minor version above 1 has HTTP/1.1's rules.
    let head = accepts("POST / HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(head.framing, Framing::Chunked);
}

#[test]
fn content_lengths_that_are_no_number() {
    let refused = [
        "+5",
        "-5",
        "-0",
        "0x5",
        "5_0",
        "5.0",
        "5e1",
        "5 0",
        "5\t0",
        "",
        "five",
        "5;",
        "\"5\"",
        "5,",
        ",5",
        "5, x",
        "18446744073709551616",
        "99999999999999999999999999999999999999999",
        "\u{b5}",
        "\u{d9}\u{a5}",
        "\u{a0}5",
        "5\u{85}",
    ];
    for value in refused {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {value}\r\n");
        refuses(&format!("{head}‸\r\n"), InvalidContentLength, 400);
        client_refuses(
            &format!("HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n‸\r\n"),
            InvalidContentLength,
        );
    }
    let taken = [
        ("5", 5),
        ("05", 5),
        ("\t 5 \t", 5),
        ("000000000000000000000000000000000000000005", 5),
        ("18446744073709551615", u64::MAX),
    ];
    for (value, length) in taken {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {value}\r\n\r\n");
        assert_eq!(accepts(&head).framing, Framing::Length(length), "{value:?}");
    }
    check_lines(
        "POST",
        "HTTP/1.1",
        &[
            ("Content-Length: 5‸\u{b}", InvalidFieldValue, 400, "Content-Length: 5\t"),
            ("Content-Length‸ : 5", WhitespaceBeforeColon, 400, "Content-Length: 5"),
            ("Content-Length:\r\n‸ 5", ObsFold, 400, "Content-Length:\t 5"),
            ("Content-Length: 5\r\n‸ 0", ObsFold, 400, "Content-Length: 5\r\nX: 0"),
        ],
    );
}

#[test]
fn content_length_twice() {
    let table = [
        ("Content-Length: 5\r\nContent-Length: 6", false),
        ("Content-Length: 5\r\nX: y\r\ncontent-length: 6", false),
        ("Content-Length: 0\r\nContent-Length: 5", false),
        ("Content-Length: 5, 6", false),
        ("Content-Length: 5\r\nContent-Length: 5", true),
        ("Content-Length: 5, 5", true),
        ("Content-Length: 5, 05", true),
    ];
    let mut lenient = Config::strict();
    lenient.leniency.equal_content_lengths = true;
    for (lines, equal) in table {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n");
        refuses(&head, RepeatedContentLength, 400);
        if equal {
            assert_eq!(accepts_with(&lenient, &head).framing, Framing::Length(5));
        } else {
            refuses_with(&lenient, &head, RepeatedContentLength, 400);
        }
    }
    // Leniency is about the same number, not about what is none.
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, +5\r\n\r\n";
    refuses_with(&lenient, head, InvalidContentLength, 400);
}

#[test]
fn content_where_others_see_none() {
    // CL.0 and 0.CL: the length counts whatever the method.
    for method in ["GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "PURGE"] {
        let head = format!("{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
        assert_eq!(accepts(&head).framing, Framing::Length(5), "{method}");
    }
    for line in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
        let head = format!("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n{line}\r\n‸\r\n");
        refuses(&head, ContentInConnect, 400);
    }
    accepts("CONNECT a:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    // A response to HEAD, and 204, 304: what they say about a length is about another message.
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(client_accepts(head, RequestKind::Other).framing, Framing::Length(5));
    assert_eq!(client_accepts(head, RequestKind::Head).framing, Framing::None);
    assert_eq!(client_accepts(head, RequestKind::Connect).framing, Framing::Tunnel);
    for status in [100, 103, 204, 304] {
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n");
        assert_eq!(client_accepts(&head, RequestKind::Other).framing, Framing::None);
    }
}

// Chunks.

#[test]
fn chunk_size_lines() {
    let table = [
        ("‸\r\n0\r\n", InvalidChunkSize, "0\r\n"),
        ("‸;x\r\n", InvalidChunkSize, "0;x\r\n"),
        ("0‸x5\r\nhello\r\n0\r\n", InvalidChunkSize, "05\r\nhello\r\n0\r\n"),
        ("‸+5\r\nhello\r\n0\r\n", InvalidChunkSize, "5\r\nhello\r\n0\r\n"),
        ("‸-5\r\nhello\r\n0\r\n", InvalidChunkSize, "5\r\nhello\r\n0\r\n"),
        ("1‸_0\r\nhello\r\n0\r\n", InvalidChunkSize, "5\r\nhello\r\n0\r\n"),
        ("‸ 5\r\nhello\r\n0\r\n", InvalidChunkSize, "5\r\nhello\r\n0\r\n"),
        ("5 ‸\r\nhello\r\n0\r\n", InvalidChunkExtension, "5 ;a\r\nhello\r\n0\r\n"),
        ("5\t‸\r\nhello\r\n0\r\n", InvalidChunkExtension, "5\t;a\r\nhello\r\n0\r\n"),
        ("5‸\u{b5}\r\nhello\r\n0\r\n", InvalidChunkSize, "5\r\nhello\r\n0\r\n"),
        ("5‸,5\r\nhello\r\n0\r\n", InvalidChunkSize, "5\r\nhello\r\n0\r\n"),
        // Overflow, and the largest number there is.
        ("1000000000000000‸0\r\n", InvalidChunkSize, "000000000000000000005\r\nhello\r\n0\r\n"),
        ("FFFFFFFFFFFFFFFF‸F\r\n", InvalidChunkSize, "0000000000000000\r\n"),
        // Line ends.
        ("5‸\nhello\r\n0\r\n", BareLf, "5\r\nhello\r\n0\r\n"),
        ("5\r‸hello\r\n0\r\n", BareCr, "5\r\nhello\r\n0\r\n"),
        ("5\r‸\r\nhello\r\n0\r\n", BareCr, "5\r\nhello\r\n0\r\n"),
        ("5\r\nhello\r\n‸\r\n0\r\n", InvalidChunkSize, "5\r\nhello\r\n0\r\n"),
        // After the data: ONE.TWO and TERM.SPILL.
        ("5\r\nhello‸xx0\r\n", InvalidChunkEnd, "5\r\nhello\r\n0\r\n"),
        ("5\r\nhello‸\n0\r\n", InvalidChunkEnd, "5\r\nhello\r\n0\r\n"),
        ("5\r\nhello\r‸x0\r\n", InvalidChunkEnd, "5\r\nhello\r\n0\r\n"),
        ("5\r\nhello\r‸\r\n0\r\n", InvalidChunkEnd, "5\r\nhello\r\n0\r\n"),
        ("5\r\nhello‸0\r\n", InvalidChunkEnd, "5\r\nhello\r\n00\r\n"),
        ("5\r\nhello‸!\r\n0\r\n", InvalidChunkEnd, "6\r\nhello!\r\n0\r\n"),
        // Odd last chunks.
        ("0‸\n\r\n", BareLf, "0\r\n\r\n"),
        ("0;‸\r\n", InvalidChunkExtension, "0;a\r\n"),
        ("0\r‸\r\n", BareCr, "00000\r\n"),
    ];
    for (refused, violation, accepted) in table {
        refuses_chunks(refused, violation);
        accepts_chunks(accepted);
    }
}

#[test]
fn chunk_extensions() {
    let table = [
        (";‸", ";a"),
        (";a;‸", ";a;b"),
        (";a=‸", ";a=b"),
        (";‸=b", ";a=b"),
        (";a=b‸=c", ";a=b;c"),
        (";a‸(b", ";a.b"),
        (";a=b‸(c", ";a=\"b(c\""),
        (";a ‸b", ";a ; b"),
        (";a=b ‸c", ";a=b ;c"),
        (";a=\"b\"‸c", ";a=\"b\";c"),
        (";a=\"b‸", ";a=\"b\""),
        (";a=\"b\\‸", ";a=\"b\\\\\""),
        (";a=\"b‸\u{1}\"", ";a=\"b\t\""),
        (";a‸\0", ";a"),
        (";a‸\u{e9}", ";a=\"\u{e9}\""),
        (";a=\"\\‸\0\"", ";a=\"\\0\""),
    ];
    for (refused, accepted) in table {
        refuses_chunks(&format!("5{refused}\r\nhello\r\n0\r\n"), InvalidChunkExtension);
        assert_eq!(accepts_chunks(&format!("5{accepted}\r\nhello\r\n0\r\n")), b"hello");
        refuses_chunks(&format!("0{refused}\r\n\r\n"), InvalidChunkExtension);
    }
    // TERM.EXT and EXT.TERM: an LF in an extension ends a line for some.
    for extension in [";a‸\nb", ";‸\n", ";a=‸\n", ";a=b‸\n", ";a=\"b‸\nc\"", ";a=\"\\‸\n\"", " ‸\n"]
    {
        refuses_chunks(&format!("5{extension}\r\nhello\r\n0\r\n"), BareLf);
    }
    for extension in [";a\r‸b", ";a=b\r‸c", ";a=\"b\"\r‸\r\n"] {
        refuses_chunks(&format!("5{extension}\r\nhello\r\n0\r\n"), BareCr);
    }
}

#[test]
fn chunk_floods_end() {
    let crossed = |body: &[u8]| match dechunk_any_cut(body, &Limits::DEFAULT) {
        Err(error @ Error::Limit { bound, .. }) => (bound, error.code().unwrap().code()),
        other => panic!("{other:?}"),
    };
    let zeros = |count: usize| [&b"0".repeat(count), &b"5\r\nhello\r\n0\r\n"[..]].concat();
    assert_eq!(crossed(&zeros(1024)), (Bound::ChunkLineBytes, 400));
    assert_eq!(
        dechunk_any_cut(&zeros(1023), &Limits::DEFAULT),
        Ok((b"hello".to_vec(), Some(1023 + 13)))
    );
    let mut limits = Limits::DEFAULT;
    limits.max_chunk_extension_bytes = 8;
    limits.max_chunk_overhead_bytes = 40;
    let extended = |count| {
        let body = [&b"1;a\r\nx\r\n".repeat(count), &b"0\r\n"[..]].concat();
        dechunk_any_cut(&body, &limits)
    };
    assert_eq!(extended(4).unwrap().0, b"xxxx");
    let offset = 4 * 8 + 1;
    assert_eq!(extended(5), Err(Error::Limit { bound: Bound::ChunkExtensionBytes, offset }));
    let tiny = |count| {
        let body = [&b"1\r\nx\r\n".repeat(count), &b"0\r\n"[..]].concat();
        dechunk_any_cut(&body, &limits)
    };
    // Five octets of framing for one of data, four beyond what it pays for; three for the end.
    assert!(tiny(9).is_ok());
    assert!(matches!(tiny(12), Err(Error::Limit { bound: Bound::ChunkOverheadBytes, .. })));
}

// Lines.

#[test]
fn line_ends() {
    check(&[
        ("GET / HTTP/1.1‸\nHost: a\r\n\r\n", BareLf, 400, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("GET / HTTP/1.1‸\rHost: a\r\n\r\n", BareCr, 400, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("GET / HTTP/1.1‸\r\r\nHost: a\r\n\r\n", BareCr, 400, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        // `\r\n\rX` ends a head for some.
        (
            "GET / HTTP/1.1\r\nHost: a\r\n‸\rX: y\r\n\r\n",
            BareCr,
            400,
            "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
        ),
        (
            "GET / HTTP/1.1\r\nHost: a‸\rX: y\r\n\r\n",
            BareCr,
            400,
            "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
        ),
        ("GET / HTTP/1.1\r\nHost: a‸\r\r\n\r\n", BareCr, 400, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: a\r\n‸\n", BareLf, 400, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX‸\n: y\r\n\r\n",
            MissingColon,
            400,
            "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
        ),
        (
            "‸\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            BareLf,
            400,
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "‸\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            BareCr,
            400,
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "\r\n‸ GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            InvalidMethod,
            400,
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
    ]);
    // Leading empty lines are bounded.
    let lines =
        |count| [&b"\r\n".repeat(count), &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..]].concat();
    let config = Config::strict();
    assert!(matches!(request(&lines(8), &config), Ok(Some(head)) if head.consumed == 16 + 27));
    crosses(&config, &lines(9), Bound::LeadingEmptyLines, 16, 400);
}

#[test]
fn a_bare_lf_is_a_line_end_only_where_it_is_allowed_and_a_bare_cr_never() {
    let mut lenient = Config::strict();
    lenient.leniency.bare_lf = true;
    let expected = "GET / HTTP/1.1\nHost: a\nX: y\n";
    for ends in 0..32_u32 {
        let end = |bit: u32| if ends >> bit & 1 == 0 { "\r\n" } else { "\n" };
        let head =
            format!("{}GET / HTTP/1.1{}Host: a{}X: y{}{}", end(0), end(1), end(2), end(3), end(4));
        assert_eq!(accepts_with(&lenient, &head).text, expected);
        if ends == 0 {
            accepts(&head);
        } else {
            refuses(&head, BareLf, 400);
        }
    }
    refuses_with(&lenient, "GET / HTTP/1.1\nHost: a‸\rX: y\n\n", BareCr, 400);
    refuses_with(&lenient, "GET / HTTP/1.1\nHost: a‸\r\r\n\n", BareCr, 400);
    refuses_with(&lenient, "GET / HTTP/1.1\nHost: a\n‸\r\r\n", BareCr, 400);
    client_accepts_with(&lenient, "HTTP/1.1 200 OK\nContent-Length: 0\n\n", RequestKind::Other);
    client_refuses("HTTP/1.1 200 OK‸\nContent-Length: 0\n\n", BareLf);
    client_refuses("HTTP/1.1 200 OK‸\r\r\nContent-Length: 0\r\n\r\n", BareCr);
}

#[test]
fn field_lines() {
    check_lines(
        "GET",
        "HTTP/1.1",
        &[
            ("X: a‸\0b", InvalidFieldValue, 400, "X: ab"),
            ("X: ‸\u{1}", InvalidFieldValue, 400, "X: \t"),
            ("X: a‸\u{1b}[0m", InvalidFieldValue, 400, "X: a[0m"),
            ("X: a‸\u{7f}", InvalidFieldValue, 400, "X: a~"),
            ("X‸\0: a", InvalidFieldName, 400, "X: a"),
            ("X‸\u{7f}: a", InvalidFieldName, 400, "X~: a"),
            ("X‸\u{e9}: a", InvalidFieldName, 400, "X: \u{e9}"),
            ("X‸/y: a", InvalidFieldName, 400, "X-y: a"),
            ("‸: a", InvalidFieldName, 400, "X: a"),
            ("X‸", MissingColon, 400, "X:"),
            ("X‸ y: a", WhitespaceBeforeColon, 400, "X_y: a"),
            ("X‸ : a", WhitespaceBeforeColon, 400, "X:  a"),
            ("X‸\t: a", WhitespaceBeforeColon, 400, "X:\ta"),
            ("X: a\r\n‸ b", ObsFold, 400, "X: a b"),
            ("X: a\r\n‸\tb", ObsFold, 400, "X: a\tb"),
            ("X: a\r\n‸ ", ObsFold, 400, "X: a "),
            ("X: a\r\n‸ Y: b", ObsFold, 400, "X: a\r\nY: b"),
        ],
    );
    check(&[
        (
            "GET / HTTP/1.1\r\n‸ Host: a\r\n\r\n",
            WhitespaceBeforeFields,
            400,
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "GET / HTTP/1.1\r\n‸\tX: y\r\nHost: a\r\n\r\n",
            WhitespaceBeforeFields,
            400,
            "GET / HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n",
        ),
        (
            "GET / HTTP/1.1\r\n‸ \r\nHost: a\r\n\r\n",
            WhitespaceBeforeFields,
            400,
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
    ]);
    // Only SP and HTAB are trimmed; `_` and `-` are different octets.
    let head =
        accepts("GET / HTTP/1.1\r\nHost: a\r\nX:\u{85}b\u{a0} \r\nContent_Length: 5\r\n\r\n");
    assert_eq!(head.text, "GET / HTTP/1.1\nHost: a\nX: \\x85b\\xa0\nContent_Length: 5\n");
    assert_eq!(head.framing, Framing::None);
}

#[test]
fn a_later_minor_version_is_taken_for_ours_or_refused() {
    let mut config = Config::strict();
    config.later_minor_versions = false;
    for minor in 2..=9 {
        let head = |mark: &str| format!("GET / HTTP/1.{mark}{minor}\r\nHost: a\r\n\r\n");
        accepts(&head(""));
        refuses_with(&config, &head("‸"), UnsupportedVersion, 505);
    }
    accepts_with(&config, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    accepts_with(&config, "GET / HTTP/1.0\r\n\r\n");
}

#[test]
fn a_server_that_unfolds_reads_what_a_strict_one_reads_after_it() {
    let mut unfolding = Config::strict();
    unfolding.leniency.obs_fold = true;
    let table = [
        ("X: a\r\n b", "X: a   b"),
        ("X: a\r\n\tb", "X: a   b"),
        ("X: a\r\n \t b\r\n  c", "X: a   \t b    c"),
        ("X:\r\n b", "X:   b"),
        ("X: a\r\n ", "X: a"),
        ("X: a\r\n \r\n b\r\nY: c", "X: a      b\r\nY: c"),
        ("X: a\r\n: b", ""),
        ("X: a\r\n Content-Length: 5", "X: a   Content-Length: 5"),
        ("Content-Length:\r\n 5", "Content-Length: 5"),
        ("Transfer-Encoding: chunked\r\n ", "Transfer-Encoding: chunked"),
    ];
    for (folded, plain) in table {
        let head = |lines: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n");
        if plain.is_empty() {
            refuses_with(&unfolding, &head(folded), InvalidFieldName, 400);
            continue;
        }
        refuses(&head(folded), ObsFold, 400);
        let (unfolded, plain) = (accepts_with(&unfolding, &head(folded)), accepts(&head(plain)));
        assert_eq!((unfolded.text, unfolded.framing), (plain.text, plain.framing), "{folded:?}");
        // A user agent must.
        let head = |lines: &str| format!("HTTP/1.1 200 OK\r\nA: b\r\n{lines}\r\n\r\n");
        client_accepts(&head(folded), RequestKind::Other);
    }
    // What a fold makes of a value is judged like any value.
    let head = |lines: &str| format!("POST / HTTP/1.1\r\nX: y\r\n z\r\n{lines}\r\n\r\n");
    let vectors = [
        ("Host: a\r\n b\r\n", InvalidHost),
        ("Host: a\r\nContent-Length: 5\r\n 5\r\n", InvalidContentLength),
        ("Host: a\r\nTransfer-Encoding: chunked\r\n , identity", InvalidTransferEncoding),
        ("Host: a\r\nTransfer-Encoding: x\r\n chunked", InvalidTransferEncoding),
        ("Host: a\r\nContent-Length: 5\r\nX: y\r\n z\r\nContent-Length: 5", RepeatedContentLength),
        ("Host: a\r\nX: y\r\n ‸\u{0}", InvalidFieldValue),
        ("Host: a\r\nX‸ : y", WhitespaceBeforeColon),
        ("Host: a\r\nX: y‸\r\r\n z", BareCr),
        ("Host: a\r\nX: y\r\n z‸\rw", BareCr),
    ];
    for (lines, violation) in vectors {
        refuses_with(&unfolding, &head(lines), violation, 400);
    }
    refuses_with(&unfolding, "GET / HTTP/1.1\r\n‸ X: y\r\n\r\n", WhitespaceBeforeFields, 400);
}

#[test]
fn a_fold_does_not_hide_a_bare_lf() {
    let mut unfolding = Config::strict();
    unfolding.leniency.obs_fold = true;
    let mut lenient = unfolding;
    lenient.leniency.bare_lf = true;
    for fold in ["", "X: a\r\n b\r\n"] {
        for lines in ["Y: a‸\n b", "Y: a‸\n\tb", "Y: a‸\n ", "Y: a\r\n b‸\n c", "Y:‸\n b"]
        {
            let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{fold}{lines}\r\n\r\n");
            refuses_with(&unfolding, &head, BareLf, 400);
            accepts_with(&lenient, &head);
            let head = format!("HTTP/1.1 200 OK\r\nA: b\r\n{fold}{lines}\r\n\r\n");
            client_refuses(&head, BareLf);
        }
    }
    // A fold of one blank is no empty line.
    let head = accepts_with(&lenient, "GET / HTTP/1.1\nHost: a\nX: a\n \n\t\nY: b\n\n");
    assert_eq!(head.text, "GET / HTTP/1.1\nHost: a\nX: a\nY: b\n");
    let head = "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\nY: c‸\n\r\n";
    refuses_with(&unfolding, head, BareLf, 400);
}

// The request line.

#[test]
fn request_lines() {
    let head = |line: &str| format!("{line}\r\nHost: a\r\n\r\n");
    let table = [
        ("GET ‸ / HTTP/1.1", InvalidTarget, 400, "GET / HTTP/1.1"),
        ("GET / ‸ HTTP/1.1", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET‸\t/ HTTP/1.1", InvalidMethod, 400, "GET / HTTP/1.1"),
        ("GET /‸\tHTTP/1.1", InvalidTarget, 400, "GET / HTTP/1.1"),
        ("GET / HTTP/1.1‸ ", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / HTTP/1.1‸\t", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("‸ GET / HTTP/1.1", InvalidMethod, 400, "GET / HTTP/1.1"),
        ("GET‸", InvalidMethod, 400, "GET / HTTP/1.1"),
        ("GET ‸", InvalidTarget, 400, "GET / HTTP/1.1"),
        ("GET /‸", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / ‸", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / ‸http/1.1", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / HTTP‸ 1.1", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / HTTP/1.1‸0", InvalidVersion, 400, "GET / HTTP/1.9"),
        ("GET / HTTP/0‸1.1", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / HTTP/1‸,1", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / HTTP/1‸", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / HTTP/1.‸", InvalidVersion, 400, "GET / HTTP/1.1"),
        ("GET / HTTP/1.‸x", InvalidVersion, 400, "GET / HTTP/1.2"),
        ("GET / HTTP/‸2.0", UnsupportedVersion, 505, "GET / HTTP/1.0"),
        ("GET / HTTP/‸0.9", UnsupportedVersion, 505, "GET / HTTP/1.0"),
        ("PRI * HTTP/‸2.0", UnsupportedVersion, 505, "OPTIONS * HTTP/1.1"),
        ("G‸[T / HTTP/1.1", InvalidMethod, 400, "get / HTTP/1.1"),
        ("G‸\0T / HTTP/1.1", InvalidMethod, 400, "GETS / HTTP/1.1"),
        ("GET /‸#x HTTP/1.1", InvalidTarget, 400, "GET /%23x HTTP/1.1"),
        ("GET /‸\\ HTTP/1.1", InvalidTarget, 400, "GET /%5C HTTP/1.1"),
        ("GET /‸\u{e9} HTTP/1.1", InvalidTarget, 400, "GET /%C3%A9 HTTP/1.1"),
        ("GET /‸\"x HTTP/1.1", InvalidTarget, 400, "GET /'x HTTP/1.1"),
        ("GET /‸<x> HTTP/1.1", InvalidTarget, 400, "GET /(x) HTTP/1.1"),
        ("GET /‸\u{7f} HTTP/1.1", InvalidTarget, 400, "GET /~ HTTP/1.1"),
    ];
    for (refused, violation, status, accepted) in table {
        refuses(&head(refused), violation, status);
        accepts(&head(accepted));
    }
    // Methods are compared whole and with their case.
    for method in ["get", "GETS", "GE", "POS", "POSTS", "HEADER", "CONNECTS", "connect", "options"]
    {
        let head = accepts(&head(&format!("{method} / HTTP/1.1")));
        assert_eq!(head.text, format!("{method} / HTTP/1.1\nHost: a\n"));
    }
    refuses(&head("options ‸* HTTP/1.1"), InvalidTargetForm, 400);
}

#[test]
fn request_targets() {
    let head = |line: &str| format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n");
    let table = [
        ("GET ‸*", InvalidTargetForm, "OPTIONS *"),
        ("OPTIONS ‸**", InvalidTargetForm, "OPTIONS *"),
        ("OPTIONS ‸*?x", InvalidTargetForm, "OPTIONS /?x"),
        ("GET ‸a:80", InvalidTargetForm, "CONNECT a:80"),
        ("GET ‸a/b", InvalidTargetForm, "GET /a/b"),
        ("GET ‸?a", InvalidTargetForm, "GET /?a"),
        ("CONNECT ‸/", InvalidTargetForm, "GET /"),
        ("CONNECT ‸*", InvalidTargetForm, "OPTIONS *"),
        ("CONNECT ‸a", InvalidTargetForm, "CONNECT a:1"),
        ("CONNECT ‸a:", InvalidTargetForm, "CONNECT a:1"),
        ("CONNECT ‸:443", InvalidTargetForm, "CONNECT a:443"),
        ("CONNECT ‸a:65536", InvalidTargetForm, "CONNECT a:65535"),
        ("CONNECT ‸a:+80", InvalidTargetForm, "CONNECT a:80"),
        ("CONNECT ‸a:80/", InvalidTargetForm, "CONNECT a:80"),
        ("CONNECT ‸a:80:80", InvalidTargetForm, "CONNECT a:80"),
        ("CONNECT ‸http://a:80", InvalidTargetForm, "CONNECT a:80"),
        ("CONNECT ‸u@a:80", Userinfo, "CONNECT a:80"),
        ("CONNECT ‸::1:80", InvalidTargetForm, "CONNECT [::1]:80"),
        ("CONNECT ‸[::1]", InvalidTargetForm, "CONNECT [::1]:80"),
        ("GET ‸http:///a", InvalidTargetForm, "GET http://b/a"),
        ("GET ‸http:/a", InvalidTargetForm, "GET http://a"),
        ("GET ‸http://:80/", InvalidTargetForm, "GET http://a:80/"),
        ("GET ‸://a/", InvalidTargetForm, "GET s://a/"),
        ("GET ‸1http://a/", InvalidTargetForm, "GET h1ttp://a/"),
        ("GET ‸ht_tp://a/", InvalidTargetForm, "GET ht+tp://a/"),
        ("GET ‸http://u@a/", Userinfo, "GET http://a/u@a"),
        ("GET ‸http://u:p@a/", Userinfo, "GET http://a/?u:p@a"),
        ("GET ‸http://a:b/", InvalidTargetForm, "GET http://a:/"),
        ("GET ‸http://a:99999/", InvalidTargetForm, "GET http://a:00080/"),
        ("GET ‸http://[::g]/", InvalidTargetForm, "GET http://[::a]/"),
        ("GET ‸http://[::1/", InvalidTargetForm, "GET http://[::1]/"),
        ("GET ‸http://[::1]x/", InvalidTargetForm, "GET http://[::1]:8/x"),
        ("GET ‸http://[1.2.3.4]/", InvalidTargetForm, "GET http://1.2.3.4/"),
        ("GET ‸http://%zz/", InvalidTargetForm, "GET http://%7A/"),
        ("GET ‸http://a,b^/", InvalidTargetForm, "GET http://a,b/"),
    ];
    for (refused, violation, accepted) in table {
        refuses(&head(refused), violation, 400);
        accepts(&head(accepted));
    }
}

#[test]
fn absolute_targets_win_over_host_and_share_no_doubt() {
    let host = |head: &str| accepts(head).host.map(|host| String::from_utf8(host).unwrap());
    let some = |host: &str| Some(host.to_owned());
    assert_eq!(host("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), some("b"));
    assert_eq!(host("GET http://b:1?c HTTP/1.1\r\nHost: a:2\r\n\r\n"), some("b:1"));
    assert_eq!(host("CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n"), some("b:443"));
    assert_eq!(host("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), some("a"));
    assert_eq!(host("GET //b/ HTTP/1.1\r\nHost: a\r\n\r\n"), some("a"));
    assert_eq!(host("GET /http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), some("a"));
    assert_eq!(host("GET / HTTP/1.1\r\nHost:\r\n\r\n"), None);
    assert_eq!(host("GET http://b/ HTTP/1.0\r\n\r\n"), some("b"));
    // Host is judged all the same.
    refuses("GET http://b/ HTTP/1.1\r\n‸\r\n", MissingHost, 400);
    refuses("GET http://b/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n‸\r\n", RepeatedHost, 400);
    refuses("GET http://b/ HTTP/1.1\r\nHost: u@b\r\n‸\r\n", Userinfo, 400);
    refuses("GET http://b/ HTTP/1.1\r\nHost:\r\n‸\r\n", InvalidHost, 400);
    refuses("CONNECT b:443 HTTP/1.1\r\nHost: \r\n‸\r\n", InvalidHost, 400);
}

#[test]
fn hosts() {
    let head = |version: &str, lines: &str| format!("GET / HTTP/{version}\r\n{lines}\r\n");
    let table = [
        ("a/b", InvalidHost, "a"),
        ("a b", InvalidHost, "a "),
        ("a, b", InvalidHost, "a,b"),
        ("u@a", Userinfo, "a"),
        ("a:b", InvalidHost, "a:1"),
        ("a:65536", InvalidHost, "a:65535"),
        ("a:4294967376", InvalidHost, "a:80"),
        ("a:-1", InvalidHost, "a:"),
        ("a:1:2", InvalidHost, "[a::2]:1"),
        (":80", InvalidHost, "a:80"),
        ("::1", InvalidHost, "[::1]"),
        ("[]", InvalidHost, "[::]"),
        ("[::1", InvalidHost, "[::1]:80"),
        ("[::1]80", InvalidHost, "[::1]:"),
        ("[::1]]", InvalidHost, "[::ffff:1.2.3.4]"),
        ("[::1%25eth0]", InvalidHost, "[fe80::1]"),
        ("[v.a]", InvalidHost, "[v1.a:b]"),
        ("[v1.]", InvalidHost, "[vF.~]"),
        ("a?b", InvalidHost, "a.b"),
        ("a#b", InvalidHost, "a-b"),
        ("a\\b", InvalidHost, "a_b"),
        ("http://a", InvalidHost, "a"),
        ("a%2", InvalidHost, "a%2e"),
        ("\u{e9}", InvalidHost, "xn--9ca"),
    ];
    for (refused, violation, accepted) in table {
        let line = format!("Host: {refused}\r\n‸");
        refuses(&head("1.1", &line), violation, 400);
        refuses(&head("1.0", &line), violation, 400);
        accepts(&head("1.1", &format!("Host: {accepted}\r\n")));
    }
    for version in ["1.1", "1.0", "1.7"] {
        for second in ["a", "b", ""] {
            let lines = format!("Host: a\r\nX: y\r\nhOST: {second}\r\n‸");
            refuses(&head(version, &lines), RepeatedHost, 400);
        }
    }
    refuses(&head("1.1", "X-Host: a\r\n‸"), MissingHost, 400);
    refuses(&head("1.7", "‸"), MissingHost, 400);
    accepts(&head("1.0", "X-Host: a\r\n"));
}

#[test]
fn raw_octets_in_targets_are_a_leniency_that_reaches_no_delimiter() {
    let mut raw = Config::strict();
    raw.leniency.raw_target = true;
    let head = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    for target in ["/\"", "/<a>", "/\\", "/\u{e9}", "/\u{80}\u{ff}", "/a\\b?\"c"] {
        refuses(&head(target), InvalidTarget, 400);
        assert_eq!(accepts_with(&raw, &head(target)).text.lines().count(), 2);
    }
    for target in ["/‸\0", "/‸\t", "/‸\u{7f}", "/\\‸\u{1}", "/\"‸\r"] {
        let violation = if target.ends_with('\r') { InvalidVersion } else { InvalidTarget };
        refuses_with(&raw, &head(target), violation, 400);
    }
    // The authority stays one.
    refuses_with(&raw, &head("‸http://a\\b/"), InvalidTargetForm, 400);
    refuses_with(&raw, &head("‸http://\u{e9}/"), InvalidTargetForm, 400);
    refuses_with(&raw, &head("‸\\\\a/"), InvalidTargetForm, 400);
}

// Limits, to the octet.

fn limited(change: impl FnOnce(&mut Limits)) -> Config {
    let mut config = Config::strict();
    change(&mut config.limits);
    config
}

#[track_caller]
fn taken(config: &Config, input: &[u8]) {
    let outcome = common::any_cut(input, |given| request(given, config));
    assert!(matches!(outcome, Ok(Some(_))), "{outcome:?} of {}", input.escape_ascii());
}

#[test]
fn start_lines_are_limited_to_the_octet() {
    let config = limited(|limits| limits.max_start_line_bytes = 20);
    let head = |target: &str| octets(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")).0;
    taken(&config, &head("/234567"));
    crosses(&config, &head("/2345678"), Bound::StartLineBytes, 20, 414);
    crosses(&config, &head("/23456789012345678901234567890"), Bound::StartLineBytes, 20, 414);
    crosses(&config, b"GET /23456789012345678901234567890", Bound::StartLineBytes, 20, 414);
    // Empty lines before it do not count, and move it.
    taken(&config, &[b"\r\n\r\n", &head("/234567")[..]].concat());
    let long = [b"\r\n\r\n", &head("/2345678")[..]].concat();
    crosses(&config, &long, Bound::StartLineBytes, 24, 414);
    // What is wrong before the limit is what is wrong; what is wrong after it does not matter.
    let wrong = Error::Protocol { violation: InvalidTarget, offset: 19 };
    let line = b"GET /23456789012345\x0089 HTTP/1.1\r\n";
    assert_eq!(common::any_cut(line, |given| request(given, &config)), Err(wrong));
    crosses(&config, b"GET /2345678901234567\x0089 HTTP/1.1\r\n", Bound::StartLineBytes, 20, 414);
    // Responses.
    let outcome = |line: &[u8]| {
        let input = [line, b"\r\nContent-Length: 0\r\n\r\n"].concat();
        common::any_cut(&input, |given| response(given, &config, RequestKind::Other))
    };
    assert!(matches!(outcome(b"HTTP/1.1 200 4567890"), Ok(Some(_))));
    let crossed = Error::Limit { bound: Bound::StartLineBytes, offset: 20 };
    assert_eq!(outcome(b"HTTP/1.1 200 45678901"), Err(crossed));
}

#[test]
fn start_lines_that_end_in_a_bare_lf_are_limited_alike() {
    let mut config = limited(|limits| limits.max_start_line_bytes = 20);
    config.leniency = Leniency::LENIENT;
    taken(&config, b"GET /234567 HTTP/1.1\nHost: a\n\n");
    crosses(&config, b"GET /2345678 HTTP/1.1\nHost: a\n\n", Bound::StartLineBytes, 20, 414);
}

#[test]
fn heads_are_limited_to_the_octet() {
    let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let config = limited(|limits| limits.max_head_bytes = 27);
    taken(&config, head);
    taken(&config, &[b"\r\n", &head[..]].concat());
    let long = b"GET / HTTP/1.1\r\nHost: ab\r\n\r\n";
    crosses(&config, long, Bound::HeadBytes, 27, 431);
    crosses(&config, &[b"\r\n", &long[..]].concat(), Bound::HeadBytes, 29, 431);
    let mut unfolding = config;
    unfolding.leniency.obs_fold = true;
    unfolding.limits.max_head_bytes = 34;
    taken(&unfolding, b"GET / HTTP/1.1\r\nHost: a\r\nX:\r\n \r\n\r\n");
    let folded = b"GET / HTTP/1.1\r\nHost: a\r\nX:\r\n  \r\n\r\n";
    crosses(&unfolding, folded, Bound::HeadBytes, 34, 431);
}

#[test]
fn fields_are_limited_to_the_octet() {
    let head = |lines: &str| octets(&format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")).0;
    let config = limited(|limits| limits.max_field_name_bytes = 6);
    taken(&config, &head("abcdef: x"));
    crosses(&config, &head("abcdefg: x"), Bound::FieldNameBytes, 25 + 6, 431);
    crosses(&config, &head("abcdefghijklm"), Bound::FieldNameBytes, 25 + 6, 431);
    let config = limited(|limits| limits.max_field_value_bytes = 6);
    for value in ["abcdef", " bcdef", "     f", "a     ", "\tbcde\t", "      "] {
        taken(&config, &head(&format!("X:{value}")));
        crosses(&config, &head(&format!("X:{value}x")), Bound::FieldValueBytes, 27 + 6, 431);
        crosses(&config, &head(&format!("X:{value} ")), Bound::FieldValueBytes, 27 + 6, 431);
    }
    let config = limited(|limits| limits.max_field_count = 3);
    taken(&config, &head("A: b\r\nC: d"));
    crosses(&config, &head("A: b\r\nC: d\r\nE: f"), Bound::FieldCount, 25 + 12, 431);
}

#[test]
fn content_is_limited_by_what_is_declared() {
    let config = limited(|limits| limits.max_content_bytes = 5);
    let head = |length: u32| {
        octets(&format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n")).0
    };
    taken(&config, &head(5));
    crosses(&config, &head(6), Bound::ContentBytes, 45, 413);
    let mut limits = Limits::DEFAULT;
    limits.max_content_bytes = 5;
    assert!(dechunk_any_cut(b"2\r\nab\r\n3\r\ncde\r\n0\r\n", &limits).is_ok());
    let crossed = Error::Limit { bound: Bound::ContentBytes, offset: 9 };
    assert_eq!(dechunk_any_cut(b"2\r\nab\r\n4\r\ncdef\r\n0\r\n", &limits), Err(crossed));
}

// Responses.

#[test]
fn status_lines() {
    let head = |line: &str| format!("{line}\r\nContent-Length: 0\r\n\r\n");
    let table = [
        ("HTTP/1.1‸\t200 OK", InvalidStatus, "HTTP/1.1 200 OK"),
        ("HTTP/1.1 ‸099 OK", InvalidStatus, "HTTP/1.1 100 OK"),
        ("HTTP/1.1 2‸x0 OK", InvalidStatus, "HTTP/1.1 299 OK"),
        ("HTTP/1.1 20‸ OK", InvalidStatus, "HTTP/1.1 209 OK"),
        ("HTTP/1.1 200‸0 OK", InvalidStatus, "HTTP/1.1 999 OK"),
        ("HTTP/1.1 200‸\tOK", InvalidStatus, "HTTP/1.1 200 \tOK"),
        ("HTTP/1.1 200‸", InvalidStatus, "HTTP/1.1 200 "),
        ("HTTP/1.1 ‸-20 OK", InvalidStatus, "HTTP/1.1 200 -20"),
        ("HTTP/1.1 200 O‸\0K", InvalidReason, "HTTP/1.1 200 O\u{e9}K"),
        ("HTTP/1.1 200 O‸\u{7f}", InvalidReason, "HTTP/1.1 200 O\t"),
        ("HTTP/1.1 200 OK‸\rX: y", BareCr, "HTTP/1.1 200 OK\r\nX: y"),
        ("HTTP/1.1 200 OK‸\nX: y", BareLf, "HTTP/1.1 200 OK\r\nX: y"),
        ("HTTP/‸3.0 200 OK", UnsupportedVersion, "HTTP/1.3 200 OK"),
        ("‸ICY 200 OK", InvalidVersion, "HTTP/1.0 200 OK"),
        ("‸ HTTP/1.1 200 OK", InvalidVersion, "HTTP/1.1 200 OK"),
    ];
    for (refused, violation, accepted) in table {
        client_refuses(&head(refused), violation);
        client_accepts(&head(accepted), RequestKind::Other);
    }
    let mut lenient = Config::strict();
    lenient.leniency.missing_reason_space = true;
    client_accepts_with(&lenient, &head("HTTP/1.1 200"), RequestKind::Other);
    client_refuses_with(&lenient, &head("HTTP/1.1 200‸\t"), InvalidStatus);
    client_refuses_with(&lenient, "HTTP/1.1 200‸\nX: y\r\n\r\n", BareLf);
}
