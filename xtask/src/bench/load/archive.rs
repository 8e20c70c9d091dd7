//! `load.json`: everything that a run measured, as it came. `load.md` is made from it alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::engines::Engine;
use super::targets::Target;
use crate::bench::session::Session;

/// Raised whenever the meaning of a field changes.
pub(crate) const SCHEMA: u32 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Archive {
    pub(crate) schema: u32,
    #[serde(flatten)]
    pub(crate) session: Session,
    pub(crate) cpus: Cpus,
    pub(crate) engines: Vec<Engine>,
    /// The targets as they were.
    pub(crate) targets: Vec<Target>,
    pub(crate) skipped: Vec<Skipped>,
    /// What each engine answered before anything was timed, by workload.
    pub(crate) answers: Vec<Verified>,
    pub(crate) loads: Vec<Load>,
    pub(crate) idle: Vec<Idle>,
    pub(crate) wrk: Vec<Wrk>,
}

/// Where the two processes run; nowhere in particular where there is one CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cpus {
    pub(crate) server: Option<usize>,
    pub(crate) generator: Option<usize>,
}

/// What could not be measured, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Skipped {
    pub(crate) what: String,
    pub(crate) why: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub(crate) engine: String,
    pub(crate) answer: Answer,
}

/// What the generator tells of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) workload: String,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) has_date: bool,
    pub(crate) has_length: bool,
    pub(crate) content_bytes: usize,
    pub(crate) content_digest: String,
    pub(crate) head_bytes: usize,
}

/// One measurement: a fresh server under load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) engine: String,
    pub(crate) round: usize,
    /// The part of all CPU time that the hypervisor took away meanwhile.
    pub(crate) steal: Option<f64>,
    pub(crate) report: Report,
}

/// What the generator tells of a measurement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) workload: String,
    pub(crate) connections: usize,
    pub(crate) depth: usize,
    /// Of an open loop.
    pub(crate) rate: Option<f64>,
    pub(crate) seconds: f64,
    pub(crate) requests: u64,
    pub(crate) requests_per_second: f64,
    pub(crate) octets_received: u64,
    pub(crate) octets_sent: u64,
    pub(crate) faults: BTreeMap<String, u64>,
    pub(crate) gave_up: bool,
    pub(crate) reconnects: u64,
    pub(crate) checked_in_full: u64,
    pub(crate) late_sends: u64,
    pub(crate) unanswered: u64,
    pub(crate) latency: Quantiles,
    pub(crate) generator: CpuTime,
    /// Time in which the generator looked for something to do, in vain.
    pub(crate) spun_seconds: f64,
    pub(crate) server: Option<CpuTime>,
}

/// Microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Quantiles {
    pub(crate) count: u64,
    pub(crate) mean: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p99_9: Option<f64>,
    pub(crate) p99_99: Option<f64>,
    pub(crate) max: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CpuTime {
    pub(crate) seconds: f64,
    pub(crate) user_seconds: f64,
    /// That the split into user and system rests on.
    pub(crate) ticks: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Idle {
    pub(crate) engine: String,
    pub(crate) round: usize,
    pub(crate) report: IdleReport,
}

/// What the generator tells of idle connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IdleReport {
    pub(crate) connections: u64,
    pub(crate) served: bool,
    pub(crate) before_bytes: u64,
    pub(crate) after_bytes: u64,
    pub(crate) bytes_per_connection: f64,
}

/// A round of the generator beside wrk: requests for each second of the server's CPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wrk {
    pub(crate) workload: String,
    pub(crate) round: usize,
    pub(crate) wrk: f64,
    pub(crate) ours: f64,
}

impl Report {
    /// The number to compare: it holds also where the generator was the bottleneck.
    pub(crate) fn requests_per_cpu_second(&self) -> Option<f64> {
        let server = self.server.filter(|server| server.seconds > 0.0)?;
        Some(self.requests as f64 / server.seconds)
    }

    /// Microseconds of the server's CPU for a request: in user mode, in all.
    pub(crate) fn cpu_us(&self) -> Option<[f64; 2]> {
        let server = self.server.filter(|_| self.requests > 0)?;
        let each = |seconds: f64| seconds * 1e6 / self.requests as f64;
        Some([each(server.user_seconds), each(server.seconds)])
    }

    /// Which part of the time the server and the generator were at work.
    pub(crate) fn busy(&self) -> [f64; 2] {
        let work = (self.generator.seconds - self.spun_seconds).max(0.0);
        [self.server.map_or(0.0, |server| server.seconds), work].map(|it| self.part(it))
    }

    /// Which part of the time somebody else had the CPU of a generator that never sleeps.
    pub(crate) fn disturbed(&self) -> f64 {
        1.0 - self.part(self.generator.seconds)
    }

    fn part(&self, seconds: f64) -> f64 {
        if self.seconds > 0.0 { seconds / self.seconds } else { 0.0 }
    }

    pub(crate) fn faults(&self) -> u64 {
        self.faults.values().sum()
    }
}
