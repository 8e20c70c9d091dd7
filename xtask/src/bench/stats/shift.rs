//! Hodges and Lehmann's estimates of how far a sample lies from zero, or from another one.
//!
//! J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Annals of
//! Mathematical Statistics 34 (1963). They are what belongs to the tests by ranks: the shift after
//! which Wilcoxon's test, or Mann and Whitney's, would see the least. Both take memory and time by
//! the square of the number of values, which are launches, and few.

use super::estimate::median;
use super::is_finite;

/// Of one sample: the median of the means of all pairs of values, each with itself among them.
/// `None` without values, or where one is no finite number.
pub(crate) fn shift(differences: &[f64]) -> Option<f64> {
    is_finite(differences).then_some(())?;
    let from = |index: usize| {
        differences[index..].iter().map(move |other| f64::midpoint(differences[index], *other))
    };
    median(&(0..differences.len()).flat_map(from).collect::<Vec<_>>())
}

/// Of two samples: the median of all differences of a value of the second from one of the first,
/// which is above zero where the second's are greater.
#[allow(dead_code, reason = "no verdict rests on it")]
pub(crate) fn shift_between(first: &[f64], second: &[f64]) -> Option<f64> {
    (is_finite(first) && is_finite(second)).then_some(())?;
    let to = |second: &f64| first.iter().map(|first| second - first).collect::<Vec<_>>();
    median(&second.iter().flat_map(to).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_hollander_and_wolfe() {
        // "Nonparametric Statistical Methods" (1973), the data of table 3.1: -0.46; and of table
        // 4.1: 0.305.
        let before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        #[allow(clippy::approx_constant, reason = "a depression, and no circle")]
        let after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        let differences: Vec<f64> = before.iter().zip(&after).map(|(b, a)| a - b).collect();
        assert!((shift(&differences).unwrap() - -0.46).abs() < 1e-9);
        let at_term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let earlier = [1.15, 0.88, 0.90, 0.74, 1.21];
        assert!((shift_between(&earlier, &at_term).unwrap() - 0.305).abs() < 1e-9);
        assert!((shift_between(&at_term, &earlier).unwrap() + 0.305).abs() < 1e-9);
    }

    #[test]
    fn input_without_a_difference_or_a_meaning() {
        assert_eq!(shift(&[0.5; 3]), Some(0.5));
        assert_eq!(shift_between(&[2.0; 2], &[2.0; 3]), Some(0.0));
        assert_eq!((shift(&[]), shift(&[f64::NAN])), (None, None));
        assert_eq!(shift_between(&[], &[1.0]), None);
        assert_eq!(shift_between(&[1.0], &[f64::INFINITY]), None);
    }
}
