//! Archives and reports: a round trip, damage that is told with its place, and snapshots.
//!
//! After a wanted change of the report, `UPDATE_SNAPSHOTS=1 cargo test --package xtask` writes the
//! snapshots under `xtask/testdata/` again; the diff is to be read.

use std::path::PathBuf;

use clap::Parser as _;

use super::*;
use crate::bench::archive::{Sample, Writer, newest, read};
use crate::bench::model::fixture;
use crate::shell;

const NAME: &str = "20260102T030405Z-0123456789ab";

/// The fixture's archive in a folder of its own, gone afterwards.
pub(super) struct Archive(PathBuf);

impl Archive {
    pub(super) fn new(test: &str) -> Self {
        let root = std::env::temp_dir().join(format!("xtask-{test}-{}", std::process::id()));
        let (run, samples) = fixture::archive();
        let mut writer = Writer::create(root.join(NAME), &run).unwrap();
        for sample in &samples {
            writer.append(sample).unwrap();
        }
        Self(root)
    }

    pub(super) fn dir(&self) -> PathBuf {
        self.0.join(NAME)
    }

    pub(super) fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.dir().join(file)).unwrap()
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_archive_reads_back_as_it_was_written() {
    let archive = Archive::new("round-trip");
    assert_eq!(read(&archive.dir()).unwrap(), fixture::archive());
    assert_eq!(newest(&archive.0).unwrap(), archive.dir());
}

#[test]
fn an_archive_is_never_overwritten() {
    let archive = Archive::new("twice");
    let (run, _) = fixture::archive();
    assert!(Writer::create(archive.dir(), &run).is_err());
}

#[test]
fn the_suite_says_what_it_would_run() {
    let suite = |arguments: &[&str]| {
        let mut command = std::process::Command::new("sh");
        command.arg(shell::root().join("scripts/bench_suite.sh")).args(arguments);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, help) = suite(&["--help"]);
    assert!(code == Some(0) && help.starts_with("usage: scripts/bench_suite.sh"), "{help}");
    let (code, told) = suite(&["--quick", "--against", "main", "--dry-run", "--category", "x"]);
    let steps = ["run --quick", "variants", "compare main"].map(|it| format!("{it} --category x"));
    let expected: String = steps
        .into_iter()
        .chain(["report".to_owned()])
        .map(|it| format!("+ cargo xtask bench {it}\n"))
        .collect();
    assert_eq!((code, told), (Some(0), expected));
    // Each of them is a command that there is.
    for line in suite(&["--dry-run", "--against", "main"]).1.lines() {
        let words = line.trim_start_matches("+ cargo xtask ").split(' ');
        let parsed = crate::flags::Flags::try_parse_from(std::iter::once("x").chain(words));
        assert!(parsed.is_ok(), "{line}: {parsed:?}");
    }
    assert_eq!(suite(&["--against"]).0, Some(2));
}

#[test]
fn the_reports_are_what_they_were() {
    let archive = Archive::new("snapshots");
    write(&archive.dir()).unwrap();
    for file in ["report.md", "report.html", "new.txt"] {
        let path = shell::root().join("xtask/testdata").join(file);
        let text = archive.text(file);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap();
        assert!(text == expected, "{file} differs from {}:\n{text}", path.display());
    }
}

#[test]
fn a_report_of_an_interrupted_run_says_so() {
    let archive = Archive::new("partial");
    let (mut run, samples) = fixture::archive();
    run.partial = true;
    run.session.ended = None;
    run.session.after = None;
    let dir = archive.0.join("partial");
    let mut writer = Writer::create(dir.clone(), &run).unwrap();
    for sample in samples.iter().filter(|sample| !matches!(sample, Sample::Instructions(_))) {
        writer.append(sample).unwrap();
    }
    let report = write(&dir).unwrap();
    assert_eq!(report.verdict.word, "PARTIAL");
    let text = std::fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(
        text.contains("the run was not finished") && text.contains("| not finished "),
        "{text}"
    );
}

#[test]
fn the_page_needs_nothing_from_outside() {
    let archive = Archive::new("page");
    write(&archive.dir()).unwrap();
    let page = archive.text("report.html");
    for outside in ["<script", "<link", "http:", "https:", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
}

#[test]
fn benchstat_can_read_the_times() {
    let archive = Archive::new("benchstat");
    write(&archive.dir()).unwrap();
    let text = archive.text("new.txt");
    let line = [
        "BenchmarkHttp11/parse/get-37/shockwave-1",
        "6000",
        "20 ns/op",
        "1850.00 MB/s",
        "0 B/op",
        "0 allocs/op",
        "150 instr/op",
        "300 first-instr/op",
    ];
    let line = line.join("\t");
    assert!(text.lines().any(|found| found == line), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("Benchmark")).count(), 12);
}

#[test]
fn losses_come_before_all_comparisons() {
    let archive = Archive::new("losses");
    write(&archive.dir()).unwrap();
    let text = archive.text("report.md");
    let at = |title: &str| text.find(title).unwrap_or_else(|| panic!("no {title}"));
    assert!(at("## Comparison with peers") < at("### Where we lose"));
    assert!(at("### Where we lose") < at("### All comparisons"));
    let line = text.lines().find(|line| line.contains("http11/write/head/shockwave")).unwrap();
    assert!(line.contains("no difference shown"), "{line}");
}

#[test]
fn allocation_modes_have_a_table_of_their_own() {
    let archive = Archive::new("modes");
    let (run, mut samples) = fixture::archive();
    samples.extend(fixture::modes());
    let dir = archive.0.join("modes");
    let mut writer = Writer::create(dir.clone(), &run).unwrap();
    for sample in &samples {
        writer.append(sample).unwrap();
    }
    write(&dir).unwrap();
    let text = std::fs::read_to_string(dir.join("report.md")).unwrap();
    let (_, modes) = text.split_once("## Allocation modes").unwrap();
    let line = modes.lines().find(|line| line.contains("respond/lines/arena")).unwrap();
    assert!(line.contains("0.50x") && line.contains("faster"), "{line}");
    let line = modes.lines().find(|line| line.contains("respond/lines/standard")).unwrap();
    let words: Vec<_> = line.split_whitespace().filter(|word| *word != "|").collect();
    assert!(words.ends_with(&["17", "1088", "1088"]), "{line}");
}
