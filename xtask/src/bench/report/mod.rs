//! The report's files, all written from the one model.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::archive;
use super::model::Report;

mod gobench;
mod html;
mod md;
mod readme;
mod sections;
mod svg;
mod units;

/// Reads an archive, writes `report.md`, `report.html` and `new.txt` beside its raw data, and gives
/// the model.
pub(crate) fn write(dir: &Path) -> Result<Report> {
    let (run, samples) = archive::read(dir)?;
    let go = gobench::render(&run.session, &samples);
    let report = Report::build(&archive::name(dir), run, samples)?;
    let files = [
        ("report.md", md::render(&report)),
        ("report.html", html::render(&report)),
        ("new.txt", go),
    ];
    for (file, text) in files {
        let path = dir.join(file);
        std::fs::write(&path, text).with_context(|| format!("cannot write {path:?}"))?;
    }
    Ok(report)
}

pub(crate) use gobench::{name as go_name, render as go_benchmarks};
pub(crate) use readme::with_figures;

#[cfg(test)]
mod tests;
