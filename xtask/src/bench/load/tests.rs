//! From what was measured to the report.

use super::archive::{CpuTime, Idle, IdleReport, Load, Quantiles, Report};
use super::engines::{self, Engine};
use super::summary::{self, Bottleneck, Metric};
use super::*;
use crate::bench::fingerprint::{Conditions, Fingerprint};
use crate::bench::session::Session;

fn report(requests: u64, user_seconds: f64, server: f64, generator: f64) -> Report {
    let cpu = |seconds, user_seconds| CpuTime { seconds, user_seconds, ticks: 200 };
    Report {
        workload: "plaintext".into(),
        connections: 64,
        depth: 1,
        seconds: 1.0,
        requests,
        requests_per_second: requests as f64,
        latency: Quantiles { count: requests, p50: 400.0, p99: 900.0, ..Quantiles::default() },
        generator: cpu(generator, generator / 4.0),
        server: Some(cpu(server, user_seconds)),
        ..Report::default()
    }
}

fn load(engine: &str, round: usize, report: Report) -> Load {
    Load { engine: engine.into(), round, steal: Some(0.01), report }
}

/// Three rounds, of which the machine was half as fast in the last; Shockwave's user time is half
/// of hyper's in each.
fn archive() -> Archive {
    let fingerprint = Fingerprint { rustc: vec!["rustc 1".into()], ..Fingerprint::default() };
    let all: Vec<Engine> = engines::select_for_tests();
    let mut loads = Vec::new();
    for (round, slow) in [1, 1, 2].into_iter().enumerate() {
        loads.push(load("hyper", round, report(100_000 / slow, 0.2, 1.0, 0.8)));
        loads.push(load("shockwave", round, report(100_000 / slow, 0.1, 0.8, 0.99)));
        loads.push(load("floor", round, report(100_000 / slow, 0.05, 0.8, 0.5)));
    }
    let mut open = report(60_000, 0.1, 0.5, 1.0);
    open.rate = Some(60_000.0);
    loads.push(load("shockwave", 0, open));
    let idle = |served, bytes_per_connection| Idle {
        engine: "shockwave".into(),
        round: 0,
        report: IdleReport {
            connections: 1000,
            served,
            before_bytes: 1 << 20,
            after_bytes: 3 << 20,
            bytes_per_connection,
        },
    };
    Archive {
        schema: SCHEMA,
        session: Session {
            started: "2026-11-24T07:00:00Z".into(),
            ended: None,
            commit: "0123456789abcdef".into(),
            dirty: true,
            arguments: vec!["bench".into(), "load".into()],
            seed: 7,
            fingerprint,
            before: Conditions::default(),
            after: None,
        },
        cpus: Cpus { server: Some(0), generator: Some(1) },
        engines: all,
        targets: targets::load_for_tests(),
        skipped: vec![Skipped { what: "ntex".into(), why: "it does not build here".into() }],
        answers: Vec::new(),
        loads,
        idle: vec![idle(true, 2048.0), idle(false, 4000.0)],
        wrk: Vec::new(),
    }
}

fn rendered(archive: &Archive) -> String {
    md::render(&report::page(&LoadReport::build("an-archive", archive)))
}

#[test]
fn ratios_are_taken_inside_a_round() {
    let archive = archive();
    let ratio = |metric| {
        let ratio = summary::ratio(&archive, "plaintext", metric, ["shockwave", "hyper"]);
        ratio.map(|estimate| (estimate.low, estimate.high, estimate.n)).unwrap()
    };
    assert_eq!(ratio(Metric::UserCpu), (0.5, 0.5, 3));
    assert_eq!(ratio(Metric::TotalCpu), (0.8, 0.8, 3));
    assert_eq!(ratio(Metric::RequestsPerCpuSecond), (1.25, 1.25, 3));
    let none = summary::ratio(&archive, "json", Metric::UserCpu, ["shockwave", "hyper"]);
    assert_eq!(none, None);
}

#[test]
fn the_bottleneck_is_told() {
    let rows = summary::closed(&archive(), "plaintext");
    let told: Vec<_> = rows.iter().map(|row| (row.engine.as_str(), row.bottleneck())).collect();
    let expected = [
        ("floor", Bottleneck::Neither),
        ("shockwave", Bottleneck::Generator),
        ("hyper", Bottleneck::Server),
    ];
    assert_eq!(told, expected);
}

#[test]
fn looking_for_work_is_no_work() {
    let spinning = Report { spun_seconds: 0.3, ..report(1, 0.0, 0.7, 0.9) };
    assert!((spinning.busy()[1] - 0.6).abs() < 1e-9 && (spinning.disturbed() - 0.1).abs() < 1e-9);
    // Ten measurements; the generator had its CPU for itself in the open loop and beside Shockwave.
    assert_eq!(summary::disturbed(&archive()), Some([6, 10]));
}

#[test]
fn targets_are_held_against_the_figures() {
    let statuses = targets::evaluate(&archive());
    let words: Vec<_> = statuses.iter().map(|status| status.standing.word()).collect();
    // Half of hyper's user CPU; as much as the floor in all; 2048 octets; 4000 octets. Pipelining
    // was not measured.
    assert_eq!(words, ["met", "met", "met", "missed"]);
}

#[test]
fn losses_come_first() {
    let mut archive = archive();
    assert!(rendered(&archive).contains("Nowhere, in the median"));
    for load in archive.loads.iter_mut().filter(|load| load.engine == "hyper") {
        load.report.server = Some(CpuTime { seconds: 0.4, user_seconds: 0.2, ticks: 200 });
    }
    let report = rendered(&archive);
    let (_, lost) = report.split_once("## Where shockwave loses").unwrap();
    let line = lost.lines().find(|line| line.contains("plaintext")).unwrap();
    assert!(line.contains("hyper") && line.contains("2.00x (2.00 to 2.00)"), "{line}");
    assert!(!lost.contains("## Load: plaintext\n\n## Where"), "{report}");
}

#[test]
fn the_report_is_made_from_the_file_alone() {
    let text = serde_json::to_string(&archive()).unwrap();
    let again: Archive = serde_json::from_str(&text).unwrap();
    let report = rendered(&again);
    for part in [
        "PARTIAL",
        "| user-mode CPU of a plain request",
        "0.50x (0.50 to 0.50)",
        "bottleneck",
        "60000 requests a second for every server",
        "each of 1000 connections",
        "| it does not build here |",
        "the range",
    ] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    assert!(!report.contains("NaN") && !report.contains("inf"), "{report}");
}

#[test]
fn a_wrong_answer_is_an_error_of_the_run() {
    let mut archive = archive();
    assert_eq!(outcome(&archive), Outcome::Pass);
    archive.loads[0].report.faults.insert("content".into(), 1);
    assert_eq!(outcome(&archive), Outcome::HarnessError);
}

#[test]
fn the_arguments_give_the_run_again() {
    use clap::Parser as _;

    use crate::flags::{BenchCommand, Command, Flags};
    let parse = |words: &[String]| {
        let words = std::iter::once("x".to_owned()).chain(words.iter().cloned());
        let Command::Bench(bench) = Flags::parse_from(words).command else { panic!("not bench") };
        let Some(BenchCommand::Load(args)) = bench.command else { panic!("not load") };
        args
    };
    for typed in ["--quick --peers hyper", "--idle 100 --rounds 2", "--against-wrk", "--no-latency"]
    {
        let typed: Vec<_> = ["bench", "load"].into_iter().chain(typed.split(' ')).collect();
        let args = parse(&typed.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        let settings = Settings::of(&args).unwrap();
        let words = arguments(&args, &settings);
        let again = parse(&words);
        let settings_again = Settings::of(&again).unwrap();
        assert_eq!(format!("{settings:?}"), format!("{settings_again:?}"));
        assert_eq!((args.idle, args.against_wrk), (again.idle, again.against_wrk));
        assert_eq!(arguments(&again, &settings_again), words);
    }
}

#[test]
fn an_unknown_workload_is_told() {
    let args = LoadArgs { workload: vec!["x".into()], ..LoadArgs::default() };
    assert!(Settings::of(&args).unwrap_err().to_string().contains("plaintext, pipelined-16"));
}

#[test]
fn the_workloads_are_those_of_the_generator() {
    let table = std::fs::read_to_string(crate::shell::root().join("benches/load/src/workload.rs"));
    let table = table.unwrap();
    for (name, _) in WORKLOADS {
        assert!(table.contains(&format!("row(\"{name}\", ")), "{name}");
    }
}
