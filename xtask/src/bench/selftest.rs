//! `cargo xtask bench selftest`: whether the harness sees what it must, and nothing else.
//!
//! The controls of the bench kit misbehave on demand. Each case here is a comparison of them with
//! themselves in which one side does: the same children, statistics and gates as in a comparison of
//! two versions, and no other.

use anyhow::{Context as _, Result, bail};

use super::archive::Failure;
use super::build::{self, Binary};
use super::gate::{Gates, Grade, Metric};
use super::measure::Valgrind;
use super::plan::{Plan, Planned};
use super::progress;
use super::protocol::{CONTROL, KIT};
use super::session::Session;
use super::versions::{self, Comparison, Judgement, Presence, Side, Version, What};
use crate::Outcome;
use crate::flags::SelftestArgs;
use crate::metadata::Metadata;

/// The package with the controls, and the variable that they heed.
const PACKAGE: &str = "shockwave-bench-kit";
const INJECT: &str = "SHOCKWAVE_BENCH_INJECT";

/// A comparison whose verdict is known.
struct Case {
    name: &'static str,
    /// What goes wrong on the newer side, for each trial in turn.
    inject: &'static [&'static str],
    kind: Kind,
    /// Whether the verdict is the right one for what was injected.
    is_right: fn(&Judgement, &str) -> bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Allocations and octets: one trial shows it.
    Counts,
    Instructions,
    /// As often as was asked for, of which so many may fall short.
    Time {
        misses: usize,
    },
}

const CASES: &[Case] = &[
    Case {
        name: "identical code has the same counts",
        inject: &[""],
        kind: Kind::Counts,
        is_right: |judgement, _| judgement.outcome == Outcome::Pass && has_no_findings(judgement),
    },
    Case {
        name: "an allocation where there was none fails",
        inject: &["allocs=1"],
        kind: Kind::Counts,
        is_right: |judgement, _| regressed(judgement, "spins", Metric::Allocs),
    },
    Case {
        name: "octets that grow by 25 % fail",
        inject: &["octets=16"],
        kind: Kind::Counts,
        is_right: |judgement, _| regressed(judgement, "copies", Metric::Bytes),
    },
    Case {
        name: "octets that grow by 6 % are told, and pass",
        inject: &["octets=4"],
        kind: Kind::Counts,
        is_right: |judgement, _| {
            judgement.outcome == Outcome::Pass
                && grade(judgement, "copies", Metric::Bytes) == Some(Grade::Note)
        },
    },
    Case {
        name: "a changed definition is called so",
        inject: &["definition,allocs=1"],
        kind: Kind::Counts,
        is_right: |judgement, _| {
            let is =
                |name, presence| row(judgement, name).is_some_and(|row| row.presence == presence);
            judgement.outcome == Outcome::Pass
                && is("spins", Presence::Redefined)
                && is("copies", Presence::Both)
        },
    },
    Case {
        name: "a benchmark that panics is named, and the rest kept",
        inject: &["panic"],
        kind: Kind::Counts,
        is_right: |judgement, _| failed_alone(judgement, "as it was asked to"),
    },
    Case {
        name: "a benchmark that aborts its process is named, and the rest kept",
        inject: &["abort"],
        kind: Kind::Counts,
        is_right: |judgement, _| failed_alone(judgement, ""),
    },
    Case {
        name: "a benchmark that hangs is named, and the rest kept",
        inject: &["hang"],
        kind: Kind::Counts,
        is_right: |judgement, _| failed_alone(judgement, "it said nothing for"),
    },
    Case {
        name: "a wrong answer is named, and the rest kept",
        inject: &["wrong"],
        kind: Kind::Counts,
        is_right: |judgement, _| failed_alone(judgement, "the answer is wrong"),
    },
    Case {
        name: "identical code has the same instructions",
        inject: &[""],
        kind: Kind::Instructions,
        is_right: |judgement, _| judgement.outcome == Outcome::Pass && has_no_findings(judgement),
    },
    Case {
        name: "8 % more instructions fail",
        inject: &["slow=8,only=spins"],
        kind: Kind::Instructions,
        is_right: |judgement, _| regressed(judgement, "spins", Metric::Instructions),
    },
    Case {
        name: "2 % more instructions are flagged, and pass",
        inject: &["slow=2,only=scans"],
        kind: Kind::Instructions,
        is_right: |judgement, _| {
            judgement.outcome == Outcome::Pass
                && grade(judgement, "scans", Metric::Instructions) == Some(Grade::Flag)
        },
    },
    Case {
        name: "identical code passes on time",
        inject: &[""],
        kind: Kind::Time { misses: 0 },
        is_right: |judgement, _| judgement.outcome == Outcome::Pass,
    },
    Case {
        name: "8 % more time fails",
        inject: &["slow=8,only=spins", "slow=8,only=scans", "slow=8,only=copies"],
        kind: Kind::Time { misses: 1 },
        is_right: |judgement, inject| {
            let slowed = inject.rsplit('=').next().unwrap_or_default();
            let fails = judgement.rows.iter().filter(|row| row.worst() == Some(Grade::Fail));
            regressed(judgement, slowed, Metric::Time) && fails.count() == 1
        },
    },
];

fn row<'a>(judgement: &'a Judgement, case: &str) -> Option<&'a versions::Row> {
    judgement
        .rows
        .iter()
        .find(|row| row.benchmark.operation == "control" && row.benchmark.case == case)
}

fn grade(judgement: &Judgement, case: &str, metric: Metric) -> Option<Grade> {
    let findings = &row(judgement, case)?.findings;
    findings.iter().filter(|it| it.metric == metric).map(|finding| finding.grade).max()
}

fn regressed(judgement: &Judgement, case: &str, metric: Metric) -> bool {
    judgement.outcome == Outcome::Regression && grade(judgement, case, metric) == Some(Grade::Fail)
}

fn has_no_findings(judgement: &Judgement) -> bool {
    !judgement.rows.is_empty() && judgement.rows.iter().all(|row| row.findings.is_empty())
}

/// Whether `scans` failed, with these words, and everything else was counted on both sides.
fn failed_alone(judgement: &Judgement, words: &str) -> bool {
    let is_its = |failure: &Failure| {
        failure.id.as_deref().is_some_and(|id| id.contains("/scans/"))
            && failure.message.contains(words)
    };
    let others = || judgement.rows.iter().filter(|row| row.benchmark.case != "scans");
    judgement.outcome == Outcome::HarnessError
        && !judgement.failures.is_empty()
        && judgement.failures.iter().all(is_its)
        && others().count() > 0
        && others().all(|row| row.old.allocs.is_some() && row.new.allocs.is_some())
}

pub(super) fn run(args: &SelftestArgs) -> Result<Outcome> {
    let metadata = Metadata::load()?;
    let mut targets = build::targets(&metadata, true)?;
    targets.retain(|target| target.package == PACKAGE);
    let [timing, counting] = [false, true].map(|counting| build::build(&targets, counting));
    check(args, &metadata, &timing?, &counting?)
}

/// Runs the cases with builds that are there already.
pub(crate) fn check(
    args: &SelftestArgs,
    metadata: &Metadata,
    timing: &[Binary],
    counting: &[Binary],
) -> Result<Outcome> {
    let is_controls = |binary: &&Binary| binary.target.package == PACKAGE;
    let find = |binaries: &[Binary]| {
        binaries.iter().find(is_controls).cloned().context("the controls were not built")
    };
    let bench = Selftest {
        timing: find(timing)?,
        counting: find(counting)?,
        session: Session::begin(metadata, Vec::new(), args.seed)?,
        gates: Gates::load()?,
        valgrind: Valgrind::find(),
        scratch: metadata.target_directory.join(format!("selftest-{}", std::process::id())),
        args,
    };
    progress::silence();
    let mut short = Vec::new();
    let selected = |case: &&Case| {
        let is_quick = !matches!(case.kind, Kind::Time { .. });
        (is_quick || !args.quick)
            && args.case.as_ref().is_none_or(|pattern| pattern.is_match(case.name))
    };
    let mut run = 0;
    for case in CASES.iter().filter(selected) {
        run += 1;
        if !bench.holds(case)? {
            short.push(case.name);
        }
    }
    if bench.scratch.exists() {
        std::fs::remove_dir_all(&bench.scratch)?;
    }
    if run == 0 {
        bail!("no case of the self-test matches");
    }
    if short.is_empty() {
        println!("selftest: {run} of {run} cases hold");
        return Ok(Outcome::Pass);
    }
    println!("selftest: {} of {run} cases fell short: {}", short.len(), short.join("; "));
    Ok(Outcome::HarnessError)
}

struct Selftest<'a> {
    timing: Binary,
    counting: Binary,
    session: Session,
    gates: Gates,
    valgrind: Valgrind,
    scratch: std::path::PathBuf,
    args: &'a SelftestArgs,
}

impl Selftest<'_> {
    /// Runs a case as often as it takes, and tells of each trial.
    fn holds(&self, case: &Case) -> Result<bool> {
        if case.kind == Kind::Instructions && self.valgrind.program().is_none() {
            println!("selftest: {}: skipped: apt-get install valgrind", case.name);
            return Ok(true);
        }
        let (trials, misses) = match case.kind {
            Kind::Time { misses } => (self.args.trials, misses * self.args.trials / 10),
            Kind::Counts | Kind::Instructions => (1, 0),
        };
        let mut right = 0;
        for (trial, inject) in (0..trials).zip(case.inject.iter().cycle()) {
            let judgement = self.compare(case.kind, inject, trial)?;
            let is_right = (case.is_right)(&judgement, inject);
            right += usize::from(is_right);
            let word = if is_right { "as it should be" } else { "WRONG" };
            println!(
                "selftest: {}, {} of {trials}: {word}: {}",
                case.name,
                trial + 1,
                told(&judgement)
            );
        }
        println!(
            "selftest: {}: {right} of {trials}, at least {} wanted",
            case.name,
            trials - misses
        );
        Ok(right + misses >= trials)
    }

    fn compare(&self, kind: Kind, inject: &str, trial: usize) -> Result<Judgement> {
        let seed = self.args.seed.wrapping_add(trial as u64);
        let what = What {
            gates: &self.gates,
            valgrind: (kind == Kind::Instructions).then_some(&self.valgrind),
            time: matches!(kind, Kind::Time { .. }),
            identical: true,
            seed,
            until: None,
            scratch: &self.scratch,
        };
        let mut versions = [self.version("plain", "")?, self.version("injected", inject)?];
        let sides = [versions[0].side.clone(), versions[1].side.clone()];
        let mut lines = Vec::new();
        versions::measure(&mut versions, &what, &mut |line| {
            lines.push(line.clone());
            Ok(())
        })?;
        let session = Session { seed, ..self.session.clone() };
        let mut comparison = Comparison::begin(session, sides, self.gates.clone());
        comparison.partial = false;
        Ok(versions::judge(&comparison, &lines, &self.gates))
    }

    fn version(&self, name: &str, inject: &str) -> Result<Version> {
        let with = |binary: &Binary| {
            let mut binary = binary.clone();
            binary.environment.push((INJECT.to_owned(), inject.to_owned()));
            binary.patience = std::time::Duration::from_secs(5);
            binary
        };
        let registered = build::inventories(vec![with(&self.timing)])?;
        let mut plan = Plan { binaries: Vec::new(), benchmarks: Vec::new() };
        for registered in registered {
            let own = registered.benchmarks.into_iter();
            let own = own.filter(|it| it.category == KIT && it.id != CONTROL);
            plan.benchmarks.extend(own.map(|benchmark| Planned { benchmark, binary: 0 }));
            plan.binaries.push(registered.binary);
        }
        let side = Side { name: name.to_owned(), ..Side::default() };
        Ok(Version { side, plan, counting: vec![with(&self.counting)] })
    }
}

/// The verdicts of a trial in a line.
fn told(judgement: &Judgement) -> String {
    let row = |row: &versions::Row| {
        let time = row.time.map_or_else(String::new, |time| {
            format!(
                " {:+.1} % ({:+.1} to {:+.1}, p={:.4})",
                time.change * 100.0,
                time.low * 100.0,
                time.high * 100.0,
                time.adjusted
            )
        });
        format!("{} {}{time}", row.benchmark.case, row.word())
    };
    let rows: Vec<String> = judgement.rows.iter().map(row).collect();
    let floor = judgement.controls.smallest.map_or_else(String::new, |smallest| {
        let floor = judgement.controls.floor * 100.0;
        format!("; floor {floor:.1} %, smallest visible {:.1} %", smallest * 100.0)
    });
    format!("{:?}: {}{floor}", judgement.outcome, rows.join(", "))
}
