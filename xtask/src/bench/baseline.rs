//! The baseline: exact figures that a change is held against, committed for each class of machine
//! and toolchain as `results/baseline/<class>.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::archive::{self, Run, Sample};
use super::class;
use super::exact::{self, Exact};
use super::fingerprint::Fingerprint;
use super::model::plural;

/// Where the baselines lie.
pub(crate) const DIR: &str = "results/baseline";
/// Raised whenever the meaning of a field changes.
const SCHEMA: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    schema: u32,
    /// The class, as the file is named.
    pub(crate) class: String,
    /// The archive that it was last saved from: its time, its commit, whether there were changes.
    pub(crate) archive: String,
    pub(crate) fingerprint: Fingerprint,
    /// Our own benchmarks, by id; peers change with their versions, and are not held.
    pub(crate) rows: BTreeMap<String, Row>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Digest of the benchmark's definition: where it differs, figures are of another benchmark.
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) exact: Exact,
}

impl Baseline {
    /// The exact figures of an archive. An error where none was taken, or the run was cut short.
    pub(crate) fn of(name: &str, run: &Run, samples: &[Sample]) -> Result<Self> {
        if run.partial {
            bail!("{name} was not finished; a baseline of it would lack benchmarks");
        }
        let row = |(id, (benchmark, exact)): (&str, (&super::protocol::Benchmark, Exact))| {
            let keep = !benchmark.is_peers() && !exact.is_empty();
            let source = benchmark.source.clone();
            keep.then(|| (id.to_owned(), Row { source, exact }))
        };
        let rows: BTreeMap<_, _> = exact::figures(samples).into_iter().filter_map(row).collect();
        if rows.is_empty() {
            bail!("{name} holds no exact figure of a benchmark of ours");
        }
        Ok(Self {
            schema: SCHEMA,
            class: class::counting_class(&run.session.fingerprint),
            archive: name.to_owned(),
            fingerprint: run.session.fingerprint.clone(),
            rows,
        })
    }

    /// The baseline of this machine's and toolchain's class, from a folder such as [`DIR`]; where
    /// there is none, another one, whose counts of instructions do not apply: see
    /// [`Baseline::why_no_instructions`]. `None` where the folder holds none at all.
    pub(crate) fn load(dir: &Path, fingerprint: &Fingerprint) -> Result<Option<Self>> {
        let own = path(dir, &class::counting_class(fingerprint));
        if own.is_file() {
            return Self::read(&own).map(Some);
        }
        // Named by their toolchains, so the last is the newest of the last kind of machine.
        let last = files(dir)?.pop();
        last.map(|path| Self::read(&path)).transpose()
    }

    /// Why its counts of instructions are none to hold this machine's against; empty where they
    /// are. Its allocations always are: they are the source's.
    pub(crate) fn why_no_instructions(&self, fingerprint: &Fingerprint) -> Vec<String> {
        class::counting_differences(&self.fingerprint, fingerprint)
    }

    /// An error names the file.
    fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let baseline: Self =
            serde_json::from_str(&text).with_context(|| format!("{name}: no whole baseline"))?;
        if baseline.schema != SCHEMA {
            bail!("{name}: schema {} where this xtask reads {SCHEMA}", baseline.schema);
        }
        Ok(baseline)
    }

    /// Writes the file of its class, and says where.
    fn save(&self, dir: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {dir:?}"))?;
        let path = path(dir, &self.class);
        archive::replace_text(&path, &self.text()?)?;
        Ok(path)
    }

    /// JSON with a line for each benchmark, in the order of ids: a diff shows what changed.
    fn text(&self) -> Result<String> {
        let head = serde_json::to_string_pretty(&Self { rows: BTreeMap::new(), ..self.clone() })?;
        let row = |(id, row): (&String, &Row)| {
            Ok(format!("    {}: {}", serde_json::to_string(id)?, serde_json::to_string(row)?))
        };
        let rows = self.rows.iter().map(row).collect::<Result<Vec<_>>>()?;
        let head = head.strip_suffix("{}\n}").context("the rows come last")?;
        Ok(format!("{head}{{\n{}\n  }}\n}}\n", rows.join(",\n")))
    }
}

fn path(dir: &Path, class: &str) -> PathBuf {
    dir.join(format!("{class}.json"))
}

/// The baselines in a folder, in the order of their names.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if dir.is_dir() {
        for entry in std::fs::read_dir(dir).with_context(|| format!("cannot read {dir:?}"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// `cargo xtask bench baseline save`: the exact figures of an archive become the baseline. A run of
/// a selection replaces the rows that it has, and leaves the others.
pub(super) fn save(archive: &Path, dir: &Path) -> Result<()> {
    let (run, samples) = archive::read(archive)?;
    let mut fresh = Baseline::of(&archive::name(archive), &run, &samples)?;
    let before = path(dir, &fresh.class);
    let before = if before.is_file() { Some(Baseline::read(&before)?) } else { None };
    let before = before.map_or_else(BTreeMap::new, |before| before.rows);
    let is_selection = |word: &String| ["--category", "--filter"].contains(&word.as_str());
    if run.session.arguments.iter().any(is_selection) {
        for (id, row) in &before {
            fresh.rows.entry(id.clone()).or_insert_with(|| row.clone());
        }
    }
    for (id, row) in &fresh.rows {
        match before.get(id) {
            None => eprintln!("  new: {id}"),
            Some(old) if old != row => eprintln!("  changed: {id}"),
            Some(_) => {}
        }
    }
    for id in before.keys().filter(|id| !fresh.rows.contains_key(*id)) {
        eprintln!("  gone: {id}");
    }
    let uncounted = fresh.rows.values().filter(|row| row.exact.steady.is_none()).count();
    if uncounted > 0 {
        eprintln!("{} without a count of instructions", plural(uncounted, "benchmark"));
    }
    let path = fresh.save(dir)?;
    println!("{}: {}", path.display(), plural(fresh.rows.len(), "benchmark"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::model::fixture;

    fn scratch(test: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("xtask-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        dir
    }

    fn archived(dir: &Path, change: impl FnOnce(&mut Run, &mut Vec<Sample>)) {
        let (mut run, mut samples) = fixture::archive();
        change(&mut run, &mut samples);
        let mut writer = archive::Writer::create(dir.to_owned(), &run).unwrap();
        for sample in &samples {
            writer.append(sample).unwrap();
        }
    }

    #[test]
    fn a_baseline_is_saved_and_loaded_by_its_class() {
        let dir = scratch("baseline");
        archived(&dir.join("run"), |_, _| {});
        save(&dir.join("run"), &dir.join("b")).unwrap();
        let fingerprint = fixture::archive().0.session.fingerprint;
        let baseline = Baseline::load(&dir.join("b"), &fingerprint).unwrap().unwrap();
        assert_eq!(baseline.class, "x86_64-unknown-linux-gnu-avx2-rustc-1.95.0");
        let ids: Vec<_> = baseline.rows.keys().map(String::as_str).collect();
        assert_eq!(ids, ["http11/parse/get-37/shockwave", "http11/write/head/shockwave"]);
        let row = &baseline.rows[ids[0]];
        assert_eq!((row.exact.allocs, row.exact.steady), (Some(0.0), Some(150.0)));
        assert_eq!(baseline.why_no_instructions(&fingerprint), [""; 0]);
        // A line a benchmark.
        let text = std::fs::read_to_string(path(&dir.join("b"), &baseline.class)).unwrap();
        assert_eq!(text.lines().filter(|line| line.starts_with("    \"http11/")).count(), 2);
        // Saved again, nothing changes.
        save(&dir.join("run"), &dir.join("b")).unwrap();
        let again = std::fs::read_to_string(path(&dir.join("b"), &baseline.class)).unwrap();
        assert_eq!(text, again);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn another_class_takes_the_counts_that_carry() {
        let dir = scratch("baseline-other");
        let mut fingerprint = fixture::archive().0.session.fingerprint;
        assert_eq!(Baseline::load(&dir, &fingerprint).unwrap(), None);
        archived(&dir.join("run"), |_, _| {});
        save(&dir.join("run"), &dir.join("b")).unwrap();
        fingerprint.simd = Some("sse4.2".into());
        let baseline = Baseline::load(&dir.join("b"), &fingerprint).unwrap().unwrap();
        let why = baseline.why_no_instructions(&fingerprint);
        assert_eq!(why, [r#"instruction set under valgrind: "avx2" and "sse4.2""#]);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_selection_replaces_its_own_rows_alone() {
        let dir = scratch("baseline-selection");
        archived(&dir.join("run"), |_, _| {});
        save(&dir.join("run"), &dir.join("b")).unwrap();
        let selected = |run: &mut Run, samples: &mut Vec<Sample>| {
            run.session.arguments.extend(["--filter", "parse"].map(str::to_owned));
            for sample in samples.iter_mut() {
                if let Sample::Allocations(counts) = sample {
                    counts.allocs = 7.0;
                }
            }
            samples.retain(|sample| {
                !matches!(sample, Sample::Benchmark { benchmark, .. }
                if benchmark.operation == "write")
            });
        };
        archived(&dir.join("selected"), selected);
        save(&dir.join("selected"), &dir.join("b")).unwrap();
        let fingerprint = fixture::archive().0.session.fingerprint;
        let rows = Baseline::load(&dir.join("b"), &fingerprint).unwrap().unwrap().rows;
        let allocs = |id: &str| rows[id].exact.allocs;
        assert_eq!(allocs("http11/parse/get-37/shockwave"), Some(7.0));
        assert_eq!(allocs("http11/write/head/shockwave"), Some(0.0));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn what_makes_no_baseline() {
        let (mut run, samples) = fixture::archive();
        let error = Baseline::of("x", &run, &[]).unwrap_err().to_string();
        assert!(error.contains("x holds no exact figure"), "{error}");
        run.partial = true;
        let error = Baseline::of("x", &run, &samples).unwrap_err().to_string();
        assert!(error.contains("x was not finished"), "{error}");
    }

    #[test]
    fn a_damaged_baseline_is_told_with_its_place() {
        let dir = scratch("baseline-damaged");
        std::fs::create_dir_all(&dir).unwrap();
        let fingerprint = fixture::archive().0.session.fingerprint;
        let file = path(&dir, &class::counting_class(&fingerprint));
        std::fs::write(&file, "{\n  \"schema\": 1,\n").unwrap();
        let error = format!("{:#}", Baseline::load(&dir, &fingerprint).unwrap_err());
        assert!(error.contains("no whole baseline") && error.contains("line 3"), "{error}");
        let (run, samples) = fixture::archive();
        let baseline = Baseline { schema: 9, ..Baseline::of("x", &run, &samples).unwrap() };
        std::fs::write(&file, baseline.text().unwrap()).unwrap();
        let error = format!("{:#}", Baseline::load(&dir, &fingerprint).unwrap_err());
        assert!(error.contains("schema 9 where this xtask reads 1"), "{error}");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
