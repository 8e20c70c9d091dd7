//! Parsing heads that are whole in the input.

use std::hint::black_box;

use shockwave_bench_kit::{Checks, Registry, canonical};
use shockwave_http11::{Config, Parsed, RequestKind, parse_request_head, parse_response_head};
use shockwave_wire::{Scratch, Version};

use super::cases::{self, Engine};

const ENGINE: Engine =
    Engine { name: "shockwave", checks: Checks::Strict, text: include_str!("parse.rs") };

pub(super) fn register(registry: &mut Registry) {
    for case in cases::REQUESTS {
        let bench = cases::parse_request(ENGINE, case, time_requests, parse_request);
        registry.add(bench.budget(0, 0));
    }
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
        Ok(Parsed::Complete { value: head, consumed, .. }) => {
            let fields = head.fields.iter().map(|field| (field.name, field.value));
            let method = head.method.as_bytes();
            Some((canonical::request(method, head.target, minor(head.version), fields), consumed))
        }
        Ok(Parsed::Partial) | Err(_) => None,
    }
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
