//! Sections 2 to 5: messages, request lines, status lines, field lines.

use shockwave_http11::Violation::*;
use shockwave_http11::{
    Config, Misuse, RequestKind, encode_field_line, encode_fields, encode_request_line,
    encode_status_line, encode_trailers,
};
use shockwave_wire::{Bound, Field, Fields, Method, Status};

use crate::common::{
    accepts, accepts_with, any_cut, client_accepts, client_refuses, crosses, refuses, refuses_with,
    request,
};

#[track_caller]
fn refused_by(encode: impl Fn(&mut Vec<u8>) -> Result<(), Misuse>, misuse: Misuse) {
    let mut out = b"before".to_vec();
    assert_eq!(encode(&mut out), Err(misuse));
    assert_eq!(out, b"before", "nothing is appended");
}

#[track_caller]
fn encoded(encode: impl Fn(&mut Vec<u8>) -> Result<(), Misuse>, expected: &str) {
    let mut out = Vec::new();
    assert_eq!(encode(&mut out), Ok(()));
    assert_eq!(out.escape_ascii().to_string(), expected.escape_debug().to_string());
}

#[test]
fn s2_2_messages_are_octets() {
    // RFC 9112 section 2.2
    let head = accepts("GET / HTTP/1.1\r\nHost: a\r\nX: \u{e9}\u{ff}\u{80}\u{c0}\u{af}\r\n\r\n");
    assert_eq!(head.text, "GET / HTTP/1.1\nHost: a\nX: \\xe9\\xff\\x80\\xc0\\xaf\n");
    // U+010A and U+010D end no line, though their last octets look like LF and CR in UTF-16; the
    // halves of a character in UTF-8 are octets like others, and none is whitespace.
    let head = accepts("GET / HTTP/1.1\r\nHost: a\r\nX: \u{c4}\u{8a}\u{c4}\u{8d}\u{85}\r\n\r\n");
    assert_eq!(head.text, "GET / HTTP/1.1\nHost: a\nX: \\xc4\\x8a\\xc4\\x8d\\x85\n");
    refuses("GET / HTTP/1.1\r\nHost: a\r\n‸\u{c4}: x\r\n\r\n", InvalidFieldName, 400);
    refuses("GET /‸\u{c4}\u{8a} HTTP/1.1\r\nHost: a\r\n\r\n", InvalidTarget, 400);
    refuses("‸\u{ef}\u{bb}\u{bf}GET / HTTP/1.1\r\nHost: a\r\n\r\n", InvalidMethod, 400);
}

#[test]
fn s2_2_no_bare_cr_is_sent() {
    // RFC 9112 section 2.2
    let method = Method::from_token(b"GE\rT");
    refused_by(|out| encode_request_line(method, b"/", out), Misuse::InvalidMethod);
    refused_by(|out| encode_request_line(Method::Get, b"/\r", out), Misuse::InvalidTarget);
    refused_by(|out| encode_status_line(Status::OK, b"O\rK", out), Misuse::InvalidReason);
    refused_by(|out| encode_field_line(b"X\r", b"y", out), Misuse::InvalidFieldName);
    for value in [&b"\r"[..], b"a\rb", b"a\r", b"a\r\nb", b"a\nb"] {
        refused_by(|out| encode_field_line(b"X", value, out), Misuse::InvalidFieldValue);
        let fields = [Field::new("A", b"b"), Field::new("X", value)];
        refused_by(|out| encode_fields(Fields::from(&fields), out), Misuse::InvalidFieldValue);
        refused_by(|out| encode_trailers(Fields::from(&fields), out), Misuse::InvalidFieldValue);
    }
    encoded(|out| encode_request_line(Method::Get, b"/", out), "GET / HTTP/1.1\r\n");
    encoded(|out| encode_status_line(Status::OK, b"O K", out), "HTTP/1.1 200 O K\r\n");
    encoded(|out| encode_field_line(b"X", b"a b", out), "X: a b\r\n");
}

#[test]
fn s2_2_a_bare_cr_is_invalid_in_every_element() {
    // RFC 9112 section 2.2
    for (refused, violation) in [
        ("‸\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", BareCr),
        ("G‸\rET / HTTP/1.1\r\nHost: a\r\n\r\n", InvalidMethod),
        ("GET‸\r / HTTP/1.1\r\nHost: a\r\n\r\n", InvalidMethod),
        ("GET /‸\r HTTP/1.1\r\nHost: a\r\n\r\n", InvalidVersion),
        ("GET ‸\r/ HTTP/1.1\r\nHost: a\r\n\r\n", InvalidTarget),
        ("GET / HTTP‸\r/1.1\r\nHost: a\r\n\r\n", InvalidVersion),
        ("GET / HTTP/1.1‸\r\r\nHost: a\r\n\r\n", BareCr),
        ("GET / HTTP/1.1\r\n‸\rHost: a\r\n\r\n", BareCr),
        ("GET / HTTP/1.1\r\nHo‸\rst: a\r\n\r\n", MissingColon),
        ("GET / HTTP/1.1\r\nHost:‸\ra\r\n\r\n", BareCr),
        ("GET / HTTP/1.1\r\nHost: a‸\rb\r\n\r\n", BareCr),
        ("GET / HTTP/1.1\r\nHost: a‸\r\r\n\r\n", BareCr),
        ("GET / HTTP/1.1\r\nHost: a\r\n‸\r\r\n", BareCr),
    ] {
        refuses(refused, violation, 400);
        // No leniency of ours lets one pass.
        refuses_with(&Config::lenient(), refused, violation, 400);
        accepts(&refused.replace(['\r', '‸'], "").replace('\n', "\r\n"));
    }
    client_refuses("HTTP/1.1 200 O‸\rK\r\n\r\n", BareCr);
    client_accepts("HTTP/1.1 200 OK\r\n\r\n", RequestKind::Other);
}

#[test]
fn s2_2_no_whitespace_is_sent_before_the_first_field() {
    // RFC 9112 section 2.2
    for name in [&b" Host"[..], b"\tHost", b"", b" "] {
        refused_by(|out| encode_field_line(name, b"a", out), Misuse::InvalidFieldName);
    }
    refused_by(|out| encode_status_line(Status::OK, b"OK\r\n ", out), Misuse::InvalidReason);
    let head = |out: &mut Vec<u8>| {
        encode_request_line(Method::Get, b"/", out)?;
        encode_field_line(b"Host", b"a", out)
    };
    encoded(head, "GET / HTTP/1.1\r\nHost: a\r\n");
}

#[test]
fn s2_2_whitespace_before_the_first_field_is_400() {
    // RFC 9112 section 2.2
    for blank in [" ", "\t", "  ", " \t "] {
        for rest in ["Host: a\r\n\r\n", "\r\nHost: a\r\n\r\n", "x\r\nHost: a\r\n\r\n"] {
            let head = format!("GET / HTTP/1.1\r\n‸{blank}{rest}");
            refuses(&head, WhitespaceBeforeFields, 400);
            refuses_with(&Config::lenient(), &head, WhitespaceBeforeFields, 400);
        }
        client_refuses(&format!("HTTP/1.1 200 OK\r\n‸{blank}X: y\r\n\r\n"), WhitespaceBeforeFields);
    }
    accepts("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn s3_a_target_longer_than_is_parsed_is_414() {
    // RFC 9112 section 3
    let head = |octets: usize| {
        let target = "a".repeat(octets - "GET / HTTP/1.1".len());
        format!("GET /{target} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
    };
    let mut config = Config::strict();
    config.limits.max_start_line_bytes = 100;
    crosses(&config, &head(101), Bound::StartLineBytes, 100, 414);
    crosses(&config, &head(200), Bound::StartLineBytes, 100, 414);
    let taken = any_cut(&head(100), |given| request(given, &config));
    assert!(matches!(taken, Ok(Some(_))), "{taken:?}");
    // "It is RECOMMENDED that all HTTP senders and recipients support, at a minimum, request-line
    // lengths of 8000 octets."
    assert!(matches!(request(&head(8000), &Config::strict()), Ok(Some(_))));
    assert!(request(&head(9000), &Config::strict()).is_err());
}

#[test]
fn s3_2_missing_host_is_400() {
    // RFC 9112 section 3.2
    refuses("GET / HTTP/1.1\r\n‸\r\n", MissingHost, 400);
    refuses("GET / HTTP/1.1\r\nAccept: */*\r\nHosts: a\r\n‸\r\n", MissingHost, 400);
    refuses("OPTIONS * HTTP/1.1\r\n‸\r\n", MissingHost, 400);
    refuses("CONNECT a:1 HTTP/1.1\r\n‸\r\n", MissingHost, 400);
    refuses("GET http://a/ HTTP/1.1\r\n‸\r\n", MissingHost, 400);
    refuses_with(&Config::lenient(), "GET / HTTP/1.1\r\n‸\r\n", MissingHost, 400);
    accepts("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    accepts("GET / HTTP/1.0\r\nAccept: */*\r\n\r\n");
}

#[test]
fn s3_2_more_than_one_host_is_400() {
    // RFC 9112 section 3.2
    for version in ["HTTP/1.1", "HTTP/1.0"] {
        for hosts in ["Host: a\r\nHost: b", "Host: a\r\nHost: a", "HOST: a\r\nX: y\r\nhost:"] {
            let head = format!("GET / {version}\r\n{hosts}\r\n‸\r\n");
            refuses(&head, RepeatedHost, 400);
            refuses_with(&Config::lenient(), &head, RepeatedHost, 400);
        }
        accepts(&format!("GET / {version}\r\nHost: a\r\nX-Host: b\r\n\r\n"));
    }
}

#[test]
fn s3_2_an_invalid_host_is_400() {
    // RFC 9112 section 3.2
    for (host, violation) in [
        ("a/", InvalidHost),
        ("a, a", InvalidHost),
        ("a b", InvalidHost),
        ("a:port", InvalidHost),
        ("a:65536", InvalidHost),
        (":80", InvalidHost),
        ("[::1", InvalidHost),
        ("user@a", Userinfo),
        ("user:password@a:80", Userinfo),
        ("\u{e9}", InvalidHost),
    ] {
        refuses(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n‸\r\n"), violation, 400);
    }
    for host in ["a", "a:80", "a.:80", "a:", "127.0.0.1:8080", "[::1]", "[2001:DB8::1]:443", ""] {
        accepts(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    }
    // "If the target URI includes an authority component", an empty Host contradicts it.
    refuses("GET http://a/ HTTP/1.1\r\nHost:\r\n‸\r\n", InvalidHost, 400);
}

#[test]
fn s3_2_2_the_host_of_an_absolute_target_wins() {
    // RFC 9112 section 3.2.2
    let host = |head: &str| String::from_utf8(accepts(head).host.unwrap()).unwrap();
    assert_eq!(host("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), "b");
    assert_eq!(host("GET http://b:8/ HTTP/1.1\r\nHost: b\r\n\r\n"), "b:8");
    assert_eq!(host("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n"), "b");
    assert_eq!(host("GET /http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), "a");
    refuses("GET http://b/ HTTP/1.1\r\nHost: a b\r\n‸\r\n", InvalidHost, 400);
}

#[test]
fn s3_2_2_absolute_form_is_accepted() {
    // RFC 9112 section 3.2.2
    for target in [
        "http://a",
        "http://a/",
        "HTTP://A/b?c=d",
        "https://a:443/b",
        "http://[::1]:80/?x",
        "http://a?b",
        "ws+x-1.0://a/",
    ] {
        for method in ["GET", "POST", "OPTIONS", "PURGE"] {
            accepts(&format!("{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        refuses(&format!("CONNECT ‸{target} HTTP/1.1\r\nHost: a\r\n\r\n"), InvalidTargetForm, 400);
    }
    for target in ["http:/a", "http:a", "://a", "h_ttp://a", "http://", "http://a b"] {
        let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(any_cut(head.as_bytes(), |given| request(given, &Config::strict())).is_err());
    }
}

#[test]
fn s4_the_space_after_the_status_code_is_sent() {
    // RFC 9112 section 4
    let unregistered = Status::new(599).unwrap();
    encoded(|out| encode_status_line(unregistered, b"", out), "HTTP/1.1 599 \r\n");
    encoded(|out| encode_status_line(Status::OK, b"", out), "HTTP/1.1 200 OK\r\n");
    for code in 100..1000 {
        let mut out = Vec::new();
        encode_status_line(Status::new(code).unwrap(), b"", &mut out).unwrap();
        assert_eq!(out.get(12), Some(&b' '), "{code}");
        out.extend_from_slice(b"\r\n");
        client_accepts(&String::from_utf8(out).unwrap(), RequestKind::Head);
    }
    client_refuses("HTTP/1.1 599‸\r\n\r\n", InvalidStatus);
}

#[test]
fn s5_1_whitespace_before_the_colon_is_400() {
    // RFC 9112 section 5.1
    for name in ["Host", "Content-Length", "Transfer-Encoding", "X"] {
        for blank in [" ", "\t", "  ", " \t"] {
            let head = format!("GET / HTTP/1.1\r\n{name}‸{blank}: a\r\n\r\n");
            refuses(&head, WhitespaceBeforeColon, 400);
            refuses_with(&Config::lenient(), &head, WhitespaceBeforeColon, 400);
        }
    }
    client_refuses("HTTP/1.1 200 OK\r\nX‸ : a\r\n\r\n", WhitespaceBeforeColon);
    accepts("GET / HTTP/1.1\r\nHost: a\r\nX:\t : a\r\n\r\n");
}

#[test]
fn s5_2_no_field_line_is_folded_by_a_sender() {
    // RFC 9112 section 5.2
    for value in [&b"a\r\n b"[..], b"a\r\n\tb", b"a\n b", b"\r\n a", b"a\r\n "] {
        refused_by(|out| encode_field_line(b"X", value, out), Misuse::InvalidFieldValue);
    }
    encoded(|out| encode_field_line(b"X", b"a   \tb", out), "X: a   \tb\r\n");
}

#[test]
fn s5_2_a_folded_request_is_400_or_unfolded() {
    // RFC 9112 section 5.2
    let mut unfolding = Config::strict();
    unfolding.leniency.obs_fold = true;
    let plain = accepts("GET / HTTP/1.1\r\nHost: a\r\nX: a   b\r\nY: c\r\n\r\n");
    for fold in ["\r\n ", "\r\n\t"] {
        let head = |mark: &str| {
            let fold = fold.replace("\r\n", &format!("\r\n{mark}"));
            format!("GET / HTTP/1.1\r\nHost: a\r\nX: a{fold}b\r\nY: c\r\n\r\n")
        };
        refuses(&head("‸"), ObsFold, 400);
        assert_eq!(accepts_with(&unfolding, &head("")).text, plain.text);
    }
}

#[test]
fn s5_2_a_user_agent_unfolds_responses() {
    // RFC 9112 section 5.2
    let unfolded = client_accepts(
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\t c\r\nContent-Length:\r\n 5\r\n\r\n",
        RequestKind::Other,
    );
    let plain = client_accepts(
        "HTTP/1.1 200 OK\r\nX: a   b    c\r\nContent-Length: 5\r\n\r\n",
        RequestKind::Other,
    );
    assert_eq!((unfolded.text, unfolded.framing), (plain.text, plain.framing));
    client_refuses("HTTP/1.1 200 OK\r\nX: a\r\n b‸\n c\r\n\r\n", BareLf);
    client_refuses(
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n 5\r\n\r\n",
        InvalidContentLength,
    );
}
