//! Comparison with the peers: ratios of times taken side by side, in the same round of one run.

use std::collections::BTreeMap;

use super::archive::Timing;
use super::model::{Comparison, Row, Summary};
use super::protocol::{Benchmark, is_ours};
use super::stats::{Estimate, geometric_mean};

/// Each of our engines against each peer of its group: in every round in which both were timed,
/// the ratio of the two process medians; over the rounds, the median ratio and its spread.
pub(crate) fn compare(rows: &[Row], timings: &[Timing]) -> Vec<Comparison> {
    let mut medians: BTreeMap<&str, BTreeMap<usize, f64>> = BTreeMap::new();
    for timing in timings {
        if let Some(median) = timing.median() {
            medians.entry(&timing.id).or_default().insert(timing.round, median);
        }
    }
    let mut comparisons = Vec::new();
    for ours in rows.iter().filter(|row| row.benchmark.is_ours()) {
        let group = ours.benchmark.group();
        let rivals = rows
            .iter()
            .filter(|row| !is_ours(&row.benchmark.engine) && row.benchmark.group() == group);
        for rival in rivals {
            let (Some(a), Some(b)) =
                (medians.get(ours.benchmark.id.as_str()), medians.get(rival.benchmark.id.as_str()))
            else {
                continue;
            };
            let ratios: Vec<f64> =
                a.iter().filter_map(|(round, time)| Some(time / b.get(round)?)).collect();
            let Some(ratio) = Estimate::of(&ratios) else { continue };
            comparisons.push(Comparison {
                id: ours.benchmark.id.clone(),
                category: ours.benchmark.category.clone(),
                peer: rival.benchmark.engine.clone(),
                ratio,
                peer_accepts_malformed: rival.accepts_malformed.len(),
                peer_allocations: rival.allocations.clone(),
                peer_time: rival.time,
                differs: differs(&ours.benchmark, &rival.benchmark),
            });
        }
    }
    comparisons
}

/// What the two say of how their work is not that of the others, each with its name.
fn differs(ours: &Benchmark, theirs: &Benchmark) -> Option<String> {
    let told = |benchmark: &Benchmark| {
        Some(format!("{} {}", benchmark.engine, benchmark.differs.as_ref()?))
    };
    let told: Vec<_> = [ours, theirs].into_iter().filter_map(told).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// For each category and peer, the geometric mean of the ratios: of rows in which both do the
/// same work, no others.
pub(crate) fn summarise(comparisons: &[Comparison]) -> Vec<Summary> {
    let mut by_peer: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for comparison in comparisons.iter().filter(|comparison| comparison.differs.is_none()) {
        let key = (comparison.category.as_str(), comparison.peer.as_str());
        by_peer.entry(key).or_default().push(comparison.ratio.median);
    }
    let summary = |((category, peer), ratios): ((&str, &str), Vec<f64>)| {
        Some(Summary {
            category: category.to_owned(),
            peer: peer.to_owned(),
            ratio: geometric_mean(&ratios)?,
            matched: ratios.len(),
        })
    };
    by_peer.into_iter().filter_map(summary).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::model::fixture;

    fn timing(id: &str, round: usize, nanoseconds: f64) -> Timing {
        Timing {
            id: id.into(),
            round,
            sampling_mode: "Flat".into(),
            iters: vec![10.0, 20.0, 40.0],
            times: vec![10.0 * nanoseconds, 20.0 * nanoseconds, 40.0 * nanoseconds],
        }
    }

    #[test]
    fn a_ratio_compares_within_a_round() {
        let (ours, theirs) = ("http11/parse/get-37/shockwave", "http11/parse/get-37/httparse");
        // The machine was twice as slow in the second round, and the peer has no third.
        let timings = [
            timing(ours, 0, 20.0),
            timing(theirs, 0, 50.0),
            timing(ours, 1, 40.0),
            timing(theirs, 1, 100.0),
            timing(ours, 2, 1.0),
        ];
        let comparisons = compare(&fixture::rows(), &timings);
        assert_eq!(comparisons.len(), 1);
        let ratio = comparisons[0].ratio;
        assert_eq!((ratio.median, ratio.low, ratio.high, ratio.n), (0.4, 0.4, 0.4, 2));
    }

    #[test]
    fn a_summary_is_a_geometric_mean() {
        let mut comparisons = fixture::comparisons();
        comparisons.truncate(1);
        comparisons.push(comparisons[0].clone());
        comparisons[0].ratio.median = 0.5;
        comparisons[1].ratio.median = 2.0;
        let summaries = summarise(&comparisons);
        assert_eq!((summaries.len(), summaries[0].matched), (1, 2));
        assert!((summaries[0].ratio - 1.0).abs() < 1e-12);
        comparisons[1].differs = Some("does half of it".into());
        assert_eq!(summarise(&comparisons)[0].matched, 1);
    }
}
