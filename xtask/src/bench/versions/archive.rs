//! The archive of a comparison of two versions: `compare.json` says what was compared and how, and
//! `versions.jsonl` holds every raw value as it came. Verdicts are made from these two alone.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::bench::archive::{Sample, replace};
use crate::bench::gate::Gates;
use crate::bench::session::Session;

/// Raised whenever the meaning of a field changes.
const SCHEMA: u32 = 1;
pub(crate) const COMPARISON: &str = "compare.json";
const LINES: &str = "versions.jsonl";

/// What was compared, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    schema: u32,
    /// True until the last measurement is in.
    pub(crate) partial: bool,
    #[serde(flatten)]
    pub(crate) session: Session,
    /// The older, and the newer.
    pub(crate) sides: [Side; 2],
    /// The gates as they were.
    pub(crate) gates: Gates,
    /// What a reader of the times should know.
    pub(crate) remarks: Vec<String>,
}

/// A version that was compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Side {
    /// As it was asked for, with its commit.
    pub(crate) name: String,
    pub(crate) commit: Option<String>,
    /// Whether it is a work tree with changes that are in no commit.
    pub(crate) dirty: bool,
}

/// A line of `versions.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// The side that it is about: 0 or 1. A pair is about both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) side: Option<usize>,
    /// Of a pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stage: Option<Stage>,
    #[serde(flatten)]
    pub(crate) sample: Sample,
}

/// What a launch was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    /// The newer version against a copy of itself.
    Control,
    Screen,
    /// Fresh launches of what the screening found suspicious.
    Confirm,
}

impl Comparison {
    pub(crate) fn begin(session: Session, sides: [Side; 2], gates: Gates) -> Self {
        Self { schema: SCHEMA, partial: true, session, sides, gates, remarks: Vec::new() }
    }
}

/// An archive being written.
#[derive(Debug)]
pub(crate) struct Writer {
    dir: PathBuf,
    lines: File,
}

impl Writer {
    pub(crate) fn create(dir: PathBuf, comparison: &Comparison) -> Result<Self> {
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {dir:?}"))?;
        let lines = File::options().create_new(true).append(true).open(dir.join(LINES));
        let lines = lines.with_context(|| format!("cannot begin {LINES} in {dir:?}"))?;
        let writer = Self { dir, lines };
        writer.write(comparison)?;
        Ok(writer)
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Appends a line at once: whatever interrupts the comparison, what was measured stays.
    pub(crate) fn append(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let path = self.dir.join(LINES);
        self.lines.write_all(&text).with_context(|| format!("cannot append to {path:?}"))
    }

    pub(crate) fn write(&self, comparison: &Comparison) -> Result<()> {
        replace(&self.dir.join(COMPARISON), comparison)
    }
}

/// Reads an archive; an error names file and line.
pub(crate) fn read(dir: &Path) -> Result<(Comparison, Vec<Line>)> {
    let path = dir.join(COMPARISON);
    let place = path.display();
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} is no archive of a comparison: no {place}", dir.display()))?;
    let comparison: Comparison =
        serde_json::from_str(&text).with_context(|| format!("{place}: cut off or damaged"))?;
    if comparison.schema != SCHEMA {
        bail!("{place}: schema {} where this xtask reads {SCHEMA}", comparison.schema);
    }
    let path = dir.join(LINES);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let read = |(index, line)| {
        let place = || format!("{}:{}", path.display(), index + 1);
        serde_json::from_str(line).with_context(|| {
            format!("{}: the line is cut off or damaged; remove it to go on without it", place())
        })
    };
    Ok((comparison, text.lines().enumerate().map(read).collect::<Result<_>>()?))
}
