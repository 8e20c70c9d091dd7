//! The statistics that verdicts rest on: few, exact where that can be had, one method a file.
//!
//! One process launch is one observation. The samples inside a launch share its memory layout and
//! its moment, so they are not independent, and are only ever reduced to that launch's median.
//!
//! All are pure functions. Input without a meaning, which is none at all or a number that is not
//! finite, gives `None`; constant input gives what it shows, that there is no difference. They are
//! held against published examples, against a second implementation that tries every possibility,
//! and against SciPy.

use serde::{Deserialize, Serialize};

mod bootstrap;
mod detectable;
mod estimate;
mod false_discovery;
mod mann_whitney;
mod normal;
mod outliers;
mod random;
mod ranks;
mod ratios;
mod shift;
mod sign;
mod wilcoxon;

#[cfg(test)]
mod brute_force;
#[cfg(test)]
mod scipy;

pub(crate) use bootstrap::bootstrap;
pub(crate) use detectable::smallest_detectable_effect;
pub(crate) use estimate::{Estimate, Spread, coefficient_of_variation, median, quantile};
pub(crate) use false_discovery::benjamini_hochberg;
pub(crate) use mann_whitney::mann_whitney;
pub(crate) use random::Random;
pub(crate) use ratios::{geometric_mean, matched_ratio};
pub(crate) use shift::shift;
pub(crate) use wilcoxon::wilcoxon;

// No verdict rests on these: a cross-check of Wilcoxon's test, the shift of unpaired samples, and
// the classes of outliers. They are for whoever looks into one.
#[allow(unused_imports, reason = "see above")]
pub(crate) use {outliers::outliers, shift::shift_between, sign::sign_test};

/// Where a p-value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// The whole distribution over every possibility that the ranks leave, ties and all.
    Exact,
    /// The normal approximation, corrected for ties and for continuity.
    Normal,
}

/// The values in their order; `None` without any, or where one is no finite number.
fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || !is_finite(values) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(sorted)
}

fn is_finite(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}
