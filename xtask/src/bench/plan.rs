//! What is to be run, where, how often: the selection, the profile, and the order of launches.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::build::{Binary, Registered};
use super::protocol::{Benchmark, KIT};
use super::stats::Random;
use crate::flags::{RunArgs, SelectArgs};

/// The selected benchmarks, each with the one binary that it is run from.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) binaries: Vec<Binary>,
    pub(crate) benchmarks: Vec<Planned>,
}

#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) benchmark: Benchmark,
    /// Index into the plan's binaries.
    pub(crate) binary: usize,
}

/// How criterion is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    /// Processes, that is launches, a benchmark.
    pub(crate) processes: usize,
    pub(crate) sample_size: u32,
    pub(crate) warm_up_seconds: f64,
    pub(crate) measurement_seconds: f64,
    pub(crate) resamples: u32,
    /// Launches of each pair of engines.
    pub(crate) pair_launches: usize,
}

impl Profile {
    pub(crate) fn of(args: &RunArgs) -> Self {
        let quick = Self {
            name: "quick".into(),
            processes: 3,
            sample_size: 10,
            warm_up_seconds: 0.1,
            measurement_seconds: 0.2,
            resamples: 1000,
            pair_launches: 12,
        };
        if args.peers_alone {
            let pair_launches = if args.full { 24 } else { 12 };
            return Self { name: "peers".into(), processes: 0, pair_launches, ..quick };
        }
        if !args.full {
            return quick;
        }
        Self {
            name: "full".into(),
            processes: 10,
            warm_up_seconds: 0.3,
            measurement_seconds: 1.0,
            pair_launches: 24,
            ..quick
        }
    }

    /// Whether only the peers are compared: nothing is timed but in pairs with them.
    pub(crate) fn is_comparison(&self) -> bool {
        self.processes == 0
    }

    /// How many rounds a time allows, given what the first one took: never none.
    pub(crate) fn rounds_within(left: Duration, first_round: Duration) -> usize {
        let more = left.as_secs_f64() / first_round.as_secs_f64().max(0.001);
        // Truncation is meant: a round that does not fit is not begun.
        #[allow(clippy::cast_possible_truncation, reason = "a small number, rounded down")]
        let more = more.clamp(0.0, 1000.0) as u32;
        1 + more as usize
    }
}

impl Plan {
    /// Selects by category, filter and engine. An id that stands in several binaries is run from
    /// the one with the most engines of its group, so that a comparison shares one process image.
    pub(crate) fn new(registered: Vec<Registered>, select: &SelectArgs) -> Result<Self> {
        let plan = Self::of_any(registered, select);
        if plan.benchmarks.is_empty() {
            bail!("no benchmark matches; `cargo xtask bench list` shows what there is");
        }
        Ok(plan)
    }

    /// The same, were it none.
    pub(crate) fn of_any(registered: Vec<Registered>, select: &SelectArgs) -> Self {
        let mut engines: BTreeMap<(String, usize), usize> = BTreeMap::new();
        for (index, binary) in registered.iter().enumerate() {
            for benchmark in &binary.benchmarks {
                *engines.entry((benchmark.group(), index)).or_default() += 1;
            }
        }
        let mut chosen: BTreeMap<String, Planned> = BTreeMap::new();
        for (index, binary) in registered.iter().enumerate() {
            for benchmark in binary.benchmarks.iter().filter(|b| is_selected(b, select)) {
                let here = engines[&(benchmark.group(), index)];
                let better = chosen
                    .get(&benchmark.id)
                    .is_none_or(|other| engines[&(benchmark.group(), other.binary)] < here);
                if better {
                    let planned = Planned { benchmark: benchmark.clone(), binary: index };
                    chosen.insert(benchmark.id.clone(), planned);
                }
            }
        }
        let binaries = registered.into_iter().map(|registered| registered.binary).collect();
        Self { binaries, benchmarks: chosen.into_values().collect() }
    }

    /// The ids that are run from a binary.
    pub(crate) fn ids(&self, binary: usize) -> Vec<&str> {
        let here = self.benchmarks.iter().filter(|planned| planned.binary == binary);
        here.map(|planned| planned.benchmark.id.as_str()).collect()
    }

    /// Each of our engines with each rival of its group, and some of ours with themselves: what
    /// such a control says beyond 1 is noise.
    pub(crate) fn pairs(&self) -> Vec<(&Planned, &Planned)> {
        const CONTROLS: usize = 4;
        let mut pairs = Vec::new();
        for ours in self.benchmarks.iter().filter(|planned| planned.benchmark.is_ours()) {
            let group = ours.benchmark.group();
            let rivals = self.benchmarks.iter().filter(|planned| {
                !planned.benchmark.is_ours() && planned.benchmark.group() == group
            });
            pairs.extend(rivals.map(|rival| (ours, rival)));
        }
        let apart = pairs.len().div_ceil(CONTROLS).max(1);
        let controls: Vec<_> =
            pairs.iter().step_by(apart).map(|(ours, _)| (*ours, *ours)).collect();
        pairs.extend(controls);
        pairs
    }

    /// The order of one round: groups in random order, and the engines of a group one right after
    /// the other, also in random order, so that a ratio compares neighbours in time.
    pub(crate) fn round(&self, random: &mut Random) -> Vec<&Planned> {
        let mut groups: BTreeMap<String, Vec<&Planned>> = BTreeMap::new();
        for planned in &self.benchmarks {
            groups.entry(planned.benchmark.group()).or_default().push(planned);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        random.shuffle(&mut groups);
        for group in &mut groups {
            random.shuffle(group);
        }
        groups.concat()
    }
}

pub(crate) fn is_selected(benchmark: &Benchmark, select: &SelectArgs) -> bool {
    let engine = &benchmark.engine;
    let peer = select.peers.is_empty() && !select.no_peers || select.peers.contains(engine);
    let category = select.category.is_empty() || select.category.contains(&benchmark.category);
    let filter = select.filter.as_ref().is_none_or(|filter| filter.is_match(&benchmark.id));
    benchmark.category != KIT && category && filter && (peer || !benchmark.is_peers())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use regex::Regex;

    use super::*;
    use crate::bench::build::BenchTarget;

    fn benchmark(id: &str) -> Benchmark {
        let parts: Vec<&str> = id.split('/').collect();
        Benchmark {
            id: id.into(),
            category: parts[0].into(),
            operation: parts[1].into(),
            case: parts[2].into(),
            engine: parts[3].into(),
            throughput: None,
            budget: None,
            differs: None,
            source: None,
        }
    }

    fn registered(name: &str, ids: &[&str]) -> Registered {
        let (features, categories) = (Vec::new(), Vec::new());
        let target = BenchTarget { package: name.into(), name: name.into(), features, categories };
        let binary = Binary::new(target, PathBuf::from(name));
        Registered { binary, benchmarks: ids.iter().map(|id| benchmark(id)).collect() }
    }

    fn two_binaries() -> Vec<Registered> {
        vec![
            registered("core", &["http11/parse/a/shockwave", "http11/write/b/shockwave"]),
            registered(
                "peers",
                &[
                    "http11/parse/a/httparse",
                    "http11/parse/a/hyper",
                    "http11/parse/a/shockwave",
                    "kit/control/allocates-once/kit",
                ],
            ),
        ]
    }

    fn ids(select: &SelectArgs) -> Vec<String> {
        let plan = Plan::new(two_binaries(), select).unwrap();
        plan.benchmarks.iter().map(|planned| planned.benchmark.id.clone()).collect()
    }

    #[test]
    fn an_id_runs_where_its_rivals_are() {
        let plan = Plan::new(two_binaries(), &SelectArgs::default()).unwrap();
        assert_eq!(plan.ids(0), ["http11/write/b/shockwave"]);
        assert_eq!(plan.ids(1).len(), 3);
    }

    #[test]
    fn selection() {
        let select = SelectArgs { peers: vec!["hyper".into()], ..Default::default() };
        assert!(!ids(&select).iter().any(|id| id.ends_with("httparse")));
        assert_eq!(ids(&select).len(), 3);
        let select = SelectArgs { no_peers: true, ..Default::default() };
        assert_eq!(ids(&select).len(), 2);
        let filter = Some(Regex::new("write").unwrap());
        assert_eq!(ids(&SelectArgs { filter, ..Default::default() }).len(), 1);
        let select = SelectArgs { category: vec!["http2".into()], ..Default::default() };
        assert!(Plan::new(two_binaries(), &select).is_err());
    }

    #[test]
    fn rivals_are_paired_and_one_with_itself() {
        let plan = Plan::new(two_binaries(), &SelectArgs::default()).unwrap();
        let engines = |(a, b): &(&Planned, &Planned)| {
            format!("{} {}", a.benchmark.engine, b.benchmark.engine)
        };
        let pairs: Vec<String> = plan.pairs().iter().map(engines).collect();
        let twice = "shockwave shockwave";
        assert_eq!(pairs, ["shockwave httparse", "shockwave hyper", twice, twice]);
    }

    #[test]
    fn allocation_modes_are_paired_with_the_standard_and_are_no_peers() {
        let one = ["allocator/a/b/standard", "allocator/a/b/arena"];
        let other = ["allocator/a/b/mimalloc"];
        let select = SelectArgs { no_peers: true, ..SelectArgs::default() };
        let registered = vec![registered("one", &one), registered("other", &other)];
        let plan = Plan::new(registered, &select).unwrap();
        let pairs = plan
            .pairs()
            .into_iter()
            .map(|(ours, rival)| (ours.benchmark.engine.clone(), rival.benchmark.engine.clone()));
        let expected = [
            ("arena", "standard"),
            ("mimalloc", "standard"),
            ("arena", "arena"),
            ("mimalloc", "mimalloc"),
        ];
        let expected = expected.map(|(ours, rival)| (ours.to_owned(), rival.to_owned()));
        assert_eq!(pairs.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_round_keeps_groups_together() {
        let plan = Plan::new(two_binaries(), &SelectArgs::default()).unwrap();
        for seed in 0..20 {
            let round = plan.round(&mut Random::new(seed));
            assert_eq!(round.len(), 4);
            let at = round.iter().position(|p| p.benchmark.operation == "write").unwrap();
            assert!(at == 0 || at == 3, "seed {seed}");
        }
    }

    #[test]
    fn rounds_fit_the_budget() {
        let seconds = Duration::from_secs;
        assert_eq!(Profile::rounds_within(seconds(0), seconds(10)), 1);
        assert_eq!(Profile::rounds_within(seconds(35), seconds(10)), 4);
    }
}
