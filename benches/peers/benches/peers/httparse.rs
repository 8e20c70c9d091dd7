//! httparse: heads, and chunk-size lines.

use std::hint::black_box;
use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Request, Response, Status};
use shockwave_bench_kit::{
    Bench, Checks, Digest, Registry, Verification, canonical, corpus, repeat,
};

use crate::suite::cases::{self, Engine, LOOKUPS, Lookup};

const ENGINE: Engine =
    Engine { name: "httparse", checks: Checks::Lenient, text: include_str!("httparse.rs") };

/// As many fields as Shockwave takes by default.
const MAX_FIELDS: usize = 100;

/// How its engine of `http11/chunked` is less than a decoder.
const SIZE_LINES_ONLY: &str = "parses size lines alone: the bench around it steps over the data, \
    keeps no state between pieces, and bounds nothing";

type Fields<'b> = [MaybeUninit<Header<'b>>; MAX_FIELDS];

pub(super) fn register(registry: &mut Registry) {
    for case in cases::REQUESTS {
        registry.add(cases::parse_request(ENGINE, (case, case), || time_requests, parse_request));
    }
    let fragmented = (cases::FRAGMENTED, || time_fragmented, parse_fragmented);
    registry.add(cases::parse_request(ENGINE, fragmented.0, fragmented.1, fragmented.2));
    for case in cases::RESPONSES {
        registry.add(cases::parse_response(ENGINE, case, || time_response, parse_response));
    }
    for case in cases::CHUNKED {
        let bench = cases::chunked_decode(ENGINE, case, || time_chunks, chunks);
        registry.add(bench.differs(SIZE_LINES_ONLY));
    }
    for lookup in LOOKUPS {
        registry.add(header_lookup(lookup));
    }
}

fn time_requests(mut input: &[u8]) -> u64 {
    let mut sum = 0;
    while !input.is_empty() {
        let mut fields: Fields<'_> = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut request = Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(input, &mut fields);
        let Ok(Status::Complete(consumed)) = parsed else {
            panic!("the request was not accepted");
        };
        sum += (black_box(&request).headers.len() + consumed) as u64;
        input = &input[consumed..];
    }
    sum
}

/// The head parsed anew after each octet, until it is complete: a parser without state has no other
/// way, short of looking for the head's end first.
fn time_fragmented(input: &[u8]) -> u64 {
    for end in 1..=input.len() {
        let mut fields: Fields<'_> = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut request = Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(&input[..end], &mut fields);
        if let Status::Complete(consumed) = parsed.expect("the request was not accepted") {
            return (black_box(&request).headers.len() + consumed) as u64;
        }
    }
    panic!("the request is not complete");
}

fn time_response(input: &[u8]) -> u64 {
    let mut fields: Fields<'_> = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut response = Response::new(&mut []);
    let config = ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut response, input, &mut fields);
    let Ok(Status::Complete(consumed)) = parsed else {
        panic!("the response was not accepted");
    };
    (black_box(&response).headers.len() + consumed) as u64
}

fn parse_request(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut fields: Fields<'_> = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut request = Request::new(&mut []);
    let parsed = request.parse_with_uninit_headers(input, &mut fields);
    let Ok(Status::Complete(consumed)) = parsed else {
        return None;
    };
    let (method, target) = (request.method?.as_bytes(), request.path?.as_bytes());
    let fields = request.headers.iter().map(|field| (field.name, field.value));
    Some((canonical::request(method, target, request.version?, fields), consumed))
}

fn parse_fragmented(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    (1..=input.len()).find_map(|end| parse_request(&input[..end]))
}

fn parse_response(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut fields: Fields<'_> = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut response = Response::new(&mut []);
    let config = ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut response, input, &mut fields);
    let Ok(Status::Complete(consumed)) = parsed else {
        return None;
    };
    let reason = response.reason?.as_bytes();
    let fields = response.headers.iter().map(|field| (field.name, field.value));
    Some((canonical::response(response.version?, response.code?, reason, fields), consumed))
}

fn time_chunks(body: &[u8]) -> u64 {
    let mut sum = 0;
    decode(body, |data| sum += black_box(data).len() as u64);
    sum
}

fn chunks(body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    decode(body, |data| content.extend_from_slice(data));
    content
}

/// Size lines by httparse; the rest, which it leaves to its caller, as plainly as possible.
#[inline(always)]
fn decode(mut body: &[u8], mut take: impl FnMut(&[u8])) {
    loop {
        let Ok(Status::Complete((line, size))) = httparse::parse_chunk_size(body) else {
            panic!("the body is sound");
        };
        body = &body[line..];
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).expect("the body is in memory");
        take(&body[..size]);
        body = body[size..].strip_prefix(b"\r\n").expect("chunk data ends in CRLF");
    }
    assert_eq!(body, b"\r\n", "an empty trailer section follows");
}

/// A linear search, which is what a caller of httparse has without building a map.
fn header_lookup(lookup: Lookup) -> Bench {
    let source = Digest::of(ENGINE.text.as_bytes()).field(&corpus::message(lookup.input));
    let id = format!("http11/header-lookup/{}/{}", lookup.case, ENGINE.name);
    Bench::new(id, source, move || {
        let fields = parsed(lookup.input);
        repeat(move || {
            let value = find(black_box(fields), black_box(lookup.name));
            black_box(value).map_or(0, |value| value.len() as u64)
        })
    })
    .verify(move || {
        let value = find(parsed(lookup.input), lookup.name);
        Verification::lenient(Lookup::answer(value)).expecting(lookup.expected())
    })
}

fn find<'b>(fields: &[Header<'b>], name: &str) -> Option<&'b [u8]> {
    fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
}

/// The fields of a request of the corpus, leaked as for Shockwave.
fn parsed(input: &str) -> &'static [Header<'static>] {
    let octets = corpus::message(input).leak();
    let fields = vec![httparse::EMPTY_HEADER; MAX_FIELDS].leak();
    let mut request = Request::new(fields);
    assert!(request.parse(octets).is_ok_and(|parsed| parsed.is_complete()));
    request.headers
}
