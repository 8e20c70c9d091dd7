//! The archive of a run: `run.json` says where and how, `samples.jsonl` holds every raw value as it
//! came. Reports are made from these two alone, so they can be made again at any time.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::gate::Held;
use super::paired;
use super::peers::settings::Peer;
use super::plan::Profile;
use super::profile::Evidence;
use super::protocol::{Allocations, Benchmark, Verified};
use super::session::Session;
use super::targets::Target;

/// Raised whenever the meaning of a field changes.
pub(crate) const SCHEMA: u32 = 2;

pub(crate) const RUN: &str = "run.json";
pub(crate) const SAMPLES: &str = "samples.jsonl";

/// Where, when and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) schema: u32,
    /// True until the last measurement is in.
    pub(crate) partial: bool,
    #[serde(flatten)]
    pub(crate) session: Session,
    pub(crate) profile: Profile,
    /// The targets as they were.
    pub(crate) targets: Vec<Target>,
    /// The peers' settings as they were; archives of before have none.
    #[serde(default)]
    pub(crate) peers: Vec<Peer>,
    /// What the gates said of the exact figures, by the baseline as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) held: Option<Held>,
}

#[derive(Deserialize)]
struct Schema {
    schema: u32,
}

/// A line of `samples.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Sample {
    /// A benchmark that was selected, and the bench target it was run from.
    Benchmark {
        binary: String,
        #[serde(flatten)]
        benchmark: Benchmark,
    },
    Verified(Verified),
    Allocations(Allocations),
    Instructions(Instructions),
    Timing(Timing),
    Pair(Pair),
    /// Why two versions of a benchmark differ; in archives of comparisons.
    Evidence(Evidence),
    /// Something went wrong; the rest of the run went on.
    Failure(Failure),
    /// A metric that could not be taken at all.
    Skipped(Skipped),
}

/// Instructions inside the measured region, of one call and of many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Instructions {
    pub(crate) id: String,
    /// Of the first call alone.
    pub(crate) once: u64,
    /// Of `1 + calls` calls.
    pub(crate) many: u64,
    pub(crate) calls: u64,
}

impl Instructions {
    /// Of one call after the first.
    pub(crate) fn steady(&self) -> f64 {
        self.many.saturating_sub(self.once) as f64 / self.calls.max(1) as f64
    }
}

/// The raw samples of one criterion process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timing {
    pub(crate) id: String,
    pub(crate) round: usize,
    pub(crate) sampling_mode: String,
    /// Iterations of each sample.
    pub(crate) iters: Vec<f64>,
    /// Nanoseconds of each sample, over all its iterations.
    pub(crate) times: Vec<f64>,
}

impl Timing {
    /// The median of the samples, in nanoseconds an iteration.
    pub(crate) fn median(&self) -> Option<f64> {
        if self.iters.len() != self.times.len() {
            return None;
        }
        let each = self.times.iter().zip(&self.iters).map(|(time, iters)| time / iters);
        super::stats::median(&each.collect::<Vec<_>>())
    }
}

/// One launch of two processes that ran in turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// Ours and the rival; twice the same is a control.
    pub(crate) ids: [String; 2],
    pub(crate) launch: usize,
    /// Calls of a block of each.
    pub(crate) calls: [u64; 2],
    /// Nanoseconds of each block of both.
    pub(crate) times: Vec<[u64; 2]>,
    /// How others disturbed the machine meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) noise: Option<String>,
}

impl Pair {
    pub(crate) fn of(ids: [String; 2], launch: paired::Launch) -> Self {
        let paired::Launch { number, calls, times, noise } = launch;
        Self { ids, launch: number, calls, times, noise }
    }

    /// The median over the blocks of our time against the rival's, by the call.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.over_blocks(|ours, theirs| ours / theirs)
    }

    /// The median over the blocks of the logarithm of the second's time against the first's: what
    /// a comparison takes from a launch. Above 0 the second is slower.
    pub(crate) fn log_ratio(&self) -> Option<f64> {
        self.over_blocks(|first, second| (second / first).ln())
    }

    /// The median over the blocks of one side's time, in nanoseconds a call.
    pub(crate) fn time(&self, side: usize) -> Option<f64> {
        self.over_blocks(|first, second| if side == 0 { first } else { second })
    }

    /// One side as the samples of a process.
    pub(crate) fn timing(&self, side: usize) -> Timing {
        Timing {
            id: self.ids[side].clone(),
            round: self.launch,
            sampling_mode: "paired".into(),
            iters: vec![self.calls[side] as f64; self.times.len()],
            times: self.times.iter().map(|block| block[side] as f64).collect(),
        }
    }

    fn over_blocks(&self, of: impl Fn(f64, f64) -> f64) -> Option<f64> {
        let [first, second] = self.calls.map(|calls| calls as f64);
        let block = |[a, b]: &[u64; 2]| of(*a as f64 / first, *b as f64 / second);
        super::stats::median(&self.times.iter().map(block).collect::<Vec<_>>())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    /// The benchmark, where one is to blame.
    pub(crate) id: Option<String>,
    pub(crate) message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    Verify,
    /// The counter is not trusted, so there are no counts.
    Control,
    Allocations,
    Instructions,
    Pairs,
    Timing,
    /// What was taken is not all there any more.
    Archive,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Skipped {
    pub(crate) metric: String,
    pub(crate) reason: String,
    /// The command that would make it possible.
    pub(crate) remedy: String,
}

/// An archive being written.
#[derive(Debug)]
pub(crate) struct Writer<W = File> {
    dir: PathBuf,
    samples: W,
}

impl Writer {
    pub(crate) fn create(dir: PathBuf, run: &Run) -> Result<Self> {
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {dir:?}"))?;
        let samples = File::options().create_new(true).append(true).open(dir.join(SAMPLES));
        let samples = samples.with_context(|| format!("cannot begin {SAMPLES} in {dir:?}"))?;
        let writer = Self { dir, samples };
        writer.write_run(run)?;
        Ok(writer)
    }
}

impl<W: Write> Writer<W> {
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Appends a line at once: whatever interrupts the run, what was measured stays.
    pub(crate) fn append(&mut self, sample: &Sample) -> Result<()> {
        let mut line = serde_json::to_vec(sample)?;
        line.push(b'\n');
        let written = self.samples.write_all(&line).and_then(|()| self.samples.flush());
        written.with_context(|| format!("cannot append to {}", self.dir.join(SAMPLES).display()))
    }

    pub(crate) fn write_run(&self, run: &Run) -> Result<()> {
        replace(&self.dir.join(RUN), run)
    }
}

/// Writes a value as JSON; see [`replace_text`].
pub(crate) fn replace(path: &Path, value: &impl Serialize) -> Result<()> {
    replace_text(path, &(serde_json::to_string_pretty(value)? + "\n"))
}

/// Writes a file by a rename, so that there is no moment without a whole one: where there is no
/// room for the new one, the old one stays.
pub(crate) fn replace_text(path: &Path, text: &str) -> Result<()> {
    let fresh = path.with_extension("json.new");
    let written = std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, path));
    if written.is_err() {
        // What is there of it is of no use, and takes up room.
        let _ = std::fs::remove_file(&fresh);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// The name of an archive's folder.
pub(crate) fn name(dir: &Path) -> String {
    dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Reads an archive; an error names file and line.
///
/// A last line that was cut off, as by a full disk or a machine that stopped, is left out; the run
/// is partial then, and the cut one of its failures. A line that is damaged elsewhere is an error:
/// nobody knows what else is wrong with such a file.
pub(crate) fn read(dir: &Path) -> Result<(Run, Vec<Sample>)> {
    let path = dir.join(RUN);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} is no archive: cannot read {path:?}", dir.display()))?;
    let whole = || format!("{}: no whole run.json", path.display());
    // The schema first: of another one, the rest may not even parse.
    let Schema { schema } = serde_json::from_str(&text).with_context(whole)?;
    if schema != SCHEMA {
        bail!("{}: schema {schema} where this xtask reads {SCHEMA}", path.display());
    }
    let mut run: Run = serde_json::from_str(&text).with_context(whole)?;
    let path = dir.join(SAMPLES);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let mut samples = Vec::new();
    let mut lines = text.split_inclusive('\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let place = || format!("{}:{}", path.display(), index + 1);
        match serde_json::from_str(line) {
            Ok(sample) => samples.push(sample),
            Err(_) if lines.peek().is_none() && !line.ends_with('\n') => {
                run.partial = true;
                let message = format!("{}: the line is cut off; read up to there", place());
                samples.push(Sample::Failure(Failure { stage: Stage::Archive, id: None, message }));
            }
            Err(error) => {
                let told = || format!("{}: the line is damaged; remove it to go on", place());
                return Err(error).with_context(told);
            }
        }
    }
    Ok((run, samples))
}

/// The newest archive under `results/`: their names begin with the time.
pub(crate) fn newest(results: &Path) -> Result<PathBuf> {
    let mut archives = Vec::new();
    if results.is_dir() {
        for entry in std::fs::read_dir(results)? {
            let path = entry?.path();
            if path.join(RUN).is_file() {
                archives.push(path);
            }
        }
    }
    archives.sort();
    archives.pop().context("no archive under results/ yet: `cargo xtask bench` makes one")
}

#[cfg(test)]
mod tests;
