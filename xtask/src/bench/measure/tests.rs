//! The measurements, against scripts that play the bench binary and valgrind.

use std::path::PathBuf;

use super::*;
use crate::bench::build::{self, BenchTarget, Binary};
use crate::bench::plan::{Plan, Profile};
use crate::flags::{RunArgs, SelectArgs};
use crate::shell;

const OURS: &str = "http11/parse/get-37/shockwave";
const PEER: &str = "http11/parse/get-37/httparse";

const NONE: Deadline = Deadline { until: None };

/// A folder of its own for each test, gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The fake, wrapped so that it breaks as asked: tests share one environment, and leave it be.
fn fake(scratch: &Scratch, broken: &str) -> Binary {
    let script = shell::root().join("xtask/testdata/fake-bench.sh");
    let path = scratch.0.join("bench");
    let text = format!("BROKEN={broken} exec sh '{}' \"$@\"\n", script.display());
    shell::write_program(&path, &format!("#!/bin/sh\n{text}"));
    let (package, name) = ("p".to_owned(), "fake".to_owned());
    Binary::new(BenchTarget { package, name, features: vec![], categories: vec![] }, path)
}

fn plan(binary: &Binary) -> Plan {
    let registered = build::inventories(vec![binary.clone()]).unwrap();
    Plan::new(registered, &SelectArgs::default()).unwrap()
}

fn collected(measure: impl FnOnce(&mut Sink<'_>) -> Result<()>) -> Vec<Sample> {
    let mut samples = Vec::new();
    measure(&mut |sample| {
        samples.push(sample);
        Ok(())
    })
    .unwrap();
    samples
}

fn failures(samples: &[Sample]) -> Vec<(Stage, Option<&str>)> {
    let failure = |sample: &'_ Sample| match sample {
        Sample::Failure(failure) => Some(failure.clone()),
        _ => None,
    };
    let failures = samples.iter().filter_map(failure).map(|failure| {
        let id = [OURS, PEER].into_iter().find(|id| failure.id.as_deref() == Some(id));
        (failure.stage, id)
    });
    failures.collect()
}

#[test]
fn ids_are_matched_exactly() {
    let pattern = regex::Regex::new(&exactly(&["a/b.1/c/d", "e"])).unwrap();
    assert!(pattern.is_match("a/b.1/c/d") && pattern.is_match("e"));
    assert!(!pattern.is_match("a/bx1/c/d") && !pattern.is_match("ee"));
}

#[test]
fn verified_lines_are_kept() {
    let scratch = Scratch::new("verify");
    let mut plan = plan(&fake(&scratch, ""));
    let samples = collected(|sink| verify(&mut plan, NONE, sink));
    assert_eq!((samples.len(), plan.benchmarks.len()), (2, 2));
    let Sample::Verified(line) = &samples[1] else { panic!("{samples:?}") };
    assert_eq!(line.accepts_malformed, ["bare-cr"]);
}

#[test]
fn a_mismatch_is_named_and_its_group_is_not_timed() {
    let scratch = Scratch::new("mismatch");
    let mut plan = plan(&fake(&scratch, "verify"));
    let samples = collected(|sink| verify(&mut plan, NONE, sink));
    assert_eq!(failures(&samples), [(Stage::Verify, Some(PEER))]);
    assert!(plan.benchmarks.is_empty());
}

#[test]
fn engines_that_differ_fail_together() {
    let scratch = Scratch::new("differ");
    let mut plan = plan(&fake(&scratch, "differ"));
    let samples = collected(|sink| verify(&mut plan, NONE, sink));
    assert_eq!(failures(&samples), [(Stage::Verify, Some(PEER)), (Stage::Verify, Some(OURS))]);
    assert!(plan.benchmarks.is_empty());
}

#[test]
fn a_crash_blames_what_was_not_verified() {
    let scratch = Scratch::new("crash");
    let mut plan = plan(&fake(&scratch, "crash"));
    let samples = collected(|sink| verify(&mut plan, NONE, sink));
    assert_eq!(failures(&samples), [(Stage::Verify, Some(PEER))]);
    assert!(plan.benchmarks.is_empty());
}

#[test]
fn allocations_are_counted() {
    let scratch = Scratch::new("alloc");
    let binary = fake(&scratch, "");
    let plan = plan(&binary);
    let samples = collected(|sink| allocations(&plan, &[binary], NONE, sink));
    let allocs = |sample: &Sample| match sample {
        Sample::Allocations(counts) => Some((counts.id.clone(), counts.allocs)),
        _ => None,
    };
    let counted: Vec<_> = samples.iter().filter_map(allocs).collect();
    assert_eq!(counted, [(OURS.to_owned(), 0.0), (PEER.to_owned(), 2.0)]);
}

#[test]
fn a_dead_counter_counts_nothing() {
    let scratch = Scratch::new("control");
    let binary = fake(&scratch, "control");
    let plan = plan(&binary);
    let samples = collected(|sink| allocations(&plan, &[binary], NONE, sink));
    assert_eq!(failures(&samples), [(Stage::Control, None)]);
    assert_eq!(samples.len(), 1);
}

#[test]
fn instructions_cold_and_steady() {
    let scratch = Scratch::new("instructions");
    let plan = plan(&fake(&scratch, ""));
    let valgrind = Valgrind::at(Some(shell::root().join("xtask/testdata/fake-valgrind.sh")));
    let samples = collected(|sink| instructions(&plan, &valgrind, &scratch.0, NONE, sink));
    assert_eq!(samples.len(), 2);
    for sample in samples {
        let Sample::Instructions(counts) = sample else { panic!("{sample:?}") };
        assert_eq!((counts.once, counts.steady()), (25, 20.0));
    }
}

#[test]
fn no_valgrind_is_said_with_the_remedy() {
    let scratch = Scratch::new("skipped");
    let plan = plan(&fake(&scratch, ""));
    let samples =
        collected(|sink| instructions(&plan, &Valgrind::at(None), &scratch.0, NONE, sink));
    let [Sample::Skipped(skipped)] = samples.as_slice() else { panic!("{samples:?}") };
    assert!(skipped.remedy.contains("install valgrind"));
}

#[test]
fn every_round_times_every_benchmark() {
    let scratch = Scratch::new("timing");
    let plan = plan(&fake(&scratch, ""));
    let profile = Profile { processes: 3, ..Profile::of(&RunArgs::default()) };
    let samples = collected(|sink| {
        timings(&plan, &profile, NONE, 7, &scratch.0, sink).map(|rounds| assert_eq!(rounds, 3))
    });
    assert_eq!(samples.len(), 6);
    for (index, sample) in samples.iter().enumerate() {
        let Sample::Timing(timing) = sample else { panic!("{sample:?}") };
        assert_eq!((timing.round, timing.median()), (index / 2, Some(30.0)));
    }
}

#[test]
fn what_there_is_no_time_for_is_left_out_and_told() {
    let scratch = Scratch::new("budget");
    let binary = fake(&scratch, "");
    let plan = plan(&binary);
    let profile = Profile::of(&RunArgs::default());
    let over = Deadline::after(Some(Duration::ZERO));
    let valgrind = Valgrind::at(Some(shell::root().join("xtask/testdata/fake-valgrind.sh")));
    let samples = collected(|sink| {
        allocations(&plan, &[binary], over, sink)?;
        instructions(&plan, &valgrind, &scratch.0, over, sink)?;
        pairs(&plan, 2, 7, over, sink)?;
        timings(&plan, &profile, over, 7, &scratch.0, sink).map(|rounds| assert_eq!(rounds, 0))?;
        verify(&mut Plan { binaries: plan.binaries.clone(), benchmarks: vec![] }, over, sink)
    });
    let skipped = |sample: &Sample| match sample {
        Sample::Skipped(skipped) => skipped.reason.clone(),
        other => panic!("{other:?}"),
    };
    let reasons: Vec<String> = samples.iter().map(skipped).collect();
    assert_eq!(reasons.len(), 5);
    assert!(reasons.iter().all(|reason| reason.starts_with("the time was up after 0 of ")));
}

#[test]
fn a_benchmark_that_fails_is_named_once_and_the_rest_kept() {
    let scratch = Scratch::new("failing");
    let plan = plan(&fake(&scratch, "timing"));
    let profile = Profile { processes: 2, ..Profile::of(&RunArgs::default()) };
    let samples = collected(|sink| timings(&plan, &profile, NONE, 7, &scratch.0, sink).map(|_| ()));
    assert_eq!(failures(&samples), [(Stage::Timing, Some(PEER))]);
    assert_eq!(samples.len(), 3);
}

#[test]
fn a_pair_is_asked_in_turn_and_compared_by_the_call() {
    let scratch = Scratch::new("pairs");
    let plan = plan(&fake(&scratch, ""));
    let samples = collected(|sink| pairs(&plan, 2, 7, NONE, sink));
    let ratio = |sample: &Sample| match sample {
        Sample::Pair(pair) if pair.ids[1] == PEER => pair.ratio(),
        _ => None,
    };
    let ratios: Vec<f64> = samples.iter().filter_map(ratio).collect();
    assert_eq!((samples.len(), ratios), (4, vec![0.5, 0.5]));
}

#[test]
fn a_pair_that_fails_is_named_and_the_rest_kept() {
    let scratch = Scratch::new("pairs-failing");
    let plan = plan(&fake(&scratch, "serve"));
    let samples = collected(|sink| pairs(&plan, 1, 7, NONE, sink));
    assert_eq!(failures(&samples), [(Stage::Pairs, Some(OURS))]);
    assert_eq!(samples.len(), 2);
}
