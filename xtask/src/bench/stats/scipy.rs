//! The same values through SciPy: U, W, their p-values, and those of Benjamini and Hochberg.
//!
//! SciPy is Python's, so it may be missing, and then this says so and shows nothing. Where Python
//! is there and SciPy is not, it is installed from PyPI into an environment of its own under
//! `target/`, which Git ignores.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::*;
use crate::shell;

const SEED: u64 = 0x5c1b;
const SCRIPT: &str = include_str!("answers.py");

/// One question to SciPy, and how it is to find the answer: each of its ways is one of ours.
#[derive(Debug, Serialize)]
#[serde(tag = "test", rename_all = "kebab-case")]
enum Case {
    MannWhitney { first: Vec<f64>, second: Vec<f64>, how: How },
    Wilcoxon { differences: Vec<f64>, how: How },
    Signs { positive: usize, negative: usize },
    FalseDiscovery { p: Vec<f64> },
    Median { values: Vec<f64> },
    Variation { values: Vec<f64> },
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    /// The table of the distribution without ties.
    Table,
    /// Every permutation, which ties need.
    Permutations,
    Normal,
}

#[derive(Debug, Deserialize)]
struct Answer {
    values: Vec<f64>,
}

#[test]
fn scipy_gives_the_same() {
    let Some(python) = python_with_scipy() else { return };
    let cases = cases();
    let answers = ask(&python, &cases);
    assert_eq!(answers.len(), cases.len());
    for (index, (case, answer)) in cases.iter().zip(&answers).enumerate() {
        let ours = ours(case);
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * b.abs().max(1e-3);
        let same = ours.len() == answer.values.len();
        assert!(
            same && ours.iter().zip(&answer.values).all(is_near),
            "seed {SEED:#x}, case {index}: {case:?}: ours {ours:?}, SciPy's {:?}",
            answer.values
        );
    }
    println!("scipy: {} cases agree", cases.len());
}

/// What we say, as the script says it.
fn ours(case: &Case) -> Vec<f64> {
    let told = match case {
        Case::MannWhitney { first, second, how } => mann_whitney(first, second).map(|it| {
            assert_eq!(it.method, how.method(), "{case:?}");
            vec![it.u, it.p]
        }),
        Case::Wilcoxon { differences, how } => wilcoxon(differences).map(|it| {
            assert_eq!(it.method, how.method(), "{case:?}");
            vec![it.positive.min(it.negative), it.p]
        }),
        Case::Signs { positive, negative } => {
            let signs = [vec![1.0; *positive], vec![-1.0; *negative]].concat();
            sign_test(&signs).map(|it| vec![it.p])
        }
        Case::FalseDiscovery { p } => benjamini_hochberg(p),
        Case::Median { values } => Estimate::of(values).map(|it| vec![it.low, it.high]),
        Case::Variation { values } => {
            let mean = geometric_mean(values);
            mean.zip(coefficient_of_variation(values)).map(|(mean, cv)| vec![mean, cv])
        }
    };
    told.expect("every case has an answer")
}

impl How {
    fn method(self) -> Method {
        match self {
            Self::Table | Self::Permutations => Method::Exact,
            Self::Normal => Method::Normal,
        }
    }
}

fn cases() -> Vec<Case> {
    let mut random = Random::new(SEED);
    let mut cases = Vec::new();
    for _ in 0..60 {
        let [first, second] = [0; 2].map(|_| values(&mut random, 50, Ties::None));
        cases.push(Case::MannWhitney { first, second, how: How::Table });
        let differences = differences(values(&mut random, 50, Ties::None));
        cases.push(Case::Wilcoxon { differences, how: How::Table });
    }
    for _ in 0..40 {
        let [first, second] = [0; 2].map(|_| values(&mut random, 5, Ties::Many));
        cases.push(Case::MannWhitney { first, second, how: How::Permutations });
        let differences = differences(values(&mut random, 8, Ties::Many));
        cases.push(Case::Wilcoxon { differences, how: How::Permutations });
    }
    for ties in [Ties::None, Ties::Many].into_iter().cycle().take(40) {
        let more = |mut few: Vec<f64>| {
            few.extend((0..51).map(|index| f64::from(index % 7) + 0.25));
            few
        };
        let [first, second] = [0; 2].map(|_| more(values(&mut random, 20, ties)));
        cases.push(Case::MannWhitney { first, second, how: How::Normal });
        let differences = differences(more(values(&mut random, 20, ties)));
        cases.push(Case::Wilcoxon { differences, how: How::Normal });
    }
    for _ in 0..20 {
        let [positive, negative] =
            [0; 2].map(|_| usize::try_from(random.below(40) + 1).expect("it is small"));
        cases.push(Case::Signs { positive, negative });
        let p = values(&mut random, 30, Ties::Many).into_iter().map(|value| value / 10.0);
        cases.push(Case::FalseDiscovery { p: p.collect() });
        let mut values = values(&mut random, 40, Ties::None);
        cases.push(Case::Variation { values: values.clone() });
        values.extend([100.5, 200.5, 300.5, 400.5, 500.5, 600.5]);
        cases.push(Case::Median { values });
    }
    cases
}

#[derive(Clone, Copy)]
enum Ties {
    None,
    Many,
}

/// From two values to this many: small ones among which some are equal, or large ones of which none
/// are.
fn values(random: &mut Random, most: u64, ties: Ties) -> Vec<f64> {
    let size = random.below(most - 1) + 2;
    let value = |index: u64| match ties {
        Ties::Many => random.below(5) as f64,
        Ties::None => (random.below(1_000_000) * 1000 + index + 1) as f64 / 1000.0,
    };
    (0..size).map(value).collect()
}

/// Some to the other side of zero; zeros stay.
fn differences(values: Vec<f64>) -> Vec<f64> {
    let sign = |index: usize| if index.is_multiple_of(3) { -1.0 } else { 1.0 };
    values.into_iter().enumerate().map(|(index, value)| sign(index) * value).collect()
}

/// One process for all cases: SciPy takes a second to load.
fn ask(python: &Path, cases: &[Case]) -> Vec<Answer> {
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("Python starts");
    let mut input = child.stdin.take().expect("it is piped");
    let lines: Vec<_> =
        cases.iter().map(|case| serde_json::to_string(case).expect("it is JSON")).collect();
    // The script answers when it has read all, so neither waits for the other.
    input.write_all(lines.join("\n").as_bytes()).expect("Python reads");
    drop(input);
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "the script failed: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("it is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("it is an answer")).collect()
}

/// The system's Python where it has SciPy, or one of ours; `None`, said aloud, where there is none.
fn python_with_scipy() -> Option<PathBuf> {
    let skip = |reason: &str| println!("skipped: {reason}");
    let system = PathBuf::from("python3");
    if !succeeds(&system, &["--version"]) {
        skip("there is no python3");
        return None;
    }
    let home = shell::root().join("target/python");
    let ours = home.join("bin/python3");
    for python in [&system, &ours] {
        if has_scipy(python) {
            return Some(python.clone());
        }
    }
    let home = home.to_string_lossy();
    if !succeeds(&system, &["-m", "venv", "--clear", &home]) {
        skip("python3 has no SciPy, and makes no environment to install it into");
        return None;
    }
    let install = "-m pip install --quiet --disable-pip-version-check --retries 0 --timeout 20 \
                   --only-binary :all: scipy>=1.13";
    if !succeeds(&ours, &install.split_whitespace().collect::<Vec<_>>()) || !has_scipy(&ours) {
        skip("python3 has no SciPy, and `pip install scipy` gets none");
        return None;
    }
    Some(ours)
}

/// With what the script asks for.
fn has_scipy(python: &Path) -> bool {
    let probe = "from importlib.metadata import version as v; import sys; \
                 sys.exit(tuple(map(int, v('scipy').split('.')[:2])) < (1, 13))";
    succeeds(python, &["-c", probe])
}

fn succeeds(program: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
