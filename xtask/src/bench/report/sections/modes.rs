//! Our own work under several allocators, held against the standard one.

use super::short;
use crate::bench::model::Report;
use crate::bench::protocol::{Allocations, MODES};
use crate::bench::report::page::{Cell, Plot, RatioRow, Section, Tone};
use crate::bench::report::units;

/// One mode is called faster only where the whole spread says so.
pub(super) fn modes(report: &Report) -> Section {
    let section = Section::new("Allocation modes");
    let rows = report.rows_of(MODES).map(|row| {
        let counted = |of: fn(&Allocations) -> f64| {
            Cell::or_dash(row.allocations.as_ref().map(|counts| units::exact(of(counts))))
        };
        let compared = report.modes.iter().find(|mode| mode.id == row.benchmark.id);
        let ratio = compared.map(|compared| &compared.ratio);
        vec![
            Cell::code(short(&row.benchmark.id, MODES)),
            Cell::or_dash(row.time.as_ref().map(|time| units::time(time.median))),
            Cell::ratio(ratio),
            Cell::or_dash(ratio.map(|ratio| units::spread(ratio, units::ratio))),
            ratio.map_or(Tone::Plain, Tone::of).word().into(),
            counted(|counts| counts.allocs),
            counted(|counts| counts.bytes),
            counted(|counts| counts.peak_live),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return section.text(
            "Not in this run: `cargo xtask bench --category allocator` holds the request's arena \
             and mimalloc against the standard allocator.",
        );
    }
    let plotted = report.modes.iter().map(|mode| RatioRow {
        group: format!("{} against standard", engine(&mode.id)),
        label: group(short(&mode.id, MODES)).to_owned(),
        ratio: mode.ratio,
    });
    let mut plotted: Vec<_> = plotted.collect();
    plotted.sort_by(|one, other| (&one.group, &one.label).cmp(&(&other.group, &other.label)));
    let head = [
        "benchmark",
        "time/op",
        "against standard",
        "spread",
        "verdict",
        "allocs/op",
        "B/op",
        "B live at most",
    ];
    section
        .text(
            "Our own work under several allocators. The ratio is time against `standard`, in pairs \
             of processes as with the peers. The last count is the most octets that were live at \
             once, above what a warm program holds: what pools and arenas keep from one request to \
             the next is not in it.",
        )
        .table(head, rows)
        .plot(Plot::Ratios(plotted))
}

fn engine(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, engine)| engine)
}

fn group(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(group, _)| group)
}
