//! The sign test: how many differences lie above zero, whatever their size.
//!
//! It asks for less than Wilcoxon's test, which wants differences to be spread alike on both sides,
//! and finds less: a cross-check. J. Arbuthnott, Philosophical Transactions 27 (1710).

#![allow(dead_code, reason = "no verdict rests on it")]

use super::is_finite;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Signs {
    pub(crate) positive: usize,
    pub(crate) negative: usize,
    /// Two-sided and exact; zeros, which have no sign, are left out.
    pub(crate) p: f64,
}

/// `None` without differences, or where one is no finite number.
pub(crate) fn sign_test(differences: &[f64]) -> Option<Signs> {
    if differences.is_empty() || !is_finite(differences) {
        return None;
    }
    let positive = differences.iter().filter(|difference| **difference > 0.0).count();
    let negative = differences.iter().filter(|difference| **difference < 0.0).count();
    let tail = binomial_tail(positive.min(negative), positive + negative);
    Some(Signs { positive, negative, p: (2.0 * tail).min(1.0) })
}

/// The probability of at most `k` heads in `n` throws.
fn binomial_tail(k: usize, n: usize) -> f64 {
    // Through logarithms, since 2^-n alone is zero from n = 1075 on.
    let mut logarithm = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = logarithm.exp();
    for heads in 1..=k {
        logarithm += ((n - heads + 1) as f64 / heads as f64).ln();
        tail += logarithm.exp();
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arbuthnotts_christenings() {
        // In each of the 82 years from 1629 to 1710 more boys than girls were christened in London.
        let signs = sign_test(&[1.0; 82]).unwrap();
        assert_eq!((signs.positive, signs.negative), (82, 0));
        assert!((signs.p / 2.0 / 0.5_f64.powi(82) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn two_of_ten() {
        // J. H. Zar, "Biostatistical Analysis", deer's hind legs against forelegs: 8 of 10 longer.
        let legs = [4, 4, -3, 5, -1, 5, 6, 5, 6, 2];
        let signs = sign_test(&legs.map(f64::from)).unwrap();
        assert_eq!((signs.positive, signs.negative), (8, 2));
        assert!((signs.p - 112.0 / 1024.0).abs() < 1e-12);
    }

    #[test]
    fn input_without_a_difference_or_a_meaning() {
        assert_eq!(sign_test(&[0.0; 4]), Some(Signs { positive: 0, negative: 0, p: 1.0 }));
        assert_eq!(sign_test(&[1.0, -1.0]).unwrap().p, 1.0);
        assert!((sign_test(&[vec![1.0; 1000], vec![-1.0; 1000]].concat()).unwrap().p - 1.0) < 1e-9);
        assert_eq!(sign_test(&[]), None);
        assert_eq!(sign_test(&[f64::NAN]), None);
    }
}
