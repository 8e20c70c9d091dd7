//! `cargo xtask bench trend`: how figures went from run to run.
//!
//! Times are followed on one machine and build, and only of one definition: another one is another
//! benchmark. Exact figures are followed by their commits.

use anyhow::{Result, bail};
use comfy_table::{Table, presets};

use super::archive;
use super::history::{self, Entry, Row};
use super::plan::is_selected;
use super::protocol::Benchmark;
use super::stats::{Estimate, quantile};
use crate::flags::TrendArgs;

mod page;

/// Steps that the fence is made from, and how many it takes to make one.
const STEPS: usize = 30;
const FEWEST_STEPS: usize = 8;
/// Beyond the upper quartile by so many times the distance of the quartiles: rustc-perf's rule.
const FENCE: f64 = 3.0;
/// Counts of instructions that differ by less are the same: a hash map's keys are random.
const TOLERANCE: f64 = 0.002;

/// The history of a benchmark.
#[derive(Clone, Debug)]
struct Trend {
    id: String,
    points: Vec<Point>,
    fence: Option<f64>,
    exact: Vec<Exact>,
}

#[derive(Clone, Debug)]
struct Point {
    started: String,
    version: String,
    time: Estimate,
}

/// A figure that is the same on every run, and where it became so.
#[derive(Clone, Debug, PartialEq)]
struct Exact {
    unit: &'static str,
    value: f64,
    since: Since,
}

#[derive(Clone, Debug, PartialEq)]
enum Since {
    /// It changed, from a value, with a version.
    Changed { from: f64, version: String },
    /// As far back as there are runs, to that of a version.
    First { version: String },
}

pub(super) fn run(args: &TrendArgs) -> Result<()> {
    let entries = history::read(&args.history)?;
    if entries.is_empty() {
        let file = args.history.display();
        bail!("{file} has no run yet: each `cargo xtask bench run` that is finished adds one");
    }
    let is_wanted = |trend: &Trend| is_selected(&Benchmark::named(&trend.id), &args.select);
    let trends: Vec<_> = trends(&entries).into_iter().filter(is_wanted).collect();
    if trends.is_empty() {
        bail!("no benchmark of the last run matches");
    }
    println!("{}", table(&trends));
    let beyond: Vec<_> = trends.iter().filter(|trend| trend.is_beyond()).collect();
    println!(
        "{} runs, {} benchmarks, {} beyond their fence",
        entries.len(),
        trends.len(),
        beyond.len()
    );
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    archive::replace_text(&args.out, &page::render(&trends))?;
    println!("plots: {}", args.out.display());
    Ok(())
}

/// Of every benchmark of the newest run.
fn trends(entries: &[Entry]) -> Vec<Trend> {
    let Some(last) = entries.last() else { return Vec::new() };
    let trend = |(id, row): (&String, &Row)| {
        let same = |entry: &&Entry| entry.rows.get(id).is_some_and(|it| it.source == row.source);
        let runs: Vec<&Entry> = entries.iter().filter(same).collect();
        let points = runs.iter().filter(|run| run.key == last.key);
        let points: Vec<Point> = points.filter_map(|run| point(run, id)).collect();
        let medians: Vec<f64> = points.iter().map(|point| point.time.median).collect();
        Trend { id: id.clone(), fence: fence(&medians), points, exact: exact(id, last, &runs) }
    };
    last.rows.iter().map(trend).collect()
}

fn point(run: &Entry, id: &str) -> Option<Point> {
    let time = run.rows.get(id)?.time?;
    Some(Point { started: run.started.clone(), version: run.version(), time })
}

impl Trend {
    /// The last step, as a part of the value before.
    fn step(&self) -> Option<f64> {
        let [.., before, last] = self.points.as_slice() else { return None };
        Some(last.time.median / before.time.median - 1.0)
    }

    fn is_beyond(&self) -> bool {
        self.step().zip(self.fence).is_some_and(|(step, fence)| step.abs() > fence)
    }
}

/// How far a step may go, by the steps before the last.
fn fence(medians: &[f64]) -> Option<f64> {
    let steps: Vec<f64> = medians.windows(2).map(|pair| (pair[1] / pair[0] - 1.0).abs()).collect();
    let (_, before) = steps.split_last()?;
    let recent = &before[before.len().saturating_sub(STEPS)..];
    if recent.len() < FEWEST_STEPS {
        return None;
    }
    let [lower, upper] = [quantile(recent, 0.25)?, quantile(recent, 0.75)?];
    Some(upper + FENCE * (upper - lower))
}

/// A figure's name, where it is, how far two of it may differ, and whether it is a toolchain's.
type Figure = (&'static str, fn(&Row) -> Option<f64>, f64, bool);

const FIGURES: [Figure; 4] = [
    ("allocs/op", |row| row.exact.allocs, 0.0, false),
    ("B/op", |row| row.exact.bytes, 0.0, false),
    ("instr/op", |row| row.exact.steady, TOLERANCE, true),
    ("first-instr/op", |row| row.exact.cold, TOLERANCE, true),
];

fn exact(id: &str, last: &Entry, runs: &[&Entry]) -> Vec<Exact> {
    let follow = |(unit, figure, tolerance, counted): Figure| {
        let comparable = runs.iter().filter(|run| !counted || run.counting == last.counting);
        let values = comparable.filter_map(|run| Some((run.version(), figure(run.rows.get(id)?)?)));
        let (value, since) = last_change(values, tolerance)?;
        Some(Exact { unit, value, since })
    };
    FIGURES.into_iter().filter_map(follow).collect()
}

/// The last value, and where it left the one before: small steps that add up are a change, too.
fn last_change(
    mut values: impl Iterator<Item = (String, f64)>,
    tolerance: f64,
) -> Option<(f64, Since)> {
    let (version, mut settled) = values.next()?;
    let mut since = Since::First { version };
    let mut last = settled;
    for (version, value) in values {
        if (value - settled).abs() > tolerance * settled.abs() {
            since = Since::Changed { from: settled, version };
            settled = value;
        }
        last = value;
    }
    Some((last, since))
}

impl Exact {
    fn shown(&self) -> String {
        let Self { unit, value, since } = self;
        match since {
            Since::Changed { from, version } => format!("{from} -> {value} {unit} in {version}"),
            Since::First { version } => format!("{value} {unit} since {version} or before"),
        }
    }
}

fn percent(part: f64) -> String {
    format!("{:+.1} %", part * 100.0)
}

fn table(trends: &[Trend]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["benchmark", "runs", "ns/op", "last step", "fence", "", "last changed"]);
    for trend in trends {
        let dash = || "-".to_owned();
        let time = trend.points.last().map(|point| point.time.median);
        let fence = trend.fence.map(|fence| format!("{:.1} %", fence * 100.0));
        table.add_row([
            trend.id.clone(),
            trend.points.len().to_string(),
            time.map_or_else(dash, |time| format!("{time:.1}")),
            trend.step().map_or_else(dash, percent),
            fence.unwrap_or_else(dash),
            if trend.is_beyond() { "BEYOND".into() } else { String::new() },
            trend.exact.iter().map(Exact::shown).collect::<Vec<_>>().join("\n"),
        ]);
    }
    table
}

#[cfg(test)]
mod tests;
