//! Why two builds of a benchmark differ: the functions whose instructions changed most, and the
//! places where it newly allocates. Exact, so that a change of time can be traced to code.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::dhat::{Blocks, Sites};
use super::helper::Helper;
use super::instructions::{Profile, take};
use super::source::Function;
use super::{callgrind::CALLS, dhat};
use crate::bench::archive::Skipped;
use crate::bench::build::Binary;
use crate::bench::measure::Valgrind;
use crate::shell;

/// Functions, sites and commits that are shown at most.
const FUNCTIONS: usize = 5;
const SITES: usize = 10;
const COMMITS: usize = 10;

/// What changed inside of one benchmark.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    pub(crate) id: String,
    /// Whose own instructions of a steady operation changed most, the greatest change first.
    pub(crate) functions: Vec<FunctionChange>,
    /// Where a steady operation allocates more often, or more, than it did.
    pub(crate) allocations: Vec<SiteChange>,
    /// Commits between the two that touched the files of those functions, as `1f2e3d4 subject`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) commits: Vec<String>,
    /// What could not be taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skipped: Vec<Skipped>,
}

/// Instructions an operation, before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionChange {
    #[serde(flatten)]
    pub(crate) function: Function,
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// Allocations an operation and their octets, before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SiteChange {
    /// The function that asked and those that led to it, as `name (file:line) < ...`.
    pub(crate) site: String,
    pub(crate) allocs: [f64; 2],
    pub(crate) bytes: [f64; 2],
}

impl FunctionChange {
    pub(crate) fn difference(&self) -> f64 {
        self.after - self.before
    }
}

/// Profiles a benchmark in both builds of its binary, in about ten seconds. `scratch` is for the
/// tools' files.
pub(crate) fn evidence(
    [old, new]: [&Binary; 2],
    id: &str,
    valgrind: &Valgrind,
    scratch: &Path,
) -> Result<Evidence> {
    let mut evidence = Evidence { id: id.to_owned(), ..Evidence::default() };
    let Some(program) = valgrind.program() else {
        evidence.skipped.push(Valgrind::missing("instructions by function and allocation sites"));
        return Ok(evidence);
    };
    std::fs::create_dir_all(scratch)?;
    let helper = Helper::build()?;
    let profile = |binary: &Binary| take(program, binary, id, scratch, &helper);
    evidence.functions = functions(&profile(old)?, &profile(new)?);
    let sites = |binary: &Binary| steady_sites(program, binary, id, scratch);
    evidence.allocations = sites_changed(&sites(old)?, &sites(new)?);
    Ok(evidence)
}

impl Evidence {
    /// Adds the commits between two refs that touched the files of the functions and sites.
    pub(crate) fn add_commits(&mut self, old: &str, new: &str) {
        let files: Vec<&str> = self
            .functions
            .iter()
            .map(|change| change.function.file.as_str())
            .filter(|file| Path::new(file).is_file())
            .collect();
        if files.is_empty() {
            return;
        }
        let mut command = Command::new("git");
        command.args(["log", "--format=%h %s", &format!("--max-count={COMMITS}")]);
        command.arg(format!("{old}..{new}")).arg("--").args(files);
        // Without history (an archive of sources, a shallow clone) there is nothing to add.
        if let Ok(log) = shell::output(&mut command) {
            self.commits = log.lines().map(str::to_owned).collect();
        }
    }
}

/// The functions that changed most, in either direction.
fn functions(before: &Profile, after: &Profile) -> Vec<FunctionChange> {
    let mut changes: BTreeMap<&Function, FunctionChange> = BTreeMap::new();
    for (side, profile) in [before, after].into_iter().enumerate() {
        for (function, cost) in &profile.functions {
            let change = changes.entry(function).or_insert_with(|| FunctionChange {
                function: function.clone(),
                before: 0.0,
                after: 0.0,
            });
            *if side == 0 { &mut change.before } else { &mut change.after } = cost.steady;
        }
    }
    let mut changes: Vec<_> =
        changes.into_values().filter(|change| change.difference() != 0.0).collect();
    changes.sort_by(|a, b| b.difference().abs().total_cmp(&a.difference().abs()));
    changes.truncate(FUNCTIONS);
    changes
}

/// Allocations of a steady operation by site.
pub(crate) type SteadySites = BTreeMap<String, [f64; 2]>;

/// Runs a benchmark once and often under DHAT: allocations and octets of an operation, by site.
pub(crate) fn steady_sites(
    valgrind: &Path,
    binary: &Binary,
    id: &str,
    folder: &Path,
) -> Result<SteadySites> {
    let run = |calls: u64| {
        dhat::run(valgrind, binary, (id, calls), &folder.join(format!("dhat.{calls}.json")))
    };
    Ok(steady(&run(1)?, &run(1 + CALLS)?))
}

fn steady(once: &Sites, many: &Sites) -> SteadySites {
    let each = |site: &String, many: &Blocks| {
        let once = once.get(site).copied().unwrap_or_default();
        let by_call = |once: u64, many: u64| (many as f64 - once as f64) / CALLS as f64;
        (site.clone(), [by_call(once.count, many.count), by_call(once.bytes, many.bytes)])
    };
    let sites = many.iter().map(|(site, blocks)| each(site, blocks));
    sites.filter(|(_, [count, _])| *count > 0.0).collect()
}

/// Where more is allocated than was. Lines move from version to version, so sites are the same
/// whose functions and files are; shown is where they stand now.
fn sites_changed(before: &SteadySites, after: &SteadySites) -> Vec<SiteChange> {
    let mut changes: BTreeMap<String, SiteChange> = BTreeMap::new();
    for (side, sites) in [before, after].into_iter().enumerate() {
        for (site, [count, bytes]) in sites {
            let change = changes.entry(without_lines(site)).or_insert_with(|| SiteChange {
                site: String::new(),
                allocs: [0.0; 2],
                bytes: [0.0; 2],
            });
            change.site.clone_from(site);
            change.allocs[side] += count;
            change.bytes[side] += bytes;
        }
    }
    let more = |change: &SiteChange| {
        change.allocs[1] > change.allocs[0] || change.bytes[1] > change.bytes[0]
    };
    let mut changes: Vec<_> = changes.into_values().filter(more).collect();
    let growth = |change: &SiteChange| change.bytes[1] - change.bytes[0];
    changes.sort_by(|a, b| growth(b).total_cmp(&growth(a)));
    changes.truncate(SITES);
    changes
}

/// `name (file:line) < ...` without the lines.
fn without_lines(site: &str) -> String {
    let frame = |frame: &str| match frame.rsplit_once(':') {
        Some((place, _)) => place.to_owned(),
        None => frame.to_owned(),
    };
    site.split(" < ").map(frame).collect::<Vec<_>>().join(" < ")
}

#[cfg(test)]
mod tests {
    use super::super::instructions::Cost;
    use super::*;
    use crate::bench::build::BenchTarget;

    fn profile(costs: &[(&str, f64)]) -> Profile {
        let function = |name: &str| Function { name: name.into(), file: "crates/a.rs".into() };
        let functions =
            costs.iter().map(|(name, steady)| (function(name), Cost { cold: 0, steady: *steady }));
        Profile { functions: functions.collect(), ..Profile::default() }
    }

    #[test]
    fn functions_that_changed_most_come_first() {
        let before = profile(&[("a", 10.0), ("b", 50.0), ("gone", 5.0), ("same", 7.0)]);
        let after = profile(&[("a", 12.0), ("b", 20.0), ("new", 9.0), ("same", 7.0)]);
        let changes = functions(&before, &after);
        let seen: Vec<_> = changes
            .iter()
            .map(|change| (change.function.name.as_str(), change.before, change.after))
            .collect();
        assert_eq!(
            seen,
            [("b", 50.0, 20.0), ("new", 0.0, 9.0), ("gone", 5.0, 0.0), ("a", 10.0, 12.0)]
        );
    }

    #[test]
    fn sites_that_moved_are_the_same_and_new_ones_are_told() {
        let sites = |sites: &[(&str, [f64; 2])]| {
            sites.iter().map(|(site, each)| ((*site).to_owned(), *each)).collect()
        };
        let before = sites(&[("f (a.rs:10) < g (b.rs:3)", [1.0, 64.0])]);
        let after =
            sites(&[("f (a.rs:12) < g (b.rs:4)", [1.0, 64.0]), ("h (a.rs:20)", [2.0, 96.0])]);
        let changes = sites_changed(&before, &after);
        assert_eq!(changes.len(), 1);
        let SiteChange { site, allocs, bytes } = &changes[0];
        assert_eq!((site.as_str(), *allocs, *bytes), ("h (a.rs:20)", [0.0, 2.0], [0.0, 96.0]));
        assert!(sites_changed(&after, &before).is_empty());
    }

    #[test]
    fn what_the_first_call_allocated_is_no_property_of_the_operation() {
        let blocks = |count, bytes| Blocks { count, bytes };
        let once = Sites::from([("a".into(), blocks(1, 8)), ("b".into(), blocks(2, 20))]);
        let many = Sites::from([("a".into(), blocks(1, 8)), ("b".into(), blocks(202, 2020))]);
        assert_eq!(steady(&once, &many), SteadySites::from([("b".into(), [2.0, 20.0])]));
    }

    #[test]
    fn without_valgrind_it_says_so() {
        let target = BenchTarget {
            package: "p".into(),
            name: "x".into(),
            features: vec![],
            categories: vec![],
        };
        let (binary, here) = (Binary::new(target, "x".into()), Path::new("x"));
        let evidence = evidence([&binary, &binary], "a/b/c/d", &Valgrind::at(None), here).unwrap();
        assert_eq!(evidence.id, "a/b/c/d");
        assert!(evidence.skipped[0].remedy.contains("install valgrind"));
    }
}
