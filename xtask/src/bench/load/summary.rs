//! Medians over the rounds, and ratios inside them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::archive::{Archive, Idle, Load, Wrk};
use crate::bench::stats::{Estimate, median};

/// From this part of the time at work on, a process is taken to have had no more to give.
const FULL: f64 = 0.9;

/// From this part of the time on, the CPU of a generator that never sleeps was not its own.
const DISTURBED: f64 = 0.05;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Metric {
    /// Requests for each second of the server's CPU; more is better.
    RequestsPerCpuSecond,
    /// The server's CPU for a request, in user mode.
    UserCpu,
    /// The same, the kernel's part included.
    TotalCpu,
    /// Resident octets of an idle connection that was served once.
    IdleBytes,
    /// Resident octets of a connection that never sent an octet.
    SilentBytes,
}

/// The percentiles that are shown, by name and in percent.
pub(super) const PERCENTILES: [(&str, f64); 5] =
    [("50", 50.0), ("90", 90.0), ("99", 99.0), ("99.9", 99.9), ("99.99", 99.99)];

/// An engine's figures for a workload, over the rounds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) engine: String,
    /// Requests a second: of the pair of server and generator.
    pub(crate) rate: Estimate,
    pub(crate) per_cpu_second: Option<Estimate>,
    /// Microseconds of the server's CPU.
    pub(crate) user_us: Option<Estimate>,
    pub(crate) total_us: Option<Estimate>,
    /// Which part of the time the server and the generator were at work.
    pub(crate) busy: [f64; 2],
    /// Microseconds at the percentiles, each the median of the rounds; the far ones where there
    /// were requests enough.
    pub(crate) latency: [Option<f64>; 5],
    pub(crate) faults: u64,
    pub(crate) unanswered: u64,
    pub(crate) late_sends: u64,
}

/// What held the rate up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bottleneck {
    Server,
    /// The rate is the generator's; the cost of a request still holds.
    Generator,
    /// Neither had its CPU for itself: somebody else took time, or they waited for each other.
    Neither,
}

impl Row {
    pub(super) fn bottleneck(&self) -> Bottleneck {
        match self.busy {
            [server, _] if server >= FULL => Bottleneck::Server,
            [_, generator] if generator >= FULL => Bottleneck::Generator,
            _ => Bottleneck::Neither,
        }
    }
}

/// How many of the measurements were disturbed by somebody else on the generator's CPU, and how
/// many there are; nothing where the generator has no CPU of its own.
pub(super) fn disturbed(archive: &Archive) -> Option<[usize; 2]> {
    archive.cpus.generator?;
    let is_disturbed = |load: &&Load| load.report.disturbed() > DISTURBED;
    Some([archive.loads.iter().filter(is_disturbed).count(), archive.loads.len()])
}

/// The rows of a closed loop, most requests for a second of CPU first.
pub(super) fn closed(archive: &Archive, workload: &str) -> Vec<Row> {
    let is = |load: &&Load| load.report.workload == workload && load.report.rate.is_none();
    let mut rows = rows(archive.loads.iter().filter(is));
    let key = |row: &Row| row.per_cpu_second.map_or(0.0, |estimate| -estimate.median);
    rows.sort_by(|one, other| key(one).total_cmp(&key(other)));
    rows
}

/// The rows of the open loop, the least 99th percentile first.
pub(super) fn open(archive: &Archive) -> Vec<Row> {
    let mut rows = rows(archive.loads.iter().filter(|load| load.report.rate.is_some()));
    let key = |row: &Row| row.latency[2].unwrap_or(f64::INFINITY);
    rows.sort_by(|one, other| key(one).total_cmp(&key(other)));
    rows
}

fn rows<'a>(loads: impl Iterator<Item = &'a Load>) -> Vec<Row> {
    let mut engines: BTreeMap<&str, Vec<&Load>> = BTreeMap::new();
    for load in loads {
        engines.entry(&load.engine).or_default().push(load);
    }
    engines.into_iter().filter_map(|(engine, loads)| row(engine, &loads)).collect()
}

fn row(engine: &str, loads: &[&Load]) -> Option<Row> {
    let over = |figure: &dyn Fn(&Load) -> Option<f64>| {
        loads.iter().filter_map(|load| figure(load)).collect::<Vec<f64>>()
    };
    let estimate = |figure: &dyn Fn(&Load) -> Option<f64>| Estimate::of(&over(figure));
    let middle = |figure: &dyn Fn(&Load) -> Option<f64>| median(&over(figure));
    let sum = |figure: &dyn Fn(&Load) -> u64| loads.iter().map(|load| figure(load)).sum();
    let busy = [0, 1].map(|side| middle(&|load| Some(load.report.busy()[side])).unwrap_or(0.0));
    Some(Row {
        engine: engine.to_owned(),
        rate: estimate(&|load| Some(load.report.requests_per_second))?,
        per_cpu_second: estimate(&|load| load.report.requests_per_cpu_second()),
        user_us: estimate(&|load| Some(load.report.cpu_us()?[0])),
        total_us: estimate(&|load| Some(load.report.cpu_us()?[1])),
        busy,
        latency: [
            middle(&|load| Some(load.report.latency.p50)),
            middle(&|load| Some(load.report.latency.p90)),
            middle(&|load| Some(load.report.latency.p99)),
            middle(&|load| load.report.latency.p99_9),
            middle(&|load| load.report.latency.p99_99),
        ],
        faults: sum(&|load| load.report.faults()),
        unanswered: sum(&|load| load.report.unanswered),
        late_sends: sum(&|load| load.report.late_sends),
    })
}

/// The median over the rounds of one engine's figure against the other's in the same round.
pub(super) fn ratio(
    archive: &Archive,
    workload: &str,
    metric: Metric,
    [engine, against]: [&str; 2],
) -> Option<Estimate> {
    let figures = |name: &str| {
        let is = |load: &&Load| {
            load.engine == name && load.report.workload == workload && load.report.rate.is_none()
        };
        let loads = archive.loads.iter().filter(is);
        loads
            .filter_map(|load| Some((load.round, figure(load, metric)?)))
            .collect::<BTreeMap<usize, f64>>()
    };
    let (ours, theirs) = (figures(engine), figures(against));
    let both = ours.iter().filter_map(|(round, ours)| Some(ours / theirs.get(round)?));
    Estimate::of(&both.collect::<Vec<_>>())
}

fn figure(load: &Load, metric: Metric) -> Option<f64> {
    match metric {
        Metric::RequestsPerCpuSecond => load.report.requests_per_cpu_second(),
        Metric::UserCpu => load.report.cpu_us().map(|[user, _]| user),
        Metric::TotalCpu => load.report.cpu_us().map(|[_, total]| total),
        Metric::IdleBytes | Metric::SilentBytes => None,
    }
}

/// Octets of an idle connection, for each engine: served, and silent.
pub(super) fn idle(archive: &Archive) -> BTreeMap<&str, [Option<Estimate>; 2]> {
    let mut engines: BTreeMap<&str, [Vec<f64>; 2]> = BTreeMap::new();
    for Idle { engine, report, .. } in &archive.idle {
        let [served, silent] = engines.entry(engine).or_default();
        let list = if report.served { served } else { silent };
        list.push(report.bytes_per_connection);
    }
    let estimates = |lists: [Vec<f64>; 2]| lists.map(|list| Estimate::of(&list));
    engines.into_iter().map(|(engine, lists)| (engine, estimates(lists))).collect()
}

/// The generator's figure against wrk's, for each workload.
pub(super) fn beside_wrk(rounds: &[Wrk]) -> Vec<(&str, Estimate)> {
    let mut workloads: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for round in rounds {
        workloads.entry(&round.workload).or_default().push(round.ours / round.wrk);
    }
    let estimate = |(name, ratios): (_, Vec<f64>)| Some((name, Estimate::of(&ratios)?));
    workloads.into_iter().filter_map(estimate).collect()
}
