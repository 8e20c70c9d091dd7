//! The normal distribution: its upper tail, and the point above which a given tail lies.

use std::f64::consts::{PI, SQRT_2};

/// The probability of a value above `z`, to about 13 digits also where it is small.
pub(super) fn upper_tail(z: f64) -> f64 {
    0.5 * complementary_error(z / SQRT_2)
}

/// The value that a normal one lies below with probability `p`; infinite at 0 and 1.
pub(super) fn quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    // The tail falls steadily, so halving an interval finds it, to the last digit and without a
    // table of coefficients. Below 40 standard deviations a double holds no probability.
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if upper_tail(-middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Abramowitz and Stegun, 7.1.6 (a series of positive terms) and 7.1.14 (a continued fraction).
fn complementary_error(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - complementary_error(-x);
    }
    if x < 2.5 {
        let mut term = x;
        let mut sum = x;
        let mut odd = 1.0;
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= 2.0 * x * x / odd;
            sum += term;
        }
        return 1.0 - 2.0 / PI.sqrt() * (-x * x).exp() * sum;
    }
    // From the inside out: the hundredth part changes nothing any more at 2.5.
    let fraction = (1..=100).rev().fold(x, |inner, part| x + f64::from(part) / 2.0 / inner);
    (-x * x).exp() / (PI.sqrt() * fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_that_of_the_tables() {
        // Abramowitz and Stegun, table 26.1, as 1 - P; the last by its own series.
        let expected = [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (1.96, 0.024_997_895_148_220_43),
            (3.0, 0.001_349_898_031_630_094_6),
            (3.6, 1.591_085_901_575_338_8e-4),
            (6.0, 9.865_876_450_376_98e-10),
            (10.0, 7.619_853_024_160_527e-24),
        ];
        for (z, tail) in expected {
            assert!((upper_tail(z) / tail - 1.0).abs() < 1e-12, "{z}: {}", upper_tail(z));
            assert!((upper_tail(-z) - (1.0 - tail)).abs() < 1e-15, "{z}");
        }
    }

    #[test]
    fn a_quantile_is_the_inverse() {
        assert!((quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
        assert!((quantile(0.8) - 0.841_621_233_572_914_3).abs() < 1e-12);
        assert!(quantile(0.5).abs() < 1e-12);
        assert_eq!((quantile(0.0), quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    }
}
