//! `new.txt`: Go's benchmark format, so that the real benchstat reads what was measured.
//!
//! A line a process, since a process is what Go's `-count` repeats; one line without a time where
//! only counts were taken. Benchstat puts files of different `key: value` lines into different
//! tables: that is right for machines, and wrong for commits, which therefore stand in a remark.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bench::archive::Sample;
use crate::bench::class;
use crate::bench::exact::{self, Exact};
use crate::bench::protocol::{Benchmark, Throughput};
use crate::bench::session::Session;

/// What benchstat should know of the units that are the same on every run.
const UNITS: [&str; 4] = ["B/op", "allocs/op", "instr/op", "first-instr/op"];

pub(crate) fn render(session: &Session, samples: &[Sample]) -> String {
    let mut text = format!("# commit {}\npkg: shockwave\n", session.commit);
    if let Some(cpu) = &session.fingerprint.cpu {
        let _ = writeln!(text, "cpu: {cpu}");
    }
    let _ = writeln!(text, "machine: {}", class::machine_key(&session.fingerprint));
    for unit in UNITS {
        let _ = writeln!(text, "Unit {unit} better=lower assume=exact");
    }
    let counted = exact::figures(samples);
    let mut timed: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in samples {
        if let Sample::Timing(timing) = sample
            && let Some(median) = timing.median()
        {
            let iterations = timing.iters.iter().sum();
            timed.entry(&timing.id).or_default().push((iterations, median));
        }
    }
    for (id, (benchmark, exact)) in &counted {
        let name = name(id);
        let counts = counts(exact);
        for (iterations, median) in timed.get(id).into_iter().flatten() {
            let rate = rate(benchmark, *median);
            let _ = writeln!(text, "{name}\t{iterations:.0}\t{median} ns/op{rate}{counts}");
        }
        if !timed.contains_key(id) && !counts.is_empty() {
            let _ = writeln!(text, "{name}\t1{counts}");
        }
    }
    text
}

fn rate(benchmark: &Benchmark, median: f64) -> String {
    match benchmark.throughput {
        // Octets a nanosecond times a thousand are megabytes a second.
        Some(Throughput::Bytes(bytes)) => format!("\t{:.2} MB/s", bytes as f64 / median * 1e3),
        _ => String::new(),
    }
}

fn counts(exact: &Exact) -> String {
    let values = [exact.bytes, exact.allocs, exact.steady, exact.cold];
    let known = values.into_iter().zip(UNITS).filter_map(|(value, unit)| Some((value?, unit)));
    known.map(|(value, unit)| format!("\t{value} {unit}")).collect()
}

/// `http11/parse/..` as `BenchmarkHttp11/parse/..-1`: after the prefix Go asks for a capital, and
/// the number of threads comes last.
pub(crate) fn name(id: &str) -> String {
    let mut letters = id.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("Benchmark{}{}-1", first.into_iter().collect::<String>(), letters.as_str())
}
