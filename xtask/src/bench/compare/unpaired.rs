//! Archives and files held against each other, for information: their times were taken at other
//! moments, which on a shared machine is enough to look like a change.

use anyhow::{Result, bail};

use super::benchstat;
use super::side::{Facts, Side};
use crate::bench::class;

/// What is said of two sides.
#[derive(Debug)]
pub(super) struct Comparison {
    /// In benchstat's layout, and after it what a reader should know.
    pub(super) text: String,
    /// Why times are not compared; empty where they are.
    pub(super) refused: Vec<String>,
}

/// `exact` asks for nothing that depends on the machine.
pub(super) fn compare(mut old: Side, mut new: Side, exact: bool) -> Result<Comparison> {
    let refused = machines_differ(&old, &new);
    let times = !exact && refused.is_empty();
    let found = match (&old.facts, &new.facts) {
        (Some(old), Some(new)) => Differences::of(old, new),
        _ => Differences::default(),
    };
    for side in [&mut old, &mut new] {
        side.figures.retain(|name, unit| {
            (times || is_of_the_source(unit))
                && (found.counting.is_empty() || !unit.ends_with("instr/op"))
                && !found.definitions.iter().any(|changed| changed == name)
        });
    }
    if old.figures.names.is_empty() && new.figures.names.is_empty() {
        let why = [refused, found.remarks(times)].concat().join("; ");
        bail!("nothing of {} and {} can be compared: {why}", old.name, new.name);
    }
    let mut text = benchstat::render(
        benchstat::Side { name: &old.name, of: &old.figures },
        benchstat::Side { name: &new.name, of: &new.figures },
    );
    let mut remarks = found.remarks(times);
    for side in [&old, &new] {
        if side.facts.as_ref().is_some_and(|facts| facts.partial) {
            remarks.push(format!("{} was not finished", side.name));
        }
    }
    text.extend(remarks.iter().map(|remark| format!("{remark}\n")));
    Ok(Comparison { text, refused })
}

/// Whether a figure is the program's, and no machine's.
fn is_of_the_source(unit: &str) -> bool {
    unit.ends_with("/op") && unit != "sec/op"
}

/// Of files, as far as they say.
fn machines_differ(old: &Side, new: &Side) -> Vec<String> {
    if let (Some(old), Some(new)) = (&old.facts, &new.facts) {
        let [old, new] = [old, new].map(|facts| class::machine(&facts.fingerprint));
        return class::differences(&old, &new);
    }
    let differ = |key: &&str| {
        let [old, new] = [old, new].map(|side| side.figures.config.get(*key));
        old.zip(new).filter(|(old, new)| old != new)
    };
    let found = ["cpu", "machine"].into_iter().filter_map(|key| {
        let (old, new) = differ(&key)?;
        Some(format!("{key}: {old:?} and {new:?}"))
    });
    found.collect()
}

/// What two archives differ in beside their figures.
#[derive(Debug, Default)]
struct Differences {
    counting: Vec<String>,
    building: Vec<String>,
    /// Benchmarks that are not the same any more.
    definitions: Vec<String>,
}

impl Differences {
    fn of(old: &Facts, new: &Facts) -> Self {
        let [a, b] = [old, new].map(|facts| &facts.fingerprint);
        let is_other = |(name, source): &(&String, &String)| {
            new.sources.get(*name).is_some_and(|other| other != *source)
        };
        Self {
            counting: class::counting_differences(a, b),
            building: class::differences(&class::build(a), &class::build(b)),
            definitions: old.sources.iter().filter(is_other).map(|it| it.0.clone()).collect(),
        }
    }

    fn remarks(&self, times: bool) -> Vec<String> {
        let changed = |name: &String| format!("definition changed, not compared: {name}");
        let mut remarks: Vec<_> = self.definitions.iter().map(changed).collect();
        if !self.counting.is_empty() {
            remarks.push(format!("instructions are not compared: {}", self.counting.join("; ")));
        }
        if times && !self.building.is_empty() {
            let how = self.building.join("; ");
            remarks.push(format!("not built alike, which may be the change: {how}"));
        }
        remarks
    }
}
