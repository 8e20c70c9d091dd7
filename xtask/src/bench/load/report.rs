//! `load.md`, for the terminal and the archive: made from `load.json` alone.

use std::fmt::Write as _;

use anyhow::Result;

use super::archive::{Archive, Cpus};
use super::engines::Role;
use super::summary::{self, Bottleneck, Metric, Row};
use super::{FLOOR, WORKLOADS, targets, wrk};
use crate::bench::stats::{Estimate, Spread, median};

/// A table of Markdown, its columns as wide as their widest cell.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|&cell| cell.to_owned()).collect()] }
    }

    fn push<const N: usize>(&mut self, row: [String; N]) {
        self.rows.push(row.to_vec());
    }

    /// Names to the left, figures to the right.
    fn write(&self, text: &mut String) {
        let columns = self.rows.first().map_or(0, Vec::len);
        let cell =
            |row: &Vec<String>, column: usize| row.get(column).map_or(0, |it| it.chars().count());
        let widths: Vec<_> = (0..columns)
            .map(|column| self.rows.iter().map(|row| cell(row, column)).max().unwrap_or(0))
            .collect();
        text.push('\n');
        for (index, row) in self.rows.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let _ = match column {
                    0 => write!(text, "| {cell:<width$} "),
                    _ => write!(text, "| {cell:>width$} "),
                };
            }
            text.push_str("|\n");
            if index == 0 {
                for (column, &width) in widths.iter().enumerate() {
                    let line = "-".repeat(width + 1);
                    let _ = match column {
                        0 => write!(text, "|{line}-"),
                        _ => write!(text, "|{line}:"),
                    };
                }
                text.push_str("|\n");
            }
        }
    }
}

/// The whole report.
pub(super) fn render(archive: &Archive) -> Result<String> {
    let mut text = String::from("# Servers under load\n");
    head(archive, &mut text)?;
    target_table(archive, &mut text);
    losses(archive, &mut text);
    for (workload, rival) in WORKLOADS {
        closed_loop(archive, workload, rival, &mut text);
    }
    open_loop(archive, &mut text);
    idle(archive, &mut text);
    beside_wrk(archive, &mut text);
    skipped(archive, &mut text);
    engines(archive, &mut text);
    Ok(text)
}

fn head(archive: &Archive, text: &mut String) -> Result<()> {
    let fingerprint = &archive.session.fingerprint;
    let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "unknown".into());
    if archive.session.ended.is_none() {
        writeln!(text, "\n**Partial: the run was interrupted.**")?;
    }
    writeln!(text, "\nReproduce: `cargo xtask {}`\n", archive.session.arguments.join(" "))?;
    writeln!(
        text,
        "- {}, commit {}{}",
        archive.session.started,
        archive.session.commit,
        dirty(archive.session.dirty)
    )?;
    writeln!(
        text,
        "- {}, {} logical CPUs, hypervisor: {}, kernel {}",
        known(&fingerprint.cpu),
        fingerprint.logical_cpus,
        known(&fingerprint.hypervisor),
        known(&fingerprint.kernel)
    )?;
    let Cpus { server, generator } = archive.cpus;
    match server.zip(generator) {
        Some((server, generator)) => {
            writeln!(text, "- server on CPU {server}, generator on CPU {generator}, by loopback")?;
        }
        None => writeln!(text, "- server and generator share what CPUs there are, by loopback")?,
    }
    if let Some(rustc) = fingerprint.rustc.first() {
        writeln!(text, "- {rustc}; profile {:?}", fingerprint.profile)?;
    }
    let steals: Vec<f64> = archive.loads.iter().filter_map(|load| load.steal).collect();
    if let (Some(middle), Some(most)) = (median(&steals), steals.iter().copied().reduce(f64::max)) {
        let (middle, most) = (100.0 * middle, 100.0 * most);
        writeln!(text, "- CPU time taken by the hypervisor: {middle:.1} %, at most {most:.1} %")?;
    }
    if let Some([disturbed, all]) = summary::disturbed(archive).filter(|[_, all]| *all > 0) {
        writeln!(
            text,
            "- {disturbed} of {all} measurements were disturbed: somebody else had the generator's \
             CPU for over 5 % of the time. CPU times bear that, rates and latencies do not"
        )?;
    }
    Ok(())
}

fn dirty(dirty: bool) -> &'static str {
    if dirty { ", with changes that are not committed" } else { "" }
}

fn target_table(archive: &Archive, text: &mut String) {
    let statuses = targets::evaluate(archive);
    if statuses.is_empty() {
        return;
    }
    text.push_str("\n## Targets\n");
    let mut table = Table::new(&["target", "limit", "measured", "standing"]);
    for status in statuses {
        let standing = status.standing.word().to_owned();
        table.push([status.name, status.limit, status.measured, standing]);
    }
    table.write(text);
}

/// What others do better, before anything that could please.
fn losses(archive: &Archive, text: &mut String) {
    let Some(ours) = archive.engines.iter().find(|engine| engine.role == Role::Ours) else {
        return;
    };
    let mut lines = String::new();
    let peers = archive.engines.iter().filter(|engine| engine.role == Role::Peer);
    for peer in peers {
        for (workload, _) in WORKLOADS {
            let pair = [peer.name.as_str(), ours.name.as_str()];
            let metric = Metric::RequestsPerCpuSecond;
            if let Some(ratio) = summary::ratio(archive, workload, metric, pair)
                && ratio.median > 1.0
            {
                let shown = shown_ratio(Some(ratio));
                let _ = writeln!(lines, "- {workload}: {} does {shown} of ours", peer.name);
            }
        }
    }
    if !lines.is_empty() {
        let head = "Requests for each second of the server's CPU";
        let _ = write!(text, "\n## Where {} loses\n\n{head}:\n\n{lines}", ours.name);
    }
}

fn closed_loop(archive: &Archive, workload: &str, rival: &str, text: &mut String) {
    let rows = summary::closed(archive, workload);
    let Some(first) = rows.first() else { return };
    let _ = write!(
        text,
        "\n## {workload}\n\nClosed loop; medians of {} rounds. CPU time is the server's, for a \
         request. The rate is that of the pair, and is as good as its bottleneck. Percentiles are \
         from the sending, at saturation: no latency that a user would see.\n",
        first.rate.n
    );
    let mut table = Table::new(&[
        "server",
        "requests/CPU second",
        "user us",
        "total us",
        "requests/s",
        "busy: server",
        "generator",
        "bottleneck",
        "p50 us",
        "p99 us",
        "p99.9 us",
        "faults",
    ]);
    for row in &rows {
        let [p50, p99, p99_9] = row.latency.map(|value| shown(value, 0));
        let [server, generator] = row.busy.map(|part| format!("{:.0} %", 100.0 * part));
        table.push([
            row.engine.clone(),
            row.per_cpu_second.map_or_else(|| "-".into(), |it| format!("{:.0}", it.median)),
            shown(row.user_us.map(|it| it.median), 2),
            shown(row.total_us.map(|it| it.median), 2),
            format!("{:.0}", row.rate.median),
            server,
            generator,
            bottleneck(row).to_owned(),
            p50,
            p99,
            p99_9,
            row.faults.to_string(),
        ]);
    }
    table.write(text);
    ratios(archive, workload, rival, &rows, text);
}

fn bottleneck(row: &Row) -> &'static str {
    match row.bottleneck() {
        Bottleneck::Server => "server",
        Bottleneck::Generator => "generator",
        Bottleneck::Neither => "neither",
    }
}

fn ratios(archive: &Archive, workload: &str, rival: &str, rows: &[Row], text: &mut String) {
    let ratio = |engine: &str, against: &str, metric| {
        summary::ratio(archive, workload, metric, [engine, against])
    };
    let spread = rows.iter().find_map(|row| ratio(&row.engine, rival, Metric::TotalCpu));
    let spread = match spread.map(|estimate| estimate.spread) {
        Some(Spread::Interval) => "the 95 % interval of the median",
        _ => "the range",
    };
    let _ = writeln!(text, "\nRatios inside each round: the median and {spread}.");
    let rate = format!("requests/CPU second vs {rival}");
    let user = format!("user CPU vs {rival}");
    let total = format!("total CPU vs {rival}");
    let floor = format!("total CPU vs {FLOOR}");
    let mut table = Table::new(&["server", &rate, &user, &total, &floor]);
    for row in rows {
        let engine = &row.engine;
        table.push([
            engine.clone(),
            shown_ratio(ratio(engine, rival, Metric::RequestsPerCpuSecond)),
            shown_ratio(ratio(engine, rival, Metric::UserCpu)),
            shown_ratio(ratio(engine, rival, Metric::TotalCpu)),
            shown_ratio(ratio(engine, FLOOR, Metric::TotalCpu)),
        ]);
    }
    table.write(text);
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"))
}

fn shown_ratio(estimate: Option<Estimate>) -> String {
    let Some(Estimate { median, low, high, .. }) = estimate else { return "-".into() };
    format!("{median:.2}x ({low:.2} to {high:.2})")
}

fn open_loop(archive: &Archive, text: &mut String) {
    let rows = summary::open(archive);
    let offered = archive.loads.iter().find_map(|load| Some((load, load.report.rate?)));
    let Some((load, rate)) = offered else { return };
    let _ = write!(
        text,
        "\n## Latency: {}\n\nOpen loop: {rate:.0} requests a second for every server, 60 % of what \
         the slowest can do, at random moments that are the same for all. Latency is from the \
         moment when a request was to start, so who waits for a stalled server is counted. Medians \
         of {} rounds.\n",
        load.report.workload,
        rows.first().map_or(0, |row| row.rate.n)
    );
    let mut table = Table::new(&[
        "server",
        "p50 us",
        "p99 us",
        "p99.9 us",
        "requests/s",
        "busy: server",
        "unanswered",
        "late by the generator",
        "faults",
    ]);
    for row in rows {
        let [p50, p99, p99_9] = row.latency.map(|value| shown(value, 0));
        table.push([
            row.engine,
            p50,
            p99,
            p99_9,
            format!("{:.0}", row.rate.median),
            format!("{:.0} %", 100.0 * row.busy[0]),
            row.unanswered.to_string(),
            row.late_sends.to_string(),
            row.faults.to_string(),
        ]);
    }
    table.write(text);
}

fn idle(archive: &Archive, text: &mut String) {
    let Some(most) = archive.idle.iter().map(|idle| idle.report.connections).max() else { return };
    let _ = write!(
        text,
        "\n## Idle connections\n\nResident octets of the server for each of {most} connections, \
         after one request each, and connected without an octet. The kernel's own memory for a \
         socket is not in it.\n"
    );
    let mut table = Table::new(&["server", "after a request", "without an octet"]);
    let shown = |estimate: Option<Estimate>| {
        estimate.map_or_else(
            || "-".into(),
            |Estimate { median, low, high, .. }| format!("{median:.0} ({low:.0} to {high:.0})"),
        )
    };
    for (engine, [served, silent]) in summary::idle(archive) {
        table.push([engine.to_owned(), shown(served), shown(silent)]);
    }
    table.write(text);
}

fn beside_wrk(archive: &Archive, text: &mut String) {
    if archive.wrk.is_empty() {
        return;
    }
    let tolerance = wrk::TOLERANCE * 100.0;
    let _ = write!(
        text,
        "\n## Beside wrk\n\nRequests for each second of the server's CPU as the generator finds \
         them, against what wrk causes: within {tolerance:.0} % is agreement.\n"
    );
    let mut table = Table::new(&["workload", "generator vs wrk", "rounds"]);
    for (workload, ratio) in summary::beside_wrk(&archive.wrk) {
        table.push([workload.to_owned(), shown_ratio(Some(ratio)), ratio.n.to_string()]);
    }
    table.write(text);
}

fn skipped(archive: &Archive, text: &mut String) {
    if archive.skipped.is_empty() {
        return;
    }
    text.push_str("\n## Not measured\n\n");
    for skipped in &archive.skipped {
        let _ = writeln!(text, "- {}: {}", skipped.what, skipped.why);
    }
}

fn engines(archive: &Archive, text: &mut String) {
    text.push_str("\n## Servers\n\nOne worker each.\n");
    let mut table = Table::new(&["server", "version", "settings", "why so"]);
    for engine in &archive.engines {
        let version = match engine.role {
            Role::Floor => format!("on {} {}", engine.package, engine.version),
            Role::Ours | Role::Peer => engine.version.clone(),
        };
        let (settings, reason) = (engine.settings.clone(), engine.reason.clone());
        table.push([engine.name.clone(), version, settings, reason]);
    }
    table.write(text);
    let ticks = archive.loads.iter().filter_map(|load| Some(load.report.server?.ticks));
    if let Some(least) = ticks.min() {
        let _ = writeln!(
            text,
            "\nTotal CPU time is in nanoseconds, by the scheduler. Its split into user and system \
             rests on {least} clock ticks a measurement, or more: so user CPU is the less sure of \
             the two."
        );
    }
}
