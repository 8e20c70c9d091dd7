//! The verdicts over archives of comparisons, made up value by value.

use std::path::PathBuf;

use super::archive::{Line, Side, Stage, Writer};
use super::*;
use crate::Outcome;
use crate::bench::archive::{Failure, Instructions, Pair, Sample, Stage as Measured};
use crate::bench::gate::{Grade, Metric};
use crate::bench::model::fixture;
use crate::bench::protocol::{Allocations, Benchmark};

const ID: &str = "http11/parse/get-37/shockwave";

fn gates() -> Gates {
    Gates::parse(include_str!("../../../../benches/gates.toml")).unwrap()
}

fn comparison() -> Comparison {
    let side = |name: &str| Side { name: name.into(), ..Side::default() };
    let session = fixture::archive().0.session;
    let mut comparison = Comparison::begin(session, [side("old"), side("new")], gates());
    comparison.partial = false;
    comparison
}

fn on(side: usize, sample: Sample) -> Line {
    Line { side: Some(side), stage: None, sample }
}

fn benchmark(side: usize, id: &str, source: &str) -> Line {
    let parts: Vec<String> = id.split('/').map(str::to_owned).collect();
    let [category, operation, case, engine] = parts.try_into().unwrap();
    let (id, source) = (id.to_owned(), Some(source.to_owned()));
    let (throughput, budget, differs) = (None, None, None);
    let benchmark =
        Benchmark { id, category, operation, case, engine, throughput, budget, differs, source };
    on(side, Sample::Benchmark { binary: "http11".into(), benchmark })
}

fn allocations(side: usize, allocs: f64) -> Line {
    let bytes = allocs * 64.0;
    let (reallocs, frees, peak_live, retained, linear) = (0.0, 0.0, 0.0, None, None);
    let id = ID.into();
    on(
        side,
        Sample::Allocations(Allocations {
            id,
            allocs,
            bytes,
            reallocs,
            frees,
            peak_live,
            retained,
            linear,
        }),
    )
}

fn instructions(side: usize, each: u64) -> Line {
    let (once, calls) = (1000, 100);
    let many = once + calls * each;
    on(side, Sample::Instructions(Instructions { id: ID.into(), once, many, calls }))
}

/// Launches in which the newer side takes so many times as long, a little more or less.
fn launches(stage: Stage, count: usize, times: f64) -> Vec<Line> {
    let launch = |launch: usize| {
        let wobble = [1.0, 1.004, 0.997, 1.002, 0.999][launch % 5];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let newer = (1e6 * times * wobble) as u64;
        let (ids, calls) = ([ID, ID].map(str::to_owned), [1000; 2]);
        let pair = Pair { ids, launch, calls, times: vec![[1_000_000, newer]; 3], noise: None };
        Line { side: None, stage: Some(stage), sample: Sample::Pair(pair) }
    };
    (0..count).map(launch).collect()
}

/// Both versions with the same definition and counts.
fn unchanged() -> Vec<Line> {
    (0..2)
        .flat_map(|side| {
            [benchmark(side, ID, "5e"), allocations(side, 0.0), instructions(side, 200)]
        })
        .collect()
}

fn judged(lines: &[Line]) -> (Outcome, String, Row) {
    let judgement = judge(&comparison(), lines, &gates());
    let row = judgement.rows[0].clone();
    (judgement.outcome, row.word(), row)
}

#[test]
fn identical_versions_pass() {
    let mut lines = unchanged();
    lines.extend(launches(Stage::Screen, 12, 1.0));
    lines.extend(launches(Stage::Control, 12, 1.0));
    let (outcome, word, row) = judged(&lines);
    assert_eq!((outcome, word.as_str()), (Outcome::Pass, "ok"));
    assert!(row.findings.is_empty() && !row.time.unwrap().confirmed);
}

#[test]
fn a_slower_version_fails_once_fresh_launches_say_so() {
    let mut lines = unchanged();
    lines.extend(launches(Stage::Screen, 12, 1.08));
    assert!(judge::suspicious(&gates(), 7, &lines).contains(ID));
    let (outcome, word, _) = judged(&lines);
    assert_eq!((outcome, word.as_str()), (Outcome::Inconclusive, "noisy, inconclusive"));
    lines.extend(launches(Stage::Confirm, 24, 1.08));
    let (outcome, word, row) = judged(&lines);
    assert_eq!((outcome, word.as_str()), (Outcome::Regression, "FAIL ns (layout suspected)"));
    let time = row.time.unwrap();
    assert!(time.confirmed && time.launches == 24 && (time.change - 0.08).abs() < 0.003);
}

#[test]
fn what_fresh_launches_do_not_confirm_passes() {
    let mut lines = unchanged();
    lines.extend(launches(Stage::Screen, 12, 1.08));
    lines.extend(launches(Stage::Confirm, 24, 1.0));
    assert_eq!(judged(&lines).0, Outcome::Pass);
}

#[test]
fn a_faster_version_is_called_so() {
    let mut lines = unchanged();
    lines.extend(launches(Stage::Confirm, 24, 0.9));
    let (outcome, word, _) = judged(&lines);
    assert_eq!((outcome, word.as_str()), (Outcome::Pass, "ok faster"));
}

#[test]
fn where_identical_code_differs_no_time_fails() {
    let mut lines = unchanged();
    lines.extend(launches(Stage::Confirm, 24, 1.08));
    lines.extend(launches(Stage::Control, 12, 0.9));
    let (outcome, _, row) = judged(&lines);
    assert_eq!(outcome, Outcome::Inconclusive);
    assert!(row.findings.iter().all(|finding| finding.grade != Grade::Fail));
}

#[test]
fn counts_fail_without_any_time() {
    let mut lines = unchanged();
    lines.push(allocations(1, 1.0));
    lines.push(instructions(1, 220));
    let (outcome, word, row) = judged(&lines);
    assert_eq!((outcome, word.as_str()), (Outcome::Regression, "FAIL allocs, bytes, instr"));
    assert!(row.findings.iter().any(|finding| finding.metric == Metric::Allocs));
}

#[test]
fn another_definition_is_called_so_and_judged_no_further() {
    let mut lines = unchanged();
    lines.push(benchmark(1, ID, "another"));
    lines.push(allocations(1, 1.0));
    lines.extend(launches(Stage::Confirm, 24, 1.5));
    let (outcome, word, row) = judged(&lines);
    assert_eq!((outcome, word.as_str()), (Outcome::Pass, "definition changed"));
    assert!(row.findings.is_empty());
}

#[test]
fn what_one_side_has_alone_is_added_or_removed() {
    let lines = [benchmark(0, "a/b/c/shockwave", "1"), benchmark(1, "a/b/d/shockwave", "1")];
    let judgement = judge(&comparison(), &lines, &gates());
    let words: Vec<String> = judgement.rows.iter().map(Row::word).collect();
    assert_eq!((judgement.outcome, words), (Outcome::Pass, vec!["removed".into(), "added".into()]));
}

#[test]
fn a_failure_is_an_error_and_names_the_side() {
    let mut lines = unchanged();
    let (stage, id, message) = (Measured::Allocations, Some(ID.to_owned()), "it hung".to_owned());
    lines.push(on(0, Sample::Failure(Failure { stage, id, message })));
    let (outcome, word, _) = judged(&lines);
    assert_eq!((outcome, word.as_str()), (Outcome::HarnessError, "ERROR"));
    let judgement = judge(&comparison(), &lines, &gates());
    assert_eq!(judgement.failures[0].message, "the older version: it hung");
}

#[test]
fn the_table_has_benchstats_columns_and_ours() {
    let mut lines = unchanged();
    lines.push(instructions(1, 216));
    lines.extend(launches(Stage::Confirm, 24, 1.08));
    lines.extend(launches(Stage::Control, 12, 1.0));
    let (comparison, gates) = (comparison(), gates());
    let table = table::table(&comparison, &judge(&comparison, &lines, &gates), &gates);
    for shown in [
        "1.000µ ± 0%",
        "+8.05% (p=0.000 n=24)",
        "216 +8.0%",
        "FAIL instr, ns",
        "geomean (1 matched)",
        "A/A today: 1 controls, 0 flagged",
        "reproduce: cargo xtask bench run --seed 7",
    ] {
        assert!(table.contains(shown), "{shown}:\n{table}");
    }
}

/// A folder of its own, gone afterwards.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_archive_is_read_as_it_was_written_and_a_cut_is_told() {
    let name = format!("xtask-versions-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(name));
    let (comparison, lines) = (comparison(), unchanged());
    let mut writer = Writer::create(folder.0.clone(), &comparison).unwrap();
    lines.iter().for_each(|line| writer.append(line).unwrap());
    let (again, read) = archive::read(&folder.0).unwrap();
    assert_eq!((again, read), (comparison, lines));

    let path = folder.0.join("versions.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 20]).unwrap();
    let error = format!("{:#}", archive::read(&folder.0).unwrap_err());
    assert!(error.contains("versions.jsonl:6: the line is cut off"), "{error}");
    std::fs::write(folder.0.join("compare.json"), "{").unwrap();
    let error = format!("{:#}", archive::read(&folder.0).unwrap_err());
    assert!(error.contains("compare.json: cut off or damaged"), "{error}");
}
