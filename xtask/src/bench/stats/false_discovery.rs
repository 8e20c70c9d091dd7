//! Many comparisons at once: of those that are called changes, few may be none.
//!
//! Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal
//! Statistical Society B 57 (1995). It holds for tests that are independent or move together, as
//! benchmarks do that share code.

/// The p-values adjusted, in their order: those at most `q` are the changes of which no more than
/// the part `q` is expected to be none. `None` where one is no probability.
pub(crate) fn benjamini_hochberg(p: &[f64]) -> Option<Vec<f64>> {
    p.iter().all(|p| (0.0..=1.0).contains(p)).then_some(())?;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least: f64 = 1.0;
    for (index, place) in order.iter().enumerate().rev() {
        least = least.min(p[*place] * p.len() as f64 / (index + 1) as f64);
        adjusted[*place] = least;
    }
    Some(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_benjamini_and_hochberg() {
        // Section 3.2 of the paper, thrombolysis: at 0.05 the first four are found, where
        // Bonferroni finds three.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let adjusted = benjamini_hochberg(&p).unwrap();
        assert_eq!(adjusted.iter().filter(|p| **p <= 0.05).count(), 4);
        assert!((adjusted[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        // The sixth alone would be 0.0695; the seventh says 0.0639, and then the sixth is no more.
        assert!((adjusted[5] - 0.0298 * 15.0 / 7.0).abs() < 1e-12, "{}", adjusted[5]);
        assert_eq!(adjusted[14], 1.0);
    }

    #[test]
    fn the_order_of_the_benchmarks_does_not_matter() {
        let adjusted = benjamini_hochberg(&[0.9, 0.01, 0.02]).unwrap();
        for (found, expected) in adjusted.iter().zip([0.9, 0.03, 0.03]) {
            assert!((found - expected).abs() < 1e-12, "{adjusted:?}");
        }
    }

    #[test]
    fn none_and_what_is_none() {
        assert_eq!(benjamini_hochberg(&[]), Some(Vec::new()));
        for wrong in [f64::NAN, -0.1, 1.1] {
            assert_eq!(benjamini_hochberg(&[0.5, wrong]), None);
        }
    }
}
