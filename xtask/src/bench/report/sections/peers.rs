//! The comparison with the peers; what we lose comes first.

use super::title;
use crate::bench::load;
use crate::bench::model::{Comparison, Report, plural};
use crate::bench::protocol::Allocations;
use crate::bench::report::page::{Cell, Plot, RatioRow, Section, Tone};
use crate::bench::report::units;

pub(super) fn comparison(report: &Report) -> Vec<Section> {
    let mut sections = in_pairs(report);
    if report.loads.is_empty() {
        sections.push(Section::new("Whole servers").nested().text(
            "No archive of a load run of this commit and machine: `cargo xtask bench load` \
             measures requests for each second of CPU and latency, with `--idle 5000` the memory \
             of idle connections.",
        ));
    }
    sections.extend(report.loads.iter().flat_map(load::report::excerpt));
    sections
}

/// The paired comparison, without whole servers.
pub(crate) fn in_pairs(report: &Report) -> Vec<Section> {
    let section = Section::new("Comparison with peers");
    if report.comparisons.is_empty() {
        return vec![section.text(
            "No peer in this run: `cargo xtask bench peers --vs hyper,httparse` makes the \
             comparison alone, `cargo xtask bench` makes it with all else.",
        )];
    }
    let kinds = units::spreads(report.comparisons.iter().map(|comparison| &comparison.ratio));
    let mut sections = vec![
        section
            .text(
                "Time against the peer's: below 1 we are faster. The two processes of a launch \
                 lived together and ran in turn, a block of about a millisecond each in random \
                 order; the launch's ratio is the median over the blocks. Shown is the median of \
                 the launches. A peer that accepts malformed input checks less, and is marked so.",
            )
            .text(format!("The spread is {kinds}.")),
        lost(report).nested(),
        all(report).nested(),
        means(report).nested(),
    ];
    sections.extend([unlike(report), engines(report)].map(Section::nested));
    sections.retain(|section| !section.is_empty());
    sections
}

fn lost(report: &Report) -> Section {
    // The worst first; what is not ranked comes last.
    let mut lost: Vec<_> = report.lost().collect();
    lost.sort_by(|one, other| {
        let key = |it: &Comparison| (it.differs.is_some(), -it.ratio.median);
        let (one, other) = (key(one), key(other));
        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
    });
    let rows = lost.into_iter().map(compared).collect();
    let of = plural(report.comparisons.len(), "comparison");
    Section::new("Where we lose")
        .table(COMPARED, rows)
        .or_else(format!("Nowhere, in the median, of {of}."))
}

fn all(report: &Report) -> Section {
    let same = || report.comparisons.iter().filter(|comparison| comparison.differs.is_none());
    let mut plotted: Vec<_> = same()
        .map(|comparison| RatioRow {
            group: format!("against {}", comparison.peer),
            label: comparison.id.clone(),
            ratio: comparison.ratio,
        })
        .collect();
    plotted.sort_by(|one, other| (&one.group, &one.label).cmp(&(&other.group, &other.label)));
    Section::new("All comparisons")
        .plot(Plot::Ratios(plotted))
        .table(COMPARED, same().map(compared).collect())
}

fn means(report: &Report) -> Section {
    let rows = report.summaries.iter().map(|summary| {
        vec![
            title(&summary.category).into(),
            summary.peer.as_str().into(),
            units::ratio(summary.ratio).into(),
            summary.matched.to_string().into(),
        ]
    });
    Section::new("Geometric means")
        .text("Over the benchmarks in which both do the same work, and no others.")
        .table(["category", "peer", "ratio", "benchmarks"], rows.collect())
}

fn unlike(report: &Report) -> Section {
    let other = report.comparisons.iter().filter(|comparison| comparison.differs.is_some());
    let rows: Vec<_> = other.map(compared).collect();
    let section = Section::new("Not the same work");
    if rows.is_empty() {
        return section;
    }
    let text = "The answer is the same, but one of the two did more for it: no ranking.";
    section.text(text).table(COMPARED, rows)
}

/// Each peer as it was run, and why so.
fn engines(report: &Report) -> Section {
    let rows = report.run.peers.iter().map(|peer| {
        vec![
            peer.engine.as_str().into(),
            format!("{} {}", peer.package, peer.version).into(),
            peer.settings.as_str().into(),
            peer.reason.as_str().into(),
            peer.checks.as_str().into(),
            peer.differs.as_str().into(),
        ]
    });
    let head = ["engine", "version", "settings", "why so", "checks", "what it does less or more"];
    Section::new("Peers and their settings").table(head, rows.collect()).folded()
}

const COMPARED: [&str; 10] = [
    "benchmark",
    "peer",
    "ratio",
    "spread",
    "verdict",
    "ours",
    "the peer's",
    "allocs/op",
    "the peer's",
    "remark",
];

fn compared(comparison: &Comparison) -> Vec<Cell> {
    let ratio = &comparison.ratio;
    let tone = match comparison.differs {
        Some(_) => Tone::Open,
        None => Tone::of(ratio),
    };
    let verdict = if comparison.differs.is_some() { "not ranked" } else { tone.word() };
    let mut remarks: Vec<_> = comparison.differs.iter().cloned().collect();
    if comparison.peer_accepts_malformed > 0 {
        let inputs = plural(comparison.peer_accepts_malformed, "malformed input");
        remarks.push(format!("the peer accepts {inputs}"));
    }
    let counts = |allocations: &Option<Allocations>| {
        Cell::or_dash(allocations.as_ref().map(|counts| units::exact(counts.allocs)))
    };
    let [ours, theirs] = comparison.times.map(|time| Cell::or_dash(time.map(units::time)));
    vec![
        Cell::code(&comparison.id),
        comparison.peer.as_str().into(),
        Cell::toned(units::ratio(ratio.median), tone),
        units::spread(ratio, units::ratio).into(),
        verdict.into(),
        ours,
        theirs,
        counts(&comparison.allocations),
        counts(&comparison.peer_allocations),
        remarks.join("; ").into(),
    ]
}
