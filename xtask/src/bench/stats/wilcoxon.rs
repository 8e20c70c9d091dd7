//! Wilcoxon's signed-rank test: do differences lie to one side of zero?
//!
//! F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945). The
//! differences of a pair of sides are the logarithms of their ratio, a launch each.
//!
//! Zeros are handled as J. W. Pratt asks for ("Remarks on zeros and ties in the Wilcoxon signed
//! rank procedures", Journal of the American Statistical Association 54, 1959): they are ranked
//! with the others, and then count for no side. Wilcoxon's own way, to leave them out before
//! ranking, lets a sample become more significant when one of its differences shrinks to nothing.

use super::normal::upper_tail;
use super::{Method, is_finite, ranks};

/// The greatest number of differences for which every choice of signs is counted: also SciPy's.
const EXACT_UP_TO: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wilcoxon {
    /// The sum of the ranks of positive differences, and of negative ones.
    pub(crate) positive: f64,
    pub(crate) negative: f64,
    /// Differences that are not zero.
    pub(crate) n: usize,
    /// Two-sided: twice the smaller tail, at most 1.
    pub(crate) p: f64,
    pub(crate) method: Method,
}

/// `None` without differences, or where one is no finite number.
pub(crate) fn wilcoxon(differences: &[f64]) -> Option<Wilcoxon> {
    if differences.is_empty() || !is_finite(differences) {
        return None;
    }
    let sizes: Vec<f64> = differences.iter().map(|difference| difference.abs()).collect();
    let (ranks, _) = ranks::doubled(&sizes);
    let side = |is_on: fn(f64) -> bool| {
        let on = differences.iter().zip(&ranks).filter(move |(difference, _)| is_on(**difference));
        on.map(|(_, rank)| *rank)
    };
    let (positive, negative) = (side(|it| it > 0.0).sum(), side(|it| it < 0.0).sum());
    let ranks: Vec<usize> = side(|it| it != 0.0).collect();
    let smaller = usize::min(positive, negative);
    let (p, method) = if differences.len() <= EXACT_UP_TO {
        (exact_p(smaller, &ranks), Method::Exact)
    } else {
        (normal_p(smaller, &ranks), Method::Normal)
    };
    let [positive, negative] = [positive, negative].map(|doubled| doubled as f64 / 2.0);
    Some(Wilcoxon { positive, negative, n: ranks.len(), p, method })
}

/// Each rank is as likely to be positive as negative. The counts of choices are doubles, exact up
/// to 2^53, which is more than there are choices.
fn exact_p(smaller: usize, doubled_ranks: &[usize]) -> f64 {
    let mut ways = vec![0.0; doubled_ranks.iter().sum::<usize>() + 1];
    ways[0] = 1.0;
    for rank in doubled_ranks {
        for sum in (*rank..ways.len()).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    let total: f64 = ways.iter().sum();
    let at_most: f64 = ways.iter().take(smaller + 1).sum();
    (2.0 * at_most / total).min(1.0)
}

/// A rank is in the sum or not, with one half: its mean is half of it, its variance a quarter of
/// its square. With midranks and Pratt's zeros that is the variance corrected for both.
fn normal_p(smaller: usize, doubled_ranks: &[usize]) -> f64 {
    let ranks = || doubled_ranks.iter().map(|doubled| *doubled as f64 / 2.0);
    let mean = ranks().sum::<f64>() / 2.0;
    let variance = ranks().map(|rank| rank * rank).sum::<f64>() / 4.0;
    if variance <= 0.0 {
        return 1.0; // All differences are zero.
    }
    let beyond = (mean - smaller as f64 / 2.0 - 0.5).max(0.0);
    (2.0 * upper_tail(beyond / variance.sqrt())).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_hollander_and_wolfe() {
        // M. Hollander and D. A. Wolfe, "Nonparametric Statistical Methods" (1973), table 3.1,
        // depression before and after tranquillizers; T+ = 40 of 45, one-sided p = 0.0195.
        let before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        #[allow(clippy::approx_constant, reason = "a depression, and no circle")]
        let after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        let differences: Vec<f64> = before.iter().zip(&after).map(|(b, a)| b - a).collect();
        let found = wilcoxon(&differences).unwrap();
        assert_eq!((found.positive, found.negative, found.n), (40.0, 5.0, 9));
        // Ten of the 512 choices of signs give 5 or less.
        assert_eq!((found.p, found.method), (2.0 * 10.0 / 512.0, Method::Exact));
    }

    #[test]
    fn darwins_maize() {
        // Heights of crossed against self-fertilised plants, in eighths of an inch: R. A. Fisher,
        // "The Design of Experiments" (1935), section 17; the figures as in SciPy's documentation.
        let differences = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
        let found = wilcoxon(&differences.map(f64::from)).unwrap();
        assert_eq!((found.positive, found.negative), (96.0, 24.0));
        assert_eq!(found.p, 0.041_259_765_625);
    }

    #[test]
    fn pratts_zeros_take_up_ranks() {
        // The ranks are 1.5, 1.5, 3, 4, 5: only 3 is negative.
        let found = wilcoxon(&[0.0, 0.0, -1.0, 2.0, 3.0]).unwrap();
        assert_eq!((found.positive, found.negative, found.n), (9.0, 3.0, 3));
        // Signs of 3, 4, 5: the sums 0 and 3 of eight are as small.
        assert_eq!(found.p, 0.5);
    }

    #[test]
    fn how_small_a_p_can_be() {
        // What the number of launches has to be chosen by: 2 / 2^n.
        for n in [6, 10, 12, 14, 24] {
            let found = wilcoxon(&vec![0.01; n]).unwrap();
            assert_eq!(found.p, 2.0 / f64::powi(2.0, i32::try_from(n).unwrap()), "{n}");
        }
    }

    #[test]
    fn many_differences_are_approximated() {
        let differences: Vec<f64> = (1..=51).map(f64::from).collect();
        let found = wilcoxon(&differences).unwrap();
        assert_eq!((found.method, found.negative), (Method::Normal, 0.0));
        // (663 - 0.5) / sqrt(51 * 52 * 103 / 24) = 6.2099 standard deviations.
        assert!((found.p / 5.3e-10 - 1.0).abs() < 0.01, "{}", found.p);
    }

    #[test]
    fn input_without_a_difference_or_a_meaning() {
        for n in [1, 12, 60] {
            let none = wilcoxon(&vec![0.0; n]).unwrap();
            assert_eq!((none.p, none.n, none.positive), (1.0, 0, 0.0));
        }
        assert_eq!(wilcoxon(&[]), None);
        assert_eq!(wilcoxon(&[1.0, f64::NAN]), None);
        assert_eq!(wilcoxon(&[f64::NEG_INFINITY]), None);
    }
}
