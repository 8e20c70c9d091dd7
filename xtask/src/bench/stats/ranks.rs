//! Ranks with ties: values that are equal share the mean of the ranks that they take up.

/// A run of equal values in a ranked sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tie {
    /// Twice the rank that they share: a whole number, so that sums of ranks are exact.
    pub(super) doubled_rank: usize,
    pub(super) length: usize,
}

/// Twice the rank of each value, in the order of the values, and the ties in the order of ranks; a
/// value of its own is a tie of length 1. The values are finite.
pub(super) fn doubled(values: &[f64]) -> (Vec<usize>, Vec<Tie>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0; values.len()];
    let mut ties = Vec::new();
    let mut taken = 0;
    // `==` and not the total order: zero has two signs and one rank.
    for run in order.chunk_by(|a, b| values[*a] == values[*b]) {
        // The ranks from `taken + 1` to `taken + length`, and their mean twice.
        let doubled_rank = 2 * taken + run.len() + 1;
        taken += run.len();
        ties.push(Tie { doubled_rank, length: run.len() });
        for index in run {
            ranks[*index] = doubled_rank;
        }
    }
    (ranks, ties)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_rank() {
        let (ranks, ties) = doubled(&[3.0, 1.0, 3.0, 0.0, -0.0, 9.0]);
        assert_eq!(ranks, [9, 6, 9, 3, 3, 12]);
        let ties: Vec<_> = ties.iter().map(|tie| (tie.doubled_rank, tie.length)).collect();
        assert_eq!(ties, [(3, 2), (6, 1), (9, 2), (12, 1)]);
    }
}
