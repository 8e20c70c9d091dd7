//! A comparison as a table for the terminal: benchstat's columns first, ours after them.

use comfy_table::{CellAlignment, Table, presets};

use super::archive::Comparison;
use super::evidence;
use super::judge::{Judgement, Row};
use crate::bench::gate::{Gates, Grade, Time};
use crate::bench::stats::{Estimate, Spread};

pub(crate) fn table(comparison: &Comparison, judgement: &Judgement, gates: &Gates) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let [old, new] = &comparison.sides;
    table.set_header(["", &old.name, &new.name, "vs base", "instr/op", "B/op", "allocs/op", ""]);
    for row in &judgement.rows {
        table.add_row(cells(row, gates));
    }
    if let Some((mean, matched)) = judgement.geometric_mean {
        let change = format!("{:+.2}%", (mean - 1.0) * 100.0);
        let name = format!("geomean ({matched} matched)");
        table.add_row([name, String::new(), String::new(), change]);
    }
    for column in table.column_iter_mut().skip(1).take(6) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines = table.to_string();
    let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
    format!("{}\n{}", lines.join("\n"), footer(comparison, judgement))
}

fn cells(row: &Row, gates: &Gates) -> [String; 8] {
    let side = |side: usize| row.time.map_or_else(|| "-".into(), |time| seconds(&time.sides[side]));
    let change = row.time.map_or_else(|| "-".into(), |time| versus(&time, gates));
    let steady = match (row.old.steady, row.new.steady) {
        (Some(old), Some(new)) if old > 0.0 => {
            format!("{new:.0} {:+.1}%", (new - old) / old * 100.0)
        }
        (_, Some(new)) => format!("{new:.0}"),
        (_, None) => "-".into(),
    };
    let bytes = both(row.old.bytes, row.new.bytes);
    let allocs = both(row.old.allocs, row.new.allocs);
    [row.benchmark.id.clone(), side(0), side(1), change, steady, bytes, allocs, row.word()]
}

/// The change in percent, or `~` where there is none to be seen.
fn versus(time: &Time, gates: &Gates) -> String {
    let change = if time.is_significant(gates) {
        format!("{:+.2}%", time.change * 100.0)
    } else {
        "~".into()
    };
    format!("{change} (p={:.3} n={})", time.adjusted, time.launches)
}

fn both(old: Option<f64>, new: Option<f64>) -> String {
    match (old, new) {
        (Some(old), Some(new)) if old != new => format!("{old} -> {new}"),
        (_, Some(new)) => new.to_string(),
        (_, None) => "-".into(),
    }
}

/// Seconds as benchstat has them: four digits, and the spread of the median in percent.
fn seconds(nanoseconds: &Estimate) -> String {
    let units = [(1e9, ""), (1e6, "m"), (1e3, "µ"), (1.0, "n")];
    let fits = units.iter().find(|(size, _)| nanoseconds.median >= *size);
    let (size, unit) = fits.copied().unwrap_or((1.0, "n"));
    let number = nanoseconds.median / size;
    let digits = match number {
        100.0.. => 1,
        10.0.. => 2,
        _ => 3,
    };
    let spread = match nanoseconds.spread {
        Spread::Interval => {
            let median = nanoseconds.median;
            let half = (nanoseconds.high - median).max(median - nanoseconds.low);
            format!("{:.0}%", half / median * 100.0)
        }
        Spread::Range => "∞".into(),
    };
    format!("{number:.digits$}{unit} ± {spread}")
}

/// What is to be known of the whole.
fn footer(comparison: &Comparison, judgement: &Judgement) -> String {
    let mut lines = Vec::new();
    let controls = &judgement.controls;
    if let Some(smallest) = controls.smallest {
        lines.push(format!(
            "A/A today: {} controls, {} flagged, floor {:.1}%; smallest visible {:.1}% in the \
             median; BH over all, q={}",
            controls.run,
            controls.flagged.len(),
            controls.floor * 100.0,
            smallest * 100.0,
            comparison.gates.time.adjusted_p,
        ));
    }
    if controls.disturbed > 0 {
        let (disturbed, launches) = (controls.disturbed, controls.launches);
        lines.push(format!("disturbed by others: {disturbed} of the {launches} launches"));
    }
    let after = comparison.session.after.as_ref();
    if let Some(steal) = after.and_then(|after| after.steal_since(&comparison.session.before)) {
        lines.push(format!("steal {:.1}%", steal * 100.0));
    }
    let shown = |grade: &Grade| *grade > Grade::Note;
    for row in &judgement.rows {
        for finding in row.findings.iter().filter(|finding| shown(&finding.grade)) {
            let word = finding.grade.word();
            lines.push(format!("{word}: {}: {}", row.benchmark.id, finding.text));
        }
    }
    lines.extend(judgement.evidence.iter().flat_map(evidence::told));
    for failure in &judgement.failures {
        let id = failure.id.as_deref().unwrap_or("all");
        lines.push(format!("error: {id}: {}", failure.message));
    }
    for skipped in &judgement.skipped {
        lines.push(format!("skipped {}: {}; {}", skipped.metric, skipped.reason, skipped.remedy));
    }
    lines.extend(comparison.remarks.iter().cloned());
    lines.push(format!("reproduce: cargo xtask {}", comparison.session.arguments.join(" ")));
    lines.join("\n")
}
