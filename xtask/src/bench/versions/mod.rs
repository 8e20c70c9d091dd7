//! Two versions held against each other: built, counted, timed side by side, judged, archived.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::RESULTS;
use super::archive::Sample;
use super::build;
use super::gate::Gates;
use super::measure::Valgrind;
use super::plan::Plan;
use super::report;
use super::session::Session;
use crate::flags::SelectArgs;
use crate::metadata::Metadata;

pub(crate) mod archive;
mod evidence;
mod git;
mod judge;
mod kept;
mod measure;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use archive::{Comparison, Side};
pub(crate) use judge::{Judgement, Presence, Row, judge, time_of};
pub(crate) use measure::{Version, What, measure};

use archive::{Line, Stage, Writer};
use kept::{Executables, Workshop};

/// What is asked of a comparison.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) select: &'a SelectArgs,
    pub(crate) time: bool,
    pub(crate) seed: u64,
    /// For the launches.
    pub(crate) budget: Option<Duration>,
    /// What repeats it, after `cargo xtask`.
    pub(crate) arguments: Vec<String>,
}

/// A comparison with its verdicts, by these gates.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) dir: PathBuf,
    pub(crate) comparison: Comparison,
    pub(crate) judgement: Judgement,
    gates: Gates,
}

impl Compared {
    /// Reads an archive and judges it, by gates that may be others than those of its time.
    pub(crate) fn read(dir: &Path, gates: &Gates) -> Result<Self> {
        let (comparison, lines) = archive::read(dir)?;
        let judgement = judge(&comparison, &lines, gates);
        Ok(Self { dir: dir.to_owned(), comparison, judgement, gates: gates.clone() })
    }

    /// Benchstat's columns first, ours after them.
    pub(crate) fn table(&self) -> String {
        table::table(&self.comparison, &self.judgement, &self.gates)
    }

    /// What is known of why a benchmark changed, a line a piece.
    pub(crate) fn evidence(&self, id: &str) -> Vec<String> {
        let of = self.judgement.evidence.iter().filter(|evidence| evidence.id == id);
        of.flat_map(|it| evidence::told(it).into_iter().skip(1))
            .map(|line| line.trim_start().to_owned())
            .collect()
    }

    /// The table and the verdict.
    pub(crate) fn text(&self) -> String {
        let Self { dir, judgement, .. } = self;
        let (word, reasons) = (judgement.outcome.word(), judgement.reasons.join("; "));
        format!("{}\n{word}: {reasons}\narchive: {}", self.table(), dir.display())
    }

    /// Both sides in Go's benchmark format, with a line a launch; of a benchmark that was
    /// confirmed, the launches that decided.
    pub(crate) fn go_benchmarks(&self) -> Result<[String; 2]> {
        let (comparison, lines) = archive::read(&self.dir)?;
        Ok([0, 1].map(|side| {
            let commit = comparison.sides[side].commit.clone().unwrap_or_default();
            let session = Session { commit, ..comparison.session.clone() };
            report::go_benchmarks(&session, &samples_of(side, &lines))
        }))
    }

    /// Tells them: on standard error where standard output is for JSON.
    pub(crate) fn tell(&self, json: bool) -> Result<()> {
        if json {
            eprintln!("{}", self.text());
            println!("{}", serde_json::to_string_pretty(&self.judgement)?);
        } else {
            println!("{}", self.text());
        }
        Ok(())
    }
}

/// Compares a version that Git knows with another, or with the work tree as it stands. Archives
/// under `results/`, and answers the folder and the verdicts.
pub(crate) fn compare(older: &str, newer: Option<&str>, asked: &Asked<'_>) -> Result<Compared> {
    let gates = Gates::load()?;
    let metadata = Metadata::load()?;
    let workshop = Workshop::open(&metadata)?;
    let scratch = workshop.folder().join(format!("scratch-{}", std::process::id()));
    let old = git::resolve(workshop.root(), older)?;
    let new = match newer {
        Some(new) => git::resolve(workshop.root(), new)?,
        None => git::work_tree(workshop.root(), &scratch)?,
    };
    let select = SelectArgs { no_peers: true, peers: Vec::new(), ..asked.select.clone() };
    let mut versions = [version(&workshop, &old, &select)?, version(&workshop, &new, &select)?];
    if versions.iter().all(|version| version.plan.benchmarks.is_empty()) {
        bail!("no benchmark matches in either version; `cargo xtask bench list` shows those here");
    }
    // A branch will be another commit tomorrow.
    let fixed = |word: &String| {
        let of = |tree: &git::Tree| tree.side.commit.as_ref()?.get(..12).map(str::to_owned);
        let named = [(Some(older), &old), (newer, &new)];
        let tree = named.into_iter().find(|(name, _)| *name == Some(word.as_str()));
        tree.and_then(|(_, tree)| of(tree)).unwrap_or_else(|| word.clone())
    };
    let arguments = asked.arguments.iter().map(fixed).collect();
    let session = Session::begin(&metadata, arguments, asked.seed)?;
    let sides = [old.side, new.side];
    let mut comparison = Comparison::begin(session, sides, gates.clone());
    let mut writer =
        Writer::create(Path::new(RESULTS).join(comparison.session.name()), &comparison)?;
    let valgrind = Valgrind::find();
    let what = What {
        gates: &gates,
        valgrind: Some(&valgrind),
        time: asked.time,
        identical: false,
        seed: asked.seed,
        until: asked.budget.map(|budget| Instant::now() + budget),
        scratch: &scratch,
    };
    let measured = measure(&mut versions, &what, &mut |line| writer.append(line)).and_then(|it| {
        let judgement = Compared::read(writer.dir(), &gates)?.judgement;
        let lines = &mut |line: &Line| writer.append(line);
        evidence::take(&judgement, &versions, &valgrind, &scratch, lines)?;
        Ok(it)
    });
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    // An error on the way leaves the archive partial.
    comparison.partial = measured.is_err();
    comparison.session.end(measured.is_ok());
    if let Ok(remarks) = &measured {
        comparison.remarks.clone_from(remarks);
    }
    writer.write(&comparison)?;
    measured?;
    Compared::read(writer.dir(), &gates)
}

/// What was measured of one side, as in the archive of a run.
fn samples_of(side: usize, lines: &[Line]) -> Vec<Sample> {
    let is_confirmed = |id: &str| {
        lines.iter().any(|line| match &line.sample {
            Sample::Pair(pair) => line.stage == Some(Stage::Confirm) && pair.ids[1] == id,
            _ => false,
        })
    };
    let sample = |line: &Line| match &line.sample {
        Sample::Pair(pair) => {
            let id = &pair.ids[side];
            let decides = if is_confirmed(id) { Stage::Confirm } else { Stage::Screen };
            (line.stage == Some(decides)).then(|| Sample::Timing(pair.timing(side)))
        }
        other => (line.side == Some(side)).then(|| other.clone()),
    };
    lines.iter().filter_map(sample).collect()
}

fn version(workshop: &Workshop, tree: &git::Tree, select: &SelectArgs) -> Result<Version> {
    let Executables { timing, counting } = workshop.build(tree, &select.category)?;
    let registered = build::inventories(timing).with_context(|| {
        format!("{}: its benchmarks cannot be listed; is it older than them?", tree.side.name)
    })?;
    Ok(Version { side: tree.side.clone(), plan: Plan::of_any(registered, select), counting })
}
