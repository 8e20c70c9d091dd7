//! The paired engine: two benchmarks held against each other by a process of each, asked in turn.
//!
//! Two times that were taken a second apart on a shared machine are times of two machines. So the
//! two processes of a contest live together on one CPU and run in turn, a block of about a
//! millisecond each, in random order: whatever slows the machine slows both. The launch is the
//! unit, for a process keeps its memory layout for life: its value is the median over its blocks,
//! and launches are what statistics are made of. The layout itself is left to chance on purpose
//! (address randomisation, order of the starts, size of the environment), since one that is held
//! still would be measured with the code.
//!
//! The sides are executables and ids: two engines of one version, or one benchmark of two versions.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::build::Binary;
use super::cpus::Pinning;
use super::progress::Progress;
use super::stats::{Random, median};

mod child;
mod noise;
#[cfg(test)]
mod tests;

use child::Child;
pub(crate) use child::OtherProtocol;
use noise::Watch;

/// Bounds the size of the environment, which moves the stack.
const PADDING: u64 = 4096;
/// How often a launch is repeated at most because the machine was not its own; and, of all that are
/// asked for, one repetition for so many: where a machine never rests, waiting for it is no use.
const REPEATS: usize = 2;
const LAUNCHES_A_REPEAT: usize = 2;

/// An executable of the kit's, and the benchmark of it that is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entrant {
    pub(crate) binary: PathBuf,
    pub(crate) id: String,
    /// Variables of its environment besides ours.
    pub(crate) environment: Vec<(String, String)>,
    /// How long an answer may take.
    pub(crate) patience: Duration,
}

impl Entrant {
    pub(crate) fn new(binary: &Binary, id: &str) -> Self {
        let environment = binary.environment.clone();
        let (path, patience) = (binary.path.clone(), binary.patience);
        Self { binary: path, id: id.to_owned(), environment, patience }
    }
}

/// Two that are held against each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contest {
    pub(crate) sides: [Entrant; 2],
}

/// How much is measured.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) launches: usize,
    /// Blocks of each side in a launch.
    pub(crate) blocks: usize,
    /// After this moment no launch is begun.
    pub(crate) until: Option<Instant>,
}

impl Settings {
    pub(crate) fn new(launches: usize, blocks: usize) -> Self {
        Self { launches, blocks, until: None }
    }
}

/// What a launch of a contest gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Launch {
    /// Counted from 0 in each contest.
    pub(crate) number: usize,
    /// Calls of a block of each side.
    pub(crate) calls: [u64; 2],
    /// Nanoseconds of each block of both.
    pub(crate) times: Vec<[u64; 2]>,
    /// How the machine was disturbed meanwhile, where repeating did not help.
    pub(crate) noise: Option<String>,
}

/// Where launches go as they come, with the number of their contest.
pub(crate) type Results<'a> = dyn FnMut(usize, Result<Launch>) -> Result<()> + 'a;

/// What a whole measurement says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Why the processes were not kept on a CPU each, if so.
    pub(crate) not_pinned: Option<String>,
    /// Launches that were thrown away and done again.
    pub(crate) repeated: usize,
    /// Rounds over all contests that were completed, which are fewer than asked for where time ran
    /// out.
    pub(crate) rounds: usize,
}

/// Launches every contest so many times, in rounds over all of them in random order. A contest that
/// fails is told once and left out from then on; the rest goes on.
pub(crate) fn run(
    name: &str,
    contests: &[Contest],
    settings: &Settings,
    random: &mut Random,
    results: &mut Results<'_>,
) -> Result<Summary> {
    if contests.is_empty() {
        return Ok(Summary::default());
    }
    let pinning = Pinning::acquire();
    let progress = Progress::start(name, contests.len() * settings.launches);
    if let Some(reason) = pinning.why_not() {
        progress.note(&format!("processes are not pinned: {reason}"));
    }
    let not_pinned = pinning.why_not().map(str::to_owned);
    let mut summary = Summary { not_pinned, ..Summary::default() };
    let most_repeats = contests.len() * settings.launches / LAUNCHES_A_REPEAT;
    let mut order: Vec<usize> = (0..contests.len()).collect();
    'rounds: for number in 0..settings.launches {
        random.shuffle(&mut order);
        let mut failed = Vec::new();
        for &index in &order {
            let Some(contest) = contests.get(index) else { continue };
            if settings.until.is_some_and(|until| Instant::now() >= until) {
                progress.note(&format!(
                    "time is up in round {} of {}",
                    number + 1,
                    settings.launches
                ));
                break 'rounds;
            }
            progress.step(&contest.sides[1].id);
            let left = most_repeats - summary.repeated;
            let launch = quiet_launch(contest, settings, &pinning, random, left);
            let launch = launch.map(|(launch, repeats)| {
                summary.repeated += repeats;
                launch
            });
            if launch.is_err() {
                progress.note(&format!("{} failed", contest.sides[0].id));
                failed.push(index);
            }
            results(index, launch.map(|launch| Launch { number, ..launch }))?;
        }
        order.retain(|index| !failed.contains(index));
        summary.rounds += 1;
    }
    progress.finish();
    Ok(summary)
}

/// How many times as long twice the calls take: 2, where time is spent on operations alone. The
/// median over blocks that are asked for in turn.
pub(crate) fn doubling(entrant: &Entrant) -> Result<f64> {
    const BLOCKS: usize = 15;
    let mut child = Child::start(entrant, 0, Pinning::acquire().measured())?;
    let calls = child.calibrate()?;
    let mut ratios = Vec::with_capacity(BLOCKS);
    for _ in 0..BLOCKS {
        let once = child.ask(calls)?;
        ratios.push(child.ask(calls.saturating_mul(2))? as f64 / once as f64);
    }
    median(&ratios).context("no block was timed")
}

/// A launch that had the machine to itself, or after some tries one that had not and says so; and
/// how often it was repeated.
fn quiet_launch(
    contest: &Contest,
    settings: &Settings,
    pinning: &Pinning,
    random: &mut Random,
    left: usize,
) -> Result<(Launch, usize)> {
    let mut repeats = 0;
    loop {
        let launch = launch(contest, settings, pinning.measured(), random)?;
        if launch.noise.is_none() || repeats == REPEATS.min(left) {
            return Ok((launch, repeats));
        }
        repeats += 1;
    }
}

fn launch(
    contest: &Contest,
    settings: &Settings,
    cpu: Option<usize>,
    random: &mut Random,
) -> Result<Launch> {
    let [a, b] = &contest.sides;
    let mut paddings = [0; 2];
    for padding in &mut paddings {
        *padding = usize::try_from(random.below(PADDING))?;
    }
    let start = |side: usize| Child::start(&contest.sides[side], paddings[side], cpu);
    // The one that starts first finds other memory free than the second.
    let mut sides = if random.below(2) == 0 {
        let first = start(0)?;
        [first, start(1)?]
    } else {
        let first = start(1)?;
        [start(0)?, first]
    };
    let mut calls = [sides[0].calibrate()?, sides[1].calibrate()?];
    if a.id == b.id {
        // The same work for both, so that what depends on how much is asked for is the same.
        calls = [calls[0].min(calls[1]); 2];
    }
    for side in 0..2 {
        sides[side].ask(calls[side])?;
    }
    let watch = Watch::start(cpu);
    let mut times = Vec::with_capacity(settings.blocks);
    for _ in 0..settings.blocks {
        let mut block = [0; 2];
        let first = usize::from(random.below(2) == 1);
        for side in [first, 1 - first] {
            block[side] = sides[side].ask(calls[side])?;
        }
        times.push(block);
    }
    Ok(Launch { number: 0, calls, times, noise: watch.complaint() })
}
