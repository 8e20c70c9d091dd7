//! Finding one field of a parsed head. One operation is one look-up.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Registry, Verification, corpus, repeat};
use shockwave_http11::{Config, Parsed, parse_request_head};
use shockwave_wire::{Fields, Known, Scratch};

use super::cases::{LOOKUPS, Lookup};

pub(super) fn register(registry: &mut Registry) {
    let find: fn(Fields<'static>, &str) -> Option<&'static [u8]> = |fields, name| fields.get(name);
    for lookup in LOOKUPS {
        registry.add(bench(lookup, lookup.case, find));
    }
    // The same look-up where the name is known when the caller is compiled.
    let [by_name, ..] = LOOKUPS;
    registry
        .add(bench(by_name, "known-constant", |fields, _| fields.known(black_box(Known::COOKIE))));
}

fn bench(
    lookup: Lookup,
    case: &str,
    find: impl Fn(Fields<'static>, &str) -> Option<&'static [u8]> + Copy + 'static,
) -> Bench {
    let source = Digest::of(include_bytes!("lookup.rs")).field(&corpus::message(lookup.input));
    Bench::new(format!("http11/header-lookup/{case}/shockwave"), source, move || {
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
