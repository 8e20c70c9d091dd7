//! The gate: what a change may cost (`benches/gates.toml`), and whether it does.

use std::path::Path;

use anyhow::{Result, bail};

mod held;
mod rules;
mod table;

#[cfg(test)]
pub(crate) use held::Found;
pub(crate) use held::Held;
use held::hold;
pub(crate) use rules::{Change, Finding, Grade, Metric, Time, judge};
pub(crate) use table::{Gates, Launches};

use super::archive::Sample;
use super::baseline::{self, Baseline};
use super::build::{self, Binary};
use super::fingerprint::Fingerprint;
use super::measure::{self, Deadline, Valgrind};
use super::plan::Plan;
use super::versions::Compared;
use super::{prepare, selftest};
use crate::Outcome;
use crate::flags::{GateArgs, SelectArgs, SelftestArgs};
use crate::metadata::Metadata;

pub(super) fn run(args: &GateArgs) -> Result<Outcome> {
    if let Some(dir) = &args.dir {
        let compared = Compared::read(dir, &Gates::load()?)?;
        compared.tell(args.json)?;
        return Ok(compared.judgement.outcome);
    }
    let GateArgs { category, filter, .. } = args.clone();
    let select = SelectArgs { category, filter, no_peers: true, peers: Vec::new() };
    let (metadata, targets, mut plan) = prepare(&select)?;
    let counting = build::build(&targets, true)?;
    let held = of_tree(&metadata, &mut plan, &counting)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&held)?);
    }
    tell(&held);
    Ok(held.outcome())
}

/// What CI runs: exact figures against the baseline of the machine's class, and the exact half of
/// the self-test. With the builds of `cargo xtask bench check`.
pub(crate) fn in_ci() -> Result<()> {
    let (metadata, targets, mut plan) = prepare(&SelectArgs::default())?;
    let counting = build::build(&targets, true)?;
    plan.benchmarks.retain(|planned| !planned.benchmark.is_peers());
    let held = of_tree(&metadata, &mut plan, &counting)?;
    tell(&held);
    if held.outcome() != Outcome::Pass {
        bail!("the gate does not let pass: {}", held.outcome().word());
    }
    let args = SelftestArgs { quick: true, case: None, trials: 1, seed: 1 };
    match selftest::check(&args, &metadata, &plan.binaries, &counting)? {
        Outcome::Pass => Ok(()),
        _ => bail!("the gate does not see what it must; see `cargo xtask bench selftest --quick`"),
    }
}

/// Counts the benchmarks of the work tree, and holds them.
fn of_tree(metadata: &Metadata, plan: &mut Plan, counting: &[Binary]) -> Result<Held> {
    let scratch = metadata.target_directory.join(format!("xtask-gate-{}", std::process::id()));
    let mut samples = Vec::new();
    for planned in &plan.benchmarks {
        let benchmark = planned.benchmark.clone();
        samples.push(Sample::Benchmark { binary: String::new(), benchmark });
    }
    let mut sink = |sample| {
        samples.push(sample);
        Ok(())
    };
    let until = Deadline::none();
    measure::verify(plan, until, &mut sink)?;
    measure::allocations(plan, counting, until, &mut sink)?;
    measure::instructions(plan, &Valgrind::find(), &scratch, until, &mut sink)?;
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    against_baseline(&Fingerprint::take(metadata)?, &samples)
}

/// Holds samples against the committed baseline of this class of machine, if there is one.
pub(crate) fn against_baseline(fingerprint: &Fingerprint, samples: &[Sample]) -> Result<Held> {
    let baseline = Baseline::load(Path::new(baseline::DIR), fingerprint)?;
    Ok(hold(&Gates::load()?, baseline.as_ref(), fingerprint, samples))
}

fn tell(held: &Held) {
    for line in held.lines() {
        eprintln!("{line}");
    }
    eprintln!("gate: {}", held.outcome().word());
}
