//! The targets of whole servers: the `[[load]]` tables of `benches/targets.toml`.

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::engines::Role;
use super::summary::{self, Metric};
use crate::bench::stats::Estimate;
use crate::bench::targets::{self, Standing};

/// One target, for the engine that is ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// What is to be reached, in words.
    pub(crate) name: String,
    /// Of a closed loop; of no concern to idle connections.
    #[serde(default)]
    workload: String,
    metric: Metric,
    /// The engine whose figure is one; without it the figure itself is meant.
    against: Option<String>,
    at_most: Option<f64>,
    at_least: Option<f64>,
}

/// How a target stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Status {
    pub(super) name: String,
    pub(super) limit: String,
    pub(super) measured: String,
    pub(super) standing: Standing,
}

pub(super) fn load() -> Result<Vec<Target>> {
    let path = targets::FILE;
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    parse(&text).with_context(|| format!("in {path}"))
}

fn parse(text: &str) -> Result<Vec<Target>> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        load: Vec<Target>,
    }
    Ok(toml::from_str::<File>(text)?.load)
}

/// Each target; those of a kind that this run has not measured are left out, the others are not
/// measured for want of an engine.
pub(super) fn evaluate(archive: &Archive) -> Vec<Status> {
    let measured_idle = !archive.idle.is_empty();
    let is_of_this_run = |target: &&Target| match target.metric {
        Metric::IdleBytes | Metric::SilentBytes => measured_idle,
        _ => archive.loads.iter().any(|load| load.report.workload == target.workload),
    };
    archive.targets.iter().filter(is_of_this_run).map(|target| status(target, archive)).collect()
}

fn status(target: &Target, archive: &Archive) -> Status {
    let estimate = measure(target, archive);
    let against = target
        .against
        .as_deref()
        .map_or_else(|| " octets".to_owned(), |against| format!("x {against}"));
    let bound = |word: &str, limit: Option<f64>| Some(format!("{word} {}{against}", limit?));
    let limits = [bound("at least", target.at_least), bound("at most", target.at_most)];
    let digits = if target.against.is_some() { 2 } else { 0 };
    Status {
        name: target.name.clone(),
        limit: limits.into_iter().flatten().collect::<Vec<_>>().join(", "),
        measured: estimate.map_or_else(
            || "-".into(),
            |Estimate { median, low, high, .. }| {
                format!("{median:.digits$} ({low:.digits$} to {high:.digits$})")
            },
        ),
        standing: estimate.map_or(Standing::NotMeasured, |estimate| standing(target, &estimate)),
    }
}

fn measure(target: &Target, archive: &Archive) -> Option<Estimate> {
    let ours = archive.engines.iter().find(|engine| engine.role == Role::Ours)?;
    let idle = |silent: usize| summary::idle(archive).get(ours.name.as_str())?[silent];
    match target.metric {
        Metric::IdleBytes => idle(0),
        Metric::SilentBytes => idle(1),
        metric => {
            let pair = [ours.name.as_str(), target.against.as_deref()?];
            summary::ratio(archive, &target.workload, metric, pair)
        }
    }
}

/// A noisy figure keeps a limit only with its whole spread.
fn standing(target: &Target, estimate: &Estimate) -> Standing {
    let most = target.at_most.unwrap_or(f64::INFINITY);
    let least = target.at_least.unwrap_or(f64::NEG_INFINITY);
    if estimate.high <= most && estimate.low >= least {
        Standing::Met
    } else if estimate.low > most || estimate.high < least {
        Standing::Missed
    } else {
        Standing::Undecidable
    }
}

/// The project's own table, from wherever the tests run.
#[cfg(test)]
pub(super) fn load_for_tests() -> Vec<Target> {
    parse(&std::fs::read_to_string(crate::shell::root().join(targets::FILE)).unwrap()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stats::Spread;

    #[test]
    fn the_projects_own_file_parses() {
        let targets = load_for_tests();
        assert!(targets.len() >= 4);
        for target in &targets {
            assert!(target.at_most.is_some() || target.at_least.is_some(), "{target:?}");
        }
    }

    #[test]
    fn limits_are_kept_by_the_whole_spread() {
        let target = |at_most, at_least| Target {
            name: "t".into(),
            workload: "w".into(),
            metric: Metric::UserCpu,
            against: None,
            at_most,
            at_least,
        };
        let spread = |low, high| Estimate { median: low, low, high, n: 3, spread: Spread::Range };
        let cases = [
            (target(Some(0.5), None), 0.4, 0.5, Standing::Met),
            (target(Some(0.5), None), 0.4, 0.6, Standing::Undecidable),
            (target(Some(0.5), None), 0.6, 0.7, Standing::Missed),
            (target(None, Some(1.5)), 1.5, 1.9, Standing::Met),
            (target(None, Some(1.5)), 1.2, 1.4, Standing::Missed),
            (target(None, Some(1.5)), 1.2, 1.6, Standing::Undecidable),
        ];
        for (target, low, high, expected) in cases {
            assert_eq!(standing(&target, &spread(low, high)), expected, "{low} {high}");
        }
    }
}
