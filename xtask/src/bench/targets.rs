//! The performance targets: read from `benches/targets.toml`, held against what a run measured.

use std::path::Path;

use anyhow::{Context as _, Result};
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::model::{Comparison, Row};
use super::stats::Estimate;

pub(crate) const FILE: &str = "benches/targets.toml";

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Target {
    /// What is to be reached, in words.
    pub(crate) name: String,
    /// The ids that it holds for: a regular expression over the whole id.
    pub(crate) ids: String,
    #[serde(flatten)]
    pub(crate) bound: Bound,
}

/// What is bounded, and by how much.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Bound {
    /// Time against a peer's, side by side in one run.
    Ratio {
        against: String,
        at_most: f64,
    },
    /// Nanoseconds an operation.
    Time {
        below_ns: f64,
    },
    Allocations {
        at_most: f64,
    },
}

/// How a target stands for one benchmark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Status {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) limit: String,
    pub(crate) measured: String,
    pub(crate) standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    Met,
    Missed,
    /// The spread crosses the limit: this machine cannot tell today.
    Undecidable,
    NotMeasured,
}

impl Standing {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecidable => "undecidable",
            Self::NotMeasured => "not measured",
        }
    }

    /// A noisy figure meets a limit only with its whole spread.
    fn of(estimate: &Estimate, limit: f64) -> Self {
        if estimate.high <= limit {
            Self::Met
        } else if estimate.low > limit {
            Self::Missed
        } else {
            Self::Undecidable
        }
    }
}

pub(crate) fn load() -> Result<Vec<Target>> {
    if !Path::new(FILE).is_file() {
        return Ok(Vec::new());
    }
    parse(&std::fs::read_to_string(FILE)?).with_context(|| format!("in {FILE}"))
}

fn parse(text: &str) -> Result<Vec<Target>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        target: Vec<Target>,
        /// Of whole servers: `cargo xtask bench load` reads them.
        #[serde(default, rename = "load")]
        _load: Vec<toml::Table>,
    }
    let file: File = toml::from_str(text)?;
    for target in &file.target {
        pattern(target)?;
    }
    Ok(file.target)
}

fn pattern(target: &Target) -> Result<Regex> {
    Regex::new(&format!("^(?:{})$", target.ids)).with_context(|| format!("in {:?}", target.name))
}

/// Each target for each benchmark that it holds for; one line where it holds for none.
pub(crate) fn evaluate(
    targets: &[Target],
    rows: &[Row],
    comparisons: &[Comparison],
) -> Result<Vec<Status>> {
    let mut statuses = Vec::new();
    for target in targets {
        let pattern = pattern(target)?;
        let matching: Vec<_> =
            rows.iter().filter(|row| pattern.is_match(&row.benchmark.id)).collect();
        if matching.is_empty() {
            statuses.push(status(target, &target.ids, None));
        }
        for row in matching {
            statuses.push(status(target, &row.benchmark.id, measure(target, row, comparisons)));
        }
    }
    Ok(statuses)
}

fn status(target: &Target, id: &str, measured: Option<(String, Standing)>) -> Status {
    let limit = match &target.bound {
        Bound::Ratio { against, at_most } => format!("at most {at_most}x {against}"),
        Bound::Time { below_ns } => format!("under {below_ns} ns/op"),
        Bound::Allocations { at_most } => format!("at most {at_most} allocs/op"),
    };
    let (measured, standing) = measured.unwrap_or_else(|| ("-".into(), Standing::NotMeasured));
    Status { name: target.name.clone(), id: id.to_owned(), limit, measured, standing }
}

fn measure(target: &Target, row: &Row, comparisons: &[Comparison]) -> Option<(String, Standing)> {
    match &target.bound {
        Bound::Ratio { against, at_most } => {
            let comparison = comparisons.iter().find(|comparison| {
                comparison.id == row.benchmark.id && comparison.peer == *against
            })?;
            let ratio = &comparison.ratio;
            let shown = format!("{:.2}x ({:.2} to {:.2})", ratio.median, ratio.low, ratio.high);
            Some((shown, Standing::of(ratio, *at_most)))
        }
        Bound::Time { below_ns } => {
            let time = row.time.as_ref()?;
            let shown = format!("{:.2} ns ({:.2} to {:.2})", time.median, time.low, time.high);
            Some((shown, Standing::of(time, *below_ns)))
        }
        Bound::Allocations { at_most } => {
            let allocs = row.allocations.as_ref()?.allocs;
            let standing = if allocs <= *at_most { Standing::Met } else { Standing::Missed };
            Some((format!("{allocs}"), standing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stats::Spread;

    fn estimate(low: f64, high: f64) -> Estimate {
        Estimate { median: f64::midpoint(low, high), low, high, n: 3, spread: Spread::Range }
    }

    #[test]
    fn a_limit_is_met_by_the_whole_spread() {
        assert_eq!(Standing::of(&estimate(0.3, 0.5), 0.5), Standing::Met);
        assert_eq!(Standing::of(&estimate(0.4, 0.6), 0.5), Standing::Undecidable);
        assert_eq!(Standing::of(&estimate(0.6, 0.7), 0.5), Standing::Missed);
    }

    #[test]
    fn the_file_parses_and_wrong_ones_are_told() {
        let text = "[[target]]\nname = \"a\"\nids = \"http11/.*\"\nkind = \"ratio\"\n\
                    against = \"httparse\"\nat_most = 0.5\n";
        let bound = Bound::Ratio { against: "httparse".into(), at_most: 0.5 };
        assert_eq!(parse(text).unwrap()[0].bound, bound);
        assert!(parse(&text.replace("http11/.*", "(")).is_err());
        assert!(parse(&text.replace("ratio", "rate")).is_err());
    }

    #[test]
    fn the_projects_own_file_parses() {
        let text = std::fs::read_to_string(crate::shell::root().join(FILE)).unwrap();
        assert!(!parse(&text).unwrap().is_empty());
    }

    #[test]
    fn each_kind_is_evaluated() {
        let rows = crate::bench::model::fixture::rows();
        let comparisons = crate::bench::model::fixture::comparisons();
        let target = |ids: &str, bound| Target { name: "t".into(), ids: ids.into(), bound };
        let ratio = Bound::Ratio { against: "httparse".into(), at_most: 0.5 };
        let targets = [
            target("http11/parse/get-37/shockwave", ratio.clone()),
            target("http11/parse/get-37/shockwave", Bound::Time { below_ns: 10.0 }),
            target("http11/parse/.*/shockwave", Bound::Allocations { at_most: 0.0 }),
            target("http2/.*", ratio),
        ];
        let statuses = evaluate(&targets, &rows, &comparisons).unwrap();
        let standings: Vec<_> = statuses.iter().map(|status| status.standing).collect();
        use Standing::{Met, Missed, NotMeasured};
        assert_eq!(standings, [Met, Missed, Met, NotMeasured]);
        assert_eq!(statuses[3].id, "http2/.*");
    }
}
