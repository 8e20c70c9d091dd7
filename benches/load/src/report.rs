//! What the generator tells: one JSON object on standard output. `cargo xtask bench load` reads it.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::process::CpuTime;

/// The figures of one window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The row of the table of workloads.
    pub workload: String,
    /// Connections that were open.
    pub connections: usize,
    /// Requests in flight on each, at most.
    pub depth: usize,
    /// Requests a second that were offered; `None` in a closed loop.
    pub rate: Option<f64>,
    /// How long the window was.
    pub seconds: f64,
    /// Answers in the window that were as expected.
    pub requests: u64,
    /// The same, a second.
    pub requests_per_second: f64,
    /// Octets that came.
    pub octets_received: u64,
    /// Octets that were sent.
    pub octets_sent: u64,
    /// What went wrong, by kind, since the first connection: warm-up and the time after the window
    /// included.
    pub faults: BTreeMap<Fault, u64>,
    /// Whether that was so much that the run was cut short.
    pub gave_up: bool,
    /// Connections that the server closed between two requests, and that were made again.
    pub reconnects: u64,
    /// Answers that were parsed and compared field by field; the others were equal to one of them.
    pub checked_in_full: u64,
    /// Open loop: sent over a millisecond after the intended start although a connection was free.
    /// The generator is to blame for these.
    pub late_sends: u64,
    /// Open loop: due in the window, and without an answer when the run ended.
    pub unanswered: u64,
    /// From the intended start in an open loop, from the sending in a closed one.
    pub latency: Quantiles,
    /// The generator's own CPU time in the window.
    pub generator: CpuTime,
    /// Of it, the time in which there was nothing to do and it only looked: what is left of its
    /// CPU time is work.
    pub spun_seconds: f64,
    /// The server's, where its number was given.
    pub server: Option<CpuTime>,
}

/// Quantiles of latency, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// How many values there are.
    pub count: u64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// Nine of ten.
    pub p90: f64,
    /// 99 of a hundred.
    pub p99: f64,
    /// Only from ten thousand values on.
    pub p99_9: Option<f64>,
    /// Only from a hundred thousand values on.
    pub p99_99: Option<f64>,
    /// The greatest.
    pub max: f64,
}

impl Quantiles {
    /// Of a histogram of nanoseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1e3;
        let count = histogram.len();
        Self {
            count,
            mean: histogram.mean() / 1e3,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: (count >= 10_000).then(|| at(0.999)),
            p99_99: (count >= 100_000).then(|| at(0.9999)),
            max: histogram.max() as f64 / 1e3,
        }
    }
}

/// The memory of connections that do nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdleReport {
    /// Connections that were opened.
    pub connections: u64,
    /// Whether each had a request answered, or never sent an octet.
    pub served: bool,
    /// Resident octets of the server before, after a few connections had come and gone.
    pub before_bytes: u64,
    /// With the connections open, once it stood still.
    pub after_bytes: u64,
    /// The difference, for each.
    pub bytes_per_connection: f64,
}
