//! `benches/gates.toml`: what a change may cost.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

pub(crate) const FILE: &str = "benches/gates.toml";
/// Below so many launches no two-sided p-value can be below 5 %.
const FEWEST_LAUNCHES: usize = 6;

/// The gates. Percentages are of the older version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Gates {
    pub(crate) allocs: Allocs,
    pub(crate) bytes: Bytes,
    pub(crate) peak_live: PeakLive,
    pub(crate) instructions: Instructions,
    pub(crate) time: Time,
}

/// Whether a figure is the same on every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Class {
    Exact,
    Noisy,
}

/// What becomes of a change beyond a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    Flag,
    Fail,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Allocs {
    class: Class,
    /// Of any, where there was none.
    pub(crate) from_zero: Action,
    /// Of more, where there were some.
    pub(crate) increase: Action,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Bytes {
    class: Class,
    pub(crate) fail_percent: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PeakLive {
    class: Class,
    pub(crate) flag_percent: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Instructions {
    class: Class,
    /// A change up to this is none.
    pub(crate) tolerance_percent: f64,
    pub(crate) flag_percent: f64,
    pub(crate) fail_percent: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Time {
    class: Class,
    pub(crate) adjusted_p: f64,
    pub(crate) fail_percent: f64,
    /// Of the end of the interval that is nearer to no change.
    pub(crate) near_end_percent: f64,
    pub(crate) screen: Launches,
    pub(crate) confirm: Launches,
}

/// How much is measured in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Launches {
    pub(crate) launches: usize,
    /// Of each side in a launch.
    pub(crate) blocks: usize,
}

impl Gates {
    pub(crate) fn load() -> Result<Self> {
        let text = std::fs::read_to_string(Path::new(FILE))
            .with_context(|| format!("cannot read {FILE}"))?;
        Self::parse(&text).with_context(|| format!("in {FILE}"))
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let gates: Self = toml::from_str(text)?;
        gates.check()?;
        Ok(gates)
    }

    /// What the types do not say.
    fn check(&self) -> Result<()> {
        let Self { allocs, bytes, peak_live, instructions, time } = self;
        let classes = [
            ("allocs", allocs.class, Class::Exact),
            ("bytes", bytes.class, Class::Exact),
            ("peak-live", peak_live.class, Class::Exact),
            ("instructions", instructions.class, Class::Exact),
            ("time", time.class, Class::Noisy),
        ];
        for (metric, class, is) in classes {
            if class != is {
                bail!("{metric}.class: it is {is:?} by its nature, and not {class:?}");
            }
        }
        let percentages = [
            ("bytes.fail-percent", bytes.fail_percent),
            ("peak-live.flag-percent", peak_live.flag_percent),
            ("instructions.tolerance-percent", instructions.tolerance_percent),
            ("instructions.flag-percent", instructions.flag_percent),
            ("instructions.fail-percent", instructions.fail_percent),
            ("time.near-end-percent", time.near_end_percent),
            ("time.fail-percent", time.fail_percent),
        ];
        for (key, percent) in percentages {
            if !(0.0..=1000.0).contains(&percent) {
                bail!("{key}: {percent} is no percentage from 0 to 1000");
            }
        }
        for pair in percentages[2..].windows(2) {
            let [(lower, low), (higher, high)] = pair else { continue };
            let one_metric = lower.split('.').next() == higher.split('.').next();
            if one_metric && low > high {
                bail!("{lower}: {low} is beyond {higher}, {high}");
            }
        }
        if !(time.adjusted_p > 0.0 && time.adjusted_p < 1.0) {
            bail!("time.adjusted-p: {} is not between 0 and 1", time.adjusted_p);
        }
        for (key, stage) in [("time.screen", time.screen), ("time.confirm", time.confirm)] {
            if !(FEWEST_LAUNCHES..=1000).contains(&stage.launches) {
                bail!("{key}.launches: {} is not from {FEWEST_LAUNCHES} to 1000", stage.launches);
            }
            if !(1..=1000).contains(&stage.blocks) {
                bail!("{key}.blocks: {} is not from 1 to 1000", stage.blocks);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) fn committed() -> Gates {
    Gates::parse(include_str!("../../../../benches/gates.toml")).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../../../benches/gates.toml");

    #[test]
    fn the_committed_table_is_read() {
        let gates = committed();
        assert_eq!((gates.allocs.from_zero, gates.allocs.increase), (Action::Fail, Action::Flag));
        assert_eq!(gates.time.confirm, Launches { launches: 24, blocks: 30 });
        let text = toml::to_string(&gates).unwrap();
        assert_eq!(Gates::parse(&text).unwrap(), gates);
    }

    #[test]
    fn an_error_names_its_key() {
        let wrong = [
            ("from-zero = \"fail\"", "from-zero = \"ignore\"", "ignore"),
            ("from-zero = \"fail\"", "from_zero = \"fail\"", "from_zero"),
            ("increase = \"flag\"", "", "increase"),
            ("[bytes]", "[octets]", "octets"),
            ("fail-percent = 10.0", "fail-percent = -1.0", "bytes.fail-percent: -1"),
            ("fail-percent = 10.0", "fail-percent = nan", "bytes.fail-percent: NaN"),
            ("fail-percent = 10.0", "fail-percent = \"10\"", "fail-percent"),
            ("fail-percent = 3.0", "fail-percent = 0.5", "instructions.flag-percent: 1 is beyond"),
            ("near-end-percent = 2.0", "near-end-percent = 7.0", "time.near-end-percent: 7"),
            ("adjusted-p = 0.05", "adjusted-p = 1.0", "time.adjusted-p: 1 "),
            ("launches = 12", "launches = 5", "time.screen.launches: 5 "),
            ("blocks = 30", "blocks = 0", "time.confirm.blocks: 0 "),
            ("class = \"noisy\"", "class = \"exact\"", "time.class"),
        ];
        for (right, wrong, named) in wrong {
            assert!(TEXT.contains(right), "{right}");
            let error = Gates::parse(&TEXT.replacen(right, wrong, 1)).unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(named), "{named}: {error}");
        }
    }
}
