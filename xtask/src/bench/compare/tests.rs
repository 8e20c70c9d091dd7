//! Archives against archives and files, and what Python makes of the files.

use std::process::{Command, Stdio};

use clap::Parser as _;

use super::*;
use crate::bench::archive::{Run, Sample, Writer};
use crate::bench::model::fixture;
use crate::bench::report;
use crate::flags::{BenchCommand, Command as Top, Flags, SelectArgs};

/// A folder for two archives, gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("xtask-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        Self(dir)
    }

    fn archive(&self, name: &str, change: impl FnOnce(&mut Run, &mut Vec<Sample>)) -> PathBuf {
        let (mut run, mut samples) = fixture::archive();
        change(&mut run, &mut samples);
        let dir = self.0.join(name);
        let mut writer = Writer::create(dir.clone(), &run).unwrap();
        for sample in &samples {
            writer.append(sample).unwrap();
        }
        dir
    }

    /// Runs the command with the two of that name.
    fn compare(&self, words: &str) -> Result<Outcome> {
        let words = words.replace('@', &format!("{}/", self.0.display()));
        let typed = format!("x bench compare {words}");
        let Top::Bench(bench) = Flags::parse_from(typed.split(' ')).command else {
            panic!("not bench")
        };
        let Some(BenchCommand::Compare(args)) = bench.command else { panic!("not compare") };
        run(&args)
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn same(_: &mut Run, _: &mut Vec<Sample>) {}

fn unpaired(old: &Path, new: &Path, exact: bool) -> unpaired::Comparison {
    let select = SelectArgs::default();
    let [old, new] = [old, new].map(|dir| Side::archive(dir, &select).unwrap());
    unpaired::compare(old, new, exact).unwrap()
}

#[test]
fn what_an_argument_names() {
    let scratch = Scratch::new("named");
    let dir = scratch.archive("20260102T030405Z-a", same);
    let dir_name = dir.display().to_string();
    assert_eq!(Named::of(&dir_name, Path::new("none")), Named::Archive(dir.clone()));
    assert_eq!(Named::of("20260102T030405Z-a", &scratch.0), Named::Archive(dir.clone()));
    let file = dir.join(archive::RUN);
    assert_eq!(Named::of(&file.display().to_string(), &scratch.0), Named::File(file));
    assert_eq!(Named::of("HEAD~1", &scratch.0), Named::Ref("HEAD~1".into()));
    // A folder that is no archive may be a branch's name.
    let plain = scratch.0.display().to_string();
    assert_eq!(Named::of(&plain, Path::new("none")), Named::Ref(plain.clone()));
}

#[test]
fn archives_are_compared_and_leave_benchstats_files() {
    let scratch = Scratch::new("archives");
    scratch.archive("a", same);
    scratch.archive("b", |_, samples| {
        for sample in samples {
            if let Sample::Allocations(counts) = sample {
                counts.allocs += 1.0;
            }
        }
    });
    assert_eq!(scratch.compare("@a @b --out @c").unwrap(), Outcome::Pass);
    let text = scratch.text("c/comparison.txt");
    assert!(text.starts_with("cpu: Example CPU\nmachine: "), "{text}");
    let row = |unit: &str, name: &str| {
        let table = text.split("\n\n").find(|table| table.contains(&format!("{unit} "))).unwrap();
        table.lines().find(|line| line.starts_with(name)).unwrap().to_owned()
    };
    let line = row("sec/op", "Http11/parse/get-37/shockwave-1");
    assert!(line.contains("21.00n ± ∞ ¹   21.00n ± ∞ ¹") && line.contains("~ (p=1.000 n=3)"));
    let line = row("allocs/op", "Http11/write/head/hyper-1");
    assert!(line.ends_with("3.000 ± 0%   4.000 ± 0%  +33.33% (n=3)"), "{line}");
    let line = row("instr/op", "Http11/parse/get-37/shockwave-1");
    assert!(line.contains("150.0 ± 0%   150.0 ± 0%"), "{line}");
    // The files are what an archive's own report has.
    report::write(&scratch.0.join("b")).unwrap();
    assert_eq!(scratch.text("c/new.txt"), scratch.text("b/new.txt"));
    // And compared as files, they say the same.
    assert_eq!(scratch.compare("@c/old.txt @c/new.txt --out @d").unwrap(), Outcome::Pass);
    let body = |text: &str| {
        let rows = text.lines().filter(|line| !line.contains('│'));
        rows.flat_map(|row| row.split_whitespace().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(body(&scratch.text("d/comparison.txt")), body(&text));
}

#[test]
fn another_machine_is_refused_for_time_and_allowed_for_exact_figures() {
    let scratch = Scratch::new("machines");
    scratch.archive("a", same);
    scratch.archive("b", |run, _| run.session.fingerprint.cpu = Some("Other CPU".into()));
    let error = scratch.compare("@a @b --out @c").unwrap_err().to_string();
    assert!(error.contains("the times of a and b are not compared"), "{error}");
    assert!(error.contains(r#"CPU: "Example CPU" and "Other CPU""#), "{error}");
    for folder in ["@a @b --out @c --exact", "@a/new.txt @b/new.txt --exact --out @c"] {
        if folder.contains("txt") {
            report::write(&scratch.0.join("a")).unwrap();
            report::write(&scratch.0.join("b")).unwrap();
        }
        assert_eq!(scratch.compare(folder).unwrap(), Outcome::Pass);
        let text = scratch.text("c/comparison.txt");
        assert!(!text.contains("sec/op") && !text.contains("B/s"), "{text}");
        assert!(text.contains("allocs/op") && text.contains("150.0 ± 0%"), "{text}");
    }
    let error = scratch.compare("@a/new.txt @b/new.txt").unwrap_err().to_string();
    assert!(error.contains("different machines: cpu: \"Example CPU\""), "{error}");
}

#[test]
fn another_toolchain_counts_otherwise_and_is_told() {
    let scratch = Scratch::new("toolchains");
    let a = scratch.archive("a", same);
    let b = scratch.archive("b", |run, _| run.session.fingerprint.rustc = vec!["rustc 2".into()]);
    let found = unpaired(&a, &b, false);
    assert!(found.refused.is_empty() && found.text.contains("sec/op"), "{}", found.text);
    assert!(!found.text.contains("instr/op"), "{}", found.text);
    assert!(found.text.contains("instructions are not compared: toolchain: "), "{}", found.text);
    assert!(found.text.contains("not built alike, which may be the change: toolchain: "));
}

#[test]
fn a_changed_definition_is_called_so() {
    let scratch = Scratch::new("definitions");
    let a = scratch.archive("a", same);
    let b = scratch.archive("b", |run, samples| {
        run.partial = true;
        for sample in samples {
            if let Sample::Benchmark { benchmark, .. } = sample
                && benchmark.id == "http11/write/head/hyper"
            {
                benchmark.source = Some("other".into());
            }
        }
    });
    let text = unpaired(&a, &b, false).text;
    assert!(text.contains("definition changed, not compared: Http11/write/head/hyper-1"), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("Http11/write/head/hyper")), "{text}");
    assert!(text.ends_with("b was not finished\n"), "{text}");
}

#[test]
fn a_selection() {
    let scratch = Scratch::new("selection");
    scratch.archive("a", same);
    scratch.compare("@a @a --out @c --filter parse --no-peers").unwrap();
    let text = scratch.text("c/comparison.txt");
    assert!(text.contains("parse/get-37/shockwave") && !text.contains("httparse"), "{text}");
    assert!(!text.contains("write/head"), "{text}");
    let error = format!("{:#}", scratch.compare("@a @a --filter nothing").unwrap_err());
    assert!(error.contains("nothing to compare"), "{error}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let scratch = Scratch::new("refused");
    scratch.archive("a", same);
    let error = scratch.compare("@a HEAD").unwrap_err().to_string();
    assert!(error.contains("HEAD is no archive and no file"), "{error}");
    std::fs::write(scratch.0.join("damaged.txt"), "BenchmarkA 1 x ns/op\n").unwrap();
    let error = format!("{:#}", scratch.compare("@a @damaged.txt").unwrap_err());
    assert!(error.contains("damaged.txt:1: A: no number: \"x\""), "{error}");
}

#[test]
fn python_reads_what_benchstat_would() {
    // Benchstat is Go's and may be missing; its format is read here by a second parser, which knows
    // the grammar of the format and nothing of ours.
    let scratch = Scratch::new("python");
    let dir = scratch.archive("a", same);
    report::write(&dir).unwrap();
    let mut python = Command::new("python3");
    python.args(["-c", include_str!("gofile.py")]).arg(dir.join("new.txt")).stdin(Stdio::null());
    let Ok(output) = python.output() else {
        println!("skipped: there is no python3");
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let expected = "Http11/parse/get-37/shockwave-1 3 ns/op=20.0,22.0,21.0 B/op=0.0 allocs/op=0.0 \
                    instr/op=150.0 first-instr/op=300.0";
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.lines().any(|line| line == expected), "{printed}");
    assert_eq!(printed.lines().filter(|line| line.starts_with("Http11/")).count(), 4);
    let exact = "exact: B/op allocs/op first-instr/op instr/op";
    assert!(printed.lines().any(|line| line == exact), "{printed}");
    assert!(printed.contains("config: cpu machine pkg\n"), "{printed}");
}
