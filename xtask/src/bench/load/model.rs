//! What a run of `bench load` says, built from its archive alone: Markdown, HTML, JSON and the
//! report of a run of benchmarks show this and no more.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::archive::{Archive, Cpus, SCHEMA, Skipped};
use super::engines::{Engine, Role};
use super::summary::{self, Metric, Row};
use super::targets::{self, Status};
use super::{DATA, FLOOR, WORKLOADS};
use crate::bench::session::Session;
use crate::bench::stats::{Estimate, median};

#[derive(Clone, Debug, Serialize)]
pub(crate) struct LoadReport {
    /// The archive's folder name.
    pub(crate) archive: String,
    pub(crate) session: Session,
    pub(crate) cpus: Cpus,
    /// The part of all CPU time that the hypervisor took away: in the median, at most.
    pub(crate) steal: Option<[f64; 2]>,
    /// Measurements that somebody else disturbed, and all.
    pub(crate) disturbed: Option<[usize; 2]>,
    pub(crate) targets: Vec<Status>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) latency: Option<Latency>,
    /// How many connections were idle at most.
    pub(crate) idle_connections: Option<u64>,
    pub(crate) idle: Vec<IdleRow>,
    /// For each workload, the generator's figure against wrk's.
    pub(crate) wrk: Vec<(String, Estimate)>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) engines: Vec<Engine>,
    /// The fewest clock ticks that a split into user and system time rests on.
    pub(crate) ticks: Option<u64>,
}

/// Where a peer does more for a second of its CPU than we do.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Loss {
    pub(crate) workload: String,
    pub(crate) peer: String,
    /// The peer's requests for a second of CPU against ours.
    pub(crate) ratio: Estimate,
}

/// A closed loop.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Workload {
    pub(crate) name: String,
    /// The peer that ratios are taken against.
    pub(crate) rival: String,
    pub(crate) rows: Vec<Row>,
    /// Of the rows, in their order.
    pub(crate) ratios: Vec<Ratios>,
}

/// Medians of the ratios inside each round.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ratios {
    pub(crate) per_cpu_second: Option<Estimate>,
    pub(crate) user: Option<Estimate>,
    pub(crate) total: Option<Estimate>,
    pub(crate) total_to_floor: Option<Estimate>,
}

/// The open loop.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) workload: String,
    /// Requests a second that were offered.
    pub(crate) rate: f64,
    pub(crate) rows: Vec<Row>,
}

/// Resident octets of an idle connection.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct IdleRow {
    pub(crate) engine: String,
    pub(crate) served: Option<Estimate>,
    pub(crate) silent: Option<Estimate>,
}

impl LoadReport {
    pub(crate) fn build(name: &str, archive: &Archive) -> Self {
        let steals: Vec<f64> = archive.loads.iter().filter_map(|load| load.steal).collect();
        let most = steals.iter().copied().reduce(f64::max);
        let idle = summary::idle(archive).into_iter().map(|(engine, [served, silent])| IdleRow {
            engine: engine.to_owned(),
            served,
            silent,
        });
        let wrk = summary::beside_wrk(&archive.wrk).into_iter();
        let ticks = archive.loads.iter().filter_map(|load| Some(load.report.server?.ticks));
        Self {
            archive: name.to_owned(),
            session: archive.session.clone(),
            cpus: archive.cpus,
            steal: median(&steals).zip(most).map(|(middle, most)| [middle, most]),
            disturbed: summary::disturbed(archive).filter(|[_, all]| *all > 0),
            targets: targets::evaluate(archive),
            losses: losses(archive),
            workloads: WORKLOADS.iter().filter_map(|it| workload(archive, *it)).collect(),
            latency: latency(archive),
            idle_connections: archive.idle.iter().map(|idle| idle.report.connections).max(),
            idle: idle.collect(),
            wrk: wrk.map(|(name, ratio)| (name.to_owned(), ratio)).collect(),
            skipped: archive.skipped.clone(),
            engines: archive.engines.clone(),
            ticks: ticks.min(),
        }
    }

    /// The engine that is ours.
    pub(crate) fn ours(&self) -> Option<&str> {
        let ours = self.engines.iter().find(|engine| engine.role == Role::Ours)?;
        Some(&ours.name)
    }
}

/// What others do better: a median above 1.
fn losses(archive: &Archive) -> Vec<Loss> {
    let Some(ours) = archive.engines.iter().find(|engine| engine.role == Role::Ours) else {
        return Vec::new();
    };
    let peers = archive.engines.iter().filter(|engine| engine.role == Role::Peer);
    let all = peers.flat_map(|peer| WORKLOADS.map(|(workload, _)| (peer, workload)));
    let lost = |(peer, workload): (&Engine, &str)| {
        let pair = [peer.name.as_str(), ours.name.as_str()];
        let ratio = summary::ratio(archive, workload, Metric::RequestsPerCpuSecond, pair)?;
        let (workload, peer) = (workload.to_owned(), peer.name.clone());
        (ratio.median > 1.0).then_some(Loss { workload, peer, ratio })
    };
    all.filter_map(lost).collect()
}

fn workload(archive: &Archive, (name, rival): (&str, &str)) -> Option<Workload> {
    let rows = summary::closed(archive, name);
    if rows.is_empty() {
        return None;
    }
    let ratios = rows.iter().map(|row| {
        let ratio = |against, metric| summary::ratio(archive, name, metric, [&row.engine, against]);
        Ratios {
            per_cpu_second: ratio(rival, Metric::RequestsPerCpuSecond),
            user: ratio(rival, Metric::UserCpu),
            total: ratio(rival, Metric::TotalCpu),
            total_to_floor: ratio(FLOOR, Metric::TotalCpu),
        }
    });
    let ratios = ratios.collect();
    Some(Workload { name: name.to_owned(), rival: rival.to_owned(), rows, ratios })
}

fn latency(archive: &Archive) -> Option<Latency> {
    let (load, rate) = archive.loads.iter().find_map(|load| Some((load, load.report.rate?)))?;
    let workload = load.report.workload.clone();
    Some(Latency { workload, rate, rows: summary::open(archive) })
}

/// Whether a folder holds an archive of this kind.
pub(crate) fn is_archive(dir: &Path) -> bool {
    dir.join(DATA).is_file()
}

pub(crate) fn read(dir: &Path) -> Result<Archive> {
    let path = dir.join(DATA);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let archive: Archive = serde_json::from_str(&text)
        .with_context(|| format!("{}: no whole load.json", path.display()))?;
    if archive.schema != SCHEMA {
        bail!("{}: schema {} where this xtask reads {SCHEMA}", path.display(), archive.schema);
    }
    Ok(archive)
}

/// The newest archives beside `dir` that are of the same commit and machine: the one with loads,
/// and the one with idle connections.
pub(crate) fn beside(dir: &Path, session: &Session) -> Result<Vec<LoadReport>> {
    let Some(parent) = dir.parent().filter(|parent| parent.is_dir()) else {
        return Ok(Vec::new());
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(parent).with_context(|| format!("cannot read {parent:?}"))? {
        folders.push(entry?.path());
    }
    folders.retain(|folder| is_archive(folder));
    folders.sort();
    let mut found: [Option<LoadReport>; 2] = [None, None];
    for folder in folders.iter().rev() {
        // One of another schema, or cut off, is no reason to have no report.
        let Ok(archive) = read(folder) else { continue };
        let is_same_commit = archive.session.commit == session.commit;
        if !is_same_commit || !archive.session.is_on_machine_of(session) {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let report = LoadReport::build(&name, &archive);
        let kinds = [!archive.loads.is_empty(), !archive.idle.is_empty()];
        let Some(kind) = kinds.iter().position(|is_kind| *is_kind) else { continue };
        found[kind].get_or_insert(report);
    }
    Ok(found.into_iter().flatten().collect())
}
