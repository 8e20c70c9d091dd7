//! Criterion: the mode without `--kit`.

use std::time::Instant;

use criterion::{BenchmarkId, Criterion};

use super::{Outcome, complain};
use crate::bench::{Registered, Work, caught};
use crate::{Registry, Throughput, region};

/// Runs the suite as criterion's own `main` would: its group is `<category>/<operation>`, its
/// function the case, its parameter the engine, so that its `full_id` is the benchmark's id.
pub(super) fn run(registry: &Registry) -> Outcome {
    let mut criterion = Criterion::default().configure_from_args();
    let mut outcome = Outcome::Passed;
    for family in families(registry) {
        let mut group = criterion.benchmark_group(family);
        for bench in registry.benches().iter().filter(|bench| bench.id.family() == family) {
            group.throughput(match bench.throughput {
                Throughput::Bytes(octets) => criterion::Throughput::Bytes(octets),
                Throughput::Elements(elements) => criterion::Throughput::Elements(elements),
            });
            let id = BenchmarkId::new(bench.id.case(), bench.id.engine());
            // Made when criterion first runs it: a filter may have passed it over.
            let mut work: Option<Work> = None;
            let timed = caught("the benchmark", || {
                group.bench_function(id, |bencher| {
                    let work = work.get_or_insert_with(|| checked_and_made(bench));
                    bencher.iter_custom(|n| {
                        let start = Instant::now();
                        region::run(work, n);
                        start.elapsed()
                    });
                });
            });
            if let Err(error) = timed {
                complain(&format!("{}: {error}", bench.id));
                outcome = Outcome::Failed;
            }
        }
        group.finish();
    }
    criterion.final_summary();
    outcome
}

/// The benchmark set up, once its answer is known to be right. Panics where it is not, to get out
/// of criterion's measurement.
fn checked_and_made(bench: &Registered) -> Work {
    match bench.check().and_then(|_| bench.make()) {
        Ok(work) => work,
        Err(error) => panic!("{error}"),
    }
}

fn families(registry: &Registry) -> Vec<&str> {
    let mut families: Vec<&str> = Vec::new();
    for bench in registry.benches() {
        if !families.contains(&bench.id.family()) {
            families.push(bench.id.family());
        }
    }
    families
}
