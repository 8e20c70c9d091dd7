//! A small archive for tests: two of our benchmarks with rivals, and one that nothing was taken of.

use super::{Comparison, Row};
use crate::bench::archive::{Instructions, Pair, Run, SCHEMA, Sample, Skipped, Timing};
use crate::bench::fingerprint::{Conditions, Fingerprint};
use crate::bench::peers::{self, settings::Peer};
use crate::bench::plan::Profile;
use crate::bench::protocol::{Allocations, Benchmark, Budget, Throughput, Verified, is_ours};
use crate::bench::session::Session;
use crate::bench::targets::{Bound, Target};
use crate::flags::RunArgs;

/// Id, octets, nanoseconds in each round, allocations, instructions cold and in 101 calls.
type Entry = (&'static str, u64, [u32; 3], f64, [u64; 2]);

const ENTRIES: [Entry; 4] = [
    ("http11/parse/get-37/shockwave", 37, [20, 22, 21], 0.0, [300, 15_300]),
    ("http11/parse/get-37/httparse", 37, [50, 55, 50], 0.0, [700, 40_700]),
    ("http11/write/head/shockwave", 120, [80, 84, 79], 0.0, [900, 60_900]),
    ("http11/write/head/hyper", 120, [70, 72, 90], 3.0, [1200, 90_200]),
];

const IDLE: &str = "pooling/take/one/shockwave";

pub(crate) fn archive() -> (Run, Vec<Sample>) {
    let mut samples: Vec<Sample> = ENTRIES.iter().flat_map(samples_of).collect();
    samples.extend(pairs().into_iter().map(Sample::Pair));
    samples.push(Sample::Benchmark { binary: "memory".into(), benchmark: benchmark(IDLE, 1) });
    samples.push(Sample::Skipped(Skipped {
        metric: "cycles/op".into(),
        reason: "this machine has no counters".into(),
        remedy: "run on bare metal".into(),
    }));
    (run(), samples)
}

fn samples_of(&(id, bytes, times, allocs, [once, many]): &Entry) -> Vec<Sample> {
    let benchmark = benchmark(id, bytes);
    let group = benchmark.group();
    let lenient = id.ends_with("httparse").then(|| "bare-cr".to_owned());
    let mut samples = vec![
        Sample::Benchmark { binary: "peers".into(), benchmark },
        Sample::Verified(Verified {
            id: id.into(),
            group,
            accepts: Some("9f".into()),
            rejects: None,
            checks: Some(if lenient.is_some() { "lenient" } else { "strict" }.into()),
            accepts_malformed: lenient.into_iter().collect(),
        }),
        Sample::Allocations(Allocations {
            id: id.into(),
            allocs,
            bytes: allocs * 64.0,
            reallocs: 0.0,
            frees: allocs,
            peak_live: allocs * 64.0,
            retained: Some(0.0),
            linear: Some(true),
        }),
        Sample::Instructions(Instructions { id: id.into(), once, many, calls: 100 }),
    ];
    samples.extend(times.iter().enumerate().map(|(round, nanoseconds)| {
        let iters = vec![1000.0, 2000.0, 3000.0];
        let times = iters.iter().map(|n| n * f64::from(*nanoseconds)).collect();
        Sample::Timing(Timing {
            id: id.into(),
            round,
            sampling_mode: "Linear".into(),
            iters,
            times,
        })
    }));
    samples
}

fn benchmark(id: &str, bytes: u64) -> Benchmark {
    let mut parts = id.split('/').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (category, operation, case, engine) = (part(), part(), part(), part());
    let budget = is_ours(&engine).then_some(Budget { allocs: 0, bytes: 0 });
    let throughput = Some(Throughput::Bytes(bytes));
    let source = Some("5e".into());
    let id = id.into();
    let differs = None;
    Benchmark { id, category, operation, case, engine, throughput, budget, differs, source }
}

fn run() -> Run {
    let target =
        |name: &str, ids: &str, bound| Target { name: name.into(), ids: ids.into(), bound };
    let at = |ticks, stolen| Conditions {
        load: Some("0.50 0.40 0.30".into()),
        ticks: Some(ticks),
        stolen_ticks: Some(stolen),
    };
    Run {
        schema: SCHEMA,
        partial: false,
        session: Session {
            started: "2026-01-02T03:04:05Z".into(),
            ended: Some("2026-01-02T03:06:05Z".into()),
            commit: "0123456789abcdef0123456789abcdef01234567".into(),
            dirty: false,
            arguments: ["bench", "run", "--seed", "7"].map(str::to_owned).into(),
            seed: 7,
            fingerprint: Fingerprint {
                cpu: Some("Example CPU".into()),
                cpu_vendor: Some("Example".into()),
                cpu_family: Some("1".into()),
                simd: Some("avx2".into()),
                logical_cpus: 2,
                memory_mib: Some(4096),
                kernel: Some("6.0".into()),
                hypervisor: Some("yes (Example)".into()),
                governor: None,
                aslr: Some("on".into()),
                rustc: ["rustc 1.95.0", "host: x86_64-unknown-linux-gnu", "release: 1.95.0"]
                    .map(str::to_owned)
                    .into(),
                profile: [("codegen-units".to_owned(), "1".to_owned())].into(),
                rustflags: None,
                valgrind: Some("valgrind-3.19.0".into()),
                crates: [("httparse".to_owned(), "1.10.1".to_owned())].into(),
            },
            before: at(1000, 10),
            after: Some(at(3000, 40)),
        },
        profile: Profile::of(&RunArgs::default()),
        held: None,
        peers: vec![Peer {
            engine: "httparse".into(),
            package: "httparse".into(),
            version: "1.10.1".into(),
            settings: "default features".into(),
            reason: "as its documentation shows".into(),
            checks: "lenient".into(),
            differs: "accepts a bare LF".into(),
        }],
        targets: vec![
            target(
                "parse a small request",
                "http11/parse/get-37/shockwave",
                Bound::Ratio { against: "httparse".into(), at_most: 0.75 },
            ),
            target("parse without allocating", "http11/parse/.*/shockwave", {
                Bound::Allocations { at_most: 0.0 }
            }),
            target("write under 80 ns", "http11/write/head/shockwave", {
                Bound::Time { below_ns: 80.0 }
            }),
            target("frames", "http2/.*/shockwave", Bound::Allocations { at_most: 0.0 }),
        ],
    }
}

pub(crate) fn report() -> super::Report {
    let (run, samples) = archive();
    super::Report::build("20260102T030405Z-0123456789ab", run, samples).unwrap()
}

pub(crate) fn rows() -> Vec<Row> {
    report().rows
}

pub(crate) fn comparisons() -> Vec<Comparison> {
    peers::compare(&rows(), &pairs())
}

/// An allocation mode and the standard one, which is left out of the archive above.
pub(crate) fn modes() -> Vec<Sample> {
    let [arena, standard] = [
        ("allocator/respond/lines/arena", 1, [40, 40, 40], 0.0, [300, 15_300]),
        ("allocator/respond/lines/standard", 1, [80, 80, 80], 17.0, [700, 40_700]),
    ];
    let mut samples: Vec<Sample> = [arena, standard].iter().flat_map(samples_of).collect();
    samples.extend((0..3).map(|launch| Sample::Pair(pair(&arena, &standard, launch))));
    samples
}

fn pair(ours: &Entry, theirs: &Entry, launch: usize) -> Pair {
    Pair {
        ids: [ours.0, theirs.0].map(str::to_owned),
        launch,
        calls: [1000; 2],
        times: vec![[ours, theirs].map(|entry| u64::from(entry.2[launch]) * 1000); 4],
        noise: None,
    }
}

/// The first entry against the second, and the third against the fourth, and a control.
fn pairs() -> Vec<Pair> {
    let [a, b, c, d] = &ENTRIES;
    let launches =
        (0..3).map(|launch| [pair(a, b, launch), pair(c, d, launch), pair(a, a, launch)]);
    launches.flatten().collect()
}
