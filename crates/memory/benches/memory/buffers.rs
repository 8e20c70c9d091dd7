//! Byte buffers: take one, write a short head into it, give it back.

use std::hint::black_box;

use shockwave_bench_kit::{Bench, Registry, Verification, repeat};
use shockwave_memory::{Pool, PoolLimits};

const HEAD: &[u8] = b"GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n\r\n";

/// Buffers that are held at once in a burst.
const BURST: usize = 32;

const CASES: [(&str, usize); 4] =
    [("4k", 4 << 10), ("16k", 16 << 10), ("64k", 64 << 10), ("256k", 256 << 10)];

pub(crate) fn register(registry: &mut Registry) {
    for (case, bytes) in CASES {
        registry.add(warm(case, bytes));
        registry.add(fresh("buffer", case, bytes));
    }
    registry.add(missed("16k", 16 << 10));
    registry.add(fresh("buffer-miss", "16k", 16 << 10));
    registry.add(warm_burst("32-of-16k", 16 << 10));
    registry.add(fresh_burst("32-of-16k", 16 << 10));
}

/// The work: what was written is what is answered.
fn fill(buffer: &mut Vec<u8>) -> u64 {
    buffer.extend_from_slice(black_box(HEAD));
    black_box(&buffer[..]).len() as u64
}

/// The answer of one use of `buffer`, which must come empty and with room for `bytes`.
fn answer(buffer: &mut Vec<u8>, bytes: usize) -> Verification {
    let fit = buffer.is_empty() && buffer.capacity() >= bytes;
    fill(buffer);
    let answer = if fit { buffer.clone() } else { b"stale, or too small".to_vec() };
    Verification::strict(answer).expecting(HEAD)
}

fn digest(case: &str) -> shockwave_bench_kit::Digest {
    crate::source(include_str!("buffers.rs"), case)
}

fn warm(case: &str, bytes: usize) -> Bench {
    Bench::new(format!("pooling/buffer/{case}/shockwave"), digest(case), move || {
        let pool = Pool::new(PoolLimits::DEFAULT);
        pool.warm(bytes, 1);
        repeat(move || fill(&mut pool.take(black_box(bytes))))
    })
    .budget(0, 0)
    .verify(move || {
        let pool = Pool::new(PoolLimits::DEFAULT);
        fill(&mut pool.take(bytes)); // what must not be seen again
        answer(&mut pool.take(bytes), bytes)
    })
}

fn missed(case: &str, bytes: usize) -> Bench {
    let empty = || {
        let mut limits = PoolLimits::DEFAULT;
        limits.max_held_bytes = 0; // every return frees, every take misses
        Pool::new(limits)
    };
    Bench::new(format!("pooling/buffer-miss/{case}/shockwave"), digest(case), move || {
        let pool = empty();
        repeat(move || fill(&mut pool.take(black_box(bytes))))
    })
    .budget(1, bytes as u64)
    .verify(move || answer(&mut empty().take(bytes), bytes))
}

fn fresh(operation: &str, case: &str, bytes: usize) -> Bench {
    Bench::new(format!("pooling/{operation}/{case}/malloc"), digest(case), move || {
        repeat(move || fill(&mut Vec::with_capacity(black_box(bytes))))
    })
    .budget(1, bytes as u64)
    .verify(move || answer(&mut Vec::with_capacity(bytes), bytes))
}

fn warm_burst(case: &str, bytes: usize) -> Bench {
    Bench::new(format!("pooling/buffer-burst/{case}/shockwave"), digest(case), move || {
        let pool = Pool::new(PoolLimits::DEFAULT);
        pool.warm(bytes, BURST);
        repeat(move || {
            let mut held: [_; BURST] = core::array::from_fn(|_| pool.take(black_box(bytes)));
            held.iter_mut().map(|buffer| fill(buffer)).sum()
        })
    })
    .budget(0, 0)
    .verify(move || answer(&mut Pool::new(PoolLimits::DEFAULT).take(bytes), bytes))
}

fn fresh_burst(case: &str, bytes: usize) -> Bench {
    Bench::new(format!("pooling/buffer-burst/{case}/malloc"), digest(case), move || {
        repeat(move || {
            let mut held: [_; BURST] =
                core::array::from_fn(|_| Vec::with_capacity(black_box(bytes)));
            held.iter_mut().map(fill).sum()
        })
    })
    .budget(BURST as u64, (BURST * bytes) as u64)
    .verify(move || answer(&mut Vec::with_capacity(bytes), bytes))
}
