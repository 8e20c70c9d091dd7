//! The key results of each category.

use super::{PROTOCOLS, short, title};
use crate::bench::model::{Report, Row};
use crate::bench::protocol::MODES;
use crate::bench::report::page::{Cell, LaunchRow, Plot, Section, Tone};
use crate::bench::report::units;

/// The protocols first, in their order, then what else was measured. The allocation modes have a
/// section of their own.
pub(super) fn results(report: &Report) -> Vec<Section> {
    let measured = report.categories.iter().map(|category| category.name.as_str());
    let others = measured.filter(|name| !PROTOCOLS.contains(name) && *name != MODES);
    let mut sections = vec![Section::new("Key results").text(
        "Times are medians of processes; a cell with a dash was not measured. What a time says \
         holds for this machine and this run. Counts of allocations and, for one toolchain, of \
         instructions hold elsewhere, too.",
    )];
    sections.extend(PROTOCOLS.into_iter().chain(others).map(|name| category(report, name)));
    sections
}

fn category(report: &Report, name: &str) -> Section {
    let rows: Vec<_> = report.rows_of(name).map(|row| result(row, report)).collect();
    let head = [
        "benchmark",
        "time/op",
        "B/op",
        "allocs/op",
        "vs baseline",
        "spread",
        "ops/s",
        "throughput",
        "instr/op cold",
        "instr/op steady",
    ];
    let section = Section::new(title(name)).nested();
    let section = match units::spreads(report.rows_of(name).filter_map(|row| row.time.as_ref())) {
        kinds if kinds.is_empty() => section,
        kinds => section.text(format!("The spread is {kinds}.")),
    };
    let launches: Vec<_> = report.rows_of(name).filter_map(launched).collect();
    let section = section.table(head, rows);
    let section = if launches.is_empty() {
        section
    } else {
        let text =
            "Each point is a process: its median against that of all. The bar is the spread.";
        section.text(text).plot(Plot::Launches(launches))
    };
    section.or_else(format!(
        "Not in this run: `cargo xtask bench --category {name}` measures what is registered there."
    ))
}

fn launched(row: &Row) -> Option<LaunchRow> {
    let label = short(&row.benchmark.id, &row.benchmark.category).to_owned();
    let estimate = row.time.filter(|_| row.medians.len() > 1)?;
    Some(LaunchRow { label, values: row.medians.clone(), estimate })
}

fn result(row: &Row, report: &Report) -> Vec<Cell> {
    let time = row.time.as_ref();
    let allocations = row.allocations.as_ref();
    let tone = match (&row.over_budget, row.benchmark.budget, allocations) {
        (Some(_), ..) => Tone::Bad,
        (None, Some(_), Some(_)) => Tone::Good,
        _ => Tone::Plain,
    };
    let allocs = Cell::or_dash(allocations.map(|counts| units::exact(counts.allocs)));
    vec![
        Cell::code(short(&row.benchmark.id, &row.benchmark.category)),
        Cell::or_dash(time.map(|time| units::time(time.median))),
        Cell::or_dash(allocations.map(|counts| units::exact(counts.bytes))),
        Cell { tone, ..allocs },
        against(row, report),
        Cell::or_dash(time.map(|time| units::spread(time, units::time))),
        Cell::or_dash(row.operations_per_second().map(|rate| units::rate(rate, ""))),
        Cell::or_dash(row.throughput().map(|(rate, unit)| units::rate(rate, unit))),
        Cell::or_dash(row.instructions.map(|count| count.cold.to_string())),
        Cell::or_dash(row.instructions.map(|count| units::exact(count.steady))),
    ]
}

/// What is said against the baseline and the older version; a dash where nothing was held.
fn against(row: &Row, report: &Report) -> Cell {
    let held = report.run.held.as_ref();
    let is_without = held.is_some_and(|held| {
        held.without.iter().any(|it| it.split(' ').next() == Some(row.benchmark.id.as_str()))
    });
    match report.changes.word(&row.benchmark.id) {
        Some(word) => word.into(),
        None if is_without => "new".into(),
        None if report.changes.baseline.is_some() && !row.benchmark.is_peers() => "same".into(),
        None => "-".into(),
    }
}
