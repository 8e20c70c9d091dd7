//! `cargo xtask bench run`: verification, allocations, instructions, timings, archive, report.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use super::archive::{self, Run, SCHEMA, Sample, Writer};
use super::gate;
use super::measure::{self, Deadline, Valgrind};
use super::model::Report;
use super::plan::{Plan, Profile};
use super::session::Session;
use super::{RESULTS, build, history, peers, prepare, report, targets, tell};
use crate::Outcome;
use crate::flags::{RunArgs, SelectArgs};
use crate::metadata::Metadata;

pub(super) fn run(args: &RunArgs) -> Result<Outcome> {
    let (metadata, bench_targets, mut plan) = prepare(&args.select)?;
    let counting = build::build(&bench_targets, true)?;
    let scratch = metadata.target_directory.join(format!("xtask-bench-{}", std::process::id()));

    let mut run = begin(args, &metadata)?;
    let mut writer = Writer::create(Path::new(RESULTS).join(run.session.name()), &run)?;
    for planned in &plan.benchmarks {
        let binary = plan.binaries.get(planned.binary).map(|binary| binary.target.name.clone());
        let benchmark = planned.benchmark.clone();
        writer.append(&Sample::Benchmark { binary: binary.unwrap_or_default(), benchmark })?;
    }
    let measured = measure_all(args, &mut plan, &counting, &scratch, run.session.seed, &mut writer);
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    // An error on the way leaves the archive partial, and is told after the report.
    run.partial = measured.is_err();
    run.session.end(measured.is_ok());
    let report = reported(&writer, &mut run);
    if measured.is_err() && report.is_err() {
        // A full disk stops the report, too; what stopped the run is the thing to tell.
        let dir = writer.dir().display();
        let kept = format!("`cargo xtask bench report {dir}` shows what was measured until then");
        measured.context(kept)?;
        return Ok(Outcome::HarnessError);
    }
    let report = report?;
    if args.peers_alone && !args.json {
        println!("{}", report::comparison(&report));
    }
    tell(&report, writer.dir(), args.json)?;
    measured?;
    if !report.run.profile.is_comparison() {
        history::append(Path::new(history::FILE), &report)?;
    }
    Ok(report.outcome())
}

/// Holds what was measured against the baseline, and writes the report.
fn reported(writer: &Writer, run: &mut Run) -> Result<Report> {
    writer.write_run(run)?;
    let (_, samples) = archive::read(writer.dir())?;
    run.held = Some(gate::against_baseline(&run.session.fingerprint, &samples)?);
    writer.write_run(run)?;
    report::write(writer.dir())
}

fn measure_all(
    args: &RunArgs,
    plan: &mut Plan,
    counting: &[build::Binary],
    scratch: &Path,
    seed: u64,
    writer: &mut Writer,
) -> Result<()> {
    let mut sink = |sample: Sample| writer.append(&sample);
    let until = Deadline::after(args.budget);
    measure::verify(plan, until, &mut sink)?;
    measure::allocations(plan, counting, until, &mut sink)?;
    let profile = Profile::of(args);
    // Instructions of different libraries say little of their speed.
    if !profile.is_comparison() {
        measure::instructions(plan, &Valgrind::find(), scratch, until, &mut sink)?;
    }
    measure::pairs(plan, profile.pair_launches, seed, until, &mut sink)?;
    if !profile.is_comparison() {
        measure::timings(plan, &profile, until, seed, scratch, &mut sink)?;
    }
    Ok(())
}

fn begin(args: &RunArgs, metadata: &Metadata) -> Result<Run> {
    let seed = args.seed.unwrap_or_else(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
    });
    Ok(Run {
        schema: SCHEMA,
        partial: true,
        session: Session::begin(metadata, arguments(args, seed), seed)?,
        profile: Profile::of(args),
        targets: targets::load()?,
        held: None,
        peers: peers::settings::load()?,
    })
}

/// The arguments that give this run again, the seed among them even if it was not asked for.
fn arguments(args: &RunArgs, seed: u64) -> Vec<String> {
    let SelectArgs { category, filter, peers, no_peers } = &args.select;
    let mut words =
        vec!["bench".to_owned(), if args.peers_alone { "peers" } else { "run" }.to_owned()];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if !category.is_empty() {
        option("--category", category.join(","));
    }
    if let Some(filter) = filter {
        option("--filter", format!("'{}'", filter.as_str().replace('\'', r"'\''")));
    }
    if !peers.is_empty() {
        option(if args.peers_alone { "--vs" } else { "--peers" }, peers.join(","));
    }
    if let Some(budget) = args.budget {
        option("--budget", format!("{}s", budget.as_secs()));
    }
    option("--seed", seed.to_string());
    for (flag, given) in [("--no-peers", *no_peers), ("--full", args.full)] {
        if given {
            words.push(flag.to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::flags::{BenchCommand, Command, Flags};

    #[test]
    fn a_comparison_with_peers_is_given_again_as_one() {
        let typed = "x bench peers --vs hyper,httparse --category http11 --full --seed 7";
        let Command::Bench(bench) = Flags::parse_from(typed.split(' ')).command else {
            panic!("not bench")
        };
        let Some(BenchCommand::Peers(args)) = bench.command else { panic!("not peers") };
        let args = RunArgs::from(args);
        assert!(Profile::of(&args).is_comparison());
        let words = arguments(&args, 7).join(" ");
        assert_eq!(words, "bench peers --category http11 --vs hyper,httparse --seed 7 --full");
        Flags::parse_from(std::iter::once("x").chain(words.split(' ')));
    }

    #[test]
    fn the_arguments_give_the_run_again() {
        let typed = "x bench run --full --category http11 --filter parse --budget 5m --no-peers";
        let Command::Bench(bench) = Flags::parse_from(typed.split(' ')).command else {
            panic!("not bench")
        };
        let Some(BenchCommand::Run(args)) = bench.command else { panic!("not run") };
        let words = arguments(&args, 7);
        assert_eq!(
            words.join(" "),
            "bench run --category http11 --filter 'parse' --budget 300s --seed 7 --no-peers --full"
        );
        Flags::parse_from(std::iter::once("x".to_owned()).chain(words));
    }
}
