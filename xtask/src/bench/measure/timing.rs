//! Timings: criterion processes, each a launch of its own, in rounds over all benchmarks.
//!
//! A process runs one benchmark, so every figure has a memory layout and a moment of its own, the
//! order is free to be shuffled, and a benchmark that fails takes no other with it. Criterion's own
//! verdicts are not used: a comparison with a baseline of minutes ago is wrong too often where
//! others share the machine. Its raw samples are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::{Deadline, Sink, failure, last_words, left_out, process};
use crate::bench::archive::{Sample, Stage, Timing};
use crate::bench::build::Binary;
use crate::bench::plan::{Plan, Profile};
use crate::bench::progress::Progress;
use crate::bench::stats::Random;

/// Runs the profile's rounds, or as many as the budget allows, and returns how many. `scratch` is
/// for criterion's files.
pub(crate) fn timings(
    plan: &Plan,
    profile: &Profile,
    until: Deadline,
    seed: u64,
    scratch: &Path,
    sink: &mut Sink<'_>,
) -> Result<usize> {
    if plan.benchmarks.is_empty() {
        return Ok(0);
    }
    let started = Instant::now();
    let mut rounds = profile.processes;
    let progress = Progress::start("timings", plan.benchmarks.len() * rounds);
    let mut random = Random::new(seed);
    let mut failed = BTreeSet::new();
    let mut round = 0;
    'rounds: while round < rounds {
        for planned in plan.round(&mut random) {
            if until.is_over() {
                sink(left_out("ns/op", round, rounds, "rounds of processes"))?;
                break 'rounds;
            }
            let id = planned.benchmark.id.as_str();
            progress.step(id);
            if failed.contains(id) {
                continue;
            }
            let binary = plan.binaries.get(planned.binary).context("no such binary")?;
            match launch(binary, id, profile, &scratch.join("criterion")) {
                Ok(sample) => sink(Sample::Timing(Timing { round, ..sample }))?,
                Err(error) => {
                    progress.note(&format!("{id} failed"));
                    failed.insert(id.to_owned());
                    sink(failure(Stage::Timing, Some(id), format!("{error:#}")))?;
                }
            }
        }
        if let Some(left) = until.left().filter(|_| round == 0) {
            rounds = Profile::rounds_within(left, started.elapsed());
            progress.set_steps(plan.benchmarks.len() * rounds);
        }
        round += 1;
        progress.note(&format!("round {round} of {rounds} done"));
    }
    progress.finish();
    Ok(round)
}

/// One criterion process for one benchmark. The round is for the caller to fill in.
fn launch(binary: &Binary, id: &str, profile: &Profile, home: &Path) -> Result<Timing> {
    if home.exists() {
        std::fs::remove_dir_all(home)?;
    }
    std::fs::create_dir_all(home)?;
    let mut command = Command::new(&binary.path);
    command.args(["--bench", "--noplot", "--exact", id]);
    command.args(["--sample-size", &profile.sample_size.to_string()]);
    command.args(["--warm-up-time", &profile.warm_up_seconds.to_string()]);
    command.args(["--measurement-time", &profile.measurement_seconds.to_string()]);
    command.args(["--nresamples", &profile.resamples.to_string()]);
    command.env("CRITERION_HOME", home).envs(binary.environment.iter().cloned());
    let silent = profile.warm_up_seconds + profile.measurement_seconds;
    let patience = binary.patience + Duration::from_secs_f64(4.0 * silent);
    let output = process::output(&mut command, patience)?;
    if !output.status.success() {
        bail!("{}", last_words(&output));
    }
    let Some(folder) = result_folder(home, id)? else {
        bail!("criterion wrote no result for it");
    };
    let timing = read_sample(&folder, id)?;
    std::fs::remove_dir_all(home)?;
    Ok(timing)
}

/// The folder whose `benchmark.json` names this id. Folder names are cut and made unique by
/// criterion, so they say nothing.
fn result_folder(home: &Path, id: &str) -> Result<Option<PathBuf>> {
    #[derive(Deserialize)]
    struct Named {
        full_id: String,
    }
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        let description = folder.join("benchmark.json");
        if folder.ends_with("new") && description.is_file() {
            let named: Named = serde_json::from_str(&std::fs::read_to_string(&description)?)
                .with_context(|| format!("in {description:?}"))?;
            if named.full_id == id {
                return Ok(Some(folder));
            }
        }
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(None)
}

fn read_sample(folder: &Path, id: &str) -> Result<Timing> {
    #[derive(Deserialize)]
    struct Raw {
        sampling_mode: String,
        iters: Vec<f64>,
        times: Vec<f64>,
    }
    let path = folder.join("sample.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let raw: Raw = serde_json::from_str(&text).with_context(|| format!("in {path:?}"))?;
    let Raw { sampling_mode, iters, times } = raw;
    let timing = Timing { id: id.to_owned(), round: 0, sampling_mode, iters, times };
    match timing.median() {
        Some(median) if median > 0.0 => Ok(timing),
        _ => bail!("criterion's samples have no median above zero"),
    }
}
