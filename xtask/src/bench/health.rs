//! Health checks: what a reader should know before believing a figure of this run.

use serde::Serialize;

use super::archive::Run;
use super::fingerprint::Conditions;
use super::model::Row;
use super::stats::{Estimate, median};

/// Beyond these, a note is made. They judge the machine, not the code.
const STEAL: f64 = 0.02;
const VARIATION: f64 = 0.05;
const CONTROL: f64 = 0.05;
/// Below this, no 95 % interval for a median exists.
const LAUNCHES: usize = 6;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) well: bool,
    pub(crate) note: &'static str,
}

pub(crate) fn checks(run: &Run, rows: &[Row], controls: &[f64]) -> Vec<Check> {
    let (session, cpus) = (&run.session, run.session.fingerprint.logical_cpus);
    let mut checks = Vec::new();
    checks.extend(session.after.as_ref().and_then(|after| steal(&session.before, after)));
    checks.extend(load(&session.before, cpus));
    checks.extend(variation(rows));
    if let Some(ratio) = Estimate::of(controls) {
        checks.push(Check {
            name: "benchmarks paired with themselves",
            value: format!(
                "{:.2}x, {:.2}x to {:.2}x in {} launches",
                ratio.median,
                lowest(controls),
                greatest(controls),
                ratio.n
            ),
            well: lowest(controls) >= 1.0 - CONTROL && greatest(controls) <= 1.0 + CONTROL,
            note: "identical code, a launch at a time; a comparison is the median of its launches, \
                   which spreads less",
        });
    }
    let launches = rows.iter().filter(|row| !row.medians.is_empty()).map(|row| row.medians.len());
    if let Some(fewest) = launches.min() {
        checks.push(Check {
            name: "fewest launches of a timed benchmark",
            value: fewest.to_string(),
            well: fewest >= LAUNCHES,
            note: "below 6 the spread is the range seen, not an interval; `--full` takes 10",
        });
    }
    let counted = rows.iter().filter_map(|row| row.allocations.as_ref()?.linear);
    let (linear, all) = counted.fold((0, 0), |(linear, all), l| (linear + usize::from(l), all + 1));
    if all > 0 {
        checks.push(Check {
            name: "allocations proportional to operations",
            value: format!("{linear} of {all}"),
            well: linear == all,
            note: "where they are not, a count is an average over growth",
        });
    }
    let unverified = rows.iter().filter(|row| row.is_run() && !row.verified).count();
    checks.push(Check {
        name: "measured benchmarks whose answer nobody checked",
        value: unverified.to_string(),
        well: unverified == 0,
        note: "each should verify its answer before it is timed",
    });
    checks
}

/// What the hypervisor took away between two moments.
pub(crate) fn steal(before: &Conditions, after: &Conditions) -> Option<Check> {
    let steal = after.steal_since(before)?;
    Some(Check {
        name: "CPU time taken by the hypervisor",
        value: format!("{:.2} %", steal * 100.0),
        well: steal <= STEAL,
        note: "above 2 %, times are other people's load as well",
    })
}

/// How busy the machine was already.
pub(crate) fn load(before: &Conditions, cpus: usize) -> Option<Check> {
    let one_minute: f64 = before.load.as_deref()?.split(' ').next()?.parse().ok()?;
    Some(Check {
        name: "load before the run",
        value: format!("{one_minute:.2} on {cpus} CPUs"),
        well: one_minute < 0.5 * cpus as f64,
        note: "half the CPUs should be free, one for the benchmark and one for the rest",
    })
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn variation(rows: &[Row]) -> Option<Check> {
    let variations: Vec<f64> = rows.iter().filter_map(|row| row.variation).collect();
    let typical = median(&variations)?;
    let greatest = greatest(&variations);
    Some(Check {
        name: "variation of process medians (CV)",
        value: format!("{:.1} % in the median, {:.1} % at most", typical * 100.0, greatest * 100.0),
        well: greatest <= VARIATION,
        note: "above 5 %, raw times do not carry from run to run; counts and ratios do",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::model::fixture;

    #[test]
    fn each_check_says_what_it_saw() {
        let (run, _) = fixture::archive();
        let checks = checks(&run, &fixture::rows(), &[0.98, 1.0, 1.07]);
        let find = |word: &str| checks.iter().find(|check| check.name.contains(word)).unwrap();
        assert_eq!((find("hypervisor").value.as_str(), find("hypervisor").well), ("1.50 %", true));
        assert_eq!((find("load").value.as_str(), find("load").well), ("0.50 on 2 CPUs", true));
        assert_eq!((find("launches").value.as_str(), find("launches").well), ("3", false));
        assert_eq!(find("proportional").value, "4 of 4");
        assert_eq!(find("nobody").value, "0");
        assert!(!find("variation").well);
        let control = find("themselves");
        assert_eq!(control.value, "1.00x, 0.98x to 1.07x in 3 launches");
        assert!(!control.well);
    }
}
