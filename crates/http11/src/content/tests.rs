//! Tests of the length rules: the whole input space against an oracle.

use super::*;

fn te(values: &[&str]) -> TransferEncoding {
    TransferEncoding::parse(values.iter().map(|value| value.as_bytes()))
}

fn cl(values: &[&[u8]], leniency: &Leniency) -> ContentLength {
    ContentLength::parse(values.iter().copied(), leniency)
}

#[test]
fn transfer_encoding_is_chunked_once_and_last_or_nothing() {
    use TransferEncoding::{Absent, Chunked, Invalid, Unsupported};
    let table: &[(&[&str], TransferEncoding)] = &[
        (&[], Absent),
        (&["chunked"], Chunked),
        // RFC 9112 section 7: All transfer-coding names are case-insensitive.
        (&["Chunked"], Chunked),
        (&["CHUNKED"], Chunked),
        (&[" chunked\t"], Chunked),
        // Other codings before it: RFC 9112 section 6.1, 501.
        (&["gzip, chunked"], Unsupported),
        (&["gzip", "chunked"], Unsupported),
        (&["gzip ,\tdeflate,chunked"], Unsupported),
        (&["gzip;level=9, chunked"], Unsupported),
        (&["a ; b = c;d=e, chunked"], Unsupported),
        (&["xchunked, chunked"], Unsupported),
        // It is not last: RFC 9112 section 6.3, 400.
        (&["gzip"], Invalid),
        (&["xchunked"], Invalid),
        (&["chunkedx"], Invalid),
        (&["chunke"], Invalid),
        (&["gzip, deflate"], Invalid),
        (&["chunked, gzip"], Invalid),
        (&["chunked", "gzip"], Invalid),
        // It stands twice: RFC 9112 section 6.1.
        (&["chunked, chunked"], Invalid),
        (&["chunked", "chunked"], Invalid),
        (&["chunked", "Chunked"], Invalid),
        (&["chunked, gzip, chunked"], Invalid),
        // It has parameters: RFC 9112 section 7.1.
        (&["chunked;p=1"], Invalid),
        (&["chunked ; p=1"], Invalid),
        (&["chunked;"], Invalid),
        (&["gzip, chunked;q=1"], Invalid),
        // `identity` was removed by RFC 7230.
        (&["identity"], Invalid),
        (&["identity, chunked"], Invalid),
        (&["chunked, identity"], Invalid),
        (&["Identity", "chunked"], Invalid),
        // Not a token, and whitespace that is none.
        (&["\"chunked\""], Invalid),
        (&["'chunked'"], Invalid),
        (&["chunked chunked"], Invalid),
        (&["\x0bchunked"], Invalid),
        (&["chunked\x0b"], Invalid),
        (&["\x0cchunked"], Invalid),
        (&["chunked\x0c"], Invalid),
        (&["\u{a0}chunked"], Invalid),
        (&["\u{85}chunked"], Invalid),
        (&["chun\0ked"], Invalid),
        (&["gzip\x0b, chunked"], Invalid),
        // Empty elements.
        (&[""], Invalid),
        (&[","], Invalid),
        (&[",chunked"], Invalid),
        (&["chunked,"], Invalid),
        (&["chunked, ,"], Invalid),
        (&["", "chunked"], Invalid),
        (&["chunked", ""], Invalid),
        (&["gzip,,chunked"], Invalid),
        // Parameters of other codings that are none; a comma in quotes is not looked for.
        (&["gzip;, chunked"], Invalid),
        (&["gzip;a, chunked"], Invalid),
        (&["gzip;=a, chunked"], Invalid),
        (&["gzip;a=b=c, chunked"], Invalid),
        (&["gzip;a=\"b\", chunked"], Invalid),
        (&["gzip;a=\"b, chunked"], Invalid),
        (&["gzip;a=\"b, chunked\""], Invalid),
    ];
    for (values, expected) in table {
        assert_eq!(te(values), *expected, "{values:?}");
    }
}

#[test]
fn lines_of_transfer_encoding_are_one_list() {
    let codings = ["chunked", "gzip", "identity", "", "chunked;a=b", "x;y=z"];
    for a in codings {
        for b in codings {
            for c in codings {
                let joined = te(&[&format!("{a}, {b} ,{c}")]);
                assert_eq!(te(&[a, b, c]), joined);
                assert_eq!(te(&[&format!("{a},{b}"), c]), joined);
                assert_eq!(te(&[a, &format!("{b}\t, {c}")]), joined);
            }
        }
    }
}

#[test]
fn content_length_is_one_decimal_number() {
    use ContentLength::{Absent, Invalid, Repeated, Value};
    // The values, strictly, and leniently.
    let table: &[(&[&[u8]], ContentLength, ContentLength)] = &[
        (&[], Absent, Absent),
        (&[b"0"], Value(0), Value(0)),
        (&[b"5"], Value(5), Value(5)),
        (&[b"3495"], Value(3495), Value(3495)),
        // RFC 9110 section 8.6: 1*DIGIT.
        (&[b"05"], Value(5), Value(5)),
        (&[b"000000000000000000000000000005"], Value(5), Value(5)),
        (&[b""], Invalid, Invalid),
        (&[b"+5"], Invalid, Invalid),
        (&[b"-5"], Invalid, Invalid),
        (&[b"-0"], Invalid, Invalid),
        (&[b"0x5"], Invalid, Invalid),
        (&[b"5_0"], Invalid, Invalid),
        (&[b"5.0"], Invalid, Invalid),
        (&[b"5e0"], Invalid, Invalid),
        (&[b"5 0"], Invalid, Invalid),
        (&[b"a"], Invalid, Invalid),
        (&[b"5;"], Invalid, Invalid),
        (&[b"5\0"], Invalid, Invalid),
        (&[b"5\x0b"], Invalid, Invalid),
        (&[b"\"5\""], Invalid, Invalid),
        (&[b"\xd9\xa5"], Invalid, Invalid), // ARABIC-INDIC DIGIT FIVE
        (&[b"\xb5"], Invalid, Invalid),     // '5' with the high bit set
        // RFC 9110 section 8.6: MUST prevent parsing errors due to integer conversion overflows.
        (&[b"18446744073709551615"], Value(u64::MAX), Value(u64::MAX)),
        (&[b"18446744073709551616"], Invalid, Invalid),
        (&[b"18446744073709551620"], Invalid, Invalid),
        (&[b"184467440737095516150"], Invalid, Invalid),
        (&[b"99999999999999999999999999"], Invalid, Invalid),
        // RFC 9112 section 6.3, point 5.
        (&[b"5, 5"], Repeated, Value(5)),
        (&[b"5,5,5"], Repeated, Value(5)),
        (&[b"5", b"5"], Repeated, Value(5)),
        (&[b"5, 05"], Repeated, Value(5)),
        (&[b"5, 6"], Repeated, Repeated),
        (&[b"5", b"6"], Repeated, Repeated),
        (&[b"5", b"6", b"5"], Repeated, Repeated),
        (&[b"5", b"5", b"6"], Repeated, Repeated),
        (&[b"0", b"5"], Repeated, Repeated),
        (&[b"5,"], Invalid, Invalid),
        (&[b",5"], Invalid, Invalid),
        (&[b"5", b""], Invalid, Invalid),
        (&[b"5, x"], Invalid, Invalid),
        (&[b"5", b"6", b"x"], Invalid, Invalid),
        (&[b"x", b"5"], Invalid, Invalid),
    ];
    for (values, strict, lenient) in table {
        let shown: Vec<_> = values.iter().map(|value| value.escape_ascii().to_string()).collect();
        assert_eq!(cl(values, &Leniency::STRICT), *strict, "{shown:?}");
        assert_eq!(cl(values, &Leniency::LENIENT), *lenient, "{shown:?}");
    }
}

/// RFC 9112 section 6.3 once more, as a decision on what the message is called in words: written
/// from the RFC's text and not from the code.
fn oracle(
    message: Message,
    version: Version,
    te: TransferEncoding,
    cl: ContentLength,
) -> Result<Framing, Violation> {
    let has_te = te != TransferEncoding::Absent;
    let has_cl = cl != ContentLength::Absent;
    let (is_request, kind, code) = match message {
        Message::Request(kind) => (true, kind, 0),
        Message::Response { status, to } => (false, to, status.code()),
    };
    let tunnel = !is_request && kind == RequestKind::Connect && code / 100 == 2;
    let no_content =
        !is_request && (kind == RequestKind::Head || code / 100 == 1 || code == 204 || code == 304);
    let faulty: [(bool, Violation); 8] = [
        (has_te && version == Version::Http10, Violation::TransferEncodingInHttp10),
        (has_te && has_cl, Violation::TransferEncodingAndContentLength),
        (te == TransferEncoding::Unsupported, Violation::UnsupportedTransferCoding),
        (te == TransferEncoding::Invalid, Violation::InvalidTransferEncoding),
        (cl == ContentLength::Invalid, Violation::InvalidContentLength),
        (cl == ContentLength::Repeated, Violation::RepeatedContentLength),
        (
            is_request && kind == RequestKind::Connect && has_cl && cl != ContentLength::Value(0),
            Violation::ContentInConnect,
        ),
        (is_request && kind == RequestKind::Connect && has_te, Violation::ContentInConnect),
    ];
    if tunnel {
        return Ok(Framing::Tunnel);
    }
    if no_content {
        return Ok(Framing::None);
    }
    if let Some((_, violation)) = faulty.into_iter().find(|(is, _)| *is) {
        return Err(violation);
    }
    Ok(match cl {
        _ if has_te => Framing::Chunked,
        ContentLength::Value(n) if n > 0 => Framing::Length(n),
        ContentLength::Absent if !is_request => Framing::UntilClose,
        _ => Framing::None,
    })
}

fn kinds() -> [RequestKind; 3] {
    [RequestKind::Head, RequestKind::Connect, RequestKind::Other]
}

#[test]
fn the_whole_input_space() {
    let messages =
        kinds().into_iter().map(Message::Request).chain(kinds().into_iter().flat_map(|to| {
            (100..=999)
                .map(move |code| Message::Response { status: Status::new(code).unwrap(), to })
        }));
    let versions = [Version::Http10, Version::Http11, Version::Http2, Version::Http3];
    let tes = [
        TransferEncoding::Absent,
        TransferEncoding::Chunked,
        TransferEncoding::Unsupported,
        TransferEncoding::Invalid,
    ];
    let cls = [
        ContentLength::Absent,
        ContentLength::Value(0),
        ContentLength::Value(1),
        ContentLength::Value(u64::MAX),
        ContentLength::Invalid,
        ContentLength::Repeated,
    ];
    let mut count = 0;
    for message in messages {
        for version in versions {
            for te in tes {
                for cl in cls {
                    let result = framing(message, version, te, cl);
                    assert_eq!(
                        result,
                        oracle(message, version, te, cl),
                        "{message:?} {version:?} {te:?} {cl:?}"
                    );
                    assert_ne!(result, Ok(Framing::Length(0)));
                    count += 1;
                }
            }
        }
    }
    assert_eq!(count, 2703 * 4 * 4 * 6);
}

/// A few that are worth reading, so that code and oracle are not wrong together.
#[test]
fn cases_that_the_rfc_names() {
    use ContentLength::{Absent as NoCl, Invalid as BadCl, Value};
    use TransferEncoding::{Absent as NoTe, Chunked, Invalid as BadTe, Unsupported};
    let request = Message::Request(RequestKind::Other);
    let response = |code, to| Message::Response { status: Status::new(code).unwrap(), to };
    let v11 = Version::Http11;
    // Point 1: regardless of the header fields present.
    for message in [
        response(200, RequestKind::Head),
        response(103, RequestKind::Other),
        response(204, RequestKind::Other),
        response(304, RequestKind::Other),
    ] {
        assert_eq!(framing(message, v11, BadTe, BadCl), Ok(Framing::None));
        assert_eq!(framing(message, Version::Http10, Chunked, Value(9)), Ok(Framing::None));
    }
    // Point 2: a client MUST ignore any Content-Length or Transfer-Encoding.
    let tunnel = response(200, RequestKind::Connect);
    assert_eq!(framing(tunnel, v11, Chunked, Value(5)), Ok(Framing::Tunnel));
    // Only a 2xx makes one.
    let refused = response(407, RequestKind::Connect);
    assert_eq!(framing(refused, v11, NoTe, Value(5)), Ok(Framing::Length(5)));
    assert_eq!(framing(response(100, RequestKind::Connect), v11, NoTe, NoCl), Ok(Framing::None));
    // Point 3, in requests and in responses.
    let both = Err(Violation::TransferEncodingAndContentLength);
    let plain = response(200, RequestKind::Other);
    assert_eq!(framing(request, v11, Chunked, Value(5)), both);
    assert_eq!(framing(request, v11, Chunked, Value(0)), both);
    assert_eq!(framing(plain, v11, Chunked, Value(5)), both);
    // Point 4.
    assert_eq!(framing(request, v11, Chunked, NoCl), Ok(Framing::Chunked));
    assert_eq!(framing(request, v11, Unsupported, NoCl), Err(Violation::UnsupportedTransferCoding));
    assert_eq!(
        framing(request, Version::Http10, Chunked, NoCl),
        Err(Violation::TransferEncodingInHttp10)
    );
    // Points 6, 7 and 8.
    assert_eq!(framing(request, v11, NoTe, Value(7)), Ok(Framing::Length(7)));
    assert_eq!(framing(request, v11, NoTe, NoCl), Ok(Framing::None));
    assert_eq!(framing(plain, v11, NoTe, NoCl), Ok(Framing::UntilClose));
    // RFC 9110 section 9.3.6.
    let connect = Message::Request(RequestKind::Connect);
    assert_eq!(framing(connect, v11, NoTe, Value(0)), Ok(Framing::None));
    assert_eq!(framing(connect, v11, NoTe, Value(1)), Err(Violation::ContentInConnect));
    assert_eq!(framing(connect, v11, Chunked, NoCl), Err(Violation::ContentInConnect));
}

/// What one side writes, the other understands, and no MUST NOT is written.
#[test]
fn the_fields_that_are_sent_are_understood() {
    let contents = [Content::None, Content::Length(0), Content::Length(7), Content::Unknown];
    for to in kinds() {
        for code in 100..=999 {
            let status = Status::new(code).unwrap();
            for version in [Version::Http10, Version::Http11] {
                for content in contents {
                    let sent = LengthField::of_response(status, to, version, content);
                    let message = Message::Response { status, to };
                    check_response(message, version, content, sent);
                }
            }
        }
    }
}

fn check_response(
    message: Message,
    version: Version,
    content: Content,
    sent: Result<LengthField, Misuse>,
) {
    let Message::Response { status, to } = message else { panic!() };
    let Ok(sent) = sent else {
        assert_eq!(sent, Err(Misuse::UnexpectedContent));
        let tunnel = to == RequestKind::Connect && status.is_success();
        let bare = status.is_interim() || matches!(status.code(), 204 | 205) || tunnel;
        assert!(bare && matches!(content, Content::Length(7) | Content::Unknown));
        return;
    };
    let (te, cl) = match sent {
        LengthField::None => (TransferEncoding::Absent, ContentLength::Absent),
        LengthField::Length(n) => (TransferEncoding::Absent, ContentLength::Value(n)),
        LengthField::Chunked => (TransferEncoding::Chunked, ContentLength::Absent),
    };
    // RFC 9112 section 6.1: no Transfer-Encoding to a client of HTTP/1.0.
    assert!(version == Version::Http11 || sent != LengthField::Chunked);
    // RFC 9110 section 8.6, RFC 9112 section 6.1: neither in 1xx and 204.
    assert!(!(status.is_interim() || status.code() == 204) || sent == LengthField::None);
    let received = framing(message, Version::Http11, te, cl).unwrap();
    let expected = match (received, content) {
        (Framing::Tunnel | Framing::None, _) => return,
        (_, Content::Length(n)) => Framing::Length(n),
        (_, Content::Unknown) if version == Version::Http10 => Framing::UntilClose,
        (_, Content::Unknown) => Framing::Chunked,
        (_, Content::None) => panic!("{message:?} {sent:?}: a recipient waits for content"),
    };
    assert_eq!(received, expected);
}

#[test]
fn the_fields_of_a_request() {
    let table = [
        (Method::Get, Content::None, Ok(LengthField::None)),
        (Method::Get, Content::Length(0), Ok(LengthField::Length(0))),
        (Method::Get, Content::Length(3), Ok(LengthField::Length(3))),
        (Method::Get, Content::Unknown, Ok(LengthField::Chunked)),
        // RFC 9110 section 8.6: even when the value is 0.
        (Method::Post, Content::None, Ok(LengthField::Length(0))),
        (Method::Put, Content::None, Ok(LengthField::Length(0))),
        (Method::Post, Content::Unknown, Ok(LengthField::Chunked)),
        (Method::Other(b"PURGE"), Content::None, Ok(LengthField::None)),
        (Method::Connect, Content::None, Ok(LengthField::None)),
        (Method::Connect, Content::Length(0), Ok(LengthField::None)),
        (Method::Connect, Content::Length(1), Err(Misuse::UnexpectedContent)),
        (Method::Connect, Content::Unknown, Err(Misuse::UnexpectedContent)),
    ];
    for (method, content, expected) in table {
        assert_eq!(LengthField::of_request(method, content), expected, "{method} {content:?}");
    }
    assert_eq!(RequestKind::of(Method::Head), RequestKind::Head);
    assert_eq!(RequestKind::of(Method::Connect), RequestKind::Connect);
    assert_eq!(RequestKind::of(Method::Other(b"head")), RequestKind::Other);
}
