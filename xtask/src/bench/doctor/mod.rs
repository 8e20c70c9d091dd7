//! `cargo xtask bench doctor`: whether the benchmarks, the machine and the tools are fit for
//! measurements that one may believe.

use std::collections::BTreeMap;

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::fingerprint::{Conditions, Fingerprint};
use super::health::Check;
use super::prepare;
use crate::Outcome;
use crate::flags::DoctorArgs;
use crate::metadata::Metadata;

mod benchmarks;
mod machine;
mod tools;

/// What was looked at, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    area: &'static str,
    name: String,
    value: String,
    standing: Standing,
    /// What it means, and what mends it, where it is not well.
    note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    /// Nothing to judge.
    Fact,
    Well,
    /// Something cannot be measured here, or is to be taken with care.
    Note,
    /// A benchmark or the harness is not sound: its figures are not to be used.
    Fault,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Fact => "",
            Self::Well => "well",
            Self::Note => "NOTE",
            Self::Fault => "FAULT",
        }
    }
}

impl Finding {
    fn new(
        area: &'static str,
        name: impl Into<String>,
        value: String,
        standing: Standing,
        note: impl Into<String>,
    ) -> Self {
        Self { area, name: name.into(), value, standing, note: note.into() }
    }
}

impl From<Check> for Finding {
    fn from(check: Check) -> Self {
        let Check { name, value, well, note } = check;
        let (standing, note) = if well { (Standing::Well, "") } else { (Standing::Note, note) };
        Self::new("machine", name, value, standing, note)
    }
}

pub(super) fn doctor(args: &DoctorArgs) -> Result<Outcome> {
    let before = Conditions::take();
    let mut metadata = Metadata::load()?;
    let fingerprint = Fingerprint::take(&metadata)?;
    let mut findings = machine::findings(&fingerprint, &metadata.target_directory);
    findings.extend(tools::findings(&fingerprint));
    if !args.machine {
        let (loaded, targets, plan) = prepare(&args.select)?;
        metadata = loaded;
        findings.extend(benchmarks::findings(plan, &targets, &metadata)?);
    }
    findings.extend(machine::moment(&before, fingerprint.logical_cpus));
    if args.json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        print(&findings);
    }
    Ok(outcome(&findings))
}

/// The worst that was found decides.
fn outcome(findings: &[Finding]) -> Outcome {
    match findings.iter().map(|finding| finding.standing).max() {
        Some(Standing::Fault) => Outcome::HarnessError,
        Some(Standing::Note) => Outcome::Inconclusive,
        _ => Outcome::Pass,
    }
}

fn print(findings: &[Finding]) {
    let mut areas: BTreeMap<&str, Table> = BTreeMap::new();
    for finding in findings {
        let table = areas.entry(finding.area).or_insert_with(|| {
            let mut table = Table::new();
            table.load_style(presets::NOTHING);
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table
        });
        let Finding { name, value, note, .. } = finding;
        table.add_row([name, value, finding.standing.word(), note]);
    }
    for (area, table) in areas {
        let table = table.to_string();
        let lines: Vec<_> = table.lines().map(str::trim_end).collect();
        println!("{area}\n{}\n", lines.join("\n"));
    }
    let count = |standing| findings.iter().filter(|it| it.standing == standing).count();
    println!(
        "{} well, {} to note, {} at fault",
        count(Standing::Well),
        count(Standing::Note),
        count(Standing::Fault)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_decides() {
        let finding = |standing| Finding::new("x", "y", String::new(), standing, "");
        let of = |standings: &[Standing]| {
            outcome(&standings.iter().copied().map(finding).collect::<Vec<_>>())
        };
        use Standing::{Fact, Fault, Note, Well};
        assert_eq!(of(&[Fact, Well]), Outcome::Pass);
        assert_eq!(of(&[Well, Note, Fact]), Outcome::Inconclusive);
        assert_eq!(of(&[Fault, Note]), Outcome::HarnessError);
    }
}
