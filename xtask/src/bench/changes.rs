//! What changed for a run: its exact figures against the committed baseline, and the newest
//! comparison of versions beside it whose newer side is the run's commit.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::archive::Run;
use super::gate::{Finding, Gates, Grade, Metric};
use super::versions::{self, Compared, Presence};

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Changes {
    /// The archive that the baseline was saved from, and how many benchmarks were held against it.
    pub(crate) baseline: Option<(String, usize)>,
    pub(crate) versions: Option<Versions>,
    /// The worst first.
    pub(crate) all: Vec<ChangeRow>,
}

/// A comparison of versions, a run of its own.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Versions {
    /// The archive's folder name.
    pub(crate) archive: String,
    pub(crate) started: String,
    pub(crate) reproduce: String,
    pub(crate) verdict: String,
    /// Benchstat's columns, as on the terminal.
    pub(crate) table: String,
}

/// A change of one figure of one benchmark.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChangeRow {
    pub(crate) id: String,
    pub(crate) metric: Metric,
    pub(crate) grade: Grade,
    /// Before, after, and the change.
    pub(crate) text: String,
    /// Adjusted for all benchmarks; an exact figure needs none.
    pub(crate) p: Option<f64>,
    /// Held against the baseline, or against the other version.
    pub(crate) against: &'static str,
    /// Functions whose instructions changed, and places that newly allocate.
    pub(crate) evidence: Vec<String>,
}

impl Changes {
    /// What a run keeps of its baseline.
    pub(crate) fn of(run: &Run) -> Self {
        let mut changes = Self::default();
        if let Some(held) = &run.held {
            changes.baseline = held.baseline.clone().map(|archive| (archive, held.compared));
            for found in &held.found {
                changes.add(&found.id, &found.finding, None, "the baseline");
            }
        }
        changes
    }

    /// Takes in the newest comparison beside the run's folder, if there is one of its commit.
    pub(crate) fn beside(&mut self, dir: &Path, run: &Run) -> Result<()> {
        let Some(parent) = dir.parent().filter(|parent| parent.is_dir()) else { return Ok(()) };
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(parent)? {
            folders.push(entry?.path());
        }
        folders.retain(|folder| folder.join(versions::archive::COMPARISON).is_file());
        folders.sort();
        // One of another schema, or cut off, is no reason to have no report.
        let readable = folders.iter().rev().filter_map(|it| versions::archive::read(it).ok());
        let mut fitting = readable.zip(folders.iter().rev()).filter(|((comparison, _), _)| {
            let newer = &comparison.sides[1];
            newer.commit.as_ref() == Some(&run.session.commit)
                && newer.dirty == run.session.dirty
                && comparison.session.is_on_machine_of(&run.session)
        });
        if let Some(((comparison, _), folder)) = fitting.next() {
            self.take(&Compared::read(folder, &comparison.gates)?, &comparison.gates);
        }
        Ok(())
    }

    fn take(&mut self, compared: &Compared, gates: &Gates) {
        let Compared { dir, comparison, judgement, .. } = compared;
        for row in judgement.rows.iter().filter(|row| row.presence == Presence::Both) {
            for finding in &row.findings {
                let p = row.time.filter(|_| finding.metric == Metric::Time).map(|it| it.adjusted);
                self.add(&row.benchmark.id, finding, p, "the older version");
            }
            // Faster beyond doubt, which no gate asks for.
            let faster = row.time.filter(|time| time.is_significant(gates) && time.high < 0.0);
            if let Some(time) = faster
                && !row.findings.iter().any(|finding| finding.metric == Metric::Time)
            {
                let percent = |part: f64| part * 100.0;
                let text = format!(
                    "{:+.1} % ({:+.1} to {:+.1})",
                    percent(time.change),
                    percent(time.low),
                    percent(time.high)
                );
                let finding = Finding { metric: Metric::Time, grade: Grade::Better, text };
                self.add(&row.benchmark.id, &finding, Some(time.adjusted), "the older version");
            }
        }
        for row in self.all.iter_mut().filter(|row| row.grade != Grade::Better) {
            row.evidence = compared.evidence(&row.id);
        }
        self.versions = Some(Versions {
            archive: super::archive::name(dir),
            started: comparison.session.started.clone(),
            reproduce: format!("cargo xtask {}", comparison.session.arguments.join(" ")),
            verdict: format!("{}: {}", judgement.outcome.word(), judgement.reasons.join("; ")),
            table: compared.table(),
        });
    }

    fn add(&mut self, id: &str, finding: &Finding, p: Option<f64>, against: &'static str) {
        let Finding { metric, grade, text } = finding;
        let (id, text, evidence) = (id.to_owned(), text.clone(), Vec::new());
        let row = ChangeRow { id, metric: *metric, grade: *grade, text, p, against, evidence };
        self.all.push(row);
        self.all.sort_by(|one, other| {
            let key = |row: &ChangeRow| std::cmp::Reverse(row.grade);
            key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
        });
    }

    /// For the worse, beyond a gate, or where the machine could not tell.
    pub(crate) fn regressions(&self) -> impl Iterator<Item = &ChangeRow> {
        self.all.iter().filter(|row| row.grade > Grade::Note)
    }

    pub(crate) fn improvements(&self) -> impl Iterator<Item = &ChangeRow> {
        self.all.iter().filter(|row| row.grade == Grade::Better)
    }

    /// What is said of one benchmark, in few words.
    pub(crate) fn word(&self, id: &str) -> Option<String> {
        let of: Vec<_> = self.all.iter().filter(|row| row.id == id).collect();
        if of.is_empty() {
            return None;
        }
        let words = of.iter().map(|row| format!("{} {}", row.grade.word(), row.metric.word()));
        Some(words.collect::<Vec<_>>().join("\n"))
    }
}
