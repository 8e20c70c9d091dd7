//! Comparison with the peers: ratios of times that were taken in turn, in pairs of processes.

use std::collections::BTreeMap;

use super::archive::Pair;
use super::model::{Comparison, Row, Summary};
use super::protocol::Benchmark;
use super::stats::{Estimate, geometric_mean, median};

pub(crate) mod settings;

/// Each of our engines against each peer of its group: the median of the launches' ratios, and
/// their spread.
pub(crate) fn compare(rows: &[Row], pairs: &[Pair]) -> Vec<Comparison> {
    let mut launches: BTreeMap<[&str; 2], Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        launches.entry(pair.ids.each_ref().map(String::as_str)).or_default().push(pair);
    }
    let comparison = |([ours, rival], launches): (&[&str; 2], &Vec<&Pair>)| {
        let find = |id: &str| rows.iter().find(|row| row.benchmark.id == id);
        let (ours, rival) = (find(ours)?, find(rival)?);
        if rival.benchmark.is_ours() {
            return None;
        }
        Some(Comparison {
            id: ours.benchmark.id.clone(),
            category: ours.benchmark.category.clone(),
            peer: rival.benchmark.engine.clone(),
            ratio: Estimate::of(&launches.iter().filter_map(|it| it.ratio()).collect::<Vec<_>>())?,
            times: [0, 1].map(|side| {
                median(&launches.iter().filter_map(|it| it.time(side)).collect::<Vec<_>>())
            }),
            allocations: ours.allocations.clone(),
            peer_accepts_malformed: rival.accepts_malformed.len(),
            peer_allocations: rival.allocations.clone(),
            differs: differs(&ours.benchmark, &rival.benchmark),
        })
    };
    launches.iter().filter_map(comparison).collect()
}

/// What the controls, benchmarks paired with themselves, say: the ratios of their launches.
pub(crate) fn controls(pairs: &[Pair]) -> Vec<f64> {
    pairs.iter().filter(|pair| pair.ids[0] == pair.ids[1]).filter_map(Pair::ratio).collect()
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

    fn pair(ids: [&str; 2], launch: usize, times: [u64; 2]) -> Pair {
        Pair {
            ids: ids.map(str::to_owned),
            launch,
            calls: [10, 1],
            times: vec![times; 3],
            noise: None,
        }
    }

    #[test]
    fn a_ratio_compares_by_the_call_within_a_launch() {
        let (ours, theirs) = ("http11/parse/get-37/shockwave", "http11/parse/get-37/httparse");
        // The machine was twice as slow in the second launch.
        let pairs = [
            pair([ours, theirs], 0, [200, 50]),
            pair([ours, theirs], 1, [400, 100]),
            pair([ours, ours], 0, [110, 10]),
        ];
        let comparisons = compare(&fixture::rows(), &pairs);
        assert_eq!(comparisons.len(), 1);
        let ratio = comparisons[0].ratio;
        assert_eq!((ratio.median, ratio.low, ratio.high, ratio.n), (0.4, 0.4, 0.4, 2));
        assert_eq!(comparisons[0].times, [Some(30.0), Some(75.0)]);
        assert_eq!(controls(&pairs), [1.1]);
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
