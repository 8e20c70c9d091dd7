//! The engine, against a script that plays the kit's serve mode.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::bench::archive::Pair;
use crate::shell;

/// A program that says `hello`, and then answers each command as `answer` (shell) says: `$calls`
/// are asked for.
fn entrant(name: &str, hello: &str, answer: &str) -> Entrant {
    // A file for each: one that is being written anew cannot be executed by another test.
    static MADE: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!("xtask-paired-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let binary = folder.join(format!("{}-{name}", MADE.fetch_add(1, Ordering::Relaxed)));
    let script = format!("#!/bin/sh\n{hello}\nwhile read -r id calls; do {answer}; done\n");
    shell::write_program(&binary, &script);
    Entrant {
        binary,
        id: "a/b/c/d".into(),
        environment: Vec::new(),
        patience: Duration::from_millis(300),
    }
}

const HELLO: &str = r#"echo '{"protocol":1}'"#;

fn launches(a: &Entrant, b: &Entrant, settings: &Settings) -> (Summary, Vec<Result<Launch>>) {
    let contests = [Contest { sides: [a.clone(), b.clone()] }];
    let mut launches = Vec::new();
    let summary = run("test", &contests, settings, &mut Random::new(7), &mut |_, launch| {
        launches.push(launch);
        Ok(())
    });
    (summary.unwrap(), launches)
}

fn failure(a: &Entrant) -> anyhow::Error {
    let well = entrant("well", HELLO, "echo $((calls * 20)) 1");
    let (_, mut launches) = launches(a, &well, &Settings::new(5, 3));
    assert_eq!(launches.len(), 1, "what failed once is left out");
    launches.remove(0).unwrap_err()
}

#[test]
fn each_launch_has_its_blocks_and_a_ratio_by_the_call() {
    let old = entrant("old", HELLO, "echo $((calls * 20)) 1");
    let new = entrant("new", HELLO, "echo $((calls * 40)) 1");
    let (summary, launches) = launches(&old, &new, &Settings::new(3, 5));
    assert_eq!((summary.rounds, launches.len()), (3, 3));
    for (number, launch) in launches.into_iter().enumerate() {
        let launch = launch.unwrap();
        assert_eq!((launch.number, launch.times.len()), (number, 5));
        assert_eq!(launch.calls[0], launch.calls[1]);
        let pair = Pair::of([old.id.clone(), new.id.clone()], launch);
        assert!((pair.log_ratio().unwrap() - 2_f64.ln()).abs() < 1e-12);
        assert_eq!([0, 1].map(|side| pair.time(side)), [Some(20.0), Some(40.0)]);
    }
}

#[test]
fn the_environment_of_a_side_is_its_own() {
    let answer = "echo $((calls * ${COST:-20})) 1";
    let old = entrant("env", HELLO, answer);
    let new = Entrant { environment: vec![("COST".into(), "30".into())], ..old.clone() };
    let (_, mut launches) = launches(&old, &new, &Settings::new(1, 3));
    let pair = Pair::of([String::new(), String::new()], launches.remove(0).unwrap());
    assert_eq!([0, 1].map(|side| pair.time(side)), [Some(20.0), Some(30.0)]);
}

#[test]
fn a_panic_is_told_by_the_childs_own_words() {
    let error = failure(&entrant("panics", HELLO, "echo error the benchmark panicked: no more"));
    assert_eq!(error.to_string(), "a/b/c/d: error the benchmark panicked: no more");
}

#[test]
fn a_child_that_ends_is_told_with_its_last_words() {
    let error = failure(&entrant("ends", HELLO, "echo out of luck >&2; exit 3"));
    let told = "a/b/c/d: the child ended without an answer: out of luck";
    assert_eq!(error.to_string(), told);
}

#[test]
fn a_child_that_hangs_is_ended() {
    let started = Instant::now();
    let error = failure(&entrant("hangs", HELLO, "exec sleep 100"));
    assert_eq!(error.to_string(), "a/b/c/d: no answer within 300.0ms");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn another_protocol_is_told_apart_from_a_failure() {
    for (name, hello) in [("newer", "echo '{\"protocol\":2}'"), ("none", "echo usage >&2; exit 2")]
    {
        let error = failure(&entrant(name, hello, ":"));
        assert!(error.is::<OtherProtocol>(), "{name}: {error:#}");
    }
    assert!(!failure(&entrant("dies", "exit 1", ":")).is::<OtherProtocol>());
    let error = failure(&Entrant { binary: Path::new("/none").into(), ..entrant("x", "", ":") });
    assert_eq!(error.to_string(), "cannot start \"/none\"");
}

#[test]
fn no_launch_is_begun_when_time_is_up() {
    let side = entrant("late", HELLO, "echo $((calls * 20)) 1");
    let settings = Settings { until: Some(Instant::now()), ..Settings::new(3, 3) };
    let (summary, launches) = launches(&side, &side, &settings);
    assert_eq!((summary.rounds, launches.len()), (0, 0));
}
