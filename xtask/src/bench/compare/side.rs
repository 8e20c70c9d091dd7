//! A side of a comparison: an archive or a file, as the same figures.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::gofile::Benchmarks;
use crate::bench::archive::{self, Sample};
use crate::bench::fingerprint::Fingerprint;
use crate::bench::plan::is_selected;
use crate::bench::protocol::Benchmark;
use crate::bench::report::{self, go_benchmarks};
use crate::flags::SelectArgs;

#[derive(Debug)]
pub(super) struct Side {
    /// What stands above its column.
    pub(super) name: String,
    /// Its figures in Go's format.
    pub(super) text: String,
    pub(super) figures: Benchmarks,
    /// Of an archive.
    pub(super) facts: Option<Facts>,
}

/// What only an archive knows.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) fingerprint: Fingerprint,
    pub(super) partial: bool,
    /// Digests of the benchmarks' definitions, by their names in Go's format.
    pub(super) sources: BTreeMap<String, String>,
}

impl Side {
    /// An archive is read as what it gives to benchstat, so that both say the same.
    pub(super) fn archive(dir: &Path, select: &SelectArgs) -> Result<Self> {
        let (run, mut samples) = archive::read(dir)?;
        let mut sources = BTreeMap::new();
        samples.retain(|sample| match sample {
            Sample::Benchmark { benchmark, .. } => is_selected(benchmark, select),
            _ => true,
        });
        for sample in &samples {
            if let Sample::Benchmark { benchmark, .. } = sample
                && let Some(source) = &benchmark.source
            {
                sources.insert(go_name(&benchmark.id), source.clone());
            }
        }
        let text = go_benchmarks(&run.session, &samples);
        let name = archive::name(dir);
        let figures = Benchmarks::parse(&text, &name)
            .with_context(|| format!("{}: nothing to compare", dir.display()))?;
        let fingerprint = run.session.fingerprint;
        let facts = Some(Facts { fingerprint, partial: run.partial, sources });
        Ok(Self { name, text, figures, facts })
    }

    pub(super) fn file(path: &Path, select: &SelectArgs) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let mut figures = Benchmarks::parse(&text, &name)?;
        figures.retain(|name, _| is_selected(&named(name), select));
        Ok(Self { name, text, figures, facts: None })
    }
}

/// What stands behind a name in Go's format, as far as that tells: `Http11/parse/get-37/hyper-1`.
fn named(name: &str) -> Benchmark {
    let (id, threads) = name.rsplit_once('-').unwrap_or((name, ""));
    let id = if threads.parse::<u16>().is_ok() { id } else { name };
    let mut letters = id.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    Benchmark::named(&first.into_iter().chain(letters).collect::<String>())
}

/// The name of a benchmark in Go's format, without what that puts before it.
fn go_name(id: &str) -> String {
    report::go_name(id).trim_start_matches("Benchmark").to_owned()
}
