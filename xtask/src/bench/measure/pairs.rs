//! Ratios between engines: a process of each, asked in turn.
//!
//! Two times that were taken a second apart on a shared machine are times of two machines. So the
//! two processes of a pair live together and run in turn, a block of about a millisecond each, in
//! random order: whatever slows the machine slows both. The launch is the unit, for a process keeps
//! its memory layout for life: its ratio is the median over its blocks, and launches are what the
//! spread is taken over.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, anyhow, bail};

use super::{Sink, failure};
use crate::bench::archive::{Pair, Sample, Stage};
use crate::bench::plan::{Plan, Planned};
use crate::bench::progress::Progress;
use crate::bench::stats::Random;

/// What the kit's child says first.
const HELLO: &str = r#"{"protocol":1}"#;
/// Nanoseconds that a block should take: far above the clock's grain, far below a scheduler's
/// slice.
const BLOCK: u64 = 1_000_000;
/// Blocks of each side in a launch.
const BLOCKS: usize = 20;
/// Bounds the size of the environment, which moves the stack.
const PADDING: u64 = 4096;

/// Runs every pair of the plan in so many launches.
pub(crate) fn pairs(plan: &Plan, launches: usize, seed: u64, sink: &mut Sink<'_>) -> Result<()> {
    let mut pairs = plan.pairs();
    if pairs.is_empty() {
        return Ok(());
    }
    let progress = Progress::start("pairs", pairs.len() * launches);
    let mut random = Random::new(seed);
    for launch in 0..launches {
        random.shuffle(&mut pairs);
        for (ours, theirs) in &pairs {
            let ids = [ours, theirs].map(|planned| planned.benchmark.id.clone());
            progress.step(&ids[1]);
            match run(plan, [ours, theirs], &mut random) {
                Ok((calls, times)) => sink(Sample::Pair(Pair { ids, launch, calls, times }))?,
                Err(error) => {
                    let [id, rival] = &ids;
                    progress.note(&format!("{id} beside {rival} failed"));
                    let message = format!("beside {rival}: {error:#}");
                    sink(failure(Stage::Pairs, Some(id), message))?;
                }
            }
        }
    }
    progress.finish();
    Ok(())
}

/// One launch of a pair: the calls of a block of each side, and the nanoseconds of the blocks.
fn run(plan: &Plan, pair: [&Planned; 2], random: &mut Random) -> Result<([u64; 2], Vec<[u64; 2]>)> {
    let mut start = |planned: &Planned| {
        let binary = plan.binaries.get(planned.binary).context("no such binary")?;
        Side::start(&binary.path, &planned.benchmark.id, random.below(PADDING))
    };
    let mut sides = [start(pair[0])?, start(pair[1])?];
    let calls = [sides[0].calibrate()?, sides[1].calibrate()?];
    let mut times = Vec::with_capacity(BLOCKS);
    for _ in 0..BLOCKS {
        let mut block = [0; 2];
        let first = usize::from(random.below(2) == 1);
        for side in [first, 1 - first] {
            block[side] = sides[side].ask(calls[side])?;
        }
        times.push(block);
    }
    Ok((calls, times))
}

/// A child that runs one benchmark when it is asked to.
struct Side {
    id: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Side {
    fn start(binary: &Path, id: &str, padding: u64) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(["--kit", "serve"]).stderr(Stdio::null());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.env("PADDING", "-".repeat(usize::try_from(padding)?));
        let mut child = command.spawn().with_context(|| format!("cannot start {binary:?}"))?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let mut side = Self { id: id.to_owned(), child, input, output };
        match side.line()?.as_str() {
            HELLO => Ok(side),
            other => bail!("the child speaks another protocol: {other}"),
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("{}: the child ended without an answer", self.id);
        }
        Ok(line.trim_end().to_owned())
    }

    /// Nanoseconds of so many calls.
    fn ask(&mut self, calls: u64) -> Result<u64> {
        writeln!(self.input, "{} {calls}", self.id)?;
        self.input.flush()?;
        let line = self.line()?;
        let time = line.split(' ').next().and_then(|word| word.parse().ok());
        time.ok_or_else(|| anyhow!("{}: {line}", self.id))
    }

    /// How many calls a block takes. Warms up on the way.
    fn calibrate(&mut self) -> Result<u64> {
        let mut calls = 1_u64;
        loop {
            let time = self.ask(calls)?;
            if time >= BLOCK / 2 {
                let fitting = u128::from(calls) * u128::from(BLOCK) / u128::from(time);
                return Ok(u64::try_from(fitting)?.max(1));
            }
            calls = calls.saturating_mul(2);
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It ends by itself when its input does; one that hangs is ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
