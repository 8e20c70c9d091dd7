//! The few statistics that a report needs: medians, their spread, the geometric mean of ratios.
//!
//! One process launch is one observation. The samples inside a launch share its memory layout and
//! its moment, so they are not independent, and are only ever reduced to that launch's median.

use serde::{Deserialize, Serialize};

/// How sure an interval of order statistics has to be before it is called one.
const CONFIDENCE: f64 = 0.95;

/// A median over process launches, with what is known of its spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Estimate {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) n: usize,
    pub(crate) spread: Spread,
}

/// What `low` and `high` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Spread {
    /// A confidence interval for the median, of at least 95 %, from order statistics.
    Interval,
    /// Too few launches for that: the least and the greatest seen.
    Range,
}

impl Estimate {
    /// `None` without values, or where one is no finite number.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values)?;
        let n = sorted.len();
        let (rank, spread) = match interval_rank(n, CONFIDENCE) {
            Some(rank) => (rank, Spread::Interval),
            None => (0, Spread::Range),
        };
        let (low, high) = (sorted[rank], sorted[n - 1 - rank]);
        Some(Self { median: middle(&sorted), low, high, n, spread })
    }
}

pub(crate) fn median(values: &[f64]) -> Option<f64> {
    Some(middle(&sorted(values)?))
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(sorted)
}

fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

/// The greatest `r` for which the interval from the `r`-th smallest to the `r`-th greatest of `n`
/// values (from 0) holds the median with at least this confidence: the number of values below the
/// true median is binomial with one half, whatever the distribution. `None` where even the least
/// and the greatest are not enough, which for 95 % is below six values.
fn interval_rank(n: usize, confidence: f64) -> Option<usize> {
    let each_tail = (1.0 - confidence) / 2.0;
    let mut probability = 0.5_f64.powi(i32::try_from(n).ok()?);
    let mut tail = 0.0;
    let mut rank = None;
    for below in 0..n.div_ceil(2) {
        tail += probability;
        if tail > each_tail {
            break;
        }
        rank = Some(below);
        probability *= (n - below) as f64 / (below + 1) as f64;
    }
    rank
}

/// The standard deviation as a part of the mean; `None` below two values.
pub(crate) fn coefficient_of_variation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean != 0.0).then(|| (squares / (n - 1.0)).sqrt() / mean)
}

/// `None` without values, or where one is not above zero.
pub(crate) fn geometric_mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite() || *value <= 0.0) {
        return None;
    }
    let logarithms = values.iter().map(|value| value.ln()).sum::<f64>();
    Some((logarithms / values.len() as f64).exp())
}

/// A small generator of random numbers (SplitMix64): the order of launches follows from a seed that
/// stands in the report.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is above zero and small.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Puts the items into a random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or(last);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn ranks_of_the_interval_are_those_of_the_tables() {
        // Distribution-free 95 % intervals for a median, counted from 1 in the tables: n = 6 to 8
        // take the extremes, 9 to 11 the second, 12 to 14 the third, 20 the sixth, 30 the tenth.
        let expected = [
            (5, None),
            (6, Some(0)),
            (8, Some(0)),
            (9, Some(1)),
            (11, Some(1)),
            (12, Some(2)),
            (14, Some(2)),
            (20, Some(5)),
            (30, Some(9)),
        ];
        for (n, rank) in expected {
            assert_eq!(interval_rank(n, 0.95), rank, "n = {n}");
        }
    }

    #[test]
    fn few_launches_show_their_range() {
        let few = Estimate::of(&[10.0, 30.0, 20.0]).unwrap();
        assert_eq!((few.median, few.low, few.high, few.n), (20.0, 10.0, 30.0, 3));
        assert_eq!(few.spread, Spread::Range);
    }

    #[test]
    fn many_launches_show_an_interval() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let many = Estimate::of(&values).unwrap();
        assert_eq!((many.median, many.low, many.high), (5.5, 2.0, 9.0));
        assert_eq!(many.spread, Spread::Interval);
    }

    #[test]
    fn variation_and_geometric_mean() {
        assert_eq!(coefficient_of_variation(&[5.0]), None);
        let cv = coefficient_of_variation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert!((cv - (32.0_f64 / 7.0).sqrt() / 5.0).abs() < 1e-12);
        assert!((geometric_mean(&[0.5, 2.0, 8.0]).unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[1.0, 0.0]), None);
    }

    #[test]
    fn a_seed_gives_one_order() {
        let order = |seed| {
            let mut items: Vec<u32> = (0..20).collect();
            Random::new(seed).shuffle(&mut items);
            items
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let mut sorted = order(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }
}
