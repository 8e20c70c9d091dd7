//! Outliers by class. They are counted, so that a reader sees them, and never dropped.
//!
//! J. W. Tukey, "Exploratory Data Analysis" (1977), chapter 2: beyond one and a half times the
//! distance of the quartiles a value is a mild outlier, beyond three times a severe one.

#![allow(dead_code, reason = "no verdict rests on it")]

use serde::{Deserialize, Serialize};

use super::estimate::quantile_of_sorted;
use super::sorted;

const MILD: f64 = 1.5;
const SEVERE: f64 = 3.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outliers {
    pub(crate) low_severe: usize,
    pub(crate) low_mild: usize,
    pub(crate) high_mild: usize,
    pub(crate) high_severe: usize,
    /// Of so many values.
    pub(crate) n: usize,
}

impl Outliers {
    pub(crate) fn all(&self) -> usize {
        self.low_severe + self.low_mild + self.high_mild + self.high_severe
    }
}

/// `None` without values, or where one is no finite number.
pub(crate) fn outliers(values: &[f64]) -> Option<Outliers> {
    let sorted = sorted(values)?;
    let [lower, upper] = [0.25, 0.75].map(|part| quantile_of_sorted(&sorted, part));
    let fence = |times: f64| [lower - times * (upper - lower), upper + times * (upper - lower)];
    let ([low_severe, high_severe], [low_mild, high_mild]) = (fence(SEVERE), fence(MILD));
    let mut outliers = Outliers { n: sorted.len(), ..Outliers::default() };
    for value in sorted {
        if value < low_severe {
            outliers.low_severe += 1;
        } else if value < low_mild {
            outliers.low_mild += 1;
        } else if value > high_severe {
            outliers.high_severe += 1;
        } else if value > high_mild {
            outliers.high_mild += 1;
        }
    }
    Some(outliers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_by_its_fence() {
        // Quartiles 10 and 14 of 13 values: the fences are -2, 4, 20 and 26.
        let values = [-3.0, 3.0, 4.0, 10.0, 11.0, 11.0, 12.0, 12.0, 13.0, 14.0, 20.0, 21.0, 26.5]
            .map(f64::from);
        let found = outliers(&values).unwrap();
        let classes = [found.low_severe, found.low_mild, found.high_mild, found.high_severe];
        assert_eq!((classes, found.all(), found.n), ([1, 1, 1, 1], 4, 13));
    }

    #[test]
    fn input_without_a_difference_or_a_meaning() {
        assert_eq!(outliers(&[3.0; 9]).unwrap().all(), 0);
        assert_eq!(outliers(&[3.0]).unwrap().all(), 0);
        assert_eq!((outliers(&[]), outliers(&[f64::NAN, 1.0])), (None, None));
    }
}
