//! How the performance targets stand.

use crate::bench::model::Report;
use crate::bench::report::page::{Cell, Section, of_standing};
use crate::bench::targets::Standing;

pub(super) fn targets(report: &Report) -> Section {
    let section = Section::new("Performance targets");
    if report.targets.is_empty() {
        return section.text("None: `benches/targets.toml` had no `[[target]]`.");
    }
    let count = |standing| report.targets_with(standing);
    let counts = format!(
        "{} met, {} missed, {} undecidable (the spread crosses the limit), {} not measured.",
        count(Standing::Met),
        count(Standing::Missed),
        count(Standing::Undecidable),
        count(Standing::NotMeasured)
    );
    // What is not reached comes first.
    let order = [Standing::Missed, Standing::Undecidable, Standing::NotMeasured, Standing::Met];
    let mut statuses: Vec<_> = report.targets.iter().collect();
    statuses.sort_by_key(|status| order.iter().position(|it| *it == status.standing));
    let rows = statuses.into_iter().map(|status| {
        vec![
            status.name.as_str().into(),
            Cell::code(&status.id),
            status.limit.as_str().into(),
            status.measured.as_str().into(),
            Cell::toned(status.standing.word(), of_standing(status.standing)),
        ]
    });
    let head = ["target", "benchmark", "limit", "measured", "status"];
    section.text(counts).table(head, rows.collect())
}
