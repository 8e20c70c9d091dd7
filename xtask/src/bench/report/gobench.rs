//! `new.txt`: Go's benchmark format, so that the real benchstat reads what was measured.
//!
//! A line a process, since a process is what Go's `-count` repeats.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bench::archive::{Run, Sample};
use crate::bench::protocol::Throughput;

pub(super) fn render(run: &Run, samples: &[Sample]) -> String {
    let mut text = format!("pkg: shockwave\ncommit: {}\n", run.session.commit);
    if let Some(cpu) = &run.session.fingerprint.cpu {
        let _ = writeln!(text, "cpu: {cpu}");
    }
    let mut bytes = BTreeMap::new();
    let mut allocations = BTreeMap::new();
    for sample in samples {
        match sample {
            Sample::Benchmark { benchmark, .. } => {
                if let Some(Throughput::Bytes(count)) = benchmark.throughput {
                    bytes.insert(&benchmark.id, count as f64);
                }
            }
            Sample::Allocations(counts) => {
                allocations.insert(&counts.id, counts);
            }
            _ => {}
        }
    }
    for sample in samples {
        let Sample::Timing(timing) = sample else { continue };
        let Some(median) = timing.median() else { continue };
        let iterations: f64 = timing.iters.iter().sum();
        let _ = write!(text, "{}-1\t{iterations:.0}\t{median} ns/op", name(&timing.id));
        if let Some(bytes) = bytes.get(&timing.id) {
            // Octets a nanosecond times a thousand are megabytes a second.
            let _ = write!(text, "\t{:.2} MB/s", bytes / median * 1e3);
        }
        if let Some(counts) = allocations.get(&timing.id) {
            let _ = write!(text, "\t{} B/op\t{} allocs/op", counts.bytes, counts.allocs);
        }
        text.push('\n');
    }
    text
}

/// `http11/parse/..` as `BenchmarkHttp11/parse/..`: after the prefix Go asks for a capital.
fn name(id: &str) -> String {
    let mut letters = id.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("Benchmark{}{}", first.into_iter().collect::<String>(), letters.as_str())
}
