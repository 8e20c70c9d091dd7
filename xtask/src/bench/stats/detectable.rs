//! How small a change could have been seen: what a verdict of "no difference" is worth.

use super::estimate::standard_deviation;
use super::normal::quantile;

/// The level of the test, two-sided, and how likely a change of this size is found by it.
const ALPHA: f64 = 0.05;
const POWER: f64 = 0.8;

/// How much Wilcoxon's test gets out of normal differences, against a test that knew that they
/// were: 3 / pi (E. J. G. Pitman, 1948; Lehmann, "Nonparametrics", 1975, section 2.4).
const EFFICIENCY: f64 = 3.0 / std::f64::consts::PI;

/// The smallest change of the time that so many launches find with a probability of 80 %, as a part
/// of it, from the spread that the log-ratios of launches have: 0.016 is 1.6 %. `None` below two
/// log-ratios or two launches.
///
/// The formula is that for a shift of normal differences, (t_(1 - alpha/2) + t_power) s / sqrt(n),
/// as in J. H. Zar, "Biostatistical Analysis", section 7.7, with n less by the efficiency.
pub(crate) fn smallest_detectable_effect(log_ratios: &[f64], launches: usize) -> Option<f64> {
    let deviation = standard_deviation(log_ratios)?;
    let freedom = launches.checked_sub(1).filter(|freedom| *freedom > 0)? as f64;
    let distance = student(1.0 - ALPHA / 2.0, freedom) + student(POWER, freedom);
    let shift = distance * deviation / (launches as f64 * EFFICIENCY).sqrt();
    Some(shift.exp_m1())
}

/// The quantile of Student's distribution, by the expansion in Abramowitz and Stegun, 26.7.5. At 5
/// degrees of freedom it errs by a part in 300, and at 11 by one in 10,000.
fn student(p: f64, freedom: f64) -> f64 {
    let z = quantile(p);
    let terms = [
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| (sum + term) / freedom) + z
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stats::{Random, wilcoxon};

    /// A standard normal value, by the sum of twelve even ones.
    fn noise(random: &mut Random) -> f64 {
        (0..12).map(|_| random.below(1_000_001) as f64 / 1e6).sum::<f64>() - 6.0
    }

    #[test]
    fn from_a_spread_of_1_8_percent() {
        let spread = [-0.018, 0.018].map(|it| it / std::f64::consts::SQRT_2);
        let of = |launches| smallest_detectable_effect(&spread, launches).unwrap();
        for (launches, percent) in [(10, "1.85"), (12, "1.65"), (20, "1.22"), (24, "1.11")] {
            assert_eq!(format!("{:.2}", of(launches) * 100.0), percent, "{launches}");
        }
    }

    #[test]
    fn students_quantiles_are_those_of_the_tables() {
        let expected = [(0.975, 5.0, 2.571), (0.975, 11.0, 2.201), (0.8, 11.0, 0.876)];
        for (p, freedom, value) in expected {
            assert!((student(p, freedom) / value - 1.0).abs() < 4e-3, "{p}, {freedom}");
        }
    }

    #[test]
    fn the_power_is_what_it_says() {
        // 2000 comparisons of 12 launches each, with a change of just that size.
        let mut random = Random::new(7);
        let spread: Vec<f64> = (0..5000).map(|_| 0.018 * noise(&mut random)).collect();
        let change = smallest_detectable_effect(&spread, 12).unwrap().ln_1p();
        let found = (0..2000).filter(|_| {
            let launches: Vec<f64> = (0..12).map(|_| change + 0.018 * noise(&mut random)).collect();
            wilcoxon(&launches).unwrap().p <= ALPHA
        });
        let part = found.count() as f64 / 2000.0;
        assert!((0.77..0.83).contains(&part), "{part}");
    }

    #[test]
    fn input_without_a_spread_or_a_meaning() {
        assert_eq!(smallest_detectable_effect(&[0.5; 3], 12), Some(0.0));
        assert_eq!(smallest_detectable_effect(&[0.1], 12), None);
        assert_eq!(smallest_detectable_effect(&[0.1, f64::NAN], 12), None);
        assert_eq!(smallest_detectable_effect(&[0.1, 0.2], 0), None);
        assert_eq!(smallest_detectable_effect(&[0.1, 0.2], 1), None);
    }
}
