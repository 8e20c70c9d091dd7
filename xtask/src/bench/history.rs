//! The history: a line for each run that was finished, in `results/history.jsonl`.
//!
//! An archive has every raw value and takes room; a line has what a trend needs, and outlives it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::class;
use super::exact::Exact;
use super::model::{self, Report};
use super::stats::Estimate;

pub(crate) const FILE: &str = "results/history.jsonl";
/// Raised whenever the meaning of a field changes.
const SCHEMA: u32 = 1;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    schema: u32,
    /// The archive's folder, which may be gone.
    pub(crate) archive: String,
    pub(crate) started: String,
    pub(crate) commit: String,
    pub(crate) dirty: bool,
    /// Of the machine and the build: times of the same one make a trend.
    pub(crate) key: String,
    /// Of what counts of instructions depend on.
    pub(crate) counting: String,
    pub(crate) rows: BTreeMap<String, Row>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Digest of the benchmark's definition.
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) exact: Exact,
    /// Nanoseconds an operation.
    pub(crate) time: Option<Estimate>,
}

impl Entry {
    pub(crate) fn of(report: &Report) -> Self {
        let session = &report.run.session;
        let row = |row: &model::Row| {
            let counts = row.allocations.as_ref();
            let exact = Exact {
                cold: row.instructions.map(|count| count.cold as f64),
                steady: row.instructions.map(|count| count.steady),
                ..Exact::of(counts, None)
            };
            let source = row.benchmark.source.clone();
            (row.benchmark.id.clone(), Row { source, exact, time: row.time })
        };
        Self {
            schema: SCHEMA,
            archive: report.archive.clone(),
            started: session.started.clone(),
            commit: session.commit.clone(),
            dirty: session.dirty,
            key: class::key(&session.fingerprint),
            counting: class::counting_key(&session.fingerprint),
            rows: report.rows.iter().filter(|row| row.is_run()).map(row).collect(),
        }
    }

    /// The commit, short, with a mark where there were changes.
    pub(crate) fn version(&self) -> String {
        let short = self.commit.get(..12).unwrap_or(&self.commit);
        format!("{short}{}", if self.dirty { "+" } else { "" })
    }
}

/// Appends a run's line. What is left of one that was cut off makes room for it.
pub(crate) fn append(file: &Path, report: &Report) -> Result<()> {
    let mut line = serde_json::to_string(&Entry::of(report))?;
    line.push('\n');
    let place = || format!("cannot append to {}", file.display());
    let text = if file.exists() { std::fs::read(file).with_context(place)? } else { Vec::new() };
    let whole = text.iter().rposition(|octet| *octet == b'\n').map_or(0, |end| end + 1);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(place)?;
    }
    let write = || {
        if whole < text.len() {
            File::options().write(true).open(file)?.set_len(whole as u64)?;
        }
        let mut file = File::options().create(true).append(true).open(file)?;
        file.write_all(line.as_bytes())
    };
    write().with_context(place)
}

/// All runs, the oldest first; none where there is no file. A last line that was cut off is left
/// out; a line that is damaged elsewhere, or of another schema, is an error with its place.
pub(crate) fn read(file: &Path) -> Result<Vec<Entry>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut entries: Vec<Entry> = Vec::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let place = format!("{}:{}", file.display(), index + 1);
        match serde_json::from_str::<Entry>(line) {
            Ok(entry) if entry.schema == SCHEMA => entries.push(entry),
            Ok(entry) => bail!("{place}: schema {} where this xtask reads {SCHEMA}", entry.schema),
            Err(_) if !line.ends_with('\n') => {}
            Err(error) => return Err(error).with_context(|| format!("{place}: damaged")),
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::model::fixture;

    #[test]
    fn a_history_grows_by_a_line_and_survives_a_cut() {
        let dir = std::env::temp_dir().join(format!("xtask-history-{}", std::process::id()));
        let file = dir.join("history.jsonl");
        assert_eq!(read(&file).unwrap(), []);
        let report = fixture::report();
        append(&file, &report).unwrap();
        append(&file, &report).unwrap();
        let entries = read(&file).unwrap();
        assert_eq!(entries, [Entry::of(&report), Entry::of(&report)]);
        let row = &entries[0].rows["http11/write/head/hyper"];
        assert_eq!((row.exact.allocs, row.exact.steady), (Some(3.0), Some(890.0)));
        assert_eq!(row.time.map(|time| time.median), Some(72.0));
        // What nothing was measured of is not in it.
        assert_eq!(entries[0].rows.len(), 4);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, &text[..text.len() - 9]).unwrap();
        assert_eq!(read(&file).unwrap().len(), 1);
        append(&file, &report).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        let wrong = text.replacen("\"schema\":1", "\"schema\":7", 1);
        std::fs::write(&file, wrong).unwrap();
        let error = read(&file).unwrap_err().to_string();
        assert!(error.contains("history.jsonl:1: schema 7 where"), "{error}");
        std::fs::write(&file, text.replacen('{', "", 1)).unwrap();
        let error = format!("{:#}", read(&file).unwrap_err());
        assert!(error.contains("history.jsonl:1: damaged: "), "{error}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
