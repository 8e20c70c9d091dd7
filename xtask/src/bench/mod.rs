//! `cargo xtask bench`: builds the bench targets, measures, archives every raw value, reports.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::Outcome;
use crate::flags::{BaselineCommand, BenchArgs, BenchCommand, SelectArgs};
use crate::metadata::Metadata;

mod advice;
mod archive;
mod baseline;
mod build;
mod changes;
mod check;
mod class;
mod compare;
mod cpus;
mod doctor;
mod exact;
mod export;
mod fingerprint;
mod gate;
mod health;
mod history;
mod list;
mod load;
mod measure;
mod model;
mod paired;
mod peers;
mod plan;
mod profile;
mod progress;
mod protocol;
mod report;
mod run;
mod selftest;
mod session;
mod stats;
mod targets;
mod trend;
mod variants;
mod versions;

pub(crate) use check::check;
pub(crate) use gate::in_ci as gate_in_ci;

/// Where the archives of runs lie.
const RESULTS: &str = "results";

pub(crate) fn run(args: BenchArgs) -> Result<Outcome> {
    match args.command {
        None => run::run(&args.run),
        Some(BenchCommand::Run(args)) => run::run(&args),
        Some(BenchCommand::Peers(args)) => run::run(&args.into()),
        Some(BenchCommand::Check(select)) => check(&select).map(|()| Outcome::Pass),
        Some(BenchCommand::List { select, json }) => {
            list::list(&select, json).map(|()| Outcome::Pass)
        }
        Some(BenchCommand::Gate(args)) => gate::run(&args),
        Some(BenchCommand::Selftest(args)) => selftest::run(&args),
        Some(BenchCommand::Load(args)) => load::run(&args),
        Some(BenchCommand::Trend(args)) => trend::run(&args).map(|()| Outcome::Pass),
        Some(BenchCommand::Export(args)) => {
            export::run(&archive_or_newest(args.dir)?, args.format, args.out.as_deref())?;
            Ok(Outcome::Pass)
        }
        Some(BenchCommand::Compare(args)) => compare::run(&args),
        Some(BenchCommand::Baseline(BaselineCommand::Save { dir })) => {
            baseline::save(&archive_or_newest(dir)?, Path::new(baseline::DIR))?;
            Ok(Outcome::Pass)
        }
        Some(BenchCommand::Variants(args)) => variants::run(&args),
        Some(BenchCommand::Doctor(args)) => doctor::doctor(&args),
        Some(BenchCommand::Profile(args)) => profile::profile(&args),
        Some(BenchCommand::Report { dir, json, readme }) => report_again(dir, json, readme),
    }
}

fn archive_or_newest(dir: Option<PathBuf>) -> Result<PathBuf> {
    dir.map_or_else(|| archive::newest(Path::new(RESULTS)), Ok)
}

/// Makes the files of an archive's report again.
fn report_again(dir: Option<PathBuf>, json: bool, readme: bool) -> Result<Outcome> {
    let dir = archive_or_newest(dir)?;
    if dir.join(variants::ARCHIVE).is_file() {
        variants::report(&dir)?;
        return Ok(Outcome::Pass);
    }
    if load::model::is_archive(&dir) {
        load::write(&dir, json)?;
        return Ok(Outcome::Pass);
    }
    let report = report::write(&dir)?;
    if readme {
        let text = std::fs::read_to_string("README.md").context("cannot read README.md")?;
        std::fs::write("README.md", report::with_figures(&text, &report)?)
            .context("cannot write README.md")?;
    }
    tell(&report, &dir, json)?;
    Ok(Outcome::Pass)
}

/// The verdict in a few lines on standard error, or the whole model as JSON on standard output.
fn tell(report: &model::Report, dir: &Path, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
    }
    eprintln!("{}: {}", report.verdict.word, report.verdict.reasons.join("; "));
    for failure in &report.failures {
        let first = failure.message.lines().next().unwrap_or_default();
        eprintln!("  {}: {first}", failure.id.as_deref().unwrap_or("all"));
    }
    for row in &report.rows {
        if let Some(message) = &row.over_budget {
            eprintln!("  {}: {message}", row.benchmark.id);
        }
    }
    for skipped in &report.skipped {
        eprintln!("skipped {}: {}; {}", skipped.metric, skipped.reason, skipped.remedy);
    }
    eprintln!("report: {}", dir.join("report.md").display());
    Ok(())
}

/// Builds what the selection needs and plans it.
fn prepare(select: &SelectArgs) -> Result<(Metadata, Vec<build::BenchTarget>, plan::Plan)> {
    let metadata = Metadata::load()?;
    let targets = build::targets(&metadata, !select.no_peers)?;
    let registered = build::inventories(build::build(&targets, false)?)?;
    let plan = plan::Plan::new(registered, select)?;
    Ok((metadata, targets, plan))
}
