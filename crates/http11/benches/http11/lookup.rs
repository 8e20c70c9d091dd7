//! Finding one field of a parsed head. One operation is one look-up.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Registry, Verification, corpus, repeat};
use shockwave_http11::{Config, Parsed, parse_request_head};
use shockwave_wire::{Fields, Known, Scratch};

use super::cases::{KNOWN, LOOKUPS, Lookup};

pub(super) fn register(registry: &mut Registry) {
    registry.add(bench(KNOWN, |fields, _| fields.known(black_box(Known::COOKIE))));
    let by_name: fn(Fields<'static>, &str) -> Option<&'static [u8]> =
        |fields, name| fields.get(name);
    for lookup in LOOKUPS {
        registry.add(bench(lookup, by_name));
    }
}

fn bench(
    lookup: Lookup,
    find: impl Fn(Fields<'static>, &str) -> Option<&'static [u8]> + Copy + 'static,
) -> Bench {
    let source = Digest::of(include_bytes!("lookup.rs")).field(&corpus::message(lookup.input));
    Bench::new(format!("http11/header-lookup/{}/shockwave", lookup.case), source, move || {
        let fields = parsed(lookup.input);
        repeat(move || {
            let value = find(black_box(fields), black_box(lookup.name));
            black_box(value).map_or(0, |value| value.len() as u64)
        })
    })
    .budget(0, 0)
    .verify(move || {
        let value = find(parsed(lookup.input), lookup.name);
        Verification::strict(Lookup::answer(value)).expecting(lookup.expected())
    })
}

/// The fields of a request of the corpus. The octets and the scratch are leaked: what is timed
/// borrows them for as long as the process runs.
fn parsed(input: &str) -> Fields<'static> {
    let octets = corpus::message(input).leak();
    let scratch = Box::leak(Box::new(Scratch::new()));
    match parse_request_head(octets, scratch, &Config::strict()) {
        Ok(Parsed::Complete { value, .. }) => value.fields,
        other => panic!("the request was not accepted: {other:?}"),
    }
}
