//! The report's files, all written from the one model.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::model::Report;
use super::{archive, load};

mod gobench;
pub(crate) mod html;
pub(crate) mod md;
pub(crate) mod page;
mod readme;
mod sections;
mod svg;
pub(crate) mod units;

/// Reads an archive, writes `report.md`, `report.html` and `new.txt` beside its raw data, and gives
/// the model.
pub(crate) fn write(dir: &Path) -> Result<Report> {
    let (run, samples) = archive::read(dir)?;
    let go = gobench::render(&run.session, &samples);
    let mut report = Report::build(&archive::name(dir), run, samples)?;
    report.loads = load::model::beside(dir, &report.run.session)?;
    report.changes.beside(dir, &report.run)?;
    report.advise();
    let page = sections::page(&report);
    let files =
        [("report.md", md::render(&page)), ("report.html", html::render(&page)), ("new.txt", go)];
    for (file, text) in files {
        let path = dir.join(file);
        std::fs::write(&path, text).with_context(|| format!("cannot write {path:?}"))?;
    }
    Ok(report)
}

pub(crate) use gobench::{name as go_name, render as go_benchmarks};
pub(crate) use readme::with_figures;

/// The comparison with the peers alone, for a terminal.
pub(crate) fn comparison(report: &Report) -> String {
    let mut text = String::new();
    for section in sections::comparison(report) {
        md::write_section(&mut text, &section);
    }
    text
}

#[cfg(test)]
mod browser;
#[cfg(test)]
mod tests;
