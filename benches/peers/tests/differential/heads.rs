//! Heads, against httparse.

use httparse::{ParserConfig, Request, Response, Status};
use shockwave_bench_kit::canonical;
use shockwave_http11::{
    Config, Error, Parsed, RequestKind, parse_request_head, parse_response_head,
};
use shockwave_wire::{Field, Fields, Scratch, Version};

use crate::{Differences, Reasons, mutations, requests, responses};

/// A head in canonical form and its octets; `None` where more are needed.
type Outcome<E> = Result<Option<(String, usize)>, E>;

/// What httparse takes and Shockwave refuses.
const REQUESTS: Reasons = &[
    // A recipient MAY take a bare LF for a line end; then it can be made to disagree with others.
    ("BareLf", "RFC 9112 section 2.2"),
    // Request targets are octets to httparse.
    ("InvalidTarget", "RFC 9112 section 3.2"),
    ("InvalidTargetForm", "RFC 9112 section 3.2"),
    ("Userinfo", "RFC 9110 section 4.2.4"),
    // So are field values, the ones that route and frame among them.
    ("MissingHost", "RFC 9112 section 3.2"),
    ("RepeatedHost", "RFC 9112 section 3.2"),
    ("InvalidHost", "RFC 9112 section 3.2"),
    ("InvalidTransferEncoding", "RFC 9112 section 6.1"),
    ("UnsupportedTransferCoding", "RFC 9112 section 6.1"),
    ("TransferEncodingInHttp10", "RFC 9112 section 6.1"),
    ("TransferEncodingAndContentLength", "RFC 9112 section 6.3"),
    ("InvalidContentLength", "RFC 9112 section 6.3"),
    ("RepeatedContentLength", "RFC 9112 section 6.3"),
    ("ContentInConnect", "RFC 9110 section 9.3.6"),
];

/// As [`REQUESTS`].
const RESPONSES: Reasons = &[
    ("BareLf", "RFC 9112 section 2.2"),
    // Only before requests are empty lines passed over.
    ("InvalidVersion", "RFC 9112 section 2.2"),
    // httparse takes codes below 100, and a line that ends after the code.
    ("InvalidStatus", "RFC 9112 section 4"),
    ("InvalidTransferEncoding", "RFC 9112 section 6.1"),
    ("TransferEncodingInHttp10", "RFC 9112 section 6.1"),
    ("TransferEncodingAndContentLength", "RFC 9112 section 6.3"),
    ("InvalidContentLength", "RFC 9112 section 6.3"),
    ("RepeatedContentLength", "RFC 9112 section 6.3"),
];

/// What requests Shockwave takes and httparse refuses.
const OUR_REQUESTS: Reasons = &[
    // A minor version above 1 has HTTP/1.1's rules.
    ("Version", "RFC 9110 section 2.5"),
];

/// As [`OUR_REQUESTS`], for responses.
const OUR_RESPONSES: Reasons =
    &[("Version", "RFC 9110 section 2.5"), ("WaitsForFolds", "RFC 9112 section 5.2")];

#[test]
fn requests_are_read_alike_or_refused_for_a_listed_reason() {
    let (mut theirs_only, mut ours_only) = (Differences::default(), Differences::default());
    let mut both = 0;
    for input in mutations(&requests(), 150_000) {
        both += compare(
            &input,
            our_request(&input),
            their_request(&input),
            &mut theirs_only,
            &mut ours_only,
        );
    }
    theirs_only.are(REQUESTS);
    ours_only.are(OUR_REQUESTS);
    assert!(both > 5000, "{both}");
}

#[test]
fn responses_are_read_alike_or_refused_for_a_listed_reason() {
    let (mut theirs_only, mut ours_only) = (Differences::default(), Differences::default());
    let mut both = 0;
    for input in mutations(&responses(), 150_000) {
        both += compare(
            &input,
            our_response(&input),
            their_response(&input),
            &mut theirs_only,
            &mut ours_only,
        );
    }
    theirs_only.are(RESPONSES);
    ours_only.are(OUR_RESPONSES);
    assert!(both > 3000, "{both}");
}

/// 1 if both accept `input`.
fn compare(
    input: &[u8],
    ours: Outcome<Error>,
    theirs: Outcome<httparse::Error>,
    theirs_only: &mut Differences,
    ours_only: &mut Differences,
) -> usize {
    match (ours, theirs) {
        (Ok(Some(ours)), Ok(Some(theirs))) => {
            assert_eq!(ours, theirs, "{}", input.escape_ascii());
            return 1;
        }
        (Ok(None), Err(_)) if has_fold(input) => ours_only.note(WaitsForFolds, input),
        (Ok(_), Err(error)) => ours_only.note(error, input),
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{}", input.escape_ascii()),
        (Err(error), Ok(Some(_))) => match error {
            Error::Protocol { violation, .. } => theirs_only.note(violation, input),
            Error::Limit { bound, .. } => theirs_only.note(bound, input),
            other => theirs_only.note(other, input),
        },
        // Both refuse it, or httparse would once it has more.
        (Err(_), _) => {}
    }
    0
}

/// A head with a fold is unfolded, and judged, once all of it is there.
#[derive(Debug)]
struct WaitsForFolds;

fn has_fold(input: &[u8]) -> bool {
    input.windows(3).any(|three| matches!(three, b"\r\n " | b"\r\n\t"))
}

fn our_request(input: &[u8]) -> Outcome<Error> {
    let mut scratch = Scratch::new();
    Ok(match parse_request_head(input, &mut scratch, &Config::strict())? {
        Parsed::Partial => None,
        Parsed::Complete { value, consumed, .. } => {
            let minor = minor(value.version);
            let (method, fields) = (value.method.as_bytes(), pairs(value.fields));
            Some((text(canonical::request(method, value.target, minor, fields)), consumed))
        }
    })
}

fn our_response(input: &[u8]) -> Outcome<Error> {
    let (mut scratch, config) = (Scratch::new(), Config::strict());
    Ok(match parse_response_head(input, &mut scratch, &config, RequestKind::Other)? {
        Parsed::Partial => None,
        Parsed::Complete { value, consumed, .. } => {
            let (minor, status) = (minor(value.version), value.status.code());
            let reason = without_obs_text(value.reason);
            let fields = pairs(value.fields);
            Some((text(canonical::response(minor, status, reason, fields)), consumed))
        }
    })
}

fn their_request(input: &[u8]) -> Outcome<httparse::Error> {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut request = Request::new(&mut fields);
    let Status::Complete(consumed) = request.parse(input)? else { return Ok(None) };
    let (method, target) = (request.method.unwrap(), request.path.unwrap());
    let (method, target) = (method.as_bytes(), target.as_bytes());
    let fields = request.headers.iter().map(|field| (field.name, field.value));
    let canonical = canonical::request(method, target, request.version.unwrap(), fields);
    Ok(Some((text(canonical), consumed)))
}

fn their_response(input: &[u8]) -> Outcome<httparse::Error> {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut response = Response::new(&mut fields);
    let mut config = ParserConfig::default();
    // RFC 9112 section 5.2: a user agent replaces them.
    config.allow_obsolete_multiline_headers_in_responses(true);
    let Status::Complete(consumed) = config.parse_response(&mut response, input)? else {
        return Ok(None);
    };
    let (version, code) = (response.version.unwrap(), response.code.unwrap());
    let reason = response.reason.unwrap().as_bytes();
    let fields: Vec<_> =
        response.headers.iter().map(|field| (field.name, unfolded(field.value))).collect();
    let fields = fields.iter().map(|(name, value)| (name, value.as_slice()));
    Ok(Some((text(canonical::response(version, code, reason, fields)), consumed)))
}

fn pairs(fields: Fields<'_>) -> impl Iterator<Item = (&[u8], &[u8])> {
    fields.into_iter().map(|Field { name, value }| (name, value))
}

fn text(canonical: Vec<u8>) -> String {
    String::from_utf8(canonical).unwrap()
}

const fn minor(version: Version) -> u8 {
    matches!(version, Version::Http11) as u8
}

/// httparse hands out no reason phrase that has octets above 0x7F.
fn without_obs_text(reason: &[u8]) -> &[u8] {
    if reason.is_ascii() { reason } else { b"" }
}

/// httparse leaves folds in values, for its caller to replace.
fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    while let Some(at) = value.windows(2).position(|pair| pair == b"\r\n") {
        value[at..at + 3].fill(b' ');
    }
    let is_kept = |octet: &u8| !matches!(octet, b' ' | b'\t');
    let start = value.iter().position(is_kept).unwrap_or(value.len());
    let end = value.iter().rposition(is_kept).map_or(start, |last| last + 1);
    value[start..end].to_vec()
}
