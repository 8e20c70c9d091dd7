//! Many ratios as one: the geometric mean, over rows that both sides have.
//!
//! P. J. Fleming and J. J. Wallace, "How not to lie with statistics", Communications of the ACM 29
//! (1986): of ratios, no other mean gives the same answer whichever side is put below.

use std::collections::BTreeMap;

/// `None` without values, or where one is not above zero.
pub(crate) fn geometric_mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite() || *value <= 0.0) {
        return None;
    }
    let logarithms = values.iter().map(|value| value.ln()).sum::<f64>();
    Some((logarithms / values.len() as f64).exp())
}

/// Two sides, by the rows that both have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Matched {
    /// The geometric mean of the second side's values against the first's; `None` where a ratio is
    /// not above zero, or no row is in both.
    pub(crate) ratio: Option<f64>,
    /// Rows in both.
    pub(crate) matched: usize,
    /// Rows in one alone: they are in no mean.
    pub(crate) unmatched: usize,
}

/// Rows are matched by their keys. Equal values, zeros among them, have a ratio of 1, as in
/// benchstat: what needs nothing on both sides is unchanged.
pub(crate) fn matched_ratio<K: Ord>(
    first: &BTreeMap<K, f64>,
    second: &BTreeMap<K, f64>,
) -> Matched {
    let ratio = |(key, second): (&K, &f64)| {
        let first = first.get(key)?;
        Some(if first == second { 1.0 } else { second / first })
    };
    let ratios: Vec<f64> = second.iter().filter_map(ratio).collect();
    Matched {
        ratio: geometric_mean(&ratios),
        matched: ratios.len(),
        unmatched: first.len() + second.len() - 2 * ratios.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometric_means() {
        assert!((geometric_mean(&[0.5, 2.0, 8.0]).unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[1.0, 0.0]), None);
        assert_eq!((geometric_mean(&[]), geometric_mean(&[f64::NAN])), (None, None));
    }

    #[test]
    fn the_example_of_fleming_and_wallace() {
        // Their table 2, processors M and R: the geometric mean of M against R is 0.86 over the
        // five benchmarks, and that of R against M is one over it.
        let side = |values: [u32; 5]| -> BTreeMap<usize, f64> {
            values.into_iter().map(f64::from).enumerate().collect()
        };
        let r = side([417, 83, 66, 39_449, 772]);
        let m = side([244, 70, 153, 33_527, 368]);
        let found = matched_ratio(&r, &m);
        assert_eq!((found.matched, found.unmatched), (5, 0));
        assert_eq!(format!("{:.2}", found.ratio.unwrap()), "0.86");
        let back = matched_ratio(&m, &r).ratio.unwrap();
        assert!((found.ratio.unwrap() * back - 1.0).abs() < 1e-12);
    }

    #[test]
    fn rows_of_one_side_and_zeros() {
        let first = BTreeMap::from([("a", 2.0), ("b", 0.0), ("gone", 5.0)]);
        let second = BTreeMap::from([("a", 8.0), ("b", 0.0), ("new", 1.0)]);
        let found = matched_ratio(&first, &second);
        assert_eq!((found.matched, found.unmatched), (2, 2));
        assert!((found.ratio.unwrap() - 2.0).abs() < 1e-12);
        let second = BTreeMap::from([("a", 8.0), ("b", 1.0)]);
        assert_eq!(matched_ratio(&first, &second).ratio, None);
        assert_eq!(matched_ratio(&BTreeMap::from([("x", 1.0)]), &second).ratio, None);
    }
}
