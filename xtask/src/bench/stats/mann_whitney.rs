//! Mann and Whitney's test: do the values of one sample tend to be greater than another's?
//!
//! H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables is
//! stochastically larger than the other", Annals of Mathematical Statistics 18 (1947). The exact
//! distribution with ties is that of E. L. Lehmann, "Nonparametrics" (1975), section 1.4: given the
//! ranks with their ties, every choice of which of them are the first sample's is as likely as any
//! other. It is counted tie by tie, and not choice by choice.

use super::normal::upper_tail;
use super::ranks::{self, Tie};
use super::{Method, is_finite};

/// The greatest sample for which every choice is counted. Benchstat goes as far without ties, and
/// half as far with them; beyond, the normal approximation is right to three digits.
const EXACT_UP_TO: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MannWhitney {
    /// In how many pairs of one value from each sample the first sample's is the greater one; a
    /// pair of equals is half a pair.
    pub(crate) u: f64,
    /// Two-sided: twice the smaller of the two tails, at most 1.
    pub(crate) p: f64,
    pub(crate) method: Method,
}

/// `None` where a sample is empty, or a value no finite number.
pub(crate) fn mann_whitney(first: &[f64], second: &[f64]) -> Option<MannWhitney> {
    let pooled = [first, second].concat();
    if first.is_empty() || second.is_empty() || !is_finite(&pooled) {
        return None;
    }
    let (ranks, ties) = ranks::doubled(&pooled);
    let (of_first, of_second) = ranks.split_at(first.len());
    let sums = [of_first, of_second].map(|ranks| ranks.iter().sum::<usize>());
    let n = first.len();
    let u = (sums[0] - n * (n + 1)) as f64 / 2.0;
    if first.len().max(second.len()) > EXACT_UP_TO {
        let p = normal_p(u, [first.len(), second.len()], &ties);
        return Some(MannWhitney { u, p, method: Method::Normal });
    }
    // The two sums add up to a constant, so the smaller sample tells as much, for less counting.
    let (size, sum) =
        if first.len() <= second.len() { (n, sums[0]) } else { (second.len(), sums[1]) };
    Some(MannWhitney { u, p: exact_p(size, sum, &ties), method: Method::Exact })
}

fn exact_p(size: usize, sum: usize, ties: &[Tie]) -> f64 {
    let ways = ways_to_choose(size, ties);
    let total: f64 = ways.iter().sum();
    let at_most: f64 = ways.iter().take(sum + 1).sum();
    let at_least: f64 = ways.iter().skip(sum).sum();
    (2.0 * at_most.min(at_least) / total).min(1.0)
}

/// In how many ways `size` of the ranks can be chosen so that their doubled sum is the index.
///
/// The counts are doubles: up to 2^53 they are exact, and beyond that each of the few hundred
/// additions of positive numbers errs by a part in 10^16.
fn ways_to_choose(size: usize, ties: &[Tie]) -> Vec<f64> {
    let mut greatest = 0;
    let mut left = size;
    for tie in ties.iter().rev() {
        let taken = left.min(tie.length);
        greatest += taken * tie.doubled_rank;
        left -= taken;
    }
    // By how many are chosen already, and by their sum.
    let mut ways = vec![vec![0.0; greatest + 1]; size + 1];
    ways[0][0] = 1.0;
    for tie in ties {
        // From the greatest number down, so that those with fewer are still without this tie.
        for chosen in (1..=size).rev() {
            let (fewer, from_here) = ways.split_at_mut(chosen);
            let mut choices = 1.0;
            for of_tie in 1..=tie.length.min(chosen) {
                choices *= (tie.length - of_tie + 1) as f64 / of_tie as f64;
                let added = of_tie * tie.doubled_rank;
                let targets = from_here[0].iter_mut().skip(added);
                for (target, before) in targets.zip(&fewer[chosen - of_tie]) {
                    *target += choices * before;
                }
            }
        }
    }
    ways.pop().unwrap_or_default()
}

/// Lehmann, section 1.2: the variance is smaller by what ties take from it.
fn normal_p(u: f64, sizes: [usize; 2], ties: &[Tie]) -> f64 {
    let [a, b] = sizes.map(|size| size as f64);
    let n = a + b;
    let tied: f64 = ties.iter().map(|tie| (tie.length as f64).powi(3) - tie.length as f64).sum();
    let variance = a * b / 12.0 * (n + 1.0 - tied / (n * (n - 1.0)));
    if variance <= 0.0 {
        return 1.0; // All values are equal.
    }
    let beyond = ((u - a * b / 2.0).abs() - 0.5).max(0.0);
    (2.0 * upper_tail(beyond / variance.sqrt())).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_hollander_and_wolfe() {
        // M. Hollander and D. A. Wolfe, "Nonparametric Statistical Methods" (1973), table 4.1,
        // permeability of the chorioamnion at term and earlier; one-sided p = 0.1272, W = 35.
        let at_term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let earlier = [1.15, 0.88, 0.90, 0.74, 1.21];
        let found = mann_whitney(&at_term, &earlier).unwrap();
        assert_eq!((found.u, found.method), (35.0, Method::Exact));
        // Of the 3003 choices of five ranks, 382 are as far out.
        assert!((found.p - 2.0 * 382.0 / 3003.0).abs() < 1e-12, "{}", found.p);
        assert_eq!(format!("{:.4}", found.p / 2.0), "0.1272");
        assert_eq!(mann_whitney(&earlier, &at_term).unwrap().u, 15.0);
    }

    #[test]
    fn the_example_in_scipys_documentation() {
        // Ages at which diabetes was found, of men and women: U = 17, p = 1/9.
        let men = [19.0, 22.0, 16.0, 29.0, 24.0];
        let women = [20.0, 11.0, 17.0, 12.0];
        let found = mann_whitney(&men, &women).unwrap();
        assert_eq!(found.u, 17.0);
        assert!((found.p - 1.0 / 9.0).abs() < 1e-12);
        let (_, ties) = ranks::doubled(&[men.as_slice(), women.as_slice()].concat());
        assert!((normal_p(17.0, [5, 4], &ties) - 0.111_346_886_533_140_41).abs() < 1e-12);
    }

    #[test]
    fn the_greatest_sample_with_an_exact_p() {
        let below: Vec<f64> = (0..50).map(f64::from).collect();
        let above: Vec<f64> = (50..100).map(f64::from).collect();
        let apart = mann_whitney(&below, &above).unwrap();
        assert_eq!((apart.u, apart.method), (0.0, Method::Exact));
        // Two of the choices of 50 out of 100, of which there are 1.0089e29.
        assert!((apart.p / 1.982_330_604_283_667_8e-29 - 1.0).abs() < 1e-12, "{}", apart.p);
        let more = [below.as_slice(), &[-1.0]].concat();
        assert_eq!(mann_whitney(&more, &above).unwrap().method, Method::Normal);
    }

    #[test]
    fn input_without_a_difference_or_a_meaning() {
        assert_eq!(mann_whitney(&[1.0; 5], &[1.0; 7]).unwrap().p, 1.0);
        assert_eq!(mann_whitney(&[1.0; 60], &[1.0; 60]).unwrap().p, 1.0);
        assert_eq!(mann_whitney(&[1.0], &[2.0]).unwrap().p, 1.0);
        assert_eq!(mann_whitney(&[], &[1.0]), None);
        assert_eq!(mann_whitney(&[1.0], &[]), None);
        assert_eq!(mann_whitney(&[f64::NAN], &[1.0]), None);
        assert_eq!(mann_whitney(&[1.0], &[f64::INFINITY]), None);
    }
}
