//! Medians, what is known of their spread, and the spread of the values themselves.

use serde::{Deserialize, Serialize};

use super::{is_finite, sorted};

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

pub(super) fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

/// The value below which this part of the values lies, between two of them by a straight line
/// (the seventh definition of Hyndman and Fan, 1996; R's, NumPy's and criterion's default).
pub(crate) fn quantile(values: &[f64], part: f64) -> Option<f64> {
    (0.0..=1.0).contains(&part).then_some(())?;
    Some(quantile_of_sorted(&sorted(values)?, part))
}

/// The same, of values that are in order already, and of which there are some.
pub(super) fn quantile_of_sorted(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    // Truncation is meant: the place lies between this value and the next.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the slice")]
    let below = (place.floor() as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
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

/// With `n - 1` below; `None` below two values, or where one is no finite number.
pub(crate) fn standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 || !is_finite(values) {
        return None;
    }
    let mean = mean(values);
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// The standard deviation as a part of the mean; `None` below two values, or of a mean of zero.
pub(crate) fn coefficient_of_variation(values: &[f64]) -> Option<f64> {
    let deviation = standard_deviation(values)?;
    let mean = mean(values);
    (mean != 0.0).then(|| deviation / mean)
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
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
    fn quantiles() {
        let values = [4.0, 1.0, 2.0, 3.0];
        let expected = [(0.0, 1.0), (0.25, 1.75), (0.5, 2.5), (0.9, 3.7), (1.0, 4.0)];
        for (part, value) in expected {
            assert!((quantile(&values, part).unwrap() - value).abs() < 1e-12, "{part}");
        }
        assert_eq!(quantile(&[5.0], 0.3), Some(5.0));
        assert_eq!((quantile(&values, 1.1), quantile(&values, f64::NAN)), (None, None));
        assert_eq!(quantile(&[], 0.5), None);
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
    fn variation() {
        assert_eq!(coefficient_of_variation(&[5.0]), None);
        assert_eq!(coefficient_of_variation(&[-1.0, 1.0]), None);
        assert_eq!(coefficient_of_variation(&[1.0, f64::INFINITY]), None);
        assert_eq!(coefficient_of_variation(&[3.0; 4]), Some(0.0));
        let cv = coefficient_of_variation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert!((cv - (32.0_f64 / 7.0).sqrt() / 5.0).abs() < 1e-12);
    }
}
