//! Tests of the encoders: what is appended, what is refused, and that a refusal appends nothing.

use shockwave_wire::{Bound, Content, ResponseHead, Status};

use super::*;
use crate::content::LengthField;
use crate::date::HttpDate;
use crate::{Error, Violation};

/// What `write` appends to a buffer that is not empty.
fn appended<R>(write: impl FnOnce(&mut Vec<u8>) -> Result<R, Misuse>) -> Result<String, Misuse> {
    let mut out = b"before".to_vec();
    let result = write(&mut out);
    let text = String::from_utf8_lossy(out.strip_prefix(b"before").unwrap()).into_owned();
    if result.is_err() {
        assert_eq!(text, "", "something stayed appended");
    }
    result.map(|_| text)
}

#[test]
fn request_lines() {
    let line =
        |method, target: &str| appended(|out| encode_request_line(method, target.as_bytes(), out));
    assert_eq!(line(Method::Get, "/").unwrap(), "GET / HTTP/1.1\r\n");
    assert_eq!(line(Method::Options, "*").unwrap(), "OPTIONS * HTTP/1.1\r\n");
    assert_eq!(
        line(Method::Other(b"M-SEARCH"), "/a?b=%20c").unwrap(),
        "M-SEARCH /a?b=%20c HTTP/1.1\r\n"
    );
    for method in [&b""[..], b"GE T", b"GET\r\n", b"G(T", b"GET\0", b"G\xc3\xa9T"] {
        assert_eq!(line(Method::Other(method), "/"), Err(Misuse::InvalidMethod));
    }
    for octet in 0..=255 {
        let target = [b'/', octet, b'a'];
        let result = appended(|out| encode_request_line(Method::Get, &target, out));
        let is_legal = (0x21..=0x7e).contains(&octet) && octet != b'#';
        assert_eq!(result.is_ok(), is_legal, "{octet:#x}");
        assert!(is_legal || result == Err(Misuse::InvalidTarget));
    }
    assert_eq!(line(Method::Get, ""), Err(Misuse::InvalidTarget));
}

#[test]
fn status_lines_of_all_codes() {
    for code in 100..=999 {
        let status = Status::new(code).unwrap();
        let line = appended(|out| encode_status_line(status, b"", out)).unwrap();
        assert_eq!(line, format!("HTTP/1.1 {code} {}\r\n", status.reason()));
        let line = appended(|out| encode_status_line(status, b"As it were", out)).unwrap();
        assert_eq!(line, format!("HTTP/1.1 {code} As it were\r\n"));
    }
}

#[test]
fn reason_phrases_have_no_control_characters() {
    for octet in 0..=255_u8 {
        let reason = [b'a', octet, b'b'];
        let result = appended(|out| encode_status_line(Status::OK, &reason, out));
        // RFC 9112 section 4: reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )
        let is_legal = octet == b'\t' || (octet >= 0x20 && octet != 0x7f);
        assert_eq!(result.is_ok(), is_legal, "{octet:#x}");
        assert!(is_legal || result == Err(Misuse::InvalidReason));
    }
}

/// RFC 9112 section 11.1: every octet in every place of a name and of a value.
#[test]
fn field_lines_are_checked_octet_by_octet() {
    let line = |name: &[u8], value: &[u8]| appended(|out| encode_field_line(name, value, out));
    assert_eq!(line(b"Name", b"value").unwrap(), "Name: value\r\n");
    assert_eq!(line(b"Empty", b"").unwrap(), "Empty: \r\n");
    assert_eq!(line(b"", b"value"), Err(Misuse::InvalidFieldName));
    for octet in 0..=255_u8 {
        let is_tchar = octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
        let is_edge = octet >= 0x21 && octet != 0x7f;
        let is_inner = is_edge || octet == b' ' || octet == b'\t';
        for at in 0..5 {
            let mut text = *b"token";
            text[at] = octet;
            let name = line(&text, b"value");
            assert_eq!(name.is_ok(), is_tchar, "{octet:#x} at {at}");
            assert!(is_tchar || name == Err(Misuse::InvalidFieldName));
            let value = line(b"name", &text);
            let is_legal = if at == 0 || at == 4 { is_edge } else { is_inner };
            assert_eq!(value.is_ok(), is_legal, "{octet:#x} at {at}");
            assert!(is_legal || value == Err(Misuse::InvalidFieldValue));
        }
        assert_eq!(line(b"name", &[octet]).is_ok(), is_edge, "{octet:#x}");
    }
}

#[test]
fn fields_are_appended_all_or_not_at_all() {
    let good = [Field::new("A", b"1"), Field::new("B", b"2")];
    assert_eq!(appended(|out| encode_fields((&good).into(), out)).unwrap(), "A: 1\r\nB: 2\r\n");
    assert_eq!(appended(|out| encode_fields(Fields::EMPTY, out)).unwrap(), "");
    let bad = [Field::new("A", b"1"), Field::new("B", b"2\r\nC: 3")];
    let result = appended(|out| encode_fields((&bad).into(), out));
    assert_eq!(result, Err(Misuse::InvalidFieldValue));
    let bad = [Field::new("A", b"1"), Field::new("B:", b"2")];
    assert_eq!(appended(|out| encode_fields((&bad).into(), out)), Err(Misuse::InvalidFieldName));
}

#[test]
fn trailers_that_must_come_before_the_content_are_refused() {
    let allowed = [
        Known::ACCEPT_RANGES,
        Known::ALLOW,
        Known::ALT_SVC,
        Known::ETAG,
        Known::LAST_MODIFIED,
        Known::LINK,
        Known::PRIORITY,
        Known::REFERER,
        Known::SERVER,
        Known::UPGRADE_INSECURE_REQUESTS,
        Known::USER_AGENT,
        Known::X_REQUEST_ID,
    ];
    for known in Known::all() {
        for name in [known.name().to_owned(), known.name().to_ascii_uppercase()] {
            let list = [Field::new("Digest", b"1"), Field::new(&name, b"x")];
            let result = appended(|out| encode_trailers((&list).into(), out));
            if allowed.contains(&known) {
                assert_eq!(result.unwrap(), format!("Digest: 1\r\n{name}: x\r\n\r\n"));
            } else {
                assert_eq!(result, Err(Misuse::ForbiddenTrailer), "{name}");
            }
        }
    }
    for name in ["pragma", "Warning", "X-Forwarded-Host", "HTTP2-Settings"] {
        let list = [Field::new(name, b"x")];
        let result = appended(|out| encode_trailers((&list).into(), out));
        assert_eq!(result, Err(Misuse::ForbiddenTrailer), "{name}");
    }
    assert_eq!(appended(|out| encode_trailers(Fields::EMPTY, out)).unwrap(), "\r\n");
    let bad = [Field::new("A", b"1"), Field::new("B", b"\n")];
    assert_eq!(appended(|out| encode_trailers((&bad).into(), out)), Err(Misuse::InvalidFieldValue));
    assert_eq!(FRAMING_TRAILERS & !FORBIDDEN_TRAILERS, 0);
    assert_eq!(FRAMING_FIELDS & !FRAMING_TRAILERS, 0);
}

#[test]
fn length_fields() {
    let line = |field| {
        appended(|out| {
            encode_length(field, out);
            Ok(())
        })
        .unwrap()
    };
    assert_eq!(line(LengthField::None), "");
    assert_eq!(line(LengthField::Chunked), "Transfer-Encoding: chunked\r\n");
    for length in [0, 1, 10, 99_999_999, 100_000_000, u64::MAX] {
        assert_eq!(line(LengthField::Length(length)), format!("Content-Length: {length}\r\n"));
    }
}

#[test]
fn error_responses_close_the_connection() {
    for code in 100..=999 {
        let status = Status::new(code).unwrap();
        let text = str::from_utf8(error_response(status)).unwrap();
        let known = matches!(code, 400 | 408 | 413 | 414 | 417 | 431 | 500..=503 | 505);
        let status = if known { status } else { Status::INTERNAL_SERVER_ERROR };
        let start = format!("HTTP/1.1 {} {}\r\n", status.code(), status.reason());
        let expected = format!("{start}Connection: close\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(text, expected);
        let date = HttpDate::from_unix(784_111_777);
        let mut out = Vec::new();
        encode_error_response(status, Some(&date), &mut out);
        let dated =
            expected.replace("0\r\n\r\n", "0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
        assert_eq!(String::from_utf8(out).unwrap(), dated);
        let mut out = Vec::new();
        encode_error_response(status, None, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

#[test]
fn every_status_that_an_error_has_for_a_client_has_its_own_response() {
    let violations =
        Violation::ALL.iter().map(|&violation| Error::Protocol { violation, offset: 0 });
    let bounds = [Bound::StartLineBytes, Bound::HeadBytes, Bound::ContentBytes, Bound::HeadTime]
        .map(|bound| Error::Limit { bound, offset: 0 });
    for status in violations.chain(bounds).filter_map(Error::code) {
        let text = str::from_utf8(error_response(status)).unwrap();
        assert!(text.starts_with(&format!("HTTP/1.1 {} ", status.code())), "{text}");
    }
}

fn template(status: Status, fields: &[Field<'_>]) -> ResponseTemplate {
    ResponseTemplate::new(&ResponseHead::new(status, fields.into())).unwrap()
}

/// A template against the same head put together from its parts.
#[test]
fn a_template_is_the_head_made_from_its_parts() {
    let date = HttpDate::from_unix(784_111_777);
    let plain = [Field::new("Server", b"shockwave"), Field::new("Content-Type", b"text/plain")];
    let dated = [Field::new("Date", b"Tue, 15 Nov 1994 08:12:31 GMT")];
    let contents = [0, 7, 10, 99_999_999, 100_000_000, 12_345_678_901, u64::MAX]
        .map(Content::Length)
        .into_iter()
        .chain([Content::None, Content::Unknown]);
    for content in contents {
        for status in Status::REGISTERED.iter().copied() {
            for fields in [&plain[..], &dated, &[]] {
                for date in [Some(&date), None] {
                    let made = template(status, fields);
                    let result = appended(|out| made.append(date, content, out));
                    let expected = from_parts(status, fields, date, content);
                    assert_eq!(result, expected, "{status} {content:?}");
                    assert_eq!(made.status(), status);
                }
            }
        }
    }
}

fn from_parts(
    status: Status,
    fields: &[Field<'_>],
    date: Option<&HttpDate>,
    content: Content,
) -> Result<String, Misuse> {
    let bare = status.is_interim() || status.code() == 204;
    let mut head = format!("HTTP/1.1 {} {}\r\n", status.code(), status.reason());
    let mut has_date = false;
    for Field { name, value } in fields {
        has_date |= name == b"Date";
        head += &format!("{}: {}\r\n", name.escape_ascii(), value.escape_ascii());
    }
    if let (Some(date), false) = (date, has_date) {
        head += &format!("Date: {}\r\n", date.as_bytes().escape_ascii());
    }
    match (content, status.code()) {
        (Content::None | Content::Length(0), _) if bare => {}
        (Content::Length(1..) | Content::Unknown, code) if bare || code == 205 => {
            return Err(Misuse::UnexpectedContent);
        }
        (Content::None | Content::Unknown, 304) => {}
        (Content::None, _) => head += "Content-Length: 0\r\n",
        (Content::Length(length), _) => head += &format!("Content-Length: {length}\r\n"),
        (Content::Unknown, _) => head += "Transfer-Encoding: chunked\r\n",
    }
    Ok(head + "\r\n")
}

#[test]
fn a_template_can_be_added_to() {
    let made = template(Status::OK, &[Field::new("A", b"1")]);
    let text = appended(|out| {
        made.append_fields(None, LengthField::Length(3), out);
        encode_field_line(b"Connection", b"close", out)
    });
    assert_eq!(
        text.unwrap(),
        "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 3\r\nConnection: close\r\n"
    );
}

#[test]
fn a_template_is_checked_when_it_is_made() {
    let refused = |name, value| {
        let fields = [Field::new("A", b"1"), Field::new(name, value)];
        ResponseTemplate::new(&ResponseHead::new(Status::OK, (&fields).into())).unwrap_err()
    };
    assert_eq!(refused("content-length", b"5"), Misuse::FramingField);
    assert_eq!(refused("Transfer-Encoding", b"chunked"), Misuse::FramingField);
    assert_eq!(refused("CONNECTION", b"close"), Misuse::FramingField);
    assert_eq!(refused("B", b"1\r\nContent-Length: 5"), Misuse::InvalidFieldValue);
    assert_eq!(refused("B C", b"1"), Misuse::InvalidFieldName);
    let mut head = ResponseHead::new(Status::OK, Fields::EMPTY);
    head.reason = b"\n";
    assert_eq!(ResponseTemplate::new(&head), Err(Misuse::InvalidReason));
}

#[test]
fn a_warm_template_appends_without_allocating() {
    let made = template(Status::OK, &[Field::new("Content-Type", b"text/plain")]);
    let date = HttpDate::from_unix(0);
    let mut out = Vec::with_capacity(4096);
    let start = out.as_ptr();
    for length in 0..20 {
        made.append(Some(&date), Content::Length(length), &mut out).unwrap();
    }
    assert_eq!((out.as_ptr(), out.capacity()), (start, 4096));
}
