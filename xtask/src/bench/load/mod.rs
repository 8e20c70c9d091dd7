//! `cargo xtask bench load`: whole servers, in processes of their own, loaded by another process.
//!
//! The server has one CPU and the generator another. What is compared is requests for each second
//! of the *server's* CPU: a rate says nothing where the generator, or somebody else on the machine,
//! was what held it up. Rounds go A B C, C B A, each with a fresh process of every server, and
//! ratios are taken inside a round, so that what slows the machine for a while slows both sides.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

use super::RESULTS;
use super::report::{html, md};
use super::session::Session;
use super::stats::Random;
use crate::Outcome;
use crate::flags::LoadArgs;
use crate::metadata::Metadata;
use archive::{Archive, Cpus, SCHEMA, Skipped};
use engines::Binaries;
use model::LoadReport;
use processes::Generator;

mod archive;
mod engines;
mod idle;
mod loops;
pub(crate) mod model;
mod processes;
pub(crate) mod report;
mod summary;
mod targets;
mod verify;
mod wrk;

#[cfg(test)]
mod tests;

const DATA: &str = "load.json";
const REPORT: &str = "load.md";
const PAGE: &str = "load.html";

/// The workloads and, for each, the peer that ratios are taken against: hyper, in the configuration
/// that suits it.
const WORKLOADS: [(&str, &str); 6] = [
    ("plaintext", "hyper"),
    ("pipelined-16", "hyper-flush"),
    ("json", "hyper"),
    ("10k", "hyper"),
    ("post", "hyper"),
    ("browser", "hyper"),
];
const FLOOR: &str = "floor";

/// The arguments with what was left open filled in.
#[derive(Clone, Debug)]
struct Settings {
    workloads: Vec<&'static str>,
    seconds: f64,
    rounds: usize,
    connections: u16,
    seed: u64,
}

impl Settings {
    fn of(args: &LoadArgs) -> Result<Self> {
        let default = if args.quick { (2, 2, 1.0) } else { (5, 6, 3.0) };
        let (workloads, rounds, seconds) = default;
        let known = WORKLOADS.map(|(name, _)| name);
        if let Some(unknown) = args.workload.iter().find(|name| !known.contains(&name.as_str())) {
            bail!("no workload `{unknown}`: known are {}", known.join(", "));
        }
        let asked = |name: &&str| args.workload.iter().any(|it| it == name);
        let mut chosen: Vec<_> = known.into_iter().filter(asked).collect();
        if chosen.is_empty() {
            chosen = known.into_iter().take(workloads).collect();
        }
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        Ok(Self {
            workloads: chosen,
            seconds: args.seconds.unwrap_or(seconds),
            rounds: args.rounds.map_or(rounds, usize::from),
            connections: args.connections,
            seed: args.seed.unwrap_or_else(clock),
        })
    }
}

/// A run on its way: what its stages share.
struct Run<'a> {
    settings: Settings,
    binaries: Binaries,
    generator: Generator<'a>,
    random: Random,
    archive: Archive,
    dir: PathBuf,
}

pub(super) fn run(args: &LoadArgs) -> Result<Outcome> {
    let settings = Settings::of(args)?;
    let metadata = Metadata::load()?;
    let engines = engines::select(&args.peers)?;
    let binaries = engines::build(&metadata, engines)?;
    let generator_path = binaries.generator.clone();
    let mut run = begin(args, settings, binaries, &generator_path, &metadata)?;
    let measured = measure(args, &mut run);
    run.archive.session.end(measured.is_ok());
    run.save()?;
    write(&run.dir, args.json)?;
    measured?;
    Ok(outcome(&run.archive))
}

/// Makes `load.md` and `load.html` out of an archive, and prints the one, or the model as JSON.
pub(super) fn write(dir: &Path, json: bool) -> Result<()> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let load = LoadReport::build(&name, &model::read(dir)?);
    let page = report::page(&load);
    let text = md::render(&page);
    for (file, text) in [(REPORT, &text), (PAGE, &html::render(&page))] {
        let path = dir.join(file);
        std::fs::write(&path, text).with_context(|| format!("cannot write {path:?}"))?;
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&load)?);
    } else {
        println!("{text}");
    }
    eprintln!("report: {}", dir.join(REPORT).display());
    Ok(())
}

fn measure(args: &LoadArgs, run: &mut Run<'_>) -> Result<()> {
    if args.against_wrk {
        return wrk::compare(run);
    }
    if let Some(count) = args.idle {
        return idle::measure(run, count);
    }
    verify::verify(run)?;
    loops::closed(run)?;
    if args.no_latency { Ok(()) } else { loops::open(run) }
}

/// A wrong answer is an error, whosever it is: its server did less work, or other work. What wrk
/// contradicts is one, too; what it does not quite confirm is inconclusive.
fn outcome(archive: &Archive) -> Outcome {
    let faulty = archive.loads.iter().any(|load| load.report.faults() > 0);
    let unlike = archive.skipped.iter().any(|skipped| skipped.what.starts_with(verify::UNLIKE));
    if faulty || unlike {
        return Outcome::HarnessError;
    }
    wrk::outcome(&archive.wrk)
}

fn begin<'a>(
    args: &LoadArgs,
    settings: Settings,
    mut binaries: Binaries,
    generator: &'a Path,
    metadata: &Metadata,
) -> Result<Run<'a>> {
    let cpus = Cpus::find();
    let mut skipped = std::mem::take(&mut binaries.skipped);
    if cpus == Cpus::default() {
        skipped.push(Skipped {
            what: "pinning".into(),
            why: "there are no two CPUs to be had: server and generator share what there is, so \
                  rates and latencies say nothing; CPU times still do"
                .into(),
        });
    }
    for Skipped { what, why } in &skipped {
        eprintln!("skipped {what}: {why}");
    }
    let archive = Archive {
        schema: SCHEMA,
        session: Session::begin(metadata, arguments(args, &settings), settings.seed)?,
        cpus,
        engines: binaries.engines.iter().map(|built| built.engine.clone()).collect(),
        targets: targets::load()?,
        skipped,
        answers: Vec::new(),
        loads: Vec::new(),
        idle: Vec::new(),
        wrk: Vec::new(),
    };
    let dir = Path::new(RESULTS).join(archive.session.name());
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {dir:?}"))?;
    let random = Random::new(settings.seed);
    Ok(Run {
        settings,
        binaries,
        generator: Generator { path: generator, cpus },
        random,
        archive,
        dir,
    })
}

impl Run<'_> {
    /// Writes what there is: whatever interrupts the run, what was measured stays.
    fn save(&self) -> Result<()> {
        super::archive::replace(&self.dir.join(DATA), &self.archive)
    }

    fn skip(&mut self, what: String, why: String) {
        eprintln!("skipped {what}: {why}");
        self.archive.skipped.push(Skipped { what, why });
    }

    /// The engines that take this workload, by their place, in the order of this round: at random
    /// in even ones, and the same backwards in the odd ones after them.
    fn order(&mut self, workload: &str, round: usize, last: &mut Vec<usize>) {
        if round % 2 == 1 {
            return last.reverse();
        }
        let engines = self.binaries.engines.iter().enumerate();
        let taking = engines.filter(|(_, built)| built.engine.takes(workload));
        *last = taking.map(|(index, _)| index).collect();
        self.random.shuffle(last);
    }
}

/// The arguments that give this run again.
fn arguments(args: &LoadArgs, settings: &Settings) -> Vec<String> {
    let mut words = vec!["bench".to_owned(), "load".to_owned()];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if !args.peers.is_empty() {
        option("--peers", args.peers.join(","));
    }
    match args.idle {
        Some(count) => option("--idle", count.to_string()),
        None if !args.against_wrk => option("--workload", settings.workloads.join(",")),
        None => {}
    }
    option("--seconds", settings.seconds.to_string());
    option("--rounds", settings.rounds.to_string());
    option("--connections", settings.connections.to_string());
    option("--seed", settings.seed.to_string());
    for (flag, given) in [("--against-wrk", args.against_wrk), ("--no-latency", args.no_latency)] {
        if given {
            words.push(flag.to_owned());
        }
    }
    words
}
