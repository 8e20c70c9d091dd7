//! What to do, derived by rule from the figures of a report.

use serde::Serialize;

use super::gate::Grade;
use super::model::{Report, plural};
use super::targets::Standing;

/// A recommendation and what it rests on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Advice {
    pub(crate) what: &'static str,
    pub(crate) why: String,
    /// Whether something must be done before the change may land.
    pub(crate) urgent: bool,
}

/// How many ids a sentence names.
const NAMED: usize = 3;

pub(crate) fn advice(report: &Report) -> Vec<Advice> {
    let mut all = Vec::new();
    let mut add = |urgent, what, why| all.push(Advice { what, why, urgent });
    let over: Vec<_> = report.rows.iter().filter(|row| row.over_budget.is_some()).collect();
    if !over.is_empty() {
        let ids = named(over.iter().map(|row| row.benchmark.id.as_str()));
        add(true, "do not merge", format!("over the allocation budget: {ids}"));
    }
    if !report.failures.is_empty() {
        let failed = report.failures.iter().map(|it| it.id.as_deref().unwrap_or("all"));
        add(true, "repair and repeat", format!("failed to measure: {}", named(failed)));
    }
    let failed = report.changes.regressions().filter(|row| row.grade == Grade::Fail);
    let failed: Vec<_> = failed.map(|row| format!("`{}` {}", row.id, row.text)).collect();
    if !failed.is_empty() {
        add(true, "do not merge", format!("regressed: {}", failed.join("; ")));
    }
    let flagged = report.changes.all.iter().filter(|row| row.grade == Grade::Flag);
    let flagged: Vec<_> = flagged.map(|row| row.id.as_str()).collect();
    if !flagged.is_empty() {
        add(false, "monitor", format!("within the gates: {}", named(flagged.iter().copied())));
    }
    let better: Vec<_> = report.changes.improvements().map(|row| row.id.as_str()).collect();
    if !better.is_empty() {
        let why = format!("that they still do the same work: {}", named(better.iter().copied()));
        add(false, "verify what improved", why);
    }
    if report.run.partial {
        add(true, "repeat", "the run was not finished".to_owned());
    }
    let missed = report.targets.iter().filter(|status| status.standing == Standing::Missed);
    let missed: Vec<_> = missed.map(|status| status.id.as_str()).collect();
    if !missed.is_empty() {
        let ids = named(missed.iter().copied());
        let count = plural(missed.len(), "target");
        add(false, "improve", format!("{count} missed: {ids}"));
    }
    let open = report.targets_with(Standing::Undecidable);
    if open > 0 {
        let count = plural(open, "target");
        let why = format!("{count} undecidable, as the spread crosses the limit: `--full` narrows");
        add(false, "measure longer", why);
    }
    let lost: Vec<_> =
        report.lost().filter(|it| it.differs.is_none() && it.ratio.low >= 1.0).collect();
    if !lost.is_empty() {
        let ids = named(lost.iter().map(|it| it.id.as_str()));
        let count = plural(lost.len(), "comparison");
        add(false, "look into", format!("{count} lost to a peer beyond the spread: {ids}"));
    }
    for check in report.health.iter().filter(|check| !check.well) {
        let why = format!("{}: {}; {}", check.name, check.value, check.note);
        add(false, "read with care", why);
    }
    for skipped in &report.skipped {
        add(false, "install or move", format!("{}: {}", skipped.metric, skipped.remedy));
    }
    if all.iter().all(|advice| !advice.urgent) {
        let why = "every benchmark measured kept its budget and gave the right answer; speed is \
                   decided by `cargo xtask bench compare`";
        let what = "nothing found against merging";
        all.insert(0, Advice { what, why: why.to_owned(), urgent: false });
    }
    all
}

fn named<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let ids: Vec<_> = ids.collect();
    let mut text =
        ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED {
        text.push_str(&format!(" and {} more", ids.len() - NAMED));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::archive::Sample;
    use crate::bench::model::fixture;

    fn told(change: impl FnOnce(&mut Vec<Sample>)) -> Vec<(&'static str, bool)> {
        let (run, mut samples) = fixture::archive();
        change(&mut samples);
        let report = Report::build("a", run, samples).unwrap();
        report.advice.iter().map(|advice| (advice.what, advice.urgent)).collect()
    }

    #[test]
    fn all_well_says_so_first_and_what_is_missing_after() {
        let told = told(|_| {});
        assert_eq!(told[0], ("nothing found against merging", false));
        assert!(told.contains(&("install or move", false)), "{told:?}");
    }

    #[test]
    fn an_allocation_over_the_budget_stops_a_merge() {
        let told = told(|samples| {
            for sample in samples {
                if let Sample::Allocations(counts) = sample {
                    counts.allocs += 1.0;
                }
            }
        });
        assert_eq!(told[0], ("do not merge", true));
        assert!(!told.iter().any(|(what, _)| what.contains("against merging")), "{told:?}");
    }

    #[test]
    fn only_some_of_many_ids_are_named() {
        assert_eq!(named(["a", "b", "c", "d", "e"].into_iter()), "`a`, `b`, `c` and 2 more");
    }
}
