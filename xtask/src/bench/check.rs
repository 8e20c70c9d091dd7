//! `cargo xtask bench check`: the exact half of a run, for CI. Answers are verified, allocations
//! held to their budgets, each benchmark is run once; nothing is timed and nothing archived.

use std::process::Command;

use anyhow::{Result, bail};

use super::archive::Sample;
use super::measure::{self, Deadline};
use super::model::over_budget;
use super::plan::{Plan, Planned};
use super::{build, prepare};
use crate::flags::SelectArgs;
use crate::shell;

pub(crate) fn check(select: &SelectArgs) -> Result<()> {
    let (_, targets, mut plan) = prepare(select)?;
    let counting = build::build(&targets, true)?;
    for binary in &plan.binaries {
        // Criterion's own test mode: the registrations reach it, and each benchmark runs once.
        let mut command = Command::new(&binary.path);
        shell::output(command.args(["--test", "--quiet"]))?;
    }
    let mut wrong = Vec::new();
    let all = Plan { binaries: plan.binaries.clone(), benchmarks: plan.benchmarks.clone() };
    let mut sink = |sample: Sample| {
        wrong.extend(complaint(&all, &sample));
        Ok(())
    };
    measure::verify(&mut plan, Deadline::none(), &mut sink)?;
    measure::allocations(&plan, &counting, Deadline::none(), &mut sink)?;
    wrong.extend(undeclared(&plan));
    if !wrong.is_empty() {
        bail!("{} of the bench targets' checks failed:\n{}", wrong.len(), wrong.join("\n"));
    }
    println!("bench check: {} benchmarks verified and within budget", plan.benchmarks.len());
    Ok(())
}

/// Categories that a package has benchmarks of and does not tell: who asks for them would not find
/// them in a comparison.
fn undeclared(plan: &Plan) -> Vec<String> {
    let complaint = |planned: &Planned| {
        let target = &plan.binaries.get(planned.binary)?.target;
        let category = &planned.benchmark.category;
        (!target.may_have(std::slice::from_ref(category))).then(|| {
            let package = &target.package;
            format!("{package}: `categories` in its Cargo.toml lacks {category:?}")
        })
    };
    let mut complaints: Vec<String> = plan.benchmarks.iter().filter_map(complaint).collect();
    complaints.dedup();
    complaints
}

/// What is wrong with a sample, if anything.
fn complaint(plan: &Plan, sample: &Sample) -> Option<String> {
    match sample {
        Sample::Failure(failure) => {
            Some(format!("{}: {}", failure.id.as_deref().unwrap_or("all"), failure.message))
        }
        Sample::Allocations(counts) => {
            let planned = plan.benchmarks.iter().find(|p| p.benchmark.id == counts.id)?;
            let message = over_budget(&planned.benchmark, counts)?;
            Some(format!("{}: {message}", counts.id))
        }
        _ => None,
    }
}
