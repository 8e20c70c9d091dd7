//! Parsing heads: whole in the input, and octet by octet.

use std::hint::black_box;
use std::sync::Arc;

use shockwave_bench_kit::{Checks, Registry, canonical};
use shockwave_http11::{
    Config, Connection, Event, Parsed, RequestKind, parse_request_head, parse_response_head,
};
use shockwave_wire::{RequestHead, Scratch, Side, Version};

use super::cases::{self, Engine};

const ENGINE: Engine =
    Engine { name: "shockwave", checks: Checks::Strict, text: include_str!("parse.rs") };

pub(super) fn register(registry: &mut Registry) {
    for case in cases::REQUESTS {
        let bench = cases::parse_request(ENGINE, (case, case), time_requests, parse_request);
        registry.add(bench.budget(0, 0));
    }
    let fragmented =
        cases::parse_request(ENGINE, cases::FRAGMENTED, time_fragmented, parse_fragmented);
    registry.add(fragmented.budget(0, 0));
    for case in cases::RESPONSES {
        let bench = cases::parse_response(ENGINE, case, time_responses, parse_response);
        registry.add(bench.budget(0, 0));
    }
}

fn time_requests() -> impl FnMut(&[u8]) -> u64 {
    let mut scratch = Scratch::new();
    let config = Config::strict();
    move |mut input| {
        let mut sum = 0;
        while !input.is_empty() {
            let parsed = parse_request_head(input, &mut scratch, &config);
            let Ok(Parsed::Complete { value, consumed, .. }) = &parsed else {
                panic!("the request was not accepted");
            };
            sum += (black_box(value).fields.len() + consumed) as u64;
            input = &input[*consumed..];
        }
        sum
    }
}

fn time_fragmented() -> impl FnMut(&[u8]) -> u64 {
    let mut scratch = Scratch::new();
    // Of all connections, as a server has it.
    let config = Arc::new(Config::strict());
    move |input| {
        let sum = by_octets(input, &config, &mut scratch, |head, consumed| {
            black_box(head).fields.len() + consumed
        });
        sum.expect("the request was not accepted") as u64
    }
}

/// Gives the octets to a new connection one by one until there is a request.
#[inline(always)]
fn by_octets<R>(
    input: &[u8],
    config: &Arc<Config>,
    scratch: &mut Scratch,
    take: impl FnOnce(&RequestHead<'_>, usize) -> R,
) -> Option<R> {
    let mut connection = Connection::new(Side::Server, config.clone());
    let mut start = 0;
    for end in 1..=input.len() {
        let received = connection.receive(&input[start..end], scratch).ok()?;
        start += received.consumed;
        if let Some(Event::Request { head, .. }) = received.event {
            return Some(take(&head, start));
        }
    }
    None
}

fn time_responses() -> impl FnMut(&[u8]) -> u64 {
    let mut scratch = Scratch::new();
    let config = Config::strict();
    move |input| {
        let parsed = parse_response_head(input, &mut scratch, &config, RequestKind::Other);
        let Ok(Parsed::Complete { value, consumed, .. }) = &parsed else {
            panic!("the response was not accepted");
        };
        (black_box(value).fields.len() + consumed) as u64
    }
}

fn parse_request(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut scratch = Scratch::new();
    match parse_request_head(input, &mut scratch, &Config::strict()) {
        Ok(Parsed::Complete { value: head, consumed, .. }) => Some((canonical(&head), consumed)),
        Ok(Parsed::Partial) | Err(_) => None,
    }
}

fn parse_fragmented(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let config = Arc::new(Config::strict());
    by_octets(input, &config, &mut Scratch::new(), |head, consumed| (canonical(head), consumed))
}

fn canonical(head: &RequestHead<'_>) -> Vec<u8> {
    let fields = head.fields.iter().map(|field| (field.name, field.value));
    canonical::request(head.method.as_bytes(), head.target, minor(head.version), fields)
}

fn parse_response(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut scratch = Scratch::new();
    match parse_response_head(input, &mut scratch, &Config::strict(), RequestKind::Other) {
        Ok(Parsed::Complete { value: head, consumed, .. }) => {
            let fields = head.fields.iter().map(|field| (field.name, field.value));
            let (status, reason) = (head.status.code(), head.reason);
            Some((canonical::response(minor(head.version), status, reason, fields), consumed))
        }
        Ok(Parsed::Partial) | Err(_) => None,
    }
}

fn minor(version: Version) -> u8 {
    u8::from(version != Version::Http10)
}
