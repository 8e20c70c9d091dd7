//! Ratios between engines of this version: each of ours beside each rival, by the paired engine.

use anyhow::{Context as _, Result};

use super::{Deadline, Sink, failure, left_out};
use crate::bench::archive::{Pair, Sample, Stage};
use crate::bench::paired::{self, Contest, Entrant, Settings};
use crate::bench::plan::{Plan, Planned};
use crate::bench::stats::Random;

/// Blocks of each side in a launch.
const BLOCKS: usize = 20;

/// Runs every pair of the plan in so many launches.
pub(crate) fn pairs(
    plan: &Plan,
    launches: usize,
    seed: u64,
    until: Deadline,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let contest = |(ours, theirs): (&Planned, &Planned)| {
        anyhow::Ok(Contest { sides: [entrant(plan, ours)?, entrant(plan, theirs)?] })
    };
    let contests = plan.pairs().into_iter().map(contest).collect::<Result<Vec<_>>>()?;
    let settings = Settings { until: until.until(), ..Settings::new(launches, BLOCKS) };
    let summary = paired::run(
        "pairs",
        &contests,
        &settings,
        &mut Random::new(seed),
        &mut |index, launch| {
            let ids = contests[index].sides.each_ref().map(|side| side.id.clone());
            sink(match launch {
                Ok(launch) => Sample::Pair(Pair::of(ids, launch)),
                Err(error) => {
                    let [id, rival] = &ids;
                    failure(Stage::Pairs, Some(id), format!("beside {rival}: {error:#}"))
                }
            })
        },
    )?;
    if summary.rounds < launches && !contests.is_empty() {
        sink(left_out("ratios against peers", summary.rounds, launches, "launches"))?;
    }
    Ok(())
}

fn entrant(plan: &Plan, planned: &Planned) -> Result<Entrant> {
    let binary = plan.binaries.get(planned.binary).context("no such binary")?;
    Ok(Entrant::new(binary, &planned.benchmark.id))
}
