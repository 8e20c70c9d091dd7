//! Masking and UTF-8 alone, beside a copy of as much memory and the standard library.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Digest, Registry, Throughput, Verification, repeat};
use shockwave_websocket::Mask;

use super::cases::Payload;

const TEXT: &[u8] = include_bytes!("octets.rs");

const SIZES: [(&str, usize); 6] = [
    ("16", 16),
    ("125", 125),
    ("1k", 1 << 10),
    ("16k", 16 << 10),
    ("64k", 64 << 10),
    ("1m", 1 << 20),
];

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// How a copy differs.
const A_COPY: &str = "copies as many octets and masks none: what memory allows";

pub(super) fn register(registry: &mut Registry) {
    for (size, length) in SIZES {
        registry.add(mask(size, length));
        registry.add(mask_copy(size, length));
        registry.add(memcpy(size, length));
        registry.add(memcpy_as_mask(size, length));
    }
    for (case, payload, length) in utf8_cases() {
        registry.add(utf8(&case, payload, length));
        registry.add(utf8_std(&case, payload, length));
    }
}

/// The cases of `websocket/utf8`, their texts and lengths.
pub(crate) fn utf8_cases() -> impl Iterator<Item = (String, Payload, usize)> {
    let kinds = [("ascii", Payload::Ascii), ("mixed", Payload::Mixed)];
    kinds.into_iter().flat_map(|(name, payload)| {
        SIZES.map(|(size, length)| (format!("{name}-{size}"), payload, length))
    })
}

fn bench<W>(id: String, length: usize, make: impl Fn() -> W + 'static) -> Bench
where
    W: FnMut() -> u64 + 'static,
{
    let source = Digest::of(TEXT).field(id.as_bytes());
    Bench::new(id, source, move || repeat(make()))
        .throughput(Throughput::Bytes(length as u64))
        .budget(0, 0)
}

fn masked(length: usize) -> Vec<u8> {
    let octets = Payload::Binary.octets(length);
    octets.iter().zip(KEY.iter().cycle()).map(|(octet, key)| octet ^ key).collect()
}

/// What the group answers: how many octets, and whether each is right. (A copy has others.)
fn answer(length: usize, is_right: bool) -> Verification {
    Verification::strict(format!("{length} {is_right}")).expecting(format!("{length} true"))
}

/// In place: each octet is loaded and stored once, as by a copy.
fn mask(size: &str, length: usize) -> Bench {
    bench(format!("websocket/mask/{size}/shockwave"), length, move || {
        let mut octets = Payload::Binary.octets(length);
        move || {
            let _ = Mask::new(black_box(KEY)).apply(black_box(&mut octets));
            1
        }
    })
    .verify(move || {
        let mut octets = Payload::Binary.octets(length);
        let _ = Mask::new(KEY).apply(&mut octets);
        answer(length, octets == masked(length))
    })
}

fn memcpy_as_mask(size: &str, length: usize) -> Bench {
    copy(format!("websocket/mask/{size}/memcpy"), length).differs(A_COPY)
}

fn memcpy(size: &str, length: usize) -> Bench {
    copy(format!("websocket/mask-copy/{size}/memcpy"), length).differs(A_COPY)
}

fn copy(id: String, length: usize) -> Bench {
    bench(id, length, move || {
        let octets = Payload::Binary.octets(length);
        let mut out: Vec<u8> = Vec::new();
        move || {
            out.clear();
            out.extend_from_slice(black_box(&octets));
            black_box(&out).len() as u64
        }
    })
    .verify(move || answer(length, true))
}

fn mask_copy(size: &str, length: usize) -> Bench {
    bench(format!("websocket/mask-copy/{size}/shockwave"), length, move || {
        let octets = Payload::Binary.octets(length);
        let mut out = Vec::new();
        move || {
            out.clear();
            let _ = Mask::new(black_box(KEY)).append(black_box(&octets), &mut out);
            black_box(&out).len() as u64
        }
    })
    .verify(move || {
        let mut out = Vec::new();
        let _ = Mask::new(KEY).append(&Payload::Binary.octets(length), &mut out);
        answer(length, out == masked(length))
    })
}

fn utf8(case: &str, payload: Payload, length: usize) -> Bench {
    let check = |octets: &[u8]| shockwave_simd::from_utf8(octets).map_or(0, str::len) as u64;
    utf8_by(format!("websocket/utf8/{case}/shockwave"), payload, length, check)
}

fn utf8_std(case: &str, payload: Payload, length: usize) -> Bench {
    let check = |octets: &[u8]| std::str::from_utf8(octets).map_or(0, str::len) as u64;
    utf8_by(format!("websocket/utf8/{case}/std"), payload, length, check)
}

/// A benchmark of what answers the length of a sound text, and 0 for any other.
pub(crate) fn utf8_by(
    id: String,
    payload: Payload,
    length: usize,
    check: fn(&[u8]) -> u64,
) -> Bench {
    bench(id, length, move || {
        let octets = payload.octets(length);
        move || check(black_box(&octets))
    })
    .verify(move || {
        let mut octets = payload.octets(length);
        let sound = check(&octets);
        octets[length - 2] = 0xFF;
        let answers = [sound, check(&octets)];
        let expected = [length as u64, 0];
        assert_eq!(answers, expected);
        Verification::strict(format!("{answers:?}")).expecting(format!("{expected:?}"))
    })
}
