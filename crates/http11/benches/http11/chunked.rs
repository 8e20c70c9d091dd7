//! The chunked transfer coding, both ways.

use std::hint::black_box;

use shockwave_bench_kit::{
    Bench, Checks, Digest, Registry, Throughput, Verification, canonical, corpus, repeat,
};
use shockwave_http11::{ChunkedDecoder, Limits, Piece, encode_chunk, encode_last_chunk};

use super::cases::{self, Engine};

const ENGINE: Engine =
    Engine { name: "shockwave", checks: Checks::Strict, text: include_str!("chunked.rs") };

pub(super) fn register(registry: &mut Registry) {
    for case in cases::CHUNKED {
        let bench = cases::chunked_decode(ENGINE, case, || time_decode, decoded);
        registry.add(bench.budget(0, 0));
    }
    registry.add(encode());
}

fn time_decode(body: &[u8]) -> u64 {
    let mut sum = 0;
    decode(body, |data| sum += black_box(data).len() as u64);
    sum
}

fn decoded(body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    decode(body, |data| content.extend_from_slice(data));
    content
}

/// Hands each piece of the content to `take`, as it stands in the body.
#[inline(always)]
fn decode(mut body: &[u8], mut take: impl FnMut(&[u8])) {
    let mut decoder = ChunkedDecoder::new();
    loop {
        let decoded = decoder.decode(body, &Limits::DEFAULT).expect("the body is sound");
        body = &body[decoded.consumed..];
        match decoded.piece {
            Piece::Data(data) => take(data),
            Piece::LastChunk => break,
            Piece::NeedsMore => panic!("the body is whole"),
        }
    }
    assert_eq!(body, b"\r\n", "an empty trailer section follows");
}

/// 64 KiB of content, encoded in chunks of 4 KiB.
fn encode() -> Bench {
    const CHUNK: usize = 4 << 10;
    let expected = corpus::message("chunked-64k");
    let content = canonical::content_by_oracle(&expected);
    let throughput = Throughput::Bytes(content.len() as u64);
    let source = Digest::of(ENGINE.text.as_bytes()).field(&content);
    let encode = |content: &[u8], out: &mut Vec<u8>| {
        for chunk in content.chunks(CHUNK) {
            encode_chunk(chunk, out);
        }
        encode_last_chunk(out);
    };
    let timed = content.clone();
    Bench::new("http11/chunked/encode-64k/shockwave", source, move || {
        let content = timed.clone();
        let mut out = Vec::new();
        repeat(move || {
            out.clear();
            encode(black_box(&content), &mut out);
            black_box(&out).len() as u64
        })
    })
    .throughput(throughput)
    .budget(0, 0)
    .verify(move || {
        let mut out = Vec::new();
        encode(&content, &mut out);
        Verification::strict(out).expecting(&expected)
    })
}
